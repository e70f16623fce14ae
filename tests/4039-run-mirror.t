#!/bin/bash
# tg-run --mirror: further pairs of each set, whose sums hold and which cost nothing twice.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp
tg-prompt --list | jq -c 'select(.name == "web_code_retrieval") | del(.negatives)' >row.json
export TG_TASKS=$T/row.json
# rule TEXT MEMBERS: prints a rule for the request for a mirror of the code TEXT.
rule() { jq -nc --arg s $'Old document:\n```\n'"$1()" --argjson more "$2" '{match: {substring: $s}} + $more'; }
{
	rule NONE '{"text": "NONE"}'
	rule TYPE '{"text": "to be refused"}'
	rule FAIL '{"status": 400}'
	rule LATER '{"status": 400, "times": 3}'
	echo '{"match":{"kind":"verdict","substring":"to be refused"},"text":"2"}'
	echo '{"match":{"kind":"verdict"},"text":"1"}'
	echo '{"match":{"substring":"Numbers of the documents"},"text":"none"}'
} >rules
start_mock -o owned_by=vllm -s rules
calls() { grep -c chat/completions "$MOCK_LOG"; }
run() { tg-run -u "$MOCK_URL" -m m -t web_code_retrieval -N 3 --no-gate "$@" 2>err; }
for w in ONE NONE TYPE FAIL; do echo "{\"text\":\"$w()\"}"; done >code.jsonl
summary() { grep 'documents' err | head -n 1; }

check_status "a run with mirrors, one of which fails, exits with 1" 1 run --mirror 2 -C cache --rejects rejects --stats stats --meta code.jsonl >out
is "the pairs and the mirrors that go well are triplets" 6 "$(wc -l <out)"
is "a mirror's positive is a negative of its pair" '2' "$(jq -s 'map(select(.meta.mirror)) as $m | map(select(.meta.mirror | not)) as $p |
	[$m[] | . as $m | select(any($p[]; .query == $m.meta.mirror.query and (.pos[0] as $x | $m.neg | index($x)) and ($m.pos[0] as $x | .neg | index($x))))] | length' out)"
is "the others are rejects" 'bad_request 2,judge_2 2,not_applicable 2' \
	"$(jq -r '.tg | (.error // .rejected).code' rejects | sort | uniq -c | awk '{ print $2, $1 }' | paste -sd ,)"
is "the summary counts them beside the documents" \
	'tg-run: 4 documents, 8 mirrors: 6 triplets, 4 rejected (2 not_applicable, 2 judge_2), 2 in error (2 bad_request), 0 duplicates' "$(summary)"
is "--stats has their stages" 'negatives negs negs mirrors mirror emit' "$(jq -r .stage stats | tail -n 6 | paste -sd ' ')"
n=$(calls)
check_status "the same command exits as before" 1 run --mirror 2 -C cache --rejects rejects code.jsonl >again
check_same "it gives the same triplets" <(jq -c 'del(.meta)' out) again
grep chat/completions "$MOCK_LOG" | tail -n +$((n + 1)) >asked
is "it asks for what has failed, and for nothing else" '2 0' "$(jq -r .body.messages[0].content asked | grep -A2 '^New document' | grep -v '^New\|```\|--' | sort -u | wc -l) $(
	grep -vc 'Old document:[^O]*FAIL()' asked)"
check_status "without a cache the sums hold as well" 1 run --mirror 1 --rejects rejects code.jsonl >out
is "lines and mirrors are triplets, rejects and errors" '8 5 3' "$((4 + 4)) $(wc -l <out) $(wc -l <rejects)"
n=$(calls)
check_status "a run without mirrors exits with 0" 0 run -C cache code.jsonl >out
is "it takes the pairs from the cache, and no mirror" '4 0' "$(wc -l <out) $(($(calls) - n))"
check_status "--mirror goes with draws, verification and no judge" 1 run --mirror 1 --draws 2 --no-judge --verify code.jsonl >out
check "the summary has draws and mirrors" grep -q '4 documents, 8 draws, 8 mirrors: ' err
is "mirrors are verified, too" 1 "$(grep -c 'tg-run: 12 pairs verified' err)"
run --mirror 2 --enough 2 code.jsonl >out
is "--enough ends with mirrors" 2 "$(wc -l <out)"

# Ended mirrors are tried again as the input of another run.
echo '{"text":"LATER()"}' >later.jsonl
check_status "a run whose mirrors fail exits with 1" 1 run --mirror 2 --rejects rejects later.jsonl >out
n=$(calls)
check_status "their rejects are input" 0 run --mirror 2 --rejects rejects2 rejects >again
is "they become triplets, by two requests for the query and two for the verdict" '1 2 4' "$(wc -l <out) $(wc -l <again) $(($(calls) - n))"
is "their negatives are those of the first run" "$(jq -sc 'map(.neg[1:], .pos[0]) | flatten | unique | length' again)" 3
check_status "without --mirror they are not finished" 1 run --rejects rejects2 rejects >again
is "and say so" 2 "$(grep -c 'a mirror without a query, for tg-prompt mirror' err)"

# What does not go together, and the estimate.
for o in '--mirror 2' '-N 0 --mirror 2' '-N 3 --mirror x' '-N 3 --mirror 1001' '-N 3 --mine --mirror 1'; do
	# shellcheck disable=SC2086
	check_status "\"$o\" is refused" 2 tg-run -u "$MOCK_URL" -m m -t web_code_retrieval $o code.jsonl 2>err
	is "and told in one line" 1 "$(wc -l <err)"
done
for o in '-N 3' '-N 0' --mine; do
	# shellcheck disable=SC2086
	is "--mirror 0 makes none with $o" '1 0' "$(tg-run --dry-run -m m -t web_code_retrieval $o --mirror 0 >printed; grep -c tg-emit printed) $(grep -c mirror printed)"
done
run --mirror 2 --estimate code.jsonl >estimate
is "the estimate has the mirrors' requests, and those of their judge" '8 12' \
	"$(jq -r '.requests | "\(.mirror) \(.judge)"' estimate)"

# A batch.
check_status "a batch with mirrors begins" 0 tg-batch start job -m m -t web_code_retrieval -N 3 --no-gate --mirror 1 code.jsonl >files 2>err
is "tg-batch says how many documents there are" 1 "$(grep -c '4 documents' err)"
for _ in 1 2 3 4 5 6; do
	[ -s files ] || break
	tg-batch online job -u "$MOCK_URL" >files 2>err
done
tg-batch emit job >out 2>err
is "a batch gives the same triplets as a run" "$(run --mirror 1 code.jsonl | sort | md5sum)" "$(sort out | md5sum)"
done_testing
