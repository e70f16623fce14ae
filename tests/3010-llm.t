#!/bin/sh
# tg-llm: records in and out, and the requests that it sends.
# shellcheck source=tests/lib.sh
. tests/lib.sh

llm() {
	tg-llm -u "$MOCK_URL" "$@"
}

# sent: prints the body of the last request without its messages.
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
check_status "a line that is no record makes status 1" 1 llm "$T/in" >"$T/out"
is "tg-llm writes one line for each line it reads" "$(($(wc -l <"$T/in") + 1))" \
	"$(wc -l <"$T/out")"
{ seq 60; echo inert; echo null; echo ended; seq 61 150; echo last; } >"$T/want"
ids "$T/out" >"$T/ids"
check_same "the output is in the order of the input" "$T/want" "$T/ids"
sed -n '61p;63p' "$T/in" >"$T/want"
sed -n '61p;63p' "$T/out" >"$T/got"
check_same "records without a request pass unchanged" "$T/want" "$T/got"
is "a line that is no record becomes an error in its place" '["bad_record",62,9,"bm8gcmVjb3Jk"]' \
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
check "with --unordered all other records leave before the first" wait_for has_lines 149 "$T/un"
mock_goes_on
check "--unordered exits with 0" wait $!
ids "$T/un" >"$T/ids"
seq 150 >"$T/want"
check_fail "--unordered gives up the order" cmp -s "$T/ids" "$T/want"
seq 150 | sort >"$T/want"
sort "$T/ids" >"$T/got"
check_same "--unordered loses and repeats no record" "$T/want" "$T/got"
is "empty input makes neither output nor request" "" "$(llm </dev/null)"
check_status "a missing file makes status 3" 3 llm "$T/in" "$T/none" >"$T/out"
is "records before the missing file are answered" 150 \
	"$(jq -n '[inputs | select(.tg.response)] | length' "$T/out")"
echo '{"tg":{"request":{"kind":"hm","messages":[]}}}' >"$T/odd"
check_status "a request of an unknown kind makes status 1" 1 llm "$T/odd" >"$T/out"
is "a request of an unknown kind ends in bad_request_member" bad_request_member "$(jq -r .tg.error.code "$T/out")"
kill "$MOCK_PID"

# Answers leave while the producer waits.
start_mock -o latency_ms=30
mkfifo "$T/fifo"
llm <"$T/fifo" >"$T/out" &
pid=$!
exec 5>"$T/fifo"
asked 1 1 >&5
wait_for has_lines 1 "$T/out"
is "the first answer leaves while the input is open" 1 "$(ids "$T/out")"
# The write of 3000 lines takes more than one read, and then nothing comes.
seq 3000 | sed 's/.*/{"id":"&"}/' >&5
wait_for has_lines 3001 "$T/out"
is "no line waits in a buffer" 3001 "$(wc -l <"$T/out")"
asked 2 2 >&5
printf '{"id":"ha' >&5
cpu() {
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}
# On a busy machine it may still be working on those lines.
for _ in $(seq 60); do
	before=$(cpu $pid)
	sleep 0.5
	spent=$(($(cpu $pid) - before))
	[ $spent -gt 0 ] || break
done
is "waiting for input takes no processor time" 0 "$spent"
printf 'lf"}\n' >&5
exec 5>&-
check "tg-llm exits with 0 when the input ends" wait $pid
is "a line that came in two parts is whole" half "$(tail -n 1 "$T/out" | ids)"

# One slow request does not hold up the others.
echo '{"match":{"substring":"question 1\""},"hold":true}' >"$T/s"
kill "$MOCK_PID"
start_mock -s "$T/s"
asked 1 1000 >"$T/in"
llm -j 16 "$T/in" >"$T/out" &
check "a slow request is overtaken by all others in the reorder buffer" wait_for asked_over 1000
mock_goes_on
check "a run with a slow request exits with 0" wait $!
ids "$T/out" >"$T/ids"
seq 1000 >"$T/want"
check_same "a slow request leaves the output in order" "$T/want" "$T/ids"
kill "$MOCK_PID"

# The body of a request. The defaults are those of the published generator.
start_mock
one() {
	asked 1 1 "$one_kind" "$one_params" | llm "$@"
}
one_kind=generate one_params='{}'
one -m M >"$T/out"
is "a request has the default parameters" \
	'{"model":"M","temperature":1.0,"top_p":0.6,"max_tokens":8192,"stream":false}' \
	"$(tail -n 1 "$MOCK_LOG" | sed 's/.*}\],\("model.*}\),"status.*/{\1/')"
is "messages are sent as they are" '[{"role":"user","content":"question 1"}]' \
	"$(tail -n 1 "$MOCK_LOG" | jq -c .body.messages)"
