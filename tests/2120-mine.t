#!/bin/bash
# tg-mine: terms, indexes and their parts, and searches in them.
export VALGRIND_ONE_IN=3
. tests/lib.sh
sample=$PWD/tests/data/sample
cd "$T" || exit 3

# terms_of LANGUAGE TEXT: print the terms of a text, one line of words.
terms_of() {
	jq -nc --arg t "$2" --arg c "$1" '{text: $t, code_language: $c}' |
		tg-mine terms | jq -r 'join(" ")'
}

is "a name is a term whole and in its parts" \
	'readhttpheader read http header utf8_name utf 8 name __init__ init x' \
	"$(terms_of python 'readHTTPHeader, utf8_name = __init__ + x')"
is "words of comments and strings are terms, operators and escapes are none" \
	'open the file str hello world' "$(terms_of c '/* open, the file! */ str += "\thello\n\x41 world"')"
is "signs within a name stay in it" 'empty? empty x' "$(terms_of ruby 'empty?; x')"
# shellcheck disable=SC2016 # Perl has variables, too
is "a sigil is no part of a name" 'foobar foo bar' "$(terms_of perl '$fooBar;')"
is "NFC makes equal letters one" "$(terms_of python $'# caf\303\251 \303\211tat')" "$(terms_of python $'# cafe\314\201 E\314\201tat')"
is "letters of all scripts become small" 'été größe привет' "$(terms_of python '# ÉTÉ Größe ПРИВЕТ')"
is "without spaces between words each character is a term" '日 本 語 x' "$(terms_of python '# 日本語 x')"
is "a word of more than 128 bytes is no term" 'x' "$(terms_of python "$(printf 'a%.0s' {1..200}) = x")"
is "repeats are kept, in order" 'a b a a' "$(terms_of python 'a b a a')"
is "each pos is a document, unless there is a text" $'["one"]\n["two","three"]\n["four"]\n[]\n["five"]' \
	"$(printf '%s\n' '{"pos":["one","two three"]}' '{"text":"four","pos":["x"]}' '{"query":"x"}' '{"text":""}' '{"pos":"five"}' |
		tg-mine terms)"
is "-c names the language of lines that name none" '["get-item","get","item"] ["get","item"]' \
	"$(printf '{"text":"Get-Item"}\n{"text":"Get-Item","code_language":"c"}\n' | tg-mine terms -c powershell | paste -sd ' ' -)"

# A corpus: the functions of the sample and lines of them.
tg-folder --functions --min-tokens 0 "$sample" >code.jsonl 2>err
jq -c '.text | split("\n")[] | select(length > 3) | {text: ., code_language: "c"}' code.jsonl >>code.jsonl.lines
cat code.jsonl.lines >>code.jsonl
jq -nc '{pos: ["def parse_date(s): return s", "date of the day"]}, {nothing: 1}' >>code.jsonl
lines=$(wc -l <code.jsonl)
check_status "index ends with status 0" 0 tg-mine index -o idx code.jsonl 2>err
check "it says how many documents there are" grep -qx "tg-mine: idx: $lines documents" err
check "it says how many lines have none" grep -qx "tg-mine: 1 line without a text or pos" err
is "check says what an index has" "{\"documents\":$lines,\"bytes\":$(wc -c <idx)}" \
	"$(tg-mine check -i idx | jq -c '{documents, bytes}')"
check "no other file stays" [ "$(find . -name 'idx*' -o -name '.tg*' | wc -l)" -eq 1 ]

