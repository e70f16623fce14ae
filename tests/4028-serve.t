#!/bin/bash
# tg-slurm --serve: a server that lives as long as a task of a job array. There is no Slurm
# here: a task is a process that has the number of one.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3
export SLURM_ARRAY_TASK_ID=0
seq 24 | jq -c '{text: "def f\(.)(x):\n    return x + \(.)\n"}' >code

# The server: the mock, behind a shell that stays, as a server has children. Each start adds
# a line to starts. It takes a moment to load, and while there is a file deaf, for ever.
cat >server <<'END'
#!/bin/bash
here=${0%/*}
while [ $# -gt 0 ]; do
	[ "$1" != --port ] || port=$2
	shift
done
echo "start $$ $port ${OPENAI_API_KEY-none}" >>"$here/starts"
sleep 0.5
while [ -e "$here/deaf" ]; do sleep 0.1; done
"$TG_BUILD/tests/mockllm" -p "$here/port" -l "$here/log" -o latency_ms=200 -o "port=$port" &
echo $! >>"$here/children"
wait $!
END
chmod +x server
: >starts
: >log
task=(env "MARK=$T/mark" tg-slurm -n 1 -d work -j 1 -N 8 --serve "$T/server" code
	tg-run -t code_summary_retrieval --no-judge -j 2 -m m -q --answers 'answers/{#}')
alive() { running_with "MARK=$T/mark" | wc -l; }
gone() { [ "$(alive)" -eq 0 ]; }
starts() { [ "$(grep -c start starts)" -ge "$1" ]; }
requests() { [ "$(wc -l <log)" -ge "$1" ]; }
again() { rm -rf work answers && : >starts && : >log && : >children; }
collected() { tg-slurm -n 1 -d work --collect | jq -s 'map(.pos[0]) | unique | length'; }

OPENAI_API_KEY=sk-0123456789abcdef0123456789 check_status "a task with a server exits with 0" 0 "${task[@]}" 2>err
is "all documents of the task are answered" 24 "$(collected)"
is "the server is started once, without the key" "1 none" "$(wc -l <starts) $(cut -d ' ' -f 4 starts)"
check "a message says where the server answers" grep -Eq '^tg-slurm: the server answers at http://127.0.0.1:[0-9]+/v1 after' err
check "the server and its children end with the task" wait_for gone
is "the work folder keeps the server's log and the output" "0.lock 0.out 0.server.log plan tg.spent" "$(cd work && echo *)"
: >starts
check_status "a task that is done starts no server" 0 "${task[@]}" 2>err
is "a task that is done starts no server: there is none" 0 "$(wc -l <starts)"

# The server is killed twice.
again
"${task[@]}" 2>err &
pid=$!
wait_for requests 5
kill -9 "$(tail -n 1 children)"
wait_for starts 2
wait_for requests 15
kill -9 "$(awk 'END { print $2 }' starts)" "$(tail -n 1 children)"
check_status "a task whose server is killed twice exits with 0" 0 wait $pid
is "the server is started again each time" 3 "$(grep -c start starts)"
is "no document is lost to a dead server" 24 "$(collected)"
is "each death is told" 2 "$(grep -c '^tg-slurm: the server has ended with status' err)"
check "nothing is left of the killed servers" wait_for gone

# The task is stopped, by Slurm's signal or by SIGKILL, and queued again.
for signal in TERM KILL; do
	again
	"${task[@]}" 2>err &
	pid=$!
	wait_for requests 10
	kill -$signal $pid
	wait $pid 2>/dev/null
	check "SIG$signal of a task ends its server" wait_for gone
	n=$(wc -l <log)
	check_status "a task that is queued again after SIG$signal exits with 0" 0 "${task[@]}" 2>err
	is "no document is lost to SIG$signal" 24 "$(collected)"
	check "only part of the work is done again after SIG$signal" [ $(($(wc -l <log) - n)) -lt 24 ]
	check "nothing is left of the task" wait_for gone
done
# While the server loads.
again
: >deaf
"${task[@]}" 2>err &
pid=$!
wait_for starts 1
kill $pid
check_status "a signal ends a task whose server loads" 143 wait $pid
check "the server that loads ends, too" wait_for gone
check_status "a server that does not answer in --serve-time makes status 4" 4 tg-slurm -n 1 -d silent --serve-time 1 --serve "$T/server" code cat 2>err
check "the message names --serve-time" grep -q 'the server does not answer after 1 s (--serve-time)' err
check "the silent server has ended" wait_for gone
rm deaf
: >starts
printf '%s\n' '#!/bin/sh' 'echo "no GPU here" >&2' 'exit 3' >broken
chmod +x broken
check_status "a command that is no server makes status 4" 4 tg-slurm -n 1 -d bad --serve "$T/broken" code cat 2>err
check "the message has the server's last words" grep -q 'the server has ended with status 3: .*no GPU here' err
is "a server that ends at once is started five times" 5 "$(grep -c 'has ended' err)"
check "tg-slurm gives up with a pointer to the log" grep -q 'again and again; see .*0.server.log' err
check "nothing has been done without a server" [ ! -e bad/0 ]

# The port has a place in the command, which is one of the shell.
again
check_status "{port} in the command becomes the port" 0 tg-slurm -n 1 -d work -N 24 \
	--serve "true && TG_X={port} && $T/server --port \$TG_X" code \
	tg-run -t code_summary_retrieval --no-judge -m m -q 2>err
is "a server with {port} answers all" 24 "$(collected)"
check_status "--serve-time that is no number is refused" 2 tg-slurm -n 1 -d x --serve x --serve-time soon code cat 2>err
done_testing
