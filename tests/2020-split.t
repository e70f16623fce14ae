#!/bin/bash
# tg-split-context: the places where it cuts.
# shellcheck disable=SC2016,SC2028 # jq's variables, JSON's escapes
. tests/lib.sh

task=code_context_retrieval

# stamped: turns texts, one JSON string a line, into records ready to be cut.
stamped() {
	jq -c '{text: .}' | tg-prompt generate -t $task
}

# holds NAME JQ-CONDITION FILE: tests the condition on each record of FILE.
holds() {
	is "$1" true "$(jq -s "length > 0 and all(.[]; $2)" "$3")"
}

# ends NAME CODE COMMAND...: tests a record that ends in an error.
ends() {
	local name=$1 code=$2 got
	shift 2
	"$@" >"$T/out" 2>"$T/err"
	got=$?
	is "$name ends in the error $code" "1 tg-split-context $code" \
		"$got $(jq -rc '.tg.error | .tool + " " + .code' "$T/out")"
	check "$name: the message names file and line" grep -q '^tg-split-context: stdin:1: ' "$T/err"
}

refuses() {
	local name=$1 what=$2
	shift 2
	check_status "$name is refused with status 2" 2 tg-split-context "$@" </dev/null >"$T/out" 2>"$T/err"
	check "$name: the message says what is wrong" grep -qF -- "$what" "$T/err"
}

# The texts have 100 lines of 10 bytes, each with a head of its own.
seq 1000 1299 | jq -c '"\(.)-head.\n" + ("123456789\n" * 99)' | stamped >"$T/lines"
tg-split-context "$T/lines" >"$T/out"
whole='(.tg.parts | length == 2 and add == $r.text)'
holds "prefix and suffix together are the text" ". as \$r | $whole" "$T/out"
holds "the cut is at the end of a line" '.tg.parts[0] | endswith("\n")' "$T/out"
cut='(.tg.parts[0] | utf8bytelength) / (.text | utf8bytelength)'
holds "the cut is within 40 and 70 per cent" "$cut | . >= 0.4 and . <= 0.7" "$T/out"
holds "no request is attached" '.tg.request == null' "$T/out"
check "different documents get different cuts" [ "$(jq "$cut" "$T/out" | sort -u | wc -l)" -gt 25 ]
mean=$(jq -s "map($cut) | add / length | . > 0.53 and . < 0.57" "$T/out")
is "the cuts are spread evenly" true "$mean"
tg-split-context --seed 1 "$T/lines" >"$T/b"
check_fail "another seed gives other cuts" cmp -s "$T/out" "$T/b"
tac "$T/lines" | tg-split-context | tac >"$T/b"
check_same "the order of the input does not change the cuts" "$T/out" "$T/b"
tg-split-context "$T/out" >"$T/b"
check_same "a split record stays unchanged" "$T/out" "$T/b"
tg-split-context --anchor 0.1,0.2 "$T/lines" >"$T/b"
holds "--anchor sets the range of the cut" "$cut | . >= 0.1 and . <= 0.2" "$T/b"
tg-split-context --anchor 0.5,0.5 "$T/lines" >"$T/b"
holds "--anchor takes a single point" "$cut | . > 0.49 and . < 0.51" "$T/b"
tg-split-context --window 0 --boundary char "$T/lines" >"$T/b"
holds "--boundary char keeps the whole text" ". as \$r | $whole" "$T/b"
holds "--boundary char cuts within the range" "$cut | . >= 0.4 and . <= 0.7" "$T/b"
check "--boundary char cuts at any character" [ "$(jq "$cut" "$T/b" | sort -u | wc -l)" -gt 100 ]
tg-split-context --window 0 --boundary line "$T/lines" >"$T/b"
check_same "--boundary line is the default" "$T/out" "$T/b"

# UTF-8, CRLF and a single line.
seq 300 | jq -c '"\(.)" + ("é€😀" * 50)' | stamped >"$T/utf8"
for o in line char; do
	tg-split-context --window 0 --boundary $o "$T/utf8" >"$T/b"
	is "UTF-8 at boundary $o gives no error" 300 "$(wc -l <"$T/b" | tr -d ' ')"
	holds "UTF-8 at boundary $o: prefix and suffix together are the text" ". as \$r | $whole" "$T/b"
	check "UTF-8 at boundary $o: no character is cut" iconv -f UTF-8 -t UTF-8 -o "$T/c" "$T/b"
	check_fail "UTF-8 at boundary $o: no character is replaced" grep -q $'\xef\xbf\xbd' "$T/b"
