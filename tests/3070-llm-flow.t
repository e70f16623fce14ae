#!/bin/bash
# tg-llm: when records leave, and how many requests are in flight.
# shellcheck source=tests/lib.sh
. tests/lib.sh

asked() { # N: makes N records with requests
	jq -nc --argjson n "$1" 'range(1; $n + 1) | {tg: {id: "\(.)", request:
		{kind: "generate", messages: [{role: "user",
		content: "question \(.)"}]}}}'
}

llm() {
	tg-llm -q -m m --dialect generic -u "$MOCK_URL" --stats "$T/stats" "$@"
}

answered() { # FILE: counts the answered records
	grep -c '"response"' "$1"
}

now() {
	date +%s%3N
}

asked 200 >"$T/in"

# The first answer leaves at once, though the second record comes late.
start_mock
mkfifo "$T/slow" "$T/first"
llm "$T/slow" >"$T/first" &
pid=$!
exec 6<"$T/first" 5>"$T/slow"
head -n 1 "$T/in" >&5
check "an answer does not wait for the next record" \
	timeout $((60 * SLOW)) head -n 1 <&6 >"$T/out"
is "the answer that leaves is the first one" 1 "$(jq -r 'select(.tg.response) | .tg.id' "$T/out")"
sed -n 2p "$T/in" >&5
check "the second answer does not wait either" timeout $((60 * SLOW)) head -n 1 <&6 >"$T/out"
exec 5>&-
check "tg-llm ends with its input" wait $pid
exec 6<&-
kill "$MOCK_PID"

# Writing --stats waits for a reader of the pipe; stdout is closed before.
start_mock
mkfifo "$T/busy" "$T/out.pipe"
tg-llm -m m --dialect generic -u "$MOCK_URL" --stats "$T/busy" "$T/in" >"$T/out.pipe" &
pid=$!
check "the reader sees the end of the output while tg-llm still runs" \
	timeout $((60 * SLOW)) cat "$T/out.pipe" >"$T/out"
kill -0 $pid && [ "$(answered "$T/out")" -eq 200 ]
ok "every answer is there before tg-llm has ended"
timeout $((60 * SLOW)) cat "$T/busy" >"$T/stats.end"
check "tg-llm ends well behind a closed stdout" wait $pid
is "the statistics are complete" 200 "$(jq .answered "$T/stats.end")"
kill "$MOCK_PID"

# A request is held: up to 64 records for each request in flight go past it.
echo '{"match":{"substring":"question 3\""},"hold":true}' >"$T/s"
start_mock -s "$T/s"
asked 1200 >"$T/many"
llm -j 4 "$T/many" >"$T/out" &
pid=$!
check "a slow request holds up no other request" wait_for asked_over 1000
[ "$(wc -l <"$T/out")" -le 2 ]
ok "a slow request holds back the output behind it"
mock_goes_on
check "the run ends with the slow request" wait $pid
is "the output is in order" "$(seq 1200 | cksum)" "$(jq -r .tg.id "$T/out" | cksum)"
kill "$MOCK_PID"

# The reader sleeps: requests in flight are answered and stored, and no more are
# sent.
start_mock -o latency_ms=20
yes "$(printf '%0600d' 0)" | head -n 20000 |
	jq -Rc '{tg: {id: "\(input_line_number)", request: {kind: "generate",
		messages: [{role: "user", content: "\(input_line_number) \(.)"}]}}}' \
		>"$T/big"
mkfifo "$T/asleep"
tg-llm -m m --dialect generic -u "$MOCK_URL" -j 64 --cache "$T/c" "$T/big" >"$T/asleep" &
pid=$!
exec 6<"$T/asleep"
# shellcheck disable=SC2317
at_rest() {
	local before
	in_flight_is 0 || return
	before=$(mock_stats .requests)
	sleep 1
	[ "$before" -gt 1000 ] && [ "$(mock_stats .requests)" = "$before" ]
}
check "a reader that sleeps stops the requests in the end" wait_for at_rest
n=$(mock_stats .requests)
is "all requests in flight are answered and stored" "0 $n" \
	"$(mock_stats .in_flight) $(cat "$T/c"/*.jsonl | wc -l)"
