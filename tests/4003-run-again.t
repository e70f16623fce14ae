#!/bin/bash
# tg-run -C: rejects that become the input are asked again, but only for the
# answer at fault.
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
# words FILE: prints the documents in FILE by their last word.
words() { grep -o '# [A-Za-z]*' "$1" | cut -c 3- | paste -sd ' '; }

# settled FILE: prints rejects without attempts, as a cached answer has none.
settled() { sed 's/,"attempts":[0-9]*//' "$1"; }

check_status "a run with failing documents exits with 1" 1 run --rejects r1 code.jsonl >out
is "a run with failing documents gives the good one" fine "$(words out)"
is "a run with failing documents rejects the others" 'truncated judge_unreadable judge_0 judge_2 bad_request' \
	"$(jq -r '.tg | (.error // .rejected).code' r1 | paste -sd ' ')"
check "the summary says how to try the rejects again" grep -q '^tg-run: the same with r1 as the input tries' err
n=$(calls)
check_status "a second run exits with 1" 1 run --rejects r code.jsonl >more.out
is "a second run gives the same rejects" "$(settled r1)" "$(settled r)"
is "a second run asks only for what was not answered" $((n + 1)) "$(calls)"

# These requests are made: all of CUT, NOPE and TWICE, the judge's about MUMBLE,
# and the ones that could not be answered before.
n=$(calls)
check_status "a run of the rejects exits with 0" 0 run --rejects r2 r1 >back
is "a run of the rejects gives the documents that succeed now" 'CUT MUMBLE NOPE FAIL' "$(words back)"
is "a run of the rejects asks only for the answers at fault" $((n + 3 * 2 + 1 + 2)) "$(calls)"
is "a record counts how often each kind of answer was at fault" '{"generate":1,"judge":1}' "$(jq -c .tg.again r2)"
n=$(calls)
check_status "a second run of the rejects exits with 0" 0 run --rejects r r1 >more.out
check_same "a second run of the rejects gives the same triplets" back more.out
check_same "a second run of the rejects gives the same rejects" r2 r
check_status "a run of the second rejects exits with 0" 0 run --rejects r3 r2 >back
is "a run of the second rejects gives the last document" 'TWICE 0' "$(words back) $(wc -l <r3)"
is "a run of the second rejects asks for its two answers" $((n + 2)) "$(calls)"

# The first input gives the same as before, except that requests that failed are
# in the cache now.
n=$(calls)
run --rejects r code.jsonl >more.out
is "the first input gives its triplets and those of failed requests" 'fine FAIL' "$(words more.out)"
is "the first input gives the same rejects" "$(settled r1 | head -n 4)" "$(settled r)"
run --retry-rejected code.jsonl >more.out
is "--retry-rejected gives the triplets of later tries that it finds" 'fine NOPE FAIL' "$(words more.out)"
is "the first input asks nothing, with or without --retry-rejected" "$n" "$(calls)"
rm -r cache
check_status "--retry-rejected with an empty cache exits with 0" 0 run --retry-rejected code.jsonl >out
is "--retry-rejected with an empty cache asks for all documents" 6 "$(wc -l <out)"
check_status "--retry-rejected without a cache is refused" 2 tg-run --retry-rejected </dev/null 2>err

# A rejected pair from elsewhere is judged again.
echo '{"query":"q NOPE","pos":["p"]}' >pair
check "the mock server stops without a fault" stop_mock
start_mock -o owned_by=vllm -s rules
run --rejects r1 pair >out
is "a pair from elsewhere is rejected" judge_0 "$(jq -r .tg.rejected.code r1)"
n=$(calls)
check_status "a run of the rejected pair exits with 0" 0 run r1 >out
is "a run of the rejected pair makes one call" "$((n + 1)) 1" "$(calls) $(wc -l <out)"
check "the mock server stops without a fault" stop_mock

done_testing
