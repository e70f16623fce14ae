#!/bin/bash
# tg-mine: negatives of pairs, the rules that they pass, the texts that they may not be, and
# the pool that they are from.
export VALGRIND_ONE_IN=3
. tests/lib.sh
cd "$T" || exit 3

# 120 functions that differ in their operators and lengths and have a few words in common,
# and three copies of one of them.
perl -e 'srand 5; my @ops = qw(+ - * / % ** // << >> & | ^ < > <= >= == != @ and or is in);
	for my $i (0 .. 119) { my $t = "def f$i(a, b):  # sort items w" . $i % 7 . "\\n    x = a";
		$t .= " $ops[rand @ops] b" for 1 .. 20 + rand 40; $t .= "\\n    return x\\n";
		push @t, $t }
	($t[120] = $t[3]) =~ s/ b/  b/g;
	($t[121] = $t[3]) =~ s/\b(a|b|x|f3)\b/${1}other/g;
	($t[122] = $t[3]) =~ s/    return x/    log(a)\\n    return x/;
	print "{\"text\":\"$_\",\"code_language\":\"python\"}\n" for @t' >docs.jsonl
tg-mine index -o idx docs.jsonl 2>err
head -n 120 docs.jsonl | tg-mine index -o plain 2>err
# The pairs: 0 has copies in the corpus, 1 and 2 have equal queries, 3 is one text and not a
# list, 4 has negatives, 5 a positive that is no document, 6 two positives, 7 a source; the
# lines from 8 to 12 are not served, and 20 more are.
jq -c --slurpfile d docs.jsonl -n '[$d[].text] as $t |
	{query: "sort items w3", pos: [$t[3]]},
	{query: "sort items w6", pos: [$t[6]]}, {query: " sort  items\nw6", pos: [$t[13]]},
	{query: "sort items w2", pos: $t[2]},
	{query: "sort items w4", pos: [$t[4]], neg: [$t[11], "other"], neg_scores: [1, 2]},
	{query: "sort items w5", pos: ["def g(a):  # sort items w5\n    return a"]},
	{query: "sort items w1 w4", pos: [$t[1], $t[60]]},
	{query: "sort items w1", pos: [$t[8]], text: $t[15], similar: [$t[22]]},
	{query: "a", pos: ["b"], neg: ["1","2","3","4","5","6","7"]},
	{query: "a", pos: ["b"], tg: {error: {code: "x"}}},
	{query: "a", pos: ["b"], tg: {request: {}}},
	{query: "a", pos: ["b"], tg: {mined: {}}},
	{query: "a", neg: []},
	(range(20) + 80 | {query: "sort w\(. % 7) x\(.)", pos: [$t[.]]})' >in.jsonl
sed -i '1s/}$/, "more" : 1.50}/' in.jsonl
check_status "negatives ends with status 0" 0 tg-mine negatives -i idx --summary sum in.jsonl >out 2>err

# results FILE: the numbers of the documents that each line got.
results() {
	jq -c '[.tg.mined.neg[]? | .doc?]' "$@"
}
results out >picks
is "each pair has 7 negatives then" 29 "$(jq -c '.neg | select(length == 7)' out | wc -l)"
# shellcheck disable=SC2016 # of jq
jq -r --slurpfile d docs.jsonl -n '[inputs] as $r | [$d[].text] as $t |
	def docs: [.tg.mined.neg[] | .doc?];
	($r[0] | docs | map(select(. == (3, 120, 121, 122)))),
	($r[1:3] | map(docs | map(select(. == (6, 13)))) + [.[0].tg.mined.dropped.other_positive]),
	($r[3] | [(.neg | type), .pos == $t[2], (docs | index(2))]),
	($r[4] | [.neg[0] == $t[11], .neg[1], (.neg | unique | length), docs[:2], has("neg_scores")]),
	($r[5].tg.mined.pos[0] | [.doc, .score > 0, .rank > 0]),
	($r[6] | [(.tg.mined.pos | length), (.tg.mined | [.pos[].score] as $p |
		.neg | all(.score <= 0.95 * ($p | min)))]),
	($r[7] | docs | map(select(. == (8, 15, 22)))),
	($r | map(select(.tg.mined.by) | . as $l | .neg[-(.tg.mined.neg | map(select(.)) | length):] ==
		[.tg.mined.neg[] | select(.) | $t[.doc]]) | all),
	($r | map(select(.tg.mined.by) | [.tg.mined.neg[] | select(.) | .rank] | . == sort) | all),
	($r | map(select(.tg.mined.by) | .tg.mined.short) | add)' out >facts
