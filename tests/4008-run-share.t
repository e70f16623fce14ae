#!/bin/bash
# tg-run and tg-fan-out: limits are those of all their tg-llm.
# shellcheck source=tests/lib.sh
export VALGRIND_ONE_IN=8
. tests/lib.sh

code() {
	jq -nc "range($1) | {text: \"def f\\(.)(x): return x + \\(.)\"}"
}
start_mock -o rpm=1200 -o burst=45 -o latency_ms=20
code 20 | tg-run -t web_code_retrieval -N 2 -u "$MOCK_URL" -q -- --rpm 1200 \
	>"$T/out"
is "tg-run: its tg-llm are under one quota" '{"200":60}' "$(mock_stats .status)"
is "and all is done" 20 "$(wc -l <"$T/out")"
kill "$MOCK_PID"
start_mock -o rpm=2400 -o burst=65 -o latency_ms=20
code 40 | tg-fan-out -j 4 -N 10 tg-run -t web_code_retrieval -u "$MOCK_URL" \
	-q -- --rpm 2400 >"$T/out"
is "tg-fan-out: so are all its pipelines" '{"200":80}' "$(mock_stats .status)"
is "and all is done, too" 40 "$(wc -l <"$T/out")"
kill "$MOCK_PID"
start_mock
code 40 | tg-fan-out -j 2 -N 10 tg-run -t web_code_retrieval -u "$MOCK_URL" -q \
	-- --max-tokens-total 3000 --max-tokens 100 >"$T/out"
is "a budget is one for all chunks" 4 "${PIPESTATUS[1]}"
check "from the first to the last ($(mock_stats .requests))" \
	[ "$(mock_stats .requests)" -lt 30 ]
# A folder of the user's own is open to others, and holds no share.
mock_stats .requests >"$T/before"
umask 022
code 40 >"$T/code"
budget() {
	tg-fan-out -j 2 -N 10 -d "$T/work" tg-run -t web_code_retrieval \
		-u "$MOCK_URL" -q -j 1 --no-judge -C "$T/cache" -- --max-tokens-total 3000 --max-tokens 100 \
		<"$T/code" >"$T/out"
}
check_status "with a folder, too" 4 budget
check "it is spent ($(mock_stats .requests))" \
	[ "$(mock_stats .requests)" -lt $(($(cat "$T/before") + 30)) ]
is "what was paid for comes out, in whole lines" '' "$(jq -c 'select(.query | not)' "$T/out")"
before=$(wc -l <"$T/out")
check "some of it ($before)" [ "$before" -gt 2 ]
check_status "the same again has a budget of its own" 4 budget
check "and comes further" [ "$(wc -l <"$T/out")" -gt "$before" ]
is "a stage's own limits are its own" 'tg-run tg-run-judge' \
	"$(tg-run -t web_code_retrieval -m m --dry-run --judge-opts '--rpm 60' -- \
		--rpm 600 | grep -o 'share [^ ]*' | cut -c 7- | sort -u |
		tr '\n' ' ' | sed 's/ $//')"
is "nothing is shared without limits" 0 "$(tg-run -t web_code_retrieval -m m \
	--dry-run -- --temperature 0 | grep -c share)"
is "nor where one is named" 1 "$(tg-run -t web_code_retrieval -m m --dry-run \
	--no-judge -- --rpm 5 --share x | grep -o 'share [^ ]*' | sort -u | wc -l)"
mkdir "$T/tmp"
code 5 | TMPDIR=$T/tmp tg-fan-out -d "$T/work2" tg-run -t web_code_retrieval -u "$MOCK_URL" \
	-q -- --rpm 60000 >"$T/out"
is "a folder and a limit" "0 5" "${PIPESTATUS[1]} $(wc -l <"$T/out")"
is "nor is anything left" '' "$(ls "$T/tmp")"
check "nothing is left behind" [ ! -e "/tmp/tg-$(id -u)/tg-run.share" ]
kill "$MOCK_PID"

# share ARG...: the share that tg-fan-out gives to a command with these arguments.
# shellcheck disable=SC2016 # the shell of the command expands it
share() { echo | tg-fan-out bash -c 'echo "$TG_SHARE"' x "$@"; }
is "tg-fan-out shares the limits that tg-llm has, abbreviated or within a string" \
	"tg-fan-out tg-fan-out tg-fan-out" "$(share --rp 5) $(share --tpm=9) $(share --judge-opts '--n 1 --max-cost 5')"
is "tg-fan-out shares nothing else" '' "$(share --timeout 5)$(share rpm)$(share --rpm 5 --share mine)"
done_testing
