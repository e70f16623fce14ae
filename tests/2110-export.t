#!/bin/bash
# tg-export: files for trainers, instructions, splits, and no row unaccounted for.
# The trainers themselves take these files in make trainers.
# shellcheck disable=SC2016
. tests/lib.sh
cd "$T" || exit 3

# row QUERY POS NEG [MEMBERS [META]]: prints a triplet; NEG is raw JSON.
row() {
	printf '{"prompt":"P","query":"%s","pos":["%s"],"neg":%s%s,"meta":{"task":"t","language":"en","code_language":"python"%s}}\n' \
		"$1" "$2" "$3" "${4:+,$4}" "${5:+,$5}"
}

# export_to DIR OPTION...: makes DIR anew from standard input.
export_to() {
	rm -rf "$1"
	tg-export -o "$@" >run 2>err
}

# sum: prints the sum of the last run.
sum() {
	sed -n 's/^tg-export: rows in/in/p' err
}

# Formats.
{
	row q1 p1 '["n1","n2"]'
	row q2 p2 '["n1"]' '"pos_scores":[1],"neg_scores":[0.25]'
	row q3 p3 '[]'
} >three
export_to flag --for flag three
is "flag: a task has a file, and what sets rows apart has its own" \
	't-en-python-0neg.jsonl t-en-python-scores.jsonl t-en-python.jsonl' "$(cd flag/train && echo *)"
is "flag: a line has prompt, query, pos and neg" \
	'{"prompt":"P","query":"q1","pos":["p1"],"neg":["n1","n2"]}' "$(cat flag/train/t-en-python.jsonl)"
is "flag: scores are real numbers" '"pos_scores":[1.0],"neg_scores":[0.25]}' \
	"$(grep -o '"pos_scores.*' flag/train/*-scores.jsonl)"
check "flag: the command makes the trainer use the instruction" grep -qF -- \
	"--query_instruction_for_retrieval '' --query_instruction_format 'Instruct: {}\nQuery: {}'" run
is "flag: rows without negatives train with a group size of 1, others with their own" \
	'train_group_size 1 train_group_size 3 train_group_size 2 ' \
	"$(grep -o 'train_group_size [0-9]*' run | tr '\n' ' ')"
check "flag: the command is a shell script" sh -n run

# Trainings of several stages. The trainers only note how they were called; with adapter in
# their options they leave a LoRA adapter instead of a model.
mkdir stub
cat >stub/torchrun <<'END'
#!/bin/sh
echo "$@" >>calls
while [ "$1" != --output_dir ]; do shift; done
mkdir -p "$2"
case $* in *adapter*) : >"$2/adapter_config.json" ;; esac
END
chmod +x stub/torchrun && ln -s torchrun stub/python
# models OPTION...: runs the last command, and prints the models that each stage reads and writes.
models() {
	rm -rf calls 'm 1' out out-*
	PATH=$PWD/stub:$PATH MODEL=base OUT=out sh run "$@" || return
	grep -o -e '--\(model_name_or_path\|output_dir\|from_peft\|lora_name_or_path\) [^ ]*' calls | sed 's/.* //' | tr '\n' ' '
}
for trainer in flag tevatron; do
	export_to staged --for $trainer three
	is "$trainer: each stage trains the model of the one before, the last one's is the result" \
		'base out-1 out-1 out-2 out-2 out ' "$(models)"
	is "$trainer: a stage goes on with the adapter of the one before" \
		'base out-1 base out-2 out-1 base out out-2 ' "$(models --adapter)"
	is "$trainer: rows without negatives come first, those with scores last" \
		'Stage 1 of 3: 1 row without negatives;Stage 2 of 3: 1 row with negatives;Stage 3 of 3: 1 row with scores;' \
		"$(sed -n 's/^# \(Stage\)/\1/p' run | tr '\n' ';')"
	check_status "$trainer: the model of another run is not taken for a stage's" 2 env PATH="$PWD/stub:$PATH" MODEL=base OUT=out sh run
	check_status "$trainer: an option cannot name one folder for all stages" 2 env MODEL=base sh run --output_dir x
	head -n 1 three | tg-export --for $trainer -o single.$trainer >run 2>err
	is "$trainer: one stage writes OUT" 'base out ' "$(models)"
