#!/bin/bash
# tg-fan-out on hosts and when it is killed, and tg-slurm.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3

# slow NUMBER: prints a line of output for each line of input, slowly, and adds
# a line to slow.log for each chunk. While there is a file slow.hold, the chunks
# from the number in it on stop in their middle. A pipe that says nothing lets bash sleep
# without a process.
mkfifo slow.pipe
cat >slow <<'END'
#!/bin/bash
echo "$1 $SSH_CONNECTION" >>"$0.log"
exec 9<>"$0.pipe"
nap() { read -rt "$1" -u 9 _; }
n=0
while read -r line; do
	echo "$line"
	nap 0.01
	((++n == 5)) || continue
	while { read -r from <"$0.hold"; } 2>/dev/null && ((10#$1 >= from)); do nap 0.05; done
done
exit 0
END
chmod +x slow
seq 300 >numbers
# hold N: holds the chunks from N on. begun N: succeeds if N chunks have begun.
hold() { rm -f slow.log && echo "$1" >slow.hold; }
begun() { has_lines "$1" slow.log; }
limit=$((300 * SLOW))

# kill_session PID: kills all processes of a session at one moment, since a
# stopped process starts nothing more.
kill_session() {
	local all='' before=none
	while [ "$all" != "$before" ]; do
		before=$all
		all=$(ps -o pid=,stat= -s "$1" | awk '$2 !~ /^Z/ { print $1 }')
		# shellcheck disable=SC2086
		kill -STOP $all
	done 2>/dev/null
	# shellcheck disable=SC2086
	kill -9 $all
}

# A chunk that is done is done for good, whatever is killed and when. The last
# chunks wait, so that the kill comes before the end.
rounds=0 bad=0 again=0
for n in 1 3 5 8 10 12; do
	rm -rf work out
	hold 14
	rounds=$((rounds + 1))
	setsid tg-fan-out -j 4 -N 20 -d work "$T/slow" '{#}' <numbers >out 2>err &
	pid=$!
	wait_for begun $n || bad=$((bad + 1))
	if ((rounds % 2)); then
		kill -9 $pid # only tg-fan-out itself
	else
		kill_session $pid
	fi
	wait $pid 2>/dev/null
	# Processes that it started may still write.
	cat out >seen
	head -c "$(wc -c <seen)" numbers | cmp -s - seen && ! cmp -s numbers seen || bad=$((bad + 1))
	rm out slow.hold
	timeout $limit tg-fan-out -j 4 -N 20 -d work "$T/slow" '{#}' <numbers >out 2>err
	cmp -s numbers out || bad=$((bad + 1))
	# At most the four chunks under way may begin twice.
	begun $((15 + 4 + 1)) && again=$((again + 1))
done
is "$rounds kills: the second run gives the whole output, and the first a whole part of it" 0 $bad
is "chunks that are done do not run again" 0 $again
before=$(wc -l <slow.log)
check_status "a run of finished chunks exits with 0" 0 tg-fan-out -j 4 -N 20 -d work "$T/slow" '{#}' <numbers >out 2>err
check_same "a run of finished chunks gives the output" numbers out
is "a run of finished chunks runs no command" "$before" "$(wc -l <slow.log)"
check_status "another input in the same folder is refused" 2 tg-fan-out -j 4 -N 20 -d work "$T/slow" '{#}' \
	< <(seq 2 301) >out 2>err
check "the message names the chunk that differs" grep -q '^tg-fan-out: chunk 1 of the input is not' err
check "another input gets no output of the old one" [ ! -s out ]
check_status "another command in the same folder is refused" 2 tg-fan-out -j 4 -N 20 -d work cat <numbers >out 2>err
cp numbers longer && seq 301 320 >>longer
check_status "a longer input in the same folder exits with 0" 0 tg-fan-out -j 4 -N 20 -d work "$T/slow" '{#}' <longer >out 2>err
check_same "a longer input gives the whole output" longer out
is "a longer input runs only the new chunks" 1 $(($(wc -l <slow.log) - before))
check_status "a failed chunk is tried again with --retries" 0 \
	tg-fan-out -N 50 --retries 2 bash -c 'cat; mkdir {#} 2>/dev/null && exit 7; exit 0' <numbers >out 2>err
check_same "a chunk that is tried again gives its output once" numbers out
check_status "a chunk that always fails makes its status" 7 \
	tg-fan-out -N 50 -d work2 --retries 1 bash -c 'cat; [ {#} != 4 ] || exit 7' <numbers >out 2>err

# Slurm: the tasks of an array.
export SLURM_ARRAY_TASK_ID
# shellcheck disable=SC2016
array=(tg-slurm -n 3 -d slurm -j 2 -N 10 numbers bash -c ': >part.{%}.{#}; exec "$0" {#}' "$T/slow")
for SLURM_ARRAY_TASK_ID in 0 2; do
	check_status "task $SLURM_ARRAY_TASK_ID of tg-slurm exits with 0" 0 "${array[@]}" 2>err
done
check_status "tg-slurm --collect exits with 1 if a task is missing" 1 tg-slurm -n 3 -d slurm --collect >out 2>err
check "tg-slurm --collect names the missing task" grep -qx 'tg-slurm: not done; start again with --array=1' err
SLURM_ARRAY_TASK_ID=1
hold 3
"${array[@]}" >out 2>err &
pid=$!
wait_for begun 4
kill $pid
check_status "a signal ends a task of tg-slurm" 143 wait $pid
is "after the signal a message says what goes on" "tg-fan-out: it was interrupted; the same command goes on from here" \
	"$(grep 'goes on' err)"
check_status "tg-slurm --collect exits with 1 if a task is not finished" 1 tg-slurm -n 3 -d slurm --collect >out 2>err
rm slow.hold
check_status "the task of tg-slurm goes on and exits with 0" 0 "${array[@]}" 2>err
# Of ten chunks two were done and two under way.
is "tg-slurm does not run again what was done" 12 "$(wc -l <slow.log)"
check_status "tg-slurm --collect exits with 0 when all tasks are done" 0 tg-slurm -n 3 -d slurm --collect >out
check_same "tg-slurm --collect gives the whole output in order" numbers out
check "each part of tg-slurm has files of its own" [ -e part.0.1 ] && [ -e part.2.1 ]
# A folder is for one array, whose parts fit together.
other() { # WHAT OPTION...: tests an array with another WHAT
	local what=$1
	shift
	check_status "tg-slurm with other $what in the same folder is refused" 2 tg-slurm -d slurm "$@" 2>err
	check "tg-slurm says that its folder was begun with other $what" grep -q "^tg-slurm: slurm was begun with other $what: " err
}
command=("${array[@]:10}")
other parts -n 4 -N 10 numbers "${command[@]}"
other lines -n 3 -N 11 numbers "${command[@]}"
other command -n 3 -N 10 numbers "${command[@]}" more
tr 5 6 <numbers >numbers2
other input -n 3 -N 10 numbers2 "${command[@]}"
check_status "tg-slurm --collect with another number of parts is refused" 2 tg-slurm -n 4 -d slurm --collect >out 2>err
check "tg-slurm --collect with another number of parts prints nothing" [ ! -s out ]
cp numbers numbers2
check_status "tg-slurm with a copy of the input exits with 0" 0 tg-slurm -n 3 -d slurm -N 10 numbers2 "${command[@]}" 2>err
check_same "tg-slurm with a copy of the input changes no output" numbers <(tg-slurm -n 3 -d slurm --collect)
# Two arrays start at once, and one gets the folder.
for n in 3 4; do
	for ((SLURM_ARRAY_TASK_ID = 0; SLURM_ARRAY_TASK_ID < n; SLURM_ARRAY_TASK_ID++)); do
		{
			tg-slurm -n $n -d race -N 50 numbers cat
			echo "$n $?" >>race.status
		} 2>>race.err &
	done
done
wait_for has_lines 7 race.status
n=$(grep -m 1 ' 0$' race.status | cut -d ' ' -f 1)
is "of two arrays on one folder one works and the other is refused" "$n:0 $((7 - n)):2" \
	"$(sort -u race.status | sort -k 2 | tr ' ' : | paste -sd ' ')"
check_same "of two arrays on one folder the one that works gives the output" numbers <(tg-slurm -n "$n" -d race --collect)
SLURM_ARRAY_TASK_ID=0
hold 1
twice=(tg-slurm -n 1 -d twice -j 1 -N 100 numbers "$T/slow" '{#}')
"${twice[@]}" 2>err &
pid=$!
wait_for begun 1
"${twice[@]}" 2>err2 &
wait_for [ -s err2 ]
rm slow.hold
check_status "a task that is queued again while it runs exits with 0" 0 wait $!
check_status "the first process of that task exits with 0" 0 wait $pid
is "a task that is queued again runs each chunk once" 3 "$(wc -l <slow.log)"
check_same "a task that is queued again gives the output" numbers <(tg-slurm -n 1 -d twice --collect)
check_status "tg-slurm without a task number is refused" 2 env -u SLURM_ARRAY_TASK_ID tg-slurm -n 3 -d slurm numbers cat 2>err
check_status "tg-slurm with a task number over its parts is refused" 2 env SLURM_ARRAY_TASK_ID=3 tg-slurm -n 3 -d slurm numbers cat 2>err

# Hosts: sshd on two loopback addresses. The login files of the user's shell do
# not matter, since HOME is the test's folder.
sshd=$(PATH=$PATH:/usr/sbin command -v sshd)
if [ -z "$sshd" ] || ! command -v ssh >/dev/null; then
	skip "tg-fan-out works on hosts" "needs openssh-server"
	done_testing
	exit
fi
[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f hostkey && ssh-keygen -q -t ed25519 -N '' -f key
chmod 700 "$T"
start_sshd() { # ADDRESS [COMMAND...]: starts sshd, with COMMAND before it
	rm -f "sshd.$1"
	printf '%s\n' "Port $port" "ListenAddress $1" "HostKey $T/hostkey" \
		"AuthorizedKeysFile $T/key.pub" "PidFile $T/sshd.$1" 'StrictModes no' \
		"SetEnv HOME=$T" 'MaxStartups 100:30:200' >"sshd.$1.conf"
	"${@:2}" "$sshd" -D -f "$T/sshd.$1.conf" -E "$T/sshd.log" 7>&- 3>&- 4>&- &
	wait_for up_or_not $! "sshd.$1" && [ -s "sshd.$1" ]
}
up_or_not() { [ -s "$2" ] || ! kill -0 "$1" 2>/dev/null; }
# kill_host ADDRESS: kills the sshd of a host and all that it has started.
kill_host() {
	local all='' new
	new=$(cat "sshd.$1")
	while [ -n "$new" ]; do
		all+=" $new"
		# shellcheck disable=SC2086
		new=$(ps -o pid= --ppid "$(echo $new | tr ' ' ,)")
	done
	# shellcheck disable=SC2086
	kill -9 $all
}
# shellcheck disable=SC2317
stop_hosts() {
	local f p
	for f in sshd.*; do
		[[ $f = *[a-z] ]] || ! p=$(cat "$f") || { kill "$p" && wait "$p"; }
	done 2>/dev/null
}
# start_hosts: takes a port that is free on both addresses.
start_hosts() {
	for port in $(shuf -i 20000-29999 -n 20); do
		start_sshd 127.0.0.2 && start_sshd 127.0.0.3 && return
		stop_hosts
	done
	return 1
}
start_hosts
started=$?
cat >ssh.conf <<END
Host *
	Port $port
	User $(id -un)
	IdentityFile $T/key
	IdentitiesOnly yes
	UserKnownHostsFile /dev/null
	StrictHostKeyChecking no
	LogLevel ERROR
END
fan() { timeout $limit tg-fan-out --ssh "ssh -F $T/ssh.conf" "$@"; }
if ((started != 0)) ||
	! ssh -n -o BatchMode=yes -F ssh.conf 127.0.0.2 true; then
	diag <sshd.log
	skip "tg-fan-out works on hosts" "sshd does not work here"
	done_testing
	exit
fi
hold 1
fan -S 2/127.0.0.2,2/127.0.0.3 -S 1/: -N 30 "$T/slow" '{#}' <numbers >out 2>err &
pid=$!
wait_for begun 5
rm slow.hold
check_status "tg-fan-out on two hosts and this one exits with 0" 0 wait $pid
check_same "tg-fan-out on two hosts gives the output in order" numbers out
check "tg-fan-out on two hosts uses both" [ "$(grep -o '127.0.0.[23] ' slow.log | sort -u | wc -l)" = 2 ]
export CANARY=sk-canary-5481-$$ OTHER="a 'b' \"c\" \$d"
# shellcheck disable=SC2016
check_status "tg-fan-out with --env and odd arguments exits with 0" 0 \
	fan -S 127.0.0.2 --env CANARY --env OTHER --env PATH --workdir /tmp sh -c \
	'cat; pwd; echo "$1|$OTHER|$CANARY"; printf "$CANARY" | grep -aFl -f - /proc/[0-9]*/cmdline; true' \
	x "it's {} \$HOME \"*\" \\" < <(echo 1) >out 2>err
is "--env and arguments reach the command unchanged and do not show in ps" \
	"1 /tmp it's {} \$HOME \"*\" \\|$OTHER|$CANARY" "$(paste -sd ' ' out)"
check_status "a command that is missing on a host makes status 2" 2 fan -S 127.0.0.2 tg-nowhere <numbers >out 2>err
check "the message names host and command" grep -q '127.0.0.2: tg-nowhere: not found' err
check_status "tg-fan-out with one of two hosts missing exits with 0" 0 fan -S 2/127.0.0.9,2/127.0.0.2 -N 100 cat <numbers >out 2>err
check_same "the other host does the work of a missing one" numbers out
check "the message says that a host cannot be reached" grep -q '127.0.0.9 cannot be reached' err
check_status "tg-fan-out exits with 4 if no host can be reached" 4 fan -S 127.0.0.9 cat <numbers >out 2>err
# shellcheck disable=SC2016
check_status "tg-fan-out exits with 255 if its only host is lost" 255 fan -S 1/127.0.0.2 --retries 0 sh -c \
	'echo whole; printf torn; sleep 1; kill -9 $PPID' < <(echo 1) >out 2>err
is "the whole lines of a lost host come out" whole "$(cat out)"
check "the message names the chunk of a lost host" grep -qx \
	'tg-fan-out: chunk 1, from line 1 of the input: status 255' err
start_mock -o rpm=2400 -o burst=40
asked 1 80 >requests
# shellcheck disable=SC2016
check_status "a run with a limit on a host exits with 0" 0 fan -S 4/127.0.0.2 --env PATH --workdir "$T" -N 20 \
	sh -c 'echo "$TG_SHARE_DIR" >>dirs && exec tg-llm "$@"' x -u "$MOCK_URL" -m m \
	--rpm 2400 <requests >out 2>err
is "all processes on a host share one quota" '{"200":80}' "$(mock_stats .status)"
is "all processes on a host use one folder of shares" 4 "$(grep -c "$(tail -n 1 dirs)" dirs)"
check "the folder of shares on a host is removed" [ ! -e "$(tail -n 1 dirs)" ]
check "the mock server stops without a fault" stop_mock

# Two chunks are done, and each host has two in the middle.
hold 3
fan -S 2/127.0.0.2,2/127.0.0.3 -N 30 "$T/slow" '{#}' <numbers >out 2>err &
pid=$!
wait_for begun 6
kill_host 127.0.0.2
rm slow.hold
check_status "tg-fan-out exits with 0 if one of two hosts dies" 0 wait $pid
check_same "the output after a host died has every line once" numbers out
check "the message says that the work of a dead host moves" grep -q '127.0.0.2 is lost; its work moves' err

# The same test with a pipeline and a server.
start_sshd 127.0.0.2
jq -c '{text: "f\(.)()"}' numbers >code.jsonl
start_mock -o owned_by=vllm
tg-run -t web_code_retrieval -u "$MOCK_URL" -m m -q <code.jsonl >want
asked=$(mock_stats .requests)
check "the mock server stops without a fault" stop_mock
# No chunk can finish when the server stops answering; the host is killed when
# all four chunks have asked.
printf '{"times":140}\n{"hold":true}\n' >rules
start_mock -s rules -o owned_by=vllm
run=(tg-run -t web_code_retrieval -u "$MOCK_URL" -m m -j 4 -q -C "$T/cache")
fan --env PATH -S 2/127.0.0.2,2/127.0.0.3 -N 75 "${run[@]}" <code.jsonl >out 2>err &
pid=$!
all_asked() {
	(($(wc -l <"$MOCK_LOG") > 140)) && [ 4 = "$(grep -o 'f[0-9]*()' "$MOCK_LOG" |
		tr -cd '0-9\n' | awk '{ print int(($1 - 1) / 75) }' | sort -u | wc -l)" ]
}
wait_for all_asked
kill_host 127.0.0.2
mock_goes_on
check_status "tg-fan-out with tg-run exits with 0 if a host dies" 0 wait $pid
check_same "the output of tg-run after a host died has every triplet once" want out
# Two runs have three tg-llm processes each, with four requests in flight.
more=$(($(mock_stats .requests) - asked))
check "what was answered before a host died is not paid for twice ($more)" \
	[ $more -le $((2 * 3 * 4)) ]

# Hosts that are machines: the cable is pulled.
if [ "$(id -u)" -eq 0 ] && ip netns add "tgA$$" 2>/dev/null && ip netns add "tgB$$"; then
	# shellcheck disable=SC2317
	no_nets() {
		stop_hosts
		ip netns del "tgA$$"
		ip netns del "tgB$$"
		_finish
	}
	trap no_nets EXIT
	for h in A:10.213.77 B:10.213.78; do
		ip link add "tg$$${h%%:*}" type veth peer name eth0 netns "tg${h%%:*}$$"
		ip addr add "${h#*:}.1/24" dev "tg$$${h%%:*}" && ip link set "tg$$${h%%:*}" up
		ip -n "tg${h%%:*}$$" addr add "${h#*:}.2/24" dev eth0
		ip -n "tg${h%%:*}$$" link set eth0 up && ip -n "tg${h%%:*}$$" link set lo up
		start_sshd "${h#*:}.2" ip netns exec "tg${h%%:*}$$"
	done
	hold 3
	fan --ssh "ssh -F $T/ssh.conf -o ServerAliveInterval=2" \
		-S 2/10.213.77.2,2/10.213.78.2 -N 30 "$T/slow" '{#}' <numbers >out 2>err &
	pid=$!
	wait_for begun 6
	ip link set "tg$$A" down
	rm slow.hold
	check_status "tg-fan-out exits with 0 if the cable of a host is pulled" 0 wait $pid
	check_same "the output after a pulled cable has every line once" numbers out
	check "the message says that the work of a host without its cable moves" grep -q '10.213.77.2 is lost; its work moves' err
else
	skip "tg-fan-out exits with 0 if the cable of a host is pulled" "needs network namespaces"
fi
stop_hosts
check "the mock server stops without a fault" stop_mock
done_testing
