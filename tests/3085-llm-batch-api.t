#!/bin/bash
# tg-llm --batch: files of requests go to a batch API, and the results come back.
export VALGRIND_ONE_IN=4
. tests/lib.sh
cd "$T" || exit 3
export TG_MODEL=m

# requests FILE FROM TO: exports the requests of new records.
requests() {
	asked "$2" "$3" >"$1.in"
	tg-llm --export "$1" <"$1.in" >/dev/null 2>"$1.err"
}
# batch ACTION [OPTION...] FILE...: runs tg-llm --batch at the mock.
batch() { tg-llm --batch "$1" -u "$MOCK_URL" "${@:2}" >out 2>err; }
# ticket FILE JQ: prints a value of its ticket.
ticket() { jq -rc "$2" "$1.batch"; }
# posted PATH: prints how many POSTs of this path the mock has had.
posted() { jq -c --arg p "$1" 'select(.method == "POST" and .path == $p)' "$MOCK_LOG" | wc -l; }
# done_by FILE: prints how many records of the file its results answer.
done_by() {
	local results=("$1.output")
	[ ! -e "$1.errors" ] || results+=("$1.errors")
	tg-llm --import "${results[@]}" <"$1.in" 2>err | grep -c '"response"'
}

# A batch that completes.
start_mock -o batch_polls=2 -o require_key=a-key-of-twenty-letters
export OPENAI_API_KEY=a-key-of-twenty-letters
requests q.jsonl 1 5
check_status "submit exits with 0" 0 batch submit q.jsonl
is "submit says whom the requests go to, and where the batch is" \
	"tg-llm: q.jsonl: 5 requests go to $MOCK_URL as a batch;tg-llm: q.jsonl: batch batch_1 is validating: 0 of 5 requests are answered" \
	"$(paste -sd ';' err)"
is "the file is uploaded as a form that has its purpose" 'multipart/form-data batch' \
	"$(jq -r 'select(.path == "/v1/files") | "\(.headers["content-type"] | sub(";.*"; "")) \(
	.body | capture("name=\"purpose\"\r\n\r\n(?<p>[a-z]*)\r") | .p)"' "$MOCK_LOG")"
is "the uploaded file is the file of requests" "$(cksum <q.jsonl)" "$(curl -sS -H "api-key: $OPENAI_API_KEY" "$MOCK_URL/files/file-1/content" | cksum)"
is "the batch is asked for with its file, its path and its window" \
	'{"input_file_id":"file-1","endpoint":"/v1/chat/completions","completion_window":"24h"}' \
	"$(jq -c 'select(.path == "/v1/batches").body | fromjson' "$MOCK_LOG")"
is "the ticket tells a person what there is" \
	'running batch_1 validating file-1 5 2023-11-14T22:13:20Z 2023-11-15T22:13:20Z' \
	"$(ticket q.jsonl '"\(.step) \(.batch_id) \(.status) \(.input_file_id) \(.requests) \(.created) \(.expires)"')"
is "the ticket goes to stdout as a line" 'q.jsonl batch_1' "$(jq -r '"\(.file) \(.batch_id)"' out)"
check_status "a second submit exits with 0" 0 batch submit q.jsonl
is "a second submit asks for nothing" '1 1' "$(posted /v1/files) $(posted /v1/batches)"
check_status "fetch before the end exits with 0" 0 batch fetch q.jsonl
is "fetch before the end makes no file" 'running in_progress' "$(ticket q.jsonl '"\(.step) \(.status)"'; ls ./*.output 2>/dev/null)"
check_status "poll exits with 0" 0 batch poll q.jsonl
is "poll notes that the batch has ended, and how" 'ended completed 5 2023-11-14T22:14:20Z' \
	"$(ticket q.jsonl '"\(.step) \(.status) \(.counts.completed) \(.ended)"')"
