#!/bin/bash
# tg-folder, tg-fan-out and tg-make-examples, and the pages of the scripts.
export VALGRIND_ONE_IN=8
. tests/lib.sh
top=$PWD
cd "$T" || exit 3

# tg-folder.
mkdir -p tree/sub/.git "tree/ a" && cd tree || exit 3
printf 'x = 1\n' >a.py
printf 'a\tb\r\n"q" \\ \303\251 \357\277\275' >'sub/é "q" '$'\n''.PY'
printf '\357\273\277int x;\n' >'sub/--rawfile.c'
printf 'y' >'-n.py'
printf '#!/bin/sh\n' >noext
printf 'go\n' >' a/x.go'
printf 'nul\0\n' >nul.py
printf 'latin \351\n' >latin.py
printf '\355\240\200' >surrogate.py
printf ' \n\t\r\n' >blank.py
: >empty.py
printf 'z\n' >$'bad\377.py'
head -c 2000 /dev/zero | tr '\0' x >big.py
ln -s a.py link.py
mkfifo fifo.py
mkdir dir.py
printf 'hidden\n' >sub/.git/config.py
check_status "tg-folder" 0 tg-folder --max-bytes 1999 >../out 2>../err
cat >../want <<'END'
{"text":"go\n","path":" a/x.go","code_language":"go"}
{"text":"y","path":"-n.py","code_language":"python"}
{"text":"x = 1\n","path":"a.py","code_language":"python"}
{"text":"﻿int x;\n","path":"sub/--rawfile.c","code_language":"c"}
{"text":"a\tb\r\n\"q\" \\ é �","path":"sub/é \"q\" \n.PY","code_language":"python"}
END
check_same "tg-folder: what is text, in order" ../want ../out
check "tg-folder: what was left out" grep -q \
	'^tg-folder: .: 5 files; left out 2 empty, .*, 4 not text, 1 misnamed$' ../err
cd ..
tg-folder tree/ "$T/tree/sub" --max-bytes 1999 2>err | jq -r .path >out
is "tg-folder: several, with their names" \
	"tree/a.py $T/tree/sub/--rawfile.c" "$(grep -e 'tree/a.py' -e "^$T.*raw" out | paste -sd ' ')"
is "tg-folder -c" '["c","go"]' "$(tg-folder -c GoLang -c C tree 2>err |
	jq -sc 'map(.code_language) | unique')"
tg-folder -c cobol tree >out 2>err
is "tg-folder: an unknown language" 2 $?
check_status "tg-folder: a bad number" 2 tg-folder --max-bytes 1k tree 2>err
check_status "tg-folder: no such folder" 3 tg-folder nowhere 2>err
check_status "tg-folder: an unknown option" 2 tg-folder --nonsense 2>err
check "tg-folder: a hint" grep -q 'see tg-folder --help' err
mkdir none
check_status "tg-folder: nothing there" 0 tg-folder none >out 2>err
check "tg-folder: nothing comes" [ ! -s out ]
if command -v git >/dev/null; then
	mkdir repo && cd repo || exit 3
	git init -q . 2>err
	echo tracked >a.py && echo other >b.py && echo gone >c.py
	mkdir sub && echo deep >sub/d.py
	git add a.py c.py sub && rm c.py
	is "tg-folder in git" 'a.py sub/d.py' "$(tg-folder 2>err | jq -r .path | paste -sd ' ')"
	is "tg-folder in git, below" 'sub/d.py' "$(tg-folder sub 2>err | jq -r .path)"
	is "tg-folder --all in git" 'a.py b.py sub/d.py' \
		"$(tg-folder --all 2>err | jq -r .path | paste -sd ' ')"
	cd ..
else
	skip "tg-folder in git" "needs git"
