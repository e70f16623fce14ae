#!/bin/bash
# tg-llm: whom it asks, with which model, and who gets a key.
# shellcheck source=tests/lib.sh
. tests/lib.sh
cd "$T" || exit 3
asked 1 3 >in
KEY=sk-canary-0123456789abcdef OWN=sk-own-0123456789abcdefgh
echo $OWN >own.key

# lists ENTRY...: starts a mock whose /models lists these entries.
lists() {
	jq -nc '{match: {path: "/models"}, body: {object: "list", data: $ARGS.positional}}' \
		--jsonargs "$@" >s
	start_mock -s s
}
model() { echo "{\"id\":\"$1\",\"object\":\"model\",\"owned_by\":\"${2:-library}\"}"; }
# auth LOG: prints the Authorization of all requests in a log, each once.
auth() { jq -r '.headers.authorization // "none"' "$1" | sort -u | paste -sd ' '; }

# The default model.
lists "$(model nomic-embed-text:latest)" "$(model bge-m3)" "$(model qwen2.5-coder:7b)" "$(model other)"
check "a run without -m exits with 0 though the first model makes embeddings" tg-llm -u "$MOCK_URL" in >out 2>err
is "the first model that can chat is asked" qwen2.5-coder:7b "$(jq -r '.body.model // empty' "$MOCK_LOG" | sort -u)"
is "one line says who gets text and which model was taken" \
	"tg-llm: text goes to $MOCK_URL, model qwen2.5-coder:7b, the first there that can chat" "$(cat err)"
check "-q exits with 0" tg-llm -q -u "$MOCK_URL" in >out 2>err
check "-q does not say who gets text" [ ! -s err ]
is "--print-model prints the model that can chat" qwen2.5-coder:7b "$(tg-llm -u "$MOCK_URL" --print-model 2>err)"
check "--print-model says nothing else" [ ! -s err ]
is "--print-servers prints the model and who would get text" \
	"qwen2.5-coder:7b|$MOCK_URL, model qwen2.5-coder:7b, the first there that can chat" \
	"$(tg-llm -u "$MOCK_URL" --print-servers | paste -sd '|')"
is "a model that is named is not called the first" "m|$MOCK_URL, model m" \
	"$(tg-llm -u "$MOCK_URL" -m m --print-servers | paste -sd '|')"
: >"$MOCK_LOG"
check "a run on empty input exits with 0" tg-llm -u "$MOCK_URL" </dev/null >out 2>err
check "nobody is named as long as nothing is asked" [ ! -s err ]
kill "$MOCK_PID"
lists "$(model text-embedding-3-small openai)" "$(model whisper-1 openai)"
check_status "a server without a model that can chat makes status 4" 4 tg-llm -u "$MOCK_URL" in >out 2>err
check "the message tells to name a model" \
	grep -q 'lists no model that can chat (the first is text-embedding-3-small); name one with -m' err
is "no model is asked" 0 "$(mock_stats .requests)"
check "a named model is asked, whatever the list says" tg-llm -m text-embedding-3-small -u "$MOCK_URL" in >out 2>err
kill "$MOCK_PID"
lists "$(model "$KEY")"
OPENAI_API_KEY=$KEY tg-llm -u "$MOCK_URL" --stats stats in >out 2>err
check_fail "a key as the name of a model reaches no message, record or figure" grep -q canary out err stats
kill "$MOCK_PID"
lists "$(model "$(printf '%s' $KEY | od -An -v -tx1 | tr -d '\n' | sed 's/ /\\u00/g')")"
OPENAI_API_KEY=$KEY tg-llm -u "$MOCK_URL" --stats stats in >out 2>err
check_fail "a key in escapes as the name of a model reaches no message, record or figure" \
	grep -q canary out err stats
kill "$MOCK_PID"
printf '%s\n' '{"match":{"path":"/models"},"body":"\ufeff{\"data\":[{\"id\":\"bge-m3\"},{\"id\":\"marked\"}]}"}' \
	'{"status":400,"body":"\ufeff{\"error\":{\"message\":\"no such thing\"}}"}' >s
start_mock -s s
check_status "an unknown refusal of all requests makes status 4" 4 tg-llm -u "$MOCK_URL" in >out 2>err
check "a list of models with a byte order mark is read" grep -q 'model marked, the first there that can chat' err
check "an error with a byte order mark is read" grep -q "status 400: no such thing;" err
kill "$MOCK_PID"
lists "$(model 'a\u001b[31mb')" "$(model 'c\u009b31md')" "$(model plain)"
is "a name with control characters is not taken" plain "$(tg-llm -u "$MOCK_URL" --print-model)"
kill "$MOCK_PID"
lists "$(model served.gguf llamacpp)"
check "llama.cpp with another model than -m exits with 0" tg-llm -q -m mine -u "$MOCK_URL" in >out 2>err
is "a message says that llama.cpp ignores -m" \
	"tg-llm: $MOCK_URL: answers with served.gguf, whatever -m names; answers are kept as those of mine" \
	"$(cat err)"
