# table: raw.jsonl, slurped, as tables of medians

def median: sort | if length == 0 then null else .[(length - 1) / 2 | floor] end;
def round2: if . == null then "" else . * 100 | round / 100 | tostring end;
def row: "| " + join(" | ") + " |";
def rate: .requests / .seconds;
def cpu: .cpu_us / .requests;

# Both sides of a comparison ran by turns: pair them by their turn.
def pairs($a; $b; f): [range([$a, $b] | map(length) | min) | ($a[.] | f) / ($b[.] | f)];

. as $all |
def at($who; $latency; $jobs):
	[$all[] | select(.who == $who and .latency == $latency and .jobs == $jobs)];
def line($title; $jobs; f): [$title] + [$jobs[] | f | round2] | row;
def head($title; $jobs): ([$title] + ($jobs | map(tostring)) | row),
	(["---"] + ($jobs | map("---")) | row);

([1, 16, 64, 256, 1024] | map(select(at("wrk"; 0; .) != []))) as $j |
if $j != [] then
	head("no latency, in flight"; $j),
	line("tg-llm ÷ wrk, requests a second"; $j;
		pairs(at("tg-llm"; 0; .); at("wrk"; 0; .); rate) | median),
	line("tg-llm ÷ wrk, CPU a request"; $j;
		pairs(at("tg-llm"; 0; .); at("wrk"; 0; .); cpu) | median),
	line("tg-llm ÷ bare libcurl, CPU a request"; $j;
		pairs(at("tg-llm"; 0; .); at("bare"; 0; .); cpu) | median),
	line("tg-llm, CPU µs a request"; $j; at("tg-llm"; 0; .) | map(cpu) | median),
	line("bare libcurl, CPU µs a request"; $j; at("bare"; 0; .) | map(cpu) | median),
	line("wrk, CPU µs a request"; $j; at("wrk"; 0; .) | map(cpu) | median), ""
else empty end,

([64, 256, 1024] | map(select(at("tg-llm"; 50; .) != []))) as $j |
if $j != [] then
	head("50 ms, in flight"; $j),
	line("tg-llm ÷ ideal"; $j; . as $n | at("tg-llm"; 50; $n) | map(rate / ($n / 0.05)) | median),
	line("tg-llm ÷ wrk"; $j; . as $n |
		pairs(at("tg-llm"; 50; $n); at("wrk"; 50; $n); rate) | median),
	line("wrk ÷ ideal"; $j; . as $n | at("wrk"; 50; $n) | map(rate / ($n / 0.05)) | median),
	line("tg-llm ÷ ideal at 500 ms"; $j;
		. as $n | at("tg-llm"; 500; $n) | map(rate / ($n / 0.5)) | median),
	line("tg-llm, CPU µs a request"; $j; at("tg-llm"; 50; .) | map(cpu) | median),
	line("wrk, CPU µs a request"; $j; at("wrk"; 50; .) | map(cpu) | median),
	line("peak memory, MB"; $j; at("tg-llm"; 50; .) | map(.rss_kb / 1000) | max),
	line("÷ (10 MB + 40 KB × in flight)"; $j;
		. as $n | at("tg-llm"; 50; $n) | map(.rss_kb / (10000 + 40 * $n)) | max), ""
else empty end,

([16, 64, 256] | map(select(at("threads"; 0; .) != []))) as $j |
if $j != [] then
	head("no latency, in flight"; $j),
	line("tg-llm ÷ Python threads, requests a second"; $j;
		pairs(at("tg-llm"; 0; .) | .[-1:]; at("threads"; 0; .); rate) | median),
	line("tg-llm ÷ xargs curl, requests a second"; $j;
		pairs(at("tg-llm"; 0; .); at("xargs"; 0; .); rate) | median), ""
else empty end,

([$all[] | select(.who == "tg-run")]) as $runs |
if ($runs | length) > 0 then
	(["tg-run, 64 slots", "server busy", "before its last request", "CPU ms a triplet"] | row),
	(["---", "---", "---", "---"] | row),
	($runs[] | [if .with == "" then "no cache" else .with end, (.whole | round2),
		(.before_tail | round2), (.cpu_us / .documents / 1000 | round2)] | row)
else empty end
