#!/bin/bash
# tg-judge: which answers are verdicts and which are not.
. tests/lib.sh

# said TEXT: makes a pair with this answer of the judge.
said() {
	jq -nc --arg text "$1" '{query: "q", pos: ["p"], tg: {pair: true, response:
		{kind: "judge", step: 1, model: "J", choices: [{text: $text}]}}}'
}

# reads VERDICT TEXT: notes a case; the verdict is "error" if TEXT is none. All
# cases are read at once below.
texts=() verdicts=()
reads() {
	verdicts+=("$1") texts+=("$2")
}

for n in 0 1 2; do
	# shellcheck disable=SC1111 # curly quotes as a judge writes them
	for text in $n " $n." "$n"$'\n' "**$n**" "**$n.**" "**$n**." "\"$n\"" "'$n'" "\`$n\`" "“$n”" \
		"($n)" "[$n]" "{$n}" "- $n" "* $n" "\\boxed{$n}" "\$\\boxed{$n}\$" $'```\n'"$n"$'\n```' \
		$'```text\n'"$n"$'\n```' "$n ." "$n:" "$n: The query asks for 2 things." \
		"**$n**: The query fits." "$n. The query fits." "$n"$'\nThe query fits 1 of 2.' \
		"$n"$'\n\nThe query fits.' "Answer: $n" "Answer: **$n**" "**Answer:** $n" "**Answer: $n**" \
		"Final verdict: $n." $'Answer:\n'"$n" "{\"verdict\": $n}" "Answer: $n"$'\n\nThe query fits.' \
		$'The query fits.\n\nAnswer: '"$n" "The query fits. Verdict: $n" "<think>1 or 2?</think>$n"; do
		reads $n "$text"
	done
done
for text in '' ' ' . '*' 3 -1 +1 10 01 11 '1 1' 1.0 1.5 1.. .1 '1,' 1/2 '1 or 2' 1:2 '1: 2' \
	'2 (not 1)' 'Answer: 2 (not 1)' '1 because it fits' yes one true '１' '²' '1!' '1?' \
	'{"verdict":1}' $'1\n2' $'1\n\n1' $'1. The query.\n2. The document.' $'1\nAnswer: 2' \
	$'The query fits.\n\n1' 'Query: 1 Document: 2' '<think>1' 1e0 0x1; do
	reads error "$text"
done
reads error "$(printf '%04096d' 0)"
jq -nc '$ARGS.positional[] | {query: "q", pos: ["p"], tg: {pair: true,
	response: {kind: "judge", choices: [{text: .}]}}}' --args -- "${texts[@]}" >"$T/in"
check_status "tg-judge exits with 1 if some answers are no verdicts" 1 \
	tg-judge "$T/in" >"$T/out" 2>"$T/err"
mapfile -t got < <(jq -r '.tg | "\(.judge.verdict) \((.rejected // .error).code)"' "$T/out")
for i in "${!texts[@]}"; do
	case ${verdicts[i]} in
	error) want="null judge_unreadable" ;;
	1) want="1 null" ;;
	*) want="${verdicts[i]} judge_${verdicts[i]}" ;;
	esac
	is "$(printf 'verdict %s is read from %.40q' "${verdicts[i]}" "${texts[i]}")" "$want" "${got[i]}"
done
head -n 111 "$T/in" >"$T/a"
check_status "tg-judge exits with 0 if all records get verdicts, rejects or not" 0 tg-judge "$T/a" >"$T/out" 2>"$T/err"
tg-judge <<<'{"query":"q","pos":["p"],"tg":{"pair":true,"response":{"kind":"judge","choices":[{"text":"1\u0000"}]}}}' >"$T/out" 2>"$T/err"
is "an answer with a NUL is no verdict" judge_unreadable "$(jq -r .tg.error.code "$T/out")"
for choices in '[]' '[{}]' '[{"text":null}]' '[{"text":1}]' null '{}'; do
	tg-judge >"$T/out" 2>"$T/err" \
		<<<"{\"tg\":{\"pair\":true,\"response\":{\"kind\":\"judge\",\"choices\":$choices}}}"
	is "choices $choices are no verdict" "1 judge_unreadable" "$? $(jq -r .tg.error.code "$T/out")"
done

# Members that a verdict leaves in the record.
said ' **1**.' | tg-judge >"$T/out"
is "the verdict, the answer and the model are noted" '{"verdict":1,"answer":" **1**.","model":"J"}' \
	"$(jq -c .tg.judge "$T/out")"
is "the response is removed" '["pair","judge"]' "$(jq -c '.tg | keys_unsorted' "$T/out")"
said 1 | jq -c 'del(.tg.response.model)' | tg-judge >"$T/out"
is "without a model in the response none is noted" '{"verdict":1,"answer":"1"}' "$(jq -c .tg.judge "$T/out")"
said 2 | jq -c '.tg.response.choices += [{text: "1"}]' | tg-judge >"$T/out"
is "the first choice counts" 2 "$(jq .tg.judge.verdict "$T/out")"
said 1 | jq -c '.tg.response.choices[0].logprobs = {"1": 0, "0": 0, "2": 0} |
	.tg.response.choices += [{text: "0", logprobs: {"1": 0, "0": 0}}]' | tg-judge >"$T/out"
is "log probabilities of the first choice are noted with their number" '{"1":0,"0":0,"2":0} 0.333333' \
	"$(jq -r '.tg.judge | "\(.logprobs) \(.p)"' "$T/out")"
said 0 >"$T/in"
tg-judge "$T/in" >"$T/out"
is "a reject carries the reason" '["tg-judge","judge_0"]' \
	"$(jq -c '.tg.rejected | [.tool, .code]' "$T/out")"
check "the reason of a reject is in words" jq -e '.tg.rejected.message | length > 10' "$T/out"
is "a reject keeps its pair" '["q",["p"],true]' "$(jq -c '[.query, .pos, .tg.pair]' "$T/out")"
tg-judge "$T/out" >"$T/b"
check_same "a second pass leaves a reject unchanged" "$T/out" "$T/b"
said maybe | tg-judge >"$T/out" 2>"$T/err"
check "an error names file and line" grep -q "^tg-judge: stdin:1: the judge's answer" "$T/err"
is "an error keeps the answer" maybe "$(jq -r '.tg.response.choices[0].text' "$T/out")"

# --keep-rejected.
for n in 0 1 2; do
	said $n | tg-judge --keep-rejected >"$T/out"
	is "--keep-rejected keeps a pair with verdict $n" "[$n,null,true]" \
		"$(jq -c '.tg | [.judge.verdict, .rejected, .pair]' "$T/out")"
done
said 3 | tg-judge --keep-rejected >"$T/out" 2>"$T/err"
is "--keep-rejected leaves an unreadable answer in error" judge_unreadable "$(jq -r .tg.error.code "$T/out")"

# A request of tg-prompt comes with its answer.
echo '{"query":"q","pos":["p"]}' | tg-prompt judge -t web_code_retrieval |
	jq -c '.tg.response = {kind: .tg.request.kind, step: .tg.request.step,
	choices: [{text: "1"}]} | del(.tg.request)' | tg-judge >"$T/out"
tg-prompt judge "$T/out" >"$T/b"
check_same "a judged pair is not asked about again" "$T/out" "$T/b"

done_testing