fact() {
	is "$2" "$3" "$(sed -n "$1p" facts | jq -c . 2>/dev/null)"
}
jq -c . facts >facts.c && mv facts.c facts
fact 1 "no copy of a positive is picked" '[]'
fact 2 "no positive of an equal query is picked, and that is counted" '[[],[],1]'
fact 3 "a positive that is one text is one" '["array",true,null]'
fact 4 "negatives that are there stay, count and are not picked again" '[true,"other",7,[null,null],false]'
fact 5 "a positive that is no document is scored by its text" '[null,true,true]'
fact 6 "of several positives the least score counts" '[2,true]'
fact 7 "neither the source nor a similar text is picked" '[]'
fact 8 "neg has the texts of the documents that tg.mined names" true
fact 9 "negatives are in the order of their ranks" true
fact 10 "nothing is missing" 0
is "no copy of a positive is picked by any rule but that, whatever is different; that is counted" '[[],2,2,119,31]' \
	"$(head -n 1 in.jsonl | tg-mine negatives -i idx -n 150 --rank-max 0 --perc-pos 0 2>err | jq -c '.tg.mined |
		[.neg | map(.doc | select(. == (3, 120, 121, 122)))] + [.dropped | .positive, .near_copy] +
		[(.neg | length), .short]')"
is "ranks over 100 are left out unless --rank-max or --rank-min is given" '100 true true' \
	"$(for o in --seed=0 --rank-max=0 --rank-min=2; do
		head -n 1 in.jsonl | tg-mine negatives -i idx -n 150 --perc-pos 0 "$o" 2>err
	done | jq -r -s 'map([.tg.mined.neg[].rank] | max) | "\(.[0]) \(.[1] > 100) \(.[2] > 100)"')"
is "lines that are not served pass, byte for byte" "$(sed -n '9,13p' in.jsonl)" "$(sed -n '9,13p' out)"
check "other members of a line stay, byte for byte" grep -q ', "more" : 1.50,"neg"' out
is "the summary has the sums of the records" "$(jq -cs 'map(select(.tg.mined.by)) |
	[length, (map(.tg.mined.neg | map(select(.)) | length) | add),
	(reduce (.[].tg.mined.dropped | to_entries[]) as $e ({}; .[$e.key] += $e.value) |
		to_entries | sort | map([.key, .value]))]' out)" \
	"$(jq -c '[.records, .picked, (.dropped | to_entries | map(select(.value > 0)) | sort | map([.key, .value]))]' sum)"
is "and the number of lines" "$(grep -c . in.jsonl)" "$(jq .lines sum)"
check "stderr has a table" grep -q 'score of negatives' err
tg-mine negatives -i idx out >again 2>err
check_same "what was mined is not mined again" out again

# The picks are those of the rules, worked out by jq from a search.
sed -n '14,$p' in.jsonl >plain.jsonl
tg-mine search -i plain -k 1000 plain.jsonl >hits
# expect FILTER OPTIONS: what jq picks of the hits that pass, and tg-mine with the options.
expect() {
	jq -c --slurpfile d docs.jsonl '[$d[].text] as $t | .pos[0] as $pos | ($t | index($pos)) as $p |
		(.hits | to_entries | map(.value + {rank: (.key + 1)})) as $h |
		($h[] | select(.doc == $p)) as $pos | [$h[] | select(.doc != $p)] | '"$1" hits >want
	shift
	tg-mine negatives -i plain --rank-max 0 "$@" plain.jsonl 2>err | results >got
	cmp want got
}
# shellcheck disable=SC2016 # of jq
{
	check "top takes the first that pass" \
		expect 'map(select(.score <= 0.95 * $pos.score))[:7] | map(.doc)' --take top
	check "length takes the nearest in length of the first" \
		expect 'map(select(.score <= 0.95 * $pos.score))[:12] |
			sort_by((($t[.doc] | length) - ($t[$p] | length) | fabs), .rank)[:7] |
			sort_by(.rank) | map(.doc)' --from 12
	check "ranks are those of the pool with its positives" \
		expect 'map(select(.rank >= 5 and .rank <= 9)) | map(.doc)' --rank-min 5 --rank-max 9 --perc-pos 0
	check "--perc-pos, --margin and --relative-margin bound the score below the positive's" \
		expect 'map(select(.score <= 0.9 * $pos.score and .score <= $pos.score - 0.3 and
			.score <= $pos.score - 0.2 * $pos.score))[:7] | map(.doc)' \
		--take top --perc-pos 0.9 --margin 0.3 --relative-margin 0.2
	check "--min-score and --max-score bound the score" \
		expect 'map(select(.score >= 0.4 and .score <= 1))[:3] | map(.doc)' \
		--take top --perc-pos 0 --min-score 0.4 --max-score 1 -n 3
	check "--n 100 goes as deep as the pool" \
		expect 'map(select(.score <= 0.95 * $pos.score))[:100] | map(.doc)' -n 100
}

