#!/bin/bash
# tg-run | head: no request is sent once the reader has gone.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

# Three documents go through; 27 more wait for the judge and the others for
# their first answer, which the mock holds until it is told to go on.
for i in $(seq 100); do
	echo "{\"text\":\"def f$i(): pass # $((i > 3 ? i > 30 ? 2 : 1 : 0))later\"}"
done >code.jsonl
cat >rules <<'END'
{"match":{"kind":"verdict","substring":"1later"},"hold":true}
{"match":{"substring":"2later"},"hold":true}
END

# feeders: prints the stages in front of a tg-llm that still run.
feeders() {
	running_with "OPENAI_BASE_URL=$OPENAI_BASE_URL" | tr -dc '0-9\n' |
		while read -r pid; do
			grep -sx 'tg-prompt\|tg-cache\|tg-arrange' "/proc/$pid/comm"
		done
}
none_feeds() { [ -z "$(feeders)" ]; }
has_ended() { [ -s status ]; }

# some: the reader, which goes when every request that can be sent has been.
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
check "without a cache the run ends although requests are unanswered" wait_for has_ended
is "without a cache the reader gets three triplets" 3 "$(grep -c '"query"' out)"
is "without a cache the run exits with 0" 0 "$(cat status)"
is "without a cache no request is sent after the reader has gone" $((6 + 3 + 2 * 27 + 8 + 8)) \
	"$(mock_stats .requests)"
check "the mock server stops without a fault" stop_mock

# Requests in flight are paid for, so their answers are stored.
run -C cache
check "with a cache the stages that would ask for more end" wait_for none_feeds
n=$(mock_stats .requests)
check "with a cache tg-llm waits for the requests in flight" [ ! -s status ]
mock_goes_on
check "with a cache the run ends once they are answered" wait_for has_ended
is "with a cache no request is sent after the reader has gone" "$n" "$(mock_stats .requests)"
is "with a cache all answers are stored" "$n" "$(cat cache/answers/*.jsonl | wc -l)"
check "the mock server stops without a fault" stop_mock

done_testing
