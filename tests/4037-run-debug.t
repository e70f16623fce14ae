#!/bin/bash
# tg-run --debug: what was asked and answered, the same from a fresh run and from
# the cache.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

cat >rules <<'END'
{"match":{"kind":"verdict","substring":"NOPE"},"text":"2","finish_reason":"stop"}
{"match":{"kind":"answer","substring":"wrong document"},"reasoning":"a trick"}
{"match":{"kind":"answer","substring":"INLINE"},"text":"<think>\nit adds\n</think>\n\nadd two numbers"}
{"match":{"kind":"answer","substring":"APART"},"text":"subtract two numbers","reasoning":"it \"subtracts\""}
END
start_mock -o owned_by=vllm -s rules
calls() { mock_stats .requests; }
run() { tg-run -u "$MOCK_URL" -m m "$@" 2>err; }
text() { jq -nc --arg t "$1" --arg task "$2" '{text: $t, tg: {task: $task}}'; }
{
	text 'INLINE()' web_code_retrieval
	text 'APART()' web_code_retrieval
	text 'NOPE()' web_code_retrieval
	text 'steps()' bug_desc_retrieval
	text $'a = 1\nb = 2\nc = 3\nd = 4\n' code_context_retrieval
} >code.jsonl

check_status "a fresh run with --debug exits with 0" 0 run --debug -N 2 --rejects rejects code.jsonl >fresh
is "the members stand in their order" '["prompt","query","pos","neg","generation_prompt","response","judge","judge_prompt","judge_response","docid"]' \
	"$(jq -c 'del(.rejected) | keys_unsorted' fresh | sort -u)"
is "judge is the verdict" '"1" "1" "2" "1" null' "$(jq -c .judge fresh | paste -sd ' ')"
is "judge_response is the answer" '"1" "1" "2" "1" null' "$(jq -c .judge_response fresh | paste -sd ' ')"
is "judge_prompt asks about the pair" 4 "$(jq -c 'select(.judge) | . as $t | .judge_prompt |
	contains($t.query) and contains($t.pos[0]) and endswith("Your digit:")' fresh | grep -c true)"
is "generation_prompt is that of the last step" 'true' "$(jq -c 'select(.pos[0] == "steps()") | .generation_prompt |
	contains("answer ")' fresh)"
is "the query is clean" 'add two numbers,subtract two numbers' "$(jq -r .query fresh | head -n 2 | paste -sd ,)"
is "response has the reasoning in the answer" $'<think>\nit adds\n</think>\n\nadd two numbers' "$(sed -n 1p fresh | jq -r .response)"
is "response has the reasoning that the server puts elsewhere" $'<think>\nit "subtracts"\n</think>\n\nsubtract two numbers' \
	"$(sed -n 2p fresh | jq -r .response)"
is "docid is the MD5 of the text" "$(printf 'INLINE()' | md5sum | cut -c 1-32)" "$(sed -n 1p fresh | jq -r .docid)"
is "a rejected pair is marked" '2' "$(jq -r 'select(.rejected).judge' fresh)"

check_status "a run that fills the cache without --debug exits with 0" 0 run -C cache code.jsonl >out
n=$(calls)
check_status "a cached run with --debug exits with 0" 0 run -C cache --debug code.jsonl >cached
is "a cached run with --debug asks nothing" "$n" "$(calls)"
check_same "a cached run with --debug gives what a fresh run gives" <(jq -c '.neg = []' fresh) cached
check_status "a cached run with --debug adds negatives" 0 run -C cache -N 2 --debug --rejects again code.jsonl >cached
check_same "a cached run with negatives gives what a fresh run gives" fresh cached
check_same "a cached run with --debug gives the same rejects" <(jq -c 'del(.tg.log)' rejects) <(jq -c 'del(.tg.log)' again)
n=$(calls)
check_status "a third run with --debug exits with 0" 0 run -C cache -N 2 --debug --read-only code.jsonl >cached
check_same "a third run with --debug gives the same" fresh cached
is "a third run with --debug asks nothing" "$n" "$(calls)"
check_status "a run with --debug without a server exits with 0" 0 tg-run -q -m m -u http://127.0.0.1:1/v1 \
	-C cache -N 2 --debug code.jsonl >cached
check_same "a run with --debug without a server gives the same" fresh cached
is "the cache keeps the reasoning of answers and not of negatives" 1 "$(cat cache/answers/*.jsonl | grep -c '"reasoning"')"
check_status "--retry-rejected --debug exits with 0" 0 run -C cache --retry-rejected --debug code.jsonl >cached
is "--retry-rejected --debug has all members" 1 "$(grep -c null cached)"

# The entry decides what a pair is, and nothing is paid for twice.
file=cache/$(sed -n 1p fresh | jq -r .docid).json
jq -c '.[0].neg = ["mined"]' "$file" >edited && mv edited "$file"
n=$(calls)
check_status "a run with --debug of an edited entry exits with 0" 0 run -C cache --debug code.jsonl >cached
is "the entry wins over its answers" '["mined"]' "$(sed -n 1p cached | jq -c .neg)"
is "the entry stays" '["mined"]' "$(jq -c '.[0].neg' "$file")"
rm -r cache/answers
check_status "a run with --debug without the stored answers exits with 0" 0 run -C cache --debug code.jsonl >cached
is "without the stored answers nothing is asked" "$n" "$(calls)"
is "without the stored answers the pairs are the same" "$(jq -c '[.query, .pos, .judge]' fresh)" "$(jq -c '[.query, .pos, .judge]' cached)"
is "without the stored answers the prompts are null" '[null,null]' "$(jq -c '[.generation_prompt, .judge_prompt]' cached | sort -u)"
check_status "--estimate --debug exits with 0" 0 run -C cache --debug --estimate code.jsonl >estimate
is "--estimate --debug counts nothing for cached pairs" 0 "$(jq .calls estimate)"
check "the mock server stops without a fault" stop_mock
done_testing
