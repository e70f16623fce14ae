# shellcheck shell=bash
# tg-serve.bash - an LLM server that runs beside a command: it is started, awaited, started
# again when it dies, and ended. tg-slurm sources this file after tg-common.bash; it is not
# run by itself.

# free_port: print the number of a port that nothing on this machine listens at, in a range
# of which the kernel gives no port to a connection.
free_port() {
	local port
	for port in $(shuf -n 64 -i 20000-32000); do
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port" && return; }
	done
	return 1
}

# answers URL: whether a server answers a question. An answer that is cut or empty is one.
answers() {
	local question='{"tg":{"request":{"kind":"judge","messages":[{"role":"user","content":"1?"}]}}}'
	printf '%s\n' "$question" | tg-llm -u "$1" --retries 0 --timeout 60 --max-tokens 1 2>/dev/null |
		jq -e '.tg.response != null or (.tg.error.code |
			IN("truncated", "empty_answer", "only_reasoning", "refusal", "content_filter"))'
} >/dev/null

# end_group PID: end the processes of a group, by force after 20 seconds.
end_group() {
	local turns
	kill -TERM -- "-$1" || return 0
	for ((turns = 0; turns < 200; turns++)); do
		kill -0 -- "-$1" || return 0
		sleep 0.1
	done
	kill -KILL -- "-$1"
} 2>/dev/null

# last_words: print the last line of the server's log.
last_words() { tail -n 1 "$served.log" | tr -cd '[:print:]' | cut -c 1-300; }

# start_server COMMAND PORT: start the server in a process group of its own, as $server.
start_server() {
	local command="$1 --port $2"
	[[ $1 != *'{port}'* ]] || command=${1//'{port}'/"$2"}
	set -m
	bash -c "$command" </dev/null >>"$served.log" 2>&1 9>&- &
	server=$!
	set +m
	echo "$server" >"$served.pid"
}

# await_server URL SECONDS: wait until the server answers; fail with 1 if it has ended, and
# with 4 if it takes longer. The trap for SIGTERM waits for a command, but not for a job.
await_server() {
	local began=$SECONDS
	while kill -0 "$server" 2>/dev/null; do
		answers "$1" &
		if wait $! && kill -0 "$server" 2>/dev/null; then
			say "the server answers at $1 after $((SECONDS - began)) s"
			return 0
		fi
		((SECONDS - began < $2)) || return 4
		sleep 1 &
		wait $!
	done
	return 1
}

# keep_server COMMAND SECONDS: run the server until SIGTERM comes, and start it again when it
# ends. Fail when a start takes longer than so many seconds, or when the server has ended
# five times in a row before it had answered for a minute.
keep_server() {
	local port url answered status words quick=0 server=''
	trap '[ -z "$server" ] || end_group "$server"; exit 0' TERM
	while port=$(free_port); do
		url=http://127.0.0.1:$port/v1
		start_server "$1" "$port"
		await_server "$url" "$2"
		case $? in
		0) echo "$url" >"$served.new" && mv "$served.new" "$served" || return 3 ;;
		4)
			say "the server does not answer after $2 s (--serve-time): $(last_words)"
			end_group "$server"
			return 4
			;;
		esac
		answered=$SECONDS
		wait "$server" 2>/dev/null
		status=$? words=$(last_words)
		say "the server has ended with status $status${words:+: $words}"
		end_group "$server" # processes that it left behind
		((SECONDS - answered < 60)) || quick=0
		if ((++quick == 5)); then
			say "the server ends again and again; see $served.log"
			return 4
		fi
		sleep "$quick" &
		wait $!
	done
	say "no port is free"
	return 4
}

# serve COMMAND SECONDS FILE: keep a server in the background, and return when it answers, or
# with 4 when it does not. FILE names its URL then, FILE.log has what it prints. SIGUSR1 comes
# if it fails later on. The server ends with end_serving, and when this script dies.
serve() {
	served=$3
	rm -f "$served" "$served".{new,pid}
	set -m
	{ keep_server "$1" "$2" || kill -USR1 $$; } 9>&- &
	keeper=$!
	set +m
	on_death end_server
	keeper_watcher=$watcher
	until [ -s "$served" ]; do
		kill -0 "$keeper" 2>/dev/null || return 4
		sleep 0.2
	done
}
end_serving() {
	local watcher=$keeper_watcher
	end_server
	call_off
}
# end_server: end the server and its keeper, which may have been killed before.
end_server() {
	end_group "$keeper"
	[ ! -s "$served.pid" ] || end_group "$(cat "$served.pid")"
	rm -f "$served" "$served".{new,pid}
}
