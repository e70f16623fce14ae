#!/bin/bash
# The short scripts: each strategy gives what tg-run gives.
# shellcheck disable=SC2094 # files are read again on purpose
export VALGRIND_ONE_IN=8
. tests/lib.sh
sample=$PWD/tests/data/sample
cd "$T" || exit 3

start_mock -o owned_by=vllm
export OPENAI_BASE_URL=$MOCK_URL
tg-folder --all "$sample" 2>err | jq -c '.similar = ["another " + .text]' >code.jsonl
n=$(wc -l <code.jsonl)
run=(tg-run -N 7)

while read -r script task; do
	check_status "$script $task exits with 0" 0 "$script" "$task" <code.jsonl >out 2>err
	is "$script $task says once who gets text and which languages it reads, and nothing else" \
		"$script: text goes to $MOCK_URL, model mock-model, the first there that can chat
tg-prompt: 1 Java, 1 JavaScript, 1 Python, 1 SQL, 1 Go, 1 C, 1 Shell, 1 Rust" "$(cat err)"
	is "$script $task gives a triplet for each document" "$n" "$(wc -l <out)"
	"${run[@]}" -t "$task" code.jsonl >same 2>err
	check_same "$script $task gives the triplets of tg-run" same out
	echo '{"text":""}' | cat - code.jsonl >bad.jsonl
	check_status "$script $task with a bad record exits with 1" 1 "$script" "$task" <bad.jsonl >out 2>err
	check_same "$script $task with a bad record gives the other triplets" same out
	check_status "$script refuses an unknown task" 2 "$script" nonsense <code.jsonl >out 2>err
	check "$script names the unknown task" grep -q '"nonsense"' err
	check "$script $task ends on a broken pipe" timeout $((120 * SLOW)) bash -c \
		"$script $task <code.jsonl 2>err | head -n 1 >out"
	check_status "$script $task without a server exits with 4" 4 "$script" "$task" -u http://127.0.0.1:1/v1 \
		--retries 0 <code.jsonl >out 2>err
