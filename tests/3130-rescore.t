#!/bin/bash
# tg-llm answers requests of kind rescore: the scores of documents for a query.
# shellcheck disable=SC2016,SC2094,SC2119 # backticks of messages; process substitutions
. tests/lib.sh
cd "$T" || exit 3
export TG_MODEL=m

# asks QUERY SCORE...: prints a record that asks for the scores of documents, each of
# which tells the mock its score.
asks() {
	local query=$1 documents='' score
	shift
	for score; do documents="$documents,\"d$score score=$score\""; done
	printf '{"query":"%s","n":1.50,"tg":{"pair":true,"request":{"kind":"rescore","query":"%s","documents":[%s]}}}\n' \
		"$query" "$query" "${documents#,}"
}
# many FROM TO: prints records whose documents have scores of their own.
many() {
	local i
	for ((i = $1; i <= $2; i++)); do asks "query $i" "$i" "0.${i}5" "-$i.5"; done
}
# rescore IN [OPTION]...: writes out and err.
rescore() {
	local in=$1
	shift
	tg-llm -q -u "$MOCK_URL" "$@" <"$in" >out 2>err
}
scores() { sed -n 's/.*"scores":\(\[[^]]*\]\).*/\1/p' "${1:-out}"; }
calls() { grep -c '"method":"POST"' "$MOCK_LOG"; }
script() {
	stop_mock
	printf '%s\n' "$@" >script
	start_mock -s script
}
# no_path PATH: a rule for a server without it.
no_path() { printf '{"match":{"path":"%s","method":"POST"},"status":404,"body":{"detail":"Not Found"}}\n' "$1"; }

asks q 0.25 0.75 -3 1e-05 >one
{
	cat one
	echo '{"query":"a pair","pos":["p"]}'
	asks q2 1
} >in
start_mock
check_status "scores exit with 0" 0 rescore in
is "scores are in the order of the documents, whatever the server's" '[0.25,0.75,-3,1e-05]' "$(scores | head -n 1)"
is "each record has its own scores, and other lines pass" '{"query":"a pair","pos":["p"]} [1]' \
	"$(sed -n 2p out) $(scores | tail -n 1)"
is "the response has what other responses have, and the rest of the record stays" \
	'{"query":"q","n":1.50,"tg":{"pair":true,"response":{"kind":"rescore","step":1,"scores":[0.25,0.75,-3,1e-05],"model":"mock-model","usage":{"prompt_tokens":15,"completion_tokens":0,"cached_tokens":0},"latency_ms":X,"attempts":1}}}' \
	"$(sed -n '1s/"latency_ms":[0-9]*/"latency_ms":X/p' out)"
is "the request has the model, the query and the documents" \
	'{"model":"m","query":"q2","documents":["d1 score=1"]}' \
	"$(grep -o '{"model":"m","query":"q2"[^}]*}' "$MOCK_LOG")"
check "its path is /v1/rerank" grep -q '"path":"/v1/rerank"' "$MOCK_LOG"
check_status "--rescore score exits with 0" 0 rescore one --rescore score --extra-body '{"truncate_prompt_tokens":-1}'
is "--rescore score gives the same scores" '[0.25,0.75,-3,1e-05]' "$(scores)"
check "--rescore score asks /v1/score for text_1 and text_2, with --extra-body" \
	grep -q '/v1/score.*"text_1":"q","text_2":\[.*"truncate_prompt_tokens":-1' "$MOCK_LOG"
check_status "the model that is taken is there" 0 env -u TG_MODEL tg-llm -u "$MOCK_URL" one >out 2>err
check "the model is said to be the best for scores" grep -q 'model mock-model, the best there for scores' err
is "--only judge leaves the request" "$(cat one)" "$(tg-llm -q -u "$MOCK_URL" --only judge one)"
check_same "--only rescore serves it" <(scores) <(tg-llm -q -u "$MOCK_URL" --only rescore one >again && scores again)

# Order, cache, estimate.
many 1 120 >lots
many 1 120 | sed 's/.*\[\(.*\)\].*/\1/; s/"d[^=]*=\([^"]*\)"/\1/g; s/.*/[&]/' >lots.scores
: >"$MOCK_LOG"
check_status "many records exit with 0" 0 rescore lots -j 16 --cache c
check_same "the scores of many records are each in its place" lots.scores <(scores)
is "a record takes a request" 120 "$(calls)"
estimate() { tg-llm --dry-run "$@" 2>err | grep -o '"\(rescore\|answered_by_cache\|calls\|prompt_tokens\|completion_tokens_max\)":[0-9][0-9]*' | tr '\n' ' '; }
is "--dry-run knows what the cache has" \
	'"rescore":120 "answered_by_cache":120 "calls":0 "prompt_tokens":0 "completion_tokens_max":0 ' "$(estimate --cache c lots)"
