#!/bin/bash
# tg-negs: cleaning, order, repeats.
# shellcheck disable=SC2016,SC2028 # jq's variables, JSON's escapes
. tests/lib.sh

# said ANSWER...: a pair with these answers.
said() {
	jq -nc '{query: "QUERY", pos: ["POS", "POS2"], neg: [], tg: {pair: true,
		response: {kind: "negatives", step: 1,
		choices: $ARGS.positional | map({text: .})}}}' --args "$@"
}

# gives NAME NEG ANSWER...
gives() {
	local name=$1 want=$2
	shift 2
	is "$name" "$want" "$(said "$@" | tg-negs | jq -c .neg)"
}

ends() {
	local name=$1 got
	shift
	"$@" >"$T/out" 2>"$T/err"
	got=$?
	is "$name" "1 tg-negs no_negatives" \
		"$got $(jq -rc '.tg.error | .tool + " " + .code' "$T/out")"
	check "$name: says where" grep -q '^tg-negs: stdin:1: ' "$T/err"
}

gives "in the order given" '["c","a","b"]' c a b
gives "no repeats, the first stays" '["b","a"]' b a b a b
gives "white space makes no difference" '["a","b"]' a ' a' $'a\n' $'\n\na' b
gives "inner white space does" '["a b","a  b"]' 'a b' 'a  b'
gives "letter case does" '["a","A"]' a A
gives "not the query" '["a"]' QUERY ' QUERY ' a
gives "not a positive, not the second either" '["a"]' POS a $'POS2\n'
gives "no empty ones" '["a"]' '' ' ' $'```\n```' a
gives "fences go" '["a","b"]' $'```\na\n```' $'```python\nb\n```' $'```js\na\n```'
gives "a fenced positive is one" '["a"]' $'```python\nPOS\n```' a
gives "quotes go" '["a"]' '"a"' a
gives "what is inside stays" '["x\n```\na\n```\ny"]' $'x\n```\na\n```\ny'
gives "indentation stays" '["  a\nb"]' $'```\n  a\nb\n```'
gives "UTF-8" '["é","😀"]' é 😀
is "NUL" '["a\u0000b","a"]' "$(said x a | jq -c '.tg.response.choices[0].text = "a\u0000b"' |
	tg-negs | jq -c .neg)"
is "null is no answer" '["a"]' "$(said x a | jq -c '.tg.response.choices[0].text = null' |
	tg-negs | jq -c .neg)"
is "one text as positive" '["a"]' "$(said POS a | jq -c '.pos = "POS"' | tg-negs | jq -c .neg)"
is "no neg yet" '["a"]' "$(said a | jq -c 'del(.neg)' | tg-negs | jq -c .neg)"
mapfile -t many < <(seq 500)
is "500 of them" 500 "$(said "${many[@]}" | tg-negs | jq '.neg | unique | length')"

is "1000 are looked at" 1000 "$(jq -nc '{query: "q", pos: [range(100000) | "p\(.)"], tg: {pair: true,
	response: {kind: "negatives", choices: [range(100000) | {text: "\(.)"}]}}}' >"$T/in"
	tg-negs "$T/in" | jq '.neg | length')"

# -n.
is "-n 2" '["c","a"]' "$(said c c a b | tg-negs -n 2 | jq -c .neg)"
is "--max 2" '["c","a"]' "$(said c c a b | tg-negs --max 2 | jq -c .neg)"
is "-n more than there are" '["c","a"]' "$(said c c a | tg-negs -n 9 | jq -c .neg)"
for n in 0 -1 1001 x ''; do
	check_status "-n '$n'" 2 tg-negs -n "$n" </dev/null 2>"$T/err"
	check "-n '$n': message" grep -q '1\.\.1000' "$T/err"
done

said a b >"$T/in"
tg-negs "$T/in" >"$T/out"
is "the response goes" '{"pair":true}' "$(jq -c .tg "$T/out")"
is "neg stays in its place" '["query","pos","neg","tg"]' "$(jq -c keys_unsorted "$T/out")"
tg-negs "$T/out" >"$T/b"
check_same "it stays" "$T/out" "$T/b"
tg-prompt negatives -t web_code_retrieval "$T/out" >"$T/b"
check_same "and is not asked about again" "$T/out" "$T/b"

# Errors.
ends "no choices" tg-negs < <(said)
ends "nothing but the query and positives" tg-negs < <(said QUERY POS POS2)
ends "nothing but white space" tg-negs < <(said ' ' $'\n')
ends "no list" tg-negs < <(said a | jq -c '.tg.response.choices = "a"')
is "the pair is still there" '["QUERY",["POS","POS2"],true]' \
	"$(jq -c '[.query, .pos, .tg.pair]' "$T/out")"

done_testing
