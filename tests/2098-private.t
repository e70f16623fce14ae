#!/bin/bash
# What the programs keep is the user's alone, whatever the umask: caches, work folders and
# reports. What the user redirects is the user's to open.
# shellcheck disable=SC2119 # start_mock needs no arguments
export VALGRIND_ONE_IN=8
# shellcheck source=tests/lib.sh
. tests/lib.sh
cd "$T" || exit 3

# open FILE...: prints those that others may use, with their modes.
open() { find "$@" ! -type l -perm /077 -printf '%p %m\n'; }
start_mock
seq 6 | jq -c '{text: "def f\(.)(x): return x + \(.)"}' >code
echo nonsense >>code
for mask in 000 022; do
	mkdir $mask && cd $mask && umask $mask || exit 3
	# shellcheck disable=SC2094 # files are read again on purpose
	tg-run -t web_code_retrieval -u "$MOCK_URL" -m m -q -C sub/cache --rejects rejects \
		--append set ../code >out -- --stats stats
	tg-llm -u "$MOCK_URL" -m m --cache alone --stats stats <(asked 1 2) >llm.out
	tg-cache put -d pairs <(echo '{}') >put.out
	tg-emit --summary summary --rejects bad ../code >emit.out 2>/dev/null
	tg-llm -m m --export requests <(asked 1 2) >export.out
	tg-fan-out -d fan -N 2 sh -c 'cat >"made.{#}"; echo x' <../code >fan.out
	SLURM_ARRAY_TASK_ID=0 tg-slurm -n 2 -d array ../code sh -c 'cat >"task.{%}"; echo x'
	(tg-batch start job -t web_code_retrieval -m m <../code) >batch.out
	umask 022
	is "umask $mask: caches, work folders and reports are the user's alone" '' \
		"$(open sub/cache rejects stats alone pairs summary bad requests fan array job)"
	check "umask $mask: all of them are there" ls sub/cache/answers/*.jsonl sub/cache/*.json rejects \
		stats alone/tg.spent pairs/.lock summary bad requests fan/plan fan/out/000000001 array/plan \
		array/0.out job/0/state.jsonl
	want=$(printf %o $((0666 & ~$((8#$mask)))))
	is "umask $mask: --append, output and what a command writes follow the umask" '' \
		"$(find set out made.1 task.0 fan.out emit.out ! -perm "$want")"
	cd ..
done
mkdir -m 755 theirs
tg-run -t web_code_retrieval -u "$MOCK_URL" -m m -q -C theirs code >out 2>/dev/null
is "a folder that is there already keeps its mode" 755 "$(stat -c %a theirs)"
is "new files in it are the user's alone" 0 "$(find theirs -mindepth 1 -perm /077 | wc -l)"
echo old >stats && chmod 640 stats
tg-llm -u "$MOCK_URL" -m m --stats stats <(asked 1 2) >out
is "a report that is there already keeps its mode" 640 "$(stat -c %a stats)"
check "the mock server stops without a fault" stop_mock
done_testing
