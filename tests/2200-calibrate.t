#!/bin/bash
# tg-calibrate: curves and thresholds on gold lines of known truth, what is no
# gold, and the pairs that sample draws and makes. make calibrate tries more.
# shellcheck source=tests/lib.sh
. tests/lib.sh
cd "$T" || exit 3

# gold SEED LINES [records]: makes gold lines of four tasks, or records that a
# judge has answered with log probabilities. A pair's odds of being right are e^z.
# The judge is too sure of itself; in task d it is also far too strict.
gold() {
	awk -v s="$1" -v n="$2" -v records="${3-}" '
	function u() { s = (s * 16807) % 2147483647; return s / 2147483647 }
	BEGIN {
		split("a b c d", task, " ")
		split("copy chatter vague_but_topical specific_but_wrong wrong_language", kind, " ")
		for (i = 0; i < 50; i++)
			u()
		for (i = 0; i < n; i++) {
			z = 5 * sqrt(-2 * log(u())) * cos(6.283185307 * u())
			t = task[1 + int(4 * u())]
			x = t == "d" ? 2 * z - 4 : 2 * z + 2
			right = u() < 1 / (1 + exp(-z))
			k = kind[1 + int(5 * u())]
			yes = -log(1 + exp(-x))
			no = -log(1 + exp(x))
			if (records)
				printf "{\"gold\":%d,\"query\":\"q\",\"pos\":[\"p\"],\"tg\":{\"task\":\"%s\",\"pair\":true,\"response\":" \
					"{\"kind\":\"judge\",\"choices\":[{\"text\":\"%d\",\"logprobs\":{\"1\":%.9f,\"2\":%.9f}}]}}}\n",
					right, t, (x > 0 ? 1 : 2), yes, no
			else
				printf "{\"gold\":%d,\"p\":%.9g,\"task\":\"%s\"%s}\n", right, 1 / (1 + exp(-x)), t,
					(right ? "" : ",\"kind\":\"" k "\"")
		}
	}'
}

# figures NAME...: prints numbers of the object in the file eval.json.
figures() {
	jq -r '[.[$ARGS.positional[]]] | join(" ")' eval.json --args "$@"
}
# within LOW HIGH VALUE
within() {
	awk -v a="$1" -v b="$2" -v x="$3" 'BEGIN { exit !(x != "" && x >= a && x <= b) }'
}

gold 11 4000 >fit.jsonl
gold 12 4000 >held
check_status "fit exits with 0 if the precision is reached" 0 tg-calibrate fit -o cal --precision .9 fit.jsonl 2>err
check "fit says what the threshold keeps" grep -q 'precision 0.9 is reached at a calibrated value' err
check_status "eval exits with 0" 0 tg-calibrate eval -c cal held >eval.json
jq -r '[.n, .ece, .tpr, .tnr, .precision, .threshold, .tpr_ci[], .tnr_ci[], .precision_ci[], .before.ece,
	(.tasks | length), (.tasks | map(.own_curve) | all), (.kinds | length), (.bins | length),
	(.bins | map(.n) | add), (.before.bins | length)] | map(tostring) | join(" ")' eval.json >figures
read -r n ece tpr tnr precision threshold tpr0 tpr1 tnr0 tnr1 pre0 pre1 before tasks own kinds bins lines bins0 <figures
is "eval counts lines, tasks, kinds and bins" "4000 4 true 5 15 4000 15" "$n $tasks $own $kinds $bins $lines $bins0"
check "the calibration error on held-out lines is .02 at most" within 0 .02 "$ece"
check "the error was much larger before" within .05 1 "$before"
check "precision .9 is hit within 1.5 points on held-out lines" within .885 .915 "$precision"
check "the threshold is a number of 0 to 1" within 0 1 "$threshold"
check "the rates lie in their intervals" eval "within $tpr0 $tpr1 $tpr && within $tnr0 $tnr1 $tnr &&
	within $pre0 $pre1 $precision"
diag "ece $before to $ece, precision $precision, tpr $tpr, tnr $tnr"

