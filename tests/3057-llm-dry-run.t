#!/bin/bash
# tg-llm --dry-run and tg-run --estimate: what a run would take, without a
# request.
# shellcheck source=tests/lib.sh
. tests/lib.sh

code() {
	jq -nc "range($1) | {text: \"def f\\(.)(x):\\n    return x + \\(.)\\n\"}"
}

start_mock
export OPENAI_BASE_URL=$MOCK_URL
code 20 >"$T/in"
{
	tg-prompt generate -t code_summary_retrieval "$T/in"
	jq -nc '{tg: {request: {kind: "judge", messages: [{role: "user",
		content: "yes or no"}], params: {max_tokens: 8}}}}'
	echo '{"inert":1}'
	echo 'no record'
} >"$T/asked"
check_status "a line that is no record makes status 1" 1 tg-llm --dry-run -n 3 --max-tokens 1000 \
	--price-in 1 --price-out 2 "$T/asked" >"$T/out" 2>"$T/err"
check "--dry-run prints the estimate as one object" jq -e '.requests == {generate: 20, judge: 1, negatives: 0, verify: 0, mirror: 0, rescore: 0} and
	.answered_by_cache == 0 and .calls == 21 and .estimated and
	.completion_tokens == 24002 and .completion_tokens_max == 61000 and
	(.cost * 1e6 | round) == .prompt_tokens + 2 * .completion_tokens and
	(.cost_max * 1e6 | round) == .prompt_tokens + 122000' "$T/out"
is "--dry-run prints nothing else" 1 "$(wc -l <"$T/out")"
bytes=$(head -n 20 "$T/asked" | jq -c .tg.request.messages | wc -c)
check "four bytes are estimated as one token" jq -e \
	"(.prompt_tokens - $bytes / 4 | fabs) < 40" "$T/out"
check "--dry-run says the estimate in words" grep -q \
	'^tg-llm: 21 requests (20 generate, 1 judge), 0 of them answered in the cache; about [0-9]* tokens in, 24002 out, at most 61000; cost about 0\.0[0-9]*, at most 0\.1[0-9]*$' \
	"$T/err"
head -n 21 "$T/asked" >"$T/a"
check "--dry-run asks no server for the model" tg-llm --dry-run -u http://127.0.0.1:1/v1 \
	"$T/a" >"$T/out"
check_status "--dry-run takes --single" 0 tg-llm --dry-run --single -n 3 "$T/a" \
	--stats "$T/stats" >"$T/out"
is "--single needs more calls" 61 "$(jq .calls "$T/out")"
check_same "--stats holds the same estimate" "$T/out" "$T/stats"
is "--only judge estimates only the judge's requests" '{"generate":0,"judge":1,"negatives":0,"verify":0,"mirror":0,"rescore":0}' \
	"$(tg-llm --dry-run --only judge "$T/a" | jq -c .requests)"
check_status "--dry-run with --cache needs the model" 2 tg-llm --dry-run --cache "$T/c" "$T/a"
check "--dry-run with a missing cache exits with 0" tg-llm --dry-run -m mock-model --cache "$T/c" "$T/a" >"$T/out"
check "--dry-run does not make the cache" [ ! -e "$T/c" ]
check_status "--dry-run with --export is refused" 2 tg-llm --dry-run -m m --export "$T/x" "$T/a"
check_status "--pretend without --dry-run is refused" 2 tg-llm --pretend "$T/a"
check "--dry-run --pretend exits with 0" tg-llm --dry-run --pretend -n 2 "$T/a" --stats "$T/stats" \
	>"$T/out"
check "--pretend answers each request with a text of the assumed length" jq -se 'length == 21 and
	all(.tg.request == null) and .[20].tg.response.choices[0].text == "1" and
	(.[0].tg.response.choices | length == 2 and .[0].text != .[1].text and
	(.[0].text | length | . > 1590 and . <= 1605))' "$T/out"
# asked KIND CAP: a request with messages of 391 bytes.
asked() {
	printf '{"tg":{"request":{"kind":"%s","messages":[{"role":"user","content":"%0360d"}],"params":{"max_tokens":%d}}}}\n' \
		"$1" 0 "$2"
}
# dry KIND CAP [OPTION...]: calls, tokens of prompts and answers, most tokens
dry() {
	asked "$1" "$2" | tg-llm --dry-run -n 3 "${@:3}" | jq -r \
		'"\(.calls) \(.prompt_tokens) \(.completion_tokens) \(.completion_tokens_max)"'
}
is "--dry-run counts four bytes of messages as a token, and the cap as the most" "1 98 300 300" "$(dry generate 100)"
is "--dry-run assumes that an answer has 400 tokens" "1 98 1200 3000" "$(dry generate 1000)"
is "--dry-run assumes one answer of 2 tokens for a judge" "1 98 2 8" "$(dry judge 8)"
is "--dry-run --single counts the prompt of each call" "3 294 30 30" "$(dry negatives 10 --single)"
{ asked generate 100; asked generate 1000; asked judge 8; asked negatives 10; } >"$T/b"
tg-llm --dry-run -n 3 "$T/b" 2>"$T/err" >"$T/out"
is "--dry-run says the sums in words" "tg-llm: 4 requests (2 generate, 1 judge, 1 negatives), 0 of them answered in the cache; about 392 tokens in, 1532 out, at most 3338" \
	"$(cat "$T/err")"
