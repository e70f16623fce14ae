#!/bin/bash
# The tarball of make portable in a bare root of the oldest Debian that packages give: no
# package is installed there. make portable-test runs it, as root; with ARCH of another
# processor under QEMU.
set -- "${TG_ARCH:-$(uname -m)}"
suite=bullseye root=$PWD/build-portable/$suite-$1 debian=arm64
[ "$1" != x86_64 ] || debian=amd64
foreign=''
[ "$1" = "$(uname -m)" ] || foreign=1
# The test runs where a network and mounts are its own.
if [ -n "${TG_PORTABLE-}" ] && [ -z "${TG_ALONE-}" ] && [ "$(id -u)" -eq 0 ]; then
	if [ ! -e "$root/ready" ]; then
		rm -rf "$root"
		debootstrap --variant=minbase --arch=$debian ${foreign:+--foreign} $suite "$root" >&2 &&
			touch "$root/ready"
		rm -f "$root/proc" "$root/dev" 2>/dev/null # links, where the second stage is to come
		mkdir -p "$root/proc" "$root/dev"
	fi
	# QEMU is registered in a namespace of users too, so that no other program meets it.
	export TG_ALONE=1
	[ -n "$foreign" ] || exec unshare --net --mount bash "$0"
	exec python3 -c '
import ctypes, os, sys
ends, libc = os.pipe(), ctypes.CDLL(None, use_errno=True)
mapper = os.fork()
if mapper == 0:
    os.read(ends[0], 1)
    for kind in "uid_map", "gid_map":
        with open("/proc/%d/%s" % (os.getppid(), kind), "w") as f:
            f.write("0 0 65536")
    os._exit(0)
assert libc.unshare(0x10000000 | 0x20000 | 0x40000000) == 0, ctypes.get_errno()
os.write(ends[1], b".")
assert os.waitpid(mapper, 0)[1] == 0
libc.mount(None, b"/", None, 0x44000, None)
os.execv("/bin/bash", ["bash", sys.argv[1]])' "$0"
fi
# shellcheck source=tests/lib.sh
. tests/lib.sh
[ -n "${TG_PORTABLE-}" ] || skip_all "make portable-test runs it"
[ "$(id -u)" -eq 0 ] || skip_all "chroot needs root"
ip link set lo up && [ -e "$root/ready" ]
ok "a bare root of $suite for $debian is there"

# register_qemu: have the kernel run programs of the other processor, in this namespace.
register_qemu() {
	mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
	printf ':tg:M::\\x7fELF\\x02\\x01\\x01%s\\x02\\x00\\xb7\\x00:%s\\x00%s\\xfe\\xff\\xff\\xff:%s:F' \
		'\x00\x00\x00\x00\x00\x00\x00\x00\x00' '\xff\xff\xff\xff\xff\xff\xff' \
		'\xff\xff\xff\xff\xff\xff\xff\xff' "$(type -P qemu-aarch64-static)" \
		>/proc/sys/fs/binfmt_misc/register
}
if [ -n "$foreign" ]; then
	register_qemu
	ok "QEMU runs its programs"
fi

home=$root/home/user
rm -rf "$home" && mkdir -p "$home/my tools"
tar -C "$home/my tools" -xzf "build-portable/tg-$(make -s print-version)-linux-$1.tar.gz"
ok "the tarball is unpacked where the path has a blank"
mv "$home/my tools"/tg-*-linux-* "$home/my tools/tg"
cp -r tests/data/sample "$home/code"
chown -R 1000:1000 "$home"
mount --rbind /dev "$root/dev" && mount --rbind /proc "$root/proc" &&
	mount -t tmpfs -o noexec,mode=1777 tmp "$root/tmp"
ok "nothing in /tmp can be executed"

