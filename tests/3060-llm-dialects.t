#!/bin/bash
# tg-llm: what each kind of server calls things, refuses and answers, as such
# servers were seen to. tests/unit/{dialect,reply}.c have more cases, with their
# sources.
. tests/lib.sh

llm() {
	tg-llm -q -u "$MOCK_URL" "$@"
}

# rule MEMBER STATUS BODY: refuses a request that has this member.
rule() {
	jq -nc --arg m "\"$1\":" --argjson status "$2" --argjson body "$3" \
		'{match: {substring: $m}, status: $status, body: $body}'
}

# sent: prints the body of the last request without messages, model and stream.
sent() {
	jq -nc '[inputs] | last.body | del(.messages, .model, .stream)' "$MOCK_LOG"
}

# codes: prints the codes of the errors. texts: prints the texts.
codes() {
	jq -r '.tg.error.code' "$T/out" | tr '\n' ' '
}
texts() {
	jq -c '[.tg.response.choices[]?.text]' "$T/out" | tr '\n' ' '
}

judged='{"temperature":0,"max_tokens":8,"choice":["0","1","2"]}'

# A member that is refused gets another name or is left out, with one message,
# and the request is sent again without counting as a failed attempt.
# shellcheck disable=SC2016
unsupported() { # NAME [INSTEAD]
	printf '{"error":{"message":"Unsupported parameter: %s is not supported with this model.%s","type":"invalid_request_error","param":"%s","code":"unsupported_parameter"}}' \
		"'$1'" "${2:+ Use '$2' instead.}" "$1"
}
unrecognized() {
	printf '{"error":{"message":"Unrecognized request argument supplied: %s","type":"invalid_request_error","param":null,"code":null}}' "$1"
}
asked 1 20 generate '{"temperature":0.5}' >"$T/in"
while IFS='|' read -r who dialect status member body want; do
	rule "$member" "$status" "$body" >"$T/s"
	start_mock -s "$T/s" -o latency_ms=10
	check_status "$who: a run in which $member is refused exits with 0" 0 llm -j 5 --retries 0 --dialect "$dialect" \
		--repetition-penalty 1.1 --seed 3 --stats "$T/stats" "$T/in" \
		>"$T/out" 2>"$T/err"
	is "$who: the request is sent without the refused $member" "$want" "$(sent)"
	is "$who: one message says that $member is refused" 1 "$(grep -c "refuses $member; .* from now on" "$T/err")"
	is "$who: at most the requests in flight are sent twice" true/0 "$(jq -n \
		'[inputs | select(.status != 200 and (.path | endswith("completions")))] | length <= 5' "$MOCK_LOG")/$(
		jq .retries "$T/stats")"
	kill "$MOCK_PID"
