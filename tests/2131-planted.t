#!/bin/bash
# tg-mine negatives --plant: renamed copies of positives on trial, counted, and never negatives.
export VALGRIND_ONE_IN=4
. tests/lib.sh
cd "$T" || exit 3

# 60 short functions, which are too short to be near copies of others, and 60 longer ones;
# a pair for each whose query has its words.
perl -e '
	for my $i (1 .. 120) {
		my $p = $i % 7; my $call = "load_part_$i"; my $more = $i > 60 ? join "", map { "    if part_$_ > item:\\n        item = step_$i(item, $_)\\n" } 1 .. 2 + $p : "";
		print "{\"query\":\"$call step\",\"pos\":\"def read_$i(item):\\n${more}    return $call(item)\\n\"}\n" }' >pairs
jq -c '{text: .pos}' pairs | tg-mine index -o idx 2>err
mine() {
	tg-mine negatives -i idx -n 3 --pool all --perc-pos 0 --take top "$@" pairs 2>err
}
mine >without
check_status "negatives take --plant" 0 mine --plant 100% --summary sum.json
mine --plant 100% --summary sum.json >with
check_same "a record gets what it gets without a copy" <(jq -c 'del(.tg.planted)' with) without
is "copies that would be negatives are those of short functions" "60 0" \
	"$(jq -s '[.[:60], .[60:]][] | map(select(.tg.planted)) | length' with | tr '\n' ' ' | sed 's/ $//')"
is "a copy has other names and the same calls" true "$(jq -s '[.[] | select(.tg.planted) |
	.tg.planted[0] as $c | (.pos | capture("(?<call>load_part_[0-9]+)").call) as $call |
	(.tg.planted | length) == 1 and ($c | contains($call)) and ($c | test("\\bitem\\b") | not) and
	($c | test("read_[0-9]") | not)] | all' with)"
is "it is no negative" true "$(jq -s '[.[] | .tg.planted[0] as $c | .neg | index($c) == null] | all' with)"
mine --plant 1 >n
check "the share is said, with its interval" grep -qF \
	"planted copies chosen: 60 of 120 (50.0 %, 95 % interval 41.2 to 58.8 %)" err
is "and in the summary" '{"copies":120,"chosen":60,"none":0,"rate":0.5,"low":0.411939,"high":0.588061}' \
	"$(jq -c .planted sum.json)"
is "without --plant it is not" null "$(mine --summary sum.json >with; jq -c .planted sum.json)"
planted() {
	mine --plant "$@" --summary sum.json >out
	jq .planted.copies sum.json
}
is "a share may be a number" "$(planted 20%)" "$(planted .2)"
drawn=$(planted 20%)
check "about so many are drawn" test "$drawn" -gt 0 -a "$drawn" -lt 60
cp out first
is "a seed draws the same" "$(jq -c .tg.planted first)" "$(planted .2 >n; jq -c .tg.planted out)"
planted .2 --seed 5 >n
check "another draws others" test "$(jq -c '.tg.planted == null' first)" != "$(jq -c '.tg.planted == null' out)"
for i in 1 2 3; do mine --plant .2 --shard "$i/3" --threads "$i"; done >parted
check_same "parts make the whole" first parted
is "a rule that drops the positive drops its copy" 0 \
	"$(tg-mine negatives -i idx --pool all --rank-min 200 --plant 1 --summary sum.json pairs >n 2>err
		jq .planted.chosen sum.json)"
echo '{"query":"load","pos":"1 2 3"}' | tg-mine negatives -i idx --plant 1 --summary sum.json >out 2>err
is "a positive without names has no copy" '{"copies":0,"chosen":0,"none":1}' \
	"$(jq -c '.planted | {copies, chosen, none}' sum.json)"
is "tg-prompt verify asks about a copy" true \
	"$(mine --plant 1 | head -n 1 | tg-prompt verify -t web_code_retrieval 2>err | jq '(.tg.planted[0] |
		capture("def (?<name>[a-z_0-9]+)").name) as $n | .tg.request | tostring | contains("def \($n)(")')"
check_status "vectors and copies do not go together" 2 tg-mine negatives -i idx --by dense --plant 1 pairs 2>err
check "as is said" grep -qF -- "--plant: a copy has a score by bm25 alone" err
for word in x 101% '' 1%%; do
	check_status "\"$word\" is no share" 2 tg-mine negatives -i idx --plant "$word" pairs 2>err
done
done_testing
