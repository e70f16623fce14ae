#!/bin/bash
# The built-in examples, and the models that are shown them.
# shellcheck disable=SC2016,SC2119 # filters of jq have variables
export VALGRIND_ONE_IN=4
. tests/lib.sh
top=$PWD
cd "$T" || exit 3

# The pools are well made.
tg-prompt --list-examples >pool
tg-prompt --list >rows
wrong() { # NAME JQ: passes if the filter prints nothing, for each example $e with its $row
	is "$1" '' "$(jq -r --slurpfile rows rows '. as $e |
		first($rows[] | select(.name == $e.task)) as $row | '"$2" pool)"
}
wrong "every built-in example is for a task that shows examples" \
	'select($row.steps[-1].examples | not).task'
wrong "every built-in example has an input and an output" \
	'select([.input, .output][] | test("\\S") | not).task'
wrong "every built-in example has a code language that its task allows" \
	'select(.code_language == null or
	($row.code_languages | . != [] and (index($e.code_language) | not))).task'
wrong "a text is in English, and code is in any natural language" \
	'select((.language == "en") != ($row.steps[-1].output_kind == "text")).task'
wrong "a translation names its target" 'select((.task == "code_translation_retrieval") !=
	(.tgt_code_language != null)).task'
is "no answer wraps itself in a fence, in quotes or in backticks" '' \
	"$(jq -r 'select(.output | test("^(```|[\"`'\'']).*(```|[\"`'\''])$"; "s")).task' pool)"
is "every task with built-in examples has four or more" '' \
	"$(jq -r .task pool | uniq -c | awk '$1 < 4')"
check "twelve tasks or more have built-in examples" [ "$(jq -r .task pool | uniq | wc -l)" -ge 12 ]
is "a task that allows it has examples of three code languages or more" 'text2sql_retrieval 1' \
	"$(jq -sr 'group_by(.task)[] | [.[0].task, (map(.code_language) | unique | length)] |
		select(.[1] < 3) | join(" ")' pool)"
is "-t and -l choose among the examples" '6 9 0' "$(for o in '-t text2sql_retrieval' \
	'-t code_translation_retrieval -l zh' '-t web_code_retrieval -l zh'; do
	# shellcheck disable=SC2086
	tg-prompt --list-examples $o | wc -l
done | paste -sd ' ')"

# Each input as a document gets all examples but its own, so no two are near copies.
jq -c '{input, output}' pool >bare
all=$(wc -l <bare)
is "no built-in example is a near copy of another one" "$all $((all - 1))" \
	"$(jq -c '{text: .input}' pool | tg-prompt generate -t web_code_retrieval -e bare -k 100 |
		jq '.tg.request.messages[0].content | [match("\nExample [0-9]+\n"; "g")] | length' |
		uniq -c | tr -s ' ' | sed 's/^ //')"

# What is shown, and what the key says of it.
cat >code <<'END'
{"text":"func Double(n int) int {\n\treturn 2 * n\n}\n","tg":{"code_language":"go"}}
END
shown() { # OPTION...: prints the number of examples and the key
	tg-prompt generate "$@" code | jq -r '.tg | "\(.request.messages[0].content |
		[match("\nExample [0-9]+\n"; "g")] | length) \(.key)"'
}
web=web_code_retrieval plain=$(shown -t $web)
is "without -e no example is shown" 0 "${plain% *}"
is "-e none is like no -e" "$plain" "$(shown -t $web -e none)"
is "-e builtin shows three examples" 3 "$(shown -t $web -e builtin | cut -d ' ' -f 1)"
check_fail "-e builtin changes the key" [ "$plain" = "$(shown -t $web -e builtin)" ]
is "an example of the document's code language comes first" go "$(tg-prompt generate -t $web \
	-e builtin code | jq -r --slurpfile pool pool '.tg.request.messages[0].content as $asked |
	[$pool[] | (.input | rtrimstr("\n")) as $input | .at = ($asked | index($input)) | select(.at)] | min_by(.at).code_language')"
is "-e builtin changes nothing in another natural language" "$(shown -t $web -l fr)" \
	"$(shown -t $web -l fr -e builtin)"
is "-e builtin changes nothing for a task without examples" "$(shown -t code_history_retrieval)" \
	"$(shown -t code_history_retrieval -e builtin)"
is "code is asked for with examples of its own code language" 1 \
	"$(shown -t similar_code_retrieval -e builtin | cut -d ' ' -f 1)"
is "a translation is asked for with examples of its target" 1 \
	"$(shown -t code_translation_retrieval -T java -e builtin | cut -d ' ' -f 1)"
printf '{"input":"a","output":"b"}\n' >builtin
is "-e ./builtin is a file" 1 "$(shown -t $web -e ./builtin | cut -d ' ' -f 1)"

# Which models are small, by their names.
while read -r small name; do
	is "$name: small is $small" "$small" "$(
		# shellcheck source=pipelines/tg-small.bash
		. "$top/pipelines/tg-small.bash"
		if is_small "$name"; then echo yes; else echo no; fi
	)"
done <<'END'
yes qwen2.5-coder-1.5b-instruct
yes Llama-3.1-8B
yes phi-4-mini
yes gemma-3-4b-it
yes gemma-3n-e4b-it
yes smollm2-360m
yes llama3.2:1b
yes tinyllama:latest
yes 7B-A1B
yes granite-3.1-1b-a400m
yes Qwen/Qwen2.5-7B-Instruct-1M
yes /models/Qwen2.5-Coder-1.5B-Instruct-Q4_K_M.gguf
yes /models/7b/model.gguf
yes /models/70b-cache/llama-8b.gguf
no gpt-4o-mini
no phi-4
no phi3:14b
no qwen2.5-coder:latest
no qwen3-30b-a3b
no mixtral-8x7b
no llama-4-scout-17b-16e
no gemma-2-9b
no Qwen2.5-14B-Instruct-1M
no gpt-oss-20b
no some-8bit
no some-1m
no MODEL
END

# tg-run.
start_mock
export OPENAI_BASE_URL=$MOCK_URL
small=qwen2.5-coder-1.5b-instruct
asked() { # OPTION...: runs tg-run and prints how many of its prompts show examples
	: >"$MOCK_LOG"
	tg-run -t $web --no-judge "$@" <code >out 2>err
	grep -c 'nExample 1' "$MOCK_LOG"
}
is "a small model is shown examples" 1 "$(asked -m $small)"
is "tg-run says so, and how to have none, in one line" 1 \
	"$(grep -c "^tg-run: $small is a small model.*-e none" err)"
is "-e none shows a small model none" 0 "$(asked -m $small -e none)"
check_fail "-e none is followed in silence" grep -q 'small model' err
is "-k 0 shows a small model none" 0 "$(asked -m $small -k 0)"
is "another model is shown none" 0 "$(asked -m gpt-4o-mini)"
is "-e builtin shows them to any model" 1 "$(asked -m gpt-4o-mini -e builtin)"
is "TG_MODEL names a small model too" 1 "$(TG_MODEL=$small asked)"
asked -m $small -q >/dev/null
check "-q says nothing of it" [ ! -s err ]
asked -m $small -l fr >/dev/null
check_fail "nothing is said where no example fits" grep -q 'small model' err
asked -m gpt-4o-mini -C cache >/dev/null
is "the cache of a run without examples answers one with -e none" 0 \
	"$(asked -m gpt-4o-mini -C cache -e none >/dev/null; grep -c content "$MOCK_LOG")"
check "--dry-run names the examples" grep -q -- '-e builtin' <(tg-run -t $web -m $small --dry-run 2>err)
check "the mock server stops without a fault" stop_mock
done_testing
