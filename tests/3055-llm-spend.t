#!/bin/bash
# tg-llm: what a run spends, and the budget at which it stops.
# shellcheck source=tests/lib.sh
. tests/lib.sh

# asked FROM TO: makes records with requests, all of the same length.
asked() {
	jq -nc --argjson a "$1" --argjson z "$2" 'range($a; $z + 1) |
		{tg: {id: "\(.)", request: {kind: "generate", messages:
		[{role: "user", content: ("word " * 60 + "question \(1000 + .)")}]}}}'
}

llm() {
	tg-llm -u "$MOCK_URL" -m m --dialect vllm --max-tokens 50 "$@"
}

# ends FILE...: counts the records that are answered, stopped and neither.
ends() {
	jq -nc '[inputs | .tg | if .response then 0 elif .error.code == "stopped"
		then 1 else 2 end] | [map(select(. == 0)), map(select(. == 1)),
		map(select(. == 2))] | map(length)' "$@"
}

requests() {
	mock_stats .requests
}

export TG_SHARE_DIR=$T/shares

# Each call takes 100 + 50 tokens: 0.0002 at these prices.
usage='"usage":{"prompt_tokens":100,"completion_tokens":50}'
price='--price-in 1 --price-out 2'
echo "{$usage}" >"$T/s"
start_mock -s "$T/s" -o latency=lognormal:20:100
asked 1 100 >"$T/in"
# shellcheck disable=SC2086
check_status "a run whose budget allows ten calls exits with 4" 4 llm -j 8 $price --max-cost 0.002 --cache "$T/c" \
	--stats "$T/stats" --progress "$T/in" >"$T/out" 2>"$T/err"
is "ten records are answered, and the others that were read are stopped" '[10,90,0]' \
	"$(ends "$T/out")"
is "no request is sent over the budget" 10 "$(requests)"
check "the message says that the budget is spent" grep -q 'stopped: the budget is spent: 0.0020 of 0.0020, and the next request may cost 0.0002' "$T/err"
check "the status line shows tokens, cost and budget" grep -q '1000+500 tokens, cost 0.0020 of 0.0020, ' "$T/err"
is "the statistics hold cost and tokens" '[0.002,1000,500,false,{"stopped":90}]' "$(jq -c \
	'[.cost, .prompt_tokens, .completion_tokens, .estimated, .errors]' "$T/stats")"
# shellcheck disable=SC2086
check "the same run with a larger budget exits with 0" llm -j 8 $price --max-cost 0.1 --cache "$T/c" \
	--stats "$T/stats" "$T/in" >"$T/out"
is "the same run with a larger budget answers all records" '[100,0,0]' "$(ends "$T/out")"
is "each answer is paid for once" '100/0.018' \
	"$(requests)/$(jq .cost "$T/stats")"
kill "$MOCK_PID"
for j in 1 64; do
	start_mock -s "$T/s" -o latency_ms=30
	check_status "-j $j: a run with a budget of 1600 tokens exits with 4" 4 llm -j $j --max-tokens-total 1600 --progress \
		"$T/in" >"$T/out" 2>"$T/err"
	check "-j $j: the status line shows tokens and budget" grep -q ' 1000+500 tokens of 1600, ' "$T/err"
	is "-j $j: ten records are answered with ten requests" '[10,90,0]/10' "$(ends "$T/out")/$(requests)"
	kill "$MOCK_PID"
done
start_mock -s "$T/s"
check_status "a run whose budget does not cover one request exits with 4" 4 llm --max-tokens-total 100 "$T/in" \
	>"$T/out" 2>"$T/err"
is "a run whose budget does not cover one request sends none" 0 "$(requests)"
# shellcheck disable=SC2086
check_status "records without a request cost nothing" 0 llm $price --max-cost 0.000001 \
	>"$T/out" <<<'{"a":1}'
check_status "--max-cost without prices is refused" 2 llm --max-cost 1 "$T/in"
check_status "a budget of zero is refused" 2 llm --max-cost 0 --price-in 1 "$T/in"
kill "$MOCK_PID"

# Processes that share a budget.
start_mock -s "$T/s" -o latency=lognormal:20:100
pids=''
for i in 1 2 3 4; do
	asked $((100 * i)) $((100 * i + 40)) >"$T/in.$i"
	# shellcheck disable=SC2086
	llm --share all $price --max-cost 0.0061 "$T/in.$i" >"$T/out.$i" \
		2>"$T/err.$i" &
	pids="$pids $!"
