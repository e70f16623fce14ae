#!/bin/bash
# The completion for bash: what make installs, and what TAB offers.
# shellcheck source=tests/lib.sh
. tests/lib.sh

unset MAKEFLAGS MFLAGS MAKELEVEL
install_below() { # FOLDER: installs everything below it
	make -s B="$TG_BUILD" BIN="$TG_BIN" DESTDIR="$1" PREFIX=/usr install
}
check "make install succeeds" install_below "$T/root"
dir=$T/root/usr/share/bash-completion/completions

for program in "$T"/root/usr/bin/tg-*; do
	[[ $program == *.bash ]] || echo "${program##*/}"
done | sort >"$T/want"
(cd "$dir" && printf '%s\n' tg-* | sort) >"$T/got"
check_same "every command has a completion" "$T/want" "$T/got"

# bash-completion sources such a file in a function.
load() {
	# shellcheck source=/dev/null
	. "$dir/$1"
}
check "the completion of tg-llm loads" load tg-llm
while read -r command; do
	complete -p "$command" >/dev/null 2>&1 || echo "$command"
done <"$T/want" >"$T/left"
is "the completion registers every command" '' "$(cat "$T/left")"

# completed WORD...: prints what TAB behind the last word offers.
completed() {
	local COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=() spec f
	spec=$(complete -p "${1##*/}")
	f=${spec#* -F } f=${f%% *}
	"$f" "$1" "${!#}" "${*: -2:1}"
	echo "${COMPREPLY[*]}"
}
is "tg-llm --max-t has two options" '--max-tokens --max-tokens-total' \
	"$(completed tg-llm --max-t)"
is "the command may be named with its folder" '--max-cost' \
	"$(completed /usr/bin/tg-llm --max-c)"
is "a letter is completed as it is" '-u' "$(completed tg-llm -u)"
is "tg-emit does not have tg-llm's options" '--max-line' "$(completed tg-emit --max-)"
is "tg-prompt completes its first word" 'generate' "$(completed tg-prompt g)"
is "tg-cache has its commands" 'export gc get import put stat verify' \
	"$(completed tg-cache '')"
is "tg-prompt completes no second subcommand" '' "$(completed tg-prompt generate j)"
is "a script has the options of its usage text" '--negatives --negatives-model --negatives-opts --negatives-url' \
	"$(completed tg-run --negatives)"
is "options behind -- are completed as those of tg-llm" '--max-tokens --max-tokens-total' \
	"$(completed tg-run -N 7 -- --max-t)"
is "tg-one-step completes the options of tg-llm" '--max-tokens --max-tokens-total' \
	"$(completed tg-one-step task --max-t)"
for tool in tg-prompt tg-llm tg-split-context tg-arrange tg-judge tg-negs tg-cache tg-emit; do
	is "$tool: every option of --options is completed" \
		"$("$tool" --options | cut -f 1 | sed 's/^/--/' | sort | paste -sd ' ')" \
		"$(completed "$tool" --)"
done

make -s B="$TG_BUILD" BIN="$TG_BIN" DESTDIR="$T/root" PREFIX=/usr uninstall
is "make uninstall leaves no file" '' "$(find "$T/root" ! -type d)"

done_testing