fi
mkdir many && seq 3000 | awk '{ f = "many/" $1 ".py"; printf "v = %d\n", $1 >f; close(f) }'
begin=$(date +%s%N)
is "tg-folder: many files" 3000 "$(tg-folder --all many 2>err | jq -c .text | sort -u | wc -l)"
diag "$((3000 * 1000000000 / ($(date +%s%N) - begin))) files a second"
tg-folder --all many 2>err | head -n 1 >out
is "tg-folder: a broken pipe" 141 "${PIPESTATUS[0]}"
check "tg-folder: all of it can be worked on" \
	[ "$(tg-folder --all tree many 2>err | tg-prompt generate -t web_code_retrieval \
		--code-language-field code_language | grep -c '"request"')" = 3006 ]

# tg-fan-out.
seq 1000 >numbers
check_status "tg-fan-out" 0 tg-fan-out -j 3 -N 7 cat <numbers >out 2>err
check_same "tg-fan-out: in order" numbers out
check "tg-fan-out: is quiet" [ ! -s err ]
# shellcheck disable=SC2016
is "tg-fan-out: arguments as they are" '1 a  "b"|$x|{}|;' \
	"$(echo | tg-fan-out printf '{#} %s|%s|%s|%s' 'a  "b"' '$x' '{}' ';')"
check_status "tg-fan-out: no input" 0 tg-fan-out cat </dev/null >out
# shellcheck disable=SC2016
check_status "tg-fan-out: some records failed" 1 \
	tg-fan-out -N 100 bash -c 'cat; exit $(({#} == 3))' <numbers >out 2>err
check_same "tg-fan-out: some records failed, the others went on" numbers out
check_status "tg-fan-out: a failure" 4 timeout $((300 * SLOW)) \
	tg-fan-out -N 1 -j 2 bash -c 'cat; sleep 0.1; [ {#} -lt 5 ] || exit 4' <numbers >out 2>err
check "tg-fan-out: a failure: it stops" [ "$(wc -l <out)" -lt 20 ]
check_same "tg-fan-out: a failure: what was done is out" \
	<(head -n "$(wc -l <out)" numbers) out
check_status "tg-fan-out: a silent failure" 3 tg-fan-out -j 1 -N 100 bash -c 'exit 3' <numbers >out 2>err
is "tg-fan-out: a silent failure: which chunk, what, and what now" \
	'tg-fan-out: chunk 1, from line 1 of the input: status 3
tg-fan-out: not all is done, and what is done is not kept: -d keeps it' "$(cat err)"
# two chunks at a time; the second is killed in a line when the third is done
cat >torn <<'END'
#!/bin/bash
[ "$1" != 3 ] || { cat && : >"$0.third" && exit; }
[ "$1" = 2 ] || exec cat
until [ -e "$0.third" ]; do sleep 0.02; done
head -n 5 && echo -n '{"torn' && kill -9 $$
END
chmod +x torn
check_status "tg-fan-out: one is killed" 137 \
	timeout $((60 * SLOW)) tg-fan-out -N 100 -j 2 -d torn.dir "$T/torn" '{#}' <numbers >out 2>err
check_same "tg-fan-out: one is killed: whole lines, and those of others" \
	<(head -n 105 numbers && seq 201 300) <(head -n 205 out)
is "tg-fan-out: one is killed: it is said" \
	'tg-fan-out: chunk 2, from line 101 of the input: status 137 (SIGKILL)
tg-fan-out: not all is done; the same command goes on from here' "$(cat err)"
printf '#!/bin/sh\ncat\n' >torn
check_status "tg-fan-out: one is killed: it goes on" 0 \
	tg-fan-out -N 100 -j 2 -d torn.dir "$T/torn" '{#}' <numbers >out 2>err
