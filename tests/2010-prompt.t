#!/bin/bash
# tg-prompt: stamps, requests, examples, errors, retry.
export VALGRIND_ONE_IN=3
. tests/lib.sh

one=code_summary_retrieval two=bug_desc_retrieval none=code_context_retrieval

# has NAME EXPECTED JQ-FILTER COMMAND...: of the record on standard input.
has() {
	local name=$1 want=$2 filter=$3
	shift 3
	is "$name" "$want" "$("$@" 2>"$T/err" | jq -rc "$filter")"
}

# ends NAME CODE TEXT-IN-MESSAGE COMMAND...: in an error, named on stderr.
ends() {
	local name=$1 code=$2 what=$3 got
	shift 3
	"$@" >"$T/out" 2>"$T/err"
	got=$?
	is "$name: exit status" 1 $got
	is "$name: error" "tg-prompt $code" \
		"$(jq -rc '.tg.error | .tool + " " + .code' "$T/out")"
	check "$name: message" grep -qF -- "$what" "$T/err"
	check "$name: says where" grep -q '^tg-prompt: stdin:1: ' "$T/err"
}

# refuses NAME TEXT-IN-MESSAGE COMMAND...: wrong usage.
refuses() {
	local name=$1 what=$2
	shift 2
	check_status "$name" 2 "$@" <"$T/code" >"$T/out" 2>"$T/err"
	check "$name: message" grep -qF -- "$what" "$T/err"
	check "$name: no data" [ ! -s "$T/out" ]
}

cat >"$T/code" <<'END'
{"text":"def add(a, b):\n    return a + b\n"}
END
message='.tg.request.messages[0].content'

# What is stamped.
has "id is MD5 of the text" \
	"$(printf 'def add(a, b):\n    return a + b\n' | md5sum | cut -c 1-32)" \
	.tg.id tg-prompt generate -t $one "$T/code"
has "id is never taken from input" 2 '.tg.id | length / 16' \
	tg-prompt generate -t $one <<<'{"text":"x","tg":{"id":"../../etc/passwd"}}'
has "id of a text with NUL" "$(printf 'a\0b' | md5sum | cut -c 1-32)" .tg.id \
	tg-prompt generate -t $one <<<'{"text":"a\u0000b"}'
has "defaults" '["code_summary_retrieval","text","en","python",null]' \
	'.tg | [.task, .field, .language, .code_language, .tgt_code_language]' \
	tg-prompt generate -t $one "$T/code"
has "a record's own" '["web_code_retrieval","zh","rust"]' \
	'.tg | [.task, .language, .code_language]' \
	tg-prompt generate -t $one -l fr -c go \
	<<<'{"text":"x","tg":{"task":"web_code_retrieval","language":"zh","code_language":"rust"}}'
has "the options'" '["fr","go"]' '.tg | [.language, .code_language]' \
	tg-prompt generate -t $one -l fr -c go "$T/code"
has "top-level language is never read" python .tg.code_language \
	tg-prompt generate -t $one <<<'{"text":"x","language":"Java"}'
has "unless asked for" java .tg.code_language \
	tg-prompt generate -t $one --code-language-field language \
	<<<'{"text":"x","language":"Java"}'
has "tg goes before that field" rust .tg.code_language \
	tg-prompt generate -t $one --code-language-field language \
	<<<'{"text":"x","language":"Java","tg":{"code_language":"Rust"}}'
printf '%s\n' '{"text":"x"}' '{"text":"y","language":null}' >"$T/in"
is "-c serves who lacks that field; null is none" 'go ' "$(tg-prompt generate -t $one -c go \
	--code-language-field language "$T/in" | jq -r .tg.code_language |
	paste -sd ' ')"
while read -r word key; do
	has "alias $word" "$key" .tg.code_language \
		tg-prompt generate -t $one <<<"{\"text\":\"x\",\"tg\":{\"code_language\":\"${word//_/ }\"}}"
