#!/bin/bash
# tg-cache: hits, what is stored, and odd things in the cache folder.
# shellcheck disable=SC2094
export VALGRIND_ONE_IN=3
. tests/lib.sh
cd "$T" || exit 3

row=code_summary_retrieval

# stamped TEXT [OPTION...]: makes a record as tg-prompt generate leaves it.
stamped() {
	local text=$1
	shift
	jq -nc --arg t "$text" '{text: $t, user: 1}' |
		tg-prompt generate -t $row "$@"
}

# finish [MEMBERS]: makes pairs of stamped records, as the tools would.
finish() {
	jq -c '.prompt = "P" | .query = .text | .pos = ["about " + .text] |
		.neg = [] | del(.tg.request) | .tg.pair = true | .tg.model = "m" |
		.tg.judge = {"verdict": 1} | '"${1:-.}"
}

id=$(printf a | md5sum | cut -c 1-32)
file=c/$id.json
stamped a >a
finish <a >a.pair

# A pair is stored and comes back.
check_status "get on an empty cache exits with 0" 0 tg-cache get -d c a >o
check_same "a miss passes the same bytes" a o
check "get makes the cache folder" [ -d c ]
tg-cache put -d c a.pair >o
check_same "put passes the same bytes" a.pair o
is "an entry has the published layout and the members that name it" \
	'[{"prompt":"P","query":"a","pos":["about a"],"neg":[],"tg":["code_language","fingerprint","judge","key","language","model","task","text_sha256","vary"]}]' \
	"$(jq -c '.[0].tg |= keys' "$file")"
is "an entry holds the SHA-256 of the text" "$(printf a | sha256sum | cut -c 1-64)" \
	"$(jq -r '.[0].tg.text_sha256' "$file")"
is "an entry holds the fingerprint of key and -k" \
	"$({ jq -j .tg.key a; printf '\0\0'; } | sha256sum | cut -c 1-64)" \
	"$(jq -r '.[0].tg.fingerprint' "$file")"
tg-cache get -d c a >hit
is "a hit is paired, judged and has no request" \
	'{"prompt":"P","query":"a","pos":["about a"],"neg":[],"user":1,"tg":[null,true,true,"m",{"verdict":1}]}' \
	"$(jq -c '{prompt, query, pos, neg, user, tg: (.tg | [.request, .pair, .cached, .model, .judge])}' hit)"
is "a hit reaches the output without an LLM" 1 "$(tg-llm -u http://127.0.0.1:1/v1 -m m <hit | tg-arrange |
	tg-prompt judge | tg-emit | wc -l | tr -d ' ')"
before=$(stat -c %i "$file")
tg-cache put -d c hit >o
is "put does not write an unchanged hit" "$before" "$(stat -c %i "$file")"
jq -c '.neg = ["n"]' hit | tg-cache put -d c >o
is "put adds new negatives to an entry" '[["n"]]' "$(jq -c '[.[].neg]' "$file")"
jq -c 'del(.tg.request)' a >new
is "a stamped record without a request hits, too" '["n"]' \
	"$(tg-cache get -d c new | jq -c .neg)"

# Records that do not hit.
for other in '-c java' '-l zh' '-k 2 --seed 3' '-T c'; do
	# shellcheck disable=SC2086
	stamped a $other >b
	cmp -s <(jq .tg.key a) <(jq .tg.key b) && continue
	tg-cache get -d c b >o
	check_same "a record stamped with $other does not hit" b o
done
stamped a -c java >b
tg-cache get -d c b >o
check_same "a Python entry does not answer a Java record" b o
finish '.query = "java"' <b | tg-cache put -d c >o
is "one file holds the entries of both languages" '["a","java"]' "$(jq -c '[.[].query]' "$file")"
is "each record gets the entry of its own language" 'a java' \
	"$(cat a b | tg-cache get -d c | jq -r .query | paste -sd ' ' -)"
tg-cache get -d c -k other a >o
check_same "another -k does not hit" a o
tg-cache put -d c -k other <a.pair >o
is "one file holds the entry of another -k, too" 3 "$(jq length "$file")"
is "the same -k hits" true "$(tg-cache get -d c -k other a | jq .tg.cached)"
jq -c '.[].tg.text_sha256 = "0"' "$file" >x && cp "$file" keep && mv x "$file"
tg-cache get -d c a >o
check_same "an entry with the SHA-256 of another text does not hit" a o
mv keep "$file"
for edit in '.tg.request.kind = "judge"' '.tg.request.step = 2' '.tg.pair = true' \
	'.tg.error = {"code": "c"}' 'del(.tg.key)' 'del(.tg.id)' 'del(.text)' \
	'.tg.id = "../../../../../../../../../../x"' '.tg.id |= ascii_upcase' \
	'.tg.id += "\u0000"'; do
	jq -c "$edit" a >b
	# A request counts before the pair, so it goes.
	[ "$edit" != '.tg.pair = true' ] || jq -c "$edit | del(.tg.request)" a >b
	tg-cache get -d c b >o
	check_same "get lets a record pass after: $edit" b o
