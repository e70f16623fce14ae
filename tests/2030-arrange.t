#!/bin/bash
# tg-arrange: how it cleans answers and composes pairs.
# shellcheck disable=SC2016,SC2028 # jq's variables, JSON's escapes
. tests/lib.sh

one=code_summary_retrieval

# answered TASK TEXT [JQ-FILTER]: makes a record whose only step has this
# answer.
answered() {
	jq -nc --arg task "$1" --arg text "$2" "{text: \"CODE\", tg: {task: \$task,
		language: \"en\", code_language: \"python\", response: {kind: \"generate\",
		step: 1, model: \"M\", choices: [{text: \$text}]}}} | ${3:-.}"
}

# gives NAME POSITIVE ANSWER: tests what cleaning leaves of the answer.
gives() {
	is "$1" "$2" "$(answered $one "$3" | tg-arrange | jq -r '.pos[0]')"
}

ends() {
	local name=$1 code=$2 got
	shift 2
	"$@" >"$T/out" 2>"$T/err"
	got=$?
	is "$name: the record ends in the error $code" "1 tg-arrange $code" \
		"$got $(jq -rc '.tg.error | .tool + " " + .code' "$T/out")"
	check "$name: the message names file and line" grep -q '^tg-arrange: stdin:1: ' "$T/err"
}

answered $one Answer >"$T/in"
tg-arrange "$T/in" >"$T/out"
is "query, pos, neg, pair, out and model are set" '["CODE",["Answer"],[],true,["Answer"],"M"]' \
	"$(jq -c '[.query, .pos, .neg, .tg.pair, .tg.out, .tg.model]' "$T/out")"
is "new members follow those of the record" '["text","tg","prompt","query","pos","neg"]' \
	"$(jq -c keys_unsorted "$T/out")"
is "the prompt is the row's instruction with its languages filled in" \
	"$(tg-prompt --list | jq -r "select(.name == \"$one\").instruction |
	gsub(\"{code_language}\"; \"Python\") | gsub(\"{language}\"; \"English\")")" \
	"$(jq -r .prompt "$T/out")"
is "the response is removed" null "$(jq -c .tg.response "$T/out")"
tg-arrange "$T/out" >"$T/b"
check_same "a second pass leaves a pair unchanged" "$T/out" "$T/b"
is "a task may take the answer as query and the text as positive" '["Answer","CODE"]' \
	"$(answered web_code_retrieval Answer | tg-arrange | jq -c '[.query, .pos[0]]')"
is "the instruction names the target language" 'true' \
	"$(answered code_translation_retrieval Answer '.tg.tgt_code_language = "rust"' |
	tg-arrange | jq '.prompt | test("\\{") | not')"
is "members of the same names are overwritten in place" \
	'["query","pos","neg","prompt","text","tg"]["CODE",["Answer"],[]]' \
	"$(answered $one Answer '{query: 1, pos: 2, neg: 3, prompt: 4} + .' |
	tg-arrange | jq -c 'keys_unsorted, [.query, .pos, .neg]' | tr -d '\n')"

# Cleaning.
gives "inner line breaks and indentation stay" 'a
 b' 'a
 b'
gives "a space before an answer in words goes" $'a\n b' $' a\n b\n'
is "the indentation of an answer in code stays" '    f()' \
	"$(answered similar_code_retrieval $'\n    f()\n' | tg-arrange | jq -r '.pos[0]')"
gives "half of a fence in front goes" $'x = 1\ny = 2' $'```python\nx = 1\ny = 2'
gives "half of a fence behind goes" $'x = 1\ny = 2' $'x = 1\ny = 2\n```'
prose=$'Here is the code:\n\n```python\nx = 1\n```\n\nIt is faster.'
is "the code block in prose is the answer where code is asked" 'x = 1' \
	"$(answered similar_code_retrieval "$prose" | tg-arrange | jq -r '.pos[0]')"
is "two code blocks in prose stay" "$prose"$'\n```\ny\n```' \
	"$(answered similar_code_retrieval "$prose"$'\n```\ny\n```' | tg-arrange | jq -r '.pos[0]')"
gives "a block in a text stays" $'Run:\n\n```\nmake\n```' $'Run:\n\n```\nmake\n```'
gives "blank lines around an answer go" a '

a
 '
gives "a fence around the whole answer goes" 'a
b' '```
a
b
```'
gives "a fence with a language tag goes" a '```python
a
```'
gives "a longer fence goes and the inner fence stays" '```
a
```' '````
```
a
```
````'
gives "a fence behind other text stays" 'Like so:
```
a
```' 'Like so:
```
a
```'
gives "two fences stay" '```
a
```
and
```
b
```' '```
a
```
and
```
b
```'
gives "double quotes around the whole answer go" 'a b' '"a b"'
gives "single quotes around the whole answer go" 'a b' "'a b'"
gives "two quotations stay" '"a" + "b"' '"a" + "b"'
gives "a quote at one end stays" '"a' '"a'
gives "quotes within a fence go" a '```
"a"
```'
gives "indentation within a fence stays" '  a
b' '```
  a
