#!/bin/bash
# tg-emit --append: a file is added to, whatever ended the run before.
# shellcheck disable=SC2016,SC2094
. tests/lib.sh
cd "$T" || exit 3

# pairs FROM TO: finished records, of 300 bytes and more.
pairs() {
	seq "$1" "$2" | awk '{ printf "{\"prompt\":\"P\",\"query\":\"q%d\",\"pos\":[\"p%d %s\"],\"tg\":{\"task\":\"t\",\"pair\":true}}\n",
		$1, $1, sprintf("%" 200 + $1 % 100 "s", "") }' | tr ' ' x
}
queries() { jq -r .query "$@" | tr '\n' ' ' | sed 's/ $//'; }
pairs 1 3 >in && tg-emit <in >three

# Adding.
tg-emit --append new <in >o
check_same "a file is made" three new
check "nothing on stdout" [ ! -s o ]
pairs 2 5 >next
check_status "adding is fine" 0 tg-emit --append new --summary s next
is "what it has is not added" "q1 q2 q3 q4 q5" "$(queries new)"
is "but counted" '4 2 2' "$(jq -r '"\(.lines) \(.triplets) \(.duplicates)"' s)"
head -n 3 new >o
check_same "what was there stays" three o
is "all of it when nothing is a duplicate" 9 \
	"$(tg-emit --append new --dedupe none next; wc -l <new | tr -d ' ')"
tg-emit --append other --against three next 2>err
is "against another file, too" "q4 q5" "$(queries other)"
: >empty && tg-emit --append empty in
check_same "to an empty file" three empty
ln -s new link && tg-emit --append link in
check "through a link" [ -L link ]
pairs 7 7 | tg-emit --append link --meta
is "with more in it" t "$(tail -n 1 new | jq -r .meta.task)"

# What a crash may leave.
# torn BYTES: three lines, and so many bytes of a fourth.
pairs 4 4 | tg-emit >fourth
size=$(wc -c <fourth | tr -d ' ')
wrong='' said=''
for n in $(seq 1 7 $((size - 2))) $((size - 2)); do
	{ cat three && head -c "$n" fourth; } >torn
	tg-emit --append torn next 2>err || wrong+=" $n:status"
	[ "$(queries torn)" = "q1 q2 q3 q4 q5" ] || wrong+=" $n"
	[ "$(cat err)" = "tg-emit: torn: cut off the $n bytes of a torn last line" ] || said+=" $n"
done
is "a torn last line, wherever it ends" '' "$wrong"
is "says how many bytes went" '' "$said"
{ cat three && head -c $((size - 1)) fourth; } >torn
tg-emit --append torn next 2>err
is "a whole one gets its newline" "q1 q2 q3 q4 q5" "$(queries torn)"
check "without a word" [ ! -s err ]
head -c 100 fourth >torn && tg-emit --append torn in 2>err
check_same "nothing but a torn line" three torn
{ cat three && head -c 5000 /dev/zero; } >torn
tg-emit --append torn next 2>err
is "zeros, of a loss of power" "q1 q2 q3 q4 q5" "$(queries torn)"
wrong=''
for n in 1 5 9 10 11 60; do
	for zeros in 1 4 4096 70000; do
		{ cat three && head -c "$n" fourth && head -c $zeros /dev/zero; } >torn
		tg-emit --append torn next 2>err
		[ "$(queries torn)" = "q1 q2 q3 q4 q5" ] || wrong+=" $n+$zeros"
	done
done
is "zeros behind the beginning of a line" '' "$wrong"
{ printf 'notes' && head -c 100 /dev/zero; } >notes && cp notes notes.was
check_status "zeros behind something else" 3 tg-emit --append notes next 2>err
check_same "zeros behind something else: it stays" notes.was notes
{ cat three && printf '{"prompt":"' && head -c 200000 /dev/zero | tr '\0' y; } >torn
tg-emit --append torn --max-line 5000 next 2>err
is "a torn line longer than a line may be" "q1 q2 q3 q4 q5" "$(queries torn)"
{ cat three && echo '{"a":1}' && echo oops; } >odd && cp odd before
tg-emit --append odd next 2>err
head -n 5 odd >o
check_same "whole lines that are no triplets stay" before o
is "and are named" 2 "$(grep -c '^tg-emit: odd:[45]: skipped' err)"

# What is not ours to cut.
for tail in 'my notes' '{"a":1}' '{"text":"int ma' ' '; do
	{ cat three && printf %s "$tail"; } >mine && cp mine before
	check_status "last line \"$tail\": refused" 3 tg-emit --append mine in 2>err
	check_same "last line \"$tail\": left alone" before mine
	check "last line \"$tail\": said" grep -q '^tg-emit: mine: its last line has no newline' err
