#!/bin/bash
# tg-fan-out over hosts, and when it is killed; tg-slurm.
VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3

# A line of output a line of input, slowly; a line in $T/log a chunk.
cat >slow <<'END'
#!/bin/bash
echo "$1 $SSH_CONNECTION" >>"$0.log"
while read -r line; do echo "$line" && sleep 0.01; done
END
chmod +x slow
seq 300 >numbers

# A chunk that is done is done for good, whoever is killed when.
rounds=0 died=0 bad=0 again=0
for ms in 300 600 900 1200 1500 1800; do
	rm -rf work slow.log
	rounds=$((rounds + 1))
	setsid tg-fan-out -j 4 -N 10 -d work "$T/slow" '{#}' <numbers >out 2>err &
	pid=$!
	sleep "$(awk "BEGIN { print $ms * $SLOW / 1000 }")"
	if ((ms % 600 == 0)); then
		kill -9 $pid # it alone
	else
		# shellcheck disable=SC2046
		kill -9 $(running_with "T=$T" | sed 's|/proc/||; s|/environ||' | grep -vx "$$")
	fi 2>/dev/null && died=$((died + 1))
	wait $pid 2>/dev/null
	head -c "$(wc -c <out)" numbers | cmp -s - out || bad=$((bad + 1))
	timeout $((60 * SLOW)) tg-fan-out -j 4 -N 10 -d work "$T/slow" '{#}' <numbers >out 2>err
	cmp -s numbers out || bad=$((bad + 1))
	# those under way, four at most, may have been begun twice
	(($(wc -l <slow.log) <= 30 + 4)) || again=$((again + 1))
done
check "killed in at least half of $rounds rounds ($died)" [ $died -ge $((rounds / 2)) ]
is "then the whole output comes, and before no torn part of it" 0 $bad
is "what was done is not done again" 0 $again
before=$(wc -l <slow.log)
check_status "all done: once more" 0 tg-fan-out -j 4 -N 10 -d work "$T/slow" '{#}' <numbers >out 2>err
check_same "all done: the output" numbers out
is "all done: nothing is run" "$before" "$(wc -l <slow.log)"
check_status "another input" 2 tg-fan-out -j 4 -N 10 -d work "$T/slow" '{#}' \
	< <(seq 2 301) >out 2>err
check "another input: which chunk" grep -q '^tg-fan-out: chunk 1 of the input is not' err
check "another input: no output of the old one" [ ! -s out ]
check_status "another command" 2 tg-fan-out -j 4 -N 10 -d work cat <numbers >out 2>err
cp numbers longer && seq 301 320 >>longer
check_status "a longer input" 0 tg-fan-out -j 4 -N 10 -d work "$T/slow" '{#}' <longer >out 2>err
check_same "a longer input: the output" longer out
is "a longer input: only the new is done" 2 $(($(wc -l <slow.log) - before))
check_status "a failed chunk is tried again" 0 \
	tg-fan-out -N 10 --retries 2 bash -c 'cat; mkdir {#} 2>/dev/null && exit 7; exit 0' <numbers >out 2>err
check_same "a failed chunk: its output comes once" numbers out
check_status "a chunk that fails always" 7 \
	tg-fan-out -N 10 -d work2 --retries 1 bash -c 'cat; [ {#} != 4 ] || exit 7' <numbers >out 2>err

# Slurm: the tasks of an array.
export SLURM_ARRAY_TASK_ID
for SLURM_ARRAY_TASK_ID in 0 2; do
	check_status "tg-slurm: task $SLURM_ARRAY_TASK_ID" 0 \
		tg-slurm -n 3 -d slurm -j 2 -N 10 numbers bash -c 'cat; : >part.{%}.{#}' 2>err
done
check_status "tg-slurm: one is missing" 1 tg-slurm -n 3 -d slurm --collect >out 2>err
check "tg-slurm: which" grep -qx 'tg-slurm: not done; start again with --array=1' err
SLURM_ARRAY_TASK_ID=1
tg-slurm -n 3 -d slurm -j 2 -N 10 numbers "$T/slow" '{#}' >out 2>err &
pid=$!
sleep $((1 * SLOW)) && kill $pid
check_status "tg-slurm: a task is ended" 143 wait $pid
check_status "tg-slurm: not done" 1 tg-slurm -n 3 -d slurm --collect >out 2>err
check_status "tg-slurm: it goes on" 0 tg-slurm -n 3 -d slurm -j 2 -N 10 numbers "$T/slow" '{#}' 2>err
check_status "tg-slurm: all" 0 tg-slurm -n 3 -d slurm --collect >out
check_same "tg-slurm: all, in order" numbers out
check "tg-slurm: files of their own" [ -e part.0.1 ] && [ -e part.2.1 ]
check_status "tg-slurm: no task" 2 env -u SLURM_ARRAY_TASK_ID tg-slurm -n 3 -d slurm numbers cat 2>err
check_status "tg-slurm: a task too many" 2 env SLURM_ARRAY_TASK_ID=3 tg-slurm -n 3 -d slurm numbers cat 2>err

# Hosts: sshd on two loopback addresses.
sshd=$(PATH=$PATH:/usr/sbin command -v sshd)
if [ -z "$sshd" ] || ! command -v ssh >/dev/null; then
	skip "hosts" "needs openssh-server"
	done_testing
	exit