check_status "fetch exits with 0" 0 batch fetch q.jsonl
is "fetch brings the answer to each request" '5 fetched' "$(done_by q.jsonl) $(ticket q.jsonl .step)"
: >"$MOCK_LOG"
batch fetch q.jsonl && batch submit q.jsonl && batch poll q.jsonl && batch cancel q.jsonl
is "what is fetched is asked for no more" '' "$(jq -c .path "$MOCK_LOG")"
rm q.jsonl.output
batch fetch q.jsonl
is "results that were removed are fetched again" 5 "$(done_by q.jsonl)"
is "ticket and results are the user's alone" '600 600' "$(stat -c %a q.jsonl.batch q.jsonl.output | paste -sd ' ')"
is "the key is in no file" '' "$(grep -l "$OPENAI_API_KEY" ./*.jsonl* out err)"
check_status "a key that is refused makes status 4" 4 env OPENAI_API_KEY=another tg-llm --batch submit -u "$MOCK_URL" \
	"$(requests k.jsonl 1 1; echo k.jsonl)" 2>err
check "a key that is refused is told" grep -q 'status 401' err
check_status "a host that --only-host leaves out makes status 2" 2 batch submit --only-host example.org k.jsonl
check "a host that --only-host leaves out is told" grep -q "^tg-llm: $MOCK_URL: is none of the hosts of --only-host" err
unset OPENAI_API_KEY
stop_mock "$MOCK_PID"

# What a batch may end in.
cat >rules <<'END'
{"match":{"substring":"question 3"},"status":400,"body":{"error":{"message":"bad","code":"x"}}}
END
start_mock -s rules -o batch_ends=completed,expired,failed,completed,cancelled -o batch_some=2
for f in a b c d; do requests $f.jsonl 1 4; done
batch submit a.jsonl b.jsonl c.jsonl
is "several files are submitted" 'batch_1 batch_2 batch_3' "$(cat [abc].jsonl.batch | jq -r .batch_id | paste -sd ' ')"
check_status "fetch exits with 1 if a batch has failed" 1 batch fetch a.jsonl b.jsonl c.jsonl
is "a request that failed is in the file of errors" '3 1' "$(wc -l <a.jsonl.output) $(wc -l <a.jsonl.errors)"
is "a request that failed ends its record in an error" '1,2,error,4' "$(tg-llm --import a.jsonl.output a.jsonl.errors <a.jsonl.in 2>err |
	jq -r 'if .tg.error then "error" else .tg.id end' | paste -sd ,)"
is "what an expired batch has answered is fetched" 'expired 2' "$(ticket b.jsonl .status) $(wc -l <b.jsonl.output)"
tg-llm --import b.jsonl.output b.jsonl.errors --export b2.jsonl <b.jsonl.in >b2.jsonl.in 2>err
is "what an expired batch has not answered goes into the next one" '2 3,4' \
	"$(wc -l <b2.jsonl) $(jq -r 'select(.tg.request).tg.id' b2.jsonl.in | paste -sd ,)"
check "a batch that failed is told with its reason" grep -q \
	'^tg-llm: c.jsonl: batch batch_3 is failed: line 1: mock failure of a batch (invalid_json_line)$' \
	<(batch poll c.jsonl; cat err)
check_status "a batch that failed can be submitted again" 0 batch submit c.jsonl
is "the failed one stays in the ticket" 'batch_4 batch_3 invalid_json_line' \
	"$(ticket c.jsonl '"\(.batch_id) \(.earlier[0].batch_id) \(.earlier[0].errors[0].code)"')"
batch fetch c.jsonl
is "the one submitted again is answered" 3 "$(done_by c.jsonl)"
batch submit d.jsonl
check_status "cancel exits with 0" 0 batch cancel d.jsonl
is "cancel says that the batch is being cancelled" cancelling "$(ticket d.jsonl .status)"
batch fetch d.jsonl
is "what a cancelled batch has answered is fetched" 'fetched cancelled 2' "$(ticket d.jsonl '"\(.step) \(.status)"') $(done_by d.jsonl)"
check_status "cancel of a batch that has ended exits with 0" 0 batch cancel d.jsonl
check_status "cancel of a file that was not submitted exits with 0" 0 batch cancel b2.jsonl
check "a file that was not submitted is told" grep -q 'b2.jsonl: no batch of it is known (new)' err
requests e.jsonl 6 7
batch submit e.jsonl
jq '.status = "in_progress" | .step = "running"' e.jsonl.batch >x && mv x e.jsonl.batch
curl -sS "$MOCK_URL/batches/$(ticket e.jsonl .batch_id)" >/dev/null
check_status "cancel of a batch that has ended meanwhile exits with 0" 0 batch cancel e.jsonl
is "cancel takes the end of a batch that has ended meanwhile" ended "$(ticket e.jsonl .step)"
stop_mock "$MOCK_PID"

