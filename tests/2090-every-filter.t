#!/bin/bash
# Behaviour that all filters share, for any input and output.
export VALGRIND_ONE_IN=3
. tests/lib.sh

# A record that no filter serves.
inert='{"query":"q","pos":["p"],"neg":["n"],"tg":{"task":"code_context_retrieval","pair":true}}'

commands=(
	"tg-prompt generate -t code_summary_retrieval"
	"tg-prompt judge -t code_summary_retrieval"
	"tg-prompt negatives -t code_summary_retrieval"
	"tg-llm -u http://127.0.0.1:1/v1"
	"tg-split-context"
	"tg-arrange"
	"tg-gate"
	"tg-judge"
	"tg-negs"
	"tg-cache get -d $T/cache"
	"tg-cache put -d $T/cache"
	"tg-emit"
)

# Lines that are no records stand in one file each.
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

# Odd lines that are records.
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
		skip "$name runs on any input" "not there"
		continue
	}
	run() {
		# shellcheck disable=SC2086 # a list of words
		$command "$@"
	}
	passes=1
	[ "$tool" != tg-emit ] || passes=0

	run </dev/null >"$T/out" 2>"$T/err"
	is "$name exits with 0 on empty input" 0 $?
	check "$name writes nothing on empty input" [ ! -s "$T/out" ]
	[ "$tool" = tg-emit ] || check "$name says nothing on empty input" [ ! -s "$T/err" ]

	run "$T/nope" </dev/null >"$T/out" 2>"$T/err"
	is "$name exits with 3 if a file is missing" 3 $?
	check "$name names the missing file" grep -q "^$tool: .*$T/nope: No such file" "$T/err"
	run "$T" </dev/null >"$T/out" 2>"$T/err"
	is "$name exits with 3 if a file is a directory" 3 $?
	run <"$T/big" >/dev/full 2>"$T/err"
	is "$name exits with 3 if the disk is full" 3 $?
	check "$name says that the disk is full" grep -q "^$tool: stdout: No space" "$T/err"
	run <"$T/two" >/dev/full 2>"$T/err"
	is "$name exits with 3 if the disk is full at the end" 3 $?

	run <"$T/big" 2>"$T/err" | head -n 1 >"$T/out"
	status=${PIPESTATUS[0]}
	[ "$tool" != tg-emit ] || status=141 # tg-emit writes a single line
	check "$name ends if its reader goes away" [ $((status % 141)) -eq 0 ]
	[ "$tool" = tg-emit ] || check "$name says nothing if its reader goes away" [ ! -s "$T/err" ]
	(
		trap '' PIPE
		run <"$T/big" 2>"$T/err" | head -n 1 >"$T/out"
	)
	[ "$tool" = tg-emit ] || check "$name says nothing if its reader goes away and SIGPIPE is ignored" [ ! -s "$T/err" ]

	# shellcheck disable=SC2086 # a list of words
	timeout $((20 * SLOW)) $command <>"$T/idle" 2>"$T/err" | true
	is "$name exits with 141 if its reader goes away while no input comes" 141 \
		"${PIPESTATUS[0]}"

	if command -v script >/dev/null; then
		script -qec "$command" /dev/null </dev/null >"$T/out" 2>"$T/err"
		is "$name refuses a terminal as input" 2 $?
		check "$name prints its usage on a terminal" grep -q "^usage: $tool" "$T/out"
	else
		skip "$name refuses a terminal as input" "no script(1)"
	fi
	run --max-line 12 </dev/null >"$T/out" 2>"$T/err"
	is "$name refuses a --max-line that is too small" 2 $?
	run "$T/two" "$T/one-bad" "$T/two" <"$T/big" >"$T/out" 2>"$T/err"
	is "$name exits with 1 after a line that is no record" 1 $?
	check "$name names file and line of a line that is no record" \
		grep -q "^$tool: $T/one-bad:1: not a record" "$T/err"

	[ $passes = 1 ] || continue
	is "$name reads several files in turn" 5 "$(wc -l <"$T/out" | tr -d ' ')"
	run "$T/two" - "$T/two" < <(cat "$T/two") >"$T/out" 2>"$T/err"
	is "$name reads standard input for -" 6 "$(wc -l <"$T/out" | tr -d ' ')"
	run "$T/two" "$T/nope" >"$T/out" 2>"$T/err" </dev/null
	check_same "$name writes out what it has read before a failure" "$T/two" "$T/out"
	head -c -1 "$T/two" | run >"$T/out" 2>"$T/err"
	is "$name exits with 0 if the last newline is missing" 0 $?
	check_same "$name passes a line that lacks its newline" "$T/two" "$T/out"
	run <"$T/odd" >"$T/out" 2>"$T/err"
	is "$name exits with 0 on odd records" 0 $?
	check_same "$name passes odd records unchanged" "$T/odd" "$T/out"
	run "$T/big" >"$T/out" 2>"$T/err" </dev/null
	check_same "$name passes thousands of records unchanged" "$T/big" "$T/out"

	run "$T/bad.in" >"$T/out" 2>"$T/err" </dev/null
	is "$name exits with 1 after bad lines" 1 $?
	is "$name writes one line for each bad line" $((2 * number + 1)) "$(wc -l <"$T/out" | tr -d ' ')"
	printf '%s\r\n' "$inert" >"$T/want"
	yes "$inert" | head -n "$number" >>"$T/want"
	awk 'NR % 2' "$T/out" >"$T/a"
	check_same "$name passes the records between bad lines, without BOM and blank lines" "$T/want" "$T/a"
	awk 'NR % 2 == 0' "$T/out" >"$T/a"
	is "$name puts its name, a code and a message into each error" "$number" "$(jq -c --arg t "$tool" \
		'select(.tg.error | .tool == $t and .code == "bad_record" and
		(.message | length > 5))' "$T/a" | wc -l | tr -d ' ')"
	is "$name puts the line number into each error" "$(seq 4 2 $((2 * number + 2)) | paste -sd ' ')" \
		"$(jq .tg.error.line "$T/a" | paste -sd ' ')"
	i=0 wrong=''
	mapfile -t raws < <(jq -r '.tg | "\(.raw) \(.error.bytes)"' "$T/a")
	for f in "$T"/bad/*; do
		head -c 65536 "$f" | base64 -w 0 >"$T/b"
		[ "${raws[i]}" = "$(cat "$T/b") $(wc -c <"$f" | tr -d ' ')" ] ||
			wrong="$wrong ${f##*/}"
		i=$((i + 1))
	done
	is "$name puts the bad line into each error" '' "$wrong"
	run "$T/a" >"$T/b" 2>"$T/err" </dev/null
	check_same "$name passes the error records unchanged" "$T/a" "$T/b"

	run "$T/50-bad" >"$T/out" 2>"$T/err" </dev/null
	is "$name writes 50 errors but only 21 messages" '50 21' \
		"$(wc -l <"$T/out" | tr -d ' ') $(wc -l <"$T/err" | tr -d ' ')"

	run --max-line 2048 "$T/longer" >"$T/out" 2>"$T/err" </dev/null
	is "$name exits with 1 after lines that are too long" 1 $?
	is "$name turns lines that are too long into errors" \
		'["line_too_long",1,3011,3011] null ["line_too_long",3,200011,65536] null' \
		"$(jq -c '.tg | if .error then [.error.code, .error.line, .error.bytes,
		(.raw | @base64d | length)] else null end' "$T/out" | paste -sd ' ')"
	check "$name names the line that is too long" grep -q "^$tool: $T/longer:3: .*200011 bytes" "$T/err"

	: >"$T/slow"
	rm -f "$T/fifo" && mkfifo "$T/fifo"
	run <"$T/fifo" >>"$T/slow" 2>"$T/slow.err" &
	exec 5>"$T/fifo"
	printf '%s\n' "$inert" >&5
	wait_for [ -s "$T/slow" ]
	exec 5>&-
	is "$name passes a record of a slow stream at once" "$inert" "$(cat "$T/slow")"
done

# A document cannot put control characters on a terminal.
tg-prompt generate <<<'{"text":"x","tg":{"task":"\u001b[31mred\u009b\u0007"}}' >"$T/out" 2>"$T/err"
check "messages hold no control characters" grep -q 'task "?\[31mred??"' "$T/err"

done_testing
