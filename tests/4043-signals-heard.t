#!/bin/bash
# A signal ends every program, whatever it waits for.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3
seq 3 | jq -c '{text: "def f\(.)(): pass"}' >code
mkfifo held silent
exec 5<>held # a pipe whose writer says nothing
ended() { ! kill -0 "$pid" 2>/dev/null; }
# ends NAME COMMAND...: tests that SIGTERM ends the command, which reads from the pipe.
ends() {
	local name=$1 pid
	shift
	env --default-signal=TERM "$@" <held >out 2>err 5>&- &
	pid=$!
	sleep 0.5
	kill -TERM $pid
	wait_for ended || kill -9 $pid
	check_status "SIGTERM ends $name" 143 wait $pid
}

start_mock
ends "tg-llm that reads" tg-llm -m m -u "$MOCK_URL"
ends "tg-llm whose file is a pipe without a writer" tg-llm -m m -u "$MOCK_URL" silent
ends "tg-llm that lacks a server" tg-llm -m m -u http://127.0.0.1:9/v1 --retries 1000 <(asked 1 1)
ends "tg-llm in a line that never ends" tg-llm -m m -u "$MOCK_URL" /dev/zero
ends tg-one-step tg-one-step web_code_retrieval -m m -u "$MOCK_URL"
ends tg-run tg-run -t web_code_retrieval -m m -u "$MOCK_URL"
ends "tg-run that looks for a model" tg-run -t web_code_retrieval -u http://127.0.0.1:9/v1 -- --retries 1000
ends tg-fan-out tg-fan-out -j 2 cat
ends tg-make-examples tg-make-examples
ends "tg-batch start" tg-batch start job -t web_code_retrieval -m m
ends tg-emit tg-emit --append set
kill "$MOCK_PID"
echo '{"match":{"path":"/models"},"stall":true}' >s
start_mock -s s
ends "tg-llm whose server is silent" tg-llm -u "$MOCK_URL" <(asked 1 1)
done_testing