one -m M --temperature 0.70 --top-p 1 --max-tokens 12 --repetition-penalty 1.10 \
	--logit-bias '{"50256": -100}' --seed -3 >"$T/out"
is "parameters are sent as they are written" \
	'"temperature":0.70,"top_p":1,"max_tokens":12,"repetition_penalty":1.10,"logit_bias":{"50256": -100},"seed":-3,"stream":false' \
	"$(tail -n 1 "$MOCK_LOG" | sed 's/.*"M",\("temp.*\)},"status.*/\1/')"
one -m M --temperature .5 --top-p 1. --max-tokens 007 >"$T/out"
is "numbers that are not JSON become JSON" '[0.5,1,7]' \
	"$(sent | jq -c '[.temperature,.top_p,.max_tokens]')"
one_params='{"temperature":0.25,"max_tokens":9,"stop":["x"],"model":"no","n":5,"top_p":null}'
one -m M --max-tokens 11 >"$T/out"
is "an option wins over the record, and the record over the default" \
	'{"model":"M","temperature":0.25,"top_p":0.6,"max_tokens":11,"stop":["x"],"stream":false}' \
	"$(sent)"
asked 1 1 | sed 's/"params":{}/"params":{"mod\\u0065l":"no","\\u006e":5,"stre\\u0061m":true,"m\\u0065ssages":[],"tem\\u0070erature":0.5}/' |
	llm -m M >"$T/out"
is "member names with escapes do not get past the check" \
	'{"model":"M","temperature":0.5,"top_p":0.6,"max_tokens":8192,"stream":false}' \
	"$(tail -n 1 "$MOCK_LOG" | sed 's/.*}\],\("model.*}\),"status.*/{\1/')"
one -m M --extra-body '{"temperature":0.1,"top_k":5,"model":"X","stop":null}' \
	--temperature 0.9 >"$T/out"
is "--extra-body wins over everything" \
	'{"top_p":0.6,"max_tokens":9,"stream":false,"temperature":0.1,"top_k":5,"model":"X","stop":null}' \
	"$(sent)"
is "no member is sent twice" 1 \
	"$(tail -n 1 "$MOCK_LOG" | grep -o '"temperature"' | wc -l)"
kill "$MOCK_PID"

# Dialects: named by option, or found by the owner of the model in /models.
one_kind=judge one_params='{"temperature":0,"max_tokens":8,"choice":["0","1","2"]}'
while read -r name owner want; do
	start_mock -o owned_by="$owner"
	one --repetition-penalty 1.1 >"$T/out"
	is "the dialect $name is found by the owner of the model" "$want" "$(sent | jq -c 'del(.model, .stream)')"
	one -m M --repetition-penalty 1.1 --dialect "$name" >"$T/out"
	is "the dialect $name is taken from --dialect" "$want" "$(sent | jq -c 'del(.model, .stream)')"
	is "the dialect $name: /models is asked once" 1 "$(mock_stats .models)"
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
is "openai-reasoning sends neither temperature nor top_p" \
	'{"model":"o3","max_completion_tokens":8,"stream":false}' "$(sent)"
one --dialect openai-reasoning -m o3 --temperature 1 >"$T/out"
is "openai-reasoning sends a temperature that an option sets" 1 "$(sent | jq .temperature)"
check_status "an unknown dialect is refused" 2 one --dialect klingon

# The model.
one_kind=generate one_params='{}'
one >"$T/out"
is "the default model is the server's first" mock-model "$(sent | jq -r .model)"
export TG_MODEL=env
one >"$T/out"
is "TG_MODEL sets the model" env "$(sent | jq -r .model)"
one -m opt >"$T/out"
is "-m wins over TG_MODEL" opt "$(sent | jq -r .model)"
unset TG_MODEL
is "--print-model prints the server's first model" mock-model "$(tg-llm -u "$MOCK_URL" --print-model)"
OPENAI_BASE_URL=$MOCK_URL/ tg-llm --print-model >"$T/out"
is "OPENAI_BASE_URL may end in a slash" mock-model "$(cat "$T/out")"

# Several samples.
one -n 7 >"$T/out"
is "-n 7 gives seven different choices in one attempt" '[7,1,7]' "$(jq -c '[(.tg.response.choices | length),
	.tg.response.attempts, (.tg.response.choices | unique | length)]' "$T/out")"
is "-n 7 sends one request with n" 7 "$(sent | jq .n)"
one_kind=judge
one -n 7 >"$T/out"
is "-n does not count for a judge" '[1,null]' "[$(jq '.tg.response.choices | length' "$T/out"),$(
	sent | jq .n)]"