check_same "tg-fan-out: one is killed: all is there" numbers out
check_status "tg-fan-out: a wrong command" 2 tg-fan-out -d wrong.dir tg-emit --wrong <numbers >out 2>err
check_status "tg-fan-out: put right, in the same folder" 0 tg-fan-out -d wrong.dir cat <numbers >out 2>err
check_status "tg-fan-out: a full disk" 3 tg-fan-out -N 100 cat <numbers >/dev/full 2>err
tg-fan-out -N 100 cat <numbers 2>err | true
is "tg-fan-out: nobody reads" 141 "${PIPESTATUS[0]}"
# what a reader leaves lying is not to fill the disk
mkdir tmp
head -c 100000 /dev/zero | tr '\0' x >wide && echo >>wide
for _ in $(seq 100); do cat wide; done |
	TMPDIR=$T/tmp tg-fan-out -N 1 -j 1 cat 2>err | {
	come() { (($(find tmp -path '*/out/*' -type f | wc -l) >= $1)); }
	wait_for come 33 && sleep 1
	come 45 && : >too-many
	cat >out
}
check "tg-fan-out: a slow reader: not all is read ahead" [ ! -e too-many ]
check_same "tg-fan-out: a slow reader: all comes" \
	<(for _ in $(seq 100); do cat wide; done) out
check_status "tg-fan-out: usage" 2 tg-fan-out -j 2 </dev/null 2>err
check_status "tg-fan-out: an unknown option" 2 tg-fan-out -x cat </dev/null 2>err
check_status "tg-fan-out: a bad number" 2 tg-fan-out -N 0 cat </dev/null 2>err
# a broken pipe must not wait for all chunks
check "tg-fan-out: a broken pipe" timeout $((120 * SLOW)) bash -c \
	'seq 1000000 | tg-fan-out -N 100 -j 2 bash -c "cat; sleep 0.1" 2>/dev/null | head -n 1' >out

# Each chunk of a long line, and a signal.
head -c 3000000 /dev/zero | tr '\0' x >long && echo >>long
cat long numbers >in
check_status "tg-fan-out: long lines" 0 tg-fan-out -N 3 cat <in >out 2>err
check_same "tg-fan-out: long lines as they are" in out
start_mock -o owned_by=vllm -o latency_ms=300
export OPENAI_BASE_URL=$MOCK_URL
seq 400 | jq -c '{text: "f\(.)()"}' >code.jsonl
# Both parts are well under way, and pairs of the first have been judged: 16 requests
# are in flight at a time.
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
	check_status "tg-fan-out: $signal ends it" $((128 + $(kill -l $signal))) wait $pid
	check "tg-fan-out: $signal ends it at once" [ $((SECONDS - begin)) -lt $((60 * SLOW)) ]
	check "tg-fan-out: $signal: what was finished is out" jq -e .query out
	is "tg-fan-out: $signal: it is told as what it is" \
		"tg-llm: stopped by signal $(kill -l $signal)" \
		"$(sed '/^tg-run: /d; s/ (.*//' err | sort -u)"
	check "tg-fan-out: $signal: not all was" [ "$(wc -l <out)" -lt 400 ]
	check "tg-fan-out: $signal: files of their own" [ -e rejects.1 ] && [ -e rejects.2 ]
	is "tg-fan-out: $signal: nobody is left" '' "$(running_with "OPENAI_BASE_URL=$MOCK_URL")"
done
check "stop" stop_mock

# tg-make-examples: what it says is what the prompts show.
start_mock -o owned_by=vllm
export OPENAI_BASE_URL=$MOCK_URL
tg-prompt --list | jq -c '{text: ("// `a` and ``` fences ```\n" + .name),
	similar: ["other"], tg: {task: .name, code_language: (.code_languages[0] // "c")}}' >all.jsonl
tg-prompt generate all.jsonl | tg-llm | tg-prompt generate | tg-llm |
	tg-split-context | tg-arrange >arranged.jsonl
check_status "tg-make-examples, of records" 0 tg-make-examples arranged.jsonl >pool.jsonl 2>err
is "tg-make-examples: one for each task with steps" 62 "$(wc -l <pool.jsonl)"
check "tg-make-examples: the count" grep -qx \
	'tg-make-examples: 63 lines, 1 unfit, 62 examples, 62 written' err
is "tg-make-examples: the inputs are those of the prompts" '' "$(
	jq -r --slurpfile log "$MOCK_LOG" '[$log[].body | objects | .messages[0].content] as $asked |
		. as $e | select([$asked[] | contains($e.input)] | any | not) | .task' pool.jsonl)"
is "tg-make-examples: the outputs are the last answers" \
	"$(jq -c 'select(.tg.out) | [.tg.task, .tg.out[-1]]' arranged.jsonl | md5sum)" \
	"$(jq -c '[.task, .output]' pool.jsonl | md5sum)"
check_status "tg-make-examples: the pool can be used" 0 \
	tg-prompt generate -e pool.jsonl all.jsonl >out 2>err
is "tg-make-examples: and is" 62 "$(jq -r '.tg.request.messages[0].content |
	select(contains("Example 1"))| 1' <(tg-llm out | tg-prompt generate -e pool.jsonl |
	cat - out) 2>err2 | wc -l)"
