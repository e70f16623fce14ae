#!/bin/bash
# tg-run --estimate: the calls of a real run, for all tasks, where answers have the length
# that the estimate assumes.
#
# EACH=1 compares each task by itself, which takes a minute.
export VALGRIND_ONE_IN=8
. tests/lib.sh
sample=$PWD/tests/data/sample
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

tg-folder --all "$sample" >code.jsonl 2>err
tg-prompt --list >tasks.jsonl
# Two documents for each task, in a code language that it takes and, for a translation,
# that has partners.
jq -c --slurpfile docs code.jsonl '. as $row | ($docs | to_entries | map(select(
	.value.code_language as $l | ($row.code_languages | . == [] or index($l)) and
	(($row | tostring | contains("tgt_code_language") | not) or
		($l | IN("c", "java", "python", "javascript", "rust", "go"))))))[:2][] |
	{text: .value.text, similar: [$docs[(.key + 1) % 8].text],
	code_language: .value.code_language, steps: ($row.steps | length), tg: {task: $row.name}}' \
	tasks.jsonl >all.jsonl
is "there are documents for all tasks" "$(wc -l <tasks.jsonl)" "$(jq -r .tg.task all.jsonl | uniq | wc -l)"

start_mock -o owned_by=vllm -o tokens=400
export OPENAI_BASE_URL=$MOCK_URL
# The mock server's answers are long rows of one word, which tg-gate would take for copies.
run() { tg-run --no-gate -m m "$@"; }

# took FROM: prints how many calls stand in the log from that line on, and the tokens of their
# prompts, one for each four bytes as the estimate counts them.
took() {
	tail -n "+$1" "$MOCK_LOG" | jq -nc '[inputs | select(.path | endswith("/chat/completions")) |
		.body.messages | tojson | (utf8bytelength + 3) / 4 | floor] | [length, (add // 0)]'
}

# compare NAME FILE OPTION...: passes if the estimate has as many calls as a real run, and the
# tokens of its prompts, but for one in a hundred.
compare() {
	local name=$1 file=$2 from
	shift 2
	run --estimate "$file" "$@" >estimate 2>err || { fail "$name" && return; }
	from=$(($(wc -l <"$MOCK_LOG") + 1))
	run -q "$file" "$@" >out 2>err || { fail "$name" && return; }
	took "$from" >in_fact
	diag "$(jq -c '[.calls, .prompt_tokens]' estimate), in fact $(cat in_fact)"
	# shellcheck disable=SC2016
	check "$name" jq -e --slurpfile in_fact in_fact '$in_fact[0] as [$calls, $tokens] |
		.calls == $calls and (.prompt_tokens - $tokens | fabs) <= $tokens / 100' estimate
}
if [ -n "${EACH:-}" ]; then
	for task in $(jq -r .name tasks.jsonl); do
		jq -c --arg t "$task" 'select(.tg.task == $t)' all.jsonl >one.jsonl
		compare "the estimate of $task is right" one.jsonl -N 7
	done
fi
compare "the estimate of all tasks is right" all.jsonl -N 7
is "all documents become triplets" "$(wc -l <all.jsonl)" "$(wc -l <out)"
jq -c 'select(.steps == 2)' all.jsonl | head -n 6 >some.jsonl
compare "it is right without a judge, for a server that is known to ignore n" some.jsonl --no-judge -N 7 -- --dialect ollama
head -n 3 some.jsonl >three.jsonl
check_status "a run of three documents exits with 0" 0 run -q -C cache three.jsonl >out 2>err
compare "it is right with a part of the pairs in the cache" some.jsonl -C cache -N 7
is "a repeated run with the cache is estimated at nothing" 0 "$(run -C cache -N 7 --estimate some.jsonl 2>err | jq .calls)"
is "another length of answers may be guessed, and a rate" '[6,606,1200]' "$(run --estimate --rate 0.005 three.jsonl \
	--no-judge --answer-tokens 101 2>err | jq -c '[.calls, .completion_tokens, .seconds]')"
check_status "a rate is refused without --estimate" 2 run --rate 2 three.jsonl
check "the mock server stops without a fault" stop_mock "$MOCK_PID"
done_testing
