#!/bin/sh
# tg-llm --cache: no answer is paid for twice.
# shellcheck source=tests/lib.sh
. tests/lib.sh

llm() {
	tg-llm -u "$MOCK_URL" --cache "$T/c" "$@"
}

# answers: prints the answers without what differs from run to run.
answers() {
	jq -c '[.tg.id, .tg.response.choices, .tg.response.model, .tg.error.code]' "$@"
}

requests() {
	mock_stats .requests
}

start_mock -o latency=lognormal:5:20
asked 1 50 >"$T/in"
check "a first run exits with 0" llm "$T/in" >"$T/out"
answers "$T/out" >"$T/want"
check "a second run exits with 0" llm --stats "$T/stats" "$T/in" >"$T/out"
answers "$T/out" >"$T/got"
check_same "a second run gives the same answers" "$T/want" "$T/got"
is "a second run asks nothing" 50 "$(requests)"
is "the statistics count cached answers" '[50,0,50,0]' "$(jq -c '[.cached,.calls,.answered,.prompt_tokens]' "$T/stats")"
check "a cached answer counts no attempts, tokens or time" jq -se 'all(.tg.response |
	.attempts == 0 and .latency_ms == 0 and .usage.completion_tokens == 0)' "$T/out"
is "a run makes one file, and a run without new answers makes none" 1 "$(find "$T/c" -name 'answers-*' | wc -l)"
check "a line of the cache has key, sample and answer" jq -se 'length == 50 and all((keys == ["answer","key","sample"])
	and (.key | test("^[0-9a-f]{64}$")) and .sample == 0 and
	.answer.finish_reason == "stop" and .answer.model == "mock-model" and
	(.answer.text | startswith("answer")))' "$T/c"/answers-*.jsonl

# The key of an answer is made of the request, not of the server.
check "a run with -n 3 exits with 0" llm -n 3 "$T/in" >"$T/out"
is "-n 3 asks only for the two choices that are missing" '[100,2]' \
	"$(jq -nc '[inputs.body | objects.n] | [length, .[-1]]' "$MOCK_LOG")"
is "-n 3 keeps the choice from the cache" "$(sed -n 7p "$T/want" | jq -c '.[1][0]')" \
	"$(sed -n 7p "$T/out" | jq -c '.tg.response.choices[0]')"
n=$(requests)
head -n 1 "$T/in" >"$T/one"
# shellcheck disable=SC2089
for o in '--temperature 0.5' '--top-p 0.5' '--max-tokens 5' '--seed 1' \
	'--repetition-penalty 1.1' '-m other' '--extra-body {"top_k":1}'; do
	# shellcheck disable=SC2086,SC2090
	llm $o "$T/one" >"$T/out"
	# shellcheck disable=SC2086,SC2090
	llm $o "$T/one" >"$T/out"
	n=$((n + 1))
	is "$o makes another request, and only once" $n "$(requests)"
done
kill "$MOCK_PID"
start_mock -o owned_by=vllm
asked 1 3 judge '{"choice":["0","1","2"],"max_tokens":8,"temperature":0}' >"$T/judge"
check "a run with a judge's requests exits with 0" llm "$T/judge" >"$T/out"
kill "$MOCK_PID"
for owner in llamacpp sglang mock; do
	start_mock -o owned_by=$owner
	check "a run on a server of another kind ($owner) exits with 0" llm "$T/judge" "$T/in" >"$T/out"
	is "a server of another kind ($owner) gets no requests" 0 "$(requests)"
	kill "$MOCK_PID"
done
jq -c 'del(.tg.request.params.choice)' "$T/judge" >"$T/free"
start_mock
check "a run without the constraint exits with 0" llm "$T/free" >"$T/out"
is "a request without the constraint is another request" 3 "$(requests)"
kill "$MOCK_PID"

# No server is there.
check "a run that names the model needs no server" tg-llm -m mock-model \
	-u http://127.0.0.1:1/v1 --cache "$T/c" "$T/in" >"$T/out"