done
export_to st --for st three
is "st: each number of negatives has a file" \
	't-en-python-0neg.jsonl t-en-python-2neg.jsonl t-en-python-scores-1neg.jsonl' "$(cd st/train && echo *)"
is "st: a column holds one string, the anchor its instruction" \
	'{"anchor":"Instruct: P\nQuery: q1","positive":"p1","negative_1":"n1","negative_2":"n2"}' \
	"$(cat st/train/t-en-python-2neg.jsonl)"
is "st: scores are the label" '"label":[1.0,0.25]}' "$(grep -o '"label.*' st/train/*-scores-*)"
check "st: the program is Python" python3 -c 'import ast; ast.parse(open("run").read())'
export_to tev --for tevatron three
is "tevatron: passages have stable ids and no title" \
	"$(printf p1 | md5sum | cut -c 1-32) docid text" "$(jq -r '.positive_passages[0] |
	"\(.docid) \(keys_unsorted | join(" "))"' tev/train/t-en-python.jsonl)"
is "tevatron: passages with scores have them" 0.25 "$(jq '.negative_passages[0].score' tev/train/*-scores.jsonl)"
check "tevatron: the command is a shell script that keeps the order of rows" \
	sh -c 'sh -n run && grep -q "train_sampling_strategy sequential" run'
{
	cat three
	row q1 p2 '["p1"]'
} >four
export_to beir --for beir four
is "beir: equal texts have one entry" 5 "$(jq -r ._id beir/corpus.jsonl | sort -u | wc -l)"
is "beir: every entry is there once" 5 "$(wc -l <beir/corpus.jsonl)"
is "beir: a query that comes twice has both positives" 2 \
	"$(grep -c "^$(jq -r 'select(.text | endswith("q1"))._id' beir/queries.jsonl)" beir/qrels/test.tsv)"
is "beir: the judgements have the header that the loader skips" 'query-id corpus-id score' \
	"$(head -n 1 beir/qrels/test.tsv | tr '\t' ' ')"

# The instruction.
export_to f --for st --query-format '<instruct>{prompt}\n<query>{query}' three
is "--query-format composes the query" '<instruct>P;<query>q3' \
	"$(jq -r .anchor f/train/*0neg* | tr '\n' ';' | sed 's/;$//')"
export_to f --for flag --query-format '{prompt}: {query} {}' three
check "--query-format doubles braces for FlagEmbedding" grep -qF "'{}: {} {{}}'" run
export_to f --for st --query-format '{query}' three
is "--query-format without {prompt} leaves the query alone" q3 "$(jq -r .anchor f/train/*0neg*)"
for bad in x '{prompt}' '{query}{query}' '{query}{prompt}'; do
	check_status "--query-format '$bad' is refused" 2 tg-export --for st -o g --query-format "$bad" three
done
{
	row q p '["n"]'
	echo '{"query":"bare","pos":"p","neg":"n"}'
} >bare
export_to f --for flag bare
is "flag: rows without a prompt lie apart" '{"query":"bare","pos":["p"],"neg":["n"]}' \
	"$(cat f/train/all-noprompt.jsonl)"
check "flag: rows without a prompt get no instruction" grep -qF "query_instruction_format '{}{}'" run
export_to f --for st bare
is "st: a row without a prompt is its query alone" bare "$(jq -r .anchor f/train/all-1neg.jsonl)"

# The sum, and what is left out.
{
	row q1 p1 '["n"]'
	row ' ' p1 '["n"]'
	row q1 '\n' '["n"]'
	echo '{"query":"q","pos":[],"neg":[]}'
	echo 'no JSON'
	row q p '[]' '"rejected":true'
	echo '{"query":"q","pos":["p"],"tg":{"error":{"tool":"x","code":"y","message":"z"}}}'
	echo '{"query":"q","pos":["p"],"tg":{"rejected":{"tool":"x","code":"y","message":"z"}}}'
} >bad
rm -rf f
check_status "a line that is no record makes the status 1" 1 tg-export --for flag -o f bad >run 2>err
is "rows in are rows out and rows left out, by the reason" \
	'in 8 = rows out 1 + left out 7 (1 blank query, 1 blank positive, 1 no triplet, 2 in error, 2 rejected)' "$(sum)"
