# shellcheck shell=bash disable=SC2034,SC2154 # tg-run has the variables
# tg-small.bash - which models are small, and the examples that these are shown.
# tg-models.bash and the strategies source this file; it is not run by itself.

# Names of models of 8 billion parameters or fewer that tell no number.
small_names='phi-?[12]([^0-9]|$)|phi-?3(\.5)?-?mini|phi-?3(:latest)?$|phi-?4-mini|tinyllama|smollm|command-r7b'

# find_size NAME: set $size to the largest number of parameters, in millions, that the name
# tells: 1500 for qwen2.5-1.5b, 360 for smollm2-360m, 56000 for 8x7b, and 30000 for 30b-a3b,
# since all experts of a mixture take part. 0: it tells none.
find_size() {
	local rest=$1 n
	size=0
	while [[ $rest =~ (^|[^a-z0-9.])e?(([0-9]+)x)?([0-9]{1,6})(\.([0-9]{1,3})[0-9]*)?(b|[0-9]m)([^a-z0-9]|$) ]]; do
		n=${BASH_REMATCH[6]}000
		case ${BASH_REMATCH[7]} in
		b) n=$((10#${BASH_REMATCH[4]} * 1000 + 10#${n::3})) ;;
		*) n=$((10#${BASH_REMATCH[4]}${BASH_REMATCH[7]%m})) ;; # 1m would be a context
		esac
		n=$((n * 10#${BASH_REMATCH[3]:-1}))
		((n <= size)) || size=$n
		rest=${BASH_REMATCH[8]}${rest#*"${BASH_REMATCH[0]}"}
	done
}

# is_small MODEL: whether the name of a model says that it has 8 billion parameters or fewer.
is_small() {
	local name=${1,,} size
	find_size "${name##*/}"
	((size > 0)) || find_size "$name"
	if ((size > 0)); then ((size <= 8000)); else [[ ${name##*/} =~ $small_names ]]; fi
}

# find_examples MODEL OPTION...: set the array examples to the option for the built-in
# examples, and say so, if the model is small and some fit these options of tg-prompt.
find_examples() {
	examples=()
	is_small "$1" || return 0
	[ -n "$(tg-prompt --list-examples "${@:2}" </dev/null | head -n 1)" ] || return 0
	examples=(-e builtin)
	[ -n "$quiet" ] ||
		say "$1 is a small model, so prompts show built-in examples; tg-run -e none shows none"
}

# pick_examples: take the built-in examples for tg-run unless the user says which.
pick_examples() {
	case " ${example_options[*]} " in
	*' -e '* | *' --examples '* | *' -k 0 '* | *' --num-examples 0 '*) return 0 ;;
	esac
	find_examples "$model" "${record_options[@]}"
	example_options+=("${examples[@]}")
	first_options+=("${examples[@]}")
}
