#!/bin/sh
# tg-llm: records in and out, and what it sends.
# shellcheck source=tests/lib.sh
. tests/lib.sh

llm() {
	tg-llm -u "$MOCK_URL" "$@"
}

# The body of the last request, less its messages.
sent() {
	jq -nc '[inputs] | last.body | del(.messages)' "$MOCK_LOG"
}

ids() {
	jq -rc '.tg.id // .id' "$@"
}

# Order and conservation.
start_mock -o latency=lognormal:5:80
{
	asked 1 60
	echo '{"id":"inert","x":0.10,"big":12345678901234567890,"z":"\u0000"}'
	echo 'no record'
	echo '{"id":"ended","tg":{"error":{"code":"x"},"request":{"kind":"judge"}}}'
	asked 61 150
	printf '{"id":"last"}'
} >"$T/in"
check_status "a bad line counts" 1 llm "$T/in" >"$T/out"
is "a line out for each line in" "$(($(wc -l <"$T/in") + 1))" \
	"$(wc -l <"$T/out")"
{ seq 60; echo inert; echo null; echo ended; seq 61 150; echo last; } >"$T/want"
ids "$T/out" >"$T/ids"
check_same "output is in input order" "$T/want" "$T/ids"
sed -n '61p;63p' "$T/in" >"$T/want"
sed -n '61p;63p' "$T/out" >"$T/got"
check_same "what is not asked passes as the same bytes" "$T/want" "$T/got"
is "a bad line is an error in its place" '["bad_record",62,9,"bm8gcmVjb3Jk"]' \
	"$(sed -n 62p "$T/out" |
		jq -c '[.tg.error.code, .tg.error.line, .tg.error.bytes, .tg.raw]')"
check "each answered record has its answer and no request" jq -se '
	[.[] | select(.tg.id) | .tg] | length == 150 and all(.request == null and
	.response.kind == "generate" and .response.step == 1 and
	.response.attempts == 1 and .response.model == "mock-model" and
	.response.usage.completion_tokens > 0 and .response.latency_ms >= 0 and
	(.response.choices | length) == 1 and
	.response.choices[0].finish_reason == "stop")' "$T/out"
asked 1 150 >"$T/in"
kill "$MOCK_PID"
echo '{"match":{"substring":"question 1\""},"hold":true}' >"$T/s"
start_mock -s "$T/s"
llm --unordered -j 16 "$T/in" >"$T/un" &
check "--unordered: all others leave before the first" wait_for has_lines 149 "$T/un"
mock_goes_on
check "--unordered" wait $!
ids "$T/un" >"$T/ids"
seq 150 >"$T/want"
check_fail "gives up the order" cmp -s "$T/ids" "$T/want"
seq 150 | sort >"$T/want"
sort "$T/ids" >"$T/got"
check_same "and nothing else" "$T/want" "$T/got"
is "no input, no output, no request" "" "$(llm </dev/null)"
check_status "a file that is not there" 3 llm "$T/in" "$T/none" >"$T/out"
is "what was read before it is answered" 150 \
	"$(jq -n '[inputs | select(.tg.response)] | length' "$T/out")"
echo '{"tg":{"request":{"kind":"hm","messages":[]}}}' >"$T/odd"
check_status "a request of no kind" 1 llm "$T/odd" >"$T/out"
is "has a code of its own" bad_request_member "$(jq -r .tg.error.code "$T/out")"
kill "$MOCK_PID"

# As it comes: answers leave while the producer waits.
start_mock -o latency_ms=30
mkfifo "$T/fifo"
llm <"$T/fifo" >"$T/out" &
pid=$!
exec 5>"$T/fifo"
asked 1 1 >&5
wait_for has_lines 1 "$T/out"
is "the first answer leaves while the input is open" 1 "$(ids "$T/out")"
# 3000 lines in one write: more than one turn, and then silence
seq 3000 | sed 's/.*/{"id":"&"}/' >&5
wait_for has_lines 3001 "$T/out"
is "no line waits in a buffer" 3001 "$(wc -l <"$T/out")"
asked 2 2 >&5
printf '{"id":"ha' >&5
cpu() {
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}
# on a busy machine it may still be at those lines
for _ in $(seq 60); do
	before=$(cpu $pid)
	sleep 0.5
	spent=$(($(cpu $pid) - before))
	[ $spent -gt 0 ] || break
