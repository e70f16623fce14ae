#!/bin/bash
# tg-cache: many writers, what gc, verify, stat, export and import do, caches in
# two levels, and the published generator on the same files.
# shellcheck disable=SC2094
export VALGRIND_ONE_IN=3
. tests/lib.sh
cd "$T" || exit 3

row=code_summary_retrieval

# stamped TEXT...: records as tg-prompt generate leaves them.
stamped() {
	jq -nc '$ARGS.positional[] | {text: .}' --args "$@" | tg-prompt generate -t $row
}

# finish [MEMBERS]: pairs of stamped records, as the tools would have made them.
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

# The MD5 only names the file: two texts that share it.
one=TEXTCOLLBYfGiJUETHQ4hAcKSMd5zYpgqf1YRDhkmxHkhPWptrkoyz28wnI9V0aHeAuaKnak
two=${one/hAc/hEc}
is "two texts of one MD5" "$(id "$one")" "$(id "$two")"
stamped "$one" >one
stamped "$two" >two
finish <one | put -d md5
tg-cache get -d md5 two >o
check_same "the other does not hit" two o
finish <two | put -d md5
is "they lie in one file" 2 "$(jq length "md5/$(id $one).json")"
is "each has its own" "$one $two" "$(cat one two | tg-cache get -d md5 | jq -r .query | paste -sd ' ')"
check "verify likes it" tg-cache verify -d md5

# Negatives are kept, whoever comes last.
put -d n a.pair
jq -c '.neg = ["n"]' a.pair | put -d n
put -d n a.pair
is "a pair without negatives takes none away" '["n"]' "$(jq -c '.[0].neg' "n/$a.json")"
jq -c '.query = "other"' a.pair | put -d n
is "but another pair takes its place" '[["other",[]]]' "$(jq -c 'map([.query, .neg])' "n/$a.json")"

# --retry-rejected
finish "$reject" <a | put -d r
is "a reject is rejected again" 1 "$(hits -d r a)"
tg-cache get -d r --retry-rejected a >o
check_same "--retry-rejected lets it try again" a o
put -d r a.pair
is "what becomes of it takes its place" '[1,0]' "$(count r '[.entries, .rejects]')"
is "--retry-rejected: pairs hit" 1 "$(hits -d r --retry-rejected a)"

# --read-only
check_status "--read-only needs the directory" 3 tg-cache get --read-only -d none a
check "and does not make it" [ ! -e none ]
check_status "--read-only: put, too" 3 tg-cache put --read-only -d none a.pair
mkdir ro && cp "r/$a.json" ro && find ro -printf '%p %T@\n' | sort >before
is "--read-only: a hit" 1 "$(hits -d ro --read-only a)"
stamped b | finish | cat - a.pair >two.pairs
tg-cache put -d ro --read-only two.pairs >o
check_same "--read-only: put passes records" two.pairs o
find ro -printf '%p %T@\n' | sort >after
check_same "--read-only: nothing is touched, no lock made" before after
if unshare -m true 2>/dev/null; then
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount --bind ro ro && mount -o remount,ro,bind ro || exit 9
		tg-cache get -d ro a | jq -c .tg.cached
		tg-cache put -d ro --read-only a.pair | cmp - a.pair && echo same
		tg-cache put -d ro a.pair >o; echo $?
		for c in stat verify export; do tg-cache $c -d ro >o || echo $c; done
		tg-cache gc -d ro --dry-run >o; tg-cache gc -d ro >o; echo $?' >got 2>err
	if [ $? -ne 9 ]; then
		is "a read-only file system" 'true same 3 3' "$(paste -sd ' ' got)"
	else
		skip "a read-only file system" "nothing can be mounted"
	fi
else
	skip "a read-only file system" "no mount namespace"
fi
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null && [ "$SLOW" = 1 ]; then
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -f -e trace=openat,mkdirat,renameat,unlinkat,fcntl -o calls \
		tg-cache get -d ro --read-only a >o
	check "get writes, locks and makes nothing" \
		bash -c '! grep -E "O_CREAT|O_RDWR|O_WRONLY|SETLK|mkdirat|rename|unlink" calls'
else
	skip "get writes, locks and makes nothing" "no strace"
fi

# A cache in two levels, as older versions made it: deep DIR makes one of DIR.
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
is "two levels: no file stands at the top" '' "$(find deep2 -maxdepth 1 -name '*.json')"
for c in get put stat verify gc export; do
	check_status "two levels: $c refuses" 3 tg-cache $c -d deep2 <forty.pairs >o 2>err
	is "two levels: $c passes nothing" 0 "$(wc -c <o)"
	is "two levels: $c says once how to import" 1 "$(grep -c '^tg-cache: deep2: files lie in two levels, as in deep2/..; "tg-cache import -d deep2 deep2" brings them up$' err)"
	is "two levels: $c says no more" 1 "$(wc -l <err)"
