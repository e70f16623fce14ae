#!/bin/bash
# tg-mine: vectors of documents and queries, searches by them and by both ways, threads,
# progress, and runs that go on where one was stopped.
export VALGRIND_ONE_IN=3
. tests/lib.sh
cd "$T" || exit 3

# npy FILE [TYPE [ORDER [SHAPE]]]: make an array of the numbers on stdin, a row a line.
npy() {
	perl -e '
		my ($file, $type, $order, $shape) = @ARGV;
		my @rows = map { [split] } <STDIN>;
		$shape ||= sprintf "(%d, %d)", scalar @rows, scalar @{$rows[0] || []};
		my $head = "{'\''descr'\'': '\''$type'\'', '\''fortran_order'\'': $order, '\''shape'\'': $shape, }";
		$head .= " " x (63 - (10 + length $head) % 64) . "\n";
		open my $f, ">:raw", $file or die;
		print $f "\x93NUMPY\1\0", pack("v", length $head), $head;
		print $f pack($type eq "<f8" ? "d<*" : "f<*", @$_) for @rows' \
		"$1" "${2:-<f4}" "${3:-False}" "${4:-}"
}

# 700 documents, three positives on each third line, and 90 lines of queries, of which two
# are none, with vectors of small whole numbers: sums are exact, and many are equal.
perl -e 'srand 7; print join(" ", map { int(rand 7) - 3 } 1 .. 5), "\n" for 1 .. 790' >numbers
head -n 700 numbers >docs.txt
tail -n 90 numbers >queries.txt
npy docs.npy <docs.txt
npy queries.npy <queries.txt
perl -e 'srand 8; my @w = map { "word$_" } 1 .. 60; my $n = 0;
	while ($n < 700) { my @t = map { join " ", map { $w[rand @w] } 1 .. 4 + rand 9 } 1 .. 3;
		if ($n % 9 == 0 && $n < 690) { print "{\"pos\":[", join(",", map { "\"$_\"" } @t), "]}\n"; $n += 3 }
		else { print "{\"text\":\"$t[0]\"}\n"; $n++ } }' >docs.jsonl
perl -e 'srand 9; for (1 .. 90) { my $t = join " ", map { "word" . int rand 70 } 1 .. 5;
	print $_ == 30 ? "{\"text\": 1}\n\n" : $_ == 60 ? "{bad\n" : "{\"n\": $_, \"query\":\"$t\"}\n" }' >q.jsonl

check_status "index takes vectors" 0 tg-mine index -o idx --vectors docs.npy docs.jsonl 2>err
is "check says how long they are" 5 "$(tg-mine check -i idx | jq .dims)"

# search TO [OPTIONS]: search all queries; the bad line gives status 1.
search() {
	local to=$1
	shift
	tg-mine search -i idx --query-vectors queries.npy "$@" q.jsonl >"$to" 2>err
	[ $? -eq 1 ]
}
check "search takes vectors of queries" search dense --by dense -k 20
perl -e 'sub rows { open my $f, "<", $_[0] or die; map { [split] } <$f> }
	my @d = rows "docs.txt"; my $n = 0;
	for my $q (rows "queries.txt") {
		next if ++$n == 30 || $n == 60;
		my @s = map { my ($d, $s) = ($_, 0); $s += $q->[$_] * $d->[$_] for 0 .. 4; $s } @d;
		my @o = sort { $s[$b] <=> $s[$a] || $a <=> $b } 0 .. $#d;
		print "[", join(",", map { "{\"doc\":$_,\"score\":$s[$_]}" } @o[0 .. 19]), "]\n" }' >want
grep -o '"hits":.*' dense | sed 's/"hits"://; s/}$//' >got
check_same "hits are those of all inner products, sorted, ties by number" want got
is "the rest of a line stays, and other lines pass in their places" \
	"$(sed '/^$/d; /^{bad/d' q.jsonl)" "$(sed '60d; s/,"hits":.*/}/' dense)"
is "the first hits are there, whatever the sign of their scores" 700 \
	"$(search all --by dense -k 1000 && jq -s '[.[].hits | select(.) | length] | min' all)"

