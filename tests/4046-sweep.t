#!/bin/bash
# Each program, with one allocation or system call after the other failing: it
# says so and ends with 3, or does all the same. It never ends by a signal, never
# well with other output, and writes whole lines.
#
# Every SWEEP_STEP-th point from a drawn one, SWEEP_FROM; make sweep tries all.
# shellcheck disable=SC2094,SC2119 # functions and files are used so on purpose
. tests/lib.sh
cd "$T" || exit 3
! has_foreign_memory || skip_all "valgrind and sanitizers allocate, too"
step=${SWEEP_STEP:-50}
from=${SWEEP_FROM:-$((RANDOM % step + 1))}
diag "SWEEP_STEP=$step SWEEP_FROM=$from"

start_mock
printf '%s\n' '{"text":"def f(x):\n    return x\n"}' >code
asked 1 2 >asked
make_stages
tg-prompt generate -t code_context_retrieval code >context
is "the material is there" 1 "$(tg-emit triplet | wc -l)"

# A run: name, then the command in a fresh folder; what it leaves there counts, too.
runs=('tg-prompt generate -t code_summary_retrieval ../code'
	'tg-prompt judge ../pair' 'tg-prompt negatives ../judged'
	'tg-arrange ../answered' 'tg-judge ../verdict' 'tg-negs ../negatives'
	'tg-split-context ../context' 'tg-emit --rejects rejects ../triplet ../code'
	'tg-emit --append set ../triplet' 'tg-cache put -d cache ../triplet'
	'tg-cache get -d ../stored ../triplet' 'tg-cache verify -d ../stored'
	"tg-llm -m m --dialect generic -u $MOCK_URL --retries 0 ../asked"
	"tg-llm -m m --dialect generic -u $MOCK_URL --retries 0 --cache answers ../asked")
tg-cache put -d stored triplet >/dev/null

# try VARIABLE... -- COMMAND...: run it in an empty folder, its output and messages
# beside it, with these variables. Few processes: there are thousands of points.
try() {
	local variables=() status
	while [ "$1" != -- ]; do variables+=("$1") && shift; done
	[ -z "$(ls work 2>&1)" ] || { rm -rf work && mkdir work; }
	(
		cd work && shift || exit
		[ ${#variables[@]} -eq 0 ] || export "${variables[@]}"
		exec "$@" >../out 2>../err
	)
	status=$?
	[[ $run != tg-llm* ]] || sed -i -E 's/"latency_ms":[0-9]+,//g' out
	return $status
}
# judge_it WHAT STATUS: count a result that is not right.
bad=0 hits=0
judge_it() {
	hits=$((hits + 1))
	case $2 in
	0 | "$good") cmp -s out want || wrong "$1: status $2 with other output" ;;
	3) [ -s err ] || [[ $1 == *write* ]] || wrong "$1: status 3 and no word" ;;
	1 | 4) [[ $run == tg-llm* || $run == tg-cache* ]] || wrong "$1: status $2: $(head -n 1 err)" ;;
	127) grep -q 'loading shared libraries\|symbol lookup' err || wrong "$1: status 127" ;;
	*) wrong "$1: status $2: $(head -n 1 err)" ;;
	esac
	[ -z "$(tail -c 1 out)" ] || wrong "$1: a torn line"
}
wrong() {
	bad=$((bad + 1))
	[ $bad -gt 20 ] || diag "$*"
}

for run in "${runs[@]}"; do
	read -ra argv <<<"$run"
	bad=0 hits=0
	try LD_PRELOAD="$TG_BUILD/tests/oom.so" OOM_COUNT="$T/count" -- "${argv[@]}"
	good=$?
	cp out want
	read -r all <count
	for ((k = from; k <= all; k += step)); do
		forever=()
		((k % 2)) || forever=(OOM_FOREVER=1)
		try LD_PRELOAD="$TG_BUILD/tests/oom.so" OOM_AT=$k "${forever[@]}" -- "${argv[@]}"
		judge_it "allocation $k ${forever[*]}" $?
	done
	is "$run: $hits of $all allocations fail, and nothing else" 0 $bad
done

if strace -o trace true 2>/dev/null; then
	for run in "${runs[@]}"; do
		read -ra argv <<<"$run"
		bad=0 hits=0
		try -- strace -f -c -S name -U calls,name -o ../calls "${argv[@]}"
		good=$?
		cp out want
		n=0
		while read -r times call; do
			case $call in
			openat) errors=(EMFILE EACCES) ;;
			write | pwrite64 | fsync | fdatasync | ftruncate | rename | renameat | close)
				errors=(ENOSPC EIO) ;;
			read | pread64) errors=(EIO) ;;
			*) continue ;;
			esac
			for ((k = 1; k <= times; k++)); do
				(((n++ + from) % step == 0)) || continue
				error=${errors[k % ${#errors[@]}]}
				try -- strace -f -qq -o ../trace -e "inject=$call:error=$error:when=$k" "${argv[@]}"
				judge_it "$call $k $error" $?
			done
		done < <(awk '$1 ~ /^[0-9]+$/ && $2 != "total"' calls)
		is "$run: $hits of $n calls fail, and nothing else" 0 $bad
	done
else
	skip "system calls that fail" "no strace"
fi
check "stop" stop_mock
done_testing
