#!/bin/bash
# tg-arrange: cleaning and composing.
# shellcheck disable=SC2016,SC2028 # jq's variables, JSON's escapes
. tests/lib.sh

one=code_summary_retrieval

# answered TASK TEXT [JQ-FILTER]: a record whose only step is answered so.
answered() {
	jq -nc --arg task "$1" --arg text "$2" "{text: \"CODE\", tg: {task: \$task,
		language: \"en\", code_language: \"python\", response: {kind: \"generate\",
		step: 1, model: \"M\", choices: [{text: \$text}]}}} | ${3:-.}"
}

# gives NAME POSITIVE ANSWER: what is left of the answer once it is cleaned.
gives() {
	is "$1" "$2" "$(answered $one "$3" | tg-arrange | jq -r '.pos[0]')"
}

ends() {
	local name=$1 code=$2 got
	shift 2
	"$@" >"$T/out" 2>"$T/err"
	got=$?
	is "$name" "1 tg-arrange $code" \
		"$got $(jq -rc '.tg.error | .tool + " " + .code' "$T/out")"
	check "$name: says where" grep -q '^tg-arrange: stdin:1: ' "$T/err"
}

answered $one Answer >"$T/in"
tg-arrange "$T/in" >"$T/out"
is "what is set" '["CODE",["Answer"],[],true,["Answer"],"M"]' \
	"$(jq -c '[.query, .pos, .neg, .tg.pair, .tg.out, .tg.model]' "$T/out")"
is "the order of members" '["text","tg","prompt","query","pos","neg"]' \
	"$(jq -c keys_unsorted "$T/out")"
is "prompt is the row's instruction, its languages filled in" \
	"$(tg-prompt --list | jq -r "select(.name == \"$one\").instruction |
	gsub(\"{code_language}\"; \"Python\") | gsub(\"{language}\"; \"English\")")" \
	"$(jq -r .prompt "$T/out")"
is "the response goes" null "$(jq -c .tg.response "$T/out")"
tg-arrange "$T/out" >"$T/b"
check_same "a pair stays" "$T/out" "$T/b"
is "the other way round" '["Answer","CODE"]' \
	"$(answered web_code_retrieval Answer | tg-arrange | jq -c '[.query, .pos[0]]')"
is "names of languages in the instruction" 'true' \
	"$(answered code_translation_retrieval Answer '.tg.tgt_code_language = "rust"' |
	tg-arrange | jq '.prompt | test("\\{") | not')"
is "members of these names are overwritten, in place" \
	'["query","pos","neg","prompt","text","tg"]["CODE",["Answer"],[]]' \
	"$(answered $one Answer '{query: 1, pos: 2, neg: 3, prompt: 4} + .' |
	tg-arrange | jq -c 'keys_unsorted, [.query, .pos, .neg]' | tr -d '\n')"

# Cleaning.
gives "as it is" 'a
 b' 'a
 b'
gives "blank lines" a '

a
 '
gives "a fence" 'a
b' '```
a
b
```'
gives "a fence with a tag" a '```python
a
```'
gives "a longer fence" '```
a
```' '````
```
a
```
````'
gives "a fence inside stays" 'Like so:
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
gives "quotes" 'a b' '"a b"'
gives "single quotes" 'a b' "'a b'"
gives "two quotations stay" '"a" + "b"' '"a" + "b"'
gives "a quote at one end stays" '"a' '"a'
gives "quotes within a fence" a '```
"a"
```'
gives "indentation stays" '  a
b' '```
  a
b
```'

# Steps.
jq -nc '{text: "CODE", tg: {task: "code_refactoring_pattern_retrieval", language: "en",
	code_language: "go", out: ["WISH"], response: {kind: "generate", step: 2,
	choices: [{text: "```go\nNEW\n```"}]}}}' | tg-arrange >"$T/out"
is "two steps, composed" '["WISH\n```\nCODE\n```",["NEW"],["WISH","NEW"]]' \
	"$(jq -c '[.query, .pos, .tg.out]' "$T/out")"
is "the fence is longer than any in the code" '["WISH\n`````\nA````B\n`````"]' \
	"$(jq -nc '{text: "A````B", tg: {task: "code_refactoring_pattern_retrieval",
	out: ["WISH"], response: {kind: "generate", step: 2, choices: [{text: "N"}]}}}' |
	tg-arrange | jq -c '[.query]')"
is "values are not expanded again" '{text} {out2}' \
	"$(answered web_code_retrieval '{text} {out2}' | tg-arrange | jq -r .query)"
is "split" '["A","B",null]' "$(jq -nc '{text: "AB",
	tg: {task: "code_context_retrieval", parts: ["A", "B"]}}' |
	tg-arrange | jq -c '[.query, .pos[0], .tg.parts]')"
is "similar as positive" OTHER "$(jq -nc '{text: "CODE", similar: ["OTHER"],
	tg: {task: "code_modification_retrieval", out: ["DIFF"],
	response: {kind: "generate", step: 2, choices: [{text: "WISH"}]}}}' |
	tg-arrange | jq -r '.pos[0]')"

# A row of one's own.
tg-prompt --list | jq -c "select(.name == \"$one\") | .name = \"mine\" |
	.query = \"in {code_language}:{fence:text}\"" >"$T/row"
is "--tasks" 'in Python:```
CODE
```' "$(answered mine x | tg-arrange --tasks "$T/row" | jq -r .query)"
is "TG_TASKS" 'in code' "$(answered mine x '.tg.code_language = ""' |
	TG_TASKS=<(sed 's/{code_language}:{fence:text}/{code_language} code/' "$T/row") \
		tg-arrange | jq -r .query)"

# Errors.
ends "no task" no_task tg-arrange < <(answered x x 'del(.tg.task)')
ends "unknown task" unknown_task tg-arrange < <(answered nope x)
ends "no choice" no_answer tg-arrange < <(answered $one x '.tg.response.choices = []')
ends "null for a text" no_answer tg-arrange < <(answered $one x '.tg.response.choices[0].text = null')
ends "an empty answer" empty_answer tg-arrange < <(answered $one '')
ends "an empty fence" empty_answer tg-arrange < <(answered $one '```
```')
ends "the text is gone" missing_value tg-arrange < <(answered $one x 'del(.text)')
ends "answer and text are the same" query_is_positive tg-arrange < <(answered $one ' CODE
')
ends "parts that are none" missing_value tg-arrange \
	<<<'{"tg":{"task":"code_context_retrieval","parts":[1,2]}}'
check_status "--tasks: not there" 2 tg-arrange --tasks "$T/nope" </dev/null 2>"$T/err"
check "--tasks: says so" grep -q "^tg-arrange: .*$T/nope" "$T/err"
check_status "--tasks: a bad row" 2 tg-arrange --tasks <(echo '{"name":"x"}') </dev/null 2>"$T/err"
check "--tasks: names row and member" grep -q 'task row "x": member "category"' "$T/err"

done_testing
