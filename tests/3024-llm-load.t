#!/bin/bash
# tg-llm: a server that has more to do than it can, and says so or not.
# shellcheck source=tests/lib.sh
. tests/lib.sh

llm() {
	tg-llm -m m --dialect generic -u "$MOCK_URL" --stats "$T/stats" "$@"
}
answered() {
	grep -c '"response"' "$T/out"
}

# A server serves one request at a time; the others wait in its queue.
start_mock -o slots=1 -o latency_ms=$((50 * SLOW))
asked 1 100 >"$T/in"
check_status "a server with one slot and -j 64 makes status 0" 0 llm -v --timeout $((2 * SLOW)) --retries 1 "$T/in" >"$T/out" 2>"$T/err"
is "a server with one slot answers all records" 100 "$(answered)"
check "requests that time out in a queue lower their number" grep -q 'requests at once, as more of them time out' "$T/err"
n=$(mock_stats .requests)
check "few requests are sent in vain ($n)" [ "$n" -le 350 ]
is "the advice is given once" 1 "$(grep -c "^tg-llm: $MOCK_URL: 3 requests timed out after $((2 * SLOW)) s: see --timeout, and -j" "$T/err")"
kill "$MOCK_PID"

# Without retries the requests that time out are lost, but no others.
start_mock -o slots=1 -o latency_ms=$((50 * SLOW))
check_status "--retries 0 with one slot makes status 1" 1 llm --timeout $((2 * SLOW)) --retries 0 "$T/in" >"$T/out" 2>"$T/err"
is "--retries 0 with one slot stops nothing" timeout "$(jq -r '.tg.error.code | values' "$T/out" | sort -u)"
kill "$MOCK_PID"

# A document that takes too long by itself has its tries, and nothing is lowered.
printf '%s\n' '{"match":{"substring":"question 5\""},"stall":true}' >"$T/s"
start_mock -s "$T/s" -o latency_ms=20
asked 1 400 >"$T/many"
check_status "a document that is never answered makes status 1" 1 llm -v -j 4 --timeout $((3 * SLOW)) --retries 1 "$T/many" >"$T/out" 2>"$T/err"
is "that document has its tries" timeout/399 "$(jq -r 'select(.tg.error) | .tg.error.code' "$T/out")/$(answered)"
n=$(jq 'select(.tg.error) | .tg.error.attempts' "$T/out")
check "that document has few tries ($n)" [ "$n" -le 4 ]
kill "$MOCK_PID"
# So have several, also when they come first and nothing else is left.
jq -nc 'range(1; 5) | {match: {substring: "question \(.)\""}, stall: true}' >"$T/s"
start_mock -s "$T/s"
asked 1 60 >"$T/few"
check_status "four documents that are never answered make status 1" 1 llm --timeout $SLOW --retries 1 --retry-time 60 "$T/few" >"$T/out" 2>"$T/err"
is "these four have their tries" timeout/56 "$(jq -r '.tg.error.code | values' "$T/out" | sort -u)/$(answered)"
kill "$MOCK_PID"
# The user is told what to do at the first record that fails so.
echo '{"stall":true}' >"$T/s"
start_mock -s "$T/s"
asked 1 1 >"$T/one"
check_status "a single request that times out makes status 1" 1 llm --timeout 0.3 --retries 0 "$T/one" >"$T/out" 2>"$T/err"
is "a record that fails by a time-out gives the advice" 1 "$(grep -c ': 1 request timed out after 0.3 s: see --timeout, and -j' "$T/err")"
kill "$MOCK_PID"

# A server that has answered may hang for a while, or for good.
printf '%s\n' '{"times":20}' '{"times":12,"stall":true}' >"$T/s"
start_mock -s "$T/s"
check_status "a server that hangs for a while makes status 0" 0 llm -j 2 --timeout 0.5 --retries 1 "$T/in" >"$T/out" 2>"$T/err"
is "a server that hangs for a while answers all records" 100 "$(answered)"
kill "$MOCK_PID"
printf '%s\n' '{"times":20}' '{"stall":true}' >"$T/s"
start_mock -s "$T/s"
check_status "a server that hangs for good makes status 4" 4 llm -j 8 --timeout 0.3 --retries 1 --retry-time 3 "$T/in" >"$T/out" 2>"$T/err"
is "a server that hangs for good leaves the other records stopped" 20/stopped "$(answered)/$(
	jq -r '.tg.error.code | values' "$T/out" | sort -u)"
