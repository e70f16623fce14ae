#!/bin/bash
# tg-cache: many writers, the subcommands gc, verify, stat, export and import,
# caches in two levels, and the published generator on the same files.
# shellcheck disable=SC2094
export VALGRIND_ONE_IN=3
. tests/lib.sh
cd "$T" || exit 3

row=code_summary_retrieval

# stamped TEXT...: makes records as tg-prompt generate leaves them.
stamped() {
	jq -nc '$ARGS.positional[] | {text: .}' --args "$@" | tg-prompt generate -t $row
}

# finish [MEMBERS]: makes pairs of stamped records, as the tools would.
finish() {
	jq -c '.prompt = "P" | .query = .text | .pos = ["about " + .text] |
		.neg = [] | del(.tg.request) | .tg.pair = true | .tg.model = "m" |
		'"${1:-.}"
}
reject='.tg.rejected = {"tool": "t", "code": "judge_2", "message": "m"}'

put() { tg-cache put --no-fsync "$@" >/dev/null; }
hits() { tg-cache get "$@" | jq -c 'select(.tg.cached)' | wc -l | tr -d ' '; }
id() { printf %s "$1" | md5sum | cut -c 1-32; }
count() { tg-cache stat -d "$1" | jq -c "$2"; }

stamped a >a
finish <a >a.pair
a=$(id a)

# The MD5 only names the file, and two texts may share it.
one=TEXTCOLLBYfGiJUETHQ4hAcKSMd5zYpgqf1YRDhkmxHkhPWptrkoyz28wnI9V0aHeAuaKnak
two=${one/hAc/hEc}
is "the two texts have one MD5" "$(id "$one")" "$(id "$two")"
stamped "$one" >one
stamped "$two" >two
finish <one | put -d md5
tg-cache get -d md5 two >o
check_same "a text does not hit the entry of another with the same MD5" two o
finish <two | put -d md5
is "one file holds the entries of both texts" 2 "$(jq length "md5/$(id $one).json")"
is "each text gets its own entry" "$one $two" "$(cat one two | tg-cache get -d md5 | jq -r .query | paste -sd ' ')"
check "verify accepts a file of two texts" tg-cache verify -d md5

# Negatives are kept, whatever pair is stored last.
put -d n a.pair
jq -c '.neg = ["n"]' a.pair | put -d n
put -d n a.pair
is "a pair without negatives takes none away" '["n"]' "$(jq -c '.[0].neg' "n/$a.json")"
jq -c '.query = "other"' a.pair | put -d n
is "another pair takes the place of the old one and its negatives" '[["other",[]]]' "$(jq -c 'map([.query, .neg])' "n/$a.json")"

# The option --retry-rejected.
finish "$reject" <a | put -d r
is "a stored reject hits" 1 "$(hits -d r a)"
tg-cache get -d r --retry-rejected a >o
check_same "--retry-rejected lets a stored reject be tried again" a o
put -d r a.pair
is "the new pair takes the place of the reject" '[1,0]' "$(count r '[.entries, .rejects]')"
is "--retry-rejected still hits pairs" 1 "$(hits -d r --retry-rejected a)"

