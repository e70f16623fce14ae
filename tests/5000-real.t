#!/usr/bin/env bash
# The main job on a small real model, if `make demo` has installed one.
. tests/lib.sh

[ -z "${TG_VALGRIND-}" ] || skip_all "a real model takes too long under valgrind"
export TG_DEMO_DIR=${TG_DEMO_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/tg/demo}
[ -s "$TG_DEMO_DIR/verified" ] || skip_all "no model here; make demo installs one"

# A server that a user has started stays.
found=1
tg-demo status >"$T/out" 2>&1 || found=''
tg-demo start -l 5 2>"$T/log" || bail_out "the model's server does not start"
trap '[ -n "$found" ] || tg-demo stop' TERM INT
eval "$(tg-demo env)"
url=$OPENAI_BASE_URL
unset OPENAI_BASE_URL TG_MODEL

code='def double(x):\n    \"\"\"Twice the number.\"\"\"\n    return 2 * x\n'
printf '{"text":"%s","n":%d}\n' "$code" 1 "$code# and so on\n" 2 >"$T/code"

is "--print-model finds the model" qwen2.5-coder-1.5b-instruct \
	"$(tg-llm -u "$url" --print-model)"

tg-prompt generate --no-vary -t web_code_retrieval "$T/code" |
	tg-llm -u "$url" -j 2 --max-tokens 200 --temperature 0 --keep |
	tg-arrange >"$T/pairs" 2>"$T/err"
is "two documents give two pairs" 2 "$(jq -c 'select(.tg.pair and (.query | length > 3))' "$T/pairs" | wc -l)"
is "the server counts tokens" true \
	"$(tg-prompt judge "$T/pairs" | tg-llm -u "$url" | tee "$T/judged" |
		jq -s 'all(.tg.response.usage | .prompt_tokens > 50 and .completion_tokens > 0)')"
is "the judge answers one of 0, 1 and 2" true \
	"$(tg-judge "$T/judged" | jq -s 'all(.tg.judge.verdict | . == 0 or . == 1 or . == 2)')"
tg-prompt judge "$T/pairs" | tg-llm -m qwen --dialect llamacpp --export "$T/q.jsonl" >"$T/asked" 2>"$T/err"
while read -r request; do
	jq -c .body <<<"$request" | curl -sS -d @- "$url/chat/completions" |
		jq -c --argjson q "$request" '{custom_id: $q.custom_id, response: {status_code: 200, body: .}}'
done <"$T/q.jsonl" >"$T/results"
is "a batch gives two verdicts" 'true' \
	"$(tg-llm -m qwen --import "$T/results" <"$T/asked" 2>"$T/err" | tg-judge |
		jq -s 'length == 2 and all(.tg.judge.verdict | . == 0 or . == 1 or . == 2)')"
is "-n 2 gives two choices" 2 \
	"$(head -1 "$T/code" | tg-prompt generate --no-vary -t web_code_retrieval |
		tg-llm -u "$url" -n 2 --max-tokens 400 | jq '.tg.response.choices | length')"

jq -c '.tg.request.messages[0].content = ("word " * 6000)' \
	<(tg-prompt generate --no-vary -t web_code_retrieval "$T/code" | head -1) |
	tg-llm -u "$url" >"$T/long" 2>"$T/err"
is "a text over the context ends in context_overflow" context_overflow "$(jq -r .tg.error.code "$T/long")"
is "an answer over its limit ends in truncated" truncated \
	"$(tg-prompt generate -t code_walkthrough_retrieval "$T/code" | head -1 |
		tg-llm -u "$url" --max-tokens 5 2>"$T/err" | jq -r .tg.error.code)"

[ -n "$found" ] || check "the server stops without a fault" tg-demo stop
done_testing
