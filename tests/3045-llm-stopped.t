#!/bin/bash
# tg-llm is stopped, as by Ctrl-Z, for longer than its time-outs: what has arrived
# meanwhile is an answer, and nothing is asked twice for it.
# shellcheck source=tests/lib.sh
. tests/lib.sh
cd "$T" || exit 3
llm=(tg-llm -m m --dialect generic)
# stop_for S PID: stops the process so long.
stop_for() {
	kill -STOP "$2" && sleep "$1" && kill -CONT "$2"
}
long=$((9 * SLOW)) short=$((6 * SLOW))

# Small answers, and some that are larger than the buffer of a socket.
printf '%s\n' '{"match":{"substring":"question 4"},"hold":true,"text":"'"$(
	head -c 3000000 /dev/zero | tr '\0' y)"'"}' '{"hold":true}' >s
asked 1 4 >in
for option in -v "--cache c"; do
	start_mock -s s
	# shellcheck disable=SC2086 # it may be two words
	"${llm[@]}" -u "$MOCK_URL" -j 4 --timeout $short $option in >out 2>err &
	pid=$!
	wait_for in_flight_is 4
	kill -STOP $pid
	mock_goes_on
	sleep $long
	kill -CONT $pid
	wait $pid
	is "$option: a process that was stopped for longer than --timeout exits with 0" 0 $?
	is "$option: four questions are asked four times" "4 4" "$(mock_stats .requests) $(grep -c '"response"' out)"
	kill "$MOCK_PID"
done

# The server answers only after the process goes on: the time of an attempt is not over.
start_mock -s s
"${llm[@]}" -u "$MOCK_URL" -j 4 --timeout $long in >out 2>err &
pid=$!
wait_for in_flight_is 4
stop_for $((long + 1)) $pid
sleep 0.5
mock_goes_on
wait $pid
is "answers that come after the stop count, too" "0 4" "$? $(mock_stats .requests)"
kill "$MOCK_PID"

# A run as a whole: one process waits for the answer of another.
echo '{"hold":true}' >s
start_mock -s s
asked 1 4 >in
"${llm[@]}" -u "$MOCK_URL" -j 4 --timeout $short --cache both in >out 2>err &
pid=$!
wait_for in_flight_is 4
"${llm[@]}" -u "$MOCK_URL" -j 4 --timeout $short --cache both in >out2 2>err2 &
pid2=$!
sleep 0.5
kill -STOP $pid $pid2
mock_goes_on
sleep $long
kill -CONT $pid2 $pid
wait $pid
a=$?
wait $pid2
is "two processes that were stopped exit with 0" "0 0" "$a $?"
is "a question that another process has asked is not asked again after a stop" "4 4 4" \
	"$(mock_stats .requests) $(grep -c '"response"' out) $(grep -c '"response"' out2)"
check "the mock server stops without a fault" stop_mock
done_testing