# The option --read-only.
check_status "get --read-only exits with 3 if the folder is missing" 3 tg-cache get --read-only -d none a
check "get --read-only does not make the folder" [ ! -e none ]
check_status "put --read-only exits with 3 if the folder is missing" 3 tg-cache put --read-only -d none a.pair
mkdir ro && cp "r/$a.json" ro && find ro -printf '%p %T@\n' | sort >before
is "get --read-only hits" 1 "$(hits -d ro --read-only a)"
stamped b | finish | cat - a.pair >two.pairs
tg-cache put -d ro --read-only two.pairs >o
check_same "put --read-only passes records" two.pairs o
find ro -printf '%p %T@\n' | sort >after
check_same "--read-only changes no file and makes no lock" before after
if unshare -m true 2>/dev/null; then
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount --bind ro ro && mount -o remount,ro,bind ro || exit 9
		tg-cache get -d ro a | jq -c .tg.cached
		tg-cache put -d ro --read-only a.pair | cmp - a.pair && echo same
		tg-cache put -d ro a.pair >o; echo $?
		for c in stat verify export; do tg-cache $c -d ro >o || echo $c; done
		tg-cache gc -d ro --dry-run >o; tg-cache gc -d ro >o; echo $?' >got 2>err
	if [ $? -ne 9 ]; then
		is "on a read-only file system get hits, and put and gc exit with 3" 'true same 3 3' "$(paste -sd ' ' got)"
	else
		skip "on a read-only file system get hits, and put and gc exit with 3" "nothing can be mounted"
	fi
else
	skip "on a read-only file system get hits, and put and gc exit with 3" "no mount namespace"
fi
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null && [ "$SLOW" = 1 ]; then
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -f -e trace=openat,mkdirat,renameat,unlinkat,fcntl -o calls \
		tg-cache get -d ro --read-only a >o
	check "get --read-only writes, locks and makes nothing" \
		bash -c '! grep -E "O_CREAT|O_RDWR|O_WRONLY|SETLK|mkdirat|rename|unlink" calls'
else
	skip "get --read-only writes, locks and makes nothing" "no strace"
fi

# A cache in two levels, as older versions made it. deep DIR turns DIR into one.
stamped $(seq 40) >forty
finish <forty >forty.pairs
head -n 3 forty | finish "$reject" >three.rejects
deep() {
	local f x
	mkdir -p "$1/00" "$1/ff"
	(cd "$1" && find . -name '*.json' -print) | while read -r f; do
		x=$(basename "$f" | cut -c 1-2)
		mkdir -p "$1/$(dirname "$f")/$x"
		mv "$1/$f" "$1/$(dirname "$f")/$x"
	done
}
put -d flat1 <(tail -n 37 forty.pairs) three.rejects
cp -r flat1 deep2 && deep deep2
is "the cache in two levels has no file at the top" '' "$(find deep2 -maxdepth 1 -name '*.json')"
for c in get put stat verify gc export; do
	check_status "$c refuses a cache in two levels" 3 tg-cache $c -d deep2 <forty.pairs >o 2>err
	is "$c passes nothing of a cache in two levels" 0 "$(wc -c <o)"
	is "$c says once how to import a cache in two levels" 1 "$(grep -c '^tg-cache: deep2: files lie in two levels, as in deep2/..; "tg-cache import -d deep2 deep2" brings them up$' err)"
	is "$c says nothing else about a cache in two levels" 1 "$(wc -l <err)"
done
find deep2 -type f | sort >before
cp -r deep2 deep3
check_status "import of a cache into itself exits with 0" 0 tg-cache import -d deep2 deep2 </dev/null
is "import moves all files to the top level" "$(cd flat1 && find . -name '*.json' | sort)" "$(cd deep2 && find . -name '*.json' | sort)"
check "import leaves the entries as they were" diff -r -x .lock flat1 deep2
is "import leaves no folder of the second level" '' "$(find deep2 -mindepth 1 -type d -name '??')"
is "all records hit after import" '40 3' "$(hits -d deep2 forty) $(tg-cache get -d deep2 forty |
	jq -c 'select(.tg.rejected)' | wc -l)"