is "--dry-run counts the query once for each document" \
	'"rescore":1 "answered_by_cache":0 "calls":1 "prompt_tokens":22 "completion_tokens_max":0 ' "$(estimate one)"
is "--dry-run --pretend answers with scores" '[1,0.5,0.333333333,0.25]' "$(tg-llm --dry-run --pretend one | scores /dev/stdin)"
is "--dry-run --rescore-batch counts requests" 2 "$(estimate --rescore-batch 3 one | sed 's/.*"calls":\([0-9]*\).*/\1/')"
stop_mock
check_status "what the cache has needs no server" 0 rescore lots --cache c --rescore score
check_same "scores from the cache are the same" lots.scores <(scores)
check_status "a server that is not there exits with 4" 4 rescore one --retries 0
check "the record ends as stopped" grep -q '"code":"stopped"' out
check_status "--export exits with 0" 0 tg-llm --export batch.jsonl one
check "--export writes a request for /v1/rerank" grep -q '"url":"/v1/rerank","body":{"model":"m","query":"q","documents"' batch.jsonl
id=$(sed -n 's/.*"custom_id":"\([^"]*\)".*/\1/p' batch.jsonl)
printf '{"id":"x","custom_id":"%s","response":{"status_code":200,"body":{"results":[{"index":3,"relevance_score":4},{"index":0,"relevance_score":1},{"index":1,"relevance_score":2},{"index":2,"relevance_score":3}]}},"error":null}\n' "$id" >results
check_status "--import exits with 0" 0 tg-llm --import results <one >out
is "--import takes scores from a batch" '[1,2,3,4]' "$(scores)"

# Requests that are none.
cat >bad <<'END'
{"tg":{"request":{"kind":"rescore","query":"q","documents":[]}}}
{"tg":{"request":{"kind":"rescore","documents":["d"]}}}
{"tg":{"request":{"kind":"rescore","query":"q"}}}
{"tg":{"request":{"kind":"rescore","query":"q","documents":["d",1]}}}
{"tg":{"request":{"kind":"rescore","query":["q"],"documents":["d"]}}}
{"tg":{"request":{"kind":"rescore","messages":[{"role":"user","content":"x"}]}}}
END
start_mock
check_status "requests that lack something exit with 1" 1 rescore bad
is "requests that lack something end in error" 6 "$(grep -c '"code":"bad_request_member"' out)"
is "no server is asked for them" 0 "$(calls)"

# Paths that a server does not know.
script "$(no_path /rerank)"
check_status "a server without /rerank exits with 0" 0 rescore lots -j 8
check_same "it is asked by /score" lots.scores <(scores)
is "the change is said once" 1 "$(grep -c 'does not know /rerank (status 404: Not Found); it is asked by /score from now on' err)"
check "it is not asked by /rerank again" test "$(grep -c '"path":"/v1/rerank"' "$MOCK_LOG")" -le 8
one_url=$MOCK_URL
start_mock
check_status "servers with different paths exit with 0" 0 rescore lots -u "$one_url" -j 8
check_same "servers with different paths give the same scores" lots.scores <(scores)
script "$(no_path /v1/rerank)" "$(no_path /score)" \
	'{"match":{"path":"/rerank","substring":"\"documents\""},"status":422,"body":"Failed to deserialize the JSON body into the target type: missing field `texts` at line 1 column 52"}'
