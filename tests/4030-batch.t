#!/bin/bash
# tg-batch: the job of tg-run with batches gives what tg-run gives.
export VALGRIND_ONE_IN=8
. tests/lib.sh
sample=$PWD/tests/data/sample
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

# serve OUT FILE...: plays the batch service. It asks the mock each request and
# writes the results in random order; with FAIL=N every N-th one is left out,
# fails for now or expires, in turns, as in an error file.
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

# until_done DIR: does what a person would do until no request is left.
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

# The input: documents of all tasks, an existing pair, and a line that is no
# record.
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
options=(--no-gate -t code_summary_retrieval -m m --judge-model j --judge-opts '--temperature 0.5' -N 3 --meta --seed 7)
check_status "the online run exits with 1" 1 tg-run "${options[@]}" -u "$MOCK_URL" --rejects run.rejects \
	all.jsonl >run.out 2>err
: >"$MOCK_LOG"

for fail in 0 3; do
	name="with every $fail-th result failing" job=job$fail
	check_status "tg-batch start exits with 0 ($name)" 0 tg-batch start $job "${options[@]}" --rejects $job.rejects \
		<all.jsonl >files 2>err
	is "tg-batch start writes one file for each kind of request ($name)" "$T/$job/0/generate.jsonl $T/$job/0/judge.jsonl $T/$job/0/negatives.jsonl" \
		"$(paste -sd ' ' files)"
	check "tg-batch start says what it has written ($name)" grep -q \
		"^tg-batch: round 0, $(wc -l <all.jsonl) documents, [0-9]* requests in generate.jsonl, 1 requests in judge.jsonl" err
	FAIL=$fail check "all rounds of tg-batch import succeed ($name)" until_done $job
	check "tg-batch import says when to emit ($name)" grep -q 'nothing is asked any more: tg-batch emit' $job.err
	check_status "tg-batch emit exits with 1 for records in error ($name)" 1 tg-batch emit $job >$job.out 2>err
	check_same "tg-batch emit gives the triplets of tg-run ($name)" run.out $job.out
	check_same "tg-batch emit gives the rejects of tg-run ($name)" run.rejects $job.rejects
done
is "each request is asked once if none fails" '' \
	"$(cat job0.r*.requests | jq -r .custom_id | sort | uniq -d)"
is "each file has one model" 'generate.jsonl m judge.jsonl j negatives.jsonl m' \
	"$(for k in generate judge negatives; do echo "$k.jsonl $(cat job0/*/$k.jsonl |
		jq -r .body.model | sort -u)"; done | paste -sd ' ')"
# A pair that has a negative for nothing is short of two.
is "each stage has its own options" 'generate 1 null judge 0.5 null negatives 1 2 1 3' \
	"$(for k in generate judge negatives; do echo "$k $(cat job0/*/$k.jsonl |
		jq -c '.body | "\(.temperature) \(.n)"' -r | sort -u | sed 's/^1.0 /1 /')"; done | paste -sd ' ')"
check "failed requests are asked again" [ "$(cat job3.r*.requests | wc -l)" -gt \
	"$(cat job0.r*.requests | wc -l)" ]
is "a job keeps one state" 1 "$(find job0 -name state.jsonl | wc -l)"
is "the plan holds the options of tg-run as they were given" "tg-batch plan 1 $T ${options[*]} --rejects job0.rejects" \
	"$(tr '\0' ' ' <job0/plan | tr -s ' ' | sed 's/ $//')"

# A job keeps the file of TG_LANGUAGES, and no other counts for it.
echo '{"key":"zig","name":"Zig","extensions":["zig"]}' >zig.json
echo '{"text":"pub fn main() void {}","code_language":"zig"}' >zig.jsonl
TG_LANGUAGES=zig.json check_status "a job takes the file of TG_LANGUAGES" 0 \
	tg-batch start zig -t code_summary_retrieval -m m <zig.jsonl >files 2>err
is "the job goes on without the variable" "$(cat files)" \
	"$(echo '{}' >none.json; TG_LANGUAGES=none.json tg-batch status zig 2>err)"
serve zig.r "$(cat files)"
check_status "it takes its answers" 0 tg-batch import zig zig.r >files 2>err
check "and the next request names the language" grep -q Zig zig/1/judge.jsonl

# The last round runs online, and answered requests are not sent again.
tg-batch start mixed "${options[@]}" <all.jsonl >files 2>err
mapfile -t files <files
FAIL=3 serve mixed.r "${files[@]}"
tg-batch import mixed mixed.r >files 2>err
: >"$MOCK_LOG"
check_status "tg-batch online without a server exits with 4" 4 tg-batch online mixed -u http://127.0.0.1:1/v1 --retries 0 2>err
check "tg-batch online without a server says that the job is unchanged" grep -q 'the job stands where it was' err
check_same "tg-batch online without a server leaves the same requests" files <(tg-batch status mixed 2>err)
check_status "tg-batch online exits with 0" 0 tg-batch online mixed -u "$MOCK_URL" >files 2>err
check "tg-batch online leaves no request" [ ! -s files ]
tg-batch emit mixed >mixed.out 2>err
check_same "tg-batch online leads to the triplets of tg-run" run.out mixed.out

