#!/bin/bash
# tg-demo, with a server that stands in for the model.
# shellcheck disable=SC2031
export VALGRIND_ONE_IN=20
. tests/lib.sh
top=$PWD
command -v python3 >"$T/out" || skip_all "no python3"
make -s install PREFIX="$T/usr" B="$TG_BUILD" BIN="$TG_BIN" >"$T/out" 2>&1 ||
	bail_out "make install failed"
cd "$T" || exit 3
export PATH=$T/usr/bin:${PATH#"$TG_BIN":} HOME=$T/home TG_DEMO_DIR="$T/the demo" FAKE=$T/fake
mkdir home fake "$TG_DEMO_DIR" "$TG_DEMO_DIR/venv" "$TG_DEMO_DIR/venv/bin"

# What an installation leaves, with a module in place of llama.cpp's. It loads as long as
# $FAKE/hold is there, and fails if $FAKE/fail is.
cat >fake/xllamacpp.py <<'END'
import http.server, json, os, sys, threading, time

class CommonParams:
    def __init__(self):
        self.model = type("Model", (), {})()

class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer({"data": [{"id": "qwen2.5-coder-1.5b-instruct"}]})

    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open(os.environ["FAKE"] + "/asked", "a") as f:
            f.write(asked + "\n")
        text = "1" if "Your digit:" in asked else "about " + str(hash(asked))
        self.answer({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})

    def log_message(self, *args):
        pass

class Server:
    def __init__(self, params):
        fake = os.environ["FAKE"]
        while os.path.exists(fake + "/hold"):
            time.sleep(0.02)
        if os.path.exists(fake + "/fail"):
            sys.exit("not enough memory")
        http = __import__("http.server").server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=http.serve_forever, daemon=True).start()
        self.listening_address = "http://127.0.0.1:%d" % http.server_port
END
cat >"$TG_DEMO_DIR/venv/bin/python" <<'END'
#!/bin/bash
export PYTHONPATH=$FAKE PYTHONDONTWRITEBYTECODE=1
exec -a "$0" python3 "$@"
END
chmod +x "$TG_DEMO_DIR/venv/bin/python"
(
	dir=$TG_DEMO_DIR
	# shellcheck source=pipelines/tg-demo.bash
	. "$top/pipelines/tg-demo.bash"
	echo model >"$gguf"
	echo "$server $model_sha" >"$dir/verified"
)
trap 'tg-demo stop' TERM INT

check_status "without a server, status exits with 4" 4 tg-demo status 2>err
check "status says how to start one" grep -qx 'tg-demo: no server runs; tg-demo start starts one' err
check_status "without a server, env exits with 4" 4 tg-demo env >out 2>err
check_fail "what env prints without a server fails" eval "$(cat out)"
check_status "stop ends nothing where nothing runs" 0 tg-demo stop 2>err
check_status "a word that is no command is refused" 2 tg-demo begin 2>err
check_status "a life that is no number is refused" 2 tg-demo start -l soon 2>err

# Two shells start at once.
touch fake/hold
tg-demo start -l 7 2>err1 &
one=$!
wait_for grep -q ^pid= "$TG_DEMO_DIR/server"
tg-demo start 2>err2 &
two=$!
check_status "status of a loading server exits with 4" 4 tg-demo status 2>err
check "status says that the server is loading" grep -q 'is loading its model, pid [0-9]' err
wait_for grep -q 'loading .*, 5 s' err1
rm fake/hold
wait "$one"
is "the first start exits with 0" 0 $?
wait "$two"
is "a start at the same time exits with 0" 0 $?
is "both starts find one server" "$(grep -o 'http://[^ ]*' err1)" "$(grep -o 'http://[^ ]*' err2)"
check "start says how long the server lives and how it ends" \
	grep -q 'until [0-9:]*, for 7 more minutes; tg-demo stop ends it' err1
check_status "status of a server exits with 0" 0 tg-demo status >out 2>err
is "status names url, model, pid and life" 'url model pid runs' "$(awk '{ print $1 }' out | paste -sd ' ')"
check "the pid is that of the server" kill -0 "$(awk '$1 == "pid" { print $2 }' out)"
eval "$(tg-demo env)"
is "env names the model" qwen2.5-coder-1.5b-instruct "$TG_MODEL"
is "the url answers with this model" "$TG_MODEL" "$(tg-llm -q --print-model 2>err)"
check "env names the programs where they are not found" grep -q "^export PATH='$T/usr/bin':" \
	<(PATH=${PATH#*:} "$T/usr/bin/tg-demo" env)

server_is_gone() { ! tg-demo status >out2 2>&1; }

# A server that was killed, and one whose loading fails.
kill -KILL "$(awk '$1 == "pid" { print $2 }' out)"
wait_for server_is_gone
check "a killed server leaves its state behind" [ -s "$TG_DEMO_DIR/server" ]
check_status "after SIGKILL, env exits with 4" 4 tg-demo env >out 2>err
touch fake/fail
check_status "start exits with 4 if the server ends" 4 tg-demo start 2>err
check "start shows why the server ended" grep -q 'not enough memory' err
rm fake/fail
check_status "start works after that" 0 tg-demo start 2>err
check_status "stop ends the server" 0 tg-demo stop 2>err
check_status "then no server runs" 4 tg-demo status 2>err
printf 'pid=%d\nurl=http://127.0.0.1:9\n' $$ >"$TG_DEMO_DIR/server"
check_status "stop ends no process that a stale file names" 0 tg-demo stop 2>err
rm "$TG_DEMO_DIR/server"
touch fake/hold
tg-demo start 2>err &
wait_for grep -q ^pid= "$TG_DEMO_DIR/server"
check_status "stop ends a server that is loading" 0 tg-demo stop 2>err2
wait $!
is "its start exits with 4" 4 $?
rm fake/hold

# The demo, installed and with no repository beside it, and what it prints to type next.
tg-demo start 2>err
eval "$(tg-demo env)"
check_status "the demo exits with 0" 0 tg-demo >out 2>err
check "the demo makes triplets of three tasks or more" grep -q '^[5-9] triplets of [3-9] tasks' out
check "the demo has the small model see examples" grep -q 'nExample 1' fake/asked
PATH=${PATH#*:} OPENAI_BASE_URL=$OPENAI_BASE_URL/ "$T/usr/bin/tg-demo" >out2 2>err
is "with another server the first command names the programs where they are not found" \
	"  export PATH=$T/usr/bin:\$PATH" "$(grep -A 1 '^Next, in' out2 | tail -n 1)"
unset OPENAI_BASE_URL TG_MODEL
mkdir own && cp "$top"/tests/data/sample/* own && cd own || exit 3
sed -n 's/^  \( *[^ ].*\)/\1/p' ../out | sed -n '/^eval/,$p' >../next
check_status "what the demo prints works as printed" 0 bash -e ../next >../out2 2>../err
is "it makes triplets of one's own code" 5 "$(wc -l <"$HOME/some-triplets.jsonl")"
check_status "it ends the server" 4 tg-demo status 2>err
cd ..
done_testing
