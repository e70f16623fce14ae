#!/bin/bash
# What goes wrong at a server is said by one tg-llm for all of a run, with the option that
# helps.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp
for i in 1 2 3 4 5 6; do echo "{\"text\":\"def f$i(): pass\"}"; done >code.jsonl

# told NAME RULES PATTERN OPTION...: passes if a run at a server with these rules, which fails in
# each of its three stages, says the pattern once, and ends well.
told() {
	local name=$1
	printf '%s\n' "$2" >rules
	start_mock -o owned_by=vllm -s rules
	OPENAI_BASE_URL=$MOCK_URL timeout $((100 * SLOW)) \
		tg-run -t bug_desc_retrieval -m m code.jsonl -- "${@:4}" >out 2>err
	is "$name" "0 6 1" "$? $(wc -l <out) $(grep -c "^tg-llm: $MOCK_URL: $3" err)"
	stop_mock "$MOCK_PID"
}
# Verdicts come after the two answers of each document.
told "retries are told once" '{"match":{"kind":"verdict"},"times":4,"status":502}
{"times":4,"status":502}' '.*502.*; 3 requests so far go again after a while: see --retries and --retry-time, and -v for each$'
told "a server that asks for less is told once" '{"match":{"kind":"verdict"},"times":4,"status":429}
{"times":4,"status":429}' 'it was asked too much, and gets pauses: see --rpm and --tpm, and -j for fewer at once$' -j 1
told "time-outs are told once" '{"match":{"kind":"verdict"},"times":4,"stall":true}
{"times":4,"stall":true}' "[34] requests timed out after $SLOW s: see --timeout, and -j for fewer at once\$" --timeout "$SLOW"
# An answer that is cut at the token limit is a failure only if no other of several is whole.
one_cut='{"match":{"substring":"f1()"},"text":["a","b","c"],"finish_reason":["length","stop","length"]}'
printf '%s\n' "$one_cut" '{"match":{"kind":"verdict"},"text":"1"}' '{"finish_reason":"length"}' >rules
start_mock -o owned_by=vllm -s rules
tg-prompt generate -t web_code_retrieval code.jsonl | tg-llm -u "$MOCK_URL" -m m -n 3 >out 2>err
is "a record with one whole answer has it" '["b"]' "$(head -n 1 out | jq -c '[.tg.response.choices[].text]')"
is "records with none are truncated" '5 truncated' "$(jq -r '.tg.error.code // empty' out | uniq -c | sed 's/^ *//')"
is "what helps is told once" 1 "$(grep -c 'token limit; a larger --max-tokens allows more (in tg-run behind --' err)"
check "the mock server stops without a fault" stop_mock "$MOCK_PID"
is "no file is left behind" '' "$(ls tmp)"
done_testing
