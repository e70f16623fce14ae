#!/bin/bash
# What every filter does with any input and output.
export VALGRIND_ONE_IN=3
. tests/lib.sh

# A record that none of them serves.
inert='{"query":"q","pos":["p"],"neg":["n"],"tg":{"task":"code_context_retrieval","pair":true}}'

commands=(
	"tg-prompt generate -t code_summary_retrieval"
	"tg-prompt judge -t code_summary_retrieval"
	"tg-prompt negatives -t code_summary_retrieval"
	"tg-llm -u http://127.0.0.1:1/v1"
	"tg-split-context"
	"tg-arrange"
	"tg-judge"
	"tg-negs"
	"tg-cache get -d $T/cache"
	"tg-cache put -d $T/cache"
	"tg-emit"
)

# Lines that are no records, one in each file.
mkdir "$T/bad"
bad() {
	# shellcheck disable=SC2059 # it is a format
	printf "$2" >"$T/bad/$1"
}
nested() {
	printf '{"a":'
	printf "%$(($1 - 1))s" | tr ' ' '['
	printf "%$(($1 - 1))s" | tr ' ' ']'
	printf '}'
}
bad torn '{"text":"x'
bad empty-object-torn '{'
bad array '[1]'
bad string '"x"'
bad null 'null'
bad more '{} {}'
bad comma '{"a":1,}'
bad word '{"a":nul}'
bad NaN '{"a":NaN}'
bad number '{"a":01}'
bad control '{"a":"\t"}'
bad nul '{"a":"\0"}'
bad utf8 '{"a":"\377"}'
bad utf8-overlong '{"a":"\300\257"}'
bad utf8-surrogate '{"a":"\355\240\200"}'
bad utf8-torn '{"a":"\303"}'
bad surrogate-high '{"a":"\\ud800"}'
bad surrogate-low '{"a":"\\udc00x"}'
bad surrogate-key '{"\\ud800":1}'
bad key-twice '{"a":1,"b":2,"a":3}'
bad key-twice-escaped '{"a":1,"\\u0061":3}'
bad key-twice-tg '{"tg":{"task":"x","task":"y"}}'
bad tg-twice '{"tg":{},"tg":{}}'
bad tg-number '{"tg":5}'
bad tg-null '{"tg":null}'
nested 129 >"$T/bad/deep"
nested 100000 >"$T/bad/very-deep"
{
	printf '\357\273\277%s\r\n\n \t\r\n' "$inert"
	for f in "$T"/bad/*; do
		cat "$f"
		printf '\n%s\n' "$inert"
	done
} >"$T/bad.in"
number=$(find "$T/bad" -type f | wc -l)

# Lines that are records, however odd.
{
	printf '  %s  \r\n' "$inert"
	nested 128 | sed "s/^{/{\"tg\":{\"pair\":true,\"error\":1},/"
	echo
	echo '{"a":{"b":1,"b":2},"c":"\u0000\ud83d\ude00","":1e400,"tg":{"error":{}}}'
	echo '{"tg":{"error":1},"big":123456789012345678901234567890,"x":-0.0E+00}'
	printf '{"tg":{"error":1},"line":"'
	head -c 1048576 /dev/zero | tr '\0' 'x'
	printf '"}\n'
} >"$T/odd"

yes "$inert" | head -n $((SLOW > 1 ? 2000 : 20000)) >"$T/big"
printf '%s\n%s\n' "$inert" "$inert" >"$T/two"
printf '{oops\n' >"$T/one-bad"
yes '{oops' | head -n 50 >"$T/50-bad"
printf '{"text":"%s"}\n' "$(head -c 3000 /dev/zero | tr '\0' 'x')" >"$T/long"
{
	cat "$T/long"
	printf '%s\n{"text":"' "$inert"
	head -c 200000 /dev/zero | tr '\0' 'y'
	printf '"}\n%s' "$inert"
} >"$T/longer"

mkfifo "$T/idle"

for command in "${commands[@]}"; do
	tool=${command%% *}
	case $command in
	*' -'*) name=${command%% -*} ;;
	*) name=$command ;;
	esac
	[ -x "$TG_BIN/$tool" ] || {
		skip "$name" "not there"
		continue
	}
	run() {
		# shellcheck disable=SC2086 # a list of words
		$command "$@"
	}
	passes=1
	[ "$tool" != tg-emit ] || passes=0

	run </dev/null >"$T/out" 2>"$T/err"
	is "$name: no input is fine" 0 $?
	check "$name: no input, no output" [ ! -s "$T/out" ]
	[ "$tool" = tg-emit ] || check "$name: and no words" [ ! -s "$T/err" ]

	run "$T/nope" </dev/null >"$T/out" 2>"$T/err"
	is "$name: a file that is not there" 3 $?
	check "$name: is named" grep -q "^$tool: .*$T/nope: No such file" "$T/err"
	run "$T" </dev/null >"$T/out" 2>"$T/err"
	is "$name: a directory" 3 $?
	run <"$T/big" >/dev/full 2>"$T/err"
	is "$name: a full disk" 3 $?
	check "$name: says so" grep -q "^$tool: stdout: No space" "$T/err"
	run <"$T/two" >/dev/full 2>"$T/err"
	is "$name: a full disk, at the end" 3 $?

	run <"$T/big" 2>"$T/err" | head -n 1 >"$T/out"
	status=${PIPESTATUS[0]}
	[ "$tool" != tg-emit ] || status=141 # one line is all there is
	check "$name: a reader that goes away" [ $((status % 141)) -eq 0 ]
	[ "$tool" = tg-emit ] || check "$name: ends it quietly" [ ! -s "$T/err" ]
	(
		trap '' PIPE
		run <"$T/big" 2>"$T/err" | head -n 1 >"$T/out"
	)
	[ "$tool" = tg-emit ] || check "$name: with SIGPIPE ignored, too" [ ! -s "$T/err" ]

	# shellcheck disable=SC2086 # a list of words
	timeout $((20 * SLOW)) $command <>"$T/idle" 2>"$T/err" | true
	is "$name: a reader that goes away while there is no input" 141 \
		"${PIPESTATUS[0]}"

	if command -v script >/dev/null; then
		script -qec "$command" /dev/null </dev/null >"$T/out" 2>"$T/err"
		is "$name: a terminal for input" 2 $?
		check "$name: gets the usage" grep -q "^usage: $tool" "$T/out"
	else
		skip "$name: a terminal for input" "no script(1)"
	fi
	run --max-line 12 </dev/null >"$T/out" 2>"$T/err"
	is "$name: --max-line too small" 2 $?
	run "$T/two" "$T/one-bad" "$T/two" <"$T/big" >"$T/out" 2>"$T/err"
	is "$name: a line that is no record" 1 $?
	check "$name: is named by file and line" \
		grep -q "^$tool: $T/one-bad:1: not a record" "$T/err"

	[ $passes = 1 ] || continue
	is "$name: files one after another" 5 "$(wc -l <"$T/out" | tr -d ' ')"
	run "$T/two" - "$T/two" < <(cat "$T/two") >"$T/out" 2>"$T/err"
	is "$name: - is standard input" 6 "$(wc -l <"$T/out" | tr -d ' ')"
	run "$T/two" "$T/nope" >"$T/out" 2>"$T/err" </dev/null
	check_same "$name: what was read before a failure is out" "$T/two" "$T/out"
	head -c -1 "$T/two" | run >"$T/out" 2>"$T/err"
	is "$name: no final newline is fine" 0 $?
	check_same "$name: and the line is there" "$T/two" "$T/out"
	run <"$T/odd" >"$T/out" 2>"$T/err"
	is "$name: odd records are fine" 0 $?
	check_same "$name: and stay to the byte" "$T/odd" "$T/out"
	run "$T/big" >"$T/out" 2>"$T/err" </dev/null
	check_same "$name: as do many" "$T/big" "$T/out"

	run "$T/bad.in" >"$T/out" 2>"$T/err" </dev/null
	is "$name: bad lines" 1 $?
	is "$name: one line out for each" $((2 * number + 1)) "$(wc -l <"$T/out" | tr -d ' ')"
	printf '%s\r\n' "$inert" >"$T/want"
	yes "$inert" | head -n "$number" >>"$T/want"
	awk 'NR % 2' "$T/out" >"$T/a"
	check_same "$name: their neighbours stay; BOM and blank lines go" "$T/want" "$T/a"
	awk 'NR % 2 == 0' "$T/out" >"$T/a"
	is "$name: errors that say who and what" "$number" "$(jq -c --arg t "$tool" \
		'select(.tg.error | .tool == $t and .code == "bad_record" and
		(.message | length > 5))' "$T/a" | wc -l | tr -d ' ')"
	is "$name: and which line" "$(seq 4 2 $((2 * number + 2)) | paste -sd ' ')" \
		"$(jq .tg.error.line "$T/a" | paste -sd ' ')"
	i=0 wrong=''
	mapfile -t raws < <(jq -r '.tg | "\(.raw) \(.error.bytes)"' "$T/a")
	for f in "$T"/bad/*; do
		head -c 65536 "$f" | base64 -w 0 >"$T/b"
		[ "${raws[i]}" = "$(cat "$T/b") $(wc -c <"$f" | tr -d ' ')" ] ||
			wrong="$wrong ${f##*/}"
		i=$((i + 1))
	done
	is "$name: and hold the lines" '' "$wrong"
	run "$T/a" >"$T/b" 2>"$T/err" </dev/null
	check_same "$name: which then pass" "$T/a" "$T/b"

	run "$T/50-bad" >"$T/out" 2>"$T/err" </dev/null
	is "$name: many errors, few words" '50 21' \
		"$(wc -l <"$T/out" | tr -d ' ') $(wc -l <"$T/err" | tr -d ' ')"

	run --max-line 2048 "$T/longer" >"$T/out" 2>"$T/err" </dev/null
	is "$name: lines too long" 1 $?
	is "$name: are errors" \
		'["line_too_long",1,3011,3011] null ["line_too_long",3,200011,65536] null' \
		"$(jq -c '.tg | if .error then [.error.code, .error.line, .error.bytes,
		(.raw | @base64d | length)] else null end' "$T/out" | paste -sd ' ')"
	check "$name: named by line" grep -q "^$tool: $T/longer:3: .*200011 bytes" "$T/err"

	: >"$T/slow"
	rm -f "$T/fifo" && mkfifo "$T/fifo"
	run <"$T/fifo" >>"$T/slow" 2>"$T/slow.err" &
	exec 5>"$T/fifo"
	printf '%s\n' "$inert" >&5
	wait_for [ -s "$T/slow" ]
	exec 5>&-
	is "$name: a slow stream is not held up" "$inert" "$(cat "$T/slow")"
done

# What a document says cannot drive a terminal.
tg-prompt generate <<<'{"text":"x","tg":{"task":"\u001b[31mred\u009b\u0007"}}' >"$T/out" 2>"$T/err"
check "messages hold no control characters" grep -q 'task "?\[31mred??"' "$T/err"

done_testing
