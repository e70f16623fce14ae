# shellcheck shell=bash disable=SC2034,SC2154 # tests/servers/run reads and sets the variables
# aimock, a server of canned answers, with a key. Its answers for one model: 1 for a judge, a
# refusal for a document that is too long, else a sentence.

aimock_install() {
	[ -x "$root/aimock/node_modules/.bin/llmock" ] ||
		npm install --silent --no-audit --no-fund --prefix "$root/aimock" @copilotkit/aimock@1.43.0
}
aimock_version() { jq -r '"aimock \(.version)"' "$root/aimock/node_modules/@copilotkit/aimock/package.json"; }
aimock_start() {
	local port
	port=$(free_port) || return
	url=http://127.0.0.1:$port/v1 key=sk-aimock-0123456789abcdef
	jq -n '{fixtures: ({model: "gpt-4o-mini"} as $m |
		[[{userMessage: "Your digit"}, {content: "1"}],
		[{userMessage: ("x = compute(x, 17)\n" * 300)}, {status: 400, error: {
			message: "This model has a maximum context length of 4096 tokens.",
			type: "invalid_request_error", code: "context_length_exceeded"}}],
		[{userMessage: "Wrong document"}, {content: "It does what another name says."}],
		[{}, {content: "It does what its name says."}]] |
		map({match: ($m + .[0]), response: .[1]}))}' >"$work/aimock.json"
	AIMOCK_API_KEYS=$key launch "$root/aimock/node_modules/.bin/llmock" -p "$port" \
		-f "$work/aimock.json"
}
