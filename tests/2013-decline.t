#!/bin/bash
# Steps that a model may decline: the reply NONE rejects the record.
# shellcheck disable=SC2016 # backticks of answers
export VALGRIND_ONE_IN=3
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

step='{inputs: ["text"], instruction: "I.", output: "O.", output_kind: "text"}'
jq -nc "def row: {category: \"c\", title: \"T\", instruction: \"I\", query: \"{out1}\", pos: \"{text}\",
	judge: {mission: \"M\", query_type: \"Q\", doc_type: \"D\", yes: \"Y\", no: \"N\"}};
	row + {name: \"one\", steps: [$step + {decline: \"a call\"}]},
	row + {name: \"code\", steps: [$step + {decline: \"a call\", output_kind: \"code\"}]},
	row + {name: \"never\", steps: [$step]},
	row + {name: \"two\", pos: \"{out2}\", steps: [$step, $step + {inputs: [\"out1\"], decline: \"a {code_language} call\"}]}" >rows
export TG_TASKS=$PWD/rows

# answered TASK ANSWER: a record that has the answer to its last step.
answered() {
	jq -nc --arg task "$1" --arg text "$2" '{text: "f()", tg: {task: $task, language: "en", code_language: "python", id: "0",
		out: (if $task == "two" then ["o"] else [] end), response: {kind: "generate",
		step: (if $task == "two" then 2 else 1 end), model: "m", choices: [{text: $text}]}}}'
}
# ends NAME WANTED TASK ANSWER...: tests what becomes of each answer.
ends() {
	local name=$1 want=$2 task=$3
	shift 3
	for text; do answered "$task" "$text"; done >in
	tg-arrange in >out 2>err
	is "$name" "$(for _; do echo "$want"; done | paste -sd ' ')" \
		"$(jq -r '.tg.rejected.code // .tg.error.code // "pair"' out | paste -sd ' ')"
}
no=(NONE $'NONE\n' '  NONE ' NONE. $'```\nNONE\n```' '"NONE"' '`NONE`')
ends "NONE declines, also with white space, a fence, quotes or a full stop" not_applicable one "${no[@]}"
ends "NONE declines where code is asked" not_applicable code "${no[@]}"
ends "NONE declines in the last of two steps" not_applicable two "${no[@]}"
ends "other answers do not decline" pair one none None 'NONE of them' 'NONE, sorry' 'NONE..' 'x = NONE'
ends "a step without decline takes NONE for an answer" pair never "${no[@]}"
answered one NONE | tg-arrange >out
is "the record keeps its model, and no response" '["tg-arrange","m",null,null,null]' \
	"$(jq -c '[.tg.rejected.tool, .tg.model, .tg.response, .tg.out[0], .query]' out)"
check "the reason names task and step" grep -q 'step 1 of task one' out
jq -c 'select(.name == "two") | .steps[0].decline = "d"' rows >both
answered two NONE | jq -c '.tg.response.step = 1 | .tg.out = []' | TG_TASKS=both tg-prompt generate | tee out | tg-prompt judge >judged
is "NONE declines in the first of two steps, and no judge is asked" '["not_applicable","tg-prompt",null]' \
	"$(jq -c '[.tg.rejected.code, .tg.rejected.tool, .tg.request]' judged)"
tg-prompt generate -t one <<<'{"text":"x"}' 2>err | jq -r '.tg.request.messages[0].content' >one.asked
tg-prompt generate -t never <<<'{"text":"x"}' 2>err | jq -r '.tg.request.messages[0].content' >never.asked
is "the prompt says what the input must have" '1 0' "$(grep -c 'The input must have a call; .* NONE' one.asked) $(grep -c NONE never.asked)"

# The whole run: it counts, it is in the cache, and it costs its answer once.
printf '%s\n' '{"text":"f(1)"}' '{"text":"LACKS"}' >code.jsonl
echo '{"match":{"substring":"LACKS"},"text":"NONE"}' >rules
start_mock -o owned_by=vllm -s rules
export OPENAI_BASE_URL=$MOCK_URL
run() { timeout $((60 * SLOW)) tg-run -t one -m m -C cache --rejects rejects "$@" 2>err; }
run code.jsonl >out
is "a run counts what was declined" 1 "$(grep -c '^tg-run: 2 documents: 1 triplet, 1 rejected (1 not_applicable), 0 in error' err)"
is "it asks no judge about that" 3 "$(mock_stats .requests)"
run code.jsonl >again
is "the cache keeps it" '3 1' "$(mock_stats .requests) $(grep -c '1 not_applicable' err)"
check_same "it gives the same triplets" out again
run --retry-rejected code.jsonl >again
cp rejects tried
run tried >again
is "to try it again takes the same answer" '3 1' "$(mock_stats .requests) $(grep -c '1 not_applicable' err)"
check "the mock server stops without a fault" stop_mock
done_testing
