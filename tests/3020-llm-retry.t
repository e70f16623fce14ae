#!/bin/sh
# tg-llm: which failures are tried again, which are not, and which stop
# everything.
# shellcheck source=tests/lib.sh
. tests/lib.sh

# asked WORD...: makes a record for each word, which is its question.
asked() {
	for _q in "$@"; do
		printf '{"tg":{"id":"%s","request":{"kind":"%s","messages":[{"role":"user","content":"%s"}]}}}\n' \
			"$_q" "${KIND:-generate}" "$_q"
	done
}

llm() {
	tg-llm -u "$MOCK_URL" "$@"
}

# code ID: prints the error code of a record. tried ID: prints its attempts.
code() {
	jq -r --arg id "$1" 'select(.tg.id == $id) | .tg.error.code' "$T/out"
}
tried() {
	jq -r --arg id "$1" 'select(.tg.id == $id) | .tg |
		(.response // .error).attempts' "$T/out"
}
# requests WORD: prints how many requests with WORD the server has had.
requests() {
	grep -c "\"$1\"" "$MOCK_LOG"
}

# The first attempt fails in one of many ways, and the second is answered.
until=$(($(date +%s) + 3))
now=$(date -u -d "@$until" '+%a, %d %b %Y %H:%M:%S GMT')
cat >"$T/s" <<END
{"match":{"substring":"\"ms\"","attempt":1},"status":429,"headers":{"retry-after-ms":"20"}}
{"match":{"substring":"\"s\"","attempt":1},"status":503,"headers":{"Retry-After":"0.05"}}
{"match":{"substring":"\"date\"","attempt":1},"status":429,"headers":{"Retry-After":"$now"}}
{"match":{"substring":"\"past\"","attempt":1},"status":429,"headers":{"Retry-After":"Sun, 06 Nov 1994 08:49:37 GMT"}}
{"match":{"substring":"\"408\"","attempt":1},"status":408}
{"match":{"substring":"\"500\"","attempt":1},"status":500}
{"match":{"substring":"\"502\"","attempt":1},"status":502,"body":"<html>bad gateway</html>"}
{"match":{"substring":"\"reset\"","attempt":1},"reset":true}
{"match":{"substring":"\"cut\"","attempt":1},"cut":40}
{"match":{"substring":"\"early\"","attempt":1},"cut":40,"no_length":true}
{"match":{"substring":"\"stall\"","attempt":1},"stall":true}
{"match":{"substring":"\"drip\"","attempt":1},"drip_ms":200}
{"match":{"substring":"\"html\"","attempt":1},"body":"<html>no</html>"}
{"match":{"substring":"\"error\"","attempt":1},"body":{"error":{"message":"upstream"}}}
{"match":{"substring":"\"json\"","attempt":1},"body":"{\"choices\":[{\"message\":{\"content\":\"x"}
{"match":{"substring":"\"void\"","attempt":1},"body":""}
{"match":{"substring":"\"none\"","attempt":1},"choices":0}
{"match":{"substring":"\"null\"","attempt":1},"content":null}
{"match":{"substring":"\"blank\"","attempt":1},"text":" \n"}
{"match":{"substring":"\"thought\"","attempt":1},"text":"<think>and never ends"}
{"match":{"substring":"\"should\"","attempt":1},"status":400,"headers":{"x-should-retry":"true","retry-after-ms":"5"}}
END
all='ms s date past 408 500 502 reset cut early stall drip html error json void none null blank thought should'
start_mock -s "$T/s"
# shellcheck disable=SC2086
asked $all >"$T/in"
# A hanging request takes the whole timeout, and a dripping one longer.
timeout=$((SLOW > 1 ? SLOW : 4))
check_status "a run with passing failures exits with 0" 0 llm --timeout $timeout --stats "$T/stats" "$T/in" >"$T/out"
for q in $all; do
	is "a request that fails once by \"$q\" is tried again" 2/2 "$(tried "$q")/$(requests "$q")"
done
check "the statistics count the retries" jq -e '.retries >= 20' "$T/stats"
check "the latency of a record includes its failed attempts" jq -se 'any(.tg.id == "stall" and
	.tg.response.latency_ms >= '$((timeout * 1000))')' "$T/out"
