#!/bin/bash
# tg-llm: token limits that are too large for the model, as servers refuse them
# and as their lists of models announce them. tests/unit/reply.c has more texts,
# with their sources.
. tests/lib.sh

llm() {
	tg-llm -q -u "$MOCK_URL" "$@"
}

# prompt N: prints N tokens, as the mock counts them.
prompt() {
	printf '%0*d' $((4 * $1)) "$1"
}

# ask FILE N...: makes a record for each number, whose prompt has that many
# tokens.
ask() {
	for _n in "${@:2}"; do
		prompt "$_n"
		echo
	done | jq -Rc --arg kind "${KIND:-generate}" --argjson params "${PARAMS:-{\}}" \
		'{tg: {id: "\(input_line_number)", request: {kind: $kind, step: 1,
		messages: [{role: "user", content: .}], params: $params}}}' >"$1"
}

# sent: prints the limits that were sent, in order. codes: prints the error
# codes.
sent() {
	jq -n '[inputs.body | objects | .max_tokens // .max_completion_tokens] | map(tostring) | join(" ")' -r "$MOCK_LOG"
}
codes() {
	jq -r '.tg.error.code // "-"' "$T/out" | tr '\n' ' ' | sed 's/ $//'
}
said() {
	grep -c 'too large for the model' "$T/err"
}

# Each text is sent where the mock's prompt and limit together are over a
# context of 4096 (sum), or the limit alone is (cap), or the prompt alone is,
# too. Short prompts, one that leaves 1096 tokens and one that leaves none are
# sent one after the other. Before each text stand the limits that were sent:
# half the context, less where the prompt is estimated to leave less (1220), and
# what is left for sure (1080). For a prompt that seems to leave nothing 64
# tokens are tried.
ask "$T/in" 50 3000 5000 60 70
while IFS='|' read -r who how status want text; do
	case $how in
	sum) how='-o api=vllm -o ctx=4096' ;;
	cap) how='-o cap=4096' ;;
	both) how='-o cap=4096 -o ctx=4096' ;;
	esac
	# shellcheck disable=SC2086
	start_mock $how -o "refusal=$text" -o "refusal_status=$status"
	llm -m m --dialect generic -j 1 --retries 0 "$T/in" >"$T/out" 2>"$T/err"
	is "$who: the expected limits are sent" "$want" "$(sent)"
	case $how in
	*ctx*) want='- - context_overflow - -' ;;
	*) want='- - - - -' ;;
	esac
	is "$who: the expected records are answered" "$want" "$(codes)"
	is "$who: one message says that the limit is too large" 1 "$(said)"
	kill "$MOCK_PID"
