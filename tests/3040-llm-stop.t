#!/bin/bash
# tg-llm: the ends it may come to, and what it is worth while it runs.
# shellcheck source=tests/lib.sh
. tests/lib.sh

# asked N: records with requests.
asked() {
	jq -nc --argjson n "$1" 'range(1; $n + 1) | {tg: {id: "\(.)", request:
		{kind: "generate", messages: [{role: "user",
		content: "question \(.)"}]}}}'
}

llm() {
	tg-llm -u "$MOCK_URL" "$@"
}

# ends FILE: how many were answered, stopped, and anything else.
ends() {
	jq -nc '[inputs | .tg | if .response then 0 elif .error.code == "stopped"
		then 1 else 2 end] | [map(select(. == 0)), map(select(. == 1)),
		map(select(. == 2))] | map(length)' "$1"
}

requests() {
	mock_stats .requests
}

# now: milliseconds; took WHAT LEAST MOST: since $t; MOST is for a busy machine,
# and far from what the opposite would take.
now() {
	date +%s%3N
}
took() {
	_ms=$(($(now) - t))
	[ $_ms -ge "$2" ] && [ $_ms -le $(($3 * SLOW)) ]
	ok "$1 ($_ms ms)"
}

asked 200 >"$T/in"

# One signal, and a server that hangs: all is over after 30 seconds. Looked at
# in the end.
echo '{"stall":true}' >"$T/s"
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

# No server.
t=$(now)
check_status "no server, no retries" 4 tg-llm -u http://127.0.0.1:1/v1 \
	--retries 0 --stats "$T/stats" "$T/in" >"$T/out" 2>"$T/err"
took "ends at once" 0 10000
check "stats are of it, too" jq -e '.answered == 0 and .errors.stopped > 0 and
	.endpoints[0].latency_ms == null' "$T/stats"
check "and says what to do" grep -q 'start one, or name yours with -u' "$T/err"
is "what was read leaves as stopped" 0 "$(ends "$T/out" | jq '.[0] + .[2]')"
t=$(now)
check_status "no server, with a model and dialect" 4 tg-llm -m m --dialect vllm \
	-u http://127.0.0.1:1/v1 --retries 1 "$T/in" >"$T/out" 2>"$T/err"
took "ends after a retry" 300 20000
check "and says what to do, too" grep -q 'start one, or name yours with -u' "$T/err"
is "what is not read is left to others" 200 "$(
	(tg-llm -u http://127.0.0.1:1/v1 --retries 0 >"$T/out"; cat >"$T/rest") \
		<"$T/in" 2>"$T/err"
	cat "$T/out" "$T/rest" | wc -l)"

# The server comes up late.
start_mock
port=$MOCK_PORT
kill "$MOCK_PID"
tg-llm -u "http://127.0.0.1:$port/v1" "$T/in" >"$T/out" &
pid=$!
sleep 0.3
start_mock -o "port=$port"
check "a server that is late" wait $pid
is "answers all" '[200,0,0]' "$(ends "$T/out")"
kill "$MOCK_PID"

# It dies midway; the same command on the same cache finishes.
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
is "a server that dies" 4 "$(cat "$T/status")"
got=$(ends "$T/out")
check "answers are out, what was read is stopped ($got)" \
	jq -e '.[0] > 30 and .[0] < 2000 and .[1] > 0 and .[2] == 0' <<<"$got"
check "the rest is untouched" [ -s "$T/rest" ]
is "none is lost" 3000 "$(cat "$T/out" "$T/rest" | wc -l)"
answered=$(jq '.[0]' <<<"$got")
start_mock -o "port=$MOCK_PORT"
check "the same again" llm --cache "$T/c" "$T/many" >"$T/out"
is "answers all" '[3000,0,0]' "$(ends "$T/out")"
check "and asks for what was not" [ "$(requests)" -le $((3000 - answered)) ]
kill "$MOCK_PID"
rm -rf "$T/c"

# Signals.
for sig in INT TERM; do
	echo '{"hold":true}' >"$T/s"
	start_mock -s "$T/s"
	env --default-signal=INT tg-llm -u "$MOCK_URL" -j 8 --stats "$T/stats" "$T/in" \
		>"$T/out" 2>"$T/err" &
	pid=$!
	wait_for in_flight_is 8
	kill -$sig $pid
	sleep 0.3
	check "SIG$sig lets finish what is in flight" kill -0 $pid
	mock_goes_on
	wait $pid
	is "SIG$sig" "$?" $((128 + $(kill -l $sig)))
	is "which is out" 8 "$(ends "$T/out" | jq '.[0]')"
	is "and no more was asked" 8 "$(requests)"
	is "as stats say" 8/8 "$(jq -r '"\(.answered)/\(.endpoints[0].calls)"' "$T/stats")"
	check "the rest that was read is stopped" jq -nse \
		'input | all(.tg.response or .tg.error.code == "stopped")' "$T/out"
	kill "$MOCK_PID"
