#!/bin/bash
# Mirrors: tg-prompt mirror, tg-negs, and what other programs make of a mirrored pair.
export VALGRIND_ONE_IN=3
. tests/lib.sh
cd "$T" || exit 3

step='{inputs: ["text"], instruction: "I", output: "O", output_kind: "text"}'
jq -nc "def row: {category: \"c\", title: \"T\", instruction: \"I\", steps: [$step], query: \"{out1}\", pos: \"{text}\",
	judge: {mission: \"M\", query_type: \"Q\", doc_type: \"D\", yes: \"it answers\", no: \"N\"}};
	row + {name: \"text\"},
	row + {name: \"free\", neg: [\"{out1}\"], steps: [$step + {output_kind: \"code\"}]},
	row + {name: \"code\", query: \"{text}\", pos: \"{out1}\"}" >rows
export TG_TASKS=$PWD/rows
# pair TASK N ID: a pair of the task with N negatives.
pair() {
	jq -nc --arg task "$1" --argjson n "$2" --arg id "$3" '{text: "x = 0\n", n: 0.10, prompt: "I", query: "old \($id)\n", pos: ["right\n"],
		neg: [range($n) | "wrong \(.)\n"], tg: {task: $task, pair: true, language: "en", code_language: "python",
		id: $id, out: ["made"], judge: {verdict: 1}}}' | sed 's/"n":0.10*,/"n":0.10,/'
}
ask() { tg-prompt mirror "$@"; }

# The request.
pair text 3 a >in
ask --summary counts <in >out
is "a pair passes, marked, and two mirrors follow" '[2,null,null] [null,1,"mirror"] [null,2,"mirror"]' \
	"$(jq -c '[.tg.mirrored, .tg.mirror.n, .tg.request.kind]' out | xargs -d '\n')"
is "the counts tell the mirrors" '{"lines":1,"records":3,"mirrors":2}' "$(cat counts)"
is "but for the mark the pair is as it was" "$(cat in)" "$(head -n 1 out | sed 's/,"mirrored":2//')"
tail -n 2 out >asked
is "in a mirror a negative is the positive, and the positive is the first negative" true \
	"$(jq -s --slurpfile p in '$p[0] as $p | (map(.pos[0]) | .[0] != .[1]) and all(.[]; . as $m |
		($p.neg | index($m.pos[0])) and $m.neg == $p.pos + ($p.neg - $m.pos))' asked)"
is "a mirror has its query still, and notes it" '["old a\n","old a\n",null,null]' \
	"$(head -n 1 asked | jq -c '[.query, .tg.mirror.query, .tg.judge, .tg.out]')"
is "users' fields stay as the same bytes" 3 "$(grep -c '"n":0.10' out)"
is "the prompt shows the query and what is right, the others, and last what shall be right" \
	"$(head -n 1 asked | jq -r '"Query:\n```\nold a\n```\n\nOld document:\n```\nright\n```\n" +
		(.neg[1:] | map("\nOther document:\n```\n\(.)```\n") | add) + "\nNew document:\n```\n\(.pos[0])```\n\nNew query:"')" \
	"$(head -n 1 asked | jq -r '.tg.request.messages[0].content | "Query:" + (split("\nQuery:")[1])')"
is "it says when a document is right, and in which language to write" '2 2' \
	"$(grep -c 'right when it answers' asked) $(grep -c 'Write in English' asked)"
is "a query that is code names no language" '2 0' "$(pair code 2 a | ask | grep -c '"kind":"mirror"') $(pair code 2 a | ask | grep -c 'Write in English')"
is "-n says how many, and there are no more than negatives" '1 3 0' \
	"$(for n in 1 9; do ask -n $n <in | grep -c '"mirror":{'; done | paste -sd ' ') $(pair text 0 a | ask | grep -c mirror)"
for n in 0 x; do check_status "-n $n is refused" 2 ask -n "$n" in 2>err; done
ask <out >again
check_same "neither a pair nor its mirrors are mirrored again" out again
for i in $(seq 60); do pair text 3 "$i"; done >many
is "each negative comes first now and then" 3 "$(ask -n 1 many | jq -c 'select(.tg.request).pos' | sort | uniq -c | awk '$1 > 9' | wc -l)"
check_same "the order of the records makes no difference" <(ask many | sort) <(tac many | ask | sort)
check_fail "another seed draws others" cmp -s <(ask many) <(ask --seed 1 many)
is "what a row names as negative for nothing becomes no positive" '["wrong 0\n"] ["wrong 1\n"]' \
	"$(pair free 2 a | jq -c '.neg += ["made\n", "x = 0\n"]' | ask -n 9 | jq -c 'select(.tg.request).pos' | sort | xargs -d '\n')"
is "of several positives all are wrong in a mirror" '["right","right 2"]' \
	"$(pair text 1 a | jq -c '.pos = ["right", "right 2"]' | ask | tail -n 1 | jq -c .neg)"
is "lists with an element for each document are left out, and no other members" '["n","neg","neg_why","pos","pos_other","prompt","query","text","tg"]' \
	"$(pair text 2 a | jq -c '.neg_scores = [1, 2] | .pos_ids = [3] | .neg_why = "x" | .pos_other = [1, 2]' | ask | tail -n 1 | jq -c keys)"
is "blank negatives, repeats and positives become none" '["wrong 0\n"]' \
	"$(pair text 1 a | jq -c '.neg += ["", " \n", "wrong 0\r\n", "right"]' | ask -n 9 | jq -c 'select(.tg.request).pos')"
is "nor what stands in the query, which a cache does not know as an output" '["wrong 0\n"]' \
	"$(pair text 2 a | jq -c '.query = "fix this:\nwrong 1\n"' | ask -n 9 | jq -c 'select(.tg.request).pos')"
is "a pair with mined negatives, or with a judge that is unsure, has none" 0 "$({ pair text 2 a | jq -c '.tg.mined = {by: "bm25"}'
	pair text 2 a | jq -c '.tg.judge_first = {verdict: 1} | del(.tg.judge)'; } | ask | grep -c mirror)"
