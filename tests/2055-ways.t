#!/bin/bash
# Negatives of a task's own kind: ways to go wrong, free ones, marks and endings.
export VALGRIND_ONE_IN=3
. tests/lib.sh
cd "$T" || exit 3

step='{inputs: ["text"], instruction: "I", output: "O", output_kind: "text"}'
jq -nc "def row: {category: \"c\", title: \"T\", instruction: \"I\", steps: [$step], query: \"{out1}\", pos: \"{text}\",
	judge: {mission: \"M\", query_type: \"Q\", doc_type: \"D\", yes: \"Y\", no: \"N\"}};
	row + {name: \"ways\", names_breach: true, negatives: [\"Go A in {language}\", [\"Go B\", 1], \"Go C\", \"Go D\"]},
	row + {name: \"bounded\", negatives: [[\"Go A\", 1], \"Go B\", [\"Go C\", 1], \"Go D\", [\"Go E\", 1]]},
	row + {name: \"one\", negatives: [\"Go A\"]},
	row + {name: \"none\"},
	row + {name: \"text\", query: \"{text}\", pos: \"{out1}\", negatives: [\"Go A\"]},
	row + {name: \"free\", query: \"{out2}\", pos: \"{text}\", neg: [\"{out1}\", \"x = {out2}\"],
		steps: [$step + {output_kind: \"code\"}, $step + {inputs: [\"out1\"]}]}" >rows
export TG_TASKS=$PWD/rows
# pairs TASK: three hundred pairs of a task.
pairs() {
	jq -nc --arg task "$1" 'range(300) | {query: "q\(.)", pos: ["def f(a):\n    return g(a, 1)\n"],
		tg: {task: $task, pair: true, language: "zh", code_language: "python", id: "\(.)"}}'
}
pairs ways >in
# shares: the letter and number of each way asked for, a line a record.
shares() {
	jq -r '.tg.request | [(.ways // [.])[] | (.messages[0].content | capture("\nGo (?<w>.)").w) + "\(.n)"] | join(" ")'
}
for n in 1 2 3 4 6 7 10 12 100; do tg-prompt negatives -n $n in | shares >"n$n"; done
is "up to three negatives are asked for in one way, by one request, which takes as many" '1 ABCD,2 ACD,3 ACD' "$(for n in 1 2 3; do
	echo "$(tr -d 'ABCD' <n$n | sort -u) $(tr -d '0-9' <n$n | sort -u | tr -d '\n')"; done | paste -sd ,)"
is "four and six are asked for in two ways" '2 2' "$(awk '{ print NF }' n4 | sort -u) $(awk '{ print NF }' n6 | sort -u)"
is "seven are asked for in three ways" 3 "$(awk '{ print NF }' n7 | sort -u)"
is "no way is asked twice, and as many are asked for as are wanted" '' "$(for n in 4 6 7 10 12 100; do
	awk -v n=$n '{ split("", seen); sum = 0; for (i = 1; i <= NF; i++) { sum += substr($i, 2); if (seen[substr($i, 1, 1)]++) print } if (sum != n) print }' n$n; done)"
is "a way with a bound gets no more" '1 1 1' "$(for n in 7 12 100; do grep -o 'B[0-9]*' n$n | sort -u | tr -d 'B\n'; echo; done | paste -sd ' ')"
is "seven are three, two and two, or less of the bounded way" '1,3,3 2,2,3' "$(tr -d 'ABCD' <n7 | awk '{ split($0, v); if (v[1] < v[2]) exit 1; print }' |
	tr ' ' '\n' | paste -d ' ' - - - | awk '{ n = split($0, v); for (i = 1; i < n; i++) for (j = i + 1; j <= n; j++) if (v[j] < v[i]) { x = v[i]; v[i] = v[j]; v[j] = x }
	print v[1] "," v[2] "," v[3] }' | sort -u | paste -sd ' ')"
is "of bounded ways one is drawn while there are others" 3,3,1 "$(pairs bounded | tg-prompt negatives -n 7 | shares |
	awk '{ gsub(/[A-E]/, ""); print }' | tr ' ' '\n' | paste -d ' ' - - - | awk '{ split($0, v); print v[1] + v[2] + v[3], 0 + (v[1] == 1) + (v[2] == 1) + (v[3] == 1) }' | sort -u | awk '{ print "3,3," $2 }')"
is "each way is drawn" '1 1 1 1' "$(for w in A B C D; do echo "$(($(grep -c $w n7) > 150))"; done | paste -sd ' ')"
tac in | tg-prompt negatives -n 7 | tac | shares >again
check_same "the draw depends on the id alone" n7 again
check_fail "another seed draws others" cmp -s n7 <(tg-prompt negatives -n 7 --seed 1 in | shares)
is "a row of one way is asked in one way" 'A9' "$(pairs one | head -n 1 | tg-prompt negatives -n 9 | shares)"
head -n 1 in | tg-prompt negatives -n 7 >asked
is "the ways differ at their end alone" 1 \
	"$(jq -c '.tg.request.ways[].messages[0].content | split("\nGo ")[0]' asked | sort -u | wc -l)"
is "a way names the language" 1 "$(pairs ways | tg-prompt negatives -n 12 | head -n 1 | grep -c 'Go A in Simplified Chinese')"
is "text is asked for in the language" 1 "$(pairs text | head -n 1 | tg-prompt negatives -n 3 | grep -c 'Write in Simplified Chinese')"
is "a line that says what fails is asked for" '3 0 0' "$(jq -r '.tg.request.ways[].messages[0].content' asked | grep -c '#BREAKS:') $(
	head -n 1 in | tg-prompt negatives -n 7 --no-mark | grep -c BREAKS) $(pairs one | tg-prompt negatives -n 7 | grep -c BREAKS)"
jq -c '.neg = ["n1", "n2"]' asked | jq -c 'del(.tg.request)' | tg-prompt negatives -n 5 >out
is "a pair that has some is asked for the rest" '[3,2,null]' "$(jq -c '.tg.request | [.n, .first, .ways]' out)"

jq -c '.neg = [range(7) | "n\(.)"] | del(.tg.request)' asked | tg-prompt negatives -n 10 | shares >out
is "it is asked in a way that gave none of them" '' "$(tr -d '0-9 \n' <out | grep "[$(jq -r '.tg.request.ways[].messages[0].content |
	capture("\nGo (?<w>.)").w' asked | tr -d '\n')]")"

# The server gets as many samples of each way.
start_mock -o owned_by=vllm
jq -c . asked | tg-llm -m m -u "$MOCK_URL" >answered 2>err
is "tg-llm asks each way for its number" '3 7' "$(mock_stats .requests) $(jq '.tg.response.choices | length' answered)"
is "tg-llm passes the kinds of texts on" '["code",null]' "$(jq -c '.tg.response | [.output_kind, .query_kind]' answered)"
check "the mock server stops without a fault" stop_mock

# Free negatives.
free='{"query":"q","pos":["def f(a):\n    return a\n"],"neg":[],"tg":{"task":"free","pair":true,"language":"en","code_language":"python","id":"1",'
printf '%s\n' "$free"'"out":["def f(a):\n    return 2","q"]}}' | tg-prompt negatives -n 3 >out
is "a row's own negatives cost nothing and count" '[["def f(a):\n    return 2\n","x = q\n"],1]' "$(jq -c '[.neg, .tg.request.n]' out)"
tg-prompt negatives -n 3 <(jq -c 'del(.tg.request)' out) | jq -c '.neg | length' >again
is "a second pass adds none of them" 2 "$(cat again)"
printf '%s\n' "$free"'"out":["def g(b): # the same\n  return b","q"]}}' | tg-prompt negatives -n 2 >out
is "one that is the positive renamed is dropped, and made up for" '[["x = q\n"],1]' "$(jq -c '[.neg, .tg.request.n]' out)"
echo "$free\"model\":\"m\"}}" | tg-prompt negatives -n 2 >out
is "one whose texts are not there is made up for" '[[],2]' "$(jq -c '[.neg, .tg.request.n]' out)"
echo "$free\"out\":[\"1\",\"q\"]}}" | tg-prompt negatives -n 2 >out
is "where they are enough, nothing is asked" '[["1\n","x = q\n"],null]' "$(jq -c '[.neg, .tg.request]' out)"
echo "$free\"out\":[\"1\",\"q\"]}}" | tg-prompt negatives >out
is "without -n there are none" '[[],null]' "$(jq -c '[.neg, .tg.request.n]' out)"

# said POSITIVE QUERY-KIND ANSWER...: a pair of code with these answers.
said() {
	jq -nc '{query: "def q(a): return a", pos: [$ARGS.positional[0]], neg: [], tg: {pair: true, code_language: "python",
		response: {kind: "negatives", step: 1, output_kind: "code", query_kind: $ARGS.positional[1],
		choices: $ARGS.positional[2:] | map({text: .})}}}' --args "$@"
}
gives() { # NAME NEGATIVES said's words
	is "$1" "$2" "$(said "${@:3}" | tg-negs 2>err | jq -c .neg)"
}
gives "a negative ends as the positive does" '["x = 1\n\n","y(2)\n\n"]' $'p = 3\n\n' text 'x = 1' $'y(2)\n'
gives "so does one of a positive without a newline" '["x = 1","y(2)"]' 'p = 3' text 'x = 1' $'y(2)\n'
gives "blanks at the end are the positive's" '["x = 1 \t"]' $'p = 3 \t' text $'x = 1  '
gives "lines end in CRLF where those of the positive do" '["x\r\ny\r\n","z\r\ny\r\n"]' $'p\r\nq\r\n' text $'x\ny' $'z\r\ny\r\n'
gives "lines end in LF where those of the positive do" '["x\ny"]' $'p\nq' text $'x\r\ny\r\n'
gives "where the positive has both, lines stay" '["x\r\ny\nz"]' $'p\r\nq\nr' text $'x\r\ny\nz'
gives "negatives that are equal but for names, comments and layout are one" '["def a(b):\n    return b + 1"]' \
	'p = 3' text $'def a(b):\n    return b + 1' $'def c(d):\n  # more\n  return d+1'
gives "another literal makes a difference" '["def a(b): return b + 1","def a(b): return b + 2"]' \
	'p = 3' text 'def a(b): return b + 1' 'def a(b): return b + 2'
gives "white space within a literal makes a difference" '["p = \"a b\""]' 'p = "a  b"' text 'p = "a b"'
gives "diffs are one only if their texts are" "$(jq -nc '["@@ -1,2 +1,2 @@\n /**\n-a\n+c"]')" $'@@ -1,2 +1,2 @@\n /**\n-a\n+b' text \
	$'@@ -1,2 +1,2 @@\n /**\n-a\n+c' $'@@ -1,2 +1,2 @@\n /**\n-a\n+b' $'@@ -1,2 +1,2 @@\n /**\n-a\n+c\n'
gives "swapped names make a difference" '["def a(b, c): return c - b"]' 'def a(b, c): return b - c' text 'def a(b, c): return c - b'
gives "the positive renamed is dropped" '["def a(b): return b * 2"]' 'def a(b): return b + 1' text 'def f(x): return x + 1' 'def a(b): return b * 2'
gives "a query that is code is dropped renamed" '["x = 1"]' 'p = 3' code 'def z(y): return y' 'x = 1'
gives "a query that is text only if it is equal" '["def z(y): return y"]' 'p = 3' text 'def q(a): return a' 'def z(y): return y'

is "a response that does not say what is code leaves it to the row" '["x = 1"] ["def f(x): return x + 1","x = 1"]' "$(for task in free text; do
	said 'def a(b): return b + 1' text 'def f(x): return x + 1' 'x = 1' |
		jq -c --arg task $task 'del(.tg.response.output_kind) | .tg.task = $task' | tg-negs | jq -c .neg; done | paste -sd ' ')"
is "where a task is about layout or comments they make a difference" '3 1' "$(for task in code_style_guideline_example_retrieval code_pattern_retrieval; do
	said 'def a(b): return b + 1' text $'def a(b):\n    return b + 1' $'def a(b): return b + 1  # sum' 'def c(d): return d + 1' |
		jq -c --arg task $task '.tg.task = $task' | tg-negs 2>err | jq '.neg | length'; done | paste -sd ' ')"
gives "a marked line is cut off" '["x = 1","y(2)","z(3)"]' 'p = 3' text $'#BREAKS: size\nx = 1' $'```\n#BREAKS: order\ny(2)\n```' \
	$'#BREAKS: kind\n```python\nz(3)\n```'
gives "two that fail one requirement are one" '["x = 1","z(3)"]' 'p = 3' text $'#BREAKS: size\nx = 1' $'#BREAKS:  size \ny(2)' $'#BREAKS: kind\nz(3)'
gives "without the mark the first line stays" '["BREAKS: size\nx = 1"]' 'p = 3' text $'BREAKS: size\nx = 1'
gives "a marked line without a text is none" '["x = 1"]' 'p = 3' text '#BREAKS: size' $'#BREAKS: size\n\n' 'x = 1'
gives "an empty mark says nothing" '["x = 1","y(2)"]' 'p = 3' text $'#BREAKS:\nx = 1' $'#BREAKS:\ny(2)'

done_testing
