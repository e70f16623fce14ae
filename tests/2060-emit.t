#!/bin/bash
# tg-emit: what goes out, what is parted, what is dropped, and that it adds up.
# shellcheck disable=SC2016,SC2094
. tests/lib.sh
cd "$T" || exit 3

# pair QUERY POS [TG-MEMBERS [MEMBERS]]: a finished record.
pair() {
	printf '{"prompt":"P","query":%s,"pos":[%s],"neg":["n"]%s,"tg":{"pair":true%s}}\n' \
		"$1" "$2" "${4:+,$4}" "${3:+,$3}"
}

# ended MEMBER CODE [MEMBERS-OF-TG [MEMBERS]]
ended() {
	printf '{%s"tg":{"%s":{"tool":"t","code":"%s","message":"m"}%s}}\n' \
		"${4:+$4,}" "$1" "$2" "${3:+,$3}"
}

# out INPUT-LINE... : what tg-emit with $opts makes of the lines.
opts=()
out() {
	printf '%s\n' "$@" | tg-emit "${opts[@]}" 2>err
}

# Nothing else than finished triplets.
is "a triplet" '{"prompt":"P","query":"q","pos":["p"],"neg":["n"]}' \
	"$(out '{"x":1,"neg":["n"],"pos":["p"],"query":"q","prompt":"P","tg":{"pair":true}}')"
is "a pair from elsewhere: no prompt, no neg, pos as a string" \
	'{"prompt":"","query":"q","pos":["p"],"neg":[]}' \
	"$(out '{"query":"q","pos":"p"}')"
is "null is absent" '{"prompt":"","query":"q","pos":["p"],"neg":[]}' \
	"$(out '{"prompt":null,"query":"q","pos":["p"],"neg":null}')"
is "bytes stay as they are" \
	'{"prompt":"\u0050","query":"\u0000\/\ud83d\ude00","pos":["é", "\t"],"neg":[ ]}' \
	"$(out '{"prompt":"\u0050","query":"\u0000\/\ud83d\ude00","pos":["é", "\t"],"neg":[ ],"tg":{"pair":true}}')"
for bad in '"query":1,"pos":["p"]' '"query":"q","pos":[]' '"query":"q","pos":[1]' \
	'"query":"q","pos":["p",null]' '"query":"q","pos":{}' '"query":"q","pos":"p","neg":[["n"]]' \
	'"query":"q","pos":"p","neg":7' '"query":"q","pos":"p","prompt":[]' '"pos":"p"'; do
	check_status "no triplet: $bad" 1 tg-emit --rejects r --summary s \
		<<<"{$bad,\"tg\":{\"pair\":true}}" >o
	check "no triplet: $bad: nothing on stdout" [ ! -s o ]
	is "no triplet: $bad: says why" bad_pair "$(jq -r .tg.error.code r)"
done

# Unfinished ones.
: >in
while IFS='|' read -r tg who; do
	echo "{\"text\":\"t\",\"tg\":{$tg}}" >in
	check_status "unfinished, for $who" 1 tg-emit --rejects r in >o
	is "unfinished, for $who: says so" "tg-emit unfinished true" \
		"$(jq -r --arg who "$who" '.tg.error |
		    "\(.tool) \(.code) \(.message | endswith("for " + $who))"' r)"
	is "unfinished, for $who: less request and response" '[false,false]' \
		"$(jq -c '.tg | [has("request"), has("response")]' r)"
done <<'END'
|tg-prompt generate
"id":"i"|tg-prompt generate
"id":"i","key":"k"|tg-split-context
"parts":["a","b"]|tg-arrange
"request":{"kind":"generate","step":1}|tg-llm
"request":{"kind":"judge"},"pair":true|tg-llm
"response":{"kind":"generate","step":1}|tg-arrange, or tg-prompt generate if a step is left
"response":{"kind":"judge"},"pair":true|tg-judge
"response":{"kind":"negatives"},"pair":true|tg-negs
END

