#!/bin/bash
# tg-llm --export and --import: a batch in place of a server.
. tests/lib.sh
cd "$T" || exit 3
export TG_MODEL=m

# asked N...: records that ask to generate, one for each text.
asked() { printf '{"text":"%s","n":1.50}\n' "$@" | tg-prompt generate -t web_code_retrieval; }

# answer [JQ]: request lines to result lines, as OpenAI writes them; the text is
# the custom_id and the index. JQ may change a result; $body is the request's.
answer() {
	jq -c '.body as $body | {id: ("batch_req_" + .custom_id), custom_id, response: {
		status_code: 200, request_id: "r", body: {model: "m-1", choices: [
		range($body.n // 1) as $i | {index: $i, message: {role: "assistant",
		content: "\(.custom_id) \($i)"}, finish_reason: "stop"}],
		usage: {prompt_tokens: 10, completion_tokens: 3,
		prompt_tokens_details: {cached_tokens: 2}}}}, error: null} | '"${1:-.}" |
		shuf --random-source=/dev/zero
}
choices() { jq -c '[.tg.response.choices[].text | gsub("tg-[0-9a-f]*"; "")]' "$@"; }

# Out, in, and what the lines are.
asked a b a c >in
check_status "export" 0 tg-llm --export q.jsonl <in >out 2>err
check_same "export: the records pass" in out
is "export: a line for each that differs" 3 "$(wc -l <q.jsonl)"
is "export: it says so" "tg-llm: 3 requests for 4 records in q.jsonl" "$(cat err)"
is "export: the form of a line" '["custom_id","method","url","body"]' \
	"$(jq -c keys_unsorted q.jsonl | sort -u)"
is "export: method and path" 'POST /v1/chat/completions' \
	"$(jq -r '"\(.method) \(.url)"' q.jsonl | sort -u)"
is "export: the body" '["messages","model","temperature","top_p","max_completion_tokens"]' \
	"$(jq -c '.body | keys_unsorted' q.jsonl | sort -u)"
is "export: ids of their own" 3 "$(jq -r .custom_id q.jsonl | sort -u | wc -l)"
is "export: ids that any vendor takes" '' "$(jq -r .custom_id q.jsonl | grep -Evx '[a-z0-9-]{1,64}')"
check_status "once more" 3 tg-llm --export q.jsonl <in >out 2>err
is "once more: what is there stays" "tg-llm: q.jsonl: is there already" "$(cat err)"
check_status "again" 0 tg-llm --export again.jsonl -j 3 --timeout 7 <in >out 2>err
check_same "again: the same" q.jsonl again.jsonl

answer <q.jsonl >res
check_status "import" 0 tg-llm --import res <in >out 2>err
is "import: nothing to say" '' "$(cat err)"
is "import: each has its own, in order" "$(for i in 1 2 1 3; do sed -n ${i}p q.jsonl; done | jq -r .custom_id)" \
	"$(jq -r '.tg.response.choices[0].text | sub(" 0$"; "")' out)"
is "import: the members of a response" \
	'["kind","step","choices","model","usage","latency_ms","attempts"]' \
	"$(jq -c '.tg.response | keys_unsorted' out | sort -u)"
is "import: the response" \
	'{"finish":"stop","model":"m-1","usage":{"prompt_tokens":10,"completion_tokens":3,"cached_tokens":2}}' \
	"$(sed -n 2p out | jq -c '.tg.response | {finish: .choices[0].finish_reason, model, usage}')"
is "import: what serves two is counted once" 30 "$(jq -s 'map(.tg.response.usage.prompt_tokens) | add' out)"
is "import: no request is left" 0 "$(grep -c '"request"' out)"
is "import: users' bytes" 4 "$(grep -c '"n":1.50,' out)"
tg-llm --import res --stats stats <in >out 2>err
is "import: the stats" '[4,4,3,30,9]' \
	"$(jq -c '[.records, .answered, .calls, .prompt_tokens, .completion_tokens]' stats)"
tg-llm --import res --stats stats --price-in 1000 --price-out 2000 <in >out 2>err
is "import: what it cost" 0.048 "$(jq .cost stats)"

# As online: the same records but for how long it took.
start_mock -o owned_by=openai
jq -c '.body' q.jsonl | while read -r body; do
	curl -sS -d "$body" "$MOCK_URL/chat/completions" | jq -c .
