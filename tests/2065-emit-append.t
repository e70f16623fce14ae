#!/bin/bash
# tg-emit --append: it adds to a file, whatever ended the run before.
# shellcheck disable=SC2016,SC2094
. tests/lib.sh
cd "$T" || exit 3

# pairs FROM TO: prints finished records of 300 bytes and more.
pairs() {
	seq "$1" "$2" | awk '{ printf "{\"prompt\":\"P\",\"query\":\"q%d\",\"pos\":[\"p%d %s\"],\"tg\":{\"task\":\"t\",\"pair\":true}}\n",
		$1, $1, sprintf("%" 200 + $1 % 100 "s", "") }' | tr ' ' x
}
queries() { jq -r .query "$@" | tr '\n' ' ' | sed 's/ $//'; }
pairs 1 3 >in && tg-emit <in >three

# A plain run.
tg-emit --append new <in >o
check_same "--append makes a missing file" three new
check "--append writes nothing to stdout" [ ! -s o ]
pairs 2 5 >next
check_status "--append to an existing file succeeds" 0 tg-emit --append new --summary s next
is "--append adds no triplet that the file has" "q1 q2 q3 q4 q5" "$(queries new)"
is "--append counts duplicates of the file" '4 2 2' "$(jq -r '"\(.lines) \(.triplets) \(.duplicates)"' s)"
head -n 3 new >o
check_same "--append keeps what is in the file" three o
is "--append --dedupe none adds everything" 9 \
	"$(tg-emit --append new --dedupe none next; wc -l <new | tr -d ' ')"
tg-emit --append other --against three next 2>err
is "--append --against drops the triplets of both files" "q4 q5" "$(queries other)"
: >empty && tg-emit --append empty in
check_same "--append fills an empty file" three empty
ln -s new link && tg-emit --append link in
check "--append writes through a symbolic link" [ -L link ]
pairs 7 7 | tg-emit --append link --meta
is "--append may add lines with meta to lines without" t "$(tail -n 1 new | jq -r .meta.task)"

# Torn last lines, as a crash may leave them.
# The file gets three whole lines and the first bytes of a fourth.
pairs 4 4 | tg-emit >fourth
size=$(wc -c <fourth | tr -d ' ')
wrong='' said=''
for n in $(seq 1 7 $((size - 2))) $((size - 2)); do
	{ cat three && head -c "$n" fourth; } >torn
	tg-emit --append torn next 2>err || wrong+=" $n:status"
	[ "$(queries torn)" = "q1 q2 q3 q4 q5" ] || wrong+=" $n"
	[ "$(cat err)" = "tg-emit: torn: cut off the $n bytes of a torn last line" ] || said+=" $n"
done
is "a torn last line is cut off, wherever it ends" '' "$wrong"
is "the message says how many bytes were cut off" '' "$said"
{ cat three && head -c $((size - 1)) fourth; } >torn
tg-emit --append torn next 2>err
is "a last line that only lacks its newline gets it" "q1 q2 q3 q4 q5" "$(queries torn)"
check "a last line that only lacks its newline makes no message" [ ! -s err ]
head -c 100 fourth >torn && tg-emit --append torn in 2>err
check_same "a file with nothing but a torn line is filled anew" three torn
{ cat three && head -c 5000 /dev/zero; } >torn
tg-emit --append torn next 2>err
is "zeros at the end, as a loss of power leaves them, are cut off" "q1 q2 q3 q4 q5" "$(queries torn)"
wrong=''
for n in 1 5 9 10 11 60; do
	for zeros in 1 4 4096 70000; do
		{ cat three && head -c "$n" fourth && head -c $zeros /dev/zero; } >torn
		tg-emit --append torn next 2>err
		[ "$(queries torn)" = "q1 q2 q3 q4 q5" ] || wrong+=" $n+$zeros"
	done
