#!/bin/bash
# tg-prompt: stamps, requests, examples, errors and retries.
export VALGRIND_ONE_IN=3
. tests/lib.sh

one=code_summary_retrieval two=bug_desc_retrieval none=code_context_retrieval

# has NAME EXPECTED JQ-FILTER COMMAND...: filters the record that COMMAND
# prints.
has() {
	local name=$1 want=$2 filter=$3
	shift 3
	is "$name" "$want" "$("$@" 2>"$T/err" | jq -rc "$filter")"
}

# ends NAME CODE TEXT-IN-MESSAGE COMMAND...: tests a record that ends in an
# error, which COMMAND names on stderr.
ends() {
	local name=$1 code=$2 what=$3 got
	shift 3
	"$@" >"$T/out" 2>"$T/err"
	got=$?
	is "$name: tg-prompt exits with 1" 1 $got
	is "$name: the record carries the error $code" "tg-prompt $code" \
		"$(jq -rc '.tg.error | .tool + " " + .code' "$T/out")"
	check "$name: the message says what is wrong" grep -qF -- "$what" "$T/err"
	check "$name: the message names file and line" grep -q '^tg-prompt: stdin:1: ' "$T/err"
}

# refuses NAME TEXT-IN-MESSAGE COMMAND...: tests wrong usage.
refuses() {
	local name=$1 what=$2
	shift 2
	check_status "$name is refused with status 2" 2 "$@" <"$T/code" >"$T/out" 2>"$T/err"
	check "$name: the message says what is wrong" grep -qF -- "$what" "$T/err"
	check "$name: no data goes out" [ ! -s "$T/out" ]
}

cat >"$T/code" <<'END'
{"text":"def add(a, b):\n    return a + b\n"}
END
message='.tg.request.messages[0].content'

# Stamps.
has "the id is the MD5 of the text" \
	"$(printf 'def add(a, b):\n    return a + b\n' | md5sum | cut -c 1-32)" \
	.tg.id tg-prompt generate -t $one "$T/code"
has "the id is never taken from the input" 2 '.tg.id | length / 16' \
	tg-prompt generate -t $one <<<'{"text":"x","tg":{"id":"../../etc/passwd"}}'
has "the id covers a text with a NUL" "$(printf 'a\0b' | md5sum | cut -c 1-32)" .tg.id \
	tg-prompt generate -t $one <<<'{"text":"a\u0000b"}'
has "defaults are stamped where record and options say nothing" '["code_summary_retrieval","text","en","python",null]' \
	'.tg | [.task, .field, .language, .code_language, .tgt_code_language]' \
	tg-prompt generate -t $one "$T/code"
has "the record's own task and languages win over options" '["web_code_retrieval","zh","rust"]' \
	'.tg | [.task, .language, .code_language]' \
	tg-prompt generate -t $one -l fr -c go \
	<<<'{"text":"x","tg":{"task":"web_code_retrieval","language":"zh","code_language":"rust"}}'
has "the languages of the options are stamped" '["fr","go"]' '.tg | [.language, .code_language]' \
	tg-prompt generate -t $one -l fr -c go "$T/code"
while IFS='|' read -r want record; do
	is "the language of $record is ${want:-unknown}" "$want" "$(tg-prompt generate -t $one \
		<<<"{\"text\":\"x\",$record}" 2>/dev/null | jq -r '.tg.code_language // ""')"
done <<'END'
javascript|"code_language":"JavaScript"
go|"code_language":"go","language":"Java","path":"a.rb"
java|"code_language":null,"language":"Java","path":"a.rb"
java|"code_language":"","language":"Java"
ruby|"language":"en","path":"lib/a.rb"
ruby|"language":"zh-Hans","file_path":"a.rb"
ruby|"language":"English (US)","filename":"x.rb"
python|"language":"fr"
python|"language":7,"path":null
python|"language":"pl","path":"a.py"
perl|"language":"pl"
rust|"repo_path":"C:\\src\\a.RS"
cplusplus|"path":"a.b/c.d.hpp"
python|"path":"a.zig/.profile"
python|"path":"Makefile"
|"code_language":"Brainfuck","path":"a.py"
|"code_language":["python"]
|"language":"Brainfuck"
|"path":"a.zig"
END
printf '%s\n' '{"text":"x"}' '{"text":"y","path":"a.zig"}' '{"text":"z","path":"a.java"}' '{"text":"w","code_language":"js"}' >"$T/in"
is "-c is for records that name no code language" 'go go java javascript' \
	"$(tg-prompt generate -t $one -c go "$T/in" 2>"$T/err" | jq -r .tg.code_language | paste -sd ' ')"
is "the languages that were read are counted and said once" 'tg-prompt: 2 Go, 1 Java, 1 JavaScript' "$(cat "$T/err")"
sed 2d "$T/in" | tg-prompt generate -t $one >/dev/null 2>"$T/err"
is "records that name no language are told apart" \
	'tg-prompt: 1 Python, 1 Java, 1 JavaScript; 1 names no code language, and -c says which' "$(cat "$T/err")"
tg-prompt generate -t $one -c go "$T/code" >/dev/null 2>"$T/err"
check "languages that -c gives are not counted" [ ! -s "$T/err" ]
sed 2d "$T/in" | tg-prompt generate -t $one --summary "$T/sum" >/dev/null
is "--summary takes the count of the languages" '[3,"1 Python, 1 Java, 1 JavaScript; 1 names no code language, and -c says which"]' \
	"$(jq -c '[.lines, .code_languages]' "$T/sum")"
