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
is "of two choices neither is the majority" 2 "$(jq .tg.judge.verdict "$T/out")"
said 1 | jq -c '.tg.response.choices[0].logprobs = {"1": 0, "0": 0, "2": 0} |
	.tg.response.choices += [{text: "0", logprobs: {"1": 0, "0": 0}}]' | tg-judge >"$T/out"
is "log probabilities of the first choice are noted, with the mean of all" '{"1":0,"0":0,"2":0} 0.416667' \
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

# Votes: the majority is the verdict, and the stricter one where there is none.
# votes TEXT...: makes a pair with these answers of the judge.
votes() {
	jq -nc '{query: "q", pos: ["p"], tg: {pair: true, response: {kind: "judge", step: 1,
		choices: ($ARGS.positional | map({text: .}))}}}' --args -- "$@"
}
{
	votes 1 1 0
	votes 1 0
	votes 1 2
	votes 0 2
	votes 0 2 2 1 1
	votes 1 1 maybe 0 '' 1
	votes 1 maybe
	votes maybe '1 or 2'
} >"$T/in"
tg-judge --keep-rejected "$T/in" >"$T/out" 2>"$T/err"
is "the majority of the votes is the verdict, 1 needs more than half of them, and p is its share" \
	'1 0.666667 1 2 0;0 0.5 1 1 0;2 0.5 0 1 1;0 0 1 0 1;2 0.4 1 2 2;1 0.75 1 3 0;1 null 0 1 0;null null   ;' \
	"$(jq -r '.tg.judge | "\(.verdict) \(.p) \(.votes["0"] // "") \(.votes["1"] // "") \(.votes["2"] // "")"' "$T/out" | tr '\n' ';')"
is "votes that are no verdicts are left out and counted" '0 0 0 0 0 2 1 null' \
	"$(jq -r .tg.judge.votes.unreadable "$T/out" | paste -sd ' ')"
is "votes none of which is a verdict are an error" 1 "$(grep -c judge_unreadable "$T/out")"
is "the answer noted is one of the majority" '0' "$(votes 1 0 0 | tg-judge | jq -r .tg.judge.answer)"
is "votes with log probabilities have the mean of what these tell" 0.7 \
	"$(votes 1 1 0 | jq -c '.tg.response.choices[0].logprobs = {"1": -0.105360516, "0": -2.302585093} |
		.tg.response.choices[1].logprobs = {"1": -0.693147181, " 0": -0.693147181}' | tg-judge | jq .tg.judge.p)"

# The number decides.
# sure TEXT P [TASK]...: makes pairs with an answer and the number that is to come of it.
sure() {
	jq -nc '$ARGS.positional | _nwise(3) | {query: "q\(.[1])", pos: ["p"], tg: {task: .[2], pair: true,
		response: {kind: "judge", step: 1, model: "J", choices: [{text: .[0],
		logprobs: {"1": (.[1] | tonumber | log), "0": (1 - (.[1] | tonumber) | log)}}]}}}' --args -- "$@"
}
# what FILE: prints number, calibrated number, end, and whether a second judge is to come.
what() {
	jq -r '.tg | "\((.judge // .judge_first).p) \((.judge // .judge_first).calibrated // "-") \(
		(.rejected // .error).code // "kept")\(if .judge then "" else " second" end)"' "$1" | paste -sd ';'
}
a=web_code_retrieval b=code_summary_retrieval
sure 1 0.5 $a 1 0.4999 $a 0 0.9 $a 2 0.1 $b 1 0.75 $b 1 0.3 $b >"$T/sure"
tg-judge --min-p 0.5 "$T/sure" >"$T/out"
is "with --min-p the number decides and not the digit" \
	'0.5 - kept;0.4999 - low_p;0.9 - kept;0.1 - low_p;0.75 - kept;0.3 - low_p' "$(what "$T/out")"
tg-judge --min-p 0 "$T/sure" >"$T/out"
is "--min-p 0 keeps all" 0 "$(grep -c rejected "$T/out")"
cat >"$T/cal" <<'END'
{"tg_calibration": 1, "precision": 0.9,
"overall": {"lines": 100, "right": 50, "threshold": 0.6, "min_p": 0.6, "curve": [[0, 0], [1, 1]]},
"tasks": {
"code_summary_retrieval": {"lines": 200, "right": 100, "threshold": 0.9, "min_p": 0.5, "curve": [[0.1, 0.2], [0.5, 0.9], [0.75, 0.95]]}}}
END
tg-judge --calibration "$T/cal" "$T/sure" >"$T/out"
is "with --calibration the threshold of the task decides, or the one over all" \
	'0.5 0.5 low_p;0.4999 0.4999 low_p;0.9 0.9 kept;0.1 0.2 low_p;0.75 0.95 kept;0.3 0.55 low_p' "$(what "$T/out")"
tg-judge --calibration "$T/cal" --min-p 0.55 "$T/sure" >"$T/out"
is "--min-p with --calibration is about the calibrated number" \
	'0.5 0.5 low_p;0.4999 0.4999 low_p;0.9 0.9 kept;0.1 0.2 low_p;0.75 0.95 kept;0.3 0.55 kept' "$(what "$T/out")"
echo '{}' >"$T/bad"
check_status "a file that is no calibration is refused" 2 tg-judge --calibration "$T/bad" "$T/sure"
check_status "a calibration that is not there is refused" 2 tg-judge --calibration "$T/nowhere" "$T/sure"
for opt in --min-p=1.1 --min-p=-1 --min-p=x --unsure=0.5 --unsure=0.8,0.2 --unsure=0,2 '--unsure=,'; do
	check_status "$opt is refused" 2 tg-judge "$opt" "$T/sure"
done

# A missing number.
said 1 >"$T/one"
cat "$T/one" "$T/one" "$T/sure" "$T/one" >"$T/in"
check_status "a judgement without a number that is needed makes status 1" 1 tg-judge --min-p 0.5 "$T/in" >"$T/out" 2>"$T/err"
is "it ends in an error that keeps pair and verdict, and the others are decided" \
	'["q",["p"],true,1,"judge_no_p",null] 3 4' \
	"$(head -n 1 "$T/out" | jq -c '[.query, .pos, .tg.pair, .tg.judge.verdict, .tg.error.code, .tg.response]') $(
		grep -c '"low_p"' "$T/out") $(grep -c '"p":0' "$T/out" | tr -d ' ' | sed 's/6/4/')"
