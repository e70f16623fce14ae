# shellcheck shell=sh
#
# lib: TAP for shell tests, and a mock server for them.
#
# A test is a sh or bash script, run from the top of the tree by prove:
#
#	. tests/lib.sh
#	plan 2                          # or done_testing at the end
#	check "it runs" tg-x -n 1
#	tg-x <in >"$T/out"
#	check_same "its output" tests/data/x.out "$T/out"
#
# $T is a directory of the test's own. Output that is not redirected goes to
# $T/stdout and $T/stderr, which hold the output since the last result and are
# shown when a test fails. TAP goes to descriptor 3. At exit all children are
# killed, and $T is removed unless TG_KEEP is set.
#
# TG_BIN has the programs (bin), TG_BUILD everything else (build). With
# TG_VALGRIND every tg-* that is a program, not a script, runs under valgrind. A
# test whose pipelines start thousands of programs sets VALGRIND_ONE_IN, so that
# only one in this number does. A test multiplies each limit on time with $SLOW:
# 1, or more under valgrind.

TG_BIN=${TG_BIN:-$PWD/bin}
TG_BUILD=${TG_BUILD:-$PWD/build}
T=$(mktemp -d "${TMPDIR:-/tmp}/tg-test.XXXXXX") || exit 3
export T TG_BIN TG_BUILD

_count=0 _failed=0 _planned='' _mocks=0
MOCK_PID='' MOCK_PORT='' MOCK_BASE='' MOCK_URL='' MOCK_LOG=''

exec 3>&1 4>&2 >>"$T/stdout" 2>>"$T/stderr"

export LC_ALL=C
for _v in $(env | sed -n 's/^\([A-Za-z_]*\)=.*/\1/p'); do
	case $_v in
	OPENAI_* | AZURE_* | TG_MODEL | TG_TASKS | TG_LANGUAGES | TG_SHARE* | TG_BUDGET_DIR | NO_COLOR) unset "$_v" ;;
	SSL_CERT_* | CURL_CA_BUNDLE | SSLKEYLOGFILE) unset "$_v" ;;
	[Hh][Tt][Tt][Pp]*_[Pp][Rr][Oo][Xx][Yy]) unset "$_v" ;;
	[AaNn][LlOo]*_[Pp][Rr][Oo][Xx][Yy]) unset "$_v" ;;
	esac
