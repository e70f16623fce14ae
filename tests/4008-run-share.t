#!/bin/bash
# tg-run and tg-fan-out: their tg-llm processes share the limits.
# shellcheck source=tests/lib.sh
export VALGRIND_ONE_IN=8
. tests/lib.sh

code() {
	jq -nc "range($1) | {text: \"def f\\(.)(x): return x + \\(.)\"}"
}
start_mock -o rpm=1200 -o burst=45 -o latency_ms=20
code 20 | tg-run -t web_code_retrieval -N 2 -u "$MOCK_URL" -q -- --rpm 1200 \
	>"$T/out"
is "the tg-llm processes of tg-run share one quota" '{"200":60}' "$(mock_stats .status)"
is "tg-run with a quota finishes all documents" 20 "$(wc -l <"$T/out")"
kill "$MOCK_PID"
start_mock -o rpm=2400 -o burst=65 -o latency_ms=20
code 40 | tg-fan-out -j 4 -N 10 tg-run -t web_code_retrieval -u "$MOCK_URL" \
	-q -- --rpm 2400 >"$T/out"
is "all pipelines of tg-fan-out share one quota" '{"200":80}' "$(mock_stats .status)"
is "tg-fan-out with a quota finishes all documents" 40 "$(wc -l <"$T/out")"
kill "$MOCK_PID"
start_mock
code 40 | tg-fan-out -j 2 -N 10 tg-run -t web_code_retrieval -u "$MOCK_URL" -q \
	-- --max-tokens-total 3000 --max-tokens 100 >"$T/out"
is "a budget counts for all chunks together" 4 "${PIPESTATUS[1]}"
check "a budget for all chunks stops the requests ($(mock_stats .requests))" \
	[ "$(mock_stats .requests)" -lt 30 ]
# A folder of the user can be open to others, so it holds no share.
mock_stats .requests >"$T/before"
umask 022
code 40 >"$T/code"
budget() { # TOKENS
	tg-fan-out -j 2 -N 10 -d "$T/work" tg-run -t web_code_retrieval \
		-u "$MOCK_URL" -q -j 1 --no-judge -C "$T/cache" -- --max-tokens-total "$1" --max-tokens 100 \
		<"$T/code" >"$T/out"
}
check_status "a run with a budget and a work folder exits with 4" 4 budget 1300
check "a budget with a work folder stops the requests ($(mock_stats .requests))" \
	[ "$(mock_stats .requests)" -lt $(($(cat "$T/before") + 30)) ]
is "finished triplets come out in whole lines" '' "$(jq -c 'select(.query | not)' "$T/out")"
before=$(wc -l <"$T/out")
check "some triplets are finished within the budget ($before)" [ "$before" -gt 2 ]
n=$(mock_stats .requests)
check_status "a second run with a work folder has only what is left of the budget" 4 budget 1300
check "a second run with a work folder sends hardly a request" [ "$(mock_stats .requests)" -le $((n + 2)) ]
check_status "a third run with a larger budget exits with 4, too" 4 budget 3000
check "a third run with a larger budget gets further" [ "$(wc -l <"$T/out")" -gt "$before" ]
is "the limits of a stage are that stage's own" 'tg tg-judge' \
	"$(tg-run -t web_code_retrieval -m m --dry-run --judge-opts '--rpm 60' -- \
		--rpm 600 | grep -o 'share [^ ]*' | cut -c 7- | sort -u |
		tr '\n' ' ' | sed 's/ $//')"
is "nothing is shared without limits" 0 "$(tg-run -t web_code_retrieval -m m \
	--dry-run -- --temperature 0 | grep -c share)"
is "a share that the user names is kept" 1 "$(tg-run -t web_code_retrieval -m m --dry-run \
	--no-judge -- --rpm 5 --share x | grep -o 'share [^ ]*' | sort -u | wc -l)"
mkdir "$T/tmp"
code 5 | TMPDIR=$T/tmp tg-fan-out -d "$T/work2" tg-run -t web_code_retrieval -u "$MOCK_URL" \
	-q -- --rpm 60000 >"$T/out"
is "a run with a work folder and a limit finishes all documents" "0 5" "${PIPESTATUS[1]} $(wc -l <"$T/out")"
is "the temporary folder is empty after the run" '' "$(ls "$T/tmp")"
check "no share stays in the default folder" [ ! -e "/tmp/tg-$(id -u)/tg-run.share" ]
kill "$MOCK_PID"

# share ARG...: prints the share that tg-fan-out gives to a command with these
# arguments.
# shellcheck disable=SC2016 # the shell of the command expands it
share() { echo | tg-fan-out bash -c 'echo "$TG_SHARE"' x "$@"; }
is "tg-fan-out shares the limits of tg-llm, abbreviated or within a string" \
	"tg tg tg" "$(share --rp 5) $(share --tpm=9) $(share --judge-opts '--n 1 --max-cost 5')"
is "tg-fan-out shares no other options" '' "$(share --timeout 5)$(share rpm)$(share --rpm 5 --share mine)"
done_testing