done >bodies
paste -d '\n' q.jsonl bodies | jq -c '. as $q | input as $body | {id: "x", custom_id:
	$q.custom_id, response: {status_code: 200, body: $body}, error: null}' | tac >res.mock
tg-llm --import res.mock <in >batch.out 2>err
: >"$MOCK_LOG"
tg-llm -u "$MOCK_URL" <in >online.out 2>err
is "the requests are those sent online" "$(jq -cS .body q.jsonl | sort)" \
	"$(jq -cS .body "$MOCK_LOG" | grep messages | sort -u)"
check_same "the records are those of an online run" \
	<(jq -c 'del(.tg.response.latency_ms)' online.out | sed '3s/"usage":{[^}]*}/"usage":"none"/') \
	<(jq -c 'del(.tg.response.latency_ms)' batch.out | sed '3s/"usage":{[^}]*}/"usage":"none"/')
: >"$MOCK_LOG"
env -u TG_MODEL OPENAI_BASE_URL="$MOCK_URL" OPENAI_API_KEY=k tg-llm -m m -u http://192.0.2.1/v1 \
	--export elsewhere.jsonl <in >out 2>err
is "nobody is asked" "0 3" "$(wc -l <"$MOCK_LOG") $(wc -l <elsewhere.jsonl)"
check "no key is written" sh -c '! grep -q Bearer elsewhere.jsonl'

# Several answers.
asked a b >two
for single in '' --single; do
	rm -f n*.jsonl
	# shellcheck disable=SC2086
	tg-llm -n 3 --seed 5 $single --export n.jsonl <two >out 2>err
	answer <n.jsonl >res.n
	tg-llm -n 3 --seed 5 --import res.n <two >out 2>err
	is "-n 3 $single: nothing to say" '' "$(cat err)"
	want='[null,5,1],[null,6,1],[null,7,1]' text='["-0-1 0","-1-1 0","-2-1 0"]' tokens=30
	[ -n "$single" ] || want='[3,5,3]' text='["-0-3 0","-0-3 1","-0-3 2"]' tokens=10
	is "-n 3 $single: the requests" "$want,$want" "$(jq -c '[.body.n, .body.seed,
		(.custom_id | split("-")[3] | tonumber)]' n.jsonl | paste -sd,)"
	is "-n 3 $single: the answers" "$text $text" "$(choices out | paste -sd ' ')"
	is "-n 3 $single: the tokens" "$tokens $tokens" \
		"$(jq .tg.response.usage.prompt_tokens out | paste -sd ' ')"
done
rm -f n*.jsonl
tg-llm -n 3 --dialect ollama --export n.jsonl <two >out 2>err
is "a server that ignores n is asked for each" 6 "$(wc -l <n.jsonl)"
rm -f n*.jsonl
tg-llm -n 3 --export n.jsonl <two >out 2>err
answer '.response.body.choices |= .[:1]' <n.jsonl >res.n
check_status "fewer than n" 0 tg-llm -n 3 --import res.n <two >out 2>err
check_same "fewer than n: still asked" two out
check "fewer than n: and why" grep -q '2 results .*: the server gave 1 of 3 answers; --single' err
check_status "fewer than n, and a cache" 0 tg-llm -n 3 --cache kept --import res.n \
	--export rest.jsonl <two >out 2>err
is "fewer than n, and a cache: the rest is asked for" '["1-2",2] ["1-2",2]' \
	"$(jq -c '[(.custom_id | sub("tg-[0-9a-f]*-"; "")), .body.n]' rest.jsonl | paste -sd ' ')"
answer <rest.jsonl >res.rest
tg-llm -n 3 --cache kept --import res.rest <two >out 2>err
is "fewer than n, and a cache: both come together" '["-0-3 0","-1-2 0","-1-2 1"]' \
	"$(choices out | sort -u)"
is "single online" '3 [null]' "$(: >"$MOCK_LOG"; head -n 1 two |
	tg-llm -n 3 --single -u "$MOCK_URL" >out 2>err; jq -c 'select(.body.messages).body.n' \
	"$MOCK_LOG" | jq -sc '"\(length) \(unique)"' -r)"

