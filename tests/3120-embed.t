#!/bin/bash
# tg-llm --embed: the vectors of texts, as rows of a file.
. tests/lib.sh
cd "$T" || exit 3
export TG_MODEL=m

# rows NAME FILE TEXTS [PREFIX]: notes that the rows of a file have to be the vectors that
# the mock gives to the lines of a file of texts; "-" stands for a row of zeros. compare
# looks at all that was noted, as Python takes long to start.
noted=0
rows() {
	noted=$((noted + 1))
	cp "$2" "$noted.npy" && cp "$3" "$noted.texts"
	printf '%s\t%s\t%s\n' "$noted" "${4:-}" "$1" >>noted
}
compare() {
	python3 - 2>&1 <<-'END'
		import ast, hashlib, struct
		for line in open("noted"):
		    number, prefix, name = line.rstrip("\n").split("\t")
		    texts = open(number + ".texts", encoding="utf-8").read().split("\n")[:-1]
		    good, got, dims = False, [], 0
		    try:
		        b = open(number + ".npy", "rb").read()
		        n = struct.unpack("<H", b[8:10])[0]
		        head, b = ast.literal_eval(b[10:10 + n].decode()), b[10 + n:]
		        rows, dims = head["shape"]
		        good = head["descr"] == "<f4" and not head["fortran_order"] and rows == len(texts)
		        got = struct.unpack("<%df" % (rows * dims), b)
		    except (OSError, struct.error):
		        pass
		    want = []
		    for text in texts:
		        h = hashlib.sha256((prefix + text).encode()).digest()
		        want += [0.0 if text == "-" else (h[k % 32] - 128) / 128 for k in range(dims)]
		    print("%s\t%s" % (name, good and list(got) == want))
	END
}
# embed IN [OPTION]...: writes o.npy, out and err.
embed() {
	local in=$1
	shift
	rm -f o.npy
	tg-llm -q -u "$MOCK_URL" --embed text --vectors o.npy "$@" <"$in" >out 2>err
}
# lines FROM TO: records with a text each.
lines() { seq "$1" "$2" | sed 's/.*/{"text":"text &"}/'; }
calls() { grep -c '"path":"/v1/embeddings"' "$MOCK_LOG"; }

cat >in <<'END'
{"text":"one","n":1.50}
{"tg":{"error":{"tool":"x","code":"y","message":"z"}},"text":"two"}
{"query":"no text"}
{"text":"d\u00e9j\u00e0 \"vu\"","pos":["p"],"tg":{"request":{"kind":"generate","messages":[{}]}}}
{"text":7}
{"text":"one"}
END
printf '%s\n' one two - 'déjà "vu"' - one >texts
start_mock
check_status "--embed exits with 0" 0 embed in --embed-batch 2
check_same "--embed passes every line to the byte, whatever its state" in out
rows "row i is the vector of line i, and zeros where a line has no text" o.npy texts
is "--embed says how many rows there are, and how many are zeros" \
	"tg-llm: o.npy: 6 rows of 8 floats
tg-llm: o.npy: 2 rows of zeros, for lines without a text in \"text\"" "$(cat err)"
is "--embed sends texts, model and form, several texts a request" \
	'{"input":["one","two"],"model":"m","encoding_format":"base64"}' \
	"$(jq -c 'select(.body != "").body' "$MOCK_LOG" | head -n 1)"
check "nothing but the whole file is left" test ! -e o.npy.tmp

lines 1 400 >many
lines 1 400 | sed 's/.*:"\(.*\)"}/\1/' >many.texts
check_status "many lines in many requests exit with 0" 0 embed many --embed-batch 3 -j 8
rows "many vectors each have their row" o.npy many.texts
check_same "many lines pass in order" many out
: >"$MOCK_LOG"
check_status "a prefix exits with 0" 0 tg-llm -q -u "$MOCK_URL" --embed 'text=query: ' --vectors o.npy <many >out 2>err
rows "a prefix stands before each text" o.npy many.texts 'query: '
is "32 texts go into a request" 13 "$(calls)"
printf '{"pos":["a","b"],"text":"t"}\n{"pos":"c"}\n{"pos":[]}\n{"pos":[1,"d"]}\n' >pos
check_status "a list of texts exits with 0" 0 tg-llm -q -u "$MOCK_URL" --embed pos --vectors o.npy pos
printf '%s\n' a b c - d >texts
rows "a list has a row for each of its texts" o.npy texts
: >"$MOCK_LOG"
printf '{"text":"same"}\n%.0s' 1 2 3 4 >same
embed same
is "a text that is in a request already is sent once" '["same"]' "$(jq -c 'select(.body != "").body.input' "$MOCK_LOG")"
printf 'same\nsame\nsame\nsame\n' >texts
rows "each line with that text has the vector" o.npy texts