# Faults on the way. A fault before the deed is tried again; after it, nothing is
# done twice.
# fault NAME RULE: submits and fetches a file at a mock with this rule.
fault() {
	printf '%s\n' "$2" >rules
	start_mock -s rules -o page=1
	rm -f f.jsonl*
	requests f.jsonl 1 3
	for more in 1 2 3; do # other batches, of which the list has a page each
		requests "f$more.jsonl" "$more" "$more" 2>/dev/null
		tg-llm --batch submit -u "$MOCK_URL" "f$more.jsonl" >/dev/null 2>&1
		rm -f "f$more".jsonl*
	done
	n=$(mock_stats .batches)
	check_status "$1: submit exits with 0" 0 batch submit f.jsonl
	check_status "$1: poll exits with 0" 0 batch poll f.jsonl
	check_status "$1: fetch exits with 0" 0 batch fetch f.jsonl
	is "$1: all is answered by one batch" "3 1 0" "$(done_by f.jsonl) $(($(mock_stats .batches) - n)) $(mock_stats .paid_twice)"
	stop_mock "$MOCK_PID"
}
fault "an upload gets 503" '{"match":{"path":"/files","method":"POST","substring":"question 3"},"times":1,"status":503}'
fault "an upload is reset" '{"match":{"path":"/files","method":"POST","substring":"question 3"},"times":1,"reset":true}'
fault "the answer to an upload is lost" '{"match":{"path":"/files","method":"POST","substring":"question 3"},"times":1,"acts":true,"reset":true}'
fault "the request for a batch gets 429" '{"match":{"path":"/batches","method":"POST"},"times":1,"status":429,"headers":{"retry-after-ms":"1"}}'
fault "the request for a batch gets 500" '{"match":{"path":"/batches","method":"POST"},"times":1,"status":500}'
fault "the request for a batch is reset" '{"match":{"path":"/batches","method":"POST"},"times":1,"reset":true}'
fault "a poll gets 502" '{"match":{"path":"/batches/","method":"GET"},"times":1,"status":502}'
fault "a poll brings half an answer" '{"match":{"path":"/batches/","method":"GET"},"times":1,"acts":true,"cut":20}'
fault "a download gets 500" '{"match":{"path":"/content"},"times":1,"status":500}'
fault "a download is cut" '{"match":{"path":"/content"},"times":1,"acts":true,"cut":300}'
fault "a download ends early without an error" '{"match":{"path":"/content"},"times":1,"acts":true,"cut":300,"no_length":true}'
fault "a batch that was made just now gets 404" '{"match":{"path":"/batches/","method":"GET"},"times":1,"status":404}'
fault "results that were written just now get 404" '{"match":{"path":"/content"},"times":1,"status":404}'

# A service that says in words how long to wait.
printf '%s\n' '{"match":{"path":"/batches/","method":"GET"},"times":1,"status":429,"body":{"error":{"message":"slow down: try again in 3s"}}}' >rules
start_mock -s rules
requests w.jsonl 1 3
batch submit w.jsonl
began=${EPOCHREALTIME/[.,]/}
check_status "a poll that is told to wait exits with 0" 0 batch poll w.jsonl
check "a delay that the words of a refusal tell is heeded" [ $((${EPOCHREALTIME/[.,]/} - began)) -ge 2900000 ]
stop_mock "$MOCK_PID"

# A service that has lost the batch, and a file that is cut at the service.
printf '%s\n' '{"match":{"path":"/batches/","method":"GET"},"times":1,"status":404}' \
	'{"match":{"path":"/content"},"acts":true,"cut":700,"no_length":true}' >rules
start_mock -s rules
requests f.jsonl 1 3
rm -f f.jsonl.batch && batch submit f.jsonl
check_status "a batch that is lost makes status 4" 4 batch poll --retries 0 f.jsonl
check "a batch that is lost is told, with what to do" grep -q 'status 404: .*; if the service has lost it, remove f.jsonl.batch, and submit asks, and pays, again' err
check_status "a file that is cut at the service is taken" 0 batch fetch --retries 1000 f.jsonl
check "a file that is cut at the service is told" grep -q '/content: has [12] answers, the last one cut, of 3 that the service counts' err
is "a file that comes twice alike is fetched no more" 2 "$(grep -c '/content"' "$MOCK_LOG")"
check "whole answers of a file that is cut are taken" [ "$(done_by f.jsonl)" -ge 1 ]
stop_mock "$MOCK_PID"

