#!/bin/bash
# tg-run: when a run is cut short, it says what is missing, whatever the input.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

# Three documents go through, the other seven are never answered.
for i in $(seq 10); do
	echo "{\"text\":\"def f$i(): pass # $((i > 3))later\"}"
done >code.jsonl
echo '{"match":{"substring":"1later"},"hold":true}' >rules
start_mock -o owned_by=vllm -s rules
export OPENAI_BASE_URL=$MOCK_URL

# kill_stage NAME: a stage of the run that asks the mock.
kill_stage() {
	running_with "OPENAI_BASE_URL=$OPENAI_BASE_URL" | tr -dc '0-9\n' |
		while read -r pid; do
			! grep -sqx "$1" "/proc/$pid/comm" || kill -9 "$pid"
		done
}

# cut_short STAGE ARG...: tg-run, of which a stage is killed when three are out.
cut_short() {
	local stage=$1
	shift
	timeout $((120 * SLOW)) tg-run -t web_code_retrieval -m m "$@" \
		<"$input" >>stdout 2>err &
	pid=$!
	wait_for has_lines 3 "$out"
	kill_stage "$stage"
	wait "$pid"
}
missing() { grep 'missing\|known\|not read' err; }

input=/dev/null out=stdout
check_status "a file: killed" 137 cut_short tg-arrange code.jsonl
is "a file: the summary" "tg-run: 10 documents: 3 triplets, 0 rejected,\
 0 in error, 0 duplicates, 7 missing" "$(grep documents: err)"
is "a file: why" "tg-run: 7 of 10 documents are missing: tg-arrange was killed\
 by signal 9; run again" "$(missing | tail -n 1)"

# Standard input that has not ended: what was read counts.
mkfifo pipe
exec 5<>pipe
cat code.jsonl >&5
rm stdout && input=pipe
check_status "a pipe: killed" 137 cut_short tg-judge -q
is "a pipe: what is missing" "tg-run: 7 of 10 documents are missing, and the\
 input was not read to its end: tg-judge was killed by signal 9; run again" \
	"$(cat err)"

cat code.jsonl >&5
out="more"
check_status "--append: killed" 137 cut_short tg-emit --append more
is "--append: what can be told" "tg-run: of 10 documents it is not known what\
 became of them, and the input was not read to its end: tg-emit was killed by\
 signal 9; run again" "$(missing)"

# A stage that fails, and one that stops.
check_status "a full disk" 3 tg-run -t web_code_retrieval -m m \
	< <(head -n 3 code.jsonl) >/dev/full 2>err
is "a full disk: what can be told" "tg-run: of 3 documents it is not known what\
 became of them: tg-emit failed; run again" "$(missing)"
check_status "a file that is not there" 3 tg-run -t web_code_retrieval -m m \
	<(head -n 2 code.jsonl) nowhere 2>err
is "a file that is not there: what can be told" "tg-run: the input was not read\
 to its end: tg-prompt failed; run again" "$(missing)"
check_status "rejects on a full disk" 3 tg-run \
	-t web_code_retrieval -m m --rejects /dev/full <<<'{' 2>err
is "rejects on a full disk: what can be told" "tg-run: of 1 documents it is not\
 known what became of them: tg-emit failed; run again" "$(missing)"

# All is well.
check_status "several pipes" 0 tg-run -t web_code_retrieval -m m \
	<(sed -n 1p code.jsonl) - <(sed -n 3p code.jsonl) 2>err \
	< <(printf '\n \n' && sed -n 2p code.jsonl)
is "several pipes: nothing is missing" "tg-run: 3 documents: 3 triplets, 0\
 rejected, 0 in error, 0 duplicates" "$(grep documents err)"
check "stop" stop_mock

done_testing