done
find deep2 -type f | sort >before
cp -r deep2 deep3
check_status "import of a cache into itself" 0 tg-cache import -d deep2 deep2 </dev/null
is "import brings all up" "$(cd flat1 && find . -name '*.json' | sort)" "$(cd deep2 && find . -name '*.json' | sort)"
check "as they were" diff -r -x .lock flat1 deep2
is "import leaves no second level" '' "$(find deep2 -mindepth 1 -type d -name '??')"
is "after import all hit" '40 3' "$(hits -d deep2 forty) $(tg-cache get -d deep2 forty |
	jq -c 'select(.tg.rejected)' | wc -l)"
check_status "import again" 0 tg-cache import -d deep2 deep2
check "changes nothing" diff -r -x .lock flat1 deep2
tg-cache import -d new deep3 </dev/null
check "import of another cache brings the same" diff -r -x .lock flat1 new
is "and leaves that cache as it is" "$(cat before)" "$(find deep3 -type f | sed 's/^deep3/deep2/' | sort)"
tg-cache import -d flatter flat1 </dev/null
check "so does import of a cache in one level" diff -r -x .lock flat1 flatter
put -d some forty.pairs
f=$(tail -n 1 forty | jq -r .tg.id)
g=$(sed -n 39p forty | jq -r .tg.id)
mkdir "some/${f:0:2}" "some/ab"
mv "some/$f.json" "some/${f:0:2}"
check_status "one file by hand in a second level is told" 3 tg-cache get -d some forty 2>err
# Entries in both levels: negatives win, names that stand there stay.
jq -c '.[0].tg.fingerprint |= gsub("[0-9]"; "0")' "some/${f:0:2}/$f.json" >"some/$f.json"
mkdir -p "some/${g:0:2}" && jq -c '.[0].neg = ["n"]' "some/$g.json" >"some/${g:0:2}/$g.json"
echo torn >"some/ab/ab$(printf %030d 1).json"
touch "some/ab/.ab$(printf %030d 2).json.tmp"
check_status "import: a broken file is told" 1 tg-cache import -d some some 2>err
check "import: by its name" grep -q "^tg-cache: some/broken/ab0.*1.json: set aside, " err
is "import merges entries of one id" 2 "$(jq length "some/$f.json")"
is "import keeps negatives" '["n"]' "$(jq -c '.[0].neg' "some/$g.json")"
is "import: all hit again" 40 "$(hits -d some forty)"
is "import: no folder stays" '' "$(find some -mindepth 1 -type d ! -name broken)"
mkdir -p "left/ab" && echo torn >"left/ab/ab$(printf %030d 1).json"
check_status "import: a broken file of another cache is left out" 1 tg-cache import -d new left 2>err
check "and stays there" [ -e "left/ab/ab$(printf %030d 1).json" ]
check_status "import: files beside folders" 0 tg-cache import -d both deep3 <(tg-cache export -d md5)
is "are stored, too" '39 3' "$(count both '[.entries, .rejects]' | tr -d '[]' | tr , ' ')"
mkdir -p chance/ab chance/00 && touch chance/cd && put -d chance a.pair
is "folders by chance are no second level" 1 "$(hits -d chance a)"
ln -s ../flat1/00 chance/ff
is "nor is a link" 1 "$(hits -d chance a)"
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
	is "import killed anywhere and run again loses nothing" '' "$(cat differ)"
else
	skip "import killed anywhere and run again loses nothing" "no strace"
fi

