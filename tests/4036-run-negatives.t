#!/bin/bash
# tg-run: a pair whose negatives fail stays, missing negatives are added later,
# and the sums hold whatever happens.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

# The task has no ways to make negatives, so that one request asks for all that a pair lacks.
tg-prompt --list | jq -c 'select(.name == "web_code_retrieval") | del(.negatives)' >row.json
export TG_TASKS=$T/row.json

# rule TEXT MEMBERS: prints a rule for the request for negatives to the code TEXT.
rule() {
	jq -nc --arg s $'Right document:\n```\n'"$1" --argjson more "$2" '{match: {substring: $s}} + $more'
}
{
	# as many choices as are asked for: with one, tg-llm would take the server to ignore n
	rule REFUSE "$(jq -nc '{message: {content: null, refusal: "No."}, finish_reason: "stop"} | {body: {choices: [., ., .]}}')"
	rule NULL '{"text": null}'
	rule CUT '{"text": "half of", "finish_reason": "length"}'
	rule SAME '{"text": "SAME()"}'
	rule BAD '{"status": 400}'
	rule FEW '{"text": ["one", "one", "two"]}'
	rule TOP '{"times": 1, "text": ["a", "b", "c"]}'
	rule TOP '{"times": 1, "text": ["d", "e", "f", "g"]}'
	echo '{"match":{"kind":"verdict","substring":"TYPE"},"text":"0"}'
	echo '{"match":{"kind":"answer","substring":"FAIL"},"status":400}'
} >rules
start_mock -o owned_by=vllm -s rules
calls() { mock_stats .requests; }
run() { tg-run -u "$MOCK_URL" -m m -t web_code_retrieval "$@" 2>err; }
codes() { for w; do echo "{\"text\":\"$w()\"}"; done; }
# found FILE: prints each document of FILE with its number of negatives.
found() { jq -r '"\(.pos[0][:-2]) \(.neg | length)"' "$1" | paste -sd ,; }
# asked_since LINE: prints the documents that were asked about after this line of the log.
asked_since() { tail -n +$(($1 + 1)) "$MOCK_LOG" | grep -o '[A-Z]\+()' | sort -u | paste -sd ' '; }

codes REFUSE NULL CUT SAME BAD FEW GOOD >code.jsonl
check_status "a run whose negatives fail exits with 0" 0 run -C cache -N 3 code.jsonl >out
is "each pair is emitted with the negatives that it has" 'REFUSE 0,NULL 0,CUT 0,SAME 0,BAD 0,FEW 2,GOOD 3' "$(found out)"
is "a message tells why a pair gets no negatives" 5 "$(grep -c '^tg-negs: stdin:[1-5]: the pair gets no negatives: ' err)"
is "the summary counts the pairs without negatives by the reason" \
	'tg-run: 5 pairs got no negatives (1 refusal, 1 empty_answer, 1 truncated, 1 no_negatives, 1 bad_request)' \
	"$(grep 'pairs got' err)"
is "the summary counts no error" 'tg-run: 7 documents: 7 triplets, 0 rejected, 0 in error, 0 duplicates' "$(grep documents err)"
is "-q leaves out the counts" '' "$(run -q -C cache -N 3 code.jsonl 2>&1 >out; grep '^tg-run' err)"
before=$(wc -l <"$MOCK_LOG")
check_status "the same run exits with 0 again" 0 run -C cache -N 3 code.jsonl >again
check_same "the same run gives the same triplets" out again
is "the same run asks only for what was not answered" 'BAD() NULL()' "$(asked_since "$before")"

