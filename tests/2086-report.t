#!/bin/bash
# tg-report: every kind of input, hostile documents, figures, samples, --text; and the
# counts of tg-run --stats.
. tests/lib.sh
bidi=$(printf '\342\200\256')
cd "$T" || exit 3

# page ARG...: makes report.html, and keeps the messages in err.
page() { tg-report "$@" >report.html 2>err; }
# shows WORDS: succeeds if the page has these words on one line, tags and entities aside.
shows() { sed 's/<[^>]*>/ /g; s/&quot;/"/g; s/&#39;/'"'"'/g; s/  */ /g' report.html | grep -qF -- "$1"; }

cat >code.jsonl <<'END'
{"text":"def read_header(sock):\n    # reads one\n    size = sock.recv(4)\n    return parse(size, 10)\n","code_language":"python"}
{"text":"def write_header(sock, size):\n    data = pack(size)\n    sock.send(data)\n    return len(data)\n","code_language":"python"}
{"text":"int add(int a, int b) { return a + b; }\n","code_language":"c"}
END
start_mock -o owned_by=vllm
export OPENAI_BASE_URL=$MOCK_URL
check_status "tg-run --stats succeeds" 0 tg-run -t web_code_retrieval --code-language-field code_language \
	-N 2 --meta --rejects rejects.jsonl --stats stats.jsonl code.jsonl >triplets.jsonl 2>run
is "--stats has a line for each stage" 'read generate judge negatives negs emit' \
	"$(jq -r .stage stats.jsonl | tr '\n' ' ' | sed 's/ $//')"
is "all lines of a run name it" 1 "$(jq -r .run stats.jsonl | sort -u | wc -l)"
is "a stage tells model, records, calls and tokens" '[true,3,3,true,0]' \
	"$(jq -c 'select(.stage == "generate") | [(.model | length > 0), .records, .calls,
		.prompt_tokens > 0, .reasoning_tokens]' stats.jsonl)"
is "the stage emit tells what became of each task and language" \
	'[["c",1],["python",2]]' "$(jq -c 'select(.stage == "emit").tasks | map([.code_language, .triplets]) | sort' stats.jsonl)"
is "a new file of --stats is the user's alone" 600 "$(stat -c %a stats.jsonl)"
check "the run says what a triplet took" grep -q '^tg-run: for each triplet [0-9]* tokens in' run
check "the run says what is over 512 tokens, and what words are shared" \
	grep -q '^tg-run: of 3 triplets measured, 0 positives .* 512 tokens; half .* % of their words' run
is "the run names the command for the page" "tg-run: to look at them: tg-report --rejects rejects.jsonl --stats stats.jsonl triplets.jsonl > report.html" \
	"$(grep tg-report run)"