done
for edit in '.tg.error = {"code": "c"}' 'del(.tg.key)' 'del(.tg.id)' 'del(.text)' \
	'del(.tg.pair)' '.query = 1' '.pos = []' '.tg.request = {"kind": "judge"}' \
	'.tg.id = "../../../../../../../../../../x"' '.tg.id = "/tmp/x"' \
	'.tg.error = {"code": "c"} | .tg.rejected = {"code": "c"}'; do
	jq -c "$edit" a.pair >b
	check_status "put exits with 0 after: $edit" 0 tg-cache put -d d b >o 2>err
	check_same "put lets a record pass after: $edit" b o
	is "put stores nothing after: $edit" '' "$(find d -name '*.json')"
done
jq -c 'del(.text)' a.pair | tg-cache put -d d 2>err >o
is "put says that it needs the text" 'tg-cache: a record without its text is not stored' \
	"$(cat err)"

# Rejects.
rm -rf c
reject='.tg.rejected = {"tool":"t","code":"judge_2","message":"m"}'
finish "$reject" <a >a.reject
tg-cache put -d c a.reject >o
check_same "put passes a reject unchanged" a.reject o
check "a reject is not stored among the pairs" [ ! -e "$file" ]
is "a reject is stored among the rejects" judge_2 "$(jq -r '.[0].tg.rejected.code' "c/rejected/$id.json")"
tg-cache get -d c a >hit
is "a stored reject is rejected again without a request" '[true,true,null,{"tool":"t","code":"judge_2","message":"m"},"a"]' \
	"$(jq -c '[.tg.cached, .tg.pair, .tg.request, .tg.rejected, .query]' hit)"
before=$(stat -c %i "c/rejected/$id.json")
tg-cache put -d c hit >o
is "put does not write an unchanged reject" "$before" "$(stat -c %i "c/rejected/$id.json")"
tg-cache put -d c a.pair >o
check "a pair takes the place of a stored reject" [ -e "$file" -a ! -e "c/rejected/$id.json" ]
tg-cache put -d c a.reject >o
check "a reject takes the place of a stored pair" [ ! -e "$file" -a -e "c/rejected/$id.json" ]
jq -c "$reject | del(.tg.request)" a | tg-cache put -d c >o
is "a reject that never was a pair comes back" '[true,null,"judge_2",null]' \
	"$(tg-cache get -d c a | jq -c '[.tg.cached, .tg.pair, .tg.rejected.code, .query]')"
tg-prompt generate -t $row --retry hit >again
is "--retry makes the LLM asked again for a stored reject" null \
	"$(tg-cache get -d c again | jq -r .tg.rejected.code)"
jq -c "$reject | del(.tg.request)" again | tg-cache put -d c >o
is "a second --retry meets the reject of the first" judge_2 \
	"$(tg-cache get -d c again | jq -r .tg.rejected.code)"
is "a record without --retry meets the first reject" judge_2 "$(tg-cache get -d c a | jq -r .tg.rejected.code)"

# Files of the published generator.
rm -rf c && mkdir c
jq -n '[{prompt: "X", query: "zwei\nZeilen", pos: ["p"], neg: []},
	{prompt: "Y", query: "r", pos: ["s"], neg: ["n"]}]' >"$file"
cp "$file" theirs
tg-cache get -d c a >o 2>err
check_same "files of the published generator do not hit by default" a o
check "files of the published generator make no message" [ ! -s err ]
tg-cache get -d c --foreign a >hit
is "--foreign turns a file into one hit" 1 "$(wc -l <hit | tr -d ' ')"
is "--foreign takes the first entry" '["X","zwei\nZeilen",["p"],[],true,null]' \
	"$(jq -c '[.prompt, .query, .pos, .neg, .tg.pair, .tg.request]' hit)"
prompt=$(jq -c 'del(.tg.request) | .tg.response = {kind: "generate", step: 1,
	choices: [{text: "x"}]}' a | tg-arrange | jq .prompt)