tg-llm -q -m served.gguf -u "$MOCK_URL" in >out 2>err
check "nothing is said where llama.cpp has the model of -m" [ ! -s err ]
kill "$MOCK_PID"
lists '{"id":"served.gguf","owned_by":"llamacpp","aliases":["mine"]}'
tg-llm -q -m mine -u "$MOCK_URL" in >out 2>err
check "nothing is said where llama.cpp has the model of -m by another name" [ ! -s err ]
kill "$MOCK_PID"

# Who gets a key. One server stands on this machine's loopback net, with several
# addresses; the same one answers elsewhere.
start_mock -o any=1
here=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -m 1 '^[0-9.]*$')
one=http://127.0.0.1:$MOCK_PORT/v1 two=http://127.0.0.2:$MOCK_PORT/v1 far=http://$here:$MOCK_PORT/v1
# sent NAME WANT COMMAND...: what reaches the server as Authorization.
sent() {
	: >"$MOCK_LOG"
	"${@:3}" in >out 2>err
	is "$1" "$2" "$(auth "$MOCK_LOG")"
}
export OPENAI_API_KEY=$KEY
sent "the key goes to a server on this machine that -u names" "Bearer $KEY" tg-llm -m m -u "$one"
is "the line says that it goes there" "tg-llm: text goes to $one (with a key), model m" "$(cat err)"
sent "the key goes to all that -u names" "Bearer $KEY" tg-llm -m m -j 1 -u "$one" -u "$two"
sent "the key goes to the host of OPENAI_BASE_URL" "Bearer $KEY" env OPENAI_BASE_URL="$two" tg-llm -m m
sent "the key does not go to another host than that of OPENAI_BASE_URL" none \
	env OPENAI_BASE_URL="$two" tg-llm -m m -u "$one"
is "the line says whose the key is" \
	"tg-llm: text goes to $one (without the key, which is for another host), model m" "$(cat err)"
sent "of two servers the one of OPENAI_BASE_URL gets the key" "Bearer $KEY none" \
	env OPENAI_BASE_URL="$two" tg-llm -m m -u "$one" -u "$two"
sent "a key file wins over the key of the environment" "Bearer $OWN" tg-llm -m m -u "$one" --key-file own.key
sent "a key file goes to the server of its tg-llm, whatever OPENAI_BASE_URL names" "Bearer $OWN" \
	env OPENAI_BASE_URL="$two" tg-llm -m m -u "$one" --key-file own.key
sent "the key of a host goes to that host alone" "Bearer $KEY Bearer $OWN" \
	tg-llm -m m -u "$one" -u "$two" --key-file 127.0.0.2=own.key
printf '\357\273\277%s\n%s\n' "$one" "$two" >servers
sent "the key goes to all that a file of servers names" "Bearer $KEY" tg-llm -m m -j 1 -u @servers
sent "the key of a host goes to that host alone, which a file of servers names" "Bearer $KEY Bearer $OWN" \
	tg-llm -m m -u @servers --key-file 127.0.0.2=own.key
: >"$MOCK_LOG"
tg-llm -m m -u @servers --only-host 127.0.0.1 in >out 2>err
is "--only-host lets no other host of a file of servers be asked" '' "$(jq -r '.headers.host // empty' "$MOCK_LOG" |
	grep -v '^127.0.0.1:')"
printf '\357\273\277%s\r\n' $OWN >bom.key
sent "a byte order mark in a key file is skipped" "Bearer $OWN" tg-llm -m m -u "$one" --key-file bom.key
sent "headers go where the key goes" "none" env -u OPENAI_API_KEY OPENAI_BASE_URL="$two" \
	OPENAI_CUSTOM_HEADERS="Authorization: Bearer $KEY" tg-llm -m m -u "$one"
sent "the organization goes where a key goes" "Bearer $KEY" env OPENAI_ORG_ID=org-1 tg-llm -m m -u "$one"
is "the organization is sent with a key" org-1 "$(jq -r '.headers["openai-organization"] // empty' "$MOCK_LOG" | sort -u)"
sent "no organization goes without a key" none \
	env OPENAI_ORG_ID=org-1 OPENAI_BASE_URL="$two" tg-llm -m m -u "$one"