done
unset _v
# A sanitizer's verdict must not look like an ordinary failure.
export ASAN_OPTIONS="exitcode=99${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export LSAN_OPTIONS="exitcode=99${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
export UBSAN_OPTIONS="exitcode=99${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
export TSAN_OPTIONS="exitcode=99${TSAN_OPTIONS:+:$TSAN_OPTIONS}"

# Put wrappers first in PATH that run the programs under valgrind.
_wrap() {
	mkdir "$T/.valgrind" "$T/.valgrind/log"
	for _f in "$TG_BIN"/tg-*; do
		[ "$(head -c 4 "$_f" | tail -c 3)" = ELF ] || continue
		_w=$T/.valgrind/${_f##*/}
		cat >"$_w" <<-END
			#!/bin/sh
			[ \$((\$\$ % ${VALGRIND_ONE_IN:-1})) -eq 0 ] || exec '$_f' "\$@"
			exec valgrind --quiet --vgdb=no --error-exitcode=99 \\
			    --leak-check=full --errors-for-leak-kinds=definite \\
			    --log-file='$T/.valgrind/log/${_f##*/}.%p' '$_f' "\$@"
		END
		chmod +x "$_w"
	done
	PATH=$T/.valgrind:$PATH
}

PATH=$TG_BIN:$PATH SLOW=1
if [ -n "${TG_VALGRIND:-}" ] && [ "$TG_VALGRIND" != 0 ]; then
	SLOW=15
	_wrap
fi
export PATH SLOW

# Print arguments, or standard input, as a comment.
diag() {
	if [ $# -gt 0 ]; then
		printf '%s\n' "$*"
	else
		cat
	fi | sed 's/^/# /' >&3
}

# _show: prints the end of the output since the last result.
_show() {
	for _f in "$T/stdout" "$T/stderr"; do
		[ ! -s "$_f" ] || tail -n 20 "$_f" | cut -c 1-500 | diag
	done
}

# _result STATUS NAME: reports a test, which has passed if STATUS is 0.
_result() {
	_count=$((_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $_count - $2" >&3
	else
		_failed=$((_failed + 1))
		echo "not ok $_count - $2" >&3
		_show
	fi
	: >"$T/stdout" && : >"$T/stderr"
	return "$1"
}

plan() {
	_planned=$1
	echo "1..$1" >&3
}

done_testing() {
	[ -n "$_planned" ] || plan "$_count"
}

# ok NAME: passes if the command before it did.
ok() {
	_result $? "$1"
}

pass() {
	_result 0 "$1"
}

fail() {
	_result 1 "$1"
}

# is NAME EXPECTED GOT
is() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1"
		diag "expected: $2"
		diag "     got: $3"
		return 1
	fi
}

# check NAME COMMAND...
check() {
	_name=$1
	shift
	"$@"
	_result $? "$_name"
}

# check_status NAME EXPECTED COMMAND...
check_status() {
	_name=$1 _want=$2
	shift 2
	_got=0
	"$@" || _got=$?
	if [ "$_got" -eq "$_want" ]; then
		pass "$_name"
	else
		fail "$_name"
		diag "expected status $_want, got $_got"
		return 1
	fi
}

# check_fail NAME COMMAND...: passes if COMMAND fails, but not by a signal or a
# sanitizer.
check_fail() {
	_name=$1
	shift
	_got=0
	"$@" || _got=$?
	if [ "$_got" -gt 0 ] && [ "$_got" -lt 126 ] && [ "$_got" -ne 99 ]; then
		pass "$_name"
	else
		fail "$_name"
		diag "got status $_got"
		return 1
	fi
}

# check_same NAME EXPECTED-FILE GOT-FILE
check_same() {
	if cmp -s "$2" "$3"; then
		pass "$1"
	else
		fail "$1"
		diff -u "$2" "$3" | head -n 20 | cut -c 1-500 | diag
		return 1
	fi
}

# skip NAME REASON
skip() {
	_count=$((_count + 1))
	echo "ok $_count - $1 # SKIP $2" >&3
}

# skip_all REASON: before any test.
skip_all() {
	echo "1..0 # SKIP $1" >&3
	_planned=0
	exit 0
}

bail_out() {
	echo "Bail out! $*" >&3
	exit 3
}

_up_or_dead() {
	[ -s "$_port" ] || ! kill -0 "$MOCK_PID" 2>/dev/null
}

# start_mock [-s script] [-o key=value]...: sets the MOCK_* variables to the
# server started last. Not in a subshell: it ends with the shell it is from.
start_mock() {
	_mocks=$((_mocks + 1))
	MOCK_LOG=$T/mock.$_mocks.log
	_port=$T/mock.$_mocks.port _err=$T/mock.$_mocks.err
	[ -x "$TG_BUILD/tests/mockllm" ] ||
		bail_out "$TG_BUILD/tests/mockllm is not there; is it built? make tests"
	: >"$MOCK_LOG"
	"$TG_BUILD/tests/mockllm" -d -p "$_port" -l "$MOCK_LOG" "$@" \
		</dev/null >/dev/null 2>"$_err" 3>&- 4>&- &
	MOCK_PID=$!
	if ! wait_for _up_or_dead || ! [ -s "$_port" ]; then
		diag <"$_err"
		bail_out "mockllm $* did not start"
	fi
	read -r MOCK_PORT <"$_port"
	MOCK_BASE=http://127.0.0.1:$MOCK_PORT
	MOCK_URL=$MOCK_BASE/v1
	export MOCK_URL MOCK_LOG
}

# stop_mock [PID]: stops a mock; the status is 0 unless the mock broke.
stop_mock() {
	kill "${1:-$MOCK_PID}" && wait "${1:-$MOCK_PID}"
}

# mock_stats [JQ-FILTER]: prints the statistics of the mock. A number alone needs no jq,
# which takes long to start.
mock_stats() {
	curl -sS --max-time 60 "$MOCK_BASE/stats" | case ${1:-.} in
	.requests | .in_flight | .max_in_flight | .connections)
		sed -n 's/.*"'"${1#.}"'":\([0-9]*\).*/\1/p'
		;;
	*) jq -rc "${1:-.}" ;;
	esac
}

# has_foreign_memory: succeeds if valgrind or a sanitizer takes memory, too.
has_foreign_memory() {
	[ "$SLOW" -gt 1 ] || grep -q __asan_init "$TG_BIN/tg-llm"
}

# measured COMMAND...: gives its status; writes the most memory that it took, in
# KB, into $T/rss, and into $T/core whether it left a core.
measured() {
	python3 -c 'import os, resource, sys
pid = os.fork()
if pid == 0:
	os.execvp(sys.argv[2], sys.argv[2:])
status = os.waitpid(pid, 0)[1]
with open(sys.argv[1] + "/rss", "w") as f:
	print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=f)
with open(sys.argv[1] + "/core", "w") as f:
	print(int(os.WCOREDUMP(status)), file=f)
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
' "$T" "$@"
}

# mock_goes_on: lets the mock answer the requests that its rules hold.
mock_goes_on() {
	kill -USR1 "$MOCK_PID"
}

# in_flight_is N, asked_over N: succeed if the mock has N requests in flight, or
# has had N requests.
in_flight_is() {
	[ "$(mock_stats .in_flight)" -eq "$1" ]
}
asked_over() {
	[ "$(mock_stats .requests)" -ge "$1" ]
}
# has_lines N FILE: succeeds if FILE has N lines or more.
has_lines() {
	[ "$({ wc -l <"$2"; } 2>/dev/null || echo 0)" -ge "$1" ]
}
# took_signals PID: succeeds if no signal is pending for the process.
took_signals() {
	! grep -q '^\(Sig\|Shd\)Pnd:.*[1-9a-f]' "/proc/$1/status"
}

# wait_for COMMAND...: waits until COMMAND succeeds, but not for ever.
wait_for() {
	_turns=$((3000 * SLOW))
	until "$@"; do
		_turns=$((_turns - 1))
		if [ $_turns -le 0 ]; then
			diag "waited in vain: $*"
			return 1
		fi
		sleep 0.02
	done
}

# asked FROM TO [KIND] [PARAMS]: makes records with a request and a question each.
asked() {
	jq -nc --argjson a "$1" --argjson z "$2" --arg kind "${3:-generate}" \
		--argjson params "${4:-{\}}" 'range($a; $z + 1) | {text: "t\(.)",
		tg: {id: "\(.)", request: {kind: $kind, step: 1, messages:
		[{role: "user", content: "question \(.)"}], params: $params}}}'
}

