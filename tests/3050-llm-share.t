#!/bin/bash
# tg-llm: limits of one process, and limits that processes share.
# shellcheck source=tests/lib.sh
. tests/lib.sh

# asked N [WORD]: makes N records with requests.
asked() {
	jq -nc --argjson n "$1" --arg w "${2:-question}" 'range(1; $n + 1) |
		{tg: {id: "\(.)", request: {kind: "generate", messages:
		[{role: "user", content: "\($w) \(.)"}]}}}'
}

llm() {
	tg-llm -u "$MOCK_URL" -m m --dialect vllm "$@"
}

# several N COUNT OPTION...: runs N processes with COUNT requests each.
several() {
	local i n=$1 count=$2 pids=''
	shift 2
	for i in $(seq "$n"); do
		asked "$count" "of $i, number" >"$T/in.$i"
		llm "$@" "$T/in.$i" >"$T/out.$i" 2>"$T/err.$i" &
		pids="$pids $!"
	done
	# shellcheck disable=SC2086
	wait $pids
}

answered() {
	cat "$@" | grep -c '"response"'
}

now() {
	date +%s%3N
}

export TG_SHARE_DIR=$T/shares
n=32
[ "$SLOW" -eq 1 ] || n=6

# One process runs under a quota: the mock has the same one, and a burst that
# leaves room for requests that come in a lump on a busy machine.
start_mock -o rpm=1200 -o burst=$((40 * SLOW)) -o latency_ms=20
asked 90 >"$T/in"
t=$(now)
check "a run with --rpm exits with 0" llm --rpm 1200 "$T/in" >"$T/out"
is "--rpm never sends more than the server takes" '{"200":90}' "$(mock_stats .status)"
check "--rpm spreads requests over the time" [ $(($(now) - t)) -ge 3500 ]
kill "$MOCK_PID"

# Tokens: 20 requests of 150 tokens at 1000 a second, half a second's worth at
# once.
echo '{"usage":{"prompt_tokens":100,"completion_tokens":50}}' >"$T/s"
start_mock -s "$T/s"
asked 20 >"$T/in"
t=$(now)
check "a run with --tpm exits with 0" llm --tpm 60000 --max-tokens 50 "$T/in" >"$T/out"
check "--tpm spreads requests over the time" [ $(($(now) - t)) -ge 2000 ]
is "--tpm loses no record" 20 "$(answered "$T/out")"
asked 1 >"$T/in"
check "a request for more than a minute's tokens is sent" llm --tpm 100 --max-tokens 8000 \
	"$T/in" >"$T/out"
kill "$MOCK_PID"

# Many processes under one quota.
start_mock -o rpm=3000 -o burst=$((100 * SLOW)) -o latency_ms=20
several $n 5 --share quota --rpm 3000
is "$n processes that share one --rpm get no 429" "{\"200\":$((n * 5))}" \
	"$(mock_stats .status)"
is "all records of $n processes that share one --rpm are answered" $((n * 5)) "$(answered "$T"/out.*)"
kill "$MOCK_PID"
start_mock -o rpm=60 -o burst=5
several $n 2 --rpm 600 --retries 0
check "$n processes that do not share --rpm get a 429" \
	[ "$(mock_stats '.status["429"] // 0')" -gt 0 ]
kill "$MOCK_PID"
rm -f "$T"/out.*

# The smallest limit counts, also for a process that names none.
start_mock -o rpm=1200 -o burst=$((35 * SLOW))
mkfifo "$T/hold"
llm --share least --rpm 1200 <"$T/hold" >"$T/out" 2>"$T/err" &
pid=$!
exec 5>"$T/hold"
wait_for test -s "$T/shares/least.share"
several 3 12 --share least --rpm 90000
several 2 6 --share least
exec 5>&-
wait $pid
is "the smallest limit counts for all processes while its own is there" '{"200":48}' \
	"$(mock_stats .status)"
kill "$MOCK_PID"

# Requests in flight.
echo '{"times":4,"hold":true}' >"$T/s"
start_mock -s "$T/s" -o latency=lognormal:30:150
several $n 6 --share jobs --share-jobs 4 &
pid=$!
wait_for in_flight_is 4
mock_goes_on
wait $pid
is "--share-jobs limits the requests in flight of all processes" 4 "$(mock_stats .max_in_flight)"
is "all records of processes with --share-jobs are answered" $((n * 6)) "$(answered "$T"/out.*)"
rm -f "$T"/out.*
kill "$MOCK_PID"
start_mock -o latency_ms=60
asked $((2000 * SLOW)) first >"$T/in"
tg-llm -u "$MOCK_URL" -m m --dialect vllm --share fair --share-jobs 4 "$T/in" >"$T/out" &
pid=$!
wait_for asked_over 8
asked 12 second >"$T/in2"
check "a process that comes later exits with 0" llm --share fair "$T/in2" >"$T/out2"
check "a process that comes later ends before the first" kill -0 $pid
is "a process that comes later gets its answers" 12 "$(answered "$T/out2")"
kill $pid
wait $pid
is "two processes keep the limit of --share-jobs together" 4 "$(mock_stats .max_in_flight)"
kill "$MOCK_PID"

