#!/bin/bash
# tg-llm: TLS and gateways, with nginx in front of the mock server; whom tg-llm
# trusts, and where a key goes.
# shellcheck source=tests/lib.sh
. tests/lib.sh

PATH=$PATH:/usr/sbin:/sbin
command -v nginx >/dev/null || skip_all "there is no nginx"
command -v openssl >/dev/null || skip_all "there is no openssl"

KEY=sk-canary-0123456789abcdef
asked() {
	jq -nc --argjson n "$1" 'range(1; $n + 1) | {tg: {id: "\(.)", request:
		{kind: "generate", messages: [{role: "user",
		content: "question \(.)"}]}}}'
}
answered() {
	grep -c '"response"' "$T/out"
}

# Certificates: one of an authority; three that it signs, of which one is good,
# one is for another name and one has expired; and one that signs itself.
here=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -m 1 '^[0-9.]*$')
cd "$T" || exit
key() {
	openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
}
signed() { # NAME SAN FROM UNTIL: makes a certificate
	key "$1"
	openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"
	printf 'subjectAltName=%s\n' "$2" >"$1.ext"
	openssl ca -batch -config ca.cnf -startdate "$3" -enddate "$4" \
		-extfile "$1.ext" -in "$1.csr" -out "$1.crt" -notext
}
cat >ca.cnf <<'END'
[ca]
default_ca = own
[own]
database = index
serial = serial
new_certs_dir = .
certificate = ca.crt
private_key = ca.key
default_md = sha256
policy = any
[any]
commonName = supplied
END
: >index
echo 01 >serial
key ca
openssl req -x509 -new -key ca.key -subj /CN=test-ca -days 30 -out ca.crt
now=$(date -u +%y%m%d%H%M%SZ -d -1day) then=$(date -u +%y%m%d%H%M%SZ -d +30days)
signed good "DNS:localhost,IP:127.0.0.1,IP:127.0.0.5,IP:127.0.0.6,IP:127.0.0.7${here:+,IP:$here}" \
	"$now" "$then"
signed other DNS:elsewhere.example "$now" "$then"
signed old IP:127.0.0.3 200101000000Z 210101000000Z
key self
openssl req -x509 -new -key self.key -subj /CN=self -days 30 \
	-addext subjectAltName=IP:127.0.0.4 -out self.crt
cd - >/dev/null || exit
[ -s "$T/old.crt" ] || bail_out "openssl makes no certificates"

