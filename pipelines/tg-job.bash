# shellcheck shell=bash disable=SC2034,SC2154 # tg-run has the variables
# tg-job.bash - the pipeline of tg-run as a job: its stages, its process group, its signals
# and its status. tg-run sources this file after tg-options.bash; it is not run by itself.

# The array stages gets a stage an element, quoted for the shell.
stages=()
stage() { quote "$@" && stages+=("$quoted"); } # WORD...
llm_stage() { # OPTION...
	local options=("$@")
	read_options options ${llm_progress:+--progress} ${answers:+--cache "$answers"} \
		${answers:+${read_only:+--cache-read-only}} \
		${tmp:+--stats "$tmp/${#stages[@]}.counts"} ${estimate:+--dry-run --pretend}
	join_options "${options[@]}"
	stages+=("tg-llm$line")
}
# judge_stages [PREFIX]: have each pair judged, and those about which the judge is unsure by a
# second judge, too. An estimate's answers are made up, so their numbers decide nothing but how
# many pairs the second judge is asked about. PREFIX is that of the files of counts.
judge_stages() {
	local decide=("${number_options[@]}") counts=${tmp:+${unsure:+$tmp/${1-}}}
	[ -z "$estimate" ] || decide=(${unsure:+--keep-rejected} ${unsure:+${calibration:+--calibration "$calibration"}})
	stage hold tg-prompt judge ${votes:+--votes "$votes"} "${record_options[@]}"
	llm_stage "${judge_number[@]}" "${judge[@]}"
	stage hold tg-judge "${decide[@]}" ${unsure:+--unsure "$unsure"} ${counts:+--summary "${counts}judged.counts"}
	[ -n "$unsure" ] || return 0
	stage hold tg-prompt judge "${record_options[@]}"
	llm_stage "${second[@]}"
	stage hold tg-judge ${counts:+--summary "${counts}second.counts"}
}
# verify_stages [PREFIX]: have the judge's model look for the negatives that answer the query.
verify_stages() {
	stage hold tg-prompt verify --orders "$verify" "${verify_options[@]}" "${record_options[@]}"
	llm_stage "${judge[@]}"
	stage hold tg-negs "${negs_options[@]}" ${promote:+--promote} ${tmp:+--summary "$tmp/${1-}verified.counts"}
}
# mirror_stages: make mirrors of the pairs, and have them pass what pairs pass. The cache has
# the pairs, and the answers to what is asked about their mirrors.
mirror_stages() {
	stage hold tg-prompt mirror -n "$mirror" ${tmp:+--summary "$tmp/mirror.counts"} "${verify_options[@]}" "${record_options[@]}"
	llm_stage "${negatives_llm[@]}"
	stage hold tg-negs "${negs_options[@]}" ${tmp:+--summary "$tmp/mirrored.counts"}
	[ -n "$no_gate$estimate" ] || stage hold tg-gate "${gate_options[@]}"
	[[ -z $judge_model || -n $no_judge ]] || judge_stages with-mirrors-
	[ -z "$verify" ] || verify_stages with-mirrors-
}
# mine_stages: mine negatives once all pairs are there, and have them verified. The cache
# has the pairs, so a run that goes on mines among all of them. An estimate mines nothing:
# negatives that are made up stand for those that would be verified.
mine_stages() {
	if [ -z "$estimate" ]; then
		stage hold tg-mine negatives -n "$mined" "${mine_from[@]}" "${mine_options[@]}" \
			"${negs_options[@]}" ${mine_progress:+--progress} ${tmp:+--summary "$tmp/mine.counts"}
	elif [ -n "$verify" ]; then
		stage hold tg-prompt negatives -n "$mined" "${record_options[@]}"
		join_options "${judge[@]}"
		stages+=("tg-llm$line --dry-run --pretend")
		stage hold tg-negs
	fi
	[ -z "$verify" ] || verify_stages
}
# hold COMMAND...: run a stage that neither reads the input nor spends money. After a
# signal it stays until the answered records have come through.
# shellcheck disable=SC2317 # the pipeline calls it
hold() {
	trap '' INT TERM HUP
	exec "$@"
}

# The pipeline runs in a process group of its own, so that each program gets a signal once,
# even if the signal was sent to all of them.
run_pipeline() {
	trap : INT TERM HUP PIPE
	eval "$pipeline"'; echo "${PIPESTATUS[*]}" >"$tmp/status"'
	# a script that was killed cannot remove its folder
	kill -0 $$ 2>/dev/null || rm -rf "$tmp"
}
pass_on() { # SIGNAL
	local sent=TERM # tg-llm does not know HUP
	[ "$1" != INT ] || sent=INT
	signal=$1
	[ -z "$job" ] || kill -$sent -- "-$job" 2>/dev/null
}

# run_job: run the pipeline, pass signals on to it, and set $signal to the last of them.
run_job() {
	local s
	signal='' job=''
	# shellcheck disable=SC2064
	for s in INT TERM HUP; do trap "pass_on $s" $s; done
	trap 'kill -STOP -- "-$job"; kill -STOP $$; kill -CONT -- "-$job"' TSTP
	set -m
	run_pipeline <&0 &
	job=$!
	set +m
	[ -z "$signal" ] || pass_on "$signal"
	while kill -0 "$job" 2>/dev/null; do wait "$job"; done
	trap - TSTP
}

# read_status: set $worst to the worst status of the stages, and $why to the stages that failed
# and how. A stage whose reader has gone has not failed.
read_status() {
	local i s name next how
	read -ra status <"$tmp/status" || status=(137) stages=(it)
	# tg-emit has gone as soon as it had enough
	! grep -qs '"enough":true' "$tmp/emit.counts" || status=("${status[@]/#141/0}")
	worst=$(worst_of "${status[@]}") why=''
	for i in "${!status[@]}"; do
		s=${status[i]} name=${stages[i]#hold } next=${status[i + 1]:-141}
		((s > 1 && (s != 141 || next < 2))) || continue
		case $s in
		4) how=stopped ;;
		? | ??) how=failed ;;
		*) how="was killed by signal $((s - 128))" ;;
		esac
		[[ "$why, " == *"${name%% *} $how, "* ]] || why+="${why:+, }${name%% *} $how"
	done
}