tg-run -t web_code_retrieval -c c --stats stats.jsonl -q code.jsonl 2>&1 | cat >again
head -n 1 code.jsonl | PATH=${PATH#*"$TG_BIN":} "$TG_BIN/tg-run" -t code_context_retrieval >context 2>run
is "the command has the path of a program that PATH lacks" "tg-run: to look at them: $TG_BIN/tg-report context > report.html" \
	"$(grep tg-report run)"
is "a second run adds to the file" 2 "$(jq -r .run stats.jsonl | sort -u | wc -l)"
check_status "--stats refuses an input" 2 tg-run -t web_code_retrieval --stats code.jsonl code.jsonl
check_status "--stats refuses the file of rejects" 2 tg-run -t web_code_retrieval --rejects r --stats r code.jsonl
check_status "--stats into a missing folder fails before anything is asked" 3 \
	tg-run -t web_code_retrieval --stats no/where code.jsonl

echo '{"run":"r","stage":"verified","no_negatives":{},"verified":{"words":"3 <pairs> verified"}}' >>stats.jsonl
check_status "a page of a run is made" 0 page --rejects rejects.jsonl --stats stats.jsonl triplets.jsonl
check "the page counts what was kept" shows '3 of 3 records'
check "the page names task and language" shows 'web_code_retrieval en python'
check "the page tells tokens of each stage" shows 'negatives mock-model'
check "the page tells the rates of false negatives" grep -q 'Its negatives: 3 &lt;pairs&gt; verified' report.html
check "the page loads nothing" eval '! grep -qE "(src|href)=[\"'"'"']?(https?:|//)|@import|url\(" report.html'
check "the code of samples is marked" grep -q '<i class=k>def</i> read_header' report.html
check "the page is smaller than 2 MB" [ "$(wc -c <report.html)" -lt 2000000 ]
tg-report --text --stats stats.jsonl triplets.jsonl >text 2>&1
check "the text has the same figures" grep -q '^Kept  .*100 %  3 of 3 records' text
check "the text tells the rates of false negatives" grep -q '^  3 <pairs> verified$' text
check "the text has the cost of stages" grep -q 'cost each' text

# Each kind of input.
printf '%s\n' '{"prompt":"Find code","query":"q one","pos":["p one"],"neg":["n"]}' >plain
printf '%s\n' '{"query":"q two","pos":"p two","neg":"one"}' >hand
printf '%s\n' '{"prompt":"P","query":"q","pos":["p"],"neg":[],"judge":"1","judge_response":"1","docid":"d"}' \
	'{"prompt":"P","query":"q","pos":["p"],"neg":[],"judge":"0","rejected":true}' >debug
printf '%s\n' '{"query":"q","pos":["p"],"neg":[],"tg":{"task":"t","id":"i","pair":true,"judge":{"verdict":1,"p":0.93}}}' \
	'{"query":"q","pos":["p"],"tg":{"task":"t","id":"j","pair":true,"rejected":{"tool":"tg-judge","code":"judge_2","message":"unsure"}}}' >exported
printf '%s\n' 'no json' '{"text":5}' '{"text":"x","tg":{"task":"t","error":{"tool":"tg-llm","code":"timeout","message":"no answer"}}}' |
	tg-prompt generate -t web_code_retrieval 2>/dev/null | tg-emit --rejects ended >/dev/null 2>&1
is "hand-made triplets and those of tg-emit are kept" 'Kept 100 % 2 of 2 records read' \
	"$(tg-report --text plain hand | head -n 1 | tr -s ' ')"
is "a rejected pair of --debug is rejected" 'Kept 50 % 1 of 2 records : worth a look' \
	"$(tg-report --text debug | head -n 1 | tr -s ' ' | sed 's/records:/records :/')"
check "without a message its code is that of the verdict" grep -q 'judge_0' <(tg-report --text debug)
printf '%s\n' '{"query":"q","pos":["p"],"tg":{"task":"t","rejected":{"code":"judge_0"}}}' >both
is "with --rejects a rejected pair of --debug counts once" 'Kept 50 % 1 of 2 records' \
	"$(tg-report --text --rejects both debug | head -n 1 | tr -s ' ' | cut -d : -f 1)"
page exported
check "an export of the cache is read with its reasons" shows 'judge_2 unsure'
echo '{"query":"q","pos":["p"],"neg":[],"meta":{"judge":{"verdict":1},"judge_first":{"verdict":0,"p":0.5,"kept":false}}}' >>exported
page exported
check "pairs that a second judge decided are counted, by the number of the first" shows 'a second judge gave 1' '2 pairs have a number p'
check "numbers of the judge are plotted" shows '2 pairs have a number p'
is "a file of rejects is read with lines that were no records" '3 3' \
	"$(tg-report --text --rejects ended </dev/null | awk '/^  failed/ { n += $3; c++ } END { print n, c }')"
page --rejects ended </dev/null
check "a line that was no record is shown" shows 'no json'
printf '%s\n' '{"query":"q","pos":["p"]}' >own
check "a record of --rejects without a reason is rejected" grep -q no_reason <(tg-report --text --rejects own </dev/null)

# Bad lines.
printf '%s\n' '{"query":"a","pos":["b"]}' '{"query":1,"pos":["b"]}' torn '' '{"query":"c","pos":[]}' '{"query":"d","pos":["e"]}' >bad
check_status "bad lines make status 1" 1 page bad
is "bad lines are named" 'tg-report: bad:2: skipped, query is not a string
tg-report: bad:3: skipped, not a value
tg-report: bad:5: skipped, pos is not a list of strings, or empty' "$(cat err)"
check "bad lines take no neighbour with them" shows '2 of 2 records'
check "bad lines are counted on the page" shows '5 lines were read; 3 of them could not be used'
printf '%s\n' '{' '{"calls":1,"records":1,"stage":"judge","prompt_tokens":7}' '[]' >badstats
check_status "bad lines of --stats make status 1" 1 page --stats badstats plain
check "bad lines of --stats take no neighbour with them" shows 'judge – 1 1'
jq . stats.jsonl >pretty
page --stats pretty triplets.jsonl
check "counts that go over several lines are read" shows 'negatives mock-model'
check_status "a missing file makes status 3" 3 tg-report none
: >empty
check_status "an empty file gives a page" 0 page empty

# Hostile documents.
jq -cn --arg b "$bidi" '{query: ("</script><script>alert(1)</script>" + $b + "\u0000\u001b[31m\u2028\u0085"),
	pos: ["<img src=x onerror=alert(2)> <!-- ]]> &lt; \" '"'"' {{samples}} javascript:alert(3)"],
	neg: ["\u202a" + ("x" * 300000)], meta: {task: "<b>t</b>\"", code_language: "\"><script>alert(4)</script>"}}' >hostile
check_status "a page of hostile documents is made" 0 page hostile
is "the page has one script, its own" '1 1' "$(grep -c '<script' report.html) $(grep -c '</script' report.html)"
check_fail "no tag of a document is a tag of the page" grep -qE '<img|<b>t|<!-- ' report.html
check_fail "no mark of direction is sent to the page" grep -q "$bidi" report.html
for name in U+202E ␀ ␛ U+2028 U+0085 U+202A; do
	check "a character that acts is shown as $name" grep -q "<b class=x>$name</b>" report.html
done
check "a long line is cut, and the page says so" shows '298,803 of 300,003 bytes are not shown'
check "the policy of the page allows its own script alone" \
	grep -q "script-src 'sha256-$(sed -n '/<script>/,/<\/script>/p' report.html | sed '1s/.*<script>//; $s/<\/script>.*//' |
		head -c -1 | openssl dgst -sha256 -binary | base64)'" report.html
