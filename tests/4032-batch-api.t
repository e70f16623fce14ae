#!/bin/bash
# tg-batch with a batch API: it gives what tg-run gives, and pays for nothing twice.
export VALGRIND_ONE_IN=16
. tests/lib.sh
sample=$PWD/tests/data/sample
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp

tg-folder --all "$sample" 2>err | head -n 6 >code.jsonl
echo '{"query":"from elsewhere","pos":["its positive"],"x":1.0}' >>code.jsonl
cat >rules <<'END'
{"match":{"kind":"verdict","substring":"answer 1"},"text":"2"}
{"match":{"substring":"answer 3"},"status":400,"body":{"error":{"message":"bad","code":"x"}}}
END
options=(-t bug_desc_retrieval -m m --judge-model j -N 3 --meta --seed 7)
start_mock -s rules -o owned_by=openai
tg-run "${options[@]}" -u "$MOCK_URL" code.jsonl >run.out 2>err
check "the online run gives triplets" [ -s run.out ]
stop_mock "$MOCK_PID"

# start NAME [MOCK-OPTION...]: starts a mock and a job of this name.
start() {
	job=$1
	start_mock -s rules -o owned_by=openai "${@:2}"
	export OPENAI_BASE_URL=$MOCK_URL
	tg-batch start "$job" "${options[@]}" <code.jsonl >files 2>err
}
# emitted: prints the triplets of the job.
emitted() { tg-batch emit "$job" 2>err; }

# All of it in one command, and each request once.
start whole -o batch_polls=2
check_status "run exits with 0" 0 tg-batch run whole --every 0.01 >out 2>err
is "run leaves nothing to ask" '' "$(cat out)"
check "run says what comes next" grep -q 'nothing is asked any more: tg-batch emit' err
check_same "run leads to the triplets of tg-run" run.out <(emitted)
is "run pays for nothing twice" 0 "$(mock_stats .paid_twice)"
is "each batch has one model" 'j m' "$(jq -r 'select(.path == "/v1/files").body' "$MOCK_LOG" |
	grep -o '"model":"[a-z]*"' | sort -u | cut -d '"' -f 4 | paste -sd ' ')"
is "run sends no request by itself" 0 "$(mock_stats .requests)"
check_status "run of a job that is done exits with 0" 0 tg-batch run whole 2>err
stop_mock "$MOCK_PID"

# Step by step, with batches that expire half done, fail for now, and large jobs.
start expired -o batch_ends=expired,expired,completed -o batch_some=2
check_status "submit exits with 0" 0 tg-batch submit expired >out 2>err
is "submit prints a ticket for each file" 'running running' "$(jq -r .step out | paste -sd ' ')"
check "status tells where each batch is" grep -q 'in generate.jsonl (batch_1, validating, 0 answered), 1 requests in judge.jsonl (batch_2, validating, 0 answered)' \
	<(tg-batch status expired 2>&1 >/dev/null)
check_status "import while a batch is at work is refused" 2 tg-batch import expired 2>err
check "import while a batch is at work is told why" grep -q 'generate.jsonl: its batch has to be fetched first' err
check_status "online while a batch is at work is refused" 2 tg-batch online expired 2>err
check_status "poll exits with 0" 0 tg-batch poll expired >out 2>err
is "poll prints the tickets" 'expired expired' "$(jq -r .status out | paste -sd ' ')"
check_status "fetch exits with 0" 0 tg-batch fetch expired >files 2>err
check "what has expired is in the next round" has_lines 5 expired/1/generate.jsonl
check_status "a job with expired batches can be run" 0 tg-batch run expired --every 0.01 >out 2>err
check_same "a job with expired batches gives the triplets of tg-run" run.out <(emitted)
is "a job with expired batches pays for nothing twice" 0 "$(mock_stats .paid_twice)"
check_status "fetch without a batch is refused" 2 tg-batch fetch expired 2>err
stop_mock "$MOCK_PID"

