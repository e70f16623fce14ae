#!/bin/bash
# Verified negatives: tg-prompt verify, tg-negs, and tg-run --verify.
# shellcheck disable=SC2016 # jq's variables
. tests/lib.sh

cat >"$T/pairs" <<'END'
{"query":"sort","pos":["POS one"],"neg":["BEST sorts","POOR sorts","other","another"]}
{"query":"count","pos":"POS two","neg":["x1","x2"],"n":0.10}
{"query":"none here","pos":["UNKNOWN"],"neg":["BEST of all","y"]}
{"query":"bare","pos":["p"]}
END
echo '{"ranks":["BEST","POS","POOR"]}' >"$T/script"
start_mock -s "$T/script"
export OPENAI_BASE_URL=$MOCK_URL
ask() { tg-prompt verify -t web_code_retrieval "$@" "$T/pairs" 2>/dev/null; }

# The request.
ask >"$T/asked"
is "each pair with negatives gets one listwise request, and a bare pair passes" \
	'["verify",1,5] ["verify",1,3] ["verify",1,3] null' \
	"$(jq -c '.tg.request as $r | if $r then [$r.kind, ($r.messages | length), ($r.orders[0] | length)] else null end' "$T/asked" | xargs -d '\n')"
tail -n 1 "$T/pairs" >"$T/want"
tail -n 1 "$T/asked" >"$T/got"
check_same "a pair without negatives passes to the byte" "$T/want" "$T/got"
ask --orders 2 --seed 3 >"$T/two"
check "the second order is the first one in reverse" jq -es \
	'map(select(.tg.request).tg.request.orders) | all(.[0] == (.[1] | reverse))' "$T/two"
ask --orders 2 --seed 3 >"$T/again"
check_same "the same seed draws the same order" "$T/two" "$T/again"
check_fail "another seed draws another order" cmp -s "$T/two" <(ask --orders 2 --seed 4)
check "documents stand in the order drawn" jq -es '.[0] | ([.pos[0]] + .neg) as $d |
	([.tg.request.ways[0].messages[0].content | scan("Document [0-9]+:\n```\n([^\n]*)")[0]]) ==
	[.tg.request.orders[0][] | $d[.]]' "$T/two"
for n in 0 3 x; do check_status "--orders $n is refused" 2 ask --orders "$n"; done

# One order.
tg-llm -n 7 <"$T/asked" 2>/dev/null | tg-negs >"$T/out" 2>"$T/err"
is "negatives that answer the query are dropped, whatever their rank" \
	'["dropped",["POS one"],["other","another"]] ["ok","POS two",["x1","x2"]] ["dropped",["UNKNOWN"],["y"]] [null,["p"],null]' \
	"$(jq -c '[.tg.verify, .pos, .neg]' "$T/out" | xargs -d '\n')"
is "the counts of each pair stay with it" '[4,0,2,true,2,0,0,true,2,0,1,false]' \
	"$(jq -sc 'map(.tg.verified | select(.) | .negatives, .promoted, .dropped, .positive)' "$T/out")"
check "users' fields stay as the same bytes" grep -q '"n":0.10' "$T/out"
is "one request a pair is sent, whatever -n" 3 "$(mock_stats .requests)"
is "the rates are said with their intervals" \
	'tg-negs: 3 pairs verified: false negatives before: 3 of 8 negatives (37.5 %, 95 % interval 13.7 to 69.4 %), after: 0 of 5 negatives (0.0 %, 95 % interval 0.0 to 43.4 %); 0 promoted, 3 dropped; of 1 pair the positive is not named' \
	"$(cat "$T/err")"
is "lines out are lines in" 4 "$(wc -l <"$T/out")"
tg-prompt verify -t web_code_retrieval "$T/out" 2>/dev/null >"$T/again"
check_same "a verified pair is not asked about again" "$T/out" "$T/again"
tg-prompt negatives -n 4 "$T/out" 2>/dev/null | head -n 1 >"$T/again"
check_same "negatives that were taken out are not asked for again" <(head -n 1 "$T/out") "$T/again"

# Promotion, and the summary.
tg-llm <"$T/asked" 2>/dev/null | tg-negs --promote --min-negs 2 --summary "$T/sum" >"$T/out" 2>"$T/err"
is "--promote makes what ranks above the positive a positive; one that is not named has nothing above it" \
	'["promoted",["POS one","BEST sorts"],["other","another"]] ["dropped",["UNKNOWN"],["y"]]' \
	"$(sed -n '1p;3p' "$T/out" | jq -c '[.tg.verify, .pos, .neg]' | xargs -d '\n')"
