#!/bin/bash
# tg-emit: finished triplets, rejects, errors, duplicates and their counts.
# shellcheck disable=SC2016,SC2094
. tests/lib.sh
cd "$T" || exit 3

# pair QUERY POS [TG-MEMBERS [MEMBERS]]: prints a finished record.
pair() {
	printf '{"prompt":"P","query":%s,"pos":[%s],"neg":["n"]%s,"tg":{"pair":true%s}}\n' \
		"$1" "$2" "${4:+,$4}" "${3:+,$3}"
}

# ended MEMBER CODE [MEMBERS-OF-TG [MEMBERS]]: prints a record that has ended.
ended() {
	printf '{%s"tg":{"%s":{"tool":"t","code":"%s","message":"m"}%s}}\n' \
		"${4:+$4,}" "$1" "$2" "${3:+,$3}"
}

# out INPUT-LINE...: gives the lines to tg-emit with $opts.
opts=()
out() {
	printf '%s\n' "$@" | tg-emit "${opts[@]}" 2>err
}

# Finished triplets.
is "a triplet has four members in a fixed order" '{"prompt":"P","query":"q","pos":["p"],"neg":["n"]}' \
	"$(out '{"x":1,"neg":["n"],"pos":["p"],"query":"q","prompt":"P","tg":{"pair":true}}')"
is "a pair from elsewhere gets an empty prompt, a list pos and an empty neg" \
	'{"prompt":"","query":"q","pos":["p"],"neg":[]}' \
	"$(out '{"query":"q","pos":"p"}')"
is "a null member counts as missing" '{"prompt":"","query":"q","pos":["p"],"neg":[]}' \
	"$(out '{"prompt":null,"query":"q","pos":["p"],"neg":null}')"
is "the bytes of the values stay as they are" \
	'{"prompt":"\u0050","query":"\u0000\/\ud83d\ude00","pos":["é", "\t"],"neg":[ ]}' \
	"$(out '{"prompt":"\u0050","query":"\u0000\/\ud83d\ude00","pos":["é", "\t"],"neg":[ ],"tg":{"pair":true}}')"
for bad in '"query":1,"pos":["p"]' '"query":"q","pos":[]' '"query":"q","pos":[1]' \
	'"query":"q","pos":["p",null]' '"query":"q","pos":{}' '"query":"q","pos":"p","neg":[["n"]]' \
	'"query":"q","pos":"p","neg":7' '"query":"q","pos":"p","prompt":[]' '"pos":"p"'; do
	check_status "{$bad} is no triplet" 1 tg-emit --rejects r --summary s \
		<<<"{$bad,\"tg\":{\"pair\":true}}" >o
	check "{$bad}: nothing goes to stdout" [ ! -s o ]
	is "{$bad}: the error is bad_pair" bad_pair "$(jq -r .tg.error.code r)"
done

# Unfinished records.
: >in
while IFS='|' read -r tg who; do
	echo "{\"text\":\"t\",\"tg\":{$tg}}" >in
	check_status "a record unfinished for $who makes status 1" 1 tg-emit --rejects r in >o
	is "a record unfinished for $who ends in an error that names it" "tg-emit unfinished true" \
		"$(jq -r --arg who "$who" '.tg.error |
		    "\(.tool) \(.code) \(.message | endswith("for " + $who))"' r)"
	is "a record unfinished for $who loses request and response" '[false,false]' \
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

# Separate rejects, errors and duplicates.
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
check_status "a run with errors exits with 1" 1 tg-emit --rejects r --summary s in >o
is "only triplets go to stdout" 2 "$(jq -s length o)"
is "a record in the rejects file keeps its own bytes" \
	'{"user" : 0.10,"tg":{"rejected":{"tool":"t","code":"judge_0","message":"m"}}}' \
	"$(head -n 1 r)"
is "the rejects file keeps the order of the input" "judge_0 timeout judge_2 timeout bad_record judge_2 7" \
	"$(jq -r '.tg | (.error // .rejected).code' r | tr '\n' ' ' | sed 's/ $//')"
is "a line that is no JSON is kept in the rejects file" 'no json' "$(jq -r '.tg.raw // empty | @base64d' r)"
is "the summary counts each kind and code" '{"lines":10,"triplets":2,"rejected":{"judge_0":1,"judge_2":2,"unknown":1},"errors":{"timeout":2,"bad_record":1},"duplicates":1}' \
	"$(jq -c 'del(.seconds, .tasks, .measured)' s)"