done <<'END'
tg-one-step code_summary_retrieval
tg-one-step web_code_retrieval
tg-two-step bug_desc_retrieval
tg-two-step code_issue_discussion_retrieval
tg-compare code_modification_retrieval
tg-compare code_comparison_retrieval
END
for list in 'tg-one-step .steps|length==1' 'tg-two-step .steps|length==2' \
	'tg-compare .needs_similar' 'tg-context-split .steps==[]'; do
	tasks=$(${list%% *} --help | sed -n "s/^The tasks: *\(.*\)/\1/p")
	check "${list%% *} --help has the command that lists its tasks" [ -n "$tasks" ]
	is "the command in ${list%% *} --help lists the right tasks" "$(tg-prompt --list | jq -r "select(${list#* }).name")" \
		"$(eval "$tasks")"
done

# A strategy without an LLM.
calls=$(mock_stats .requests)
check_status "tg-context-split exits with 0" 0 tg-context-split <code.jsonl >pairs.jsonl 2>err
"${run[@]}" -t code_context_retrieval code.jsonl >same 2>err
check_same "tg-context-split gives the pairs of tg-run without negatives" \
	<(jq -c '.neg = []' same) pairs.jsonl
check_status "tg-context-split --window exits with 0" 0 tg-context-split --window 20 <code.jsonl >out 2>err
check_fail "tg-context-split --window changes the pairs" cmp -s pairs.jsonl out
check_status "tg-context-split refuses a bad option" 2 tg-context-split --window x <code.jsonl 2>err

# A file is read by the first stage or by none.
for call in 'tg-context-split' 'tg-one-step code_summary_retrieval' 'tg-two-step bug_desc_retrieval' \
	'tg-compare code_modification_retrieval' 'tg-add-judge web_code_retrieval' \
	'tg-add-negatives web_code_retrieval'; do
	calls=$(mock_stats .requests)
	read -ra argv <<<"$call"
	for dashes in '' --; do
		# shellcheck disable=SC2086 # none or one
		check_status "$call $dashes FILE is refused" 2 "${argv[@]}" $dashes code.jsonl <code.jsonl >out 2>err
	done
	check "$call says that it reads standard input" grep -q 'code.jsonl.*reads standard input' err
	is "$call FILE asks for nothing" "$calls" "$(mock_stats .requests)"
done

# The script is called by its path, and the programs stand beside it.
(PATH=/usr/bin:/bin; "$TG_BIN/tg-context-split" <code.jsonl >out 2>err)
check_same "a script finds the programs beside it" pairs.jsonl out

# Existing pairs.
calls=$(mock_stats .requests)
check_status "tg-add-negatives exits with 0" 0 tg-add-negatives code_context_retrieval <pairs.jsonl >out 2>err
check_same "tg-add-negatives gives the pairs of tg-run" <(jq -c 'del(.neg)' same) <(jq -c 'del(.neg)' out)
is "it draws ways by the query, as the pairs have no id, and gets as many negatives" \
	"$(jq '.neg | length' same | sort | uniq -c)" "$(jq '.neg | length' out | sort | uniq -c)"
is "tg-add-negatives makes one call a pair" $((calls + n)) "$(mock_stats .requests)"
check_status "tg-add-negatives -n exits with 0" 0 tg-add-negatives code_context_retrieval -n 2 \
	<pairs.jsonl >out 2>err
is "tg-add-negatives -n 2 gives two negatives" 2 "$(jq '.neg | length' out | sort -u)"
check_status "tg-add-negatives of finished triplets exits with 0" 0 tg-add-negatives code_context_retrieval <out >again 2>err
check_same "tg-add-negatives keeps the negatives that are there" out again
# A small model is shown the built-in examples.
for call in 'tg-one-step web_code_retrieval' 'tg-two-step bug_desc_retrieval' 'tg-compare code_comparison_retrieval'; do
	$call -m qwen2.5-1b <code.jsonl >out 2>err
	said=$(grep -c 'qwen2.5-1b is a small model' err)
	is "$call says so where its task has examples" \
		"$(tg-prompt --list-examples -t "${call#* }" | head -n 1 | wc -l)" "$said"
	"${run[@]}" -m qwen2.5-1b -t "${call#* }" code.jsonl >same 2>err
	check_same "$call of a small model gives the triplets of tg-run" same out
done
check_fail "with -q nothing is said of it" grep -q small <(tg-one-step web_code_retrieval -q -m qwen2.5-1b <code.jsonl 2>&1 >out)
check "the mock server stops without a fault" stop_mock

cat >rules <<'END'
{"match":{"kind":"verdict","substring":"bounce"},"text":"2"}
END
start_mock -o owned_by=vllm -s rules
export OPENAI_BASE_URL=$MOCK_URL
jq -c '{query: .path, pos: [.text], neg: ["n"]}' code.jsonl >pairs.jsonl
check_status "tg-add-judge exits with 0" 0 tg-add-judge web_code_retrieval <pairs.jsonl >out 2>err
check_same "tg-add-judge keeps the pairs that the judge accepts" \
	<(jq -c 'select(.query | contains("bounce") | not) | [.query, .pos, .neg]' pairs.jsonl) \
	<(jq -c '[.query, .pos, .neg]' out)
check "tg-add-judge counts the rejects" grep -q '1 rejected (1 judge_2)' err
: >"$MOCK_LOG"
check_status "tg-add-judge takes votes and lets their share decide" 0 \
	tg-add-judge web_code_retrieval --votes 3 --min-p=0.5 <pairs.jsonl >out2 2>err
is "the rejects are those of the number" '1 rejected (1 low_p) 3 null' \
	"$(grep -o '1 rejected (1 low_p)' err) $(jq -r '.body | objects | "\(.n) \(.logprobs)"' "$MOCK_LOG" | sort -u)"
check_status "tg-add-judge asks for log probabilities where they decide" 1 \
	tg-add-judge web_code_retrieval --min-p 0.5 -q <pairs.jsonl >out2 2>err
is "as many as any server gives" '"top_logprobs":5' "$(grep -o '"top_logprobs":[0-9]*' "$MOCK_LOG" | sort -u)"
: >"$MOCK_LOG"
check_status "one vote makes no number" 1 tg-add-judge web_code_retrieval --votes 1 --min-p 0.5 -q <pairs.jsonl >out2 2>err
is "so log probabilities are asked for" '"top_logprobs":5' "$(grep -o '"top_logprobs":[0-9]*' "$MOCK_LOG" | sort -u)"
check_status "tg-add-judge refuses a number over 1" 2 tg-add-judge web_code_retrieval --min-p 2 <pairs.jsonl
check "the mock server stops without a fault" stop_mock

for script in tg-one-step tg-two-step tg-compare tg-context-split tg-add-judge \
	tg-add-negatives; do
	check_status "$script --help exits with 0" 0 "$script" --help >out 2>err </dev/null
	check "$script --help begins with the usage" grep -q "^usage: $script" <(head -n 1 out)
	is "$script --version prints name and version" "$script $(tg-prompt --version | cut -d ' ' -f 2)" \
		"$($script --version)"
	check "$script has at most 40 lines" [ "$(wc -l <"$TG_BIN/$script")" -le 40 ]
done

done_testing
