#!/bin/bash
# tg-llm: what it is told of a service, and what it finds out there.
# shellcheck source=tests/lib.sh
. tests/lib.sh

asked 1 3 >"$T/in"

# /models is but a hint where the model is named.
while read -r name rule; do
	printf '{"match":{"path":"/models"},%s}\n' "$rule" >"$T/s"
	start_mock -s "$T/s"
	check_status "/models: $name, model named" 0 tg-llm -v -m m -u "$MOCK_URL" --timeout 2 \
		"$T/in" >"$T/out" 2>"$T/err"
	is "/models: $name: all is answered, one line says so" "3/1/1" "$(
		grep -c '"response"' "$T/out")/$(grep -c 'taken for generic' "$T/err")/$(
		wc -l <"$T/err")"
	check "/models: $name: few looks" [ "$(grep -c '/models"' "$MOCK_LOG")" -le 2 ]
	: >"$T/err"
	tg-llm -m m -u "$MOCK_URL" --timeout 2 "$T/in" >"$T/out" 2>"$T/err"
	check "/models: $name: nothing said without -v" [ ! -s "$T/err" ]
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
check "one that fails once" tg-llm -m m -u "$MOCK_URL" "$T/judge" >"$T/out"
check "is looked at again" grep -q structured_outputs "$MOCK_LOG"
kill "$MOCK_PID"
echo '{"match":{"path":"/models"},"status":401}' >"$T/s"
start_mock -s "$T/s"
check_status "a refused key is one all the same" 4 tg-llm -m m -u "$MOCK_URL" "$T/in" \
	>"$T/out" 2>"$T/err"
kill "$MOCK_PID"
# and needed where it is not
echo '{"match":{"path":"/models"},"status":500}' >"$T/s"
start_mock -s "$T/s"
check_status "/models fails, no model" 4 tg-llm -u "$MOCK_URL" --retries 1 "$T/in" \
	>"$T/out" 2>"$T/err"
check "the reason is told" grep -q 'stopped: .*/models: status 500.* name one with -m' "$T/err"
check_fail "not that nobody is there" grep -q 'no LLM service answers' "$T/err"
kill "$MOCK_PID"

# Base URLs that will not do.
start_mock
while read -r url why; do
	check_status "-u $url" 2 tg-llm -u "$url" "$T/in" >"$T/out" 2>"$T/err"
	check "-u $url: why" grep -q "^tg-llm: $url: .*$why" "$T/err"
done <<-END
	https:// no host
	http:/// no host
	http://:80/v1 no host
	$MOCK_URL?api-version=2 ends before
	$MOCK_URL#x ends before
	$MOCK_URL/chat/completions leave out /chat/completions
	$MOCK_URL/chat/completions/ leave out /chat/completions
END
is "nobody is asked" 0 "$(mock_stats .requests)"

# Headers, keys and limits.
OPENAI_CUSTOM_HEADERS='nonsense' tg-llm -m m -u "$MOCK_URL" "$T/in" >"$T/out" 2>"$T/err"
is "a header without a colon is passed over, and said" 0/1 \
	"$?/$(grep -c 'OPENAI_CUSTOM_HEADERS: a line without a colon' "$T/err")"
check_fail "not what it was" grep -q nonsense "$T/err"
check_status "a key of two lines" 2 env OPENAI_API_KEY=$'one\ntwo' \
	tg-llm -m m -u "$MOCK_URL" "$T/in" >"$T/out" 2>"$T/err"
check "is told from others" grep -q 'key: it holds a line break' "$T/err"
for option in --rpm --tpm; do
	check_status "$option 0" 2 tg-llm $option 0 -m m -u "$MOCK_URL" "$T/in" >"$T/out" 2>"$T/err"
done
check_status "too few open files" 3 prlimit -n40:40 tg-llm -m m -u "$MOCK_URL" "$T/in" \
	>"$T/out" 2>"$T/err"
check "it is told how to have more" grep -q 'ulimit -n' "$T/err"
kill "$MOCK_PID"
echo '{"status":404,"body":""}' >"$T/s"
start_mock -s "$T/s"
tg-llm -m m -u "$MOCK_URL" "$T/in" >"$T/out" 2>"$T/err"
check "an error without a word" grep -q 'status 404: no reason given; what was not' "$T/err"
kill "$MOCK_PID"
done_testing