is "the counts of the summary add up to the lines" true "$(jq '.lines == .triplets + (.rejected | add) +
	(.errors | add) + .duplicates' s)"
tg-emit in >o 2>err
is "without a rejects file the counts go to stderr" \
	'tg-emit: 4 rejected (1 judge_0, 2 judge_2, 1 unknown), 3 in error (2 timeout, 1 bad_record); --rejects FILE keeps them' \
	"$(tail -n 1 err)"
ended error timeout >in
check_status "an error of an earlier program makes status 1" 1 tg-emit in >o 2>err
ended rejected judge_2 >in
check_status "rejects alone make status 0" 0 tg-emit in >o 2>err
pair '"q"' '"p"' >in && pair '"q"' '"p"' >>in
check_status "duplicates alone make status 0" 0 tg-emit in >o 2>err
check "duplicates alone make no message" [ ! -s err ]
for i in $(seq 100); do ended rejected "c$i"; done >in
tg-emit --summary s in 2>err
is "codes over the limit are counted as other" '100 64 37' \
	"$(jq -r '.rejected | "\(add) \(length) \(.other)"' s)"
ended rejected '\u001b[2J' | tg-emit 2>err
check_fail "a code cannot put control characters on a terminal" grep -q "$(printf '\033')" err

# A reject in the document cache equals the reject that went there.
echo '{"text":"t","own" : 1.0}' | tg-prompt generate -t code_summary_retrieval |
	jq -c '.tg.response = {kind: "generate", step: 1, model: "m",
		choices: [{text: "a summary", finish_reason: "stop"}]} | del(.tg.request)' |
	tg-arrange | jq -c '.tg.response = {kind: "judge", step: 1, model: "m",
		choices: [{text: "2", finish_reason: "stop"}]}' | tg-judge |
	tg-cache put -d cache | tg-emit --rejects r
echo '{"text":"t","own" : 1.0}' | jq -c . | tg-prompt generate -t code_summary_retrieval |
	tg-cache get -d cache | tg-emit --rejects o
is "the pair is rejected" judge_2 "$(jq -r .tg.rejected.code r)"
check_same "the cache gives back the same reject" r o

# A rejects file can be read by tg-prompt --retry.
ended error timeout '"request":{"kind":"generate"},"task":"code_summary_retrieval"' \
	'"text":"t"' | tg-emit --rejects r 2>err
is "--retry makes a request of a rejected record" generate \
	"$(tg-prompt generate --retry r | jq -r .tg.request.kind)"

# Duplicates.
# count OPTION... -- RECORD...: prints the number of triplets.
count() {
	local opts=()
	while [ "$1" != -- ]; do opts+=("$1") && shift; done
	shift
	printf '%s\n' "$@" | tg-emit "${opts[@]}" 2>err | wc -l | tr -d ' '
}
t='"task":"t","language":"en","code_language":"python"'
a=$(pair '"q"' '"p"' "$t")
is "a repeated query is a duplicate" 1 "$(count -- "$a" "$(pair '"q"' '"p2"' "$t")")"
is "a repeated positive is a duplicate" 1 "$(count -- "$a" "$(pair '"q2"' '"p"' "$t")")"
is "a query that equals a positive is no duplicate" 2 "$(count -- "$a" "$(pair '"p"' '"q"' "$t")")"
is "only the first positive makes duplicates" 2 \
	"$(count -- "$(pair '"q"' '"p","x"' "$t")" "$(pair '"q2"' '"p2","x"' "$t")")"
is "escapes and outer white space make no difference" 1 \
	"$(count -- "$a" "$(pair '"\u0071\n"' '"p2"' "$t")")"
is "inner white space makes a difference" 2 "$(count -- "$(pair '"a b"' '"p"')" "$(pair '"a  b"' '"r"')")"
is "a NUL makes a difference" 2 "$(count -- "$(pair '"a"' '"p"')" "$(pair '"a\u0000"' '"r"')")"
is "a dropped duplicate drops no other records" 2 \
	"$(count -- "$a" "$(pair '"q"' '"p2"' "$t")" "$(pair '"q3"' '"p2"' "$t")")"
