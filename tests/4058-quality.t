#!/bin/bash
# make quality: its figures, and that they count each document once.
. tests/lib.sh

start_mock -o owned_by=vllm
export OPENAI_BASE_URL=$MOCK_URL TG_BUILD=$T
check "a sample goes through a server" sh -c "tests/quality/run --each 1 --languages en -N 2 \
	--tasks web_code_retrieval,code_context_retrieval -- --no-gate >'$T/report' 2>'$T/err'"
is "each task has a line, and all together one" "web_code 1 0 - 0/ 1/ 0 0|code_context 1 0 - 0/ 1/ 0 0|all 2 0 - 0/ 2/ 0 0|" \
	"$(grep -E '^(web_code|code_context|all) .*/' "$T/report" | awk '{ print $1, $2, $3, $4, $5, $6, $7, $8 }' | tr '\n' '|')"
is "the pairs can be read" 2 "$(grep -c '^  query' "$T/report")"
is "figures of known texts are right" "[0, 1, 1, 0, 0] 0.75 0.5 0.125 3 1 1" "$(cd tests/quality && PYTHONDONTWRITEBYTECODE=1 python3 -c '
import figures as f
code = "def add(first, second):\n    total = first + second\n    print(total, first, second)\n    return total\n"
pair = {"query": "q", "pos": [code], "neg": [code.replace("total", "sum"), code.replace("print(total, first, second)", "log(1); print(total, first, second)"), "x = 1\n"]}
print(f.histogram(["one two three four five six", "整理数组中的每一个数字并返回总和结果"]),
      f.distinct3(["a b c d", "a b c e"]), f.overlap("sum_of numbers", "NUMBERS = 1"),
      "%.3f" % f.overlap("one two three four five six seven eight", "eight"), *f.near_copies([pair]))')"
done_testing
