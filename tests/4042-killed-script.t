#!/bin/bash
# A script that SIGKILL ends takes its tg-llm with it: no more requests are
# sent, no process stays, and the same command loses nothing and pays for
# nothing twice.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp
seq 300 | jq -c '{text: "def h\(.)(x): return x"}' >code
# Processes that a script starts carry the mark; the server does not.
marked=(env MARK="$T/mark")
alive() { running_with "MARK=$T/mark" | wc -l; }
gone() { [ "$(alive)" -eq 0 ]; }

# killed NAME COMMAND...: kills COMMAND by SIGKILL when some requests are
# answered.
killed() {
	local name=$1 a b pid
	shift
	start_mock -o latency_ms=200
	"${marked[@]}" "$@" -u "$MOCK_URL" -m m <code >out 2>err &
	pid=$!
	wait_for asked_over 12
	kill -9 $pid
	wait $pid 2>/dev/null
	sleep 2
	a=$(mock_stats .requests)
	check "$name: all its processes end after SIGKILL" wait_for gone
	b=$(mock_stats .requests)
	is "$name: no request is sent later than 2 s after SIGKILL" "$a" "$b"
	check "$name: SIGKILL came before the last request" [ "$b" -lt 300 ]
}
killed "tg-run" tg-run -j 4 --no-judge -t code_summary_retrieval -C cache -q
check "tg-run: triplets before SIGKILL are whole lines" jq -e .query out
is "tg-run: its temporary folder is removed" '' "$(ls tmp)"
answered=$(mock_stats .requests)
tg-run -j 64 --no-judge -t code_summary_retrieval -C cache -u "$MOCK_URL" -m m <code >again 2>err
is "tg-run again: all triplets come out" 300 "$(wc -l <again)"
# Answers are kept, and requests in flight had 30 s to be answered.
is "tg-run again: each document is asked for once" "300 of 300" "$(mock_stats .requests) of 300"
check "tg-run again: part of the work was done before" [ "$answered" -lt 300 ]
check "the mock server stops without a fault" stop_mock
killed "tg-run with its judge and negatives" tg-run -j 4 -t code_summary_retrieval -N 2 -q
check "the mock server stops without a fault" stop_mock
killed "tg-one-step" tg-one-step code_summary_retrieval -j 4
check "the mock server stops without a fault" stop_mock
# tg-fan-out and tg-slurm: their commands end, and with them each tg-llm.
fan=(tg-run -j 2 --no-judge -t code_summary_retrieval -q)
killed "tg-fan-out" tg-fan-out -j 2 -N 100 -d work "${fan[@]}"
check "the mock server stops without a fault" stop_mock
killed "tg-slurm" env SLURM_ARRAY_TASK_ID=0 tg-slurm -n 1 -d slurm -j 2 -N 100 code "${fan[@]}"
check "the mock server stops without a fault" stop_mock

# tg-llm --pid by itself: while it asks, waits for a server, or looks for one.
start_mock -o latency_ms=100
sleep 600 &
pid=$!
asked 1 2000 | tg-llm -j 4 -u "$MOCK_URL" -m m --pid $pid >out 2>err &
llm=$!
wait_for asked_over 5
kill -9 $pid
check_status "tg-llm --pid ends as by SIGTERM when the process ends" 143 wait $llm
check "tg-llm --pid says that the process has ended" grep -q "^tg-llm: process $pid has ended; finishing what is in flight" err
is "tg-llm --pid answers the requests in flight and stops the other records" "$(wc -l <out)" \
	"$(jq -c 'select(.tg.response or .tg.error.code == "stopped")' out | wc -l)"
is "tg-llm --pid writes an answer for each request" "$(mock_stats .requests)" "$(grep -c '"response"' out)"
check "the mock server stops without a fault" stop_mock
sleep 600 &
pid=$!
asked 1 3 | tg-llm -u http://127.0.0.1:1/v1 --pid $pid >out 2>err &
llm=$!
sleep 0.5
kill -9 $pid
check_status "tg-llm --pid ends while it looks for a server" 143 wait $llm
asked 1 3 >in
check_status "tg-llm --pid of a dead process ends at once" 143 tg-llm -u http://127.0.0.1:1/v1 --pid $pid in >out 2>err
check "tg-llm --pid of a dead process reads nothing" [ ! -s out ]
check_status "tg-llm refuses --pid 0" 2 tg-llm --pid 0 in 2>err
done_testing