done
is "zeros behind the beginning of a line are cut off" '' "$wrong"
{ printf 'notes' && head -c 100 /dev/zero; } >notes && cp notes notes.was
check_status "zeros behind other text are refused" 3 tg-emit --append notes next 2>err
check_same "zeros behind other text stay" notes.was notes
{ cat three && printf '{"prompt":"' && head -c 200000 /dev/zero | tr '\0' y; } >torn
tg-emit --append torn --max-line 5000 next 2>err
is "a torn line over --max-line is cut off" "q1 q2 q3 q4 q5" "$(queries torn)"
{ cat three && echo '{"a":1}' && echo oops; } >odd && cp odd before
tg-emit --append odd next 2>err
head -n 5 odd >o
check_same "whole lines that are no triplets stay" before o
is "whole lines that are no triplets are named" 2 "$(grep -c '^tg-emit: odd:[45]: skipped' err)"

# Text that tg-emit has not written is never cut.
for tail in 'my notes' '{"a":1}' '{"text":"int ma' ' '; do
	{ cat three && printf %s "$tail"; } >mine && cp mine before
	check_status "last line \"$tail\": --append refuses the file" 3 tg-emit --append mine in 2>err
	check_same "last line \"$tail\": the file stays as it was" before mine
	check "last line \"$tail\": the message gives the reason" grep -q '^tg-emit: mine: its last line has no newline' err
