#!/bin/bash
# tg-run is killed at any moment and started again: the output is that of an
# undisturbed run, and no request that was answered is sent again.
#
# KILL_ROUNDS is the number of rounds and KILL_SEED their seed. In each round
# one program of a run, or all of them, is killed with signal 9: after some
# number of answers, or at a system call of one program, by strace. A round
# counts if that was after the first call and before the last. A request was
# answered if tg-llm has read the answer, which shows in its next request on the
# same connection. An answer that it has not read may lie in a socket, and its
# request is in flight.
. tests/lib.sh
cd "$T" || exit 3
rounds=${KILL_ROUNDS:-12}
RANDOM=${KILL_SEED:-1}
[ -z "${KILL_ROUNDS:-}" ] || diag "seed ${KILL_SEED:-1}"

answered=$T/answered
count() { grep -c '^answered' "$answered"; }
start_mock -a "$answered" -o owned_by=vllm -o latency=lognormal:15:150
run=(tg-run -u "$MOCK_URL" -m m -j 6 -N 3 --rejects rejects -C cache -q)
tasks=(code_summary_retrieval web_code_retrieval code_context_retrieval)
for i in $(seq 48); do
	printf '{"text":"def f%d(x):\\n    y = x + %d\\n    return y * y\\n","tg":{"task":"%s"}}\n' \
		"$i" "$i" "${tasks[i % 3]}"
done >in
check_status "an undisturbed run exits with 0" 0 "${run[@]}" <in >want
calls=$(count)
check "an undisturbed run gives more than 30 triplets" [ "$(wc -l <want)" -gt 30 ] || exit
mv rejects rejects.want
rm -rf cache
"${run[@]}" <in >out
check_same "another run gives the same output" want out
rm -rf cache
: >"$answered"
"${run[@]}" <in >out &
"${run[@]}" <in >out2
wait $!
check_same "the first of two runs at once gives the same output" want out
check_same "the second of two runs at once gives the same output" want out2
is "two runs at once send no more requests than one" "$calls" "$(count)"

# Programs that die at a system call: one of them runs in a wrapper.
if command -v strace >/dev/null && [ -z "${TG_VALGRIND:-}" ]; then
	mkdir trace
	for p in "$TG_BIN"/tg-*; do
		[[ $p != *.bash ]] || continue
		cat >"trace/${p##*/}" <<-END
			#!/bin/bash
			if [ "\$KILL_AT" = "${p##*/}" ] && ! [ /dev/stdin -ef /dev/null ] && mkdir "$T/taken" 2>/dev/null; then
				strace -f -qqq -o '$T/strace' -e "inject=\$KILL_CALL:signal=KILL:when=\$KILL_WHEN" \\
					'$p' "\$@"
				s=\$?
				: >'$T/died'
				exit \$s
			fi
			exec '$p' "\$@"
		END
		chmod +x "trace/${p##*/}"
	done
fi
# Each point is a program, a system call, and how often it makes it, roughly.
points=('tg-llm write 90' 'tg-llm sendto 60' 'tg-llm recvfrom 90' 'tg-llm epoll_wait 90'
	'tg-llm openat 30' 'tg-llm close 30' 'tg-llm fsync 1' 'tg-llm poll 99' 'tg-cache write 40'
	'tg-cache rename 40' 'tg-cache renameat 40' 'tg-cache fsync 40' 'tg-cache openat 99'
	'tg-cache close 99' 'tg-emit write 20' 'tg-emit read 20' 'tg-prompt write 20'
	'tg-judge write 20' 'tg-negs write 20' 'tg-arrange poll 20')

# members: prints the processes of this round.
members() {
	running_with "KILL_ROUND=$round" | sed 's|/proc/||; s|/environ||'
}
# shellcheck disable=SC2317
gone() {
	[ "$kind" != all ] || members | xargs -r kill -9 2>/dev/null
	! members | grep -q .
}
kinds=('all' 'one' 'script' 'call')
[ -d trace ] || kinds=('all' 'one' 'script')
died=0 torn=0 other=0 lost=0 repeated=0
for ((round = 0; round < rounds; round++)); do
	rm -rf cache rejects died taken strace
	: >"$answered"
	kind=${kinds[round % ${#kinds[@]}]} what='' path=$PATH
	if [ "$kind" = call ]; then
		read -r KILL_AT KILL_CALL n <<<"${points[RANDOM % ${#points[@]}]}"
		KILL_WHEN=$((1 + RANDOM % n))
		export KILL_AT KILL_CALL KILL_WHEN
		path=$T/trace:$PATH what="$KILL_AT at $KILL_CALL $KILL_WHEN"
	fi
	PATH=$path KILL_ROUND=$round setsid "${run[@]}" <in >out 2>err &
	pid=$! by=$((SECONDS + 60 * SLOW))
	if [ "$kind" != call ]; then
		n=$((1 + RANDOM % (calls - 2)))
		until (($(count) >= n || SECONDS > by)); do sleep 0.003; done
		members >pids
		case $kind in
		all) xargs -r kill -9 <pids ;;
		one) shuf -n 1 --random-source=<(yes "$RANDOM") pids | tee one | xargs -r kill -9 ;;
		script) kill -9 $pid ;;
		esac 2>/dev/null
		: >died
		what="$kind after $n answers"
	fi
	wait $pid 2>/dev/null
	# A run that lost a program ends by itself; a run that lost its script
	# goes on beside the next.
	[ "$kind" = script ] || wait_for gone
	at=$(count)
	if [ ! -e died ] || ((at == 0 || at >= calls)); then
		wait_for gone
		continue # it did not die between the first call and the last
	fi
	died=$((died + 1))
	[ "$kind" = script ] || jq -c . out >/dev/null 2>&1 || torn=$((torn + 1))
	"${run[@]}" <in >out2 2>err || diag "round $round: status $?" <err
	cmp -s want out2 || {
		other=$((other + 1))
		diag "round $round ($what): other output"
		diff want out2 | head -n 6 | cut -c 1-600 | diag
	}
	awk '$1 == "read" { have[$2] = 1; next }
		{ n[$2]++ } n[$2] == 2 { again++; lost += have[$2] }
		END { print again + 0, lost + 0 }' "$answered" >counts
	read -r a l <counts
	wait_for gone
	repeated=$((repeated + a)) lost=$((lost + l))
	((l == 0)) || diag "round $round ($what): $l answers were not kept"
done
diag "$rounds rounds, of which $died died between the first call and the last;" \
	"lost $lost, calls in flight at the time $repeated"
check "enough rounds died between the first call and the last ($died of $rounds)" [ $((died * 3)) -ge "$rounds" ]
is "no torn line comes out of a killed run" 0 $torn
is "the second run gives the output of an undisturbed run" 0 $other
is "no request that was answered is sent again" 0 $lost
# The three tg-llm processes of a run have six requests in flight each.
check "requests that are sent again were in flight at the kill ($repeated)" [ $repeated -le $((died * 3 * 6)) ]
check "the mock server stops without a fault" stop_mock
done_testing