# nginx has one port, and an address of the loopback net for each behaviour.
start_mock -o require_key=$KEY
tls() { # ADDRESS CERTIFICATE LOCATIONS: prints a server
	cat <<-END
		server {
			listen $1:$port ssl http2;
			ssl_certificate $T/$2.crt;
			ssl_certificate_key $T/$2.key;
			access_log $T/$1.log seen;
			$3
		}
	END
}
pass="proxy_pass http://127.0.0.1:$MOCK_PORT; proxy_http_version 1.1; proxy_set_header Connection '';"
config() {
	cat <<-END
		daemon off;
		master_process off;
		pid $T/nginx.pid;
		error_log $T/nginx.err;
		events { worker_connections 4096; }
		http {
		log_format seen '\$request|\$status|\$http_authorization|\$connection_requests';
		client_body_temp_path $T/tmp1; proxy_temp_path $T/tmp2;
		fastcgi_temp_path $T/tmp3; uwsgi_temp_path $T/tmp4; scgi_temp_path $T/tmp5;
		client_max_body_size 0;
		split_clients "\$connection:\$connection_requests" \$luck { 5% 429; 5% 444; 5% 502; 5% 504; 5% html; * good; }
		$(tls 127.0.0.1 good "location / { $pass }")
		$(tls 127.0.0.2 other "location / { $pass }")
		$(tls 127.0.0.3 old "location / { $pass }")
		$(tls 127.0.0.4 self "location / { $pass }")
		$(tls 127.0.0.5 good "
			location = /301/models { return 301 https://127.0.0.6:$port/v1/models; }
			location = /307/models { $pass rewrite .* /v1/models break; }
			location = /308/models { $pass rewrite .* /v1/models break; }
			location = /307/chat/completions { return 307 https://127.0.0.6:$port/v1/chat/completions; }
			location = /308/chat/completions { return 308 https://127.0.0.6:$port/v1/chat/completions; }")
		$(tls 127.0.0.6 good "location / { $pass }")
		$(tls 127.0.0.7 good "keepalive_requests 7;
			location / { $pass }
			location = /v1/chat/completions {
				if (\$luck = 429) { return 429; }
				if (\$luck = 444) { return 444; }
				if (\$luck = 502) { return 502; }
				if (\$luck = 504) { return 504; }
				if (\$luck = html) { return 200 '<html>busy</html>'; }
				$pass }")
		$([ -z "$here" ] || tls "$here" good "location / { $pass }")
		$([ -z "$here" ] || cat <<-IN
			server {
				listen $here:$plain;
				access_log $T/plain.log seen;
				location / { $pass }
			}
		IN
		)
		}
	END
}
free_ports() {
	python3 -c 'import socket
s = [socket.socket() for i in range(2)]
for x in s: x.bind(("0.0.0.0", 0))
print(*[x.getsockname()[1] for x in s])'
}
start_nginx() {
	local try
	for try in 1 2 3 4 5; do
		read -r port plain < <(free_ports)
		config >"$T/nginx.conf"
		nginx -p "$T" -c "$T/nginx.conf" -e "$T/nginx.err" &
		for _ in $(seq $((1200 * SLOW))); do
			kill -0 $! 2>/dev/null || break
			curl -sk -o "$T/curl" "https://127.0.0.1:$port/health" && return
			sleep 0.05
		done
	done
	diag <"$T/nginx.err"
	bail_out "nginx does not start ($try)"
}
start_nginx
at() {
	echo "https://$1:$port/v1"
}
export OPENAI_API_KEY=$KEY
asked 4 >"$T/in"

# Trust.
check "a run with the user's own authority exits with 0" tg-llm --cacert "$T/ca.crt" -u "$(at 127.0.0.1)" \
	"$T/in" >"$T/out"
is "--cacert makes an authority trusted" 4 "$(answered)"
check "--cacert makes an authority trusted for a host name" tg-llm --cacert "$T/ca.crt" -u "https://localhost:$port/v1" "$T/in" \
	>"$T/out"
is "HTTP/1.1 is spoken even if HTTP/2 is offered" "" "$(grep -v 'HTTP/1.1|' "$T/127.0.0.1.log" | grep -v /health)"
check "SSL_CERT_FILE names an authority" env SSL_CERT_FILE="$T/ca.crt" \
	tg-llm -u "$(at 127.0.0.1)" "$T/in" >"$T/out"
check "CURL_CA_BUNDLE names an authority and wins over SSL_CERT_FILE" env CURL_CA_BUNDLE="$T/ca.crt" SSL_CERT_FILE=/nowhere \
	tg-llm -u "$(at 127.0.0.1)" "$T/in" >"$T/out"
check "--cacert wins over SSL_CERT_FILE" env SSL_CERT_FILE=/nowhere tg-llm \
	--cacert "$T/ca.crt" -u "$(at 127.0.0.1)" "$T/in" >"$T/out"
check_status "a missing file of --cacert is refused" 2 tg-llm --cacert "$T/none" -u "$(at 127.0.0.1)" \
	"$T/in" 2>"$T/err"
is "the message names the missing file of --cacert" "--cacert: $T/none" "$(grep -o -- "--cacert: $T/none" "$T/err")"
: >"$T/127.0.0.1.log"

# refused NAME ADDRESS PATTERN OPTION...: one line gives the reason, and nothing
# is sent.
refused() {
	local name=$1 address=$2 says=$3 before
	shift 3
	before=$(mock_stats '.requests + .models')
	check_status "$name is refused" 4 tg-llm "$@" -u "$(at "$address")" "$T/in" \
		>"$T/out" 2>"$T/err"
	is "$name: one message gives the reason" 1 "$(grep -ci "$says" "$T/err")"
	is "$name: no other message comes" 1 "$(wc -l <"$T/err")"
	is "$name: all records leave as stopped" 4 "$(grep -c '"code":"stopped"' "$T/out")"
	is "$name: no request is sent" "$before/" \
		"$(mock_stats '.requests + .models')/$(cat "$T/$address.log")"
	check_status "$name is refused also if the model is named" 4 tg-llm "$@" -m m --dialect vllm \
		-u "$(at "$address")" "$T/in" >"$T/out" 2>"$T/err"
	is "$name: no key is sent" "$before/" \
		"$(mock_stats '.requests + .models')/$(cat "$T/$address.log")"
}
refused "an unknown authority" 127.0.0.1 'certificate'
refused "a certificate for another name" 127.0.0.2 '127.0.0.2' --cacert "$T/ca.crt"
refused "an expired certificate" 127.0.0.3 'expired' --cacert "$T/ca.crt"
refused "a self-signed certificate" 127.0.0.4 'self[- ]signed' --cacert "$T/ca.crt"
export SSL_CERT_FILE=$T/ca.crt

# Redirections.
for code in 301 307 308; do
	check_status "a redirection with $code makes status 4" 4 tg-llm -u "https://127.0.0.5:$port/$code" "$T/in" \
		>"$T/out" 2>"$T/err"
	check "the message names status $code" grep -q "status $code" "$T/err"
done
check "a redirection is answered by the first server" grep -q 'POST /307/chat' "$T/127.0.0.5.log"
is "a redirection is not followed" "" "$(cat "$T/127.0.0.6.log")"

# A gateway often fails, and closes connections after seven requests.
asked 150 >"$T/many"
check_status "a run behind a gateway with 429, 502, 504, HTML and hang-ups exits with 0" 0 tg-llm -j 64 --retries 30 \
	--stats "$T/stats" -u "$(at 127.0.0.7)" "$T/many" >"$T/out"
is "all records are answered behind a failing gateway" 150 "$(answered)"
for code in 429 444 502 504; do
	check "the gateway has answered with $code" grep -q "|$code|" "$T/127.0.0.7.log"
done
check "the gateway has closed connections after seven requests" [ "$(cut -d'|' -f4 "$T/127.0.0.7.log" | sort -n |
	tail -n 1)" -eq 7 ]
is "all requests to the gateway have the key" "" "$(grep -v "Bearer $KEY" "$T/127.0.0.7.log")"

# The key goes into no file of session keys, to no proxy and nowhere
# unencrypted.
SSLKEYLOGFILE=$T/keys tg-llm -u "$(at 127.0.0.1)" "$T/in" >"$T/out"
is "session keys are not logged" 4/no "$(answered)/$([ ! -e "$T/keys" ] && echo no)"
if [ -z "$here" ]; then
	skip "addresses other than loopback ones are tested" "this machine has none"
else
	proxy=http://127.0.0.1:$MOCK_PORT
	: >"$MOCK_LOG"
	check "a run with proxies in the environment exits with 0" env https_proxy="$proxy" all_proxy="$proxy" \
		HTTPS_PROXY="$proxy" tg-llm -u "$(at "$here")" "$T/in" >"$T/out"
	is "proxies in the environment are not used" 4/0 "$(answered)/$(grep -c CONNECT "$MOCK_LOG")"
	: >"$MOCK_LOG"
	check_status "--proxy-env uses the proxies in the environment" 4 env https_proxy="$proxy" tg-llm \
		--proxy-env --retries 0 -u "$(at "$here")" "$T/in" >"$T/out" 2>"$T/err"
	check_fail "a proxy does not get the key" grep -q "$KEY" "$MOCK_LOG"
	check_status "a server that wants the key over http elsewhere makes status 4" 4 tg-llm \
		-u "http://$here:$plain/v1" "$T/in" 2>"$T/err"
	is "the key does not go there unencrypted" 0 "$(grep -c "$KEY" "$T/plain.log")"
	echo "$KEY" >"$T/key"
	check "a run with --key-file and --allow-plain-key exits with 0" tg-llm --allow-plain-key \
		--key-file "$T/key" -u "http://$here:$plain/v1" "$T/in" >"$T/out"
	is "--allow-plain-key sends the key unencrypted" 4 "$(answered)"
	is "a proxy for plain HTTP is not used" 4/0 "$(http_proxy=$proxy tg-llm --allow-plain-key \
		--key-file "$T/key" -u "http://$here:$plain/v1" "$T/in" | grep -c '"response"')/$(
		grep -c "http://$here" "$MOCK_LOG")"
fi
done_testing
