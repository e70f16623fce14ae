#!/bin/bash
# The progress that programs of one pipeline show on one terminal.
# shellcheck source=tests/lib.sh
export VALGRIND_ONE_IN=8
. tests/lib.sh

command -v script >/dev/null || skip_all "there is no script(1)"
export TG_SHARE_DIR=$T/shares

# on_tty COLUMNS COMMAND: what the command writes to a terminal, in $T/tty.
# A script of it says when it is over, and how it ended.
on_tty() {
	printf 'stty cols %s rows 30\n%s\necho $? >%s\n' "$1" "$2" "$T/status" >"$T/cmd"
	script -qec "bash $T/cmd" /dev/null >"$T/tty" </dev/null
}
# show COLUMNS: the screen after that in $T/screen, and how it got there
show() {
	tests/screen "$1" 30 "$T/frames" <"$T/tty" >"$T/screen"
}
# each line of what is shown, whenever, is one of ours from start to end
whole() {
	jq -r '.[]' "$T/frames" | grep -v '^$' | cat - "$T/screen" | grep -Ev "$1"
	[ "$(jq -r '.[]' "$T/frames" | grep -v '^$' | cat - "$T/screen" |
		grep -Evc "$1")" -eq 0 ]
}
empty() {
	[ -z "$(ls -A "$1")" ]
}
# frames JQ: how many of them are so.
frames() {
	jq -n "[inputs | select($1)] | length" "$T/frames"
}

# A pipeline of which every stage has something to say in between.
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
TERM=xterm on_tty 200 "$run"
t=$((SECONDS - t))
is "a pipeline on a terminal" 1 "$(cat "$T/status")"
check "what it sends is known" show 200
check "no line is ever torn" whole "$last"
check "all of them have been there at once" [ "$(frames 'length == 4 and
	(.[0] | startswith("tg-llm generate: ")) and (.[1] | startswith("tg-llm judge: ")) and
	(.[2] | startswith("tg-llm negatives: ")) and (.[3] | startswith("tg-emit: "))')" -ge 3 ]
is "never more" 0 "$(frames 'map(select(startswith("tg-llm generate"))) | length > 1')"
n=$(grep -ac "$(printf '\033')\\[J" "$T/tty")
check "drawn up to five times a second ($n in $t s)" [ "$n" -le $(((t + 1) * 5 + 20)) ]
is "messages stay" "1 1" "$(grep -c '^tg-llm: .*no ?\[31mthanks' "$T/screen") $(
	grep -c '^tg-judge: .* not 0, 1 or 2$' "$T/screen")"
is "so does each one's last line" "1 1 1 1" "$(for who in 'llm generate' 'llm judge' \
	'llm negatives' emit; do grep -c "^tg-$who: " "$T/screen"; done | tr '\n' ' ' | sed 's/ $//')"
is "and nothing else: the terminal is left clean" 0 "$(grep -c 'under way' "$T/screen")"
is "the run's summary is the end" "tg-run: " "$(grep -v '^$' "$T/screen" | tail -n 1 | cut -c 1-8)"
check "nothing is left in the folder" empty "$TG_SHARE_DIR"

# Narrow, and without escape sequences.
TERM=xterm on_tty 40 "$run"
show 40
is "a narrow terminal cuts lines" "" \
	"$(jq -r '.[]' "$T/frames" | grep 'under way' | grep '.\{40\}')"
check "all of them" [ "$(frames 'length == 4 and (.[3] | startswith("tg-emit: "))')" -ge 3 ]
TERM=xterm NO_COLOR=1 on_tty 100 "$run"
check_fail "NO_COLOR: no escape sequence" grep -q "$(printf '\033')" "$T/tty"
check "all share a line" grep -aq 'generate: .* | judge: .* | negatives: .* | tg-emit: ' "$T/tty"
show 100
is "messages stay, too" 1 "$(grep -c '^tg-judge: .* not 0, 1 or 2' "$T/screen")"
is "and last lines, whole" 3 "$(grep -c '^tg-llm [a-z]*: .* tokens, [0-9ms]*$' "$T/screen")"

# One that is killed, one that is stopped, and a folder that is not ours alone.
asked() {
	jq -nc --arg k "$1" --argjson n "$2" 'range($n) | {tg: {request: {kind: $k,
		messages: [{role: "user", content: "\($k) \(.)"}]}}}'
}
asked generate 80 >"$T/a"
asked judge 1000 >"$T/b"
asked negatives 80 >"$T/c"
llm="tg-llm -u $MOCK_URL --progress -j 4"
# the shell's own messages go elsewhere
TERM=xterm on_tty 100 "exec 4>&2 2>$T/err
	$llm $T/a >$T/out.a 2>&4 & a=\$!
	$llm $T/b >$T/out.b 2>&4 & b=\$!
	$llm $T/c >$T/out.c 2>&4 & c=\$!
	for f in a b c; do
		until [ -s $T/out.\$f ]; do sleep 0.05; done
	done
	sleep 1
	kill -STOP \$a
	kill -9 \$b
	wait \$c
	kill -CONT \$a
	wait \$a"
show 100
check "one is killed, one is stopped: no line is torn" whole "$last"
is "the third finishes meanwhile" 80 "$(grep -c '"response"' "$T/out.c")"
is "and then the second" 80 "$(grep -c '"response"' "$T/out.a")"
check "the killed one's line goes" [ "$(frames 'map(startswith("tg-llm judge")) | any | not')" -ge 2 ]
is "its line is in no last frame" 0 "$(tail -n 1 "$T/frames" | grep -c judge)"
check "nothing is left in the folder then, either" empty "$TG_SHARE_DIR"
mkdir "$T/elsewhere"
chmod 777 "$T/elsewhere"
ln -s "$T/elsewhere" "$T/link"
for dir in "$T/elsewhere" "$T/link"; do
	TERM=xterm TG_SHARE_DIR=$dir on_tty 100 "$llm $T/a >$T/out"
	show 100
	is "with ${dir##*/} as the folder one draws alone" "80 1" \
		"$(grep -c '"response"' "$T/out") $(grep -c '^tg-llm generate: 80 answered' "$T/screen")"
	check "and often" [ "$(frames '.[0] | test("under way")')" -ge 3 ]
done
check "and writes nothing there" empty "$T/elsewhere"

# Elsewhere than on a terminal: what each serves is in its last line.
tg-prompt generate -t code_summary_retrieval "$T/docs" | head -n 20 >"$T/asked"
cat "$T/asked" <(asked judge 3) <(asked generate 3) | tg-llm -u "$MOCK_URL" --progress \
	>"$T/out" 2>"$T/err"
is "no terminal: what was served is named" 1 \
	"$(grep -c '^tg-llm generate+judge: 25 answered, .* failed' "$T/err")"
tg-llm -u "$MOCK_URL" --progress <<<'{"text":"x"}' >"$T/out" 2>"$T/err"
is "who has nothing to do says nothing" "" "$(cat "$T/err")"
done_testing