check "Retry-After with a date is waited for" [ "$(date +%s)" -ge $until ]
kill "$MOCK_PID"
start_mock -s "$T/s"
asked ms >"$T/in"
check "a run with retry-after-ms exits with 0" llm -v "$T/in" >"$T/out" 2>"$T/err"
check "retry-after-ms is waited for without a pause of our own" grep -q '; again in 0.0 s$' "$T/err"
kill "$MOCK_PID"

# The vendor's pause before the first retry is 0.375 to 0.5 s, drawn at random.
echo '{"match":{"attempt":1},"status":500}' >"$T/s"
start_mock -s "$T/s"
asked a b c d e f g h i j >"$T/in"
check "a run with failures without Retry-After exits with 0" llm "$T/in" >"$T/out"
check "without Retry-After each retry waits for a pause drawn at random" jq -nse 'input |
	map(select(.body | type == "object")) | group_by(.body.messages) |
	map(.[1].t_ms - .[0].t_ms) | all(. >= 370) and max - min >= 10' "$MOCK_LOG"
kill "$MOCK_PID"

# A lasting failure is the error of one record.
cat >"$T/s" <<'END'
{"match":{"substring":"\"400\""},"status":400}
{"match":{"substring":"\"413\""},"status":413,"body":"too large"}
{"match":{"substring":"\"422\""},"status":422,"body":{"detail":"unprocessable"}}
{"match":{"substring":"\"openai\""},"status":400,"body":{"error":{"message":"This model's maximum context length is 16385 tokens. However, your messages resulted in 20000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}}
{"match":{"substring":"\"sglang\""},"status":400,"body":{"object":"error","message":"The input (90000 tokens) is longer than the model's context length (32768 tokens).","type":"BadRequestError","param":null,"code":400}}
{"match":{"substring":"\"llamacpp\""},"status":400,"body":{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error","n_prompt_tokens":90000,"n_ctx":32768}}}
{"match":{"substring":"\"azure\""},"status":400,"body":{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}}
{"match":{"substring":"\"filter\""},"text":"half an","finish_reason":"content_filter"}
{"match":{"substring":"\"refusal\""},"body":{"choices":[{"message":{"role":"assistant","content":null,"refusal":"I can't"},"finish_reason":"stop"}]}}
{"match":{"substring":"\"length\""},"text":"cut of","finish_reason":"length"}
{"match":{"substring":"\"empty\""},"content":null}
{"match":{"substring":"\"abort\""},"text":"x","finish_reason":"abort"}
{"match":{"substring":"\"no\""},"status":500,"headers":{"x-should-retry":"false"}}
{"match":{"substring":"\"endless\""},"endless":true,"body":" "}
{"match":{"substring":"\"tpm\""},"status":429,"body":{"error":{"message":"Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 40000.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}}
{"match":{"substring":"\"500\""},"status":500,"headers":{"retry-after-ms":"1"}}
{"match":{"substring":"\"503\""},"status":503,"headers":{"retry-after-ms":"1"},"body":"\u001b[31mbusy\u0007"}
END
start_mock -s "$T/s"
asked good1 400 413 422 openai sglang llamacpp azure filter refusal length \
	empty abort no tpm endless 500 503 good2 >"$T/in"
check_status "a run with lasting failures exits with 1" 1 llm -j 1 --retries 2 --stats "$T/stats" "$T/in" >"$T/out"
while read -r q want n; do
	is "a request that fails by \"$q\" ends in $want after attempts: $n" "$want/$n/$n" "$(code "$q")/$(tried "$q")/$(requests "$q")"
done <<-'END'
	400 bad_request 1
	413 request_too_large 1
	422 bad_request 1
	openai context_overflow 1
	sglang context_overflow 1
	llamacpp context_overflow 1
	azure content_filter 1
	filter content_filter 1
	refusal refusal 1
	length truncated 1
	empty empty_answer 2
	abort aborted 1
	no server_error 1
	tpm request_too_large 1
	endless reply_too_big 1
	500 server_error 3
	503 server_error 3
	good1 null 1
	good2 null 1
END
is "the error holds the HTTP status" '[400,500]' "$(jq -sc '[.[] | select(.tg.id == "400" or
	.tg.id == "500") | .tg.error.status]' "$T/out")"
check "the record keeps its request" jq -se 'all(.tg | .error == null or .request)' "$T/out"
check_fail "an error message holds no escape sequence" grep -q 'u001b\|'"$(printf '\033')" "$T/out"
check "the statistics count errors by code" jq -e '.errors.context_overflow == 3 and
	.errors.bad_request == 2 and .answered == 2 and .records == 19' "$T/stats"
is "the statistics count calls by endpoint" "$(mock_stats .requests)/$(
	jq -c '.retries' "$T/stats")" "$(jq -r '"\(.endpoints[0].calls)/" +
	"\(.endpoints[0].retries)"' "$T/stats")"
check "the statistics count outcomes by endpoint" jq -e '.endpoints | length == 1 and (.[0] |
	.url == env.MOCK_URL and .dialect != null and .failures.server_error == 7 and
	.failures.reply_too_big == 1 and .rate_limited == 1 and .answered >= 2 and
	.latency_ms.max >= 0 and .down_seconds == 0)' "$T/stats"
kill "$MOCK_PID"

# Refusals that concern all records exit with 4 and stop the others. tests/3022-llm-refused.t has
# more of them.
while read -r q body; do
	printf '{"match":{"substring":"\\"%s\\""},%s}\n' "$q" "$body" >"$T/s"
	start_mock -s "$T/s"
	asked "$q" "$q" "$q" a b c >"$T/in"
	check_status "$q stops the run" 4 llm -j 1 "$T/in" >"$T/out"
	is "$q: no other record is tried" 3 "$(mock_stats .requests)"
	is "$q: all records leave as stopped" '["stopped"]' "$(jq -sc 'map(.tg.error.code) | unique' "$T/out")"
	kill "$MOCK_PID"
done <<-'END'
	401 "status":401
	402 "status":402
	403 "status":403
	404 "status":404
	302 "status":302,"headers":{"Location":"/v2"}
	quota "status":429,"body":{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}
END

# A server may ask for any wait: tg-llm grants two minutes, and nothing ends.
while read -r q body; do
	printf '{"match":{"substring":"\\"%s\\"","attempt":1},%s}\n' "$q" "$body"
done >"$T/s" <<-'END'
	later "status":429,"headers":{"Retry-After":"3600"}
	seconds "status":503,"headers":{"Retry-After":"120.5"}
	ms "status":500,"headers":{"retry-after-ms":"121000"}
	date "status":429,"headers":{"Retry-After":"Fri, 31 Dec 2060 23:59:59 GMT"}
END
start_mock -s "$T/s"
for q in later seconds ms date; do
	asked $q >"$T/in"
	tg-llm -u "$MOCK_URL" -v "$T/in" >"$T/out" 2>"$T/err.$q" &
	pid=$!
	wait_for grep -q '; again in ' "$T/err.$q"
	is "$q: tg-llm waits for two minutes at most" 1/0 "$(
		grep -c '; again in 120.0 s$' "$T/err.$q")/$(grep -c stopped "$T/err.$q")"
	kill $pid
	wait $pid
done
kill "$MOCK_PID"
# With another endpoint no request waits.
echo '{"status":429,"headers":{"Retry-After":"300"}}' >"$T/s"
start_mock -s "$T/s"
busy=$MOCK_URL busypid=$MOCK_PID busylog=$MOCK_LOG
start_mock -o latency_ms=20
# shellcheck disable=SC2046
asked $(seq 100) >"$T/in"
check_status "a run in which one of two endpoints asks for a wait exits with 0" 0 timeout $((60 * SLOW)) tg-llm -m m \
	--dialect generic -u "$busy" -u "$MOCK_URL" -j 8 --retries 0 "$T/in" >"$T/out"
is "the other endpoint answers all records" 100 "$(grep -c '"response"' "$T/out")"
check "the endpoint that asks for a wait gets no more requests" [ "$(wc -l <"$busylog")" -le 8 ]
kill "$busypid" "$MOCK_PID"
echo '{"match":{"path":"x/chat"},"status":404}' >"$T/s"
start_mock -s "$T/s"
check_status "a base URL without /v1 makes status 4" 4 tg-llm -m x -u "$MOCK_BASE/x" "$T/in" \
	>"$T/out" 2>"$T/err"
check "the message says that a base URL may end in /v1" grep -q 'end in /v1' "$T/err"
kill "$MOCK_PID"

# The circuit breaker: the service has failed when nothing is answered any more.
printf '{"status":500,"headers":{"retry-after-ms":"1"}}\n' >"$T/s"
start_mock -s "$T/s"
# shellcheck disable=SC2046
asked $(seq 300) >"$T/in"
check_status "a run with nothing but errors exits with 4" 4 llm -j 4 --retries 1 "$T/in" >"$T/out"
check "a run with nothing but errors stops early" [ "$(mock_stats .requests)" -lt 60 ]
kill "$MOCK_PID"

# A max_tokens that is too large for the model is lowered once.
for api in openai vllm sglang; do
	start_mock -o api=$api -o ctx=4096 -o latency_ms=20
	asked a b c d e f >"$T/in"
	check_status "a run with max_tokens over the context of $api exits with 0" 0 llm -j 3 "$T/in" >"$T/out" 2>"$T/err"
	is "$api: max_tokens is lowered for all requests with one message" '[2048,8192]/1' \
		"$(jq -sc '[.[].body | objects.max_tokens] | unique' "$MOCK_LOG")/$(
		grep -c 'too large for the model' "$T/err")"
	kill "$MOCK_PID"
done
# A prompt that is too long by itself lowers no max_tokens.
start_mock -o api=llamacpp -o ctx=4096
asked a "$(printf '%020000d' 0)" b >"$T/in"
check_status "a run with a prompt over the context exits with 1" 1 llm -j 1 "$T/in" >"$T/out" 2>"$T/err"
is "a prompt over the context is an error of its record only" 'null context_overflow null /3/[8192]' \
	"$(jq -r .tg.error.code "$T/out" | tr '\n' ' ')/$(mock_stats .requests)/$(
	jq -sc '[.[].body | objects.max_tokens] | unique' "$MOCK_LOG")"
kill "$MOCK_PID"
cat >"$T/s" <<'END'
{"match":{"substring":"\"max_tokens\":8192"},"status":400,"body":{"error":{"message":"max_tokens is too large: 8192. This model supports at most 4096 completion tokens, whereas you provided 8192.","code":"invalid_value"}}}
END
start_mock -s "$T/s"
check_status "a run with max_tokens over what the model gives exits with 0" 0 llm "$T/in" >"$T/out"
is "max_tokens is lowered to what the model gives" 4096 "$(jq -n '[inputs] | last.body.max_tokens' "$MOCK_LOG")"
kill "$MOCK_PID"

# Limits.
printf '%s\n' '{"times":1}' '{"times":5,"hold":true}' >"$T/s"
start_mock -s "$T/s" -o latency_ms=20
# shellcheck disable=SC2046
asked $(seq 100) >"$T/in"
llm -j 5 "$T/in" >"$T/out" &
wait_for in_flight_is 5
mock_goes_on
check "a run with -j 5 exits with 0" wait $!
is "-j 5 keeps at most five requests in flight" 5 "$(mock_stats .max_in_flight)"
kill "$MOCK_PID"
start_mock
# shellcheck disable=SC2046
asked $(seq 30) >"$T/in"
check "a run with --rpm exits with 0" llm --rpm 3600 "$T/in" >"$T/out"
# Half a second's worth of requests goes at once.
check "--rpm lets a burst through" jq -nse 'input | .[-1].t_ms - .[0].t_ms < '$((10000 * SLOW)) "$MOCK_LOG"
: >"$MOCK_LOG"
tg-llm -u "$MOCK_URL" --rpm 120 -m m --dialect generic "$T/in" >"$T/out" &
pid=$!
wait_for has_lines 6 "$MOCK_LOG"
kill $pid
wait $pid
is "a run that is killed exits with 143" 143 $?
# The first request may have been long under way when the server saw it.
check "--rpm 120 sends two requests a second" jq -nse 'input | .[5].t_ms - .[0].t_ms > 1500' "$MOCK_LOG"
kill "$MOCK_PID"
# The server has a limit of its own: refused requests take as long as needed.
start_mock -o rpm=1200 -o burst=5
check_status "a run on a server with a limit of its own exits with 0" 0 llm --retries 1 "$T/in" >"$T/out"
is "a server with a limit of its own answers all records" 30 "$(grep -c '"response"' "$T/out")"
kill "$MOCK_PID"

# Several endpoints.
start_mock -o latency_ms=20
one=$MOCK_URL onelog=$MOCK_LOG
start_mock -o latency_ms=20
# shellcheck disable=SC2046
asked $(seq 100) >"$T/in"
check "a run with two endpoints exits with 0" tg-llm -u "$one" -u "$MOCK_URL" -j 10 "$T/in" >"$T/out"
a=$(wc -l <"$onelog") b=$(wc -l <"$MOCK_LOG")
[ "$a" -gt 20 ] && [ "$b" -gt 20 ]
ok "two endpoints share the work ($a, $b)"
check "a run with one of two endpoints down exits with 0" tg-llm -u http://127.0.0.1:1/v1 -u "$MOCK_URL" --stats "$T/stats" \
	"$T/in" >"$T/out" 2>"$T/err"
check "the statistics say how long an endpoint was down" jq -e '.endpoints | .[0].down_seconds > 0 and
	.[1].down_seconds == 0 and .[1].answered == 100' "$T/stats"
is "one message says that an endpoint is down, and the other answers all" 1/100 \
	"$(grep -c 'ejected for now' "$T/err")/$(grep -c '"response"' "$T/out")"
check "a run with a dead endpoint and no retries exits with 0" tg-llm -u "$MOCK_URL" \
	-u http://127.0.0.1:1/v1 -m m --dialect vllm --retries 0 "$T/in" \
	>"$T/out" 2>"$T/err"
is "a dead endpoint takes no attempt from any record" 1/100 \
	"$(grep -c 'ejected for now' "$T/err")/$(grep -c '"response"' "$T/out")"
two=$MOCK_URL
printf '%s\n' '{"times":5}' '{"hold":true}' >"$T/s"
start_mock -s "$T/s"
tg-llm -u "$MOCK_URL" -u "$two" -j 4 "$T/in" >"$T/out" 2>"$T/err" &
pid=$!
wait_for asked_over 7
kill -9 "$MOCK_PID"
check "a run in which one of two endpoints dies exits with 0" wait $pid
is "the requests of a dying endpoint go to the other" 1/100 \
	"$(grep -c 'ejected for now' "$T/err")/$(grep -c '"response"' "$T/out")"
one=$two
start_mock -o require_key=other
check "a run in which one endpoint wants another key exits with 0" tg-llm -u "$one" -u "$MOCK_URL" -m m "$T/in" \
	>"$T/out" 2>"$T/err"
is "an endpoint that wants another key is not asked any more" 1/100 \
	"$(grep -c 'not asked any more' "$T/err")/$(grep -c '"response"' "$T/out")"
done_testing
