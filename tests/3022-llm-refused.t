#!/bin/bash
# tg-llm: whether a refusal is the fault of its record or of the whole service.
# shellcheck source=tests/lib.sh
. tests/lib.sh

llm() {
	tg-llm -m m --dialect generic -u "$MOCK_URL" --stats "$T/stats" "$@"
}

# codes: prints how many records ended with which code, answered ones as "ok".
codes() {
	jq -r '.tg.error.code // "ok"' "$T/out" | sort | uniq -c | awk '{ printf "%s%s %s", s, $1, $2; s = ", " }'
}
answered() {
	grep -c '"response"' "$T/out"
}
# requests N: prints how many requests the server has had for record N.
requests() {
	grep -c "question $1\"" "$MOCK_LOG"
}

asked 1 60 >"$T/in"

# What concerns all requests is told with many statuses.
while read -r name status body; do
	printf '{"status":%s,"body":%s}\n' "$status" "$body" >"$T/s"
	start_mock -s "$T/s"
	check_status "$name: the run stops with status 4" 4 llm -v "$T/in" >"$T/out" 2>"$T/err"
	n=$(mock_stats .requests)
	check "$name: few requests are sent ($n)" [ "$n" -le 6 ]
	check "$name: no record is marked as bad" jq -se 'length > 0 and all(.tg.error.code == "stopped")' "$T/out"
	check "$name: the message has the server's words" grep -q "stopped: $MOCK_URL: .*status $status: " "$T/err"
	kill "$MOCK_PID"
done <<-'END'
	key 401 {"error":{"message":"Incorrect API key provided"}}
	key-as-400 400 [{"error":{"code":400,"message":"API key not valid. Please pass a valid API key."}}]
	key-of-LiteLLM 400 {"error":{"message":"No connected db.","code":"400"}}
	model-as-400 400 {"error":{"message":"Invalid model name passed in model=m","code":"400"}}
	model-as-404 404 {"error":{"message":"model 'm' not found"}}
	key-as-500 500 {"error":{"message":"Incorrect API key provided: sk-x. (request id: 7)","type":"new_api_error"}}
	chat-as-400 400 {"error":{"message":"\"m\" does not support chat"}}
	chat-as-501 501 {"error":{"message":"This server does not support completions. Start it without `--embeddings`"}}
	money-as-402 402 {"error":{"message":"Insufficient Balance"}}
	money-as-400 400 {"error":{"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."}}
	money-as-429 429 {"error":{"message":"You exceeded your current quota, please check your plan and billing details."}}
	unknown-words 422 {"detail":"request 4711: the moon is not full"}
END
# Money that is told in a 200 has no status.
echo '{"body":{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}}' >"$T/s"
start_mock -s "$T/s"
check_status "money that is told in a 200 stops the run" 4 llm "$T/in" >"$T/out" 2>"$T/err"
check "money that is told in a 200 marks no record as bad" jq -se 'all(.tg.error.code == "stopped")' "$T/out"
kill "$MOCK_PID"

# Each refusal may have words of its own.
jq -nc '[range(97; 123)] as $l | range(60) | {status: 422, match: {substring: "question \(. + 1)\""},
	body: {detail: ([$l[. % 26], $l[. % 7], $l[. % 11]] | implode)}}' >"$T/s"
start_mock -s "$T/s"
check_status "refusals that differ stop the run with status 4" 4 llm -j 4 "$T/in" >"$T/out" 2>"$T/err"
n=$(mock_stats .requests)
check "refusals that differ: few requests are sent ($n)" [ "$n" -le 14 ]
is "refusals that differ leave all records stopped" "60 stopped" "$(codes)"
kill "$MOCK_PID"

# A single record is evidence, too, when it is refused three times.
echo '{"status":401}' >"$T/s"
start_mock -s "$T/s"
asked 1 1 >"$T/one"
check_status "a single record that is refused stops the run" 4 llm "$T/one" >"$T/out" 2>"$T/err"
is "a single record is refused three times before that" "3/1 stopped" "$(mock_stats .requests)/$(codes)"
kill "$MOCK_PID"

