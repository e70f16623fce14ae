#!/bin/sh
# tg-llm --cache: no answer is paid for twice.
# shellcheck source=tests/lib.sh
. tests/lib.sh

llm() {
	tg-llm -u "$MOCK_URL" --cache "$T/c" "$@"
}

# The answers, without what differs from run to run.
answers() {
	jq -c '[.tg.id, .tg.response.choices, .tg.response.model, .tg.error.code]' "$@"
}

requests() {
	mock_stats .requests
}

start_mock -o latency=lognormal:5:20
asked 1 50 >"$T/in"
check "a first run" llm "$T/in" >"$T/out"
answers "$T/out" >"$T/want"
check "a second" llm --stats "$T/stats" "$T/in" >"$T/out"
answers "$T/out" >"$T/got"
check_same "gives the same answers" "$T/want" "$T/got"
is "and asks nothing" 50 "$(requests)"
is "stats" '[50,0,50,0]' "$(jq -c '[.cached,.calls,.answered,.prompt_tokens]' "$T/stats")"
check "nothing was attempted, used or waited for" jq -se 'all(.tg.response |
	.attempts == 0 and .latency_ms == 0 and .usage.completion_tokens == 0)' "$T/out"
is "one file a run, none for nothing" 1 "$(find "$T/c" -name 'answers-*' | wc -l)"
check "its form" jq -se 'length == 50 and all((keys == ["answer","key","sample"])
	and (.key | test("^[0-9a-f]{64}$")) and .sample == 0 and
	.answer.finish_reason == "stop" and .answer.model == "mock-model" and
	(.answer.text | startswith("answer")))' "$T/c"/answers-*.jsonl

# What names an answer: the request, whoever serves it.
check "-n" llm -n 3 "$T/in" >"$T/out"
is "asks for the two that lack" '[100,2]' \
	"$(jq -nc '[inputs.body | objects.n] | [length, .[-1]]' "$MOCK_LOG")"
is "and keeps the one" "$(sed -n 7p "$T/want" | jq -c '.[1][0]')" \
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
	is "$o is another request, once" $n "$(requests)"
done
kill "$MOCK_PID"
start_mock -o owned_by=vllm
asked 1 3 judge '{"choice":["0","1","2"],"max_tokens":8,"temperature":0}' >"$T/judge"
check "a judge, of one server" llm "$T/judge" >"$T/out"
kill "$MOCK_PID"
for owner in llamacpp sglang mock; do
	start_mock -o owned_by=$owner
	check "a server of another kind ($owner)" llm "$T/judge" "$T/in" >"$T/out"
	is "has nothing to do" 0 "$(requests)"
	kill "$MOCK_PID"
done
jq -c 'del(.tg.request.params.choice)' "$T/judge" >"$T/free"
start_mock
check "without the constraint" llm "$T/free" >"$T/out"
is "it is another request" 3 "$(requests)"
kill "$MOCK_PID"

# No server at all.
check "with a model named no server is needed" tg-llm -m mock-model \
	-u http://127.0.0.1:1/v1 --cache "$T/c" "$T/in" >"$T/out"
answers "$T/out" >"$T/got"
check_same "for what is there" "$T/want" "$T/got"
asked 51 52 >"$T/more"
check_status "for more it is" 4 tg-llm -m mock-model --retries 0 \
	-u http://127.0.0.1:1/v1 --cache "$T/c" "$T/in" "$T/more" >"$T/out"
is "and what is there is answered" '50/2' "$(grep -c '"response"' "$T/out")/$(
	grep -c '"stopped"' "$T/out")"