for other in '"task":"u","language":"en","code_language":"python"' \
	'"task":"t","language":"zh","code_language":"python"' \
	'"task":"t","language":"en","code_language":"java"' \
	'"task":"t","language":"en","code_language":"python","tgt_code_language":"c"'; do
	is "a pair with $other is no duplicate" 2 "$(count -- "$a" "$(pair '"q"' '"p"' "$other")")"
	is "--dedupe run drops a pair with $other" 1 \
		"$(count --dedupe run -- "$a" "$(pair '"q"' '"p"' "$other")")"
done
is "--dedupe none drops nothing" 2 "$(count --dedupe none -- "$a" "$a")"
is "pairs without a task are compared by their prompt" 2 \
	"$(count -- '{"prompt":"A","query":"q","pos":"p"}' '{"prompt":"B","query":"q","pos":"p"}' \
		'{"prompt":"A","query":"q","pos":"x"}')"
check_status "--dedupe takes only its three words" 2 tg-emit --dedupe all </dev/null

# Earlier output.
echo "$a" | tg-emit --meta >old-meta
echo "$a" | tg-emit >old-plain
b=$(pair '"q"' '"p2"' "$t") c=$(pair '"q"' '"p2"' '"task":"u"')
is "--against drops pairs in output that has meta" 0 "$(count --against old-meta -- "$b")"
is "--against output with meta keeps a pair of another task" 1 "$(count --against old-meta -- "$c")"
is "--against plain output compares tasks by the prompt" 0 "$(count --against old-plain -- "$c")"
is "--against plain output keeps a pair with another prompt" 1 "$(count --against old-plain -- "${b/\"P\"/\"O\"}")"
is "--dedupe run --against drops a pair of another task" 0 "$(count --dedupe run --against old-meta -- "$c")"
echo "$c" | tg-emit --against old-meta 2>err >/dev/null
is "--against that drops nothing says what was read" \
	"tg-emit: --against: $(wc -l <old-meta | tr -d ' ') triplet was read there, and no pair of this run repeats one of its task and languages; --dedupe run compares all" "$(cat err)"
echo "$b" | tg-emit --against old-meta 2>err >/dev/null
check "--against that drops something is silent" [ ! -s err ]
is "--against may be given twice" 0 "$(count --against old-meta --against /dev/null -- "$b")"
{
	cat old-meta
	echo '[1]'
	echo '{"query":"zz"}'
	echo '{"prompt":"P","query":"r","pos":["s"],"rejected":true,"meta":{"task":"t"}}'
	printf '{"prompt":"P","query":"q9","po'
} >torn
is "--against reads the whole lines of a torn file" 1 "$(count --against torn -- "$b" "$(pair '"r"' '"s"' '"task":"t"')")"
is "--against names the lines that it skips" 'tg-emit: torn:2: skipped, not a JSON object
tg-emit: torn:3: skipped, pos is not a list of strings, or empty
tg-emit: torn:5: skipped, the last line is torn' "$(cat err)"
printf %s "$(cat old-meta)" >whole
is "--against reads a last line that only lacks its newline" 0 "$(count --against whole -- "$b")"
check "a last line without a newline makes no message" [ ! -s err ]
check_status "--against a missing file fails with status 3" 3 tg-emit --against nowhere </dev/null
# A second run of the same command adds nothing to the same file.
for i in 1 2 3; do pair "\"q$i\"" "\"p$i\"" "$t"; done >in
tg-emit --meta in >o
tg-emit --meta --against o in >>o
is "a second run adds nothing" 3 "$(wc -l <o | tr -d ' ')"

# The option --meta.
echo '{"text":"T","similar":["s"],"b":0.10,"query":"q","a":"\u0000","pos":["p"],"neg":[],"tg":{"pair":true,"id":"I","task":"t","language":"en","code_language":"python","model":"m","judge":{"verdict":1},"key":"k","out":["o"]},"z":{"y":[1e400]}}' >in
is "--meta adds the record's state and the user's members" '{"prompt":"","query":"q","pos":["p"],"neg":[],"meta":{"id":"I","task":"t","language":"en","code_language":"python","model":"m","judge":{"verdict":1},"b":0.10,"a":"\u0000","z":{"y":[1e400]}}}' \
	"$(tg-emit --meta in)"
while IFS='|' read -r fields want; do
	is "--meta of the fields $fields has $want" "{\"language\":\"en\",\"code_language\":\"cplusplus\"$want}" \
		"$(echo "{\"query\":\"q\",\"pos\":\"p\",$fields,\"tg\":{\"pair\":true,\"language\":\"en\",\"code_language\":\"cplusplus\"}}" |
			tg-emit --meta | jq -c .meta)"