check "the message says for how long nothing was answered" grep -q 'stopped: .*nothing answered for [0-9]* s' "$T/err"
kill "$MOCK_PID"

# It says that it is asked too much, without a delay.
start_mock -o hard=4 -o latency_ms=20
check_status "a server that refuses more than four requests makes status 0" 0 llm -j 64 --retries 1 "$T/many" >"$T/out" 2>"$T/err"
is "a server that refuses more than four requests answers all" 400 "$(answered)"
kill "$MOCK_PID"
asked 1 6 >"$T/few"
start_mock -o hard=2 -o latency_ms=$((1500 * SLOW))
check_status "a slow server that refuses the first requests makes status 0" 0 llm --retries 1 "$T/few" >"$T/out" 2>"$T/err"
is "a slow server that refuses the first requests answers all" 6 "$(answered)"
kill "$MOCK_PID"
echo '{"status":429,"headers":{"retry-after-ms":"1"}}' >"$T/s"
start_mock -s "$T/s"
check_status "a server that refuses all from the start makes status 4" 4 llm --retries 1 "$T/few" >"$T/out" 2>"$T/err"
is "a server that refuses all from the start marks no record as bad" stopped "$(
	jq -r '.tg.error.code | values' "$T/out" | sort -u)"
kill "$MOCK_PID"
printf '%s\n' '{"times":20}' '{"times":24,"status":429}' >"$T/s"
start_mock -s "$T/s"
check_status "a server that refuses all for a while makes status 0" 0 llm -j 4 --retries 1 "$T/in" >"$T/out" 2>"$T/err"
is "a server that refuses all for a while answers all records" 100 "$(answered)"
kill "$MOCK_PID"
printf '%s\n' '{"times":20}' '{"status":429}' >"$T/s"
start_mock -s "$T/s"
check_status "a server that refuses all for good makes status 4" 4 llm -j 4 --retries 1 --retry-time 2 "$T/in" >"$T/out" 2>"$T/err"
is "a server that refuses all for good leaves the other records stopped" 20/stopped "$(answered)/$(
	jq -r '.tg.error.code | values' "$T/out" | sort -u)"
kill "$MOCK_PID"

# Wherever a delay is told, it is waited for.
now=$(date +%s)
while IFS='|' read -r name least most rule; do
	case $rule in
	'"status"'*) ;;
	*) rule='"status":429,'$rule ;;
	esac
	printf '{"match":{"attempt":1},%s}\n' "$rule" >"$T/s"
	start_mock -s "$T/s"
	: >"$T/err"
	llm -v "$T/one" >"$T/out" 2>>"$T/err" &
	pid=$!
	wait_for grep -q '; again in ' "$T/err"
	got=$(sed -n 's/.*; again in \(.*\) s$/\1/p' "$T/err")
	check "$name: the delay is waited for ($got s)" awk -v x="$got" -v a="$least" -v b="$most" 'BEGIN { exit !(x >= a && x <= b) }' </dev/null
	kill $pid
	wait $pid
	kill "$MOCK_PID"
done <<-END
	retry-after|50|50|"headers":{"Retry-After":"50"}
	retry-after with units|90|90|"headers":{"Retry-After":"1m30s"}
	retry-after-ms|50.5|50.5|"headers":{"retry-after-ms":"50500"}
	LiteLLM's copy|50|50|"headers":{"llm_provider-retry-after":"50"}
	x-ratelimit-reset|50|50|"headers":{"X-RateLimit-Reset":"50"}
	x-ratelimit-reset as a time|20|100|"headers":{"X-RateLimit-Reset":"$((now + 100))"}
	x-ratelimit-reset as a date|20|100|"headers":{"X-RateLimit-Reset":"$(TZ=UTC-2 date -d "@$((now + 100))" +%Y-%m-%dT%H:%M:%S.5+02:00)"}
	another name|50.5|50.5|"headers":{"x-ms-retry-after-ms":"50500"}
	x-ratelimit-reset-requests|66|66|"headers":{"x-ratelimit-reset-requests":"1m6s","x-ratelimit-remaining-requests":"0","x-ratelimit-reset-tokens":"90s","x-ratelimit-remaining-tokens":"5"}
	Gemini's retryDelay|34|34.1|"body":[{"error":{"code":429,"message":"Quota exceeded","details":[{"@type":"RetryInfo","retryDelay":"34.07s"}]}}]
	an error with status 200|12|12|"status":200,"body":{"error":{"code":429,"message":"Please try again in 12s."}}
	a sentence|12|12|"body":{"error":{"message":"Rate limit reached. Please try again in 12s."}}
	a sentence with minutes|90|90|"body":{"error":{"message":"Please try again in 1m30s."}}
	a sentence with ms|0.2|0.3|"body":{"error":{"message":"Please try again in 250ms."}}