done <<END
OpenAI|openai|400|top_p|$(unsupported top_p)|{"temperature":0.5,"max_completion_tokens":8192,"seed":3}
OpenAI|openai|400|temperature|{"error":{"message":"Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}|{"top_p":0.6,"max_completion_tokens":8192,"seed":3}
OpenAI, older|openai|400|max_completion_tokens|$(unrecognized max_completion_tokens)|{"temperature":0.5,"top_p":0.6,"max_tokens":8192,"seed":3}
a gateway to OpenAI|generic|400|max_tokens|$(unsupported max_tokens max_completion_tokens)|{"temperature":0.5,"top_p":0.6,"max_completion_tokens":8192,"repetition_penalty":1.1,"seed":3}
a gateway to OpenAI|generic|400|repetition_penalty|$(unrecognized repetition_penalty)|{"temperature":0.5,"top_p":0.6,"max_tokens":8192,"seed":3}
vLLM, old|vllm|400|seed|{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not permitted', 'input': 3}]","type":"BadRequestError","param":null,"code":400}|{"temperature":0.5,"top_p":0.6,"max_tokens":8192,"repetition_penalty":1.1}
Mistral|generic|422|seed|{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted","input":3}]},"type":"invalid_request_error","param":null,"code":null}|{"temperature":0.5,"top_p":0.6,"max_tokens":8192,"repetition_penalty":1.1}
Gemini|generic|400|repetition_penalty|[{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"repetition_penalty\": Cannot find field.","status":"INVALID_ARGUMENT"}}]|{"temperature":0.5,"top_p":0.6,"max_tokens":8192,"seed":3}
FastAPI|generic|422|top_p|{"detail":[{"type":"extra_forbidden","loc":["body","top_p"],"msg":"Extra inputs are not permitted","input":0.6}]}|{"temperature":0.5,"max_tokens":8192,"repetition_penalty":1.1,"seed":3}
llama.cpp|llamacpp|501|repeat_penalty|{"error":{"code":501,"message":"This server does not support repeat_penalty","type":"not_supported_error"}}|{"temperature":0.5,"top_p":0.6,"max_tokens":8192,"seed":3}
END
{
	rule max_tokens 400 "$(unrecognized max_tokens)"
	rule max_completion_tokens 400 "$(unrecognized max_completion_tokens)"
	rule structured_outputs 400 "$(unrecognized structured_outputs)"
	rule temperature 400 "$(unsupported temperature)"
} >"$T/s"
start_mock -s "$T/s"
asked 1 2 judge "$judged" >"$T/judge"
check "a run in which members are refused one after the other exits with 0" llm --dialect vllm --retries 0 "$T/judge" >"$T/out" 2>"$T/err"
is "members are left out until neither a limit nor vLLM's newer choice is sent" \
	'{"top_p":0.6,"guided_choice":["0","1","2"]}/4' "$(sent)/$(wc -l <"$T/err")"
: >"$MOCK_LOG"
check "a run in which the member of an option is refused exits with 0" llm --dialect vllm --temperature 0.3 "$T/judge" >"$T/out" 2>"$T/err"
check "a message warns that the member of an option is not sent" grep -q 'temperature; NOT SENT, although --temperature asks' "$T/err"
: >"$MOCK_LOG"
check_status "a run in which a member of --extra-body is refused exits with 1" 1 llm -m M --dialect openai -j 1 \
	--extra-body '{"max_tokens":9}' "$T/judge" >"$T/out" 2>"$T/err"
is "a member of --extra-body is never left out, and the server's reason is the error" 'bad_request bad_request 1 1' \
	"$(codes)$(jq '.tg.error.message | test("Unrecognized .* max_tokens") | if . then 1 else 0 end' \
		"$T/out" | tr '\n' ' ' | sed 's/ $//')"
n=$(wc -l <"$MOCK_LOG")
check "a request with a refused member of --extra-body is sent once, or again if it is the first ($n)" [ "$n" -le 3 ]
kill "$MOCK_PID"
rule top_k 400 "$(unrecognized top_k)" >"$T/s"
start_mock -s "$T/s"
asked 1 1 generate '{"top_k":5}' | llm >"$T/out" 2>"$T/err"
is "a member that the record has is never left out" bad_request/1 "$(jq -r .tg.error.code "$T/out")/$(mock_stats .requests)"
check "a run with a penalty that the dialect lacks exits with 0" llm --dialect openai \
	--repetition-penalty 1.1 "$T/judge" >"$T/out" 2>"$T/err"
is "a message warns that the penalty is not sent" 1 "$(grep -c 'NOT SENT, although --repetition-penalty' "$T/err")"
kill "$MOCK_PID"
echo '{"status":400,"body":"unsupported: seed, logprobs top_logprobs top_p temperature max_tokens max_completion_tokens repetition_penalty regex messages model n \u001b[2J"}' >"$T/s"
start_mock -s "$T/s"
check_status "a run on a server that refuses every member exits with 1" 1 llm --dialect sglang --retries 0 --seed 1 \
	--repetition-penalty 2 --logprobs 2 -j 1 "$T/judge" >"$T/out" 2>"$T/err"
is "every record ends in an error if the server refuses every member" "bad_request bad_request " "$(codes)"
check "a server that refuses every member gets few requests" [ "$(mock_stats .requests)" -le 12 ]
check_fail "a message about refused members has no escape sequence" grep -q "$(printf '\033')" "$T/err"
kill "$MOCK_PID"

# Each endpoint leaves out its own members; the key of an answer in the cache
# ignores that.
rule top_p 400 "$(unsupported top_p)" >"$T/s"
start_mock -s "$T/s" -o latency_ms=5
one=$MOCK_URL onepid=$MOCK_PID
start_mock -o latency_ms=5
check "a run with two endpoints exits with 0" tg-llm -m M -u "$one" -u "$MOCK_URL" -j 4 --cache "$T/cache" \
	"$T/in" >"$T/out" 2>"$T/err"
is "only the endpoint that refuses a member goes without it" 0.6 "$(jq -nc '[inputs.body | objects.top_p] | unique[]' "$MOCK_LOG")"
kill "$MOCK_PID" "$onepid"
check "a run on the cache of two endpoints exits with 0" tg-llm -m M -u "$one" --cache "$T/cache" "$T/in" >"$T/out"
is "the cache has the answers of both endpoints under the same keys" 20 "$(grep -c '"attempts":0' "$T/out")"

# The kind of server is found by what /models says.
while IFS='|' read -r who models want; do
	printf '{"match":{"path":"/models"},"body":%s}\n' "$models" >"$T/s"
	start_mock -s "$T/s"
	asked 1 1 judge "$judged" | llm -n 2 --repetition-penalty 1.5 >"$T/out" 2>"$T/err"
	is "$who is recognized by its list of models" "$want" "$(sent | jq -c 'keys - ["temperature", "top_p"]')"
	kill "$MOCK_PID"
done <<'END'
vLLM|{"object":"list","data":[{"id":"Q","object":"model","created":1,"owned_by":"vllm","root":"Q","parent":null,"max_model_len":32768,"permission":[]}]}|["max_tokens","repetition_penalty","structured_outputs"]
SGLang|{"object":"list","data":[{"id":"Q","object":"model","created":1,"owned_by":"sglang","root":"Q","parent":null,"max_model_len":32768}]}|["max_tokens","regex","repetition_penalty"]
llama.cpp|{"models":[{"name":"q.gguf","capabilities":["completion"]}],"object":"list","data":[{"id":"q.gguf","object":"model","created":1,"owned_by":"llamacpp","meta":{"vocab_type":2,"n_vocab":151936,"n_ctx_train":32768}}]}|["grammar","max_tokens","repeat_penalty"]
Ollama|{"object":"list","data":[{"id":"qwen2.5-coder:7b","object":"model","created":1,"owned_by":"library"}]}|["max_tokens","response_format"]
Ollama, a model of somebody's|{"object":"list","data":[{"id":"hf.co/some/Q-GGUF:Q4_K_M","object":"model","created":1,"owned_by":"some"}]}|["max_tokens","response_format"]
a vLLM renamed by a proxy|{"data":[{"id":"Q","owned_by":"us","max_model_len":9,"permission":[]}]}|["max_tokens","repetition_penalty","structured_outputs"]
something else|{"data":[{"id":"Q","owned_by":"system"}]}|["max_tokens","repetition_penalty"]
END

# Ollama is asked for one choice at a time from the start, and its answers are
# taken out of their quotes.
echo '{"text":"\"1\"","finish_reason":null}' >"$T/s"
start_mock -s "$T/s" -o owned_by=library -o ignore_n=1
asked 1 1 judge "$judged" | llm >"$T/out"
is "Ollama's answer by schema is taken out of its quotes" '[{"text":"1","finish_reason":null}]' \
	"$(jq -c .tg.response.choices "$T/out")"
asked 1 1 | llm -n 3 >"$T/out"
is "Ollama is asked without n" null,null,null,null "$(jq -n '[inputs.body | objects.n |
	tostring] | join(",")' -r "$MOCK_LOG")"
kill "$MOCK_PID"
# llama.cpp has a bound and gives no more choices than it has slots; vLLM gives
# one choice if sampling is greedy (sampling_params.py).
while IFS='|' read -r who body; do
	rule n 400 "$body" >"$T/s"
	start_mock -s "$T/s" -o ignore_n=1
	asked 1 2 | llm -j 1 -n 3 --seed 1 >"$T/out"
	is "$who refuses n and is asked for one choice at a time" '3 3 7' "$(jq -c \
		'.tg.response.choices | length' "$T/out" | tr '\n' ' ')$(mock_stats .requests)"
	kill "$MOCK_PID"
done <<'END'
llama.cpp|{"error":{"code":400,"message":"Field 'n': Value must be between 1 <= value <= 2, but got 3","type":"invalid_request_error"}}
llama.cpp, slots|{"error":{"code":400,"message":"n_cmpl cannot be greater than the number of slots, please increase -np","type":"invalid_request_error"}}
vLLM|{"error":{"message":"n must be 1 when using greedy sampling, got 3.","type":"BadRequestError","param":null,"code":400}}
NIM|{"type":"urn:inference-service:problem-details:unprocessable-entity","title":"Unprocessable Entity","status":422,"detail":"body -> n\n  Extra inputs are not permitted (type=extra_forbidden)"}
END

# The place of the answer in a reply, and how the answer ends.
cat >"$T/s" <<'END'
{"match":{"substring":"question 1\""},"body":{"choices":[{"index":0,"message":{"role":"assistant","content":"a","reasoning":"hm"},"finish_reason":"stop","stop_reason":null}]}}
{"match":{"substring":"question 2\""},"body":{"choices":[{"index":0,"message":{"role":"assistant","content":"b","reasoning_content":"hm"},"finish_reason":"stop","matched_stop":151645}]}}
{"match":{"substring":"question 3\""},"body":{"choices":[{"index":0,"message":{"role":"assistant","content":"<think>\nhm\n</think>\n\nc"},"finish_reason":null}]}}
{"match":{"substring":"question 4\""},"body":{"choices":[{"message":{"content":[{"type":"thinking","thinking":[]},{"type":"text","text":"d"}]},"finish_reason":"eos_token"}]}}
{"match":{"substring":"question 5\""},"body":{"choices":[{"message":{"content":null,"reasoning":"hm"},"finish_reason":"length"}]}}
{"match":{"substring":"question 6\""},"body":{"choices":[{"message":{"content":"","reasoning_content":"hm"},"finish_reason":"stop"}]}}
{"match":{"substring":"question 7\""},"body":{"choices":[{"message":{"content":"<think>hm"},"finish_reason":"length"}]}}
{"match":{"substring":"question 8\""},"body":{"choices":[{"message":{"content":null,"tool_calls":[{"id":"x"}]},"finish_reason":"tool_calls"}]}}
{"match":{"substring":"question 9\""},"body":{"choices":[{"message":{"content":"cut"},"finish_reason":"model_length"}]}}
{"match":{"substring":"question 10\""},"body":{"choices":[{"message":{"content":"cut"},"finish_reason":"error"}]}}
{"match":{"substring":"question 11\"","attempt":1},"body":{"error":{"message":"Rate limit exceeded","code":429}}}
END
start_mock -s "$T/s"
asked 1 11 >"$T/in"
check_status "a run with answers of all kinds exits with 1" 1 llm --cache "$T/kinds" "$T/in" >"$T/out" 2>"$T/err"
is "reasoning does not become the answer" '["a"] ["b"] ["c"] ["d"] ' "$(texts | sed 's/\[\].*//')"
is "each reply without an answer has its own code" \
	'null null null null only_reasoning only_reasoning only_reasoning tool_call truncated aborted null ' \
	"$(codes)"
is "a finish_reason of null stays null" null "$(sed -n 3p "$T/out" | jq .tg.response.choices[0].finish_reason)"
check "a message says what to do about mere reasoning" grep -q 'reasons .* --max-tokens .* --extra-body' "$T/err"
is "a 429 in the body of a 200 is tried again" 2 "$(sed -n 11p "$T/out" | jq .tg.response.attempts)"
is "mere reasoning is not stored in the cache" 0 "$(grep -c '"text":null\|"text":""' "$T"/kinds/*.jsonl)"
asked 5 5 judge | llm >"$T/out" 2>"$T/err"
is "a judge's answer that is mere reasoning has its own code" "only_reasoning " "$(codes)"
check "a message says what to do about a judge that reasons" grep -q 'of a judge in tg-run: with --judge-opts' "$T/err"
kill "$MOCK_PID"

# A judge that reasons gets more tokens once that is seen.
asked 1 20 judge "$judged" >"$T/in"
while read -r how rule; do
	printf '{"match":{"substring":"\\"max_tokens\\":8,"},"finish_reason":"length",%s}\n{"text":"1"}\n' \
		"$rule" >"$T/s"
	start_mock -s "$T/s" -o latency_ms=10
	check_status "$how: a run with a judge that reasons exits with 0" 0 llm -m m --dialect vllm -j 5 --retries 0 --cache "$T/$how" "$T/in" \
		>"$T/out" 2>"$T/err"
	is "$how: all records are answered, with one message" 20/1/1 "$(grep -c '"text":"1"' "$T/out")/$(
		grep -c 'the judge reasons.* 8 tokens .* 8192 from now on' "$T/err")/$(wc -l <"$T/err")"
	check "$how: few requests are sent twice" [ "$(mock_stats .requests)" -le 25 ]
	check "$how: answers that were too short are not kept" [ "$(cat "$T/$how"/*.jsonl | wc -l)" -eq 20 ]
	check_status "$how: a run with the user's own token limit exits with 1" 1 llm -m m --dialect vllm --max-tokens 8 \
		"$T/in" >"$T/out" 2>"$T/err"
	is "$how: the user's own token limit stays" 0 "$(grep -c 'from now on' "$T/err")"
	check "$how: a message says to raise the token limit" grep -q 'with --judge-opts' "$T/err"
	check "$how: a larger token limit of the user's helps" llm -m m --dialect vllm --max-tokens 99 "$T/in" >"$T/out"
	kill "$MOCK_PID"
done <<-'END'
	field "content":null,"reasoning":"well"
	block "text":"<think>well, the"
	hidden "content":null
END
printf '%s\n' '{"match":{"substring":"\"max_tokens\":8,"},"text":"1 as it","finish_reason":"length"}' >"$T/s"
start_mock -s "$T/s"
check "a run with verdicts that are cut off exits with 0" llm -m m --dialect vllm "$T/in" >"$T/out" 2>"$T/err"
check "a verdict that is cut off raises no token limit" [ ! -s "$T/err" ]
kill "$MOCK_PID"

# Azure, OpenAI's headers and headers of the user.
start_mock -o require_key=azure-key-0123456789
asked 1 1 >"$T/in"
unset OPENAI_API_VERSION
export AZURE_OPENAI_API_KEY=azure-key-0123456789
for base in "$MOCK_BASE" "$MOCK_BASE/" "$MOCK_BASE/openai/v1/"; do
	check "a run on Azure's v1 at ${base#"$MOCK_BASE"} exits with 0" env AZURE_OPENAI_ENDPOINT="$base" \
		tg-llm --provider azure -m d "$T/in" >"$T/out"
	is "Azure's v1 gets neither deployment nor version" \
		'["/openai/v1/chat/completions","","azure-key-0123456789","d"]' \
		"$(tail -n 1 "$MOCK_LOG" | jq -c '[.path, .query // "",
			.headers["api-key"], .body.model]')"
