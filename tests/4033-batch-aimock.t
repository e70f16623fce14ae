#!/bin/bash
# Batches at a server that others have written: aimock, which `make aimock` installs.
. tests/lib.sh

[ -z "${TG_VALGRIND-}" ] || skip_all "nothing here is new to valgrind"
aimock=$TG_BUILD/aimock/node_modules/.bin/aimock
[ -x "$aimock" ] || skip_all "aimock is not here; make aimock installs it"
cd "$T" || exit 3
echo '{}' >config.json
"$aimock" -c config.json -p 0 >log 2>&1 </dev/null &
wait_for grep -q 'listening on' log || bail_out "aimock does not start"
url=$(sed -n 's/.*listening on //p' log)/v1
export OPENAI_BASE_URL=$url TG_MODEL=m

asked 1 3 >in
tg-llm --export q.jsonl <in >out 2>err
check_status "submit exits with 0" 0 tg-llm --batch submit q.jsonl >out 2>err
check_status "fetch before the end exits with 0" 0 tg-llm --batch fetch q.jsonl >out 2>err
is "the batch is in progress" in_progress "$(jq -r .status q.jsonl.batch)"
check_status "fetch at the end exits with 0" 0 tg-llm --batch fetch q.jsonl >out 2>err
is "each record gets an answer" '3 Mock batch completion' \
	"$(tg-llm --import q.jsonl.output <in 2>err | jq -r .tg.response.choices[].text | uniq -c | sed 's/^ *//')"

# aimock ends a batch as a header of its creation says.
for end in failed expired cancelled; do
	cp q.jsonl $end.jsonl
	OPENAI_CUSTOM_HEADERS="X-AIMock-Batch-Outcome: $end" tg-llm --batch submit $end.jsonl >out 2>err
	tg-llm --batch poll $end.jsonl >out 2>err
	tg-llm --batch fetch $end.jsonl >out 2>err
	is "a batch that is $end: status and ticket" "$([ $end != failed ] || echo 1) $end fetched" \
		"$(tg-llm --batch fetch $end.jsonl >out 2>err || echo $?) $(jq -r '"\(.status) \(.step)"' $end.jsonl.batch)"
done
is "the results of a failed batch leave its requests to be asked again" 3 \
	"$(tg-llm --import failed.jsonl.errors <in 2>err | grep -c '"request"')"
check_status "a failed batch is submitted again" 0 tg-llm --batch submit failed.jsonl >out 2>err
cp q.jsonl c.jsonl
tg-llm --batch submit c.jsonl >out 2>err
check_status "cancel exits with 0" 0 tg-llm --batch cancel c.jsonl >out 2>err
is "the batch is being cancelled" cancelling "$(jq -r .status c.jsonl.batch)"
check_status "fetch after cancel exits with 0" 0 tg-llm --batch fetch c.jsonl >out 2>err
check_status "cancel of a batch that was cancelled exits with 0" 0 tg-llm --batch cancel c.jsonl >out 2>err

# A lost answer: the list is aimock's own.
cp q.jsonl lost.jsonl
tg-llm --batch submit lost.jsonl >out 2>err
id=$(jq -r .batch_id lost.jsonl.batch)
jq 'del(.batch_id, .status) | .step = "creating"' lost.jsonl.batch >x && mv x lost.jsonl.batch
check_status "submit after a lost answer exits with 0" 0 tg-llm --batch submit lost.jsonl >out 2>err
is "a batch whose answer was lost is found" "$id" "$(jq -r .batch_id lost.jsonl.batch)"
file=$(jq -r .input_file_id lost.jsonl.batch)
jq 'del(.batch_id, .status, .input_file_id) | .step = "uploading"' lost.jsonl.batch >x && mv x lost.jsonl.batch
tg-llm --batch submit lost.jsonl >out 2>err
is "a file whose answer was lost is found" "$file" "$(jq -r .input_file_id lost.jsonl.batch)"

# A job: the canned answers make one stage of it.
printf '{"text":"a = %d"}\n' 1 2 3 >code.jsonl
tg-batch start job -t code_summary_retrieval --no-judge code.jsonl >files 2>err
check_status "tg-batch run exits with 0" 0 tg-batch run job --every 0.1 >out 2>err
is "tg-batch emits one triplet, and drops its duplicates" 'Mock batch completion' "$(tg-batch emit job 2>err | jq -r '.pos[0]')"
done_testing
