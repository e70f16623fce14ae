#!/bin/sh
# The mock server follows its script and options.
. tests/lib.sh

# ask TEXT [CURL-OPTION...]: sends one request and prints the answer.
ask() {
	_text=$1
	shift
	jq -nc --arg t "$_text" --argjson more "${MORE:-{\}}" \
		'{model: "m", messages: [{role: "user", content: $t}]} + $more' |
		curl -sS --max-time 60 -H 'Content-Type: application/json' \
			--data-binary @- "$@" "$MOCK_URL/chat/completions"
}

code() {
	ask "$1" -o /dev/null -w '%{http_code}'
}

texts() {
	ask "$@" | jq -c '[.choices[].message.content]'
}

# matches PATTERN: succeeds if a line of standard input matches.
matches() {
	grep -Eq "$1"
}

# within FILE MIN MAX: succeeds if the number in FILE is in the range.
within() {
	awk -v min="$2" -v max="$3" '{ exit !($1 >= min && $1 < max) }' "$1"
}

# Default answers.
start_mock -o owned_by=vllm
ask one >"$T/a"
ask one >"$T/b"
ask two >"$T/c"
check "an answer is a chat completion" jq -e '.object == "chat.completion" and
	.choices[0].finish_reason == "stop" and .usage.total_tokens > 0' "$T/a"
is "the same request gets the same answer" \
	"$(jq -c .choices "$T/a")" "$(jq -c .choices "$T/b")"
check_fail "another request gets another answer" \
	[ "$(jq -c .choices "$T/a")" = "$(jq -c .choices "$T/c")" ]
is "n gives choices that differ" 7 "$(MORE='{"n":7}' texts one | jq 'unique | length')"
is "a small max_tokens gets a verdict" '["1"]' "$(MORE='{"max_tokens":4}' texts one)"
is "a grammar gets a verdict" '["1"]' "$(MORE='{"grammar":"x"}' texts one)"
is "the last user message decides the answer" "$(texts two)" "$(MORE='{"messages":
	[{"role":"user","content":"one"},{"role":"user","content":"two"}]}' texts x)"
is "an n out of range gets status 400" 400 "$(MORE='{"n":0}' code one)"
is "a body that is not JSON gets status 400" 400 "$(curl -sS -d '{' -o "$T/out" \
	-w '%{http_code}' "$MOCK_URL/chat/completions")"
is "/models names the owner of the model" vllm "$(curl -sS "$MOCK_URL/models" | jq -r '.data[0].owned_by')"
is "/health says ok" ok "$(curl -sS "$MOCK_BASE/health" | jq -r .status)"
is "another path gets status 404" 404 "$(curl -sS -o "$T/out" -w '%{http_code}' "$MOCK_URL/x")"
is "the path of Azure is answered" 200 "$(curl -sS -o "$T/out" -w '%{http_code}' -H 'api-key: K' \
	-d '{"messages":[{"role":"user","content":"é\u0000"}],
	"temperature":0.60}' \
	"$MOCK_BASE/openai/deployments/D/chat/completions?api-version=2024-10-21")"
tail -n 1 "$MOCK_LOG" >"$T/last"
is "the log has path and query of a request" \
	'/openai/deployments/D/chat/completions api-version=2024-10-21' \
	"$(jq -r '.path + " " + .query' "$T/last")"
is "the log has the headers of a request" K "$(jq -r '.headers["api-key"]' "$T/last")"
check "the log has the body as it was sent" grep -q '"é\\u0000.*:0.60}' "$T/last"
is "the log has all requests but those for statistics" "$(mock_stats '.requests + 2')" \
	"$(wc -l <"$MOCK_LOG" | tr -d ' ')"
check "the log is JSON with counted lines" jq -es 'map(.n) == [range(1; length + 1)]' "$MOCK_LOG"
is "the statistics count each status" '{"200":9,"400":2}' "$(mock_stats .status)"
is "the statistics count the bodies that were sent twice" 2 "$(mock_stats .paid_twice)"
is "the statistics count the different bodies" 9 "$(mock_stats .bodies)"
check "the mock server stops without a fault" stop_mock