# What fails: for good, for now, and without a word.
asked a b c d e f g h i >nine
rm -f q.jsonl && tg-llm --export q.jsonl <nine >out 2>err
{
	sed -n 1p q.jsonl | answer
	sed -n 2p q.jsonl | answer '.response |= {status_code: 400, request_id: "", body: {error:
		{message: "This model'"'"'s maximum context length is 10 tokens", code: "context_length_exceeded"}}}'
	sed -n 3p q.jsonl | answer '.response = null | .error = {code: "batch_expired", message: "late"}'
	sed -n 4p q.jsonl | answer '.response |= {status_code: 429, request_id: "", body: {error: {message: "slow"}}}'
	sed -n 5p q.jsonl | answer '.response.body.choices[0] |= (.finish_reason = "length")'
	sed -n 6p q.jsonl | answer '.response.body.choices[0].message.content = "<think>\n</think> "'
	sed -n 7p q.jsonl | answer '.response |= {status_code: 401, request_id: "", body: {error: {message: "key"}}}'
	sed -n 8p q.jsonl | answer '.response.body = {"choices": []}'
	echo '{"torn'
} >res.nine
check_status "what fails" 1 tg-llm --import res.nine <nine >out 2>err
is "what fails: all are there" 9 "$(wc -l <out)"
is "what fails: how each ends" \
	'answered context_overflow:400 asked asked truncated only_reasoning asked asked asked' \
	"$(jq -r '.tg | if .response then "answered" elif .error then
	.error | "\(.code)\(if .status then ":\(.status)" else "" end)" else "asked" end' out | paste -sd ' ')"
check_same "what fails: what is asked is unchanged" <(sed -n '3p;4p;7,9p' nine) <(sed -n '3p;4p;7,9p' out)
check "what fails: the torn line" grep -q '^tg-llm: res.nine:9: not a result: ' err
check "what fails: how many may pass, and why" \
	grep -q '^tg-llm: 4 results to be asked for again: late; batch_expired$' err
check "what fails: how many are asked" grep -q '^tg-llm: 5 records are still asked$' err
# The rest in another batch, with the results of the first.
check_status "the rest" 1 tg-llm --import res.nine --export rest2.jsonl <nine >out2 2>err
check_same "the rest: the same" out out2
check_same "the rest: with the same ids" <(sed -n '3p;4p;7,9p' q.jsonl) rest2.jsonl
answer <rest2.jsonl >res.rest2
check_status "the rest comes" 1 tg-llm --import res.nine res.rest2 <nine >out 2>err
is "the rest comes: a success beats a failure" '[6,3]' \
	"$(jq -sc '[(map(select(.tg.response)) | length), (map(select(.tg.error)) | length)]' out)"
check_status "the rest comes later" 0 tg-llm --import res.rest2 <out2 >out3 2>err
check_same "the rest comes later: the same" <(jq -c 'del(.tg.response.attempts)' out) \
	<(jq -c 'del(.tg.response.attempts)' out3)
: >"$MOCK_LOG"
tg-llm -u "$MOCK_URL" <out2 >out 2>err
is "the rest goes online" "5 6" "$(grep -c messages "$MOCK_LOG") $(grep -c '"response"' out)"
is "--keep-thinking, --keep" '["<think>\n</think> ","<think>\n</think> "]' "$(sed -n 6p nine |
	tg-llm --keep --keep-thinking --import res.nine 2>err |
	jq -c '[.tg.response.choices[0].text, .tg.log[0].answer]')"