check_status "a language that the task does not take is no error" 0 \
	tg-prompt generate -t text2sql_retrieval "$T/in" -c sql >"$T/out" 2>"$T/err"
is "a language that the task does not take is rejected" '["sql","sql","not_applicable","not_applicable"]' \
	"$(jq -sc 'map(.tg.code_language // .tg.rejected.code)' "$T/out")"
check "the count of what was rejected is said" grep -q '; 2 rejected as not_applicable$' "$T/err"
is "what was not applicable keeps its answers when tried again" 'null null' \
	"$(tg-prompt generate --retry -t text2sql_retrieval "$T/out" 2>/dev/null | jq -r '.tg.again' | tail -n 2 | paste -sd ' ')"
refuses "a kind of a natural language" 'did you mean en?' tg-prompt generate -l en-US
echo '{"name":"Zig","extensions":[".zig"]} {"name":"Brainfuck","aliases":["bf"]} {"key":"python","name":"Python","extensions":["pyx"]} {"name":"Dutch","key":"nl","natural":true}' >"$T/more"
printf '%s\n' '{"text":"y","path":"a.zig"}' '{"text":"z","language":"BF"}' '{"text":"z","path":"a.pyx"}' >"$T/in"
is "--languages FILE adds languages, aliases and endings" 'zig brainfuck python' \
	"$(tg-prompt generate -t $one -l dutch --languages "$T/more" "$T/in" 2>/dev/null | jq -r .tg.code_language | paste -sd ' ')"
is "TG_LANGUAGES names that file" 'Zig' "$(TG_LANGUAGES=$T/more tg-prompt --languages | jq -r 'select(.key == "zig").name')"
is "--languages prints the built-in ones" 20 "$(tg-prompt --languages | wc -l)"
echo '{"key":"python","name":"Snake"}' >"$T/more"
refuses "a language file that renames a language" 'another name' tg-prompt generate --languages "$T/more"
echo '{"nam":"Snake"}' >"$T/more"
refuses "a language without a name" 'language 1 has no "name"' tg-prompt generate --languages "$T/more"
ends "a record without the member of --code-language-field" no_code_language 'member "lang" is missing' \
	tg-prompt generate -t $one --code-language-field lang <<<'{"text":"x"}'
has "--code-language-field names the member with the code language" java .tg.code_language \
	tg-prompt generate -t $one --code-language-field language \
	<<<'{"text":"x","language":"Java"}'
has "tg.code_language wins over the field of --code-language-field" rust .tg.code_language \
	tg-prompt generate -t $one --code-language-field language \
	<<<'{"text":"x","language":"Java","tg":{"code_language":"Rust"}}'
printf '%s\n' '{"text":"x"}' '{"text":"y","language":null}' >"$T/in"
is "-c serves records that lack that field or have null there" 'go ' "$(tg-prompt generate -t $one -c go \
	--code-language-field language "$T/in" | jq -r .tg.code_language |
	paste -sd ' ')"
while read -r word key; do
	has "the alias $word means $key" "$key" .tg.code_language \
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
has "-c takes an alias" cplusplus .tg.code_language \
	tg-prompt generate -t $one -c c++ "$T/code"
has "-l takes the name of a language" zh_tw .tg.language \
	tg-prompt generate -t $one -l 'traditional chinese' "$T/code"
for word in null NULL ''; do
	has "-c '$word' means no code language" '""' '.tg.code_language | tojson' \
		tg-prompt generate -t $one -c "$word" "$T/code"
done
has "code_language \"null\" in a record means no code language" '""' '.tg.code_language | tojson' \
	tg-prompt generate -t $one -c go <<<'{"text":"x","tg":{"code_language":"null"}}'
has "code_language null in a record counts as not given" go .tg.code_language \
	tg-prompt generate -t $one -c go <<<'{"text":"x","tg":{"code_language":null}}'
has "a task with one code language brings it along" sql .tg.code_language \
	tg-prompt generate -t text2sql_retrieval "$T/code"
has "the default is Python where the task allows it" python .tg.code_language \
	tg-prompt generate -t test_to_code_retrieval "$T/code"
has "--text-field names the member with the text" 'body x' '.tg.field + " " + .body' \
	tg-prompt generate -t $one --text-field body <<<'{"body":"x","text":"y"}'
has "the text in --text-field goes into the prompt" true "$message | contains(\"CODE-X\")" \
	tg-prompt generate -t $one --text-field body <<<'{"body":"CODE-X"}'
has "tg.field wins over the default text field" true "$message | contains(\"CODE-X\")" \
	tg-prompt generate -t $one <<<'{"body":"CODE-X","tg":{"field":"body"}}'

# Target languages.
tr=code_translation_retrieval
has "-T sets the target language" rust .tg.tgt_code_language tg-prompt generate -t $tr -T RUST "$T/code"
has "the record's own target wins over -T" perl .tg.tgt_code_language \
	tg-prompt generate -t $tr -T ruby <<<'{"text":"x","tg":{"tgt_code_language":"Perl"}}'
has "the prompt names the target language" true "$message | contains(\"Rust\")" \
	tg-prompt generate -t $tr -T rust "$T/code"
has "a task that does not translate gets no target" null .tg.tgt_code_language \
	tg-prompt generate -t $one -T rust "$T/code"
