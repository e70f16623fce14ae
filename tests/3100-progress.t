#!/bin/bash
# The status line on a terminal, and progress messages off a terminal.
# shellcheck source=tests/lib.sh
export VALGRIND_ONE_IN=8
. tests/lib.sh

command -v script >/dev/null || skip_all "there is no script(1)"
export TG_SHARE_DIR=$T/shares

# on_tty COLUMNS COMMAND: writes into $T/tty what the command sends to a
# terminal, and its exit status into $T/status.
on_tty() {
	printf 'stty cols %s rows 30\n%s\necho $? >%s\n' "$1" "$2" "$T/status" >"$T/cmd"
	script -qec "bash $T/cmd" /dev/null >"$T/tty" </dev/null
}
# show COLUMNS: writes the screen after that into $T/screen and all screens on
# the way into $T/frames.
show() {
	tests/screen "$1" 30 "$T/frames" <"$T/tty" >"$T/screen"
}
# whole PATTERN: succeeds if each line that was ever shown matches.
whole() {
	jq -r '.[]' "$T/frames" | grep -v '^$' | cat - "$T/screen" | grep -Ev "$1"
	[ "$(jq -r '.[]' "$T/frames" | grep -v '^$' | cat - "$T/screen" |
		grep -Evc "$1")" -eq 0 ]
}
# frames JQ: counts the screens for which JQ is true.
frames() {
	jq -n "[inputs | select($1)] | length" "$T/frames"
}

# Every stage of this pipeline has a message while the status line is shown.
cat >"$T/s" <<'END'
{"match":{"substring":"f13("},"status":400,"body":{"error":{"message":"no \u001b[31mthanks"}}}
{"match":{"substring":"f77(","kind":"verdict"},"text":"perhaps"}
END
start_mock -s "$T/s" -o latency_ms=$((SLOW > 1 ? 600 : 120))
awk 'BEGIN { for (i = 0; i < 200; i++)
	printf "{\"text\":\"def f%d(x): return x\"}\n", i }' >"$T/docs"
run="tg-run -t code_summary_retrieval -u $MOCK_URL -N 2 -j 16 $T/docs >$T/out"
last='^tg-(llm|emit)( [a-z]+)?: |^tg-judge: |^tg-run: |^$'
t=$SECONDS
TERM=xterm on_tty 200 "$run --progress"
t=$((SECONDS - t))
is "tg-run runs on a terminal" 1 "$(cat "$T/status")"
check "the terminal gets no unknown sequence" show 200
check "no line is ever torn" whole "$last"
check "tg-emit draws the status line" [ "$(frames '.[0] | startswith("tg-emit: ")')" -ge 3 ]
is "the status line is one line" 0 "$(frames 'length > 1')"
is "no tg-llm draws a status line" 0 "$(frames '.[0] | test("under way")')"
check "the status line has documents, rate, time left and what was kept" [ "$(frames '.[0] |
	test("^tg-emit: [0-9]+/200 documents, [0-9.]+/s, [0-9hms]+ left, kept [0-9]+")')" -ge 3 ]
check "the status line has errors" [ "$(frames '.[0] | test("kept [0-9]+, errors [1-9]")')" -ge 1 ]
n=$(grep -ac "$(printf '\033')\\[K" "$T/tty")
check "the status line is drawn at most five times a second ($n in $t s)" [ "$n" -le $(((t + 1) * 5 + 20)) ]
is "messages stay above the status line" "1 1" "$(grep -c '^tg-llm: .*no ?\[31mthanks' "$T/screen") $(
	grep -c '^tg-judge: .* not 0, 1 or 2$' "$T/screen")"
is "the last status line stays" 1 "$(grep -c "^tg-emit: 200/200 documents" "$T/screen")"
is "no other status line stays" 0 "$(grep -c ' left, kept ' "$T/screen")"
is "the run's summary is the last line" "tg-run: " "$(grep -v '^$' "$T/screen" | tail -n 1 | cut -c 1-8)"

# A narrow terminal, and one without escape sequences.
TERM=xterm on_tty 30 "$run"
show 30
is "a narrow terminal cuts the status line" "" \
	"$(jq -r '.[]' "$T/frames" | grep '^tg-emit: .* docu' | grep '.\{30\}')"
check "a narrow terminal has a status line of one line" [ "$(frames 'length == 1 and
	(.[0] | startswith("tg-emit: "))')" -ge 3 ]
TERM=xterm NO_COLOR=1 on_tty 100 "$run"
check_fail "NO_COLOR gets no escape sequences" grep -q "$(printf '\033')" "$T/tty"
check "NO_COLOR still gets the status line" grep -aq 'tg-emit: .* left, kept ' "$T/tty"
show 100
is "messages stay without escape sequences" 1 "$(grep -c '^tg-judge: .* not 0, 1 or 2' "$T/screen")"
is "the last line is whole without escape sequences" 1 \
	"$(grep -c '^tg-emit: 200/200 documents, .*/s, kept [0-9]*, errors 2$' "$T/screen")"

# A single tg-llm runs beside programs that print messages.
asked() {
	jq -nc --arg k "$1" --argjson n "$2" 'range($n) | {tg: {request: {kind: $k,
		messages: [{role: "user", content: "\($k) \(.)"}]}}}'
}
asked generate 80 >"$T/a"
TERM=xterm on_tty 100 "tg-llm -u $MOCK_URL --progress -j 4 $T/a | { sleep 1
	echo '{1}' | tg-judge; tg-judge; } >$T/out"
show 100
is "a message of another program erases the status line" 1 \
	"$(grep -cxF "$(echo '{1}' | tg-judge 2>&1 >"$T/judged")" "$T/screen")"
check "the message was shown while the status line was" [ "$(grep -n '^tg-judge' "$T/screen" |
	cut -d : -f 1)" -lt "$(grep -n '^tg-llm.*: 80 answered' "$T/screen" | cut -d : -f 1)" ]
check "a message of another program tears no line" whole "$last"
is "a single tg-llm draws a status line of its own" "80 1" "$(grep -c '"response"' "$T/out") $(
	grep -c '^tg-llm generate: 80 answered' "$T/screen")"
check "a single tg-llm draws its status line often" [ "$(frames '.[0] | test("under way")')" -ge 3 ]
is "the status line of a single tg-llm is one line" 0 "$(frames 'length > 1')"
is "the folder of shares stays empty" '' "$(ls -A "$TG_SHARE_DIR" 2>/dev/null)"

# Off a terminal the last message names the kinds that were served.
tg-prompt generate -t code_summary_retrieval "$T/docs" | head -n 20 >"$T/asked"
cat "$T/asked" <(asked judge 3) <(asked generate 3) | tg-llm -u "$MOCK_URL" --progress \
	>"$T/out" 2>"$T/err"
is "off a terminal the last message names the kinds that were served" 1 \
	"$(grep -c '^tg-llm generate+judge: 25 answered, .* failed' "$T/err")"
tg-llm -u "$MOCK_URL" --progress <<<'{"text":"x"}' >"$T/out" 2>"$T/err"
is "a tg-llm that served nothing prints no message" "" "$(cat "$T/err")"
tg-run -t code_summary_retrieval -u "$MOCK_URL" --progress <<<'{"text":"x"}' >"$T/out" 2>"$T/err"
is "tg-run --progress off a terminal prints the last lines of all stages" "1 1 1" \
	"$(for who in 'llm generate' 'llm judge' emit; do grep -c "^tg-$who: " "$T/err"; done | paste -sd ' ')"
done_testing
