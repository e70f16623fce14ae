#!/bin/bash
# tg-prompt: prompts that vary, draws of a document, and roles from a file.
export VALGRIND_ONE_IN=3
. tests/lib.sh
cd "$T" || exit 3

# A row that varies, and the same row as it is without.
cat >row.jq <<'END'
{name: "v", category: "text2code", title: "T", instruction: "Find {code_language} code.",
	instructions: [["Which {code_language} code does it in {language}?", 3], "Third."],
	vary: {length: ["two bare keywords", ["one {language} sentence", 3]], role: ["a student", "an expert"]},
	steps: [{inputs: ["text"], instruction: "You are {vary:role}.", output: "Write {vary:length}.", output_kind: "text"}],
	query: "{out1}", pos: "{text}",
	judge: {mission: "M", query_type: "Q", doc_type: "D", yes: "Y", no: "N"}}
END
jq -nc "$(cat row.jq)" >row
jq -c 'del(.vary, .instructions) | .steps[0] |= (.instruction = "You are a student." |
	.output = "Write two bare keywords.")' row >plain-row
export TG_TASKS=$PWD/row
seq 400 | sed 's/.*/{"text":"f&()","z":1.50}/' >docs
head -n 3 docs >three

tg-prompt generate -t v docs >asked 2>err
jq -c '.tg | [.vary.length, .vary.role, .vary.instruction, .draw, (.request.messages[0].content |
	test("You are a student.") == test("Write two"))]' asked >drawn
is "each document has a text drawn on each axis, with the languages' names, and no draw" \
	'["one English sentence","two bare keywords"],["a student","an expert"],["Find Python code.","Third.","Which Python code does it in English?"],[null]' \
	"$(jq -scr '[transpose[:4][] | unique] | tojson[1:-1]' drawn)"
is "weights are the shares of the draws" 1 "$(awk -F '"' '{ one += $2 ~ /^one/; third += $6 == "Third." }
	END { print (one > 270 && one < 330 && third > 50 && third < 110) }' drawn)"
is "axes are drawn apart from each other" 1 "$(awk -F '"' '{ n += ($2 ~ /^one/) == ($4 == "an expert") } END { print (n > 160 && n < 240) }' drawn)"
is "the prompt says what was drawn" 400 "$(jq -r '.tg | .vary as $v | .request.messages[0].content | select(contains(
	"You are \($v.role).") and contains("Write \($v.length).")) | "yes"' asked | grep -c yes)"
tac docs | tg-prompt generate -t v 2>err | tac >back
check_same "the order of documents makes no difference" asked back
check_fail "another seed draws others" cmp -s <(jq -c .tg.vary asked) <(tg-prompt generate -t v --seed 1 docs 2>err | jq -c .tg.vary)
is "a draw is made of seed, id, number and axis" "$(printf '0\0%s\0vary:1:role' "$(printf 'f7()' | md5sum | cut -d ' ' -f 1)" |
	sha256sum | awk '{ print substr($1, 1, 1) < "8" ? "a student" : "an expert" }')" \
	"$(sed -n 7p docs | tg-prompt generate -t v --draws 2 2>err | sed -n 2p | jq -r .tg.vary.role)"
is "documents of one drawn text have one key, and others another" 12 "$(jq -r '.tg.key' asked | sort -u | wc -l)"

# The record goes on with what was drawn.
answer='.tg.response = {kind: "generate", step: 1, choices: [{text: ("q" + (input_line_number | tostring))}]} | del(.tg.request)'
jq -c "$answer" asked >answered
tg-arrange answered | tee pairs | tg-emit --meta >triplets
is "the prompt of a triplet is the instruction drawn, and meta has what was drawn" 400 \
	"$(jq -c 'select(.prompt == .meta.vary.instruction and (.meta.vary | keys) == ["instruction","length","role"])' triplets | wc -l)"
tg-prompt judge <pairs >judged
is "the judge's prompt does not depend on what was drawn" 1 \
	"$(jq -r '.tg.request.messages[0].content | split("\nQuery:")[0]' judged | sort -u | grep -c 'You check training pairs')"

# --no-vary.
tg-prompt generate -t v --no-vary three 2>err >plain
TG_TASKS=plain-row tg-prompt generate -t v three 2>err >plain-asked
is "--no-vary takes the first phrasings" "$(jq -c .tg.request plain-asked)" "$(jq -c .tg.request plain)"
check_fail "--no-vary leaves no tg.vary" grep -q '"vary"' plain
jq -c "$answer" plain | tg-arrange | tg-emit >plain-triplets
jq -c "$answer" plain-asked | TG_TASKS=plain-row tg-arrange | tg-emit >expected
check_same "--no-vary gives the pairs of a row that does not vary" expected plain-triplets
tg-prompt generate -t v --no-vary <(jq -c '{text, tg: {vary: {role: "x", length: "y"}}}' three) 2>err >out
check_same "--no-vary forgets what a record has drawn" <(jq -c .tg.request plain) <(jq -c .tg.request out)

