#!/bin/bash
# tg-run -C: rejects fed back are asked again, but only for what was at fault.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

for what in fine CUT MUMBLE NOPE TWICE FAIL; do
	echo "{\"text\":\"def f(): pass # $what\"}"
done >code.jsonl
cat >rules <<'END'
{"match":{"kind":"answer","substring":"CUT"},"times":1,"text":"half","finish_reason":"length"}
{"match":{"kind":"verdict","substring":"MUMBLE"},"times":1,"text":"maybe"}
{"match":{"kind":"verdict","substring":"NOPE"},"times":1,"text":"0"}
{"match":{"kind":"verdict","substring":"TWICE"},"times":2,"text":"2"}
{"match":{"substring":"FAIL"},"times":2,"status":400}
END
start_mock -o owned_by=vllm -s rules
calls() { mock_stats .requests; }
run() { tg-run -u "$MOCK_URL" -C cache -m m -t web_code_retrieval "$@" 2>err; }
# The documents in a file, by their last word.
words() { grep -o '# [A-Za-z]*' "$1" | cut -c 3- | paste -sd ' '; }

# settled FILE: rejects without the attempts, none of a cached answer.
settled() { sed 's/,"attempts":[0-9]*//' "$1"; }

check_status "a run" 1 run --rejects r1 code.jsonl >out
is "a run: what is kept" fine "$(words out)"
is "a run: what is not" 'truncated judge_unreadable judge_0 judge_2 bad_request' \
	"$(jq -r '.tg | (.error // .rejected).code' r1 | paste -sd ' ')"
check "a run: a hint" grep -q '^tg-run: the same with r1 as the input tries' err
n=$(calls)
check_status "once more" 1 run --rejects r code.jsonl >more.out
is "once more: the same rejects" "$(settled r1)" "$(settled r)"
is "once more: only what was not answered" $((n + 1)) "$(calls)"

# What has to be asked: CUT, NOPE and TWICE in whole, the judge about MUMBLE, and
# what could not be sent before.
n=$(calls)
check_status "fed back" 0 run --rejects r2 r1 >back
is "fed back: what is kept" 'CUT MUMBLE NOPE FAIL' "$(words back)"
is "fed back: the calls" $((n + 3 * 2 + 1 + 2)) "$(calls)"
is "fed back: how often each was at fault" '{"generate":1,"judge":1}' "$(jq -c .tg.again r2)"
n=$(calls)
check_status "fed back once more" 0 run --rejects r r1 >more.out
check_same "fed back once more: the same" back more.out
check_same "fed back once more: the same rejects" r2 r
check_status "the rest fed back" 0 run --rejects r3 r2 >back
is "the rest fed back: what is kept" 'TWICE 0' "$(words back) $(wc -l <r3)"
is "the rest fed back: the calls" $((n + 2)) "$(calls)"

# The first input: as it was, but what failed was not an answer, and is there.
n=$(calls)
run --rejects r code.jsonl >more.out
is "the first input: what is kept" 'fine FAIL' "$(words more.out)"
is "the first input: the same rejects" "$(settled r1 | head -n 4)" "$(settled r)"
run --retry-rejected code.jsonl >more.out
is "--retry-rejected: what was got by now" 'fine NOPE FAIL' "$(words more.out)"
is "neither asks anything" "$n" "$(calls)"
rm -r cache
check_status "--retry-rejected, nothing cached" 0 run --retry-rejected code.jsonl >out
is "--retry-rejected, nothing cached: all" 6 "$(wc -l <out)"
check_status "--retry-rejected without a cache" 2 tg-run --retry-rejected </dev/null 2>err

# A pair from elsewhere is judged again.
echo '{"query":"q NOPE","pos":["p"]}' >pair
check "stop" stop_mock
start_mock -o owned_by=vllm -s rules
run --rejects r1 pair >out
is "a pair from elsewhere" judge_0 "$(jq -r .tg.rejected.code r1)"
n=$(calls)
check_status "a pair from elsewhere, fed back" 0 run r1 >out
is "a pair from elsewhere, fed back: a call" "$((n + 1)) 1" "$(calls) $(wc -l <out)"
check "stop" stop_mock

done_testing
