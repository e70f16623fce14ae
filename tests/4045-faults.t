#!/bin/bash
# tg-run on a machine that fails: a full disk, I/O errors, too many open files,
# a folder that cannot be written. It says so and ends with 3; the output so far
# is whole; and the same command finishes once the fault is gone, without asking
# again.
#
# FAULT_ROUNDS is the number of faults of one system call of one program, by
# strace.
. tests/lib.sh
cd "$T" || exit 3
rounds=${FAULT_ROUNDS:-16}
RANDOM=${FAULT_SEED:-1}

start_mock -o owned_by=vllm -o latency_ms=5
run=(tg-run -u "$MOCK_URL" -m m -j 8 -N 3 -q)
for i in $(seq 40); do
	printf '{"text":"def g%d(x):\\n    y = x + %d\\n    return y * y\\n","n":%d}\n' "$i" "$i" "$i"
done >in
check_status "a run without a fault exits with 0" 0 "${run[@]}" -t code_summary_retrieval <in >want
run+=(-t code_summary_retrieval)
calls=$(mock_stats .requests)

# whole FILE: succeeds if FILE holds only whole triplets that were wanted.
whole() {
	[ -z "$(tail -c 1 "$1" | tr -d '\n')" ] && ! grep -qvxFf want "$1"
}
# finishes NAME [CALLS]: runs the same command again and tests that at most
# CALLS requests were sent twice.
finishes() {
	local twice
	"${run[@]}" -C "$dir" <in >out2 2>err2
	check_same "$1: the next run finishes" want out2 || diag <err2
	twice=$(($(mock_stats .requests) - before - calls))
	check "$1: no other request is sent twice ($twice)" [ "$twice" -le "${2:-0}" ]
}

# The disk is full for a while.
mkdir disk
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=120k tmpfs disk 2>/dev/null; then
	# shellcheck disable=SC2317
	unmount() {
		umount -l "$T/disk"
		_finish
	}
	trap unmount EXIT
	dir=disk/cache before=$(mock_stats .requests)
	check_status "a full disk makes status 3" 3 "${run[@]}" -C $dir <in >out 2>err
	check "a full disk: the message says where and why" grep -q 'disk/cache.*No space left on device' err
	check "a full disk: the output so far is whole" whole out
	mount -o remount,size=64m disk
	# Answers that tg-llm could not store are lost: those in flight at the
	# fault.
	finishes "a full disk" 24
	mount -o remount,ro disk
	check_status "a read-only disk makes status 3 even if all is cached" 3 "${run[@]}" -C $dir <in >out 2>err
	check "a read-only disk: the message gives the reason" grep -qi 'read-only file system' err
	mount -o remount,rw disk
else
	skip "a full disk makes status 3" "needs root and tmpfs"
fi
check_status "a full stdout makes status 3" 3 "${run[@]}" <in >/dev/full 2>err
check "a full stdout: the message gives the reason" grep -q 'No space left on device' err
check_status "a full rejects file makes status 3" 3 "${run[@]}" --rejects /dev/full \
	< <(echo nonsense && cat in) >out 2>err
check "a full rejects file: the message gives file and reason" grep -q '/dev/full: No space left on device' err

# A low limit on open files means fewer requests in flight, and a very low one
# ends the run.
dir=few before=$(mock_stats .requests)
check_status "a limit of 24 open files makes status 3" 3 bash -c 'ulimit -n 24 && "$@"' . "${run[@]}" <in >out 2>err
check "a limit of 24 open files: the message names the limit" grep -q 'limit on open files' err
check_status "a run with 72 open files exits with 0" 0 bash -c 'ulimit -n 72 && "$@"' . "${run[@]}" -C $dir <in >out 2>err
check_same "a run with 72 open files gives the same output" want out
finishes "72 open files"

# Faults of single system calls.
if ! command -v strace >/dev/null || [ -n "${TG_VALGRIND:-}" ]; then
	skip "no program dies of a fault" "needs strace, and no valgrind"
	check "the mock server stops without a fault" stop_mock
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
	[ "$error" != EINTR ] || FAULT=${FAULT%+} # a call that always fails is not interrupted
	what="$FAULT_AT $FAULT"
	PATH=$T/trace:$PATH FAULT_AT=$FAULT_AT FAULT=$FAULT "${run[@]}" -C cache <in >out 2>err
	status=$?
	n=0
	[ ! -e injected ] || read -r n <injected
	if ((n == 0)) || grep -q 'loading shared libraries' err; then continue; fi
	hit=$((hit + 1))
	((status < 126)) || { signals=$((signals + 1)) && diag "$what: status $status"; }
	whole out || { torn=$((torn + 1)) && diag "$what: torn output"; }
	# Only a run that gave everything may exit with 0.
	((status > 0)) || cmp -s want out || { silent=$((silent + 1)) && diag "$what: lost, silently"; }
	# A program that cannot write at all cannot print a message.
	[[ $status -lt 3 || -s err || $FAULT = write*+ ]] || { silent=$((silent + 1)) && diag "$what: status $status, and no word"; }
	"${run[@]}" -C cache <in >out 2>err
	cmp -s want out || { other=$((other + 1)) && diag "$what: then other output"; }
done
diag "$rounds faults, of which $hit struck"
check "enough faults struck ($hit of $rounds)" [ $((hit * 8)) -ge "$rounds" ]
is "no program dies of a fault" 0 $signals
is "no torn line comes out of a fault" 0 $torn
is "nothing is lost without a message" 0 $silent
is "the same command finishes after a fault" 0 $other
check "the mock server stops without a fault" stop_mock
done_testing