# The judge decides as eval says it does.
gold 11 4000 records | tg-judge --keep-rejected >judged
tg-calibrate fit -o cal2 --precision .9 judged 2>err
gold 12 4000 records | tg-judge --keep-rejected >judged2
tg-calibrate eval -c cal2 judged2 >eval.json
check "records with log probabilities give the same error" within 0 .02 "$(figures ece)"
is "tg-judge --calibration keeps the pairs that eval counts" "$(figures kept precision)" \
	"$(gold 12 4000 records | tg-judge --calibration cal2 |
		awk '!/"rejected"/ { n++; right += /"gold":1/ } END { print n, right / n }')"

# What a whole run kept, without labels; its share of right pairs is another.
gold 13 4000 >third
awk '/"gold":1/ || n++ % 4 == 0' third >run
tg-calibrate eval -c cal --records run held >eval.json
tg-calibrate eval -c cal run >truth
# shellcheck disable=SC2016 # the names are those of jq
check "the corrected precision of a run with other shares is right" \
	jq -se '.[0].run as $r | .[1].precision as $p | $r.precision_ci[0] < $p and $p < $r.precision_ci[1] and
	($r.precision - $p | fabs) < .015 and $r.kept == .[1].kept and ($r.tasks | length) == 4' eval.json truth

# Texts and pictures.
tg-calibrate eval -c cal --text --svg d.svg --records run held >text
is "the text has rates, plot, bins, tasks, kinds and the run" 7 \
	"$(grep -cE '^after the fit|^Share of right pairs|^ lines  p|^task |^kind of wrong|^the run|^\+d ' text)"
is "the SVG has two diagrams with 15 bins each" "30 2" "$(grep -c '<circle' d.svg) $(grep -c 'class=.plot' d.svg)"

# A precision that cannot be reached.
awk '{ printf "{\"gold\":%d,\"p\":0.%d}\n", NR % 2, int(NR / 2) * 7 % 100 + 100 }' fit.jsonl >blind
check_status "fit exits with 1 if no threshold reaches the precision" 1 tg-calibrate fit -o cal3 --precision .9 blind 2>err
check "it names the best that is, which the file has" grep -q 'bear out 0.[45].* at most.*cal3 has that threshold' err
check_status "that file can be read" 0 tg-calibrate eval -c cal3 blind >eval.json

# Order, and lines of equal p.
tac fit.jsonl >dlog
tg-calibrate fit -o cal4 --precision .9 dlog 2>err
is "the order of the lines changes nothing" "$(sed 's/^"[a-d]": //; s/[,}]*$//' cal | sort | md5sum)" \
	"$(sed 's/^"[a-d]": //; s/[,}]*$//' cal4 | sort | md5sum)"
awk 'BEGIN { for (i = 0; i < 600; i++) printf "{\"gold\":%d,\"p\":%d}\n", i % 10 < (i < 300 ? 9 : 2), i < 300 }' >digits
tg-calibrate fit -o cal5 --precision .85 digits 2>err
tg-calibrate eval -c cal5 digits >eval.json
check "votes of 0 and 1 alone are calibrated" within 0 .005 "$(figures ece)"
is "a tie is kept as a whole" 300 "$(figures kept)"

# Tasks that have few lines share a curve.
{ sed 's/"task":"a"/"task":"big"/' fit.jsonl; head -n 199 fit.jsonl | sed 's/"task":"."/"task":"few"/'; } |
	tg-calibrate fit -o cal6 2>err
is "a task of 199 lines has no curve of its own" "b big c d" \
	"$(jq -r '.tasks | keys | join(" ")' cal6)"