END
# No request goes before that time.
echo '{"match":{"attempt":1},"status":429,"body":{"error":{"message":"Please try again in 1.5s."}}}' >"$T/s"
start_mock -s "$T/s"
check "a run with delays in the body exits with 0" llm "$T/one" >"$T/out"
check "nothing is sent before the delay in the body is over" jq -nse 'input |
	map(select(.body | type == "object")) | .[1].t_ms - .[0].t_ms >= 1500' "$MOCK_LOG"
kill "$MOCK_PID"

# A server found at the start gets as many requests as it has slots.
auto() {
	tg-llm -v -m m -u "$MOCK_URL" --stats "$T/stats" "$@" "$T/in" >"$T/out" 2>"$T/err"
}
most() {
	mock_stats .max_in_flight
}
echo '{"match":{"path":"/props"},"body":{"total_slots":3}}' >"$T/s"
start_mock -s "$T/s" -o owned_by=llamacpp -o latency_ms=20
check "a run with a llama.cpp server exits with 0" auto
is "a llama.cpp server gets a request for each slot of /props" 3/100 "$(most)/$(answered)"
check "-v says so" grep -q "^tg-llm: $MOCK_URL: 3 requests at once, one for each of its slots\$" "$T/err"
check "/props lies at the root of the server" grep -q '"path":"/props"' "$MOCK_LOG"
kill "$MOCK_PID"
start_mock -s "$T/s" -o owned_by=llamacpp -o latency_ms=20
check "-j 2 with a llama.cpp server exits with 0" auto -j 2
is "-j is a bound for a llama.cpp server" 2 "$(most)"
kill "$MOCK_PID"
start_mock -s "$T/s" -o latency_ms=20
check "--dialect llamacpp exits with 0" auto --dialect llamacpp
is "--dialect llamacpp finds the slots, too" 3 "$(most)"
kill "$MOCK_PID"
echo '{"match":{"path":"/slots"},"body":[{"id":0},{"id":1}]}' >"$T/s"
start_mock -s "$T/s" -o owned_by=llamacpp -o latency_ms=20
check "a run with a llama.cpp server without /props exits with 0" auto
is "the list of /slots serves as well" 2 "$(most)"
kill "$MOCK_PID"
asked 1 20 >"$T/in"
start_mock -o owned_by=library -o latency_ms=20
check "a run with an Ollama server exits with 0" auto
is "an Ollama server gets one request at once to begin with" 1/20 "$(most)/$(answered)"
check "-v says that Ollama does not tell its slots" grep -q '1 requests at once, as it does not tell its slots' "$T/err"
kill "$MOCK_PID"
start_mock -o owned_by=library -o latency_ms=20
check "OLLAMA_NUM_PARALLEL makes status 0" env OLLAMA_NUM_PARALLEL=3 tg-llm -m m -u "$MOCK_URL" "$T/in" >"$T/out" 2>"$T/err"
is "OLLAMA_NUM_PARALLEL tells the slots of an Ollama server" 3 "$(most)"
kill "$MOCK_PID"
printf '%s\n' '{"times":1}' '{"hold":true}' >"$T/s"
start_mock -s "$T/s" -o owned_by=library
auto -j 8 &
pid=$!
check "-j sets the number for an Ollama server" wait_for in_flight_is 8
mock_goes_on
check "a run with -j and an Ollama server exits with 0" wait $pid
kill "$MOCK_PID"
done_testing
