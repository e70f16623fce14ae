#!/bin/bash
# No option that names an output writes over an input.
# shellcheck disable=SC2094,SC2119
. tests/lib.sh
cd "$T" || exit 3
start_mock
asked 1 3 >in
printf '{"prompt":"p","query":"q%d","pos":["d%d"],"neg":[]}\n' 1 1 2 2 >old
cp in in.was && cp old old.was
ln in hard && ln -s in soft

# refused NAME COMMAND...: COMMAND is refused with status 2, and all files stay
# as they were.
refused() {
	local name=$1
	shift
	check_status "$name is refused with status 2" 2 "$@" >out 2>err
	check "$name: the message says that it is an input" grep -Eq 'is an input; see tg-[a-z]* --help$|the input' err
	check_same "$name: the input stays as it was" in.was in
	check_same "$name: the earlier output stays as it was" old.was old
}
for name in in ./in hard soft; do
	refused "tg-emit --rejects $name" tg-emit --rejects "$name" in
	refused "tg-emit --summary $name" tg-emit --summary "$name" in
	refused "tg-emit --append $name" tg-emit --append "$name" in
	refused "tg-prompt --summary $name" tg-prompt generate -t web_code_retrieval --summary "$name" in
	refused "tg-llm --stats $name" tg-llm -u "$MOCK_URL" --stats "$name" in
	refused "tg-llm --export $name" tg-llm -m m --export "$name" in
done
refused "tg-emit --rejects, standard input" tg-emit --rejects in <in
refused "tg-emit --summary, - among the files" tg-emit --summary in old - <in
refused "tg-prompt --summary, standard input" tg-prompt generate -t web_code_retrieval --summary in <in
refused "tg-llm --stats, standard input" tg-llm -u "$MOCK_URL" --stats in <in
refused "tg-emit --rejects, a file of --against" tg-emit --rejects old --against old in
refused "tg-emit --summary, a file of --against" tg-emit --summary old --against old in
refused "tg-emit --rejects, the file of --append" tg-emit --rejects old --append old in
refused "tg-emit --summary, the file of --append" tg-emit --summary old --append old in
refused "tg-llm --stats, a file of results" tg-llm -m m --import --stats old old </dev/null
jq -nc '{input: "i", output: "o", task: "web_code_retrieval"}' >pool
tg-prompt --list | head -n 1 >rows
cp pool pool.was && cp rows rows.was && echo key >key
for name in pool rows; do
	refused "tg-prompt --summary, the file $name" tg-prompt generate -t web_code_retrieval \
		-e pool --tasks rows --summary $name in
	refused "tg-run --rejects, the file $name" tg-run -t web_code_retrieval -u "$MOCK_URL" -m m \
		-e pool --tasks rows --rejects $name in
	refused "tg-run --append, the file $name" tg-run -t web_code_retrieval -u "$MOCK_URL" -m m \
		-e pool --tasks rows --append $name in
	check_same "the file $name stays as it was" $name.was $name
done
refused "tg-run --rejects, a file of --against" tg-run -t web_code_retrieval -u "$MOCK_URL" -m m \
	--against old --rejects old in
refused "tg-llm --stats, the file of the key" tg-llm -u "$MOCK_URL" --key-file key --stats key in
is "the key file stays as it was" key "$(cat key)"
is "no request was sent" 0 "$(mock_stats .requests)"
check_status "an output that is no input is accepted" 1 tg-emit --rejects rejects --summary summary in 2>err
check_status "/dev/null is accepted for several outputs" 1 tg-emit --rejects /dev/null --summary /dev/null in 2>err
done_testing
