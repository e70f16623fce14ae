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

# stays NAME COMMAND...: tests that a pair stays without negatives.
stays() {
	local name=$1 got
	shift
	"$@" >"$T/out" 2>"$T/err"
	got=$?
	is "$name: the pair stays, and the status is 0" '0 [["QUERY",["POS","POS2"],[],{"pair":true}]]' \
		"$got $(jq -c '[.query, .pos, .neg, .tg]' "$T/out" | jq -sc .)"
	check "$name: a message names file and line" grep -q '^tg-negs: stdin:1: the pair gets no negatives: ' "$T/err"
	check "$name: the pair is counted" grep -q '^tg-negs: 1 pair got no negatives (1 [a-z_]*)$' "$T/err"
}

gives "negatives keep the order of the answers" '["c","a","b"]' c a b
gives "of equal answers the first stays" '["b","a"]' b a b a b
gives "white space around an answer makes no difference" '["a","b"]' a ' a' $'a\n' $'\n\na' b
gives "white space inside an answer makes a difference" '["a b","a  b"]' 'a b' 'a  b'
gives "upper and lower case make a difference" '["a","A"]' a A
gives "an answer that equals the query is dropped" '["a"]' QUERY ' QUERY ' a
gives "an answer that equals any positive is dropped" '["a"]' POS a $'POS2\n'
gives "an answer that equals a positive but for white space is dropped" '["a","PO T"]' 'P OS' a $'PO\n\tS2' 'PO T'
gives "empty answers are dropped" '["a"]' '' ' ' $'```\n```' a
gives "a fence around an answer goes" '["a","b"]' $'```\na\n```' $'```python\nb\n```' $'```js\na\n```'
gives "a fenced answer that equals a positive is dropped" '["a"]' $'```python\nPOS\n```' a
gives "quotes around an answer go" '["a"]' '"a"' a
gives "a fence inside an answer stays" '["x\n```\na\n```\ny"]' $'x\n```\na\n```\ny'
gives "half a fence goes" '["a","b"]' $'```js\na' $'b\n```'
is "the code block in prose is the negative where code is asked" '["a","x\n```\na\n```\n```\nb\n```"]' \
	"$(said $'Here it is:\n```js\na\n```\nIt is wrong.' $'x\n```\na\n```\n```\nb\n```' |
	jq -c '.tg.response.output_kind = "code"' | tg-negs | jq -c .neg)"
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

# Pairs that get no negatives.
stays "an answer without choices" tg-negs < <(said)
stays "answers that all equal the query or a positive" tg-negs < <(said QUERY POS POS2)
stays "answers of white space only" tg-negs < <(said ' ' $'\n')
stays "choices that are no list" tg-negs < <(said a | jq -c '.tg.response.choices = "a"')
failed='.tg.response.error = {code: "refusal", message: "the model \u001b[2J refused"}'
stays "a failed request" tg-negs < <(said | jq -c "$failed")
check "a failed request is counted by its code" grep -q '(1 refusal)$' "$T/err"
check_fail "a reason cannot put control characters on a terminal" grep -q "$(printf '\033')" "$T/err"
for _ in $(seq 30); do said | jq -c "$failed"; done >"$T/in"
tg-negs "$T/in" >"$T/out" 2>"$T/err"
is "thirty failed requests make 20 messages, a last one and the count" '20 22 tg-negs: 30 pairs got no negatives (30 refusal)' \
	"$(grep -c 'the pair gets' "$T/err") $(wc -l <"$T/err") $(tail -n 1 "$T/err")"
tg-negs --summary "$T/sum" "$T/in" >"$T/out" 2>"$T/err"
is "--summary writes the counts" '{"no_negatives":{"refusal":30}}' "$(cat "$T/sum")"
check_fail "--summary takes the place of the count in words" grep -q 'pairs got' "$T/err"
said a | tg-negs --summary "$T/sum" >"$T/out"
is "--summary of pairs with negatives is empty" '{"no_negatives":{}}' "$(cat "$T/sum")"
check_status "--summary into a missing folder makes status 3" 3 tg-negs --summary "$T/no/where" "$T/in"
check_status "--summary over the input is refused" 2 tg-negs --summary "$T/in" "$T/in"

# Negatives that are there stay.
has() { jq -c --argjson neg "$1" '.neg = $neg'; }
is "new negatives follow those that are there" '["x","y","a"]' "$(said a | has '["x","y"]' | tg-negs | jq -c .neg)"
is "a negative that is there is not added again" '["x","a"]' "$(said x a ' x' | has '["x"]' | tg-negs | jq -c .neg)"
said a | sed 's|"neg":\[\]|"neg":["\\u0078\\/"]|' | tg-negs >"$T/out"
check "negatives that are there stay as the same bytes" grep -qF '"neg":["\u0078\/","a"]' "$T/out"
is "one text as neg becomes a list" '["x","a"]' "$(said a | has '"x"' | tg-negs | jq -c .neg)"
is "an empty text as neg counts as none" '["a"]' "$(said a | has '""' | tg-negs | jq -c .neg)"
is "-n counts the negatives that are there" '["x","y","a"]' "$(said a b | has '["x","y"]' | tg-negs -n 3 | jq -c .neg)"
is "-n drops none that are there" '["x","y"]' "$(said a b | has '["x","y"]' | tg-negs -n 1 | jq -c .neg)"
said x | has '["x"]' | tg-negs >"$T/out" 2>"$T/err"
is "a pair with negatives may get only repeats, without a word" '["x"] 0' "$(jq -c .neg "$T/out") $(wc -l <"$T/err")"
said | jq -c "$failed" | has '["x"]' | tg-negs >"$T/out" 2>"$T/err"
is "a failed request is told of a pair with negatives, too" '["x"] 2' "$(jq -c .neg "$T/out") $(wc -l <"$T/err")"

# The option --min-negs.
is "--min-negs rejects a pair with fewer negatives" '["few_negatives","tg-negs",["a"]]' \
	"$(said a | tg-negs --min-negs 2 | jq -c '[.tg.rejected.code, .tg.rejected.tool, .neg]')"
is "--min-negs keeps a pair with enough negatives" '[null,["x","a"]]' \
	"$(said a | has '["x"]' | tg-negs --min-negs 2 | jq -c '[.tg.rejected, .neg]')"
is "--min-negs rejects a pair without negatives" few_negatives "$(said | tg-negs --min-negs 1 2>"$T/err" | jq -r .tg.rejected.code)"
check_status "--min-negs alone makes status 0" 0 tg-negs --min-negs 9 < <(said a)
check_status "--min-negs over -n is refused" 2 tg-negs -n 2 --min-negs 3 </dev/null

done_testing