# A completed batch has ended once its files are named: else its answers would be paid twice.
printf '%s\n' '{"match":{"path":"/batches/","method":"GET"},"times":12,"body":{"id":"batch_1","status":"completed","request_counts":{"completed":3}}}' >rules
start_mock -s rules
rm -f f.jsonl.batch && batch submit f.jsonl
check_status "fetch of a batch without files exits with 0" 0 batch fetch f.jsonl
is "a batch without files has not ended" 'running completed' "$(ticket f.jsonl '"\(.step) \(.status)"')"
check "a batch without files is told" grep -q '3 of 3 requests are answered; the service names no file of the answers yet' err
for _ in {2..10}; do batch poll f.jsonl || break; done
is "a batch without files is polled ten times" 10 "$(ticket f.jsonl .unnamed)"
check_status "a batch that stays without files makes status 4" 4 batch poll f.jsonl
check "a batch that stays without files is told, with what to do" grep -q 'names no file of them; .*remove f.jsonl.batch' err
batch poll f.jsonl
check_status "files that are named late are fetched" 0 batch fetch f.jsonl
is "files that are named late have the answers" '3 1' "$(done_by f.jsonl) $(mock_stats .batches)"
stop_mock "$MOCK_PID"

# The answer to the request for a batch is lost: the batch is found in the list.
lost() { # NAME RULE
	printf '%s\n' "$2" >rules
	start_mock -s rules -o page=2
	rm -f g*.jsonl*
	requests g.jsonl 1 3
	check_status "$1: submit exits with 0" 0 batch submit g.jsonl
	check "$1: submit says that the batch was found" grep -q 'batch batch_1 had been made of it' err
	batch fetch g.jsonl
	is "$1: one batch answers all" '1 3 0' "$(mock_stats .batches) $(done_by g.jsonl) $(mock_stats .paid_twice)"
	stop_mock "$MOCK_PID"
}
lost "the answer about a new batch is lost" '{"match":{"path":"/batches","method":"POST"},"times":1,"acts":true,"reset":true}'
lost "a new batch is answered with 500" '{"match":{"path":"/batches","method":"POST"},"times":1,"acts":true,"status":500}'
lost "a new batch is answered with nonsense" '{"match":{"path":"/batches","method":"POST"},"times":1,"acts":true,"cut":5,"no_length":true}'

# Without a list nobody can tell, and no second batch is made.
cat >rules <<'END'
{"match":{"path":"/batches","method":"POST"},"times":1,"acts":true,"reset":true}
{"match":{"path":"/batches","method":"GET"},"times":2,"status":404}
END
start_mock -s rules
requests h.jsonl 1 3
check_status "a lost batch without a list makes status 4" 4 batch submit h.jsonl
check "a lost batch without a list is told, with what to do" grep -q \
	'whether a batch was made of it is not known .*; look at the service for a batch of file-1, and remove h.jsonl.batch if there is none' err
check_status "submit again makes status 4 again" 4 batch submit h.jsonl
is "no second batch is made" '1 creating' "$(mock_stats .batches) $(ticket h.jsonl .step)"
check_status "submit finds the batch once there is a list" 0 batch submit h.jsonl
is "there is still one batch" '1 batch_1' "$(mock_stats .batches) $(ticket h.jsonl .batch_id)"
stop_mock "$MOCK_PID"

# A key of another account sees neither the file nor the batch: nobody can tell.
cat >rules <<'END'
{"match":{"path":"/batches","method":"POST"},"times":1,"acts":true,"reset":true}
{"match":{"path":"/batches","method":"GET"},"times":3,"body":{"data":[]}}
{"match":{"path":"/files/","method":"GET"},"times":1,"status":404}
END
start_mock -s rules
requests h.jsonl 1 3
rm -f h.jsonl.batch
check_status "a list of another account makes status 4" 4 batch submit h.jsonl
check_status "the list of the right account has the batch" 0 batch submit h.jsonl
is "a list of another account leads to no second batch" 1 "$(mock_stats .batches)"
stop_mock "$MOCK_PID"

