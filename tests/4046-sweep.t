#!/bin/bash
# Each program, with one allocation or system call after the other failing: it
# says so and ends with 3, or does all the same. It never ends by a signal, never
# well with other output, and writes whole lines.
#
# Every SWEEP_STEP-th point from a drawn one, SWEEP_FROM, counted over all programs; of
# the system calls, which are few, five times as many. make sweep tries all.
# SWEEP_RUNS, a pattern, names the commands.
# shellcheck disable=SC2094,SC2119 # functions and files are used so on purpose
. tests/lib.sh
cd "$T" || exit 3
! has_foreign_memory || skip_all "valgrind and sanitizers allocate, too"
step=${SWEEP_STEP:-50}
from=${SWEEP_FROM:-$((RANDOM % step + 1))}
diag "SWEEP_STEP=$step SWEEP_FROM=$from"
call_step=$(((step + 4) / 5))

start_mock
printf '%s\n' '{"text":"def f(x):\n    return x\n"}' >code
asked 1 2 >asked
make_stages
tg-prompt generate -t code_context_retrieval code >context
is "the material is there" 1 "$(tg-emit triplet | wc -l)"

# A run: name, then the command in a fresh folder; what it leaves there counts, too.
llm="tg-llm -m m --dialect generic -u $MOCK_URL --retries 0"
runs=('tg-prompt generate -t code_summary_retrieval ../code'
	'tg-prompt generate -t code_summary_retrieval -e ../pool -k 2 --tasks ../row ../code'
	'tg-prompt judge ../pair' 'tg-prompt negatives ../judged'
	'tg-arrange ../answered' 'tg-judge ../verdict' 'tg-negs ../negatives'
	'tg-split-context ../context' 'tg-emit --rejects rejects --summary counts ../triplet ../code'
	'tg-emit --append set ../triplet' 'tg-emit --meta --debug --against ../earlier ../triplet'
	'tg-export --for st -o out --split 1,1,1 ../triplet' 'tg-sum ../sum' 'tg-sum --count ../code'
	'tg-cache put -d cache ../triplet' 'tg-cache get -d ../stored ../triplet'
	'tg-cache verify -d ../stored' 'tg-cache stat -d ../stored' 'tg-cache export -d ../stored'
	'tg-cache import -d cache ../stored' 'tg-cache gc --dry-run -d ../stored'
	"$llm ../asked" "$llm --cache answers --stats counts ../asked"
	"$llm --share x --max-tokens-total 100000 --keep ../asked"
	"$llm --cache ../kept --cache-read-only ../asked"
	'tg-llm -m m --export requests ../asked' 'tg-llm -m m --dry-run --cache ../kept ../asked')
tg-cache put -d stored triplet >/dev/null
tg-emit triplet >earlier
echo '{"lines":1}' >sum
$llm --cache kept asked >/dev/null
# These need a second and more of make check; make sweep has them.
[ "$step" -gt 1 ] || runs+=('tg-folder ../folder' 'tg-folder --functions --secrets drop ../folder'
	'tg-folder --chunks 40 --strip-comments --explain ../folder' 'tg-sample -n 2 ../asked'
	'tg-sample -n 1 --summary counts ../asked' 'tg-report ../triplet'
	'tg-report --text --rejects ../answered --stats ../sum ../triplet' 'tg' 'tg --nearest smaple sample'
	'tg smaple' 'tg sample -n 1 ../asked' 'tg-calibrate fit -o cal --precision .5 ../gold'
	'tg-calibrate eval -c ../cal --svg svg --records ../gold ../gold' 'tg-calibrate sample -n 10 ../triplet'
	'tg-report --calibration ../cal ../triplet')
for i in $(seq 9); do echo '{"gold":'$((i > 4))',"p":0.'"$i"',"task":"a"}'; done >gold
tg-calibrate fit -o cal gold 2>err
mkdir -p folder/tests
printf 'def add_%d(x, y):\n    """Add."""\n    total = x + y  # sum\n    return total * 2\n\n' 1 2 3 >folder/a.py
printf '%s\n' '// three' 'const password = "hT7x-Qw93zLp";' 'function three(a, b) {' \
	'  const list = [a, b, a + b];' '  return list.map((v) => v * 3);' '}' >folder/tests/b.js
printf '%s\n' '{"cells":[{"cell_type":"code","source":["import os\n","def f(a, b, c):\n",' \
	'"    return os.path.join(a, b, c, str(a + b))\n"]}],' \
	'"metadata":{"language_info":{"name":"python"}},"nbformat":4}' >folder/c.ipynb
echo 'MIT License' >folder/LICENSE
jq -nc '[range(3) | {input: "i\(.)", output: "o\(.)"}]' >pool
tg-prompt --list --json 2>/dev/null | head -n 1 >row
[ -s row ] || jq -c 'first' "$OLDPWD"/lib/task/rows/1-*.json >row
export TG_SHARE_DIR=$T/work/shares

