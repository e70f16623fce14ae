#!/bin/bash
# tg-sum: the summary and the estimate of a run, from the counts of its programs.
. tests/lib.sh
cd "$T" || exit 3

echo '{"lines":10}' >docs
cat >a <<'END'
{"records":9,"calls":9,"retries":1,"cached":1,"prompt_tokens":100,"completion_tokens":20,"cost":0.001200,"seconds":3.900}
END
cat >b <<'END'
{"records":4,"calls":3,"retries":0,"cached":0,"prompt_tokens":11,"completion_tokens":2,"cost":0.000060,"seconds":1.200}
END
cat >emit <<'END'
{"lines":9,"triplets":4,"rejected":{"judge_2":1,"judge_0":2},"errors":{"no_text":1},"duplicates":1,"seconds":4}
END
: >empty

check_status "tg-sum of a run exits with 0" 0 tg-sum docs a b emit empty >out 2>err
is "the counts are one object" '{"documents":10,"missing":1}' "$(cat out)"
is "the summary in words has all the counts" \
	'tg-run: 10 documents: 4 triplets, 3 rejected (1 judge_2, 2 judge_0), 1 in error (1 no_text), 1 duplicate, 1 missing
tg-run: 12 calls, 1 retry, 1 cached answer, 111 tokens in, 22 out, cost 0.0013, 3 s, 3.1 calls a second' "$(cat err)"
tg-sum --rejects r --lines 12 docs a emit >out 2>err
is "lines that the run has not read count as missing" '{"documents":12,"missing":3}' "$(cat out)"
check_fail "while documents are missing there is no advice on rejects" grep -qE 'keeps them|these again' err
echo '{"lines":2,"triplets":0,"rejected":{"judge_0":1},"errors":{"no_text":1},"duplicates":0}' >both
tg-sum --lines 2 both 2>err >out
check "the option is recommended for as many rejects as errors" grep -q 'keeps them' err
tg-sum --lines 2 --rejects r both 2>err >out
is "with --rejects the summary says how to try those records again" 'tg-run: the same with r as the input tries these again' \
	"$(tail -n 1 err)"
check_fail "with --rejects the summary does not recommend the option" grep -q 'keeps them' err
tg-sum --interrupted --lines 2 both 2>err >out
check_fail "after an interrupt there is no advice on rejects" grep -qE 'keeps them|these again' err
echo '{"lines":1,"triplets":1,"rejected":{},"errors":{},"duplicates":0}' >one
echo '{"lines":1}' >read1
is "the summary uses singulars and leaves out what is zero" \
	'tg-run: 1 document: 1 triplet, 0 rejected, 0 in error, 0 duplicates
tg-run: 1 call, 0 retries, 0 cached answers, 0 tokens in, 0 out, 0 s' \
	"$(echo '{"calls":1}' >c; tg-sum --rejects r read1 c one 2>&1 >out)"
is "without the counts of tg-emit nothing is known of the documents" \
	'{"documents":10,"missing":null}' "$(tg-sum docs a empty 2>err)"
is "the summary tells the cost without the counts of tg-emit" 'tg-run: 9 calls, 1 retry, 1 cached answer, 100 tokens in, 20 out, cost 0.0012, 3 s, 2.3 calls a second' \
	"$(cat err)"
is "-q leaves out the summary in words" '' "$(tg-sum -q docs a emit 2>&1 >out)"

echo '{"lines":9,"judged":{"first":9,"unsure":4,"no_p":0,"second":0,"second_keeps":0,"second_rejects":0}}' >judged
echo '{"lines":9,"judged":{"first":0,"unsure":0,"no_p":0,"second":4,"second_keeps":3,"second_rejects":1}}' >second
echo '{"stage":"judge-2","model":"B","calls":4,"prompt_tokens":800,"completion_tokens":8,"cost":0.01,"seconds":1}' >second.llm
is "the summary says what a second judge changed and took, and no other stage" \
	'tg-run: the second judge, B, decided about 4 of 9 judged pairs: it keeps 3 that the first would reject, and rejects 1 that it would keep; 4 calls, 0 retries, 0 cached answers, 800 tokens in, 8 out, cost 0.01' \
	"$(tg-sum docs a judged second second.llm emit 2>&1 >out | grep 'second judge')"

