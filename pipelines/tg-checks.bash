# shellcheck shell=bash disable=SC2034,SC2154 # tg-run has the variables
# tg-checks.bash - what tg-run refuses before anything is paid for. tg-run sources this
# file after tg-options.bash; it is not run by itself.

# not_with OPTION OTHER...: end the script if the option is given and one of the others is;
# a variable has the name of each.
not_with() {
	local other
	for other in "${@:2}"; do
		[[ -z ${!1} || -z ${!other} ]] || fail "--${1//_/-}: not with --${other//_/-}" 2
	done
}

# check_options FILE...: end the script if the options do not go together, or if the run
# would write to a file that it reads.
check_options() {
	local i least file
	[[ $preview =~ ^([1-9][0-9]*)?$ ]] || fail "--preview: \"$preview\" is not a number from 1; see tg-run --help" 2
	not_with preview append rejects debug enough estimate dry_run
	not_with enough estimate
	[[ -z $rate || -n $estimate ]] || fail "--rate: only with --estimate" 2
	[[ $rate =~ ^([0-9]+([.][0-9]*)?|[.][0-9]+|)$ ]] ||
		fail "--rate: \"$rate\" is not a number of calls a second; see tg-run --help" 2
	[ -n "$verify" ] || not_with no_judge judge_model
	not_with no_judge votes min_p calibration unsure second_model
	[[ $votes =~ ^([1-9][0-9]{0,2}|1000)?$ ]] || fail "--votes: \"$votes\" is not a number from 1 to 1000; see tg-run --help" 2
	[ "$votes" != 1 ] || votes=''
	if [ -z "$unsure" ]; then
		[[ -z $second_model && ${#second_urls[@]} -eq 0 && ${#second_strings[@]} -eq 0 ]] ||
			fail "--second-model: --unsure LOW,HIGH says which pairs it judges, as --unsure 0.2,0.8" 2
	else
		[[ -n $second_model || ${#second_urls[@]} -gt 0 ]] ||
			fail "--unsure: name the second judge with --second-model" 2
	fi
	[[ $verify =~ ^[12]?$ ]] || fail "--verify: \"$verify\" is not 1 or 2; see tg-run --help" 2
	[[ $negatives =~ ^[0-9]*$ ]] || fail "-N: \"$negatives\" is not a number; see tg-run --help" 2
	[[ -n $negatives || -z $negatives_model ]] || fail "--negatives-model: only with -N" 2
	[[ -n $negatives || ${#negatives_urls[@]} -eq 0 ]] || fail "--negatives-url: only with -N" 2
	[[ $mirror =~ ^([0-9]{0,3}|1000)$ ]] || fail "--mirror: \"$mirror\" is not a number up to 1000; see tg-run --help" 2
	((10#0$mirror > 0)) || mirror=''
	[[ -z $mirror || -n $negatives$mine && $negatives != 0 ]] || fail "--mirror: only with -N" 2
	[ -z "$mine" ] || check_mine
	[ "$negatives" != 0 ] || negatives=''
	draws=${draws:-1}
	[ "$draws" = 1 ] || [[ " ${emit_options[*]}" == *' --dedupe '* ]] || emit_options+=(--dedupe pair)
	[[ -z $verify || -n $negatives$mine ]] || fail "--verify: only with -N" 2
	[[ -n $verify || -z $promote ]] || fail "--promote: only with --verify" 2
	for ((i = 1; i < ${#negs_options[@]}; i += 2)); do
		least=${negs_options[i]}
		[[ $least =~ ^[0-9]+$ ]] && ((10#$least <= 10#0${mined:-$negatives})) && continue
		fail "--min-negs: \"$least\" is no number, or more than -N asks for; see tg-run --help" 2
	done
	if [ -n "$enough" ]; then
		emit_options+=(--enough "$enough")
	fi
	[ -z "$tasks" ] || export TG_TASKS=$tasks
	[ -z "$languages" ] || export TG_LANGUAGES=$languages
	[[ -z $estimate || -z $cache$answers || -n $model${TG_MODEL-} ]] ||
		fail "--estimate: name the model with -m, so that the cache can be searched" 2
	[[ -n $cache || -z $retry_rejected${cache_options[*]}${put_options[*]} ]] ||
		fail "${cache_options[0]:-${put_options[0]:---retry-rejected}}: name the cache with -C" 2
	if [ -n "$read_only" ]; then
		[ -n "$cache$answers" ] || fail "--read-only: name the cache with -C, or --answers" 2
		cache_options+=(--read-only)
	fi
	if [ -n "$estimate" ]; then
		[ -d "$cache" ] || cache=''
		[ -d "$answers" ] || answers=''
	fi
	for file in "${@:-/dev/stdin}" "${example_options[@]}" "${vary_options[@]}" "${against[@]}" "$calibration" "${TG_TASKS-}"; do
		[[ ! $rejects -ef $file || ! -f $file ]] || fail "--rejects would overwrite the input $file" 2
		[[ ! $stats -ef $file ]] || fail "--stats would add to the input $file" 2
		[[ ! $append -ef $file ]] || fail "--append would add to the input $file" 2
	done
}

# check_mine: end the script if the options of mining do not go together. Set $mined to the
# number of negatives and $mine_from to where they come from: an index of tg-mine, or
# documents.
check_mine() {
	not_with mine enough mirror
	[ "$negatives" != 0 ] || fail "--mine: -N 0 asks for no negatives" 2
	[[ -z $negatives_model && ${#negatives_urls[@]} -eq 0 && ${#negatives_strings[@]} -eq 0 ]] ||
		fail "--mine: no model is asked for negatives; leave out --negatives-model and the like" 2
	mined=${negatives:-7} negatives='' mine_from=()
	[ "$mine" != 1 ] || return 0
	file_value --mine "$mine"
	[ -r "$mine" ] || fail "--mine: cannot read $mine" 3
	mine_from=(--corpus "$mine")
	! head -c 13 -- "$mine" | grep -q '^tg-mine index' || mine_from=(-i "$mine")
}

# check_task FILE...: end the script if no record at the start of the first file names a
# task, and -t does not. Only a file is looked at, since what a pipe has cannot be put back.
check_task() {
	local file=${1:--} first=100
	if [ "$file" = - ]; then
		file=/dev/stdin
		grep -qs '^pos:[[:blank:]]*0$' /proc/self/fdinfo/0 || return 0
	fi
	[[ -z $task$dry_run && -f $file && -r $file && -s $file ]] || return 0
	head -n "$first" -- "$file" | tg-prompt generate --retry "${first_options[@]}" 2>/dev/null |
		grep -qv '"error":{"tool":"tg-prompt","code":"no_task"' ||
		fail "${file#/dev/}: the records name no task; -t names one, for example -t code_summary_retrieval; tg-prompt --list prints them" 2
}

# check_programs FILE...: end the script if a program of the pipeline refuses its options or its
# files, so that a mistake is reported once. Set $first_options, and add the files to
# $emit_options.
check_programs() {
	local i
	first_options=("${record_options[@]}" "${text_options[@]}" "${example_options[@]}" "${vary_options[@]}")
	[ "$draws" = 1 ] || first_options+=(--draws "$draws")
	tg-prompt generate "${first_options[@]}" </dev/null || exit
	check_task "$@"
	tg-split-context "${split_options[@]}" </dev/null || exit
	tg-judge "${number_options[@]}" ${unsure:+--unsure "$unsure"} </dev/null || exit
	[ -z "$negatives" ] || tg-prompt negatives -n "$negatives" </dev/null || exit
	tg-negs "${negs_options[@]}" </dev/null || exit
	[ -z "$mine" ] || tg-mine negatives -n "$mined" "${mine_options[@]}" </dev/null || exit
	tg-emit "${emit_options[@]}" </dev/null || exit
	for ((i = 1; i < ${#against[@]}; i += 2)); do
		[ -r "${against[i]}" ] || fail "--against: cannot read ${against[i]}" 3
	done
	emit_options+=("${against[@]}")
	if [ -n "$append" ]; then
		# this command opens and mends the file, but does not read it
		[ -n "$dry_run" ] || tg-emit --dedupe none --append "$append" \
			${enough:+--enough "$enough" --summary "$tmp/had"} </dev/null || exit
		[[ ! $rejects -ef $append ]] || fail "--append and --rejects name one file" 2
		emit_options+=(--append "$append")
		if [ -s "$tmp/had" ] && grep -q '"enough":true' "$tmp/had"; then
			say "$append has $enough triplets already; nothing is asked"
			exit
		fi
	fi
	can_write --rejects "$rejects"
	can_write --stats "$stats"
	[ -z "$stats" ] || [[ ! $stats -ef $rejects && ! $stats -ef $append ]] ||
		fail "--stats names a file of records" 2
}

# can_write OPTION FILE: end the script if the file that an option names cannot be written.
can_write() {
	[[ -n $dry_run || -z $2 || -e $2 && ! -f $2 ]] || (umask 077 && : >>"$2") 2>/dev/null ||
		fail "$1: cannot write $2" 3
}

# make_folders: set $answers to the folder of the answers, and make the folders of the
# caches; with --read-only fail if they are not there.
make_folders() {
	local folder folders=(${cache:+"$cache"} ${answers:+"$answers"})
	if [ -z "$answers" ] && [ -n "$cache" ]; then
		answers=$cache/answers
		[ -z "$read_only" ] || [ -d "$answers" ] || answers=''
	fi
	if [ -n "$read_only" ]; then
		[[ -z $answers || -n $dry_run || -d $answers ]] ||
			fail "--answers: $answers is not there, and --read-only makes nothing" 3
		[ -z "$cache" ] || [ -n "$dry_run" ] ||
			tg-cache get -d "$cache" "${cache_options[@]}" </dev/null || exit
	elif [ -z "$dry_run$estimate" ]; then
		for folder in "${folders[@]}"; do private_folder "$folder" || exit 3; done
	fi
}