done
# Whole JSON is never cut, however the file and the line look.
pair='{"prompt":"p","query":"q9","pos":["d"],"neg":[]}'
long=$(head -c 3000 /dev/zero | tr '\0' q)
check_left_alone() { # NAME TEXT [OPTION...]
	printf %s "$2" >mine && cp mine before
	check_status "$1: refused" 3 tg-emit --append mine "${@:3}" in 2>err
	check_same "$1: left alone" before mine
}
check_left_alone "one line of another's JSON" '{"prompt":"precious","completion":"my only copy"}'
check_left_alone "the beginning of another's JSON" '{"prompt":"precious","completion":"my only'
check_left_alone "another's JSON with a query" '{"prompt":"a","query":"b","completion":"c'
check_left_alone "a torn line behind lines that are no triplets" '{"a":1}
{"prompt":"p","query":"q'
check_left_alone "whole JSON laid out as a triplet, which is none" '{"prompt":"p","query":"q","pos":["d"],"neg":5}'
check_left_alone "a list behind a prompt" '{"prompt":[1'
printf '{"prompt":"x","query":"%s","pos":["p"],"neg":[]}' "$long" >mine
check_status "a whole triplet longer than --max-line" 0 tg-emit --append mine --max-line 1024 </dev/null 2>err
is "a whole triplet longer than --max-line gets its newline" "$long" "$(jq -r .query mine)"
printf %s "$pair" >mine
tg-emit --append mine next 2>err
is "a whole triplet without its newline stays" "q9 q2 q3 q4 q5" "$(queries mine)"
for part in '{' '{"prompt":"p' '{"prompt":"p\"' '{"prompt":"p","que' '{"prompt":"p","query":"q","pos":["d"],"ne'; do
	printf %s "$part" >mine
	tg-emit --append mine next 2>err
	is "a file of a torn first line $part is cut" "q2 q3 q4 q5" "$(queries mine)"
done
mkfifo fifo
for f in fifo /dev/null . no/where; do
	check_status "not to $f" 3 tg-emit --append "$f" in 2>err
	check "not to $f: said" grep -q "^tg-emit: $f: " err
done
cp three mine
check_status "not to the input" 2 tg-emit --append mine in mine
check_status "nor if that is stdin" 2 tg-emit --append mine <mine
check_status "nor to the rejects" 2 tg-emit --append mine --rejects ./mine in
check_same "which leaves it as it was" three mine

# Two at once.
mkfifo slow
tg-emit --append shared <slow &
first=$!
exec 5>slow
cat in >&5
wait_for has_lines 3 shared
check_status "a second one is refused" 3 tg-emit --append shared next 2>err
is "says why" 'tg-emit: shared: another tg-emit is adding to it' "$(cat err)"
exec 5>&-
check "the first one ends well" wait "$first"
check_same "undisturbed" three shared

# Killed at any moment, and started again: all of it, once, in order.
pairs 1 3000 >many && tg-emit many >want
rm -f killed
rounds=0 died=0
while [ $rounds -lt 60 ] && [ "$(wc -c <killed 2>/dev/null || echo 0)" -lt "$(wc -c <want)" ]; do
	# a reader that is slow, so that it dies at work
	tg-emit --append killed < <(head -c $((RANDOM * 20)) many; sleep 0.2) 2>err &
	tool=$!
	sleep 0.0$((RANDOM % 10))
	kill -9 $tool 2>/dev/null && died=$((died + 1))
	wait $tool 2>/dev/null
	# and torn, as if the kill had hit the middle of a write
	size=$(wc -c <killed)
	[ "$size" -lt 100 ] || truncate -s -$((RANDOM % 100)) killed
	rounds=$((rounds + 1))
done
diag "killed $died of $rounds runs"
check "the last run ends" tg-emit --append killed many
check_same "killed and started again: nothing lost, twice or torn" want killed

# No room: what is there are whole lines, and the same command goes on.
# full LIMIT-IN-KB COMMAND...: files may not grow beyond it
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
	check_status "no room at $kb KB" 3 full $kb tg-emit --append full many 2>err
	check "no room at $kb KB: said" grep -q '^tg-emit: full: File too large' err
	n=$(wc -l <full | tr -d ' ')
	head -n "$n" want >o
	check_same "no room at $kb KB: $n whole lines" o full
done
check "more room" tg-emit --append full many
check_same "all of it" want full
disk=$T/disk
if mkdir "$disk" && mount -t tmpfs -o size=256k none "$disk" 2>/dev/null; then
	check_status "a full disk" 3 tg-emit --append "$disk/out" many 2>err
	check "a full disk: said" grep -q 'out: No space left' err
	n=$(wc -l <"$disk/out" | tr -d ' ')
	head -n "$n" want | cmp - "$disk/out" && [ "$n" -gt 100 ]
	ok "a full disk: $n whole lines"
	mount -o remount,size=8m "$disk"
	tg-emit --append "$disk/out" many
	check_same "a larger disk: all of it" want "$disk/out"
	umount "$disk"
else
	skip "a full disk" "cannot mount one"
fi
# inject CALL=ERROR: one system call that fails
# (LeakSanitizer is a tracer itself)
export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"
if [ "$SLOW" = 1 ] && strace -o trace true 2>/dev/null; then
	for fault in write:error=EIO:when=2 fsync:error=EIO ftruncate:error=EIO flock:error=ENOLCK; do
		rm -f faulty
		{ cat three && head -c 50 fourth; } >faulty
		check_status "$fault is not overlooked" 3 strace -f -o trace -e inject="$fault" \
			tg-emit --append faulty many 2>err
		check "$fault: said" grep -q '^tg-emit: faulty: ' err
		tg-emit --append faulty many 2>err
		check_same "$fault: all of it, later" want faulty
	done
else
	skip "system calls that fail" "no strace"
fi

done_testing
