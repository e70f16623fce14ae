#!/bin/bash
# tg-mine similar and rank: a similar text for tasks that compare, and where positives stand.
export VALGRIND_ONE_IN=4
. tests/lib.sh
cd "$T" || exit 3

# 40 functions of Python that share words, one of Go, a copy of the first with other white
# space, one that has nearly its words, and an empty text.
perl -e '
	for my $i (1 .. 40) {
		my $words = join "", map { "    x$_ = load_part(x, $_)\\n" } 1 .. $i;
		print "{\"text\":\"def read_$i(x):\\n$words    return x\",\"code_language\":\"python\"}\n" }
	print "{\"text\":\"func read_1(x) { load_part(x) }\",\"code_language\":\"go\"}\n";
	print "{\"text\":\"def read_1(x):\\n\\n    x1  =  load_part(x, 1)\\n    return x\"}\n";
	print "{\"text\":\"\"}\n"' >docs.jsonl
tg-mine index -o idx docs.jsonl 2>err

head -n 3 docs.jsonl >in
check_status "similar takes texts" 0 tg-mine similar -i idx --summary sum.json in >out 2>err
is "the rest of a line stays" "$(cat in)" "$(sed 's/,"similar":.*/}/' out)"
is "each gets a list of one text, an own document of the index" "3 [[1],true]" \
	"$(wc -l <out) $(jq -sc --slurpfile d docs.jsonl '[([.[].similar | length] | unique),
		all(.[]; .similar[0] as $s | any($d[]; .text == $s))]' out)"
sed 's/"text"/"query"/' in | tg-mine search -i idx -k 43 --exact >hits
is "it is the document at the least rank" true \
	"$(jq -sc --slurpfile d docs.jsonl --slurpfile o out '[to_entries[] | .key as $k |
		[.value.hits[] | select($d[.doc].code_language != "go")][20].doc as $n |
		$d[$n].text == $o[$k].similar[0]] | all' hits)"
tg-mine similar -i idx in >out 2>err
is "what became of the texts is said" "3 of 3 texts got a similar one; no document from rank 21 on will do for 0" \
	"$(sed 's/^tg-mine: //' err)"
is "and in the summary" '{"records":3,"found":3,"none":0}' "$(cat sum.json)"

# similar [OPTIONS]: print the first line's similar text from rank 1 on.
similar() {
	head -n 1 docs.jsonl | tg-mine similar -i idx --from-rank 1 "$@" 2>err | jq -r '.similar[0] // "none"' | head -n 1
}
is "the text is found first" '[0,41]' "$(jq -c '[.hits[:2][].doc]' <(head -n 1 hits))"
is "but neither it nor one that is equal but for white space is taken" false \
	"$([ "$(similar --likeness 1)" = "def read_1(x):" ] && echo true || echo false)"
is "one with too many terms in common is a copy" false "$([ "$(similar --likeness 0.2)" = "$(similar)" ] && echo true || echo false)"
is "where none will do the line stays" none "$(similar --likeness 0)"
is "and is counted" "tg-mine: 0 of 1 texts got a similar one; no document from rank 1 on will do for 1" "$(cat err)"
is "documents of another language are none" none \
	"$(echo '{"text":"func read_1(x) { load_part(x) }","code_language":"go"}' |
		tg-mine similar -i idx --from-rank 1 2>err | jq -r '.similar[0] // "none"')"

printf '%s\n' '{"text":"x","similar":[]}' '{"query":"q"}' '{"text":7}' '{"text":"x","tg":{"error":{"code":"c"}}}' >pass
check_status "lines without a text, with a similar one, or ended pass" 0 tg-mine similar -i idx pass >out 2>err
check_same "to the byte" pass out
parts() {
	local i
	for i in 1 2 3; do tg-mine "$1" -i idx --threads "$i" --shard "$i/3" "$2"; done 2>err
}
tg-mine similar -i idx docs.jsonl >all 2>err
parts similar docs.jsonl >parted
check_same "parts make the whole, with any number of threads" all parted
check_status "a task that compares runs from plain text" 0 \
	bash -c "tg-mine similar -i idx in 2>err | tg-prompt generate -t code_comparison_retrieval >asked"