answers "$T/out" >"$T/got"
check_same "answers in the cache come without a server" "$T/want" "$T/got"
asked 51 52 >"$T/more"
check_status "a run with new records and no server exits with 4" 4 tg-llm -m mock-model --retries 0 \
	-u http://127.0.0.1:1/v1 --cache "$T/c" "$T/in" "$T/more" >"$T/out"
is "records in the cache are answered, and the others stopped" '50/2' "$(grep -c '"response"' "$T/out")/$(
	grep -c '"stopped"' "$T/out")"

# Damage: a torn last line, foreign lines and flipped bits.
f=$(grep -c '"sample":0' "$T/c"/*.jsonl | sed -n 's/:50$//p')
sed -i '1s/"answer":{/"answer":{{/; 2s/"key":"./"key":"g/; 3s/.$//' "$f"
printf '{"key":"0123' >>"$f"
printf 'hello\n\n{}\n{"key":"%064d","sample":0,"answer":{"text":"x"}}\n' 0 \
	>"$T/c/answers-1-2-3.jsonl"
mkfifo "$T/c/answers-fifo.jsonl"
mkdir "$T/c/answers-dir.jsonl"
ln -s /etc/passwd "$T/c/answers-link.jsonl"
start_mock
check "a run with a damaged cache exits with 0" llm -m mock-model "$T/in" >"$T/out"
answers "$T/out" >"$T/got"
check_same "a damaged cache gives the same answers" "$T/want" "$T/got"
is "only damaged answers are asked for again" 3 "$(requests)"
check "a second run with a damaged cache exits with 0" llm -m mock-model "$T/in" >"$T/out"
is "a second run asks nothing" 3 "$(requests)"
kill "$MOCK_PID"
rm -rf "$T/c"

# Bad answers are kept, so that they are not paid for again; empty ones are not.
cat >"$T/s" <<'END'
{"match":{"substring":"question 1\""},"text":"cut","finish_reason":"length"}
{"match":{"substring":"question 2\""},"content":null,"finish_reason":"content_filter"}
{"match":{"substring":"question 3\""},"body":{"model":"m","choices":[{"message":{"refusal":"no"},"finish_reason":"stop"}]}}
{"match":{"substring":"question 4\""},"text":""}
{"match":{"substring":"question 5\""},"text":"<think>t</think>a"}
{"match":{"substring":"question 6\""},"status":400}
END
start_mock -s "$T/s"
asked 1 6 >"$T/six"
codes='["truncated","content_filter","refusal","empty_answer",null,"bad_request"]'
check_status "a run with bad answers exits with 1" 1 llm "$T/six" >"$T/out"
is "each bad answer has its code" "$codes" "$(jq -sc 'map(.tg.error.code)' "$T/out")"
n=$(requests)
# one after the other: the first answer shows that the refusal is its request's fault
check_status "a second run with bad answers exits with 1" 1 llm -j 1 "$T/six" >"$T/out"
is "a second run gives the same codes" "$codes" "$(jq -sc 'map(.tg.error.code)' "$T/out")"
is "a second run asks only for empty answers and refused requests" $((n + 3)) "$(requests)"
is "the cache keeps the thinking" '"<think>t</think>a"' "$(
	llm --keep-thinking "$T/six" | sed -n 5p | jq '.tg.response.choices[0].text')"
asked 1 1 judge | llm >"$T/out"
is "a cached answer that was cut off serves a judge" '"cut"' \
	"$(jq '.tg.response.choices[0].text' "$T/out")"
kill "$MOCK_PID"
rm -rf "$T/c"

# A reply is stored as a whole, since a kill between two of its choices would
# change what the next run gives.
if command -v strace >/dev/null && [ -z "${TG_VALGRIND:-}" ]; then
	rm -rf "$T/c"
	start_mock
	asked 1 5 >"$T/in"
	strace -f -qqq -s 20 -e trace=write -o "$T/strace" tg-llm -u "$MOCK_URL" --cache "$T/c" \
		-n 3 "$T/in" >"$T/out"
	is "the choices of one reply are stored in one write" 5 "$(grep -c 'write([0-9]*, "{."key' "$T/strace")"
	is "every choice is stored" 15 "$(cat "$T"/c/answers-* | wc -l)"
	kill "$MOCK_PID"
	rm -rf "$T/c"
fi

# Two processes at once: neither sends a request that the other has sent.
start_mock -o latency=lognormal:40:60
asked 1 200 >"$T/in"
llm -j 4 "$T/in" >"$T/a" &
a=$!
llm -j 4 "$T/in" >"$T/b" &
b=$!
check "the first of two processes exits with 0" wait $a
check "the second of two processes exits with 0" wait $b
answers "$T/a" >"$T/want"
answers "$T/b" >"$T/got"
check_same "two processes at once give the same answers" "$T/want" "$T/got"
is "two processes at once ask for each answer once" 200 "$(requests)"
is "a third process asks nothing" 0 "$(llm "$T/in" >"$T/out" && echo $(($(requests) - 200)))"

# The same request stands twice in one run.
rm -rf "$T/c"
n=$(requests)
asked 1 50 | jq -c '., .' >"$T/in"
check "a run with repeated requests exits with 0" llm "$T/in" >"$T/out"
is "a repeated request is sent once" 50 $(($(requests) - n))
is "a repeated request answers both records" 50 "$(answers "$T/out" | sort | uniq -c | grep -c ' 2 ')"
kill "$MOCK_PID"

# The process that asks dies, or hangs for longer than the timeout.
echo '{"times":4,"hold":true}' >"$T/s"
for signal in KILL STOP; do
	rm -rf "$T/c"
	start_mock -s "$T/s"
	asked 1 4 >"$T/in"
	tg-llm -u "$MOCK_URL" --cache "$T/c" "$T/in" >"$T/a" &
	a=$!
	wait_for in_flight_is 4
	llm --timeout $((3 * SLOW)) "$T/in" >"$T/b" 2>"$T/err" &
	b=$!
	sleep 0.1
	kill -$signal $a
	check "the other process exits with 0 after $signal" wait $b
	is "the other process sends the requests after $signal" 8 "$(requests)"
	mock_goes_on
	kill -CONT $a 2>/dev/null
	wait $a
	kill "$MOCK_PID"
done
rm -rf "$T/c"

# Runs are killed again and again, and the mock sees no answered request twice.
rm -rf "$T/c"
kill "$MOCK_PID"
asked 1 400 >"$T/in"
i=0 n=0
# The server stops answering before the end.
printf '%s\n' '{"times":80}' '{"hold":true}' >"$T/s"
for at in 30 50 40 70; do
	start_mock -s "$T/s" -o latency=lognormal:20:40
	tg-llm -j 8 -u "$MOCK_URL" --cache "$T/c" "$T/in" >"$T/out.$i" &
	pid=$!
	wait_for asked_over $at
	kill -9 $pid
	wait $pid
	n=$((n + $(requests)))
	kill "$MOCK_PID"
	i=$((i + 1))
done
start_mock
check "the run after four killed ones exits with 0" llm "$T/in" >"$T/out"
is "the run after four killed ones answers all records" 400 "$(grep -c '"response"' "$T/out")"
# Requests in flight at a kill are sent twice: at most eight each time.
n=$((n + $(requests)))
check "four kills repeat at most 32 requests ($n)" [ $n -le $((400 + 4 * 8)) ]
for i in 0 1 2 3; do
	grep '"response".*}$' "$T/out.$i" || :
done | answers | sort -u >"$T/seen"
answers "$T/out" | sort >"$T/want"
is "records that a killed run has written get the same answers again" 0 \
	"$(comm -23 "$T/seen" "$T/want" | wc -l)"
kill "$MOCK_PID"

# Folders that cannot be written.
start_mock
check_status "a cache that is a file makes status 3" 3 tg-llm -u "$MOCK_URL" --cache "$T/in" "$T/in"
check_status "a cache that cannot be made makes status 3" 3 tg-llm -u "$MOCK_URL" \
	--cache /proc/none/x "$T/in"
check_status "a cache that cannot be written makes status 3" 3 tg-llm -u "$MOCK_URL" \
	--cache /proc/self "$T/in"
is "no request is sent without a cache" 0 "$(requests)"
(
	ulimit -f 8
	llm -j 4 --cache "$T/full" "$T/in" 2>"$T/err"
	echo $? >"$T/status"
) | cat >"$T/out"
is "a full disk makes status 3" 3 "$(cat "$T/status")"
check "the message says that an answer cannot be stored" grep -q 'cannot store an answer' "$T/err"
is "every record that was read leaves, answered or stopped" "$(jq -n '[inputs] | length' "$T/out")" \
	"$(grep -c '"response"\|"stopped"' "$T/out")"
check "a full disk stops the requests" [ "$(requests)" -lt 300 ]
kill "$MOCK_PID"

# Size: ten thousand entries in a hundred files.
rm -rf "$T/c"
start_mock
asked 1 10000 >"$T/in"
check "a run with ten thousand answers exits with 0" llm "$T/in" >"$T/out"
split -n l/100 "$T/c"/answers-*.jsonl "$T/c/answers-part." \
	--additional-suffix .jsonl
rm "$T/c"/answers-[0-9]*
check "a run that reads back ten thousand answers exits with 0" llm "$T/in" >"$T/got"
is "ten thousand answers are read back without a request" 10000 "$(requests)"
check "ten thousand answers are read in time with few open files" timeout $((60 * SLOW)) \
	prlimit -n200 tg-llm \
	-u "$MOCK_URL" --cache "$T/c" "$T/in" >"$T/got"
is "all ten thousand records are answered" "10000/10000" "$(requests)/$(grep -c '"response"' "$T/got")"
# Locks that fail.
if [ "$SLOW" = 1 ] && strace -o "$T/trace" true 2>/dev/null; then
	asked 1 3 >"$T/lockless"
	for error in ENOLCK EOPNOTSUPP; do
		rm -rf "$T/nolock" && mkdir "$T/nolock"
		ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -qq -o "$T/trace" \
			-P "$T/nolock/.lock" -e inject=fcntl:error=$error \
			tg-llm -q -u "$MOCK_URL" --cache "$T/nolock" "$T/lockless" \
			>"$T/out" 2>"$T/err"
		is "$error: all records are answered" 3 "$(grep -c '"response"' "$T/out")"
		is "$error: one message says what is lost" 1 "$(grep -c "^tg-llm: $T/nolock/.lock: locks fail here (.*): two programs may ask the same at one time$" "$T/err")"
		is "$error: no other message comes" 1 "$(wc -l <"$T/err" | tr -d ' ')"
		is "$error: the answers are stored" 3 "$(cat "$T"/nolock/answers-* | wc -l | tr -d ' ')"
	done
	llm -q "$T/lockless" >"$T/out" 2>"$T/err"
	check "a run with locks says nothing" [ ! -s "$T/err" ]
else
	skip "a run whose locks fail answers all records" "no strace"
fi

# A log that cannot be read: its answers are asked for again, which is said once.
if [ "$SLOW" = 1 ] && strace -o "$T/trace" true 2>/dev/null; then
	start_mock
	rm -rf "$T/c"
	asked 1 3 >"$T/in"
	llm "$T/in" >"$T/out"
	f=$(echo "$T/c"/answers-*.jsonl)
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -f -qq -o "$T/trace" -P "$f" \
		-e inject=pread64:error=EIO tg-llm -u "$MOCK_URL" -m mock-model --cache "$T/c" "$T/in" >"$T/out" 2>"$T/err"
	is "a log with an I/O error is asked again" "0 6" "$? $(requests)"
	is "one message names the log and the reason" 1 "$(grep -c \
		"^tg-llm: $f: Input/output error; its answers are asked for again" "$T/err")"
	kill "$MOCK_PID"
else
	skip "a log with an I/O error is asked again" "no strace"
fi
done_testing