is "of copies one is picked, and neither a source, a similar text nor the positive" '[1,2,[]]' \
	"$(sed -n '8p;14p' in.jsonl | tg-mine negatives -i idx -n 150 --rank-max 0 --perc-pos 0 2>err | jq -c -n '[inputs.tg.mined] as [$source, $copies] |
		[($copies.neg | map(select(.doc == (3, 120, 121))) | length), $copies.dropped.duplicate,
			[$source.neg[].doc | select(. == (8, 15, 22))]]')"
is "a search goes deeper until enough pass" "$(sed -n 3p in.jsonl | tg-mine negatives -i idx --take top -n 40 2>err | results | jq -c '.[:1]')" \
	"$(sed -n 3p in.jsonl | tg-mine negatives -i idx --take top -n 1 2>err | results)"

# Results depend on nothing else.
tg-mine negatives -i idx --threads 1 in.jsonl >one 2>err
check_same "one thread gives the same" out one
seq 5 | parallel -k -j 2 tg-mine negatives -i idx --threads 3 --shard {}/5 in.jsonl >joined 2>err
check_same "shards give the same, equal queries in different ones included" out joined
# shellcheck disable=SC2002 # a pipe is wanted
cat in.jsonl | tg-mine negatives -i idx - >piped 2>err
check_same "a pipe gives the same" out piped
tg-mine negatives -i idx --take random in.jsonl >drawn 2>err
tac in.jsonl | tg-mine negatives -i idx --take random 2>err | tac >backwards
check_same "a random choice does not depend on the order of the lines" drawn backwards
tg-mine negatives -i idx --take random --seed 1 in.jsonl >other 2>err
check "another seed makes another choice" [ "$(results drawn other | sort | uniq -d | wc -l)" -lt 8 ]

# Shortfalls are told, never filled.
head -n 1 docs.jsonl | jq -c --argjson n 40 '.text as $t | {text: ($t, (range($n) as $i | $t |
	gsub("b"; "v\($i)")), "def g(): return sort(items)", "def h(x): sort")}' >copies.jsonl
tg-mine index -o copies copies.jsonl 2>err
jq -c '{query: "sort items", pos: [.text]}' docs.jsonl | head -n 1 |
	tg-mine negatives -i copies --perc-pos 0 --summary sum >out2 2>err
is "a corpus of copies gives what else there is, and tells what is missing" '[2,5,5,40]' \
	"$(jq -c --slurpfile s sum '[(.neg | length), .tg.mined.short, $s[0].short, .tg.mined.dropped.near_copy]' out2)"
check "no text is a negative twice" [ "$(jq '.neg | unique | length' out2)" -eq 2 ]
jq -c '{query: "sort items", pos: [.text]}' docs.jsonl | head -n 1 |
	tg-mine negatives -i copies --perc-pos 0 --min-negs 3 2>err >few
is "--min-negs rejects a record with fewer" '["few_negatives",2]' "$(jq -c '[.tg.rejected.code, (.neg | length)]' few)"
is "a positive without a term of the query gets none by a margin" '[0,7]' \
	"$(echo '{"query":"sort items","pos":["zebra"]}' | tg-mine negatives -i idx 2>err |
		jq -c '[(.neg | length), .tg.mined.short]')"
check "the message says so" grep -q '1 records whose positive has no term' err
is "with --perc-pos 0 it gets some" 7 "$(echo '{"query":"sort items","pos":["zebra"]}' |
	tg-mine negatives -i idx --perc-pos 0 2>err | jq '.neg | length')"

# The pool is the one of the positive's origin.
jq -c '.tg = {task: "code_summary_retrieval", language: "en", code_language: "python"}' >pos.jsonl <<'END'
{"pos": ["sorts the items of a list"]}
{"pos": ["sorts items by a key that is given"]}
END
jq -c '.tg = {task: "code_summary_retrieval", language: "de", code_language: "python"}' >>pos.jsonl <<'END'
{"pos": ["sortiert items"]}
END
jq -c 'if input_line_number < 3 then .code_language = "c" else . end' <(head -n 120 docs.jsonl) | cat - pos.jsonl >all.jsonl
tg-mine index -o all all.jsonl 2>err
lines=$(wc -l <all.jsonl)
jq -c --slurpfile d docs.jsonl -n '[$d[].text] as $t |
	{query: "sort items", pos: ["sorts the items of a list"],
		tg: {pair: true, task: "code_summary_retrieval", language: "en", code_language: "python"}},
	{query: "sort items w3", pos: [$t[80]],
		tg: {pair: true, task: "web_code_retrieval", language: "en", code_language: "python"}},
	{query: "sort items", pos: ["sortiert items"]},
	{query: "sort items", pos: ["nowhere, sort items w3"]}' >pairs.jsonl
tg-mine negatives -i all -n 150 --rank-max 0 --perc-pos 0 pairs.jsonl 2>err | results >pools
is "positives that were written have those of their task and languages" "[$((lines - 2))]" "$(sed -n 1p pools)"
check "texts have the texts of their code language" jq -en 'input | input |
	length > 100 and (map(select(. < 2 or . > 119)) | length == 0)' pools
