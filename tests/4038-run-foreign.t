#!/bin/bash
# tg-run: pairs of the published generator are not judged again, and a run whose
# documents are all in the cache needs neither a server nor -m.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

start_mock -o owned_by=vllm
calls() { mock_stats .requests; }
verdicts() { jq -c 'select(.body.max_tokens == 8)' "$MOCK_LOG" | wc -l; }
id() { printf %s "$1" | md5sum | cut -c 1-32; }
for i in 1 2 3 4; do echo "{\"text\":\"f$i()\"}"; done >code.jsonl

# theirs N MEMBERS: makes the file that the published generator has for document N.
theirs() {
	jq -n --argjson more "$2" --arg t "f$1()" '[{prompt: "I", query: "their \($t)", pos: [$t], neg: []} + $more]' \
		>"foreign/$(id "f$1()").json"
}
mkdir foreign
theirs 1 '{}'
theirs 2 '{"neg": ["theirs"]}'
theirs 3 '{"generation_prompt": "G", "response": "<think>R</think>Q", "judge": "1", "judge_response": "1."}'
cp -r foreign debug
check_status "a run with --foreign exits with 0" 0 tg-run -u "$MOCK_URL" -m m -t web_code_retrieval \
	-C foreign --foreign -N 2 code.jsonl >out 2>err
is "pairs of the published generator are not judged, and a new one is" '3 1' \
	"$(grep -c 'their f' out) $(verdicts)"
is "pairs of the published generator get the negatives that they lack" '[2,2,2,2]' "$(jq -c '.neg | length' out | jq -sc .)"
is "the negatives of the published generator stay in front" theirs "$(sed -n 2p out | jq -r '.neg[0]')"
is "the verdict is stored with the pair" '{"verdict":1}' "$(jq -c '.[0].tg.judge' "foreign/$(id 'f1()').json")"
n=$(calls)
tg-run -u "$MOCK_URL" -m m -t web_code_retrieval -C foreign -N 2 code.jsonl >again 2>err
check_same "a later run takes them as its own" out again
mv out own
is "a later run asks nothing" "$n" "$(calls)"
tg-run -u "$MOCK_URL" -m m -t web_code_retrieval -C debug --foreign --debug --read-only code.jsonl >out 2>err
is "--debug shows what a debugging run of the published generator noted" '["G","<think>R</think>Q","1",null,"1."]' \
	"$(sed -n 3p out | jq -c '[.generation_prompt, .response, .judge, .judge_prompt, .judge_response]')"
is "--debug shows the verdict on other pairs" '"1" "1" "1" "1"' "$(jq -c .judge out | paste -sd ' ')"

# All in the cache, and no server.
nobody=http://127.0.0.1:1/v1
check_status "a run without -m and a server from the cache exits with 0" 0 tg-run -u $nobody -t web_code_retrieval \
	-C foreign -N 2 code.jsonl -- --retries 0 >again 2>err
check_same "a run without -m and a server gives the same triplets" own again
is "the model that is taken is named" 'tg-run: taking the model m, the only one that foreign knows' \
	"$(grep 'taking the model' err)"
tg-run -u "$MOCK_URL" -m other -t web_code_retrieval -C foreign -N 2 code.jsonl >out 2>err
check_status "with two models in the cache a run without -m and a server exits with 4" 4 tg-run -u $nobody \
	-t web_code_retrieval -C foreign -N 2 code.jsonl -- --retries 0 >out 2>err
is "the message asks for -m, with which no server is needed" \
	'tg-run: what foreign answers needs no server, but -m must name the model' "$(tail -n 1 err)"
check_status "with -m a run of a cache with two models needs no server" 0 tg-run -u $nobody -m m \
	-t web_code_retrieval -C foreign -N 2 code.jsonl >again 2>err
check_same "with -m the triplets are those of that model" own again
check_status "without a cache a run without -m and a server exits with 4" 4 tg-run -u $nobody \
	-t web_code_retrieval code.jsonl -- --retries 0 >out 2>err
check "the mock server stops without a fault" stop_mock
done_testing
