#!/bin/bash
# tg-slurm --serve under a Slurm of one node, which this test starts: the server of a task is
# killed twice, another task is requeued, and nothing is lost. make slurm runs it, as root.
. tests/lib.sh
PATH=$PATH:/usr/sbin
[ -n "${TG_SLURM-}" ] || skip_all "make slurm runs it"
for program in munged slurmctld slurmd sbatch scontrol; do
	command -v $program >/dev/null || skip_all "there is no $program"
done
[ "$(id -u)" -eq 0 ] || skip_all "slurmd needs root"
cd "$T" || exit 3

# A cluster: munge says who sends a message, slurmctld schedules, slurmd is the node.
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
mkdir munge state spool
head -c 1024 /dev/urandom >munge/key && chmod 400 munge/key
host=$(hostname -s)
cat >slurm.conf <<END
ClusterName=tg
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=$(port)
SlurmdPort=$(port)
AuthType=auth/munge
AuthInfo=socket=$T/munge/socket
CredType=cred/munge
StateSaveLocation=$T/state
SlurmdSpoolDir=$T/spool
SlurmctldPidFile=$T/state/pid
SlurmdPidFile=$T/spool/pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
JobRequeue=1
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$T/slurm.conf
munged --foreground --force --key-file="$T/munge/key" --socket="$T/munge/socket" \
	--pid-file="$T/munge/pid" --seed-file="$T/munge/seed" --log-file="$T/munge/log" 3>&- 4>&- &
wait_for [ -S munge/socket ]
slurmctld -D -f slurm.conf >ctld.log 2>&1 3>&- 4>&- &
slurmd -D -f slurm.conf >slurmd.log 2>&1 3>&- 4>&- &
node_is_up() { sinfo -h -o %T | grep -qx idle; }
if ! wait_for node_is_up; then
	diag <ctld.log
	diag <slurmd.log
	bail_out "Slurm does not start"
fi
diag "$(slurmctld -V)"

# The server is the mock. Its starts and requests have a file for each task.
cat >server <<'END'
#!/bin/bash
here=${0%/*} i=$SLURM_ARRAY_TASK_ID
echo "$$" >>"$here/starts.$i"
exec "$TG_BUILD/tests/mockllm" -p "$here/port.$i" -l "$here/log.$i" -a "$here/answered.$i" -o latency_ms=150 -o "port=$2"
END
chmod +x server
seq 80 | jq -c '{text: "def f\(.)(x):\n    return x + \(.)\n"}' >code
touch {starts,log}.{0,1}
job=$(sbatch --parsable --array=0-1 --cpus-per-task=1 --output="$T/task.%a" --export=ALL \
	"$TG_BIN/tg-slurm" -n 2 -d "$T/work" -N 10 --serve "$T/server --port {port}" "$T/code" \
	tg-run -t code_summary_retrieval -N 1 -j 2 -m m -q --answers "$T/answers/{%}.{#}")
is "sbatch takes tg-slurm" 0 $?
starts() { [ "$(wc -l <"starts.$1")" -ge "$2" ]; }
requests() { [ "$(wc -l <"log.$1")" -ge "$2" ]; }
for n in 1 2; do
	wait_for requests 0 $((n * 20))
	kill -9 "$(tail -n 1 starts.0)"
	wait_for starts 0 $((n + 1))
done
wait_for requests 1 30
check "a task is requeued" scontrol requeue "${job}_1"
off_the_node() { ! pgrep -f "$T/port.1" >/dev/null; }
wait_for off_the_node
is "a requeued task takes its server with it" 1 "$(wc -l <starts.1)"
# Slurm waits two minutes before it starts the task again.
SLOW=$((5 * SLOW))
all_over() { [ -z "$(squeue -h -j "$job" 2>/dev/null)" ]; }
wait_for all_over
is "the server of the first task was started three times" 3 "$(wc -l <starts.0)"
is "the server of the requeued task was started twice" 2 "$(wc -l <starts.1)"
check_status "tg-slurm --collect finds both tasks done" 0 tg-slurm -n 2 -d work --collect >out
is "no document is lost" 80 "$(jq -s 'map(.pos[0]) | unique | length' out)"
is "each triplet is there once" 80 "$(wc -l <out)"
# twice TASK: prints how many requests were answered twice, and how many of them although
# tg-llm had read the first answer, which its next request on the connection shows.
twice() {
	awk '$1 == "read" { have[$2] = 1; next }
		{ n[$2]++ } n[$2] == 2 { again++; lost += have[$2] }
		END { print again + 0, lost + 0 }' "answered.$1"
}
read -r again0 lost0 < <(twice 0)
read -r again1 lost1 < <(twice 1)
is "no answer is paid for twice" "0 0" "$lost0 $lost1"
# Three stages have two requests in flight each. tg-slurm asks each server the same.
check "what is asked again was in flight ($again0 and $again1)" \
	[ "$again0" -le $((1 + 2 * 3 * 2)) ] && [ "$again1" -le $((1 + 3 * 2)) ]
is "the messages name tg-slurm" 2 "$(grep -c '^tg-slurm: the server has ended' task.0)"
is "no process of the job stays" '' "$(pgrep -f "$T/port" || :)"
diag "$(cat task.0 task.1)"
done_testing
