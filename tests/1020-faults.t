#!/bin/bash
# The table of faults, tests/faults.md: it has 45 rows, and each names tests that exist.
# shellcheck source=tests/lib.sh
. tests/lib.sh

rows=() missing=()
while IFS='|' read -r _ row _ _ tests _; do
	[[ $row =~ ^\ [0-9]+\ $ ]] || continue
	rows+=("${row// /}")
	while read -r file words; do
		[ -n "$words" ] && grep -v "^[[:space:]]*#" "tests/${file%:}" | grep -qF -- "$words" ||
			missing+=("row$row$file $words;")
	done < <(sed 's/^ //; s/ $//; s/; \([0-9]\)/\n\1/g' <<<"$tests")
done <tests/faults.md
is "the table has the rows 1 to 45" "$(seq 45 | paste -sd ' ')" "${rows[*]}"
is "each row names tests that exist" '' "${missing[*]}"
done_testing