jq ".[1].prompt = $prompt" theirs >"$file"
is "--foreign prefers the entry with the task's prompt" r \
	"$(tg-cache get -d c --foreign a | jq -r .query)"
cp theirs "$file"
tg-cache put -d c hit >o
is "put turns a foreign entry into an own one in its place" '["zwei\nZeilen","r"]' "$(jq -c '[.[].query]' "$file")"
is "a foreign entry that put has turned hits" true "$(tg-cache get -d c a | jq .tg.cached)"
is "the other foreign entries stay" '{"prompt":"Y","query":"r","pos":["s"],"neg":["n"]}' "$(jq -c '.[1]' "$file")"
jq '.[0] += {generation_prompt: "G", response: "R", judge: "1", judge_response: "1", docid: "d"}' theirs >"$file"
tg-cache get -d c --foreign a >hit
for i in 1 2; do
	jq -c ".neg += [\"n$i\"]" hit | tg-cache put -d c >hit2 && mv hit2 hit
	is "an own entry keeps what a debugging run of the published generator noted, store $i" "$i G R 1 d" \
		"$(jq -r '.[0] | "\(.neg | length) \(.generation_prompt) \(.response) \(.judge_response) \(.docid)"' "$file")"
done
is "an own entry that was foreign gives what was asked and answered" '["G","R","1"]' \
	"$(tg-cache get -d c a | jq -c '[.tg.log[0].prompt, .tg.log[].answer]')"
cp "$file" before
tg-cache put -d c hit >o
check_same "the same pair is not written twice" before "$file"
for judge in '"2"' '"0. Option 1 is false"' '"no"'; do
	jq ".[0].judge = $judge | [.[0]]" theirs >"$file"
	is "a foreign entry that its judge answered with $judge is a miss" null \
		"$(tg-cache get -d c --foreign a 2>err | jq .tg.cached)"
done
echo '[{"query":1}]' >"$file"
tg-cache get -d c --foreign a >o 2>err
check_same "a foreign entry that is no pair is a miss" a o
check "a foreign entry that is no pair makes a message" grep -q "^tg-cache: $file: ignored" err

# Damaged files: each is a miss with a message, never a crash.
bad() { # WHAT: tests a damaged $file
	check_status "$1: get exits with 0" 0 tg-cache get -d c a >o 2>err
	check_same "$1: the file is a miss" a o
	is "$1: one message says that the file is ignored" 1 "$(grep -c "^tg-cache: $file: ignored" err)"
	check_status "$1: put exits with 0" 0 tg-cache put -d c a.pair >o 2>err
	is "$1: a record hits after put" true "$(tg-cache get -d c a | jq .tg.cached)"
	check "$1: put sets the file aside" [ -e "c/broken/$id.json" -o -L "c/broken/$id.json" ]
	rm -rf "$file" c/broken
}
rm -rf c && tg-cache put -d c a.pair >o && cp "$file" whole
size=$(wc -c <whole)
for n in 0 1 2 40 $((size / 2)) $((size - 3)); do
	head -c "$n" whole >"$file"
	bad "torn at $n"
done
echo '{"query":"q"}' >"$file" && bad "an object"
echo '["a"]' >"$file" && bad "a list of strings"
head -c 300 /dev/urandom >"$file" && bad "noise"
head -c 100000 /dev/zero | tr '\0' '[' >"$file" && bad "deep"
truncate -s 300M "$file" && bad "300 MB"
echo precious >victim && ln -s ../victim "$file" && bad "a link"
is "the target of a symbolic link is not written" precious "$(cat victim)"
ln -s ../nowhere "$file" && bad "a dangling link"
mkfifo "$file" && bad "a FIFO"
mkdir "$file" && bad "a directory"
rm -rf c && mkdir c && echo >c/rejected
check_status "get exits with 0 if rejected is a file" 0 tg-cache get -d c a >o 2>err
check_same "get misses if rejected is a file" a o
check_status "put exits with 3 if rejected is a file" 3 tg-cache put -d c a.pair >o 2>err
check "the message names the file rejected" grep -q '^tg-cache: c/rejected: ' err

# Cache folders that cannot be used.
check_status "a missing -d is refused" 2 tg-cache get a
check_status "a missing subcommand is refused" 2 tg-cache -d c a
check_status "an empty command line is refused" 2 tg-cache
for op in get put; do
	check_status "$op exits with 3 if the folder's parent is missing" 3 tg-cache $op -d no/where a 2>err
	check "the message of $op names the folder" grep -q '^tg-cache: no/where: ' err
	check_status "$op exits with 3 if the folder is a file" 3 tg-cache $op -d a a 2>err
