#!/bin/bash
# Every state meets every tool: a tool leaves a record that it does not serve
# unchanged, and keeps the user's members of one that it serves to the byte.
. tests/lib.sh

one=code_summary_retrieval two=bug_desc_retrieval none=code_context_retrieval
text='"text" :"import os\nprint(1)\nprint(2)\nprint(3)\n"'
# The id of the text, for a record that generate has stamped.
id=$(printf 'import os\nprint(1)\nprint(2)\nprint(3)\n' | md5sum | cut -c 1-32)
pair='"query":"q" , "pos":[ "p" ]'
message='[{"role":"user","content":"hi"}]'

names=() records=() servers=()

# row NAME SERVERS TG MORE: adds a record with these members of tg ("-": none)
# and others, between members that a JSON round trip would change.
row() {
	names+=("$1") servers+=(" $2 ")
	case $3 in
	-) records+=("  { \"b\":12345678901234567890 , \"a\":0.10,  \"c\":\"\\u0000\" ,\"d\":1e400 , $4 } ") ;;
	*) records+=("  { \"b\":12345678901234567890 , \"a\":0.10,  \"tg\": { $3 } ,  \"c\":\"\\u0000\" ,\"d\":1e400 , $4 } ") ;;
	esac
}

asked() {
	printf '"request":{"kind":"%s","step":1,"messages":%s,"params":{}}' \
		"$1" "$message"
}

# answered KIND STEP TEXT
answered() {
	printf '"response":{"kind":"%s","step":%s,"model":"m","choices":[{"text":"%s","finish_reason":"stop"}]}' \
		"$1" "$2" "$3"
}

end='{"tool":"t","code":"c","message":"m"}'
row "error" emit "\"error\":$end" "$text"
row "error of an asked one" emit "\"error\":$end,$(asked generate)" "$text"
row "error of a pair" emit "\"pair\":true,\"error\":$end,\"task\":\"$one\"" "$pair"
row "rejected" emit "\"pair\":true,\"rejected\":$end,\"judge\":{\"verdict\":2}" "$pair"
row "asked, generate" llm "\"task\":\"$one\",\"id\":\"$id\",$(asked generate)" "$text"
row "asked, judge" llm "\"pair\":true,$(asked judge)" "$pair"
row "asked, negatives" llm "\"pair\":true,$(asked negatives)" "$pair"
row "asked, verify" llm "\"pair\":true,$(asked verify)" "$pair"
row "answered, a step left" generate \
	"\"task\":\"$two\",\"id\":\"$id\",\"language\":\"en\",$(answered generate 1 x)" "$text"
row "answered, last of two steps" arrange \
	"\"task\":\"$two\",\"id\":\"$id\",\"out\":[\"x\"],$(answered generate 2 y)" "$text"
row "answered, the only step" arrange \
	"\"task\":\"$one\",\"id\":\"$id\",$(answered generate 1 x)" "$text"
row "answered, judge" judge \
	"\"task\":\"$one\",\"pair\":true,$(answered judge 1 1)" "$pair"
row "answered, negatives" negs \
	"\"task\":\"$one\",\"pair\":true,$(answered negatives 1 n)" "$pair,\"neg\":[]"
row "answered, verify" negs \
	"\"task\":\"$one\",\"pair\":true,$(answered verify 1 2)" "$pair,\"neg\":[\"n\"]"
row "answered, no known kind" '' \
	"\"task\":\"$one\",\"pair\":true,$(answered other 1 n)" "$pair"
row "paired" 'ask-judge ask-negatives' "\"task\":\"$one\",\"pair\":true" "$pair"
row "paired, judged" ask-negatives \
	"\"task\":\"$one\",\"pair\":true,\"judge\":{\"verdict\":1}" "$pair, \"neg\" : [ ]"
row "paired, with negatives" 'ask-judge ask-verify' "\"task\":\"$one\",\"pair\":true" \
	"$pair, \"neg\" : [\"n\"]"
row "paired, judged, with negatives" ask-verify \
	"\"task\":\"$one\",\"pair\":true,\"judge\":{\"verdict\":1}" "$pair, \"neg\" : [\"n\"]"
