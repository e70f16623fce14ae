#!/bin/bash
# tg-run: all tasks, mixed streams, caches, rejects, exit codes and signals.
export VALGRIND_ONE_IN=8
. tests/lib.sh

# The mock server's answers are no code and no texts of the kind that a task asks for,
# which tg-gate would reject.
tg-run() { command tg-run --no-gate "$@"; }
sample=$PWD/tests/data/sample
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

# mock [ARG...]: starts a new mock server in place of the last one.
mock() {
	[ -z "$MOCK_PID" ] || stop_mock
	start_mock -o owned_by=vllm "$@"
	export OPENAI_BASE_URL=$MOCK_URL
}

# calls: prints the number of chat requests so far.
calls() { mock_stats .requests; }

# bodies: prints the bodies of the chat requests, one a line, sorted.
bodies() { jq -c 'select(.path | endswith("/chat/completions")).body' "$MOCK_LOG" | sort; }

tg-folder --all "$sample" >code.jsonl 2>err
is "the sample has eight documents" 8 "$(wc -l <code.jsonl)"
tg-prompt --list >tasks.jsonl

# All tasks. Tasks that translate need a code language with a partner.
jq -c --slurpfile docs code.jsonl '. as $row | ($docs | to_entries | map(select(
	.value.code_language as $l |
	($row.code_languages | . == [] or (index($l) != null)) and
	($row | tostring | contains("tgt_code_language") | not) or
	($l | IN("c", "java", "python", "javascript", "rust", "go"))))[:4][]) |
	{text: .value.text, similar: [$docs[(.key + 1) % 8].text], nr: 1.5,
	code_language: .value.code_language, tg: {task: $row.name}}' tasks.jsonl |
	jq -c --slurpfile rows tasks.jsonl 'select(.code_language as $l |
	.tg.task as $t | $rows[] | select(.name == $t).code_languages |
	. == [] or index($l))' | sed 's/"nr":1.5,/"nr":1.50,/' >all.jsonl
is "there are documents for all tasks" "$(wc -l <tasks.jsonl)" "$(jq -r .tg.task all.jsonl | uniq | wc -l)"
mock
check_status "a run of all tasks exits with 0" 0 tg-run --meta -N 3 \
	all.jsonl >all.out 2>"$T/err"
is "a run of all tasks gives a triplet for each document, in order" \
	"$(jq -r .tg.task all.jsonl | md5sum)" "$(jq -r .meta.task all.out | md5sum)"
check "the summary of all tasks counts documents and triplets" grep -q "^tg-run: $(wc -l <all.jsonl) documents:\
 $(wc -l <all.jsonl) triplets, 0 rejected, 0 in error, 0 duplicates$" "$T/err"
check "the summary of all tasks counts calls" grep -q "^tg-run: $(calls) calls, 0 retries" "$T/err"
is "each triplet of all tasks has all its members" 0 "$(jq -c 'select((.prompt == "") or
	(.query == "") or (.pos | length != 1) or (.neg | length != 3))' all.out | wc -l)"
is "the code is query or positive as the task row says" '' "$(paste -d '\n' all.jsonl all.out |
	jq -rn --slurpfile rows tasks.jsonl '[inputs, input] | . as [$in, $out] |
	first($rows[] | select(.name == $in.tg.task)) as $row |
	select(($row.query == "{text}" and $out.query != $in.text) or
		($row.pos == "{text}" and $out.pos != [$in.text]) or
		($row.pos == "{similar}" and $out.pos != $in.similar)) | $row.name')"
is "only pairs of judged tasks are judged" \
	"$(jq -rn --slurpfile rows tasks.jsonl '[inputs.tg.task as $t | $rows[] |
		select(.name == $t and .judged)] | length' all.jsonl)" \
	"$(bodies | jq -c 'select(.max_tokens == 8)' | wc -l)"
is "--meta keeps the user's members to the byte" 1.50 "$(grep -o '"nr":[^,}]*' all.out | sort -u | cut -d : -f 2)"

