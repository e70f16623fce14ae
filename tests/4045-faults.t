#!/bin/bash
# tg-run on a machine that fails: a full disk, I/O errors, no more files, a folder
# that cannot be written. It says so and ends with 3; what has come out is whole;
# and the same command finishes once the fault is gone, asking for nothing again.
#
# FAULT_ROUNDS faults of one system call of one program, by strace.
. tests/lib.sh
cd "$T" || exit 3
rounds=${FAULT_ROUNDS:-16}
RANDOM=${FAULT_SEED:-1}

start_mock -o owned_by=vllm -o latency_ms=5
run=(tg-run -u "$MOCK_URL" -m m -j 8 -N 3 -q)
for i in $(seq 40); do
	printf '{"text":"def g%d(x):\\n    y = x + %d\\n    return y * y\\n","n":%d}\n' "$i" "$i" "$i"
done >in
check_status "without a fault" 0 "${run[@]}" -t code_summary_retrieval <in >want
run+=(-t code_summary_retrieval)
calls=$(mock_stats .requests)

# whole FILE: nothing but whole triplets that were wanted.
whole() {
	[ -z "$(tail -c 1 "$1" | tr -d '\n')" ] && ! grep -qvxFf want "$1"
}
# finishes NAME [CALLS]: the same command again; and all was asked once, but for
# so many calls.
finishes() {
	local twice
	"${run[@]}" -C "$dir" <in >out2 2>err2
	check_same "$1: then it finishes" want out2 || diag <err2
	twice=$(($(mock_stats .requests) - before - calls))
	check "$1: nothing is asked twice ($twice)" [ "$twice" -le "${2:-0}" ]
}

# A disk that is full, and then is not.
mkdir disk
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=120k tmpfs disk 2>/dev/null; then
	# shellcheck disable=SC2317
	unmount() {
		umount -l "$T/disk"
		_finish
	}
	trap unmount EXIT
	dir=disk/cache before=$(mock_stats .requests)
	check_status "a full disk" 3 "${run[@]}" -C $dir <in >out 2>err
	check "a full disk: it is said where and why" grep -q 'disk/cache.*No space left on device' err
	check "a full disk: what came out is whole" whole out
	mount -o remount,size=64m disk
	# what tg-llm could not store it has lost: those in flight when it failed
	finishes "a full disk" 24
	mount -o remount,ro disk
	check_status "a read-only disk that has it all" 3 "${run[@]}" -C $dir <in >out 2>err
	check "a read-only disk: it is said" grep -qi 'read-only file system' err
	mount -o remount,rw disk
else
	skip "a full disk" "needs root and tmpfs"
fi
check_status "standard output is full" 3 "${run[@]}" <in >/dev/full 2>err
check "standard output is full: it is said" grep -q 'No space left on device' err
check_status "the rejects are full" 3 "${run[@]}" --rejects /dev/full \
	< <(echo nonsense && cat in) >out 2>err
check "the rejects are full: it is said" grep -q '/dev/full: No space left on device' err

# Few files: fewer at a time, and if there are too few, an end.
dir=few before=$(mock_stats .requests)
check_status "too few open files" 3 bash -c 'ulimit -n 24 && "$@"' . "${run[@]}" <in >out 2>err
check "too few open files: it is said" grep -q 'limit on open files' err
check_status "few open files" 0 bash -c 'ulimit -n 72 && "$@"' . "${run[@]}" -C $dir <in >out 2>err
check_same "few open files: it goes on with fewer requests" want out
finishes "few open files"

# Faults of single calls.
if ! command -v strace >/dev/null || [ -n "${TG_VALGRIND:-}" ]; then
	skip "single calls" "needs strace, and no valgrind"
	check "stop" stop_mock
	done_testing
	exit
fi
mkdir trace
for p in "$TG_BIN"/tg-*; do
	[[ $p != *.bash ]] || continue
	cat >"trace/${p##*/}" <<-END
		#!/bin/bash
		if [ "\$FAULT_AT" != "${p##*/}" ] || [ /dev/stdin -ef /dev/null ] ||
			! mkdir "$T/taken" 2>/dev/null; then exec '$p' "\$@"; fi
		strace -f -qq -o '$T/strace' -e "inject=\$FAULT" '$p' "\$@"
		s=\$?
		grep -c INJECTED '$T/strace' >'$T/injected'
		exit \$s
	END
	chmod +x "trace/${p##*/}"
done
points=('tg-llm write 60' 'tg-llm openat 60' 'tg-llm fsync 1' 'tg-llm fdatasync 1'
	'tg-cache write 30' 'tg-cache openat 40' 'tg-cache fsync 30'
	'tg-cache rename 30' 'tg-cache renameat 30' 'tg-cache read 9' 'tg-emit write 9'
	'tg-emit read 9' 'tg-emit close 12' 'tg-prompt write 9' 'tg-prompt read 9' 'tg-judge write 9'
	'tg-negs read 9' 'tg-arrange write 9' 'tg-llm close 20')
errors=(ENOSPC EIO EMFILE ENOSPC EIO EINTR)
hit=0 signals=0 torn=0 silent=0 other=0
for ((round = 0; round < rounds; round++)); do
	rm -rf cache taken injected
	read -r FAULT_AT call n <<<"${points[RANDOM % ${#points[@]}]}"
	error=${errors[RANDOM % ${#errors[@]}]}
	[ "$call" != openat ] || error=EMFILE
	FAULT=$call:error=$error:when=$((1 + RANDOM % n))$([ $((RANDOM % 2)) = 0 ] || echo +)
	[ "$error" != EINTR ] || FAULT=${FAULT%+} # for ever is no interruption
	what="$FAULT_AT $FAULT"
	PATH=$T/trace:$PATH FAULT_AT=$FAULT_AT FAULT=$FAULT "${run[@]}" -C cache <in >out 2>err
	status=$?
	n=0
	[ ! -e injected ] || read -r n <injected
	if ((n == 0)) || grep -q 'loading shared libraries' err; then continue; fi
	hit=$((hit + 1))
	((status < 126)) || { signals=$((signals + 1)) && diag "$what: status $status"; }
	whole out || { torn=$((torn + 1)) && diag "$what: torn output"; }
	# fine is only what gave all
	((status > 0)) || cmp -s want out || { silent=$((silent + 1)) && diag "$what: lost, silently"; }
	# who cannot write at all cannot say so
	[[ $status -lt 3 || -s err || $FAULT = write*+ ]] || { silent=$((silent + 1)) && diag "$what: status $status, and no word"; }
	"${run[@]}" -C cache <in >out 2>err
	cmp -s want out || { other=$((other + 1)) && diag "$what: then other output"; }
done
diag "$rounds faults, of which $hit struck"
check "faults struck ($hit of $rounds)" [ $((hit * 8)) -ge "$rounds" ]
is "no program died of one" 0 $signals
is "no torn line came out" 0 $torn
is "nothing was lost without a word" 0 $silent
is "the same command finished then" 0 $other
check "stop" stop_mock
done_testing
