#!/bin/bash
# tg-llm: every way in which it ends, and what it shows while it runs.
# shellcheck source=tests/lib.sh
. tests/lib.sh

# asked N: makes N records with requests.
asked() {
	jq -nc --argjson n "$1" 'range(1; $n + 1) | {tg: {id: "\(.)", request:
		{kind: "generate", messages: [{role: "user",
		content: "question \(.)"}]}}}'
}

llm() {
	tg-llm -u "$MOCK_URL" "$@"
}

# ends FILE: counts the records that are answered, stopped and neither.
ends() {
	jq -nc '[inputs | .tg | if .response then 0 elif .error.code == "stopped"
		then 1 else 2 end] | [map(select(. == 0)), map(select(. == 1)),
		map(select(. == 2))] | map(length)' "$1"
}

requests() {
	mock_stats .requests
}

# now: prints milliseconds. took NAME LEAST MOST: tests the time since $t; MOST
# allows for a busy machine and is far from what a fault would take.
now() {
	date +%s%3N
}
took() {
	_ms=$(($(now) - t))
	[ $_ms -ge "$2" ] && [ $_ms -le $(($3 * SLOW)) ]
	ok "$1 ($_ms ms)"
}

asked 200 >"$T/in"

# One signal comes while the server hangs: all is over after 30 seconds. The
# result is tested at the end of this file.
printf '%s\n' '{"times":1}' '{"stall":true}' >"$T/s"
start_mock -s "$T/s"
hangs=$MOCK_PID
tg-llm -u "$MOCK_URL" -j 8 "$T/in" >"$T/hung" 2>"$T/hung.err" &
hung=$!
wait_for in_flight_is 8
hung_at=$(now)
kill -TERM $hung
(
	tail -s 0.2 -f --pid=$hung /dev/null
	now >"$T/hung.end"
) &

# No server is there.
t=$(now)
check_status "a run without server and retries exits with 4" 4 tg-llm -u http://127.0.0.1:1/v1 \
	--retries 0 --stats "$T/stats" "$T/in" >"$T/out" 2>"$T/err"
took "a run without server and retries ends at once" 0 10000
check "the statistics are written without a server" jq -e '.answered == 0 and .errors.stopped > 0 and
	.endpoints[0].latency_ms == null' "$T/stats"
check "the message says how to start or name a server" grep -q 'start one, or name yours with -u' "$T/err"
is "every record that was read leaves as stopped" 0 "$(ends "$T/out" | jq '.[0] + .[2]')"
t=$(now)
check_status "a run without server that names model and dialect exits with 4" 4 tg-llm -m m --dialect vllm \
	-u http://127.0.0.1:1/v1 --retries 1 "$T/in" >"$T/out" 2>"$T/err"
took "one retry without a server ends after its pause" 300 20000
check "the message says again how to start or name a server" grep -q 'start one, or name yours with -u' "$T/err"
is "input that tg-llm has not read is left to other programs" 200 "$(
	(tg-llm -u http://127.0.0.1:1/v1 --retries 0 >"$T/out"; cat >"$T/rest") \
		<"$T/in" 2>"$T/err"
	cat "$T/out" "$T/rest" | wc -l)"

# The server starts late.
start_mock
port=$MOCK_PORT
kill "$MOCK_PID"
tg-llm -u "http://127.0.0.1:$port/v1" "$T/in" >"$T/out" &
pid=$!
sleep 0.3
start_mock -o "port=$port"
check "a run whose server starts late exits with 0" wait $pid
is "a server that starts late answers all records" '[200,0,0]' "$(ends "$T/out")"
kill "$MOCK_PID"

# The server dies midway; the same command with the same cache finishes.
start_mock -o latency_ms=20
asked 3000 >"$T/many"
(
	tg-llm -u "$MOCK_URL" -j 4 --retry-time 1 --cache "$T/c" >"$T/out" 2>"$T/err"
	echo $? >"$T/status"
	cat >"$T/rest"
) <"$T/many" &
pid=$!
wait_for asked_over 40
kill -9 "$MOCK_PID"
wait $pid
is "a run whose server dies exits with 4" 4 "$(cat "$T/status")"
got=$(ends "$T/out")
check "answered records are out, and the others that were read are stopped ($got)" \
	jq -e '.[0] > 30 and .[0] < 2000 and .[1] > 0 and .[2] == 0' <<<"$got"
check "input behind them is left unread" [ -s "$T/rest" ]
is "no record is lost when the server dies" 3000 "$(cat "$T/out" "$T/rest" | wc -l)"
answered=$(jq '.[0]' <<<"$got")
start_mock -o "port=$MOCK_PORT"
check "a second run with the same cache exits with 0" llm --cache "$T/c" "$T/many" >"$T/out"
is "a second run with the same cache answers all records" '[3000,0,0]' "$(ends "$T/out")"
check "a second run asks only for what was not answered" [ "$(requests)" -le $((3000 - answered)) ]
kill "$MOCK_PID"
rm -rf "$T/c"

