#!/bin/bash
# tg-run: a mistake is reported once, and before anything is paid for.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3
start_mock -o owned_by=vllm
export OPENAI_BASE_URL=$MOCK_URL
for i in {1..20}; do echo "{\"text\":\"f$i()\",\"tg\":{\"task\":\"web_code_retrieval\"}}"; done >in

# refuses STATUS MESSAGE ARG...: tests for one line and no request.
refuses() {
	local status=$1 message=$2
	shift 2
	check_status "tg-run $* exits with status $status" "$status" tg-run in -m m "$@" >out 2>err
	is "tg-run $*: one line says what is wrong" "$message" "$(cat err)"
	is "tg-run $*: no request is sent" 0 "$(mock_stats .requests)"
}
see="; see tg-llm --help"
refuses 2 'tg-emit: --dedupe: "x" is not one of task | run | pair | none; see tg-emit --help' --dedupe x
refuses 2 'tg-split-context: --boundary: "x" is not one of line | char; see tg-split-context --help' \
	--boundary x
refuses 2 "tg-llm: -j: \"0\" is not a whole number in 1..4096$see" -j 0
refuses 2 "tg-prompt: -n: \"2000\" is not a whole number in 1..1000; see tg-prompt --help" -N 2000
refuses 3 'tg-run: --rejects: cannot write no/where' --rejects no/where
refuses 3 'tg-run: --against: cannot read nothing' --against nothing
refuses 2 'tg-llm: http://192.0.2.1/v1: is none of the hosts of --only-host' \
	--judge-url http://192.0.2.1/v1 --judge-model m -- --only-host 127.0.0.1

# A task that does not exist is reported without a server.
check_status "an unknown task without a server is refused" 2 tg-run -u http://127.0.0.1:1/v1 -t web_code in \
	>out 2>err
check "the message names the unknown task" grep -q '^tg-prompt: .*web_code' err

# A forgotten -t is reported without a server; records that name their tasks need none.
jq -c 'del(.tg)' in >bare
for file in bare '-' ''; do
	# shellcheck disable=SC2086 # none or one
	check_status "without -t, records without a task are refused: tg-run $file" 2 \
		tg-run -u http://127.0.0.1:1/v1 $file <bare >out 2>err
	is "one line says so: tg-run $file" \
		"tg-run: $([ "$file" = bare ] || echo std)${file:+${file/-/in}}$([ "$file" ] || echo in): the records name no task; -t names one, for example -t code_summary_retrieval; tg-prompt --list prints them" \
		"$(cat err)"
done
sed 1d in | cat <(head -n 1 bare) - >mixed
for how in 'in' '<in' '< <(cat in)' '<(cat in)'; do
	eval "tg-run -m m --no-judge $how" >out 2>err
	is "records that name their tasks need no -t: tg-run $how" 20 "$(wc -l <out)"
done
check_status "a record without a task among others ends in error" 1 tg-run -m m --no-judge mixed >out 2>err
is "the others become triplets" 19 "$(wc -l <out)"
tg-run -u http://127.0.0.1:1/v1 --retries 0 < <(cat bare) >out 2>err
check_fail "a pipe is not looked at beforehand" grep -q 'tg-run: .*names no task' err

echo old >rejects
tg-run -m m --no-judge --rejects rejects in >out 2>err
is "the run empties a rejects file that it can write" '0 20' \
	"$(wc -l <rejects) $(wc -l <out)"
tg-run -m m --no-judge --against out in >again 2>err
is "--against reaches tg-emit" 0 "$(wc -l <again)"
done_testing
