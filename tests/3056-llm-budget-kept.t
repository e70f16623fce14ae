#!/bin/bash
# Budgets live with the work: what was spent is kept in the cache, or in the work folder
# of tg-fan-out or tg-slurm, over restarts, kills and tasks.
# shellcheck source=tests/lib.sh
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3

# asked FROM TO: makes records with requests, all of the same length.
asked() {
	jq -nc --argjson a "$1" --argjson z "$2" 'range($a; $z + 1) |
		{tg: {id: "\(.)", request: {kind: "generate", messages:
		[{role: "user", content: ("word " * 60 + "question \(1000 + .)")}]}}}'
}
# Each call takes 100 + 50 tokens.
usage='"usage":{"prompt_tokens":100,"completion_tokens":50}'
echo "{$usage}" >s
llm() { tg-llm -u "$MOCK_URL" -m m --dialect vllm --max-tokens 50 "$@"; }
# spent: prints the tokens that the mock has counted since the last start.
spent() { echo $(($(mock_stats .requests) * 150)); }
answers() { grep -c '"response"' "$1"; }
asked 1 200 >in

start_mock -s s -o latency_ms=5
for i in 1 2 3; do
	check_status "start $i of a run over its budget exits with 4" 4 \
		llm -j 8 --cache c --max-tokens-total 3000 in >out 2>err
done
is "three starts together keep to the budget" 3000 "$(spent)"
check "the message says how to go on, and where the sum is kept" grep -q \
	'the budget is spent: 3000 of 3000 tokens, and the next request may take [0-9]*; a larger --max-tokens-total goes on; kept in c/tg.spent' err
check_status "a larger budget goes on" 4 llm -j 8 --cache c --max-tokens-total 4500 in >out 2>err
is "a larger budget counts what was spent before" "4500 30" "$(spent) $(answers out)"
check_status "a smaller budget sends nothing" 4 llm -j 8 --cache c --max-tokens-total 2000 in >out 2>err
is "a smaller budget gives what is stored" "4500 30" "$(spent) $(answers out)"
llm -j 8 --cache c <(asked 1 40) >out
check_status "what was spent without a budget counts, too" 4 \
	llm -j 8 --cache c --max-tokens-total 6000 in >out 2>err
is "a run without a budget is not held up" "6000 40" "$(spent) $(answers out)"
check_status "the budget of another kind counts from when it had a price" 4 llm -j 8 --cache c \
	--price-in 1 --price-out 2 --max-cost 0.001 in >out 2>err
is "tokens that had no price cost nothing" 6750 "$(spent)"
check_status "a changed price does not change what was spent" 4 llm -j 8 --cache c \
	--price-in 2 --price-out 4 --max-cost 0.0022 in >out 2>err
is "what is spent from now on has the new price" 7200 "$(spent)"
rm c/tg.spent
check_status "without the file the budget begins anew" 4 \
	llm -j 8 --cache c --max-tokens-total 300 in >out 2>err
is "a budget that begins anew is a whole one" 7500 "$(spent)"
head -c 30000 /dev/urandom >c/tg.spent
check_status "a damaged file is refused" 3 llm -j 8 --cache c --max-tokens-total 300 in >out 2>err
check "the message says what to do about it" grep -q 'c/tg.spent: damaged, .*; delete it to begin with nothing' err
is "with a damaged file nothing is spent" 7500 "$(spent)"
rm c/tg.spent && mkfifo c/tg.spent
check_status "a pipe in its place is refused" 3 llm --cache c --max-tokens-total 900 in >out 2>err
check "the message names the file" grep -q 'c/tg.spent: Invalid argument' err
check_status "without a budget the file is done without" 0 llm --cache c <(asked 1 2) >out 2>err
rm c/tg.spent
check_status "a cache that is only read keeps no budget" 4 llm -j 8 --cache c --cache-read-only \
	--max-tokens-total 300 in >out 2>err
check "a cache that is only read is not written" [ ! -e c/tg.spent ]
is "the file is the user's alone" 600 "$(llm --cache c2 <(asked 1 1) >out && stat -c %a c2/tg.spent)"
kill "$MOCK_PID"