seq 200 | jq -c '{text: "x = \(.)"}' >"$T/many"
tg-prompt generate -t $tr "$T/many" >"$T/a"
is "targets are drawn from all partners of the code language" 'cplusplus perl ruby' \
	"$(jq -r .tg.tgt_code_language "$T/a" | sort -u | paste -sd ' ')"
tg-prompt generate -t $tr --seed 1 "$T/many" >"$T/b"
check_fail "another seed draws other targets" cmp -s "$T/a" "$T/b"
tac "$T/many" | tg-prompt generate -t $tr | tac >"$T/b"
check_same "the order of the input does not change the targets" "$T/a" "$T/b"
ends "a code language without partner" no_target 'see -T' \
	tg-prompt generate -t $tr -c sql <<<'{"text":"x"}'
ends "a translation from no code language" no_target 'other than none' \
	tg-prompt generate -t $tr -c null <<<'{"text":"x"}'
ends "a target that equals the code language" no_target 'other than go' \
	tg-prompt generate -t $tr -T go <<<'{"text":"x","tg":{"code_language":"go"}}'
ends "a translation without any code language" no_target 'see -T' \
	tg-prompt generate -t $tr -T null <<<'{"text":"x"}'
ends "an unknown target" no_target 'see -T' tg-prompt generate -t $tr \
	<<<'{"text":"x","tg":{"tgt_code_language":"klingon"}}'

# Records that end in errors.
ends "a record without a task" no_task 'names no task' tg-prompt generate <<<'{"text":"x"}'
yes '{"text":"x"}' | head -n 25 | tg-prompt generate >"$T/out" 2>"$T/err" - <(echo nonsense)
is "records without a task are told once, and counted; other errors are told" \
	"25 $(printf 'tg-prompt: %s\n' 'stdin:1: the record names no task; -t TASK names one for all, and tg-prompt --list prints them' \
		'FILE:1: not a record, not a value' '25 records name no task')" \
	"$(grep -c '"code":"no_task"' "$T/out") $(sed 's,/dev/fd/[0-9]*,FILE,' "$T/err")"
ends "an unknown task" unknown_task 'task "nope" is not' \
	tg-prompt generate <<<'{"text":"x","tg":{"task":"nope"}}'
ends "a record without text" no_text 'member "text" is missing' \
	tg-prompt generate -t $one <<<'{"source":"x"}'
ends "a text that is a list" no_text 'member "text" is missing or not' \
	tg-prompt generate -t $one <<<'{"text":["x"]}'
ends "a blank text" no_text 'member "text" is empty' \
	tg-prompt generate -t $one <<<'{"text":" \n\t"}'
ends "a record without the member of --text-field" no_text 'member "body"' \
	tg-prompt generate -t $one --text-field body <<<'{"text":"x"}'
ends "a record without the member of tg.field" no_text 'member "prose"' \
	tg-prompt generate -t $one <<<'{"text":"x","tg":{"field":"prose"}}'
ends "a comparing task without similar" no_similar 'compares two codes' \
	tg-prompt generate -t code_modification_retrieval <<<'{"text":"x"}'
ends "a comparing task with an empty similar" no_similar 'compares two codes' \
	tg-prompt generate -t code_modification_retrieval <<<'{"text":"x","similar":[]}'
ends "a comparing task with similar as a text" no_similar 'compares two codes' \
	tg-prompt generate -t code_modification_retrieval <<<'{"text":"x","similar":"y"}'
ends "a task with a slip" unknown_task '(did you mean web_code_retrieval?)' \
	tg-prompt generate <<<'{"text":"x","tg":{"task":"web-code-retrieval"}}'
ends "an unknown language" unknown_language 'language "tlh"' \
	tg-prompt generate -t $one <<<'{"text":"x","tg":{"language":"tlh"}}'
ends "an unknown code language" unknown_code_language 'language "klingon"' \
	tg-prompt generate -t $one <<<'{"text":"x","tg":{"code_language":"klingon"}}'
ends "an unknown code language in its field" unknown_code_language 'language "klingon"' \
	tg-prompt generate -t $one --code-language-field l <<<'{"text":"x","l":"klingon"}'
has "the reject of another language names task and language" 'tg-prompt: task text2sql_retrieval takes no Java' \
	'.tg.rejected | .tool + ": " + .message' \
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
	ends "an answer to step $step" bad_step 'count from 1' tg-prompt generate \
		<<<"{\"text\":\"x\",\"tg\":{\"task\":\"$two\",${answer/1/$step}}}"
done
ends "an answer whose document has lost its text" missing_value 'text"' tg-prompt generate \
	<<<"{\"tg\":{\"task\":\"code_refactoring_pattern_retrieval\",$answer}}"

# Files that are no JSON Lines are named once, with a cure, and nothing is lost.
jq . "$T/code" >"$T/pretty.json"
gzip -c "$T/pretty.json" >"$T/in.gz"
for file in pretty.json in.gz; do
	check_status "$file ends in errors" 1 tg-prompt generate -t $one "$T/$file" >"$T/out" 2>"$T/err"
	is "$file is named once" 1 "$(wc -l <"$T/err")"
	is "each line of $file becomes a record" "$(tr '\n' '\n' <"$T/$file" | grep -ac .)" "$(wc -l <"$T/out")"
done
check "the cure is a command" grep -q "this is a gzip file; zcat $T/in.gz | tg-prompt ... reads it" "$T/err"
check_status "a folder as a file is refused" 3 tg-prompt generate -t $one "$T" 2>"$T/err"
check "a folder as a file names tg-folder" grep -q 'tg-folder makes records' "$T/err"