row 'q' ' p' '["p","n"," ","n\n","q","o"]' '"pos_scores":[1],"neg_scores":[1,2,3,4,5,6]' >dup
export_to f --for flag dup
is "negatives that are blank or say what is right are dropped with their scores" \
	'[["n","o"],[2,6]]' "$(jq -c '[.neg, .neg_scores]' f/train/*)"
check "dropped negatives are counted" grep -q '^tg-export: 4 negatives dropped' err
row q p '["n"]' '"pos_scores":[1],"neg_scores":[1,2]' >scores
export_to f --for flag scores
is "scores that don't fit are not written, and counted" 'false 1' \
	"$(jq 'has("pos_scores")' f/train/*) $(grep -c '1 rows are written without scores' err)"
row q p '["n"]' '"pos_scores":[1e999],"neg_scores":[1]' >scores
export_to f --for flag scores
is "a score that is not finite is none" false "$(jq 'has("pos_scores")' f/train/*)"
: >nothing
export_to f --for flag nothing
is "no rows give no rows" 'in 0 = rows out 0 + left out 0' "$(sum)"
for trainer in flag tevatron st beir; do
	export_to f --for $trainer nothing
	export MODEL=x interpreter=sh
	grep -q '^raise' run && interpreter=python3
	check "$trainer: a command without rows says so" grep -q '^tg-export: there are no rows to t' err
	check_status "$trainer: a command without rows fails" 1 $interpreter run
done

# Too few rows.
# small TRAINER ROW...: prints the messages of these rows but for the sum.
small() {
	export_to f --for "$1" --empty-neg apart <<<"$2"
	grep -v ' = rows out ' err | cut -c 12-
}
alone='1 row without negatives will be a batch of one, which teaches nothing: it has nothing to be compared with; add triplets of the task, or leave it out with --empty-neg drop
train has 1 row, fewer than a batch of 8: 1 step an epoch; --num_train_epochs 10 behind the command makes 10, but only more triplets make a model'
for trainer in flag tevatron st; do
	is "$trainer: a row that teaches nothing is named" "$alone" "$(small $trainer "$(row q p '[]')")"
done
five=$(for i in 1 2 3 4 5; do row "q$i" "p$i" '["n"]'; done)
is "st: data of fewer rows than a batch is named" \
	'train has 5 rows, fewer than a batch of 8: 1 step an epoch; --num_train_epochs 10 behind the command makes 10, but only more triplets make a model' \
	"$(small st "$five")"
eight=$(for i in 1 2 3 4 5 6 7 8; do row "r$i" "s$i" '[]'; done)
is "st: files of fewer rows than a batch are counted" \
	'1 of 2 files for training have fewer rows than a batch of 8, which' "$(small st "$five
$eight" | grep -o '.*which')"
is "flag: rows of a file that fills no batch are counted" \
	'2 rows in 1 file for training would be passed over; 2' "$(small flag "$five
$(row x y '["n"]' | sed 's/"t"/"u"/')
$(row z w '["n"]' | sed 's/"t"/"u"/')" | sed -n 's/\(.*over\):.*_size \([0-9]*\) .*/\1; \2/p')"
is "enough rows get no message" '' "$(small tevatron "$eight")"

# Rows without negatives.
for i in 1 2 3 4 5 6; do
	row "q$i" "p$((i % 5))" "$([ $i -gt 2 ] && echo '[]' || echo '["n1","n2"]')"
