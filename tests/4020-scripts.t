#!/bin/bash
# tg-fan-out and tg-make-examples, and the pages of the scripts.
export VALGRIND_ONE_IN=8
. tests/lib.sh
top=$PWD
cd "$T" || exit 3

# tg-fan-out.
seq 1000 >numbers
check_status "tg-fan-out exits with 0" 0 tg-fan-out -j 3 -N 37 cat <numbers >out 2>err
check_same "tg-fan-out gives the output in order" numbers out
check "tg-fan-out prints nothing on stderr" [ ! -s err ]
# shellcheck disable=SC2016
is "tg-fan-out passes arguments as they are" '1 a  "b"|$x|{}|;' \
	"$(echo | tg-fan-out printf '{#} %s|%s|%s|%s' 'a  "b"' '$x' '{}' ';')"
check_status "tg-fan-out of empty input exits with 0" 0 tg-fan-out cat </dev/null >out
# shellcheck disable=SC2016
check_status "tg-fan-out exits with 1 if records of a chunk fail" 1 \
	tg-fan-out -N 250 bash -c 'cat; exit $(({#} == 3))' <numbers >out 2>err
check_same "tg-fan-out goes on if records of a chunk fail" numbers out
check_status "tg-fan-out exits with the status of a chunk that fails" 4 timeout $((300 * SLOW)) \
	tg-fan-out -N 1 -j 2 bash -c 'cat; sleep 0.1; [ {#} -lt 5 ] || exit 4' <numbers >out 2>err
check "tg-fan-out stops after a chunk that fails" [ "$(wc -l <out)" -lt 20 ]
check_same "tg-fan-out gives the output of the chunks before the one that fails" \
	<(head -n "$(wc -l <out)" numbers) out
check_status "tg-fan-out exits with the status of a chunk that fails without a message" 3 tg-fan-out -j 1 -N 100 bash -c 'exit 3' <numbers >out 2>err
is "tg-fan-out names the chunk that fails, its line and the next step" \
	'tg-fan-out: chunk 1, from line 1 of the input: status 3
tg-fan-out: not all is done, and what is done is not kept: -d keeps it' "$(cat err)"
# Two chunks run at a time; the second is killed within a line when the third is
# done.
cat >torn <<'END'
#!/bin/bash
[ "$1" != 3 ] || { cat && : >"$0.third" && exit; }
[ "$1" = 2 ] || exec cat
until [ -e "$0.third" ]; do sleep 0.02; done
head -n 5 && echo -n '{"torn' && kill -9 $$
END
chmod +x torn
check_status "tg-fan-out exits with 137 if a chunk is killed" 137 \
	timeout $((60 * SLOW)) tg-fan-out -N 100 -j 2 -d torn.dir "$T/torn" '{#}' <numbers >out 2>err
check_same "tg-fan-out gives the whole lines of a killed chunk and the other chunks" \
	<(head -n 105 numbers && seq 201 300) <(head -n 205 out)
is "tg-fan-out names the killed chunk and the next step" \
	'tg-fan-out: chunk 2, from line 101 of the input: status 137 (SIGKILL)
tg-fan-out: not all is done; the same command goes on from here' "$(cat err)"
printf '#!/bin/sh\ncat\n' >torn
check_status "tg-fan-out of a killed run goes on and exits with 0" 0 \
	tg-fan-out -N 100 -j 2 -d torn.dir "$T/torn" '{#}' <numbers >out 2>err