done
rule max_completion_tokens 400 "$(unrecognized max_completion_tokens)" >"$T/s"
check "a run on Azure's v1 without --provider exits with 0" env OPENAI_API_KEY=azure-key-0123456789 \
	tg-llm -u "$MOCK_BASE/openai/v1/" -m d "$T/in" >"$T/out"
is "without --provider the key is sent as a bearer token" 'Bearer azure-key-0123456789' "$(tail -n 1 "$MOCK_LOG" |
	jq -r .headers.authorization)"
unset AZURE_OPENAI_API_KEY
export OPENAI_API_KEY=azure-key-0123456789
check "a run with organization, project and headers exits with 0" env OPENAI_ORG_ID=org-1 OPENAI_PROJECT_ID=proj-1 \
	OPENAI_CUSTOM_HEADERS=$'X-Team:  red \nno header\nX-Token: Bearer canary-456789 \n' \
	tg-llm -u "$MOCK_URL" "$T/in" >"$T/out"
is "organization, project and the user's headers are sent" '["org-1","proj-1","red","Bearer canary-456789"]' "$(tail -n 1 "$MOCK_LOG" |
	jq -c '.headers | with_entries(.key |= ascii_downcase) | [.["openai-organization"],
		.["openai-project"], .["x-team"], .["x-token"]]')"
