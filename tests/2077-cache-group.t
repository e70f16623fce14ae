#!/bin/bash
# tg-cache put: entries that wait for the disk together, and the locks they hold.
. tests/lib.sh
cd "$T" || exit 3

row=code_summary_retrieval
# pairs FROM TO [LANGUAGE]: makes finished pairs.
pairs() {
	jq -nc --argjson a "$1" --argjson z "$2" 'range($a; $z + 1) | {text: "t\(.)"}' |
		tg-prompt generate -t $row -c "${3:-python}" |
		jq -c '.prompt = "P" | .query = .text | .pos = ["about " + .text] | .neg = [] |
			del(.tg.request) | .tg.pair = true'
}
put() { tg-cache put --no-fsync "$@" >/dev/null; }
pairs 1 100 >hundred

# The order of system calls of a hundred entries that come at once.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null && [ "$SLOW" = 1 ]; then
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -f -y -o calls \
		-e trace=fsync,renameat,write tg-cache put -d synced hundred >passed
	check_same "put passes the records" hundred passed
	# What is on the disk must be there before what depends on it.
	sed -nE 's/^[0-9]+ +//; s/^fsync\([0-9]+<[^>]*\/\.([0-9a-f]*)\.json\.tmp>.*/file \1/p
		s/^renameat\(.*"([0-9a-f]*)\.json"\).*/rename \1/p
		s/^fsync\([0-9]+<[^>]*\/synced>.*/folder/p; s/^write\(1<.*/stdout/p' calls >order
	is "each file is on the disk before it gets its name, and each name before a record leaves" '100 100 0' \
		"$(awk '$1 == "file" { file[$2] = 1; files++ }
			$1 == "rename" { if (!file[$2]) wrong++; names++; open++ }
			$1 == "folder" { open = 0 }
			$1 == "stdout" && open { wrong++ }
			END { print files + 0, names + 0, wrong + 0 }' order)"
	check "many entries share the wait for their folder" [ "$(grep -c folder order)" -le 10 ]
	strace -f -o calls -e trace=fsync,sync_file_range tg-cache put --no-fsync -d loose hundred >passed
	is "--no-fsync waits for nothing" 0 "$(grep -c 'fsync(\|sync_file_range(' calls)"
else
	skip "each file is on the disk before it gets its name" "no strace"
fi

# A slow stream is not held up.
mkfifo pipe
tg-cache put -d slow <pipe >passed &
exec 5>pipe
head -n 1 hundred >&5
wait_for has_lines 1 passed
is "a record that comes alone is stored at once" 1 "$(find slow -name '*.json' | wc -l)"
exec 5>&-
wait

# One id several times in a group.
pairs 1 3 java >others
cat hundred others hundred | put -d twice
is "a file that is stored twice in a group has both entries" 2 "$(jq length "twice/$(printf t1 | md5sum | cut -c 1-32).json")"
jq -c '.tg.rejected = {"code": "c"}' hundred | cat hundred - | put -d turned
is "a reject takes the place of a pair of its group" '[0,100]' "$(tg-cache stat -d turned | jq -c '[.entries, .rejects]')"
cat <(jq -c '.neg = ["n"]' hundred) hundred | put -d negs
is "a pair of a group keeps its negatives" 100 "$(tg-cache stat -d negs | jq .with_negatives)"

# Fewer negatives take none away, but those who edit may.
jq -c '.neg = ["a", "b", "c"]' hundred | put -d grown
jq -c '.neg = ["a", "b"]' hundred | put -d grown
is "put takes no negatives away" 3 "$(jq '.[0].neg | length' "grown/$(printf t1 | md5sum | cut -c 1-32).json")"
tg-cache export -d grown | jq -c '.neg = ["b"]' | tg-cache import -d grown
is "import may take negatives away" '["b"]' "$(jq -c '.[0].neg' "grown/$(printf t1 | md5sum | cut -c 1-32).json")"

# Writers that want the same ids in other orders do not wait for each other.
tac hundred >backwards
for i in 1 2 3 4 5 6; do
	input=hundred
	[ $((i % 2)) = 0 ] || input=backwards
	{
		timeout $((60 * SLOW)) tg-cache put --no-fsync -d both -k "k$i" $input $input $input >/dev/null
		echo "$?" >"ended.$i"
	} &
done
wait
is "six writers in two orders end" '0 0 0 0 0 0' "$(cat ended.* | paste -sd ' ')"
is "six writers in two orders lose nothing" 600 "$(tg-cache stat -d both | jq .entries)"
is "they leave no temporary file" 0 "$(find both -name '*.tmp' | wc -l)"

# A full disk in the middle of a group.
if [ "$SLOW" = 1 ] && command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	for call in fsync:20 renameat:20 close:60; do
		ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -f -qq -o hit -e trace="${call%:*}" \
			-e inject="${call%:*}":error=ENOSPC:when="${call#*:}" tg-cache put -d full hundred >passed 2>err
		status=$?
		[ $status = 3 ] || [ $status = 0 ] || echo "$call: $status"
		[ -z "$(find full -name '*.tmp')" ] || echo "$call: a temporary file stays"
		tg-cache verify -d full || echo "$call: torn"
		rm -r full
	done >wrong
	is "an error in the middle of a group tears nothing and leaves no file" '' "$(cat wrong)"
else
	skip "an error in the middle of a group tears nothing and leaves no file" "no strace"
fi
done_testing