done <<-END
	C++ cplusplus
	GO go
	Visual_Basic visual_basic
	C# csharp
	golang go
	jAvAsCrIpT javascript
	T-SQL sql
	Bash shell
	c c
END
has "-c takes aliases" cplusplus .tg.code_language \
	tg-prompt generate -t $one -c c++ "$T/code"
has "-l takes names" zh_tw .tg.language \
	tg-prompt generate -t $one -l 'traditional chinese' "$T/code"
for word in null NULL ''; do
	has "no code language: -c '$word'" '""' '.tg.code_language | tojson' \
		tg-prompt generate -t $one -c "$word" "$T/code"
done
has "no code language, by the record" '""' '.tg.code_language | tojson' \
	tg-prompt generate -t $one -c go <<<'{"text":"x","tg":{"code_language":"null"}}'
has "null is not given" go .tg.code_language \
	tg-prompt generate -t $one -c go <<<'{"text":"x","tg":{"code_language":null}}'
has "a task of one code language brings it" sql .tg.code_language \
	tg-prompt generate -t text2sql_retrieval "$T/code"
has "python where it may be" python .tg.code_language \
	tg-prompt generate -t test_to_code_retrieval "$T/code"
has "--text-field" 'body x' '.tg.field + " " + .body' \
	tg-prompt generate -t $one --text-field body <<<'{"body":"x","text":"y"}'
has "its text is asked about" true "$message | contains(\"CODE-X\")" \
	tg-prompt generate -t $one --text-field body <<<'{"body":"CODE-X"}'
has "tg.field goes first" true "$message | contains(\"CODE-X\")" \
	tg-prompt generate -t $one <<<'{"body":"CODE-X","tg":{"field":"body"}}'

# Targets.
tr=code_translation_retrieval
has "-T" rust .tg.tgt_code_language tg-prompt generate -t $tr -T RUST "$T/code"
has "a record's own target" perl .tg.tgt_code_language \
	tg-prompt generate -t $tr -T ruby <<<'{"text":"x","tg":{"tgt_code_language":"Perl"}}'
has "the prompt names it" true "$message | contains(\"Rust\")" \
	tg-prompt generate -t $tr -T rust "$T/code"
has "no target for tasks that do not translate" null .tg.tgt_code_language \
	tg-prompt generate -t $one -T rust "$T/code"
seq 200 | jq -c '{text: "x = \(.)"}' >"$T/many"
tg-prompt generate -t $tr "$T/many" >"$T/a"
is "drawn from the partners, all of them" 'cplusplus perl ruby' \
	"$(jq -r .tg.tgt_code_language "$T/a" | sort -u | paste -sd ' ')"
tg-prompt generate -t $tr --seed 1 "$T/many" >"$T/b"
check_fail "otherwise with another seed" cmp -s "$T/a" "$T/b"
tac "$T/many" | tg-prompt generate -t $tr | tac >"$T/b"
check_same "the same in another order" "$T/a" "$T/b"
ends "no partner" no_target 'see -T' \
	tg-prompt generate -t $tr -c sql <<<'{"text":"x"}'
ends "no code language, so no partner" no_target 'other than none' \
	tg-prompt generate -t $tr -c null <<<'{"text":"x"}'
ends "the code language itself" no_target 'other than go' \
	tg-prompt generate -t $tr -T go <<<'{"text":"x","tg":{"code_language":"go"}}'
ends "no language at all" no_target 'see -T' \
	tg-prompt generate -t $tr -T null <<<'{"text":"x"}'
ends "an unknown target" no_target 'see -T' tg-prompt generate -t $tr \
	<<<'{"text":"x","tg":{"tgt_code_language":"klingon"}}'

# Errors.
ends "no task" no_task 'names no task' tg-prompt generate <<<'{"text":"x"}'
ends "unknown task" unknown_task 'task "nope" is not' \
	tg-prompt generate <<<'{"text":"x","tg":{"task":"nope"}}'
ends "no text" no_text 'member "text" is missing' \
	tg-prompt generate -t $one <<<'{"code":"x"}'