# Parting.
{
	pair '"q1"' '"p1"'
	ended rejected judge_0 '"request":{"a":1},"response":[2]' '"user" : 0.10'
	ended error timeout
	ended rejected judge_2
	ended error timeout '"rejected":{"code":"no"}'
	pair '"q1"' '"p2"'
	pair '"q2"' '"p2"'
	echo 'no json'
	ended rejected judge_2
	ended rejected 7
} | sed 's/"code":"7"/"code":7/' >in
check_status "an error makes 1" 1 tg-emit --rejects r --summary s in >o
is "triplets" 2 "$(jq -s length o)"
is "rejects file: a record is its own line" \
	'{"user" : 0.10,"tg":{"rejected":{"tool":"t","code":"judge_0","message":"m"}}}' \
	"$(head -n 1 r)"
is "rejects file: in order" "judge_0 timeout judge_2 timeout bad_record judge_2 7" \
	"$(jq -r '.tg | (.error // .rejected).code' r | tr '\n' ' ' | sed 's/ $//')"
is "a bad line is kept" 'no json' "$(jq -r '.tg.raw // empty | @base64d' r)"
is "summary" '{"lines":10,"triplets":2,"rejected":{"judge_0":1,"judge_2":2,"unknown":1},"errors":{"timeout":2,"bad_record":1},"duplicates":1}' \
	"$(jq -c 'del(.seconds)' s)"
is "it adds up" true "$(jq '.lines == .triplets + (.rejected | add) +
	(.errors | add) + .duplicates' s)"
tg-emit in >o 2>err
is "without a rejects file stderr has the counts" \
	'tg-emit: 4 rejected (1 judge_0, 2 judge_2, 1 unknown), 3 in error (2 timeout, 1 bad_record); --rejects FILE keeps them' \
	"$(tail -n 1 err)"
ended error timeout >in
check_status "an error from before makes 1" 1 tg-emit in >o 2>err
ended rejected judge_2 >in
check_status "rejects alone are fine" 0 tg-emit in >o 2>err
pair '"q"' '"p"' >in && pair '"q"' '"p"' >>in
check_status "duplicates are fine" 0 tg-emit in >o 2>err
check "and not worth a word" [ ! -s err ]
for i in $(seq 100); do ended rejected "c$i"; done >in
tg-emit --summary s in 2>err
is "any number of codes" '100 64 37' \
	"$(jq -r '.rejected | "\(add) \(length) \(.other)"' s)"
ended rejected '\u001b[2J' | tg-emit 2>err
check_fail "codes cannot drive a terminal" grep -q "$(printf '\033')" err

# A reject from the cache is the reject that went there.
echo '{"text":"t","own" : 1.0}' | tg-prompt generate -t code_summary_retrieval |
	jq -c '.tg.response = {kind: "generate", step: 1, model: "m",
		choices: [{text: "a summary", finish_reason: "stop"}]} | del(.tg.request)' |
	tg-arrange | jq -c '.tg.response = {kind: "judge", step: 1, model: "m",
		choices: [{text: "2", finish_reason: "stop"}]}' | tg-judge |
	tg-cache put -d cache | tg-emit --rejects r
echo '{"text":"t","own" : 1.0}' | jq -c . | tg-prompt generate -t code_summary_retrieval |
	tg-cache get -d cache | tg-emit --rejects o
is "a reject" judge_2 "$(jq -r .tg.rejected.code r)"
check_same "from the cache it is the same" r o

# A rejects file goes back in.
ended error timeout '"request":{"kind":"generate"},"task":"code_summary_retrieval"' \
	'"text":"t"' | tg-emit --rejects r 2>err
is "a reject can be fed back" generate \
	"$(tg-prompt generate --retry r | jq -r .tg.request.kind)"

