#!/bin/bash
# tg-gate: planted defects and good pairs, what it leaves alone, and its options.
. tests/lib.sh

check "planted defects are caught, and good pairs are not" \
	env TG_BUILD="$T" python3 tests/gate/run --some 60
cd "$T" || exit 3

# Pairs that are read by all cases below, a name each in the member n.
jq -nc '"def add(a, b):\n    return a + b\n" as $code |
	def pair($n; $query; $tg): {n: $n, query: $query, pos: [$code], text: $code,
		tg: ({task: "web_code_retrieval", code_language: "python", pair: true} + $tg)};
	pair("good"; "sum of two numbers"; {}),
	pair("remark"; "Sure! Here is the query:\nsum of two numbers"; {}),
	pair("refusal"; "I am sorry, but I cannot help with that."; {}),
	pair("user"; $code; {task: "code_context_retrieval"}),
	pair("judged"; "None"; {judge: {verdict: 1}}),
	pair("ended"; "None"; {rejected: {tool: "t", code: "c", message: "m"}}),
	pair("asked"; "None"; {request: {kind: "judge", step: 1}}),
	pair("two"; "I am sorry, but I cannot help with that:\n\nLet me know!"; {}),
	pair("hidden"; "The sum is wrong for small numbers."; {task: "bug_desc_retrieval",
		out: ["I cannot help with this request.", "The sum is wrong for small numbers."]}),
	pair("untasked"; "None"; {task: null})' >in
codes() { # OPTION...
	tg-gate "$@" in 2>err | jq -rj '"\(.n)=\(.tg.rejected.code // .tg.error.code // "-") "'
}
is "what an LLM has written and no judge has seen is examined" \
	"good=- remark=remark refusal=refusal user=- judged=- ended=c asked=- two=refusal hidden=refusal untasked=- " \
	"$(codes)"
is "--only looks for one fault alone" \
	"good=- remark=remark refusal=- user=- judged=- ended=c asked=- two=remark hidden=- untasked=- " \
	"$(codes --only remark)"
is "--off looks for all but one" \
	"good=- remark=remark refusal=- user=- judged=- ended=c asked=- two=remark hidden=cut untasked=- " \
	"$(codes --off refusal --off language)"
is "-t is the task of pairs that name none" refusal "$(codes -t web_code_retrieval | grep -o 'untasked=.*' |
	sed 's/.*=\([a-z]*\).*/\1/')"
check_status "a reject is no failure" 0 tg-gate --only cut -t web_code_retrieval in
check_status "a pair without a task passes" 0 tg-gate in
check_status "an unknown gate is refused" 2 tg-gate --only remarks in
check_status "an unknown task is refused" 2 tg-gate -t web_code in

# A text in a script of its own may quote a log, and no English prose.
jq -nc '("java.lang.IllegalStateException: the pool is closed\n\tat a.b.Pool.borrow(Pool.java:118)\n\tat a.b.Main.run(Main.java:42)\n\tat a.b.C.d(C.java:1)",
	"Traceback (most recent call last):\n  File \"/srv/a.py\", line 12, in run\nValueError: the limit of the host was not set, and this is the default",
	"The limit of the host was not set, and this is the default that they were told to use.") |
	{query: ("启动后崩溃：\n" + .), pos: ["def f(x):\n    return x\n"], tg: {task: "web_code_retrieval",
	language: "zh", pair: true}}' >logs
is "a question in Chinese may quote a log, and no English prose" '-,-,language' \
	"$(tg-gate logs | jq -r '.tg.rejected.code // "-"' | paste -sd,)"

jq -nc '{query: "Traceback (most recent call last):\n  File \"runpy.py\", line 198, in _run_module_as_main\n    return _run_code(code, main_globals, None,\n  File \"a.py\", line 3, in <module>\n    main()\nEOFError: the archive ends early",
	pos: ["def main():\n    pass\n"], tg: {task: "stack_trace_localization_retrieval", code_language: "python", pair: true}},
	{query: "Find the mean of the last values (those of the window", pos: ["def f(x):\n    return x\n"],
	tg: {task: "web_code_retrieval", code_language: "python", pair: true}}' >trace
is "a line of a trace may leave a bracket open, and prose may not" '-,cut' \
	"$(tg-gate trace | jq -r '.tg.rejected.code // "-"' | paste -sd,)"

# What is no defect for one task is one for another.
jq -nc '"def f(x):\n    if x:\n        return 1\n" as $code |
	{tg: {task: ("code_style_guideline_example_retrieval", "code_refactoring_pattern_retrieval"),
		code_language: "python", pair: true}, query: "Use two blanks.\n```\n\($code)```",
		pos: [$code | gsub("    "; "  ")]}' >layout
is "layout is no copy where it is the matter of the task" '-,copy' \
	"$(tg-gate layout | jq -r '.tg.rejected.code // "-"' | paste -sd,)"
jq -nc '"def f(x):\n    return x * x + 1\n" as $code |
	{tg: {task: ("code_documentation_retrieval", "optimized_code_retrieval"), code_language: "python",
		pair: true}, query: $code, pos: ["# One more than the square.\n" + $code]}' >comments
is "comments alone are a copy where they are no matter of the task" '-,copy' \
	"$(tg-gate comments | jq -r '.tg.rejected.code // "-"' | paste -sd,)"
tg-prompt --list --json 2>/dev/null | jq -s '[.[] | select(.name == "similar_code_retrieval") | .max_overlap = 1 |
	.name = "mine"]' >rows.json 2>/dev/null
jq -nc '"def total(xs):\n    result = 0\n    for x in xs:\n        result += x * x\n    return result\n" as $code |
	{query: $code, pos: [$code + "\n\nprint(total([1, 2]))\n"], tg: {task: ("similar_code_retrieval", "mine"),
	code_language: "python", pair: true}}' >overlap
is "a row says how much two sides may have in common" 'copy,-' \
	"$(tg-gate --tasks rows.json overlap | jq -r '.tg.rejected.code // "-"' | paste -sd,)"

# A rejected pair is stored as other rejects are, and no judge is asked for it.
jq -c 'select(.n == "refusal") | .tg.id = "0123456789abcdef0123456789abcdef" | .tg.key = "k"' in |
	tg-gate | tg-cache put -d cache | tg-prompt judge >out
is "a pair that a gate rejects is not judged" null "$(jq -c '.tg.request' out)"
check "and is stored with the rejects" test -e cache/rejected/0123456789abcdef0123456789abcdef.json
is "tg-emit counts it by its gate" '{"refusal":1}' \
	"$(tg-emit --summary sums out 2>/dev/null; jq -c .rejected sums)"
done_testing