ends "text is no text" no_text 'member "text" is missing or not' \
	tg-prompt generate -t $one <<<'{"text":["x"]}'
ends "blank text" no_text 'member "text" is empty' \
	tg-prompt generate -t $one <<<'{"text":" \n\t"}'
ends "no text in --text-field" no_text 'member "body"' \
	tg-prompt generate -t $one --text-field body <<<'{"text":"x"}'
ends "no text in tg.field" no_text 'member "prose"' \
	tg-prompt generate -t $one <<<'{"text":"x","tg":{"field":"prose"}}'
ends "no similar" no_similar 'compares two codes' \
	tg-prompt generate -t code_modification_retrieval <<<'{"text":"x"}'
ends "an empty similar" no_similar 'compares two codes' \
	tg-prompt generate -t code_modification_retrieval <<<'{"text":"x","similar":[]}'
ends "similar is no list" no_similar 'compares two codes' \
	tg-prompt generate -t code_modification_retrieval <<<'{"text":"x","similar":"y"}'
ends "unknown language" unknown_language 'language "tlh"' \
	tg-prompt generate -t $one <<<'{"text":"x","tg":{"language":"tlh"}}'
ends "unknown code language" unknown_code_language 'language "klingon"' \
	tg-prompt generate -t $one <<<'{"text":"x","tg":{"code_language":"klingon"}}'
ends "unknown code language in a field" unknown_code_language 'language "klingon"' \
	tg-prompt generate -t $one --code-language-field l <<<'{"text":"x","l":"klingon"}'
ends "code language not allowed" code_language_not_allowed 'takes no Java' \
	tg-prompt generate -t text2sql_retrieval <<<'{"text":"x","tg":{"code_language":"java"}}'
ends "a pair without a query" bad_pair 'query is not' \
	tg-prompt judge -t $one <<<'{"pos":["p"],"tg":{"pair":true}}'
ends "a pair without a positive" bad_pair 'pos not a list' \
	tg-prompt negatives -t $one <<<'{"query":"q","pos":[],"tg":{"pair":true}}'
ends "a pair of numbers" bad_pair 'query is not' \
	tg-prompt judge -t $one <<<'{"query":1,"pos":[2]}'
ends "a pair without a task" no_task 'names no task' \
	tg-prompt judge <<<'{"query":"q","pos":["p"]}'
answer='"response":{"kind":"generate","step":1,"choices":[{"text":"x"}]}'
ends "an answer without text" no_answer 'no answer text' tg-prompt generate \
	<<<"{\"text\":\"x\",\"tg\":{\"task\":\"$two\",\"response\":{\"kind\":\"generate\",\"choices\":[]}}}"
ends "an empty answer" empty_answer 'nothing is left' tg-prompt generate \
	<<<"{\"text\":\"x\",\"tg\":{\"task\":\"$two\",\"response\":{\"kind\":\"generate\",\"choices\":[{\"text\":\" \\n\"}]}}}"
for step in 0 -1 4294967295; do
	ends "step $step" bad_step 'count from 1' tg-prompt generate \
		<<<"{\"text\":\"x\",\"tg\":{\"task\":\"$two\",${answer/1/$step}}}"
done
ends "an answer, but no text any more" missing_value 'text"' tg-prompt generate \
	<<<"{\"tg\":{\"task\":\"code_refactoring_pattern_retrieval\",$answer}}"