is "the missing number is told once, with what helps, and the count" 'votes 1;3 pairs have no number 2' \
	"$(grep -o -e votes "$T/err" | head -n 1) $(grep -c -e --logprobs "$T/err");$(
		grep -o '3 pairs have no number' "$T/err") $(wc -l <"$T/err")"
check_status "--calibration needs the number, too" 1 tg-judge --calibration "$T/cal" "$T/one"
check_status "--unsure needs the number, too" 1 tg-judge --unsure 0.2,0.8 "$T/one"
check "with --keep-rejected a missing number is no error" tg-judge --min-p 0.5 --keep-rejected "$T/one"

# --again decides from what is noted, and asks nobody.
tg-judge --keep-rejected "$T/sure" >"$T/kept"
tg-judge --again --min-p 0.5 "$T/kept" >"$T/out"
is "--again decides about pairs that --keep-rejected kept" \
	'0.5 - kept;0.4999 - low_p;0.9 - kept;0.1 - low_p;0.75 - kept;0.3 - low_p' "$(what "$T/out")"
tg-judge --again --calibration "$T/cal" "$T/out" >"$T/b"
is "--again decides anew about what tg-judge rejected" \
	'0.5 0.5 low_p;0.4999 0.4999 low_p;0.9 0.9 kept;0.1 0.2 low_p;0.75 0.95 kept;0.3 0.55 low_p' "$(what "$T/b")"
tg-judge --again "$T/b" >"$T/c"
is "--again without a number's option decides by the digit" \
	'0.5 - kept;0.4999 - kept;0.9 - judge_0;0.1 - judge_2;0.75 - kept;0.3 - kept' "$(what "$T/c")"