check "hybrid searches both ways" search hybrid --by hybrid -k 30 --depth 40 --exact
tg-mine search -i idx --exact -k 40 q.jsonl >bm25 2>err
search deep --by dense -k 40
is "hybrid adds up reciprocal ranks of both, ties by number" 0 "$(jq -c '.hits // []' bm25 |
	jq -n --slurpfile bm25 <(jq -c '.hits // []' bm25) --slurpfile dense <(jq -c '.hits // []' deep) \
		--slurpfile got <(jq -c '.hits // []' hybrid) '
		[range($got | length) as $i | [($bm25[$i], $dense[$i]) | to_entries[] |
			{doc: .value.doc, score: (1 / (61 + .key))}] | group_by(.doc) |
			map({doc: .[0].doc, score: (map(.score) | add)}) | sort_by(-.score, .doc) | .[0:30] as $want |
			($want | map(.doc)) == ($got[$i] | map(.doc)) and
			([$want, $got[$i]] | transpose | all((.[0].score - .[1].score | fabs) < 1e-10))] |
		map(select(not)) | length')"

# The bytes are the same, however they came about.
for kernel in plain avx2 avx512 neon; do
	TG_KERNEL=$kernel tg-mine search -i idx --by dense --query-vectors queries.npy -k 20 q.jsonl >one 2>err
	if [ $? -ne 3 ] || ! grep -q TG_KERNEL err; then cmp one dense; fi
done >bad 2>&1
check "each kernel of this machine gives the same bytes" [ ! -s bad ]
TG_KERNEL=fast tg-mine search -i idx --by dense --query-vectors queries.npy q.jsonl >out 2>err
is "a kernel that is none is refused" "3 1" "$? $(grep -c 'TG_KERNEL is none of plain' err)"
for by in dense hybrid; do
	search one --by $by
	search many --by $by --threads 7
	cmp one many
	for i in 1 2 3 4; do tg-mine search -i idx --by $by --query-vectors queries.npy --shard $i/4 <q.jsonl 2>err; done | cmp one -
done >bad 2>&1
check "so does each number of threads and of shards" [ ! -s bad ]
for i in 1 2 3; do tg-mine index -o "part$i" --vectors docs.npy --shard $i/3 docs.jsonl 2>err; done
check_status "parts with vectors are merged" 0 tg-mine merge -o merged part2 part1 part3
check_same "each part has the vectors of its own documents" idx merged
tg-mine index -o plain docs.jsonl 2>err
for parts in 'idx plain' 'plain idx'; do
	# shellcheck disable=SC2086 # two words
	check_status "$parts: an index with vectors and one without are not merged" 3 tg-mine merge -o no $parts 2>err
done

# What is refused, with one line that names the file.
# refused NAME PATTERN COMMAND...: passes if the status is 3, and the message is one line.
refused() {
	local name=$1 pattern=$2 status=0
	shift 2
	"$@" >out 2>err || status=$?
	is "$name is refused" "3 1 1 0" "$status $(wc -l <err) $(grep -c -- "$pattern" err) $(wc -c <out)"
}
npy f8.npy '<f8' <docs.txt
npy columns.npy '<f4' True <docs.txt
npy flat.npy '<f4' False '(3500,)' <docs.txt
npy more.npy <numbers
head -n 699 docs.txt | npy less.npy
sed '300s/^[^ ]*/nan/' docs.txt | npy nan.npy
sed '300s/^[^ ]*/inf/' docs.txt | npy inf.npy
head -c 9000 docs.npy >torn.npy
{ cat docs.npy; printf x; } >longer.npy
for case in 'f8:float32' 'columns:ascontiguousarray' 'flat:two dimensions' 'more:790 rows, and the input 700 documents' \
	'less:699 rows, and the input 700 documents' 'nan:row 299' 'inf:row 299' 'torn:shorter' 'longer:longer' 'gone:No such file'; do
	refused "index --vectors ${case%%:*}.npy" "^tg-mine: ${case%%:*}.npy: .*${case#*:}" \
		tg-mine index -o no --vectors "${case%%:*}.npy" docs.jsonl
done
refused "a part of too few vectors" '699 rows, and the input 700 documents' \
	tg-mine index -o no --shard 1/3 --vectors less.npy docs.jsonl
