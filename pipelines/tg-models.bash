# shellcheck shell=bash disable=SC2034,SC2154 # tg-run has the variables
# tg-models.bash - options, models and servers of the stages of tg-run, which sources this
# file after tg-options.bash; it is not run by itself.

# shellcheck source=pipelines/tg-small.bash
. tg-small.bash || exit 3

# known_model MEMBER-OF-THE-KEY: print the model that all pairs of the cache have, if one.
known_model() {
	[ ! -d "$cache" ] || tg-cache stat -d "$cache" | jq -r --arg name "$1" '[.keys | keys[] |
		capture("^model=(?<model>.*) judge=(?<judge>.*) negatives=(?<negatives>\\S*)(.* second=(?<second>\\S*))?")[$name] |
		select(. != null and . != "")] | unique | select(length == 1)[0]'
}

# stage_model MEMBER-OF-THE-KEY MODEL OPTION...: set $taken to the model of a stage, and $who
# to who gets its text. A model that is not named is looked up, once, because the cache's key
# has it; --dry-run and --estimate look nothing up. Where no server answers, the cache may
# tell it, and where nothing is asked, it stays unknown. End the script if tg-llm refuses the
# options, or finds no model.
stage_model() {
	local line='' options=("${@:3}") free='' status
	taken=${2:-MODEL} who=''
	[ -z "$dry_run" ] || return 0
	if [ -n "$2$estimate" ]; then
		read_options options -m "$taken"
	elif [ -n "$no_llm" ]; then
		free=free
		read_options options --retries 0 --timeout 2
	fi
	join_options "${options[@]}"
	eval "TG_MODEL='' ask_servers$line${free:+ 2>/dev/null}"
	status=$?
	taken=${answer[0]-}
	((status)) || { who=${answer[1]} && return; }
	[ "$status$free" != 4free ] || return 0
	((status == 4)) || exit "$status"
	taken=$(known_model "$1")
	if [ -z "$taken" ]; then
		[ ! -d "${cache:-$answers}" ] ||
			say "what ${cache:-$answers} answers needs no server, but -m must name the model"
		exit 4
	fi
	say "taking the model $taken, the only one that $cache knows"
	stage_model "$1" "$taken" "${@:3}"
}