# Usage.
refuses "no subcommand" 'generate, judge or negatives' tg-prompt
refuses "an unknown subcommand" 'generate, judge or negatives' tg-prompt invent
refuses "-t unknown" 'no task "nope"' tg-prompt generate -t nope
refuses "-l unknown" 'language "tlh"' tg-prompt generate -l tlh
refuses "-c unknown" 'code language "klingon"' tg-prompt generate -c klingon
refuses "-T unknown" 'code language "klingon"' tg-prompt generate -T klingon
refuses "-c not allowed" 'takes no Python' tg-prompt generate -t text2sql_retrieval -c python
refuses "-T is -c" 'code language itself' tg-prompt generate -t $tr -c go -T golang
refuses "-k negative" '-k' tg-prompt generate -k -1
refuses "-k too large" '0..100' tg-prompt generate -k 101
refuses "-k no number" '"3x"' tg-prompt generate -k 3x
refuses "--seed no number" '--seed' tg-prompt generate --seed 0x10
refuses "--tasks not there" "$T/nope" tg-prompt generate --tasks "$T/nope"
refuses "-e not there" "$T/nope" tg-prompt generate -e "$T/nope"
refuses "--tasks a directory" "$T: Is a directory" tg-prompt generate --tasks "$T"
refuses "-e a directory" "$T: Is a directory" tg-prompt generate -e "$T"
echo '{"input":"x"}' >"$T/bad"
refuses "-e without output" 'example 1' tg-prompt generate -e "$T/bad"
echo '{"input":' >"$T/bad"
refuses "-e not JSON" 'example 1' tg-prompt generate -e "$T/bad"
: >"$T/bad"
refuses "-e empty" 'holds no examples' tg-prompt generate -e "$T/bad"

# The prompts.
tg-prompt generate -t $two <"$T/code" >"$T/out"
is "step 1 is asked" '["generate",1,["user"],{}]' \
	"$(jq -c '.tg.request | [.kind, .step, [.messages[].role], .params]' "$T/out")"
check "the document comes last" jq -e "$message |
	endswith(\"Input:\\n\`\`\`\\ndef add(a, b):\\n    return a + b\\n\`\`\`\")" "$T/out"
jq -c '.tg.response = {kind: "generate", step: 1, model: "m",
	choices: [{text: "```python\nBROKEN\n```"}]} | del(.tg.request)' \
	"$T/out" >"$T/answered"