check_same "tg-fan-out of a killed run gives the whole output" numbers out
check_status "tg-fan-out exits with 2 if the command is wrong" 2 tg-fan-out -d wrong.dir tg-emit --wrong <numbers >out 2>err
check_status "tg-fan-out accepts another command in a folder where nothing is done" 0 tg-fan-out -d wrong.dir cat <numbers >out 2>err
check_status "tg-fan-out exits with 3 if the disk is full" 3 tg-fan-out -N 250 cat <numbers >/dev/full 2>err
tg-fan-out -N 100 cat <numbers 2>err | true
is "tg-fan-out exits with 141 if nobody reads" 141 "${PIPESTATUS[0]}"
# Output that is not read yet must not fill the disk.
mkdir tmp
head -c 100000 /dev/zero | tr '\0' x >wide && echo >>wide
for _ in $(seq 60); do cat wide; done |
	TMPDIR=$T/tmp tg-fan-out -N 1 -j 1 cat 2>err | {
	come() { (($(find tmp -path '*/out/*' -type f | wc -l) >= $1)); }
	wait_for come 33 && sleep 1
	come 45 && : >too-many
	cat >out
}
check "tg-fan-out with a slow reader reads only part of the input ahead" [ ! -e too-many ]
check_same "tg-fan-out with a slow reader gives the whole output" \
	<(for _ in $(seq 60); do cat wide; done) out
check_status "tg-fan-out refuses a command line without a command" 2 tg-fan-out -j 2 </dev/null 2>err
check_status "tg-fan-out refuses an unknown option" 2 tg-fan-out -x cat </dev/null 2>err
check_status "tg-fan-out refuses a bad number" 2 tg-fan-out -N 0 cat </dev/null 2>err
# A broken pipe must not wait for all chunks.
check "tg-fan-out ends on a broken pipe" timeout $((120 * SLOW)) bash -c \
	'seq 1000000 | tg-fan-out -N 100 -j 2 bash -c "cat; sleep 0.1" 2>/dev/null | head -n 1' >out

# Chunks of one long line, and signals.
head -c 3000000 /dev/zero | tr '\0' x >long && echo >>long
head -n 30 numbers | cat long - >in
check_status "tg-fan-out of long lines exits with 0" 0 tg-fan-out -N 3 cat <in >out 2>err
check_same "tg-fan-out passes long lines as they are" in out
start_mock -o owned_by=vllm -o latency_ms=300
export OPENAI_BASE_URL=$MOCK_URL
seq 400 | jq -c '{text: "f\(.)()"}' >code.jsonl
# Both parts are well under way, and pairs of the first have been judged: 16
# requests are in flight at a time.
under_way() {
	[ -e rejects.1 ] && [ -e rejects.2 ] && has_lines 60 "$MOCK_LOG" &&
		[ "$(grep -c structured_outputs "$MOCK_LOG")" -ge 20 ]
}
for signal in INT TERM; do
	rm -f rejects.* && : >"$MOCK_LOG"
	env --default-signal=INT tg-fan-out -j 2 -N 50 tg-run -t web_code_retrieval \
		-m m -j 4 -q --rejects 'rejects.{#}' <code.jsonl >out 2>err &
	pid=$!
	wait_for under_way
	kill -s $signal $pid
	begin=$SECONDS
	check_status "SIG$signal ends tg-fan-out" $((128 + $(kill -l $signal))) wait $pid
	check "SIG$signal ends tg-fan-out quickly" [ $((SECONDS - begin)) -lt $((60 * SLOW)) ]
	check "SIG$signal: finished triplets are out" jq -e .query out
	is "SIG$signal: the messages name the signal" \
		"tg-llm: stopped by signal $(kill -l $signal)" \
		"$(sed '/^tg-run: /d; s/ (.*//' err | sort -u)"
	check "SIG$signal: other triplets are not out" [ "$(wc -l <out)" -lt 400 ]
	check "SIG$signal: each part has its own rejects file" [ -e rejects.1 ] && [ -e rejects.2 ]
	is "SIG$signal: no process stays" '' "$(running_with "OPENAI_BASE_URL=$MOCK_URL")"
done
check "the mock server stops without a fault" stop_mock