# Wrong usage.
refuses "a command line without a subcommand" 'generate, judge, negatives, verify or mirror' tg-prompt
refuses "an unknown subcommand" 'generate, judge, negatives, verify or mirror' tg-prompt invent
refuses "-t with an unknown task" 'no task "nope"' tg-prompt generate -t nope
refuses "-t with a slip" '(did you mean code_summary_retrieval?)' tg-prompt generate -t codeSummaryRetreival
refuses "-t with a file" "-t: \"$T/code\" is a file" tg-prompt generate -t "$T/code"
refuses "a file and a task mixed up" "write -t $one $T/code" tg-prompt generate -t "$T/code" $one
refuses "a task among the files" "write -t $one" tg-prompt generate $one
refuses "-e without its file" '"-t" looks like an option, not a file' tg-prompt generate -e -t $one
refuses "a subcommand with a slip" '(did you mean generate?)' tg-prompt genrate
refuses "-c with a slip" '(did you mean python?)' tg-prompt generate -c Pyhton
refuses "-l with an unknown language" 'language "tlh"' tg-prompt generate -l tlh
refuses "-c with an unknown code language" 'code language "klingon"' tg-prompt generate -c klingon
refuses "-T with an unknown code language" 'code language "klingon"' tg-prompt generate -T klingon
refuses "-c with a code language that the task does not take" 'takes no Python' tg-prompt generate -t text2sql_retrieval -c python
refuses "-T that equals -c" 'code language itself' tg-prompt generate -t $tr -c go -T golang
refuses "a negative -k" '-k' tg-prompt generate -k -1
refuses "a -k over the limit" '0..100' tg-prompt generate -k 101
refuses "a -k that is no number" '"3x"' tg-prompt generate -k 3x
refuses "a --seed that is no decimal number" '--seed' tg-prompt generate --seed 0x10
refuses "--tasks with a missing file" "$T/nope" tg-prompt generate --tasks "$T/nope"
refuses "-e with a missing file" "$T/nope" tg-prompt generate -e "$T/nope"
refuses "--tasks with a directory" "$T: Is a directory" tg-prompt generate --tasks "$T"
refuses "-e with a directory" "$T: Is a directory" tg-prompt generate -e "$T"
echo '{"input":"x"}' >"$T/bad"
refuses "an example without output" 'example 1' tg-prompt generate -e "$T/bad"
echo '{"input":' >"$T/bad"
refuses "an example that is not JSON" 'bad:2: ' tg-prompt generate -e "$T/bad"
: >"$T/bad"
refuses "an empty pool of examples" 'bad:1: ' tg-prompt generate -e "$T/bad"

# The prompts.
tg-prompt generate -t $two <"$T/code" >"$T/out"
is "step 1 is asked with one user message" '["generate",1,["user"],{}]' \
	"$(jq -c '.tg.request | [.kind, .step, [.messages[].role], .params]' "$T/out")"
check "the document comes last in the prompt, before the word that asks for the output" jq -e "$message |
	endswith(\"Input:\\n\`\`\`\\ndef add(a, b):\\n    return a + b\\n\`\`\`\\n\\nOutput:\")" "$T/out"
jq -c '.tg.response = {kind: "generate", step: 1, model: "m",
	choices: [{text: "```python\nBROKEN\n```"}]} | del(.tg.request)' \
	"$T/out" >"$T/answered"
