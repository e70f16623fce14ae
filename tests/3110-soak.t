#!/bin/bash
# A long run with 256 requests in flight, one in twenty of which goes wrong:
# every record comes out once and in order, and neither memory nor open files
# grow. SOAK_SECONDS is its length, 16 unless given; make soak takes 15 minutes.
# shellcheck source=tests/lib.sh
. tests/lib.sh

[ "$SLOW" -eq 1 ] || skip_all "valgrind has memory of its own"
for_s=${SOAK_SECONDS:-16} slack=1024 files=16 latency=300:1200
if [ "$for_s" -lt 120 ]; then
	slack=8192 files=64 # a short run is hardly warm
	latency=150:600
fi
plan 13

cat >"$T/faults" <<'END'
{"match":{"share":0.007},"reset":true}
{"match":{"share":0.007},"status":500}
{"match":{"share":0.0002},"status":429,"headers":{"retry-after-ms":"20"}}
{"match":{"share":0.005},"status":503}
{"match":{"share":0.007},"cut":60}
{"match":{"share":0.005},"cut":60,"no_length":true}
{"match":{"share":0.004},"stall":true}
{"match":{"share":0.003},"cut":60,"stall":true}
{"match":{"share":0.007},"body":"<html>busy</html>"}
{"match":{"share":0.005},"body":"{\"choices\":[{\"message\":{\"content\":\"\u0000"}
END
# start_mock is not used, as its log would fill the disk.
"$TG_BUILD/tests/mockllm" -d -p "$T/port" -s "$T/faults" \
	-o "latency=lognormal:$latency" </dev/null >/dev/null 3>&- 4>&- &
wait_for [ -s "$T/port" ] || bail_out "mockllm does not start"
MOCK_BASE=http://127.0.0.1:$(cat "$T/port")
MOCK_URL=$MOCK_BASE/v1

# produce LINE FILE: prints the line again and again, with a number for each #,
# as long as the run takes, and writes the number of lines into FILE.
produce() {
	local n=0 until=$((SECONDS + for_s))
	while ((SECONDS < until)); do
		awk -v line="$1" -v n="$n" 'BEGIN {
			for (i = n; i < n + 100; i++) {
				s = line
				gsub(/#/, i, s)
				print s
			}
		}'
		n=$((n + 100))
	done
	echo "$n" >"$2"
}

# programs PID: prints the descendants of a process that are programs of tg.
programs() {
	ps -A -o pid= -o ppid= -o comm= | awk -v top="$1" '
	{ kids[$2] = kids[$2] " " $1; name[$1] = $3 }
	function walk(p, n, i, list) {
		if (name[p] ~ /^tg-(llm|prompt|judge|negs|arrange|split|emit|cache)/)
			print p
		n = split(kids[p], list)
		for (i = 1; i <= n; i++)
			walk(list[i])
	}
	END { walk(top) }'
}

# watch PID FILE: writes "seconds pid KB files" lines while the process runs.
watch() {
	local p kb fds
	while kill -0 "$1" 2>/dev/null; do
		for p in $(programs "$1"); do
			kb=$(awk '/^VmRSS/ { print $2 }' "/proc/$p/status" 2>/dev/null)
			fds=(/proc/"$p"/fd/*)
			[ -z "$kb" ] || echo "$SECONDS $p $kb ${#fds[@]}"
		done
		sleep $((for_s > 60 ? 2 : 0)).25
	done >"$2"
}

# flat FILE COLUMN SLACK: succeeds if the maximum of each process in the last
# quarter is at most 1.1 times that in the second quarter, plus SLACK.
flat() {
	awk -v col="$2" -v slack="$3" -v all="$for_s" '
	{
		q = int(4 * ($1 - start) / all)
		if (NR == 1) { start = $1; q = 0 }
		v = $col
		if (v > max[$2, q]) max[$2, q] = v
		pids[$2]
	}
	END {
		for (p in pids) {
			if (!((p, 1) in max) || !((p, 3) in max))
				continue
			n++
			print "process " p ": " max[p, 1] " then " max[p, 3]
			bad += max[p, 3] > 1.1 * max[p, 1] + slack
		}
		exit bad > 0 || n == 0
	}' "$1"
}

# A single tg-llm.
SECONDS=0
mkdir "$T/run"
(
	produce '{"n":#,"tg":{"request":{"kind":"generate","messages":[{"role":"user","content":"question #"}]}}}' \
		"$T/made" | {
		exec tg-llm -u "$MOCK_URL" -j 256 --timeout 5 --stats "$T/stats"
	} 2>"$T/err" | jq -r '[.n, .tg.error.code // (if .tg.response then "ok"
		else "neither" end)] | @tsv' |
		awk '{ count[$2]++; if ($1 != NR - 1) wrong++ }
		END { print NR, count["ok"] + 0, wrong + 0 }' >"$T/sum"
	echo "${PIPESTATUS[*]}" >"$T/status"
) &
llm=$!
# A pipeline runs beside it, without the table of duplicates, which does grow.
(
	export TMPDIR=$T/run
	produce '{"text":"def f#(x): return x"}' "$T/docs" |
		tg-run -t code_summary_retrieval -u "$MOCK_URL" -j 64 -N 3 \
			-q --dedupe none --rejects "$T/rejects" -- --timeout 5 >"$T/triplets"
	echo "${PIPESTATUS[*]}" >"$T/run.status"
) &
run=$!
watch $llm "$T/watch" &
watch $run "$T/watch.run" &
wait $llm
wait $run

read -r lines good wrong <"$T/sum"
made=$(cat "$T/made") docs=$(cat "$T/docs")
diag "$made records, $good answered; $docs documents; $(jq -r '
	"\(.calls) calls, \(.retries) retries, \(.calls / .seconds | floor)/s, " +
	"latency \(.latency_ms), failures \(.endpoints[0].failures)"' "$T/stats")"
diag "$(curl -sS "$MOCK_BASE/stats")"
is "every record comes out, in order" "$made 0" "$lines $wrong"
is "every record is answered" "$made" "$good"
is "producer, tg-llm and reader exit with 0" "0 0 0 0" "$(cat "$T/status")"
check "one call in twenty went wrong" jq -e '.endpoints[0] |
	(.failures | add) / .calls | . > 0.03 and . < 0.07' "$T/stats"
check "calls went wrong in every way" jq -e '.endpoints[0].failures | .connection_lost > 0 and
	.timeout > 0 and .server_error > 0 and .bad_reply > 0' "$T/stats"
check "256 requests were in flight" [ "$(mock_stats .max_in_flight)" -ge 256 ]
check_memory() {
	if has_foreign_memory; then skip "$1" "not all memory is theirs"; else check "$@"; fi
}
check_memory "the memory of tg-llm does not grow" flat "$T/watch" 3 $slack
check "the open files of tg-llm do not grow" flat "$T/watch" 4 $files
is "every document comes out of the pipeline" "$docs" "$(cat "$T/triplets" "$T/rejects" | wc -l)"
is "no document comes out twice" "$(wc -l <"$T/triplets")" "$(jq -r .query "$T/triplets" | sort -u | wc -l)"
is "producer and tg-run exit with 0" "0 0" "$(cat "$T/run.status")"
# A stage holds up to 4096 finished records while the next one is slow.
check_memory "the memory of the pipeline does not grow" flat "$T/watch.run" 3 $((slack + 32768))
check "the open files of the pipeline do not grow" flat "$T/watch.run" 4 $files
diag "$(flat "$T/watch" 3 0)"
diag "$(flat "$T/watch.run" 3 0)"