# try VARIABLE... -- COMMAND...: run it in an empty folder, its output and messages
# beside it, with these variables. No other process: there are thousands of points.
shopt -s extglob nullglob dotglob
mkdir -p work
try() {
	local variables=() status left
	while [ "$1" != -- ]; do variables+=("$1") && shift; done
	left=(work/*)
	[ ${#left[@]} -eq 0 ] || { rm -rf work && mkdir work; }
	(
		cd work && shift || exit
		[ ${#variables[@]} -eq 0 ] || export "${variables[@]}"
		exec "$@" >../out 2>../err
	)
	status=$?
	mapfile -d '' -t got <out
	[[ $run != tg-llm* ]] || got=("${got[@]//\"latency_ms\":+([0-9]),/}")
	return $status
}
# is_wanted: succeed if the output is that of the command when nothing fails.
is_wanted() {
	local IFS=$'\1'
	[ ${#got[@]} -eq ${#want[@]} ] && [ "${got[*]}" = "${want[*]}" ]
}
# judge_it WHAT STATUS: count a result that is not right.
bad=0 hits=0
judge_it() {
	hits=$((hits + 1))
	case $2 in
	# a number of lines that cannot be known is not printed; answers of a log that
	# cannot be read are said to be asked for again
	0 | "$good") is_wanted || [[ $run == *--count* && ! -s out ]] ||
		{ [[ $run == *--cache* ]] && grep -q 'asked for again' err; } ||
		wrong "$1: status $2 with other output" ;;
	3) [ -s err ] || [[ $1 == *write* ]] || wrong "$1: status 3 and no word" ;;
	1 | 4) [[ $1 != allocation* && $run =~ ^tg-(llm|cache) ]] || wrong "$1: status $2: $(head -n 1 err)" ;;
	127) grep -q 'loading shared libraries\|symbol lookup' err || wrong "$1: status 127" ;;
	*) wrong "$1: status $2: $(head -n 1 err)" ;;
	esac
	[ ${#got[@]} -eq 0 ] || [[ ${got[-1]} == *$'\n' ]] || wrong "$1: a torn line"
}
# wrong WHAT: say which command it was, and what repeats it.
wrong() {
	bad=$((bad + 1))
	[ $bad -gt 20 ] ||
		diag "$* (SWEEP_STEP=$step SWEEP_FROM=$from, $run); stderr: $(head -c 300 err)"
}

point=$((step - from))
for run in "${runs[@]}"; do
	[[ $run =~ ${SWEEP_RUNS-} ]] || continue
	read -ra argv <<<"$run"
	bad=0 hits=0
	try LD_PRELOAD="$TG_BUILD/tests/oom.so" OOM_COUNT="$T/count" -- "${argv[@]}"
	good=$?
	want=("${got[@]}")
	read -r all <count
	for ((k = 1; k <= all; k++)); do
		((++point % step == 0)) || continue
		forever=()
		((k % 2)) || forever=(OOM_FOREVER=1)
		try LD_PRELOAD="$TG_BUILD/tests/oom.so" OOM_AT=$k "${forever[@]}" -- "${argv[@]}"
		judge_it "allocation $k ${forever[*]}" $?
	done
	is "$run: $hits of $all allocations fail, and nothing else" 0 $bad
done

declare -A errors_of=([openat]="EMFILE EACCES" [socket]=EMFILE [epoll_create1]=EMFILE
	[eventfd2]=EMFILE [fcntl]=ENOLCK)
for call in read pread64 getdents64 newfstatat fstat lseek; do errors_of[$call]=EIO; done
for call in write pwrite64 fsync fdatasync ftruncate fallocate rename renameat close \
	mkdir mkdirat unlink unlinkat; do errors_of[$call]="ENOSPC EIO"; done
if strace -o trace true 2>/dev/null; then
	point=$((call_step - from % call_step))
	for run in "${runs[@]}"; do
		[[ $run =~ ${SWEEP_RUNS-} ]] || continue
		read -ra argv <<<"$run"
		bad=0 hits=0 all=0
		try -- strace -f -c -S name -U calls,name -o ../calls "${argv[@]}"
		good=$?
		want=("${got[@]}")
		while read -r times call; do
			read -ra errors <<<"${errors_of[$call]-}"
			[ ${#errors[@]} -gt 0 ] || continue
			for ((k = 1; k <= times; k++)); do
				all=$((all + 1))
				((++point % call_step == 0)) || continue
				error=${errors[k % ${#errors[@]}]}
				try -- strace -f -qq -o ../trace --seccomp-bpf \
				    -e "trace=$call" -e "inject=$call:error=$error:when=$k" "${argv[@]}"
				judge_it "$call $k $error" $?
			done
		done < <(awk '$1 ~ /^[0-9]+$/ && $2 != "total"' calls)
		is "$run: $hits of $all calls fail, and nothing else" 0 $bad
	done
else
	skip "system calls that fail" "no strace"
fi
check "stop" stop_mock
done_testing