# SIGKILL at every step: the same command goes on.
# killed NAME RULE PATH: kills a submit that the mock holds at PATH.
killed() {
	printf '%s\n' "$2" >rules
	start_mock -s rules
	rm -f i.jsonl*
	requests i.jsonl 1 3
	tg-llm --batch "${3:-submit}" -u "$MOCK_URL" i.jsonl >out 2>err &
	wait_for held
	kill -9 $!
	wait $! 2>/dev/null
	mock_goes_on
	is "$1: the ticket tells the step" "$4" "$(ticket i.jsonl .step)"
	check_status "$1: submit goes on" 0 batch submit i.jsonl
	batch poll i.jsonl
	check_status "$1: fetch exits with 0" 0 batch fetch i.jsonl
	is "$1: one batch answers all, from one file" '1 3 0' "$(mock_stats .batches) $(done_by i.jsonl) $(mock_stats .paid_twice)"
	is "$1: nothing is left beside the file" 'i.jsonl i.jsonl.batch i.jsonl.err i.jsonl.in i.jsonl.output' "$(echo i.jsonl*)"
}
# held: succeeds if the mock has logged a request that it holds.
held() { grep -q "$hold" "$MOCK_LOG"; }
hold='"path":"/v1/files"'
killed "killed before an upload" '{"match":{"path":"/files","method":"POST"},"times":1,"hold":true}' submit uploading
is "killed before an upload: the file was uploaded once" 1 "$(mock_stats .files | awk '{ print $1 - 1 }')"
stop_mock "$MOCK_PID"
killed "killed after an upload" '{"match":{"path":"/files","method":"POST"},"times":1,"acts":true,"hold":true}' submit uploading
is "killed after an upload: the file was found" 1 "$(mock_stats .files | awk '{ print $1 - 1 }')"
stop_mock "$MOCK_PID"
hold='"method":"POST","path":"/v1/batches"'
killed "killed before a batch" '{"match":{"path":"/batches","method":"POST"},"times":1,"hold":true}' submit creating
stop_mock "$MOCK_PID"
killed "killed after a batch" '{"match":{"path":"/batches","method":"POST"},"times":1,"acts":true,"hold":true}' submit creating
stop_mock "$MOCK_PID"

# killed_later NAME RULE ACTION STEP: kills a poll, fetch or cancel.
killed_later() {
	printf '%s\n' "$2" >rules
	start_mock -s rules
	rm -f j.jsonl*
	requests j.jsonl 1 3
	batch submit j.jsonl
	tg-llm --batch "$3" -u "$MOCK_URL" j.jsonl >out 2>err &
	wait_for held
	kill -9 $!
	wait $! 2>/dev/null
	mock_goes_on
	is "$1: the ticket tells the step" "$4" "$(ticket j.jsonl .step)"
	batch poll j.jsonl
	check_status "$1: fetch exits with 0" 0 batch fetch j.jsonl
	is "$1: one batch answers all" '1 3 0' "$(mock_stats .batches) $(done_by j.jsonl) $(mock_stats .paid_twice)"
	stop_mock "$MOCK_PID"
}
hold='"path":"/v1/batches/batch_1"'
killed_later "killed at a poll" '{"match":{"path":"/batches/","method":"GET"},"times":1,"acts":true,"hold":true}' poll running
hold='/content"'
killed_later "killed at a download" '{"match":{"path":"/content"},"times":1,"acts":true,"hold":true}' fetch ended