done <<'END'
"code_language":"C++"|
"code_language":"cplusplus","language":"English"|
"language":"cpp"|
"code_language":"C"|,"code_language_":"C"
"language":"fr"|,"language_":"fr"
"language":5|,"language_":5
"code_language":""|,"code_language_":""
END
is "--meta leaves out the field that holds the text" '{"text":"x"}' \
	"$(out '{"code":"c","text":"x","query":"q","pos":"p","tg":{"pair":true,"field":"code"}}' >/dev/null
	echo '{"code":"c","text":"x","query":"q","pos":"p","tg":{"pair":true,"field":"code"}}' |
		tg-emit --meta | jq -c .meta)"
is "--meta of a bare pair is empty" '{}' "$(echo '{"query":"q","pos":"p"}' | tg-emit --meta | jq -c .meta)"
is "--meta renames a user's member that has a name of its own" '{"id":"I","id__":7,"id_":8,"task_":"x"}' \
	"$(echo '{"id":7,"id_":8,"task":"x","query":"q","pos":"p","tg":{"pair":true,"id":"I"}}' |
		tg-emit --meta | jq -c .meta)"
is "--meta keeps members with escaped names" '{"a\"b":1,"é":2}' \
	"$(echo '{"a\"b":1,"\u00e9":2,"query":"q","pos":"p"}' | tg-emit --meta | jq -c .meta)"

# The option --debug.
log='"log":[{"kind":"generate","step":1,"prompt":"g1","answer":"a1"},{"kind":"generate","step":2,"prompt":"g2","answer":"a2"},{"kind":"judge","step":1,"prompt":"j","answer":"1"},{"kind":"negatives","prompt":"n","answer":"x"}]'
judged='"judge":{"verdict":1,"answer":"1"}'
is "--debug adds the last prompt and answer of each kind, and the verdict" '{"prompt":"P","query":"q","pos":["p"],"neg":["n"],"generation_prompt":"g2","response":"a2","judge":"1","judge_prompt":"j","judge_response":"1","docid":"I"}' \
	"$(pair '"q"' '"p"' "\"id\":\"I\",$judged,$log" | tg-emit --debug)"
is "--debug gives the verdict and its answer without a log" '["2",null,"(2)"]' \
	"$(pair '"q"' '"p"' '"judge":{"verdict":2,"answer":"(2)"}' | tg-emit --debug | jq -c '[.judge, .judge_prompt, .judge_response]')"
for odd in 3 -1 '"1"' 1.5 null; do
	is "--debug gives no verdict for $odd" null "$(pair '"q"' '"p"' "\"judge\":{\"verdict\":$odd}" | tg-emit --debug | jq -c .judge)"
done
log=$(printf '%*s' 400000 '' | sed 's/ /{},/g')
pair '"q"' '"p"' "\"log\":[$log{\"kind\":\"judge\",\"answer\":\"1\"}]" >in
is "--debug searches a log of 400,000 entries in time" 1 \
	"$(timeout $((20 * SLOW)) tg-emit --debug in | jq -r .judge_response)"
is "--debug gives null where there is no log" '[null,null,null,null,null,null]' \
	"$(pair '"q"' '"p"' | tg-emit --debug |
		jq -c '[.generation_prompt, .response, .judge, .judge_prompt, .judge_response, .docid]')"
{
	ended rejected judge_2 '"pair":true' '"query":"q","pos":["p"]'
	ended rejected refused
	pair '"q"' '"p"'
} >in
is "--debug writes rejected pairs too" 'true false' \
	"$(tg-emit --debug --rejects r --summary s in | jq '.rejected // false' |
		tr '\n' ' ' | sed 's/ $//')"
is "--debug still counts rejected pairs as rejects" '1 2' \
	"$(jq -r '"\(.triplets) \(.rejected | add)"' s)"
is "--debug still puts rejected pairs into the rejects file" 2 "$(wc -l <r | tr -d ' ')"