one_kind=generate
kill "$MOCK_PID"
start_mock -o ignore_n=1
asked 1 5 | llm -j 1 -n 7 --seed 40 >"$T/out"
check "a server that ignores n is asked again until there are enough choices" jq -se 'length == 5 and
	all(.tg.response.choices | (unique | length) == 7)' "$T/out"
is "a server that ignores n is asked for one choice at a time from then on" '[7,null]' \
	"$(jq -sc '[.[].body | objects.n] | unique | reverse' "$MOCK_LOG")"
is "each sample is asked for with a seed of its own" '[40,41,42,43,44,45,46]' "$(jq -sc \
	'[.[].body | objects | select(.messages[0].content == "question 3").seed] | sort' \
	"$MOCK_LOG")"
is "a server that ignores n gets n only once" 1 "$(jq -sc 'map(.body | objects | select(.n == 7)) | length' "$MOCK_LOG")"
kill "$MOCK_PID"
echo '{"match":{"substring":"\"n\":"},"status":400,"body":{"error":{"message":
	"n is not supported","code":400}}}' | tr -d '\n' >"$T/s"
start_mock -s "$T/s" -o ignore_n=1
asked 1 5 | llm -j 1 -n 3 >"$T/out"
check "a server that refuses n gives all samples one at a time" jq -se 'length == 5 and
	all(.tg.response.choices | length == 3)' "$T/out"
is "a server that refuses n gets n only once" 1 "$(jq -sc 'map(.body | objects | select(.n == 3)) | length' "$MOCK_LOG")"
kill "$MOCK_PID"

# Choices: bad ones are dropped, and thinking is removed.
cat >"$T/s" <<'END'
{"match":{"substring":"question 1\""},"text":["a","b",null,"d"],"finish_reason":["stop","length","stop","content_filter"]}
{"match":{"substring":"question 2\""},"text":"<think>hm</think>\nanswer"}
{"match":{"substring":"question 3\""},"text":"hm</think>answer","reasoning":"x"}
{"match":{"substring":"question 4\""},"text":"1","finish_reason":"length"}
{"match":{"substring":"question 5\""},"text":"ä\u0000\u2028\"","usage":{"prompt_tokens":5,"completion_tokens":6,"prompt_tokens_details":{"cached_tokens":4}}}
END
start_mock -s "$T/s"
asked 1 5 | llm -n 4 >"$T/out" 2>"$T/err"
is "the message about a failed record names its line" 1 "$(grep -c '^tg-llm: stdin:4: ' "$T/err")"
is "bad choices among several are dropped" '["a"]' \
	"$(sed -n 1p "$T/out" | jq -c '[.tg.response.choices[].text]')"
is "a thinking block is removed" answer \
	"$(sed -n 2p "$T/out" | jq -r '.tg.response.choices[0].text')"
is "a thinking block without its beginning is removed" answer \
	"$(sed -n 3p "$T/out" | jq -r '.tg.response.choices[0].text')"
is "an answer that was cut off ends in truncated" truncated "$(sed -n 4p "$T/out" | jq -r .tg.error.code)"
asked 4 4 judge | llm >"$T/cut"
is "a judge's answer may be cut off" '["1","length"]' \
	"$(jq -c '.tg.response.choices[0] | [.text, .finish_reason]' "$T/cut")"
asked 2 2 | llm --keep-thinking >"$T/think"
is "--keep-thinking keeps the thinking block" '"<think>hm</think>\nanswer"' \
	"$(jq '.tg.response.choices[0].text' "$T/think")"
asked 5 5 | llm --keep >"$T/five"
is "any text comes through unchanged" '"ä\u0000\u2028\""' \
	"$(jq -a '.tg.response.choices[0].text' "$T/five" |
		sed 's/\\u00e4/ä/')"
is "the usage of tokens is noted" '[5,6,4]' "$(jq -c '.tg.response.usage |
	[.prompt_tokens, .completion_tokens, .cached_tokens]' "$T/five")"
is "--keep notes prompt and answer" '[["generate",1,"question 5",true]]' \
	"$(jq -c '[.tg.log[] | [.kind, .step, .prompt, .answer == "ä\u0000\u2028\""]]' \
		"$T/five")"
kill "$MOCK_PID"

# Azure and keys. The server must see the key, and nobody else.
KEY=sk-canary-0123456789abcdef
start_mock -o require_key=$KEY
asked 1 3 >"$T/in"
AZURE_OPENAI_ENDPOINT=$MOCK_BASE AZURE_OPENAI_API_KEY=$KEY \
	OPENAI_API_VERSION=2024-10-21 \
	tg-llm --provider azure -m 'gpt 4/x' "$T/in" >"$T/out"