# Scripts.
printf 'gzip?\377' >"$T/raw"
cat >"$T/script" <<-END
	# a comment, and a blank line

	{"match":{"substring":"limit"},"times":2,"status":429,"headers":{"Retry-After":"7"}}
	{"match":{"substring":"wait"},"delay_ms":300}
	{"match":{"substring":"cut0"},"cut":0}
	{"match":{"substring":"cut"},"cut":40}
	{"match":{"substring":"reset"},"reset":true}
	{"match":{"substring":"half"},"cut":40,"stall":true}
	{"match":{"substring":"stall"},"stall":true}
	{"match":{"substring":"drip"},"drip_ms":10,"body":"0123456789"}
	{"match":{"substring":"endless"},"endless":true}
	{"match":{"substring":"eof"},"no_length":true,"cut":9}
	{"match":{"substring":"html"},"status":502,"headers":{"content-type":"text/html"},"body":"<html>"}
	{"match":{"substring":"json"},"body":{"choices":[]}}
	{"match":{"substring":"raw"},"file":"$T/raw"}
	{"match":{"substring":"list"},"text":["a",null],"finish_reason":[null,"length"]}
	{"match":{"substring":"say"},"text":"said","reasoning":"hm","usage":null}
	{"match":{"substring":"null"},"content":null}
	{"match":{"substring":"none"},"choices":0}
	{"match":{"substring":"q\"q"},"echo":true}
	{"match":{"header":{"X-Who":"me"}},"text":"header"}
	{"match":{"kind":"verdict"},"text":"0"}
	{"match":{"substring":"again","attempt":2},"text":"second"}
	{"match":{"path":"/models"},"times":1,"status":503}
END
start_mock -s "$T/script" -o api=vllm
is "a rule sets the status" 429 "$(code limit)"
ask limit -i >"$T/out"
check "a rule sets the headers" grep -qi '^Retry-After: 7' "$T/out"
check "an error has the form of the server's dialect" grep -q '"RateLimitError","param":null,"code":429' "$T/out"
is "a rule with times ends after that many requests" 200 "$(code limit)"
check "a rule with delay_ms is answered" ask wait -o /dev/null -w '%{time_total}\n' >"$T/out"
check "delay_ms delays the answer" within "$T/out" 0.3 60
check_status "cut closes the connection within the body" 56 ask cut >"$T/out"
is "cut closes the connection after that many bytes" 40 "$(wc -c <"$T/out" | tr -d ' ')"
check_status "cut 0 closes the connection before the body" 56 ask cut0 >"$T/out"
is "cut 0 sends no byte of the body" 0 "$(wc -c <"$T/out" | tr -d ' ')"
check_status "reset resets the connection" 56 ask reset >"$T/out"
check_status "stall never answers" 28 ask stall --max-time 0.3 >"$T/out"
check_status "cut with stall stops within the body" 28 ask half --max-time 3 >"$T/out"
is "cut with stall sends that many bytes" 40 "$(wc -c <"$T/out" | tr -d ' ')"
check "a request whose client hangs up is not in flight" wait_for in_flight_is 0
check "drip_ms sends the body piece by piece" ask drip -o "$T/body" -w '%{time_total}\n' >"$T/out"
is "drip_ms sends the whole body" 0123456789 "$(cat "$T/body")"
check "drip_ms sends the body slowly" within "$T/out" 0.09 60
check_status "endless never ends the body" 28 ask endless --max-time 3 --limit-rate 1M >"$T/out"
check "endless keeps sending the body" [ "$(wc -c <"$T/out")" -gt 100000 ]
check "no_length leaves out the Content-Length" ask eof >"$T/out"
is "no_length with cut ends the body early" '{"id":"ch' "$(cat "$T/out")"
is "a rule sets the body as text" '<html>' "$(ask html)"
is "a rule sets status and content type" '502 text/html' \
	"$(ask html -o /dev/null -w '%{http_code} %{content_type}')"
is "a rule sets the body as JSON" '{"choices":[]}' "$(ask json)"
ask raw >"$T/out"
check_same "a rule sets the body from a file" "$T/raw" "$T/out"
is "a rule sets text and finish_reason of each choice" '[["a",null],[null,"length"]]' \
	"$(ask list | jq -c '[[.choices[].message.content],
	[.choices[].finish_reason]]')"
