#!/bin/sh
# The mock server does what its script and options say.
. tests/lib.sh

# ask TEXT [CURL-OPTION...]: one request; the answer on standard output.
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

# matches PATTERN: standard input is one.
matches() {
	grep -Eq "$1"
}

# within FILE MIN MAX: the number in the file is.
within() {
	awk -v min="$2" -v max="$3" '{ exit !($1 >= min && $1 < max) }' "$1"
}

# Default answers.
start_mock -o owned_by=vllm
ask one >"$T/a"
ask one >"$T/b"
ask two >"$T/c"
check "an answer is a completion" jq -e '.object == "chat.completion" and
	.choices[0].finish_reason == "stop" and .usage.total_tokens > 0' "$T/a"
is "the same request, the same answer" \
	"$(jq -c .choices "$T/a")" "$(jq -c .choices "$T/b")"
check_fail "another request, another answer" \
	[ "$(jq -c .choices "$T/a")" = "$(jq -c .choices "$T/c")" ]
is "n choices that differ" 7 "$(MORE='{"n":7}' texts one | jq 'unique | length')"
is "a small cap asks for a verdict" '["1"]' "$(MORE='{"max_tokens":4}' texts one)"
is "a grammar asks for a verdict" '["1"]' "$(MORE='{"grammar":"x"}' texts one)"
is "the last user message counts" "$(texts two)" "$(MORE='{"messages":
	[{"role":"user","content":"one"},{"role":"user","content":"two"}]}' texts x)"
is "n out of range" 400 "$(MORE='{"n":0}' code one)"
is "a body that is not JSON" 400 "$(curl -sS -d '{' -o "$T/out" \
	-w '%{http_code}' "$MOCK_URL/chat/completions")"
is "models" vllm "$(curl -sS "$MOCK_URL/models" | jq -r '.data[0].owned_by')"
is "health" ok "$(curl -sS "$MOCK_BASE/health" | jq -r .status)"
is "another path" 404 "$(curl -sS -o "$T/out" -w '%{http_code}' "$MOCK_URL/x")"
is "Azure's path" 200 "$(curl -sS -o "$T/out" -w '%{http_code}' -H 'api-key: K' \
	-d '{"messages":[{"role":"user","content":"é\u0000"}],
	"temperature":0.60}' \
	"$MOCK_BASE/openai/deployments/D/chat/completions?api-version=2024-10-21")"
tail -n 1 "$MOCK_LOG" >"$T/last"
is "the log has path and query" \
	'/openai/deployments/D/chat/completions api-version=2024-10-21' \
	"$(jq -r '.path + " " + .query' "$T/last")"
is "the log has headers" K "$(jq -r '.headers["api-key"]' "$T/last")"
check "the log has the body as sent" grep -q '"é\\u0000.*:0.60}' "$T/last"
is "the log has all requests but ours" "$(mock_stats '.requests + 2')" \
	"$(wc -l <"$MOCK_LOG" | tr -d ' ')"
