#!/bin/bash
# tg-llm --export and --import: a batch in place of a server.
. tests/lib.sh
cd "$T" || exit 3
export TG_MODEL=m

# asked N...: makes records that ask to generate, one for each text.
asked() { printf '{"text":"%s","n":1.50}\n' "$@" | tg-prompt generate -t web_code_retrieval; }

# answer [JQ]: turns request lines into result lines as OpenAI writes them; the
# text is the custom_id and the index. JQ may change a result; $body is the
# request's.
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

# Requests out, results in, and the form of their lines.
asked a b a c >in
check_status "--export exits with 0" 0 tg-llm --export q.jsonl <in >out 2>err
check_same "--export passes the records unchanged" in out
is "--export writes one line for each different request" 3 "$(wc -l <q.jsonl)"
is "--export says how many requests it has written" "tg-llm: 3 requests for 4 records in q.jsonl" "$(cat err)"
is "--export writes the members of a batch line" '["custom_id","method","url","body"]' \
	"$(jq -c keys_unsorted q.jsonl | sort -u)"
is "--export writes method and path" 'POST /v1/chat/completions' \
	"$(jq -r '"\(.method) \(.url)"' q.jsonl | sort -u)"
is "--export writes the members of a request" '["messages","model","temperature","top_p","max_completion_tokens"]' \
	"$(jq -c '.body | keys_unsorted' q.jsonl | sort -u)"
is "--export gives each line its own id" 3 "$(jq -r .custom_id q.jsonl | sort -u | wc -l)"
is "--export writes ids that any vendor takes" '' "$(jq -r .custom_id q.jsonl | grep -Evx '[a-z0-9-]{1,64}')"
check_status "--export to an existing file exits with 3" 3 tg-llm --export q.jsonl <in >out 2>err
is "--export leaves an existing file as it is" "tg-llm: q.jsonl: is there already" "$(cat err)"
check_status "--export with other run options exits with 0" 0 tg-llm --export again.jsonl -j 3 --timeout 7 <in >out 2>err
check_same "--export writes the same lines again" q.jsonl again.jsonl

answer <q.jsonl >res
check_status "--import exits with 0" 0 tg-llm --import res <in >out 2>err
is "--import says nothing if all is answered" '' "$(cat err)"
is "--import gives each record its own result, in order" "$(for i in 1 2 1 3; do sed -n ${i}p q.jsonl; done | jq -r .custom_id)" \
	"$(jq -r '.tg.response.choices[0].text | sub(" 0$"; "")' out)"
is "--import writes the members of a response" \
	'["kind","step","choices","model","usage","latency_ms","attempts"]' \
	"$(jq -c '.tg.response | keys_unsorted' out | sort -u)"
is "--import takes finish_reason, model and usage from the result" \
	'{"finish":"stop","model":"m-1","usage":{"prompt_tokens":10,"completion_tokens":3,"cached_tokens":2}}' \
	"$(sed -n 2p out | jq -c '.tg.response | {finish: .choices[0].finish_reason, model, usage}')"
is "--import counts a result for two records once" 30 "$(jq -s 'map(.tg.response.usage.prompt_tokens) | add' out)"
is "--import leaves no request" 0 "$(grep -c '"request"' out)"
is "--import keeps the user's bytes" 4 "$(grep -c '"n":1.50,' out)"
tg-llm --import res --stats stats <in >out 2>err
is "--import counts records, calls and tokens in the statistics" '[4,4,3,30,9]' \
	"$(jq -c '[.records, .answered, .calls, .prompt_tokens, .completion_tokens]' stats)"
tg-llm --import res --stats stats --price-in 1000 --price-out 2000 <in >out 2>err
is "--import counts the cost in the statistics" 0.048 "$(jq .cost stats)"

# A batch gives the same records as an online run, except for the latency.
start_mock -o owned_by=openai
jq -c '.body' q.jsonl | while read -r body; do
	curl -sS -d "$body" "$MOCK_URL/chat/completions" | jq -c .
