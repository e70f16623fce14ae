#!/bin/bash
# tg-run: the stage that each option reaches, the cache's key, and the limits.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3

# dry ARG...: prints the pipeline that tg-run would run.
dry() { tg-run -t web_code_retrieval -m m --dry-run "$@" </dev/null; }
# llms ARG...: prints the lines of tg-llm in that pipeline.
llms() { dry "$@" | sed -n 's/ |$//; /^tg-llm/p'; }
judge_line() { dry "$@" | grep -A1 '^tg-prompt judge' | sed -n 's/ |$//; $p'; }
# key ARG...: prints the key that tg-run gives to tg-cache.
key() {
	local line word last=''
	line=$(tg-run --dry-run -C D "$@" </dev/null 2>err | grep -m 1 '^tg-cache get' | sed 's/ |$//')
	eval "set -- $line"
	for word; do
		[ "$last" != -k ] || printf '%s\n' "$word"
		last=$word
	done
}

# The judge does not get the sampling options, however they are given.
for opts in '--single --max-tokens 100' '--max-tokens=100 --single' '-n 2 --max-tokens 100' \
	'-v --max-tokens 100 --single'; do
	# shellcheck disable=SC2086
	is "-- $opts: the judge gets no token limit" 0 "$(judge_line -- $opts | grep -c 'max-tokens')"
	# shellcheck disable=SC2086
	is "-- $opts: the other stages get the token limit" 2 "$(llms -- $opts | grep -c -- '--max-tokens[ =]100')"
done
is "-- --temperature does not reach the judge" 'tg-llm -m m' "$(judge_line -- --temperature 0.7 --temp=0.8)"
is "-- --temperature reaches the other stages" 2 "$(llms -- --temperature 0.7 | grep -c -- '--temperature 0.7')"
is "--judge-opts gives the judge a temperature" 'tg-llm --temperature 0.5 -m m' \
	"$(judge_line --judge-opts '--temperature 0.5' -- --temperature 0.7)"
is "--judge-opts gives the judge a token limit" 'tg-llm --max-tokens 9 -m m' \
	"$(judge_line --judge-opts '--max-tokens 9' -- --max-tokens 100)"

# Negatives, the disk and --debug.
is "-N N asks for N negatives a pair" 'tg-prompt negatives -n 3 -t web_code_retrieval' "$(dry -N 3 | sed -n 's/ |$//; /negatives/p')"
is "--min-negs reaches tg-negs" 'tg-negs --min-negs 2' "$(dry -N 3 --min-negs 2 | sed -n 's/ |$//; /^tg-negs/p')"
is "--no-fsync reaches tg-cache put" 1 "$(dry -C D --no-fsync | grep -c '^tg-cache put .* --no-fsync |$')"
is "tg-cache put waits for the disk unless told otherwise" 0 "$(dry -C D | grep -c fsync)"
check_status "--no-fsync without a cache is refused" 2 dry --no-fsync
is "--debug replays between two looks into the cache" 'get replay judge get negatives put' \
	"$(dry -C D --debug -N 1 | grep -o 'cache get\|--replay\|prompt judge\|prompt negatives\|cache put' | sed 's/.*[ -]//' | paste -sd ' ')"
is "--debug without a cache replays nothing" 0 "$(dry --debug | grep -c replay)"

# Abbreviations.
is "an abbreviated limit is shared" 3 "$(llms -- --rp 5 | grep -c -- '--rpm 5 --share tg -m m')"
is "a token limit does not reach the judge" 'tg-llm -m m' "$(judge_line -- --max-tokens 5)"
check_status "an abbreviation of two options is refused" 2 dry -- --max-tok 100 2>err
is "the refused abbreviation is named" \
	'tg-run: --max-tok: tg-llm has more than one such option; see tg-llm --help' "$(cat err)"
