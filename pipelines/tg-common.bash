# shellcheck shell=bash
# tg-common.bash - functions that the scripts share. Each script sources this file first;
# it is not run by itself.

me=${0##*/}

# The caller's PATH lacks what a script and the wrapper of the portable tarball add to it.
export TG_CALLER_PATH=${TG_CALLER_PATH-${PATH%:"${0%/*}"}}

# The environment of the caller may change what bash, getopt, git, grep, jq, parallel and
# sort do. Option -p of bash keeps functions, BASH_ENV and SHELLOPTS out. What else there is
# goes into the array fenced, and as_called gives it back to a command of the user's.
fenced=()
for name in CDPATH GLOBIGNORE BASH_ENV ENV BASH_COMPAT BASH_LOADABLES_PATH EXECIGNORE FUNCNEST \
	TMOUT POSIXLY_CORRECT _POSIX2_VERSION GETOPT_COMPATIBLE GREP_OPTIONS GREP_COLOR \
	GREP_COLORS JQ_COLORS LANGUAGE LC_ALL "${!AWK@}" "${!GAWK@}" "${!MAWK@}" "${!GIT_@}" \
	"${!PARALLEL@}" "${!PERL@}"; do
	[ -z "${!name+set}" ] || fenced+=("$name=${!name}")
	unset "$name"
done
unset PIPESTATUS # a variable of this name would stand for what bash sets
set +o posix
# Where a system lacks this locale, bash would say so again in each subshell.
{ export LC_ALL=C.UTF-8; } 2>/dev/null
[[ $'\xc3\xa9' == ? ]] || LC_ALL=C
mask=$(umask)
umask u+rwx

# A script may go to another folder, which must bring in no program.
case $PWD in
*:*) ;;
/*)
	path='' name=$PATH:
	while [ -n "$name" ]; do
		[[ $name == /* ]] || path+=$PWD/
		path+=${name%%:*}:
		name=${name#*:}
	done
	PATH=${path%:}
	;;
esac
# Temporary files lie where the caller says, if that is a folder to write to.
TMPDIR=${TMPDIR:-/tmp}
[[ $TMPDIR == /* ]] || TMPDIR=$PWD/$TMPDIR
[[ -d $TMPDIR && -w $TMPDIR ]] || TMPDIR=/tmp

# as_called COMMAND...: become the command, in the environment that the caller has.
as_called() {
	local program=$1
	program=$(type -P -- "$1") || program=$1
	umask "$mask"
	unset LC_ALL
	[ ${#fenced[@]} -eq 0 ] || { export "${fenced[@]}"; } 2>/dev/null
	exec -a "$1" "$program" "${@:2}"
}

# The functions of a user's ~/.jq are not those of a script.
jq() { HOME=/dev/null command jq "$@"; }

# A file that is opened next must not become stdin, stdout or stderr. What stands in for a
# closed one is opened the wrong way round, so that reading and writing still fail.
[ -e /dev/fd/0 ] || exec 0>/dev/null
[ -e /dev/fd/1 ] || exec 1</dev/null
[ -e /dev/fd/2 ] || exec 2</dev/null

# A message that nobody reads must not end a script; a subshell needs a trap of its own,
# see say.
trap : PIPE

# Only tg-llm gets the keys: no other program has them in its environment.
keys=(OPENAI_API_KEY OPENAI_CUSTOM_HEADERS AZURE_OPENAI_API_KEY AZURE_OPENAI_AD_TOKEN)
export -n "${keys[@]}"

# tg-llm OPTION...: become tg-llm, with the keys. It ends when the script ends, even by
# SIGKILL. Only a pipeline or a subshell may call this.
tg-llm() {
	export "${keys[@]}"
	exec tg-llm --pid $$ ${told:+-q} "$@"
}
told='' # whether the script has said who gets text
quiet='' # whether it is to say no such thing

# as_typed PROGRAM: set $typed to the program as the caller types it to run the one of this
# script: its name, or its path where the caller's PATH finds none, or another.
as_typed() {
	local folder=${0%/*} found
	typed=$1
	[ ! -x "$folder/../bin/$1" ] || folder=$folder/../bin
	[ -x "$folder/$1" ] || return 0
	found=$(PATH=$TG_CALLER_PATH type -P -- "$1")
	# shellcheck disable=SC2034 # for the script
	[[ $found -ef $folder/$1 ]] || typed=$(realpath -s -- "$folder/$1")
}

# say MESSAGE: write a line to stderr, control characters made harmless; the script goes on
# if nobody reads it.
say() {
	local LC_ALL=C text=${*//[$'\n\t']/ } rest
	text=${text//[[:cntrl:]]/?}
	text=${text//$'\xc2'[$'\x80'-$'\x9f']/?}
	# what is left beside the characters of UTF-8 might be a control character of 8 bits
	rest=${text//[$'\xf0'-$'\xf4'][$'\x80'-$'\xbf'][$'\x80'-$'\xbf'][$'\x80'-$'\xbf']/x}
	rest=${rest//[$'\xe0'-$'\xef'][$'\x80'-$'\xbf'][$'\x80'-$'\xbf']/x}
	rest=${rest//[$'\xc2'-$'\xdf'][$'\x80'-$'\xbf']/x}
	[[ $rest != *[$'\x80'-$'\xff']* ]] || text=${text//[$'\x80'-$'\xff']/?}
	(trap '' PIPE && printf '%s: %s\n' "$me" "$text" >&2) || :
}

# fail MESSAGE STATUS: say the message and end the script.
fail() {
	say "$1"
	exit "$2"
}

# print TEXT: write the text to standard output, and end the script if that fails.
print() {
	printf %s "$1" | cat
	case $? in 0) ;; 141) exit 141 ;; *) exit 3 ;; esac
}

# read_words HINT SHORT LONG WORD...: set $words to the words in the order of getopt(1), quoted
# for the shell. End the script, with the hint, if an option among them is wrong.
read_words() {
	local names
	words=$(getopt -n "$me" -o "$2" -l "$3" -- "${@:4}" 2>/dev/null) && return
	words=$(getopt -n "$me" -o "$2" -l "$3" -- "${@:4}" 2>&1 >/dev/null)
	words=${words%%$'\n'*}
	# what is behind = may be a secret
	case $words in
	*"' is ambig"*) words=${words/=*"' is ambig"/"' is ambig"} ;;
	*) words=${words/=*/"'"} ;;
	esac
	IFS=:, read -ra names <<<"$3"
	# shellcheck disable=SC2154 # tg-options.bash has the options of tg-llm, if it is there
	[[ $words != *" '--"*"'" ]] ||
		words+=$(tg --nearest "$(cut -d "'" -f 2 <<<"$words")" "${names[@]}" "${!llm_group[@]}" 2>/dev/null)
	fail "${words#"$me: "}; $1" 2
}

# file_value OPTION VALUE: end the script if the file or folder that an option names looks
# like an option.
file_value() {
	[[ $2 != -?* ]] ||
		fail "$1: \"$2\" looks like an option, not a file or folder; a name that begins so is ./$2" 2
}

# help_or_version USAGE OPTION: if the option is --help or --version, print the usage text
# or the version, and end the script.
help_or_version() {
	case $2 in
	--help) print "$1" ;;
	--version) print "$me $(tg-prompt --version | cut -d ' ' -f 2-)"$'\n' ;;
	*) return 0 ;;
	esac
	exit
}