# read_stages: set $shared, $judge_shared and, for each stage, ${STAGE}_own to the options
# of its tg-llm. In the strings that hold them quotes mean what they mean to a shell, and
# nothing is expanded. Set $decided_by to those that change the answers.
read_stages() {
	local stage option words i
	ask_tg_llm
	shared=() judge_shared=() generate_own=() judge_own=() second_own=() negatives_own=() deciding=''
	read_options shared "${extra[@]}"
	for option in "${shared[@]}"; do
		[[ $option == 'sampling '* ]] || judge_shared+=("$option")
	done
	for stage in generate judge second negatives; do
		local -n strings=${stage}_strings
		words=()
		for ((i = 1; i < ${#strings[@]}; i += 2)); do
			# the last word tells that xargs has read the whole string
			mapfile -d '' -t -O ${#words[@]} words < <(
				xargs -r printf '%s\0' <<<"${strings[i]}" 2>/dev/null && printf 'whole\0'
			)
			[[ ${#words[@]} -gt 0 && ${words[-1]} == whole ]] || fail "--$stage-opts: a quote is not closed; see tg-run --help" 2
			unset 'words[-1]'
		done
		[ ${#words[@]} -eq 0 ] || deciding+=" $stage:"
		read_options "${stage}_own" "${words[@]}"
		local -n stage_options=${stage}_own
		! has '[a-z]* (model|base-url)' "${stage_options[@]}" ||
			fail "--$stage-opts: model and server have options of their own; see tg-run --help" 2
	done
	decided_by=$deciding
}

# share_limits: have all tg-llm of the run share its limits, and those of a stage the limits
# of the stage, unless the user names a share. Set $limited if anything is shared.
share_limits() {
	local stage share
	limited=''
	if [ -z "${TG_SHARE-}" ] && ! has '[a-z]* share' \
		"${shared[@]}" "${generate_own[@]}" "${judge_own[@]}" "${second_own[@]}" "${negatives_own[@]}"; then
		for stage in generate judge second negatives; do
			local -n stage_options=${stage}_own
			share=tg-$stage
			has 'limit [^ ]*' "${stage_options[@]}" || share=tg
			has 'limit [^ ]*' "${stage_options[@]}" "${shared[@]}" || continue
			read_options stage_options --share "$share"
			limited=1
		done
	fi
}

# find_second: set the model of the second judge and the options of its tg-llm in the array
# $second. Its server is the judge's unless it has one of its own.
find_second() {
	second=("${judge_shared[@]}")
	[ ${#second_urls[@]} -gt 0 ] || second_urls=("${judge_urls[@]}") second_model=${second_model:-$judge_model}
	read_options second "${second_urls[@]}" "${all_options[@]}"
	second+=("${second_own[@]}")
	stage_model second "$second_model" "${second[@]}"
	second_model=$taken
	[[ $text_to == *"$who"* ]] || text_to+="; the second judge's to $who"
	read_options second -m "$second_model"
}

# number_key: print what of the cache's key the judge's number and a second judge are.
number_key() {
	local key=${votes:+ votes=$votes}${min_p:+ min-p=$min_p} sum
	if [ -n "$calibration" ]; then
		sum=$(sha256sum <"$calibration")
		key+=" calibration=${sum:0:16}"
	fi
	print "$key${unsure:+ unsure=$unsure second=$second_model}"
}

# find_models: set the model of each stage, the options of its tg-llm in the arrays $generate,
# $judge, $second and $negatives_llm, and $key, the key of the cache. Set $judge_number to the
# options that give the judge a number. Say who gets text. A task that
# asks an LLM nothing, as far as -t tells, needs no server.
find_models() {
	local row text_to negatives_key judge_key=''
	row=$(tg-prompt --list | grep -F "\"name\":\"$task\"") no_llm=''
	if [[ -z $negatives$verify && $row == *'"steps":[]'* ]]; then
		[[ -z $no_judge && $row != *'"judged":false'* ]] || no_llm=1
	fi
	model=${model:-${TG_MODEL-}} generate=("${shared[@]}") judge=("${judge_shared[@]}")
	read_options generate "${urls[@]}" "${all_options[@]}"
	generate+=("${generate_own[@]}")
	stage_model model "$model" "${generate[@]}"
	model=$taken text_to=$who
	pick_examples
	[ ${#judge_urls[@]} -gt 0 ] || judge_urls=("${urls[@]}") judge_model=${judge_model:-$model}
	read_options judge "${judge_urls[@]}" "${all_options[@]}"
	judge+=("${judge_own[@]}")
	judge_number=()
	[[ -z ${number_options[*]}$unsure || $votes -gt 1 ]] || has '[a-z]* logprobs' "${judge[@]}" ||
		read_options judge_number --logprobs "$LOGPROBS"
	if [[ -z $no_judge || -n $verify ]] && [ -n "$model" ]; then
		stage_model judge "$judge_model" "${judge[@]}"
		judge_model=$taken
		[[ $text_to =~ ^"$who"(, the first.*)?$ ]] || text_to+="; the judge's to $who"
	else
		judge_model=''
	fi
	[[ -z $unsure || -z $judge_model ]] || find_second
	negatives_key=$negatives_model negatives_llm=("${shared[@]}")
	[ ${#negatives_urls[@]} -gt 0 ] || negatives_urls=("${urls[@]}") negatives_model=${negatives_model:-$model}
	read_options negatives_llm "${negatives_urls[@]}" "${all_options[@]}"
	negatives_llm+=("${negatives_own[@]}")
	if [ -n "$negatives" ]; then
		stage_model negatives "$negatives_model" "${negatives_llm[@]}"
		[ -n "$negatives_model" ] || negatives_key=$taken
		negatives_model=$taken
		[[ $text_to == *"$who"* ]] || text_to+="; for negatives to $who"
	fi
	[ -n "$no_judge" ] || judge_key=$judge_model
	key="model=$model judge=$judge_key negatives=$negatives_key$decided_by ${split_options[*]}"
	[ -n "$no_judge" ] || key+=$(number_key)
	[[ -z $verify || -n $mine ]] || key+=" verify=$verify by $judge_model${promote:+ promote}"
	read_options generate -m "$model"
	read_options judge -m "$judge_model"
	read_options negatives_llm -m "$negatives_model"
	if [ -z "$no_llm$dry_run$estimate" ]; then
		[ -n "$quiet" ] || say "text goes to $text_to"
		told=1 # the stages are silent
	fi
}
