#!/bin/bash
# tg-run: a run that is cut short says what is missing, for any kind of input.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

# Three documents go through, and the other seven are never answered.
for i in $(seq 10); do
	echo "{\"text\":\"def f$i(): pass # $((i > 3))later\"}"
done >code.jsonl
echo '{"match":{"substring":"1later"},"hold":true}' >rules
start_mock -o owned_by=vllm -s rules
export OPENAI_BASE_URL=$MOCK_URL

# kill_stage NAME: kills a stage of the run that asks the mock.
kill_stage() {
	running_with "OPENAI_BASE_URL=$OPENAI_BASE_URL" | tr -dc '0-9\n' |
		while read -r pid; do
			! grep -sqx "$1" "/proc/$pid/comm" || kill -9 "$pid"
		done
}

# cut_short STAGE ARG...: runs tg-run and kills a stage when three triplets are
# out.
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
check_status "a run of a file whose tg-arrange is killed exits with 137" 137 cut_short tg-arrange code.jsonl
is "the summary of a killed run counts missing documents" "tg-run: 10 documents: 3 triplets, 0 rejected,\
 0 in error, 0 duplicates, 7 missing" "$(grep documents: err)"
is "the message of a killed run names the stage and the signal" "tg-run: 7 of 10 documents are missing: tg-arrange was killed\
 by signal 9; run again" "$(missing | tail -n 1)"

# Standard input has not ended: the lines that were read count.
mkfifo pipe
exec 5<>pipe
cat code.jsonl >&5
rm stdout && input=pipe
check_status "a run of a pipe whose tg-judge is killed exits with 137" 137 cut_short tg-judge -q
is "the message says that a pipe was not read to its end" "tg-run: 7 of 10 documents are missing, and the\
 input was not read to its end: tg-judge was killed by signal 9; run again" \
	"$(cat err)"

cat code.jsonl >&5
out="more"
check_status "a run with --append whose tg-emit is killed exits with 137" 137 cut_short tg-emit --append more
is "the message says that the fate of the documents is not known" "tg-run: of 10 documents it is not known what\
 became of them, and the input was not read to its end: tg-emit was killed by\
 signal 9; run again" "$(missing)"

# One stage fails, and one stops.
check_status "a run with a full stdout exits with 3" 3 tg-run -t web_code_retrieval -m m \
	< <(head -n 3 code.jsonl) >/dev/full 2>err
is "the message names tg-emit after a full stdout" "tg-run: of 3 documents it is not known what\
 became of them: tg-emit failed; run again" "$(missing)"
check_status "a run with a missing file exits with 3" 3 tg-run -t web_code_retrieval -m m \
	<(head -n 2 code.jsonl) nowhere 2>err
is "the message names tg-prompt after a missing file" "tg-run: the input was not read\
 to its end: tg-prompt failed; once its reason is mended, run again" "$(missing)"
check_status "a run with a full rejects file exits with 3" 3 tg-run \
	-t web_code_retrieval -m m --rejects /dev/full <<<'{' 2>err
is "the message names tg-emit after a full rejects file" "tg-run: of 1 documents it is not\
 known what became of them: tg-emit failed; run again" "$(missing)"

# After an interrupt there is one hint, the right one.
for option in "-C cache" ""; do
	rm -f out
	# shellcheck disable=SC2086 # it may be two words
	tg-run -t web_code_retrieval -m m $option --rejects r <(echo nonsense) code.jsonl >out 2>err &
	pid=$!
	wait_for has_lines 3 out
	kill -TERM $pid
	wait $pid
	is "${option:-no cache}: an interrupted run ends by the signal" 143 $?
	is "${option:-no cache}: one line says how to go on" 1 "$(grep -c 'go on from there\|goes on from there\|again' err)"
	check "${option:-no cache}: the hint is the right one" grep -q "it was interrupted; $(
		[ -z "$option" ] && echo 'the same command begins anew; with -C it would go on from there$' ||
			echo 'the same command goes on from there$')" err
done

# A budget stops several stages: each program is named once, and the hint is no other.
kill "$MOCK_PID"
start_mock -o owned_by=vllm
seq 1000 | jq -c '{text: "def g\(.)(): pass"}' >many
for option in "-C stopped" ""; do
	# shellcheck disable=SC2086 # it may be two words
	check_status "${option:-no cache}: a run that is over its budget exits with 4" 4 tg-run -t web_code_retrieval \
		-u "$MOCK_URL" -m m $option many -- -j 1 --max-tokens 50 --max-tokens-total 1300 >out 2>err
	is "${option:-no cache}: the stopped program is named once" 1 "$(missing | grep -o 'tg-llm stopped' | wc -l)"
	check "${option:-no cache}: the hint after a stop is the right one" grep -q "missing: tg-llm stopped; once its reason is mended, $(
		[ -z "$option" ] && echo 'run again$' || echo 'the same command goes on from there$')" err
done

export OPENAI_BASE_URL=$MOCK_URL
TG_BUDGET_DIR=$T tg-run -t web_code_retrieval -m m many -- -j 1 --max-tokens 50 --max-tokens-total 1300 >out 2>err
check "a run within tg-fan-out leaves the hint to it" grep -q 'missing: tg-llm stopped$' err

# A run in which nothing is missing.
check_status "a run of several pipes exits with 0" 0 tg-run -t web_code_retrieval -m m \
	<(sed -n 1p code.jsonl) - <(sed -n 3p code.jsonl) 2>err \
	< <(printf '\n \n' && sed -n 2p code.jsonl)
is "the summary of several pipes counts nothing as missing" "tg-run: 3 documents: 3 triplets, 0\
 rejected, 0 in error, 0 duplicates" "$(grep documents err)"
check "the mock server stops without a fault" stop_mock

done_testing