row "paired, not a judged task" ask-negatives "\"task\":\"$none\",\"pair\":true" "$pair"
row "paired, not a judged task, with negatives" ask-verify \
	"\"task\":\"$none\",\"pair\":true" "$pair, \"neg\" : [\"n\"]"
row "paired, from elsewhere" 'ask-judge ask-negatives' - "$pair"
row "paired, from elsewhere, with negatives" 'ask-judge ask-verify' - "$pair,\"neg\":[\"n\"]"
row "paired, from elsewhere, one text as neg" 'ask-judge ask-verify' - "$pair,\"neg\":\"n\""
row "paired, from elsewhere, with a task" 'ask-judge ask-negatives' "\"task\":\"$one\",\"code_language\":\"go\"" "$pair"
row "paired, from elsewhere, mined" 'ask-judge ask-verify' '"mined":{},"planted":["p"]' "$pair,\"neg\":[\"n\"]"
row "new, stamped, a query and a positive" generate "\"task\":\"$one\",\"id\":\"$id\"" "$text,$pair"
row "paired, verified" '' "\"task\":\"$one\",\"pair\":true,\"judge\":{\"verdict\":1},\"verify\":\"ok\"" \
	"$pair,\"neg\":[\"n\"]"
row "split" arrange "\"task\":\"$none\",\"id\":\"$id\",\"parts\":[\"a\\n\",\"b\\n\"]" "$text"
row "new" generate - "$text"
row "new, with a task" generate "\"task\":\"$two\"" "$text"
row "new, null members" generate \
	"\"error\":null,\"rejected\":null,\"request\":null,\"response\":null,\"parts\":null,\"pair\":null" \
	"$text"
row "new, no pair" generate '"pair":false' "$text"
row "new, stamped, with steps" generate "\"task\":\"$one\",\"id\":\"$id\"" "$text"
row "new, no steps" 'generate split' "\"task\":\"$none\"" "$text"
row "new, no steps, stamped" split \
	"\"task\":\"$none\",\"field\":\"text\",\"id\":\"$id\",\"language\":\"en\",\"code_language\":\"python\",\"key\":\"k\"" \
	"$text"
row "new, a query but no positive" generate - "\"query\":\"q\",$text"

printf '%s\n' "${records[@]}" >"$T/all"
check "every record of the table is valid JSON" jq empty "$T/all"

# without NAME: prints the records that NAME does not serve.
without() {
	for i in "${!names[@]}"; do
		case ${servers[i]} in
		*" $1 "*) ;;
		*) printf '%s\n' "${records[i]}" ;;
		esac
	done
}

# keeps BEFORE AFTER: succeeds if the user's bytes are there, in place and in
# order.
keeps() {
	local head mid
	head='  { "b":12345678901234567890 , "a":0.10,  "'
	mid=',  "c":"\u0000" ,"d":1e400 , '
	case $1 in
	*'"tg"'*) [[ $2 == "${head}tg\": {"*" ${mid}"* ]] || return ;;
	*) [[ $2 == "${head}c\":\"\\u0000\" ,\"d\":1e400 , "* ]] || return ;;
	esac
	[[ $1 != *"$text"* || $2 == *"$text"* ]] &&
		[[ $1 != *"$pair"* || $2 == *"$pair"* ]] &&
		[[ $2 == *' } ' ]] && jq empty <<<"$2"
}

# table NAME STATUS COMMAND...: tests one tool on all the records.
table() {
	local name=$1 want=$2 got out=()
	shift 2
	"$@" <"$T/all" >"$T/out" 2>"$T/err"
	is "$name exits with $want on all the records" "$want" $?
	mapfile -t out <"$T/out"
	is "$name writes one line for each line it reads" ${#records[@]} ${#out[@]}
	for i in "${!names[@]}"; do
		got=${out[i]}
		case ${servers[i]} in
		*" $name "*)
			if [ "$got" = "${records[i]}" ]; then
				fail "$name serves this record: ${names[i]}"
			elif ! keeps "${records[i]}" "$got"; then
				fail "$name keeps the user's members of this record: ${names[i]}"
				diag "${records[i]}"
				diag "$got"
			else
				pass "$name serves this record: ${names[i]}"
			fi
			;;
		esac
	done
	without "$name" >"$T/want"
	"$@" <"$T/want" >"$T/out" 2>"$T/err"
	is "$name exits with 0 when it serves no record" 0 $?
	check "$name says nothing when it serves no record" [ ! -s "$T/err" ]
	check_same "$name leaves the records that it does not serve unchanged" "$T/want" "$T/out"
}