done
# Whole JSON is never cut, however file and line look.
pair='{"prompt":"p","query":"q9","pos":["d"],"neg":[]}'
long=$(head -c 3000 /dev/zero | tr '\0' q)
check_left_alone() { # NAME TEXT [OPTION...]
	printf %s "$2" >mine && cp mine before
	check_status "$1: --append refuses the file" 3 tg-emit --append mine "${@:3}" in 2>err
	check_same "$1: the file stays as it was" before mine
}
check_left_alone "a line of another program's JSON" '{"prompt":"precious","completion":"my only copy"}'
check_left_alone "the beginning of another program's JSON" '{"prompt":"precious","completion":"my only'
check_left_alone "another program's JSON with a query" '{"prompt":"a","query":"b","completion":"c'
check_left_alone "a torn line behind lines that are no triplets" '{"a":1}
{"prompt":"p","query":"q'
check_left_alone "whole JSON with members as of a triplet, which is none" '{"prompt":"p","query":"q","pos":["d"],"neg":5}'
check_left_alone "a list as prompt" '{"prompt":[1'
printf '{"prompt":"x","query":"%s","pos":["p"],"neg":[]}' "$long" >mine
check_status "a whole triplet over --max-line is accepted" 0 tg-emit --append mine --max-line 1024 </dev/null 2>err
is "a whole triplet over --max-line gets its newline" "$long" "$(jq -r .query mine)"
printf %s "$pair" >mine
tg-emit --append mine next 2>err
is "a whole triplet without its newline stays" "q9 q2 q3 q4 q5" "$(queries mine)"
for part in '{' '{"prompt":"p' '{"prompt":"p\"' '{"prompt":"p","que' '{"prompt":"p","query":"q","pos":["d"],"ne'; do
	printf %s "$part" >mine
	tg-emit --append mine next 2>err
	is "a file that is only the torn line $part is cut" "q2 q3 q4 q5" "$(queries mine)"
done
mkfifo fifo
for f in fifo /dev/null . no/where; do
	check_status "--append to $f fails with status 3" 3 tg-emit --append "$f" in 2>err
	check "--append to $f: the message names it" grep -q "^tg-emit: $f: " err
done
cp three mine
check_status "--append to the input file is refused" 2 tg-emit --append mine in mine
check_status "--append to standard input is refused" 2 tg-emit --append mine <mine
check_status "--append to the rejects file is refused" 2 tg-emit --append mine --rejects ./mine in
check_same "a refused --append leaves its file as it was" three mine

# Two processes add to one file.
mkfifo slow
tg-emit --append shared <slow &
first=$!
exec 5>slow
cat in >&5
wait_for has_lines 3 shared
check_status "a second tg-emit --append on the same file is refused" 3 tg-emit --append shared next 2>err
is "the message says that another tg-emit is adding to the file" 'tg-emit: shared: another tg-emit is adding to it' "$(cat err)"
exec 5>&-
check "the first tg-emit ends well" wait "$first"
check_same "the first tg-emit's output is whole" three shared

# Runs are killed at any moment and started again: the file has every triplet
# once, in order.
pairs 1 3000 >many && tg-emit many >want
rm -f killed
rounds=0 died=0
while [ $rounds -lt 60 ] && [ "$(wc -c <killed 2>/dev/null || echo 0)" -lt "$(wc -c <want)" ]; do
	# The input is slow, so that tg-emit dies at work.
	tg-emit --append killed < <(head -c $((RANDOM * 20)) many; sleep 0.2) 2>err &
	tool=$!
	sleep 0.0$((RANDOM % 10))
	kill -9 $tool 2>/dev/null && died=$((died + 1))
	wait $tool 2>/dev/null
	# The file is torn, as if the kill had hit the middle of a write.
	size=$(wc -c <killed)
	[ "$size" -lt 100 ] || truncate -s -$((RANDOM % 100)) killed
	rounds=$((rounds + 1))
done
diag "killed $died of $rounds runs"
check "the last run after many kills ends well" tg-emit --append killed many
check_same "runs that are killed and started again lose, repeat and tear nothing" want killed

# A full disk leaves whole lines, and the same command goes on.
# full LIMIT-IN-KB COMMAND...: runs COMMAND with a limit on the size of files.
full() {
	(
		ulimit -f "$1"
		trap '' XFSZ
		shift
		"$@"
	)
}
for kb in 1 37 64 65 200 511; do
	rm -f full
	check_status "a file limit of $kb KB makes status 3" 3 full $kb tg-emit --append full many 2>err
	check "a file limit of $kb KB: the message names file and reason" grep -q '^tg-emit: full: File too large' err
	n=$(wc -l <full | tr -d ' ')
	head -n "$n" want >o
	check_same "a file limit of $kb KB leaves $n whole lines" o full
done
check "a run with enough room ends well" tg-emit --append full many
check_same "a run with enough room completes the file" want full
disk=$T/disk
if mkdir "$disk" && mount -t tmpfs -o size=256k none "$disk" 2>/dev/null; then
	check_status "a full disk makes status 3" 3 tg-emit --append "$disk/out" many 2>err
	check "a full disk: the message gives the reason" grep -q 'out: No space left' err
	n=$(wc -l <"$disk/out" | tr -d ' ')
	head -n "$n" want | cmp - "$disk/out" && [ "$n" -gt 100 ]
	ok "a full disk leaves $n whole lines"
	mount -o remount,size=8m "$disk"
	tg-emit --append "$disk/out" many
	check_same "a run on a larger disk completes the file" want "$disk/out"
	umount "$disk"
else
	skip "a full disk leaves whole lines" "cannot mount one"
fi
# inject CALL=ERROR makes one system call fail. LeakSanitizer is off, as it is a
# tracer itself.
export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"
if [ "$SLOW" = 1 ] && strace -o trace true 2>/dev/null; then
	for fault in write:error=EIO:when=2 fsync:error=EIO ftruncate:error=EIO flock:error=ENOLCK; do
		rm -f faulty
		{ cat three && head -c 50 fourth; } >faulty
		check_status "$fault makes status 3" 3 strace -f -o trace -e inject="$fault" \
			tg-emit --append faulty many 2>err
		check "$fault: the message names the file" grep -q '^tg-emit: faulty: ' err
		tg-emit --append faulty many 2>err
		check_same "$fault: a later run completes the file" want faulty
	done
else
	skip "system calls that fail make status 3" "no strace"
fi

done_testing