check "what is refused leaves no file" [ ! -e no ]
cut -d ' ' -f 1-4 queries.txt | npy short.npy
head -n 89 queries.txt | npy fewer.npy
refused "search with vectors of another length" '4 numbers, and those of the index 5' \
	tg-mine search -i idx --by dense --query-vectors short.npy q.jsonl
for part in 1/1 2/3; do
	refused "search --shard $part with fewer vectors than lines" '89 rows, and the input 90 lines' \
		tg-mine search -i idx --by dense --query-vectors fewer.npy --shard $part q.jsonl
done
refused "search with NaN" 'row 299' tg-mine search -i idx --by dense --query-vectors nan.npy q.jsonl
refused "search by vectors that the index lacks" 'plain: the index has no vectors' \
	tg-mine search -i plain --by dense --query-vectors queries.npy q.jsonl
check_status "--by dense without vectors of queries is refused" 2 tg-mine search -i idx --by dense q.jsonl 2>err >out
check_status "vectors of queries by bm25 are refused" 2 tg-mine search -i idx --query-vectors queries.npy q.jsonl 2>err >out
: | npy none.npy '<f4' False '(0, 5)'
is "an index of no documents has vectors, too" '[]' "$(tg-mine index -o empty --vectors none.npy </dev/null 2>err
	head -n 1 queries.txt | npy one.npy
	echo '{"query":"a"}' | tg-mine search -i empty --by dense --query-vectors one.npy | jq -c .hits)"

# Runs that go on.
# resume [OPTIONS]: search with --resume kept.
resume() {
	tg-mine search -i idx --by dense --query-vectors queries.npy -k 20 --resume kept "$@" >out 2>err
}
resume q.jsonl
check_same "--resume writes to the file" dense kept
check "stdout gets nothing" [ ! -s out ]
for n in 1 70 5000 $(($(wc -c <dense) - 1)); do
	head -c "$n" dense >kept
	resume q.jsonl
	cmp dense kept
done >bad 2>&1
check "a file that ends anywhere is gone on with to the same bytes" [ ! -s bad ]
{ cat dense; printf '{"half":'; } >kept
resume q.jsonl
check_same "a torn line behind the last is cut off" dense kept
head -n 40 dense >kept
(ulimit -f 30 && resume q.jsonl)
is "a run that cannot write ends with status 3" 3 $?
check "it leaves more lines than were there" [ "$(wc -l <kept)" -ge 40 ]
resume <q.jsonl
check_same "the next run ends it, from standard input, too" dense kept
head -n 20 dense >kept
resume --shard 1/2 q.jsonl
mv kept first
resume --shard 2/2 q.jsonl
cat kept >>first
check_same "a shard has a file of its own" dense first
head -n 7 dense >kept
check_status "a file of another input is refused" 3 resume <(tac q.jsonl)
check_status "a file of more lines than the input is refused" 3 resume --query-vectors one.npy <(head -n 1 q.jsonl)
printf 'no line' >>kept
cp kept before
check_status "a file of another input that ends in no line is refused" 3 resume <(tac q.jsonl)
check_same "what is refused stays, to the byte" before kept
# shellcheck disable=SC2016 # Perl has variables, too
check_status "a file that another process writes is refused" 3 \
	perl -e '$^F = 9; my $lock = pack "s2x4q2ix4", 1, 0, 0, 1, 0;
		open F, "+<", "kept" or die; fcntl F, 37, $lock or die; # F_OFD_SETLK
		system @ARGV; exit $? >> 8' tg-mine search -i idx --resume kept q.jsonl 2>err
check "the message says so" grep -q 'kept: another process writes it' err
check_status "an input is not written over" 2 tg-mine search -i idx --resume q.jsonl q.jsonl 2>err
for _ in {1..60}; do sed '/^$/d; /bad/d' q.jsonl; done >long.jsonl
tg-mine search -i idx -k 50 --exact long.jsonl >long
rm -f kept
tg-mine search -i idx -k 50 --exact --threads 1 --resume kept long.jsonl 2>err &
wait_for [ -s kept ]
kill -KILL $!
wait $!
check_status "a run goes on where one was killed" 0 tg-mine search -i idx -k 50 --exact --resume kept long.jsonl 2>err
check_same "it ends with the same bytes" long kept

done_testing