done
rm -rf c && tg-cache put -d c a.pair >o
chmod -R a-w c
if [ -w c ]; then
	skip "get hits in a folder that cannot be written" "root writes anywhere"
	skip "put into a folder that cannot be written exits with 3" "root writes anywhere"
else
	is "get hits in a folder that cannot be written" true \
		"$(tg-cache get -d c a | jq .tg.cached)"
	check_status "put into a folder that cannot be written exits with 3" 3 tg-cache put -d c a.pair
fi
chmod -R u+w c
if mkdir small && unshare -m true 2>/dev/null; then
	# The mount namespace ends with the process.
	cat >full.sh <<-'END'
		mount -t tmpfs -o size=64k,mode=755 none small || exit 9
		tg-cache put -d small a.pair >/dev/null || exit 8
		tg-cache put -d small big >/dev/null 2>err
		echo $?
		find small -name '*.tmp'
		tg-cache get -d small a | jq .tg.cached
		mount -o remount,ro small || exit 7
		tg-cache get -d small a | jq .tg.cached
		tg-cache put -d small a.pair >/dev/null 2>err.ro
		echo $?
	END
	stamped "$(head -c 100000 /dev/zero | tr '\0' x)" | finish >big
	unshare -m sh full.sh >o
	if [ $? -ne 9 ]; then
		is "put on a full disk exits with 3 and harms nothing; on a read-only one, get hits and put exits with 3" \
			'3 true true 3' "$(paste -sd ' ' o)"
		check "the message names the file for which there is no space" grep -q '^tg-cache: small/.*json: No space' err
	else
		skip "put on a full disk exits with 3" "no tmpfs can be mounted"
	fi
else
	skip "put on a full disk exits with 3" "no mount namespace"
fi
check_status "a full stdout makes status 3" 3 sh -c 'tg-cache get -d c a >/dev/full'
for i in $(seq 3000); do echo "{\"text\":\"t$i\"}"; done |
	tg-prompt generate -t $row >many
is "a broken pipe ends tg-cache quietly with status 141" '141 0 0' \
	"$(bash -c 'tg-cache get -d c many 2>err | head -n 1 >o; echo "${PIPESTATUS[@]}"') $(wc -c <err | tr -d ' ')"

# Several writers on the same ids, and kills.
rm -rf c
for lang in java python go ruby; do
	for i in $(seq 25); do stamped "t$i" -c $lang; done | finish >"w.$lang"
done
for lang in java python go ruby; do
	tg-cache put -d c --no-fsync "w.$lang" >/dev/null &
done
wait
is "four writers at once lose nothing" 100 "$(cat c/*.json | jq -s 'map(length) | add')"
rm -rf c
for i in $(seq 20); do
	tg-cache put -d c w.java >/dev/null 2>&1 &
	sleep "0.00$((RANDOM % 10))"
	{ kill -9 $! && wait $!; } 2>/dev/null
done
is "kills leave no torn file" 0 \
	"$(find c -name '*.json' ! -exec jq -e 'length == 1' {} \; -print 2>/dev/null | grep -c json)"
tg-cache put -d c w.java >/dev/null
is "a run after kills completes the cache and leaves no temporary file" '25 0' \
	"$(find c -name '*.json' | wc -l | tr -d ' ') $(find c -name '*.tmp' | wc -l | tr -d ' ')"
is "all records hit after that run" 25 \
	"$(for i in $(seq 25); do stamped "t$i" -c java; done | tg-cache get -d c |
		jq -c 'select(.tg.cached)' | wc -l | tr -d ' ')"

# Input of all kinds.
check_status "empty input is no error" 0 tg-cache put -d c </dev/null
is "BOM, CRLF, blank lines and a missing last newline are fine" 2 \
	"$(printf '\357\273\277%s\r\n\n%s' "$(cat a)" "$(cat a)" | tg-cache get -d c | wc -l | tr -d ' ')"
stamped "$(printf 'nul \001')" | sed 's/nul /\\u0000\\u00e9/' |
	jq -c '.tg = {"task": "code_summary_retrieval"}' | tg-prompt generate >z
finish <z | tg-cache put -d c >o
is "a text with a NUL hits" true "$(tg-cache get -d c z | jq .tg.cached)"
check_status "a line that is no record makes status 1" 1 sh -c 'echo no | tg-cache put -d c >o 2>err'
is "a line that is no record passes as an error" bad_record "$(jq -r .tg.error.code o)"

done_testing
