#!/bin/bash
# tg-run: who gets text, who gets a key, and tasks that ask nobody.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3
KEY=sk-canary-0123456789abcdef OTHER=sk-other-0123456789abcdef
seq 3 | jq -c '{text: "def f\(.)(x):\n  y = x\n  z = y * \(.)\n  return y + z\n"}' >code
auth() { jq -r '.headers.authorization // "none"' "$1" | sort -u | paste -sd ' '; }

# One line names all who get text.
start_mock -o owned_by=vllm
one=$MOCK_URL onelog=$MOCK_LOG onepid=$MOCK_PID
start_mock -o owned_by=vllm
two=$MOCK_URL twolog=$MOCK_LOG twopid=$MOCK_PID
check "a run with two servers exits with 0" tg-run -t web_code_retrieval -N 2 -u "$one" -m large \
	--judge-url "$two" --judge-model small code >out 2>err
is "the first line names all who get text" \
	"tg-run: text goes to $one, model large; the judge's to $two, model small" "$(head -n 1 err)"
is "no other line does" 1 "$(grep -c 'text goes to' err)"
tg-run -q -t web_code_retrieval -u "$one" -m large code >out 2>err
check "-q names nobody" [ ! -s err ]
tg-run -t web_code_retrieval -u "$one" code >out 2>err
is "a model that was looked up is named, once for all stages" \
	"tg-run: text goes to $one, model mock-model, the first there that can chat" "$(head -n 1 err)"

# Each stage has its own key.
echo $OTHER >other.key
: >"$onelog" && : >"$twolog"
OPENAI_API_KEY=$KEY OPENAI_BASE_URL=$one tg-run -t web_code_retrieval -m m \
	--judge-url "$two" --judge-model j --judge-opts '--key-file other.key' code >out 2>err
is "the judge alone gets the key of its file" "Bearer $KEY/Bearer $OTHER" "$(auth "$onelog")/$(auth "$twolog")"
is "the line says so" "tg-run: text goes to $one (with a key), model m; the judge's to $two (with a key), model j" \
	"$(head -n 1 err)"
: >"$onelog" && : >"$twolog"
OPENAI_API_KEY=$KEY OPENAI_BASE_URL=http://localhost:9/v1 tg-run -t web_code_retrieval -m m -u "$one" \
	--judge-url "$two" --judge-model j code >out 2>err
is "the key of another host goes to neither server" none/none "$(auth "$onelog")/$(auth "$twolog")"
is "that is said once for each" 2 "$(grep -o 'without the key, which is for another host' err | wc -l)"
: >"$onelog" && : >"$twolog"
check_status "--only-host refuses the judge's server before anything is sent" 2 tg-run -t web_code_retrieval -m m \
	-u "$one" --judge-url "http://localhost:${two#*127.0.0.1:}" --judge-model j code -- --only-host 127.0.0.1 >out 2>err
is "nothing is sent then" 0/0 "$(wc -l <"$onelog")/$(wc -l <"$twolog")"
check "--only-host may be repeated" tg-run -q -t web_code_retrieval -m m -u "$one" \
	--judge-url "http://localhost:${two#*127.0.0.1:}" --judge-model j code \
	-- --only-host 127.0.0.1 --only-host localhost >out 2>err
kill "$onepid" "$twopid"

# Every script says it once.
start_mock -o owned_by=vllm
echo '{"query":"q","pos":["p"]}' >pairs
for script in tg-one-step tg-add-judge tg-add-negatives; do
	"$script" web_code_retrieval -u "$MOCK_URL" -m m <pairs >out 2>err
	is "$script says once who gets text" "$script: text goes to $MOCK_URL, model m" "$(grep 'text goes' err)"
	"$script" web_code_retrieval -q -u "$MOCK_URL" -m m <pairs >out 2>err
	check_fail "$script -q does not say it" grep -q 'text goes' err
done
kill "$MOCK_PID"

# No other program than tg-llm has a key, whatever the script.
start_mock -o owned_by=vllm -o require_key=$KEY
mkdir shim
for program in tg-prompt tg-emit jq parallel split bash; do
	# a script that tg-fan-out runs is bash, too; the words of a command name it
	printf '#!/bin/sh\ntr "\\0" "\\n" </proc/$$/environ | grep -q "%s\\|%s" && echo "%s $*" >>"%s"\nexec "%s" "$@"\n' \
		"$KEY" s3cret-value-of-a-header $program "$T/leaks" "$(command -v $program)" >shim/$program
