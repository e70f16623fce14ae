#!/bin/bash
# tg-run with a cache that is not to be written to, or that others have made.
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

check_status "a cache" 0 run -C cache -N 1 code.jsonl >first.out
# Nobody may write there; root can, so that what is written shows.
chmod -R a-w cache
n=$(calls)
check_status "--read-only" 0 run -C cache --read-only -N 1 code.jsonl >out
check_same "--read-only: the same" first.out out
is "--read-only: no calls" "$n" "$(calls)"
chmod u+w cache && mkdir answers && mv cache/*.json answers && chmod a-w cache
files >before
check_status "--read-only: the answers, too" 0 run -C cache --read-only -N 1 code.jsonl >out
check_same "--read-only: the answers, too: the same" first.out out
is "--read-only: the answers, too: no calls" "$n" "$(calls)"
is "--read-only: nothing is written" "$(cat before)" "$(files)"
check_status "--read-only: an estimate" 0 run -C cache --read-only --estimate -N 1 code.jsonl >out
is "--read-only: an estimate: all is there" 9 "$(jq .answered_by_cache out)"
is "--read-only: an estimate: nothing is written" "$(cat before)" "$(files)"

# What it lacks is asked for, and not stored.
echo '{"text":"def f4(): pass"}' | cat code.jsonl - >more.jsonl
check_status "what it lacks" 0 run -C cache --read-only -N 1 more.jsonl >out
is "what it lacks: is there" '4 3' "$(wc -l <out) $(($(calls) - n))"
is "what it lacks: is not stored" "$(cat before)" "$(files)"
is "what it lacks: that is said once a stage" 3 "$(grep -c 'not stored' err)"
check_status "no cache" 3 run -C none --read-only code.jsonl
check "no cache: and none made" [ ! -e none ]
check_status "no answers in it" 0 run -C answers --read-only -N 1 code.jsonl >out
check "no answers in it: and no folder for them" [ ! -e answers/answers ]
check_status "--read-only of what?" 2 run --read-only code.jsonl

# On a file system that takes nothing.
if unshare -rm true 2>/dev/null; then
	# shellcheck disable=SC2016
	check_status "a read-only file system" 0 unshare -rm sh -c '
		mount --bind cache cache && mount -o remount,ro,bind cache &&
		exec "$@"' - tg-run -u "$MOCK_URL" -m m -t web_code_retrieval \
		-C cache --read-only -N 1 code.jsonl >out 2>err
	check_same "a read-only file system: the same" first.out out
else
	skip "a read-only file system" "needs mount namespaces"
fi

# Of others: a file of the published generator's.
mkdir foreign
id=$(head -n 1 code.jsonl | jq -j .text | md5sum | cut -d ' ' -f 1)
jq -c '[del(.tg) | .query = "theirs"]' <(head -n 1 first.out) >"foreign/$id.json"
n=$(calls)
check_status "--foreign" 0 run -C foreign --foreign --read-only --no-judge code.jsonl >out
is "--foreign: theirs is taken" 'theirs 2' "$(head -n 1 out | jq -r .query) $(($(calls) - n))"
run -C foreign --read-only --no-judge code.jsonl >out
check "but not unless asked for" [ "$(head -n 1 out | jq -r .query)" != theirs ]
check "stop" stop_mock

done_testing