has "step 2 is asked with the cleaned answer to step 1" \
	'["generate",2,["BROKEN"],"m",null,true]' \
	".tg | [.request.kind, .request.step, .out, .model, .response,
	(.request.messages[0].content | contains(\"\`\`\`\\nBROKEN\\n\`\`\`\"))]" \
	tg-prompt generate "$T/answered"
# shellcheck disable=SC2016 # the backticks are meant literally
has "a task with two inputs shows both of them" '["First input:\n```\nCODE-A\n```","Second input:\n```\nCODE-B\n```"]' \
	"[$message | match(\"(First|Second) input:\\n\`\`\`\\n.*\\n\`\`\`\"; \"g\").string]" \
	tg-prompt generate -t code_modification_retrieval <<<'{"text":"CODE-A","similar":["CODE-B","CODE-C"]}'
has "the fence is longer than any run of backticks in the text" true \
	"$message | endswith(\"\`\`\`\`\`\\na\`\`\`\`b\\n\`\`\`\`\`\\n\\nOutput:\")" \
	tg-prompt generate -t $one <<<'{"text":"a````b"}'
has "values in a prompt are not expanded again" true "$message | contains(\"{language} {text}\")" \
	tg-prompt generate -t $one <<<'{"text":"{language} {text}"}'
has "the prompt names the language to write in" true "$message | contains(\"Write in Swahili\")" \
	tg-prompt generate -t $one -l sw "$T/code"
tg-prompt judge -t $one <<<'{"query":"QQ","pos":["PP","P2"]}' >"$T/out"
is "judge asks for one of three short verdicts" '["judge",1,{"max_tokens":8,"temperature":0,"choice":["0","1","2"]}]' \
	"$(jq -c '.tg.request | [.kind, .step, .params]' "$T/out")"
check "judge shows the query and the first positive" jq -e "$message |
	contains(\"Query:\\n\`\`\`\\nQQ\\n\`\`\`\\n\\nDocument:\\n\`\`\`\\nPP\\n\`\`\`\\n\")" "$T/out"
is "judge stamps a pair from elsewhere" '["code_summary_retrieval","en","python",true,null]' \
	"$(jq -c '[.tg.task, .tg.language, .tg.code_language, .tg.pair, .tg.id]' "$T/out")"
check "judge gives a pair from elsewhere its prompt" jq -e '.prompt | length > 10' "$T/out"
has "judge keeps a prompt that the pair brings" mine .prompt \
	tg-prompt judge -t $one <<<'{"query":"q","pos":["p"],"prompt":"mine"}'
for m in task language code_language tgt_code_language field; do
	is "a number as tg.$m ends in bad_member" bad_member \
		"$(tg-prompt generate -t $one <<<"{\"text\":\"x\",\"tg\":{\"$m\":5}}" 2>/dev/null | jq -r .tg.error.code)"
done
is "a pair with a number as its task ends in bad_member" bad_member \
	"$(tg-prompt judge -t $one <<<'{"query":"q","pos":["p"],"tg":{"task":5,"pair":true}}' 2>/dev/null | jq -r .tg.error.code)"
is "a language field that is a number ends in an error" unknown_code_language \
	"$(tg-prompt generate -t $one --code-language-field l <<<'{"text":"x","l":5}' 2>/dev/null | jq -r .tg.error.code)"
has "judge takes one text as the positive" judge .tg.request.kind \
	tg-prompt judge -t $one <<<'{"query":"q","pos":"p"}'
has "judge leaves an empty query to the LLM" judge .tg.request.kind \
	tg-prompt judge -t $one <<<'{"query":"","pos":["p"]}'
has "negatives asks without parameters of its own" '["negatives",1,{}]' '.tg.request | [.kind, .step, .params]' \
	tg-prompt negatives -t $one <<<'{"query":"q","pos":["p"]}'
for task in code_contest_retrieval=code code_summary_retrieval=null code_optimization_hybrid_retrieval=code \
	code_comparison_retrieval=null code_modification_retrieval=code; do
	has "negatives of ${task%=*} says whether documents are code" "${task#*=}" '.tg.request.output_kind' \
		tg-prompt negatives -t "${task%=*}" <<<'{"query":"q","pos":["p"]}'
done
has "negatives without -n names no number" '[null,null]' '.tg.request | [.n, .first]' \
	tg-prompt negatives -t $one <<<'{"query":"q","pos":["p"]}'
for neg in null '[]' '"x"' '["x","y"]' '["x","y","z"]'; do
	want=$(jq -c 'if type == "string" then 1 else length end | if . < 3 then [3 - ., .] else null end' <<<"$neg")
	has "negatives -n 3 asks for what neg $neg lacks" "$want" '.tg.request | if . then [.n, .first] else null end' \
		tg-prompt negatives -n 3 -t $one <<<"{\"query\":\"q\",\"pos\":[\"p\"],\"neg\":$neg}"
done
for n in 0 1001 -1 x ''; do
	refuses "-n '$n'" '1..1000' tg-prompt negatives -n "$n"
done

# The option --replay takes what the document cache has answered as new.
stamped=$(tg-prompt generate -t $one <<<'{"text":"x","own":1.0}')
jq -c 'del(.tg.request) | .query = "x" | .pos = ["p"] | .neg = ["n"] | .prompt = "P" |
	.tg += {pair: true, judge: {verdict: 1}, model: "m", cached: true}' <<<"$stamped" >"$T/hit"
tg-prompt generate --replay -t $one "$T/hit" >"$T/replayed"
is "--replay asks again for a pair from the cache, and marks it" "$(jq -c '[.tg.key, .tg.request, true, null, null]' <<<"$stamped")" \
	"$(jq -c '[.tg.key, .tg.request, .tg.replay, .tg.judge, .query]' "$T/replayed")"
jq -c '.tg.rejected = {"code": "judge_2"}' "$T/hit" | tg-prompt generate --replay -t $one >"$T/a"
is "--replay asks again for a reject from the cache" 'generate null' "$(jq -r '.tg | "\(.request.kind) \(.rejected)"' "$T/a")"
tg-prompt generate -t $one "$T/hit" >"$T/a"
check_same "without --replay a pair from the cache stays as it is" "$T/hit" "$T/a"
for edit in 'del(.tg.cached)' '.tg.log = []' '.tg.error = {"code": "x"}' '.tg.request = {"kind": "negatives"}'; do
	jq -c "$edit" "$T/hit" >"$T/b"
	tg-prompt generate --replay -t $one "$T/b" >"$T/a"
	check_same "--replay leaves a record as it is after: $edit" "$T/b" "$T/a"
done

# All steps of all tasks leave no placeholder in a prompt and make a query.
tg-prompt --list >"$T/list"
check_status "--list exits with 3 if the disk is full" 3 tg-prompt --list >/dev/full 2>"$T/err"
check "--list says that the disk is full" grep -q '^tg-prompt: stdout: No space' "$T/err"
stepped=$(jq -s 'map(select(.steps != [])) | length' "$T/list")
jq -c '{text: "TEXT", similar: ["SIMILAR"], tg: {task: .name}}' "$T/list" |
	tg-prompt generate >"$T/all"
is "every task row with a step makes a request" "$stepped" "$(jq -r '.tg.request.step' "$T/all" | grep -c 1)"
jq -c 'select(.tg.request) | .tg.response = {kind: "generate", step: 1,
	choices: [{text: "OUT1"}]} | del(.tg.request)' "$T/all" |
	tg-prompt generate >"$T/all2"
jq -c 'if .tg.request then .tg.response = {kind: "generate", step: 2,
	choices: [{text: "OUT2"}]} | del(.tg.request) else . end' "$T/all2" |
	tg-arrange >"$T/pairs" 2>"$T/err"
is "every asked record becomes a pair" "$stepped" "$(jq -r .tg.pair "$T/pairs" | grep -c true)"
for kind in judge negatives; do
	tg-prompt $kind "$T/pairs" >"$T/$kind"
	is "every pair gets a request for $kind" "$stepped" "$(jq -r .tg.request.kind "$T/$kind" | grep -c $kind)"
done
is "no prompt has a placeholder left" '' "$(cat "$T"/all "$T"/all2 "$T"/judge "$T"/negatives |
	jq -r "$message // empty" | grep -oE '\{[a-z_0-9:]+\}' | head -n 3)"
