#!/bin/bash
# tg-run --draws, --no-vary and --roles: several pairs of a document.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

jq -nc '{name: "v", category: "text2code", title: "T", instruction: "Find code.", instructions: ["Search code."],
	vary: {length: [range(99) | "\(.) keywords"], role: ["a student", "an expert"]},
	steps: [{inputs: ["text"], instruction: "You are {vary:role}.", output: "Write {vary:length}.", output_kind: "text"}],
	query: "{out1}", pos: "{text}", judge: {mission: "M", query_type: "Q", doc_type: "D", yes: "Y", no: "N"}}' >row
export TG_TASKS=$PWD/row
printf '%s\n' '{"text":"f1()"}' '{oops' '{"text":"f2()"}' '{"text":"f3()"}' >code.jsonl
start_mock -o owned_by=vllm
export OPENAI_BASE_URL=$MOCK_URL
run() { timeout $((60 * SLOW)) tg-run -t v -m m "$@"; }
calls() { mock_stats .requests; }
summed() { grep '^tg-run: .* document' err | sed 's/; .*//'; }

check_status "a run with a bad line exits with 1" 1 run --draws 3 -C cache --meta code.jsonl >out 2>err
is "the sum counts documents and draws" \
	'tg-run: 4 documents, 10 draws: 9 triplets, 0 rejected, 1 in error (1 bad_record), 0 duplicates' "$(summed)"
is "pairs of one document stay, as --dedupe pair has it" '0 1 2 0 1 2 0 1 2' "$(jq -r .meta.draw out | paste -sd ' ')"
is "each has another query" 9 "$(jq -r .query out | sort -u | wc -l)"
n=$(calls)
is "each draw is asked by itself, and judged" 18 "$n"
run --draws 3 -C cache --meta code.jsonl >again 2>err
check_same "the same command gives the same" out again
is "it asks nothing" "$n" "$(calls)"
run -C cache code.jsonl >first 2>err
check_same "a run without --draws takes the first draws from the cache" first <(jq -c 'select(.meta.draw == 0) | del(.meta)' out)
is "it asks nothing, too" "$n" "$(calls)"
run --draws 4 -C cache code.jsonl >four 2>err
is "another draw asks only for itself" "$((n + 6)) 12" "$(calls) $(wc -l <four)"
run --no-vary -C cache --meta code.jsonl >plain 2>err
is "--no-vary is another pair" '["Find code.",null,null]' "$(jq -sc 'map([.prompt, .meta.draw, .meta.vary])[0]' plain)"
echo 'a cook' >cooks
run --roles cooks --meta code.jsonl >roles 2>err
is "--roles goes to the prompts" 'a cook' "$(jq -r .meta.vary.role roles | sort -u)"
run --draws 2 --dedupe task code.jsonl >out 2>err
is "--dedupe of the user's stays" 3 "$(wc -l <out)"
is "--estimate counts the draws" '4 12' "$(run --draws 2 --estimate code.jsonl 2>err | jq -r '"\(.documents) \(.calls)"')"
is "it says so" 'tg-run: 4 documents, 7 draws: 6 generate, 6 judge' "$(summed | sed 's/requests .*(//; s/, [0-9]* of them.*//; s/).*//; s/12 //')"
run --draws 2 --preview 9 code.jsonl >out 2>err
is "--preview shows each draw" 6 "$(grep -c '^==== kept' out)"
check "it goes by the documents" grep -q '^tg-run: all 4 documents, going by all 4: about 6 triplets' err
check_status "--draws 0 is refused" 2 run --draws 0 code.jsonl
check "the mock server stops without a fault" stop_mock
is "no file is left behind" '' "$(ls tmp)"
done_testing
