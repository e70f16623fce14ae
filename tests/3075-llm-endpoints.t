#!/bin/bash
# tg-llm: several endpoints, of which some are not well.
# shellcheck source=tests/lib.sh
. tests/lib.sh

asked() { # N
	jq -nc --argjson n "$1" 'range(1; $n + 1) | {tg: {id: "\(.)", request:
		{kind: "generate", messages: [{role: "user",
		content: "question \(.)"}]}}}'
}

# two SCRIPT [OPTION...]: a good mock at $good, and one with these rules at $bad.
two() {
	printf '%s\n' "$1" >"$T/s"
	shift
	start_mock -o latency_ms=20
	good=$MOCK_URL goodpid=$MOCK_PID
	start_mock -s "$T/s" -o latency_ms=20 "$@"
	bad=$MOCK_URL badlog=$MOCK_LOG badpid=$MOCK_PID
}

llm() {
	tg-llm -m m --dialect generic -u "$bad" -u "$good" --stats "$T/stats" "$@"
}

answered() {
	grep -c '"response"' "$T/out"
}

requests() {
	wc -l <"$1"
}

end_both() {
	kill "$goodpid" "$badpid"
}

asked 200 >"$T/in"
asked 30 >"$T/few"

# What each takes and costs.
two '{"match":{"attempt":99},"status":500}'
check "two endpoints serve a run" llm -j 8 --price-in 3 --price-out 5 "$T/in" >"$T/out"
# shellcheck disable=SC2016
check "--stats shares tokens and cost out" jq -e '
	def used: [.prompt_tokens, .completion_tokens, .cached_tokens, (.cost * 1e6 | round)];
	(.endpoints | map(used)) as [$a, $b] | [$a, $b | .[0, 1, 3] > 0] == [range(6) | true]
	and ([$a, $b] | transpose | map(add)) == used
	and used[3] == .prompt_tokens * 3 + .completion_tokens * 5' "$T/stats"
end_both

# Errors, and nothing but.
two '{"status":500}'
check_status "a run with an endpoint that always fails ends well" 0 llm -j 8 -v "$T/in" >"$T/out" 2>"$T/err"
is "the user is told of it, and the other answers all" 1/200 \
	"$(grep -c 'left aside' "$T/err")/$(answered)"
check "the failing endpoint gets few requests ($(requests "$badlog"))" [ "$(requests "$badlog")" -le 16 ]
is "no record is tried in vain more than once" 2 \
	"$(jq -s 'map(.tg.response.attempts) | max' "$T/out")"
check "--stats tells the endpoints apart" jq -e '.endpoints[0].answered == 0 and
	.endpoints[0].failures.server_error > 2 and
	.endpoints[1].answered == 200' "$T/stats"
grep -Eq "^tg-llm: $T/in:[0-9]+: generate, attempt 1 at http[^ ]*/v1: status 500: .*; again in [0-9.]+ s\$" "$T/err"
ok "-v tells which record, what, where, and when again"
check_status "three tries are enough for each" 0 llm -j 1 --retries 2 "$T/few" \
	>"$T/out" 2>"$T/err"
end_both

# One that says nothing.
two '{"stall":true}'
check "a run with an endpoint that hangs ends" llm -j 8 --timeout $((SLOW > 1 ? SLOW : 3)) "$T/in" >"$T/out" 2>"$T/err"
is "it is ejected, and all is answered" 1/200 \
	"$(grep -c 'left aside' "$T/err")/$(answered)"
check "the failing endpoint gets few requests ($(requests "$badlog"))" [ "$(requests "$badlog")" -le 16 ]
end_both

# One that is asked too much: the other takes the work, no try is lost.
two '{"status":429,"headers":{"retry-after-ms":"300"}}'
t=$(date +%s%3N)
check "a run with an endpoint that refuses ends" llm -j 8 --retries 1 "$T/in" >"$T/out" 2>"$T/err"
took=$(($(date +%s%3N) - t))
is "the endpoint without refusals answers all" 200 "$(answered)"
# as many as are in flight at a time, after each pause
check "the refusing endpoint is asked again only after its pause ($(requests "$badlog"))" \
	[ "$(requests "$badlog")" -le $((8 + 8 * (took / 300))) ]
end_both