# vllm run-batch, in the forms that it writes (run_batch.py): the response's
# body null where it failed, the error beside it, in the order of the input.
vllm() {
	jq -c '{id: "vllm-\(input_line_number)", custom_id, response: {status_code: 200,
	request_id: "vllm-batch-1", body: {id: "chatcmpl-1", object: "chat.completion", created: 1,
	model: "m", choices: [{index: 0, message: {role: "assistant", content: "<think>\nhm\n</think>\n\nyes",
	refusal: null, annotations: null, audio: null, function_call: null, tool_calls: [],
	reasoning_content: null}, logprobs: null, finish_reason: "stop", stop_reason: null,
	token_ids: null}], service_tier: null, system_fingerprint: null, usage: {prompt_tokens: 9,
	total_tokens: 12, completion_tokens: 3, prompt_tokens_details: null}, prompt_logprobs: null,
	prompt_token_ids: null, kv_transfer_params: null}}, error: null} | '"$1"
}
asked a b c d >four
rm -f q.jsonl && tg-llm --dialect vllm --repetition-penalty 1.1 --export q.jsonl <four >out 2>err
is "vllm: what it calls things" 1.1 "$(jq .body.repetition_penalty q.jsonl | sort -u)"
{
	sed -n 1p q.jsonl | vllm .
	sed -n 2p q.jsonl | vllm '.response.body = null | .response.status_code = 400 | .error =
		{error: {message: "The decoder prompt is longer than the maximum model length: is too long", type: "BadRequestError",
		param: null, code: 400}}'
	sed -n 3p q.jsonl | vllm '.response.body = null | .response.status_code = 400 | .error =
		{object: "error", message: "old form", type: "BadRequestError", param: null, code: 400}'
	sed -n 4p q.jsonl | vllm '.response.body = null | .response.status_code = 400 | .error = "EngineDeadError()"'
} >res.vllm
check_status "vllm" 1 tg-llm --repetition-penalty 1.1 --import res.vllm <four >out 2>err
is "vllm: its answers" '"yes" null null null' "$(jq '.tg.response.choices[0].text' out | paste -sd ' ')"
is "vllm: its errors" 'bad_request: status 400: old form; BadRequestError;bad_request: status 400: EngineDeadError()' \
	"$(sed -n 3,4p out | jq -r '.tg.error | "\(.code): \(.message)"' | paste -sd ';')"

# Azure, and models that reason.
rm -f q.jsonl && tg-llm --provider azure --export q.jsonl <four >out 2>err
is "Azure: its path" /chat/completions "$(jq -r .url q.jsonl | sort -u)"
rm -f q.jsonl && tg-llm -m o3-mini --export q.jsonl <four >out 2>err
is "a model that reasons" '["messages","model","max_completion_tokens"]' \
	"$(jq -c '.body | keys_unsorted' q.jsonl | sort -u)"

# What the cache has is not exported, and leaves answered.
tg-llm -u "$MOCK_URL" --cache answers < <(head -n 2 four) >out 2>err
rm -f q.jsonl && check_status "with a cache" 0 tg-llm --cache answers --export q.jsonl <four >out 2>err
is "with a cache: the rest" 2 "$(wc -l <q.jsonl)"
is "with a cache: who is answered" 'true true false false' "$(jq '.tg | has("response")' out | paste -sd ' ')"
answer <q.jsonl >res
tg-llm --cache answers --import res <out >out2 2>err
is "with a cache: all" 4 "$(grep -c '"response"' out2)"
rm -f q.jsonl && check_status "all in the cache" 0 tg-llm --cache answers --export q.jsonl <four >out 2>err
is "all in the cache: no file, and it says so" "tg-llm: nothing to ask: there is no q.jsonl" "$(cat err; cat q.jsonl)"
check_same "results are cached as answers are" <(jq -c .tg.response.choices out2) <(jq -c .tg.response.choices out)

# Kinds.
for kind in generate judge negatives; do
	jq -nc --arg k $kind '{tg: {request: {kind: $k, step: 1, messages: [{role: "user", content: "q"}]}}}'
done >kinds
rm -f q.jsonl && tg-llm -n 2 --only judge --export q.jsonl <kinds >out 2>err
is "--only judge" 1 "$(wc -l <q.jsonl)"
tg-llm -u "$MOCK_URL" --only negatives <kinds >out 2>err
is "--only negatives, online" 'false false true' "$(jq '.tg | has("response")' out | paste -sd ' ')"
sed 's/"messages"/"params":{"choice":["0","1"]},&/' kinds >held
rm -f q.jsonl && tg-llm --dialect ollama --only judge --export q.jsonl <held >out 2>err
check "an answer held to words: how" grep -q '"enum":\["0","1"\]' q.jsonl
answer '.response.body.choices[0].message.content = "\"1\""' <q.jsonl >res
is "an answer held to words: is taken from its quotes" '[{"text":"1","finish_reason":"stop"}]' \
	"$(tg-llm --dialect ollama --only judge --import res <held 2>err | sed -n 2p | jq -c .tg.response.choices)"