is "--list prints the same rows when it reads them as --tasks" "$(md5sum <"$T/list")" \
	"$(tg-prompt --list --tasks "$T/list" | md5sum)"
is "--list says which tasks are published" '47 text2code code2text code2code hybrid' \
	"$(jq -r 'select(.published).category' "$T/list" | uniq -c | awk '{ n += $1; s = s " " $2 } END { print n s }')"
is "--list prints the rows of lib/task/rows" "$(jq -r '.[].name' lib/task/rows/*.json)" "$(jq -r .name "$T/list")"
jq -c 'select(.name == "'$one'") | .title = "T"' "$T/list" >"$T/row"
is "a row of TG_TASKS replaces the row of its name" "$(wc -l <"$T/list") T" "$(TG_TASKS=$T/row tg-prompt --list |
	jq -s -r '"\(length) \(.[] | select(.name == "'$one'").title)"')"
jq 'del(.judge.yes)' "$T/row" >"$T/bad"
refuses "a task row that lacks a member" 'member "judge.yes" is missing' tg-prompt --list --tasks "$T/bad"

jq -c '{text: "x", similar: ["y"], tg: {task: .name}}' "$T/list" |
	tg-prompt generate -c null -T null >"$T/out" 2>"$T/err"
is "prompts read well without a code language" '' "$(jq -r "$message // empty" \
	"$T/out" | grep -E '  |\{| ,| [.;]( |$)|^ ' | head -n 3)"

# The key of the cache.
key() {
	tg-prompt generate --no-vary "$@" 2>"$T/err" | jq -r .tg.key
}
base=$(key -t $one <"$T/code")
is "the key has 64 hex digits" 64 "$(printf %s "$base" | tr -d -c 0-9a-f | wc -c | tr -d ' ')"
is "the key is the same for another text" "$base" "$(key -t $one <<<'{"text":"y"}')"
is "the key is the same whether record or option sets a value" "$base" \
	"$(key <<<"{\"text\":\"y\",\"tg\":{\"task\":\"$one\",\"code_language\":\"PYTHON\"}}")"
echo '{"input":"i","output":"o"}' >"$T/pool1"
for o in '-l zh' '-c java' '--seed 1' '-k 2' '--examples-per-run' "-e $T/pool1" \
	"--tasks $T/row"; do
	# shellcheck disable=SC2086
	check_fail "the key differs with ${o%% /*}" [ "$base" = "$(key -t $one $o <"$T/code")" ]
done
check_fail "the key differs with another similar" [ \
	"$(key -t code_modification_retrieval <<<'{"text":"x","similar":["a"]}')" = \
	"$(key -t code_modification_retrieval <<<'{"text":"x","similar":["b"]}')" ]
is "similar does not change the key of a task that ignores it" "$base" \
	"$(key -t $one <<<'{"text":"x","similar":["a"]}')"

# Examples.
seq 20 | jq -c '{input: "IN\(.).", output: "OUT\(.)."}' >"$T/pool"
examples="[$message | match(\"OUT[0-9]+\";\"g\").string]"
has "three different examples are shown by default" '[3,3]' "$examples | [length, (unique | length)]" \
	tg-prompt generate -t $one -e "$T/pool" "$T/code"
has "-k 7 shows seven examples" 7 "$examples | length" tg-prompt generate -t $one -e "$T/pool" -k 7 "$T/code"
has "-k 0 shows no examples" 0 "$examples | length" tg-prompt generate -t $one -e "$T/pool" -k 0 "$T/code"
has "-k over the size of the pool shows the whole pool" 20 "$examples | unique | length" \
	tg-prompt generate -t $one -e "$T/pool" -k 100 "$T/code"
has "without a pool no example is shown" 0 "$examples | length" tg-prompt generate -t $one -k 7 "$T/code"
has "examples stand in front of the document" true \
	"$message | (index(\"IN\") < index(\"def add\")) and contains(\"Example 3\")" \
	tg-prompt generate -t $one -e "$T/pool" "$T/code"
jq -s . "$T/pool" >"$T/pool.array"
is "a pool that is a JSON array counts as the same pool" "$(key -t $one -e "$T/pool" <"$T/code")" \
	"$(key -t $one -e "$T/pool.array" <"$T/code")"
has "the first of two steps shows no examples" 0 "$examples | length" \
	tg-prompt generate -t $two -e "$T/pool" "$T/code"