# Processes at once, on one folder and without a share, as on several machines.
start_mock -s s -o latency=lognormal:10:50
pids=()
for i in 1 2 3 4; do
	TG_BUDGET_DIR=$T/c2 llm -j 4 --max-tokens-total 4650 <(asked $((i * 100)) $((i * 100 + 50))) \
		>"out.$i" 2>"err.$i" &
	pids+=($!)
done
wait "${pids[@]}"
check "four processes at once keep to the budget of the folder ($(spent))" \
	[ "$(spent)" -le 4500 ]
check "four processes at once use most of the budget ($(spent))" [ "$(spent)" -ge 3900 ]
kill "$MOCK_PID"

# A process that is killed leaves what it had in flight: the server charges for that.
printf '%s\n' "{\"match\":{\"substring\":\"question 109\"},\"hold\":true,$usage}" "{$usage}" >s2
start_mock -s s2
asked 1 80 | head -n 5 >in2
asked 90 97 >>in2
tg-llm -u "$MOCK_URL" -m m --dialect vllm --max-tokens 50 -j 4 --cache c3 --max-tokens-total 3000 \
	in2 >out 2>err &
pid=$!
wait_for in_flight_is 4
kill -9 $pid
wait $pid
mock_goes_on
is "nine requests were sent before the kill" 1350 "$(spent)"
check_status "a run after a kill has the rest of the budget" 4 \
	llm -j 4 --cache c3 --max-tokens-total 3000 <(asked 100 200) >out 2>err
is "what was in flight counts after a kill" 3000 "$(spent)"
kill "$MOCK_PID"

# The scripts.
seq 60 | jq -c '{text: "def f\(.)(x): return x + \(.)"}' >code
start_mock -s s -o latency_ms=5
for i in 1 2 3; do
	check_status "tg-run: start $i over the budget exits with 4" 4 tg-run -t web_code_retrieval \
		-u "$MOCK_URL" -m m -q -j 4 --no-judge -C cache -- --max-tokens 50 --max-tokens-total 3000 \
		<code >out 2>err
done
check "tg-run: three starts with one cache keep to the budget ($(spent))" [ "$(spent)" -le 3000 ]
check "tg-run: three starts use most of the budget ($(spent))" [ "$(spent)" -ge 2550 ]
check "tg-run: the message names the file in the cache" grep -q 'kept in cache/answers/tg.spent' err
check_status "tg-run: a larger budget finishes the job" 0 tg-run -t web_code_retrieval \
	-u "$MOCK_URL" -m m -q -j 4 --no-judge -C cache -- --max-tokens 50 --max-tokens-total 300000 <code >out
kill "$MOCK_PID"
start_mock -s s -o latency_ms=5
for i in 1 2 3; do
	check_status "tg-fan-out: start $i over the budget exits with 4" 4 tg-fan-out -d work -j 2 -N 15 \
		tg-run -t web_code_retrieval -u "$MOCK_URL" -m m -q -j 4 --no-judge -- \
		--max-tokens 50 --max-tokens-total 3000 <code >out 2>err
done
check "tg-fan-out: three starts with one work folder keep to the budget ($(spent))" [ "$(spent)" -le 3000 ]
check "tg-fan-out: three starts use most of the budget ($(spent))" [ "$(spent)" -ge 2550 ]
kill "$MOCK_PID"
start_mock -s s -o latency_ms=5
# task I: runs a task of a job array.
task() {
	SLURM_ARRAY_TASK_ID=$1 tg-slurm -n 2 -d slurm -N 15 code tg-run -t web_code_retrieval \
		-u "$MOCK_URL" -m m -q -j 4 --no-judge -- --max-tokens 50 --max-tokens-total 3000
}
for i in 1 2; do
	task 0 2>err.0 &
	pid=$!
	task 1 2>err
	is "tg-slurm: start $i of a task over the budget exits with 4" 4 $?
	wait $pid
done
check "tg-slurm: two tasks, started twice, keep to the budget ($(spent))" [ "$(spent)" -le 3000 ]
check "tg-slurm: the tasks use most of the budget ($(spent))" [ "$(spent)" -ge 2250 ]
check "stop" stop_mock
done_testing