check_status "a second import exits with 0" 0 tg-cache import -d deep2 deep2
check "a second import changes nothing" diff -r -x .lock flat1 deep2
tg-cache import -d new deep3 </dev/null
check "import of another cache brings the same entries" diff -r -x .lock flat1 new
is "import leaves the other cache unchanged" "$(cat before)" "$(find deep3 -type f | sed 's/^deep3/deep2/' | sort)"
tg-cache import -d flatter flat1 </dev/null
check "import of a cache in one level brings the same entries" diff -r -x .lock flat1 flatter
put -d some forty.pairs
f=$(tail -n 1 forty | jq -r .tg.id)
g=$(sed -n 39p forty | jq -r .tg.id)
mkdir "some/${f:0:2}" "some/ab"
mv "some/$f.json" "some/${f:0:2}"
check_status "get refuses a cache with one file in a second level" 3 tg-cache get -d some forty 2>err
# Entries stand in both levels: negatives win, and names at the top stay.
jq -c '.[0].tg.fingerprint |= gsub("[0-9]"; "0")' "some/${f:0:2}/$f.json" >"some/$f.json"
mkdir -p "some/${g:0:2}" && jq -c '.[0].neg = ["n"]' "some/$g.json" >"some/${g:0:2}/$g.json"
echo torn >"some/ab/ab$(printf %030d 1).json"
touch "some/ab/.ab$(printf %030d 2).json.tmp"
check_status "import of a broken file exits with 1" 1 tg-cache import -d some some 2>err
check "import names the broken file" grep -q "^tg-cache: some/broken/ab0.*1.json: set aside, " err
is "import merges the entries of one id" 2 "$(jq length "some/$f.json")"
is "import keeps negatives" '["n"]' "$(jq -c '.[0].neg' "some/$g.json")"
is "all records hit after import of entries in both levels" 40 "$(hits -d some forty)"
is "import removes the folders of the second level" '' "$(find some -mindepth 1 -type d ! -name broken)"
mkdir -p "left/ab" && echo torn >"left/ab/ab$(printf %030d 1).json"
check_status "import leaves out a broken file of another cache" 1 tg-cache import -d new left 2>err
check "a broken file of another cache stays there" [ -e "left/ab/ab$(printf %030d 1).json" ]
check_status "import takes files and folders at once" 0 tg-cache import -d both deep3 <(tg-cache export -d md5)
is "import stores the entries of files and folders" '39 3' "$(count both '[.entries, .rejects]' | tr -d '[]' | tr , ' ')"
mkdir -p chance/ab chance/00 && touch chance/cd && put -d chance a.pair
is "other folders with two-letter names are no second level" 1 "$(hits -d chance a)"
ln -s ../flat1/00 chance/ff
is "a symbolic link is no second level" 1 "$(hits -d chance a)"
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null && [ "$SLOW" = 1 ]; then
	for n in 1 3 9; do
		for call in renameat2 renameat unlinkat openat; do
			rm -rf killed && cp -r deep3 killed
			ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -qq -o hit -e trace=$call \
				-e inject=$call:signal=KILL:when=$n tg-cache import -d killed killed
			tg-cache import -d killed killed
			diff -r -x .lock flat1 killed >/dev/null || echo "$call $n"
		done
	done >differ
	is "an import that is killed anywhere and run again loses nothing" '' "$(cat differ)"
else
	skip "an import that is killed anywhere and run again loses nothing" "no strace"
fi