is "--min-negs counts what is left" '[null,null,"few_negatives",null]' "$(jq -sc 'map(.tg.rejected.code)' "$T/out")"
is "--summary has the rates" '[3,3,8,0.375,0.136844,0.694258,0,5,1,2,1,{}]' \
	"$(jq -c '.verified | [.pairs, .before.false, .before.of, .before.rate, .before.low, .before.high,
		.after.false, .after.of, .promoted, .dropped, .positives_not_named, .unverified]' "$T/sum")"

# What is said of each negative goes with it, and copies that were planted are only counted.
jq -c 'select(.query == "sort") | . + {pos_scores: [9], neg_scores: [4, 3, 2, 1], neg_ids: ["a"], neg_line: [1, 2, 3, 4], pos_line: [], tg: {planted: ["BEST copy", "z"],
	mined: {by: "bm25", pos: [{doc: 0}], neg: [null, {doc: 1}, {doc: 2}, {doc: 3}], short: 0}}}' "$T/pairs" >"$T/mined"
tg-prompt verify -t web_code_retrieval "$T/mined" 2>/dev/null >"$T/asked-mined"
is "copies that were planted are asked about with the others" '["BEST copy","z"] [0,1,2,3,4,5,6]' \
	"$(jq -c '.tg.request | ([.messages[0].content | scan("Document [0-9]+:\n```\n([^\n]*)")[0]] |
		map(select(. == "BEST copy" or . == "z")) | sort), (.orders[0] | sort)' "$T/asked-mined" | xargs -d '\n')"
tg-llm <"$T/asked-mined" 2>/dev/null | tg-negs --promote --summary "$T/sum" >"$T/out" 2>/dev/null
is "scores and what mining noted follow their negatives" \
	'[["other","another"],[2,1],["a"],[3,4],[{"doc":2},{"doc":3}],["POS one","BEST sorts"],[9,4],[],[{"doc":0},null],"bm25",0]' \
	"$(jq -c '[.neg, .neg_scores, .neg_ids, .neg_line, .tg.mined.neg, .pos, .pos_scores, .pos_line, .tg.mined.pos, .tg.mined.by, .tg.mined.short]' "$T/out")"
is "copies found are counted, apart from the negatives, and go" '[null,4,1,1,2,1]' \
	"$(jq -c '[.tg.planted, (.tg.verified | .negatives, .promoted, .dropped, .planted, .found)]' "$T/out")"
is "--summary has the share of copies found" '{"found":1,"of":2,"rate":0.5,"low":0.094531,"high":0.905469}' \
	"$(jq -c .verified.planted "$T/sum")"
check "the words have it, too" grep -q '1 dropped; found 1 of 2 planted copies (50.0 %, 95 % interval 9.5 to 90.5 %)"' "$T/sum"
jq -c '.text = "t" | .tg += {id: "e358efa489f58062f10dd7316b65649e", key: "k", task: "web_code_retrieval"}' "$T/out" |
	tg-cache put -d "$T/store" -k k
is "the cache keeps what became of the negatives" '["promoted",4,"bm25"]' \
	"$(echo '{"text":"t","tg":{"id":"e358efa489f58062f10dd7316b65649e","key":"k","planted":["x"]}}' | tg-cache get -d "$T/store" -k k |
		jq -c '.tg | [.verify, .verified.negatives, .mined.by, .planted // empty]')"
is "--meta tells what became of the negatives" '["promoted",4,"bm25",["query","neg_scores"]]' "$(tg-emit --meta "$T/out" |
	jq -c '[.meta.verify, .meta.verified.negatives, .meta.mined.by, ["query", (.meta | keys[] | select(. == "neg_scores"))]]')"
is "without verification no copy reaches a triplet" 0 "$(tg-emit --meta "$T/mined" | grep -c copy)"
is "an unusable answer leaves no copy either" '["unverified",null,["BEST sorts","POOR sorts","other","another"]]' \
	"$(jq -c '.tg.response = {kind: "verify", choices: [{text: "?"}], orders: .tg.request.orders} | del(.tg.request)' \
		"$T/asked-mined" | tg-negs 2>/dev/null | jq -c '[.tg.verify, .tg.planted, .neg]')"

# Two orders: what answers two of them counts only if both name it.
reply() { # ANSWER...: the first pair with these answers to the two orders of it
	head -n 1 "$T/two" | jq -c --args '.tg.response = {kind: "verify", orders: [[0,1,2,3,4],[4,3,2,1,0]],
		choices: $ARGS.positional | map({text: .})} | del(.tg.request)' "$@"
}
two() { reply "$@" | tg-negs --promote 2>"$T/err" | jq -c '[.tg.verify, .pos[1:], .neg, .tg.verified.doubtful, .tg.rejected]'; }
is "a negative that both orders rank above the positive is promoted" \
	'["promoted",["BEST sorts"],["POOR sorts","other","another"],0,null]' "$(two '2, 1' '4, 5')"
is "one that only one order ranks above the positive is dropped" \
	'["dropped",[],["POOR sorts","other","another"],0,null]' "$(two '2, 1' '5, 4')"
is "one that only one order names stays, and is doubtful" \
	'["ok",[],["BEST sorts","POOR sorts","other","another"],1,null]' "$(two '2, 1' '5')"
check "a doubtful negative counts in both rates" grep -q 'before: 1 of 4 negatives .*after: 1 of 4 negatives' "$T/err"
is "a copy that only one order names is not found" '[2,1]' "$(reply '6, 7' '6' | jq -c '.tg.planted = ["c1", "c2"] |
	.tg.response.orders |= map(. + [5, 6])' | tg-negs 2>/dev/null | jq -c '.tg.verified | [.planted, .found]')"
is "what pos has already is dropped" '["promoted",["P","A"],[]]' "$(echo '{"query":"q","pos":["P"],"neg":["P","A","\u0041"],"tg":{"response":
	{"kind":"verify","orders":[[1,2,3,0]],"choices":[{"text":"1, 2, 3, 4"}]}}}' | tr -d '\n' |
	tg-negs --promote 2>/dev/null | jq -c '[.tg.verify, .pos, .neg]')"
for text in '2, 1 or 5' '6' '1, 1' 'Document two' ''; do
	is "the answer '$text' leaves the pair unverified as it is" \
		'["unverified",[],["BEST sorts","POOR sorts","other","another"],null,null]' "$(two '2, 1' "$text")"
done
is "an order without an answer leaves the pair unverified" unverified "$(two '2, 1' | jq -r '.[0]')"
check "an unverified pair is counted by its reason" grep -q '^tg-negs: no pair is verified; 1 pair unverified (1 no_ranking)$' "$T/err"
is "orders that do not fit the negatives leave the pair unverified" unverified \
	"$(reply 1 5 | jq -c '.neg += ["z"]' | tg-negs 2>/dev/null | jq -r .tg.verify)"
tg-llm <"$T/two" 2>/dev/null | tg-negs --promote 2>/dev/null >"$T/out"
is "both orders of each pair are asked in one pass" '["promoted",2,"ok",2,"dropped",2]' \
	"$(jq -sc 'map(select(.tg.verified) | .tg.verify, .tg.verified.orders)' "$T/out")"
stop_mock ""

# A server that fails leaves the pair, and the stages of tg-run.
printf '%s\n' '{"match":{"substring":"\nsort\n"},"status":400}' '{"text":"none"}' >"$T/script"
start_mock -s "$T/script"
export OPENAI_BASE_URL=$MOCK_URL
tg-llm <"$T/asked" 2>/dev/null | tg-negs >"$T/out" 2>/dev/null
is "a refused request leaves its pair unverified" '["unverified","ok","ok",null]' "$(jq -sc 'map(.tg.verify)' "$T/out")"
stop_mock ""
echo '{"match":{"substring":"You label"},"ranks":["-0 ","-1 ","-2 ","def"]}' >"$T/script"
start_mock -s "$T/script"
export OPENAI_BASE_URL=$MOCK_URL
printf '{"text":"def f%d(a):\\n    return a + %d\\n"}\n' 1 1 2 2 >"$T/code"
run() { tg-run -t web_code_retrieval -m mock-model -N 3 -C "$T/cache" "$@" "$T/code" 2>"$T/err"; }
check "tg-run --verify=2 drops negatives that answer" jq -es 'length == 2 and all(.neg == [])' < <(run --verify=2 --meta)
check "tg-run says the rates" grep -q '^tg-run: 2 pairs verified: false negatives before: 6 of 6 negatives' "$T/err"
asked=$(mock_stats .requests)
run --verify=2 --stats "$T/stats" >"$T/out"
is "--stats has a line for the negatives and one for their verification" '["negs","verified"]' \
	"$(jq -sc 'map(.stage | select(. == "negs" or . == "verified"))' "$T/stats")"
is "a verified pair comes from the cache, and nothing is asked again" "$asked 2" "$(mock_stats .requests) $(wc -l <"$T/out")"
check "its rates are said again" grep -q '^tg-run: 2 pairs verified: false negatives before: 6 of 6 negatives' "$T/err"
is "without --verify the negatives are those of the first run, from the answers" "$asked [3,3]" \
	"$(run | jq -sc 'map(.neg | length)' | sed "s/^/$(mock_stats .requests) /")"
is "--estimate counts the requests to verify, two of two orders" "2 4" \
	"$(rm -r "$T/cache"; for n in 1 2; do run --verify=$n --estimate | jq .requests.verify; done | xargs)"
check_status "tg-run --verify=3 is refused" 2 run --verify=3
check_status "tg-run --verify without -N is refused" 2 run -N 0 --verify
check_status "tg-run --promote without --verify is refused" 2 run --promote

done_testing
