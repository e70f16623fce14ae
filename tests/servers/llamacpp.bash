# shellcheck shell=bash disable=SC2034,SC2154 # tests/servers/run reads and sets the variables
# llama.cpp's server with the model of make demo: eight slots of 4096 tokens, and a key.

llamacpp_dir=${TG_DEMO_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/tg/demo}
llamacpp_install() { "$here/../demo/model" install; }
llamacpp_version() {
	"$llamacpp_dir/venv/bin/python" -c 'from importlib.metadata import version
print("xllamacpp", version("xllamacpp"))'
}
llamacpp_start() {
	local port
	port=$(free_port) || return
	url=http://127.0.0.1:$port/v1 key=sk-llama-0123456789abcdef
	OMP_WAIT_POLICY=passive launch "$llamacpp_dir/venv/bin/python" -c '
import sys, time
import xllamacpp

p = xllamacpp.CommonParams()
p.model.path, p.model_alias = sys.argv[1], {"qwen"}
p.hostnames, p.port = ["127.0.0.1"], int(sys.argv[2])
p.api_keys = [sys.argv[3]]
p.n_parallel, p.n_ctx = 8, 8 * 4096
p.cache_ram_mib = 512
p.ui = False
server = xllamacpp.Server(p)
time.sleep(7200)
' "$(echo "$llamacpp_dir"/*.gguf)" "$port" "$key"
}