b
```'

# Steps.
jq -nc '{text: "CODE", tg: {task: "code_refactoring_pattern_retrieval", language: "en",
	code_language: "go", out: ["WISH"], response: {kind: "generate", step: 2,
	choices: [{text: "```go\nNEW\n```"}]}}}' | tg-arrange >"$T/out"
is "the answers to two steps are composed" '["WISH\n```\nCODE\n```",["NEW"],["WISH","NEW"]]' \
	"$(jq -c '[.query, .pos, .tg.out]' "$T/out")"
is "the fence is longer than any in the code" '["WISH\n`````\nA````B\n`````"]' \
	"$(jq -nc '{text: "A````B", tg: {task: "code_refactoring_pattern_retrieval",
	out: ["WISH"], response: {kind: "generate", step: 2, choices: [{text: "N"}]}}}' |
	tg-arrange | jq -c '[.query]')"
is "values in a pair are not expanded again" '{text} {out2}' \
	"$(answered web_code_retrieval '{text} {out2}' | tg-arrange | jq -r .query)"
is "prefix and suffix of a split record become query and positive" '["A","B",null]' "$(jq -nc '{text: "AB",
	tg: {task: "code_context_retrieval", parts: ["A", "B"]}}' |
	tg-arrange | jq -c '[.query, .pos[0], .tg.parts]')"
is "similar can become the positive" OTHER "$(jq -nc '{text: "CODE", similar: ["OTHER"],
	tg: {task: "code_modification_retrieval", out: ["DIFF"],
	response: {kind: "generate", step: 2, choices: [{text: "WISH"}]}}}' |
	tg-arrange | jq -r '.pos[0]')"

# The published tasks are composed of the same parts whatever edition words their prompts.
answers='if .tg.request then .tg.response = {kind: "generate", step: .tg.request.step, model: "m",
	choices: [{text: ["first answer\nwith `ticks`", "second\n```\nanswer\n```\nend"][.tg.request.step - 1]}]} |
	del(.tg.request) else . end'
jq -c '{text: "int main(void)\n{\n\treturn ```0```;\n}\n", similar: ["def other():\n    pass"], tg: {task,
	code_language: (if .task == "text2sql_retrieval" then "sql" else "c" end), tgt_code_language: "go"}}' \
	tests/data/published.jsonl | tg-prompt generate --no-vary | jq -c "$answers" | tg-prompt generate |
	jq -c "$answers" | tg-split-context | tg-arrange | jq -c '{task: .tg.task, query, pos}' >"$T/composed"
check "scripted answers make the pairs of the 47 published tasks" cmp "$T/composed" tests/data/published.jsonl

# A task row of the user.
tg-prompt --list | jq -c "select(.name == \"$one\") | .name = \"mine\" |
	.query = \"in {code_language}:{fence:text}\"" >"$T/row"
is "--tasks names a file of rows" 'in Python:```
CODE
```' "$(answered mine x | tg-arrange --tasks "$T/row" | jq -r .query)"
is "TG_TASKS names a file of rows" 'in code' "$(answered mine x '.tg.code_language = ""' |
	TG_TASKS=<(sed 's/{code_language}:{fence:text}/{code_language} code/' "$T/row") \
		tg-arrange | jq -r .query)"

# Records that end in errors.
ends "a record without a task" no_task tg-arrange < <(answered x x 'del(.tg.task)')
ends "an unknown task" unknown_task tg-arrange < <(answered nope x)
ends "an answer without a choice" no_answer tg-arrange < <(answered $one x '.tg.response.choices = []')
ends "an answer whose text is null" no_answer tg-arrange < <(answered $one x '.tg.response.choices[0].text = null')
ends "an empty answer" empty_answer tg-arrange < <(answered $one '')
ends "an empty fence" empty_answer tg-arrange < <(answered $one '```
```')
ends "a record that has lost its text" missing_value tg-arrange < <(answered $one x 'del(.text)')
ends "an answer that equals the text" query_is_positive tg-arrange < <(answered $one ' CODE
')
ends "parts that are numbers" missing_value tg-arrange \
	<<<'{"tg":{"task":"code_context_retrieval","parts":[1,2]}}'
check_status "--tasks with a missing file is refused" 2 tg-arrange --tasks "$T/nope" </dev/null 2>"$T/err"
check "the message names the missing file of --tasks" grep -q "^tg-arrange: .*$T/nope" "$T/err"
check_status "--tasks with an incomplete row is refused" 2 tg-arrange --tasks <(echo '{"name":"x"}') </dev/null 2>"$T/err"
check "the message names the row and the missing member" grep -q 'task row "x": member "category"' "$T/err"

done_testing