start parts
rm -rf parts && tg-batch start parts "${options[@]}" <code.jsonl >files 2>err -- --export-max 2
check_status "a job in parts can be run" 0 tg-batch run parts --every 0.01 >out 2>err
check_same "a job in parts gives the triplets of tg-run" run.out <(emitted)
check "a job in parts has more batches" [ "$(mock_stats .batches)" -gt 8 ]
is "a job in parts pays for nothing twice" 0 "$(mock_stats .paid_twice)"
stop_mock "$MOCK_PID"

# A batch of two is still at work: nothing is imported, or it would be asked again.
start one-left -o batch_polls=3
tg-batch submit one-left >out 2>err
tg-batch poll one-left --only judge >out 2>err
tg-batch poll one-left --only judge >out 2>err
tg-batch poll one-left --only judge >out 2>err
check_status "fetch with a batch left exits with 0" 0 tg-batch fetch one-left >out 2>err
check "fetch with a batch left says so" grep -q '1 batches have not ended' err
is "fetch with a batch left makes no new round" 0 "$(cd one-left && echo [0-9]*)"
tg-batch poll one-left >out 2>err
tg-batch fetch one-left >files 2>err
is "fetch of the last batch makes a new round" '0 1' "$(cd one-left && echo [0-9]*)"
check_status "cancel exits with 0" 0 tg-batch cancel one-left 2>err
tg-batch submit one-left >out 2>err && tg-batch cancel one-left >out 2>err
is "cancel tells the service" 'cancelling' "$(jq -r .status out | sort -u)"
check_status "a job with a cancelled round can be run" 0 tg-batch run one-left --every 0.01 >out 2>err
check_same "a job with a cancelled round gives the triplets of tg-run" run.out <(emitted)
is "a job with a cancelled round pays for nothing twice" 0 "$(mock_stats .paid_twice)"
stop_mock "$MOCK_PID"

# A batch that fails as a whole.
start failed -o batch_ends=failed
check_status "run ends with 4 if a batch has failed" 4 tg-batch run failed --every 0.01 2>err
check "run tells why a batch has failed" grep -q 'batch_1 is failed: line 1: mock failure of a batch (invalid_json_line)' err
check_status "fetch ends with 1 if a batch has failed" 1 tg-batch fetch failed >files 2>err
check "the requests of a failed batch are in the next round" [ -s failed/1/generate.jsonl ]
stop_mock "$MOCK_PID"
start full -o batch_ends=failed,failed,failed,completed -o batch_code=token_limit_exceeded
check_status "run submits again what the service had no room for" 0 tg-batch run full --every 0.01 >out 2>err
check_same "a job for which there was no room gives the triplets of tg-run" run.out <(emitted)
stop_mock "$MOCK_PID"
printf '%s\n' '{"status":503}' >none
start_mock -s none
tg-batch start nothing "${options[@]}" <code.jsonl >files 2>err
check_status "run ends with 4 if two rounds bring no answer" 4 env OPENAI_BASE_URL="$MOCK_URL" tg-batch run nothing --every 0.01 2>err
check "run says that two rounds brought no answer" grep -q 'two rounds in a row brought no answer' err
stop_mock "$MOCK_PID"

# --only: another server generates, and batches judge.
start mixed
check_status "online --only exits with 0" 0 tg-batch online mixed --only generate >files 2>err
is "online --only leaves the other requests" judge.jsonl "$(sed 's,.*/,,' files | paste -sd ' ')"
is "online --only sends its requests alone" 'm' "$(jq -r 'select(.body.messages?).body.model' "$MOCK_LOG" | sort -u)"
asked=$(mock_stats .requests)
check_status "run --only exits with 0" 0 tg-batch run mixed --only judge --every 0.01 >out 2>err
is "run --only sends its requests as batches" "$asked 1" "$(mock_stats .requests) $(mock_stats .batches)"
is "run --only leaves the other requests" negatives.jsonl "$(tg-batch status mixed 2>err | sed 's,.*/,,' | sort -u | paste -sd ' ')"
check_status "online finishes the job" 0 tg-batch online mixed >files 2>err
check_same "a mixed job gives the triplets of tg-run" run.out <(emitted)
is "a mixed job pays for nothing twice" 0 "$(mock_stats .paid_twice)"
check_status "an unknown kind is refused" 2 tg-batch submit mixed --only verdict 2>err
check_status "an odd --every is refused" 2 tg-batch run mixed --every soon 2>err
stop_mock "$MOCK_PID"

