#!/bin/bash
# tg-llm: several endpoints, some of which fail.
# shellcheck source=tests/lib.sh
. tests/lib.sh

asked() { # N: makes N records with requests
	jq -nc --argjson n "$1" 'range(1; $n + 1) | {tg: {id: "\(.)", request:
		{kind: "generate", messages: [{role: "user",
		content: "question \(.)"}]}}}'
}

# two SCRIPT [OPTION...]: starts a good mock at $good, and one with these rules
# at $bad.
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

# Tokens and cost of each endpoint.
two '{"match":{"attempt":99},"status":500}'
check "a run with two endpoints exits with 0" llm -j 8 --price-in 3 --price-out 5 "$T/in" >"$T/out"
# shellcheck disable=SC2016
check "the statistics divide tokens and cost between the endpoints" jq -e '
	def used: [.prompt_tokens, .completion_tokens, .cached_tokens, (.cost * 1e6 | round)];
	(.endpoints | map(used)) as [$a, $b] | [$a, $b | .[0, 1, 3] > 0] == [range(6) | true]
	and ([$a, $b] | transpose | map(add)) == used
	and used[3] == .prompt_tokens * 3 + .completion_tokens * 5' "$T/stats"
end_both

# One endpoint gives nothing but errors.
two '{"status":500}'
check_status "a run with an endpoint that always fails exits with 0" 0 llm -j 8 -v "$T/in" >"$T/out" 2>"$T/err"
is "one message says that the endpoint is down, and the other answers all" 1/200 \
	"$(grep -c 'ejected for now' "$T/err")/$(answered)"
check "the failing endpoint gets few requests ($(requests "$badlog"))" [ "$(requests "$badlog")" -le 16 ]
is "no record fails at that endpoint more than once" 2 \
	"$(jq -s 'map(.tg.response.attempts) | max' "$T/out")"
check "the statistics tell the endpoints apart" jq -e '.endpoints[0].answered == 0 and
	.endpoints[0].failures.server_error > 2 and
	.endpoints[1].answered == 200' "$T/stats"
grep -Eq "^tg-llm: $T/in:[0-9]+: generate, attempt 1 at http[^ ]*/v1: status 500: .*; again in [0-9.]+ s\$" "$T/err"
ok "-v says which record, what failed, where, and when it is tried again"
check_status "a run with -j 1 and two retries exits with 0" 0 llm -j 1 --retries 2 "$T/few" \
	>"$T/out" 2>"$T/err"
end_both

# One endpoint never answers.
two '{"stall":true}'
check "a run with an endpoint that hangs exits with 0" llm -j 8 --timeout $((SLOW > 1 ? SLOW : 3)) "$T/in" >"$T/out" 2>"$T/err"
is "the endpoint that hangs is ejected, and the other answers all" 1/200 \
	"$(grep -c 'ejected for now' "$T/err")/$(answered)"
check "the endpoint that hangs gets few requests ($(requests "$badlog"))" [ "$(requests "$badlog")" -le 16 ]
end_both

# One endpoint refuses requests: the other takes the work, and no attempt counts
# as failed.
two '{"status":429,"headers":{"retry-after-ms":"300"}}'
t=$(date +%s%3N)
check "a run with an endpoint that refuses exits with 0" llm -j 8 --retries 1 "$T/in" >"$T/out" 2>"$T/err"
took=$(($(date +%s%3N) - t))
is "the endpoint without refusals answers all" 200 "$(answered)"
# After each pause at most the requests in flight come again.
check "the refusing endpoint is asked again only after its pause ($(requests "$badlog"))" \
	[ "$(requests "$badlog")" -le $((8 + 8 * (took / 300))) ]
end_both

# Both endpoints fail: the service has failed, as with a single endpoint.
two '{"status":500,"headers":{"retry-after-ms":"1"}}'
kill "$goodpid"
good=$bad
check_status "a run with two endpoints that always fail exits with 4" 4 llm -j 4 --retries 1 "$T/in" >"$T/out" 2>"$T/err"
check "two endpoints that always fail get few requests" [ "$(requests "$badlog")" -lt 80 ]
kill "$badpid"