done <<'END'
vLLM 0.32|cap|400|8192 2048 1220 64 2048 2048|{"error":{"message":"max_tokens={out} cannot be greater than max_model_len={cap}. Please request fewer output tokens. (parameter=max_tokens, value={out})","type":"BadRequestError","param":"max_tokens","code":400}}
vLLM 0.20|sum|400|8192 2048 1220 610 64 2048 2048|{"error":{"message":"This model's maximum context length is {ctx} tokens. However, you requested {out} output tokens and your prompt contains at least {least} input tokens, for a total of at least 4097 tokens. Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_tokens, value={least})","type":"BadRequestError","param":"input_tokens","code":400}}
vLLM 0.10|sum|400|8192 2048 1220 1080 64 2048 2048|{"object":"error","message":"'max_tokens' or 'max_completion_tokens' is too large: {out}. This model's maximum context length is {ctx} tokens and your request has {in} input tokens ({out} > {ctx} - {in}). None","type":"BadRequestError","param":null,"code":400}
vLLM 0.6|sum|400|8192 2048 1220 1080 64 2048 2048|{"object":"error","message":"This model's maximum context length is {ctx} tokens. However, you requested {all} tokens ({in} in the messages, {out} in the completion). Please reduce the length of the messages or completion.","type":"BadRequestError","param":null,"code":400}
SGLang|sum|400|8192 2048 1220 1080 64 2048 2048|{"object":"error","message":"Requested token count exceeds the model's maximum context length of {ctx} tokens. You requested a total of {all} tokens: {in} tokens from the input messages and {out} tokens for the completion.","type":"BadRequestError","param":null,"code":400}
SGLang, the limit|cap|400|8192 4096 4096 4096 4096 4096|{"object":"error","message":"max_completion_tokens is too large: {out}.This model supports at most {cap} completion tokens.","type":"BadRequestError","param":null,"code":400}
TGI|sum|422|8192 2048 1220 1080 64 2048 2048|{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= {ctx}. Given: {in} `inputs` tokens and {out} `max_new_tokens`","error_type":"validation"}
llama-cpp-python|sum|400|8192 2048 1220 1080 64 2048 2048|{"error":{"message":"Requested tokens ({all}) exceed context window of {ctx}","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}
OpenAI|cap|400|8192 4096 4096 4096 4096 4096|{"error":{"message":"Invalid 'max_tokens': integer above maximum value. Expected a value <= {cap}, but got {out} instead.","type":"invalid_request_error","param":"max_tokens","code":"integer_above_max_value"}}
DeepSeek|cap|400|8192 4096 4096 4096 4096 4096|{"error":{"message":"Invalid max_tokens value, the valid range of max_tokens is [1, {cap}]","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}
Groq|cap|400|8192 4096 4096 4096 4096 4096|{"error":{"message":"`max_tokens` must be less than or equal to `{cap}`, the maximum value for `max_tokens` is less than the `context_window` for this model","type":"invalid_request_error","param":"max_tokens"}}
Anthropic|cap|400|8192 4096 4096 4096 4096 4096|{"error":{"type":"invalid_request_error","message":"max_tokens: {out} > {cap}, which is the maximum allowed number of output tokens for claude-3-haiku-20240307"}}
Anthropic, both|sum|400|8192 2048 1220 1080 64 2048 2048|{"error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: {in} + {out} > {ctx}, decrease input length or `max_tokens` and try again"}}
LiteLLM|sum|400|8192 2048 1220 1080 64 2048 2048|{"error":{"message":"litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: OpenAIException - {\"error\":{\"message\":\"This model\\u0027s maximum context length is {ctx} tokens. However, you requested {all} tokens ({in} in the messages, {out} in the completion).\",\"code\":400}}. Received Model Group=qwen3-32b\nAvailable Model Group Fallbacks=None","type":null,"param":null,"code":"400"}}
OpenRouter|cap|400|8192 4096 4096 4096 4096 4096|{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"max_tokens must be at most {cap}\"}}","provider_name":"x"}}}
no number, of the limit|cap|400|8192 4096 4096 4096 4096 4096|{"error":{"message":"max_tokens={out} cannot be greater than max_model_len","type":"BadRequestError","param":"max_tokens","code":400}}
no number, of the context|sum|400|8192 4096 2048 2048 1024 2048 1024 512 256 128 64 2048 2048|{"message":"The request exceeds the model context length.","type":"invalid_request_error","code":"context_length_exceeded","param":null,"object":"error"}
END

# A limit that is found by halving during a long prompt counts for that prompt
# alone.
start_mock -o api=vllm -o ctx=4096 -o 'refusal={"error":{"message":"context_length_exceeded"}}'
ask "$T/in" 3500 50 60
check "a run with a long prompt before the others exits with 0" llm -m m --dialect generic -j 1 "$T/in" >"$T/out" 2>"$T/err"
is "a long prompt lowers the limit of no other prompt" '8192 4096 2048 1024 512 8192 4096 2048 2048/1' "$(sent)/$(said)"
kill "$MOCK_PID"

# The list of models announces the context, so that no request is refused.
models() { # ENTRY...: prints a rule that lists these models
	printf '{"match":{"path":"/models"},"body":{"object":"list","data":[%s]}}\n' "$*"
}
ask "$T/in" 50 3000 60
while IFS='|' read -r who want refused entry; do
	models "$entry" >"$T/s"
	start_mock -s "$T/s" -o cap=4096 -o 'refusal=max_tokens={out} cannot be greater than max_model_len={cap}'
	check "$who: a run on its list of models exits with 0" llm -m Q -j 1 "$T/in" >"$T/out" 2>"$T/err"
	is "$who: the expected limits are sent after its list of models" "$want" "$(sent)"
	is "$who: the expected requests are refused, with one message" "$refused/1" "$(jq -n '[inputs | select(.status == 400)] | length' "$MOCK_LOG")/$(said)"
	kill "$MOCK_PID"
done <<'END'
vLLM|2048 1220 2048|0|{"id":"Q","object":"model","owned_by":"vllm","max_model_len":4096,"permission":[]}
SGLang|2048 1220 2048|0|{"id":"Q","object":"model","owned_by":"sglang","max_model_len":4096}
vLLM's other model|2048 1220 2048|0|{"id":"P","owned_by":"vllm","max_model_len":99999},{"id":"Q","owned_by":"vllm","max_model_len":4096,"permission":[]}
a model not in the list|8192 2048 1220 2048|1|{"id":"P","owned_by":"vllm","max_model_len":512,"permission":[]}
llama.cpp|2048 1220 2048|0|{"id":"Q","owned_by":"llamacpp","meta":{"n_ctx":4096,"n_ctx_train":32768}}
llama.cpp's training|8192 2048 1220 2048|1|{"id":"Q","owned_by":"llamacpp","meta":{"n_ctx_train":512}}
END
models '{"id":"Q","owned_by":"vllm","max_model_len":4096,"permission":[]}' >"$T/s"
start_mock -s "$T/s" -o api=vllm -o ctx=4096
ask "$T/in" 50 3000 60 3010
check "a run with a limit below the context exits with 0" llm -j 1 --max-tokens 4000 "$T/in" >"$T/out" 2>"$T/err"
is "a limit below the context is lowered only for prompts that need it" '4000 1220 1080 4000 1047/0' "$(sent)/$(said)"
is "all prompts are answered with a limit below the context" '- - - -' "$(codes)"
: >"$MOCK_LOG"
ask "$T/in" 3000 3010 3020
check "a run with prompts like earlier ones exits with 0" llm -j 1 "$T/in" >"$T/out" 2>"$T/err"
is "prompts like earlier ones are estimated and not refused" '1088 786 - -' "$(sent | cut -d ' ' -f 1,2) $(codes | cut -d ' ' -f 2,3)"
is "hardly any prompt like earlier ones is sent twice" 4 "$(wc -l <"$MOCK_LOG")"
kill "$MOCK_PID"

# A judge's few tokens stay; a judge that reasons gets as many as there is room
# for.
KIND=judge PARAMS='{"temperature":0,"max_tokens":8,"choice":["0","1","2"]}'
start_mock -s "$T/s" -o api=vllm -o ctx=4096
ask "$T/in" 50 3000 60
check "a run with a judge exits with 0" llm -j 1 "$T/in" >"$T/out" 2>"$T/err"
is "a judge keeps its few tokens, without a message" '8 8 8/0' "$(sent)/$(wc -l <"$T/err")"
kill "$MOCK_PID"
{
	cat "$T/s"
	echo '{"finish_reason":"length","body":{"choices":[{"message":{"content":null,"reasoning":"hm"},"finish_reason":"length"}],"usage":{"prompt_tokens":50,"completion_tokens":8}}}'
} >"$T/s2"
start_mock -s "$T/s2"
ask "$T/in" 50
check_status "a run with a judge that never stops reasoning exits with 1" 1 llm -j 1 --retries 0 "$T/in" >"$T/out" 2>"$T/err"
is "a judge that reasons gets at most half the context" 'only_reasoning/8 2048' "$(codes)/$(sent | cut -d ' ' -f 1,2)"
check "a judge that never stops reasoning gets few requests" [ "$(mock_stats .requests)" -le 4 ]
kill "$MOCK_PID"
unset KIND PARAMS

# The key of an answer in the cache has the limit that was asked for, not the
# one that was sent.
ask "$T/in" 50 3000
start_mock -s "$T/s" -o api=vllm -o ctx=4096
check "a run on a small model exits with 0" llm --cache "$T/cache" "$T/in" >"$T/small" 2>"$T/err"
kill "$MOCK_PID"
models '{"id":"Q","owned_by":"vllm","max_model_len":99999,"permission":[]}' >"$T/s2"
start_mock -s "$T/s2"
check "a run on a larger model with the same cache exits with 0" llm --cache "$T/cache" "$T/in" >"$T/out" 2>"$T/err"
is "answers of the small model serve the larger one" 0 "$(mock_stats .requests)"
kill "$MOCK_PID"

# Each of two endpoints has its own limit.
start_mock -s "$T/s" -o api=vllm -o ctx=4096
small=$MOCK_URL small_log=$MOCK_LOG
start_mock -s "$T/s2"
# shellcheck disable=SC2046
ask "$T/in" $(seq 20 59)
check "a run with two endpoints exits with 0" tg-llm -u "$small" -u "$MOCK_URL" -m Q -j 4 "$T/in" >"$T/out" 2>"$T/err"
is "each of two endpoints has a limit of its own" '[2048]/[8192]/1' "$(MOCK_LOG=$small_log sent | jq -Rc 'split(" ") |
	map(tonumber) | unique')/$(sent | jq -Rc 'split(" ") | map(tonumber) | unique')/$(said)"

# A limit in --extra-body or a record stays; hostile servers come to an end.
start_mock -o cap=4096 -o 'refusal={"error":{"message":"max_tokens must be <= {less}"}}'
ask "$T/in" 50
check_status "a run with a limit in --extra-body that is refused exits with 1" 1 llm --extra-body '{"max_tokens":9000}' "$T/in" >"$T/out" 2>"$T/err"
is "a limit in --extra-body stays" '9000 bad_request' "$(sent) $(codes)"
kill "$MOCK_PID"
start_mock -o cap=1 -o 'refusal={"error":{"message":"max_tokens must be <= {less}"}}'
check_status "a run on a server that accepts no limit exits with 1" 1 llm --retries 0 "$T/in" >"$T/out" 2>"$T/err"
is "a server that accepts no limit ends in context_overflow" context_overflow "$(codes)"
check "a server that accepts no limit gets few requests" [ "$(mock_stats .requests)" -le 40 ]
kill "$MOCK_PID"
start_mock -o cap=1 -o 'refusal={"error":{"message":"max_tokens is too large"}}'
check_status "a run on a server that refuses any limit exits with 1" 1 llm --retries 0 "$T/in" >"$T/out" 2>"$T/err"
is "a server that refuses any limit is asked down to 64 tokens" '8192 4096 2048 1024 512 256 128 64 context_overflow/0' "$(sent) $(codes)/$(said)"
kill "$MOCK_PID"
done_testing