is "a line without a task has the origin of the document that equals its positive" '[]' "$(sed -n 3p pools)"
check "it has all documents if none does" jq -en 'input | input | input | input | any(. < 2) and any(. > 119)' pools
is "--pool all gives each record all" true \
	"$(head -n 1 pairs.jsonl | tg-mine negatives -i all -n 150 --rank-max 0 --perc-pos 0 --pool all 2>err | results | jq 'any(. < 2)')"

# Scores of either sign, and lists of scores.
npy() {
	perl -e 'my $n = @ARGV - 1; my $f = shift; open my $o, ">:raw", $f or die;
		my $h = "{'\''descr'\'': '\''<f4'\'', '\''fortran_order'\'': False, '\''shape'\'': ($n, 1), }";
		$h .= " " x (117 - length $h) . "\n";
		print $o "\x93NUMPY\1\0", pack("v", length $h), $h, pack("f<*", @ARGV)' "$@"
}
head -n 8 docs.jsonl >eight.jsonl
npy eight.npy -1 -1.02 -1.04 -1.06 -2 -3 -4 -5
npy one.npy 1
tg-mine index -o eight --vectors eight.npy eight.jsonl 2>err
jq -c '{query: "q", pos: [.text]}' eight.jsonl | head -n 1 >one.jsonl
by_vectors() {
	tg-mine negatives -i eight --by dense --query-vectors one.npy "$@" one.jsonl 2>err
}
is "the bound of a negative score is below it" '[3,4,5,6,7]' "$(by_vectors | results)"
is "a margin below a negative score is, too" '[4,5,6,7]' "$(by_vectors --perc-pos 0 --margin 0.5 | results)"
is "a relative margin is, too" '[5,6,7]' "$(by_vectors --perc-pos 0 --relative-margin 1.5 | results)"
is "--scores writes the scores of both sides" '{"p":[-1],"n":[-2,-3,-4,-5]}' \
	"$(by_vectors --scores --margin 0.5 | jq -c '{p: .pos_scores, n: .neg_scores}')"
sed -i 's/"pos"/"neg":["x"],"pos"/' one.jsonl
is "lists are left out where a score is unknown" '[null,null,6]' \
	"$(by_vectors --scores | jq -c '[.pos_scores, .neg_scores, (.neg | length)]')"
is "negatives that are there are scored by their text" '[3,true]' "$(jq -c '{query, pos, neg: ["sort", .pos[0]]}' plain.jsonl |
	head -n 1 | tg-mine negatives -i idx -n 3 --scores 2>err | jq -c '[(.neg_scores | length), .neg_scores[1] > .neg_scores[0]]')"
echo '{"query":"q","pos":["elsewhere"]}' >one.jsonl
by_vectors --summary sum >out3
is "a positive without a score gets no negatives, and is counted" '[0,7,1]' \
	"$(jq -c --slurpfile s sum '[(.tg.mined.neg | length), .tg.mined.short, $s[0].no_score]' out3)"
is "it gets some if no rule needs the score" 7 "$(by_vectors --perc-pos 0 | jq '.neg | length')"

# What comes behind takes the lines.
check_status "tg-emit takes mined pairs" 0 tg-emit <(sed -n '1,8p' out) >emitted 2>err
is "it writes triplets of them" 8 "$(jq -c 'select(.neg | length == 7)' emitted | wc -l)"
check_status "tg-export takes them" 0 tg-export --for flag -o exported emitted 2>err
tg-mine negatives -i idx --scores in.jsonl 2>err | sed -n '1,8p' | tg-emit --meta >emitted 2>err
check_status "tg-export takes their scores" 0 tg-export --for flag -o scored emitted 2>err
is "audit finds nothing wrong with the negatives" '[8,56,0]' \
	"$(sed -n '1,8p' out | tg-mine audit | jq -c '[.rows, .negatives, ([.found[].negatives] | add) - .found.near_copy.negatives]')"

check_status "--min-negs is at most -n" 2 tg-mine negatives -i idx -n 2 --min-negs 3 in.jsonl 2>err
tg-mine negatives in.jsonl 2>err >own
# shellcheck disable=SC2016 # jq's variables
check "without -i the positives of the input are the documents" jq -es '
	map(.pos | if type == "array" then .[] else . end) as $all |
	(map(.neg // [] | length) | add > 9) and
	all(.[] | select(.tg.mined) | .tg.mined.neg as $m | .neg // [] | to_entries[] | select($m[.key]);
		.value as $n | $all | index($n) != null)' own
check_status "--corpus goes without -i" 2 tg-mine negatives -i idx --corpus in.jsonl in.jsonl 2>err

done_testing
