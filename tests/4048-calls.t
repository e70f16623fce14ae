#!/bin/bash
# What the programs ask of the system: the order in which data reaches the disk,
# reads and writes that are short or interrupted, a clock that jumps, and an end
# of stdout that fails.
# shellcheck disable=SC2094,SC2119 # functions and files are used so on purpose
. tests/lib.sh
cd "$T" || exit 3
! has_foreign_memory || skip_all "valgrind and sanitizers make calls of their own"

start_mock
seq 4 | jq -c '{text: "def f\(.)(x):\n    return x\n"}' >code
asked 1 5 >asked
make_stages
is "the material is there" 4 "$(tg-emit triplet | wc -l)"
tg-cache put -d stored triplet >/dev/null
llm=(tg-llm -m m --dialect generic -u "$MOCK_URL" --retries 0)

# same COMMAND...: whether it gives what it gives without what is preloaded.
same() {
	rm -rf work && mkdir work
	(cd work && "$@") | sed -E 's/"latency_ms":[0-9]+,//g' >want
	rm -rf work && mkdir work
	(cd work && LD_PRELOAD=$TG_BUILD/tests/$preload.so "$@" 2>../err) |
		sed -E 's/"latency_ms":[0-9]+,//g' >got
	cmp -s want got
}
# batched: exports the requests, lets them be answered as a batch and imports the results.
batched() {
	tg-llm -m m --export q ../asked >/dev/null
	for step in submit poll fetch; do
		tg-llm --batch $step -u "$MOCK_URL" q >/dev/null
	done
	{ printf '\xef\xbb\xbf' && cat q.output; } >results # a byte order mark is skipped
	tg-llm -m m --import results <../asked
}
for preload in short jump; do
	case $preload in
	short) what="short reads and writes, and interrupted ones" ;;
	jump) what="a clock that jumps" ;;
	esac
	for run in 'tg-prompt generate -t code_summary_retrieval --summary counts ../code' 'tg-prompt judge ../pair' \
		'tg-arrange ../answered' 'tg-judge ../verdict' 'tg-negs ../negatives' \
		'tg-emit --rejects rejects ../triplet ../code' 'tg-emit --append set ../triplet' \
		'tg-cache put -d cache ../triplet' 'tg-cache get -d ../stored ../triplet' \
		'tg-cache verify -d ../stored' 'tg-sum ../sum'; do
		[ -e sum ] || echo '{"lines":4}' >sum
		read -ra argv <<<"$run"
		check "$run bears $what" same "${argv[@]}"
	done
	"${llm[@]}" --cache kept asked >want
	before=$(mock_stats .requests)
	check "tg-llm bears $what when it reads its cache" same "${llm[@]}" --cache ../kept ../asked
	is "tg-llm finds all of its cache: $what" "$before" "$(mock_stats .requests)"
	check "tg-llm bears $what" same "${llm[@]}" --cache answers ../asked
	check "tg-llm --rpm bears $what" timeout 60 bash -c "$(declare -f same diag)"'; same "$@"' . \
		"${llm[@]}" --rpm 6000 --timeout 5 ../asked
	check "a batch bears $what" same batched
	is "all of the batch is answered: $what" 5 "$(grep -c '"response"' got)"
done

for p in 'tg-prompt generate -t code_summary_retrieval code' 'tg-arrange answered' \
	'tg-judge verdict' 'tg-negs negatives' 'tg-split-context code' 'tg-emit triplet' \
	'tg-cache get -d stored triplet' 'tg-cache stat -d stored' 'tg-sum sum' 'tg-prompt --list' \
	'tg-judge --help' 'tg-llm -m m --export requests asked' "${llm[*]} asked"; do
	read -ra argv <<<"$p"
	if strace -o trace true 2>/dev/null; then
		: >out
		strace -f -qq -o trace -P "$T/out" -e inject=close:error=EIO "${argv[@]}" >out 2>err
		is "$p: an end of stdout that fails is status 3" 3 $?
	else
		skip "$p: an end of stdout that fails is status 3" "no strace"
	fi
