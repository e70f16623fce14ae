#!/bin/sh
# rotate.sh FILE [KEEP]: shift FILE to FILE.1, FILE.1 to FILE.2 and so on,
# keeping KEEP old copies (5 unless given), and start FILE anew.
set -eu

file=$1
keep=${2:-5}

[ -f "$file" ] || exit 0
rm -f "$file.$keep"
i=$((keep - 1))
while [ "$i" -ge 1 ]; do
	if [ -f "$file.$i" ]; then
		mv "$file.$i" "$file.$((i + 1))"
	fi
	i=$((i - 1))
done
mv "$file" "$file.1"
: >"$file"
