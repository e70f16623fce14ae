#!/bin/bash
# tg-batch: the job of tg-run by way of batches gives what tg-run gives.
export VALGRIND_ONE_IN=8
. tests/lib.sh
sample=$PWD/tests/data/sample
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

# serve OUT FILE...: play the batch service. Asks the mock each request and writes
# the results shuffled; with FAIL=N every N-th is left out, fails for now or
# expires, in turns, in the manner of an error file.
serve() {
	local out=$1
	shift
	cat "$@" >"$out.requests"
	jq -r --arg url "$MOCK_URL/chat/completions" '"next\nsilent\nurl = \"\($url)\"
		data-raw = \(.body | tojson | tojson)"' "$out.requests" |
		curl -K - | jq -c . >"$out.bodies"
	paste -d '\n' "$out.requests" "$out.bodies" | jq -nc --argjson fail "${FAIL:-0}" '
		foreach inputs as $q (-1; . + 1; . as $i | input as $body |
		{id: "batch_req_\($i)", custom_id: $q.custom_id, response: {status_code: 200,
		request_id: "r\($i)", body: $body}, error: null} |
		if $fail == 0 or $i % $fail != 0 then . else [empty,
		(.response |= {status_code: 503, request_id: "", body: {error: {message: "busy"}}}),
		(.response = null | .error = {code: "batch_expired", message: "too late"})
		][$i / $fail % 3] // empty end)' | shuf --random-source=/dev/zero >"$out"
}

# until_done DIR: what a person would do until nothing is asked any more.
until_done() {
	local dir=$1 n=0 files
	mapfile -t files < <(tg-batch status "$dir" 2>"$dir.err")
	while [ ${#files[@]} -gt 0 ] && [ $((n += 1)) -lt 20 ]; do
		FAIL=$([ $n -gt 6 ] || echo "${FAIL:-0}") serve "$dir.r$n" "${files[@]}"
		tg-batch import "$dir" "$dir.r$n" >"$dir.files" 2>>"$dir.err" || return
		mapfile -t files <"$dir.files"
	done
	[ $n -lt 20 ]
}

# Documents of all tasks, a pair that exists, and what is no record.
tg-folder --all "$sample" >code.jsonl 2>err
tg-prompt --list >tasks.jsonl
jq -c --slurpfile docs code.jsonl '. as $row | first($docs | to_entries[] | select(
	.value.code_language as $l | ($row.code_languages | . == [] or (index($l) != null)) and
	($row | tostring | contains("tgt_code_language") | not) or
	($l | IN("c", "java", "python", "javascript", "rust", "go")))) |
	{text: .value.text, similar: [$docs[(.key + 1) % 8].text], nr: 1.5,
	tg: {task: $row.name, code_language: .value.code_language}}' tasks.jsonl >all.jsonl
sed -n '3p;9p' all.jsonl >again.jsonl
{
	cat again.jsonl
	echo '{"query":"from elsewhere","pos":["its positive"],"x":1.0}'
	echo '{"torn'
} >>all.jsonl
cat >rules <<'END'
{"match":{"kind":"verdict","substring":"answer 1"},"text":"2"}
{"match":{"substring":"answer 3"},"status":400,"body":{"error":{"message":"bad","code":"x"}}}
END
start_mock -o owned_by=openai
options=(-t code_summary_retrieval -m m --judge-model j --judge-opts '--temperature 0.5' -N 3 --meta --seed 7)
check_status "online" 1 tg-run "${options[@]}" -u "$MOCK_URL" --rejects run.rejects \
	all.jsonl >run.out 2>err
: >"$MOCK_LOG"

for fail in 0 3; do
	name="batch, FAIL=$fail" job=job$fail
	check_status "$name: start" 0 tg-batch start $job "${options[@]}" --rejects $job.rejects \
		<all.jsonl >files 2>err
	is "$name: start: what is asked first" "$T/$job/0/generate.jsonl $T/$job/0/judge.jsonl $T/$job/0/negatives.jsonl" \
		"$(paste -sd ' ' files)"
	check "$name: start: says so" grep -q \
		"^tg-batch: round 0, $(wc -l <all.jsonl) documents, [0-9]* requests in generate.jsonl, 1 requests in judge.jsonl" err
	FAIL=$fail check "$name: all rounds" until_done $job
	check "$name: the end" grep -q 'nothing is asked any more: tg-batch emit' $job.err
	check_status "$name: emit" 1 tg-batch emit $job >$job.out 2>err
	check_same "$name: the triplets are those of tg-run" run.out $job.out
	check_same "$name: the rejects, too" run.rejects $job.rejects
done
is "nothing failing, each question is asked once" '' \
	"$(cat job0.r*.requests | jq -r .custom_id | sort | uniq -d)"
is "a model a file" 'generate.jsonl m judge.jsonl j negatives.jsonl m' \
	"$(for k in generate judge negatives; do echo "$k.jsonl $(cat job0/*/$k.jsonl |
		jq -r .body.model | sort -u)"; done | paste -sd ' ')"
is "each stage has its options" 'generate 1 null judge 0.5 null negatives 1 3' \
	"$(for k in generate judge negatives; do echo "$k $(cat job0/*/$k.jsonl |
		jq -c '.body | "\(.temperature) \(.n)"' -r | sort -u | sed 's/^1.0 /1 /')"; done | paste -sd ' ')"
check "what failed was asked for again" [ "$(cat job3.r*.requests | wc -l)" -gt \
	"$(cat job0.r*.requests | wc -l)" ]
is "one state is kept" 1 "$(find job0 -name state.jsonl | wc -l)"
is "the plan holds tg-run's options as they were given" "tg-batch plan 1 $T ${options[*]} --rejects job0.rejects" \
	"$(tr '\0' ' ' <job0/plan | tr -s ' ' | sed 's/ $//')"

# A last round online, and what was answered is not asked twice.
tg-batch start mixed "${options[@]}" <all.jsonl >files 2>err
mapfile -t files <files
FAIL=3 serve mixed.r "${files[@]}"
tg-batch import mixed mixed.r >files 2>err
: >"$MOCK_LOG"
check_status "no server" 4 tg-batch online mixed -u http://127.0.0.1:1/v1 --retries 0 2>err
check "no server: nothing has changed" grep -q 'the job stands where it was' err
check_same "no server: what is asked" files <(tg-batch status mixed 2>err)
check_status "online" 0 tg-batch online mixed -u "$MOCK_URL" >files 2>err
check "online: nothing is asked any more" [ ! -s files ]
tg-batch emit mixed >mixed.out 2>err
check_same "online: the triplets" run.out mixed.out

# Nothing new, twice, at the same time, and stopped at any moment.
tg-batch start two "${options[@]}" <all.jsonl >files 2>err
check_status "start again" 2 tg-batch start two "${options[@]}" <all.jsonl 2>err
check "start again: says so" grep -q 'holds a job already' err
check_status "import nothing" 0 tg-batch import two >out 2>err
check "import nothing: nothing new" grep -q '^tg-batch: nothing new' err
check_same "import nothing: the same files" files out
check_status "emit early" 1 tg-batch emit two >out 2>err
check "emit early: the rest is unfinished" grep -q unfinished err
mapfile -t files <files
serve two.r "${files[@]}"
exec {held}<two
flock "$held"
check_status "two at a time" 3 tg-batch import two two.r 2>err
exec {held}<&-
for after in 0.02 0.05 0.1 0.15 0.2 0.3; do
	timeout -s KILL $after tg-batch import two two.r >out 2>err
	# what it has left running ends by itself
	wait_for flock -n two true
	is "killed after $after s: a state, whole" "1 $(wc -l <all.jsonl)" \
		"$(find two -path '*/[0-9]/state.jsonl' | wc -l) $(cat two/[0-9]/state.jsonl | wc -l)"
done
tg-batch import two two.r >out 2>err
check "killed: the rest" until_done two
tg-batch emit two >two.out 2>err
check_same "killed: the triplets" run.out two.out
is "no folder is left half made" '' "$(find . -name '*.tmp'; ls tmp)"

# Names with anything in them, files named before and after cd, --tasks, files of code.
mkdir "it's here" && cd "it's here" || exit 3
jq -c 'select(.name == "code_summary_retrieval") | .name = "mine" | .instruction = "My own."' \
	../tasks.jsonl >'my rows.json'
head -n 2 ../code.jsonl >'a code'
check_status "odd names" 0 tg-batch start "job's" -m m --no-judge -t mine --tasks 'my rows.json' \
	'a code' >files 2>err -- --export-max 1
is "odd names: files of one request each" 'generate-2.jsonl generate.jsonl' \
	"$(sed 's,.*/,,' files | paste -sd ' ')"
cd .. || exit 3
check "odd names: all rounds" until_done "it's here/job's"
is "odd names: the triplets" 'My own. My own.' \
	"$(tg-batch emit "it's here/job's" 2>err | jq -r .prompt | paste -sd ' ')"

# What is wrong.
check_status "no model" 2 tg-batch start none -t web_code_retrieval <code.jsonl 2>err
check "no model: a hint" grep -q 'name the model with -m' err
check_status "an option that is none" 2 tg-batch start none -m m --nonsense <code.jsonl 2>err
check_status "an option of tg-llm that is none" 2 tg-batch start none -m m -t web_code_retrieval \
	<code.jsonl 2>err -- --nonsense
check_status "after all that" 0 tg-batch start none -m m -t web_code_retrieval <code.jsonl >out 2>err
check_status "results that are not there" 3 tg-batch import none nowhere 2>err
check_status "no job" 2 tg-batch import tmp 2>err
check_status "no folder" 3 tg-batch status nowhere 2>err
check_status "no such word" 2 tg-batch stop none 2>err
is "a reader that has enough" '1 ' "$(tg-batch emit job0 2>err | head -n 1 | wc -l) $(grep batch err)"
check_status "a full disk" 3 tg-batch emit job0 >/dev/full 2>err
(ulimit -f 8 && tg-batch start full -m m -t web_code_retrieval <code.jsonl >out 2>err)
[ $? -gt 1 ] && [ "$(find full -name state.jsonl)" = '' ]
ok "a full disk for the state"

# Keys are for tg-llm online.
mkdir probe
for tool in tg-prompt tg-llm tg-judge tg-arrange tg-emit; do
	printf '#!/bin/bash\ngrep -zac ^OPENAI_API_KEY= /proc/$$/environ >>"%s"\nexec %q "$@"\n' \
		"$T/seen.$tool" "$(command -v $tool)" >probe/$tool
	chmod +x probe/$tool
done
export OPENAI_API_KEY=secret
old_path=$PATH PATH=$T/probe:$PATH
{ tg-batch import none && tg-batch emit none; } >out 2>err
is "keys: nobody has them" 0 "$(sort -u seen.*)"
tg-batch online none -u "$MOCK_URL" >out 2>err
PATH=$old_path
is "keys: online tg-llm has them" 1 "$(sort -u seen.tg-llm | tail -n 1)"
rm seen.tg-llm
is "keys: online nobody else has" 0 "$(sort -u seen.*)"
check "stop" stop_mock
done_testing
