#!/bin/bash
# A script that SIGKILL ends takes its tg-llm with it: nothing more is asked, no
# process stays, and the same command loses nothing and pays for nothing twice.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp
seq 300 | jq -c '{text: "def h\(.)(x): return x"}' >code
# what a script starts carries the mark, the server does not
marked=(env MARK="$T/mark")
alive() { running_with "MARK=$T/mark" | wc -l; }
gone() { [ "$(alive)" -eq 0 ]; }

# killed NAME CACHED COMMAND...: ends it by SIGKILL with some of it answered.
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
	check "$name: all its processes end" wait_for gone
	b=$(mock_stats .requests)
	is "$name: no request later than 2 s" "$a" "$b"
	check "$name: it was not over" [ "$b" -lt 300 ]
}
killed "tg-run" tg-run -j 4 --no-judge -t code_summary_retrieval -C cache -q
check "tg-run: what was answered came out whole" jq -e .query out
is "tg-run: its temporary folder is gone" '' "$(ls tmp)"
answered=$(mock_stats .requests)
tg-run -j 64 --no-judge -t code_summary_retrieval -C cache -u "$MOCK_URL" -m m <code >again 2>err
is "tg-run again: all triplets" 300 "$(wc -l <again)"
# what had been answered is kept, and what was in flight had 30 s to arrive
is "tg-run again: each document is asked for once" "300 of 300" "$(mock_stats .requests) of 300"
check "tg-run again: part of it was done" [ "$answered" -lt 300 ]
check "stop" stop_mock
killed "tg-run with its judge and negatives" tg-run -j 4 -t code_summary_retrieval -N 2 -q
check "stop" stop_mock
killed "tg-one-step" tg-one-step code_summary_retrieval -j 4
check "stop" stop_mock
# tg-fan-out and tg-slurm: their commands end, and with them the tg-llm
fan=(tg-run -j 2 --no-judge -t code_summary_retrieval -q)
killed "tg-fan-out" tg-fan-out -j 2 -N 100 -d work "${fan[@]}"
check "stop" stop_mock
killed "tg-slurm" env SLURM_ARRAY_TASK_ID=0 tg-slurm -n 1 -d slurm -j 2 -N 100 code "${fan[@]}"
check "stop" stop_mock

# tg-llm --pid by itself, where it asks, waits for a server, or looks for one.
start_mock -o latency_ms=100
sleep 600 &
pid=$!
asked 1 2000 | tg-llm -j 4 -u "$MOCK_URL" -m m --pid $pid >out 2>err &
llm=$!
wait_for asked_over 5
kill -9 $pid
check_status "tg-llm --pid: ends as of SIGTERM" 143 wait $llm
check "tg-llm --pid: says why" grep -q "^tg-llm: process $pid has ended; finishing what is in flight" err
is "tg-llm --pid: what was asked is answered, the rest stopped" "$(wc -l <out)" \
	"$(jq -c 'select(.tg.response or .tg.error.code == "stopped")' out | wc -l)"
is "tg-llm --pid: each request gave an answer" "$(mock_stats .requests)" "$(grep -c '"response"' out)"
check "stop" stop_mock
sleep 600 &
pid=$!
asked 1 3 | tg-llm -u http://127.0.0.1:1/v1 --pid $pid >out 2>err &
llm=$!
sleep 0.5
kill -9 $pid
check_status "tg-llm --pid: ends while it looks for a server" 143 wait $llm
asked 1 3 >in
check_status "tg-llm --pid of a process that is gone" 143 tg-llm -u http://127.0.0.1:1/v1 --pid $pid in >out 2>err
check "tg-llm --pid of a process that is gone: nothing is read" [ ! -s out ]
check_status "tg-llm --pid 0 is no process" 2 tg-llm --pid 0 in 2>err
done_testing