for opts in --nonsense -x '--temperature' '--single=1' file -- '-- x' '--=1'; do
	# shellcheck disable=SC2086
	check_status "-- $opts is refused in --dry-run" 2 dry -- $opts 2>err
	check "-- $opts: the message points to the help" grep -q '^tg-run: .*; see tg-llm --help$' err
	[ "$opts" = -- ] || [ "$opts" = '-- x' ] ||
		check_status "--judge-opts '$opts' is refused" 2 dry --judge-opts "$opts" 2>err
done
is "--name=value, -x VALUE, -xVALUE and letters together are accepted" \
	'tg-llm -v -j5 -n 3 --top-p=0.5 -m m' "$(llms --no-judge -- -vj5 -n 3 --top-p=0.5 | sort -u)"
is "-j 5 and -n3 are accepted" 'tg-llm -j 5 -n3 -m m' "$(llms --no-judge -- -j 5 -n3 | sort -u)"

# The cache's key: existing caches depend on its bytes.
unset TG_MODEL
echo '{"input":"a","output":"b"}' >pool
while IFS= read -r args && IFS= read -r want; do
	eval "set -- $args"
	is "the key of \"$args\" has not changed" "$want" "$(key "$@")"
done <<'END'
-m m
model=m judge=m negatives= 
-m m --no-judge
model=m judge= negatives= 
-N 3
model=MODEL judge=MODEL negatives= 
-m big -N 7 --negatives-model neg --judge-model j
model=big judge=j negatives=neg 
-m m --judge-url http://j/v1 --negatives-url http://n/v1 --negatives-model q -N 2
model=m judge=MODEL negatives=q 
-m m --seed 5 --anchor 0.2,0.8 --boundary char --window 40
model=m judge=m negatives= --seed 5 --anchor 0.2,0.8 --boundary char --window 40
-m m --bound char --seed=7
model=m judge=m negatives= --boundary char --seed 7
-m m -j 3 -u http://x/v1 -- --retries 2 --timeout=50 --rpm 100000 -v
model=m judge=m negatives= 
-m m -- --temperature 0.5 --top-p=0.9 --max-tokens 99
model=m judge=m negatives= --temperature 0.5 --top-p=0.9 --max-tokens 99 
-m m -- --temperature=0.5 --seed 3 --single --keep-thinking --logprobs 5
model=m judge=m negatives= --temperature=0.5 --seed 3 --single --keep-thinking --logprobs 5 
-m m -- --extra-body '{"x": "a  b"}' --logit-bias '{"1":2}' -n 3 -n5
model=m judge=m negatives= --extra-body {"x": "a  b"} --logit-bias {"1":2} -n 3 -n5 
-m m -- --single --temperature 0.5
model=m judge=m negatives= --single --temperature 0.5 
-m m -- --temp 0.5 --repet 1.1
model=m judge=m negatives= --temp 0.5 --repet 1.1 
-m m --judge-opts '--temperature 0 --max-tokens 9' --generate-opts '--top-p 0.3 -j 5' -N 1 --negatives-opts '--seed=4'
model=m judge=m negatives= generate: --top-p 0.3 judge: --temperature 0 --max-tokens 9 negatives: --seed=4 
-m m --judge-opts '--key-file "a b" --retries 1' --generate-opts '' -- --hedge 95 --max-cost 5 --price-in 1 --price-out 2 --max-tokens-total 100 --share x
model=m judge=m negatives= judge: 
-m m --judge-opts '--top-p 0.1' --judge-opts ' --temperature 3 '
model=m judge=m negatives= judge: --top-p 0.1 --temperature 3 
-m m -- --cacert f --proxy-env --allow-plain-key --unordered --keep --progress --tpm 5 --share-jobs 4 --retry-time 3 --key-file k --dialect vllm --max-line 100000 --cache-read-only -u http://y/v1 -j5
model=m judge=m negatives= 
-m m --debug --meta -e pool -k 2 --examples-per-run -t web_code_retrieval -l de
model=m judge=m negatives= 
-m m -- --provider azure
model=m judge=m negatives= --provider azure 
-m m -- --single --rpm 60
model=m judge=m negatives= --single 
END

