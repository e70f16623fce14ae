#!/bin/bash
# tg-mine audit: what is wrong with negatives, in the shapes that people have, and how rows
# are marked and dropped. On what other miners make: make mine-audit.
# shellcheck disable=SC2016
. tests/lib.sh
cd "$T" || exit 3

# A function, and copies of it.
code='def sort_list(items):\n    result = list(items)\n    result.sort(key=lambda x: x)\n    return result'
spaced='def sort_list(items):\n    result  = list(items)\n\n    result.sort(key=lambda x: x)\n    return result\n'
renamed='def order(v):  # sorts\n    out = list(v)\n    out.sort(key=lambda q: q)\n    return out'
long='def read(path, limit):\n    total = 0\n    with open(path) as f:\n        for line in f:\n            if not line:\n                continue\n            total += len(line)\n            if total > limit:\n                raise ValueError(path)\n    print(total)\n    return total'
moved='def load(name, most):\n    n = 0\n    with open(name) as g:\n        for row in g:\n            if not row:\n                continue\n            n += len(row)\n            if n > most:\n                raise OSError(name)\n    return n'
other='def area(shape):\n    width, height = shape.size()\n    if width < 0 or height < 0:\n        raise ValueError(width)\n    return width * height / 2'

# row QUERY POS NEG...: prints a row, whose texts need no escape.
row() {
	local neg=''
	for n in "${@:3}"; do neg="$neg,\"$n\""; done
	printf '{"query":"%s","pos":["%s"],"neg":[%s]}\n' "$1" "$2" "${neg#,}"
}

# found: prints what the members audit say, a line a row.
found() {
	tg-mine audit --mark "$@" 2>err |
		jq -r '[.audit.negatives[] | "\(.at)=\(.found)\(if .by then ":" + .by else "" end)"] | join(" ")'
}

{
	row 'sort a list' "$code" "$spaced" "$renamed" 'sort a  list' '' "$other" "$other" 'sorted(items)'
	row 'sort a list' 'sorted(items)' "$long"
	row 'read a file' "$long" "$moved" "$other"
	row 'another query' "$other" "$code"
} >one
is "each kind of bad negative is found, the first that holds" \
	'neg[0]=positive neg[1]=near_copy:alike neg[2]=query neg[3]=empty neg[5]=duplicate neg[6]=other_positive' \
	"$(found one | sed -n 1p)"
is "a negative of an equal query is nothing to find" '' "$(found one | sed -n 2p)"
is "a copy with a statement fewer is near by its shingles" 'neg[0]=near_copy:shingles' "$(found one | sed -n 3p)"
is "another row's positive is a negative where the queries differ" '' "$(found one | sed -n 4p)"
is "the sums are one object of JSON" \
	'{"rows":4,"negatives":11,"found":7,"near":{"alike":1,"shingles":1},"rows_found":2}' \
	"$(tg-mine audit one | jq -c '{rows, negatives, found: ([.found[].negatives] | add), near: .near_by, rows_found}')"
is "marked rows are the rows but for their member audit" "$(jq -c . one)" \
	"$(tg-mine audit --mark one 2>err | jq -c 'del(.audit)')"
is "the likeness that makes a near copy can be set" '' "$(found --likeness 1 one | sed -n 3p)"
is "near copies of an equal query's positives are found" 'neg[0]=near_copy:alike' \
	"$( { row q "$code" && row q x "$renamed"; } | found | sed -n 2p)"
is "an equal query of another instruction is another query" '' \
	"$(printf '%s\n' '{"prompt":"A","query":"q","pos":"x"}' '{"prompt":"B","query":"q","pos":"y","neg":["x"]}' |
		found | sed -n 2p)"
is "texts are equal in any form of Unicode" 'neg[0]=positive' \
	"$(printf '{"query":"q","pos":["caf\\u00e9"],"neg":["cafe\\u0301"]}\n' | found)"
words='a function returns the first word of each line in the file that the user has named before'
is "sentences that only have the same shape are no near copies" '' \
	"$(row q "$words" "the program prints a long list of some words in a table which a reader can sort again" | found)"

# Shapes of rows.
printf '%s\n' '{"anchor":"q","positive":"p","negative_1":"p","negative_2":"n","negative_3":"p ","score":[9,1,2,3],"id":7}' \
	'{"anchor":"r","positive":"p","negative":"p"}' \
	'{"instruction":"I","query":"s","pos":"p","neg":"p"}' \
	'{"query":"t","positive_passages":[{"docid":"1","text":"p"}],"negative_passages":[{"docid":"2","text":"n"},{"docid":"3","text":"p"}]}' \
	'{"query":"u","pos":["p"],"neg":["n","p","m"],"neg_scores":[1,2,3],"pos_scores":[4],"neg_id":["a","b","c"]}' \
	'{"text":"no row"}' '{"query":"v","pos":["p"],"neg":[]}' >shapes