kb=$(awk '/VmHWM/ { print $2 }' "/proc/$pid/status")
if [ "$SLOW" -gt 1 ] || nm "$TG_BIN/tg-llm" 2>/dev/null | grep -q __asan; then
	skip "answers for a sleeping reader take little memory" "valgrind and sanitizers have more of their own"
else
	check "answers for a sleeping reader take little memory ($kb KB, $n answers)" [ "$kb" -lt 40000 ]
fi
kill $pid
exec 6<&-
wait $pid
kill "$MOCK_PID"

# Eight requests behind the first four hang at the first attempt. The oldest request
# is hedged first, so that requests which a busy machine delays cannot use up the budget.
jq -nc 'range(5; 13) | {match: {substring: "question \(.)\"", attempt: 1},
	delay_ms: 6000000}' >"$T/s"
start_mock -s "$T/s" -o latency_ms=30
t=$(now)
check "a run with --hedge exits with 0" llm -j 16 --hedge 95 -v --cache "$T/h" "$T/in" >"$T/out" 2>"$T/err"
took=$(($(now) - t))
check "--hedge does not wait for requests that hang ($took ms)" [ $took -lt $((80000 * SLOW)) ]
is "a run with --hedge answers all records in order" "$(seq 200 | cksum)" \
	"$(jq -r 'select(.tg.response) | .tg.id' "$T/out" | cksum)"
check "--stats counts hedges" jq -e '.hedges.won >= 8 and
	.hedges.sent >= .hedges.won and .hedges.sent * 10 <= .calls and
	.calls == 200 + .hedges.sent and .retries == 0' "$T/stats"
is "each answer is stored once" 200 "$(cat "$T/h"/*.jsonl | wc -l)"
is "the request and its hedge both count as attempts" 2 "$(jq 'select(.tg.id == "5") | .tg.response.attempts' "$T/out")"
check "the connections of cancelled attempts are closed" wait_for in_flight_is 0
check "-v tells of each hedge" [ "$(grep -c 'no answer from http.*asked http.*, too' "$T/err")" = \
	"$(jq .hedges.sent "$T/stats")" ]
check "requests and hedges together keep the limit of -j" [ "$(mock_stats .max_in_flight)" -le 16 ]
kill "$MOCK_PID"
start_mock -s "$T/s" -o latency_ms=30
check_status "without --hedge requests that hang are waited for" 137 timeout -s KILL 1 tg-llm -m m --dialect generic \
	-u "$MOCK_URL" -j 16 "$T/in" >"$T/out"
kill "$MOCK_PID"
# An answer that comes beside another is paid for and then dropped. Other hedges
# of a busy machine can be late, too, but cost little.
echo '{"match":{"substring":"question 1\""},"hold":true,"text":"one","usage":{"prompt_tokens":1000,"completion_tokens":100}}' >"$T/s"
start_mock -s "$T/s" -o latency_ms=30
tg-llm -m m --dialect generic -u "$MOCK_URL" --stats "$T/stats" -j 8 --hedge 95 \
	--cache "$T/h2" "$T/in" >"$T/out" &
