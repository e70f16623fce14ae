#!/bin/bash
# tg-llm: requests that name their samples, requests for negatives that fail,
# and records that only the response cache may answer.
. tests/lib.sh
cd "$T" || exit 3

cat >rules <<'END'
{"match":{"substring":"question 7"},"body":{"choices":[{"message":{"content":null,"refusal":"No."},"finish_reason":"stop"}]}}
{"match":{"substring":"question 8"},"status":400,"body":{"error":{"message":"too bad"}}}
{"match":{"substring":"question 9"},"finish_reason":["stop","length","stop"]}
{"match":{"substring":"reason"},"reasoning":"because \"so\"","text":"42"}
END
start_mock -o owned_by=vllm -s rules
llm() { tg-llm -u "$MOCK_URL" -m m "$@"; }
calls() { mock_stats .requests; }
# samples N FIRST: prints a request for these samples.
samples() { asked 1 1 negatives | jq -c --argjson n "$1" --argjson first "$2" '.tg.request += {n: $n, first: $first}'; }

# The samples of a request.
is "n of a request decides, not -n" '3 3' "$(samples 3 0 | llm -n 5 | jq '.tg.response.choices | length') $(tail -n 1 "$MOCK_LOG" | jq .body.n)"
is "-n decides where a request has none" 5 "$(asked 1 1 negatives | llm -n 5 | jq '.tg.response.choices | length')"
samples 2 0 | llm --cache c >low
samples 3 2 | llm --cache c >high
n=$(calls)
samples 5 0 | llm --cache c >all
is "samples from the first on are stored under their own numbers" "5 0" "$(jq '.tg.response.choices | length' all) $(($(calls) - n))"
is "they are the answers to the two requests" "$(cat low high | jq -c '.tg.response.choices[].text')" "$(jq -c '.tg.response.choices[].text' all)"
samples 3 2 | llm --cache c >out
is "they are found again" "$(jq -c .tg.response.choices high)" "$(jq -c .tg.response.choices out)"
is "only the missing ones are asked for" 2 "$(samples 5 2 | llm --cache c >out; tail -n 1 "$MOCK_LOG" | jq .body.n)"
is "seeds count on from the first sample" '[5,8]' "$(
	samples 2 0 | llm --seed 5 >out && tail -n 1 "$MOCK_LOG" | jq .body.seed >a
	samples 2 3 | llm --seed 5 >out && tail -n 1 "$MOCK_LOG" | jq .body.seed >b
	jq -sc . a b)"
is "--single asks for each sample from the first on with its own seed" '[8,9]' "$(
	before=$(wc -l <"$MOCK_LOG")
	samples 2 3 | llm --single --seed 5 >out
	tail -n +$((before + 1)) "$MOCK_LOG" | jq -c .body.seed | sort -n | jq -sc .)"
is "--dry-run counts the samples that a request names" '[1,4]' "$(samples 5 3 | llm --cache c --dry-run 2>err | jq -c '[.requests.negatives, .cached]')"
for bad in '0 0' '1001 0' '-1 0' '1 -1' '1 1001'; do
	# shellcheck disable=SC2086
	check_status "n and first of $bad make status 1" 1 llm < <(samples $bad) >out
	is "n and first of $bad end the record in an error" bad_request_member "$(jq -r .tg.error.code out)"
done

# Requests for negatives that fail.
asked 7 9 negatives >in
check_status "requests for negatives that fail make status 0" 0 llm -n 3 --keep --stats stats in >out
is "they leave a response that tells why" '["refusal","the model refused",null,[]] ["bad_request","status 400: too bad",400,[]]' \
	"$(head -n 2 out | jq -c '.tg.response | [.error.code, .error.message, .error.status, .choices]' | paste -sd ' ')"
is "good answers beside bad ones stay" '2 null' "$(sed -n 3p out | jq -r '.tg.response | "\(.choices | length) \(.error)"')"
is "they leave no log" '[null,null,1]' "$(jq -c '.tg.log | length | if . == 0 then null else . end' out | jq -sc .)"
is "the statistics count them neither as answered nor as errors" '[3,1,{}]' "$(jq -c '[.records, .answered, .errors]' stats)"
tg-negs out >negs 2>err
is "tg-negs passes the pairs on" 3 "$(jq -c 'select(.tg | .error or .request or .response | not)' negs | wc -l)"
for kind in generate judge; do
	check_status "a request of another kind that fails makes status 1 ($kind)" 1 llm < <(asked 8 8 $kind) >out 2>err
	is "a request of another kind that fails ends its record ($kind)" bad_request "$(jq -r .tg.error.code out)"
done
check_status "a request for negatives without a server makes status 4" 4 tg-llm -u http://127.0.0.1:1/v1 -m m --retries 0 in >out 2>err
is "a request for negatives that was stopped ends in an error" stopped "$(jq -r .tg.error.code out | sort -u)"

# Reasoning is kept where it may be shown.
jq -nc '{tg: {request: {kind: ("generate", "negatives"), step: 1, messages: [{role: "user", content: "reason"}]}}}' >in
llm --cache r --keep in >out
is "the log has the reasoning, and the answer has not" '["<think>\nbecause \"so\"\n</think>\n\n42","42"]' \
	"$(head -n 1 out | jq -c '[.tg.log[0].answer, .tg.response.choices[0].text]')"
head -n 1 in | llm --cache r --keep >again
is "the log from the cache is the same" "$(head -n 1 out | jq -c .tg.log)" "$(jq -c .tg.log again)"
is "the cache keeps the reasoning of an answer, and not of negatives" 1 "$(cat r/*.jsonl | grep -c '"reasoning":"because')"

# Records that only the cache may answer.
asked 20 22 generate >in
head -n 1 in | llm --cache only >stored
jq -c '.tg.replay = true' in >replays
n=$(calls)
check_status "records that are replayed make status 0" 0 llm --cache only replays >out
is "a replayed record gets the stored answer" "$(jq -c .tg.response.choices stored)" "$(head -n 1 out | jq -c .tg.response.choices)"
check_same "a replayed record without a stored answer stays as it is" <(tail -n 2 replays) <(tail -n 2 out)
is "replayed records ask no server" "$n" "$(calls)"
check_status "without a cache replayed records make status 0" 0 tg-llm -u http://127.0.0.1:1/v1 replays >out
check_same "without a cache replayed records stay as they are" replays out
is "--dry-run counts only what the cache answers" '[1,0]' "$(llm --cache only --dry-run replays 2>err | jq -c '[.requests.generate, .calls]')"
check "the mock server stops without a fault" stop_mock
done_testing
