#!/bin/bash
# tg-llm: the answer alone, out of any shape of reply. tests/unit/{marks,reply}.c have
# more cases.
. tests/lib.sh

llm() {
	tg-llm -u "$MOCK_URL" "$@"
}
# of N FILTER: prints what jq's filter makes of the record of question N.
of() {
	jq -r --arg id "$1" "select(.tg.id == \$id) | $2" "$T/out"
}
# plain TEXT: prints a plain completion.
plain() {
	jq -nc --arg text "$1" '{choices: [{message: {content: $text}, finish_reason: "stop"}]}'
}
# raw N BODY: prints the rule that answers question N with this body.
raw() {
	jq -nc --arg n "question $1\"" --arg body "$2" '{match: {substring: $n}, body: $body}'
}
# says N TEXT [FINISH]: prints the rule that answers question N with this text.
says() {
	jq -nc --arg n "question $1\"" --arg text "$2" --arg finish "${3:-stop}" \
		'{match: {substring: $n}, $text, finish_reason: $finish}'
}

# Marks of chat templates.
reasoned=('<think>Hm.</think>A sum.' '[THINK]Hm.[/THINK]A sum.' '<seed:think>Hm.</seed:think>A sum.'
	'<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>A sum.<|return|>'
	$'Hm, what is it?\n</think>\n\nA sum.' $'<|im_start|>assistant\nA sum.<|im_end|>' 'A sum.</s>'
	'<think mode="deep">Hm.</think>A sum.' 'assistantfinalA sum.' 'A sum.<|some_new_token|>')
spoken=('Cuts all up to </think> off.' $'Cuts `<|im_end|>` off.\n' "s.split('</think>')"
	'<think> and </think> delimit it.' "strip('x</think>y')")
n=0
for text in "${reasoned[@]}" "${spoken[@]}" '<think>Hm.' '<reasoning>Hm.</think>'; do
	says $((++n)) "$text"