# tg-make-examples: its examples are those that prompts show.
start_mock -o owned_by=vllm
export OPENAI_BASE_URL=$MOCK_URL
tg-prompt --list >rows.jsonl
rows=$(wc -l <rows.jsonl)
stepped=$(jq -s 'map(select(.steps != [])) | length' rows.jsonl)
jq -c '{text: ("// `a` and ``` fences ```\n" + .name),
	similar: ["other"], tg: {task: .name, code_language: (.code_languages[0] // "c"),
	tgt_code_language: "java"}}' rows.jsonl >all.jsonl
tg-prompt generate all.jsonl | tg-llm | tg-prompt generate | tg-llm |
	tg-split-context | tg-arrange >arranged.jsonl
check_status "tg-make-examples of records exits with 0" 0 tg-make-examples arranged.jsonl >pool.jsonl 2>err
is "tg-make-examples gives an example for each task with steps" "$stepped" "$(wc -l <pool.jsonl)"
check "tg-make-examples counts lines and examples" grep -qx \
	"tg-make-examples: $rows lines, $((rows - stepped)) unfit, $stepped examples, $stepped written" err
is "tg-make-examples takes the inputs from the prompts" '' "$(
	jq -r --slurpfile log "$MOCK_LOG" '[$log[].body | objects | .messages[0].content] as $asked |
		. as $e | select([$asked[] | contains($e.input)] | any | not) | .task' pool.jsonl)"
is "tg-make-examples takes the last answers as outputs" \
	"$(jq -c 'select(.tg.out) | [.tg.task, .tg.out[-1]]' arranged.jsonl | md5sum)" \
	"$(jq -c '[.task, .output]' pool.jsonl | md5sum)"
check_status "tg-prompt -e accepts the pool" 0 \
	tg-prompt generate -e pool.jsonl all.jsonl >out 2>err
tg-llm <out | tg-prompt generate -e pool.jsonl >next
is "no prompt shows an example made of its own document" 0 "$(cat out next | grep -c "Example 1")"
jq -c '.text = "other \(.tg.task)"' all.jsonl >new.jsonl
tg-prompt generate -e pool.jsonl new.jsonl >out 2>err
is "prompts show the examples of the pool" "$stepped" "$(jq -r '.tg.request.messages[0].content |
	select(contains("Example 1"))| 1' <(tg-llm out | tg-prompt generate -e pool.jsonl |
	cat - out) 2>err2 | wc -l)"
tg-run -q --no-judge --meta all.jsonl >triplets.jsonl
check_status "tg-make-examples of triplets exits with 0" 0 tg-make-examples <triplets.jsonl >some.jsonl 2>err
check "tg-make-examples of triplets gives most of the examples" [ "$(wc -l <some.jsonl)" -gt 50 ]
is "tg-make-examples of triplets gives the same examples" '' \
	"$(comm -13 <(jq -cS . pool.jsonl | sort) <(jq -cS . some.jsonl | sort))"
tg-run -q --no-judge all.jsonl 2>err | head -n 5 >bare.jsonl
is "tg-make-examples of triplets without meta gives none" 0 \
	"$(tg-make-examples bare.jsonl 2>err | wc -l)"
is "tg-make-examples -t names the task of triplets without meta" 5 "$(tg-make-examples -t web_code_retrieval bare.jsonl 2>err | wc -l)"
is "tg-make-examples -n limits the number of examples" 3 "$(tg-make-examples -n 3 -t web_code_retrieval bare.jsonl 2>err | wc -l)"
is "tg-make-examples --max-chars leaves out long examples" 0 "$(tg-make-examples --max-chars 5 pool.jsonl arranged.jsonl 2>err | wc -l)"
jq -c '.tg.error = {code: "x"}' arranged.jsonl >ended.jsonl
is "tg-make-examples leaves out records in error" 0 "$(tg-make-examples ended.jsonl 2>err | wc -l)"
is "tg-make-examples leaves out lines that are no records" "$stepped" \
	"$({ echo 'not json'; echo 5; echo '"x"'; cat arranged.jsonl; } | tg-make-examples 2>err | wc -l)"