is "and has its request" "3 generate" \
	"$(jq -r .tg.request.kind asked | uniq -c | sed 's/^ *//')"

# Ranks: queries of the names, and several positives.
perl -e '
	for my $i (1 .. 40) { print "{\"query\":\"read_$i load\",\"pos\":",
		$i == 40 ? "[\"def read_40() {}\",\"def read_3(x):\"]" : "\"def read_$i(x)\"", "}\n" }' |
	jq -c --slurpfile d docs.jsonl 'if (.pos | type) == "string" then .pos = $d[input_line_number - 1].text else . end' >pairs
check_status "rank takes pairs" 0 tg-mine rank -i idx --exact --summary sum.json pairs >out 2>err
is "the rest of a pair stays" "$(cat pairs)" "$(sed 's/,"rank":.*/}/' out)"
tg-mine search -i idx -k 43 --exact pairs >hits
is "rank, score and margin are those of the search" true \
	"$(jq -sc --slurpfile o out --slurpfile d docs.jsonl '[to_entries[:39][] | .key as $k | $o[$k] as $p |
		[.value.hits[] | select($d[.doc].code_language != "go")] as $h |
		($h | map(.doc == $k) | index(true)) as $i |
		([$h[] | select($d[.doc].text != $p.pos) | .score] | max) as $best |
		$p.rank == $i + 1 and $p.pos_score == $h[$i].score and
		(($p.margin - ($h[$i].score - $best)) | fabs < 1e-6)] | all' hits)"
is "of several positives, foreign ones, too, the least score counts" true \
	"$(tail -n 1 out | jq '.pos_score > 0 and .rank > 1')"
is "the shares and the median are said" "$(jq -sc '{records: length, no_score: 0,
		within: {"1": map(select(.rank <= 1)) | length, "2": map(select(.rank <= 2)) | length,
		"10": map(select(.rank <= 10)) | length}, median: (map(.rank) | sort | .[19])}' out)" \
	"$(cat sum.json)"
tg-mine rank -i idx --exact pairs >out 2>err
check "in a line, too" grep -qF "40 pairs: rank 1 " err
tg-mine rank -i idx pairs >all 2>err
parts rank pairs >parted
check_same "parts of ranks make the whole" all parted
echo '{"query":"nothing of it","pos":"zzz"}' | tg-mine rank -i idx >out 2>err
is "a positive without a term of the query is behind all" '[1,0,0]' "$(jq -c '[.rank,.margin,.pos_score]' out)"
echo '{"query":"load part","pos":"zzz"}' | tg-mine rank -i idx >out 2>err
is "and behind documents that have one" '[43,true,0]' "$(jq -c '[.rank,.margin < 0,.pos_score]' out)"

# By vectors a positive that is no document has no score.
perl -e 'my $h = "{'\''descr'\'': '\''<f4'\'', '\''fortran_order'\'': False, '\''shape'\'': (%d, 2), }";
	sub npy { my ($file, @v) = @_; my $s = sprintf $h, @v / 2; $s .= " " x (63 - (10 + length $s) % 64) . "\n";
		open my $f, ">:raw", $file or die; print $f "\x93NUMPY\1\0", pack("v", length $s), $s, pack "f<*", @v }
	npy("d.npy", map { $_, 1 } 1 .. 43); npy("q.npy", 1, 0, 1, 0)'
tg-mine index -o vec --vectors d.npy docs.jsonl 2>err
{ head -n 1 pairs; echo '{"query":"q","pos":"zzz"}'; } >two
tg-mine rank -i vec --by dense --query-vectors q.npy two >out 2>err
is "by vectors rank and margin are of inner products" '[42,-42,1]
[null,null,null]' "$(jq -c '[.rank,.margin,.pos_score]' out)"
check "a positive without a score is counted" grep -qF "1 without a score" err
check_status "similar takes no option of rank" 2 tg-mine similar -i idx --pool all in 2>err
done_testing