# Input of all kinds.
check_status "empty input is no error" 0 tg-emit </dev/null >o
check "empty input makes no output" [ ! -s o ]
is "BOM, CRLF, blank lines and a missing last newline are fine" 2 \
	"$(printf '\357\273\277%s\r\n\n \n%s' "$a" "$(pair '"q2"' '"p2"')" | tg-emit | wc -l | tr -d ' ')"
{ printf '{"query":"'; head -c 1048576 /dev/zero | tr '\0' x; echo '","pos":"p"}'; } >in
is "a line of 1 MiB is fine" 1 "$(tg-emit in | wc -l | tr -d ' ')"
check_status "a line over --max-line makes status 1" 1 tg-emit --max-line 4096 --rejects r in >o 2>err
is "a line over --max-line ends in line_too_long" line_too_long "$(jq -r .tg.error.code r)"
printf '{"query":"\377","pos":"p"}\n' >in
check_status "bad UTF-8 makes status 1" 1 tg-emit in 2>err
check_status "a missing input file makes status 3" 3 tg-emit nowhere
pair '"q"' '"p"' >in
is "several input files are read, - as standard input" 2 "$(tg-emit --dedupe none in - <in | wc -l | tr -d ' ')"

# Output that fails.
check_status "a full stdout makes status 3" 3 sh -c 'tg-emit in >/dev/full 2>err'
check "the message names stdout" grep -q stdout err
ended error c >bad
check_status "a full rejects file makes status 3" 3 tg-emit --rejects /dev/full bad 2>err
check "the message names the full rejects file" grep -q '^tg-emit: /dev/full: ' err
check_status "a rejects file in a missing folder makes status 3" 3 tg-emit --rejects no/where bad 2>err
check "the message names the missing rejects file" grep -q '^tg-emit: no/where: ' err
check_status "a full summary makes status 3" 3 tg-emit --summary /dev/full in 2>err
for i in $(seq 20000); do echo "{\"query\":\"q$i\",\"pos\":\"p$i\"}"; done >many
tg-emit many 2>err | head -n 1 >o
is "a broken pipe ends tg-emit quietly with status 141" '141 0 0' \
	"$(bash -c 'tg-emit many 2>err | head -n 1 >o; echo "${PIPESTATUS[@]}"') $(wc -c <err | tr -d ' ')"
is "20000 triplets come out" 20000 "$(tg-emit many | wc -l | tr -d ' ')"
is "--against drops 20000 triplets of an earlier run" 0 "$(tg-emit --against many many | wc -l | tr -d ' ')"

# The first triplet is out before the second record comes.
mkfifo fifo
tg-emit <fifo >flow &
exec 5>fifo
pair '"q"' '"p"' >&5
check "a triplet goes out before the input ends" wait_for [ -s flow ]
exec 5>&-
wait

# The status line.
tg-emit --progress --total 40000 many 2>err >o
is "off a terminal --progress writes one last line" 1 "$(wc -l <err | tr -d ' ')"
check "the last line has the counts" grep -Eq '^tg-emit: 20000/40000 documents, [0-9.]+/s, kept 20000$' err
if script -qec true /dev/null >/dev/null 2>&1; then
	on_tty() { # COMMAND: prints its stderr, which is a terminal
		TERM=${term:-xterm} script -qec "$1 >/dev/null" /dev/null </dev/null
	}
	# Records come until the status line has been drawn.
	slow='for i in $(seq 100); do
		cat in
		sleep 0.1
		! grep -q documents err || break
	done | tg-emit --progress --dedupe none'
	on_tty "$slow" >err
	check "on a terminal the status line is drawn in place" grep -q "$(printf '\033')\[Ktg-emit: [0-9]* documents.*$(printf '\r')" err
	check "on a terminal the last status line stays" grep -q 'tg-emit: [0-9]* documents, .*, kept [0-9]*.$' err
	# shellcheck disable=SC2016
	on_tty 'trap "" INT; for i in $(seq 100); do
		cat in && kill -INT 0
		sleep 0.1
		! grep -q stopping err || break
	done | tg-emit --progress --total 99999 --dedupe none' >err
	check "after a stop the status line forecasts nothing" grep -q 'documents, [0-9.]*/s, stopping, kept' err
	term=dumb on_tty "$slow" >err
	check_fail "TERM=dumb gets no escape sequences" grep -q "$(printf '\033')" err
	NO_COLOR=1 on_tty "$slow" >err
	check_fail "NO_COLOR gets no escape sequences" grep -q "$(printf '\033')" err
	check_status "a terminal as input without a file argument is refused" 2 script -qec tg-emit /dev/null
else
	skip "the status line is drawn on a terminal" "no script(1)"
fi

done_testing