done >some
export_to f --for flag --empty-neg drop some
is "--empty-neg drop leaves rows out, and counts them" 'in 6 = rows out 2 + left out 4 (4 without negatives)' "$(sum)"
export_to f --for flag --empty-neg fill some
is "--empty-neg fill keeps all rows in one file" '6 in 6 = rows out 6 + left out 0' \
	"$(wc -l <f/train/t-en-python.jsonl) $(sum)"
is "--empty-neg fill gives as many as others have, none of them the row's own" '[2]' \
	"$(jq -s -c '[.[] | (.pos[0] as $p | .neg - [$p] | unique | length)] | unique' f/train/*)"
cp f/train/t-en-python.jsonl once
export_to f --for flag --empty-neg fill some
check_same "--empty-neg fill draws the same negatives again" once f/train/t-en-python.jsonl
export_to f --for flag --empty-neg fill --seed 7 some
check "--seed draws others" sh -c '! cmp -s once f/train/t-en-python.jsonl'
loop='def %s(a):\\n    x = 7\\n    for y in a:\\n        x += y * 9\\n    return x\\n'
# shellcheck disable=SC2059
for name in f g h; do
	row "$name" "$(printf "$loop" $name)" '[]'
done >near
export_to f --for flag --empty-neg fill near
is "--empty-neg fill takes no near copy of the positive" 'in 3 = rows out 0 + left out 3 (3 without negatives)' "$(sum)"
row q p '[]' >single
export_to f --for st --empty-neg fill single
is "a row that nothing can fill is left out" 'in 1 = rows out 0 + left out 1 (1 without negatives)' "$(sum)"
export_to f --for flag some
is "rows without negatives never stand beside others" '[0] [2]' \
	"$(for i in f/train/*; do jq -s -c 'map(.neg | length) | unique' "$i"; done | tr '\n' ' ' | sed 's/ $//')"

# Lengths.
much=$(printf 'word%.0s ' {1..300})
{
	row q1 p1 "[\"n\",\"$much\"]"
	row "$much" p2 '["n"]'
	row q3 "$much" '["n"]'
} >long
export_to f --for flag --max-tokens 100 long
is "--max-tokens leaves out what the trainer would cut, and counts it" \
	'in 3 = rows out 1 + left out 2 (2 too long) ["n"] 1' \
	"$(sum) $(jq -c .neg f/train/*) $(grep -c '1 negatives dropped, longer' err)"
check "--max-tokens tells the trainer" grep -q -- '--query_max_len 100 --passage_max_len 100' run
export_to f --for flag --max-tokens 100 --cut apart long
is "--cut apart writes longer texts to files of their own" '3 in 3 = rows out 3 + left out 0' \
	"$(wc -l <f/train/t-en-python-cut.jsonl) $(sum)"
check "it says that the command does not take them" grep -q '^tg-export: 3 rows for training are too long, and in -cut files' err
check "the command takes none of these files" sh -c '! grep -q cut run'

# Names.
for name in '../../up' 'a/b' a_b '.hidden' '-o' 'a b;c$(d)`e`' '*?[x]' "quote'\\\\\\\"x" '\u0000\u0001\n' \
	"$(printf 'n%.0s' {1..400})" é; do
	printf '{"prompt":"P","query":"q","pos":["p"],"neg":["n"],"meta":{"task":"%s","language":"%s","code_language":"%s"}}\n' \
		"$name" "$name" "$name"
done >names
export_to f --for st names
is "hostile names make as many plain files" '11 11 11' "$(find f -type f | wc -l) $(find f/train -type f |
	grep -cE '^f/train/[A-Za-z0-9_%][A-Za-z0-9_.%+~-]*-1neg.jsonl$') $(sum | grep -o 'out [0-9]*' | head -n 1 | grep -o '[0-9]*')"
check "a folder's name is quoted for sh" sh -c 'mkdir "it'\''s"; tg-export --for flag -o "it'\''s" three >run && sh -n run'