done >bodies
paste -d '\n' q.jsonl bodies | jq -c '. as $q | input as $body | {id: "x", custom_id:
	$q.custom_id, response: {status_code: 200, body: $body}, error: null}' | tac >res.mock
tg-llm --import res.mock <in >batch.out 2>err
: >"$MOCK_LOG"
tg-llm -u "$MOCK_URL" <in >online.out 2>err
is "the exported requests are those of an online run, which says that it wants no stream" "$(jq -cS .body q.jsonl | sort)" \
	"$(jq -cS '.body | objects | del(.stream)' "$MOCK_LOG" | grep messages | sort -u)"
check_same "the imported records are those of an online run" \
	<(jq -c 'del(.tg.response.latency_ms)' online.out | sed '3s/"usage":{[^}]*}/"usage":"none"/') \
	<(jq -c 'del(.tg.response.latency_ms)' batch.out | sed '3s/"usage":{[^}]*}/"usage":"none"/')
: >"$MOCK_LOG"
env -u TG_MODEL OPENAI_BASE_URL="$MOCK_URL" OPENAI_API_KEY=k tg-llm -m m -u http://192.0.2.1/v1 \
	--export elsewhere.jsonl <in >out 2>err
is "--export opens no connection" "0 3" "$(wc -l <"$MOCK_LOG") $(wc -l <elsewhere.jsonl)"
check "--export writes no key" sh -c '! grep -q Bearer elsewhere.jsonl'

# Several answers a record.
asked a b >two
for single in '' --single; do
	rm -f n*.jsonl
	# shellcheck disable=SC2086
	tg-llm -n 3 --seed 5 $single --export n.jsonl <two >out 2>err
	answer <n.jsonl >res.n
	tg-llm -n 3 --seed 5 --import res.n <two >out 2>err
	is "-n 3 $single: --import says nothing" '' "$(cat err)"
	want='[null,5,1],[null,6,1],[null,7,1]' text='["-0-1 0","-1-1 0","-2-1 0"]' tokens=30
	[ -n "$single" ] || want='[3,5,3]' text='["-0-3 0","-0-3 1","-0-3 2"]' tokens=10
	is "-n 3 $single: --export writes the expected requests" "$want,$want" "$(jq -c '[.body.n, .body.seed,
		(.custom_id | split("-")[3] | tonumber)]' n.jsonl | paste -sd,)"
	is "-n 3 $single: --import reads all three answers" "$text $text" "$(choices out | paste -sd ' ')"
	is "-n 3 $single: --import counts the tokens" "$tokens $tokens" \
		"$(jq .tg.response.usage.prompt_tokens out | paste -sd ' ')"
done
rm -f n*.jsonl
tg-llm -n 3 --dialect ollama --export n.jsonl <two >out 2>err
is "--export for a server that ignores n writes a request for each answer" 6 "$(wc -l <n.jsonl)"
rm -f n*.jsonl
tg-llm -n 3 --export n.jsonl <two >out 2>err
answer '.response.body.choices |= .[:1]' <n.jsonl >res.n
check_status "--import of fewer than n answers exits with 0" 0 tg-llm -n 3 --import res.n <two >out 2>err
check_same "--import leaves a record with fewer than n answers asked" two out
check "--import says that answers are missing and names --single" grep -q '2 results .*: the server gave 1 of 3 answers; --single' err
check_status "--import of fewer than n answers into a cache exits with 0" 0 tg-llm -n 3 --cache kept --import res.n \
	--export rest.jsonl <two >out 2>err
is "--export asks for the missing answers of a cache" '["1-2",2] ["1-2",2]' \
	"$(jq -c '[(.custom_id | sub("tg-[0-9a-f]*-"; "")), .body.n]' rest.jsonl | paste -sd ' ')"
answer <rest.jsonl >res.rest
tg-llm -n 3 --cache kept --import res.rest <two >out 2>err
is "--import joins new answers with those in the cache" '["-0-3 0","-1-2 0","-1-2 1"]' \
	"$(choices out | sort -u)"