done
all=''
for pid in $pids; do
	wait "$pid"
	all="$all$? "
done
is "four processes that share a budget exit with 4" '4 4 4 4 ' "$all"
got=$(ends "$T"/out.*)
check "four processes do not overspend their budget ($got)" jq -e \
	'.[0] >= 28 and .[0] <= 30 and .[0] + .[1] == 164' <<<"$got"
is "four processes send no request over their budget" "$(jq '.[0]' <<<"$got")" "$(requests)"
# shellcheck disable=SC2086
check_status "in a folder of the user a spent budget stays spent" 4 \
	llm --share all $price --max-cost 0.0061 --progress "$T/in.1" >"$T/out" \
	2>"$T/err"
check "the status line shows what all processes have spent" grep -Eq 'cost 0\.000[0-9]* (\(0\.00[56][0-9]* of 0\.0061 in all\)|of)' \
	"$T/err"
is "a spent budget answers hardly any more records" true "$(ends "$T/out" | jq '.[0] <= 2')"
name=tg-test-$$
rm -f "/tmp/tg-$(id -u)/$name.share"
for i in 1 2; do
	# shellcheck disable=SC2086
	(
		unset TG_SHARE_DIR
		llm --share $name --max-tokens-total 450 "$T/in.1" >"$T/out.$i"
	)
done
rm -f "/tmp/tg-$(id -u)/$name.share"
is "in the default folder the budget starts anew with the first process" 3/3 \
	"$(ends "$T/out.1" | jq '.[0]')/$(ends "$T/out.2" | jq '.[0]')"
kill "$MOCK_PID"

# Everything that is paid for.
cat >"$T/s" <<END
{"match":{"substring":"1001","attempt":1},"text":"",$usage}
{"match":{"substring":"1002"},"text":["","good"],"usage":{"prompt_tokens":100,"completion_tokens":70}}
{"match":{"substring":"1003"},"usage":{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":60}}}
{"match":{"substring":"1004","attempt":1},"status":500}
{$usage}
END
start_mock -s "$T/s"
spent() {
	# shellcheck disable=SC2086
	llm $price --stats "$T/stats" "$@" >"$T/out" || return
	jq -c '[.calls, .prompt_tokens, .completion_tokens, .cost]' "$T/stats"
}
is "an empty answer and its retry are paid for" '[2,200,100,0.0004]' "$(spent <(asked 1 1))"
is "a choice that is dropped is paid for" '[1,100,70,0.00024]' "$(spent -n 2 <(asked 2 2))"
is "tokens in the server's cache cost --price-cached" '[1,100,50,0.00015]' \
	"$(spent --price-cached 0.1666666 <(asked 3 3) | sed 's/0.00015.*/0.00015]/')"
is "without --price-cached tokens in the server's cache cost as much as others" '[1,100,50,0.0002]' "$(spent <(asked 3 3))"
is "a failed request costs nothing" '[2,100,50,0.0002]' "$(spent <(asked 4 4))"
kill "$MOCK_PID"
printf '{"usage":null,"text":"%s"}\n' \
	"$(printf '%0400d' 0)" >"$T/s"
start_mock -s "$T/s"
asked 1 100 >"$T/in"
check_status "a run with a budget on a server without usage exits with 4" 4 llm --max-tokens 100 \
	--max-tokens-total 1000 --stats "$T/stats" "$T/in" >"$T/out"
check "tokens are estimated if the server does not report them" jq -e '.estimated and .answered == 5 and
	.completion_tokens == 500 and .prompt_tokens > 350 and .prompt_tokens < 500' \
	"$T/stats"
kill "$MOCK_PID"

# A reader has enough: only the requests in flight are still paid for.
start_mock -o latency=lognormal:30:60
asked 1 5000 >"$T/in"
for j in 4 16; do
	before=$(requests)
	llm -j $j "$T/in" | {
		head -n 3 >"$T/out"
		exec <&- # the shell holds the pipe as well
		requests >"$T/at"
	}
	check "after head -n 3 at most $j more requests are sent ($(cat "$T/at"), $(requests))" \
		[ $(($(requests) - $(cat "$T/at"))) -le $j ]
	check "head -n 3 stops a run with -j $j early" [ $(($(requests) - before)) -lt 2500 ]
done
kill "$MOCK_PID"
done_testing