has "the second of two steps shows examples" 3 "$examples | length" tg-prompt generate -e "$T/pool" "$T/answered"
{
	echo '{"input":"i","output":"OUT1","task":"other"}'
	echo '{"input":"i","output":"OUT2","task":"'$one'"}'
	echo '{"input":"i","output":"OUT3"}'
} >"$T/pool.task"
has "an example with a task is shown for that task only" '["OUT2","OUT3"]' "$examples | sort" \
	tg-prompt generate -t $one -e "$T/pool.task" "$T/code"
tg-prompt generate -t $one -e "$T/pool" "$T/many" >"$T/a"
check "each document draws examples of its own" [ "$(jq -c "$examples" "$T/a" | sort -u | wc -l)" -gt 150 ]
check "every example of the pool is drawn for some document" [ "$(jq -c "$examples | .[]" "$T/a" | sort -u | wc -l)" -eq 20 ]
tg-prompt generate -t $one -e "$T/pool" --seed 7 "$T/many" >"$T/b"
check_fail "another seed draws other examples" cmp -s "$T/a" "$T/b"
tg-prompt generate -t $one -e "$T/pool" --examples-per-run --no-vary "$T/many" >"$T/b"
is "--examples-per-run draws once for all documents" 1 "$(jq -c "$examples" "$T/b" | sort -u | wc -l | tr -d ' ')"
jq -r "$message" "$T/b" | awk '/Now the real one/ { n++ } n' >"$T/out"
is "with --examples-per-run all prompts begin alike" 1 "$(jq -r "$message | .[:index(\"Now the\")]" "$T/b" |
	tr '\n' ' ' | sed 's/Task: /\n&/g' | sed 1d | sort -u | wc -l | tr -d ' ')"
split -l 7 "$T/many" "$T/chunk."
for f in "$T"/chunk.*; do
	tg-prompt generate -t $one -e "$T/pool" "$f"
done >"$T/b"
check_same "chunks of the input give the same output" "$T/a" "$T/b"
if command -v parallel >/dev/null; then
	parallel --will-cite --pipe -N 50 -k tg-prompt generate -t $one -e "$T/pool" \
		<"$T/many" >"$T/b"
	check_same "parallel processes give the same output" "$T/a" "$T/b"
else
	skip "parallel processes give the same output" "no GNU parallel"
fi
tg-prompt generate -t $one -e "$T/pool" "$T/many" >"$T/b"
check_same "a second run gives the same output" "$T/a" "$T/b"

# Retries: only what the user gave stays.
failed='{"a":0.10,"text":"x","tg":{"task":"'$two'","code_language":"go","error":{"code":"c"},"out":["old"],"request":{"kind":"judge"},"response":{},"judge":{},"log":[],"key":"k","model":"m","parts":["a","b"]},"z":1}'
has "without --retry an error stays" c .tg.error.code tg-prompt generate <<<"$failed"
tg-prompt generate --retry <<<"$failed" >"$T/out"
is "--retry makes an error a new record" '["generate",1,"go",null,null,null,null]' \
	"$(jq -c '.tg | [.request.kind, .request.step, .code_language, .error, .out, .judge, .parts]' "$T/out")"
check "--retry keeps the user's members" grep -q '^{"a":0.10,"text":"x","tg":{.*},"z":1}$' "$T/out"
tg-prompt generate <<<"{\"a\":0.10,\"text\":\"x\",\"tg\":{\"task\":\"$two\",\"code_language\":\"go\"},\"z\":1}" >"$T/fresh"
is "--retry gives the same record as a first try" "$(jq -cS . "$T/fresh")" "$(jq -cS . "$T/out")"
ours='{"text":"x","prompt":"p","query":"q","pos":["p"],"neg":[],"tg":{"task":"'$one'","id":"0","pair":true,"rejected":{"code":"judge_2"},"judge":{"verdict":2}}}'
has "--retry makes a reject from a document new again" '["generate",null,null,null,null,null]' \
	'[.tg.request.kind, .prompt, .query, .pos, .neg, .tg.pair]' \
	tg-prompt generate --retry <<<"$ours"
theirs='{"query":"q","pos":["p"],"tg":{"task":"'$one'","pair":true,"language":"en","rejected":{"code":"judge_2"},"judge":{"verdict":2}}}'
has "--retry keeps a rejected pair from elsewhere as a pair" '["q",["p"],true,null,null,null]' \
	'[.query, .pos, .tg.pair, .tg.rejected, .tg.judge, .tg.request]' \
	tg-prompt generate --retry <<<"$theirs"
tg-prompt generate --retry <<<"$theirs" >"$T/out"
has "a pair of --retry can be judged again" judge .tg.request.kind tg-prompt judge "$T/out"
echo '{"tg":{"error":{"code":"bad_record"},"raw":"e29vcHM="}}' >"$T/raw"
tg-prompt generate --retry "$T/raw" >"$T/out"
check_same "--retry leaves a line that was no record in error" "$T/raw" "$T/out"
has "--retry serves new records as usual" generate .tg.request.kind tg-prompt generate --retry -t $one "$T/code"
has "generate drops what an earlier try has left" '["generate",1,null]' \
	'.tg | [.request.kind, .request.step, .out]' \
	tg-prompt generate <<<"{\"text\":\"x\",\"tg\":{\"task\":\"$two\",\"out\":[\"old\"]}}"

# The names that data sets have for the code.
for name in content code whole_func_string; do
	doc="{\"$name\":\"x = 1\",\"path\":\"a.py\",\"size\":1.50}"
	has "code in the member $name is read" "[\"$name\",\"generate\"]" '.tg | [.field, .request.kind]' \
		tg-prompt generate -t $one <<<"$doc"
	printf '%s\n' "$doc" "$doc" | tg-prompt generate -t $one 2>"$T/err" >"$T/out"
	is "a message says once that text is read from $name" 1 "$(grep -c "^tg-prompt: text is read from \"$name\"" "$T/err")"
	check "the record keeps its member $name" grep -qF "${doc%\}}," "$T/out"