is "--single sends one request for each answer online" '3 [null]' "$(: >"$MOCK_LOG"; head -n 1 two |
	tg-llm -n 3 --single -u "$MOCK_URL" >out 2>err; jq -c 'select(.body.messages).body.n' \
	"$MOCK_LOG" | jq -sc '"\(length) \(unique)"' -r)"

# Results that fail for good, fail for now, or are missing.
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
check_status "--import of failed results exits with 1" 1 tg-llm --import res.nine <nine >out 2>err
is "--import passes all records of failed results" 9 "$(wc -l <out)"
is "each failed result ends its record in an error or leaves it asked" \
	'answered context_overflow:400 asked asked truncated only_reasoning asked asked asked' \
	"$(jq -r '.tg | if .response then "answered" elif .error then
	.error | "\(.code)\(if .status then ":\(.status)" else "" end)" else "asked" end' out | paste -sd ' ')"
check_same "--import leaves a record that is still asked unchanged" <(sed -n '3p;4p;7,9p' nine) <(sed -n '3p;4p;7,9p' out)
check "a message names a torn line" grep -q '^tg-llm: res.nine:9: not a result: ' err
check "a message says how many results may pass another time, and why" \
	grep -q '^tg-llm: 4 results to be asked for again: late; batch_expired$' err
check "a message says how many records are still asked" grep -q '^tg-llm: 5 records are still asked$' err
# The records that are still asked go into another batch.
check_status "--import with --export exits with 1" 1 tg-llm --import res.nine --export rest2.jsonl <nine >out2 2>err
check_same "--import with --export gives the same records" out out2
check_same "--export writes the requests that are left with the same ids" <(sed -n '3p;4p;7,9p' q.jsonl) rest2.jsonl
answer <rest2.jsonl >res.rest2
check_status "--import of both batches exits with 1" 1 tg-llm --import res.nine res.rest2 <nine >out 2>err
is "--import prefers a success to a failure" '[6,3]' \
	"$(jq -sc '[(map(select(.tg.response)) | length), (map(select(.tg.error)) | length)]' out)"
check_status "--import of the second batch exits with 0" 0 tg-llm --import res.rest2 <out2 >out3 2>err
check_same "--import in two steps gives the same records" <(jq -c 'del(.tg.response.attempts)' out) \
	<(jq -c 'del(.tg.response.attempts)' out3)
: >"$MOCK_LOG"
tg-llm -u "$MOCK_URL" <out2 >out 2>err
is "an online run sends the requests that are left" "5 6" "$(grep -c messages "$MOCK_LOG") $(grep -c '"response"' out)"
is "--import takes --keep-thinking and --keep" '["<think>\n</think> ","<think>\n</think> "]' "$(sed -n 6p nine |
	tg-llm --keep --keep-thinking --import res.nine 2>err |
	jq -c '[.tg.response.choices[0].text, .tg.log[0].answer]')"

# vllm run-batch, in the forms that it writes (run_batch.py): where a request
# failed the response's body is null, with the error beside it, in the order of
# the input.
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
is "vLLM's names of parameters are exported" 1.1 "$(jq .body.repetition_penalty q.jsonl | sort -u)"
{
	sed -n 1p q.jsonl | vllm .
	sed -n 2p q.jsonl | vllm '.response.body = null | .response.status_code = 400 | .error =
		{error: {message: "The decoder prompt is longer than the maximum model length: is too long", type: "BadRequestError",
		param: null, code: 400}}'
	sed -n 3p q.jsonl | vllm '.response.body = null | .response.status_code = 400 | .error =
		{object: "error", message: "old form", type: "BadRequestError", param: null, code: 400}'
	sed -n 4p q.jsonl | vllm '.response.body = null | .response.status_code = 400 | .error = "EngineDeadError()"'
} >res.vllm
check_status "--import of vLLM's results exits with 1" 1 tg-llm --repetition-penalty 1.1 --import res.vllm <four >out 2>err
is "--import reads vLLM's answers" '"yes" null null null' "$(jq '.tg.response.choices[0].text' out | paste -sd ' ')"
is "--import reads vLLM's errors" 'bad_request: status 400: old form; BadRequestError;bad_request: status 400: EngineDeadError()' \
	"$(sed -n 3,4p out | jq -r '.tg.error | "\(.code): \(.message)"' | paste -sd ';')"