done
is "waiting takes no time" 0 "$spent"
printf 'lf"}\n' >&5
exec 5>&-
check "the end" wait $pid
is "the line that came in two is whole" half "$(tail -n 1 "$T/out" | ids)"

# One straggler does not hold up the others.
echo '{"match":{"substring":"question 1\""},"hold":true}' >"$T/s"
kill "$MOCK_PID"
start_mock -s "$T/s"
asked 1 1000 >"$T/in"
llm -j 16 "$T/in" >"$T/out" &
check "a straggler is overtaken by all others in the window" wait_for asked_over 1000
mock_goes_on
check "a straggler" wait $!
ids "$T/out" >"$T/ids"
seq 1000 >"$T/want"
check_same "in order all the same" "$T/want" "$T/ids"
kill "$MOCK_PID"

# What is sent. The defaults are the published generator's.
start_mock
one() {
	asked 1 1 "$one_kind" "$one_params" | llm "$@"
}
one_kind=generate one_params='{}'
one -m M >"$T/out"
is "the defaults" \
	'{"model":"M","temperature":1.0,"top_p":0.6,"max_tokens":8192}' \
	"$(tail -n 1 "$MOCK_LOG" | sed 's/.*}\],\("model.*}\),"status.*/{\1/')"
is "messages go as they are" '[{"role":"user","content":"question 1"}]' \
	"$(tail -n 1 "$MOCK_LOG" | jq -c .body.messages)"
one -m M --temperature 0.70 --top-p 1 --max-tokens 12 --repetition-penalty 1.10 \
	--logit-bias '{"50256": -100}' --seed -3 >"$T/out"
is "parameters are sent as they are written" \
	'"temperature":0.70,"top_p":1,"max_tokens":12,"repetition_penalty":1.10,"logit_bias":{"50256": -100},"seed":-3' \
	"$(tail -n 1 "$MOCK_LOG" | sed 's/.*"M",\("temp.*\)},"status.*/\1/')"
one -m M --temperature .5 --top-p 1. --max-tokens 007 >"$T/out"
is "and become JSON where they are not" '[0.5,1,7]' \
	"$(sent | jq -c '[.temperature,.top_p,.max_tokens]')"
one_params='{"temperature":0.25,"max_tokens":9,"stop":["x"],"model":"no","n":5,"top_p":null}'
one -m M --max-tokens 11 >"$T/out"
is "an option beats the record, the record the default" \
	'{"model":"M","temperature":0.25,"top_p":0.6,"max_tokens":11,"stop":["x"]}' \
	"$(sent)"
asked 1 1 | sed 's/"params":{}/"params":{"mod\\u0065l":"no","\\u006e":5,"stre\\u0061m":true,"m\\u0065ssages":[],"tem\\u0070erature":0.5}/' |
	llm -m M >"$T/out"
is "names with escapes do not get past the check" \
	'{"model":"M","temperature":0.5,"top_p":0.6,"max_tokens":8192}' \
	"$(tail -n 1 "$MOCK_LOG" | sed 's/.*}\],\("model.*}\),"status.*/{\1/')"
one -m M --extra-body '{"temperature":0.1,"top_k":5,"model":"X","stop":null}' \
	--temperature 0.9 >"$T/out"
is "--extra-body beats all" \
	'{"top_p":0.6,"max_tokens":9,"temperature":0.1,"top_k":5,"model":"X","stop":null}' \
	"$(sent)"
is "no member stands twice" 1 \
	"$(tail -n 1 "$MOCK_LOG" | grep -o '"temperature"' | wc -l)"
kill "$MOCK_PID"

# Dialects: named, or by the owner of the model in /models.
one_kind=judge one_params='{"temperature":0,"max_tokens":8,"choice":["0","1","2"]}'
while read -r name owner want; do
	start_mock -o owned_by="$owner"
	one --repetition-penalty 1.1 >"$T/out"
	is "$name, found out" "$want" "$(sent | jq -c 'del(.model)')"
	one -m M --repetition-penalty 1.1 --dialect "$name" >"$T/out"
	is "$name, named" "$want" "$(sent | jq -c 'del(.model)')"
	is "$name: it was asked once" 1 "$(mock_stats .models)"
	kill "$MOCK_PID"
