#!/bin/bash
# tg-fan-out over hosts, and when it is killed; tg-slurm.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3

# A line of output a line of input, slowly; a line in slow.log a chunk. While there
# is a file slow.hold, chunks from the number in it on stop in their middle.
cat >slow <<'END'
#!/bin/bash
echo "$1 $SSH_CONNECTION" >>"$0.log"
n=0
while read -r line; do
	echo "$line" && sleep 0.01
	((++n == 5)) || continue
	while from=$(cat "$0.hold" 2>/dev/null) && ((10#$1 >= from)); do sleep 0.02; done
done
END
chmod +x slow
seq 300 >numbers
# hold N: chunks from N on; begun N: as many chunks have
hold() { rm -f slow.log && echo "$1" >slow.hold; }
begun() { has_lines "$1" slow.log; }
limit=$((300 * SLOW))

# All that runs in a session, at one moment: what is stopped starts nothing more.
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

# A chunk that is done is done for good, whoever is killed when. The last chunks
# wait, so that it is before the end.
rounds=0 bad=0 again=0
for n in 1 5 10 15 20 25; do
	rm -rf work out
	hold 28
	rounds=$((rounds + 1))
	setsid tg-fan-out -j 4 -N 10 -d work "$T/slow" '{#}' <numbers >out 2>err &
	pid=$!
	wait_for begun $n || bad=$((bad + 1))
	if ((rounds % 2)); then
		kill -9 $pid # it alone
	else
		kill_session $pid
	fi
	wait $pid 2>/dev/null
	# what it started may still write
	cat out >seen
	head -c "$(wc -c <seen)" numbers | cmp -s - seen && ! cmp -s numbers seen || bad=$((bad + 1))
	rm out slow.hold
	timeout $limit tg-fan-out -j 4 -N 10 -d work "$T/slow" '{#}' <numbers >out 2>err
	cmp -s numbers out || bad=$((bad + 1))
	# those under way, four at most, may have been begun twice
	begun $((30 + 4 + 1)) && again=$((again + 1))
done
is "killed in $rounds rounds: the whole output comes, and before no torn part of it" 0 $bad
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
# shellcheck disable=SC2016
array=(tg-slurm -n 3 -d slurm -j 2 -N 10 numbers bash -c ': >part.{%}.{#}; exec "$0" {#}' "$T/slow")
for SLURM_ARRAY_TASK_ID in 0 2; do
	check_status "tg-slurm: task $SLURM_ARRAY_TASK_ID" 0 "${array[@]}" 2>err
done
check_status "tg-slurm: one is missing" 1 tg-slurm -n 3 -d slurm --collect >out 2>err
check "tg-slurm: which" grep -qx 'tg-slurm: not done; start again with --array=1' err
SLURM_ARRAY_TASK_ID=1
hold 3
"${array[@]}" >out 2>err &
pid=$!
wait_for begun 4
kill $pid
check_status "tg-slurm: a task is ended" 143 wait $pid
check_status "tg-slurm: not done" 1 tg-slurm -n 3 -d slurm --collect >out 2>err
rm slow.hold
check_status "tg-slurm: it goes on" 0 "${array[@]}" 2>err
# two were done and two under way, of ten
is "tg-slurm: what was done is not done again" 12 "$(wc -l <slow.log)"
check_status "tg-slurm: all" 0 tg-slurm -n 3 -d slurm --collect >out
check_same "tg-slurm: all, in order" numbers out
check "tg-slurm: files of their own" [ -e part.0.1 ] && [ -e part.2.1 ]
# A folder is for one array, whose parts fit together.
other() { # WHAT OPTION...
	local what=$1
	shift
	check_status "tg-slurm: other $what" 2 tg-slurm -d slurm "$@" 2>err
	check "tg-slurm: other $what: it is said" grep -q "^tg-slurm: slurm was begun with other $what: " err
}
command=("${array[@]:10}")
other parts -n 4 -N 10 numbers "${command[@]}"
other lines -n 3 -N 11 numbers "${command[@]}"
other command -n 3 -N 10 numbers "${command[@]}" more
tr 5 6 <numbers >numbers2
other input -n 3 -N 10 numbers2 "${command[@]}"
check_status "tg-slurm: other parts, collected" 2 tg-slurm -n 4 -d slurm --collect >out 2>err
check "tg-slurm: other parts, collected: nothing" [ ! -s out ]
cp numbers numbers2
check_status "tg-slurm: a copy of the file" 0 tg-slurm -n 3 -d slurm -N 10 numbers2 "${command[@]}" 2>err
check_same "tg-slurm: nothing has changed" numbers <(tg-slurm -n 3 -d slurm --collect)
# Arrays that start at once: one has the folder.
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
is "tg-slurm: two arrays at once: one works, one is refused" "$n:0 $((7 - n)):2" \
	"$(sort -u race.status | sort -k 2 | tr ' ' : | paste -sd ' ')"
check_same "tg-slurm: two arrays at once: its output" numbers <(tg-slurm -n "$n" -d race --collect)
SLURM_ARRAY_TASK_ID=0
hold 1
twice=(tg-slurm -n 1 -d twice -j 1 -N 100 numbers "$T/slow" '{#}')
"${twice[@]}" 2>err &
pid=$!
wait_for begun 1
"${twice[@]}" 2>err2 &
wait_for [ -s err2 ]
rm slow.hold
check_status "tg-slurm: requeued while it still runs" 0 wait $!
check_status "tg-slurm: requeued: the first" 0 wait $pid
is "tg-slurm: requeued: all is done once" 3 "$(wc -l <slow.log)"
check_same "tg-slurm: requeued: the output" numbers <(tg-slurm -n 1 -d twice --collect)
check_status "tg-slurm: no task" 2 env -u SLURM_ARRAY_TASK_ID tg-slurm -n 3 -d slurm numbers cat 2>err
check_status "tg-slurm: a task too many" 2 env SLURM_ARRAY_TASK_ID=3 tg-slurm -n 3 -d slurm numbers cat 2>err

# Hosts: sshd on two loopback addresses. What the user's shell does at a login is
# none of our business: there is no home for it.
sshd=$(PATH=$PATH:/usr/sbin command -v sshd)
if [ -z "$sshd" ] || ! command -v ssh >/dev/null; then
	skip "hosts" "needs openssh-server"
	done_testing
	exit
fi
[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f hostkey && ssh-keygen -q -t ed25519 -N '' -f key
chmod 700 "$T"
start_sshd() { # address [command before it...]
	rm -f "sshd.$1"
	printf '%s\n' "Port $port" "ListenAddress $1" "HostKey $T/hostkey" \
		"AuthorizedKeysFile $T/key.pub" "PidFile $T/sshd.$1" 'StrictModes no' \
		"SetEnv HOME=$T" 'MaxStartups 100:30:200' >"sshd.$1.conf"
	"${@:2}" "$sshd" -D -f "$T/sshd.$1.conf" -E "$T/sshd.log" 7>&- 3>&- 4>&- &
	wait_for up_or_not $! "sshd.$1" && [ -s "sshd.$1" ]
}
up_or_not() { [ -s "$2" ] || ! kill -0 "$1" 2>/dev/null; }
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
stop_hosts() {
	local f p
	for f in sshd.*; do
		[[ $f = *[a-z] ]] || ! p=$(cat "$f") || { kill "$p" && wait "$p"; }
	done 2>/dev/null
}
# A port that is free on both addresses.
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
	skip "hosts" "sshd does not work here"
	done_testing
	exit
fi
hold 1
fan -S 2/127.0.0.2,2/127.0.0.3 -S 1/: -N 10 "$T/slow" '{#}' <numbers >out 2>err &
pid=$!
wait_for begun 5
rm slow.hold
check_status "two hosts and this one" 0 wait $pid
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
# shellcheck disable=SC2016
check_status "the only host is lost" 255 fan -S 1/127.0.0.2 --retries 0 sh -c \
	'echo whole; printf torn; sleep 1; kill -9 $PPID' < <(echo 1) >out 2>err
is "the only host is lost: whole lines come out" whole "$(cat out)"
check "the only host is lost: it is said" grep -qx \
	'tg-fan-out: chunk 1, from line 1 of the input: status 255' err
start_mock -o rpm=2400 -o burst=40
asked 1 80 >requests
# shellcheck disable=SC2016
check_status "limits on a host" 0 fan -S 4/127.0.0.2 --env PATH --workdir "$T" -N 20 \
	sh -c 'echo "$TG_SHARE_DIR" >>dirs && exec tg-llm "$@"' x -u "$MOCK_URL" -m m \
	--rpm 2400 <requests >out 2>err
is "limits on a host: all are under one quota" '{"200":80}' "$(mock_stats .status)"
is "limits on a host: they met in one place" 4 "$(grep -c "$(tail -n 1 dirs)" dirs)"
check "limits on a host: it is gone" [ ! -e "$(tail -n 1 dirs)" ]
check "stop" stop_mock

# Two chunks are done, and each host has two in the middle.
hold 3
fan -S 2/127.0.0.2,2/127.0.0.3 -N 10 "$T/slow" '{#}' <numbers >out 2>err &
pid=$!
wait_for begun 6
kill_host 127.0.0.2
rm slow.hold
check_status "a host dies" 0 wait $pid
check_same "a host dies: nothing is missing, nothing there twice" numbers out
check "a host dies: it is said" grep -q '127.0.0.2 is lost; its work moves' err

# The same with a pipeline and a server.
start_sshd 127.0.0.2
jq -c '{text: "f\(.)()"}' numbers >code.jsonl
start_mock -o owned_by=vllm
tg-run -t web_code_retrieval -u "$MOCK_URL" -m m -q <code.jsonl >want
asked=$(mock_stats .requests)
check "stop" stop_mock
# No chunk can be done when the server stops to answer; the host is killed when all
# four have asked.
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
check_status "tg-run: a host dies" 0 wait $pid
check_same "tg-run: a host dies: all triplets are there, once" want out
# what was in flight: two runs, three tg-llm, four requests each, at its death
more=$(($(mock_stats .requests) - asked))
check "tg-run: a host dies: what was answered is not paid for twice ($more)" \
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
		-S 2/10.213.77.2,2/10.213.78.2 -N 10 "$T/slow" '{#}' <numbers >out 2>err &
	pid=$!
	wait_for begun 6
	ip link set "tg$$A" down
	rm slow.hold
	check_status "a cable is pulled" 0 wait $pid
	check_same "a cable is pulled: nothing is missing, nothing there twice" numbers out
	check "a cable is pulled: it is said" grep -q '10.213.77.2 is lost; its work moves' err
else
	skip "a cable is pulled" "needs network namespaces"
fi
stop_hosts
check "stop" stop_mock
done_testing