check "the log is JSON" jq -es 'map(.n) == [range(1; length + 1)]' "$MOCK_LOG"
is "stats: statuses" '{"200":9,"400":2}' "$(mock_stats .status)"
is "stats: bodies paid twice" 2 "$(mock_stats .paid_twice)"
is "stats: distinct bodies" 9 "$(mock_stats .bodies)"
check "it stops when told" stop_mock

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
is "a rule" 429 "$(code limit)"
ask limit -i >"$T/out"
check "its headers" grep -qi '^Retry-After: 7' "$T/out"
check "an error in the dialect" grep -q '"RateLimitError","param":null,"code":429' "$T/out"
is "a rule used up" 200 "$(code limit)"
check "a delay" ask wait -o /dev/null -w '%{time_total}\n' >"$T/out"
check "of that length" within "$T/out" 0.3 60
check_status "cut off within the body" 56 ask cut >"$T/out"
is "after so many bytes" 40 "$(wc -c <"$T/out" | tr -d ' ')"
check_status "cut off before the body" 56 ask cut0 >"$T/out"
is "after no byte" 0 "$(wc -c <"$T/out" | tr -d ' ')"
check_status "reset" 56 ask reset >"$T/out"
check_status "stall" 28 ask stall --max-time 0.3 >"$T/out"
check_status "stall within the body" 28 ask half --max-time 3 >"$T/out"
is "after so many" 40 "$(wc -c <"$T/out" | tr -d ' ')"
check "who hangs up is not in flight" wait_for in_flight_is 0
check "drip" ask drip -o "$T/body" -w '%{time_total}\n' >"$T/out"
is "all of it" 0123456789 "$(cat "$T/body")"
check "slowly" within "$T/out" 0.09 60
check_status "endless" 28 ask endless --max-time 3 --limit-rate 1M >"$T/out"
check "goes on" [ "$(wc -c <"$T/out")" -gt 100000 ]
check "a body with no length" ask eof >"$T/out"
is "ends early" '{"id":"ch' "$(cat "$T/out")"
is "a raw body" '<html>' "$(ask html)"
is "a status and type" '502 text/html' \
	"$(ask html -o /dev/null -w '%{http_code} %{content_type}')"
is "a JSON body" '{"choices":[]}' "$(ask json)"
ask raw >"$T/out"
check_same "a file as body" "$T/raw" "$T/out"
is "texts and reasons a choice" '[["a",null],[null,"length"]]' \
	"$(ask list | jq -c '[[.choices[].message.content],
	[.choices[].finish_reason]]')"
is "reasoning and usage" '["said","hm",null]' "$(ask say |
	jq -c '[(.choices[0].message | .content, .reasoning_content), .usage]')"
is "null content" '[null]' "$(texts null)"
is "no choices" '[]' "$(texts none)"
is "echo; substrings are of the decoded message too" '["q\"q\né"]' \
	"$(texts 'q"q
é')"
is "match by header" '["header"]' "$(texts x -H 'x-who: it is me')"
is "match by kind" '["0"]' "$(MORE='{"max_tokens":1}' texts x)"
texts again >"$T/out"
is "match by attempt" '["second"]' "$(texts again)"
is "a rule for another path" 503 \
	"$(curl -sS -o "$T/out" -w '%{http_code}' "$MOCK_URL/models")"
is "used up" 200 \
	"$(curl -sS -o "$T/out" -w '%{http_code}' "$MOCK_URL/models")"
check "it stops with a clean slate" stop_mock

# Bad scripts and options.
bad() {
	printf '\n%s\n' "$2" >"$T/script"
	check_status "$1" 2 "$TG_BUILD/tests/mockllm" -s "$T/script" 2>"$T/err"
	check "$1: where" matches "^mockllm: .*/script:2: $3" <"$T/err"
}
bad "a script that is not JSON" '{"status":' ''
bad "an unknown member" '{"sttus":1}' "unknown member 'sttus'"
bad "a bad number" '{"status":42}' "bad value of 'status'"
bad "a bad match" '{"match":{"what":1}}' "bad value of 'match'"
bad "a bad share" '{"match":{"share":"x"}}' "bad value of 'match'"
bad "a bad header" '{"headers":{"a":"b\n"}}' "bad value of 'headers'"
for o in x slots=0 slots=1x fail_rate=2 api=x latency=lognormal:9 rpm=nan; do
	check_status "bad option $o" 2 "$TG_BUILD/tests/mockllm" -o $o
done

# Load.
# flood N: N different requests at once; the statuses, sorted.
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
is "and answered" 200:40 "$(cat "$T/out")"
check "stop" stop_mock

start_mock -o slots=4 -o latency_ms=100
begin=$(date +%s%N)
is "more requests than slots" 200:20 "$(flood 20)"
took=$((($(date +%s%N) - begin) / 1000000))
check "queue" [ $took -ge 500 ]
check "stop" stop_mock

