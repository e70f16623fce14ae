#!/bin/bash
# Programs and scripts that are started with standard descriptors closed: no
# message or record gets into a file that is opened for another purpose, and
# output that cannot be written is an error.
# shellcheck disable=SC2094,SC2119 # functions and files are used so on purpose
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3
start_mock
asked 1 5 >asked
seq 5 | jq -c '{text: "def f\(.)(): pass"}' >code
printf '%s\n' '{"prompt":"P","query":"q","pos":["p"],"neg":["n"],"tg":{"pair":true}}' '{oops' >pairs

tg-emit --append set pairs 2>&-
is "no message gets into the data set" '["q"]' "$(jq -c '[.query]' set)"
tg-emit --rejects rejects pairs 2>&- >out
is "no message gets into the rejects" 1 "$(wc -l <rejects)"
is "triplets come out without stderr" 1 "$(wc -l <out)"
tg-emit --rejects rejects pairs >&- 2>err
is "triplets without a stdout are an error" 3 $?
is "no triplet gets into the rejects" 1 "$(wc -l <rejects)"
tg-prompt generate -t code_summary_retrieval --summary sum code >&- 2>err
is "records without a stdout are an error" 3 $?
check_fail "no record gets into the summary" grep -q '"text"' sum
for p in prompt arrange judge negs split-context emit; do
	args=()
	[ $p != prompt ] || args=(generate -t code_summary_retrieval)
	"tg-$p" "${args[@]}" <&- >out 2>err
	is "tg-$p without a stdin is an error" 3 $?
	[ $p != emit ] || continue # it has written without both above
	"tg-$p" "${args[@]}" code <&- >out 2>&-
	is "tg-$p reads a file without stdin and stderr" 5 "$(wc -l <out)"
done
tg-cache put -d cache code <&- >out 2>&-
is "tg-cache reads a file without stdin and stderr" 5 "$(wc -l <out)"
tg-llm -m m -u "$MOCK_URL" asked <&- >&- 2>err
is "answers without a stdout are an error" 3 $?
tg-llm -m m -u "$MOCK_URL" asked <&- >out 2>&-
is "tg-llm answers a file without stdin and stderr" 5 "$(grep -c '"response"' out)"
tg-run --no-judge -t code_summary_retrieval -u "$MOCK_URL" -m m code <&- >out 2>&-
is "tg-run without stdin and stderr ends well" 0 $?
is "tg-run without stdin and stderr writes all" 5 "$(wc -l <out)"
tg-run --no-judge -t code_summary_retrieval -u "$MOCK_URL" -m m code <&- >&- 2>&-
is "tg-run without a stdout is an error" 3 $?
mkdir src && echo 'x = 1' >src/a.py
tg-folder --min-tokens 0 src <&- >out 2>&-
is "tg-folder without stdin and stderr writes all" 1 "$(wc -l <out)"
# What a script prints of itself is output, too.
for script in tg-run tg-batch tg-folder tg-fan-out tg-slurm tg-make-examples tg-one-step; do
	for option in --help --version; do
		check_status "$script $option on a full disk is an error" 3 "$script" $option </dev/null >/dev/full 2>err
	done
done
check_status "tg-run --options on a full disk is an error" 3 tg-run --options >/dev/full 2>err
check_status "tg-run --dry-run on a full disk is an error" 3 tg-run --dry-run -t code_summary_retrieval -m m >/dev/full 2>err
tg-batch start job -t code_summary_retrieval -m m <code >out 2>err
check_status "tg-batch status on a full disk is an error" 3 tg-batch status job >/dev/full 2>err
jq -c '{query: .text, pos: ["x"], tg: {task: "code_summary_retrieval", out: ["x"]}, text}' code >earlier
check_status "tg-make-examples on a full disk is an error" 3 tg-make-examples earlier >/dev/full 2>err
check_status "tg-make-examples of a folder is an error" 3 tg-make-examples src >out 2>err
done_testing
