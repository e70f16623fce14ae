#!/bin/bash
# tg-run | head: once the reader has gone, nothing more is asked for.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

# Three documents go through; more of them wait for the judge, and the rest for
# the first answer: the mock holds those until it is told to go on.
for i in $(seq 100); do
	echo "{\"text\":\"def f$i(): pass # $((i > 3 ? i > 30 ? 2 : 1 : 0))later\"}"
done >code.jsonl
cat >rules <<'END'
{"match":{"kind":"verdict","substring":"1later"},"hold":true}
{"match":{"substring":"2later"},"hold":true}
END

# The stages that stand before a tg-llm.
feeders() {
	running_with "OPENAI_BASE_URL=$OPENAI_BASE_URL" | tr -dc '0-9\n' |
		while read -r pid; do
			grep -sx 'tg-prompt\|tg-cache\|tg-arrange' "/proc/$pid/comm"
		done
}
none_feeds() { [ -z "$(feeders)" ]; }
has_ended() { [ -s status ]; }

# The reader: when all that can be asked for has been, it goes.
some() {
	head -n 3 >out
	wait_for in_flight_is 16 && : >gone
}
run() { # OPTION...
	rm -f status gone
	start_mock -o owned_by=vllm -s rules
	export OPENAI_BASE_URL=$MOCK_URL
	{
		timeout $((120 * SLOW)) tg-run -t bug_desc_retrieval -m m -j 8 "$@" \
			code.jsonl -- --timeout 1000 2>err
		echo $? >status
	} | some &
	wait_for test -e gone
}

run
check "without a cache: it ends, though nothing is answered" wait_for has_ended
is "without a cache: three triplets" 3 "$(grep -c '"query"' out)"
is "without a cache: no fault" 0 "$(cat status)"
is "without a cache: what was asked for" $((6 + 3 + 2 * 27 + 8 + 8)) \
	"$(mock_stats .requests)"
check "stop" stop_mock

# What is in flight is paid for, and stored.
run -C cache
check "with a cache: who would ask for more ends" wait_for none_feeds
n=$(mock_stats .requests)
check "with a cache: the rest waits for answers" [ ! -s status ]
mock_goes_on
check "with a cache: it ends" wait_for has_ended
is "with a cache: no more requests" "$n" "$(mock_stats .requests)"
is "with a cache: all of them are stored" "$n" "$(cat cache/answers/*.jsonl | wc -l)"
check "stop" stop_mock

done_testing
