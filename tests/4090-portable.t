#!/bin/bash
# The tarball of make portable in a bare root of the oldest Debian that packages give: no
# package is installed there. make portable-test runs it, as root.
# shellcheck source=tests/lib.sh
. tests/lib.sh
[ -n "${TG_PORTABLE-}" ] || skip_all "make portable-test runs it"
[ "$(id -u)" -eq 0 ] || skip_all "chroot needs root"

suite=bullseye root=$PWD/build-portable/$suite
if [ ! -e "$root/ready" ]; then
	rm -rf "$root"
	debootstrap --variant=minbase $suite "$root" >&2 && touch "$root/ready"
	ok "a bare root of $suite is there"
fi
rm -rf "$root/home/user" && mkdir -p "$root/home/user"
tar -C "$root/home/user" -xzf "build-portable/tg-$(make -s print-version)-linux-$(uname -m).tar.gz"
ok "the tarball is unpacked"
cp -r tests/data/sample "$root/home/user/code"
chown -R 1000:1000 "$root/home/user"
mount --bind /dev "$root/dev" && mount -t proc proc "$root/proc"
# What is mounted must have gone before lib.sh ends.
leave_root() {
	local status=$?
	umount "$root/proc" "$root/dev"
	(exit $status)
	_finish
}
trap leave_root EXIT

# inside COMMAND: run a line of shell in the root as a user without rights.
inside() {
	chroot --userspec=1000:1000 "$root" /usr/bin/env -i HOME=/home/user "TERM=$TERM" \
		PATH="/home/user/tg/bin:/usr/bin:/bin" ${base:+OPENAI_BASE_URL="$base"} ${key:+OPENAI_API_KEY="$key"} \
		/bin/sh -c "cd && $1"
}
mv "$root"/home/user/tg-*-linux-* "$root/home/user/tg"
! inside 'command -v jq || command -v parallel || command -v curl || command -v git'
ok "the root has no jq, parallel, curl or git of its own"
for p in "$root"/home/user/tg/bin/tg*; do
	p=${p##*/}
	inside "$p --version" >"$T/version" && grep -q "^$p " "$T/version"
	ok "$p runs"
done

# The main job, against a server of this machine.
start_mock -o owned_by=vllm
base=$MOCK_URL
inside 'tg-folder code > code.jsonl && grep -c code_language code.jsonl | grep "[6-9]"'
ok "tg-folder reads a folder where there is no git"
job='tg-run -t web_code_retrieval -N 2 -C cache --rejects rejects.jsonl'
inside "$job code.jsonl > triplets.jsonl"
ok "tg-run makes triplets"
is "each document is a triplet, a reject or an error" "$(inside 'grep -c . code.jsonl')" \
	"$(inside 'cat triplets.jsonl rejects.jsonl | grep -c .')"
calls=$(mock_stats .requests)
inside "$job code.jsonl > again.jsonl && cmp triplets.jsonl again.jsonl"
ok "the same run gives the same triplets from its cache"
is "and pays for nothing twice" "$calls" "$(mock_stats .requests)"
inside 'tg-fan-out -j 2 -N 2 -d work -- tg-run -t web_code_retrieval < code.jsonl > fanned.jsonl'
ok "tg-fan-out runs on the cores"
stop_mock "$MOCK_PID"

# A service behind TLS, whose authority the root trusts in the place of its distribution.
key=sk-portable-key
start_mock -o require_key=$key
(cd "$T" && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority \
	-keyout tls.key -out tls.crt -addext subjectAltName=IP:127.0.0.1) 2>/dev/null
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$T/nginx.conf" <<END
daemon off; master_process off; pid $T/nginx.pid; error_log $T/nginx.err;
events { }
http {
	access_log off;
	client_body_temp_path $T/1; proxy_temp_path $T/2; fastcgi_temp_path $T/3;
	uwsgi_temp_path $T/4; scgi_temp_path $T/5;
	server {
		listen 127.0.0.1:$port ssl; ssl_certificate $T/tls.crt; ssl_certificate_key $T/tls.key;
		location / { proxy_pass $MOCK_BASE; }
	}
}
END
nginx -p "$T" -c "$T/nginx.conf" -e "$T/nginx.err" &
wait_for curl -sk "https://127.0.0.1:$port/"
base=https://127.0.0.1:$port/v1
ask="tg-prompt generate -t web_code_retrieval code.jsonl | tg-llm > answered.jsonl"
! inside "$ask"
ok "a service whose authority the system does not know gets no key"
for file in ssl/certs/ca-certificates.crt pki/tls/certs/ca-bundle.crt ssl/cert.pem; do
	install -D -m 644 "$T/tls.crt" "$root/etc/$file"
	inside "$ask && grep -q choices answered.jsonl"
	ok "the authorities of the system are found in /etc/$file"
	rm "$root/etc/$file"
done
done_testing