# Killed at any moment, run goes on.
start killed -o batch_polls=2
for after in 0.1 0.3 0.5 0.8 1.2 1.7; do
	setsid timeout -s KILL $after tg-batch run killed --every 0.01 >out 2>err &
	wait $!
	wait_for flock -n killed true
done
check_status "a killed run goes on" 0 tg-batch run killed --every 0.01 >out 2>err
check_same "a killed run leads to the triplets of tg-run" run.out <(emitted)
is "a killed run pays for nothing twice" 0 "$(mock_stats .paid_twice)"
is "no half-made folder is left" '' "$(find . -name '*.tmp' -o -name '*.part'; ls tmp)"

# Keys: tg-llm alone has one, and only where it asks the service. A job's folder
# decides neither where a key goes nor what is run.
mkdir probe
for tool in tg-prompt tg-llm tg-judge tg-arrange tg-emit tg-run jq; do
	# shellcheck disable=SC2016
	printf '#!/bin/bash\ncase "$*" in *--batch*) kind=batch ;; *) kind=other ;; esac
		grep -zac ^OPENAI_API_KEY= /proc/$$/environ >>"%s.$kind"\nexec %q "$@"\n' \
		"$T/seen.$tool" "$(command -v $tool)" >probe/$tool
	chmod +x probe/$tool
done
old_path=$PATH PATH=$T/probe:$PATH
export OPENAI_API_KEY=a-key-of-twenty-letters
tg-batch start keys "${options[@]}" <code.jsonl >files 2>err
tg-batch run keys --every 0.01 >out 2>err
PATH=$old_path
is "tg-llm --batch has the key" 1 "$(sort -u seen.tg-llm.batch)"
rm seen.tg-llm.batch
is "no other program has the key" 0 "$(cat seen.* | sort -u)"
is "no file has the key" '' "$(grep -rl "$OPENAI_API_KEY" keys out err files)"
is "the service got the key" "Bearer $OPENAI_API_KEY" "$(jq -r 'select(.headers.authorization).headers.authorization' "$MOCK_LOG" | sort -u)"
unset OPENAI_API_KEY
tg-batch start trap "${options[@]}" <code.jsonl >files 2>err
tg-batch submit trap >out 2>err
jq '.service = "http://127.0.0.1:1/v1"' trap/0/generate.jsonl.batch >x && mv x trap/0/generate.jsonl.batch
check_status "a ticket that names another service makes status 2" 2 tg-batch poll trap 2>err
jq '.batch_id = "\u001b[31m$(touch ran)`touch ran`"' trap/0/judge.jsonl.batch >x && mv x trap/0/judge.jsonl.batch
tg-batch status trap >out 2>err
is "status runs nothing and shows no control character" '' "$(ls ran 2>/dev/null; grep -P '\x1b' out err)"
check "status shows the ticket" grep -q '?\[31m' err
for file in 0/judge.jsonl.batch 0/negatives.jsonl 1/state.jsonl; do
	mkdir -p trap/1 && rm -f "trap/$file" && mkfifo "trap/$file"
done
mkdir trap/08 && echo '{}' >trap/08/state.jsonl && echo x >trap/0/$'generate-2\e.jsonl'
check_status "status waits for no pipe" 0 timeout 60 tg-batch status trap >out 2>err
is "status names the files of requests alone" 'generate.jsonl judge.jsonl' "$(sed 's,.*/,,' out | paste -sd ' ')"
is "status tells what it cannot read, and reads no other folder" 1 "$(grep -c 'round 0, .*(judge.jsonl.batch is unreadable)' err)"
rm trap/plan && ln -s /dev/zero trap/plan
check_status "a plan without an end is none" 2 timeout 60 tg-batch status trap 2>err
check "the mock server stops without a fault" stop_mock
done_testing
