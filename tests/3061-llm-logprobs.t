#!/bin/bash
# tg-llm --logprobs: servers that give no log probabilities are named at once.
. tests/lib.sh
cd "$T" || exit 3
asked 1 3 judge '{"max_tokens":8}' >in
llm() { tg-llm -u "$MOCK_URL" -m "${model:-M}" -q "$@" --logprobs 5 in >out 2>err; }
# refuses STATUS BODY: starts a mock that refuses log probabilities.
refuses() {
	jq -nc --argjson s "$1" --arg b "$2" '{match: {substring: "top_logprobs"}, status: $s, body: $b}' >rules
	start_mock -s rules
}
hint='tg-prompt judge --votes 5, in tg-run --votes 5$'

start_mock
check_status "a run on a server that ignores --logprobs exits with 0" 0 llm
is "it gives all answers" 3 "$(grep -c '"response"' out)"
is "the server is named once, at its first answer, with what helps" 1 \
	"$(grep -c "^tg-llm: $MOCK_URL: gives no log probabilities of M, although --logprobs asks for them; .*$hint" err)"
is "nothing else is said" 1 "$(wc -l <err)"
check_status "a run without --logprobs says nothing" 0 tg-llm -u "$MOCK_URL" -m M -q in >out 2>err
is "of log probabilities" '' "$(cat err)"

echo '{"match":{"substring":"question 1"},"text":"","finish_reason":"content_filter"}' >rules
start_mock -s rules
check_status "an empty first answer makes status 1" 1 llm -j 1
is "it shows nothing of the server, but the next does" 1 "$(grep -c 'gives no log probabilities' err)"
echo '{"match":{"substring":"question 1"},"ps":{"1":1}}' >rules
start_mock -s rules
check_status "an answer without log probabilities after one with them exits with 0" 0 llm -j 1
is "it names nobody" '' "$(cat err)"

# Words of OpenAI's models that reason, of gpt-5, and of Gemini.
for refusal in '403 You are not allowed to request logprobs from this model' \
	"400 Unsupported parameter: 'logprobs' is not supported with this model." \
	'400 Logprobs is not enabled for models/gemini-2.5-pro'; do
	refuses "${refusal%% *}" "$(jq -nc --arg m "${refusal#* }" '{error: {message: $m, type: "invalid_request_error", param: null, code: null}}')"
	check_status "a run exits with 0 after: $refusal" 0 llm
	is "it gives all answers without log probabilities after: $refusal" '3 null' \
		"$(grep -c '"response"' out) $(jq -c 'select(.status == 200) | .body | objects | .top_logprobs' "$MOCK_LOG" | sort -u)"
	is "it is said once, with what helps, after: $refusal" '1 1' \
		"$(grep -c 'refuses .*; NOT SENT, although --logprobs' err) $(grep -c "$hint" err)"
done
refuses 403 '{"error":{"message":"Your country is not allowed","code":"unsupported_country_region_territory"}}'
check_status "another 403 still stops the run" 4 llm

# Models that never give any are not asked for them.
start_mock
model=gpt-5-mini
check_status "a model that reasons exits with 0" 0 llm --dialect openai-reasoning
is "it is not asked for log probabilities" null "$(jq -c '.body | objects | .top_logprobs' "$MOCK_LOG" | sort -u)"
check "and it is named" grep -q "gives no log probabilities of gpt-5-mini" err

# Numbers that come: of digits in odd tokens, and of several votes.
model=M
cat >rules <<'END'
{"match":{"substring":"question 1\""},"ps":{"1":0.5," 1":0.1,"1\n":0.1,"0":0.2,"10":0.05,"-1":0.05}}
{"match":{"substring":"question 2\""},"text":["1","0","0"],"ps":[{"1":0.8,"0":0.2},{"0":0.6,"1":0.4},{"0":0.8,"1":0.2}]}
{"match":{"substring":"question 3\""},"text":["1","0","1"]}
END
start_mock -s rules
jq -c '.query = "q" | .pos = ["p"] | .tg.pair = true | .tg.request.n = 3' in >votes
tg-llm -u "$MOCK_URL" -m M -q --logprobs 5 --cache cache votes 2>err | tg-judge --keep-rejected >out
is "tokens of a digit are summed, and votes have the mean of theirs or their share" '0.777778 0.466667 0.666667' \
	"$(jq .tg.judge.p out | paste -sd ' ')"
check_fail "a server that gives some is not named" grep -q 'no log' err
tg-llm -u http://127.0.0.1:1/v1 -m M -q --logprobs 5 --cache cache votes 2>err | tg-judge --keep-rejected >again
check_same "the cache keeps the votes with their log probabilities" out again
done_testing