done >"$T/s"
start_mock -s "$T/s"
asked 1 $n | llm --cache "$T/marks" >"$T/out" 2>"$T/err"
for n in $(seq ${#reasoned[@]}); do
	is "the answer is taken out of: ${reasoned[n - 1]//$'\n'/ }" "A sum." "$(of "$n" '.tg.response.choices[0].text')"
done
for text in "${spoken[@]}"; do
	n=$((n + 1))
	is "an answer that speaks of a mark stays whole: ${text//$'\n'/ }" "$(jq -n --arg t "$text" '$t')" \
		"$(of $n '.tg.response.choices[0].text | tojson')"
done
is "a block of reasoning that has no end is an error" "only_reasoning only_reasoning" \
	"$(of $((n + 1)) .tg.error.code) $(of $((n + 2)) .tg.error.code)"
is "the response cache keeps the reasoning" 1 "$(grep -c '<seed:think>Hm' "$T"/marks/*.jsonl)"
asked 1 4 | llm --cache "$T/marks" --keep-thinking >"$T/out" 2>"$T/err"
is "--keep-thinking finds it there" "${reasoned[2]}" "$(of 3 '.tg.response.choices[0].text')"
kill "$MOCK_PID"

# How an answer ends.
n=0
for end in stop eos_token end_turn COMPLETE '' weird refusal SAFETY network_error tool_calls MAX_TOKENS; do
	says $((++n)) "An ans" "$end"
done >"$T/s"
start_mock -s "$T/s"
asked 1 $n | llm --cache "$T/ends" >"$T/out" 2>"$T/err"
is "answers of a good end are kept, and each bad end has its own code" \
	"null null null null null unknown_finish refusal content_filter aborted tool_call truncated" \
	"$(jq -r .tg.error.code "$T/out" | paste -sd ' ')"
check "the message about an unknown end names it" grep -q 'finish_reason weird$' "$T/err"
sed -n 6p "$T/out" | tg-prompt generate -t code_summary_retrieval --retry >"$T/again" 2>"$T/err"
is "--retry asks anew for an answer of an unknown end" 1 "$(jq .tg.again.generate "$T/again")"
kill "$MOCK_PID"

# Shapes of a reply.
chunk() {
	jq -nc --arg text "$1" '{choices: [{index: 0, delta: {content: $text}, finish_reason: null}]}' |
		sed 's/^/data: /; s/$/\n/'
}
stream=": OPENROUTER PROCESSING

$(chunk 'A ')

$(chunk 'sum.')

data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}

data: [DONE]

"
shapes=($'\xef\xbb\xbf'"$(plain 'A sum.')" ": OPENROUTER PROCESSING

$(plain 'A sum.')" "$(plain 'A sum.')

data: [DONE]

" "$stream" '{"created":NaN,"choices":[{"message":{"content":"A sum."}}],"usage":{"prompt_tokens":Infinity}}'
	'{"choices":[{"message":{"content":["A ",{"type":"text","text":"sum."}]}}]}'
	'{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"A sum."}]}]}')
n=0
for body in "${shapes[@]}" "${stream%%data: \{\"choices\":\[\{\"index\":0,\"delta\":\{\}*}"; do
	raw $((++n)) "$body"
done >"$T/s"
plain 'A sum.' | gzip -n >"$T/body.gz"
head -c 30000000 /dev/zero | tr '\0' ' ' | gzip -n >"$T/bomb.gz"
jq -nc --arg file "$T/body.gz" --arg bomb "$T/bomb.gz" --arg n "question $((n + 1))\"" --arg m "question $((n + 2))\"" '
	{match: {substring: $n}, $file, headers: {"Content-Encoding": "gzip"}},
	{match: {substring: $m}, file: $bomb, headers: {"Content-Encoding": "gzip"}}' >>"$T/s"
raw $((n + 3)) '{"choices":[{"message":{"content":"half of \ud83d"}}]}' >>"$T/s"
start_mock -s "$T/s"
asked 1 $((n + 3)) | llm --retries 0 >"$T/out" 2>"$T/err"
for n in $(seq ${#shapes[@]}); do
	is "the answer is read from reply $n" "A sum." "$(of "$n" '.tg.response.choices[0].text')"
done
is "a stream that ends early is no completion" bad_reply "$(of $((n + 1)) .tg.error.code)"
check "its message says so" grep -q 'the event stream ends before its answer does' "$T/err"
is "a reply that comes in gzip is read" "A sum." "$(of $((n + 2)) '.tg.response.choices[0].text')"
is "a reply that gets too large once it is decoded is given up" reply_too_big "$(of $((n + 3)) .tg.error.code)"
is "half of a character is an error" broken_text "$(of $((n + 4)) .tg.error.code)"
is "no encoding is asked for" null "$(jq -s '.[-1].headers["accept-encoding"]' "$MOCK_LOG")"
is "a request says that it wants no stream" false "$(jq -s '.[-1].body.stream' "$MOCK_LOG")"
kill "$MOCK_PID"

# What kind of output was asked goes along.
start_mock
asked 1 2 negatives | sed '1s/"step"/"output_kind":"code","step"/' | llm >"$T/out"
is "the response says that code was asked" '["code",null]' "$(jq -sc 'map(.tg.response.output_kind)' "$T/out")"
kill "$MOCK_PID"

# A bad choice among several, and a bad record among several.
raw 1 '{"choices":[{"message":{"content":"a"},"finish_reason":"stop"},{"message":{"content":"b \ud83d"}},null,{"message":{"content":"d"}}]}' >"$T/s"
start_mock -s "$T/s"
asked 1 1 | llm -n 4 >"$T/out" 2>"$T/err"
is "a choice that holds half of a character is dropped alone" a/d "$(of 1 '[.tg.response.choices[].text] | join("/")')"
is "the request is not paid for again" 1 "$(jq -s 'map(.body | objects) | length' "$MOCK_LOG")"
for params in '{"choice":[0,1]}' '{"choice":"1"}' '{"choice":["a\""]}' '{"choice":[]}' '{"temperature":"hot"}' '{"logit_bias":1}' '{}'; do
	asked 2 2 generate "$params"
done >"$T/in"
check_status "a run with malformed parameters exits with 1" 1 llm --dialect vllm "$T/in" >"$T/out" 2>"$T/err"
is "each malformed parameter is one record's error" \
	"$(printf 'bad_request_member %.0s' 1 2 3 4 5 6)null" "$(jq -r .tg.error.code "$T/out" | paste -sd ' ')"
check "its message names the parameter" grep -q '^tg-llm: .*:1: tg.request.params.choice is ' "$T/err"

done_testing
