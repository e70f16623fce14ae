#!/bin/bash
# The guards that the compiler and the linker put into the programs.
# shellcheck source=tests/lib.sh
. tests/lib.sh

nm "$TG_BIN/tg-llm" 2>/dev/null | grep -qE '__(a|ub)san_' &&
	skip_all "sanitizers have guards of their own"

for f in "$TG_BIN"/tg-*; do
	[ -L "$f" ] && continue
	p=${f##*/}
	readelf -hW "$f" | grep -q 'Type: *DYN'
	ok "$p can be loaded at any address"
	readelf -dW "$f" | grep -q BIND_NOW && readelf -lW "$f" | grep -q GNU_RELRO
	ok "$p has its table of functions read-only"
	readelf -lW "$f" | grep -q 'GNU_STACK.* RW '
	ok "$p has a stack that cannot be executed"
	readelf -sW "$f" | grep -q __stack_chk_fail
	ok "$p checks its stack"
	readelf -sW "$f" | grep -qE '__[a-z]+_chk@'
	ok "$p checks the bounds of what libc writes"
done

# The compiler says which flags an object was made with.
flags=$(strings -a "$TG_BUILD/lib/base/buf.o" | grep -m 1 'GNU C\|clang version' || :)
if [[ $flags == *GNU\ C* ]]; then
	for f in stack-clash-protection $(uname -m | sed -n 's/x86_64/cf-protection=full/p
		s/aarch64/mbranch-protection=standard/p'); do
		[[ " $flags " == *" -f$f "* || " $flags " == *" -m${f#m} "* ]]
		ok "objects are compiled with $f"
	done
else
	skip "objects are compiled with the flags" "only gcc with -g tells them"
fi
done_testing
