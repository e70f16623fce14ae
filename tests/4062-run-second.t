#!/bin/bash
# tg-run: the judge's number decides, and a second judge about the pairs that it is unsure of.
export VALGRIND_ONE_IN=8
. tests/lib.sh

# The mock server's answers are no text of the kind that a task asks for.
tg-run() { command tg-run --no-gate -t code_summary_retrieval "$@"; }
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

# Judge A keeps documents 1 and 2 and rejects 3 and 4 by their numbers; B says otherwise of 2
# and 3, which are in the band.
for i in 1 2 3 4 5; do
	printf '{"text":"def f%d(x):\\n    return x + %d"}\n' $i $i
done >in
cat >rules <<'END'
{"match":{"model":"B","substring":"f2("},"text":"0"}
{"match":{"model":"B"},"ps":{"1":0.5,"0":0.5}}
{"match":{"kind":"verdict","substring":"f1("},"ps":{"1":0.9,"0":0.05,"2":0.05}}
{"match":{"kind":"verdict","substring":"f2("},"ps":{"1":0.7,"0":0.25,"2":0.05}}
{"match":{"kind":"verdict","substring":"f3("},"ps":{"1":0.4,"0":0.55,"2":0.05}}
{"match":{"kind":"verdict","substring":"f4("},"ps":{"1":0.1,"0":0.85,"2":0.05}}
{"match":{"kind":"verdict"},"ps":{"1":0.99,"0":0.01}}
END
start_mock -o owned_by=vllm -s rules
run() { tg-run -u "$MOCK_URL" -m M --judge-model A "$@" 2>err; }
both=(--min-p .6 --unsure '.3,.8' --second-model B)
# asked_of MODEL: prints how often the model was asked.
asked_of() { grep -c "\"model\":\"$1\"" "$MOCK_LOG"; }
# numbers FILE: prints the last digit of the documents in FILE.
numbers() { grep -o 'f[0-9](' "$1" | uniq | tr -d 'f(\n'; }

check_status "a run with --min-p exits with 0" 0 run --min-p .6 --judge-opts '--logprobs 7' --meta --rejects r in >out
is "--min-p keeps the pairs whose number is high enough" 125 "$(numbers out)"
is "meta has the number" 0.7 "$(sed -n 2p out | jq .meta.judge.p)"
is "the others are rejected by their number" 'low_p 0.4 low_p 0.1' \
	"$(jq -r '.tg | "\(.rejected.code) \(.judge.p)"' r | paste -sd ' ')"
is "only the judge is asked for log probabilities" 'A true 7 M null null' \
	"$(jq -r '.body | select(.model) | "\(.model) \(.logprobs) \(.top_logprobs)"' "$MOCK_LOG" | sort -u | paste -sd ' ')"
tg-judge --again --min-p .05 r | tg-emit >again.out 2>err
is "rejects are decided about anew without a question" 34 "$(numbers again.out)"

: >"$MOCK_LOG"
check_status "a run with a second judge exits with 0" 0 run "${both[@]}" -C cache --meta --stats stats --rejects r in >out
is "the second judge decides about the pairs of the band" '135 24' "$(numbers out) $(numbers r)"
is "each judge is asked about its own pairs" '5 2' "$(asked_of A) $(asked_of B)"
is "the second judge is not asked for log probabilities" null "$(jq -c 'select(.body.model == "B").body.logprobs' "$MOCK_LOG" | sort -u)"
is "the triplet has both judgements" '[1,"B",0.4,"A",false]' \
	"$(sed -n 2p out | jq -c '.meta | [.judge.verdict, .judge.model, (.judge_first | .p, .model, .kept)]')"
is "the rejects have the code of their judge" 'judge_0 low_p' "$(jq -r .tg.rejected.code r | paste -sd ' ')"
check "the summary tells what the second judge changed and took" grep -q "^tg-run: the second judge, B, decided about 2 of 5 judged pairs: \
it keeps 1 that the first would reject, and rejects 1 that it would keep; 2 calls, 0 retries, 0 cached answers, [0-9]* tokens in, 2 out$" err
is "the counts have a line for each stage" 'read generate judge judged judged judge-2 emit' "$(jq -r .stage stats | paste -sd ' ')"
check "who gets text names the second judge" grep -q "; the second judge's to .*model B$" err
: >"$MOCK_LOG"
check_status "a second run exits with 0" 0 run "${both[@]}" -C cache --meta --rejects r2 in >out2
check_same "the cache gives the same triplets" out out2
check_same "the cache gives the same rejects" r r2
is "a second run asks nothing" 0 "$(grep -c '"body":{"messages' "$MOCK_LOG")"
check_fail "a run that judges nothing tells nothing of a second judge" grep -q 'second judge,* decided' err
check_status "a run with --debug exits with 0" 0 run "${both[@]}" -C cache --debug in >debug
is "--debug shows the answer of the judge that decided" '1 0' \
	"$(jq -r 'select(.query | test("f[23]")).judge' debug | sort -r | paste -sd ' ')"