# The order of system calls: the file is on the disk, then its name, then
# stdout.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null && [ "$SLOW" = 1 ]; then
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -y -o calls \
		-e trace=fsync,renameat,write tg-cache put -d synced a.pair >passed
	order=$(sed -nE 's/^fsync\([0-9]+<[^>]*\.tmp>.*/file/p; s/^renameat\(.*/rename/p
		s/^fsync\([0-9]+<[^>]*\/synced>.*/folder/p
		s/^write\(1<.*/stdout/p' calls | paste -sd ' ')
	is "put syncs the file, renames it and syncs the folder before it writes to stdout" \
		'file rename folder stdout' "$order"
	head -n 1 forty | finish "$reject" >one.reject
	strace -y -o calls -e trace=mkdirat,fsync,renameat tg-cache put -d turned one.reject >passed
	order=$(sed -nE 's/^mkdirat\(.*"rejected".*/make/p; s/^fsync\([0-9]+<[^>]*\.tmp>.*/file/p
		s/^renameat\(.*/rename/p; s/^fsync\([0-9]+<[^>]*\/(turned|rejected)>.*/\1/p' calls | paste -sd ' ')
	is "put has a new folder of rejects on the disk before the reject in it" \
		'make turned file rename rejected' "$order"
else
	skip "put syncs the file, renames it and syncs the folder before it writes to stdout" "no strace"
fi

# Many writers work on one id: 32 with different fingerprints, 8 with the same
# one, some of them killed.
for i in $(seq 32); do
	(
		for _ in 1 2 3; do put -d many -k "k$i" a.pair; done
	) &
done
for _ in $(seq 8); do put -d many -k same a.pair & done
for _ in $(seq 12); do
	tg-cache put --no-fsync -d many -k victim forty.pairs a.pair >/dev/null 2>&1 &
	pid=$!
	sleep "0.0$((RANDOM % 10))"
	{ kill -9 $pid && wait $pid; } 2>/dev/null
done
wait
is "33 writers on one id lose no entry" 33 \
	"$(jq '[.[].tg.with | select(. != "victim")] | unique | length' "many/$a.json")"
is "33 writers on one id store no entry twice" "$(jq length "many/$a.json")" \
	"$(jq '[.[].tg.fingerprint] | unique | length' "many/$a.json")"
check "33 writers on one id leave no torn file" tg-cache verify -d many
put -d many -k victim forty.pairs a.pair
is "a run after a kill completes the cache and leaves no temporary file" '41 0' "$(hits -d many -k victim forty a) $(count many .temps)"
for i in $(seq 4); do put -d same -k k a.pair & done
for i in $(seq 4); do jq -c '.neg = ["n"]' a.pair | put -d same -k k & done
wait
is "of writers with and without negatives at once, the negatives stay" '[["n"]]' \
	"$(jq -c 'map(.neg)' "same/$a.json")"

# put is killed, or gets an error, at every system call. It stores three
# entries: for a file that is there, for one that is missing and for one that
# must go.
put -d start -k old a.pair
stamped b | finish | put -d start
{
	cat a.pair
	stamped b | finish "$reject"
	stamped c | finish
} >three
# sweep WHAT: tries every point and prints what went wrong.
sweep() {
	local call n points=0 status
	# The search for leaks cannot be traced.
	export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
	for call in openat write fsync renameat unlinkat fcntl mkdirat close; do
		for n in $(seq 60); do
			rm -rf k && cp -r start k
			strace -qq -e trace=$call -e inject=$call:"$1":when="$n" -o hit \
				tg-cache put -d k three >o 2>err
			status=$?
			grep -q INJECTED hit || [ $status = 137 ] || break
			points=$((points + 1))
			case $status in 0 | 3 | 127 | 137) ;; *) echo "$call $n: $status" ;; esac
			[ $status != 0 ] || [ $call = close ] || cmp -s o three ||
				echo "$call $n: status 0, but not all came out"
			tg-cache verify -d k || echo "$call $n: torn"
			[ $status = 137 ] || [ -z "$(find k -name '*.tmp')" ] ||
				echo "$call $n: a temporary file stays"
			tg-cache put -d k three >o 2>err
			[ "$(count k '[.entries, .rejects, .temps]')" = '[3,1,0]' ] ||
				echo "$call $n: it does not go on, or something is lost"
		done
	done
	diag "put, $1: $points points"
	[ "$points" -gt 20 ] || echo "only $points points"
}
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null && [ "$SLOW" = 1 ]; then
	is "a put killed at any system call tears and loses nothing" '' "$(sweep signal=KILL)"
	is "a put without disk space at any system call tears and loses nothing" '' "$(sweep error=ENOSPC)"
else
	skip "a put killed at any system call tears and loses nothing" "no strace"
	skip "a put without disk space at any system call tears and loses nothing" "no strace"
fi

# gc beside writers, and what it removes.
mkdir g && for i in 1 2 3; do touch "g/.$(id $i).json.tmp"; done
for i in $(seq 6); do
	put -d g -k "k$i" forty.pairs &
done
for _ in $(seq 10); do tg-cache gc -d g >o || echo "$?" >>gc.failed; done
wait
check "gc beside writers exits with 0" [ ! -e gc.failed ]
is "gc beside writers loses no entry" '[240,0]' "$(tg-cache gc -d g >o; count g '[.entries, .temps]')"
for i in 1 2 3; do touch "g/.$(id $i).json.tmp"; done
is "gc --dry-run counts the temporary files" '{"temps":3,"entries":0,"broken":0}' "$(tg-cache gc -d g --dry-run)"
is "gc --dry-run removes nothing" 3 "$(count g .temps)"
is "gc removes temporary files" '{"temps":3,"entries":0,"broken":0}' "$(tg-cache gc -d g)"
is "gc --keep-key removes the entries of other keys" '{"temps":0,"entries":160,"broken":0}' \
	"$(tg-cache gc -d g --keep-key k1 --keep-key k4)"
is "gc --keep-key keeps the entries of its keys" '{"k1":40,"k4":40}' "$(count g .keys)"
touch -d '3 days ago' "g/$(id 1).json" "g/$(id 2).json"
is "gc --older-than keeps younger files" 0 "$(tg-cache gc -d g --older-than 4 | jq .entries)"
is "gc --older-than removes older files" 4 "$(tg-cache gc -d g --older-than 2.5 | jq .entries)"
check "gc removes files that have become empty" [ ! -e "g/$(id 1).json" ]
echo '[{"query":"q","pos":["p"]}]' >"g/$(id 1).json"
is "gc --keep-key keeps foreign entries, which have no key" '0 1' \
	"$(tg-cache gc -d g --keep-key k1 --keep-key k4 | jq .entries) $(count g .foreign)"

# Broken files: verify lists them, put sets them aside, and gc removes them.
put -d b forty.pairs
f() { echo "b/$(id "$1").json"; }
wrong() { # TEXT JQ: spoils the entry of TEXT
	jq -c "$2" "$(f "$1")" >x && mv x "$(f "$1")"
}
head -c 50 "$(f 1)" >x && mv x "$(f 1)"
rm "$(f 2)" && ln -s /etc/passwd "$(f 2)"
rm "$(f 3)" && mkfifo "$(f 3)"
rm "$(f 4)" && mkdir "$(f 4)"
truncate -s 300M "$(f 5)"
wrong 6 'map(del(.query))'
wrong 7 'map(.tg.fingerprint |= ascii_upcase)'
wrong 8 'map(.tg.text_sha256 = "1")'
wrong 9 'map(.tg.with = "another")'
wrong 10 'map(.tg.text_sha256 |= gsub("[0-4]"; "5"))'
mv "$(f 11)" "$(f none)"
printf '[%s,]' "$(jq -c '.[0]' "$(f 14)")" >x && mv x "$(f 14)"
mkdir b/rejected && cp "$(f 12)" b/rejected
wrong 13 '. + [{query: "q", pos: []}]'
touch b/notes.txt b/0123.json
check_status "verify exits with 1 if files are broken" 1 tg-cache verify -d b >list
{
	for i in 1 2 3 4 5 6 7 8 9 10 none 13 14; do f "$i"; done
	echo "b/rejected/$(id 12).json"
} | sort >want
cut -f 1 list | sort >got
check_same "verify lists the broken files and nothing else" want got
is "verify gives one line and a reason for each file" 14 "$(grep -c "	[a-z]" list)"
is "verify names the broken entry of a file" "entry 2: pos is not a list of strings, or empty" \
	"$(grep -F "$(id 13)" list | cut -f 2)"
before=$(count b '[.broken, .set_aside, .other]')
is "stat counts broken files and other files" '[14,0,2]' "$before"
check_status "verify --set-aside exits with 1" 1 tg-cache verify -d b --set-aside >o
is "verify --set-aside moves the files that hold no list of entries" '[8,6,2]' "$(count b '[.broken, .set_aside, .other]')"
is "verify --set-aside moves each file under its own name" "$(for i in 1 2 3 4 5 14; do id "$i"; done | sed 's/$/.json/' | sort)" \
	"$(ls b/broken)"
is "the other broken files stay listed" 8 "$(tg-cache verify -d b | wc -l)"
echo torn >"$(f 1)"
put -d b forty.pairs
is "put sets a torn file aside and overwrites nothing there" "torn	50" \
	"$(cat "b/broken/$(id 1).json.1")	$(wc -c <"b/broken/$(id 1).json")"
is "gc --broken counts what it removes" 7 "$(tg-cache gc -d b --broken | jq .broken)"
is "gc --broken removes broken files and those set aside" "[$(tg-cache verify -d b | wc -l),0]" "$(count b '[.broken, .set_aside]')"
mkdir odd && echo '[{"prompt":1}]' >"odd/$a.json"
put -d odd a.pair
is "a bad entry beside a new one stays broken" '[1,1,0,1]' \
	"$(count odd '[.files, .entries, .foreign, .broken]')"
check "verify finds the bad entry beside the new one" grep -q "entry 1: " < <(tg-cache verify -d odd)
for _ in $(seq 30); do cat forty; done >much
for i in $(seq 40); do echo torn >"$(f "$i")"; done
tg-cache get -d b much >o 2>err
is "thousands of broken files make 21 messages" 21 "$(wc -l <err)"
check_same "broken files are misses" much o

# export and import.
rm -rf e && put -d e -k k1 forty.pairs && put -d e three.rejects
jq -c '.neg = ["x", "\u00e4\u0000"]' a.pair | put -d e
jq -n '[{prompt: "X", query: "zwei\nZeilen", pos: ["p"], neg: [], more: {x: 1.50}}]' |
	sed 's/1\.50*/1.50/; s/1\.5$/1.50/' >"e/$(id elsewhere).json"
check_status "export exits with 0" 0 tg-cache export -d e >e.jsonl
is "export writes all entries, sorted by id" '45 45' "$(wc -l <e.jsonl) $(jq -r .tg.id e.jsonl | sort -c && jq -c . e.jsonl | wc -l)"
rm -rf i
check_status "import exits with 0" 0 tg-cache import -d i e.jsonl >o
check "import writes nothing to stdout" [ ! -s o ]
tg-cache export -d i >i.jsonl
check_same "an export of the import is the same" e.jsonl i.jsonl
is "all records hit after import" '40 3' "$(hits -d i -k k1 forty) $(hits -d i <(head -n 3 forty))"
rm -rf i && tg-cache import -d i e.jsonl
for g in e/*.json e/rejected/*.json; do
	cmp -s <(jq -S . "$g") <(jq -S . "i/${g#e/}") || echo "$g"
done >differ
is "import makes an equal folder" '' "$(cat differ)"
find i -name '*.json' -printf '%i %p\n' | sort >before
tg-cache import -d i e.jsonl
find i -name '*.json' -printf '%i %p\n' | sort >after
check_same "a second import writes nothing" before after
is "tg-emit turns an export into a data set" '42 3' "$(tg-emit --dedupe none --rejects rej e.jsonl 2>err | wc -l) $(wc -l <rej)"
jq -c 'select(.tg.id == "'"$a"'") | .neg = []' e.jsonl | tg-cache import -d i
is "import takes no negatives away" 2 "$(jq '.[0].neg | length' "i/$a.json")"
jq -c 'select(.query == "zwei\nZeilen") | .neg = ["n"]' e.jsonl | tg-cache import -d i
is "import adds negatives to a foreign entry" '[["n"]]' "$(jq -c 'map(.neg)' "i/$(id elsewhere).json")"
for edit in 'del(.tg.id)' '.tg.id = "../x"' 'del(.tg.pair)' 'del(.query)' '.tg.fingerprint = "x"' \
	'.tg.text_sha256 = 7' 'del(.tg.text_sha256)' '.tg.fingerprint = null'; do
	rm -rf i
	check_status "import exits with 1 after: $edit" 1 tg-cache import -d i <(head -n 1 e.jsonl | jq -c "$edit") >o 2>err
	is "import passes a record as an error and does not store it after: $edit" 'tg-cache 0' \
		"$(jq -r .tg.error.tool o) $(find i -name '*.json' | wc -l)"
done
check_status "import of a line that is no record exits with 1" 1 sh -c 'echo no | tg-cache import -d i >o'
is "import passes a line that is no record as an error" bad_record "$(jq -r .tg.error.code o)"
check_status "export of a broken file exits with 1" 1 sh -c 'cp -r e eb; echo torn >eb/'"$a"'.json
	tg-cache export -d eb >o'
is "export writes the other entries" 44 "$(wc -l <o)"
check_status "export to a full stdout exits with 3" 3 sh -c 'tg-cache export -d e >/dev/full'

# The published generator: the part that reads and rewrites its files.
if command -v python3 >/dev/null; then
	cat >theirs.py <<-'END'
	import hashlib, json, os, sys
	folder, negatives = sys.argv[1], int(sys.argv[2])
	for line in sys.stdin:
	    text = json.loads(line)["text"]
	    name = hashlib.md5(text.encode()).hexdigest() + ".json"
	    path = os.path.join(folder, name)
	    found = []
	    if os.path.exists(path):
	        with open(path, encoding="utf-8") as f:
	            found = json.load(f)
	    if not found:
	        found = [{"prompt": "I", "query": "their " + text, "pos": [text], "neg": []}]
	    for t in found:
	        print(json.dumps([t["query"], t["pos"][0], len(t["neg"])]))
	        if negatives and len(t["neg"]) == 0:
	            t["neg"].append("negative of " + t["query"] + " \u00e9\U0001f600")
	    with open(path, "w", encoding="utf-8") as f:
	        json.dump(found, f, indent=4, ensure_ascii=False)
	END
	jq -nc '{text: "ä\n\t\"\\ \u0001 😀"}, {text: "plain"}' >texts
	tg-prompt generate -t $row texts >weird
	finish <weird | put -d p
	python3 theirs.py p 0 <texts >o
	is "the published generator reads our files" "$(finish <weird | jq -c '[.query, .pos[0], 0]')" "$(jq -c . o)"
	python3 theirs.py p 1 <texts >o
	is "our records hit with the negatives of the published generator" \
		"$(finish <weird | jq -c '[.query, ["negative of " + .query + " é😀"]]')" \
		"$(tg-cache get -d p weird | jq -c '[.query, .neg]')"
	check "verify accepts our files after the published generator has rewritten them" tg-cache verify -d p
	mkdir q && python3 theirs.py q 1 <texts >o
	is "--foreign reads the files of the published generator" "$(jq -c '["their " + .text, [.text], 1]' texts)" \
		"$(tg-cache get -d q --foreign weird | jq -c '[.query, .pos, (.neg | length)]')"
	is "files of the published generator do not hit without --foreign" 0 "$(hits -d q weird)"
	check "verify accepts the files of the published generator" tg-cache verify -d q
	is "hits of --foreign can be stored as own entries" 2 "$(tg-cache get -d q --foreign weird | put -d own -k k
		hits -d own -k k weird)"
	jq -c '.[0] += {judge: "2", judge_response: "2", generation_prompt: "g", docid: "d"}' \
		"q/$(id plain).json" >x && mv x "q/$(id plain).json"
	is "a foreign entry that its judge refused is a miss" 1 \
		"$(hits -d q --foreign weird 2>err)"
	check "a foreign entry that its judge refused makes a message" grep -q "$(id plain).json: ignored, its judge refused it" err
	jq -c '.[0].judge = "1"' "q/$(id plain).json" >x && mv x "q/$(id plain).json"
	is "a foreign entry that its judge accepted is a hit" 2 "$(hits -d q --foreign weird)"
else
	skip "the published generator reads our files" "no python3"
fi

# Options that a subcommand does not take.
for o in 'get --no-fsync' 'put --two-level' 'put --foreign' 'put --retry-rejected' \
	'stat -k k' 'stat --max-line 5000' 'verify --broken' 'export --foreign' \
	'import -k k' 'import --read-only' 'gc --older-than -1' 'gc --older-than x' 'stat a' \
	'gc a' 'verify a' 'export a' 'new' 'ge'; do
	# shellcheck disable=SC2086
	check_status "tg-cache $o is refused" 2 tg-cache -d c ${o/ / } </dev/null
done
check_status "a -k that is not UTF-8 is refused" 2 tg-cache get -d c -k $'\xff' a
put -d utf8 -k $'gr\u00fc\u00df "\t' a.pair
check "verify accepts an entry whose -k has any characters" tg-cache verify -d utf8
is "stat prints a -k of any characters as it is" 0 "$(tg-cache gc -d utf8 --keep-key "$(count utf8 '.keys | keys[0]' |
	jq -r .)" | jq .entries)"
for c in stat verify gc export; do
	check_status "$c exits with 3 if the folder is missing" 3 tg-cache $c -d none
	check "$c does not make the folder" [ ! -e none ]
	mkdir -p empty
	check_status "$c of an empty folder exits with 0" 0 tg-cache $c -d empty >o
done
mkdir -p counted/answers && printf '%s\n' '{"key":"k","sample":0,"answer":{}}' 'torn {' \
	'{"key":"k","sample":1,"answer":{}}' >counted/answers/answers-1.jsonl
printf '{"key":"k","sam' >counted/answers/answers-2.jsonl
is "stat counts the answers of the response cache" '{"files":2,"answers":2,"bytes":92,"torn":2}' "$(count counted .answers)"
is "stat prints one line of JSON" 1 "$(tg-cache stat -d counted | wc -l)"
is "stat counts entries by task, code and key" '[{"code_summary_retrieval":41},{"judge_2":3},{"":1,"k1":40},1]' \
	"$(count e '[.tasks, .rejected, .keys, .with_negatives]')"

# A run of tg-run adds negatives later and asks nothing again.
if [ -x "$TG_BIN/tg-run" ]; then
	start_mock -o owned_by=vllm
	export OPENAI_BASE_URL=$MOCK_URL
	jq -nc 'range(5) | {text: "def f\(.)(): return \(.)"}' >code
	tg-run -q -t $row -C run code >pairs
	n=$(mock_stats .requests)
	is "a pair takes two calls" 10 "$n"
	rm -r run/answers
	tg-run -q -t $row -C run -N 3 code >triplets
	is "a later run with negatives makes one more call a pair" $((n + 5)) "$(mock_stats .requests)"
	is "a later run with negatives gives the same pairs" "$(jq -c '[.query, .pos]' pairs)" "$(jq -c '[.query, .pos]' triplets)"
	is "the cache has the negatives" 5 "$(count run .with_negatives)"
	rm -r run/answers
	tg-run -q -t $row -C run -N 3 code >again
	check_same "a third run gives the same output" triplets again
	is "a third run asks nothing" $((n + 5)) "$(mock_stats .requests)"
	check "the mock server stops without a fault" stop_mock
else
	skip "a later run with negatives gives the same pairs" "not there"
fi

done_testing