# ask_servers OPTION...: set the array answer to the model that tg-llm takes with the options
# and to who would get text. Fail as tg-llm does if it refuses them or finds no model.
ask_servers() {
	mapfile -t answer < <(tg-llm -q --print-servers "$@" </dev/null)
	wait $!
}

# only_options PROGRAM WORD...: end the script unless the words are options of the program.
# A file among them would be read by a stage in the middle instead of what comes to it. For
# tg-llm say once who gets text, and have all stages ask one model.
only_options() {
	local name letter value short='' long='' words
	while IFS=$'\t' read -r name letter value _; do
		if [ "$value" = no ]; then value=''; else value=:; fi
		long+=$name$value,
		[ "$letter" = - ] || short+=$letter$value
	done < <("$1" --options </dev/null)
	read_words "see $1 --help" "$short" "$long" "${@:2}"
	[[ $words == *' --' ]] ||
		fail "${words##* -- }: not an option of $1; $me reads standard input: $me ... < FILE" 2
	[ "$1" = tg-llm ] || return 0
	ask_servers "${@:2}" || exit
	export TG_MODEL=${answer[0]}
	[[ " $words " != *' -q '* && " $words " != *' --quiet '* ]] || quiet=1
	[ -n "$quiet" ] || say "text goes to ${answer[1]}"
	told=1
}