# The scores are those of the formula, computed from the terms by jq.
jq -c 'select(.code_language == "c") | {query: .text, code_language, id: 0.10}' code.jsonl | head -n 12 >q.jsonl
jq -nc '{query: "parse a date, a date"}, {query: "zzqx"}, {query: ""}' >>q.jsonl
tg-mine terms code.jsonl >docs.terms
jq -c '{text: .query, code_language}' q.jsonl | tg-mine terms >q.terms
jq -c --slurpfile docs docs.terms -n '
	($docs | length) as $n | (($docs | map(length) | add) / $n) as $mean |
	(reduce ($docs[] | unique[]) as $t ({}; .[$t] += 1)) as $df |
	[$docs[] | {words: length, of: (reduce .[] as $t ({}; .[$t] += 1))}] as $d |
	inputs | . as $q |
	[range($n) as $i | $d[$i] as $x | {doc: $i, score: ([$q[] | select($x.of[.]) |
		(1 + ($n - $df[.] + 0.5) / ($df[.] + 0.5) | log) * $x.of[.] /
		($x.of[.] + 1.2 * (0.25 + 0.75 * $x.words / $mean))] | add // 0)}] |
	map(select(.score > 0)) | sort_by(-.score, .doc) | .[0:10]' q.terms >want
check_status "search ends with status 0" 0 tg-mine search -i idx -k 10 --exact q.jsonl >found
is "hits are those of the formula, and lower numbers come first in ties" 0 \
	"$(jq -c .hits found | jq -n --slurpfile want want '[inputs] | [., $want] |
		transpose | map(transpose[] | select((.[0].doc != .[1].doc) or
			((.[0].score - .[1].score | fabs) > 1e-8 * .[1].score))) | length')"
check "scores have nine digits" [ "$(grep -o '"score":[0-9.]*' found | tr -d '."a-z:' | sed 's/^0*//' |
	awk '{ if (length > m) m = length } END { print m }')" -eq 9 ]
is "the rest of a line stays, byte for byte" "$(cat q.jsonl)" "$(sed 's/,"hits":.*/}/' found)"
is "a line without a query passes, and hits that were there are replaced" \
	$'{ "a" : 1.0 }\n{"query":7}\n{"query":"zzqx","hits":[]}' \
	"$(printf '%s\n' '{ "a" : 1.0 }' '{"query":7}' '{"query":"zzqx","hits":[{"doc":1}]}' | tg-mine search -i idx)"
is "-k is the most hits" 3 "$(head -n 1 q.jsonl | tg-mine search -i idx -k 3 | jq '.hits | length')"
is "a document finds itself first" 0 "$(head -n 1 code.jsonl | jq -c '{query: .text, code_language}' |
	tg-mine search -i idx | jq '.hits[0].doc')"
check_status "a bad line is an error" 1 tg-mine search -i idx < <(echo '{"query":') >out 2>err
is "it passes as an error record" bad_record "$(jq -r .tg.error.code out)"
tg-mine index -o flat --b 0 --k1 0 code.jsonl 2>err
is "with --k1 0 a term gives its idf, however often and in whatever document it stands" 1 \
	"$(echo '{"query":"return"}' | tg-mine search -i flat --exact | jq '[.hits[].score] | unique | length')"

# The bytes are the same, however the index was made.
tg-mine index -o again --memory 8 - <code.jsonl 2>err
check_same "less memory gives the same bytes" idx again
for i in 1 2 3; do tg-mine index -o "part$i" --shard $i/3 code.jsonl 2>err; done
check_status "merge ends with status 0" 0 tg-mine merge -o merged part3 part1 part2
check_same "merged parts are the index, in whatever order they are named" idx merged
# shellcheck disable=SC2002 # a pipe is wanted
cat code.jsonl | tg-mine index -o piped --shard 2/3 2>err
check_same "a part of a pipe is the part" part2 piped
tg-mine index -o piped --shard 2/3 <(cat code.jsonl) 2>err
check_same "a part of a named pipe is the part" part2 piped
seq 11 | parallel -q -j 2 tg-mine index -o many{} --shard {}/11 code.jsonl 2>err
tg-mine merge -o merged many?*
check_same "parts that were made side by side are the index" idx merged
check_status "a part less is refused" 3 tg-mine merge -o less part1 part2 2>err
check "the message says how many parts there are" grep -q '2 of 3 parts' err
check_status "a part twice is refused" 3 tg-mine merge -o less part1 part2 part2 part3
check_status "a part is not searched in" 3 tg-mine search -i part1 q.jsonl 2>err >out
check "the message says what to do" grep -q 'part 1 of 3.*tg-mine merge' err
check "what is refused leaves no file" [ ! -e less ]
check_status "parts may be more than lines" 0 tg-mine index -o few1 --shard 1/2 < <(echo '{"text":"a"}') 2>err
echo '{"text":"a"}' | tg-mine index -o few2 --shard 2/2 2>err
echo '{"text":"a"}' | tg-mine index -o few 2>err
tg-mine merge -o few3 few1 few2
check_same "a part may be empty" few few3
is "an index may be empty" '[]' "$(tg-mine index -o none </dev/null 2>err; echo '{"query":"a"}' | tg-mine search -i none | jq -c .hits)"
for i in 1 2 3 4; do tg-mine search -i idx --shard $i/4 <q.jsonl; done >joined
tg-mine search -i idx q.jsonl >one
check_same "shards of a search are the search" one joined
seq 3 | parallel -k -j 2 tg-mine search -i idx --shard {}/3 q.jsonl >joined
check_same "shards that run side by side are the search, too" one joined

# Torn, foreign and missing files.
bytes=$(wc -c <idx)
for n in 0 100 4096 5000 $((bytes - 1)); do
	head -c "$n" idx >torn
	tg-mine search -i torn q.jsonl >out 2>err && echo "$n"
	[ $? -eq 3 ] && [ ! -s out ] || echo "$n"
done >bad
check "a torn index is refused with status 3, whatever is left of it" [ ! -s bad ]
{ cat idx && echo; } >longer
check_status "an index with bytes behind it is refused" 3 tg-mine search -i longer q.jsonl 2>err >out
check_status "a foreign file is refused" 3 tg-mine search -i code.jsonl q.jsonl 2>err >out
check "the message says that it is none" grep -qx 'tg-mine: code.jsonl: not an index of tg-mine' err
check_status "a folder is refused" 3 tg-mine search -i . q.jsonl 2>err >out
check_status "a missing file is refused" 3 tg-mine search -i gone q.jsonl 2>err >out
mkfifo pipe
check_status "a pipe is refused, and not waited for" 3 tg-mine search -i pipe q.jsonl 2>err >out
cp idx other
printf '\7' | dd of=other bs=1 seek=24 conv=notrunc 2>dd.err
check_status "a changed header is refused" 3 tg-mine search -i other q.jsonl 2>err >out
cp idx other
printf '\377' | dd of=other bs=1 seek=$((bytes / 2)) conv=notrunc 2>dd.err
check_status "a changed byte is found by check" 3 tg-mine check -i other 2>err >out
check "check says where" grep -q '^tg-mine: other: damaged' err
check_status "a damaged part is not merged" 3 tg-mine merge -o x other idx 2>err

# What fails leaves the old index.
cp idx old
(ulimit -f 8 && tg-mine index -o old code.jsonl code.jsonl) 2>err
is "a write that fails ends with status 3" 3 $?
check_same "it leaves the old index" idx old
check "it leaves no other file" [ "$(find . -name 'old*' -o -name '.tg*' | wc -l)" -eq 1 ]
check_status "a folder that is missing ends with status 3" 3 tg-mine index -o no/idx code.jsonl 2>err
cp code.jsonl same
check_status "an input is not written over" 2 tg-mine index -o same same 2>err
check_same "it stays" code.jsonl same
check_status "a bad line of the corpus is an error" 1 tg-mine index -o with_bad < <(echo '{'; cat code.jsonl) 2>err
check_same "the other lines are indexed" idx with_bad

# Usage.
check_status "a command is needed" 2 tg-mine 2>err
check_status "an unknown command is refused" 2 tg-mine serch -i idx 2>err
check "the message has a hint" grep -q 'did you mean search' err
check_status "an option of another command is refused" 2 tg-mine terms -k 3 code.jsonl 2>err
for shard in 0/3 4/3 x 1/ /2 1/0 1/2/3; do
	check_status "--shard $shard is refused" 2 tg-mine search -i idx --shard $shard q.jsonl 2>err >out
done
check_status "an unknown code language is refused" 2 tg-mine terms -c klingon code.jsonl 2>err
check_status "-o is needed" 2 tg-mine index code.jsonl 2>err
check_status "-i is needed" 2 tg-mine search q.jsonl 2>err

done_testing