# Duplicates.
# count OPTION... -- RECORD...: how many triplets.
count() {
	local opts=()
	while [ "$1" != -- ]; do opts+=("$1") && shift; done
	shift
	printf '%s\n' "$@" | tg-emit "${opts[@]}" 2>err | wc -l | tr -d ' '
}
t='"task":"t","language":"en","code_language":"python"'
a=$(pair '"q"' '"p"' "$t")
is "the same query" 1 "$(count -- "$a" "$(pair '"q"' '"p2"' "$t")")"
is "the same positive" 1 "$(count -- "$a" "$(pair '"q2"' '"p"' "$t")")"
is "a query is no positive" 2 "$(count -- "$a" "$(pair '"p"' '"q"' "$t")")"
is "only the first positive counts" 2 \
	"$(count -- "$(pair '"q"' '"p","x"' "$t")" "$(pair '"q2"' '"p2","x"' "$t")")"
is "escapes and outer white space aside" 1 \
	"$(count -- "$a" "$(pair '"\u0071\n"' '"p2"' "$t")")"
is "inner white space counts" 2 "$(count -- "$(pair '"a b"' '"p"')" "$(pair '"a  b"' '"r"')")"
is "NUL counts" 2 "$(count -- "$(pair '"a"' '"p"')" "$(pair '"a\u0000"' '"r"')")"
is "what was dropped does not drop others" 2 \
	"$(count -- "$a" "$(pair '"q"' '"p2"' "$t")" "$(pair '"q3"' '"p2"' "$t")")"
for other in '"task":"u","language":"en","code_language":"python"' \
	'"task":"t","language":"zh","code_language":"python"' \
	'"task":"t","language":"en","code_language":"java"' \
	'"task":"t","language":"en","code_language":"python","tgt_code_language":"c"'; do
	is "no duplicate: $other" 2 "$(count -- "$a" "$(pair '"q"' '"p"' "$other")")"
	is "of the run: $other" 1 \
		"$(count --dedupe run -- "$a" "$(pair '"q"' '"p"' "$other")")"
done
is "none are dropped" 2 "$(count --dedupe none -- "$a" "$a")"
is "pairs of no task go by their prompt" 2 \
	"$(count -- '{"prompt":"A","query":"q","pos":"p"}' '{"prompt":"B","query":"q","pos":"p"}' \
		'{"prompt":"A","query":"q","pos":"x"}')"
check_status "--dedupe: one of three" 2 tg-emit --dedupe all </dev/null

# Against earlier output.
echo "$a" | tg-emit --meta >old-meta
echo "$a" | tg-emit >old-plain
b=$(pair '"q"' '"p2"' "$t") c=$(pair '"q"' '"p2"' '"task":"u"')
is "against output with meta" 0 "$(count --against old-meta -- "$b")"
is "another task" 1 "$(count --against old-meta -- "$c")"
is "against plain output: by the prompt" 0 "$(count --against old-plain -- "$c")"
is "another prompt" 1 "$(count --against old-plain -- "${b/\"P\"/\"O\"}")"
is "of the run" 0 "$(count --dedupe run --against old-meta -- "$c")"
is "two files" 0 "$(count --against old-meta --against /dev/null -- "$b")"
{
	cat old-meta
	echo '[1]'
	echo '{"query":"zz"}'
	echo '{"prompt":"P","query":"r","pos":["s"],"rejected":true,"meta":{"task":"t"}}'
	printf '{"prompt":"P","query":"q9","po'
} >torn
is "a torn one" 1 "$(count --against torn -- "$b" "$(pair '"r"' '"s"' '"task":"t"')")"
is "says what it skips" 'tg-emit: torn:2: skipped, not a JSON object
tg-emit: torn:3: skipped, pos is not a list of strings, or empty
tg-emit: torn:5: skipped, the last line is torn' "$(cat err)"
printf %s "$(cat old-meta)" >whole
is "whole, but for the newline" 0 "$(count --against whole -- "$b")"
check "no warning" [ ! -s err ]
check_status "a file that is not there" 3 tg-emit --against nowhere </dev/null
# The same command again adds nothing to the same file.
for i in 1 2 3; do pair "\"q$i\"" "\"p$i\"" "$t"; done >in
tg-emit --meta in >o
tg-emit --meta --against o in >>o
is "a second run adds nothing" 3 "$(wc -l <o | tr -d ' ')"