done <<-'END'
	generic mock {"temperature":0,"top_p":0.6,"max_tokens":8,"repetition_penalty":1.1}
	openai openai {"temperature":0,"top_p":0.6,"max_completion_tokens":8}
	vllm vllm {"temperature":0,"top_p":0.6,"max_tokens":8,"repetition_penalty":1.1,"structured_outputs":{"choice":["0","1","2"]}}
	sglang sglang {"temperature":0,"top_p":0.6,"max_tokens":8,"repetition_penalty":1.1,"regex":"(0|1|2)"}
	llamacpp llamacpp {"temperature":0,"top_p":0.6,"max_tokens":8,"repeat_penalty":1.1,"grammar":"root ::= \"0\" | \"1\" | \"2\""}
	ollama library {"temperature":0,"top_p":0.6,"max_tokens":8,"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"string","enum":["0","1","2"]}}}}
END
start_mock
one --dialect openai-reasoning -m o3 >"$T/out"
is "openai-reasoning has neither temperature nor top_p" \
	'{"model":"o3","max_completion_tokens":8}' "$(sent)"
one --dialect openai-reasoning -m o3 --temperature 1 >"$T/out"
is "unless asked for" 1 "$(sent | jq .temperature)"
check_status "an unknown dialect" 2 one --dialect klingon

# The model.
one_kind=generate one_params='{}'
one >"$T/out"
is "the server's first model" mock-model "$(sent | jq -r .model)"
export TG_MODEL=env
one >"$T/out"
is "TG_MODEL" env "$(sent | jq -r .model)"
one -m opt >"$T/out"
is "-m beats it" opt "$(sent | jq -r .model)"
unset TG_MODEL
is "--print-model" mock-model "$(tg-llm -u "$MOCK_URL" --print-model)"
OPENAI_BASE_URL=$MOCK_URL/ tg-llm --print-model >"$T/out"
is "OPENAI_BASE_URL, with a slash" mock-model "$(cat "$T/out")"

# n.
one -n 7 >"$T/out"
is "-n 7" '[7,1,7]' "$(jq -c '[(.tg.response.choices | length),
	.tg.response.attempts, (.tg.response.choices | unique | length)]' "$T/out")"
is "is asked for at once" 7 "$(sent | jq .n)"
one_kind=judge
one -n 7 >"$T/out"
is "but of a judge" '[1,null]' "[$(jq '.tg.response.choices | length' "$T/out"),$(
	sent | jq .n)]"
one_kind=generate
kill "$MOCK_PID"
start_mock -o ignore_n=1
asked 1 5 | llm -j 1 -n 7 --seed 40 >"$T/out"
check "a server that ignores n is asked again" jq -se 'length == 5 and
	all(.tg.response.choices | (unique | length) == 7)' "$T/out"
is "one by one from then on" '[7,null]' \
	"$(jq -sc '[.[].body | objects.n] | unique | reverse' "$MOCK_LOG")"
is "each with a seed of its own" '[40,41,42,43,44,45,46]' "$(jq -sc \
	'[.[].body | objects | select(.messages[0].content == "question 3").seed] | sort' \
	"$MOCK_LOG")"
is "and n was tried once" 1 "$(grep -c '"n":7}' "$MOCK_LOG")"
kill "$MOCK_PID"
echo '{"match":{"substring":"\"n\":"},"status":400,"body":{"error":{"message":
	"n is not supported","code":400}}}' | tr -d '\n' >"$T/s"
start_mock -s "$T/s" -o ignore_n=1
asked 1 5 | llm -j 1 -n 3 >"$T/out"
check "a server that refuses n" jq -se 'length == 5 and
	all(.tg.response.choices | length == 3)' "$T/out"
is "is asked so once" 1 "$(grep -c '"n":3}' "$MOCK_LOG")"
kill "$MOCK_PID"

