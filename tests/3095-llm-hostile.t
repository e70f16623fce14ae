#!/bin/bash
# tg-llm: a hostile server, and other users who want the key.
# shellcheck source=tests/lib.sh
. tests/lib.sh

KEY=sk-canary-0123456789abcdef
tests/hostile "$T/port" $KEY 3>&- 4>&- &
wait_for [ -s "$T/port" ] || bail_out "tests/hostile does not start"
url=http://127.0.0.1:$(cat "$T/port")/v1

asked() {
	local q
	for q; do
		printf '{"tg":{"id":"%s","request":{"kind":"generate","messages":[{"role":"user","content":"%s"}]}}}\n' \
			"${q// /-}" "$q"
	done
}
# code ID: prints the error code of a record, null if it was answered.
code() {
	jq -r --arg id "$1" 'select(.tg.id == $id) | .tg.error.code' "$T/all/out"
}

# Each kind of malice stands between two good requests, with the key in the
# environment.
while read -r q want; do
	kinds+=("$q") wants+=("$want")
done <<'END'
good null
bomb reply_too_big
garbage bad_reply
silence connection_lost
deep bad_reply
deeper bad_reply
utf8 broken_text
nul null
rawnul broken_text
surrogate broken_text
choices null
numbers null
ansi bad_request
ansihtml bad_request
strange bad_request|server_error|bad_reply
switch bad_reply|bad_request|connection_lost|server_error|timeout
empty bad_reply
longline bad_reply|reply_too_big
split connection_lost
minus bad_reply|connection_lost
chunk bad_reply|connection_lost
length reply_too_big
chunked reply_too_big
headers reply_too_big
continue reply_too_big|timeout
drip timeout
echo null
echo400 bad_request
echohtml server_error
echojson bad_reply
END
mkdir "$T/all"
# The good requests keep the circuit breaker from ejecting the server.
for q in "${kinds[@]}"; do
	asked "$q" "after $q good"
done >"$T/in"
OPENAI_API_KEY=$KEY check_status "a run with thirty kinds of malice exits with 1" 1 measured tg-llm -u "$url" -j 2 \
	--timeout $((SLOW > 1 ? SLOW : 4)) --retries 0 --cache "$T/all/cache" --keep --progress -v \
	--stats "$T/all/stats" "$T/in" >"$T/all/out" 2>"$T/all/err"
for i in "${!kinds[@]}"; do
	got=$(code "${kinds[i]}")
	[[ "|${wants[i]}|" == *"|$got|"* ]]
	ok "${kinds[i]} has a result that is allowed: $got"