is "Azure's server answers all records" 3 "$(grep -c '"response"' "$T/out")"
is "a request to Azure has its path, query and header" \
	'["/openai/deployments/gpt%204%2Fx/chat/completions","api-version=2024-10-21","'$KEY'",null]' \
	"$(tail -n 1 "$MOCK_LOG" | jq -c '[.path, .query, .headers["api-key"],
		.headers.authorization]')"
AZURE_OPENAI_AD_TOKEN=$KEY AZURE_OPENAI_API_KEY=other OPENAI_API_VERSION=v \
	tg-llm --provider azure -u "$MOCK_BASE/" -m d "$T/in" >"$T/out"
is "the token of Azure wins over its key" "[\"Bearer $KEY\",null]" "$(tail -n 1 "$MOCK_LOG" |
	jq -c '[.headers.authorization, .headers["api-key"]]')"
check_status "Azure without a deployment makes status 4" 4 env OPENAI_API_VERSION=v \
	tg-llm --provider azure -u "$MOCK_BASE" "$T/in"
check "a run with a key from the environment exits with 0" env OPENAI_API_KEY=$KEY \
	tg-llm -u "$MOCK_URL" "$T/in" >"$T/out"
is "the key goes to /models, too" 3 "$(grep -c '"response"' "$T/out")"
printf '%s\r\nrest\n' $KEY >"$T/key"
check "--key-file names the file with the key" llm --key-file "$T/key" "$T/in" >"$T/out"
: >"$T/empty"
printf '%08190d\n' 0 >"$T/long"
check_status "a key line of 8,190 bytes is read, and the mock refuses that key" 4 \
	llm --key-file "$T/long" "$T/in"
printf '%08191d\n' 0 >"$T/long"
check_status "a key line of 8,191 bytes is refused" 2 llm --key-file "$T/long" "$T/in" 2>"$T/err"
is "the message says how long a key line may be" \
	"tg-llm: --key-file: $T/long: the first line is longer than 8190 bytes; see tg-llm --help" \
	"$(cat "$T/err")"
check_status "an empty key file is refused" 2 llm --key-file "$T/empty" "$T/in"
check_status "a missing key file is refused" 2 llm --key-file "$T/none" "$T/in"
check_status "a key with a line break is refused" 2 env OPENAI_API_KEY="a
b" tg-llm -u "$MOCK_URL" "$T/in"
check_status "a wrong key makes status 4" 4 env OPENAI_API_KEY=wrong-wrong \
	tg-llm -u "$MOCK_URL" "$T/in" >"$T/out"
is "a wrong key stops all records" '["stopped","stopped","stopped"]' \
	"$(jq -sc 'map(.tg.error.code)' "$T/out")"
check "stopped records keep their requests" jq -se 'all(.tg.request.messages)' "$T/out"
kill "$MOCK_PID"
# The server repeats the key wherever it can.
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
check "messages quote what the server said" grep -q 'question\|bad' "$T/all/err"
check_fail "a key that the server repeats appears nowhere" \
	grep -rqF "${KEY#???}" "$T/all"
is "a key that the server repeats is replaced by asterisks" 'your key is **************************' \
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
is "a placeholder for a key stays in answers" "an EMPTY word" \
	"$(sed -n 1p "$T/out" | jq -r '.tg.response.choices[0].text')"
kill "$MOCK_PID"

# Wrong usage.
check_status "an unknown option is refused" 2 tg-llm --nope
check_status "a --temperature that is no number is refused" 2 tg-llm --temperature hot
check_status "an --extra-body that is no object is refused" 2 tg-llm --extra-body '[1]' </dev/null
check_status "an --extra-body that asks for a stream is refused" 2 tg-llm --extra-body '{"stream":true}' </dev/null
check_status "a base URL without a scheme is refused" 2 tg-llm -u localhost:8000/v1 </dev/null 2>"$T/err"
check "the message says how a base URL begins" grep -q 'a URL begins with http://' "$T/err"
check_status "a password in a URL is refused" 2 tg-llm -u http://u:p@localhost/v1 </dev/null
tg-llm --help | sed '/^$/q' | sed 's/^usage: *//; s/^ *//' | tr -s ' \t\n' ' ' >"$T/a"
MANWIDTH=78 mandoc -Tascii man/tg-llm.1 | col -b | sed -n '/^SYN/,/^DESC/p' |
	sed '1d;$d; s/^ *//' | tr -s ' \t\n' ' ' | sed 's/^ *//' >"$T/b"
check_same "the synopsis of the page is that of --help" "$T/a" "$T/b"
done_testing