# Azure, and models that reason.
rm -f q.jsonl && tg-llm --provider azure --export q.jsonl <four >out 2>err
is "Azure's path is exported" /chat/completions "$(jq -r .url q.jsonl | sort -u)"
rm -f q.jsonl && tg-llm -m o3-mini --export q.jsonl <four >out 2>err
is "a model that reasons is exported without sampling parameters" '["messages","model","max_completion_tokens"]' \
	"$(jq -c '.body | keys_unsorted' q.jsonl | sort -u)"

# Records that the cache answers are not exported.
tg-llm -u "$MOCK_URL" --cache answers < <(head -n 2 four) >out 2>err
rm -f q.jsonl && check_status "--export with a cache exits with 0" 0 tg-llm --cache answers --export q.jsonl <four >out 2>err
is "--export with a cache writes only what the cache lacks" 2 "$(wc -l <q.jsonl)"
is "--export with a cache answers the records that the cache has" 'true true false false' "$(jq '.tg | has("response")' out | paste -sd ' ')"
answer <q.jsonl >res
tg-llm --cache answers --import res <out >out2 2>err
is "--import with a cache answers the others" 4 "$(grep -c '"response"' out2)"
rm -f q.jsonl && check_status "--export with a full cache exits with 0" 0 tg-llm --cache answers --export q.jsonl <four >out 2>err
is "--export with a full cache makes no file and says so" "tg-llm: nothing to ask: there is no q.jsonl" "$(cat err; cat q.jsonl)"
check_same "--import stores its results in the cache" <(jq -c .tg.response.choices out2) <(jq -c .tg.response.choices out)

# Kinds of requests.
for kind in generate judge negatives; do
	jq -nc --arg k $kind '{tg: {request: {kind: $k, step: 1, messages: [{role: "user", content: "q"}]}}}'
done >kinds
rm -f q.jsonl && tg-llm -n 2 --only judge --export q.jsonl <kinds >out 2>err
is "--only judge exports the judge's requests alone" 1 "$(wc -l <q.jsonl)"
tg-llm -u "$MOCK_URL" --only negatives <kinds >out 2>err
is "--only negatives sends the requests for negatives alone" 'false false true' "$(jq '.tg | has("response")' out | paste -sd ' ')"
sed 's/"messages"/"params":{"choice":["0","1"]},&/' kinds >held
rm -f q.jsonl && tg-llm --dialect ollama --only judge --export q.jsonl <held >out 2>err
check "an answer held to a choice is exported with its schema" grep -q '"enum":\["0","1"\]' q.jsonl
answer '.response.body.choices[0].message.content = "\"1\""' <q.jsonl >res
is "an answer held to a choice is taken out of its quotes" '[{"text":"1","finish_reason":"stop"}]' \
	"$(tg-llm --dialect ollama --only judge --import res <held 2>err | sed -n 2p | jq -c .tg.response.choices)"

# Limits.
seq 25 | while read -r i; do asked "$i"; done >many
rm -f q*.jsonl && check_status "--export-max exits with 0" 0 tg-llm --export q.jsonl --export-max 10 <many >out 2>err
is "--export-max splits the requests into files" '10 q.jsonl 10 q-2.jsonl 5 q-3.jsonl' \
	"$(wc -l q.jsonl q-[23].jsonl | sed '$d' | xargs)"