done
jq -nc '"a\r\n" * 100' | stamped | tg-split-context --window 0 >"$T/b"
holds "a text with CRLF keeps all its bytes" ". as \$r | $whole" "$T/b"
holds "a text with CRLF is cut between lines" '.tg.parts[0] | endswith("\r\n")' "$T/b"
jq -nc '"x" * 1000' | stamped | tg-split-context --window 0 >"$T/b"
holds "a single long line is cut inside the line" ". as \$r | $whole and ($cut > 0.39)" "$T/b"
jq -nc '"x" * 500 + "\n" + "y" * 499' | stamped | tg-split-context --window 0 >"$T/b"
holds "the only line start in the range is taken" '.tg.parts[0] | length == 501' "$T/b"
jq -nc '("x" * 100) + "\n" + ("y" * 899)' | stamped | tg-split-context --window 0 >"$T/b"
holds "a line start outside the range is not taken" "$cut | . >= 0.39 and . <= 0.7" "$T/b"
jq -nc '"a\n" + ("\n" * 1000) + "b\n"' | stamped | tg-split-context --window 0 >"$T/b"
holds "neither side of the cut is blank" ". as \$r | $whole" "$T/b"
jq -nc '"x\u0000y" * 10' | stamped | tg-split-context --window 0 >"$T/b"
holds "a text with NUL keeps all its bytes" ". as \$r | $whole" "$T/b"
begin=$(date +%s)
jq -nc '"a" + ("\n" * 1000000) + "b"' | stamped | tg-split-context --window 0 >"$T/b"
check "a million blank lines are cut in time" [ $(($(date +%s) - begin)) -lt $((120 * SLOW)) ]
holds "a million blank lines keep all their bytes" ". as \$r | $whole" "$T/b"

# --window.
tg-split-context --window 20 "$T/lines" >"$T/b"
holds "--window keeps at most 60 bytes on each side" \
	'.tg.parts | all(.[]; length <= 60 and length >= 30)' "$T/b"
holds "--window keeps whole lines" '.tg.parts | all(.[]; endswith("\n") and length % 10 == 0)' "$T/b"
holds "--window keeps what is next to the cut" '.tg.parts as [$a, $b] | .text | contains($a + $b)' "$T/b"
tg-split-context --window 1000 "$T/lines" >"$T/b"
check_same "a --window larger than the text changes nothing" "$T/out" "$T/b"
jq -nc '"f(x[i], {\"a\": !b});\n" * 400' | stamped >"$T/dense"
tg-split-context "$T/dense" >"$T/b"
holds "without --window a side has no more than 400 estimated tokens" \
	'.tg.parts | all(.[]; length < 1200 and length > 600)' "$T/b"
tg-split-context --window 0 "$T/dense" >"$T/b"
holds "--window 0 keeps all" ". as \$r | $whole" "$T/b"
for n in 8 9 10 11; do
	tg-split-context --window $n "$T/utf8" >"$T/b"
	check "--window $n cuts no character" iconv -f UTF-8 -t UTF-8 -o "$T/c" "$T/b"
	holds "--window $n keeps what is next to the cut" \
		'.tg.parts as [$a, $b] | .text | contains($a + $b)' "$T/b"
	holds "--window $n keeps no more than its size" \
		".tg.parts | all(.[]; utf8bytelength <= $((3 * n)))" "$T/b"
done

# A task row of the user.
tg-prompt --list | jq -c "select(.name == \"$task\") | .name = \"mine\"" >"$T/row"
TG_TASKS=$T/row tg-prompt generate -t mine <<<'{"text":"a\nb\nc\nd\n"}' >"$T/mine"
tg-split-context <"$T/mine" >"$T/b"
check_same "a record of an unknown row passes unchanged" "$T/mine" "$T/b"
holds "--tasks makes a row known" '.tg.parts' <(tg-split-context --tasks "$T/row" <"$T/mine")
holds "TG_TASKS makes a row known" '.tg.parts' <(TG_TASKS=$T/row tg-split-context <"$T/mine")

# Records that end in errors.
ends "a text of one character" too_short tg-split-context < <(echo '"x"' | stamped)
ends "a text of one character among blanks" too_short tg-split-context < <(echo '"   x   \n"' | stamped)
ends "a range at the end of the text" too_short tg-split-context --anchor 1,1 < <(echo '"x\ny"' | stamped)
ends "a range at the start of the text" too_short tg-split-context --anchor 0,0 < <(echo '"x\ny"' | stamped)
ends "a window of blank lines" too_short tg-split-context --window 8 --anchor 0.5,0.5 \
	--boundary char < <(jq -nc '"x" + (" " * 500) + "y"' | stamped)
ends "a record that is not stamped" not_stamped tg-split-context <<<"{\"text\":\"a\\nb\",\"tg\":{\"task\":\"$task\"}}"
ends "a stamped record without text" too_short tg-split-context <<<"{\"tg\":{\"id\":\"0\",\"task\":\"$task\"}}"

# Wrong usage.
refuses "--anchor with one number" '--anchor' --anchor 0.5
refuses "--anchor the wrong way round" '--anchor' --anchor 0.7,0.4
refuses "--anchor over 1" '--anchor' --anchor 0.7,1.4
refuses "--anchor without numbers" '--anchor' --anchor a,b
refuses "--boundary word" '"word"' --boundary word
refuses "--window -1" '--window' --window -1
refuses "--seed x" '--seed' --seed x
refuses "--tasks with a missing file" "$T/nope" --tasks "$T/nope"

done_testing