# Two at once, and a file that is not as it was.
printf '%s\n' '{"match":{"path":"/batches","method":"POST"},"times":1,"hold":true}' >rules
start_mock -s rules
requests l.jsonl 1 3
requests m.jsonl 1 3
tg-llm --batch submit -u "$MOCK_URL" l.jsonl >/dev/null 2>&1 &
hold='"method":"POST","path":"/v1/batches"'
wait_for held
check_status "a file at which another process is makes status 3" 3 batch submit l.jsonl
check "a file at which another process is, is told" grep -q 'l.jsonl: another tg-llm is at work on it' err
mock_goes_on
wait $!
batch submit m.jsonl
asked 9 9 | tg-llm --export x.jsonl >/dev/null 2>err && mv x.jsonl m.jsonl
check_status "a file that has changed makes status 3" 3 batch submit m.jsonl
check "a file that has changed is told" grep -q 'm.jsonl: it has changed since' err
check_status "a ticket of another service makes status 2" 2 tg-llm --batch poll -u http://127.0.0.1:1/v1 m.jsonl 2>err
check_status "a slash at the end makes no other service" 0 tg-llm --batch poll -u "$MOCK_URL/" m.jsonl 2>err
check_status "a file of servers is refused" 2 tg-llm --batch poll -u @servers m.jsonl 2>err
check "a file of servers is told" grep -q 'name its URL, not a file of servers' err
tg-llm --batch poll -u http://127.0.0.1:1/v1 m.jsonl 2>err
check "a ticket of another service is told, with what to do" grep -q "its ticket is about a batch at $MOCK_URL, not at http://127.0.0.1:1/v1; name that service with -u" err
rm l.jsonl.batch && mkfifo l.jsonl.batch
check_status "a ticket that is a pipe makes status 3" 3 timeout 60 tg-llm --batch poll -u "$MOCK_URL" l.jsonl 2>err
check "a ticket that is a pipe is told" grep -q 'l.jsonl.batch: is no regular file' err
rm l.jsonl.batch
echo '{"step":"running"}' >l.jsonl.batch
check_status "a ticket that is none makes status 3" 3 batch submit l.jsonl
check "a ticket that is none is told" grep -q 'l.jsonl.batch: is not what tg-llm has written there' err
jq -nc '{step: "running", service: env.MOCK_URL, upload_name: "x", input_file_id: "../../x", batch_id: "../models?x=#"}' >l.jsonl.batch
: >"$MOCK_LOG"
check_status "an id that is a path makes status 4" 4 batch poll --retries 0 l.jsonl
is "an id stays one part of the URL" '/v1/batches/..%2Fmodels%3Fx%3D%23' "$(jq -r .path "$MOCK_LOG")"

# Files that a service would refuse hours later.
printf '%s\n' '{"custom_id":"1","url":"/v1/x","body":{"model":"m"}}' '{"custom_id":"2","url":"/v1/x","body":{"model":"n"}}' >two
check_status "a file of two models is refused" 3 batch submit two
check "a file of two models is told" grep -q 'two:2: it is for another model' err
printf '%s\n' '{"custom_id":"1","url":"/v1/x","body":{}}' '{"custom_id":"1","url":"/v1/x","body":{}}' >two
check_status "a custom_id that stands there twice is refused" 3 batch submit two
printf '%s\n' '{"custom_id":"1","url":"/v1/x","body":{}}' 'torn' >two
check_status "a line that is no request is refused" 3 batch submit two
check "a line that is no request is told" grep -q '^tg-llm: two:2: ' err
requests n.jsonl 1 3
requests big.jsonl 1 9
check_status "a file over the number of requests is refused" 3 batch submit --export-max 2 n.jsonl
check "a file over the number of requests is told" grep -q 'has 3 requests, and a service takes 2; export it again with a lower --export-max' err
check_status "a file over the number of bytes is refused" 3 batch submit --export-bytes 1000 big.jsonl
check "a file over the number of bytes is told" grep -q 'a service takes 1000; export it again with a lower --export-bytes' err
: >empty
check_status "an empty file is refused" 3 batch submit empty
check_status "a folder is refused" 3 batch submit .
is "no file that is refused gets a ticket" '' "$(ls two.batch n.jsonl.batch big.jsonl.batch empty.batch 2>/dev/null)"
for wrong in '' '--export x q.jsonl' '--import q.jsonl' '--dry-run q.jsonl' '--stats x q.jsonl' \
	'-u http://b/v1 q.jsonl' '--max-tokens-total 9 q.jsonl'; do
	# shellcheck disable=SC2086
	check_status "--batch poll $wrong is refused" 2 batch poll $wrong
done
stop_mock "$MOCK_PID"