tg-llm --dry-run -n 3 --single --price-in 1 --price-out 2 "$T/b" 2>"$T/err" >"$T/out"
check "--dry-run with prices says the cost in words" grep -q 'cost about 0\.0040, at most 0\.0077$' "$T/err"
check "--dry-run with prices writes the cost as JSON" grep -q '"cost":0.004044,"cost_max":0.007656' "$T/out"
{ asked other 1; asked judge 1 | sed 's/\[.*\]/[]/'; } >"$T/b"
check_status "--dry-run fails for requests without a kind or messages" 1 tg-llm --dry-run --pretend "$T/b" >"$T/out" 2>"$T/err"
is "--dry-run --pretend ends requests without a kind or messages in error" bad_request_member "$(jq -r .tg.error.code "$T/out" | uniq)"
is "--dry-run does not count requests without a kind or messages" "tg-llm: 0 requests, 0 of them answered in the cache; about 0 tokens in, 0 out, at most 0" \
	"$(tail -n 1 "$T/err")"
is "--dry-run opens no connection" '0/0/1' \
	"$(mock_stats '"\(.requests)/\(.models)/\(.connections)"')"
kill "$MOCK_PID"

# A cache answers what it has.
printf '{"text":"%s"}\n' "$(printf '%0800d' 0)" >"$T/s"
start_mock -s "$T/s"
head -n 12 "$T/a" | tg-llm -u "$MOCK_URL" -m m --cache "$T/c" >"$T/out"
before=$(mock_stats .requests)
tg-llm --dry-run -m m --cache "$T/c" -u "$MOCK_URL" "$T/a" >"$T/out"
check "--dry-run counts answers in the cache and takes their length" \
	jq -e '.answered_by_cache == 12 and .calls == 9 and
	.answer_tokens.generate == {tokens: 200, assumed: false} and
	.completion_tokens == 1602' "$T/out"
is "the cache has no answers of another model" 0 "$(tg-llm --dry-run -m other --cache "$T/c" \
	"$T/a" | jq .answered_by_cache)"
is "--dry-run with a cache sends no request" "$before" "$(mock_stats .requests)"
kill "$MOCK_PID"

# A whole run, estimated and then real. Answers are as long as assumed.
start_mock -o tokens=150
run() {
	tg-run -t web_code_retrieval -N 2 -u "$MOCK_URL" -m m -C "$T/cache" "$@" \
		-- --price-in 1 --price-out 2
}
check "tg-run --estimate exits with 0" run --estimate "$T/in" >"$T/out" 2>"$T/err"
check "tg-run --estimate prints requests, calls and cost" jq -e '.documents == 20 and .calls == 60 and
	.requests == {generate: 20, judge: 20, negatives: 20, verify: 0, mirror: 0, rescore: 0} and
	.answered_by_cache == 0 and .cost > 0 and .cost_max > .cost' "$T/out"
check "tg-run --estimate says what it assumes" grep -q \
	'answers of 400 tokens (generate, a guess)' "$T/err"
check "tg-run --estimate sends no request and makes no cache" \
	[ "$(mock_stats .requests)" = 0 -a ! -e "$T/cache" ]
run "$T/in" >"$T/real" 2>"$T/err"
is "the run takes as many calls as estimated" "$(jq .calls "$T/out")" "$(mock_stats .requests)"
got=$(grep -o '[0-9]* tokens in' "$T/err" | head -n 1 | cut -d ' ' -f 1)
check "the run takes about as many tokens as estimated ($got tokens in)" jq -e \
	".prompt_tokens / $got | . > 0.8 and . < 1.6" "$T/out"
run --estimate "$T/in" >"$T/out" 2>"$T/err"
is "an estimate after the run counts no call" 0 "$(jq .calls "$T/out")"
code 25 >"$T/more"
run --estimate "$T/more" >"$T/out" 2>"$T/err"
is "an estimate counts the calls of new documents" 15 "$(jq .calls "$T/out")"
check_status "tg-run --estimate with a cache needs the model" 2 tg-run --estimate -C "$T/cache" \
	-t web_code_retrieval "$T/in"
check "tg-run --estimate without a cache needs no model" tg-run --estimate -t web_code_retrieval -q "$T/in" \
	>"$T/out" 2>"$T/err"
is "tg-run --estimate -q says nothing in words" '' "$(cat "$T/err")"
echo '[{"text":"a"}]' >"$T/array"
check_status "tg-run --estimate of a JSON array exits with 1" 1 tg-run --estimate -t web_code_retrieval \
	"$T/array" >"$T/out" 2>"$T/err"
check "and assumes nothing of answers" sh -c "! grep -q 'answers of' '$T/err'"
kill "$MOCK_PID"
done_testing