is "--export-max says how many files it has written" "tg-llm: 25 requests for 25 records in 3 files, q.jsonl to q-3.jsonl" "$(cat err)"
for f in q*.jsonl; do answer <"$f" >"res.$f"; done
tg-llm --import res.q*.jsonl <many >out 2>err
is "--import reads all files of --export-max" "25 0" "$(grep -c '"response"' out) $(wc -l <err)"
size=$(head -n 1 q.jsonl | wc -c)
rm -f q*.jsonl && tg-llm --export q.jsonl --export-bytes $((size * 4 + 100)) <many >out 2>err
is "--export-bytes makes no file larger than its limit" '' "$(find . -name 'q*.jsonl' -size +$((size * 4 + 100))c)"
is "--export-bytes loses no request" 25 "$(cat q*.jsonl | jq -r .custom_id | sort -u | wc -l)"
{ head -n 1 many; jq -nc '{text: ("x" * 3000)}' | tg-prompt generate -t web_code_retrieval; } >large
rm -f q*.jsonl && check_status "a request over --export-bytes makes status 1" 1 tg-llm --export q.jsonl --export-bytes 3000 <large >out 2>err
is "a request over --export-bytes ends in request_too_large" 'null request_too_large' \
	"$(jq -r '.tg.error.code' out | paste -sd ' ')"
is "the other requests are exported" 1 "$(wc -l <q.jsonl)"

# An export that fails leaves no file.
rm -f q*.jsonl
(ulimit -f 4 && exec tg-llm --export q.jsonl <many >out 2>err)
is "a full disk makes status 3 and leaves no file" "3 0" "$? $(find . -name 'q*.jsonl*' | wc -l)"
is "a full disk loses no record and ends none in an error" "$(wc -l <out) 0" "$(cmp -n "$(wc -c <out)" many out &&
	wc -l <out) $(grep -c '"error"' out)"
check_status "a full stdout makes status 3" 3 tg-llm --export q.jsonl <many >/dev/full 2>err
is "a full stdout leaves no file of requests" '' "$(find . -name 'q*.jsonl*')"
check_status "a missing input file makes status 3" 3 tg-llm --export q.jsonl many nowhere >out 2>err
is "a missing input file leaves no file of requests" '' "$(find . -name 'q*.jsonl*')"
mkfifo fifo
tg-llm --export q.jsonl <fifo >out 2>err &
pid=$!
exec 8>fifo
cat many >&8
wait_for has_lines 25 out
kill -TERM $pid
exec 8>&-
check_status "a signal ends --export" 143 wait $pid
is "a signal leaves no file of requests" '' "$(find . -name 'q*.jsonl*')"

# Results that do not belong to the records.
check_status "--import with other options than the export exits with 0" 0 tg-llm --temperature 0.5 --import res.q.jsonl <many >out 2>err
check_same "--import with other options leaves all records asked" many out
check "a message says that no record asks for the results" grep -q '^tg-llm: 10 results that no record asks for; model, -n and' err
echo '{"custom_id":"request-1","response":{"status_code":200,"body":{}},"error":null}' >foreign
tg-llm --import foreign <four >out 2>err
check "a message counts results of other programs" grep -q '^tg-llm: 1 result of requests that tg-llm did not export' err
check_status "--import of a file of requests exits with 0" 0 tg-llm --import rest2.jsonl <four >out 2>err
check "a message says that a line is not a result" grep -q 'rest2.jsonl:1: not a result: it has neither' err

# Options.
check_status "--import without a file is refused" 2 tg-llm --import <four 2>err
check_status "--import of a missing file makes status 3" 3 tg-llm --import nowhere <four 2>err
check_status "--import of a pipe makes status 3" 3 tg-llm --import fifo <four 2>err
check_status "--export without a model is refused" 2 env -u TG_MODEL tg-llm --export q.jsonl <four 2>err
check "the message says to name the model with -m" grep -q 'name the model with -m' err
check_status "--export with a budget is refused" 2 tg-llm --export q.jsonl --max-cost 1 --price-in 1 --price-out 1 <four 2>err
check_status "an unknown kind for --only is refused" 2 tg-llm --only x <four 2>err
check_status "--export to a device makes status 3" 3 tg-llm --export /dev/null <four 2>err
check "--export leaves the device alone" [ -c /dev/null ]
check "the mock server stops without a fault" stop_mock
done_testing