# --dry-run prints what a person would type.
is "--dry-run prints one stage a line and no option twice" "tg-prompt generate --retry -t web_code_retrieval 'my code' |
tg-llm --temperature 0.5 -m m |
tg-prompt generate |
tg-llm --temperature 0.5 -m m |
tg-split-context |
tg-arrange |
tg-gate -t web_code_retrieval |
tg-prompt judge -t web_code_retrieval |
tg-llm --temperature 0 -m m |
tg-judge |
tg-emit" "$(dry --judge-opts '--temperature 0' 'my code' -- --temperature 0.7 --temperature 0.5)"
is "several base URLs are all passed on" 'tg-llm -u a -u b -m m' "$(llms --no-judge -u a -u b | sort -u)"
start_mock -o owned_by=vllm
for i in 1 2 3; do echo "{\"text\":\"it's \$HOME $i\",\"similar\":[\"x\"]}"; done >"my code"
run=(tg-run -t web_code_retrieval -m m -N 2 -u "$MOCK_URL" --meta "my code" -- --extra-body '{"a": "b c"}')
"${run[@]}" >want 2>err
"${run[@]:0:1}" --dry-run "${run[@]:1}" >pasted
check "the printed pipeline runs in a shell" bash pasted >out
check_same "the printed pipeline gives the same triplets" want out
check "the printed pipeline gives triplets at all" [ "$(wc -l <out)" = 3 ]
check "the mock server stops without a fault" stop_mock

# Options of tg-llm in front of --.
is "an option of tg-llm is taken without --" 'tg-llm --rpm 60 --share tg -m m' "$(llms --no-judge --rpm 60 file | sort -u)"
is "options of both are sorted, whatever their form" 'tg-llm --temp 0.5 -v --rpm=6 -j 4 --share tg -m m' \
	"$(llms --no-judge --temp 0.5 -qvj4 file -N7 --rpm=6 | sort -u | sed 's/--temperature/--temp/')"
is "a file behind such an option stays a file" "tg-prompt generate --retry -t web_code_retrieval file" \
	"$(dry --max-tokens 5 file --keep | sed -n '1s/ |$//p')"
is "where names collide tg-run's own wins" 'tg-prompt generate --retry -t web_code_retrieval --seed 5' \
	"$(dry --seed 5 | sed -n '1s/ |$//p')"
is "the key is the same without --" "$(key -m m -- --temperature 0.5)" "$(key -m m --temperature 0.5)"
while IFS='|' read -r words want; do
	# shellcheck disable=SC2086
	check_status "tg-run $words is refused" 2 dry $words 2>err
	check "tg-run $words: the message says \"$want\"" grep -qF -- "$want" err
done <<'END'
-n 7|-n: -N asks for hard negatives
--nonsense|'--nonsense'
--negativs 7|'--negativs' (did you mean negatives?)
--max-tokns=5|'--max-tokns' (did you mean max-tokens?)
--negatives-model m|--negatives-model: only with -N
--negatives-url http://localhost/v1|--negatives-url: only with -N
--max-tok 5|more than one such option
--=1|'--'
-C -N 7|-C: "-N" looks like an option
--rejects --meta|--rejects: "--meta" looks like an option
-e|'e'
-e -k 3|-e: "-k" looks like an option
END

# The table of options.
is "--options has each option of --help" \
	"$(tg-run --help | grep -o '^  *-.*' | cut -c 1-33 | grep -o -- '--[a-z-]*' | sort)" \
	"$(tg-run --options | sed 's/^\([a-z-]*\).*/--\1/' | sort)"
is "--options prints four columns" '' "$(tg-run --options | grep -Evx $'[a-z-]+\t([a-zA-Z]|-)\t(yes|no)\trun')"
is "--options prints an option with its letter and value" $'negatives\tN\tyes\trun' "$(tg-run --options | grep '^negatives\b.N')"
check "no line of --help is too wide" [ "$(tg-run --help | wc -L)" -le 88 ]
done_testing