check "a run with the user's own authorization header exits with 0" env OPENAI_API_KEY=wrong \
	OPENAI_CUSTOM_HEADERS='authorization: Bearer azure-key-0123456789' \
	tg-llm -u "$MOCK_URL" "$T/in" >"$T/out"
check_fail "the user's own authorization header replaces ours" grep -q 'Bearer wrong' "$MOCK_LOG"
check_status "a malformed header is refused" 2 env OPENAI_CUSTOM_HEADERS='a b: c' tg-llm -u "$MOCK_URL" "$T/in"
check_status "a header with a control character is refused" 2 env OPENAI_CUSTOM_HEADERS=$'a: c\rd' tg-llm -u "$MOCK_URL" "$T/in"
kill "$MOCK_PID"
unset OPENAI_API_KEY
cat >"$T/s" <<'END'
{"match":{"substring":"question 1\""},"status":400,"body":{"error":{"message":"no canary-456789 here"}},"hold":true}
END
start_mock -s "$T/s"
asked 1 2 >"$T/in"
OPENAI_CUSTOM_HEADERS='X-Token: Bearer canary-456789' tg-llm -m M --dialect vllm \
	-u "$MOCK_URL" "$T/in" >"$T/out" 2>"$T/err" &
pid=$!
wait_for asked_over 1
if [ "$SLOW" -gt 1 ]; then
	skip "the user's headers are removed from the environment" "valgrind has a copy"