# Limits.
seq 25 | while read -r i; do asked "$i"; done >many
rm -f q*.jsonl && check_status "--export-max" 0 tg-llm --export q.jsonl --export-max 10 <many >out 2>err
is "--export-max: the files" '10 q.jsonl 10 q-2.jsonl 5 q-3.jsonl' \
	"$(wc -l q.jsonl q-[23].jsonl | sed '$d' | xargs)"
is "--export-max: it says so" "tg-llm: 25 requests for 25 records in 3 files, q.jsonl to q-3.jsonl" "$(cat err)"
for f in q*.jsonl; do answer <"$f" >"res.$f"; done
tg-llm --import res.q*.jsonl <many >out 2>err
is "--export-max: all files come back" "25 0" "$(grep -c '"response"' out) $(wc -l <err)"
size=$(head -n 1 q.jsonl | wc -c)
rm -f q*.jsonl && tg-llm --export q.jsonl --export-bytes $((size * 4 + 100)) <many >out 2>err
is "--export-bytes: no file is larger" '' "$(find . -name 'q*.jsonl' -size +$((size * 4 + 100))c)"
is "--export-bytes: and none is lost" 25 "$(cat q*.jsonl | jq -r .custom_id | sort -u | wc -l)"
{ head -n 1 many; jq -nc '{text: ("x" * 3000)}' | tg-prompt generate -t web_code_retrieval; } >large
rm -f q*.jsonl && check_status "one that is too large" 1 tg-llm --export q.jsonl --export-bytes 3000 <large >out 2>err
is "one that is too large: ends in an error" 'null request_too_large' \
	"$(jq -r '.tg.error.code' out | paste -sd ' ')"
is "one that is too large: the other is there" 1 "$(wc -l <q.jsonl)"

# Half an export is none.
rm -f q*.jsonl
(ulimit -f 4 && exec tg-llm --export q.jsonl <many >out 2>err)
is "a full disk" "3 0" "$? $(find . -name 'q*.jsonl*' | wc -l)"
is "a full disk: no record is lost, none in error" "$(wc -l <out) 0" "$(cmp -n "$(wc -c <out)" many out &&
	wc -l <out) $(grep -c '"error"' out)"
check_status "a full disk, of the records" 3 tg-llm --export q.jsonl <many >/dev/full 2>err
is "a full disk, of the records: no requests" '' "$(find . -name 'q*.jsonl*')"
check_status "a file that is not there" 3 tg-llm --export q.jsonl many nowhere >out 2>err
is "a file that is not there: no requests" '' "$(find . -name 'q*.jsonl*')"
mkfifo fifo
tg-llm --export q.jsonl <fifo >out 2>err &
pid=$!
exec 8>fifo
cat many >&8
wait_for has_lines 25 out
kill -TERM $pid
exec 8>&-
check_status "a signal" 143 wait $pid
is "a signal: no requests" '' "$(find . -name 'q*.jsonl*')"

# Not what was exported.
check_status "other options than the export's" 0 tg-llm --temperature 0.5 --import res.q.jsonl <many >out 2>err
check_same "other options: all still asked" many out
check "other options: a hint" grep -q '^tg-llm: 10 results that no record asks for; model, -n and' err
echo '{"custom_id":"request-1","response":{"status_code":200,"body":{}},"error":null}' >foreign
tg-llm --import foreign <four >out 2>err
check "results of others" grep -q '^tg-llm: 1 result of requests that tg-llm did not export' err
check_status "requests in place of results" 0 tg-llm --import rest2.jsonl <four >out 2>err
check "requests in place of results: said" grep -q 'rest2.jsonl:1: not a result: it has neither' err

# Options.
check_status "--import: nothing" 2 tg-llm --import <four 2>err
check_status "--import: a file that is not there" 3 tg-llm --import nowhere <four 2>err
check_status "--import: a pipe" 3 tg-llm --import fifo <four 2>err
check_status "no model" 2 env -u TG_MODEL tg-llm --export q.jsonl <four 2>err
check "no model: a hint" grep -q 'name the model with -m' err
check_status "a budget" 2 tg-llm --export q.jsonl --max-cost 1 --price-in 1 --price-out 1 <four 2>err
check_status "a kind that is none" 2 tg-llm --only x <four 2>err
check_status "a device" 3 tg-llm --export /dev/null <four 2>err
check "a device: is left alone" [ -c /dev/null ]
check "stop" stop_mock
done_testing
