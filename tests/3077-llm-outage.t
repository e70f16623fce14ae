#!/bin/bash
# tg-llm: a server that goes away during a run, and comes back or does not.
# shellcheck source=tests/lib.sh
. tests/lib.sh

llm() {
	tg-llm -q -m m --dialect generic -u "$MOCK_URL" --stats "$T/stats" "$@"
}

answered() {
	grep -c '"response"' "$T/out"
}

asked 1 1500 >"$T/in"

# The server is restarted: all requests wait, and one at a time probes it.
start_mock -o latency_ms=20
llm -j 16 --retries 1 "$T/in" >"$T/out" 2>"$T/err" &
pid=$!
wait_for asked_over 100
kill -9 "$MOCK_PID"
wait_for grep -q 'waiting, trying again' "$T/err"
sleep 2
check "a server that is gone is waited for" kill -0 $pid
start_mock -o latency_ms=20 -o "port=$MOCK_PORT"
check "a server that comes back ends the wait" wait $pid
is "all is answered after the outage" 1500 "$(answered)"
is "one message says that the server is gone, and one that it answers again" 1/1/2 "$(grep -c 'waiting, trying' "$T/err")/$(
	grep -c 'answers again after' "$T/err")/$(wc -l <"$T/err")"
# Requests in flight at the kill count, and one a probe.
n=$(jq '.endpoints[0].failures.unreachable' "$T/stats")
s=$(jq '.endpoints[0].down_seconds | ceil' "$T/stats")
check "few requests met a dead server ($n in $s s)" [ "$n" -le $((16 + 2 + s)) ]
check "requests that met a dead server are no calls" jq -e '.calls <= 1500 + 2 * 16 and .retries <= 2 * 16' "$T/stats"
kill "$MOCK_PID"

# The server is not restarted.
start_mock -o latency_ms=20
command="tg-llm -m m --dialect generic -u $MOCK_URL -j 16 --retries 1 --retry-time 3 --progress $T/in"
if command -v script >/dev/null; then
	TERM=xterm script -qec "$command >$T/out" /dev/null >"$T/err" </dev/null &
else
	$command >"$T/out" 2>"$T/err" &
fi
pid=$!
wait_for asked_over 100
kill -9 "$MOCK_PID"
wait $pid
is "a server that is gone for --retry-time makes status 4" 4 $?
check "the message says how long the server was gone" grep -q 'stopped: .*connect.*, for 3 s' "$T/err"
check "records that were answered before are out" [ "$(answered)" -ge 80 ]
is "records without an answer are stopped" stopped "$(jq -r 'select(.tg.response == null) |
	.tg.error.code' "$T/out" | sort -u)"
if command -v script >/dev/null; then
	check "the status line shows that tg-llm waits" grep -q 'no server for [0-9]' "$T/err"
else
	skip "the status line shows that tg-llm waits" "there is no script(1)"
fi

# The server is behind a gateway, which reports the outage.
asked 1 60 >"$T/few"
for status in 500 502 503 504 529; do
	printf '%s\n' '{"times":20}' '{"times":6,"status":'$status'}' >"$T/s"
	start_mock -s "$T/s" -o latency_ms=20
	check_status "a run with a $status for a while exits with 0" 0 llm -j 3 --retries 1 "$T/few" >"$T/out" 2>"$T/err"
	is "a $status for a while fails no record" 60 "$(answered)"
	kill "$MOCK_PID"
done
# A page of a gateway has status 200.
printf '%s\n' '{"times":20}' '{"times":6,"body":"<html>maintenance</html>"}' >"$T/s"
start_mock -s "$T/s" -o latency_ms=20
check_status "a run with pages for a while exits with 0" 0 llm -j 3 --retries 1 "$T/few" >"$T/out" 2>"$T/err"
is "pages for a while fail no record" 60 "$(answered)"
kill "$MOCK_PID"
# The connection is accepted and reset.
printf '%s\n' '{"times":20}' '{"times":6,"reset":true}' >"$T/s"
start_mock -s "$T/s" -o latency_ms=20
check_status "a run with resets for a while exits with 0" 0 llm -j 3 --retries 1 "$T/few" >"$T/out" 2>"$T/err"
is "resets for a while fail no record" 60 "$(answered)"
kill "$MOCK_PID"
# The gateway never finds its server again.
printf '%s\n' '{"times":20}' '{"status":502}' >"$T/s"
start_mock -s "$T/s" -o latency_ms=20
check_status "a run with a 502 that lasts exits with 4" 4 llm -j 8 --retry-time 2 "$T/few" >"$T/out" 2>"$T/err"
is "a 502 that lasts keeps what was answered" 20/40 "$(answered)/$(grep -c '"stopped"' "$T/out")"
check "a 502 that lasts gets few requests" [ "$(mock_stats .requests)" -le 45 ]
kill "$MOCK_PID"

# A single request that always fails is at fault itself, whenever it comes.
printf '%s\n' '{"match":{"substring":"question 60\""},"status":504,"headers":{"retry-after-ms":"1"}}' >"$T/s"
start_mock -s "$T/s"
check_status "a run with a 504 for one request exits with 1" 1 llm -j 8 --retries 3 "$T/few" >"$T/out" 2>"$T/err"
is "a 504 for one request is that record's error" server_error/4/59 \
	"$(jq -r 'select(.tg.error) | .tg.error | "\(.code)/\(.attempts)"' "$T/out")/$(answered)"
kill "$MOCK_PID"

# So are several that always fail, while others are answered.
jq -nc 'range(10; 60; 10) | {match: {substring: "question \(.)\""}, status: 502}' >"$T/s"
start_mock -s "$T/s" -o latency_ms=20
check_status "a run with a 502 for five requests exits with 1" 1 llm -j 8 --retries 2 --retry-time 9 "$T/few" >"$T/out" 2>"$T/err"
is "a 502 for five requests is the error of their records" server_error/55 \
	"$(jq -r '.tg.error.code | values' "$T/out" | sort -u)/$(answered)"
kill "$MOCK_PID"

# Both of two servers go away, and one comes back.
start_mock -o latency_ms=20
one=$MOCK_URL onepid=$MOCK_PID
start_mock -o latency_ms=20
llm -u "$one" -j 16 --retries 1 "$T/in" >"$T/out" 2>"$T/err" &
pid=$!
wait_for asked_over 50
kill -9 "$onepid"
wait_for grep -q 'ejected for now' "$T/err"
kill -9 "$MOCK_PID"
wait_for grep -q 'waiting, trying again' "$T/err"
start_mock -o latency_ms=20 -o "port=$MOCK_PORT"
check "a run whose two servers are gone for a while exits with 0" wait $pid
is "one of two is enough to answer all" 1500 "$(answered)"
kill "$MOCK_PID"
done_testing