# Four of five processes are killed.
printf '%s\n' '{"match":{"substring":"stalls"},"stall":true}' >"$T/s"
start_mock -s "$T/s" -o latency_ms=50
asked 20 stalls >"$T/in"
pids=''
for i in 1 2 3 4; do
	(exec tg-llm -u "$MOCK_URL" -m m --dialect vllm --share dead \
		--share-jobs 8 -j 2 --rpm 60000 "$T/in") >"$T/out.$i" &
	pids="$pids $!"
done
wait_for in_flight_is 8
asked 100 lives >"$T/in2"
tg-llm -u "$MOCK_URL" -m m --dialect vllm --share dead --share-jobs 8 "$T/in2" \
	>"$T/out" 2>"$T/err" &
pid=$!
sleep 0.3
is "a process waits while others hold all requests in flight" 8 "$(mock_stats .requests)"
# The server must see that they are gone before it is asked again.
kill -STOP $pid
# shellcheck disable=SC2086
kill -9 $pids
# shellcheck disable=SC2086
wait $pids
wait_for in_flight_is 0
kill -CONT $pid
wait $pid
is "a process goes on when the others are killed" 0/100 "$?/$(answered "$T/out")"
is "--share-jobs holds after processes were killed" 8 "$(mock_stats .max_in_flight)"
kill "$MOCK_PID"
rm -f "$T"/out.*

# The server asks one process for a pause, and all of them keep it.
cat >"$T/s" <<'END'
{"match":{"substring":"first"},"times":1,"status":429,"headers":{"Retry-After":"2"}}
END
start_mock -s "$T/s"
asked 1 first >"$T/in"
asked 1 second >"$T/in2"
llm --share pause -v "$T/in" >"$T/out" 2>"$T/err" &
pid=$!
wait_for grep -q 'again in' "$T/err"
llm --share pause "$T/in2" >"$T/out2"
wait $pid
check "a pause that the server asks for counts for all processes" jq -nse 'input |
	map(.t_ms) | length == 3 and .[1] - .[0] > 1500 and .[2] - .[0] > 1500' \
	"$MOCK_LOG"
kill "$MOCK_PID"

# The folder of shares.
start_mock
asked 1 >"$T/in"
is "the folder of shares and its files are private" 700/600 "$(stat -c %a "$T/shares")/$(stat -c %a \
	"$T/shares/pause.share")"
chmod 755 "$T/shares"
check_status "a folder of shares that others can enter makes status 3" 3 llm --share x "$T/in"
chmod 700 "$T/shares"
ln -s "$T/in" "$T/shares/link.share"
check_status "a symbolic link as a share makes status 3" 3 llm --share link "$T/in"
for bad in '' . .. a/b ../x -x 'a b'; do
	check_status "the share \"$bad\" is refused" 2 llm --share="$bad" "$T/in"
done
check_status "--share-jobs without a share is refused" 2 llm --share-jobs 3 "$T/in"
check "a run with TG_SHARE exits with 0" env TG_SHARE=env tg-llm -u "$MOCK_URL" --share-jobs 3 \
	"$T/in" >"$T/out"
check "TG_SHARE names the share" [ -f "$T/shares/env.share" ]
check "without a share no file is made" [ "$(find "$T/shares" -newer \
	"$T/shares/env.share" ! -name env.spent -type f | wc -l)" -eq 0 ]
name=tg-test-$$
rm -f "/tmp/tg-$(id -u)/$name.share"
(
	unset TG_SHARE_DIR
	llm --share $name "$T/in" >"$T/out"
)
ls -ld "/tmp/tg-$(id -u)" "/tmp/tg-$(id -u)/$name.share" >"$T/ls"
is "without TG_SHARE_DIR the share is in a private folder in /tmp" '-rw------- drwx------' \
	"$(cut -c 1-10 "$T/ls" | sort | tr '\n' ' ' | sed 's/ $//')"
rm -f "/tmp/tg-$(id -u)/$name.share"
kill "$MOCK_PID"
# A shared limit without locks would be no limit.
if [ "$SLOW" = 1 ] && strace -o "$T/trace" true 2>/dev/null; then
	asked 1 >"$T/in"
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 check_status \
		"shared limits are refused where locks fail" 3 \
		strace -qq -o "$T/trace" -P "$TG_SHARE_DIR/nolock.share" \
		-e inject=fcntl:error=ENOLCK tg-llm -u "$MOCK_URL" -m m \
		--share nolock --rpm 600 "$T/in" 2>"$T/err"
	check "the message names the share and the reason" grep -q \
		'^tg-llm: the share nolock: its file: No locks available' "$T/err"
else
	skip "shared limits are refused where locks fail" "no strace"
fi

done_testing