tg-run -q --no-judge --meta all.jsonl >triplets.jsonl
check_status "tg-make-examples, of triplets" 0 tg-make-examples <triplets.jsonl >some.jsonl 2>err
check "tg-make-examples, of triplets: most" [ "$(wc -l <some.jsonl)" -gt 50 ]
is "tg-make-examples, of triplets: the same" '' \
	"$(comm -13 <(jq -cS . pool.jsonl | sort) <(jq -cS . some.jsonl | sort))"
tg-run -q --no-judge all.jsonl 2>err | head -n 5 >bare.jsonl
is "tg-make-examples: triplets without meta tell nothing" 0 \
	"$(tg-make-examples bare.jsonl 2>err | wc -l)"
is "tg-make-examples -t" 5 "$(tg-make-examples -t web_code_retrieval bare.jsonl 2>err | wc -l)"
is "tg-make-examples -n" 3 "$(tg-make-examples -n 3 -t web_code_retrieval bare.jsonl 2>err | wc -l)"
is "tg-make-examples --max-chars" 0 "$(tg-make-examples --max-chars 5 pool.jsonl arranged.jsonl 2>err | wc -l)"
jq -c '.tg.error = {code: "x"}' arranged.jsonl >ended.jsonl
is "tg-make-examples: failed ones are none" 0 "$(tg-make-examples ended.jsonl 2>err | wc -l)"
is "tg-make-examples: lines that are none" 62 \
	"$({ echo 'not json'; echo 5; echo '"x"'; cat arranged.jsonl; } | tg-make-examples 2>err | wc -l)"
check_status "tg-make-examples: usage" 2 tg-make-examples -n x </dev/null 2>err
check_status "tg-make-examples: no file" 3 tg-make-examples nowhere 2>err
check "stop" stop_mock

# Help and pages.
one_line() { tr -s ' \t\n' ' ' | sed 's/^ //; s/ $//'; }
# synopsis PAGE [NAME]: its usage lines, of one program of several.
synopsis() {
	mandoc -Tascii -Owidth=900 "$top/man/$1" | col -bx |
		awk '/^[A-Z]/ { in_it = $0 == "SYNOPSIS"; next } in_it' |
		grep "${2:-.}" | one_line
}
for script in tg-folder tg-fan-out tg-slurm tg-make-examples tg-batch; do
	check_status "$script --help" 0 "$script" --help >help 2>err </dev/null
	is "$script --version" "$script $(tg-prompt --version | cut -d ' ' -f 2)" \
		"$($script --version)"
	sed -i '/^Example:/,$d' help
	is "$script: SYNOPSIS is the usage" \
		"$(sed '/^$/,$d; s/^usage: //' help | one_line)" "$(synopsis $script.1)"
	is "$script: the page has the options of --help" \
		"$(sed -n '1,/^$/d; s/^  *\(-.*\)/\1/p' help | sed 's/   *.*//' |
			grep -oE -- '--?[A-Za-z-]+' | sort -u | one_line)" \
		"$(grep '^\.It Fl' "$top/man/$script.1" | grep -oE 'Fl [A-Za-z-]+' |
			sed 's/Fl /-/' | sort -u | one_line)"
done
for script in tg-one-step tg-two-step tg-compare tg-context-split tg-add-judge \
	tg-add-negatives; do
	is "$script: SYNOPSIS is the usage" \
		"$($script --help | sed -n '1s/^usage: //p')" "$(synopsis tg-pipelines.1 " $script ")"
done

done_testing