tg-judge --again --keep-rejected "$T/c" >"$T/d"
check_same "--again leaves nothing of an earlier decision" "$T/kept" "$T/d"
tg-judge --min-p 0.5 "$T/kept" >"$T/d"
check_same "without --again a judged pair passes unchanged" "$T/kept" "$T/d"
tg-judge --min-p 0.5 "$T/one" 2>"$T/err" | tg-judge --again >"$T/out"
is "--again takes a pair that had no number" '1 null' "$(jq -r '.tg | "\(.judge.verdict) \(.error)"' "$T/out")"
{
	echo '{"query":"q","pos":["p"],"tg":{"pair":true,"judge":{"verdict":1,"score":0.25}}}'
	echo '{"query":"q","pos":["p"],"tg":{"pair":true,"judge":{"verdict":1,"logprobs":{"1":0,"0":0}}}}'
	echo '{"query":"q","pos":["p"],"tg":{"pair":true,"judge":{"verdict":1,"p":0.9},"rejected":{"tool":"tg-negs","code":"few_negatives"}}}'
	echo '{"query":"q","pos":["p"],"tg":{"pair":true,"judge":{"verdict":7,"p":0.9}}}'
	echo '{"query":"q","pos":["p"],"tg":{"pair":true,"judge":{"verdict":1,"p":0.9},"request":{"kind":"negatives"}}}'
} >"$T/old"
tg-judge --again --min-p 0.5 "$T/old" >"$T/out"
is "--again reads the old name of p, and log probabilities where p is missing" '0.25 - low_p;0.5 - kept' \
	"$(head -n 2 "$T/out" >"$T/b"; what "$T/b")"
check_same "--again leaves what others have ended, asked or not judged" <(tail -n 3 "$T/old") <(tail -n 3 "$T/out")

# --unsure leaves pairs to a second judge.
tg-judge --unsure 0.3,0.5 --summary "$T/counts" "$T/sure" >"$T/out"
is "--unsure leaves the pairs of the band, its ends as well, to a second judge" \
	'0.5 - kept second;0.4999 - kept second;0.9 - judge_0;0.1 - judge_2;0.75 - kept;0.3 - kept second' "$(what "$T/out")"
is "--summary counts them" '{"first":6,"unsure":3,"no_p":0,"second":0,"second_keeps":0,"second_rejects":0}' \
	"$(jq -c .judged "$T/counts")"
tg-judge --calibration "$T/cal" --unsure 0.55,0.9 "$T/sure" >"$T/b"
is "the band of --unsure is one of calibrated numbers" \
	'0.5 0.5 low_p;0.4999 0.4999 low_p;0.9 0.9 kept second;0.1 0.2 low_p;0.75 0.95 kept;0.3 0.55 kept second' "$(what "$T/b")"
is "the first judgement tells whether it would have kept the pair" '[true,false]' \
	"$(jq -sc '[.[] | .tg.judge_first | select(.) | .kept]' "$T/b")"
tg-prompt judge -t web_code_retrieval "$T/b" >"$T/asked"
is "tg-prompt judge asks again, as step 2" '[2,null,2,null]' \
	"$(jq -sc '[.[] | .tg | select(.judge_first) | .request.step, .judge]' "$T/asked")"
check_same "tg-gate and a second tg-judge leave such a pair alone" "$T/b" <(tg-gate "$T/b" | tg-judge --unsure 0,1)
jq -c 'if .tg.request then .tg.response = {kind: "judge", step: 2, model: "K", choices: [{text:
	(if .query == "q0.9" then "2" else "1" end), logprobs: {"1": 0, "2": 0}}]} | del(.tg.request) else . end' \
	"$T/asked" >"$T/second"
tg-judge --calibration "$T/cal" --min-p 0.9 --unsure 0,1 --summary "$T/counts" "$T/second" >"$T/out"
is "the second judge's digit decides, whatever its number" \
	'low_p;low_p;judge_2;low_p;kept;kept' "$(jq -r '.tg.rejected.code // "kept"' "$T/out" | paste -sd ';')"
