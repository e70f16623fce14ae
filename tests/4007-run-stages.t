#!/bin/bash
# tg-run: each stage with a server, a model, a key and options of its own.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3
for i in 1 2 3; do
	echo "{\"text\":\"f$i()\",\"tg\":{\"task\":\"web_code_retrieval\"}}"
done >in
echo judge-secret-0123456789 >"a key"
start_mock -o owned_by=vllm -o require_key=main-secret-0123456789
main_log=$MOCK_LOG main_url=$MOCK_URL main=$MOCK_PID
start_mock -o owned_by=vllm -o require_key=judge-secret-0123456789
other_log=$MOCK_LOG other_url=$MOCK_URL
export OPENAI_API_KEY=main-secret-0123456789

# what LOG: prints what sets a request apart, one a line.
what() {
	jq -rc 'select(.path | endswith("/chat/completions")).body |
		[.model, .temperature, .max_tokens, .n, .x]' "$1" | sort -u
	: >"$1"
}
run() { tg-run -u "$main_url" -m big -N 2 -q in "$@" >out 2>err; }

check_status "a run with options for three stages exits with 0" 0 run --judge-url "$other_url" \
	--judge-opts "--key-file 'a key' --temperature=0 --extra-body '{\"x\": \"a \\\" b\"}'" \
	--negatives-url "$other_url" --negatives-model 'the other' \
	--negatives-opts '--key-file a\ key --max-tokens 9 "--temperature" 2' \
	--generate-opts '--temperature 0.25' -- --temperature 0.5 --max-tokens 77
is "a run with options for three stages gives all triplets" 3 "$(wc -l <out)"
is "the generate stage gets its own options and the common ones" '["big",0.25,77,null,null]' "$(what "$main_log")"
is "judge and negatives get their own servers, models and options" \
	'["mock-model",0,8,null,"a \" b"] ["the other",2,9,2,null]' \
	"$(what "$other_log" | paste -sd ' ')"
check_status "the key of a stage is not given to other stages" 4 run --judge-url "$main_url" \
	--judge-model j --judge-opts '--key-file "a key"'
: >"$main_log"

# The options of a stage may be given in several strings or in an empty one.
check_status "a run with options in several strings exits with 0" 0 run --judge-opts '--top-p 0.1' \
	--judge-opts '  --temperature  3 ' --generate-opts '' --negatives-opts ' '
is "the options of several strings are all passed on" 1 \
	"$(jq -c 'select(.body.top_p == 0.1 and .body.temperature == 3)' "$main_log" |
		jq -s 'map(.body.max_tokens) | unique | length')"

# The cache's key has the options of a stage that decide its answers.
calls() { jq -c 'select(.path | endswith("/chat/completions"))' "$main_log" | wc -l; }
cached=(-C cache --judge-opts '--temperature 0.5')
check_status "a run with --judge-opts that fills the cache exits with 0" 0 run "${cached[@]}"
mv out first
n=$(calls)
check_status "a run with other options about transport exits with 0" 0 run "${cached[@]}" --generate-opts '--retries 2 --timeout 50' \
	--judge-opts '-j 3'
is "options about transport do not change the key" "$n" "$(calls)"
check_same "a run from the cache gives the same triplets" first out
for opts in --judge-opts --generate-opts --negatives-opts; do
	n=$(calls)
	check_status "a run with another temperature in $opts exits with 0" 0 run -C cache "$opts" '--temperature 0.75'
	check "another temperature in $opts changes the key" [ "$(calls)" -gt "$n" ]
done

# A mistake is reported before anything is paid for.
: >"$main_log"
see='; see tg-run --help'
for opts in --judge-opts --generate-opts --negatives-opts; do
	check_status "an open quote in $opts is refused" 2 run "$opts" "--seed '5"
	is "the message names $opts and the open quote" "tg-run: $opts: a quote is not closed$see" "$(cat err)"
	check_status "a server in $opts is refused" 2 run "$opts" '-u http://x/v1'
	check "the message names $opts and the server" grep -q "^tg-run: $opts: model and server" err
	check_status "an unknown option in $opts is refused" 2 run "$opts" '--seed 5 --nonsense'
	check "the message about an unknown option in $opts points to the help" grep -q 'see tg-llm --help' err
	# shellcheck disable=SC2016
	check_status "the shell does not expand $opts" 2 run "$opts" '--seed $(touch\ here) `touch here`'
done
check "no command in these strings was run" [ ! -e here ]
is "no request is sent for a mistake" 0 "$(calls)"

# The printed pipeline has the options of each stage.
is "--dry-run quotes the options of a stage" "tg-llm -u U --extra-body '{\"x\":\"y z\"}' -m j" \
	"$(tg-run --dry-run -m m -u U --judge-model j --judge-opts "--extra-body '{\"x\":\"y z\"}'" |
		sed -n 's/ |$//; /-m j/p')"
tg-prompt --list | sed -n 1p >"my rows.json"
is "--dry-run exports the file of task rows" 'export TG_TASKS=my\ rows.json' \
	"$(tg-run --dry-run -m m --tasks 'my rows.json' 2>&1 | head -n 1)"

# Only tg-llm has keys in its environment. (tg-llm blanks them once read; its
# wrapper under valgrind does not.) The script itself was given them.
mkdir probe
for tool in tg-prompt tg-llm tg-split-context tg-arrange tg-gate tg-judge tg-negs tg-cache tg-emit tg-sum; do
	real=$(command -v $tool)
	cat >probe/$tool <<-END
		#!/bin/bash
		grep -zac 'secret-0123456789' /proc/\$\$/environ >>"$T/seen.$tool"
		exec '$real' "\$@"
	END
	chmod +x probe/$tool
done
AZURE_OPENAI_API_KEY=other-secret-0123456789 AZURE_OPENAI_AD_TOKEN=third-secret-0123456789 \
	PATH=$T/probe:$PATH check_status "a run with keys exits with 0" 0 \
	tg-run -u "$main_url" -N 2 -C again in >out 2>err
is "tg-llm has the keys in its environment" 3 "$(sort -u seen.tg-llm)"
rm seen.tg-llm
is "all other programs of the pipeline ran" 9 "$(find . -name 'seen.*' | wc -l)"
is "no other program has a key in its environment" 0 "$(sort -u seen.*)"
check "the mock server stops without a fault" stop_mock
check "the main mock server stops without a fault" stop_mock "$main"
done_testing
