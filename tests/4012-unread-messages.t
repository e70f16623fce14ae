#!/bin/bash
# A reader of messages that has gone costs no data: SIGPIPE ends a program only
# where its standard output is not read.
# shellcheck disable=SC2002,SC2094,SC2119 # files and functions are used so on purpose
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3
start_mock
documents() { seq "$1" | jq -c '{text: "def f\(.)(): pass"}'; }
{ seq 30 && documents 100; } >in
asked 1 5 >asked

# unread COMMAND...: with nobody behind stderr.
unread() { "$@" 2> >(exec true); }
# in_vain COMMAND...: the same, once the reader is surely gone.
in_vain() {
	mkfifo gone.$BASHPID && exec 9<>gone.$BASHPID 8>gone.$BASHPID 7<gone.$BASHPID
	exec 9>&- 7<&-
	"$@" 2>&8
}
lines_of() { (in_vain "$@") | wc -l; }
is "tg-prompt passes every line" 130 "$(lines_of tg-prompt generate -t code_summary_retrieval in)"
is "tg-arrange passes every line" 130 "$(lines_of tg-arrange in)"
is "tg-judge passes every line" 130 "$(lines_of tg-judge in)"
is "tg-negs passes every line" 130 "$(lines_of tg-negs in)"
is "tg-split-context passes every line" 130 "$(lines_of tg-split-context in)"
is "tg-cache get passes every line" 130 "$(lines_of tg-cache get -d cache in)"
is "tg-llm passes every line" 135 "$(lines_of tg-llm -u "$MOCK_URL" -v in asked)"
(in_vain tg-emit --rejects rejects in) >out
is "tg-emit keeps every reject" 130 "$(wc -l <rejects)"
(in_vain tg-emit --nonsense) >out
is "a usage error is still one" 2 $?

run=(tg-run --no-judge -t code_summary_retrieval -u "$MOCK_URL" -m m)
"${run[@]}" <in >want 2>err
is "a run with 30 lines that are no records" 100 "$(wc -l <want)"
for quiet in '' -q; do
	# shellcheck disable=SC2086 # none or one
	(in_vain "${run[@]}" $quiet) <in >got
	is "tg-run $quiet: status" 1 $?
	check_same "tg-run $quiet: the triplets" want got
done
unread "${run[@]}" <in >got
is "tg-run, a reader that goes meanwhile: status" 1 $?
check_same "tg-run, a reader that goes meanwhile: the triplets" want got
documents 100 >code
(in_vain tg-one-step code_summary_retrieval -u "$MOCK_URL" -m m) <code >got
is "tg-one-step: the triplets" 100 "$(wc -l <got)"
mkdir src && echo 'x = 1' >src/a.py && printf '\377' >src/b.py
is "tg-folder: the files" 1 "$(lines_of tg-folder src)"
seq 100 >numbers
is "tg-fan-out: the lines, of chunks with messages" 130 "$(lines_of tg-fan-out -N 10 tg-arrange <in)"
(in_vain tg-batch start job -t code_summary_retrieval -m m) <code >got
is "tg-batch start: status" 0 $?
is "tg-batch start: the requests" 100 "$(wc -l <job/0/generate.jsonl)"

# 141 is excused only where a reader downstream has gone.
mkdir probe
real=$(command -v tg-prompt)
# in tg-run's first place: pass 3 lines, and die of SIGPIPE
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
	is "a first stage that dies of SIGPIPE, $input: status" 141 $?
	check "a first stage that dies of SIGPIPE, $input: named" \
		grep -q 'tg-prompt was killed by signal 13; run again' err
done
PATH=$T/probe:$PATH "${run[@]}" <code >got 2>err
check "the sum counts what came in" grep -q '^tg-run: 97 of 100 documents are missing' err
# a first stage that ends well, but claims too little
sed -i 's/^kill .*/exit 0/' probe/tg-prompt
PATH=$T/probe:$PATH "${run[@]}" <code >got 2>err
is "a first stage that reads too little and says nothing: status" 3 $?
check "a first stage that reads too little and says nothing: missed" \
	grep -q '^tg-run: 97 of 100 documents are missing; run again' err
rm -r probe
printf '\xef\xbb\xbf\n' | cat - code >marked
check_status "a byte order mark alone is no document" 0 "${run[@]}" marked >got 2>err
check_status "nor is it on standard input" 0 "${run[@]}" <marked >got 2>err
{ tg-run -t code_summary_retrieval -u "$MOCK_URL" -m m --no-judge 2>err; echo $? >status; } <code | head -n 1 >got
is "a reader that has enough is none to complain of" "0 1" "$(cat status) $(wc -l <got)"
check_status "tg-fan-out: a chunk that dies of SIGPIPE is not done" 141 \
	tg-fan-out -N 10 bash -c 'head -n 5; kill -PIPE $$' <numbers >got 2>err

# worst_of, which decides it for every script.
# shellcheck source=pipelines/tg-common.bash
worst() { (. tg-common.bash && worst_of "$@"); }
while read -r want statuses; do
	# shellcheck disable=SC2086
	is "the worst of $statuses" "$want" "$(worst $statuses)"
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
check "stop" stop_mock
done_testing
