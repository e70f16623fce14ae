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

# Every command finds a page, and tg(7) is not hidden by one of section 1.
while read -r command; do
	page=$T/root/usr/share/man/man1/$command.1
	[ -f "$page" ] || echo "$command"
	target=$(sed -n 's/^\.so //p' "$page")
	[ -z "$target" ] || grep -q "^\.Nm $command" "$T/root/usr/share/man/$target" || echo "$command in $target"
done <"$T/want" >"$T/left"
is "every command has a page that names it" '' "$(cat "$T/left")"
check "tg(7) is not hidden" [ ! -e "$T/root/usr/share/man/man1/tg.1" ]

# tg lists every command, runs it, and says what a mistyped one means.
"$T/root/usr/bin/tg" >"$T/list" 2>"$T/err"
is "tg lists every command with a line" "$(sed 's/^tg-//' "$T/want")" \
	"$(sed -n 's/^  \([a-z][a-z-]*\)  *[a-z].*/\1/p' "$T/list" | sort)"
is "tg NAME runs tg-NAME" "$(tg-prompt --version)" "$(tg prompt --version)"
is "tg runs the program beside it" "$(tg-run --version)" "$(PATH=/usr/bin:/bin "$T/root/usr/bin/tg" run --version)"
check_status "tg gives the status of the program" 2 tg emit --nonsense 2>"$T/err"
check_status "tg refuses an unknown name" 2 tg promt 2>"$T/err"
is "tg says what a mistyped name means" \
	'tg: there is no program tg-promt (did you mean prompt?); tg alone lists them' "$(cat "$T/err")"
check_status "tg refuses a path as a name" 2 tg ../../bin/true 2>"$T/err"
check_status "tg refuses an option as a name" 2 tg --nonsense 2>"$T/err"
is "tg --version prints the version" "$(tg-emit --version | cut -d ' ' -f 2)" "$(tg --version | cut -d ' ' -f 2)"
mkdir "$T/man" && printf '#!/bin/sh\necho "$*"\n' >"$T/man/man" && chmod +x "$T/man/man"
is "tg help finds the page of a script" '1 tg-pipelines' "$(PATH=$T/man:$PATH tg help one-step | sed "s,^/.*/man/\(.*\)\.1$,1 \1,")"
is "tg help shows what --help prints where man is missing" "$(tg-emit --help)" \
	"$(PATH=/nonexistent "$TG_BIN/tg" help emit)"
check_status "tg help refuses an unknown name" 2 tg help promt 2>"$T/err"

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
is "tg completes names" 'one-step' "$(completed tg one)"
is "tg NAME completes the options of tg-NAME" '--max-cost' "$(completed tg llm --max-c)"
is "tg NAME completes what tg-NAME takes first" 'generate' "$(completed tg prompt g)"
is "tg help completes names" 'emit' "$(completed tg help em)"
for tool in tg-prompt tg-llm tg-split-context tg-arrange tg-gate tg-judge tg-negs tg-cache tg-emit; do
	is "$tool: every option of --options is completed" \
		"$("$tool" --options | cut -f 1 | sed 's/^/--/' | sort | paste -sd ' ')" \
		"$(completed "$tool" --)"
done

make -s B="$TG_BUILD" BIN="$TG_BIN" DESTDIR="$T/root" PREFIX=/usr uninstall
is "make uninstall leaves no file" '' "$(find "$T/root" ! -type d)"

done_testing
