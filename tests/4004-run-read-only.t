#!/bin/bash
# tg-run with a cache that must not be written to, or that another program has
# made.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

for i in 1 2 3; do
	echo "{\"text\":\"def f$i(): pass\"}"
done >code.jsonl
start_mock -o owned_by=vllm
calls() { mock_stats .requests; }
run() { tg-run -u "$MOCK_URL" -m m -t web_code_retrieval "$@" 2>err; }
files() { find cache -printf '%p %T@ %s\n' | sort; }

check_status "a run that fills the cache exits with 0" 0 run -C cache -N 1 code.jsonl >first.out
# Nobody may write to the cache; root still could, and that would show.
chmod -R a-w cache
n=$(calls)
check_status "a run with --read-only exits with 0" 0 run -C cache --read-only -N 1 code.jsonl >out
check_same "a run with --read-only gives the same triplets" first.out out
is "a run with --read-only sends no request" "$n" "$(calls)"
chmod u+w cache && mkdir answers && mv cache/*.json answers && chmod a-w cache
files >before
check_status "a run with --read-only from the response cache exits with 0" 0 run -C cache --read-only -N 1 code.jsonl >out
check_same "a run with --read-only from the response cache gives the same triplets" first.out out
is "a run with --read-only from the response cache sends no request" "$n" "$(calls)"
is "a run with --read-only writes nothing into the cache" "$(cat before)" "$(files)"
check_status "--read-only --estimate exits with 0" 0 run -C cache --read-only --estimate -N 1 code.jsonl >out
is "--read-only --estimate counts the answers in the cache" 9 "$(jq .answered_by_cache out)"
is "--read-only --estimate writes nothing into the cache" "$(cat before)" "$(files)"

# The LLM is asked for answers that the cache lacks, and they are not stored.
echo '{"text":"def f4(): pass"}' | cat code.jsonl - >more.jsonl
check_status "a run with --read-only and a new document exits with 0" 0 run -C cache --read-only -N 1 more.jsonl >out
is "a new document is asked for with three requests" '4 3' "$(wc -l <out) $(($(calls) - n))"
is "answers for a new document are not stored" "$(cat before)" "$(files)"
is "each stage says once that it does not store answers" 3 "$(grep -c 'not stored' err)"
check_status "--read-only with a missing cache makes status 3" 3 run -C none --read-only code.jsonl
check "--read-only does not make the cache" [ ! -e none ]
check_status "--read-only with a cache without answers exits with 0" 0 run -C answers --read-only -N 1 code.jsonl >out
check "--read-only makes no folder for answers" [ ! -e answers/answers ]
check_status "--read-only without -C is refused" 2 run --read-only code.jsonl

# A read-only file system.
if unshare -rm true 2>/dev/null; then
	# shellcheck disable=SC2016
	check_status "a run with --read-only on a read-only file system exits with 0" 0 unshare -rm sh -c '
		mount --bind cache cache && mount -o remount,ro,bind cache &&
		exec "$@"' - tg-run -u "$MOCK_URL" -m m -t web_code_retrieval \
		-C cache --read-only -N 1 code.jsonl >out 2>err
	check_same "a run on a read-only file system gives the same triplets" first.out out
else
	skip "a run with --read-only on a read-only file system exits with 0" "needs mount namespaces"
fi

# A file of the published generator.
mkdir foreign
id=$(head -n 1 code.jsonl | jq -j .text | md5sum | cut -d ' ' -f 1)
jq -c '[del(.tg) | .query = "theirs"]' <(head -n 1 first.out) >"foreign/$id.json"
n=$(calls)
check_status "a run with --foreign exits with 0" 0 run -C foreign --foreign --read-only --no-judge code.jsonl >out
is "--foreign takes the entry of the published generator" 'theirs 2' "$(head -n 1 out | jq -r .query) $(($(calls) - n))"
run -C foreign --read-only --no-judge code.jsonl >out
check "without --foreign the entry of the published generator is not taken" [ "$(head -n 1 out | jq -r .query)" != theirs ]
check "the mock server stops without a fault" stop_mock

done_testing