check_status "tg-make-examples refuses a bad number" 2 tg-make-examples -n x </dev/null 2>err
check_status "tg-make-examples exits with 3 if a file is missing" 3 tg-make-examples nowhere 2>err
check "the mock server stops without a fault" stop_mock

# A mistyped option, and an option in place of a folder.
while IFS='|' read -r call want; do
	# shellcheck disable=SC2086
	check_status "$call is refused" 2 $call <numbers 2>err
	is "$call: the message says why" "${call%% *}: $want" "$(cat err)"
done <<'END'
tg-fan-out --linse 7 cat|unrecognized option '--linse' (did you mean lines?); see tg-fan-out --help
tg-one-step web_code_retrieval --temprature=7|unrecognized option '--temprature' (did you mean temperature?); see tg-llm --help
tg-fan-out -d -N 7 cat|-d: "-N" looks like an option, not a file or folder; a name that begins so is ./-N
tg-slurm -d --collect|-d: "--collect" looks like an option, not a file or folder; a name that begins so is ./--collect
tg-batch start -t web_code_retrieval|start: "-t" looks like an option, not a file or folder; a name that begins so is ./-t
tg-make-examples -t -n 5|-t: "-n" looks like an option, not a task; see tg-make-examples --help
END

# A task of another kind names the script that is for it, before a server is asked.
while read -r script task right; do
	check_status "$script $task is refused" 2 "$script" "$task" </dev/null 2>err
	check "$script $task names $right" grep -qF -- "$right" err
	is "$script $task: one line is said" 1 "$(wc -l <err)"
done <<'END'
tg-one-step bug_desc_retrieval has two steps: tg-two-step bug_desc_retrieval
tg-one-step code_context_retrieval has no step: tg-context-split alone or tg-run -t code_context_retrieval
tg-two-step web_code_retrieval has one step: tg-one-step web_code_retrieval
tg-two-step code_modification_retrieval compares two codes: tg-compare code_modification_retrieval
tg-compare web_code_retrieval has one step: tg-one-step web_code_retrieval
tg-add-judge webCodeRetrieval (did you mean web_code_retrieval?)
tg-one-step -m name the task first
END

# Help and manual pages.
one_line() { tr -s ' \t\n' ' ' | sed 's/^ //; s/ $//'; }
# synopsis PAGE [NAME]: prints the usage lines of a page, or those of one
# program on it.
synopsis() {
	mandoc -Tascii -Owidth=900 "$top/man/$1" | col -bx |
		awk '/^[A-Z]/ { in_it = $0 == "SYNOPSIS"; next } in_it' |
		grep "${2:-.}" | one_line
}
for script in tg-fan-out tg-slurm tg-make-examples tg-batch; do
	check_status "$script --help exits with 0" 0 "$script" --help >help 2>err </dev/null
	is "$script --version prints name and version" "$script $(tg-prompt --version | cut -d ' ' -f 2)" \
		"$($script --version)"
	sed -i '/^Example:/,$d' help
	is "the SYNOPSIS of $script(1) is the usage line" \
		"$(sed '/^$/,$d; s/^usage: //' help | one_line)" "$(synopsis $script.1)"
	is "$script(1) has the options of --help" \
		"$(sed -n '1,/^$/d; s/^  *\(-.*\)/\1/p' help | sed 's/   *.*//' |
			grep -oE -- '--?[A-Za-z-]+' | sort -u | one_line)" \
		"$(grep '^\.It Fl' "$top/man/$script.1" | grep -oE 'Fl [A-Za-z-]+' |
			sed 's/Fl /-/' | sort -u | one_line)"
done
for script in tg-one-step tg-two-step tg-compare tg-context-split tg-add-judge \
	tg-add-negatives; do
	is "the SYNOPSIS of $script on its page is the usage line" \
		"$($script --help | sed '/^$/,$d; s/^usage: //' | one_line)" "$(synopsis tg-pipelines.1 " $script ")"
done

done_testing