tg-report --text hostile >text
check_fail "the text sends no control character" grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]' text

# Figures.
jq -cn 'range(100) | {query: "find file \(.)", pos: [if . < 10 then "x " * 700 + "\(.)" else "file \(.)" end],
	neg: (if . < 4 then ["file \(.)", "other"] else [] end), meta: {task: "t"}}' >many
page many
check "positives over 512 tokens are counted" shows '10 of 100 positives'
check "words of the query in the positive are counted" shows 'median of 100 queries'
jq -cn 'range(4) | {query: "How to  read, a file?", pos: ["def f\(.)(a):\n    x\(.) = a + \(.)  # c\n    return open(x\(.)).read(a, \(.))\n"],
	neg: ["def g(b):\n    y = b + 77\n    return open(y).read(b, 9)\n", "no"]}' >near
page near
check "a negative that is nearly the positive is poor" shows 'Negatives like the positive 50 % 4 of 8 negatives poor'
check "near copies of positives are found" shows '3 of 4'
check "near copies of the positive among negatives are found" shows '4 of 8 negatives are near copies'
check "queries that are equal in their words are found" shows 'Queries, equal in their words 4 3'
for n in 49 50; do
	jq -cn "range($n)"' | {query: (if . < 3 then " Return\nA.B" elif . == 3 then "file" else "q \(.) lines" end),
		pos: ["x = 1; return  a.b \(.) files"], neg: (if . < 2 then [] else ["x = 1; return  a.b \(.) files", "other"] end),
		meta: {task: "t", judge: {verdict: 1}}}' >judged$n
	tg-report --text --rejects /dev/null judged$n >text$n
