#!/bin/bash
# tg-run --append: a run that is killed goes on in its own output.
export VALGRIND_ONE_IN=8
. tests/lib.sh
sample=$PWD/tests/data/sample
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

start_mock -o owned_by=vllm -o latency_ms=30
export OPENAI_BASE_URL=$MOCK_URL
tg-folder --all "$sample" | jq -c 'range(25) as $i | {text: "// \($i)\n\(.text)// \($i)\n",
	tg: {task: ("code_summary_retrieval", "code_context_retrieval")}}' >code.jsonl
n=$(wc -l <code.jsonl | tr -d ' ')
run=(tg-run -q -j 8 -N 2)

check "an undisturbed run" "${run[@]}" -C whole --append want code.jsonl >o
is "is complete" "$n" "$(wc -l <want | tr -d ' ')"
check "and writes nothing else" [ ! -s o ]
check "again" "${run[@]}" -C whole --append want code.jsonl
is "nothing is added" "$n" "$(wc -l <want | tr -d ' ')"

lines() { wc -l 2>/dev/null <"$1" || echo 0; }
more_or_over() {
	[ "$(lines out)" -gt "$enough" ] || ! kill -0 "$job" 2>/dev/null
}
died=0 torn=0
for round in $(seq 10); do
	RUN=$round "${run[@]}" -C cache --append out code.jsonl 2>err &
	job=$!
	# until it has added a few; at times at once
	enough=$(($(lines out) + RANDOM % 40 * (round % 3)))
	wait_for more_or_over
	# every process of it, wherever its groups are
	while p=$(running_with RUN="$round"); [ -n "$p" ]; do
		p=${p//\/proc\//} p=${p//\/environ/}
		# shellcheck disable=SC2086 # a list
		kill -9 $p
	done
	wait $job 2>/dev/null
	size=$(stat -c %s out 2>/dev/null || echo 0)
	[ "$size" -eq "$(stat -c %s want)" ] || died=$((died + 1))
	# as if the kill had hit the middle of a write
	if [ $((round % 2)) = 0 ] && [ "$size" -gt 300 ]; then
		truncate -s -$((RANDOM % 300)) out
		torn=$((torn + 1))
	fi
done
diag "killed before the end: $died of 10; torn: $torn"
check "some were killed before the end" [ "$died" -gt 2 ]
check "the last one ends" "${run[@]}" -C cache --append out code.jsonl
check_same "nothing is lost, twice or torn" want out

# What is refused before anything is paid for.
before=$(mock_stats .requests)
mkfifo slow
tg-emit --append held <slow &
holder=$!
exec 5>slow
# shellcheck disable=SC2317
locked() { grep -q ":$(stat -c %i held) " /proc/locks; }
wait_for locked
check_status "another run has the file" 3 tg-run --append held code.jsonl 2>err
check "says so" grep -qx 'tg-emit: held: another tg-emit is adding to it' err
exec 5>&-
wait $holder
check_status "the input" 2 tg-run --append ./code.jsonl code.jsonl 2>err
cp want mine
check_status "the rejects" 2 tg-run --append mine --rejects ./mine code.jsonl 2>err
check_same "which stay as they are" want mine
printf 'my notes' >mine
check_status "what is no output" 3 tg-run --append mine code.jsonl 2>err
is "nothing was asked" "$before" "$(mock_stats .requests)"
rm -f mine
tg-run -m m --append mine --dry-run code.jsonl >o
check "--dry-run names it" grep -q '^tg-emit .*--append mine$' o
check "and leaves it" [ ! -e mine ]

done_testing
