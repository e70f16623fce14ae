#!/bin/bash
# tg-cache get --any-edition: pairs of an earlier catalogue.
export VALGRIND_ONE_IN=3
. tests/lib.sh
cd "$T" || exit 3

jq -nc '{name: "v", category: "c", title: "T", instruction: "Old.", steps: [{inputs: ["text"], instruction: "I",
	output: "O", output_kind: "text"}], query: "{out1}", pos: "{text}",
	judge: {mission: "M", query_type: "Q", doc_type: "D", yes: "Y", no: "N"}}' >old
jq -c '.instruction = "New." | .vary = {length: ["short", "long"]} | .steps[0].output = "{vary:length}"' old >new
jq -c '.vary.length = ["brief"]' new >newer
export TG_TASKS=$PWD/old
printf '%s\n' '{"text":"f()"}' '{"text":"g()"}' '{"text":"h()"}' >code
answer='.tg.response = {kind: "generate", step: 1, model: "m", choices: [{text: "q \(.text)"}]} | del(.tg.request)'
tg-prompt generate -t v -c python code | jq -c "$answer" | tg-arrange |
	jq -c 'if .text == "g()" then .tg.rejected = {tool: "t", code: "judge_2", message: "m"} else .tg.judge = {verdict: 1} end' |
	tg-cache put -d cache -k m >/dev/null
# get [OPTION...] of tg-cache -- [OPTION...] of tg-prompt: what becomes of the documents.
get() {
	local options=()
	while [ "$1" != -- ]; do options+=("$1") && shift; done
	shift
	tg-prompt generate -t v -c python "$@" code | tg-cache get -d cache "${options[@]}" >out
}
query() { jq -r '.tg.rejected.code // .query // .tg.request.kind' out | paste -sd ,; }
get -k m --
is "the same edition is found" 'q f(),judge_2,q h()' "$(query)"
TG_TASKS=new get -k m --
is "another edition is not" 'generate,generate,generate' "$(query)"
TG_TASKS=new get -k m --any-edition --
is "--any-edition takes its pairs, and asks for what it had rejected" 'q f(),generate,q h()' "$(query)"
is "they are as they were" '["Old.",true,{"verdict":1},true,null]' \
	"$(jq -sc '.[0] | [.prompt, .tg.pair, .tg.judge, .tg.cached, .tg.vary]' out)"
for other in '-k n' '-k m -- -l fr' '-k m -- -c java' '-k m -- --draws 2'; do
	[[ $other == *--\ * ]] || other+=' --'
	# shellcheck disable=SC2086
	TG_TASKS=new get --any-edition $other
	is "$other: --any-edition takes no other pair" "$([[ $other == *draws* ]] && echo 'q f(),generate,generate,generate,q h(),generate' ||
		echo 'generate,generate,generate')" "$(query)"
done
TG_TASKS=new get -k m --any-edition -- --seed 3 -k 1
is "other options of the prompts make no difference" 'q f(),generate,q h()' "$(query)"
tg-cache put -d cache -k m <out >stored
is "put stores it for this edition" 'q f(),generate,q h()' "$(TG_TASKS=new get -k m -- --seed 3 -k 1 && query)"
sed 's/f()/f(1)/; s/g()/g(1)/; s/h()/h(1)/' code >code1 && mv code1 code
TG_TASKS=new tg-prompt generate -t v -c python --draws 2 code | jq -c "$answer" | tg-arrange | tg-cache put -d cache -k m >made
TG_TASKS=newer get -k m --any-edition -- --draws 2
check_same "what was drawn comes with the pair, for each draw" <(jq -c '[.query, .tg.draw, .tg.vary]' made) <(jq -c '[.query, .tg.draw, .tg.vary]' out)
tg-cache export -d cache | jq -c '[.query, .tg.draw, .tg.vary]' | sort >exported
is "entries keep the draw and what was drawn" 6 "$(jq -c '[.query, .tg.draw, .tg.vary]' made | sort | comm -12 - exported | sort -u | wc -l)"
check_status "--any-edition is for get alone" 2 tg-cache put -d cache --any-edition </dev/null
done_testing