is "the organization is not sent without a key" '' "$(jq -r '.headers["openai-organization"] // empty' "$MOCK_LOG")"
if [ -n "$here" ]; then
	sent "a server elsewhere is asked over http without the key" none tg-llm -m m -u "$far"
	is "one line says so" "tg-llm: text goes to $far (without the key, which would go unencrypted), model m" \
		"$(cat err)"
	is "all records are answered" 3 "$(grep -c '"response"' out)"
	sent "--allow-plain-key does not send the key of the environment to just any server" none \
		tg-llm -m m -u "$far" --allow-plain-key
	sent "a key file does not go over http elsewhere" none tg-llm -m m -u "$far" --key-file own.key
	sent "--allow-plain-key sends the key of a file" "Bearer $OWN" \
		tg-llm -m m -u "$far" --key-file own.key --allow-plain-key
	sent "the host of OPENAI_BASE_URL elsewhere does not get the key over http" none \
		env OPENAI_BASE_URL="$far" tg-llm -m m
	sent "--allow-plain-key sends the key to the host of OPENAI_BASE_URL" "Bearer $KEY" \
		env OPENAI_BASE_URL="$far" tg-llm -m m --allow-plain-key
	sent "of two servers the one on this machine gets the key" "Bearer $KEY none" \
		tg-llm -m m -u "$one" -u "$far"
else
	skip "a server elsewhere is asked over http without the key" "this machine has no other address"
fi
kill "$MOCK_PID"

# A server that wants the key it does not get.
start_mock -o any=1 -o require_key=$KEY
one=http://127.0.0.1:$MOCK_PORT/v1 two=http://127.0.0.2:$MOCK_PORT/v1 far=http://$here:$MOCK_PORT/v1
check_status "a server that wants another host's key makes status 4" 4 \
	env OPENAI_BASE_URL="$two" tg-llm -m m -u "$one" in >out 2>err
check "the message says whose the key is, and what names one" \
	grep -q 'no key was sent, as that of the environment is for another host: --key-file names one' err
if [ -n "$here" ]; then
	check_status "a server elsewhere that wants the key makes status 4" 4 tg-llm -m m -u "$far" in >out 2>err
	check "the message says how a key is sent" \
		grep -q 'no key was sent, as it would go unencrypted: --key-file and --allow-plain-key send one' err
fi
kill "$MOCK_PID"

# Nobody named a server.
# shellcheck disable=SC2016
if (: <>/dev/tcp/127.0.0.1/8000) 2>/dev/null; then
	skip "the default server does not get the key" "port 8000 is in use"
else
	check_status "no server at all makes status 4" 4 tg-llm -m m --retries 0 in >out 2>err
	check "the message says how OpenAI is named" \
		grep -q 'OPENAI_BASE_URL=https://api.openai.com/v1 names OpenAI' err
	check_status "no server and no key makes status 4" 4 \
		env -u OPENAI_API_KEY tg-llm -m m --retries 0 in >out 2>err
	check_fail "without a key OpenAI is not mentioned" grep -q api.openai.com err
	check_status "OPENAI_API_BASE names no server" 4 \
		env OPENAI_API_BASE=http://127.0.0.1:9/v1 tg-llm -m m --retries 0 in >out 2>err
	check "a message says what the variable is called" \
		grep -q '^tg-llm: OPENAI_API_BASE is not read; .* is OPENAI_BASE_URL$' err
	start_mock -o port=8000 -o require_key=$KEY
	for option in '' '--key-file own.key'; do
		# shellcheck disable=SC2086
		sent "the default server does not get the key ($option)" none tg-llm -m m $option
		check "the message says that nobody named the server ($option)" \
			grep -q 'no key was sent, as nobody named this server: OPENAI_BASE_URL=' err
	done
	sent "a server that is named gets the key" "Bearer $KEY" tg-llm -m m -u http://localhost:8000/v1
	kill "$MOCK_PID"
fi
unset OPENAI_API_KEY

# Only these hosts.
start_mock -o any=1
one=http://127.0.0.1:$MOCK_PORT/v1 two=http://127.0.0.2:$MOCK_PORT/v1
check "--only-host lets its host be asked" tg-llm -q -m m -u "$one" --only-host 127.0.0.1 in >out 2>err
: >"$MOCK_LOG"
check_status "--only-host refuses another host" 2 \
	tg-llm -m m -u "$one" -u "$two" --only-host 127.0.0.1 in >out 2>err
is "the message names the host" "tg-llm: $two: is none of the hosts of --only-host" "$(cat err)"
check_status "--only-host refuses the host of OPENAI_BASE_URL" 2 \
	env OPENAI_BASE_URL="$two" tg-llm -m m --only-host 127.0.0.1 in >out 2>err