# --meta
echo '{"text":"T","similar":["s"],"b":0.10,"query":"q","a":"\u0000","pos":["p"],"neg":[],"tg":{"pair":true,"id":"I","task":"t","language":"en","code_language":"python","model":"m","judge":{"verdict":1},"key":"k","out":["o"]},"z":{"y":[1e400]}}' >in
is "meta" '{"prompt":"","query":"q","pos":["p"],"neg":[],"meta":{"id":"I","task":"t","language":"en","code_language":"python","model":"m","judge":{"verdict":1},"b":0.10,"a":"\u0000","z":{"y":[1e400]}}}' \
	"$(tg-emit --meta in)"
is "the text is in a field of its own" '{"text":"x"}' \
	"$(out '{"code":"c","text":"x","query":"q","pos":"p","tg":{"pair":true,"field":"code"}}' >/dev/null
	echo '{"code":"c","text":"x","query":"q","pos":"p","tg":{"pair":true,"field":"code"}}' |
		tg-emit --meta | jq -c .meta)"
is "empty" '{}' "$(echo '{"query":"q","pos":"p"}' | tg-emit --meta | jq -c .meta)"
is "a field with a name of meta's" '{"id":"I","id__":7,"id_":8,"task_":"x"}' \
	"$(echo '{"id":7,"id_":8,"task":"x","query":"q","pos":"p","tg":{"pair":true,"id":"I"}}' |
		tg-emit --meta | jq -c .meta)"
is "an escaped key" '{"a\"b":1,"é":2}' \
	"$(echo '{"a\"b":1,"\u00e9":2,"query":"q","pos":"p"}' | tg-emit --meta | jq -c .meta)"

# --debug
log='"log":[{"kind":"generate","step":1,"prompt":"g1","answer":"a1"},{"kind":"generate","step":2,"prompt":"g2","answer":"a2"},{"kind":"judge","step":1,"prompt":"j","answer":"1"},{"kind":"negatives","prompt":"n","answer":"x"}]'
is "debug" '{"prompt":"P","query":"q","pos":["p"],"neg":["n"],"generation_prompt":"g2","response":"a2","judge":"j","judge_response":"1","docid":"I"}' \
	"$(pair '"q"' '"p"' "\"id\":\"I\",$log" | tg-emit --debug)"
log=$(printf '%*s' 400000 '' | sed 's/ /{},/g')
pair '"q"' '"p"' "\"log\":[$log{\"kind\":\"judge\",\"answer\":\"1\"}]" >in
is "a log of 400,000 entries is searched in time" 1 \
	"$(timeout $((20 * SLOW)) tg-emit --debug in | jq -r .judge_response)"
is "debug without a log" '[null,null,null,null,null]' \
	"$(pair '"q"' '"p"' | tg-emit --debug |
		jq -c '[.generation_prompt, .response, .judge, .judge_response, .docid]')"
{
	ended rejected judge_2 '"pair":true' '"query":"q","pos":["p"]'
	ended rejected refused
	pair '"q"' '"p"'
} >in
is "rejected pairs too" 'true false' \
	"$(tg-emit --debug --rejects r --summary s in | jq '.rejected // false' |
		tr '\n' ' ' | sed 's/ $//')"
is "they are rejects all the same" '1 2' \
	"$(jq -r '"\(.triplets) \(.rejected | add)"' s)"
is "and in their file" 2 "$(wc -l <r | tr -d ' ')"