is "a rule sets reasoning and usage" '["said","hm",null]' "$(ask say |
	jq -c '[(.choices[0].message | .content, .reasoning_content), .usage]')"
is "a rule sets the content to null" '[null]' "$(texts null)"
is "a rule sets the number of choices to 0" '[]' "$(texts none)"
is "echo answers with the message, and substring matches the decoded message" '["q\"q\né"]' \
	"$(texts 'q"q
é')"
is "a rule matches a header" '["header"]' "$(texts x -H 'x-who: it is me')"
is "a rule matches the kind of request" '["0"]' "$(MORE='{"max_tokens":1}' texts x)"
texts again >"$T/out"
is "a rule matches the number of the attempt" '["second"]' "$(texts again)"
is "a rule matches the path" 503 \
	"$(curl -sS -o "$T/out" -w '%{http_code}' "$MOCK_URL/models")"
is "a rule for a path ends after its times" 200 \
	"$(curl -sS -o "$T/out" -w '%{http_code}' "$MOCK_URL/models")"
check "the mock server stops without a fault" stop_mock

# Wrong scripts and options.
bad() {
	printf '\n%s\n' "$2" >"$T/script"
	check_status "$1 is refused" 2 "$TG_BUILD/tests/mockllm" -s "$T/script" 2>"$T/err"
	check "$1: the message names the line" matches "^mockllm: .*/script:2: $3" <"$T/err"
}
bad "a script that is not JSON" '{"status":' ''
bad "an unknown member" '{"sttus":1}' "unknown member 'sttus'"
bad "a bad number" '{"status":42}' "bad value of 'status'"
bad "a bad match" '{"match":{"what":1}}' "bad value of 'match'"
bad "a bad share" '{"match":{"share":"x"}}' "bad value of 'match'"
bad "a bad header" '{"headers":{"a":"b\n"}}' "bad value of 'headers'"
for o in x slots=0 slots=1x fail_rate=2 api=x latency=lognormal:9 rpm=nan; do
	check_status "the option $o is refused" 2 "$TG_BUILD/tests/mockllm" -o $o
done

# Many requests at once.
# flood N: sends N different requests at once and prints how often each status
# came.
flood() {
	jq -nr --arg n "$1" --arg u "$MOCK_URL/chat/completions" 'range($n | tonumber) |
		{model: "m", messages: [{role: "user", content: "\(.)"}]} |
		"url = \"\($u)\"", "data = \(tojson | tojson)", "output = /dev/null",
		"write-out = \"%{http_code}\\n\"", "next"' | sed '$d' >"$T/flood"
	curl -sS --no-progress-meter --parallel --parallel-immediate \
		--parallel-max "$1" -K "$T/flood" | sort | uniq -c |
		awk '{ printf "%s%s:%s", s, $2, $1; s = " " } END { print "" }'
}

echo '{"hold":true}' >"$T/s"
start_mock -s "$T/s"
flood 40 >"$T/out" &
check "concurrent requests are all in flight at once" wait_for in_flight_is 40
mock_goes_on
wait $!
is "requests that were held are answered" 200:40 "$(cat "$T/out")"
check "the mock server stops without a fault" stop_mock

start_mock -o slots=4 -o latency_ms=100
begin=$(date +%s%N)
is "requests over the number of slots are answered" 200:20 "$(flood 20)"
took=$((($(date +%s%N) - begin) / 1000000))
check "requests over the number of slots wait in a queue" [ $took -ge 500 ]
check "the mock server stops without a fault" stop_mock

printf '{"times":7,"hold":true}\n' >"$T/s"
start_mock -s "$T/s" -o knee=2:1 -o latency_ms=50
flood 7 >"$T/out" &
wait_for in_flight_is 7
check "a request over the knee is answered" ask x -o /dev/null -w '%{time_total}\n' >"$T/time"
check "a request over the knee is slow" within "$T/time" 0.8 60
mock_goes_on
wait $!
is "requests up to the knee are answered" 200:7 "$(cat "$T/out")"
check "the mock server stops without a fault" stop_mock