# Until an answer came, at most four requests are in flight.
echo '{"hold":true}' >"$T/s"
start_mock -s "$T/s"
llm -j 16 "$T/in" >"$T/out" 2>"$T/err" &
pid=$!
wait_for in_flight_is 4
sleep 0.3
is "an endpoint that has not answered gets four requests" 4 "$(mock_stats .in_flight)"
mock_goes_on
check "the run goes on when they are answered" wait $pid
kill "$MOCK_PID"
while read -r name rule; do
	printf '%s\n' "$rule" '{"hold":true}' >"$T/s"
	start_mock -s "$T/s"
	llm -j 16 "$T/in" >"$T/out" 2>"$T/err" &
	pid=$!
	check "$name: the full number of requests goes" wait_for in_flight_is 16
	mock_goes_on
	wait $pid
	kill "$MOCK_PID"
done <<-'END'
	an-answer {"times":1}
	a-prompt-that-is-too-long {"times":1,"status":400,"body":{"error":{"message":"prompt is too long: 208310 tokens > 200000 maximum"}}}
	a-filter {"times":1,"status":400,"body":{"error":{"code":"content_filter","message":"filtered"}}}
END

# Something between tg-llm and the service refuses one document.
for status in 401 403 404; do
	printf '%s\n' '{"match":{"substring":"question 30\""},"status":'$status',"body":"<title>Request blocked</title>"}' >"$T/s"
	start_mock -s "$T/s"
	check_status "a document that gets $status makes status 1" 1 llm -j 8 "$T/in" >"$T/out" 2>"$T/err"
	is "a document that gets $status is tried twice more" 3/3 \
		"$(requests 30)/$(jq 'select(.tg.error) | .tg.error.attempts' "$T/out")"
	is "a document that gets $status is an error, and the others are answered" 30/59 \
		"$(jq -r 'select(.tg.error.status == '$status') | .tg.id' "$T/out")/$(answered)"
	kill "$MOCK_PID"
done
printf '%s\n' '{"match":{"substring":"question 60\""},"status":403}' >"$T/s"
start_mock -s "$T/s"
check_status "the last document of a run is refused, and the run ends with status 1" 1 llm -j 8 "$T/in" >"$T/out" 2>"$T/err"
is "the last document is an error" "59 ok, 1 unauthorised" "$(codes)"
check_status "with --retries 0 the run ends with status 1" 1 llm -j 8 --retries 0 "$T/in" >"$T/out" 2>"$T/err"
is "with --retries 0 the document is not tried again" 4 "$(requests 60)"
kill "$MOCK_PID"
# The first document may be the one, while the others take their time.
printf '%s\n' '{"match":{"substring":"question 1\""},"status":403}' '{"hold":true}' >"$T/s"
start_mock -s "$T/s"
asked 1 3 >"$T/three"
llm "$T/three" >"$T/out" 2>"$T/err" &
pid=$!
requests_are() {
	[ "$(mock_stats .requests)" -eq "$1" ]
}
tries_of_first() {
	[ "$(requests 1)" -ge "$1" ]
}
check "the first document is refused and tried again" wait_for tries_of_first 3
check "that does not stop the run" kill -0 $pid
mock_goes_on
check_status "a first document that is refused makes status 1" 1 wait $pid
is "only the first document is an error" "2 ok, 1 unauthorised" "$(codes)"
kill "$MOCK_PID"
# So may the first three, when another one is under way.
jq -nc '(range(1; 4) | {match: {substring: "question \(.)\""}, status: 403, delay_ms: 700}), {hold: true}' >"$T/s"
start_mock -s "$T/s"
llm -j 8 "$T/in" >"$T/out" 2>"$T/err" &
pid=$!
# ended: prints how many requests were answered, and whether no more are in flight than at first
ended() {
	mock_stats | jq -r '"\(.requests - .in_flight) \(.in_flight <= 4)"'
}
three_have_ended() {
	[ "$(ended)" = "3 true" ]
}
check "four documents are under way" wait_for requests_are 4
check "three of them are refused" wait_for three_have_ended
sleep 1.5
is "none of the three is sent again until another is answered" "3 true" "$(ended)"
mock_goes_on
check_status "three documents that are refused at the start make status 1" 1 wait $pid
is "these three documents are errors" "57 ok, 3 unauthorised" "$(codes)"
kill "$MOCK_PID"
# Twelve may be refused at once, before any of those sent with them is answered.
jq -nc '(range(20; 32) | {match: {substring: "question \(.)\""}, status: 403}), {times: 4}, {hold: true}' >"$T/s"
start_mock -s "$T/s"
llm -j 64 "$T/in" >"$T/out" 2>"$T/err" &
pid=$!
check "twelve documents are refused while others take their time" wait_for in_flight_is 44
sleep 0.3
mock_goes_on
check_status "twelve documents that are refused at once make status 1" 1 wait $pid
is "these twelve documents are errors" "48 ok, 12 unauthorised" "$(codes)"
is "each of them is tried twice more" '[3]' "$(jq -sc 'map(.tg.error.attempts | values) | unique' "$T/out")"
kill "$MOCK_PID"
# Nine documents in a row are no proof.
jq -nc 'range(20; 29) | {match: {substring: "question \(.)\""}, status: 403}' >"$T/s"
start_mock -s "$T/s"
check_status "nine documents in a row that are refused make status 1" 1 llm -j 1 "$T/in" >"$T/out" 2>"$T/err"
is "nine documents in a row are errors, and the others are answered" "51 ok, 9 unauthorised" "$(codes)"
kill "$MOCK_PID"