done
is "all records leave in order" "$(jq -c .tg.id "$T/in")" "$(jq -c .tg.id "$T/all/out")"
is "all good requests are answered" $((${#kinds[@]} + 1)) "$(grep -c '"text":"fine"' "$T/all/out")"
is "a NUL in an answer is kept" 'a\u0000b' "$(jq -r 'select(.tg.id == "nul") |
	.tg.response.choices[0].text | tojson' "$T/all/out" | tr -d '"')"
is "of too many choices one is taken" 1 "$(jq 'select(.tg.id == "choices") |
	.tg.response.choices | length' "$T/all/out")"
is "token counts that are no numbers count as 0" '[0,0]' "$(jq -c 'select(.tg.id == "numbers") |
	.tg.response.usage | [.prompt_tokens, .completion_tokens]' "$T/all/out")"
check_fail "no message has a control character" \
	grep -q "[$(printf '\001-\010\013-\037\177')]" "$T/all/err"
check_fail "no message has a control character of the upper set" grep -q "$(printf '\302\233')" "$T/all/err"
check_fail "no message has a line that the server made up" grep -q '^forged' "$T/all/err"
check_fail "no record has an escape character" grep -q "$(printf '\033')" "$T/all/out"
check_fail "the key appears in no file" grep -rqF "${KEY#???}" "$T/all"
check_fail "the key appears in no file with JSON escapes" grep -rqiF '\u0073\u006b\u002d' "$T/all"
if ! has_foreign_memory; then
	check "thirty kinds of malice take little memory ($(cat "$T/rss") KB)" [ "$(cat "$T/rss")" -lt 262144 ]
	for i in $(seq 64); do
		asked "$i chunked"
	done >"$T/in"
	check_status "a run with 64 endless answers exits with 1" 1 measured tg-llm -u "$url" "$T/in" >"$T/out"
	is "64 endless answers end in reply_too_big" 64 "$(grep -c reply_too_big "$T/out")"
	check "64 endless answers take little memory ($(cat "$T/rss") KB)" [ "$(cat "$T/rss")" -lt 262144 ]
else
	skip "thirty kinds of malice take little memory" "not all of it is theirs"
fi

# The key in a process that is running.
echo '{"stall":true}' >"$T/s"
start_mock -s "$T/s"
asked a >"$T/in"
printf '%s\n' $KEY >"$T/key"
chmod 644 "$T/key" "$T/in"
chmod 755 "$T"
nobody=()
if [ "$(id -u)" -eq 0 ] && setpriv --reuid 65534 --clear-groups \
	cat "$TG_BIN/tg-llm" >/dev/null; then
	nobody=(setpriv --reuid 65534 --clear-groups)
fi
# flies: waits until the mock has the request.
flies() {
	wait_for in_flight_is 1
}
# start COMMAND...: runs COMMAND with a key until its request is sent; its
# process id is $pid.
start() {
	(
		cd "$T" || exit
		ulimit -c unlimited
		exec "${nobody[@]}" "$@"
	) <"$T/in" >"$T/out" 2>"$T/err" &
	pid=$!
	flies
}
if [ "$SLOW" -gt 1 ]; then
	skip "the key of a running process is hidden" "valgrind has copies"
elif [ "$(id -u)" -eq 0 ] && [ ${#nobody[@]} -eq 0 ]; then
	skip "the key of a running process is hidden" "nobody but root can run it here"
else
	for from in environment file; do
		if [ $from = file ]; then
			start tg-llm -u "$MOCK_URL" --key-file "$T/key"
		else
			OPENAI_API_KEY=$KEY start tg-llm -u "$MOCK_URL"
		fi
		check "a key from the $from is sent" grep -q "Bearer $KEY" "$MOCK_LOG"
		: >"$MOCK_LOG"
		check_fail "a key from the $from is not in the arguments" grep -q $KEY "/proc/$pid/cmdline"
		check_fail "another process of the user cannot read the environment (key from the $from)" \
			"${nobody[@]}" cat "/proc/$pid/environ"
		check_fail "another process of the user cannot read the memory (key from the $from)" "${nobody[@]}" head -c 1 "/proc/$pid/mem"
		check_fail "another process of the user cannot read the memory map (key from the $from)" "${nobody[@]}" cat "/proc/$pid/maps"
		[ "$(id -u)" -ne 0 ] ||
			check_fail "even root does not find the key from the $from in the environment" \
				grep -q $KEY "/proc/$pid/environ"
		kill -9 $pid
		wait $pid
		wait_for in_flight_is 0
	done
	# Cores: a process without a key leaves one, if this system makes any.
	(
		ulimit -c unlimited
		cd "$T" || exit
		measured sh -c 'kill -ABRT $$'
	)
	if [ "$(cat "$T/core")" = 1 ]; then
		rm -f "$T"/core*
		(
			ulimit -c unlimited
			cd "$T" || exit
			OPENAI_API_KEY=$KEY exec tg-llm -u "$MOCK_URL" in
		) >"$T/out" 2>"$T/err" &
		pid=$!
		flies
		kill -ABRT $pid
		wait $pid
		is "an abort ends tg-llm" 134 $?
		is "an abort with a key in use leaves no core" "" "$(find "$T" -maxdepth 1 -name 'core*')"
	else
		skip "an abort with a key in use leaves no core" "there are none here"
	fi
fi
check_status "a key with a line break is refused" 2 env OPENAI_API_KEY="$KEY
X-Evil: 1" tg-llm -u "$MOCK_URL" "$T/in" 2>"$T/err"
check_fail "the message about a refused key does not show it" grep -q canary "$T/err"
check_status "a key with a carriage return is refused" 2 env OPENAI_API_KEY="$(printf 'a\rb')" \
	tg-llm -u "$MOCK_URL" "$T/in"
check_status "a key with a control character is refused" 2 env OPENAI_API_KEY="$(printf 'a\001b')" \
	tg-llm -u "$MOCK_URL" "$T/in"
done_testing