pid=$!
# shellcheck disable=SC2317
asked_twice() {
	[ "$(grep -c 'question 1"' "$MOCK_LOG")" -eq 2 ] && in_flight_is 2
}
wait_for asked_twice
kill -STOP $pid
mock_goes_on
wait_for in_flight_is 0
kill -CONT $pid
check "a run with two answers to one request exits with 0" wait $pid
is "two answers to one request are stored once" 200 "$(cat "$T/h2"/*.jsonl | wc -l)"
check "the statistics count the tokens of the late answer" jq -e '.hedges.late_tokens | . >= 1100 and . < 2200' "$T/stats"
kill "$MOCK_PID"
# The hedge goes to the other endpoint if there is one.
start_mock -o latency_ms=30
good=$MOCK_URL goodpid=$MOCK_PID
echo '{"match":{"substring":"question 1\""},"stall":true}' >"$T/s"
start_mock -s "$T/s" -o latency_ms=30
check "a run with an endpoint that hangs ends" tg-llm -m m --dialect generic -u "$MOCK_URL" -u "$good" -j 8 \
	--hedge 95 "$T/in" >"$T/out"
is "a hedge goes to the other endpoint" "200 1" "$(answered "$T/out") $(grep -c 'question 1"' "$MOCK_LOG")"
kill "$MOCK_PID" "$goodpid"
# An endpoint that refuses requests gets few hedges.
printf '%s\n' '{"match":{"substring":"question 1[0-9]*5\"","attempt":1},"status":429}' \
	'{"match":{"substring":"0\"","attempt":1},"status":429,"headers":{"retry-after-ms":"20"}}' >"$T/s"
start_mock -s "$T/s" -o latency_ms=30
check "a run with refusals exits with 0" llm -j 4 --hedge 50 "$T/in" >"$T/out"
check "an endpoint that refuses gets few hedges" jq -e '.hedges.sent * 10 <= .calls' "$T/stats"
kill "$MOCK_PID"

# -j auto. Unit tests show in simulated time that it comes within ten per cent
# of the best; this test shows that it works at all.
# auto KNEE LEAST MOST: tests the requests in flight at the end of a run.
auto() {
	start_mock -o "knee=$1:1" -o latency=lognormal:10:40
	check "a run with -j auto and a knee of $1 exits with 0" llm -j auto -v "$T/long" >"$T/out" 2>"$T/err"
	is "a run with -j auto and a knee of $1 answers all records" "$(wc -l <"$T/long")" "$(answered "$T/out")"
	got=$(jq -s '.[-600:] | map(.in_flight) | sort | .[300]' "$MOCK_LOG")
	if [ "$SLOW" -gt 1 ]; then
		skip "-j auto comes near a knee of $1" "valgrind is the knee"
	else
		[ "$got" -ge "$2" ] && [ "$got" -le "$3" ]
		ok "-j auto comes near a knee of $1 ($got)"
	fi
	check "-v tells the steps of -j auto" grep -q 'requests at once, to see' "$T/err"
	kill "$MOCK_PID"
}
asked $((SLOW > 1 ? 600 : 2500)) >"$T/long"
# The bounds are far from 1 and from the most that is allowed.
auto 10 2 40
auto 32 6 128
start_mock -o hard=16 -o latency=lognormal:10:40
check "a run with -j auto where more than 16 requests are refused exits with 0" llm -j auto -v "$T/long" >"$T/out" 2>"$T/err"
check "-j auto has few requests refused" jq -e '.answered == .records and
	.endpoints[0].rate_limited < .records / 20' "$T/stats"
check "-v tells that the server refused" grep -q 'requests at once, it was asked too much' "$T/err"
kill "$MOCK_PID"
start_mock -o slots=1000 -o latency_ms=10
check "-j auto runs under a limit of 200 files" prlimit -n200:200 tg-llm -q -m m --dialect generic -u "$MOCK_URL" \
	-j auto "$T/long" >"$T/out" 2>"$T/err"
is "the limit on files loses no record and makes no message" "$(wc -l <"$T/long") 0" \
	"$(answered "$T/out") $(wc -l <"$T/err")"
kill "$MOCK_PID"
start_mock -o latency_ms=5
i=0
# shellcheck disable=SC2094
head -n 50 "$T/in" | while read -r line; do
	printf '%s\n' "$line"
	i=$((i + 1))
	wait_for has_lines $i "$T/out"
done | llm -j auto -v >"$T/out" 2>"$T/err"
is "a slow producer gets all its answers" 50 "$(answered "$T/out")"
check "a slow producer does not change the concurrency limit" [ ! -s "$T/err" ]
kill "$MOCK_PID"
check_status "-j takes a number or auto" 2 tg-llm -j many </dev/null
done_testing