# The order of system calls: the file is on the disk, then its name, then stdout.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null && [ "$SLOW" = 1 ]; then
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -y -o calls \
		-e trace=fsync,renameat,write tg-cache put -d synced a.pair >passed
	order=$(sed -nE 's/^fsync\([0-9]+<[^>]*\.tmp>.*/file/p; s/^renameat\(.*/rename/p
		s/^fsync\([0-9]+<[^>]*\/synced>.*/folder/p
		s/^write\(1<.*/stdout/p' calls | paste -sd ' ')
	is "the file is synced, renamed, its folder synced, before stdout" \
		'file rename folder stdout' "$order"
else
	skip "the file is synced, renamed, its folder synced" "no strace"
fi

# Many writers on one id: 32 of other fingerprints, 8 of the same, killed or not.
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
is "32 writers and one more: no entry is lost, none twice" 33 \
	"$(jq '[.[].tg.with | select(. != "victim")] | unique | length' "many/$a.json")"
is "each once" "$(jq length "many/$a.json")" \
	"$(jq '[.[].tg.fingerprint] | unique | length' "many/$a.json")"
check "nothing is torn" tg-cache verify -d many
put -d many -k victim forty.pairs a.pair
is "what was killed goes on" '41 0' "$(hits -d many -k victim forty a) $(count many .temps)"
for i in $(seq 4); do put -d same -k k a.pair & done
for i in $(seq 4); do jq -c '.neg = ["n"]' a.pair | put -d same -k k & done
wait
is "with and without negatives at once: those with stay" '[["n"]]' \
	"$(jq -c 'map(.neg)' "same/$a.json")"

# Killed, or told of an error, at every system call of a put: three entries for
# files that are there, are not, and have to be left.
put -d start -k old a.pair
stamped b | finish | put -d start
{
	cat a.pair
	stamped b | finish "$reject"
	stamped c | finish
} >three
# sweep WHAT: points that were hit, and what was wrong with any.
sweep() {
	local call n points=0 status
	# the search for leaks cannot be traced
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
	is "killed at any system call: nothing torn or lost" '' "$(sweep signal=KILL)"
	is "no space at any system call: nothing torn or lost" '' "$(sweep error=ENOSPC)"
else
	skip "killed at any system call" "no strace"
	skip "no space at any system call" "no strace"
fi

# gc beside writers; what it removes.
mkdir g && for i in 1 2 3; do touch "g/.$(id $i).json.tmp"; done
for i in $(seq 6); do
	put -d g -k "k$i" forty.pairs &
done
for _ in $(seq 10); do tg-cache gc -d g >o || echo "$?" >>gc.failed; done
wait
check "gc beside writers goes well" [ ! -e gc.failed ]
is "and nothing is lost" '[240,0]' "$(tg-cache gc -d g >o; count g '[.entries, .temps]')"
for i in 1 2 3; do touch "g/.$(id $i).json.tmp"; done
is "gc --dry-run counts" '{"temps":3,"entries":0,"broken":0}' "$(tg-cache gc -d g --dry-run)"
is "and removes nothing" 3 "$(count g .temps)"
is "gc removes temporary files" '{"temps":3,"entries":0,"broken":0}' "$(tg-cache gc -d g)"
is "--keep-key" '{"temps":0,"entries":160,"broken":0}' \
	"$(tg-cache gc -d g --keep-key k1 --keep-key k4)"
is "keeps those" '{"k1":40,"k4":40}' "$(count g .keys)"
touch -d '3 days ago' "g/$(id 1).json" "g/$(id 2).json"
is "--older-than, not so old" 0 "$(tg-cache gc -d g --older-than 4 | jq .entries)"
is "--older-than" 4 "$(tg-cache gc -d g --older-than 2.5 | jq .entries)"
check "empty files go" [ ! -e "g/$(id 1).json" ]
echo '[{"query":"q","pos":["p"]}]' >"g/$(id 1).json"
is "entries from elsewhere have no key to lack" '0 1' \
	"$(tg-cache gc -d g --keep-key k1 --keep-key k4 | jq .entries) $(count g .foreign)"

# Broken files: verify, set aside, removed.
put -d b forty.pairs
f() { echo "b/$(id "$1").json"; }
wrong() { # TEXT JQ: spoil its entry
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
check_status "verify: status" 1 tg-cache verify -d b >list
{
	for i in 1 2 3 4 5 6 7 8 9 10 none 13 14; do f "$i"; done
	echo "b/rejected/$(id 12).json"
} | sort >want
cut -f 1 list | sort >got
check_same "verify lists what is broken, and nothing else" want got
is "one line each, with the reason" 14 "$(grep -c "	[a-z]" list)"
is "verify: which entry" "entry 2: pos is not a list of strings, or empty" \
	"$(grep -F "$(id 13)" list | cut -f 2)"
before=$(count b '[.broken, .set_aside, .other]')
is "stat counts them" '[14,0,2]' "$before"
check_status "verify --set-aside" 1 tg-cache verify -d b --set-aside >o
is "moves what is no file of entries" '[8,6,2]' "$(count b '[.broken, .set_aside, .other]')"
is "one by one" "$(for i in 1 2 3 4 5 14; do id "$i"; done | sed 's/$/.json/' | sort)" \
	"$(ls b/broken)"
is "the rest stays listed" 8 "$(tg-cache verify -d b | wc -l)"
echo torn >"$(f 1)"
put -d b forty.pairs
is "put sets aside, too, and overwrites nothing there" "torn	50" \
	"$(cat "b/broken/$(id 1).json.1")	$(wc -c <"b/broken/$(id 1).json")"
is "gc --broken" 7 "$(tg-cache gc -d b --broken | jq .broken)"
is "removes them" "[$(tg-cache verify -d b | wc -l),0]" "$(count b '[.broken, .set_aside]')"
mkdir odd && echo '[{"prompt":1}]' >"odd/$a.json"
put -d odd a.pair
is "what stood beside an entry before stays broken" '[1,1,0,1]' \
	"$(count odd '[.files, .entries, .foreign, .broken]')"
check "as verify finds" grep -q "entry 1: " < <(tg-cache verify -d odd)
for _ in $(seq 30); do cat forty; done >much
for i in $(seq 40); do echo torn >"$(f "$i")"; done
tg-cache get -d b much >o 2>err
is "thousands of broken files do not flood stderr" 21 "$(wc -l <err)"
check_same "and are misses" much o

# export and import
rm -rf e && put -d e -k k1 forty.pairs && put -d e three.rejects
jq -c '.neg = ["x", "\u00e4\u0000"]' a.pair | put -d e
jq -n '[{prompt: "X", query: "zwei\nZeilen", pos: ["p"], neg: [], more: {x: 1.50}}]' |
	sed 's/1\.50*/1.50/; s/1\.5$/1.50/' >"e/$(id elsewhere).json"
check_status "export" 0 tg-cache export -d e >e.jsonl
is "all entries, sorted" '45 45' "$(wc -l <e.jsonl) $(jq -r .tg.id e.jsonl | sort -c && jq -c . e.jsonl | wc -l)"
rm -rf i
check_status "import" 0 tg-cache import -d i e.jsonl >o
check "says nothing" [ ! -s o ]
tg-cache export -d i >i.jsonl
check_same "the same comes out again" e.jsonl i.jsonl
is "all hit" '40 3' "$(hits -d i -k k1 forty) $(hits -d i <(head -n 3 forty))"
rm -rf i && tg-cache import -d i e.jsonl
for g in e/*.json e/rejected/*.json; do
	cmp -s <(jq -S . "$g") <(jq -S . "i/${g#e/}") || echo "$g"
done >differ
is "an equal directory" '' "$(cat differ)"
find i -name '*.json' -printf '%i %p\n' | sort >before
tg-cache import -d i e.jsonl
find i -name '*.json' -printf '%i %p\n' | sort >after
check_same "imported again: nothing is written" before after
is "the pairs are a data set" '42 3' "$(tg-emit --dedupe none --rejects rej e.jsonl 2>err | wc -l) $(wc -l <rej)"
jq -c 'select(.tg.id == "'"$a"'") | .neg = []' e.jsonl | tg-cache import -d i
is "import takes no negatives away" 2 "$(jq '.[0].neg | length' "i/$a.json")"
jq -c 'select(.query == "zwei\nZeilen") | .neg = ["n"]' e.jsonl | tg-cache import -d i
is "and gives them to one from elsewhere" '[["n"]]' "$(jq -c 'map(.neg)' "i/$(id elsewhere).json")"
for edit in 'del(.tg.id)' '.tg.id = "../x"' 'del(.tg.pair)' 'del(.query)' '.tg.fingerprint = "x"' \
	'.tg.text_sha256 = 7' 'del(.tg.text_sha256)' '.tg.fingerprint = null'; do
	rm -rf i
	check_status "import: $edit" 1 tg-cache import -d i <(head -n 1 e.jsonl | jq -c "$edit") >o 2>err
	is "comes out in error, and is not stored: $edit" 'tg-cache 0' \
		"$(jq -r .tg.error.tool o) $(find i -name '*.json' | wc -l)"
done
check_status "import: no record" 1 sh -c 'echo no | tg-cache import -d i >o'
is "import: comes out" bad_record "$(jq -r .tg.error.code o)"
check_status "export: a broken file" 1 sh -c 'cp -r e eb; echo torn >eb/'"$a"'.json
	tg-cache export -d eb >o'
is "export: the others" 44 "$(wc -l <o)"
check_status "export: stdout full" 3 sh -c 'tg-cache export -d e >/dev/full'

# The published generator, as far as it reads and rewrites its files.
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
	is "it reads ours" "$(finish <weird | jq -c '[.query, .pos[0], 0]')" "$(jq -c . o)"
	python3 theirs.py p 1 <texts >o
	is "it gives ours negatives: they still hit, with them" \
		"$(finish <weird | jq -c '[.query, ["negative of " + .query + " é😀"]]')" \
		"$(tg-cache get -d p weird | jq -c '[.query, .neg]')"
	check "verify likes what it wrote" tg-cache verify -d p
	mkdir q && python3 theirs.py q 1 <texts >o
	is "we read its own with --foreign" "$(jq -c '["their " + .text, [.text], 1]' texts)" \
		"$(tg-cache get -d q --foreign weird | jq -c '[.query, .pos, (.neg | length)]')"
	is "not without" 0 "$(hits -d q weird)"
	check "verify likes its own" tg-cache verify -d q
	is "they can be had as ours" 2 "$(tg-cache get -d q --foreign weird | put -d own -k k
		hits -d own -k k weird)"
	jq -c '.[0] += {judge: "2", judge_response: "2", generation_prompt: "g", docid: "d"}' \
		"q/$(id plain).json" >x && mv x "q/$(id plain).json"
	is "what its judge refused in a debugging run is a miss" 1 \
		"$(hits -d q --foreign weird 2>err)"
	check "with a warning" grep -q "$(id plain).json: ignored, its judge refused it" err
	jq -c '.[0].judge = "1"' "q/$(id plain).json" >x && mv x "q/$(id plain).json"
	is "what it took is a hit" 2 "$(hits -d q --foreign weird)"
else
	skip "the published generator" "no python3"
fi

# Options where they belong.
for o in 'get --no-fsync' 'put --two-level' 'put --foreign' 'put --retry-rejected' \
	'stat -k k' 'stat --max-line 5000' 'verify --broken' 'export --foreign' \
	'import -k k' 'import --read-only' 'gc --older-than -1' 'gc --older-than x' 'stat a' \
	'gc a' 'verify a' 'export a' 'new' 'ge'; do
	# shellcheck disable=SC2086
	check_status "refused: $o" 2 tg-cache -d c ${o/ / } </dev/null
done
check_status "refused: a key that is not UTF-8" 2 tg-cache get -d c -k $'\xff' a
put -d utf8 -k $'gr\u00fc\u00df "\t' a.pair
check "a key of any characters" tg-cache verify -d utf8
is "is listed as it is" 0 "$(tg-cache gc -d utf8 --keep-key "$(count utf8 '.keys | keys[0]' |
	jq -r .)" | jq .entries)"
for c in stat verify gc export; do
	check_status "$c: no directory" 3 tg-cache $c -d none
	check "$c: it is not made" [ ! -e none ]
	mkdir -p empty
	check_status "$c: an empty one" 0 tg-cache $c -d empty >o
done
mkdir -p counted/answers && printf '%s\n' '{"key":"k","sample":0,"answer":{}}' 'torn {' \
	'{"key":"k","sample":1,"answer":{}}' >counted/answers/answers-1.jsonl
printf '{"key":"k","sam' >counted/answers/answers-2.jsonl
is "stat: answers" '{"files":2,"answers":2,"bytes":92,"torn":2}' "$(count counted .answers)"
is "stat: one line of JSON" 1 "$(tg-cache stat -d counted | wc -l)"
is "stat: by task and code" '[{"code_summary_retrieval":41},{"judge_2":3},{"":1,"k1":40},1]' \
	"$(count e '[.tasks, .rejected, .keys, .with_negatives]')"

# Through tg-run: negatives come later, and nothing is asked again.
if [ -x "$TG_BIN/tg-run" ]; then
	start_mock -o owned_by=vllm
	export OPENAI_BASE_URL=$MOCK_URL
	jq -nc 'range(5) | {text: "def f\(.)(): return \(.)"}' >code
	tg-run -q -t $row -C run code >pairs
	n=$(mock_stats .requests)
	is "two calls a pair" 10 "$n"
	rm -r run/answers
	tg-run -q -t $row -C run -N 3 code >triplets
	is "later one for negatives each, and no other" $((n + 5)) "$(mock_stats .requests)"
	is "the pairs are the same" "$(jq -c '[.query, .pos]' pairs)" "$(jq -c '[.query, .pos]' triplets)"
	is "the cache has them" 5 "$(count run .with_negatives)"
	rm -r run/answers
	tg-run -q -t $row -C run -N 3 code >again
	check_same "a third run gives the same" triplets again
	is "and asks nothing" $((n + 5)) "$(mock_stats .requests)"
	check "stop" stop_mock
else
	skip "tg-run" "not there"
fi

done_testing