for kind in generate judge; do
	jq -nc --arg kind $kind '{requests: ({generate: 0, judge: 0, negatives: 0} + {($kind): 5}),
		answered_by_cache: 2, cached: 2, calls: 3, prompt_tokens: 30, completion_tokens: 40,
		completion_tokens_max: 50, answer_tokens: ({generate: 400, judge: 2, negatives: 400} |
		map_values({tokens: ., assumed: ($kind == "judge")})), cost: 0.25, cost_max: 0.5, estimated: true}' >est.$kind
done
check_status "tg-sum --estimate exits with 0" 0 tg-sum --estimate est.generate est.judge emit >out 2>err
is "the estimate is one object" '{"documents":9,"requests":{"generate":5,"judge":5,"negatives":0},"answered_by_cache":4,"calls":6,"prompt_tokens":60,"completion_tokens":80,"completion_tokens_max":100,"answer_tokens":{"generate":{"tokens":400,"assumed":false},"judge":{"tokens":2,"assumed":true}},"cost":0.5,"cost_max":1}' "$(cat out)"
is "the estimate in words says what it assumes" \
	'tg-run: 9 documents: 10 requests (5 generate, 5 judge), 4 of them answered in the cache; about 60 tokens in, 80 out; cost about 0.5
tg-run: taken for this: four bytes a token; answers of 400 tokens (generate, as in the cache), 2 tokens (judge, a guess); a judge that agrees with every pair; no retries. With answers as long as they may be: 100 out, cost 1
tg-run: the time is not known: --preview 5 measures it, and --rate N takes N calls a second, as the summary of a similar run has them' \
	"$(cat err)"
tg-sum --estimate --rate 0.001 est.generate emit 2>err >out
is "with --rate it says the time" '3000 ; 50m00s at 0.001 calls a second (--rate)' \
	"$(jq .seconds out) $(grep -o '; 50m.*' err)"
is "with --report the command for the page begins with that" 'tg-run: to look at them: "a b/tg-report" x > report.html' \
	"$(jq -c '.measured.triplets = 1' emit >measured; tg-sum --report 'a b/tg-report' --triplets x docs a measured 2>&1 >out | grep look | tr "'" '"')"

printf '\357\273\277{}\n\n \t\r\n{}\n{}' >lines
is "--count leaves out blank lines" 6 "$(tg-sum --count lines lines)"
is "--count counts a line of one byte" 1 "$(printf x >byte; tg-sum --count byte)"
# shellcheck disable=SC2046
is "--count takes more files than may be open at once" 120 \
	"$(ulimit -n 16; tg-sum --count $(yes lines | head -n 40))"
is "--count counts standard input" 3 "$(tg-sum --count <lines)"
is "--count counts from the file position of standard input and leaves it there" "2 {}" \
	"$({ read -r _; tg-sum --count; tail -n 1; } <lines | paste -sd ' ')"
is "--count says nothing of a pipe" '' "$(tg-sum --count < <(cat lines); tg-sum --count lines <(cat lines))"
is "--count says nothing of a missing file" '' "$(tg-sum --count lines nowhere)"

check_status "a missing file makes status 3" 3 tg-sum nowhere 2>err
is "the message names the missing file" 'tg-sum: nowhere: No such file or directory' "$(cat err)"
echo '{' >torn
check_status "a file that is not JSON makes status 3" 3 tg-sum torn 2>err
check "the message names the file that is not JSON" grep -q '^tg-sum: torn: not JSON' err
check_status "a command line without a file is refused" 2 tg-sum 2>err
check_status "a full disk makes status 3" 3 tg-sum -q docs emit >/dev/full 2>err
echo '{"lines":1,"secrets_redacted":{"password":2,"jwt":1}}' >read1
is "the summary says how many secrets were redacted" 'tg-run: 3 secrets redacted (2 password, 1 jwt)' \
	"$(tg-sum read1 one 2>&1 >/dev/null | grep secret)"
echo '{"lines":1,"secrets_found":{"jwt":1}}' >read1
is "the summary says how many secrets were found" 'tg-run: 1 secret found and left out (1 jwt)' \
	"$(tg-sum read1 one 2>&1 >/dev/null | grep secret)"

done_testing