# Choices: bad ones are dropped, thinking is taken off.
cat >"$T/s" <<'END'
{"match":{"substring":"question 1\""},"text":["a","b",null,"d"],"finish_reason":["stop","length","stop","content_filter"]}
{"match":{"substring":"question 2\""},"text":"<think>hm</think>\nanswer"}
{"match":{"substring":"question 3\""},"text":"hm</think>answer","reasoning":"x"}
{"match":{"substring":"question 4\""},"text":"1","finish_reason":"length"}
{"match":{"substring":"question 5\""},"text":"ä\u0000\u2028\"","usage":{"prompt_tokens":5,"completion_tokens":6,"prompt_tokens_details":{"cached_tokens":4}}}
END
start_mock -s "$T/s"
asked 1 5 | llm -n 4 >"$T/out" 2>"$T/err"
is "a failure is told with its line" 1 "$(grep -c '^tg-llm: stdin:4: ' "$T/err")"
is "bad choices of many are dropped" '["a"]' \
	"$(sed -n 1p "$T/out" | jq -c '[.tg.response.choices[].text]')"
is "a thinking block goes" answer \
	"$(sed -n 2p "$T/out" | jq -r '.tg.response.choices[0].text')"
is "also one that was opened before" answer \
	"$(sed -n 3p "$T/out" | jq -r '.tg.response.choices[0].text')"
is "a cut answer is none" truncated "$(sed -n 4p "$T/out" | jq -r .tg.error.code)"
asked 4 4 judge | llm >"$T/cut"
is "but a judge's may be" '["1","length"]' \
	"$(jq -c '.tg.response.choices[0] | [.text, .finish_reason]' "$T/cut")"
asked 2 2 | llm --keep-thinking >"$T/think"
is "--keep-thinking" '"<think>hm</think>\nanswer"' \
	"$(jq '.tg.response.choices[0].text' "$T/think")"
asked 5 5 | llm --keep >"$T/five"
is "any text comes as it is" '"ä\u0000\u2028\""' \
	"$(jq -a '.tg.response.choices[0].text' "$T/five" |
		sed 's/\\u00e4/ä/')"
is "usage" '[5,6,4]' "$(jq -c '.tg.response.usage |
	[.prompt_tokens, .completion_tokens, .cached_tokens]' "$T/five")"
is "--keep notes prompt and answer" '[["generate",1,"question 5",true]]' \
	"$(jq -c '[.tg.log[] | [.kind, .step, .prompt, .answer == "ä\u0000\u2028\""]]' \
		"$T/five")"
kill "$MOCK_PID"

# Azure, and keys. A canary must be seen by the server and by nobody else.
KEY=sk-canary-0123456789abcdef
start_mock -o require_key=$KEY
asked 1 3 >"$T/in"
AZURE_OPENAI_ENDPOINT=$MOCK_BASE AZURE_OPENAI_API_KEY=$KEY \
	OPENAI_API_VERSION=2024-10-21 \
	tg-llm --provider azure -m 'gpt 4/x' "$T/in" >"$T/out"
is "azure answers" 3 "$(grep -c '"response"' "$T/out")"
is "Azure's path, query and header" \
	'["/openai/deployments/gpt%204%2Fx/chat/completions","api-version=2024-10-21","'$KEY'",null]' \
	"$(tail -n 1 "$MOCK_LOG" | jq -c '[.path, .query, .headers["api-key"],
		.headers.authorization]')"
AZURE_OPENAI_AD_TOKEN=$KEY AZURE_OPENAI_API_KEY=other OPENAI_API_VERSION=v \
	tg-llm --provider azure -u "$MOCK_BASE/" -m d "$T/in" >"$T/out"
is "Azure's token wins" "[\"Bearer $KEY\",null]" "$(tail -n 1 "$MOCK_LOG" |
	jq -c '[.headers.authorization, .headers["api-key"]]')"
check_status "Azure needs a deployment" 4 env OPENAI_API_VERSION=v \
	tg-llm --provider azure -u "$MOCK_BASE" "$T/in"
check "a key from the environment" env OPENAI_API_KEY=$KEY \
	tg-llm -u "$MOCK_URL" "$T/in" >"$T/out"
is "goes to /models too" 3 "$(grep -c '"response"' "$T/out")"
printf '%s\r\nrest\n' $KEY >"$T/key"
check "--key-file" llm --key-file "$T/key" "$T/in" >"$T/out"
: >"$T/empty"
printf '%08190d\n' 0 >"$T/long"
check_status "a key line of 8,190 bytes is read, and the mock refuses that key" 4 \
	llm --key-file "$T/long" "$T/in"
