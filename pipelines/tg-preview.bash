# shellcheck shell=bash disable=SC2034,SC2154 # tg-run has the variables
# tg-preview.bash - what tg-run --preview shows of its documents. tg-run sources this file
# after tg-common.bash; it is not run by itself.

# show_preview: print the triplets in the file $tmp/kept and the records in $tmp/ended, with
# control characters shown and long texts cut. Set $whole to the number of documents that
# the input has, if all of it was read.
show_preview() {
	touch "$tmp/kept" "$tmp/ended"
	print "$(preview_text)"$'\n'
	[ -n "$signal" ] || IFS=':}' read -r _ whole _ <"$tmp/whole"
	[ "$whole" != 0 ] || whole=''
}

# preview_text: print what show_preview shows.
preview_text() {
	jq -nr --slurpfile kept "$tmp/kept" --slurpfile ended "$tmp/ended" '
		# Control characters, marks that turn the direction of writing and others that
		# no terminal shows become escapes; tabs stay.
		def hex: (if . < 16 then "" else . / 16 | floor | hex end) +
			"0123456789ABCDEF"[. % 16:. % 16 + 1];
		def plain: explode | map(
			if . < 32 and . != 9 or (. > 126 and . < 160) or . == 173 or . == 1564 or
				. == 6158 or (. > 8202 and . < 8208) or (. > 8231 and . < 8239) or
				(. > 8287 and . < 8304) or . == 65279 or (. > 917503 and . < 917632)
			then "<U+\(hex | if length < 4 then ("000" + .)[-4:] else . end)>" | explode[]
			else . end) | implode;
		def short($n): if length > $n then "\(.[:$n]) ... (\(length - $n) more characters)" else . end;
		def indented: gsub("\r\n"; "\n") | rtrimstr("\n") / "\n" |
			(.[:24] | map("    " + (short(160) | plain))) +
				if length > 24 then ["    ... (\(length - 24) more lines)"] else [] end |
			join("\n");
		def part($name): if type == "string" then "\($name):\n\(indented)" else empty end;
		def word: strings // "" | short(200) | plain;
		def origin: [.task, .code_language, .tgt_code_language, .path, .name | word] |
			map(select(. != "")) | if . == [] then "" else " - " + join(", ") end;
		def texts: (.query | part("query")), (.pos[0]? | part("positive")),
			((.neg | arrays | to_entries[]) | .key as $i | .value | part("negative \($i + 1)"));
		def head($what): "==== \($what)\(origin)";
		# what the judges have found
		def number($whose): objects | [(.p | numbers | "p \(.)\($whose)"),
			(.calibrated | numbers | "calibrated \(.)")] | select(. != []) | join(", ");
		def judged: [(.judge_first | number(" of the first judge")), (.judge | number(""))] |
			if . == [] then empty else "judge: \(join("; "))" end;
		($kept[] | (.meta | head("kept"), judged), texts, ""),
		($ended[] | . as $r | (.tg.rejected // .tg.error) as $why |
			(if $r.tg.rejected then "rejected" else "failed" end) as $how |
			($r + {task: $r.tg.task, code_language: ($r.tg.code_language // $r.code_language),
				tgt_code_language: $r.tg.tgt_code_language} |
				head("\($how), \($why.code | word): \($why.message | word)")),
			($r.tg | judged),
			($r.tg.judge.answer? | part("judge")),
			texts,
			(if $r.query then empty
			else $r[$r.tg.field // "text"] | part($r.tg.field // "text" | word) end),
			($r.tg.raw? | strings | @base64d | part("line")),
			"")'
}