has "step 2 is asked, of the cleaned answer" \
	'["generate",2,["BROKEN"],"m",null,true]' \
	".tg | [.request.kind, .request.step, .out, .model, .response,
	(.request.messages[0].content | contains(\"\`\`\`\\nBROKEN\\n\`\`\`\"))]" \
	tg-prompt generate "$T/answered"
# shellcheck disable=SC2016 # backticks are backticks
has "two inputs" '["First input:\n```\nCODE-A\n```","Second input:\n```\nCODE-B\n```"]' \
	"[$message | match(\"(First|Second) input:\\n\`\`\`\\n.*\\n\`\`\`\"; \"g\").string]" \
	tg-prompt generate -t code_modification_retrieval <<<'{"text":"CODE-A","similar":["CODE-B","CODE-C"]}'
has "a fence longer than any in the text" true \
	"$message | endswith(\"\`\`\`\`\`\\na\`\`\`\`b\\n\`\`\`\`\`\")" \
	tg-prompt generate -t $one <<<'{"text":"a````b"}'
has "values are not expanded again" true "$message | contains(\"{language} {text}\")" \
	tg-prompt generate -t $one <<<'{"text":"{language} {text}"}'
has "the language is named" true "$message | contains(\"Write in Swahili\")" \
	tg-prompt generate -t $one -l sw "$T/code"
tg-prompt judge -t $one <<<'{"query":"QQ","pos":["PP","P2"]}' >"$T/out"
is "judge: request" '["judge",1,{"max_tokens":8,"temperature":0,"choice":["0","1","2"]}]' \
	"$(jq -c '.tg.request | [.kind, .step, .params]' "$T/out")"
check "judge: query and first positive" jq -e "$message |
	contains(\"Document:\\n\`\`\`\\nPP\\n\`\`\`\\n\\nQuery:\\n\`\`\`\\nQQ\\n\`\`\`\\n\")" "$T/out"
is "judge: a pair from elsewhere is stamped" '["code_summary_retrieval","en","python",true,null]' \
	"$(jq -c '[.tg.task, .tg.language, .tg.code_language, .tg.pair, .tg.id]' "$T/out")"
check "judge: and gets its prompt" jq -e '.prompt | length > 10' "$T/out"
has "judge: not a prompt of its own" mine .prompt \
	tg-prompt judge -t $one <<<'{"query":"q","pos":["p"],"prompt":"mine"}'
for m in task language code_language tgt_code_language field; do
	is "tg.$m must be a text" bad_member \
		"$(tg-prompt generate -t $one <<<"{\"text\":\"x\",\"tg\":{\"$m\":5}}" 2>/dev/null | jq -r .tg.error.code)"
done
is "a language field that is no text" unknown_code_language \
	"$(tg-prompt generate -t $one --code-language-field l <<<'{"text":"x","l":5}' 2>/dev/null | jq -r .tg.error.code)"
has "judge: one text as positive" judge .tg.request.kind \
	tg-prompt judge -t $one <<<'{"query":"q","pos":"p"}'
has "judge: an empty query is for the judge to refuse" judge .tg.request.kind \
	tg-prompt judge -t $one <<<'{"query":"","pos":["p"]}'
has "negatives: request" '["negatives",1,{}]' '.tg.request | [.kind, .step, .params]' \
	tg-prompt negatives -t $one <<<'{"query":"q","pos":["p"]}'

# All 63, all steps: no placeholder is left, and the query can be composed.
tg-prompt --list >"$T/list"
jq -c '{text: "TEXT", similar: ["SIMILAR"], tg: {task: .name}}' "$T/list" |
	tg-prompt generate >"$T/all"
is "all rows take a record" 62 "$(jq -r '.tg.request.step' "$T/all" | grep -c 1)"
jq -c 'select(.tg.request) | .tg.response = {kind: "generate", step: 1,
	choices: [{text: "OUT1"}]} | del(.tg.request)' "$T/all" |
	tg-prompt generate >"$T/all2"
jq -c 'if .tg.request then .tg.response = {kind: "generate", step: 2,
	choices: [{text: "OUT2"}]} | del(.tg.request) else . end' "$T/all2" |
	tg-arrange >"$T/pairs" 2>"$T/err"
is "all asked ones become pairs" 62 "$(jq -r .tg.pair "$T/pairs" | grep -c true)"
for kind in judge negatives; do
	tg-prompt $kind "$T/pairs" >"$T/$kind"
	is "all get a request: $kind" 62 "$(jq -r .tg.request.kind "$T/$kind" | grep -c $kind)"
done
is "no placeholder is left in any" '' "$(cat "$T"/all "$T"/all2 "$T"/judge "$T"/negatives |
	jq -r "$message // empty" | grep -oE '\{[a-z_0-9:]+\}' | head -n 3)"
is "--list, with itself as --tasks, is itself" "$(md5sum <"$T/list")" \
	"$(tg-prompt --list --tasks "$T/list" | md5sum)"
is "--list has 63" 63 "$(wc -l <"$T/list" | tr -d ' ')"
jq -c 'select(.name == "'$one'") | .title = "T"' "$T/list" >"$T/row"
is "a row replaces" '63 T' "$(TG_TASKS=$T/row tg-prompt --list |
	jq -s -r '"\(length) \(.[] | select(.name == "'$one'").title)"')"
jq 'del(.judge.yes)' "$T/row" >"$T/bad"
refuses "a row that lacks something" 'member "judge.yes" is missing' tg-prompt --list --tasks "$T/bad"

jq -c '{text: "x", similar: ["y"], tg: {task: .name}}' "$T/list" |
	tg-prompt generate -c null -T null >"$T/out" 2>"$T/err"
is "without a code language the prompts read well" '' "$(jq -r "$message // empty" \
	"$T/out" | grep -E '  |\{| ,| [.;]( |$)|^ ' | head -n 3)"

# The key.
key() {
	tg-prompt generate "$@" 2>"$T/err" | jq -r .tg.key
}
base=$(key -t $one <"$T/code")
is "key: 64 hex digits" 64 "$(printf %s "$base" | tr -d -c 0-9a-f | wc -c | tr -d ' ')"
is "key: the same for another text" "$base" "$(key -t $one <<<'{"text":"y"}')"
is "key: the same by the record or by option" "$base" \
	"$(key <<<"{\"text\":\"y\",\"tg\":{\"task\":\"$one\",\"code_language\":\"PYTHON\"}}")"
