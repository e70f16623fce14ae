#!/bin/bash
# tg-run --append: a killed run goes on in its own output.
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

check "an undisturbed run with --append exits with 0" "${run[@]}" -C whole --append want code.jsonl >o
is "an undisturbed run with --append is complete" "$n" "$(wc -l <want | tr -d ' ')"
check "tg-run --append writes nothing to stdout" [ ! -s o ]
check "a second run with --append exits with 0" "${run[@]}" -C whole --append want code.jsonl
is "a second run with --append adds nothing" "$n" "$(wc -l <want | tr -d ' ')"

lines() { wc -l 2>/dev/null <"$1" || echo 0; }
more_or_over() {
	[ "$(lines out)" -gt "$enough" ] || ! kill -0 "$job" 2>/dev/null
}
died=0 torn=0
for round in $(seq 10); do
	RUN=$round "${run[@]}" -C cache --append out code.jsonl 2>err &
	job=$!
	# The run has added a few triplets, or none in some rounds.
	enough=$(($(lines out) + RANDOM % 40 * (round % 3)))
	wait_for more_or_over
	# Every process of the run is killed, in any process group.
	while p=$(running_with RUN="$round"); [ -n "$p" ]; do
		p=${p//\/proc\//} p=${p//\/environ/}
		# shellcheck disable=SC2086 # a list
		kill -9 $p
	done
	wait $job 2>/dev/null
	size=$(stat -c %s out 2>/dev/null || echo 0)
	[ "$size" -eq "$(stat -c %s want)" ] || died=$((died + 1))
	# The file is torn, as if the kill had hit the middle of a write.
	if [ $((round % 2)) = 0 ] && [ "$size" -gt 300 ]; then
		truncate -s -$((RANDOM % 300)) out
		torn=$((torn + 1))
	fi
done
diag "killed before the end: $died of 10; torn: $torn"
check "some runs were killed before their end" [ "$died" -gt 2 ]
check "the last run with --append exits with 0" "${run[@]}" -C cache --append out code.jsonl
check_same "killed runs with --append lose, repeat and tear nothing" want out

# Mistakes are reported before anything is paid for.
before=$(mock_stats .requests)
mkfifo slow
tg-emit --append held <slow &
holder=$!
exec 5>slow
# shellcheck disable=SC2317
locked() { grep -q ":$(stat -c %i held) " /proc/locks; }
wait_for locked
check_status "tg-run --append exits with 3 if another run adds to the file" 3 tg-run --append held code.jsonl 2>err
check "the message says that another tg-emit is adding to the file" grep -qx 'tg-emit: held: another tg-emit is adding to it' err
exec 5>&-
wait $holder
check_status "tg-run --append to the input is refused" 2 tg-run --append ./code.jsonl code.jsonl 2>err
cp want mine
check_status "tg-run --append to the rejects is refused" 2 tg-run --append mine --rejects ./mine code.jsonl 2>err
check_same "a refused --append leaves the file as it is" want mine
printf 'my notes' >mine
check_status "tg-run --append to a file of other text exits with 3" 3 tg-run --append mine code.jsonl 2>err
is "no request is sent for a refused --append" "$before" "$(mock_stats .requests)"
rm -f mine
tg-run -m m --append mine --dry-run code.jsonl >o
check "--dry-run prints --append" grep -q '^tg-emit .*--append mine$' o
check "--dry-run does not make the file of --append" [ ! -e mine ]

done_testing