start_mock -o rpm=1 -o burst=3
is "rpm refuses requests over its burst" '200:3 429:5' "$(flood 8)"
ask x -i >"$T/out"
check "a refusal has Retry-After" grep -qi '^Retry-After: [1-6]' "$T/out"
check "a refusal has x-ratelimit headers" grep -qi '^x-ratelimit-limit-requests: 1' "$T/out"
check "the mock server stops without a fault" stop_mock

start_mock -o fail_rate=0.5 -o fail_status=500
first=$(flood 40)
check "the mock server stops without a fault" stop_mock
start_mock -o fail_rate=0.5 -o fail_status=500
is "fail_rate fails the same requests each time" "$first" "$(flood 40)"
check "fail_rate fails some requests and not others" matches '^200:[1-9][0-9]* 500:[1-9]' <<-END
	$first
END
check "the mock server stops without a fault" stop_mock

printf '{"match":{"share":%s},"status":500}\n' 0 0.5 >"$T/s"
start_mock -s "$T/s"
first=$(flood 40)
check "the mock server stops without a fault" stop_mock
start_mock -s "$T/s"
is "share matches the same requests each time" "$first" "$(flood 40)"
check "share matches about that share of requests" matches '^200:[12][0-9] 500:[12][0-9]' <<-END
	$first
END
check "the mock server stops without a fault" stop_mock

start_mock -o latency=lognormal:20:100 -o ignore_n=1
is "requests with lognormal latency are answered" 200:20 "$(flood 20)"
is "ignore_n gives one choice" 1 "$(MORE='{"n":5}' texts x | jq length)"
check_fail "ignore_n gives another answer each time" [ "$(texts y)" = "$(texts y)" ]
check "the mock server stops without a fault" stop_mock

start_mock -o require_key=K -o ctx=100 -o api=openai
is "a request without the key gets status 401" 401 "$(code x)"
is "a request for /models without the key gets status 401" 401 \
	"$(curl -sS -o "$T/out" -w '%{http_code}' "$MOCK_URL/models")"
is "a request with the key is answered" 200 "$(ask x -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer K')"
is "a request over the context gets an error" context_length_exceeded \
	"$(MORE='{"max_tokens":101}' ask x -H 'api-key: K' | jq -r .error.code)"
check "the mock server stops without a fault" stop_mock
start_mock -o ctx=100
is "llama.cpp's error over the context counts only the prompt" '[125,100]' \
	"$(ask "$(printf '%0500d' 0)" | jq -c '[.error.n_prompt_tokens, .error.n_ctx]')"
is "llama.cpp refuses no max_tokens" 200 \
	"$(MORE='{"max_tokens":101}' ask x -o /dev/null -w '%{http_code}')"

# Requests that a rule holds are answered when the mock is told to go on.
printf '{"times":1}\n{"hold":true,"text":"held"}\n' >"$T/s"
start_mock -s "$T/s"
is "a request of an earlier rule is not held" 200 "$(code x)"
texts x >"$T/x" &
pid=$!
texts y >"$T/y" &
check "two requests are held" wait_for in_flight_is 2
check_status "a third request is held" 28 ask z --max-time 0.3
check "the mock is told to go on" mock_goes_on
check "the first held request is answered" wait $pid
check "the second held request is answered" wait $!
is "the held requests get the answer of the rule" '["held"]["held"]' "$(cat "$T/x" "$T/y" | tr -d '\n')"
is "no later request is held" '["held"]' "$(texts z)"

# The mock server ends with its parent.
cat >"$T/parent" <<-'END'
	"$TG_BUILD/tests/mockllm" -d -p "$T/orphan.port" >/dev/null 2>&1 &
	echo $! >"$T/orphan"
	until [ -s "$T/orphan.port" ]; do sleep 0.02; done
	kill -s KILL $$
END
sh "$T/parent"
runs() {
	case $(ps -o stat= -p "$1") in
	'' | Z*) return 1 ;;
	esac
}
gone() {
	! runs "$(cat "$T/orphan")"
}
check "the mock server ends with its parent" wait_for gone

# The mock server takes its port again, as after an outage.
port=$MOCK_PORT
check "the mock server stops without a fault" stop_mock
start_mock -o port="$port"
is "a new mock server takes the port of the old one" "$port" "$MOCK_PORT"

done_testing