done
chmod +x shim/*
has_key() { # NAME COMMAND...: the command gets answers with the key, and no program has it
	check_status "$1 has the key where it asks" 0 env PATH="$T/shim:$PATH" OPENAI_API_KEY=$KEY \
		OPENAI_CUSTOM_HEADERS='X-Auth: s3cret-value-of-a-header' "${@:2}" <code >out 2>err
	check "$1: no other program has it" [ ! -e leaks ]
}
has_key tg-run tg-run -q -t code_summary_retrieval -m m -u "$MOCK_URL"
has_key tg-one-step tg-one-step code_summary_retrieval -q -m m -u "$MOCK_URL"
has_key tg-fan-out tg-fan-out -N 2 tg-run -q -t code_summary_retrieval -m m -u "$MOCK_URL"
has_key "tg-fan-out of a pipeline" tg-fan-out -N 2 sh -c \
	"tg-prompt generate -t code_summary_retrieval | tg-llm -q -m m -u '$MOCK_URL' | tg-arrange | tg-emit"
is "the pipeline has answers" 3 "$(wc -l <out)"
SLURM_ARRAY_TASK_ID=0 has_key tg-slurm tg-slurm -n 1 -d array code \
	tg-run -q -t code_summary_retrieval -m m -u "$MOCK_URL"
has_key "tg-batch start" tg-batch start job -t code_summary_retrieval -m m
# shellcheck disable=SC2016 # the script expands it
printf '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n' >ssh && chmod +x ssh
OPENAI_API_KEY=$KEY tg-fan-out -S 1/host --ssh "$T/ssh" --env PATH --env OPENAI_API_KEY --workdir "$T" \
	tg-run -q -t code_summary_retrieval -m m -u "$MOCK_URL" <code >out 2>err
is "--env passes a key on to a host" 3 "$(wc -l <out)"
kill "$MOCK_PID"

# A task that asks nobody needs no server.
for base in '' http://127.0.0.1:9/v1; do
	export OPENAI_BASE_URL=$base
	[ -n "$base" ] || unset OPENAI_BASE_URL
	check_status "a task without an LLM exits with 0 (OPENAI_BASE_URL=$base)" 0 \
		tg-run -t code_context_retrieval code >out 2>err
	is "it gives a triplet for each document (OPENAI_BASE_URL=$base)" 3 "$(wc -l <out)"
	check_fail "no server is mentioned (OPENAI_BASE_URL=$base)" grep -Eq 'text goes|server|LLM service' err
done
unset OPENAI_BASE_URL
check "a task without an LLM fills a cache" tg-run -q -t code_context_retrieval -C cache code >out 2>err
check "a task without an LLM comes from the cache" tg-run -q -t code_context_retrieval -C cache code >again 2>err
check_same "the cache gives the same triplets" out again
check "a judged task with --no-judge and without steps needs no server" \
	tg-run -q -t code_context_retrieval --no-judge code >again 2>err
check_status "a task with an LLM still needs a server" 4 \
	tg-run -t web_code_retrieval -u http://127.0.0.1:9/v1 code -- --retries 0 >out 2>err
check_status "negatives need a server" 4 \
	tg-run -t code_context_retrieval -N 2 -u http://127.0.0.1:9/v1 code -- --retries 0 >out 2>err
jq -c '.tg = {task: "code_summary_retrieval"}' code | cat code - >mixed
check_status "records that ask an LLM after all end in an error" 1 tg-run -t code_context_retrieval \
	-u http://127.0.0.1:9/v1 --rejects rejects mixed >out 2>err
is "the others become triplets, and the sum is right" 3/3 "$(wc -l <out)/$(wc -l <rejects)"
start_mock
check "with a server they are answered" tg-run -t code_context_retrieval -u "$MOCK_URL" mixed >out 2>err
is "with a server all become triplets" 6 "$(wc -l <out)"
check "who gets their text is said when they ask" grep -q "^tg-llm: text goes to $MOCK_URL, model mock-model" err
kill "$MOCK_PID"
done_testing