else
	check_fail "the user's headers are removed from the environment" grep -q canary "/proc/$pid/environ"
fi
mock_goes_on
wait $pid
check_fail "a header that the server repeats appears nowhere" grep -q canary "$T/out" "$T/err"
check "a header that the server repeats is replaced by asterisks" grep -q 'no \*\*\*' "$T/err"
kill "$MOCK_PID"

# Log probabilities, as in OpenAI's reference; vLLM and llama.cpp also count the
# tokens of the thinking and of the end.
cat >"$T/s" <<'END'
{"match":{"substring":"question 1\""},"body":{"model":"J","choices":[{"message":{"content":"1"},"logprobs":{"content":[{"token":"1","logprob":-0.25,"bytes":[49],"top_logprobs":[{"token":"1","logprob":-0.25,"bytes":[49]},{"token":"0","logprob":-1.75,"bytes":[48]},{"token":"2","logprob":-4,"bytes":[50]}]}],"refusal":null},"finish_reason":"stop"}]}}
{"match":{"substring":"question 2\""},"body":{"choices":[{"message":{"content":"0","reasoning":"1"},"logprobs":{"content":[{"token":"<think>","logprob":0},{"token":"1","logprob":0},{"token":"</think>","logprob":0},{"token":"0","logprob":-0.5,"top_logprobs":[{"token":"0","logprob":-0.5},{"token":"1","logprob":-1}]},{"token":"<|im_end|>","logprob":0}]},"finish_reason":"stop"}]}}
{"match":{"substring":"question 3\""},"text":"1"}
END
start_mock -s "$T/s"
asked 1 3 judge '{"temperature":0.5}' | jq -c '.query = "q" | .pos = ["p"] | .tg.pair = true | .tg.task = "x"' >"$T/in"
check "a run with --logprobs exits with 0" llm -m M --logprobs 3 --cache "$T/lp" "$T/in" >"$T/out"
is "--logprobs asks for log probabilities" '{"temperature":0.5,"top_p":0.6,"max_tokens":8192,"logprobs":true,"top_logprobs":3}' \
	"$(sent)"