# Input of all kinds.
check_status "no input" 0 tg-emit </dev/null >o
check "no output" [ ! -s o ]
is "no final newline, CRLF, BOM, blank lines" 2 \
	"$(printf '\357\273\277%s\r\n\n \n%s' "$a" "$(pair '"q2"' '"p2"')" | tg-emit | wc -l | tr -d ' ')"
{ printf '{"query":"'; head -c 1048576 /dev/zero | tr '\0' x; echo '","pos":"p"}'; } >in
is "a line of 1 MiB" 1 "$(tg-emit in | wc -l | tr -d ' ')"
check_status "over the limit" 1 tg-emit --max-line 4096 --rejects r in >o 2>err
is "is an error" line_too_long "$(jq -r .tg.error.code r)"
printf '{"query":"\377","pos":"p"}\n' >in
check_status "bad UTF-8" 1 tg-emit in 2>err
check_status "a file that is not there" 3 tg-emit nowhere
pair '"q"' '"p"' >in
is "several files" 2 "$(tg-emit --dedupe none in - <in | wc -l | tr -d ' ')"

# Output that fails.
check_status "stdout full" 3 sh -c 'tg-emit in >/dev/full 2>err'
check "names it" grep -q stdout err
ended error c >bad
check_status "rejects full" 3 tg-emit --rejects /dev/full bad 2>err
check "names them" grep -q '^tg-emit: /dev/full: ' err
check_status "rejects nowhere" 3 tg-emit --rejects no/where bad 2>err
check "names it" grep -q '^tg-emit: no/where: ' err
check_status "summary full" 3 tg-emit --summary /dev/full in 2>err
for i in $(seq 20000); do echo "{\"query\":\"q$i\",\"pos\":\"p$i\"}"; done >many
tg-emit many 2>err | head -n 1 >o
is "a broken pipe: quiet" '141 0 0' \
	"$(bash -c 'tg-emit many 2>err | head -n 1 >o; echo "${PIPESTATUS[@]}"') $(wc -c <err | tr -d ' ')"
is "many" 20000 "$(tg-emit many | wc -l | tr -d ' ')"
is "many, again" 0 "$(tg-emit --against many many | wc -l | tr -d ' ')"

# Output flows: the first triplet is out before the second record comes.
mkfifo fifo
tg-emit <fifo >flow &
exec 5>fifo
pair '"q"' '"p"' >&5
check "output flows at once" wait_for [ -s flow ]
exec 5>&-
wait

# Progress.
tg-emit --progress --total 40000 many 2>err >o
is "elsewhere than on a terminal: a last line" 1 "$(wc -l <err | tr -d ' ')"
check "of counts" grep -Eq '^tg-emit: 20000/40000 documents, [0-9.]+/s, .* left, kept 20000$' err
if script -qec true /dev/null >/dev/null 2>&1; then
	on_tty() { # COMMAND: its stderr, which is a terminal
		TERM=${term:-xterm} script -qec "$1 >/dev/null" /dev/null </dev/null
	}
	# records come until the line has been drawn
	slow='for i in $(seq 100); do
		cat in
		sleep 0.1
		! grep -q documents err || break
	done | tg-emit --progress --dedupe none'
	on_tty "$slow" >err
	check "on a terminal it is drawn anew" grep -q "$(printf '\033')\[Ktg-emit: [0-9]* documents.*$(printf '\r')" err
	check "and stays at the end" grep -q 'tg-emit: [0-9]* documents, .*, kept [0-9]*.$' err
	term=dumb on_tty "$slow" >err
	check_fail "TERM=dumb: no escapes" grep -q "$(printf '\033')" err
	NO_COLOR=1 on_tty "$slow" >err
	check_fail "NO_COLOR: no escapes" grep -q "$(printf '\033')" err
	check_status "a terminal and no file: usage" 2 script -qec tg-emit /dev/null
else
	skip "progress on a terminal" "no script(1)"
fi

done_testing