# right_task TASK [any]: end the script unless TASK is a task that this strategy is for, or
# any task, and name the script that is for it.
right_task() {
	local right
	[[ $1 != -* ]] || fail "$1: name the task first; see $me --help" 2
	tg-prompt generate -t "$1" </dev/null || exit
	right=$(tg-prompt --list | jq -r --arg task "$1" 'select(.name == $task) |
		if .needs_similar then "compares two codes: tg-compare"
		elif .steps == [] then "has no step: tg-context-split alone or tg-run -t"
		elif .steps[1] then "has two steps: tg-two-step"
		else "has one step: tg-one-step" end')
	[[ -n ${2-} || $right == *": $me" ]] || fail "$1 $right $1 makes its triplets" 2
}

# Log probabilities that a judge is asked for where a number is wanted: no server that gives
# some gives fewer at most.
LOGPROBS=5

# judge_options WORD...: set $votes to the options of tg-prompt judge among the words, $decide
# to those of tg-judge, and $options to the others, which are tg-llm's. Where a number decides
# and no votes make it, these ask for log probabilities. End the script if a value is wrong.
judge_options() {
	votes=() decide=() options=()
	while (($#)); do
		case $1 in
		--votes | --min-p | --calibration)
			(($# > 1)) || fail "$1: needs a value; see $me --help" 2
			set -- "$1=$2" "${@:3}"
			continue
			;;
		--votes=*) votes=("$1") ;;
		--min-p=* | --calibration=*) decide+=("$1") ;;
		*) options+=("$1") ;;
		esac
		shift
	done
	tg-prompt judge "${votes[@]}" </dev/null || exit
	tg-judge "${decide[@]}" </dev/null || exit
	[ "${votes[*]}" != --votes=1 ] || votes=() # one vote makes no number
	[[ ${#decide[@]} -eq 0 || ${#votes[@]} -gt 0 || " ${options[*]}" == *' --logprobs'* ]] ||
		options=(--logprobs "$LOGPROBS" "${options[@]}")
}

# private_folder FOLDER: make the folder, for the user alone, unless it is there.
private_folder() {
	local why
	why=$( (umask 077 && mkdir -p -- "$1") 2>&1) || { say "${why#mkdir: }" && return 1; }
}

# is_empty FOLDER: whether the folder holds nothing but what a start that was killed in
# its first moment left there.
is_empty() { [ -z "$(find "$1" -mindepth 1 -maxdepth 1 ! -name plan.new ! -name lock | head -n 1)" ]; }

# worst_of STATUS...: print the worst status of the stages of a pipeline. 141, death by
# SIGPIPE, does not count if the reader has gone: in the last stage, and in a stage whose
# next stage has failed or has died of SIGPIPE.
worst_of() {
	local worst=0 next=141 i
	for ((i = $#; i > 0; i--)); do
		((${!i} == 141 && next > 1 || ${!i} <= worst)) || worst=${!i}
		next=${!i}
	done
	echo "$worst"
}

# sweep_work FOLDER: delete the files that an interrupted tg-fan-out left in its work folder,
# but neither finished output nor files that tg-fan-out did not make.
sweep_work() (
	chunk='[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]'
	cd -- "$1" || exit
	find in out run slot down -maxdepth 1 ! -type d \( \
		-path "in/$chunk" -o -path "in/$chunk.part" -o -path "out/$chunk.*" -o \
		-path "run/$chunk.*" -o -path run/names -o -path run/err -o \
		-path 'slot/[0-9]*.[0-9]*' -o -path 'down/[0-9]*' \) -delete 2>/dev/null
	rm -f status stop killed unread over last lib joblog
)
# forget_work FOLDER: delete the work folder of a tg-fan-out that is done.
forget_work() (
	chunk='[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]'
	sweep_work "$1" && cd -- "$1" || exit
	find out "done" sum -maxdepth 1 -type f \( -name "$chunk" -o -name "$chunk.status" \) -delete
	rm -f plan lock
	rmdir in out "done" sum run slot down && cd .. && rmdir -- "$OLDPWD"
)

# on_death COMMAND...: run the command when SIGKILL or a crash ends this script, unless
# the script calls call_off before its end.
on_death() {
	set -m
	(
		tail --pid=$$ -s 0.5 -f /dev/null
		"$@"
	) </dev/null >/dev/null 2>&1 &
	watcher=$!
	set +m
}
call_off() {
	kill -KILL -- "-$watcher"
	wait "$watcher"
} 2>/dev/null
