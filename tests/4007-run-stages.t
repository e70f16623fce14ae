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

# what LOG: a request a line, what sets it apart.
what() {
	jq -rc 'select(.path | endswith("/chat/completions")).body |
		[.model, .temperature, .max_tokens, .n, .x]' "$1" | sort -u
	: >"$1"
}
run() { tg-run -u "$main_url" -m big -N 2 -q in "$@" >out 2>err; }

check_status "three stages" 0 run --judge-url "$other_url" \
	--judge-opts "--key-file 'a key' --temperature=0 --extra-body '{\"x\": \"a \\\" b\"}'" \
	--negatives-url "$other_url" --negatives-model 'the other' \
	--negatives-opts '--key-file a\ key --max-tokens 9 "--temperature" 2' \
	--generate-opts '--temperature 0.25' -- --temperature 0.5 --max-tokens 77
is "three stages: triplets" 3 "$(wc -l <out)"
is "three stages: who generates" '["big",0.25,77,null,null]' "$(what "$main_log")"
is "three stages: who judges and who writes negatives" \
	'["mock-model",0,8,null,"a \" b"] ["the other",2,9,2,null]' \
	"$(what "$other_log" | paste -sd ' ')"
check_status "a stage's key is that stage's alone" 4 run --judge-url "$main_url" \
	--judge-model j --judge-opts '--key-file "a key"'
: >"$main_log"

# Options of a stage may be given in several strings, or none.
check_status "several strings" 0 run --judge-opts '--top-p 0.1' \
	--judge-opts '  --temperature  3 ' --generate-opts '' --negatives-opts ' '
is "several strings: all count" 1 \
	"$(jq -c 'select(.body.top_p == 0.1 and .body.temperature == 3)' "$main_log" |
		jq -s 'map(.body.max_tokens) | unique | length')"

# The cache knows what a stage was told, where that decides its answers.
calls() { jq -c 'select(.path | endswith("/chat/completions"))' "$main_log" | wc -l; }
cached=(-C cache --judge-opts '--temperature 0.5')
check_status "into the cache" 0 run "${cached[@]}"
mv out first
n=$(calls)
check_status "from the cache" 0 run "${cached[@]}" --generate-opts '--retries 2 --timeout 50' \
	--judge-opts '-j 3'
is "from the cache: no request" "$n" "$(calls)"
check_same "from the cache: the same" first out
for opts in --judge-opts --generate-opts --negatives-opts; do
	n=$(calls)
	check_status "another temperature in $opts" 0 run -C cache "$opts" '--temperature 0.75'
	check "another temperature in $opts: is asked anew" [ "$(calls)" -gt "$n" ]
done

# What is wrong is told before anything is paid for.
: >"$main_log"
see='; see tg-run --help'
for opts in --judge-opts --generate-opts --negatives-opts; do
	check_status "$opts: an open quote" 2 run "$opts" "--seed '5"
	is "$opts: an open quote: says which" "tg-run: $opts: a quote is not closed$see" "$(cat err)"
	check_status "$opts: a server" 2 run "$opts" '-u http://x/v1'
	check "$opts: a server: says which" grep -q "^tg-run: $opts: model and server" err
	check_status "$opts: an unknown option" 2 run "$opts" '--seed 5 --nonsense'
	check "$opts: an unknown option: a hint" grep -q 'see tg-llm --help' err
	# shellcheck disable=SC2016
	check_status "$opts: nothing is expanded" 2 run "$opts" '--seed $(touch\ here) `touch here`'
done
check "nothing is expanded" [ ! -e here ]
is "what is wrong: nobody was asked" 0 "$(calls)"

# The pipeline to copy has it all.
is "--dry-run: quoted" "tg-llm -u U --extra-body '{\"x\":\"y z\"}' -m j" \
	"$(tg-run --dry-run -m m -u U --judge-model j --judge-opts "--extra-body '{\"x\":\"y z\"}'" |
		sed -n 's/ |$//; /-m j/p')"
tg-prompt --list | sed -n 1p >"my rows.json"
is "--dry-run: the catalogue" 'export TG_TASKS=my\ rows.json' \
	"$(tg-run --dry-run -m m --tasks 'my rows.json' 2>&1 | head -n 1)"

# Keys are in the environment of tg-llm, if anywhere. (It blanks what it has
# read; its wrapper under valgrind does not.) The script itself was given them.
mkdir probe
for tool in tg-prompt tg-llm tg-split-context tg-arrange tg-judge tg-negs tg-cache tg-emit tg-sum jq; do
	real=$(command -v $tool)
	cat >probe/$tool <<-END
		#!/bin/bash
		grep -zac 'secret-0123456789' /proc/\$\$/environ >>"$T/seen.$tool"
		exec '$real' "\$@"
	END
	chmod +x probe/$tool
done
AZURE_OPENAI_API_KEY=other-secret-0123456789 AZURE_OPENAI_AD_TOKEN=third-secret-0123456789 \
	PATH=$T/probe:$PATH check_status "a run with keys" 0 \
	tg-run -u "$main_url" -N 2 -C again in >out 2>err
is "a run with keys: tg-llm has them" 3 "$(sort -u seen.tg-llm)"
rm seen.tg-llm
is "a run with keys: all others ran" 9 "$(find . -name 'seen.*' | wc -l)"
is "a run with keys: no other has" 0 "$(sort -u seen.*)"
check "stop" stop_mock
check "stop the other" stop_mock "$main"
done_testing