echo '{"input":"i","output":"o"}' >"$T/pool1"
for o in '-l zh' '-c java' '--seed 1' '-k 2' '--examples-per-run' "-e $T/pool1" \
	"--tasks $T/row"; do
	# shellcheck disable=SC2086
	check_fail "key: another with ${o%% /*}" [ "$base" = "$(key -t $one $o <"$T/code")" ]
done
check_fail "key: another with another similar" [ \
	"$(key -t code_modification_retrieval <<<'{"text":"x","similar":["a"]}')" = \
	"$(key -t code_modification_retrieval <<<'{"text":"x","similar":["b"]}')" ]
is "key: similar does not matter to others" "$base" \
	"$(key -t $one <<<'{"text":"x","similar":["a"]}')"

# Examples.
seq 20 | jq -c '{input: "IN\(.).", output: "OUT\(.)."}' >"$T/pool"
examples="[$message | match(\"OUT[0-9]+\";\"g\").string]"
has "three of them" '[3,3]' "$examples | [length, (unique | length)]" \
	tg-prompt generate -t $one -e "$T/pool" "$T/code"
has "-k 7" 7 "$examples | length" tg-prompt generate -t $one -e "$T/pool" -k 7 "$T/code"
has "-k 0" 0 "$examples | length" tg-prompt generate -t $one -e "$T/pool" -k 0 "$T/code"
has "-k over the pool" 20 "$examples | unique | length" \
	tg-prompt generate -t $one -e "$T/pool" -k 100 "$T/code"
has "none without a pool" 0 "$examples | length" tg-prompt generate -t $one -k 7 "$T/code"
has "in front of the document" true \
	"$message | (index(\"IN\") < index(\"def add\")) and contains(\"Example 3\")" \
	tg-prompt generate -t $one -e "$T/pool" "$T/code"
jq -s . "$T/pool" >"$T/pool.array"
is "an array is the same pool" "$(key -t $one -e "$T/pool" <"$T/code")" \
	"$(key -t $one -e "$T/pool.array" <"$T/code")"
has "not in the first of two steps" 0 "$examples | length" \
	tg-prompt generate -t $two -e "$T/pool" "$T/code"
has "in the second" 3 "$examples | length" tg-prompt generate -e "$T/pool" "$T/answered"
{
	echo '{"input":"i","output":"OUT1","task":"other"}'
	echo '{"input":"i","output":"OUT2","task":"'$one'"}'
	echo '{"input":"i","output":"OUT3"}'
} >"$T/pool.task"
has "an example may be for one task" '["OUT2","OUT3"]' "$examples | sort" \
	tg-prompt generate -t $one -e "$T/pool.task" "$T/code"
