# shellcheck shell=bash disable=SC2034,SC2154 # tests/servers/run reads and sets the variables
# The proxy of LiteLLM before aimock: the packages of litellm.txt, with a key.

litellm_install() {
	aimock_install || return
	[ -e "$root/litellm/done" ] && return
	pip_install litellm -r "$here/litellm.txt" && : >"$root/litellm/done"
}
litellm_version() { sed -n 's/^litellm==/litellm /p' "$here/litellm.txt"; }
litellm_start() {
	local port
	aimock_start && await || return
	port=$(free_port) || return
	cat >"$work/litellm.yaml" <<-END
		model_list:
		  - model_name: gpt-4o-mini
		    litellm_params: {model: openai/gpt-4o-mini, api_base: "$url", api_key: $key}
		general_settings: {master_key: sk-litellm-0123456789abcdef}
	END
	url=http://127.0.0.1:$port/v1 key=sk-litellm-0123456789abcdef
	LITELLM_LOCAL_MODEL_COST_MAP=True PATH=$root/litellm/bin:$PATH launch \
		"$root/litellm/bin/litellm" --config "$work/litellm.yaml" --host 127.0.0.1 --port "$port"
}