# What is no gold. The file that is there stays.
cp cal kept
for bad in '{"p":.5}|there is no label' '{"gold":null,"p":.5}|there is no label' '{"gold":2,"p":0.5}|neither 0 nor 1' \
	'{"gold":"1","p":0.5}|neither 0 nor 1' '{"gold":1,"p":1.01}|not within 0 to 1' '{"gold":1,"p":-0.1}|not within' \
	'{"gold":1,"p":"0.5"}|not a number' '{"gold":1,"p":1e999}|not a number' '{"gold":1}|neither p nor tg.judge.p' \
	'{"gold":1,"p":nan}|' '{"gold":1,"p":0.5,"sample":{"weight":0}}|sample.weight' '[1]|' 'x|' '{"gold":1,"gold":1,"p":0}|'; do
	line=${bad%|*} why=${bad##*|}
	[ "$why" != "there is no label" ] || line=${line/:.5/:0.5}
	{ echo '{"gold":1,"p":0.5}' && echo && echo "$line"; } >bad
	tg-calibrate fit -o cal bad 2>err
	is "fit refuses $line" "1 1" "$? $(grep -c "^tg-calibrate: bad:3: .*$why" err)"
done
check_status "eval refuses them, too" 1 tg-calibrate eval -c cal bad >out 2>err
for class in 0 1; do
	printf '{"gold":%d,"p":0.5}\n' $class $class >bad
	tg-calibrate fit -o cal bad 2>err
	is "fit refuses gold $class alone" "1 1" "$? $(grep -c "bad:2: all gold lines .* gold $class" err)"
done
tg-calibrate fit -o cal </dev/null 2>err
is "fit refuses an empty input" "1 1" "$? $(grep -c 'no gold lines' err)"
check_same "a file that was there stays as it was" kept cal
tg-calibrate fit -o new bad 2>err
check_fail "no file is made of bad gold" test -e new
check_status "fit needs a file to write" 2 tg-calibrate fit fit.jsonl
check_status "the file must not be the input" 2 tg-calibrate fit -o fit.jsonl fit.jsonl
check_status "eval needs a calibration" 2 tg-calibrate eval fit.jsonl
check_status "a calibration that is not there is a usage error" 2 tg-calibrate eval -c nowhere fit.jsonl 2>err
check "fit is one of the commands" eval 'tg-calibrate fits 2>&1 | grep -q "fit"'

# Calibrations that are none.
c='{"lines":2,"right":1,"threshold":0.5,"min_p":0,"bins":[],"curve":[[0,0],[1,1]]}'
printf '{"tg_calibration":1,"precision":null,"overall":%s,"tasks":{}}' "$c" >good
check_status "a small calibration is read" 0 tg-calibrate eval -c good held >out
while IFS='|' read -r from to why; do
	awk -v from="$from" -v to="$to" '{ i = index($0, from); print substr($0, 1, i - 1) to substr($0, i + length(from)) }' good >bad
	tg-calibrate eval -c bad held >out 2>err
	is "a calibration is refused: $why" "2 1" "$? $(grep -c "^tg-calibrate: bad: .*$why" err)"
done <<'END'
"tg_calibration":1|"tg_calibration":2|tg_calibration
"precision":null|"precision":2|precision
[[0,0],[1,1]]|[]|no points
[0,0],[1,1]|[0.5,0],[0.5,1]|does not rise
[0,0],[1,1]|[0,1],[1,0]|does not rise
[0,0],[1,1]|[0,0],[1,1.5]|point 2
[0,0],[1,1]|[0,0],[1]|point 2
"lines":2|"lines":0|counts
"right":1|"right":3|counts
"threshold":0.5|"threshold":1.5|threshold
"threshold":0.5|"treshold":0.5|unknown
"tasks":{}|"tasks":[]|tasks
"bins":[]|"bins":[[1,2,3]]|bin 1
"tasks":{}|"tasks":{},"tasks":{}|duplicate
"tasks":{}}|"tasks":{}|expected
END