tg-prompt generate -t $one -e "$T/pool" "$T/many" >"$T/a"
check "a draw for each document" [ "$(jq -c "$examples" "$T/a" | sort -u | wc -l)" -gt 150 ]
check "each example gets its turn" [ "$(jq -c "$examples | .[]" "$T/a" | sort -u | wc -l)" -eq 20 ]
tg-prompt generate -t $one -e "$T/pool" --seed 7 "$T/many" >"$T/b"
check_fail "another seed, other examples" cmp -s "$T/a" "$T/b"
tg-prompt generate -t $one -e "$T/pool" --examples-per-run "$T/many" >"$T/b"
is "--examples-per-run: one draw" 1 "$(jq -c "$examples" "$T/b" | sort -u | wc -l | tr -d ' ')"
jq -r "$message" "$T/b" | awk '/Now the real one/ { n++ } n' >"$T/out"
is "so the prompts begin alike" 1 "$(jq -r "$message | .[:index(\"Now the\")]" "$T/b" |
	tr '\n' ' ' | sed 's/You prepare/\n&/g' | sed 1d | sort -u | wc -l | tr -d ' ')"
split -l 7 "$T/many" "$T/chunk."
for f in "$T"/chunk.*; do
	tg-prompt generate -t $one -e "$T/pool" "$f"
done >"$T/b"
check_same "the same in chunks" "$T/a" "$T/b"
if command -v parallel >/dev/null; then
	parallel --will-cite --pipe -N 50 -k tg-prompt generate -t $one -e "$T/pool" \
		<"$T/many" >"$T/b"
	check_same "the same in parallel" "$T/a" "$T/b"
else
	skip "the same in parallel" "no GNU parallel"
fi
tg-prompt generate -t $one -e "$T/pool" "$T/many" >"$T/b"
check_same "the same again" "$T/a" "$T/b"

# Retry. Only what the user gave stays.
failed='{"a":0.10,"text":"x","tg":{"task":"'$two'","code_language":"go","error":{"code":"c"},"out":["old"],"request":{"kind":"judge"},"response":{},"judge":{},"log":[],"key":"k","model":"m","parts":["a","b"]},"z":1}'
has "an error, without --retry" c .tg.error.code tg-prompt generate <<<"$failed"
tg-prompt generate --retry <<<"$failed" >"$T/out"
is "an error is new again" '["generate",1,"go",null,null,null,null]' \
	"$(jq -c '.tg | [.request.kind, .request.step, .code_language, .error, .out, .judge, .parts]' "$T/out")"
check "the user's members stay" grep -q '^{"a":0.10,"text":"x","tg":{.*},"z":1}$' "$T/out"
tg-prompt generate <<<"{\"a\":0.10,\"text\":\"x\",\"tg\":{\"task\":\"$two\",\"code_language\":\"go\"},\"z\":1}" >"$T/fresh"
is "as if for the first time" "$(jq -cS . "$T/fresh")" "$(jq -cS . "$T/out")"
ours='{"text":"x","prompt":"p","query":"q","pos":["p"],"neg":[],"tg":{"task":"'$one'","id":"0","pair":true,"rejected":{"code":"judge_2"},"judge":{"verdict":2}}}'
has "a reject of ours is new again" '["generate",null,null,null,null,null]' \
	'[.tg.request.kind, .prompt, .query, .pos, .neg, .tg.pair]' \
	tg-prompt generate --retry <<<"$ours"
theirs='{"query":"q","pos":["p"],"tg":{"task":"'$one'","pair":true,"language":"en","rejected":{"code":"judge_2"},"judge":{"verdict":2}}}'
has "a pair from elsewhere is a pair again" '["q",["p"],true,null,null,null]' \
	'[.query, .pos, .tg.pair, .tg.rejected, .tg.judge, .tg.request]' \
	tg-prompt generate --retry <<<"$theirs"
tg-prompt generate --retry <<<"$theirs" >"$T/out"
has "and can be judged again" judge .tg.request.kind tg-prompt judge "$T/out"
echo '{"tg":{"error":{"code":"bad_record"},"raw":"e29vcHM="}}' >"$T/raw"
tg-prompt generate --retry "$T/raw" >"$T/out"
check_same "what was no record stays an error" "$T/raw" "$T/out"
has "others are served as without" generate .tg.request.kind tg-prompt generate --retry -t $one "$T/code"
has "what is left of an earlier try goes" '["generate",1,null]' \
	'.tg | [.request.kind, .request.step, .out]' \
	tg-prompt generate <<<"{\"text\":\"x\",\"tg\":{\"task\":\"$two\",\"out\":[\"old\"]}}"

# Again.
tg-prompt generate -t $none "$T/many" >"$T/a"
tg-prompt generate --seed 5 "$T/a" >"$T/b"
check_same "a stamped record of a task without steps stays" "$T/a" "$T/b"
sed 's/"text":"x/"text":"yy/' "$T/a" | tg-prompt generate |
	jq -c '.tg.id' | sort -u | wc -l | tr -d ' ' >"$T/out"
is "but is stamped anew when its text has changed" 200 "$(cat "$T/out")"

done_testing