# Damage: a torn tail, foreign lines, bits that fell over.
f=$(grep -c '"sample":0' "$T/c"/*.jsonl | sed -n 's/:50$//p')
sed -i '1s/"answer":{/"answer":{{/; 2s/"key":"./"key":"g/; 3s/.$//' "$f"
printf '{"key":"0123' >>"$f"
printf 'hello\n\n{}\n{"key":"%064d","sample":0,"answer":{"text":"x"}}\n' 0 \
	>"$T/c/answers-1-2-3.jsonl"
mkfifo "$T/c/answers-fifo.jsonl"
mkdir "$T/c/answers-dir.jsonl"
ln -s /etc/passwd "$T/c/answers-link.jsonl"
start_mock
check "a cache with damage" llm -m mock-model "$T/in" >"$T/out"
answers "$T/out" >"$T/got"
check_same "gives the same answers" "$T/want" "$T/got"
is "what was damaged is asked again" 3 "$(requests)"
check "and then" llm -m mock-model "$T/in" >"$T/out"
is "no more" 3 "$(requests)"
kill "$MOCK_PID"
rm -rf "$T/c"

# Bad answers are kept, so that they are not bought again; empty ones are not.
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
check_status "bad answers" 1 llm "$T/six" >"$T/out"
is "have their codes" "$codes" "$(jq -sc 'map(.tg.error.code)' "$T/out")"
n=$(requests)
check_status "again" 1 llm "$T/six" >"$T/out"
is "they are the same" "$codes" "$(jq -sc 'map(.tg.error.code)' "$T/out")"
is "only the empty and the refused are asked again" $((n + 3)) "$(requests)"
is "thinking is kept in the cache" '"<think>t</think>a"' "$(
	llm --keep-thinking "$T/six" | sed -n 5p | jq '.tg.response.choices[0].text')"
asked 1 1 judge | llm >"$T/out"
is "what is cut for one is enough for a judge" '"cut"' \
	"$(jq '.tg.response.choices[0].text' "$T/out")"
kill "$MOCK_PID"
rm -rf "$T/c"

# A reply is stored as a whole: a kill between two of its choices would change
# what the next run gives.
if command -v strace >/dev/null && [ -z "${TG_VALGRIND:-}" ]; then
	rm -rf "$T/c"
	start_mock
	asked 1 5 >"$T/in"
	strace -f -qqq -s 20 -e trace=write -o "$T/strace" tg-llm -u "$MOCK_URL" --cache "$T/c" \
		-n 3 "$T/in" >"$T/out"
	is "one write a reply" 5 "$(grep -c 'write([0-9]*, "{."key' "$T/strace")"
	is "with its choices" 15 "$(cat "$T"/c/answers-* | wc -l)"
	kill "$MOCK_PID"
	rm -rf "$T/c"
fi

# Two at once: no request is sent that the other has sent, or is waiting for.
start_mock -o latency=lognormal:40:60
asked 1 200 >"$T/in"
llm -j 4 "$T/in" >"$T/a" &
a=$!
llm -j 4 "$T/in" >"$T/b" &
b=$!
check "one of two" wait $a
check "the other" wait $b
answers "$T/a" >"$T/want"
answers "$T/b" >"$T/got"
check_same "agree" "$T/want" "$T/got"
is "two at once have asked for each answer once" 200 "$(requests)"
is "a third" 0 "$(llm "$T/in" >"$T/out" && echo $(($(requests) - 200)))"

# The same request twice in one run.
rm -rf "$T/c"
n=$(requests)
asked 1 50 | jq -c '., .' >"$T/in"
check "doubles" llm "$T/in" >"$T/out"
is "are asked once" 50 $(($(requests) - n))
is "and answered twice" 50 "$(answers "$T/out" | sort | uniq -c | grep -c ' 2 ')"
kill "$MOCK_PID"

# Whoever is asking dies; or hangs, which is waited out.
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
	check "$signal for the one that asks" wait $b
	is "$signal: the other one asks" 8 "$(requests)"
	mock_goes_on
	kill -CONT $a 2>/dev/null
	wait $a
	kill "$MOCK_PID"
done
rm -rf "$T/c"

# Killed, again and again: the mock sees no answered request twice.
rm -rf "$T/c"
kill "$MOCK_PID"
asked 1 400 >"$T/in"
i=0 n=0
# the server stops to answer before the end
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
check "the run after four that were killed" llm "$T/in" >"$T/out"
is "has all" 400 "$(grep -c '"response"' "$T/out")"
# what was in flight at a kill has been asked twice: eight each time at most
n=$((n + $(requests)))
check "was not asked much twice ($n)" [ $n -le $((400 + 4 * 8)) ]
for i in 0 1 2 3; do
	grep '"response".*}$' "$T/out.$i" || :
done | answers | sort -u >"$T/seen"
answers "$T/out" | sort >"$T/want"
is "what had been written out is the same" 0 \
	"$(comm -23 "$T/seen" "$T/want" | wc -l)"
kill "$MOCK_PID"

# A folder that cannot be written.
start_mock
check_status "a cache that is a file" 3 tg-llm -u "$MOCK_URL" --cache "$T/in" "$T/in"
check_status "a cache that cannot be made" 3 tg-llm -u "$MOCK_URL" \
	--cache /proc/none/x "$T/in"
check_status "a cache that cannot be written" 3 tg-llm -u "$MOCK_URL" \
	--cache /proc/self "$T/in"
is "nobody was asked" 0 "$(requests)"
(
	ulimit -f 8
	llm -j 4 --cache "$T/full" "$T/in" 2>"$T/err"
	echo $? >"$T/status"
) | cat >"$T/out"
is "a full disk" 3 "$(cat "$T/status")"
check "is named" grep -q 'cannot store an answer' "$T/err"
is "what was read leaves" "$(jq -n '[inputs] | length' "$T/out")" \
	"$(grep -c '"response"\|"stopped"' "$T/out")"
check "and was not asked much more" [ "$(requests)" -lt 300 ]
kill "$MOCK_PID"

# Size: ten thousand entries, and a hundred files.
rm -rf "$T/c"
start_mock
asked 1 10000 >"$T/in"
check "ten thousand answers" llm "$T/in" >"$T/out"
split -n l/100 "$T/c"/answers-*.jsonl "$T/c/answers-part." \
	--additional-suffix .jsonl
rm "$T/c"/answers-[0-9]*
check "are read back" llm "$T/in" >"$T/got"
is "without a request" 10000 "$(requests)"
check "quickly, with few files open" timeout $((60 * SLOW)) \
	prlimit -n200 tg-llm \
	-u "$MOCK_URL" --cache "$T/c" "$T/in" >"$T/got"
is "all" "10000/10000" "$(requests)/$(grep -c '"response"' "$T/got")"
# Locks that cannot be had.
if [ "$SLOW" = 1 ] && strace -o "$T/trace" true 2>/dev/null; then
	asked 1 3 >"$T/lockless"
	for error in ENOLCK EOPNOTSUPP; do
		rm -rf "$T/nolock" && mkdir "$T/nolock"
		ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -qq -o "$T/trace" \
			-P "$T/nolock/.lock" -e inject=fcntl:error=$error \
			tg-llm -u "$MOCK_URL" --cache "$T/nolock" "$T/lockless" \
			>"$T/out" 2>"$T/err"
		is "$error: all are answered" 3 "$(grep -c '"response"' "$T/out")"
		is "$error: one warning says what is lost" 1 "$(grep -c "^tg-llm: $T/nolock/.lock: locks fail here (.*): two programs may ask the same at one time$" "$T/err")"
		is "$error: nothing else is said" 1 "$(wc -l <"$T/err" | tr -d ' ')"
		is "$error: the answers are stored" 3 "$(cat "$T"/nolock/answers-* | wc -l | tr -d ' ')"
	done
	llm "$T/lockless" >"$T/out" 2>"$T/err"
	check "with locks nothing is said" [ ! -s "$T/err" ]
else
	skip "locks that cannot be had" "no strace"
fi

done_testing