# --draws.
tg-prompt generate -t v --draws 3 --summary sum three 2>err >draws
is "--draws makes as many records of a document, in order" '0 1 2 0 1 2 0 1 2' "$(jq -r .tg.draw draws | paste -sd ' ')"
is "the numbers of lines and records are counted" '{"lines":3,"records":9' "$(cut -d , -f 1,2 sum)"
check_same "the first draw is what a run without --draws makes" <(head -n 3 asked | jq -c 'del(.tg.draw)') \
	<(jq -c 'select(.tg.draw == 0) | del(.tg.draw)' draws)
is "each draw has a key of its own" 9 "$(jq -r '"\(.text)\(.tg.key)"' draws | sort -u | wc -l)"
is "a further draw takes the answer of no other draw from a cache" 'null 1 2' "$(jq -r .tg.request.first draws | head -n 3 | paste -sd ' ')"
is "the user's members are in each record" 9 "$(grep -c '"z":1.50' draws)"
sed 's/,"request":.*/,"rejected":{"code":"not_applicable"}}}/' draws | tg-prompt generate -t v --draws 3 --retry 2>err >again
check_same "a draw that is tried again stays alone, and draws the same" draws again
printf '%s\n' '{"text":""}' '{oops' '{"query":"q","pos":["p"]}' | tg-prompt generate -t v --draws 2 2>err >out
is "a document in error is drawn too, a pair and a line that is no record are not" '0 no_text,1 no_text,null bad_record,null null' \
	"$(jq -r '"\(.tg.draw) \(.tg.error.code)"' out | paste -sd ,)"
for n in 0 -1 1001 x; do
	check_status "--draws $n is refused" 2 tg-prompt generate -t v --draws "$n" three
done
check_status "a draw that is no number is an error" 1 tg-prompt generate -t v < <(echo '{"text":"x","tg":{"draw":"1"}}') >out
is "its code is bad_member" bad_member "$(jq -r .tg.error.code out)"
tg-prompt generate -t code_context_retrieval --draws 3 <(seq 100 | paste -sd , | tr , '\n' | jq -Rsc '{text: .}') 2>err |
	tg-split-context | jq -r '.tg.parts[0]' | tail -c 4 >out
is "each draw cuts a document elsewhere" 3 "$(tg-prompt generate -t code_context_retrieval --draws 3 <(seq 100 | jq -Rsc '{text: .}') 2>err |
	tg-split-context | jq -c '.tg.parts[0]' | sort -u | wc -l)"

# --roles.
printf '\357\273\277a cook\r\n\n  a "baker" of {bread}\n' >roles
tg-prompt generate -t v --roles roles docs 2>err >out
is "--roles takes the place of the row's roles" '["a \"baker\" of {bread}","a cook"]' "$(jq -sc 'map(.tg.vary.role) | unique' out)"
is "the other axes are drawn as without it" "$(jq -c '.tg.vary.length' asked | md5sum)" "$(jq -c '.tg.vary.length' out | md5sum)"
refused() { # NAME TEXT WORD...
	check_status "$1 is refused" 2 "${@:3}" </dev/null 2>err
	is "$1: one line says why" "1 1" "$(wc -l <err) $(grep -c -- "$2" err)"
}
refused "a file of no roles" 'holds no role' tg-prompt generate --roles /dev/null
refused "a missing file of roles" 'No such file' tg-prompt generate --roles none
refused "a file of roles that is not UTF-8" 'not UTF-8' tg-prompt generate --roles <(printf 'a\377\n')
refused "a task without roles" 'name no role' tg-prompt generate -t v --roles roles --tasks plain-row
refused "--roles with --no-vary" 'not with --no-vary' tg-prompt generate --roles roles --no-vary

# tg-emit --dedupe pair.
pair() { printf '{"prompt":"%s","query":"%s","pos":["%s"],"tg":{"pair":true,"task":"%s"}}\n' "$@"; }
{ pair a q p t && pair b q p2 t && pair c q2 p t && pair d ' q' 'p ' t && pair e q p u; } | tg-emit --dedupe pair |
	jq -r .prompt | paste -sd ' ' >out
is "--dedupe pair drops what has query and positive of another pair of the task" "a b c e" "$(cat out)"
{ pair a q p t && pair a q p2 t; } | tg-emit --meta --dedupe none >old
{ pair a q p2 t && pair a q2 p t; } | tg-emit --dedupe pair --against old | jq -r .query >out
is "--dedupe pair --against compares both sides" q2 "$(cat out)"

done_testing