# A set to label.
awk 'BEGIN {
	split("parse merge render delete upload resize verify compress", w, " ")
	split("table image socket ledger packet branch vector schema", o, " ")
	for (i = 0; i < 480; i++) {
		t = i % 3 == 0 ? "web_code" : i % 3 == 1 ? "bug_desc" : "code_contest"
		a = w[i % 8 + 1]; b = o[int(i / 8) % 8 + 1]
		printf "{\"text\":\"x\",\"note\":%d,\"query\":\"How can I %s the %s when number %d is missing?\",\"pos\":[\"def %s_%s(x%d):\\n    return %s(x%d)[%d]\"]," \
			"\"tg\":{\"id\":\"%d\",\"task\":\"%s_retrieval\",\"language\":\"en\",\"code_language\":\"python\",\"pair\":true," \
			"\"judge\":{\"verdict\":%d,\"answer\":\"1\"}%s}}\n", i, a, b, i, a, b, i, b, i, i, i, t, (i % 4 ? 1 : 2),
			(i % 4 ? "" : ",\"rejected\":{\"tool\":\"tg-judge\",\"code\":\"judge_2\",\"message\":\"m\"}")
	}
}' >records
echo '{"query":"q","pos":["p"],"tg":{"rejected":{"tool":"tg-gate","code":"copy","message":"m"}}}' >gated
check_status "sample exits with 0" 0 tg-calibrate sample -n 120 records gated >pairs.jsonl 2>err
check "records that no judge decided about are named" grep -q 'left out 1 record' err
is "as many are kept as rejected, from each task, and of each kind a tenth is made" "$(
	for k in chatter copy specific_but_wrong vague_but_topical wrong_language; do echo "12 made $k 0"; done
	for from in kept rejected; do printf '20 %s null\n' "$from "{bug_desc,code_contest,web_code}_retrieval; done | sort
)" "$(jq -r '"\(.sample.from) \(.kind // .tg.task) \(.gold)"' pairs.jsonl | sort | uniq -c | sed 's/^ *//' | sort)"
is "the weights of what is drawn have mean 1" 1.000 \
	"$(jq -s 'map(.sample.weight // empty) | add / length' pairs.jsonl | awk '{ printf "%.3f", $1 }')"
is "kept records weigh more where more were kept" "1.5 0.5" \
	"$(jq -rs 'map(select(.sample.from == "kept"))[0].sample.weight, map(select(.sample.from == "rejected"))[0].sample.weight' pairs.jsonl | xargs)"
is "tg-prompt judge serves each of them" 180 "$(tg-prompt judge pairs.jsonl | grep -c '"kind":"judge"')"
check_same "the same seed draws the same set" pairs.jsonl <(tg-calibrate sample -n 120 records gated 2>>err)
check_fail "another seed draws another" cmp -s pairs.jsonl <(tg-calibrate sample -n 120 --seed 1 records gated 2>>err)
tac records | tg-calibrate sample -n 120 - gated 2>err | jq -c 'select(.kind == null)' | sort >back
check_same "the order of the input does not change what is drawn" <(jq -c 'select(.kind == null)' pairs.jsonl | sort) back
is "no made pair is a pair of the input" 0 "$(jq -c 'select(.kind != null) | [.query, .pos[0]]' pairs.jsonl | sort -u |
	comm -12 - <(jq -c '[.query, .pos[0]]' records | sort -u) | wc -l)"
check "copies are copies, and chatter holds the right text" jq -se 'map(select(.kind == "copy") | .query == .pos[0]) +
	map(select(.kind == "chatter") | .query | test("number [0-9]+ is missing.\n")) | all' pairs.jsonl
is "users' members stay on pairs that are drawn" 120 "$(jq 'select(.kind == null and .note != null and .text == "x").note' pairs.jsonl | wc -l)"
jq -c '.tg |= with_entries(select(.key | IN("judge", "rejected", "pair"))) | .meta = {task: "web_code_retrieval", language: "de",
	code_language: "python"}' records | tg-calibrate sample -n 60 >meta.jsonl 2>err
is "stamps in meta count as those in tg" "60 de web_code_retrieval 0" \
	"$(jq -r 'select(.kind == null) | "\(.tg.language) \(.tg.task)"' meta.jsonl | sort | uniq -c | xargs) $(grep -c vague meta.jsonl)"
check_status "the number of earlier editions is a number" 0 tg-calibrate fit -o old.json - 2>err < <(
	printf '{"gold":%d,"tg":{"judge":{"verdict":1,"score":0.%d}}}\n' 1 9 0 2)
check_status "sample of nothing exits with 1" 1 tg-calibrate sample gated 2>err

done_testing