# One document is run through all tasks whose positive it is.
jq -c --slurpfile doc code.jsonl 'select(.pos == "{text}") |
	$doc[2] + {tg: {task: .name, code_language:
	(.code_languages[0] // "python")}}' tasks.jsonl >one.jsonl
is "29 tasks have the text as their positive" 29 "$(wc -l <one.jsonl)"
check_status "a run of one document through 29 tasks exits with 0" 0 tg-run one.jsonl >one.out 2>err
is "one document gives 29 triplets" 29 "$(wc -l <one.out)"

# A mixed stream.
cat >rules <<'END'
{"match":{"substring":"FAIL"},"status":400,"body":{"error":{"message":"bad FAIL"}}}
{"match":{"kind":"verdict","substring":"TYPE"},"text":"0"}
{"match":{"kind":"verdict","substring":"MATCH"},"text":"2."}
{"match":{"kind":"verdict","substring":"MUMBLE"},"text":"maybe 1"}
END
mock -s rules
text() { jq -nc --arg t "$1" --arg task "$2" '{text: $t, similar: ["other " + $t],
	"n": 0, tg: {task: $task, code_language: "python"}}'; }
text 'kept = "cached"' web_code_retrieval >early.jsonl
check_status "a run that fills the cache without negatives exits with 0" 0 tg-run -C mixed early.jsonl >out 2>err
{
	text 'one_step()' web_code_retrieval
	text 'two_steps()' bug_desc_retrieval
	text $'a = 1\nb = 2\nc = 3\nd = 4\n' code_context_retrieval
	text 'compare()' code_comparison_retrieval
	cat early.jsonl
	text 'FAIL' web_code_retrieval
	echo '{"text": "torn'
	text 'TYPE' web_code_retrieval
	text 'MATCH' code_summary_retrieval
	text 'MUMBLE' code_summary_retrieval
	echo '{"query":"from elsewhere","pos":["its positive"],"x":1}'
	echo '{"query":"whole","pos":["p"],"neg":["n"]}'
	echo
	text 'one_step()' web_code_retrieval
	text 'x' no_such_task
	text 'last()' code_summary_retrieval
} >mixed.jsonl
check_status "a run of a mixed stream with errors exits with 1" 1 tg-run -C mixed -N 2 --rejects rejects.jsonl \
	-t code_review_retrieval --meta mixed.jsonl >mixed.out 2>"$T/err"
is "a mixed stream gives its triplets in order" \
	'one_step() two_steps() c=3d=4 answer kept="cached" its_positive p answer' \
	"$(jq -r '.pos[0] | if startswith("answer") then "answer" else
	gsub("its "; "its_") | gsub("[ \n]"; "") end' mixed.out | paste -sd ' ')"
is "a mixed stream gives negatives to pairs that lack them" '[2,2,2,2,2,2,2,2]' "$(jq -sc 'map(.neg | length)' mixed.out)"
is "a mixed stream gives its rejects and errors in order" \
	'["bad_request","bad_record","judge_0","judge_2","judge_unreadable","unknown_task"]' \
	"$(jq -sc 'map(.tg | (.error // .rejected).code)' rejects.jsonl)"
check "the counts of a mixed stream add up" grep -q '^tg-run: 15 documents: 8 triplets, 2 rejected (.*), 4 in error (.*), 1 duplicate$' "$T/err"

# The user's bytes, up to the stage before tg-emit.
printf '%s\n' '{"a":0.10,"b":12345678901234567890,"text":"f()\u000A","z":"\u0000\/é","tg":{"x": 1 }, "c" : [1e400 , -0 ] }' \
	'{ "text":"g()" ,"é":"\ud83d\ude00","a":1.0}' >bytes.jsonl
# shellcheck disable=SC2016
tg-run -t web_code_retrieval -N 1 -m m --dry-run | sed '$d' | sed '$s/ |$//' >stages
is "--dry-run prints a pipeline of 12 stages" 12 "$(wc -l <stages)"
check "the printed pipeline exits with 0" bash stages <bytes.jsonl >out
is "the pipeline keeps the user's bytes before tg" 2 "$(grep -cF -e '"a":0.10,"b":12345678901234567890,"text":"f()\u000A","z":"\u0000\/é"' \
	-e '"text":"g()" ,"é":"\ud83d\ude00","a":1.0' out)"
is "the pipeline keeps the user's bytes behind tg" 1 "$(grep -cF '"c" : [1e400 , -0 ]' out)"

# The output is the same for any concurrency, and in chunks.
awk 'NR % 3 == 1' all.jsonl >some.jsonl
for how in 'tg-run -j 1' 'tg-run -j 4' 'tg-run -j 64' 'tg-fan-out -j 3 -N 17 tg-run --no-gate'; do
	mock
	# shellcheck disable=SC2086
	check_status "$how exits with 0" 0 $how --seed 5 -N 2 --meta -m mock-model <some.jsonl >out 2>err
	if [ "$how" = 'tg-run -j 1' ]; then
		mv out same.out
		bodies >same.bodies
		continue
	fi
	check_same "$how gives the same output" same.out out
	bodies >these
	check_same "$how sends the same requests" same.bodies these
done
mock
check_status "a run with another seed exits with 0" 0 tg-run --seed 6 --meta -N 2 -m mock-model some.jsonl >out 2>err
check_fail "another seed gives other cuts" cmp -s same.out out

# The document cache and the response cache.
mock
run=(tg-run -C cache -m mock-model -N 2 --meta)
check_status "a run that fills the caches exits with 0" 0 "${run[@]}" some.jsonl >first.out 2>err
n=$(calls)
check_status "a run from the document cache exits with 0" 0 "${run[@]}" some.jsonl >second.out 2>err
is "a run from the document cache sends no request" "$n" "$(calls)"
check_same "a run from the document cache gives the same triplets" first.out second.out
check "the summary of a run from the document cache has 0 calls" grep -q '^tg-run: 0 calls' err
rm cache/*.json
check_status "a run from the response cache exits with 0" 0 "${run[@]}" some.jsonl >second.out 2>err
is "a run from the response cache sends no request" "$n" "$(calls)"
check_same "a run from the response cache gives the same triplets" first.out second.out
check "the summary counts cached answers" grep -q "^tg-run: 0 calls, 0 retries, [1-9][0-9]* cached" err
check_status "a run with other options about transport exits with 0" 0 "${run[@]}" -j 3 some.jsonl \
	-- --retries 2 --timeout=50 --rpm 100000 >out 2>err
is "options about transport do not change the key" "$n" "$(calls)"
head -n 3 some.jsonl >few.jsonl
for opts in '-- --temperature 0.5' '-m other' '--judge-model third' '-- --max-tokens=99'; do
	n=$(calls)
	# shellcheck disable=SC2086
	check_status "a run with $opts exits with 0" 0 "${run[@]}" few.jsonl $opts >out 2>err
	check "$opts changes the key" [ "$(calls)" -gt "$n" ]
done
n=$(calls)
check_status "a run with --no-judge exits with 0" 0 tg-run -C unjudged -m m --no-judge \
	few.jsonl >out 2>err
is "a run with --no-judge asks for no verdict" "$((n + $(wc -l <few.jsonl)))" "$(calls)"
tg-run -C unjudged -m m few.jsonl >out 2>err
is "a run with the judge judges the cached pairs" "$((n + 2 * $(wc -l <few.jsonl)))" "$(calls)"
n=$(calls)
check_status "a run without rejects exits with 0" 0 tg-run -C no -t code_summary_retrieval -m m --rejects r1 \
	-- --extra-body '{"x":1}' <<<'{"text":"f"}' >out 2>err

# A rejects file becomes the input.
cat >rules <<'END'
{"match":{"substring":"ring"},"times":6,"status":400}
{"match":{"kind":"verdict"},"times":3,"text":"2"}
END
mock -s rules
check_status "a run with errors exits with 1" 1 tg-run -N 1 --rejects r1 some.jsonl >out 2>err
is "triplets and rejects add up to the documents" "$(wc -l <some.jsonl)" "$(cat out r1 | wc -l)"
check "the run has rejects" [ "$(wc -l <r1)" -ge 4 ]
check_status "a run of the rejects exits with 0" 0 tg-run -N 1 --rejects r2 --meta r1 >more.out 2>err
is "a run of the rejects gives all of them as triplets" "$(wc -l <r1) 0" "$(wc -l <more.out) $(wc -l <r2)"
is "a run of the rejects keeps the user's members" 1.50 "$(grep -o '"nr":[^,}]*' more.out | sort -u | cut -d : -f 2)"

# Servers and models of the stages.
mock
main=$MOCK_PID main_log=$MOCK_LOG main_url=$MOCK_URL
start_mock -o owned_by=vllm
other_log=$MOCK_LOG
# what LOG: prints model, token limit and number of choices of its requests.
what() {
	jq -r 'select(.path | endswith("/chat/completions")).body |
		"\(.model) \(.max_tokens) \(.n // 1)"' "$1" | sort -u | paste -sd,
}
check_status "a run with another judge exits with 0" 0 tg-run -t web_code_retrieval -u "$main_url" -m big \
	--judge-url "$MOCK_URL" -N 3 few.jsonl -- --max-tokens 77 >out 2>err
is "with another judge the main server gets the other requests" 'big 77 1,big 77 3' "$(what "$main_log")"
is "another judge gets the judge's requests" 'mock-model 8 1' "$(what "$other_log")"
: >"$main_log" && : >"$other_log"
check_status "a run with another server for negatives exits with 0" 0 env TG_MODEL=from_env tg-run -u "$main_url" -N 3 \
	--judge-model small --negatives-url "$MOCK_URL" --negatives-model neg few.jsonl \
	-- --max-tokens=78 --temperature 0.1 >out 2>err
is "with another server for negatives the main server gets the other requests" 'from_env 78 1,small 8 1' "$(what "$main_log")"
is "another server for negatives gets the requests for negatives" 'neg 78 3' "$(what "$other_log")"
stop_mock "$main"

# The members of a triplet.
mock
is "--debug writes its members in order" '["prompt","query","pos","neg","generation_prompt","response","judge","judge_prompt","judge_response","docid"]' \
	"$(tg-run --debug few.jsonl 2>err | jq -c keys_unsorted | sort -u)"
check "--debug writes no null" [ "$(tg-run --debug few.jsonl 2>err |
	grep -c null)" = 0 ]
is "--text-field names the member with the text" '["h()"]' "$(tg-run -t web_code_retrieval --text-field body \
	<<<'{"body":"h()","text":1}' 2>err | jq -c .pos)"
jq -c 'select(.name == "code_summary_retrieval") | .name = "mine" |
	.instruction = "My own."' tasks.jsonl >mine.json
is "--tasks names a file of task rows" '"My own."' "$(tg-run -t mine --tasks mine.json --no-judge \
	<<<'{"text":"h()"}' 2>err | jq -c .prompt)"
for i in 1 2 3 4 5; do
	echo "{\"input\":\"in $i\",\"output\":\"out $i\"}"
done >pool.jsonl
: >"$MOCK_LOG"
check_status "a run with -e exits with 0" 0 tg-run -e pool.jsonl -k 2 --examples-per-run --no-judge some.jsonl >out 2>err
is "--examples-per-run shows the same two examples in each prompt" 1 \
	"$(bodies | jq -r '.messages[0].content' | grep -o '^in [1-5]' | paste -d ' ' - - | sort -u | wc -l)"
is "-q prints nothing on stderr" '' "$(tg-run -q few.jsonl 2>&1 >out)"
check_status "a run of empty input exits with 0" 0 tg-run -t web_code_retrieval </dev/null >out 2>err
check "a run of empty input gives no output" [ ! -s out ]
is "files and standard input are read in turn" 6 "$(sed -n 4,6p some.jsonl |
	tg-run few.jsonl - 2>err | wc -l)"
head -c -1 few.jsonl >unended
{ printf ' \r\n\n' && sed -n 4,6p some.jsonl; } >blanks
is "files without a last newline and with blank lines are read" '0 6' \
	"$(tg-run unended blanks >out 2>err; echo "$? $(wc -l <out)")"
{ read -r _ && tg-run; } <few.jsonl >out 2>err
check "standard input is read from its file position" grep -q '^tg-run: 2 documents: 2 triplets' err
check "a broken pipe ends the run in time" timeout $((120 * SLOW)) bash -c 'tg-run all.jsonl 2>/dev/null | head -n 1' >out
is "a run that a broken pipe ends gives the first line" 1 "$(wc -l <out)"

# The ends of a run.
check_status "an unknown option is refused" 2 tg-run --nonsense </dev/null 2>err
check "the message about an unknown option points to --help" grep -q 'see tg-run --help' err
check_status "an unknown task is refused" 2 tg-run -t nonsense </dev/null 2>err
is "an unknown task is named once" 1 "$(grep -c nonsense err)"
check_status "a bad number is refused" 2 tg-run -N many </dev/null 2>err
check_status "an unknown option for tg-llm is refused" 2 tg-run -m m few.jsonl -- --nonsense 2>err
check_status "a missing file makes status 3" 3 tg-run -t web_code_retrieval -m m nowhere 2>err
check_status "a full disk makes status 3" 3 tg-run few.jsonl >/dev/full 2>err
check_status "a rejects file in a missing folder makes status 3" 3 tg-run few.jsonl --rejects /nowhere/r 2>err
cp few.jsonl r
check_status "--rejects to the input is refused" 2 tg-run --rejects r r 2>err
# shellcheck disable=SC2094
check_status "--rejects to standard input is refused" 2 tg-run --rejects r <r 2>err
check_same "a refused --rejects leaves the input as it is" few.jsonl r
check_status "a run without a server makes status 4" 4 tg-run -u http://127.0.0.1:1/v1 few.jsonl -- --retries 0 2>err
check_status "a run without a server that names the model makes status 4" 4 tg-run -m m -u http://127.0.0.1:1/v1 few.jsonl \
	-- --retries 0 >out 2>err
check_status "a run without a server from the cache exits with 0" 0 tg-run -C cache -N 2 -m mock-model \
	-u http://127.0.0.1:1/v1 some.jsonl >out 2>err
is "a run without a server from the cache gives all triplets" "$(wc -l <some.jsonl)" "$(wc -l <out)"
is "the temporary folder is removed" '' "$(ls tmp)"

# Signals end a run quickly with whole lines, and no process stays.
interrupt() { # SIGNAL STATUS: tests a run that gets the signal
	mock -o latency_ms=300
	rm -f out
	env --default-signal=INT tg-run -j 4 -m m all.jsonl >out 2>err &
	pid=$!
	wait_for [ -s out ]
	kill -s "$1" $pid
	begin=$SECONDS
	check_status "SIG$1 ends a run with status $2" "$2" wait $pid
	check "SIG$1 ends a run quickly" [ $((SECONDS - begin)) -lt $((60 * SLOW)) ]
	check "SIG$1: finished triplets are out" [ -s out ]
	check "SIG$1: other triplets are not" [ "$(wc -l <out)" -lt "$(wc -l <all.jsonl)" ]
	check "SIG$1: the output has whole lines" jq -e .query out >lines
	is "SIG$1: the summary is printed" 1 "$(grep -c '^tg-run: .* documents: ' err)"
	is "SIG$1: no process stays" '' "$(running_with "OPENAI_BASE_URL=$MOCK_URL")"
}
interrupt INT 130
interrupt TERM 143

# A run on a terminal.
if command -v script >/dev/null; then
	mock -o latency_ms=200
	# shellcheck disable=SC2016
	TERM=xterm check "a run on a terminal exits with 0" script -qec \
		'tg-run -j 2 some.jsonl >out' /dev/null </dev/null >typed
	sed -i 's/\r\x1b\[K//g' typed # remove the sequence that erases the status line
	check "on a terminal the status line shows progress and time left" grep -aq '/[0-9]* documents, .* left' typed
	check "on a terminal the summary is printed" grep -aq '^tg-run: [0-9]* documents: [0-9]* triplets' typed
	mock -o latency_ms=300
	rm -f out ended
	# shellcheck disable=SC2016
	{ wait_for [ -s out ] && printf '\003' && wait_for [ -s ended ]; } | TERM=xterm env --default-signal=INT script -qec \
		'trap : INT; tg-run -j 2 -m m all.jsonl >out; echo "status $?" | tee ended' /dev/null >typed
	sed -i 's/\r\x1b\[K//g' typed
	check "Ctrl-C ends a run with status 130" grep -aq '^status 130' typed || tail -n 5 typed | diag
	check "Ctrl-C: the summary is printed" grep -aq '^tg-run: [0-9]* documents: [1-9][0-9]* triplets' typed
	check "Ctrl-C: the output has whole lines" jq -e .query out
	check_status "a terminal as input is refused" 2 script -qec 'tg-run -t x' /dev/null >typed
	check "a terminal as input gets the usage" grep -aq '^usage: tg-run' typed
else
	skip "a run on a terminal exits with 0" "needs script(1)"
fi
check "the mock server stops without a fault" stop_mock

done_testing
