# shellcheck shell=bash disable=SC2034,SC2154 # tg-run has the variables
# tg-models.bash - the models of the stages of tg-run, which sources this file after
# tg-options.bash; it is not run by itself.

# known_model MEMBER-OF-THE-KEY: print the model that all pairs of the cache have, if one.
known_model() {
	[ ! -d "$cache" ] || tg-cache stat -d "$cache" | jq -r --arg name "$1" '[.keys | keys[] |
		capture("^model=(?<model>.*) judge=(?<judge>.*) negatives=(?<negatives>\\S*)")[$name] |
		select(. != "")] | unique | select(length == 1)[0]'
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