# make_stages: makes files of records in each state from the documents in the file code:
# answered, pair, verdict, judged, negatives and triplet.
make_stages() {
	tg-prompt generate -t code_summary_retrieval code | tg-llm -m m -u "$MOCK_URL" >answered
	tg-arrange answered >pair
	tg-prompt judge pair | tg-llm -m m -u "$MOCK_URL" >verdict
	tg-judge verdict >judged
	# shellcheck disable=SC2094 # negatives is a subcommand and a file
	tg-prompt negatives judged | tg-llm -m m -u "$MOCK_URL" >negatives
	tg-negs negatives >triplet
}

# running_with NAME=VALUE: prints the environ files of processes that have the
# variable, except the shell that exported it.
running_with() {
	env -u "${1%%=*}" grep -lzsxF "$1" /proc/[0-9]*/environ
}

# _running [PID...]: prints the running processes that descend from this shell,
# and those of the PIDs that run.
_running() {
	ps -A -o pid= -o ppid= -o stat= >"$T/.ps"
	awk -v top=$$ -v more="$*" '
	$3 !~ /^Z/ { runs[$1] = 1; kids[$2] = kids[$2] " " $1 }
	function walk(p, n, i, list) {
		n = split(kids[p], list)
		for (i = 1; i <= n; i++) {
			found[list[i]] = 1
			walk(list[i])
		}
	}
	END {
		walk(top)
		for (i = split(more, list); i > 0; i--)
			if (list[i] in runs)
				found[list[i]] = 1
		for (p in found)
			if (system("kill -0 " p " 2>/dev/null") == 0)
				print p
	}' "$T/.ps"
}

# shellcheck disable=SC2086
_kill_children() {
	_pids=
	for _sig in TERM KILL; do
		for _try in 1 2 3 4 5 6 7 8 9 10; do
			# no command substitution: its subshell would find itself
			_running $_pids >"$T/.running"
			_pids=$(cat "$T/.running")
			[ -n "$_pids" ] || return 0
			[ "$_try" -gt 1 ] || kill -s $_sig $_pids 2>/dev/null
			sleep 0.05
		done
	done
}

_finish() {
	_status=$?
	trap '' HUP INT TERM
	trap - EXIT
	if [ -z "$_planned" ]; then
		diag "ended with status $_status before done_testing"
		_show
		[ "$_status" -ne 0 ] || _status=1
	fi
	_kill_children
	# kill processes without a parent, too: prove waits until they close TAP
	running_with "T=$T" >"$T/.left"
	sed 's|/proc/||; s|/environ||' "$T/.left" | xargs -r kill -9 2>/dev/null
	for _f in "$T"/.valgrind/log/*; do
		# lines with -- are warnings about unknown system calls
		if grep -q '^==' "$_f" 2>/dev/null; then
			diag <"$_f"
			_failed=$((_failed + 1))
		fi
	done
	[ "$_status" -ne 0 ] || [ "$_failed" -eq 0 ] || _status=1
	if [ -n "${TG_KEEP:-}" ]; then
		diag "kept $T"
	else
		rm -rf "$T"
	fi
	exit "$_status"
}

trap _finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