table generate 0 tg-prompt generate -t $one
table ask-judge 0 tg-prompt judge -t $one
table ask-negatives 0 tg-prompt negatives -t $one
table ask-verify 0 tg-prompt verify -t $one
table split 1 tg-split-context
table arrange 0 tg-arrange
table judge 0 tg-judge
table negs 0 tg-negs
if [ -x "$TG_BIN/tg-llm" ]; then
	# Nobody listens at that port: tg-llm must not even ask which models
	# there are.
	without llm >"$T/want"
	tg-llm -u http://127.0.0.1:1/v1 --retries 0 <"$T/want" >"$T/out" \
		2>"$T/err"
	is "tg-llm exits with 0 when no record asks and no server is there" 0 $?
	check_same "tg-llm leaves unasked records unchanged when no server is there" "$T/want" "$T/out"
	start_mock -o owned_by=vllm
	table llm 0 tg-llm -u "$MOCK_URL"
	check "the mock server stops without a fault" stop_mock
else
	skip "tg-llm serves the records that are asked" "not there"
fi
if [ -x "$TG_BIN/tg-cache" ]; then
	tg-cache get -d "$T/cache" <"$T/all" >"$T/out" 2>"$T/err"
	is "tg-cache get exits with 0 on an empty cache" 0 $?
	check_same "tg-cache get changes nothing when the cache is empty" "$T/all" "$T/out"
	tg-cache put -d "$T/cache" <"$T/all" >"$T/out" 2>"$T/err"
	is "tg-cache put exits with 0 on all the records" 0 $?
	check_same "tg-cache put changes no record" "$T/all" "$T/out"
else
	skip "tg-cache changes no record of an empty cache" "not there"
fi

# Each record turns into the next state.
cat >"$T/state.jq" <<'END'
def there(x): x != null and x != false;
.tg as $t |
if there($t.error) or there($t.rejected) then "ended"
elif there($t.request) then "asked \($t.request.kind) \($t.request.step)"
elif there($t.response) then "answered"
elif $t.pair == true then "paired"
elif there($t.parts) then "split"
else "new" end
END
# becomes NAME-OF-ROW STATE COMMAND...: tests the state after COMMAND.
becomes() {
	local i
	for i in "${!names[@]}"; do
		[ "${names[i]}" = "$1" ] && break
	done
	what=$1 state=$2
	shift 2
	is "$1${2:+ $2} turns the record \"$what\" into: $state" "$state" "$(printf '%s\n' "${records[i]}" |
		"$@" | jq -r -f "$T/state.jq")"
}
becomes "new" "asked generate 1" tg-prompt generate -t $one
becomes "new, with a task" "asked generate 1" tg-prompt generate
becomes "new, no steps" new tg-prompt generate
becomes "answered, a step left" "asked generate 2" tg-prompt generate
becomes "answered, the only step" paired tg-arrange
becomes "answered, last of two steps" paired tg-arrange
becomes "split" paired tg-arrange
becomes "new, no steps, stamped" split tg-split-context
becomes "paired" "asked judge 1" tg-prompt judge
becomes "paired, from elsewhere" "asked negatives 1" tg-prompt negatives -t $one
becomes "answered, judge" paired tg-judge
becomes "answered, negatives" paired tg-negs
becomes "error" "asked generate 1" tg-prompt generate -t $one --retry
becomes "rejected" paired tg-prompt generate --retry

# A tool does not serve its own output, so a second pass changes no byte.
for tool in 'tg-prompt generate -t '$one 'tg-prompt judge -t '$one \
	'tg-prompt negatives -t '$one tg-arrange tg-judge tg-negs; do
	# shellcheck disable=SC2086
	$tool <"$T/all" >"$T/a" 2>"$T/err" && $tool <"$T/a" >"$T/b" 2>"$T/err"
	check_same "a second pass of $tool changes nothing" "$T/a" "$T/b"
done

done_testing