# A split. Families of near copies and shared texts run through rows and files.
# shellcheck disable=SC2034
awk 'BEGIN {
	srand(5)
	for (i = 0; i < 400; i++) {
		shape = int(i / 3) # three near copies in different files
		n = sprintf("v%d", i)
		code = sprintf("def %s(a, b):\\n", n)
		for (k = 0; k < 9; k++)
			code = code sprintf("    %s = a %s %d\\n", n, int(shape / 2 ^ k) % 2 ? "+" : "*", i)
		code = code sprintf("    return %s # %d\\n", n, i)
		neg = i % 40 == 0 ? sprintf("\"shared %d\"", int(i / 80)) : sprintf("\"alone %d\"", i)
		printf "{\"prompt\":\"P\",\"query\":\"query %d\",\"pos\":[\"%s\"],\"neg\":[%s],\"meta\":{\"task\":\"t\",\"language\":\"en\",\"code_language\":\"python\",\"repository\":\"r%d\",\"path\":\"f%d\",\"shape\":%d}}\n", i % 50 == 1 ? 1 : i, code, neg, i % 7, i, shape
	}
}' >many
export_to f --for flag --split .8,.1,.1 many
is "--split writes every row" 'in 400 = rows out 400 + left out 0' "$(sum)"
# crossing FILTER: prints how many values of a filter stand in two parts.
crossing() {
	for part in train dev test; do
		jq -c "$1" f/$part/*.jsonl | sort -u
	done | sort | uniq -d | wc -l
}
shape='.pos[0] | gsub("[^+*]"; "")'
is "no query, positive or negative stands in two parts" '0 0 0' \
	"$(crossing .query) $(crossing '.pos[]') $(crossing '.neg[]')"
is "no near copy stands in two parts" 0 "$(crossing "$shape")"
check "the near copies are some" [ "$(jq -r "$shape" many | sort -u | wc -l)" -gt 100 ]
is "the parts have nearly the shares that were asked for" yes \
	"$(wc -l f/{train,dev,test}/*.jsonl | awk '{ n[NR] = $1 }
		END { print (n[1] > 300 && n[1] < 340 && n[2] > 30 && n[2] < 50 ? "yes" : n[1] " " n[2]) }')"
row q p '["n"]' >two && row q2 p2 '["m"]' >>two
export_to f --for st --split .5,.5,.1 two
check "a part that gets no rows is named" grep -q '^tg-export: test got no rows: ' err
export_to f --for flag --split .8,.1,.1 many
check "the parts are reported" grep -Eq '^tg-export: train [0-9]+, dev [0-9]+, test [0-9]+ rows of [0-9]+ groups' err
sort f/dev/* >dev
export_to f --for flag --split .8,.1,.1 <<<"$(sort -R --random-source=many many)"
check_same "the order of the input does not change the parts" dev <(sort f/dev/*)
export_to f --for flag --split .8,.1,.1 --seed 1 many
check "another seed makes other parts" sh -c 'sort f/dev/* | cmp -s - dev; [ $? -eq 1 ]'
export_to f --for beir --split 8,1,1 many
is "beir: each part has its judgements" 'dev.tsv test.tsv train.tsv' "$(cd f/qrels && echo *)"

# Mined negatives tie everything together.
for i in {1..40}; do
	row "q$i" "p$i" "[\"p$((i % 40 + 1))\"]" '' "\"path\":\"$i\""
done >mined
export_to f --for flag --split .5,.25,.25 mined
is "negatives that are positives elsewhere make one group, which is said" '40 1' \
	"$(cat f/train/*.jsonl | wc -l) $(grep -c '40 of 40 rows hang together.*--shared-negs drop' err)"
export_to f --for flag --split .5,.25,.25 --shared-negs drop mined
is "--shared-negs drop parts them" '20 10 10' "$(for i in train dev test; do cat f/$i/*.jsonl | wc -l; done | tr '\n' ' ' | sed 's/ $//')"
is "--shared-negs drop leaves no text in two parts" 0 "$(crossing '.pos[], .neg[]')"
is "--shared-negs drop keeps the sum and counts what it drops" 'in 40 = rows out 40 + left out 0 yes' \
	"$(sum) $([ "$(grep -c 'negatives dropped, which stand in another part' err)" -eq 1 ] && echo yes)"
for i in {1..40}; do
	row "q$i" "p$i" '["n"]' '' "\"repository\":\"r$((i % 10))\",\"path\":\"$i\",\"x\":$i"
done | sed 's/"n"/"n\(.*\)"/; s/\(query":"\)q\([0-9]*\)\(.*\)"n[^"]*"/\1q\2\3"n\2"/' >repos
export_to f --for st --split .5,.2,.3 --by repository repos
is "--by repository leaves repositories whole" 0 "$(for i in train dev test; do
	jq -r '.positive[1:] | tonumber % 10' f/$i/*.jsonl | sort -u; done | sort | uniq -d | wc -l)"
for bad in 1 .9,.1 a,b,c 0,0,0 .5,.5,-1 1,1,1,1 nan,1,1 ''; do
	check_status "--split '$bad' is refused" 2 tg-export --for st -o g --split "$bad" three
done

# Equal positives.
for i in {1..60}; do
	row "q$i" "p$((i % 20 < 10 ? 0 : i))" '["n"]'
done >equal
export_to f --for flag equal
is "equal positives are spread over the file" yes "$(jq -r '.pos[0]' f/train/*.jsonl |
	awk '$1 == "p0" { if (last && (!least || NR - last < least)) least = NR - last; last = NR }
		END { print (least >= 2 ? "yes" : least) }')"
check "how far apart they stand is said" grep -q 'equal positives stand [0-9]* rows or more apart' err
export_to f --for flag many
is "other rows keep the order of the input" "$(jq -r .query many | md5sum)" \
	"$(jq -r .query f/train/*.jsonl | md5sum)"

# The folder.
mkdir full && : >full/mine
check_status "a folder that is not empty is refused" 2 tg-export --for flag -o full three
is "a folder that is refused stays as it is" mine "$(ls -A full)"
mkdir -p empty/.tg-export/train && : >empty/.tg-export/train/torn
check "an empty folder is taken, with what a killed run left" tg-export --for flag -o empty three
is "nothing is left beside the files" train "$(ls -A empty)"
check_status "a file in the folder's place is refused" 2 tg-export --for flag -o three three
check_status "a folder that cannot be made is refused" 2 tg-export --for flag -o no/such three
check_status "an input that is not there fails" 3 tg-export --for flag -o gone missing
check "a failed run leaves no folder" [ ! -e gone ]
check_status "a full disk at standard output fails" 3 sh -c 'tg-export --for flag -o w three >/dev/full'
check "it leaves no folder" [ ! -e w ]
mkfifo pipe
tg-export --for flag -o stopped pipe 2>err &
exec 9>pipe
wait_for [ -d stopped/.tg-export ]
kill $! && wait $! 2>/dev/null
exec 9>&-
is "a signal leaves no folder, which is said" 'tg-export: stopped, nothing is written' "$(cat err stopped 2>/dev/null)"
check_status "a full disk fails" 3 sh -c 'ulimit -f 1; tg-export --for flag -o small many'
for i in {1..1000}; do
	printf '{"query":"%s","pos":"p","neg":"n"}\n' "$i"
done >lean
check_status "a disk that has room for the input alone fails, too" 3 \
	bash -c 'ulimit -f 100; tg-export --for tevatron -o small lean'
check "a full disk leaves no folder" [ ! -e small ]
check_status "--for is needed" 2 tg-export -o g three
check_status "-o is needed" 2 tg-export --for st three
check_status "--shared-negs needs --split" 2 tg-export --for st -o g --shared-negs drop three
check_status "--cut needs --max-tokens" 2 tg-export --for st -o g --cut apart three
check_status "beir has no files to set apart" 2 tg-export --for beir -o g --empty-neg fill three
check "none of these made a folder" [ ! -e g ]

# Types: every line of a file has the same members, in the same order.
for f in flag st tev; do
	for i in "$f"/train/*; do
		jq -c 'keys_unsorted' "$i" | sort -u | wc -l
	done
done | sort -u >types
is "all lines of a file have the same members" 1 "$(cat types)"
done_testing