# A key runs out.
for jobs in 1 4 64; do
	printf '%s\n' '{"times":20}' '{"status":401}' >"$T/s"
	start_mock -s "$T/s"
	asked 1 300 >"$T/many"
	check_status "-j $jobs: a key that runs out makes status 4" 4 llm -j $jobs "$T/many" >"$T/out" 2>"$T/err"
	n=$(mock_stats .requests)
	check "-j $jobs: it is refused about ten times ($n requests)" [ "$n" -le $((20 + 10 + jobs)) ]
	is "-j $jobs: what was answered is out, and no record is marked as bad" 20/stopped "$(answered)/$(
		jq -r '.tg.error.code | values' "$T/out" | sort -u)"
	kill "$MOCK_PID"
done
# It runs out when few records are left.
for left in 2 3 9; do
	printf '%s\n' '{"times":'$((60 - left))'}' '{"status":401}' >"$T/s"
	start_mock -s "$T/s"
	want="$((60 - left)) ok, $left stopped" status=4
	# the documents may as well be at fault
	[ $left -gt 2 ] || want="$((60 - left)) ok, $left unauthorised" status=1
	check_status "refusals of the last $left make status $status" $status llm -j 4 "$T/in" >"$T/out" 2>"$T/err"
	is "refusals of the last $left: $want" "$want" "$(codes)"
	kill "$MOCK_PID"
done
# Money may be gone at the last record, whose fault that cannot be.
printf '%s\n' '{"times":59}' '{"status":429,"body":{"error":{"code":"insufficient_quota"}}}' >"$T/s"
start_mock -s "$T/s"
check_status "money that is gone at the last record makes status 4" 4 llm -j 4 "$T/in" >"$T/out" 2>"$T/err"
is "money that is gone at the last record leaves it stopped" "59 ok, 1 stopped" "$(codes)"
kill "$MOCK_PID"

# Words about single requests that nobody knows stop nothing once one is answered.
printf '%s\n' '{"times":1}' '{"status":422,"body":"the moon is not full"}' >"$T/s"
start_mock -s "$T/s"
check_status "unknown words after an answer make status 1" 1 llm -j 4 "$T/in" >"$T/out" 2>"$T/err"
is "unknown words after an answer are errors of their records" "59 bad_request, 1 ok" "$(codes)"
kill "$MOCK_PID"

# One of two endpoints has another model.
start_mock -o latency_ms=20
good=$MOCK_URL goodpid=$MOCK_PID
echo '{"status":400,"body":{"error":{"message":"Model Not Exist"}}}' >"$T/s"
start_mock -s "$T/s"
check "a run with an endpoint without the model exits with 0" tg-llm -m m --dialect generic -u "$MOCK_URL" -u "$good" -j 16 "$T/in" \
	>"$T/out" 2>"$T/err"
n=$(mock_stats .requests)
check "the endpoint without the model gets few requests ($n)" [ "$n" -le 6 ]
is "the other one answers all, and one message says so" 60/1 "$(answered)/$(grep -c 'not asked any more' "$T/err")"
kill "$MOCK_PID" "$goodpid"
done_testing