printf '%08191d\n' 0 >"$T/long"
check_status "a key line of 8,191 bytes is refused" 2 llm --key-file "$T/long" "$T/in" 2>"$T/err"
is "the message says how long a key line may be" \
	"tg-llm: --key-file: $T/long: the first line is longer than 8190 bytes; see tg-llm --help" \
	"$(cat "$T/err")"
check_status "an empty one" 2 llm --key-file "$T/empty" "$T/in"
check_status "a missing one" 2 llm --key-file "$T/none" "$T/in"
check_status "a key with a line break" 2 env OPENAI_API_KEY="a
b" tg-llm -u "$MOCK_URL" "$T/in"
check_status "a key does not leave the machine in the clear" 2 \
	env OPENAI_API_KEY=$KEY tg-llm -u http://192.0.2.1/v1 "$T/in"
check_status "a wrong key" 4 env OPENAI_API_KEY=wrong-wrong \
	tg-llm -u "$MOCK_URL" "$T/in" >"$T/out"
is "leaves the records as they were, stopped" '["stopped","stopped","stopped"]' \
	"$(jq -sc 'map(.tg.error.code)' "$T/out")"
check "with their requests" jq -se 'all(.tg.request.messages)' "$T/out"
kill "$MOCK_PID"
# a server that tells everybody
cat >"$T/s" <<END
{"match":{"substring":"question 1\""},"text":"your key is $KEY"}
{"match":{"substring":"question 2\""},"status":400,"body":"{\"error\":{\"message\":\"bad: $KEY \\\\u0073k-canary-0123456789abcdef\"}}"}
{"match":{"substring":"question 3\""},"status":400,"body":"<html>$KEY</html>"}
{"match":{"path":"/models"},"body":{"data":[{"id":"m-$KEY","owned_by":"x"}]}}
END
start_mock -s "$T/s"
mkdir "$T/all"
OPENAI_API_KEY=$KEY tg-llm -u "$MOCK_URL" --cache "$T/all/cache" --progress \
	--stats "$T/all/stats" --keep "$T/in" >"$T/all/out" 2>"$T/all/err"
check "the server has seen the key" grep -q "Bearer $KEY" "$MOCK_LOG"
check "there are messages of it" grep -q 'question\|bad' "$T/all/err"
check_fail "a key that comes back is nowhere" \
	grep -rqF "${KEY#???}" "$T/all"
is "but blanked" 'your key is **************************' \
	"$(sed -n 1p "$T/all/out" | jq -r '.tg.response.choices[0].text')"
OPENAI_API_KEY=EMPTY tg-llm -u "$MOCK_URL" "$T/in" >"$T/out" || :
echo '{"text":"an EMPTY word","hold":true}' >"$T/s"
kill "$MOCK_PID"
start_mock -s "$T/s"
OPENAI_API_KEY=EMPTY tg-llm -u "$MOCK_URL" "$T/in" >"$T/out" &
pid=$!
wait_for in_flight_is 3
if [ "$SLOW" -gt 1 ]; then
	skip "no key is in the environment any more" "valgrind has a copy"
else
	check_fail "no key is in the environment any more" \
		grep -q 'OPENAI_API_KEY=EMPTY' "/proc/$pid/environ"
fi
mock_goes_on
wait $pid
is "a placeholder stays in answers" "an EMPTY word" \
	"$(sed -n 1p "$T/out" | jq -r '.tg.response.choices[0].text')"
kill "$MOCK_PID"

# Usage.
check_status "an unknown option" 2 tg-llm --nope
check_status "no number" 2 tg-llm --temperature hot
check_status "no object" 2 tg-llm --extra-body '[1]' </dev/null
check_status "no streams" 2 tg-llm --extra-body '{"stream":true}' </dev/null
check_status "no URL" 2 tg-llm -u localhost:8000/v1 </dev/null
check_status "a password in a URL" 2 tg-llm -u http://u:p@localhost/v1 </dev/null
tg-llm --help | sed '/^$/q' | sed 's/^usage: *//; s/^ *//' | tr -s ' \t\n' ' ' >"$T/a"
MANWIDTH=78 mandoc -Tascii man/tg-llm.1 | col -b | sed -n '/^SYN/,/^DESC/p' |
	sed '1d;$d; s/^ *//' | tr -s ' \t\n' ' ' | sed 's/^ *//' >"$T/b"
check_same "the page's synopsis is that of --help" "$T/a" "$T/b"
done_testing