# Two endpoints recover at the same time: one from failures, one from a kill.
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
wait_for grep -q 'ejected for now' "$T/err"
# Nothing is answered until the endpoint is back.
kill -STOP $pid
port=${bad%/v1}
start_mock -o latency_ms=20 -o port="${port##*:}"
kill -CONT $pid
check "a run whose endpoint is killed and restarted exits with 0" wait $pid
is "a run whose endpoint is killed and restarted answers all records" 1500 "$(answered)"
is "messages tell of ejection and readmission" 1/1 \
	"$(grep -c 'ejected for now' "$T/err")/$(grep -c 'answers again' "$T/err")"
check "a readmitted endpoint gets requests again" [ "$(requests "$MOCK_LOG")" -gt 50 ]
check "a run whose endpoint fails for a while exits with 0" wait $pid2
is "an endpoint that failed for a while is readmitted" 1500/1/1 "$(grep -c '"response"' "$T/out2")/$(
	grep -c 'ejected for now' "$T/err2")/$(grep -c 'answers again' "$T/err2")"
check "an endpoint that failed for a while gets requests again" [ "$(requests "$failed")" -gt 50 ]
# shellcheck disable=SC2086
kill "$goodpid" "$MOCK_PID" $pids

# Attempts and time.
echo '{"status":500,"headers":{"retry-after-ms":"100"}}' >"$T/s"
start_mock -s "$T/s"
asked 1 >"$T/one"
t=$(date +%s)
tg-llm -m m --dialect generic -u "$MOCK_URL" --retries 1000 --retry-time 1 "$T/one" >"$T/out" 2>"$T/err"
check "--retry-time ends the attempts" [ $(($(date +%s) - t)) -le $((60 * SLOW)) ]
is "the record fails with the last error" server_error "$(jq -r .tg.error.code "$T/out")"
n=$(requests "$MOCK_LOG")
[ "$n" -ge 2 ] && [ "$n" -le 11 ]
ok "the record was tried several times ($n)"
is "the error counts the attempts" "$n" "$(jq .tg.error.attempts "$T/out")"
kill "$MOCK_PID"
# A 429 is no failed attempt while others are answered, but it takes time.
printf '%s\n' '{"match":{"substring":"question 1\""},"status":429,"headers":{"retry-after-ms":"50"}}' >"$T/s"
start_mock -s "$T/s" -o latency_ms=50
asked 60 >"$T/in"
check_status "a run with a request that always gets 429 exits with 1" 1 tg-llm -m m --dialect generic -u "$MOCK_URL" -j 2 \
	--retries 2 --retry-time 0.5 "$T/in" >"$T/out" 2>"$T/err"
is "--retry-time ends the attempts of a request that always gets 429" rate_limited "$(jq -r 'select(.tg.error) | .tg.error.code' "$T/out")"
is "the other records are answered" 59 "$(answered)"
kill "$MOCK_PID"

# -v prints nothing else and no secret.
echo '{"times":1,"status":500,"body":"\u001b[31mfailed for key-abcdefghijklmnopqrstuvwxyz"}' >"$T/s"
start_mock -s "$T/s"
OPENAI_API_KEY=key-abcdefghijklmnopqrstuvwxyz tg-llm -q -v -u "$MOCK_URL" "$T/one" >"$T/out" 2>"$T/err"
is "-v prints one line a retry" 1 "$(wc -l <"$T/err")"
check_fail "-v shows no key" grep -q 'key-abc' "$T/err"
check_fail "-v shows no escape sequence" grep -q "$(printf '\033')" "$T/err"
kill "$MOCK_PID"
start_mock -s "$T/s"
tg-llm -q -u "$MOCK_URL" "$T/one" >"$T/out" 2>"$T/err"
check "without -v a retry makes no message" [ ! -s "$T/err" ]
done_testing
