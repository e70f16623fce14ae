#!/bin/bash
# The modules of lib/: their unit tests, the fuzz targets on known ground, and
# that each includes only what lies below it.
# shellcheck source=tests/lib.sh
. tests/lib.sh

valgrind=()
scale=1
if [ "$SLOW" -gt 1 ]; then
	# leaks are the sanitizers' part: children here end by _exit
	valgrind=(valgrind --quiet --error-exitcode=99)
	scale=500
fi

# unit NAME: one result for all of a test's, the failed ones as diagnostics.
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
	_result $? "$1: $n assertions"
}

for src in tests/unit/*.c; do
	unit "$(basename "$src" .c)"
done

# fuzz NAME MUTATIONS: the seeds, and as many mutations of them.
fuzz() {
	check "fuzz-$1: seeds and $(($2 / scale)) mutations" \
		"${valgrind[@]}" "$TG_BUILD/tests/fuzz-$1" -n $(($2 / scale)) \
		"tests/fuzz/seeds/$1"
}

fuzz js 300000
fuzz rec 30000
fuzz text 300000
fuzz reply 100000

# The layers. A module that is not named belongs to the last one before cmd.
layer() {
	if [ -e "cmd/$1.c" ] || [ -e "cmd/$1.h" ]; then
		echo 4
		return
	fi
	case $1 in
	mem | buf | clock) echo 0 ;;
	num | hash | text | spend | tune | hedge) echo 1 ;;
	js | lookup | quote | esc | tmpl | rec | io | filter | http) echo 2 ;;
	*) echo 3 ;;
	esac
}

# "who whom" a line, for every #include "..." but a module's own header.
includes() {
	local f who whom
	for f in lib/*.[ch] cmd/*.[ch]; do
		[ -e "$f" ] || continue
		who=$(basename "${f%.[ch]}")
		who=${who%-in} # a header for the files of one module
		sed -n 's/^[ 	]*#[ 	]*include[ 	]*"\([^"]*\)".*/\1/p' "$f" |
			while read -r whom; do
				whom=${whom/-in.h/.h}
				[ "$whom" = "$who.h" ] || echo "$who $whom"
			done
	done
}

includes | sort -u >"$T/includes"

# of_one_program WHO HEADER: both are files of the same program, tg-NAME.c and
# NAME-*.[ch].
of_one_program() {
	[ -e "cmd/$2" ] && [ -e "cmd/$1.c" ] &&
		[[ $1 == "tg-${2%%-*}" || $1 == "${2%%-*}"-* ]]
}

only_headers() {
	local who whom bad=0
	while read -r who whom; do
		case $whom in
		tasks.inc) [ "$who" = task ] ;;
		*/* | tg-*) false ;;
		*-*.h) [ -e "lib/$whom" ] || of_one_program "$who" "$whom" ;;
		*.h) [ -e "lib/$whom" ] ;;
		*) false ;;
		esac && continue
		echo "$who includes $whom"
		bad=1
	done <"$T/includes"
	[ -s "$T/includes" ] && return $bad
}
check "what is included is a header of lib/, or of the program itself" \
	only_headers

only_lower() {
	local who whom bad=0
	while read -r who whom; do
		[ "$(layer "${whom%.h}")" -le "$(layer "$who")" ] && continue
		echo "$who includes $whom"
		bad=1
	done <"$T/includes"
	return $bad
}
check "no module includes one of a higher layer" only_lower

sed 's/\.h$//; / tasks\.inc$/d' "$T/includes" >"$T/pairs"
check "no two modules include each other, by whatever way" \
	tsort "$T/pairs"

http_knows_no_json() {
	! grep -nE '#[ 	]*include.*[<"](js|rec|filter|jansson)\.h' lib/http.[ch]
}
check "http knows no JSON" http_knows_no_json

one_meeting() {
	local f
	f=$(grep -lE '#[ 	]*include "http\.h"' lib/*.[ch] cmd/*.c |
		grep -v '^lib/http\.' |
		xargs -r grep -lE '#[ 	]*include [<"](js|rec|filter|jansson)\.h')
	echo "HTTP and records meet in: $f"
	! printf '%s\n' "$f" | grep -vE '^lib/(chat|chat-in|call|service|offline)\.[ch]$' | grep -q .
}
check "only chat sees both HTTP and records" one_meeting

only_http_uses_curl() {
	! grep -lE '#[ 	]*include <curl/' lib/*.[ch] cmd/*.c |
		grep -v '^lib/http\.c$'
}
check "only http uses libcurl" only_http_uses_curl

done_testing