is "languages are counted once" '1 Python' "$(echo '{"query":"q","pos":"p","neg":["n","m"],"path":"a.py"}' | ask -t text --summary counts >out2; jq -r '.code_languages' counts)"
is "neg may be one text" '["n"] ["p"]' "$(echo '{"query":"q","pos":"p","neg":"n"}' | ask -t text | jq -c 'select(.tg.request) | .pos, .neg' | xargs -d '\n')"
is "what is no list of texts is an error, and has no mirror" bad_pair,bad_pair,bad_pair \
	"$({ for m in '.neg[0] = 5' '.neg = {}' '.pos += [7]'; do pair text 2 a | jq -c "$m"; done; } | ask 2>err | jq -r .tg.error.code | paste -sd ,)"
jq -c '. + {name: "unjudged", judged: false}' rows | head -n 1 >unjudged
is "a task that is not judged has none" 0 "$(pair unjudged 2 a | ask --tasks unjudged | grep -c mirror)"
is "at most fifteen other documents are shown" 15 "$(pair text 40 a | ask -n 1 | tail -n 1 | jq -r '.tg.request.messages[0].content' | grep -c '^Other document')"
is "a pair from elsewhere is mirrored with -t" 1 "$(echo '{"query":"q","pos":"p","neg":["n"]}' | ask -t text | grep -c '"mirror":{')"
check_status "a pair of no known task is an error" 1 ask <(echo '{"query":"q","pos":"p","neg":["n"]}') >out2 2>err