check_status "--only-host refuses the default server" 2 tg-llm -m m --only-host 127.0.0.1 in >out 2>err
is "a refused run sends nothing to anybody" 0 "$(wc -l <"$MOCK_LOG")"
check "--only-host may be repeated" \
	tg-llm -q -m m -u "$one" -u "$two" --only-host 127.0.0.1 --only-host 127.0.0.2 in >out 2>err
check_status "--only-host takes a name in any case" 4 \
	tg-llm -q -m m -u http://LocalHost:9/v1 --only-host lOCALHOST --retries 0 in >out 2>err
check_status "--only-host takes IPv6 without brackets" 4 \
	tg-llm -q -m m -u 'http://[::1]:9/v1' --only-host ::1 --retries 0 in >out 2>err
check_status "--only-host refuses a URL as its value" 2 \
	tg-llm -m m -u "$one" --only-host "$one" in >out 2>err
check_status "--only-host refuses a proxy that it does not name" 2 env https_proxy=http://user:x@proxy.invalid:3128 \
	tg-llm -m m -u https://api.invalid/v1 --only-host api.invalid --proxy-env in >out 2>err
is "the message names the variable of the proxy" \
	'tg-llm: https_proxy: the proxy is none of the hosts of --only-host; see tg-llm --help' "$(cat err)"
check_status "--only-host takes a proxy that it names" 4 env https_proxy=http://user:x@proxy.invalid:3128 tg-llm -m m \
	-u https://api.invalid/v1 --only-host api.invalid --only-host proxy.invalid --proxy-env --retries 0 in >out 2>err
# A proxy whose host only seems to be one of these.
for proxy in 'http://evil.invalid/@127.0.0.1' 'http://127.0.0.1@evil.invalid' 'evil.invalid?@127.0.0.1'; do
	check_status "--only-host refuses the proxy $proxy" 2 env all_proxy="$proxy" \
		tg-llm -m m -u "$one" --only-host 127.0.0.1 --proxy-env in >out 2>err
done
sent "the address that a server listens at is this machine" "Bearer $KEY" \
	env OPENAI_API_KEY=$KEY tg-llm -m m -u "http://0.0.0.0:$MOCK_PORT/v1"
sent "a key loses the white space around it" "Bearer $KEY" env OPENAI_API_KEY=" $KEY
" tg-llm -m m -u "$one"
kill "$MOCK_PID"
# URLs that are refused: what is a secret within them is not shown.
while read -r url shown; do
	for batch in '' '--batch poll'; do
		# shellcheck disable=SC2086
		check_status "$url is refused ($batch)" 2 tg-llm -m m -u "$url" $batch in </dev/null >out 2>err
		is "the message does not show a secret ($batch)" "tg-llm: $shown" "$(head -n 1 err)"
	done
done <<'LIST'
http://user:hunter2@a.invalid/v1 http://***@a.invalid/v1: leave out user and password: a key comes from OPENAI_API_KEY or --key-file
http://user:hun?ter2@a.invalid/v1 http://***@a.invalid/v1: a base URL ends before any ? or #
user:hunter2@a.invalid/v1 ***@a.invalid/v1: a URL begins with http:// or https://
127.0.0.1:8000/v1 127.0.0.1:8000/v1: a URL begins with http:// or https://
https://a.invalid/v1?api-key=hunter2 https://a.invalid/v1?***: a base URL ends before any ? or #
LIST
# shellcheck disable=SC2016
printf '{"status":307,"headers":{"location":"http://127.0.0.2:9/v1/chat/completions"}}\n' >s
start_mock -s s
check_status "a redirection to another host makes status 4" 4 \
	tg-llm -m m --dialect generic -u "$MOCK_URL" --only-host 127.0.0.1 in >out 2>err
check "the message says that it is not followed" grep -q 'a redirection, which is not followed' err
kill "$MOCK_PID"

# A proxy that is set and not used.
for name in https_proxy HTTPS_PROXY all_proxy; do
	check_status "$name: a server that cannot be reached makes status 4" 4 env "$name=http://127.0.0.1:9" tg-llm -m m \
		-u https://api.invalid/v1 --retries 0 in >out 2>err
	check "$name: the message says which option uses the proxy" grep -q "; only --proxy-env uses the proxy of $name" err
done
check_status "a server on this machine that is not there makes status 4" 4 env https_proxy=http://127.0.0.1:9 \
	tg-llm -m m -u https://127.0.0.1:9/v1 --retries 0 in >out 2>err
check_fail "no proxy is mentioned for a server on this machine" grep -q proxy err
done_testing