is "--logprobs puts log probabilities beside the answer" \
	'{"1":-0.25,"0":-1.75,"2":-4} {"0":-0.5,"1":-1} null ' \
	"$(jq -c '.tg.response.choices[0].logprobs' "$T/out" | tr '\n' ' ')"
tg-judge --keep-rejected "$T/out" >"$T/judged"
is "tg-judge computes p from log probabilities" \
	'[["verdict","answer","model","logprobs","p"],0.802151] [["verdict","answer","model","logprobs","p"],0.377541] [["verdict","answer","model"],null] ' \
	"$(jq -c '.tg.judge | [keys_unsorted, .p]' "$T/judged" | tr '\n' ' ')"
tg-emit --meta "$T/judged" 2>"$T/err" | jq -c .meta.judge.p >"$T/meta"
is "tg-emit --meta writes p" 0.802151 "$(head -n 1 "$T/meta")"
kill "$MOCK_PID"
check "a run with --logprobs on a full cache exits with 0" llm -m M --logprobs 3 --cache "$T/lp" "$T/in" >"$T/again"
is "the cache keeps log probabilities with the answer" '{"1":-0.25,"0":-1.75,"2":-4} {"0":-0.5,"1":-1} null ' \
	"$(jq -c '.tg.response.choices[0].logprobs' "$T/again" | tr '\n' ' ')"
start_mock -s "$T/s"
check "a run without --logprobs exits with 0" llm -m M --cache "$T/lp" "$T/in" >"$T/out"
is "a request without --logprobs is another request" 3 "$(mock_stats .requests)"
kill "$MOCK_PID"
rule top_logprobs 400 '{"error":{"message":"'"'logprobs'"' is not supported with this model","type":"invalid_request_error"}}' >"$T/s"
start_mock -s "$T/s"
check "a run on a server that refuses log probabilities exits with 0" llm --logprobs 0 "$T/in" >"$T/out" 2>"$T/err"
is "a server that refuses log probabilities is asked without them, with one message" null/1 "$(sent | jq '.logprobs // .top_logprobs')/$(
	grep -c 'logprobs; NOT SENT, although --logprobs' "$T/err")"
kill "$MOCK_PID"
check_status "a --logprobs over the limit is refused" 2 tg-llm --logprobs 21
done_testing