done
check "a judge that rejects none of 50 pairs is a remark" grep -q '^Kept by the judge .*50 of 50 .*: worth a look' text50
check_fail "a judge that rejects none of 49 pairs is none" grep -q '^Kept by the judge .*: ' text49
page judged50
check "without --rejects the page says that the judge cannot be seen" shows 'Rejected pairs were not read, so this says nothing'
check "whole queries in the positive are counted, parts of words are not" shows 'Query verbatim in the positive 6.0 % 3 of 50 queries poor'
check "triplets without negatives are counted" shows 'Without negatives 4.0 % 2 of 50 triplets worth a look'
check "negatives that are the positive are counted" shows '48 of 96 negatives; 48 of 96 are the positive itself'
seq 50000 | sed 's/.*/{"query":"find &","pos":["say &"],"neg":["no"]}/' >whole
{ cat whole; head -n 400 whole | sed 's/find/say/'; } >drawn
page whole
check "50,000 triplets are measured whole" shows 'median of 50,000 queries'
page drawn
check "the page says how many of more triplets are drawn" \
	grep -qE 'Measured were 3,[0-9]{3} of 50,400 triplets' report.html
drawn=$(sed -n 's/.*Measured were \([0-9,]*\) of.*/\1/p' report.html)
check "each figure of the draw says of how many" shows "median of $drawn queries drawn"
tac drawn | tg-report - >report.html
check "the draw does not depend on the order" shows "median of $drawn queries drawn"

# Samples.
tg-report --samples 5 many >a && tg-report --samples 5 many >b && tg-report --samples 5 --seed 1 many >c
check_same "the same seed draws the same samples" a b
check_fail "another seed draws others" cmp -s a c
is "--samples draws this many" 5 "$(grep -c '<article' a)"
is "--samples 0 draws none" 0 "$(tg-report --samples 0 many | grep -c '<article')"
jq -cn 'range(300) | {query: "q\(.)", pos: ["if (a < b) return \"x\"; " * 300], meta: {task: "t\(. / 3 | floor)"}}' >large
page --samples 1000 large
check "the page stays under 2 MB whatever it shows" [ "$(wc -c <report.html)" -lt 2000000 ]
check_status "stdout that is full makes status 3" 3 tg-report many >/dev/full

# The worth of the judge's number.
curve='"lines":400,"right":200,"bins":[[200,0.1,0.2],[200,0.9,0.8]],"curve":[[0,0],[1,1]]'
echo '{"tg_calibration":1,"precision":0.9,"overall":{"threshold":0.5,'"$curve"'},"tasks":{"<b>t":{"threshold":null,'"$curve"'}}}' >cal.json
for p in 0.25 0.75; do
	echo '{"query":"q","pos":["p"],"meta":{"task":"t","judge":{"verdict":1,"p":'$p'}}}'
done >numbers
page --calibration cal.json numbers
is "the page has a diagram for each curve, and a dot for each bin" "2 4" \
	"$(grep -c 'class="curve"' report.html) $(grep -c '<circle' report.html)"
check "the page says how many of the kept are right by the curves" shows '50.0 % of the 2 kept pairs'
check "a task of which nothing is kept is said to be one" grep -q '>none is kept<' report.html
check_fail "the name of a task is not HTML" grep -q '<b>t' report.html
tg-report --text --calibration cal.json numbers >text
is "the text has the curves" 2 "$(grep -cE '^  (all tasks: .* kept from p 0.500|<b>t: .* none is kept)$' text)"
check_status "a calibration that is none ends with status 2" 2 tg-report --calibration numbers numbers 2>err

done_testing