done
has "text comes before content" '["text","t"]' '[.tg.field, .text]' \
	tg-prompt generate -t $one <<<'{"content":"c","text":"t"}'
has "content is read where text is no text" content .tg.field \
	tg-prompt generate -t $one <<<'{"text":null,"content":"c"}'
has "--text-field comes before the usual names" other .tg.field \
	tg-prompt generate -t $one --text-field other <<<'{"content":"c","text":"t","other":"o"}'

# A natural language where a task writes code alone.
code=similar_code_retrieval
refuses "-l zh with a task that writes code alone" 'writes code alone, in which Simplified Chinese makes no difference' tg-prompt generate -t $code -l zh
check "-l en goes with a task that writes code alone" tg-prompt generate -t $code -l en "$T/code"
check "-l zh goes with a task that writes text" tg-prompt generate -t $one -l zh "$T/code"
for _ in 1 2; do echo '{"text":"x","tg":{"language":"fr","task":"'$code'"}}'; done | tg-prompt generate >"$T/out" 2>"$T/err"
is "a record that names a language for code is served, and that is said once" '2 1' \
	"$(grep -c '"request"' "$T/out") $(grep -c "^tg-prompt: task $code writes code alone, in which French makes no difference" "$T/err")"

# Second passes.
tg-prompt generate -t $none "$T/many" >"$T/a"
tg-prompt generate --seed 5 "$T/a" >"$T/b"
check_same "a stamped record of a task without steps stays unchanged" "$T/a" "$T/b"
sed 's/"text":"x/"text":"yy/' "$T/a" | tg-prompt generate |
	jq -c '.tg.id' | sort -u | wc -l | tr -d ' ' >"$T/out"
is "a record whose text has changed is stamped anew" 200 "$(cat "$T/out")"

# Secrets; those of the tests are made here, so that no scanner takes them for real.
token=gh
token+=p_16C7e42F292c6912E7710c838347Ae178B4a
cat >"$T/in" <<END
{"z":1.50,"text":"password = \"hunter2\"\nx = 1\n","similar":["a","f('$token')"],"é":"\/"}
{"query":"q","pos":["password: 'hunter2'"],"neg":["n","pwd = \"s3cr3t-7\""],"n":0.10}
{"text":"password = \"\${PASSWORD}\""}
END
tg-prompt generate -t $one --secrets redact --summary "$T/sum" "$T/in" >"$T/out" 2>"$T/err"
is "--secrets redact replaces the secrets of text and similar" \
	'["password = \"<redacted:password>\"\nx = 1\n",["a","f(\u0027<redacted:github-token>\u0027)"]]' \
	"$(jq -c 'select(.z) | [.text, .similar]' "$T/out" | sed "s/'/\\\\u0027/g")"
is "--secrets redact replaces the secrets of a pair" '["password: <p>","n","pwd = <p>"]' \
	"$(jq -c 'select(.query) | [.pos[], .neg[]]' "$T/out" | sed -E "s/('|\\\\\")<redacted:password>('|\\\\\")/<p>/g")"
check "a record with secrets keeps the bytes of its other members" \
	grep -qF '"é":"\/"' "$T/out"
check "a pair with secrets keeps its numbers" grep -q '"n":0.10}' "$T/out"
is "a text without secrets keeps its bytes" 1 "$(grep -cF "$(tail -n 1 "$T/in" | sed 's,}$,,')" "$T/out")"
is "the id is that of the redacted text" \
	"$(printf 'password = "<redacted:password>"\nx = 1\n' | md5sum | cut -d ' ' -f 1)" \
	"$(jq -r 'select(.z) | .tg.id' "$T/out")"
is "--summary counts the secrets by kind" '{"github-token":1,"password":3}' "$(jq -c .secrets_redacted "$T/sum")"
is "what is redacted has no more secrets" '' \
	"$(jq -c 'del(.tg)' "$T/out" | tg-prompt generate -t $one --secrets redact 2>&1 >/dev/null | grep redacted)"
no_secret() { ! grep -E "hunter2|s3cr3t|$token" "$T/out" "$T/err" "$T/sum"; }
check "no output holds a secret" no_secret
tg-prompt generate -t $one --secrets drop "$T/in" >"$T/out" 2>"$T/err"
is "--secrets drop rejects records with secrets" '["secrets","secrets",null]' "$(jq -sc 'map(.tg.rejected.code)' "$T/out")"
is "--secrets drop changes no member" "$(head -n 1 "$T/in" | tr -d '}')" \
	"$(sed -E 's/,"tg":.*//; q' "$T/out")"
is "--secrets drop says what was found" 'tg-prompt: 4 secrets found: 3 password, 1 github-token; 2 records rejected' \
	"$(grep secrets "$T/err")"
is "without --secrets nothing is replaced" 0 "$(tg-prompt generate -t $one "$T/in" 2>/dev/null | grep -c redacted)"

done_testing