check_status "text-embeddings-inference below /v1 exits with 0" 0 rescore lots
check_same "text-embeddings-inference gives the same scores" lots.scores <(scores)
check_status "text-embeddings-inference at its own base URL exits with 0" 0 tg-llm -q -u "$MOCK_BASE" one >out 2>err
is "its own base URL gives the scores" '[0.25,0.75,-3,1e-05]' "$(scores)"
check "its form is said" grep -q 'status 422: .*texts.*; it is asked by /rerank as text-embeddings-inference has it from now on' err
check_status "--rescore score asks no other path" 4 rescore one --rescore score
is "/score alone was asked" /v1/score "$(tail -n 1 "$MOCK_LOG" | sed 's/.*"path":"\([^"]*\)".*/\1/')"
script "$(no_path /)"
check_status "a server without any of the paths exits with 4" 4 rescore lots
check "what it says is shown" grep -q 'stopped: .*status 404: Not Found' err
script '{"status":404,"body":{"error":{"message":"The model `m` does not exist."}}}'
check_status "a model that is not there exits with 4" 4 rescore one
check "a model that is not there is no reason for another path" test "$(grep -c /score "$MOCK_LOG")" -eq 0
script '{"status":501,"body":{"error":{"code":501,"message":"This server does not support reranking. Start it with `--reranking`","type":"not_supported_error"}}}'
check_status "a server that gives no scores exits with 4" 4 rescore one --retries 0

# Replies that are wrong are asked again.
n=0
while read -r body; do
	printf '{"match":{"substring":"query %d\\""},"times":1,"body":%s}\n' $((++n * 2)) "$body"
done >faults <<'END'
{"results":[]}
{"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":1}]}
{"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":1},{"index":2,"relevance_score":1},{"index":3,"relevance_score":1}]}
{"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":1},{"index":3,"relevance_score":1}]}
{"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":1},{"index":1,"relevance_score":1}]}
"{\"results\":[{\"index\":0,\"relevance_score\":NaN},{\"index\":1,\"relevance_score\":1},{\"index\":2,\"relevance_score\":1}]}"
"{\"results\":[{\"index\":0,\"relevance_score\":Infinity},{\"index\":1,\"relevance_score\":1},{\"index\":2,\"relevance_score\":1}]}"
{"results":[{"index":0,"relevance_score":"1"},{"index":1,"relevance_score":1},{"index":2,"relevance_score":1}]}
"[{\"index\":0,\"score\":1e999},{\"index\":1,\"score\":1},{\"index\":2,\"score\":1}]"
[{"score":1},{"score":1},{"score":1}]
{"choices":[{"message":{"content":"[1,2,3]"}}]}
"nonsense"
END
{
	echo '{"match":{"substring":"query 30\""},"times":1,"status":500}'
	echo '{"match":{"substring":"query 32\""},"times":1,"reset":true}'
	echo '{"match":{"substring":"query 34\""},"times":1,"status":429,"headers":{"Retry-After":"0.01"}}'
} >>faults
script "$(cat faults)"
head -n 40 lots >some
check_status "wrong replies, once: exits with 0" 0 rescore some --retries 2 -j 8
check_same "wrong replies are asked again, and the scores are right" <(head -n 40 lots.scores) <(scores)
is "each wrong reply was asked again once" "$((40 + n + 3))" "$(calls)"
script "$(sed '/429/d; s/"times":1,//' faults)"
check_status "wrong replies for ever exit with 0" 0 rescore some --retries 0 -j 1
is "records without an answer go on, with the reason" "$((n + 2)) bad_reply connection_lost server_error" \
	"$(grep -c '"scores":\[\],"error":{"code":' out) $(sed -n 's/.*"scores":\[\],"error":{"code":"\([^"]*\)".*/\1/p' out | sort -u | tr '\n' ' ' | sed 's/ $//')"
is "the others have theirs" "$((40 - n - 2))" "$(grep -c '"scores":\[[0-9]' out)"

# Documents that are refused, and too many of them.
stop_mock
start_mock -o ctx=100 -o api=vllm
long=$(printf 'word%.0s ' {1..150})
printf '{"tg":{"request":{"kind":"rescore","query":"q","documents":["a score=1","b score=2","%s","d score=4","e score=5"]}}}\n' "$long" >long
check_status "a document that is too long exits with 0" 0 rescore long
is "a document that is too long has no score, the others have theirs" '[1,2,null,4,5]' "$(scores)"
printf '{"tg":{"request":{"kind":"rescore","query":"q","documents":["%s"]}}}\n' "$long" >long
check_status "documents that are all too long exit with 0" 0 rescore long
check "without any score there is a reason" grep -q '"scores":\[\],"error":{"code":"context_overflow"' out
stop_mock
start_mock -o documents=2
check_status "a server that takes 2 documents exits with 0" 0 rescore lots -j 4
check_same "parts are put together" lots.scores <(scores)
is "the number is learned, and said" "tg-llm: a server refuses 3 documents in a request (status 400: batch size > maximum allowed batch size; invalid_request_error); 2 at most from now on" "$(cat err)"
: >"$MOCK_LOG"
check_status "--rescore-batch 2 exits with 0" 0 rescore some --rescore-batch 2
is "--rescore-batch parts the documents at once" 80 "$(calls)"
check_same "--rescore-batch changes no score" <(head -n 40 lots.scores) <(scores)

# Statistics and cost.
check_status "statistics exit with 0" 0 rescore one --rescore-batch 2 --stats stats --price-in 1000000
is "documents cost money, scores none" '{"records":1,"answered":1 "calls":2 "prompt_tokens":15,"completion_tokens":0 "cost":15.000000 "stage":"rescore" ' \
	"$(grep -o '{"records":1,"answered":1\|"calls":2\|"prompt_tokens":15,"completion_tokens":0\|"cost":15.000000\|"stage":"rescore"' stats | head -n 5 | tr '\n' ' ')"
check_status "a budget is kept" 4 rescore lots --max-tokens-total 200 -j 1
check_status "a base URL with a path that is added is refused" 2 tg-llm -u "$MOCK_URL/rerank" one

# tg-mine asks for the scores of candidates, and picks by them.
cat >corpus <<'END'
{"text":"def read(path):\n    with open(path) as f:\n        return f.read()\n# score=0.80"}
{"text":"class Path:\n    def open(self, path, file):\n        return file(path)\n# open file path score=0.78"}
{"text":"for path in sorted(glob('*')):\n    print(path, open(path).readline())\n# score=0.40"}
{"text":"def lines(file):\n    yield from (line.strip() for line in open(file))\n# score=0.70"}
{"text":"try:\n    os.remove(path)\nexcept OSError as e:\n    log(e.errno, path)\n# score=-0.5"}
{"text":"import json\n\ndef load(path): return json.load(open(path, 'rb'))\n# score=0.75"}
{"text":"assert file.tell() == 0 and not file.closed\n# score=0.10"}
{"text":"x = {'path': 1}\nwhile x: x.popitem()\n# score=0.60"}
END
cat >lines <<'END'
{"query":"open the file at a path","pos":["def read(path):\n    with open(path) as f:\n        return f.read()\n# score=0.80"],"neg":["kept"],"z":1.50}
{"query":"no pair"}
{"query":"open a path","pos":"def read(path):\n    with open(path) as f:\n        return f.read()\n# score=0.80"}
END
# picks [OPTION]...: prints what the answered lines get: "rank:new score" of each negative.
# Messages go to picks.err, lines to got.
picks() {
	tg-mine negatives -i idx "$@" picked >got 2>picks.err
	sed -n 's/.*"mined":{[^[]*\[[^]]*\],"neg":\[\([^]]*\)\].*/\1;/p' got |
		sed 's/{"doc":[0-9]*,"rank":\([0-9]*\),"score":[-0-9.]*,"rescore":\([-0-9.]*\)}/\1:\2/g' | tr '\n' ' '
}
# answer SCORES...: gives the first lines of answered lines these scores.
answer() {
	local at=0 list
	cp answered picked
	for list; do
		at=$((at + 1))
		sed -i "${at}s/\"scores\":\[[^]]*\]/\"scores\":[$list]/" picked
	done
}
script '{"delay_ms":0}'
tg-mine index -o idx corpus
check_status "--rescore exits with 0" 0 tg-mine negatives -i idx -n 3 --rescore 5 --likeness 1 --summary sums \
	--query-prefix 'Q: ' --document-prefix 'D"' lines >asked 2>err
mapfile -t told < <(head -n 1 asked | jq -c '(.tg.request | [.query, (.documents | length, (.[:2][] | .[:10]))] +
	[.kind == "rescore" and .step == 1]),
	(.tg.mined | [.pos[0].rank, .neg[1].rank], [.neg[0], (.neg[1:] | length, all(.score > 0)), .short])')
is "a request has the positive, then the first that pass, with prefixes" \
	'["Q: open the file at a path",6,"D\"def read","D\"class Pa",true]' "${told[0]}"
is "margins wait: what ranks before the positive is asked about" '[5,1]' "${told[1]}"
is "what is known of the candidates is kept" '[null,5,true,2]' "${told[2]}"
is "other lines pass" '{"query":"no pair"}' "$(sed -n 2p asked)"
is "the requests are counted and said" '"records":0 "asked":2,"candidates":10 1' \
	"$(grep -o '"records":[0-9]*\|"asked":[0-9]*,"candidates":[0-9]*' sums | tr '\n' ' ')$(grep -c '; 2 ask for the scores of 10 documents' sums)"
check_status "tg-emit takes no record that waits" 1 tg-emit asked
check_status "tg-llm answers" 0 tg-llm -q -u "$MOCK_URL" --cache mine asked >all
sed '/no pair/d' all >answered
check_status "a waiting answer is no triplet either" 1 tg-emit answered 2>err
check "it is said who serves it" grep -q 'answered, for tg-mine negatives' err
cp answered picked
is "the new scores decide, less 5 % of the positive's" 'null,6:0.75,2:0.7; 4:0.75,5:0.7,2:0.4; ' \
	"$(picks -n 3 --take top)"
mapfile -t told < <(head -n 1 got | jq -cS '[.neg[0], (.neg[1] | startswith("import json")), (.neg[2] | startswith("def lines")), (.neg | length)],
	(.tg | [(.mined.pos[0], .mined.neg[1] | .score = (.score < 1)), .mined.dropped, .mined.short, .mined.model, has("response")])')
is "the negatives are those texts, behind those that were there" '["kept",true,true,3]' "${told[0]}"
is "both scores, the rules of both passes and the model are told" \
	'[{"doc":0,"rank":5,"rescore":0.8,"score":true},{"doc":5,"rank":6,"rescore":0.75,"score":true},{"perc_pos":1,"positive":1},0,"mock-model",false]' \
	"${told[1]}"
check "what is the user's stays" grep -q '"z":1.50' got
is "a pair that has its negatives is emitted" 2 "$(tg-emit --dedupe none got 2>err | wc -l)"
is "without --perc-pos the highest are taken" 'null,1:0.78,6:0.75; 1:0.78,4:0.75,5:0.7; ' "$(picks -n 3 --take top --perc-pos 0)"
is "--margin is of the new scores" 'null,4:0.4,3:0.1; 2:0.4,6:-0.5; ' "$(picks -n 3 --take top --perc-pos 0 --margin 0.2)"
is "a shortfall is told" '"short":0 "short":1 ' "$(grep -o '"short":[0-9]*' got | tr '\n' ' ')"
is "--relative-margin is" 'null,3:0.1; 6:-0.5; ' "$(picks -n 3 --take top --relative-margin 0.6)"
is "--min-score and --max-score are" 'null,4:0.4,3:0.1; 2:0.4; ' "$(picks -n 3 --take top --min-score 0 --max-score 0.5)"
is "--rank-min and --rank-max are of the first ranks" 'null,2:0.7,4:0.4; 4:0.75,2:0.4; ' \
	"$(picks -n 3 --take top --rank-min 2 --rank-max 4)"
is "--take length takes the nearest in length" 'null,6:0.75,2:0.7; 4:0.75,5:0.7,6:-0.5; ' "$(picks -n 3)"
for seed in 1 2 3 4; do picks -n 2 --take random --seed $seed >r$seed; done
picks -n 2 --take random --seed 3 >again
check_same "--take random is the same for a seed" r3 again
check "--take random is another for other seeds" test "$(cat r? | tr -d '\n' | sed 's/; null/;\nnull/g' | sort -u | wc -l)" -gt 1
picks -n 3 --scores >again
is "--scores writes the new scores, where all are known" '3:"pos_scores":[0.8],"neg_scores":[0.75,0.7,-0.5]' \
	"$(sed 2i. got | grep -no '"[a-z]*_scores":.*\]' | grep -o '^.*_scores.*\]')"
cp got whole
for i in 1 2; do tg-mine negatives -i idx -n 3 --scores --shard $i/2 picked; done >parts 2>err
check_same "shards give the same" whole parts
is "--min-negs counts them" 1 \
	"$(tg-mine negatives -i idx -n 5 --max-score 0.5 --min-negs 3 picked 2>err | grep -c '"code":"few_negatives"')"
answer '-2,-2.05,-2.2,-9,-3,-1'
is "a share of a negative score lies below it" 'null,2:-2.2,4:-3; ' "$(picks -n 3 --take top | cut -d ' ' -f 1) "
answer '0.8,0.78,0.7,0.1,null,0.75' 'null,0.78,0.4,0.75,0.7,-0.5'
is "what has no new score is not picked, and margins need the positive's" 'null,6:0.75,2:0.7,3:0.1; ; ' "$(picks -n 4 --take top)"
is "what has no new score is counted" '"no_score":1' "$(grep -o '"no_score":[0-9]*' got)"
is "without margins the positive needs no score" '1:0.78,4:0.75; ' "$(picks -n 2 --take top --perc-pos 0 | cut -d ' ' -f 2) "
answer '' ''
sed -i 's/"scores":\[\],/"scores":[],"error":{"code":"server_error","message":"no"},/' picked
check_status "pairs without scores pass" 0 tg-mine negatives -i idx --summary sums picked >got 2>err
is "pairs without scores have what they had" '"neg":["kept"],"z" "neg":[null],"dropped" "neg":[],"dropped" ' \
	"$(grep -o '"neg":[^]]*\],"[a-z]*"' got | tr '\n' ' ')"
is "pairs without scores are counted and said" '"records":2 "picked":0 "short":13 "unanswered":2 1' \
	"$(grep -o '"\(records\|picked\|short\|unanswered\)":[0-9]*' sums | tr '\n' ' ')$(grep -c '; 2 got none, as no scores came' sums)"
picks -n 3 >again
check "without --summary that is said at the end" grep -q '2 got none, as no scores came' picks.err
check_same "they are served once" got <(tg-mine negatives -i idx got 2>err)
answer '0.8,0.78' '1,1,1,1,1,1,1'
check_status "scores of another number exit with 1" 1 tg-mine negatives -i idx picked >got 2>err
is "scores of another number end the record in error" 2 "$(grep -c '"code":"bad_response"' got)"
head -n 6 corpus >other
tg-mine index -o other.idx other 2>err
check_status "another index exits with 1" 1 tg-mine negatives -i other.idx answered >got 2>err
is "another index ends the record in error" 2 "$(grep -c '"code":"other_index"' got)"
name=$(sed -n '1s/.*"index":"\([0-9a-f]*\)".*/\1/p' asked)
hostile() { printf '{"query":"q","pos":["p"],"tg":{"response":{"kind":"rescore","scores":[1,0.5]},"mined":{"index":"%s","pos":[%s],"neg":[{"doc":%s,"rank":%s,"score":1}],"by":%s,"dropped":{"near_copy":-5}}}}\n' "$name" "$@"; }
{
	hostile null 1 1 '"bm25"'
	hostile null 99999999999 1 '"bm25"'
	hostile null -1 1 '"bm25"'
	hostile null 1 0 '"bm25"'
	hostile '' 1 1 '"bm25"'
	hostile null 1 1 '"a\"b"'
	hostile null 1 1 7
	echo '{"tg":{"response":{"kind":"rescore"}}}'
	echo '{"query":1,"pos":[],"tg":{"response":{"kind":"rescore","scores":[1]},"mined":{}}}'
} >hostile
check_status "candidates that nobody left exit with 1" 1 tg-mine negatives -i idx hostile >got 2>err
is "candidates that nobody left end their records in error" '1 6 2' \
	"$(grep -c '"rescore":0.5}],"dropped":{},"short":6' got) $(grep -c bad_response got) $(grep -c other_index got)"
printf '{"query":"open the file at a path","pos":["%s","%s"]}\n' 'x = 1 # score=0.5' 'y = 2 # score=0.75' |
	tg-mine negatives -i idx --rescore 5 2>err | tg-llm -q -u "$MOCK_URL" >picked
is "of several positives the least score counts" '4:0.4,3:0.1; ' "$(picks -n 3 --take top)"
is "positives that are no documents have their scores" '"doc":null,"rescore":0.5 "doc":null,"rescore":0.75 ' \
	"$(sed 's/"rank":[0-9]*,"score":[0-9.]*,//g' got | grep -o '"doc":null,"rescore":[0-9.]*' | tr '\n' ' ')"
is "bounds hold for the first scores" 3 "$(tg-mine negatives -i idx --rescore 9 --rank-min 2 --rank-max 4 --perc-pos 0.1 --likeness 1 lines 2>err |
	sed -n '1s/.*"neg":\[null//p' | grep -o '"doc":[0-9]' | wc -l)"
stop_mock
is "no score is paid for twice" 'null,6:0.75,2:0.7; 4:0.75,5:0.7,2:0.4; ' \
	"$(tg-llm -q -u "$MOCK_URL" --cache mine asked >picked && sed -i '/no pair/d' picked && picks -n 3 --take top)"
sed '/no pair/d' lines >pairs
check_status "without -i the second pass finds the first one's documents" 0 tg-mine negatives \
	<(tg-mine negatives --rescore 3 pairs 2>err | sed 's/"request":{[^]]*\]}/"response":{"kind":"rescore","scores":[]}/') >got 2>err
check_status "prefixes need --rescore" 2 tg-mine negatives -i idx --query-prefix x lines
done_testing