# Nothing is lost, whatever happens to a document.
{
	codes TYPE FAIL GOOD
	echo '{"text":"torn'
	cat code.jsonl
} >all.jsonl
# sums NAME MINIMUM LINES: checks that out and rejects have all the lines of all.jsonl.
sums() {
	is "$1: lines in are triplets, rejects, errors and duplicates" "$(wc -l <all.jsonl)" \
		"$(($(cat out rejects | wc -l) + $(grep -o '[0-9]* duplicate' err | tr -dc 0-9)))"
	is "$1: the rejects are the expected ones" "$2" "$(jq -r '.tg | (.error // .rejected).code' rejects | sort | uniq -c | awk '{print $2, $1}' | paste -sd ,)"
}
check_status "a run with an error and a torn line exits with 1" 1 run -N 3 --rejects rejects all.jsonl >out
sums "without a cache" 'bad_record 1,bad_request 1,judge_0 1'
check_status "a cached run with an error and a torn line exits with 1" 1 run -C cache -N 3 --rejects rejects all.jsonl >out
sums "with a cache" 'bad_record 1,bad_request 1,judge_0 1'
run -C cache -N 3 --debug --rejects rejects all.jsonl >debugged
jq -c 'select(.rejected | not)' debugged >out
sums "with --debug" 'bad_record 1,bad_request 1,judge_0 1'
run -C cache -N 3 --min-negs 2 --rejects rejects all.jsonl >out
sums "with --min-negs" 'bad_record 1,bad_request 1,few_negatives 5,judge_0 1'
is "--min-negs keeps the pairs with enough negatives" 'GOOD 3,FEW 2' "$(found out)"

# A pair with few negatives is stored as the pair that it is.
codes FEW >few.jsonl
check_status "a run that rejects for few negatives exits with 0" 0 run -C other -N 3 --min-negs 3 --rejects rejects few.jsonl >out
is "the reject tells how many negatives there are" 'few_negatives: the pair has 2 of 3 negatives' \
	"$(jq -r '.tg.rejected | "\(.code): \(.message)"' rejects)"
n=$(calls)
check_status "a run without --min-negs exits with 0" 0 run -C other -N 3 few.jsonl >out
is "a run without --min-negs gives the pair and asks nothing" "FEW 2 $n" "$(found out) $(calls)"
check_status "a run of the reject exits with 0" 0 run -C other -N 3 rejects >out
is "a run of the reject asks for its negatives alone" $((n + 1)) "$(calls)"
for least in 4 x '' -1; do
	check_status "--min-negs '$least' with -N 3 is refused" 2 run -N 3 --min-negs "$least" few.jsonl
done
check_status "--min-negs without -N is refused" 2 run --min-negs 1 few.jsonl

# Missing negatives are added to those that are there.
codes TOP >top.jsonl
run -C top -N 3 top.jsonl >out
is "a run with -N 3 gives three negatives" '["a","b","c"]' "$(jq -c .neg out)"
file=$(echo top/*.json)
for how in 'with the response cache' 'without the response cache'; do
	cp -r top "top $how"
done
n=$(calls)
check_status "a later run with -N 7 exits with 0" 0 run -C 'top with the response cache' -N 7 top.jsonl >out
is "a later run with -N 7 adds four negatives" '["a","b","c","d","e","f","g"]' "$(jq -c .neg out)"
is "a later run with -N 7 makes one call for four answers" "$((n + 1)) 4" \
	"$(calls) $(tail -n 1 "$MOCK_LOG" | jq .body.n)"
is "the file of the cache has seven negatives" '[7]' "$(jq -c 'map(.neg | length)' "top with the response cache/${file#top/}")"
n=$(calls)
run -C 'top with the response cache' -N 5 top.jsonl >out
is "a run with a smaller -N keeps all and asks nothing" "TOP 7 $n" "$(found out) $(calls)"
rm -r 'top without the response cache/answers'
run -C 'top without the response cache' -N 7 top.jsonl >out
is "without the response cache only four answers are asked for, too" "$((n + 1)) 4" \
	"$(calls) $(tail -n 1 "$MOCK_LOG" | jq .body.n)"
is "a later run with a seed does not use the seeds of before" 8 "$(run -C top -N 7 top.jsonl -- --seed 5 >out
	run -C seeded -N 3 top.jsonl -- --seed 5 >out
	run -C seeded -N 7 top.jsonl -- --seed 5 >out
	tail -n 1 "$MOCK_LOG" | jq .body.seed)"
check "the mock server stops without a fault" stop_mock
done_testing
