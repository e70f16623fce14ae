#!/bin/bash
# A kept connection that the server has closed costs no attempt, however often.
. tests/lib.sh
cat >"$T/server.py" <<'END'
# Answer one request a connection and promise to keep it; close it at the second.
import socket, sys, threading
body = b'{"choices":[{"finish_reason":"stop","message":{"content":"fine"}}]}'
answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
def request(f):
    n = 0
    while True:
        line = f.readline()
        if line in (b"\r\n", b""):
            break
        if line.lower().startswith(b"content-length:"):
            n = int(line.split(b":")[1])
    return f.read(n)
def serve(c):
    f = c.makefile("rb")
    if request(f):
        c.sendall(answer)
        f.readline()
    f.close()
    c.close()
s = socket.create_server(("127.0.0.1", 0))
with open(sys.argv[1], "w") as f:
    print(s.getsockname()[1], file=f)
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
END
python3 "$T/server.py" "$T/port" &
wait_for has_lines 1 "$T/port"
asked 1 40 >"$T/in"
check_status "a run with 40 requests, each on a connection that dies under the next, exits with 0" 0 \
	tg-llm -u "http://127.0.0.1:$(cat "$T/port")/v1" -m m --dialect generic -j 1 --retries 0 \
	"$T/in" >"$T/out"
is "all 40 records are answered" 40 "$(grep -c '"text":"fine"' "$T/out")"
done_testing
