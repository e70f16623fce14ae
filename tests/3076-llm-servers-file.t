#!/bin/bash
# tg-llm -u @FILE: servers that a file names, which come and go during a run.
# shellcheck source=tests/lib.sh
. tests/lib.sh
cd "$T" || exit 3

llm() {
	tg-llm -q -m m --dialect generic -u @servers --stats stats "$@"
}
# name URL...: makes the file name these servers, whole at any moment.
name() {
	printf '%s\n' "$@" >servers.new && mv servers.new servers
}
answered() { grep -c '"response"' out; }
told() { grep -q "$1" err; }

asked 1 40 >few
asked 1 400 >in
start_mock
one=$MOCK_URL onepid=$MOCK_PID onelog=$MOCK_LOG
start_mock
two=$MOCK_URL twopid=$MOCK_PID twolog=$MOCK_LOG

printf '\xef\xbb\xbf# servers\r\n\r\n  %s \t# the first\r\n%s#none\n%s' "$one" "$two" "$two" >servers
check_status "a file with a line that is no address is refused" 2 llm few >out 2>err
check "the message names the file and the line" told '^tg-llm: servers:4: '
is "a refused file sends nothing" "0 0" "$(wc -l <"$onelog") $(wc -l <"$twolog")"
printf '\xef\xbb\xbf# servers\r\n\r\n  %s \t# the first\r\n%s\n%s' "$one" "$two" "$two" >servers
check_status "a run with a file of two servers exits with 0" 0 llm few >out 2>err
is "a byte order mark, comments, blank lines and repeats do no harm" "40 2" \
	"$(answered) $(jq '.endpoints | length' stats)"
check "both servers of the file are asked" [ "$(wc -l <"$onelog")" -gt 0 ] && [ "$(wc -l <"$twolog")" -gt 0 ]
name "$one" "$one/" "$two//"
check_status "addresses with slashes at their ends are fine" 0 llm few >out 2>err
is "an address with a slash at its end is the same server" "40 2" "$(answered) $(jq '.endpoints | length' stats)"
name "$two"
check_status "a file and a URL go together" 0 llm -u "$one" few >out 2>err
is "the file adds to the URL" 2 "$(jq '.endpoints | length' stats)"
is "--print-model asks a server of the file" mock-model "$(tg-llm -u @servers --print-model)"
is "--print-servers names a file that is not there yet" $'m\nthe servers that later will name, model m' \
	"$(tg-llm -m m -u @later --print-servers)"
mkdir folder && mkfifo pipe
for line in 'http://name:pass/word@127.0.0.1:1/v1' 'name:pass/word@host/v1'; do
	echo "$line" >servers
	check_status "a password in an address is refused" 2 llm few >out 2>err
	check "the message shows no password" told '^tg-llm: servers:1: [^w]*@'
done
printf '%s\0\n' "$one" >servers
check_status "an address with a NUL byte is refused" 2 llm few >out 2>err
check "the message names the NUL byte" told '^tg-llm: servers:1: a NUL byte'
check_status "a folder in place of the file is refused" 2 tg-llm -m m -u @folder few >out 2>err
check_status "a pipe in place of the file is refused" 2 tg-llm -m m -u @pipe few >out 2>err
check_status "-u @ without a file is refused" 2 tg-llm -m m -u @ few >out 2>err
check "-u @ says what is missing" told '@.*name a file'
{ yes '# filling' | head -n 40000; } >servers
check_status "a file that is too large is refused" 2 llm few >out 2>err

# The file comes later than the run.
for file in missing empty; do
	rm -f servers err
	[ $file = missing ] || : >servers
	llm few >out 2>err &
	pid=$!
	wait_for told '^tg-llm: servers: names no server that answers yet; waiting for one for up to 1800 s'
	ok "a run says that it waits while the file is $file"
	name "$one"
	check "a file that is $file at first is waited for" wait $pid
	is "all is answered once a file is there that was $file" "40 1" "$(answered) $(wc -l <err)"
done
rm servers
check_status "a file that does not come in --retry-time makes status 4" 4 llm --retry-time 2 few >out 2>err
check "the message says that the file names no server" told 'stopped: servers: names no server, for 2 s (--retry-time)'
for dialect in generic auto; do
	name http://127.0.0.1:1/v1
	rm err
	llm --dialect $dialect --retries 1 few >out 2>err &
	pid=$!
	wait_for told 'tg-llm: servers: names no server that answers yet\|waiting, trying again'
	name "$one"
	check "a file that names a dead server at first is read again (dialect $dialect)" wait $pid
	is "all is answered by the server that the file names later (dialect $dialect)" 40 "$(answered)"
done

# The server dies, and another one is there in its place.
name "$one"
start_mock -o latency_ms=20
three=$MOCK_URL
name "$three"
rm err
llm -j 8 --retries 1 in >out 2>err &
pid=$!
wait_for asked_over 100
kill -9 "$MOCK_PID"
wait_for told 'connect'
name "$two"
check "a server that moved is found by the file" wait $pid
is "no record fails as the server moves" 400 "$(answered)"
is "messages say who joins and who leaves" \
	"tg-llm: $two: joins, as servers names it/tg-llm: $three: leaves, as servers names it no more" \
	"$(grep ': joins' err)/$(grep ': leaves' err)"