done

# A file of examples or tasks that breaks off is not a shorter one.
jq -nc '{input: "i", output: "o"}, {input: "j", output: "p"}' >pool
jq -c first "$OLDPWD"/lib/task/rows/1-*.json >row
for o in '-e pool' '--tasks row'; do
	read -ra argv <<<"$o"
	if strace -o trace true 2>/dev/null; then
		for k in 1 2; do
			strace -qq -o trace -P "$T/${argv[1]}" -e inject=read:error=EIO:when=$k \
				tg-prompt generate -t code_summary_retrieval "${argv[@]}" code >out 2>err
			is "tg-prompt $o: read $k that fails is status 3" "3 0 1" \
				"$? $(wc -l <out) $(grep -c "${argv[1]}: Input/output error" err)"
		done
	else
		skip "tg-prompt $o: a read that fails is status 3" "no strace"
	fi
done

if strace -o trace true 2>/dev/null; then
	# the first reads make the index
	strace -f -qq -o trace -P "$(echo "$T"/kept/answers-*.jsonl)" -e inject=pread64:error=EIO:when=4+ \
		"${llm[@]}" --cache kept --cache-read-only asked >out 2>err
	is "tg-llm says that answers which cannot be read are asked for again" "0 5 1" \
		"$? $(grep -c '"response"' out) $(grep -c 'Input/output error; its answers are asked for again' err)"
else
	skip "tg-llm says that answers which cannot be read are asked for again" "no strace"
fi

# order PROGRAM...: the calls that bring data to the disk, and the end of stdout.
order() {
	strace -f -y -qq -o calls -e trace=fsync,fdatasync,rename,renameat,renameat2,write,close \
		"$@" >out 2>err
	sed -nE 's/^[0-9]+ +(fsync|fdatasync)\([0-9]+<[^>]*\/(export|set|answers-)[^>]*>.*/sync/p
		s/^[0-9]+ +write\([0-9]+<[^>]*\/(export|set|answers-)[^>]*>.*/write/p
		s/^[0-9]+ +(fsync|fdatasync)\([0-9]+<[^>]*\/tg\.spent>.*/ledger/p
		s/^[0-9]+ +(fsync|fdatasync)\([0-9]+<[^>]*\.part>.*/results/p
		s/^[0-9]+ +(fsync|fdatasync)\([0-9]+<[^>]*\.batch[^>\/]*>.*/ticket/p
		s/^[0-9]+ +rename.*/rename/p
		s/^[0-9]+ +(fsync|fdatasync)\([0-9]+<[^>]*\/tg-test\.[^>\/]*>.*/folder/p
		s/^[0-9]+ +write\(1<.*/stdout/p' calls | uniq | paste -sd ' '
}
if strace -o trace true 2>/dev/null; then
	is "tg-emit --append: the lines are on the disk at its end" 'write sync' \
		"$(order tg-emit --append set triplet)"
	is "tg-llm --cache: answers are written before they come out, and synced at its end" \
		'write stdout sync ledger' "$(order "${llm[@]}" -j 1 --cache answers <(head -n 1 asked))"
	is "tg-llm --export: the file is on the disk before it has its name" 'stdout write sync rename' \
		"$(order "${llm[@]}" --export export.jsonl asked)"
	tg-llm -m m --export q.jsonl asked >/dev/null
	is "tg-llm --batch submit: each step's ticket is on the disk before the next step" \
		"$(for k in {1..5}; do printf 'ticket rename folder '; done)stdout" \
		"$(order tg-llm --batch submit -u "$MOCK_URL" q.jsonl)"
	tg-llm --batch poll -u "$MOCK_URL" q.jsonl >out
	is "tg-llm --batch fetch: results are on the disk before the ticket says so" \
		'results rename ticket rename folder stdout' \
		"$(order tg-llm --batch fetch -u "$MOCK_URL" q.jsonl)"
else
	skip "data reaches the disk in order" "no strace"
fi
check "stop" stop_mock
done_testing
