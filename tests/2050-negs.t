#!/bin/bash
# tg-negs: how it cleans, orders and drops answers.
# shellcheck disable=SC2016,SC2028 # jq's variables, JSON's escapes
. tests/lib.sh

# said ANSWER...: makes a pair with these answers.
said() {
	jq -nc '{query: "QUERY", pos: ["POS", "POS2"], neg: [], tg: {pair: true,
		response: {kind: "negatives", step: 1,
		choices: $ARGS.positional | map({text: .})}}}' --args "$@"
}

# gives NAME NEG ANSWER...: tests the list made of the answers.
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
	is "$name: the record ends in the error no_negatives" "1 tg-negs no_negatives" \
		"$got $(jq -rc '.tg.error | .tool + " " + .code' "$T/out")"
	check "$name: the message names file and line" grep -q '^tg-negs: stdin:1: ' "$T/err"
}

gives "negatives keep the order of the answers" '["c","a","b"]' c a b
gives "of equal answers the first stays" '["b","a"]' b a b a b
gives "white space around an answer makes no difference" '["a","b"]' a ' a' $'a\n' $'\n\na' b
gives "white space inside an answer makes a difference" '["a b","a  b"]' 'a b' 'a  b'
gives "upper and lower case make a difference" '["a","A"]' a A
gives "an answer that equals the query is dropped" '["a"]' QUERY ' QUERY ' a
gives "an answer that equals any positive is dropped" '["a"]' POS a $'POS2\n'
gives "empty answers are dropped" '["a"]' '' ' ' $'```\n```' a
gives "a fence around an answer goes" '["a","b"]' $'```\na\n```' $'```python\nb\n```' $'```js\na\n```'
gives "a fenced answer that equals a positive is dropped" '["a"]' $'```python\nPOS\n```' a
gives "quotes around an answer go" '["a"]' '"a"' a
gives "a fence inside an answer stays" '["x\n```\na\n```\ny"]' $'x\n```\na\n```\ny'
gives "indentation inside an answer stays" '["  a\nb"]' $'```\n  a\nb\n```'
gives "UTF-8 in answers stays" '["é","😀"]' é 😀
is "a NUL in an answer stays" '["a\u0000b","a"]' "$(said x a | jq -c '.tg.response.choices[0].text = "a\u0000b"' |
	tg-negs | jq -c .neg)"
is "a choice whose text is null is skipped" '["a"]' "$(said x a | jq -c '.tg.response.choices[0].text = null' |
	tg-negs | jq -c .neg)"
is "pos may be one text" '["a"]' "$(said POS a | jq -c '.pos = "POS"' | tg-negs | jq -c .neg)"
is "neg may be missing" '["a"]' "$(said a | jq -c 'del(.neg)' | tg-negs | jq -c .neg)"
mapfile -t many < <(seq 500)
is "500 answers make 500 negatives" 500 "$(said "${many[@]}" | tg-negs | jq '.neg | unique | length')"

is "at most 1000 answers become negatives" 1000 "$(jq -nc '{query: "q", pos: [range(100000) | "p\(.)"], tg: {pair: true,
	response: {kind: "negatives", choices: [range(100000) | {text: "\(.)"}]}}}' >"$T/in"
	tg-negs "$T/in" | jq '.neg | length')"

# The option -n.
is "-n 2 keeps the first two negatives" '["c","a"]' "$(said c c a b | tg-negs -n 2 | jq -c .neg)"
is "--max 2 keeps the first two negatives" '["c","a"]' "$(said c c a b | tg-negs --max 2 | jq -c .neg)"
is "-n over the number of negatives keeps all of them" '["c","a"]' "$(said c c a | tg-negs -n 9 | jq -c .neg)"
for n in 0 -1 1001 x ''; do
	check_status "-n '$n' is refused" 2 tg-negs -n "$n" </dev/null 2>"$T/err"
	check "-n '$n': the message names the range" grep -q '1\.\.1000' "$T/err"
done

said a b >"$T/in"
tg-negs "$T/in" >"$T/out"
is "the response is removed" '{"pair":true}' "$(jq -c .tg "$T/out")"
is "neg stays in its place" '["query","pos","neg","tg"]' "$(jq -c keys_unsorted "$T/out")"
tg-negs "$T/out" >"$T/b"
check_same "a second pass leaves a pair with negatives unchanged" "$T/out" "$T/b"
tg-prompt negatives -t web_code_retrieval "$T/out" >"$T/b"
check_same "a pair with negatives is not asked about again" "$T/out" "$T/b"

# Records that end in errors.
ends "an answer without choices" tg-negs < <(said)
ends "answers that all equal the query or a positive" tg-negs < <(said QUERY POS POS2)
ends "answers of white space only" tg-negs < <(said ' ' $'\n')
ends "choices that are no list" tg-negs < <(said a | jq -c '.tg.response.choices = "a"')
is "an error keeps the pair" '["QUERY",["POS","POS2"],true]' \
	"$(jq -c '[.query, .pos, .tg.pair]' "$T/out")"

done_testing