# A full disk, an address where nobody listens, and a signal.
start_mock
requests o.jsonl 1 400
batch submit o.jsonl
(ulimit -f 40 && exec tg-llm --batch fetch -u "$MOCK_URL" o.jsonl >out 2>err)
is "a full disk makes status 3 and leaves no results" '3 ended' "$? $(ls o.jsonl.output* 2>/dev/null)$(ticket o.jsonl .step)"
batch fetch o.jsonl
is "a fetch after a full disk brings all" 400 "$(done_by o.jsonl)"
stop_mock "$MOCK_PID"
requests p.jsonl 1 1
check_status "nobody listens: status 4" 4 tg-llm --batch submit --retries 0 -u http://127.0.0.1:1/v1 p.jsonl 2>err
is "nobody listens: the ticket tells the step" uploading "$(ticket p.jsonl .step)"
printf '%s\n' '{"match":{"path":"/batches","method":"POST"},"times":1,"hold":true}' >rules
start_mock -s rules
rm p.jsonl.batch
hold='"method":"POST","path":"/v1/batches"'
tg-llm --batch submit -u "$MOCK_URL" p.jsonl >out 2>err &
wait_for held
kill -TERM $!
wait $! 2>/dev/null
is "SIGTERM ends a submit, and the ticket tells the step" '143 creating' "$? $(ticket p.jsonl .step)"
mock_goes_on
stop_mock "$MOCK_PID"

# Azure: below /openai with an api-version, or v1; its key; a file that is pending.
export AZURE_OPENAI_API_KEY=azure-key-of-twenty-letters
start_mock -o file_pending=2 -o require_key="$AZURE_OPENAI_API_KEY"
export AZURE_OPENAI_ENDPOINT=$MOCK_BASE
asked 1 3 >r.jsonl.in
tg-llm --provider azure -m D --export r.jsonl <r.jsonl.in >/dev/null 2>err
check_status "Azure: submit exits with 0" 0 env OPENAI_API_VERSION=2024-10-21 tg-llm --provider azure -m D --batch submit r.jsonl >out 2>err
check_status "Azure: fetch exits with 0" 0 env OPENAI_API_VERSION=2024-10-21 tg-llm --provider azure -m D --batch fetch r.jsonl >out 2>err
is "Azure: paths and versions" '/openai/batches api-version=2024-10-21,/openai/batches/batch_1 api-version=2024-10-21,/openai/files api-version=2024-10-21,/openai/files/file-1 api-version=2024-10-21,/openai/files/file-2/content api-version=2024-10-21' \
	"$(jq -r '"\(.path) \(.query)"' "$MOCK_LOG" | sort -u | paste -sd ,)"
is "Azure: the key goes in its own header" 'true' "$(jq -s 'all(.headers["api-key"] and (.headers.authorization | not))' "$MOCK_LOG")"
is "Azure: the path is that of the requests" /chat/completions "$(jq -r 'select(.method == "POST" and .path == "/openai/batches").body | fromjson.endpoint' "$MOCK_LOG")"
is "Azure: the results answer the records" 3 "$(TG_MODEL=D tg-llm --provider azure --import r.jsonl.output <r.jsonl.in 2>err | grep -c '"response"')"
: >"$MOCK_LOG"
rm r.jsonl.batch
tg-llm --provider azure -m D --batch submit r.jsonl >out 2>err
is "Azure's v1 has no version" '/openai/v1/batches,/openai/v1/files,/openai/v1/files/file-3' \
	"$(jq -r '"\(.path)\(.query)"' "$MOCK_LOG" | sort -u | paste -sd ,)"
stop_mock "$MOCK_PID"
unset AZURE_OPENAI_API_KEY AZURE_OPENAI_ENDPOINT

# A service that sends a key back, or characters that a terminal obeys.
export OPENAI_API_KEY=a-key-of-twenty-letters
cat >rules <<'END'
{"match":{"path":"/batches/","method":"GET"},"body":"{\"id\":\"batch_1\",\"status\":\"failed\",\"errors\":{\"data\":[{\"code\":\"\\u001b[31m\",\"message\":\"a-key-of-twenty-letters\",\"line\":1}]},\"output_file_id\":\"file-1\"}"}
{"match":{"path":"/content"},"body":"{\"custom_id\":\"a-key-of-twenty-letters\"}\n"}
END
start_mock -s rules
requests s.jsonl 1 1
batch submit s.jsonl
batch fetch s.jsonl
is "a key that comes back is blanked in ticket, results and messages" '' "$(grep -l "$OPENAI_API_KEY" s.jsonl* out err)"
is "a key that comes back is blanked where it stands" '{"custom_id":"***********************"}' "$(cat s.jsonl.output)"
is "no message has a control character" '' "$(grep -P '[\x00-\x08\x0e-\x1f]' err)"
check "the mock server stops without a fault" stop_mock
done_testing
