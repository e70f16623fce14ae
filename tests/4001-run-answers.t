#!/bin/bash
# tg-run --answers: the answers alone are kept, in append-only logs, and a run that was killed
# goes on from them.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" && mkdir tmp || exit 3
export TMPDIR=$T/tmp
seq 60 | jq -c '{text: "def f\(.)(x):\n    return x + \(.)\n"}' >code
start_mock -o owned_by=vllm -o latency_ms=60
calls() { mock_stats .requests; }
run() { tg-run -u "$MOCK_URL" -m m -t web_code_retrieval -N 2 -j 4 -q "$@" 2>err; }

check_status "a run with --answers exits with 0" 0 run --answers answers code >want
is "a run with --answers gives all triplets" 60 "$(wc -l <want)"
n=$(calls)
check "a run with --answers makes a few files, whatever the documents" [ "$(find answers -type f | wc -l)" -le 5 ]
check_status "another run with --answers exits with 0" 0 run --answers answers code >out
check_same "another run with --answers gives the same triplets" want out
is "another run with --answers sends nothing" "$n" "$(calls)"

# Killed at several moments, whole or only its script, and started again.
group() { setsid tg-run -u "$MOCK_URL" -m m -t web_code_retrieval -N 2 -j 4 -q --answers killed code; }
members() { running_with "ROUND=$T/$round" | sed 's|/proc/||; s|/environ||'; }
gone() { [ -z "$(members)" ]; }
is_far() { asked_over "$1" || ! kill -0 "$pid" 2>/dev/null; }
at=$(calls) again=0
for round in 1 2 3; do
	ROUND=$T/$round group >out 2>err &
	pid=$!
	wait_for is_far $(($(calls) + 20))
	members | xargs -r kill -9 2>/dev/null
	wait $pid 2>/dev/null
	wait_for gone
	again=$((again + 1))
done
check_status "the run after three kills exits with 0" 0 run --answers killed code >out
check_same "the run after three kills gives the same triplets" want out
sent=$(($(calls) - at))
# Three stages have four requests in flight each.
check "no more than the requests in flight are sent again ($sent of $n)" [ "$sent" -le $((n + again * 12)) ]
check "all of the work was done between the kills ($sent)" [ "$sent" -ge "$n" ]

# What goes with it.
check_status "--answers --read-only exits with 0" 0 run --answers answers --read-only code >out
check_same "--answers --read-only gives the same triplets" want out
find answers -printf '%p %s\n' | sort >before
echo '{"text":"def g(): pass"}' | cat code - >extra
check_status "--answers --read-only with a new document exits with 0" 0 run --answers answers --read-only extra >out
is "--answers --read-only stores nothing" "$(cat before)" "$(find answers -printf '%p %s\n' | sort)"
check_status "--answers --read-only with a missing folder makes status 3" 3 run --answers none --read-only code >out 2>err
is "one message says that the folder is missing" "tg-run: --answers: none is not there, and --read-only makes nothing" \
	"$(grep -v 'text goes' err)"
check "--read-only makes no folder" [ ! -e none ]
check_status "--retry-rejected needs a cache, not answers" 2 run --answers answers --retry-rejected code >out
check_status "--foreign needs a cache, not answers" 2 run --answers answers --foreign --read-only code >out
check "the message names the option" grep -q '^tg-run: --foreign: name the cache with -C' err
m=$(calls)
check_status "--answers --estimate exits with 0" 0 run --answers answers --estimate code >out
is "--answers --estimate counts the answers that are there" "$n" "$(jq .answered_by_cache out)"
check_status "--answers --estimate without the folder exits with 0" 0 run --answers none --estimate code >out
is "--estimate sends nothing" "$m $m" "$(calls) $m"
check "--estimate makes no folder" [ ! -e none ]
check_status "-C and --answers together exit with 0" 0 run -C cache --answers answers code >out
check_same "-C and --answers together give the same triplets" want out
is "-C and --answers together send nothing that the answers have" "$m" "$(calls)"
check "with --answers the cache has pairs and no answers" [ "$(find cache -name '*.json' | wc -l)" -eq 60 ] && [ ! -e cache/answers ]
: >file
check_status "a file in place of the folder makes status 3" 3 run --answers file code >out
is "--dry-run shows --cache of tg-llm" 4 "$(run --answers answers --dry-run code | grep -c 'tg-llm.* --cache answers')"

# --append completes its file.
run --answers appended --append whole code
head -n 20 code | run --answers appended --append part
check_status "--append with --answers goes on" 0 run --answers appended --append part code
check_same "--append with --answers completes the file" whole part

# tg-fan-out and tg-slurm: a folder of answers for each chunk.
m=$(calls)
check_status "tg-fan-out with --answers exits with 0" 0 tg-fan-out -j 2 -N 20 -d work tg-run -u "$MOCK_URL" -m m \
	-t web_code_retrieval -N 2 -j 4 -q --answers 'chunks/{#}' <code >out 2>err
check_same "tg-fan-out with --answers gives the same triplets" want out
is "each chunk has answers of its own" "1 2 3" "$(cd chunks && echo *)"
SLURM_ARRAY_TASK_ID=0 tg-slurm -n 1 -d slurm -N 30 code tg-run -u "$MOCK_URL" -m m \
	-t web_code_retrieval -N 2 -j 4 -q --answers 'parts/{%}.{#}' 2>err
check_same "tg-slurm with --answers gives the same triplets" want <(tg-slurm -n 1 -d slurm --collect)
is "each chunk of a task has answers of its own" "0.1 0.2" "$(cd parts && echo *)"
check "the mock server stops without a fault" stop_mock
done_testing