# The cache, by text.
: >"$MOCK_LOG"
lines 1 50 >some
check_status "--cache exits with 0" 0 embed some --cache c
is "texts of a cold cache are asked" 2 "$(calls)"
lines 41 60 >other
check_status "another file exits with 0" 0 embed other --cache c --embed-batch 7
is "a text that was paid for is not asked again, whatever is asked with it" \
	"$(lines 51 60 | jq -r .text)" "$(sed 1,3d "$MOCK_LOG" | jq -r 'select(.body != "").body.input[]' | tail -n 10)"
is "that many texts were sent in all" 60 "$(jq -r 'select(.body != "").body.input[]' "$MOCK_LOG" | wc -l)"
sed -n 41,60p many.texts >texts
rows "rows from the cache equal those from a server" o.npy texts
stop_mock
check_status "what the cache has needs no server" 0 embed some --cache c
head -n 50 many.texts >texts
rows "all rows come from the cache" o.npy texts
is "--dry-run counts texts, the cache's and requests" '[60,50,1]' \
	"$(tg-llm --dry-run --cache c --embed text <(lines 11 70) 2>err | jq -c '[.requests.embed, .answered_by_cache, .calls]')"
is "--dry-run says so" "tg-llm: 60 texts, 50 of them answered in the cache; about 30 tokens in of 1 requests or more" \
	"$(cat err)"

# No server, a kill and a run that goes on.
check_status "a server that is not there exits with 4" 4 embed many --retries 0
check "without a server no file is made" test ! -e o.npy -a ! -e o.npy.tmp
check "it is said that there is none" grep -q '^tg-llm: o.npy: not written, as not every line' err
echo '{"match":{"substring":"text 200\""},"hold":true}' >script
start_mock -s script
rm -f o.npy
tg-llm -q -u "$MOCK_URL" --embed text --vectors o.npy --cache k -j 1 --embed-batch 10 <many >out 2>err &
pid=$!
held() { grep -q '"text 200"' "$MOCK_LOG"; }
wait_for held
kill -9 "$pid"
wait "$pid" 2>/dev/null
check "a run that is killed leaves no file of that name" test ! -e o.npy
stop_mock
start_mock
check_status "the same command goes on" 0 embed many --cache k -j 1 --embed-batch 10
rows "the vectors are whole after a kill" o.npy many.texts
is "only what was not answered is asked after a kill" 21 "$(calls)"

# Other servers: lists of numbers, and a form that is not known.
stop_mock
cat >script <<'END'
{"match":{"substring":"encoding_format"},"status":400,"body":{"error":{"message":"Unrecognized request argument supplied: encoding_format","type":"invalid_request_error","param":null,"code":null}}}
END
start_mock -s script
check_status "a server that does not know the form exits with 0" 0 embed some
rows "lists of numbers give the same rows" o.npy texts
one=$MOCK_URL
start_mock
check_status "two servers exit with 0" 0 embed many -u "$one" -j 8 --embed-batch 5
rows "two servers fill the same rows" o.npy many.texts

