# shellcheck shell=bash disable=SC2154 # tg-common.bash sets me
# tg-options.bash - options: a script's own from one table, and those of tg-llm as
# tg-llm --options prints them. Scripts source this file after tg-common.bash; it is not
# run by itself.

# A script's table has an option a row, with tabs between the columns:
# long name, letter or -, value or -, places, help. "..." after the value: the option may
# be repeated. A value such as [=2] may be missing, and is given behind = alone. The
# places, with commas between them, are where the option goes: list[] gets the option and
# its value, list[-u] gets -u and the value, and variable= becomes the value, or 1; - is
# for --help, --version and --options. \n in the help begins a new line.
# A row of one column is text of the help. The help begins with the usage line, made of the
# options and $operands_usage.

# usage_text: print what --help prints.
usage_text() {
	local name letter value places help word line="usage: ${0##*/}" lines='' rows=''
	while IFS=$'\t' read -r name letter value places help; do
		[ -n "$letter" ] || { rows+=$name$'\n' && continue; }
		word="[-$letter]" value=${value#-} letter="-$letter, "
		[ "$letter" != '--, ' ] || word="[--$name]" letter='    '
		[[ $value != \[* ]] || name+=$value word="[--$name]" value=''
		[ -z "$value" ] || word="${word%]} ${value%...}]${value##*[^.]}"
		if ((${#line} + ${#word} > 78)); then lines+=$line$'\n' line='          '; fi
		[ "$places" = - ] || line+=" $word"
		printf -v word '  %s--%-24s  ' "$letter" "$name${value:+ ${value%...}}"
		rows+=$word${help//\\n/$'\n'                                  }$'\n'
	done <<<"${option_table%$'\n'}"
	printf '%s\n           %s\n\n%s' "$lines$line" "$operands_usage" "$rows"
}

# print_options: print the table as every program does: long name, letter, whether it
# takes a value, and group.
print_options() {
	print "$(awk -F '\t+' -v OFS='\t' 'NF > 1 { print $1, $2, $3 ~ /^(-$|\[)/ ? "no" : "yes", "run" }' \
		<<<"$option_table")"$'\n'
}

# parse_options TABLE OPERANDS WORD...: put each option where the table says and the
# operands into the array $operands. OPERANDS is what the usage line says of them.
# --help, --version, --options and a wrong option end the script.
parse_options() {
	local name letter value places place words values option flag width short='' long=''
	local -A long_name=() value_of=() places_of=()
	option_table=$1 operands_usage=$2
	shift 2
	while IFS=$'\t' read -r name letter value places _; do
		[ -n "$letter" ] || continue
		long_name[--$name]=$name value_of[$name]=$value places_of[$name]=$places
		case $value in
		-) value='' ;;
		\[*) value=:: ;;
		*) value=: ;;
		esac
		long+=$name$value,
		[ "$letter" = - ] || long_name[-$letter]=$name short+=$letter$value
	done <<<"$option_table"
	read_words "see $me --help" "$short" "$long" "$@"
	eval "set -- $words"
	while [ "$1" != -- ]; do
		option=$1 name=${long_name[$1]} values=() width=1
		[ "${value_of[$name]}" = - ] || values=("$2") width=2
		[[ ${value_of[$name]} != \[* || -n $2 ]] || values=()
		[[ ${value_of[$name]} != @(FILE|DIR)?(...) ]] || file_value "$option" "$2"
		for place in ${places_of[$name]//,/ }; do
			case $place in
			-)
				[ "$option" != --options ] || { print_options && exit; }
				# shellcheck disable=SC2034 # tg-common.bash prints it
				usage=$(usage_text)$'\n'
				help_or_version "$usage" "$option"
				;;
			*=)
				local -n variable=${place%=}
				# shellcheck disable=SC2034 # the table names it
				variable=${values[0]-1}
				;;
			*)
				local -n list=${place%\[*}
				flag=${place#*[} flag=${flag%]}
				list+=("${flag:-$option}" "${values[@]}")
				;;
			esac
		done
		shift "$width"
	done
	# shellcheck disable=SC2034 # for the script
	operands=("${@:2}")
}

# The options of tg-llm, by long name: whether each takes a value, and its group. The group
# alone decides what is done with the option: answer and sampling change the answers, and so
# are part of a cache's key; sampling does not reach the judge; a limit is shared.
declare -A llm_value=() llm_group=() llm_long=()
ask_tg_llm() {
	local name letter value group
	while IFS=$'\t' read -r name letter value group; do
		llm_value[$name]=$value llm_group[$name]=$group llm_long[$letter]=$name
	done < <(tg-llm --options </dev/null)
	[ ${#llm_group[@]} -gt 0 ] || fail "tg-llm --options prints nothing" 3
}

# find_name PREFIX: set $name to the long option of tg-llm that begins with PREFIX. Fail
# with $name "" if there is none, and "more than one" if there are several.
find_name() {
	local candidate found=()
	for candidate in "${!llm_group[@]}"; do
		[ "$candidate" != "$1" ] || { name=$1 && return; }
		[[ $candidate != "$1"* ]] || found+=("$candidate")
	done
	case ${#found[@]} in
	0) name='' ;;
	1) name=${found[0]} ;;
	*) name='more than one' ;;
	esac
	[ ${#found[@]} -eq 1 ]
}

# split_words TABLE WORD...: set the array own to the words that are for the script, and
# extra to the options of tg-llm: those behind --, and those before it that the script does
# not have. A whole name goes before one cut short, and the script's before tg-llm's.
split_words() {
	local word name letter value
	local -A takes=() long_of=()
	while IFS=$'\t' read -r name letter value _; do
		[ -n "$letter" ] || continue
		takes[$name]=$value
		long_of[$letter]=$name
	done <<<"$1"
	shift
	own=() extra=()
	while (($#)); do
		word=$1
		shift
		case $word in
		--)
			extra+=("$@")
			break
			;;
		--[!=]*) split_long "$word" ${1+"$1"} || shift ;;
		--*) own+=("$word") ;;
		-?*) split_letters "${word#-}" ${1+"$1"} || shift ;;
		*) own+=("$word") ;;
		esac
	done
}

# split_long WORD [NEXT]: put a long option where it belongs, and NEXT if that is its value;
# fail if it is.
split_long() {
	local word=${1#--} name whose=own value candidate
	word=${word%%=*} name=$word
	if [ -z "${takes[$name]+set}" ]; then
		[ ${#llm_group[@]} -gt 0 ] || ask_tg_llm
		[[ -z ${llm_group[$name]+set} ]] || whose=extra
		for candidate in "${!takes[@]}"; do
			[[ $whose == extra || $candidate != "$word"* ]] || name=$candidate whose=found
		done
		if [ "$whose" = own ]; then
			[ "${word:+set}" = set ] && find_name "$word" && whose=extra
			[ "$name" != 'more than one' ] ||
				fail "--$word: tg-llm has more than one such option; see tg-llm --help" 2
			name=${name:-$word}
		fi
	fi
	case $whose in
	extra) value=${llm_value[$name]} && extra+=("$1") ;;
	*) value=${takes[${name:-help}]--} && own+=("$1") ;;
	esac
	[[ $1 != *=* && $value != no && $value != - && $value != \[* && -n ${2+set} ]] || return 0
	if [ "$whose" = extra ]; then extra+=("$2"); else own+=("$2"); fi
	return 1
}

# split_letters LETTERS [NEXT]: put each letter where it belongs, and NEXT if that is the
# value of the last; fail if it is.
split_letters() {
	local letters=$1 letter name value
	while [ -n "$letters" ]; do
		letter=${letters:0:1} letters=${letters:1}
		name=${long_of[$letter]-}
		[[ -n $name || ${#llm_group[@]} -gt 0 ]] || ask_tg_llm
		if [[ -n $name || -z ${llm_long[$letter]-} ]]; then
			local -n to=own
			value=${takes[${name:-help}]}
		else
			[ "$letter" != n ] ||
				fail "-n: -N asks for hard negatives; behind --, -n is an option of tg-llm" 2
			local -n to=extra
			value=${llm_value[${llm_long[$letter]}]}
		fi
		if [[ $value == no || $value == - ]]; then
			to+=("-$letter")
		elif [ -n "$letters" ]; then
			to+=("-$letter$letters")
			return 0
		else
			to+=("-$letter" ${2+"$2"})
			return ${2+1}
		fi
	done
}

# quote WORD...: set $quoted to the words as a person types them in a shell.
quote() {
	local word
	quoted=''
	for word; do
		[[ $word =~ ^[[:alnum:]_./:=,@%+-]+$ ]] || word=${word@Q}
		quoted+="${quoted:+ }$word"
	done
}

# read_options LIST WORD...: append each option of tg-llm among the words to the array
# LIST, as "GROUP NAME TEXT" with the TEXT quoted for the shell. An option that changes the
# answers is appended to $deciding as it was typed.
read_options() {
	local -n read_to=$1
	local name word attached typed see='see tg-llm --help'
	shift
	while (($#)); do
		word=$1 typed=$1 attached=''
		shift
		case $word in
		--[!=]*)
			attached=${word#"${word%%=*}"} word=${word%%=*}
			find_name "${word#--}" ||
				fail "$word: tg-llm has ${name:-no} such option; $see" 2
			word=--$name
			;;
		-[[:alnum:]]*)
			name=${llm_long[${word:1:1}]-} attached=${word:2} word=${word:0:2}
			[ -n "$name" ] || fail "$word: tg-llm has no such option; $see" 2
			if [ "${llm_value[$name]}" = no ] && [ -n "$attached" ]; then
				set -- "-$attached" "$@" # -vj4 is -v -j4
				typed=$word attached=''
			fi
			;;
		*) fail "$word: not an option of tg-llm; $see" 2 ;;
		esac
		quote "$word$attached"
		case ${llm_value[$name]}$attached in
		no?*) fail "$word: takes no value; $see" 2 ;;
		yes)
			(($#)) || fail "$word: needs a value; $see" 2
			quote "$word" "$1"
			typed+=" $1"
			shift
			;;
		esac
		read_to+=("${llm_group[$name]} $name $quoted")
		case ${llm_group[$name]} in answer | sampling) deciding+=" $typed" ;; esac
	done
}

# has PATTERN OPTION...: whether the "GROUP NAME" of an option that read_options has made
# matches the extended regular expression.
has() {
	local option
	for option in "${@:2}"; do [[ ! $option =~ ^$1' ' ]] || return 0; done
	return 1
}

# join_options OPTION...: set $line to the text of options that read_options has made,
# without those that a later option overrides. Each server, each host and the key file of
# each host stay.
join_options() {
	local i option seen=' ' several='^(base-url|only-host) |^key-file [^ =]*[ =].*='
	line=''
	for ((i = $#; i > 0; i--)); do
		option=${!i#* }
		[[ $seen != *" ${option%% *} "* ]] || continue
		[[ $option =~ $several ]] || seen+="${option%% *} "
		line=" ${option#* }$line"
	done
}

# names_limit COMMAND: whether the words of a command name an option of tg-llm that is a
# limit, and name no share.
names_limit() {
	local word words name none=1
	[[ $1 != *--* ]] || ask_tg_llm
	read -rd '' -a words <<<"$1"
	for word in "${words[@]}"; do
		[[ $word == --[!=]* ]] || continue
		word=${word%%=*}
		find_name "${word#--}" || continue
		[ "$name" != share ] || return 1
		[ "${llm_group[$name]}" != limit ] || none=0
	done
	return "$none"
}