# Votes stand in for log probabilities. The second judge has a server of its own, and no name
# for its model.
echo '{"match":{"kind":"verdict"},"text":"0"}' >rules.other
start_mock -o owned_by=vllm -s rules.other
other=$MOCK_URL other_log=$MOCK_LOG
printf '%s\n' '{"match":{"model":"A","substring":"f2("},"text":["1","0","1"]}' >rules.votes
start_mock -o owned_by=vllm -s rules.votes
check_status "a run with --votes exits with 0" 0 run --votes 3 --unsure .3,.8 --second-url "$other" \
	--second-opts '--temperature 0.25' in >out2
is "their share is the number" 1345 "$(numbers out2)"
is "the judge is asked for votes, and the second judge for one answer, with options of its own" \
	'A 3 1 1 null mock-model null 0.25 0.6 null' "$(jq -r '.body | objects | select(.max_tokens == 8) |
		"\(.model) \(.n) \(.temperature) \(.top_p) \(.logprobs)"' "$MOCK_LOG" "$other_log" | sort -u | paste -sd ' ')"

# A judge without numbers.
printf '%s\n' '{"match":{"kind":"verdict"},"text":"1"}' >plain
start_mock -o owned_by=vllm -s plain
check_status "a judge without log probabilities makes status 1" 1 run "${both[@]}" --rejects r in >out2
is "no pair is lost" '5 judge_no_p 1' "$(wc -l <r) $(jq -r '.tg.error.code' r | uniq) $(jq -r .tg.judge.verdict r | uniq)"
is "its server is named once, with what helps" 1 "$(grep -c 'gives no log probabilities of A, .*--votes 5' err)"
check_status "with --votes the rejects go through" 0 run --votes 3 --min-p .6 r >out2
is "and nothing is lost" 12345 "$(numbers out2)"

# What a run would take.
check_status "an estimate exits with 0" 0 run "${both[@]}" --estimate in >out2
is "it has as many pairs for the second judge as the band is wide" '{"judge":5,"second":3}' "$(jq -c '.requests | {judge, second}' out2)"
check "and says so" grep -q 'is unsure of as many as the band of --unsure is wide' err
run --dry-run "${both[@]}" -C cache >dry
is "what decides a pair is in the key of the cache" 'min-p=.6 unsure=.3,.8 second=B' "$(grep -o "min-p=[^']*" dry | sort -u)"
is "the pipeline has both judges, and asks the first for a number" \
	'tg-llm --logprobs 5 -m A | tg-judge --min-p .6 --unsure .3,.8 | tg-llm -m B | tg-judge |' \
	"$(grep -e '^tg-judge' -e '^tg-llm.* -m [AB]' dry | sed 's| -u [^ ]*||; s| --cache [^ ]*||' | paste -sd ' ')"
check_status "a preview exits with 0" 0 tg-run -u "$MOCK_URL" -m M --judge-model A --votes 3 --unsure 0,1 --second-model B --preview 2 in >out2 2>err
check "it tells of the second judge" grep -q 'the second judge, B, decided about' err
check "it shows the number of each pair" grep -q '^judge: p [0-9.]* of the first judge$' out2
for words in '--second-url http://h' '--unsure .1,.2' '--no-judge --min-p .5'; do
	# shellcheck disable=SC2086
	check_status "$words is refused" 2 run $words in
done

# A run that is killed while the second judge is asked pays nothing twice.
{
	echo '{"match":{"model":"B"},"times":2,"hold":true,"text":"1"}'
	cat rules
} >held
start_mock -o owned_by=vllm -s held
"$TG_BIN/tg-run" --no-gate -t code_summary_retrieval -u "$MOCK_URL" -m M --judge-model A "${both[@]}" --answers answers in >out2 2>err &
pid=$!
b_is_asked() { [ "$(asked_of B)" -eq 2 ]; }
check "both requests to the second judge are under way" wait_for b_is_asked
# the stages are a process group of their own
for job in $(ps -o pid= --ppid $pid); do kill -KILL -- "-$job" 2>err; done
kill -KILL $pid 2>err
wait $pid
mock_goes_on
: >"$MOCK_LOG"
check_status "the same command goes on" 0 run "${both[@]}" --answers answers --rejects r in >out2
is "it asks the second judge alone" '0 0 2' "$(asked_of M) $(asked_of A) $(asked_of B)"
is "and gives what an undisturbed run gives" '135 24' "$(numbers out2) $(numbers r)"

# The same in batches.
start_mock -o owned_by=vllm -s rules
check_status "a batch job with a second judge starts" 0 tg-batch start job -m M --judge-model A --no-gate -t code_summary_retrieval \
	"${both[@]}" --rejects jr <in >files 2>err
is "tg-batch online serves one judge at a time" 'second.jsonl ' "$(
	tg-batch online job -u "$MOCK_URL" --only generate --only judge 2>err >files; sed 's|.*/||' files | tr '\n' ' ')"
is "only the second judge is left" '5 0' "$(asked_of A) $(asked_of B)"
is "its requests name its model" B "$(jq -r .body.model "$(cat files)" | sort -u)"
check_status "tg-batch online serves the rest" 0 tg-batch online job -u "$MOCK_URL" >files 2>err
check_status "tg-batch emit exits with 0" 0 tg-batch emit job >out2 2>err
is "the batch job gives what the run gives" '135 24' "$(numbers out2) $(numbers jr)"
done_testing