# Replies that are wrong are asked again, or fail.
fault() { # NAME RULE
	stop_mock
	echo "$2" >script
	start_mock -s script
	check_status "$1, once: exits with 0" 0 embed few --retries 2
	rows "$1, once: the rows are right" o.npy few.texts
}
lines 1 3 >few
head -n 3 many.texts >few.texts
fault "a reply with fewer vectors than texts" '{"times":1,"choices":2}'
fault "status 500" '{"times":1,"status":500}'
fault "an index twice" '{"times":1,"body":{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]},{"index":1,"embedding":[1]}]}}'
fault "a vector of NaN" '{"times":1,"body":{"data":[{"index":0,"embedding":"AADAfw=="},{"index":1,"embedding":"AADAfw=="},{"index":2,"embedding":"AADAfw=="}]}}'
fault "a number too large for a float" '{"times":1,"body":{"data":[{"embedding":[1e39]},{"embedding":[1]},{"embedding":[1]}]}}'
fault "a vector of no floats" '{"times":1,"body":{"data":[{"embedding":[]},{"embedding":[]},{"embedding":[]}]}}'
stop_mock
echo '{"match":{"substring":"text 3"},"dims":9}' >script
start_mock -s script
check_status "vectors of another number of floats exit with 1" 1 embed few --retries 0 --embed-batch 1 -j 1
is "the line fails" '[null,null,"bad_reply"]' "$(jq -sc 'map(.tg.error.code)' out)"
check "the message has both numbers" grep -q 'a vector has 9 floats, and one before it had 8' err
printf '%s\n' 'text 1' 'text 2' - >texts
rows "its row is zeros" o.npy texts

# Texts that are too long.
stop_mock
start_mock -o ctx=100 -o api=openai
long=$(printf 'word%.0s ' {1..200})
{ lines 1 9 && printf '{"text":"%s"}\n' "$long" && lines 10 20; } >in
{ head -n 9 many.texts && echo - && sed -n 10,20p many.texts; } >texts
check_status "a text that is too long exits with 1" 1 embed in --embed-batch 32
rows "all other texts have their vectors" o.npy texts
is "only that line ends in error" '{"context_overflow":1,"null":20}' \
	"$(jq -sc 'map(.tg.error.code | tostring) | group_by(.) | map({(.[0]): length}) | add' out)"
check "the zeros are told" grep -q '1 row of zeros, for texts that have no vector' err
stop_mock
cat >script <<'END'
{"match":{"substring":"\",\"text"},"status":422,"body":{"error":"batch size 8 > maximum allowed batch size 1","error_type":"Validation"}}
END
start_mock -s script
check_status "a server that takes one text a request exits with 0" 0 embed few --embed-batch 8
rows "texts that are asked in halves have their vectors" o.npy few.texts
stop_mock
echo '{"status":400,"body":{"error":{"message":"this model makes no embeddings"}}}' >script
start_mock -s script
check_status "a server that refuses all exits with 4" 4 embed many
check "it is not asked for each text" test "$(calls)" -lt 300
check "what it says is shown" grep -q 'stopped: .*this model makes no embeddings' err
stop_mock
echo '{"usage":{"prompt_tokens":5}}' >script
start_mock -s script
check_status "a server that cuts texts exits with 0" 0 embed in --embed-batch 1
check "that a server seems to have cut texts is said" grep -q 'so few tokens for 1 text that it seems' err

# Cost and statistics; options.
check_status "statistics exit with 0" 0 embed few --stats stats --price-in 1000000
is "texts in cost money, vectors none" '[3,3,5,0,5]' \
	"$(jq -c '[.records, .answered, .prompt_tokens, .completion_tokens, .cost]' stats)"
check_status "--vectors alone is refused" 2 tg-llm --vectors o.npy in
check_status "--embed alone is refused" 2 tg-llm --embed text in
check_status "--embed with --export is refused" 2 tg-llm --embed text --vectors o.npy --export x in
check_status "a file of vectors that is no file is refused" 2 tg-llm -u "$MOCK_URL" --embed text --vectors /dev/null in
check_status "an input is not written over" 2 tg-llm --embed text --vectors in in
limited() { (ulimit -f 4 && embed "$@"); }
check_status "a full disk exits with 3" 3 limited many
check "a full disk leaves no file" test ! -e o.npy -a ! -e o.npy.tmp
: >none
check_status "an empty input exits with 1" 1 embed none
check "an empty input makes no file" test ! -e o.npy -a ! -e o.npy.tmp

compare >compared
while IFS=$'\t' read -r name good; do
	is "$name" True "$good"
done <compared
is "all files were compared" "$noted" "$(wc -l <compared)"
done_testing