tg-mine audit --drop shapes >dropped 2>err
is "numbered negatives are numbered anew, and scores go with them" \
	'{"anchor":"q","positive":"p","negative_1":"n","score":[9,2],"id":7}' "$(sed -n 1p dropped)"
is "a single negative goes" '{"anchor":"r","positive":"p"}' "$(sed -n 2p dropped)"
is "a row that has lost its negatives stays" '{"instruction":"I","query":"s","pos":"p","neg":[]}' "$(sed -n 3p dropped)"
is "passages are texts" '{"query":"t","positive_passages":[{"docid":"1","text":"p"}],"negative_passages":[{"docid":"2","text":"n"}]}' \
	"$(sed -n 4p dropped)"
is "lists beside neg lose the same elements" \
	'{"query":"u","pos":["p"],"neg":["n","m"],"neg_scores":[1,3],"pos_scores":[4],"neg_id":["a","c"]}' "$(sed -n 5p dropped)"
check_same "rows without anything to drop pass to the byte" <(tail -n 2 shapes) <(tail -n 2 dropped)
is "rows that have lost their negatives are counted" \
	'tg-mine: rows in 6 = rows out 6 + duplicates 0; dropped 6 of 10 negatives, and 2 rows have none left' "$(tail -n 1 err)"
is "nothing is found in what --drop has written" 0 "$(tg-mine audit dropped | jq .rows_found)"

# Duplicates.
{
	row q p n m
	row q p m n
	row q p o
	row q other o
} >twice
is "rows, pairs and queries that came before are counted" '{"rows":1,"pairs":2,"queries":3}' \
	"$(tg-mine audit twice | jq -c .duplicates)"
is "--drop leaves out a row with the same texts in another order" 3 "$(tg-mine audit --drop twice 2>err | wc -l)"
check "rows in are rows out and duplicates" grep -q 'rows in 4 = rows out 3 + duplicates 1' err

# Lengths, and what a classifier does without the query.
for i in {1..60}; do
	row "query $i" "def f$i(a):\n    return helper_$((i % 7))(a)[$i]" "x = $i" "y = $i" "z = [$i, $i]"
done >told
for i in {1..60}; do
	row "query $i" "x = $((i * 37 % 60)) + value_$((i % 4))" "x = $((i * 23 % 60)) + value_$((i % 3))"
done >guessed
is "the positive's length is compared with those of the negatives" \
	'{"rows":60,"positive_longest":60,"positive_shortest":0,"by_chance":15}' \
	"$(tg-mine audit told | jq -c '.lengths | {rows, positive_longest, positive_shortest, by_chance}')"
check "a classifier tells positives of another form" jq -e '.blind.auc > .99 and .blind.rows == 60' <(tg-mine audit told)
check "it cannot tell positives of the same form" jq -e '.blind.low < .5 and .blind.auc < .65' <(tg-mine audit guessed)
is "the sums are the same again" "$(tg-mine audit told)" "$(tg-mine audit <told)"
check "another seed draws other negatives" test "$(tg-mine audit guessed | jq .blind.auc)" != \
	"$(tg-mine audit --seed 1 guessed | jq .blind.auc)"
is "a classifier needs negatives" null "$(row q p | tg-mine audit | jq .blind)"

# Input and output.
is "a pipe and several files are read twice" 8 "$(tg-mine audit - one < <(cat one) | jq .rows)"
is "a file that is no regular one is, too" 4 "$(tg-mine audit <(cat one) | jq .rows)"
check "--text writes a table" grep -q 'near copy of a positive  *2 ' <(tg-mine audit --text one)
tg-mine audit --drop --summary sums one >out 2>err
check_same "--summary writes the sums beside rows" <(tg-mine audit one) sums
printf '{"query":\n' | cat - one >bad
check_status "a line that is no record makes the status 1" 1 tg-mine audit bad
is "it is counted" '1 4' "$(tg-mine audit bad 2>err | jq -r '"\(.bad_lines) \(.rows)"')"
check_status "--drop and --mark exclude each other" 2 tg-mine audit --drop --mark one
check_status "--json is no form of rows" 2 tg-mine audit --drop --json one
check_status "other commands have no --drop" 2 tg-mine terms --drop one
check_status "a file that is not there fails" 3 tg-mine audit missing
check_status "a full disk fails" 3 sh -c 'tg-mine audit one >/dev/full'
check_status "an input is no place for the sums" 2 tg-mine audit --summary one one
is "no input is no row" '0 null' "$(tg-mine audit </dev/null | jq -r '"\(.rows) \(.blind)"')"

done_testing