fi
[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
port=$((20000 + RANDOM % 10000))
ssh-keygen -q -t ed25519 -N '' -f hostkey && ssh-keygen -q -t ed25519 -N '' -f key
chmod 700 "$T"
start_sshd() { # address [command before it...]
	printf '%s\n' "Port $port" "ListenAddress $1" "HostKey $T/hostkey" \
		"AuthorizedKeysFile $T/key.pub" "PidFile $T/sshd.$1" 'StrictModes no' \
		'MaxStartups 100:30:200' >"sshd.$1.conf"
	"${@:2}" "$sshd" -f "$T/sshd.$1.conf" -E "$T/sshd.log" 7>&- 3>&- 4>&-
	for _ in $(seq 100); do [ ! -s "sshd.$1" ] || return 0; sleep 0.05; done
	return 1
}
# A host dies: its sshd, and all it has started.
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
stop_hosts() { for f in sshd.*; do [[ $f = *[a-z] ]] || kill "$(cat "$f")"; done 2>/dev/null; }
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
fan() { timeout $((120 * SLOW)) tg-fan-out --ssh "ssh -F $T/ssh.conf" "$@"; }
if ! start_sshd 127.0.0.2 || ! start_sshd 127.0.0.3 ||
	! ssh -n -o BatchMode=yes -F ssh.conf 127.0.0.2 true; then
	diag <sshd.log
	skip "hosts" "sshd does not work here"
	done_testing
	exit
fi
check_status "two hosts and this one" 0 \
	fan -S 2/127.0.0.2,127.0.0.3 -S 1/: -N 10 "$T/slow" '{#}' <numbers >out 2>err
check_same "two hosts: in order" numbers out
check "two hosts: both have worked" [ "$(grep -o '127.0.0.[23] ' slow.log | sort -u | wc -l)" = 2 ]
export CANARY=sk-canary-5481-$$ OTHER="a 'b' \"c\" \$d"
# shellcheck disable=SC2016
check_status "--env and arguments" 0 \
	fan -S 127.0.0.2 --env CANARY --env OTHER --env PATH --workdir /tmp sh -c \
	'cat; pwd; echo "$1|$OTHER|$CANARY"; printf "$CANARY" | grep -aFl -f - /proc/[0-9]*/cmdline; true' \
	x "it's {} \$HOME \"*\" \\" < <(echo 1) >out 2>err
is "--env and arguments: as they are, and not for all to see" \
	"1 /tmp it's {} \$HOME \"*\" \\|$OTHER|$CANARY" "$(paste -sd ' ' out)"
check_status "a program that is not there" 2 fan -S 127.0.0.2 tg-nowhere <numbers >out 2>err
check "a program that is not there: which" grep -q '127.0.0.2: tg-nowhere: not found' err
check_status "a host that is not there" 0 fan -S 2/127.0.0.9,2/127.0.0.2 -N 50 cat <numbers >out 2>err
check_same "a host that is not there: the other does it" numbers out
check "a host that is not there: it is said" grep -q '127.0.0.9 cannot be reached' err
check_status "no host at all" 4 fan -S 127.0.0.9 cat <numbers >out 2>err

rm slow.log
fan -S 2/127.0.0.2,2/127.0.0.3 -N 10 "$T/slow" '{#}' <numbers >out 2>err &
pid=$!
until [ -e slow.log ] && grep -q '127.0.0.2 ' slow.log; do sleep 0.1; done
sleep 0.3
kill_host 127.0.0.2
check_status "a host dies" 0 wait $pid
check_same "a host dies: nothing is missing, nothing there twice" numbers out
check "a host dies: it is said" grep -q '127.0.0.2 is lost; its work moves' err

# The same with a pipeline and a server.
start_sshd 127.0.0.2
start_mock -o owned_by=vllm -o latency_ms=100
jq -c '{text: "f\(.)()"}' numbers >code.jsonl
run=(tg-run -t web_code_retrieval -u "$MOCK_URL" -m m -j 4 -q -C "$T/cache")
tg-run -t web_code_retrieval -u "$MOCK_URL" -m m -q <code.jsonl >want
asked=$(mock_stats .requests)
fan --env PATH -S 2/127.0.0.2,2/127.0.0.3 -N 30 "${run[@]}" <code.jsonl >out 2>err &
pid=$!
until [ "$(mock_stats .requests)" -gt $((asked + 150)) ]; do sleep 0.1; done
kill_host 127.0.0.2
check_status "tg-run: a host dies" 0 wait $pid
check_same "tg-run: a host dies: all triplets are there, once" want out
# what was in flight: two runs, two tg-llm, four requests each, at its death
more=$(($(mock_stats .requests) - asked - asked))
check "tg-run: a host dies: what was answered is not paid for twice ($more)" [ $more -le 32 ]

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
	rm -f slow.log
	fan --ssh "ssh -F $T/ssh.conf -o ServerAliveInterval=1 -o ConnectTimeout=2" \
		-S 2/10.213.77.2,2/10.213.78.2 -N 10 "$T/slow" '{#}' <numbers >out 2>err &
	pid=$!
	until [ -e slow.log ] && grep -q '10.213.77.2 ' slow.log; do sleep 0.1; done
	ip link set "tg$$A" down
	check_status "a cable is pulled" 0 wait $pid
	check_same "a cable is pulled: nothing is missing, nothing there twice" numbers out
	check "a cable is pulled: it is said" grep -q '10.213.77.2 is lost; its work moves' err
else
	skip "a cable is pulled" "needs network namespaces"
fi
stop_hosts
check "stop" stop_mock
done_testing