# All fail: that is the service, as with one.
two '{"status":500,"headers":{"retry-after-ms":"1"}}'
kill "$goodpid"
good=$bad
check_status "two endpoints that always fail end the run" 4 llm -j 4 --retries 1 "$T/in" >"$T/out" 2>"$T/err"
check "they get few requests" [ "$(requests "$badlog")" -lt 80 ]
kill "$badpid"

# Two that come back, at the same time: after some failures, and after a death.
two '{"times":3,"status":503}'
asked 1500 >"$T/many"
pids="$goodpid $badpid" failed=$badlog
llm -j 4 "$T/many" >"$T/out2" 2>"$T/err2" &
pid2=$!
two '#'
llm -j 4 "$T/many" >"$T/out" 2>"$T/err" &
pid=$!
wait_for has_lines 20 "$badlog"
kill -9 "$badpid"
wait_for grep -q 'left aside' "$T/err"
# nothing is answered till it is back
kill -STOP $pid
port=${bad%/v1}
start_mock -o latency_ms=20 -o port="${port##*:}"
kill -CONT $pid
check "an endpoint is killed and comes back" wait $pid
is "all is answered" 1500 "$(answered)"
is "ejection and readmission are told" 1/1 \
	"$(grep -c 'left aside' "$T/err")/$(grep -c 'answers again' "$T/err")"
check "a readmitted endpoint has work again" [ "$(requests "$MOCK_LOG")" -gt 50 ]
check "an endpoint fails for a while" wait $pid2
is "it is readmitted, too" 1500/1/1 "$(grep -c '"response"' "$T/out2")/$(
	grep -c 'left aside' "$T/err2")/$(grep -c 'answers again' "$T/err2")"
check "an endpoint that failed for a while has work again" [ "$(requests "$failed")" -gt 50 ]
# shellcheck disable=SC2086
kill "$goodpid" "$MOCK_PID" $pids

# Tries and time.
echo '{"status":500,"headers":{"retry-after-ms":"100"}}' >"$T/s"
start_mock -s "$T/s"
asked 1 >"$T/one"
t=$(date +%s)
tg-llm -m m --dialect generic -u "$MOCK_URL" --retries 1000 --retry-time 1 "$T/one" >"$T/out" 2>"$T/err"
check "--retry-time ends it" [ $(($(date +%s) - t)) -le $((60 * SLOW)) ]
is "the record fails with the last error" server_error "$(jq -r .tg.error.code "$T/out")"
n=$(requests "$MOCK_LOG")
[ "$n" -ge 2 ] && [ "$n" -le 11 ]
ok "after some tries ($n)"
is "the tries are counted" "$n" "$(jq .tg.error.attempts "$T/out")"
kill "$MOCK_PID"
# asked too much is no failed try while others are answered, but takes its time
printf '%s\n' '{"match":{"substring":"question 1\""},"status":429,"headers":{"retry-after-ms":"50"}}' >"$T/s"
start_mock -s "$T/s" -o latency_ms=50
asked 60 >"$T/in"
check_status "a 429 for ever" 1 tg-llm -m m --dialect generic -u "$MOCK_URL" -j 2 \
	--retries 2 --retry-time 0.5 "$T/in" >"$T/out" 2>"$T/err"
is "--retry-time ends refusals, too" rate_limited "$(jq -r 'select(.tg.error) | .tg.error.code' "$T/out")"
is "the other records are answered" 59 "$(answered)"
kill "$MOCK_PID"

# Of -v nothing else comes, and no secret.
echo '{"times":1,"status":500,"body":"\u001b[31mfailed for key-abcdefghijklmnopqrstuvwxyz"}' >"$T/s"
start_mock -s "$T/s"
OPENAI_API_KEY=key-abcdefghijklmnopqrstuvwxyz tg-llm -v -u "$MOCK_URL" "$T/one" >"$T/out" 2>"$T/err"
is "-v: one line a retry" 1 "$(wc -l <"$T/err")"
check_fail "-v shows no key" grep -q 'key-abc' "$T/err"
check_fail "-v shows no escape sequence" grep -q "$(printf '\033')" "$T/err"
kill "$MOCK_PID"
start_mock -s "$T/s"
tg-llm -u "$MOCK_URL" "$T/one" >"$T/out" 2>"$T/err"
check "without -v a retry is not told" [ ! -s "$T/err" ]
done_testing