printf '{"times":7,"hold":true}\n' >"$T/s"
start_mock -s "$T/s" -o knee=2:1 -o latency_ms=50
flood 7 >"$T/out" &
wait_for in_flight_is 7
check "more requests than the knee" ask x -o /dev/null -w '%{time_total}\n' >"$T/time"
check "are slow" within "$T/time" 0.8 60
mock_goes_on
wait $!
is "and answered" 200:7 "$(cat "$T/out")"
check "stop" stop_mock

start_mock -o rpm=1 -o burst=3
is "a rate limit" '200:3 429:5' "$(flood 8)"
ask x -i >"$T/out"
check "has Retry-After" grep -qi '^Retry-After: [1-6]' "$T/out"
check "has x-ratelimit" grep -qi '^x-ratelimit-limit-requests: 1' "$T/out"
check "stop" stop_mock

start_mock -o fail_rate=0.5 -o fail_status=500
first=$(flood 40)
check "stop" stop_mock
start_mock -o fail_rate=0.5 -o fail_status=500
is "failures are the same each time" "$first" "$(flood 40)"
check "and are some" matches '^200:[1-9][0-9]* 500:[1-9]' <<-END
	$first
END
check "stop" stop_mock

printf '{"match":{"share":%s},"status":500}\n' 0 0.5 >"$T/s"
start_mock -s "$T/s"
first=$(flood 40)
check "stop" stop_mock
start_mock -s "$T/s"
is "a share of requests is the same each time" "$first" "$(flood 40)"
check "and is about that" matches '^200:[12][0-9] 500:[12][0-9]' <<-END
	$first
END
check "stop" stop_mock

start_mock -o latency=lognormal:20:100 -o ignore_n=1
is "lognormal latency" 200:20 "$(flood 20)"
is "n ignored" 1 "$(MORE='{"n":5}' texts x | jq length)"
check_fail "each answer anew" [ "$(texts y)" = "$(texts y)" ]
check "stop" stop_mock

start_mock -o require_key=K -o ctx=100 -o api=openai
is "no key" 401 "$(code x)"
is "no key for models" 401 \
	"$(curl -sS -o "$T/out" -w '%{http_code}' "$MOCK_URL/models")"
is "a key" 200 "$(ask x -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer K')"
is "an overflow" context_length_exceeded \
	"$(MORE='{"max_tokens":101}' ask x -H 'api-key: K' | jq -r .error.code)"
check "stop" stop_mock
start_mock -o ctx=100
is "an overflow as llama.cpp says it, of the prompt alone" '[125,100]' \
	"$(ask "$(printf '%0500d' 0)" | jq -c '[.error.n_prompt_tokens, .error.n_ctx]')"
is "no cap is too large for it" 200 \
	"$(MORE='{"max_tokens":101}' ask x -o /dev/null -w '%{http_code}')"

# What a rule holds comes when it is let go.
printf '{"times":1}\n{"hold":true,"text":"held"}\n' >"$T/s"
start_mock -s "$T/s"
is "not the first one" 200 "$(code x)"
texts x >"$T/x" &
pid=$!
texts y >"$T/y" &
check "two are held" wait_for in_flight_is 2
check_status "and go on being so" 28 ask z --max-time 0.3
check "let go" mock_goes_on
check "one is answered" wait $pid
check "and the other" wait $!
is "as the rule says" '["held"]["held"]' "$(cat "$T/x" "$T/y" | tr -d '\n')"
is "none is held any more" '["held"]' "$(texts z)"

# It ends with its parent.
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
check "it ends with its parent" wait_for gone

# Taking its port again, as after an outage.
port=$MOCK_PORT
check "stop" stop_mock
start_mock -o port="$port"
is "the same port again" "$port" "$MOCK_PORT"

done_testing