done
echo '{"stall":true}' >"$T/s"
start_mock -s "$T/s"
tg-llm -u "$MOCK_URL" -j 8 "$T/in" >"$T/out" 2>"$T/err" &
pid=$!
wait_for in_flight_is 8
kill -TERM $pid
wait_for took_signals $pid
t=$(now)
kill -TERM $pid
wait $pid
is "a second signal" 143 $?
took "does not wait" 0 20000
is "all that was read is stopped" 0 "$(ends "$T/out" | jq '.[0] + .[2]')"
# with nobody to take the output, and a line half read
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
is "two signals while nobody reads" 143 $?
took "are enough" 0 20000
exec 5>&- 6<&-
# a signal before a service is found
kill "$MOCK_PID"
echo '{"match":{"path":"/models"},"stall":true}' >"$T/s"
start_mock -s "$T/s"
tg-llm -u "$MOCK_URL" "$T/in" >"$T/out" 2>"$T/err" &
pid=$!
wait_for test -s "$MOCK_LOG"
t=$(now)
kill -TERM $pid
wait $pid
is "a signal while looking for a service" 143 $?
took "ends that" 0 20000
kill "$MOCK_PID"

# A reader that goes away.
start_mock -o latency_ms=50
llm -j 4 --stats "$T/stats" "$T/many" | head -n 1 >"$T/out"
status=${PIPESTATUS[0]}
is "head -n 1" 141/1 "$status/$(grep -c '"response"' "$T/out")"
check "stats are of it" jq -e '.calls >= 4 and .calls < 1500' "$T/stats"
check "and stops the spending ($(requests))" [ "$(requests)" -lt 1500 ]
before=$(requests)
llm -j 4 --cache "$T/c" "$T/many" | head -n 1 >"$T/out"
is "with a cache what was sent is stored" "$(($(requests) - before))" \
	"$(cat "$T/c"/*.jsonl | wc -l)"
mkfifo "$T/gone"
tg-llm -u "$MOCK_URL" <"$T/f" >"$T/gone" &
pid=$!
exec 5>"$T/f" 6<"$T/gone"
exec 6<&-
echo '{}' >&5
exec 5>&-
check_status "a reader that left before there was anything" 141 wait $pid
if [ -w /dev/full ]; then
	check_status "a full disk" 3 llm "$T/in" >/dev/full
	check_status "a full disk for inert records" 3 llm <<<'{}' >/dev/full
else
	skip "a full disk" "there is no /dev/full"
fi
check_status "stats that cannot be written" 3 llm --stats /proc/none "$T/in" >"$T/out"
kill "$MOCK_PID"

# A signal ends the reader first, before what is in flight has arrived.
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
is "a signal, and no reader: what was sent is stored" "143 $(requests)" \
	"$status $(cat "$T/late"/*.jsonl | wc -l)"
kill "$MOCK_PID"

# A slow reader does not stop the network.
start_mock
llm "$T/many" | {
	wait_for asked_over 3000
	echo $? >"$T/status"
	cat
} >"$T/out"
is "a slow reader does not stop the requests" 0 "$(cat "$T/status")"
is "and gets all" 3000 "$(grep -c '"response"' "$T/out")"
# nor does memory grow
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
is "a hundred thousand inert records" 100000 "$(wc -l <"$T/out")"
if [ "$SLOW" -gt 1 ]; then
	skip "pass in little memory" "valgrind has more of its own"
else
	check "pass in little memory ($last KB)" [ "$last" -lt 40000 ]
fi
kill "$MOCK_PID"

# Few files.
start_mock -o latency_ms=20
check "a low limit on open files" prlimit -n100:100 tg-llm -u "$MOCK_URL" -j 64 "$T/in" \
	>"$T/out" 2>"$T/err"
is "means fewer requests at once" '[200,0,0]/1' \
	"$(ends "$T/out")/$(grep -c 'the limit on open files allows' "$T/err")"
kill "$MOCK_PID"

# What is shown.
start_mock -o latency=lognormal:200:600
check "stats" llm --stats "$T/stats" -j 64 "$T/in" >"$T/out"
check "hold what happened" jq -e '.records == 200 and .answered == 200 and
	.errors == {} and .calls == 200 and .retries == 0 and .cached == 0 and
	.prompt_tokens > 0 and .completion_tokens > 0 and .cached_tokens == 0 and
	.seconds > 0.1 and .model == "mock-model" and (.latency_ms |
	.p50 > 50 and .p50 <= .p90 and .p90 <= .p99 and .p99 <= .max)' "$T/stats"
check "nothing is shown unless asked" [ ! -s "$T/stderr" ]
check "--progress elsewhere" llm --progress "$T/in" >"$T/out" 2>"$T/err"
is "is a line at the end" 1 "$(grep -c '^tg-llm generate: 200 answered' "$T/err")"
if command -v script >/dev/null; then
	TERM=xterm script -qec "tg-llm -u $MOCK_URL --progress $T/in >$T/out" \
		/dev/null >"$T/tty" </dev/null
	check "on a terminal a line is redrawn" [ "$(tr '\r' '\n' <"$T/tty" |
		grep -c answered)" -gt 2 ]
	is "the answers are not in it" 200 "$(wc -l <"$T/out")"
	NO_COLOR=1 TERM=xterm script -qec \
		"tg-llm -u $MOCK_URL --progress $T/in >$T/out" \
		/dev/null >"$T/tty" </dev/null
	check_fail "NO_COLOR: no escapes" grep -q "$(printf '\033')" "$T/tty"
else
	skip "progress on a terminal" "there is no script(1)"
fi

# The one that hangs.
wait $hung
is "one signal and a server that hangs" 143 $?
wait_for test -s "$T/hung.end"
ms=$(($(cat "$T/hung.end") - hung_at))
[ $ms -ge 29000 ] && [ $ms -le $((80000 * SLOW)) ]
ok "take half a minute ($ms ms)"
is "and what was in flight is stopped with the rest" 0 \
	"$(ends "$T/hung" | jq '.[0] + .[2]')"
kill "$hangs"
done_testing
