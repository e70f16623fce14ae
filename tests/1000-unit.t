#!/bin/bash
# The libraries of lib/: unit tests, fuzz targets on their seeds, and the test
# that each folder uses only what lies below it.
# shellcheck source=tests/lib.sh
. tests/lib.sh

valgrind=()
scale=1
if [ "$SLOW" -gt 1 ]; then
	# Leaks are the sanitizers' part, since children in these tests end by
	# _exit.
	valgrind=(valgrind --quiet --error-exitcode=99)
	scale=500
fi

# unit NAME: gives one result for a whole unit test and shows its failed
# assertions as diagnostics.
unit() {
	local out=$T/$1.tap status=0 n
	"${valgrind[@]}" "$TG_BUILD/tests/$1" >"$out" || status=$?
	n=$(grep -Ec '^(not )?ok ' "$out")
	grep -A 4 '^not ok ' "$out"
	grep '^Bail out' "$out"
	[ "$status" -eq 0 ] || echo "exit status $status"
	grep -qx "1\.\.$n" "$out" || echo "the plan is not 1..$n"
	[ "$status" -eq 0 ] && [ "$n" -gt 0 ] && grep -qx "1\.\.$n" "$out" &&
		! grep -q '^not ok ' "$out"
	_result $? "$1: all $n assertions hold"
}

for src in tests/unit/*.c; do
	unit "$(basename "$src" .c)"
done

# fuzz NAME MUTATIONS: runs the seeds and this number of mutations of them.
fuzz() {
	check "fuzz-$1 survives its seeds and $(($2 / scale)) mutations" \
		"${valgrind[@]}" "$TG_BUILD/tests/fuzz-$1" -n $(($2 / scale)) \
		"tests/fuzz/seeds/$1"
}

fuzz js 300000
fuzz lex 20000
fuzz rec 30000
fuzz text 300000
fuzz html 20000
fuzz notebook 10000
fuzz gate 300
fuzz reply 100000
fuzz headers 150000
fuzz templates 50000
fuzz rows 10000
fuzz examples 10000
fuzz answers 500
fuzz entries 500
fuzz shares 2500
fuzz append 5000
fuzz batch 5000
fuzz redact 1500
fuzz index 500
fuzz plant 1000
fuzz calibration 10000

# The floors: a folder of lib/ stands on one, and the programs stand above all.
floor() {
	case $1 in
	lib/base) echo 1 ;;
	lib/json | lib/http | lib/lex | lib/pace | lib/redact) echo 2 ;;
	lib/io | lib/llm) echo 3 ;;
	lib/batch | lib/index | lib/record | lib/respcache) echo 4 ;;
	lib/chat | lib/task) echo 5 ;;
	lib/store | lib/remote) echo 6 ;;
	cmd | cmd/tg-*) echo 7 ;;
	*) echo 0 ;;
	esac
}

# includes: prints "FILE FILE" for every #include "...". The compiler looks in
# lib/ and, for a program's own headers, in the program's folder.
includes() {
	local from name
	grep -E '^[ 	]*#[ 	]*include[ 	]*"' lib/*/*.[ch] cmd/*.c cmd/*/*.[ch] |
		sed 's/^\([^:]*\):[^"]*"\([^"]*\)".*/\1 \2/' |
		while read -r from name; do
			case $name in
			task/rows.inc | task/languages.inc | task/pools.inc | redact/patterns.inc | tg-report/*.inc | tg-gate/*.inc) ;; # made by make
			*/*) echo "$from lib/$name" ;;
			*) echo "$from ${from%/*}/$name" ;;
			esac
		done
}

includes >"$T/includes"

headers_are_there() {
	local from to bad=0
	while read -r from to; do
		[[ $to == *.h && $to != *..* && -e $to &&
			($to == lib/* || $from == cmd/*) ]] &&
			continue
		echo "$from includes $to"
		bad=1
	done <"$T/includes"
	[ -s "$T/includes" ] && return $bad
}
check "every included file is a header of lib/ or of the program itself" \
	headers_are_there

# only_down FILE: succeeds if every arrow in FILE goes to a lower floor.
only_down() {
	local from to bad=0 here there
	while read -r from to; do
		here=${from%/*} there=${to%/*}
		[ "$here" = "$there" ] && continue
		here=$(floor "$here") there=$(floor "$there")
		[ "$there" -gt 0 ] && [ "$there" -lt "$here" ] && continue
		echo "$from (floor $here) -> $to (floor $there)"
		bad=1
	done <"$1"
	return $bad
}
check "a folder includes only itself and folders on lower floors" \
	only_down "$T/includes"

# calls: writes "FILE FILE" into $T/calls for every function or table of another
# file that a file uses, as the objects say. A name that several programs define
# means the program's own.
calls() {
	local f o
	for f in lib/*/*.c cmd/*.c cmd/*/*.c; do
		o=$TG_BUILD/${f%.c}.o
		[ -e "$o" ] || { echo "$o is missing" && return 1; }
		nm -P "$o" | awk -v f="$f" 'NF > 1 { print f, $1, $2 }' \
			>>"$T/symbols"
	done
	awk '
	function room(f) { sub("/[^/]*$", "", f); return f }
	FNR == NR {
		if ($3 ~ /[A-Z]/ && $3 != "U" && $2 != "main")
			def[$1 ~ /^lib/ ? "" : room($1), $2] = $1
		next
	}
	$3 == "U" {
		to = (room($1), $2) in def ? def[room($1), $2] : def["", $2]
		if (to != "" && to != $1)
			print $1, to
	}' "$T/symbols" "$T/symbols" | sort -u >"$T/calls"
	[ -s "$T/calls" ]
}

calls_go_down() {
	calls && only_down "$T/calls"
}
check "a folder calls only itself and folders on lower floors" calls_go_down

no_circle() {
	cat "$T/includes" "$T/calls" >"$T/arrows"
	tsort <"$T/arrows" >"$T/order"
}
check "no files include or call each other in a circle" no_circle

only_they_use_http() {
	! grep ' lib/http/' "$T/includes" | grep -vE '^lib/(chat|remote|http)/'
}
check "only lib/chat and lib/remote include lib/http" only_they_use_http

only_http_uses_curl() {
	! grep -lE '#[ 	]*include <curl/' lib/*/*.[ch] cmd/*.c cmd/*/*.[ch] |
		grep -v '^lib/http/'
}
check "only lib/http uses libcurl" only_http_uses_curl

done_testing