# Signals.
for sig in INT TERM; do
	printf '%s\n' '{"times":1}' '{"hold":true}' >"$T/s"
	start_mock -s "$T/s"
	env --default-signal=INT tg-llm -u "$MOCK_URL" -j 8 --stats "$T/stats" "$T/in" \
		>"$T/out" 2>"$T/err" &
	pid=$!
	wait_for in_flight_is 8
	kill -$sig $pid
	sleep 0.3
	check "SIG$sig lets requests in flight finish" kill -0 $pid
	mock_goes_on
	wait $pid
	is "a run ends by SIG$sig" "$?" $((128 + $(kill -l $sig)))
	is "records in flight at SIG$sig leave with their answers" 9 "$(ends "$T/out" | jq '.[0]')"
	is "no request is sent after SIG$sig" 9 "$(requests)"
	is "the statistics count what was answered before SIG$sig" 9/9 "$(jq -r '"\(.answered)/\(.endpoints[0].calls)"' "$T/stats")"
	check "the other records that were read leave as stopped after SIG$sig" jq -nse \
		'input | all(.tg.response or .tg.error.code == "stopped")' "$T/out"
	kill "$MOCK_PID"
done
printf '%s\n' '{"times":1}' '{"stall":true}' >"$T/s"
start_mock -s "$T/s"
tg-llm -u "$MOCK_URL" -j 8 "$T/in" >"$T/out" 2>"$T/err" &
pid=$!
wait_for in_flight_is 8
kill -TERM $pid
wait_for took_signals $pid
t=$(now)
kill -TERM $pid
wait $pid
is "a run ends by a second SIGTERM" 143 $?
took "a second signal ends the run at once" 0 20000
is "all records in flight leave as stopped after a second signal" 1/0 "$(ends "$T/out" | jq -r '"\(.[0])/\(.[2])"')"
# The output has no reader, and a line is half read.
mkfifo "$T/f" "$T/g"
tg-llm -u "$MOCK_URL" <"$T/f" >"$T/g" 2>"$T/err" &
pid=$!
exec 5>"$T/f" 6<"$T/g"
yes '{"a":"bcdefghijklmnopqrstuvwxyz"}' | head -n 9000 >&5
printf '{"half' >&5
sleep 0.2
kill -TERM $pid
wait_for took_signals $pid
kill -TERM $pid
t=$(now)
wait $pid
is "a run whose output nobody reads ends by two signals" 143 $?
took "two signals end such a run at once" 0 20000
exec 5>&- 6<&-
# A signal comes before an endpoint has answered.
kill "$MOCK_PID"
echo '{"match":{"path":"/models"},"stall":true}' >"$T/s"
start_mock -s "$T/s"
tg-llm -u "$MOCK_URL" "$T/in" >"$T/out" 2>"$T/err" &
pid=$!
wait_for test -s "$MOCK_LOG"
t=$(now)
kill -TERM $pid
wait $pid
is "a run that waits for /models ends by a signal" 143 $?
took "one signal ends the wait for /models at once" 0 20000
kill "$MOCK_PID"

# The reader goes away.
start_mock -o latency_ms=50
llm -j 4 --stats "$T/stats" "$T/many" | head -n 1 >"$T/out"
status=${PIPESTATUS[0]}
is "a reader that goes away ends the run with status 141" 141/1 "$status/$(grep -c '"response"' "$T/out")"
check "the statistics are written when the reader goes away" jq -e '.calls >= 4 and .calls < 1500' "$T/stats"
check "a reader that goes away stops the requests ($(requests))" [ "$(requests)" -lt 1500 ]
before=$(requests)
llm -j 4 --cache "$T/c" "$T/many" | head -n 1 >"$T/out"
is "with a cache every answer that was asked for is stored" "$(($(requests) - before))" \
	"$(cat "$T/c"/*.jsonl | wc -l)"
mkfifo "$T/gone"
tg-llm -u "$MOCK_URL" <"$T/f" >"$T/gone" &
pid=$!
exec 5>"$T/f" 6<"$T/gone"
exec 6<&-
echo '{}' >&5
exec 5>&-
check_status "a reader that left before the first record makes status 141" 141 wait $pid
if [ -w /dev/full ]; then
	check_status "a full disk makes status 3" 3 llm "$T/in" >/dev/full
	check_status "a full disk makes status 3 for records without requests" 3 llm <<<'{}' >/dev/full
else
	skip "a full disk makes status 3" "there is no /dev/full"
fi
check_status "statistics that cannot be written make status 3" 3 llm --stats /proc/none "$T/in" >"$T/out"
kill "$MOCK_PID"

