#!/bin/bash
# tg-run --mine: negatives out of the run's own positives, or a corpus.
# shellcheck disable=SC2016 # jq's variables
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

names=(parse_date parse_time parse_json read_file read_lines write_file write_json sort_lines)
bodies=('strptime(s, "%d")' 'strptime(s, "%T")' 'loads(s)' 'open(s).read()' 'list(open(s))'
	'open(s, "w").write(t)' 'dumps(s, t)' 'sorted(s)')
code() { # NAME BODY
	jq -nc --arg n "$1" --arg b "$2" '{text: "def \($n)(s, t=None):\n    return \($b)\n"}'
}
echo '{"match":{"substring":"Document 1"},"ranks":["parse_time(s"]}' >rules
for i in "${!names[@]}"; do
	code "${names[i]}" "${bodies[i]}"
	jq -nc --arg n "${names[i]}" '{match: {kind: "answer", substring: "def \($n)("}, text: ($n | gsub("_"; " ") + " return s t")}' >>rules
done >code.jsonl
for n in parse_xml read_csv write_csv sort_words; do code "$n" "other_$n(s)"; done >corpus.jsonl
echo '{"match":{"kind":"verdict","substring":"sort lines"},"text":"2"}' >>rules
start_mock -s rules
run() { tg-run -u "$MOCK_URL" -m m -t web_code_retrieval -C cache "$@" 2>err; }
calls() { mock_stats .requests; }

check_status "a run that mines exits with 0" 0 run --mine -N 2 --meta --rejects rejects code.jsonl >out
is "each pair is asked about and judged, and no negatives are asked for" 16 "$(calls)"
check "each negative is a positive of another pair that is kept" jq -es '
	map(.pos[0]) as $all | length == 7 and all(.pos[0] as $p | .neg | length > 0 and length < 3 and
		all(. as $n | $n != $p and ($all | index($n)))) and all(.neg[] | contains("sort_lines") | not)' out
is "the summary says what was mined" 1 "$(grep -c '^tg-run: 7 records: [0-9]* negatives of 14 wanted' err)"
is "the rejected one is in the rejects" '"judge_2"' "$(jq -c .tg.rejected.code rejects)"
check "meta tells ranks and scores" jq -es 'all(.meta.mined | .by == "bm25" and (.neg | length) > 0)' out
run --mine -N 2 --meta code.jsonl >again
check_same "the same run gives the same triplets" out again
run --mine=corpus.jsonl -N 2 code.jsonl >out
check "a corpus is the pool of tasks whose positive is code" jq -es '
	length == 7 and any(.neg | length > 0) and all(.neg[] | contains("other_"))' out
tg-mine index -o index corpus.jsonl 2>/dev/null
run --mine=index -N 2 code.jsonl >again
check_same "an index of the corpus gives the same" out again
run -N 2 code.jsonl >out
is "pairs that were mined are asked for negatives by a run without --mine" 23 "$(calls)"
is "nothing is left in TMPDIR" '' "$(ls tmp)"

# Verification, estimate, and what is refused.
run --mine -N 2 --verify code.jsonl >out
is "mined negatives are verified" 1 "$(grep -c '^tg-run: 7 pairs verified: false negatives before: [1-9]' err)"
check "one that answers the query of another pair is gone" jq -es 'all(.neg[] | contains("parse_time(s") | not)' out
before=$(calls)
run --mine -N 2 --verify code.jsonl >again
is "nothing is verified twice" "$before" "$(calls)"
check_same "verified triplets are the same" out again
check "an estimate has no calls for negatives, and those of verification" \
	jq -e '.requests.negatives == 0 and .requests.verify > 0' <(run --mine --verify --estimate code.jsonl -C none)
for o in --enough=3 --negatives-model=x -N0; do
	check_status "--mine with $o is refused" 2 run --mine "$o" code.jsonl
done
check_status "a corpus that is not there is refused" 3 run --mine=none code.jsonl
is "--dry-run prints the stage" 'tg-mine negatives -n 7 --corpus corpus.jsonl |' \
	"$(run --dry-run --mine=corpus.jsonl code.jsonl | grep -o '^tg-mine .*|')"

# A batch mines when it is emitted.
run --mine -N 2 code.jsonl >out
batch() { OPENAI_BASE_URL=$MOCK_URL tg-batch "$@" 2>err; }
batch start job -m m -t web_code_retrieval --mine -N 2 code.jsonl >again
batch online job >again
check_status "a batch that mines is emitted" 0 batch emit job >again
check_same "a batch mines what the run mines" out again
check_status "mined negatives of a batch are not verified by it" 2 batch start other -m m -t web_code_retrieval --mine --verify code.jsonl
done_testing
