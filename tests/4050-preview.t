#!/bin/bash
# tg-sample, and tg-run --preview, which shows what becomes of a few documents.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

# tg-sample.
seq 1000 | sed 's/.*/{"text":"f&()", "nr":&.0}/' >code.jsonl
check_status "tg-sample exits with 0" 0 tg-sample -n 10 --summary sum code.jsonl >ten
is "as many records as asked for, unchanged and in order" "10 $(cat ten)" "$(wc -l <ten) $(grep -xFf ten code.jsonl)"
is "the summary has the number of lines" '{"lines":1000}' "$(cat sum)"
tac code.jsonl | tg-sample -n 10 | tac >back
check_same "another order gives the same records" ten back
tg-sample -n 20 code.jsonl >twenty
is "a larger sample has the smaller one" 10 "$(grep -cxFf ten twenty)"
check_fail "another seed gives others" cmp -s ten <(tg-sample -n 10 --seed 1 code.jsonl)
tg-sample -n 2000 code.jsonl >all
check_same "of fewer records all are drawn" code.jsonl all
is "equal lines are drawn each by itself" 3 "$(yes '{"text":"x"}' | head -n 9 | tg-sample -n 3 | wc -l)"
is "each record has a chance" 1 "$(for i in $(seq 30); do head -n 9 code.jsonl | tg-sample -n 3 --seed "$i"; done |
	sort | uniq -c | awk '{ n++; low += $1 < 2 || $1 > 20 } END { print n == 9 && low == 0 }')"
check_status "a line that is no record is an error" 1 tg-sample -n 1 < <(echo '{"text":') >out
is "it passes as one" bad_record "$(jq -r .tg.error.code out)"
check_status "a number is needed" 2 tg-sample code.jsonl
check_status "no input is no error" 0 tg-sample -n 1 </dev/null

# A preview: one document is kept, one is rejected, and one fails.
cat >rules <<'END'
{"match":{"kind":"verdict","substring":"NOPE"},"text":"2"}
{"match":{"substring":"FAIL"},"status":400,"body":{"error":{"message":"bad \u001b[31m"}}}
END
# An answer takes a time that can be told.
start_mock -o owned_by=vllm -o latency_ms=3 -s rules
export OPENAI_BASE_URL=$MOCK_URL
calls() { mock_stats .requests; }
# The mock server's answers are no texts of the kind that a task asks for.
run() { timeout $((60 * SLOW)) tg-run --no-gate -t web_code_retrieval -m m "$@"; }
jq -nc '{text: "kept\u0007\u001b[2J\u202e()\n", path: "a.py"}, {text: "NOPE()"}, {text: "FAIL()"}' >three.jsonl
check_status "a preview has the status of a run" 1 run -N 1 --preview 5 three.jsonl >out 2>err -- --price-in 1000 --price-out 1
is "kept, rejected and failed documents are shown" \
	'==== kept - web_code_retrieval, python, a.py
==== rejected, judge_2: the judge finds that query and positive do not match - web_code_retrieval, python
==== failed, bad_request' "$(grep ^==== out | sed '3s/:.*//')"
is "each has its texts" 'query: query: text: positive: positive: negative 1:' \
	"$(grep -E '^[a-z ]+[0-9]?:$' out | grep -v judge | sort -r | paste -sd ' ' | sed 's/text: query: query:/query: query: text:/')"
check "control characters are shown" grep -qF 'kept<U+0007><U+001B>[2J<U+202E>()' out
check_fail "none is sent" grep -q "[$(printf '\001-\010\013-\037\177')]" out
check "the sum is that of a run" grep -q '^tg-run: 3 documents: 1 triplet, 1 rejected (1 judge_2), 1 in error' err
check "the whole is said to be all" grep -q '^tg-run: all 3 documents, going by all 3: about 1 triplets, 6 calls, .* cost ' err
check_fail "no file of rejects is recommended" grep -q 'tries these again\|keeps them' err

n=$(calls)
check_status "a preview of a pipe with two steps exits with 0" 0 \
	run -t bug_desc_retrieval --preview 4 -C cache < <(cat code.jsonl) >out 2>err
is "it shows the documents of tg-sample" "$(tg-sample -n 4 code.jsonl | jq -r .text | sort)" \
	"$(grep -A 1 '^positive:' out | sed -n 's/^ *\(f.*\)/\1/p' | sort)"
is "it asks for them alone" 12 $(($(calls) - n))
check "it says what the whole takes and of how many" grep -q \
	'^tg-run: all 1000 documents, going by these 4: about 1000 triplets, 3000 calls, ' err
check "it says the time, and what that rests on" grep -Eq \
	' out, [0-9ms]+ at the speed of these \([0-9.]+ s an answer with up to 4 in flight\), [0-9ms]+ if it is the same with 64 in flight$' err
tac code.jsonl >tac.jsonl
check_status "another order gives the same preview" 0 run -t bug_desc_retrieval --preview 4 -C cache tac.jsonl >out2 2>err
is "of the same texts" "$(sort out)" "$(sort out2)"
is "and the cache has their answers" 12 $(($(calls) - n))
check "where only the cache was asked the cost is not known" grep -q 'cost is not known' err
check_status "a larger preview asks for more documents" 0 run -t bug_desc_retrieval --preview 6 -C cache code.jsonl >out 2>err
is "but not for those that it knows" 18 $(($(calls) - n))
check "and counts all of them" grep -q 'going by these 6: about 1000 triplets, 3000 calls, ' err
check_status "a run finds what a preview has asked" 0 run -t bug_desc_retrieval -C cache < <(tg-sample -n 6 code.jsonl) >out 2>err
is "and asks nothing" '18 6' "$(($(calls) - n)) $(wc -l <out)"
for option in '--append a' '--rejects r' --debug --estimate '--enough 3' --dry-run; do
	# shellcheck disable=SC2086
	check_status "--preview does not go with $option" 2 run --preview 2 $option code.jsonl
done
check_status "--preview of nothing is refused" 2 run --preview 0 code.jsonl
check_status "an empty input has nothing to show" 0 run --preview 3 </dev/null
check "the mock server stops without a fault" stop_mock "$MOCK_PID"
is "no file is left behind" '' "$(ls tmp)"
done_testing