# The answer.
# answered TEXT [TASK]: a mirror that is answered.
answered() {
	pair "${2:-text}" 3 a | ask -n 1 | tail -n 1 | jq -c --arg text "$1" '.tg.response = {kind: "mirror", step: 1, model: "m",
		choices: [{text: $text, finish_reason: "stop"}]} | del(.tg.request)'
}
answered '```
new one
```' | tg-negs >out
is "the answer becomes the query, ended as that ends" '["new one\n",3,"m",null]' \
	"$(jq -c '[.query, (.neg | length), .tg.model, .tg.response]' out)"
is "the mirror notes the query of its pair" '{"n":1,"negatives":3,"query":"old a\n"}' "$(jq -c .tg.mirror out)"
is "it is a pair" '[true,"judge"]' "$(tg-prompt judge out | jq -c '[.tg.pair, .tg.request.kind]')"
is "NONE ends it, with marks and with a reason, too" '7 not_applicable' \
	"$(for a in NONE ' NONE. ' $'```\nNONE\n```' '**NONE**' $'NONE\r\n\r\nNobody asks so.' 'NONE - nobody' 'NONE (no)'; do answered "$a"; done |
		tg-negs --min-negs 9 | jq -r .tg.rejected.code | uniq -c | awk '{ print $1, $2 }')"
is "a query of lines in CRLF stays one" '"a\r\nb\r\n"' "$(answered $'a\nb' | jq -c '.query = "o\r\np\r\n"' | tg-negs | jq -c .query)"
is "a query may begin with the word" '["NONE = 0\n","NONEXISTENT\n"]' "$({ answered 'NONE = 0'; answered NONEXISTENT; } | tg-negs | jq -sc 'map(.query)')"
is "the label that ends the prompt is cut off" '"new one\n"' "$(answered $'New query:\nnew one' | tg-negs | jq -c .query)"
is "the old query ends it, and so does no text, and the positive" 'unchanged empty_answer query_is_positive' \
	"$({ answered ' old a'; answered ' '; answered "$(answered x | jq -r '.pos[0]')"; } | tg-negs 2>err | jq -r '(.tg.rejected // .tg.error).code' | xargs)"
is "a query that is code is unchanged, too, if only names, comments or layout differ" unchanged \
	"$(pair code 2 a | jq -c '.query = "def f(a): return a + 1\n"' | ask -n 1 | tail -n 1 | jq -c '.tg.response = {kind: "mirror", step: 1,
		choices: [{text: "def f(b): return b + 1  # b"}]} | del(.tg.request)' | tg-negs | jq -r .tg.rejected.code)"
is "the negatives stay as the same bytes" '["a\r\nb","c\n"]' "$(pair text 1 a | jq -c '.pos = ["a\r\nb"] | .neg = ["one line", "c\n"]' | ask -n 1 --seed 0 | jq -c 'select(.tg.mirror) |
	.pos = ["one line"] | .neg = ["a\r\nb", "c\n"] | .tg.response = {kind: "mirror", step: 1, choices: [{text: "new"}]} | del(.tg.request)' | tg-negs | jq -c .neg)"
is "a negative that is the new query is dropped" 2 "$(answered right code | tg-negs | jq '.neg | length')"
is "--min-negs counts what is left" few_negatives "$(answered right code | tg-negs --min-negs 3 | jq -r .tg.rejected.code)"
jq -c '.tg.response = {kind: "mirror", step: 1, choices: 3}' out | tg-negs >bad 2>err
is "a response without an answer is an error" no_answer "$(jq -r .tg.error.code bad)"

# What others make of it.
is "no more negatives are asked for" 0 "$(tg-prompt negatives -n 9 out | grep -c '"request"')"
jq -c '.tg += {id: "e358efa489f58062f10dd7316b65649e", key: "k"}' out | tg-cache put -d cache >passed
is "tg-cache stores none, since it has the name of its pair" '1 0' "$(wc -l <passed) $(find cache -name '*.json' | wc -l)"
is "--meta tells of it" '{"n":1,"negatives":3,"query":"old a\n"}' "$(tg-emit --meta out 2>err | jq -c .meta.mirror)"
# diffs: pairs whose query is a diff of another document, as they are and as a mirror.
diffs() {
	jq -nc '{text: "a\nb\nc\n", query: "--- a/f.py\n+++ b/f.py\n@@ -1,3 +1,3 @@\n x\n-y\n+z\n w\n", pos: ["The new value is never read."],
		neg: ["n"], tg: {task: "review_comment_retrieval", pair: true, language: "en", code_language: "python"}} | ., (.tg.mirror = {n: 1})'
}
is "tg-gate does not look for a mirror's diff in the document of its pair" 'diff null' "$(diffs | TG_TASKS="" tg-gate | jq -r .tg.rejected.code | xargs)"

# An ended mirror is tried again as a mirror, and no program takes it for a document.
# again: what tg-prompt mirror makes of ended records that are tried again.
again() { tg-prompt generate --retry | tee turned | tg-prompt mirror; }
# given: mirrors whose edited sides are a refusal: a query that was the user's, and a positive.
given() {
	jq -nc '{text: "def f(a):\n    return a\n", query: "I am sorry, but I cannot help with that request.", pos: ["Returns its argument as it is."], neg: ["n"],
		tg: {task: "code_summary_retrieval", pair: true, language: "en", code_language: "python"}} | ., (.tg.mirror = {n: 1, query: "q"}),
		(.tg.task = "web_code_retrieval" | .query = "return the argument of a function" | .pos = ["I am sorry, but I cannot help with that request."] | ., (.tg.mirror = {n: 1, query: "q"}))'
}
is "tg-gate examines both sides of a mirror" 'null refusal null refusal' "$(given | TG_TASKS="" tg-gate | jq -r .tg.rejected.code | xargs)"
answered "$(answered x | jq -r '.pos[0]')" | tg-negs 2>err | again >asked
is "a mirror whose answer was at fault is asked about again, and no cache answers" \
	'["mirror",1,"old a\n",["right\n"]]' "$(jq -c '[.tg.request.kind, .tg.request.again, .query, .neg[:1]]' asked)"
is "it is asked the same" "$(pair text 3 a | ask -n 1 | tail -n 1 | jq -c '.tg.request.messages, .pos, .neg')" "$(jq -c '.tg.request.messages, .pos, .neg' asked)"
for tool in 'tg-prompt generate -t text' 'tg-prompt judge' 'tg-prompt negatives -n 9' 'tg-cache get -d cache' tg-split-context tg-arrange tg-gate tg-judge tg-negs; do
	$tool turned >out2
	check_same "without its query it passes $tool" turned out2
done
is "tg-emit says which program it is for" 'a mirror without a query, for tg-prompt mirror' "$(tg-emit turned 2>&1 | sed -n 's/.*the record is //p')"
is "one whose judge was at fault has its verdict asked anew, and no query" '{"judge":1}' "$(answered y | tg-negs |
	jq -c '.tg.error = {tool: "tg-judge", code: "judge_unreadable", message: "m"}' | again | jq -c .tg.again)"
answered right code | tg-negs --min-negs 3 >few
check_same "one that lost negatives stays as it ended" few <(tg-prompt generate --retry few)
is "secrets of a turned mirror are taken out" '["password = \"<redacted:password>\"",1]' "$(jq -c '.tg.mirror.query = "password = \"hunter22\"" | .neg[1] = "pwd = \"hunter22\"" ' turned |
	tg-prompt generate --secrets redact 2>err | jq -c '[.tg.mirror.query, (.neg | tostring | [scan("redacted")] | length)]')"
is "or it is rejected" secrets "$(jq -c '.tg.mirror.query = "password = \"hunter22\""' turned | tg-prompt generate --secrets drop 2>err | jq -r .tg.rejected.code)"
is "one that failed otherwise keeps its answer" null "$(answered x | jq -c 'del(.tg.response) | .tg.error = {tool: "tg-llm", code: "bad_request", message: "m"}' |
	again | jq -c .tg.request.again)"
is "one that was judged is judged anew" '[1,{"judge":1,"mirror":1}]' "$(answered y | tg-negs | jq -c '.tg.judge = {verdict: 2} | .tg.rejected = {tool: "tg-judge", code: "judge_2", message: "m"}' |
	again | jq -c '[.tg.request.again, .tg.again]')"
is "a pair that is tried again is mirrored anew" null "$(pair text 1 a | ask | head -n 1 |
	jq -c '.tg.error = {tool: "t", code: "c", message: "m"}' | tg-prompt generate --retry | jq -c .tg.mirrored)"
done_testing