# in_root FOLDER COMMAND: run a line of shell in a root as a user without rights.
in_root() {
	chroot --userspec=1000:1000 "$1" /usr/bin/env -i HOME=/home/user "TERM=$TERM" \
		PATH="/home/user/my tools/tg/bin:/usr/bin:/bin" ${base:+OPENAI_BASE_URL="$base"} \
		${key:+OPENAI_API_KEY="$key"} ${ca:+SSL_CERT_FILE="$ca"} /bin/sh -c "cd && $2"
}
inside() { in_root "$root" "$1"; }
! inside 'command -v jq || command -v parallel || command -v curl || command -v git || command -v python3'
ok "the root has no jq, parallel, curl, git or python3 of its own"
for p in "$home/my tools/tg/bin"/tg*; do
	p=${p##*/}
	inside "$p --version" >"$T/version" && grep -q "^$p " "$T/version"
	ok "$p runs"
	find "$home/my tools/tg/share/man" -name "$p.[157]" | grep -q . &&
		[ -e "$home/my tools/tg/share/bash-completion/completions/$p" ]
	ok "$p has its page and its completion"
done
inside "bash -c '. \"my tools/tg/share/bash-completion/completions/tg-run\" &&
	complete -p tg-run'"
ok "a shell completes its options"
for part in bash-static curl glibc jansson jq libonig musl ncurses openssl parallel pcre2 queue zig zlib \
	Apache-2.0 GPL-3 LGPL-2.1 SOURCES; do
	[ -s "$home/my tools/tg/licenses/$part" ] || ! echo "no $part" || break
done
ok "the licences of all that is linked lie there"

# The main job, against a server of this machine.
start_mock -o owned_by=vllm
base=$MOCK_URL
inside 'tg-folder code > code.jsonl && grep -c code_language code.jsonl | grep "[6-9]"'
ok "tg-folder reads a folder where there is no git"
job='tg-run -t web_code_retrieval -N 2 -C cache --rejects rejects.jsonl'
inside "$job code.jsonl > triplets.jsonl 2>err"
ok "tg-run makes triplets"
! inside 'grep -i "warning" err'
ok "no shell warns"
is "each document is a triplet, a reject or an error" "$(inside 'grep -c . code.jsonl')" \
	"$(inside 'cat triplets.jsonl rejects.jsonl | grep -c .')"
calls=$(mock_stats .requests)
inside "$job code.jsonl > again.jsonl && cmp triplets.jsonl again.jsonl"
ok "the same run gives the same triplets from its cache"
is "and pays for nothing twice" "$calls" "$(mock_stats .requests)"
inside 'tg-fan-out -j 2 -N 2 -d work -- tg-run -t web_code_retrieval < code.jsonl > fanned.jsonl'
ok "tg-fan-out runs on the cores"
inside 'tg run -t web_code_retrieval code.jsonl | cmp - triplets.jsonl || tg folder code | cmp - code.jsonl'
ok "tg runs the others"
inside 'tg-report triplets.jsonl > report.html && tg-export --for st -o out triplets.jsonl'
ok "tg-report and tg-export take the triplets"
inside 'tg-demo > demo.out' && grep -q 'triplets of' "$home/demo.out"
ok "tg-demo makes triplets with a server that is there"

# Names are resolved as the C library of musl does it: no plug-ins, /etc/hosts, then DNS.
cat >"$T/dns.py" <<'END'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
while True:
    q, who = s.recvfrom(512)
    end = q.index(b"\0", 12) + 1
    known = q[12:end] == b"\x07service\x04test\0"
    is_a = known and q[end:end + 2] == b"\0\1"
    s.sendto(q[:2] + (b"\x81\x80" if known else b"\x81\x83") + b"\0\1\0" + bytes([is_a]) + b"\0\0\0\0"
             + q[12:end + 4] + (b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if is_a else b""), who)
END
python3 "$T/dns.py" &
dns=$!
cp "$root/etc/resolv.conf" "$root/etc/hosts" "$T/" 2>/dev/null
echo 'nameserver 127.0.0.1' >"$root/etc/resolv.conf"
echo '127.0.0.1 localhost listed.test' >"$root/etc/hosts"
ask="tg-prompt generate -t web_code_retrieval code.jsonl | tg-llm --retries 0 > answered.jsonl"
for name in listed service; do
	base=http://$name.test:$MOCK_PORT/v1
	inside "$ask && grep -q choices answered.jsonl"
	ok "a name of $([ $name = listed ] && echo /etc/hosts || echo DNS) is found"
done
base=http://unknown.test:$MOCK_PORT/v1
! inside "$ask 2>err" && grep -i resolve "$home/err"
ok "a name that nobody knows is said"
kill $dns
rm -f "$root/etc/resolv.conf" "$root/etc/hosts"
base=$MOCK_URL

# A home that takes nothing.
mkdir -p "$root/srv/work" && cp "$home/code.jsonl" "$root/srv/work/" && chown -R 1000:1000 "$root/srv/work"
mount --bind "$home" "$home" && mount -o remount,bind,ro "$home"
! inside 'echo > there' && inside "cd /srv/work && $job code.jsonl > triplets.jsonl &&
	tg-fan-out -j 2 -N 2 -d work -- tg-run -t web_code_retrieval <code.jsonl >fanned.jsonl"
ok "a home that cannot be written to is none of its business"
! inside tg-demo\ start 2>"$T/demo" && [ "$(wc -l <"$T/demo")" -le 2 ]
ok "tg-demo start says in a line that it cannot write there"
umount "$home"
base=''
! inside "tg-demo start 2>err"
is "tg-demo start says what its own server needs" 1 "$(grep -c 'needs python3' "$home/err")"
base=$MOCK_URL

# limited KIND COMMAND...: run a program of the tarball in the root with system calls kept
# from it: those after Linux 3.17, or those that make code to be executed.
limited() {
	python3 -c '
import ctypes, os, struct, sys
old = [(0x20, 0, 0, 0), (0x25, 1, 0, 320), (6, 0, 0, 0x7fff0000), (6, 0, 0, 0x50000 | 38)]
code = [(0x20, 0, 0, 0), (0x15, 1, 0, 9), (0x15, 0, 2, 10), (0x20, 0, 0, 32), (0x45, 1, 0, 4),
        (6, 0, 0, 0x7fff0000), (6, 0, 0, 0x50000 | 13)]
rules = b"".join(struct.pack("HBBI", *r) for r in {"old": old, "code": code}[sys.argv[2]])
text = ctypes.create_string_buffer(rules, len(rules))
libc = ctypes.CDLL(None)
program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(rules) // 8, ctypes.addressof(text)))
os.chroot(sys.argv[1]), os.chdir("/home/user"), os.setgid(1000), os.setuid(1000)
environment = {"PATH": "/home/user/my tools/tg/bin:/bin", "HOME": "/home/user", "OPENAI_BASE_URL": sys.argv[3]}
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0
os.execvpe(sys.argv[4], sys.argv[4:], environment)' "$root" "$1" "$base" "${@:2}"
}
if [ -z "$foreign" ]; then
	# shellcheck disable=SC2016
	limited old /bin/sh -c "rm -rf cache; $job code.jsonl >old.jsonl && cmp old.jsonl triplets.jsonl"
	ok "the system calls of Linux 3.17 are enough"
	printf 'token = "ghp_%s"  # %s\n' "$(printf 'k3J9xQ%.0s' 1 2 3 4 5 6)" "$(seq -s ' ' 60)" >"$home/code/token.py"
	inside 'tg-folder code > with.jsonl'
	limited code tg-folder code >"$home/without.jsonl"
	cmp "$home/with.jsonl" "$home/without.jsonl" && grep -q '<redacted:' "$home/without.jsonl"
	ok "secrets are found where no code can be made at run time"
fi
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
! inside "$ask"
ok "a service whose authority the system does not know gets no key"
for file in ssl/certs/ca-certificates.crt pki/ca-trust/extracted/pem/tls-ca-bundle.pem \
	pki/tls/certs/ca-bundle.crt ssl/ca-bundle.pem ssl/cert.pem; do
	install -D -m 644 "$T/tls.crt" "$root/etc/$file"
	inside "$ask && grep -q choices answered.jsonl"
	ok "the authorities of the system are found in /etc/$file"
	rm "$root/etc/$file"
done
install -m 644 "$T/tls.crt" "$home/ca.pem"
ca=/home/user/ca.pem
inside "$ask && grep -q choices answered.jsonl"
ok "SSL_CERT_FILE names others"
ca='' key='' base=''
stop_mock "$MOCK_PID"

# A root of busybox alone.
if [ -z "$foreign" ] && busybox=$(type -P busybox) && ! ldd "$busybox" >/dev/null 2>&1; then
	small=$T/busybox
	mkdir -p "$small"/{bin,dev,proc,tmp,usr,home/user/my\ tools}
	install "$busybox" "$small/bin/busybox.static"
	for p in $(busybox --list); do ln -s busybox.static "$small/bin/$p"; done
	ln -s ../bin "$small/usr/bin"
	cp -r "$home/my tools/tg" "$small/home/user/my tools/"
	cp -r tests/data/sample "$small/home/user/code"
	chown -R 1000:1000 "$small/home/user" && chmod 1777 "$small/tmp"
	mount --rbind /dev "$small/dev" && mount --rbind /proc "$small/proc"
	start_mock -o owned_by=vllm
	base=$MOCK_URL
	in_root "$small" "tg-folder code >code.jsonl && $job code.jsonl >triplets.jsonl 2>err &&
		! grep -i warning err && grep -c pos triplets.jsonl"
	ok "tg-run makes triplets with the tools of busybox"
	for p in tg-fan-out tg-slurm tg-batch tg-demo; do
		is "$p says that it needs those of GNU" 1 \
			"$(in_root "$small" "$p -d work cat <code.jsonl 2>&1" | grep -c 'needs GNU')"
	done
	umount -R "$small/dev" "$small/proc"
fi
done_testing
