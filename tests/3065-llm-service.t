#!/bin/bash
# tg-llm: what the user says of a service, and what tg-llm finds out.
# shellcheck source=tests/lib.sh
. tests/lib.sh

asked 1 3 >"$T/in"

# /models is only a hint if the model is named.
while read -r name rule; do
	printf '{"match":{"path":"/models"},%s}\n' "$rule" >"$T/s"
	start_mock -s "$T/s"
	check_status "/models fails by \"$name\": a run that names the model exits with 0" 0 tg-llm -q -v -m m -u "$MOCK_URL" --timeout 2 \
		"$T/in" >"$T/out" 2>"$T/err"
	is "/models fails by \"$name\": all records are answered with one message" "3/1/1" "$(
		grep -c '"response"' "$T/out")/$(grep -c 'taken for generic' "$T/err")/$(
		wc -l <"$T/err")"
	check "/models fails by \"$name\": it is asked for at most twice" [ "$(grep -c '/models"' "$MOCK_LOG")" -le 2 ]
	: >"$T/err"
	tg-llm -q -m m -u "$MOCK_URL" --timeout 2 "$T/in" >"$T/out" 2>"$T/err"
	check "/models fails by \"$name\": nothing is said without -v" [ ! -s "$T/err" ]
	kill "$MOCK_PID"
done <<-'END'
	429 "status":429
	500 "status":500
	501 "status":501
	503 "status":503
	reset "reset":true
	hangs "stall":true
END
echo '{"match":{"path":"/models"},"status":500,"times":1}' >"$T/s"
start_mock -s "$T/s" -o owned_by=vllm
asked 1 1 judge '{"choice":["0","1","2"]}' >"$T/judge"
check "a run in which /models fails once exits with 0" tg-llm -m m -u "$MOCK_URL" "$T/judge" >"$T/out"
check "a /models that fails once is asked for again" grep -q structured_outputs "$MOCK_LOG"
kill "$MOCK_PID"
echo '{"match":{"path":"/models"},"status":401}' >"$T/s"
start_mock -s "$T/s"
check_status "a key that /models refuses makes status 4 even if the model is named" 4 tg-llm -m m -u "$MOCK_URL" "$T/in" \
	>"$T/out" 2>"$T/err"
kill "$MOCK_PID"
# /models is needed if no model is named.
echo '{"match":{"path":"/models"},"status":500}' >"$T/s"
start_mock -s "$T/s"
check_status "a failing /models without a model makes status 4" 4 tg-llm -u "$MOCK_URL" --retries 1 "$T/in" \
	>"$T/out" 2>"$T/err"
check "the message says how /models failed and to name a model" grep -q 'stopped: .*/models: status 500.* name one with -m' "$T/err"
check_fail "the message does not say that nobody answers" grep -q 'no LLM service answers' "$T/err"
kill "$MOCK_PID"

# Base URLs that are refused.
start_mock
while read -r url why; do
	shown=${url%%[?#]*} # what is behind it may be a secret
	check_status "the base URL $url is refused" 2 tg-llm -u "$url" "$T/in" >"$T/out" 2>"$T/err"
	check "the message gives the reason for the base URL $url" grep -q "^tg-llm: $shown.*: .*$why" "$T/err"
	check_fail "the message shows no secret of the base URL $url" grep -q 'version=2\|#x' "$T/err"
done <<-END
	https:// no host
	http:/// no host
	http://:80/v1 no host
	$MOCK_URL?api-version=2 ends before
	$MOCK_URL#x ends before
	$MOCK_URL/chat/completions leave out /chat/completions
	$MOCK_URL/chat/completions/ leave out /chat/completions
END
is "no request is sent to a base URL that is refused" 0 "$(mock_stats .requests)"

# Headers, keys and limits.
OPENAI_CUSTOM_HEADERS='nonsense' tg-llm -m m -u "$MOCK_URL" "$T/in" >"$T/out" 2>"$T/err"
is "a header without a colon is left out with a message" 0/1 \
	"$?/$(grep -c 'OPENAI_CUSTOM_HEADERS: a line without a colon' "$T/err")"
check_fail "the message about a header does not show it" grep -q nonsense "$T/err"
check_status "a key of two lines is refused" 2 env OPENAI_API_KEY=$'one\ntwo' \
	tg-llm -m m -u "$MOCK_URL" "$T/in" >"$T/out" 2>"$T/err"
check "the message says that the key holds a line break" grep -q 'key: it holds a line break' "$T/err"
for option in --rpm --tpm; do
	check_status "$option 0 is refused" 2 tg-llm $option 0 -m m -u "$MOCK_URL" "$T/in" >"$T/out" 2>"$T/err"
done
check_status "a limit of 40 open files makes status 3" 3 prlimit -n40:40 tg-llm -m m -u "$MOCK_URL" "$T/in" \
	>"$T/out" 2>"$T/err"
check "the message says how to raise the limit on open files" grep -q 'ulimit -n' "$T/err"
kill "$MOCK_PID"
echo '{"status":404,"body":""}' >"$T/s"
start_mock -s "$T/s"
tg-llm -m m -u "$MOCK_URL" "$T/in" >"$T/out" 2>"$T/err"
check "the message about an error without a body says that no reason was given" grep -q 'status 404: no reason given; what was not' "$T/err"
kill "$MOCK_PID"
done_testing
