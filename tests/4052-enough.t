#!/bin/bash
# tg-run --enough N: at N triplets nothing more is spent.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

# The judge rejects every third document. The mock holds those from 61 on.
for i in $(seq 90); do
	echo "{\"text\":\"def f$i(): pass # $((i % 3 ? 1 : 0))verdict$((i > 60 ? 1 : 0))held\"}"
done >code.jsonl
cat >rules <<'END'
{"match":{"kind":"verdict","substring":"0verdict"},"text":"0"}
{"match":{"substring":"1held"},"hold":true}
END
mock() {
	[ -z "$MOCK_PID" ] || stop_mock "$MOCK_PID"
	start_mock -o owned_by=vllm -s rules
	export OPENAI_BASE_URL=$MOCK_URL
}
run() { timeout $((120 * SLOW)) tg-run -t web_code_retrieval -m m -j 8 "$@"; }

mock
check_status "the run ends at 10 triplets with 0 although requests are held" 0 \
	run --enough 10 code.jsonl >out 2>err -- --timeout 1000
is "exactly ten triplets come out, the first ten" "10 def f14" "$(wc -l <out) $(tail -n 1 out | jq -r '.pos[0][:7]')"
check "the sum names what was not needed" grep -q \
	'^tg-run: 90 documents: 10 triplets, 4 rejected (4 judge_0), 0 in error, 0 duplicates, 76 not needed' err
n=$(mock_stats .requests)
check_status "a pipe as the input ends as well" 0 run --enough 10 < <(cat code.jsonl) >out2 2>err -- --timeout 1000
check_same "with the same triplets" out out2
check "and the sum holds for what was read of it" jq -Rne '[inputs | capture(
	"run: (?<all>[0-9]+) documents: 10 triplets, 4 rejected .*, (?<rest>[0-9]+) not needed") |
	map_values(tonumber) | .all == 14 + .rest] == [true]' err

mock
sed 's/1held/0held/' code.jsonl >free.jsonl
check_status "a run with a cache ends at 10" 0 run --enough 10 -C cache free.jsonl >out 2>err
n=$(mock_stats .requests)
check_status "the same command again ends with 0" 0 run --enough 10 -C cache free.jsonl >out2 2>err
check_same "it gives the same triplets" out out2
check_status "with --append the file gets 10" 0 run --enough 10 -C cache --append all free.jsonl 2>err
check_same "it has the same triplets" out all
n=$(mock_stats .requests)
check_status "the same command again has nothing to do" 0 run --enough 10 -C cache --append all free.jsonl 2>err
is "it says so" 'tg-run: all has 10 triplets already; nothing is asked' "$(cat err)"
is "it asks nothing" "$n" "$(mock_stats .requests)"
check_status "a larger number adds what is missing" 0 run --enough 13 --append all free.jsonl 2>err
check "duplicates of the file are told as such" grep -q ' duplicates (the file of --append had 10 triplets already), ' err
is "the file has as many as that" 13 "$(wc -l <all)"
check_status "more than there are is no error" 0 run --enough 1000 -C cache free.jsonl >out 2>err
is "all triplets come out" 60 "$(wc -l <out)"
check "nothing is said of what was not needed" grep -q '^tg-run: 90 documents: 60 triplets, 30 rejected (30 judge_0), 0 in error, 0 duplicates' err
check_status "--enough of nothing is refused" 2 run --enough 0 free.jsonl
check_status "--enough does not go with --estimate" 2 run --enough 3 --estimate free.jsonl
check "the mock server stops without a fault" stop_mock
is "no file is left behind" '' "$(ls tmp)"
done_testing
