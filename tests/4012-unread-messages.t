#!/bin/bash
# A reader of messages that has gone costs no data: SIGPIPE ends a program only
# if its standard output is not read.
# shellcheck disable=SC2002,SC2094,SC2119 # files and functions are used so on purpose
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3
start_mock
documents() { seq "$1" | jq -c '{text: "def f\(.)(): pass"}'; }
{ seq 30 && documents 100; } >in
asked 1 5 >asked

# unread COMMAND...: runs COMMAND with a stderr whose reader ends.
unread() { "$@" 2> >(exec true); }
# in_vain COMMAND...: runs COMMAND with a stderr whose reader has gone for sure.
in_vain() {
	mkfifo gone.$BASHPID && exec 9<>gone.$BASHPID 8>gone.$BASHPID 7<gone.$BASHPID
	exec 9>&- 7<&-
	"$@" 2>&8
}
lines_of() { (in_vain "$@") | wc -l; }
is "tg-prompt passes every line" 130 "$(lines_of tg-prompt generate -t code_summary_retrieval in)"
is "tg-arrange passes every line" 130 "$(lines_of tg-arrange in)"
is "tg-gate passes every line" 130 "$(lines_of tg-gate in)"
is "tg-judge passes every line" 130 "$(lines_of tg-judge in)"
is "tg-negs passes every line" 130 "$(lines_of tg-negs in)"
is "tg-split-context passes every line" 130 "$(lines_of tg-split-context in)"
is "tg-cache get passes every line" 130 "$(lines_of tg-cache get -d cache in)"
is "tg-llm passes every line" 135 "$(lines_of tg-llm -u "$MOCK_URL" -v in asked)"
(in_vain tg-emit --rejects rejects in) >out
is "tg-emit keeps every reject" 130 "$(wc -l <rejects)"
(in_vain tg-emit --nonsense) >out
is "tg-emit without a reader of stderr still refuses a wrong option" 2 $?

run=(tg-run --no-judge -t code_summary_retrieval -u "$MOCK_URL" -m m)
"${run[@]}" <in >want 2>err
is "a run with 30 lines that are no records gives 100 triplets" 100 "$(wc -l <want)"
for quiet in '' -q; do
	# shellcheck disable=SC2086 # none or one
	(in_vain "${run[@]}" $quiet) <in >got
	is "tg-run $quiet without a reader of stderr exits with 1" 1 $?
	check_same "tg-run $quiet without a reader of stderr gives the same triplets" want got
done
unread "${run[@]}" <in >got
is "tg-run exits with 1 if the reader of stderr goes away" 1 $?
check_same "tg-run gives the same triplets if the reader of stderr goes away" want got
documents 100 >code
(in_vain tg-one-step code_summary_retrieval -u "$MOCK_URL" -m m) <code >got
is "tg-one-step without a reader of stderr gives all triplets" 100 "$(wc -l <got)"
mkdir src && echo 'x = 1' >src/a.py && printf '\377' >src/b.py
is "tg-folder without a reader of stderr gives the text file" 1 "$(lines_of tg-folder --min-tokens 0 src)"
seq 100 >numbers
is "tg-fan-out without a reader of stderr gives all lines" 130 "$(lines_of tg-fan-out -N 10 tg-arrange <in)"
(in_vain tg-batch start job -t code_summary_retrieval -m m) <code >got
is "tg-batch start without a reader of stderr exits with 0" 0 $?
is "tg-batch start without a reader of stderr writes all requests" 100 "$(wc -l <job/0/generate.jsonl)"

# Status 141 is excused only if a reader downstream has gone.
mkdir probe
real=$(command -v tg-prompt)
# The program takes the first place of tg-run, passes 3 lines and dies of
# SIGPIPE.
cat >probe/tg-prompt <<END
#!/bin/bash
[[ " \$* " == *" --retry --summary "* ]] || exec $real "\$@"
head -n 3 | $real "\$@"
kill -PIPE \$\$
END
chmod +x probe/tg-prompt
for input in file pipe; do
	if [ $input = file ]; then PATH=$T/probe:$PATH "${run[@]}" <code >got 2>err; else
		cat code | PATH=$T/probe:$PATH "${run[@]}" >got 2>err
	fi
	is "tg-run exits with 141 if its first stage dies of SIGPIPE ($input)" 141 $?
	check "tg-run names the first stage that died of SIGPIPE ($input)" \
		grep -q 'tg-prompt was killed by signal 13; run again' err
done
PATH=$T/probe:$PATH "${run[@]}" <code >got 2>err
check "the summary counts the documents that came in" grep -q '^tg-run: 97 of 100 documents are missing' err
# The first stage exits with 0, but has read too little.
sed -i 's/^kill .*/exit 0/' probe/tg-prompt
PATH=$T/probe:$PATH "${run[@]}" <code >got 2>err
is "tg-run exits with 3 if its first stage reads too little" 3 $?
check "tg-run says how many documents its first stage has missed" \
	grep -q '^tg-run: 97 of 100 documents are missing; run again' err
rm -r probe
printf '\xef\xbb\xbf\n' | cat - code >marked
check_status "a byte order mark alone is no document of a file" 0 "${run[@]}" marked >got 2>err
check_status "a byte order mark alone is no document of standard input" 0 "${run[@]}" <marked >got 2>err
{ tg-run -t code_summary_retrieval -u "$MOCK_URL" -m m --no-judge 2>err; echo $? >status; } <code | head -n 1 >got
is "a run whose reader has enough exits with 0" "0 1" "$(cat status) $(wc -l <got)"
check_status "a chunk that dies of SIGPIPE makes status 141" 141 \
	tg-fan-out -N 10 bash -c 'head -n 5; kill -PIPE $$' <numbers >got 2>err

# worst_of, which decides the exit status of every script.
# shellcheck source=pipelines/tg-common.bash
worst() { (. tg-common.bash && worst_of "$@"); }
while read -r want statuses; do
	# shellcheck disable=SC2086
	is "the exit statuses $statuses count as $want" "$want" "$(worst $statuses)"
done <<'END'
0 0 0 0
1 0 1 0
0 141 141 141
0 0 0 141
141 141 0 0
141 141 1 0
4 141 4 0
3 141 3 141
141 0 141 0
143 141 143 0
END
check "the mock server stops without a fault" stop_mock
done_testing