# A signal comes, and the reader ends before the requests in flight are
# answered.
echo '{"hold":true}' >"$T/s"
start_mock -s "$T/s"
mkfifo "$T/reader"
tg-llm -u "$MOCK_URL" -j 4 --cache "$T/late" "$T/in" >"$T/reader" &
pid=$!
exec 5<"$T/reader"
wait_for in_flight_is 4
kill $pid
wait_for took_signals $pid
sleep 0.2
exec 5<&-
mock_goes_on
wait $pid
status=$?
is "answers after a signal are stored even without a reader" "143 $(requests)" \
	"$status $(cat "$T/late"/*.jsonl | wc -l)"
kill "$MOCK_PID"

# A slow reader does not stop the requests.
start_mock
llm "$T/many" | {
	wait_for asked_over 3000
	echo $? >"$T/status"
	cat
} >"$T/out"
is "a slow reader does not stop the requests" 0 "$(cat "$T/status")"
is "a slow reader gets all answers" 3000 "$(grep -c '"response"' "$T/out")"
# Memory does not grow.
peak() {
	awk '/VmHWM/ { print $2 }' "/proc/$1/status"
}
mkfifo "$T/slow" "$T/end"
{
	seq 100000 | sed 's/.*/{"id":"&","text":"some text that goes on for a while & &"}/'
	cat "$T/end"
} | tg-llm -u "$MOCK_URL" >"$T/slow" &
pid=$!
exec 6<"$T/slow"
sleep 0.3
cat <&6 >"$T/out" &
cat=$!
exec 6<&-
wait_for has_lines 100000 "$T/out"
last=$(peak $pid)
: >"$T/end"
wait $pid $cat
is "a hundred thousand records without requests pass" 100000 "$(wc -l <"$T/out")"
if [ "$SLOW" -gt 1 ]; then
	skip "a hundred thousand records pass in little memory" "valgrind has more of its own"
else
	check "a hundred thousand records pass in little memory ($last KB)" [ "$last" -lt 40000 ]
fi
kill "$MOCK_PID"

# Few files may be open.
start_mock -o latency_ms=20
check "a run with a low limit on open files exits with 0" prlimit -n100:100 tg-llm -u "$MOCK_URL" -j 64 "$T/in" \
	>"$T/out" 2>"$T/err"
is "a low limit on open files lowers the requests in flight with one message" '[200,0,0]/1' \
	"$(ends "$T/out")/$(grep -c 'the limit on open files allows' "$T/err")"
kill "$MOCK_PID"

# Statistics and the status line.
start_mock -o latency=lognormal:200:600
check "a run with --stats exits with 0" llm --stats "$T/stats" -j 64 "$T/in" >"$T/out"
check "the statistics hold counts, tokens and latencies" jq -e '.records == 200 and .answered == 200 and
	.errors == {} and .calls == 200 and .retries == 0 and .cached == 0 and
	.prompt_tokens > 0 and .completion_tokens > 0 and .cached_tokens == 0 and
	.seconds > 0.1 and .model == "mock-model" and (.latency_ms |
	.p50 > 50 and .p50 <= .p90 and .p90 <= .p99 and .p99 <= .max)' "$T/stats"
check "nothing is shown unless an option asks for it" [ ! -s "$T/stderr" ]
check "--progress off a terminal exits with 0" llm --progress "$T/in" >"$T/out" 2>"$T/err"
is "--progress off a terminal writes one line at the end" 1 "$(grep -c '^tg-llm generate: 200 answered' "$T/err")"
if command -v script >/dev/null; then
	TERM=xterm script -qec "tg-llm -u $MOCK_URL --progress $T/in >$T/out" \
		/dev/null >"$T/tty" </dev/null
	check "on a terminal the status line is redrawn" [ "$(tr '\r' '\n' <"$T/tty" |
		grep -c answered)" -gt 2 ]
	is "the status line does not go to the output" 200 "$(wc -l <"$T/out")"
	NO_COLOR=1 TERM=xterm script -qec \
		"tg-llm -u $MOCK_URL --progress $T/in >$T/out" \
		/dev/null >"$T/tty" </dev/null
	check_fail "NO_COLOR gets no escape sequences" grep -q "$(printf '\033')" "$T/tty"
else
	skip "the status line is redrawn on a terminal" "there is no script(1)"
fi

# The run whose server hangs.
wait $hung
is "a run whose server hangs ends by one signal" 143 $?
wait_for test -s "$T/hung.end"
ms=$(($(cat "$T/hung.end") - hung_at))
[ $ms -ge 29000 ] && [ $ms -le $((80000 * SLOW)) ]
ok "a run whose server hangs ends half a minute after the signal ($ms ms)"
is "all records in flight leave as stopped when the server hangs" 1/0 \
	"$(ends "$T/hung" | jq -r '"\(.[0])/\(.[2])"')"
kill "$hangs"
done_testing