is "the statistics have both servers" "$three $two" "$(jq -r '[.endpoints[].url] | join(" ")' stats)"
is "the server that left is down no longer than until then" true \
	"$(jq '.endpoints[0].down_seconds < .seconds and .endpoints[0].down_seconds > 0' stats)"

# A server joins, and one leaves, while all serve: some requests are held meanwhile.
printf '%s\n' '{"match":{"substring":"question 1\""},"hold":true}' >s
start_mock -s s
held=$MOCK_URL heldpid=$MOCK_PID heldlog=$MOCK_LOG
name "$held"
mkfifo fed
llm -j 4 --unordered fed >out 2>err &
pid=$!
exec 7>fed
head -n 20 in >&7
wait_for has_lines 19 out
name "$held" "$two" http://127.0.0.1:1/v1
wait_for told "$two: joins"
ok "a server joins while another serves"
n=$(wc -l <"$twolog")
sed -n 21,60p in >&7
wait_for has_lines 59 out
check "a server that joined gets work" [ "$(wc -l <"$twolog")" -gt "$n" ]
: >servers
sleep 3 # one is away, so the file is read every second
check "an empty file changes nothing" [ "$(wc -l <err)" -eq 2 ]
printf '%s\n' "$two" 'http://127.0.0.1:1/chat/completions' 'not a server' >servers
wait_for told "$held: leaves"
ok "a server leaves while another serves"
check "a line that will not do is told of" told '^tg-llm: servers:2: '
n=$(wc -l <"$heldlog")
sed -n 61,100p in >&7
wait_for has_lines 99 out
is "a server that left gets no more requests" "$n" "$(wc -l <"$heldlog")"
kill -USR1 "$heldpid"
exec 7>&-
check "the request at the server that left is waited for" wait $pid
is "it is answered there" "100 1" "$(answered) $(jq -s 'map(select(.tg.id == "1") | .tg.response.attempts) | add' out)"
is "bad lines are told of once" 1 "$(grep -c 'servers:2' err)"

# Many that come and go: more than there is room for.
start_mock
live=$MOCK_URL
printf '%s\n' '{"match":{"substring":"question 1\""},"hold":true}' >s
start_mock -s s
held=$MOCK_URL heldpid=$MOCK_PID
name "$held"
llm -j 4 --unordered fed >out 2>err &
pid=$!
exec 7>fed
head -n 20 in >&7
wait_for has_lines 19 out
for round in 1 2 3; do
	{
		echo "$held" && seq 500 | sed "s|.*|http://127.0.0.1:1/$round/&|"
	} >servers.new && mv servers.new servers
	wait_for told "/$round/500: joins"
done
ok "endpoints that left give their places to others"
name "$live"
wait_for told "$live: joins"
kill -USR1 "$heldpid"
exec 7>&-
check "a run goes on that 1500 servers have joined" wait $pid
is "all is answered after 1500 servers have joined" 20 "$(answered)"

# Through the scripts.
name "$one"
seq 6 | jq -c '{text: "def f\(.)(x):\n    return x + \(.)\n"}' >code
before=$(wc -l <"$onelog")
check_status "tg-run -u @FILE exits with 0" 0 tg-run -t code_summary_retrieval -u @servers code -q >out
is "tg-run -u @FILE gives all triplets" 6 "$(wc -l <out)"
check_status "tg-run takes a file for the judge, too" 0 tg-run -t code_summary_retrieval -u @servers \
	--judge-url @servers code -q >out
check "tg-run asked the server of the file" [ "$(wc -l <"$onelog")" -ge $((before + 24)) ]
check_status "tg-fan-out tg-run -u @FILE exits with 0" 0 tg-fan-out -j 2 -N 3 \
	tg-run -t code_summary_retrieval -u @servers -q <code >out
is "tg-fan-out tg-run -u @FILE gives all triplets" 6 "$(wc -l <out)"
OPENAI_BASE_URL=@servers tg-llm -m m few >out 2>err
is "OPENAI_BASE_URL may name a file" 40 "$(answered)"
start_mock -o require_key=sk-0123456789abcdef0123456789
name "$MOCK_URL"
OPENAI_API_KEY=sk-0123456789abcdef0123456789 OPENAI_BASE_URL=@servers tg-llm -m m few >out 2>err
is "a server on this machine that a file names gets the key" 40 "$(answered)"
name http://192.0.2.1:8000/v1 "$MOCK_URL"
check_status "--only-host refuses a server of the file" 2 llm --only-host 127.0.0.1 few >out 2>err
check "the message names the line" told '^tg-llm: servers:1: .*--only-host'
name "$MOCK_URL"
OPENAI_API_KEY=sk-0123456789abcdef0123456789 llm -j 1 --unordered --only-host 127.0.0.1 fed >out 2>err &
pid=$!
exec 7>fed
head -n 5 in >&7
wait_for has_lines 5 out
name http://192.0.2.1:8000/v1 "$MOCK_URL"
wait_for told '^tg-llm: servers:1: .*--only-host'
ok "--only-host refuses a server that would join"
exec 7>&-
check "the run goes on without it" wait $pid
kill "$onepid" "$twopid"
done_testing