# Nothing new comes, twice, at the same time, and the script is killed at any
# moment.
tg-batch start two "${options[@]}" <all.jsonl >files 2>err
check_status "tg-batch start in a folder with a job is refused" 2 tg-batch start two "${options[@]}" <all.jsonl 2>err
check "tg-batch start says that the folder holds a job" grep -q 'holds a job already' err
check_status "tg-batch import without results exits with 0" 0 tg-batch import two >out 2>err
check "tg-batch import without results says that nothing is new" grep -q '^tg-batch: nothing new' err
check_same "tg-batch import without results names the same files" files out
check_status "tg-batch emit before the end exits with 1" 1 tg-batch emit two >out 2>err
check "tg-batch emit before the end counts unfinished records" grep -q unfinished err
mapfile -t files <files
serve two.r "${files[@]}"
exec {held}<two
flock "$held"
check_status "a second tg-batch on the same job exits with 3" 3 tg-batch import two two.r 2>err
exec {held}<&-
for after in 0.02 0.05 0.1 0.15 0.2 0.3; do
	timeout -s KILL $after tg-batch import two two.r >out 2>err
	# Processes that it has left running end by themselves.
	wait_for flock -n two true
	is "tg-batch import killed after $after s leaves one whole state" "1 $(wc -l <all.jsonl)" \
		"$(find two -path '*/[0-9]/state.jsonl' | wc -l) $(cat two/[0-9]/state.jsonl | wc -l)"
done
tg-batch import two two.r >out 2>err
check "a killed tg-batch import can be finished" until_done two
tg-batch emit two >two.out 2>err
check_same "a killed tg-batch import leads to the triplets of tg-run" run.out two.out
is "no half-made folder is left" '' "$(find . -name '*.tmp'; ls tmp)"

# Odd names, files named before and after cd, --tasks, and files of code.
mkdir "it's here" && cd "it's here" || exit 3
jq -c 'select(.name == "code_summary_retrieval") | .name = "mine" | .instruction = "My own." | del(.instructions)' \
	../tasks.jsonl >'my rows.json'
head -n 2 ../code.jsonl >'a code'
check_status "tg-batch start with odd names exits with 0" 0 tg-batch start "job's" -m m --no-judge -t mine --tasks 'my rows.json' \
	'a code' >files 2>err -- --export-max 1
is "--export-max 1 writes files of one request each" 'generate.jsonl generate-2.jsonl' \
	"$(sed 's,.*/,,' files | paste -sd ' ')"
cd .. || exit 3
check "all rounds with odd names succeed" until_done "it's here/job's"
is "a job with odd names gives its triplets" 'My own. My own.' \
	"$(tg-batch emit "it's here/job's" 2>err | jq -r .prompt | paste -sd ' ')"

# Mistakes.
check_status "tg-batch start without a model is refused" 2 tg-batch start none -t web_code_retrieval <code.jsonl 2>err
check "the message says to name the model with -m" grep -q 'name the model with -m' err
check_status "an unknown option is refused" 2 tg-batch start none -m m --nonsense <code.jsonl 2>err
check_status "an unknown option for tg-llm is refused" 2 tg-batch start none -m m -t web_code_retrieval \
	<code.jsonl 2>err -- --nonsense
check_status "a refused tg-batch start leaves nothing in the way of another" 0 tg-batch start none -m m -t web_code_retrieval <code.jsonl >out 2>err
check_status "a missing file of results makes status 3" 3 tg-batch import none nowhere 2>err
check_status "a folder without a job is refused" 2 tg-batch import tmp 2>err
check_status "a missing folder makes status 3" 3 tg-batch status nowhere 2>err
check_status "an unknown subcommand is refused" 2 tg-batch stop none 2>err
is "a broken pipe ends tg-batch emit quietly" '1 ' "$(tg-batch emit job0 2>err | head -n 1 | wc -l) $(grep batch err)"
check_status "tg-batch emit to a full disk exits with 3" 3 tg-batch emit job0 >/dev/full 2>err
(ulimit -f 8 && tg-batch start full -m m -t web_code_retrieval <code.jsonl >out 2>err)
[ $? -gt 1 ] && [ "$(find full -name state.jsonl)" = '' ]
ok "tg-batch start on a full disk fails and leaves no state"

# Only tg-llm gets keys, and only online.
mkdir probe
for tool in tg-prompt tg-llm tg-judge tg-arrange tg-emit; do
	printf '#!/bin/bash\ngrep -zac ^OPENAI_API_KEY= /proc/$$/environ >>"%s"\nexec %q "$@"\n' \
		"$T/seen.$tool" "$(command -v $tool)" >probe/$tool
	chmod +x probe/$tool
done
export OPENAI_API_KEY=secret
old_path=$PATH PATH=$T/probe:$PATH
{ tg-batch import none && tg-batch emit none; } >out 2>err
is "tg-batch import and emit give no program a key" 0 "$(sort -u seen.*)"
tg-batch online none -u "$MOCK_URL" >out 2>err
PATH=$old_path
is "tg-batch online gives tg-llm the key" 1 "$(sort -u seen.tg-llm | tail -n 1)"
rm seen.tg-llm
is "tg-batch online gives no other program the key" 0 "$(sort -u seen.*)"
check "the mock server stops without a fault" stop_mock
done_testing
