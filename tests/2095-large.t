#!/bin/bash
# Inputs that are very large take no more memory for it, and time in proportion.
# shellcheck source=tests/lib.sh
. tests/lib.sh
cd "$T" || exit 3
! has_foreign_memory || skip_all "valgrind and sanitizers take memory, too"
most=262144 # KB
in_memory() { [ "$(cat rss)" -lt $most ]; }

inert='{"query":"q","pos":["p"],"neg":["n"],"tg":{"task":"code_context_retrieval","pair":true}}'
{
	printf '{"a":"' && head -c 100000000 /dev/zero | tr '\0' x && printf '"}\n%s\n' "$inert"
} >line
for command in "tg-prompt judge" tg-split-context tg-arrange tg-gate tg-judge tg-negs tg-emit \
	"tg-cache get -d cache" "tg-cache put -d cache" "tg-llm -u http://127.0.0.1:1/v1"; do
	read -ra words <<<"$command"
	check_status "$command: a line of 100 MB is an error" 1 measured timeout $((60 * SLOW)) "${words[@]}" line >out 2>err
	check "$command: a line of 100 MB takes little memory ($(cat rss) KB)" in_memory
	is "$command: the line behind it is read" q "$(tail -n 1 out | jq -r .query)"
done
rm line

# Zeros, as a file system leaves them after a crash, and a log that is no log.
start_mock
asked 1 2 >in
mkdir c
truncate -s 300M c/answers-1-1-1.jsonl
head -c 100000000 /dev/zero | tr '\0' x >c/answers-1-1-2.jsonl
tg-llm -m m --dialect generic -u "$MOCK_URL" --cache c2 <(asked 1 1) >out
{ head -c 50000000 /dev/zero && echo && cat c2/answers-*.jsonl; } >c/answers-1-1-3.jsonl
check_status "a cache with files of zeros exits with 0" 0 measured timeout $((60 * SLOW)) \
	tg-llm -m m --dialect generic -u "$MOCK_URL" --cache c in >out
check "files of zeros and of one long line take little memory ($(cat rss) KB)" in_memory
is "the answer behind zeros is found" "2 2" "$(mock_stats .requests) $(grep -c '"response"' out)"
rm -r c
kill "$MOCK_PID"

# Large answers wait for a slow one.
printf '%s\n' '{"match":{"substring":"question 1\""},"hold":true,"text":"slow"}' \
	"{\"text\":\"$(head -c 500000 /dev/zero | tr '\0' y)\"}" >s
start_mock -s s
asked 1 700 >in
measured tg-llm -m m --dialect generic -u "$MOCK_URL" -j 64 in >out &
pid=$!
wait_for asked_over 150
sleep 1
mock_goes_on
check "a run whose first answer is slow exits with 0" wait $pid
is "all large answers leave in order" "700 slow" "$(wc -l <out) $(head -n 1 out | jq -r '.tg.response.choices[0].text')"
check "large answers behind a slow one take little memory ($(cat rss) KB)" in_memory
check "the mock server stops without a fault" stop_mock

done_testing