is "both judgements stay" '{"verdict":1,"answer":"1","model":"K","logprobs":{"1":0,"2":0},"p":0.5} 0.3 J' \
	"$(tail -n 1 "$T/out" | jq -r '.tg | "\(.judge | tojson) \(.judge_first | "\(.p) \(.model)")"')"
is "--summary counts what the second judge changed" '{"first":0,"unsure":0,"no_p":0,"second":2,"second_keeps":1,"second_rejects":1}' \
	"$(jq -c .judged "$T/counts")"
tg-judge "$T/second" 2>"$T/err" >"$T/out"
check "without --summary that is said" grep -q 'decided about 2 pairs: it keeps 1 that the first would reject, and rejects 1' "$T/err"
tg-judge --again --min-p 0.99 --unsure 0,1 "$T/out" >"$T/d"
is "--again lets the second judgement stand" 'judge_2;kept' \
	"$(jq -r '.tg | select(.judge and .judge_first) | .rejected.code // "kept"' "$T/d" | paste -sd ';')"
tg-emit --meta --rejects "$T/rejects" "$T/b" >"$T/out" 2>"$T/err"
is "tg-emit takes a pair that nobody has decided about for unfinished" 'unfinished 2 1' \
	"$(jq -r '.tg.error.code | strings' "$T/rejects" | uniq -c | awk '{ print $2, $1 }') $(wc -l <"$T/out")"

jq -c 'select(.tg.judge_first) | .text = "t" | .tg.id = "e358efa489f58062f10dd7316b65649e" | .tg.key = "k"' "$T/b" | head -n 1 >"$T/in"
tg-cache put -d "$T/cache" "$T/in" >"$T/out" 2>"$T/err"
is "tg-cache does not store such a pair" '' "$(find "$T/cache" -name '*.json')"
jq -c '.tg.judge = {verdict: 0} | .tg.rejected = {tool: "tg-judge", code: "judge_0"}' "$T/in" >"$T/c"
tg-cache put -d "$T/cache" "$T/c" >"$T/out" 2>"$T/err"
is "but one that a second judge decided, with both judgements" '["judge_first","judge"]' \
	"$(find "$T/cache" -name '*.json' -exec jq -c '.[0].tg | [keys_unsorted[] | select(startswith("judge"))] | reverse' {} +)"
is "a reject that becomes new again has no judgement" '[]' \
	"$(tg-prompt generate --retry "$T/c" | jq -c '[.tg | keys[] | select(startswith("judge"))]')"

# A request of tg-prompt comes with its answer.
echo '{"query":"q","pos":["p"]}' | tg-prompt judge -t web_code_retrieval |
	jq -c '.tg.response = {kind: .tg.request.kind, step: .tg.request.step,
	choices: [{text: "1"}]} | del(.tg.request)' | tg-judge >"$T/out"
tg-prompt judge "$T/out" >"$T/b"
check_same "a judged pair is not asked about again" "$T/out" "$T/b"

# The gold file of make judge: {tg, query, pos, gold, kind} a line.
gold=tests/judge/gold.jsonl
check "gold pairs have at least 40 of each kind, 12 tasks and 8 code languages" jq -es '
	(group_by(.kind) | map(length) | length == 6 and min >= 40) and
	(map(.tg.task) | unique | length >= 12) and (map(.tg.code_language) | unique | length >= 8) and
	all(.gold == if .kind == "right" then 1 else 0 end) and
	(unique_by(.query, .pos) | length) == length' "$gold"
tg-prompt judge "$gold" >"$T/out"
is "tg-prompt asks about each gold pair" "$(wc -l <"$gold")" "$(grep -c '"request":{"kind":"judge"' "$T/out")"
tg-gate "$gold" 2>"$T/err" | grep '"rejected":' >"$T/out"
is "tg-gate rejects no gold pair that is right" 0 "$(grep -c '"gold": 1' "$T/out")"

done_testing
