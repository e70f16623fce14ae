#!/bin/bash
# The pages say what the programs do, and what the pages show runs.
#
# PAGE=tg-judge compares only the options of tg-judge with its page.
export VALGRIND_ONE_IN=3
. tests/lib.sh

top=$PWD
needed='tg-prompt tg-llm tg-split-context tg-arrange tg-judge tg-negs tg-cache
	tg-calibrate tg-emit tg-export tg-mine tg-sum tg-folder tg-sample tg-run tg-batch'
pages=(man/*)
if [ -n "${PAGE:-}" ]; then
	needed=$PAGE
	pages=("man/$PAGE.1")
fi

# Let shellcheck read the scripts while the tests below run.
scripts=() lint=''
for f in pipelines/* tests/*.t tests/*.sh tests/deps lib/task/embed cmd/completion .ci/run; do
	case $f in
	*.md | tests/lib.sh) ;;
	*) [ ! -f "$f" ] || scripts+=("$f") ;;
	esac
done
if [ -z "${PAGE:-}" ] && command -v shellcheck >/dev/null; then
	# Most of the time would go into lib.sh, once for each test. The tests see its
	# functions without their bodies.
	mkdir -p "$T/lint.top/tests"
	ln -s "$top"/* "$top/.ci" "$T/lint.top" 2>/dev/null
	ln -s "$top"/tests/* "$T/lint.top/tests"
	rm "$T/lint.top/tests/lib.sh"
	awk '/^[a-z_]+\(\) \{$/ { print; print "\t:"; in_it = 1 }
		in_it && /^\}$/ { in_it = 0 }
		!in_it' tests/lib.sh >"$T/lint.top/tests/lib.sh"
	{
		shellcheck tests/lib.sh
		real=$?
		cd "$T/lint.top" && shellcheck -x "${scripts[@]}" && [ $real -eq 0 ]
	} >"$T/lint" 2>&1 &
	lint=$!
fi

# one_line: print standard input as one line, with single spaces.
one_line() {
	tr -s ' \t\n' ' ' | sed 's/^ //; s/ $//'
}

# plain PAGE: print the page as text, in very long lines, without overstriking.
plain() {
	mandoc -Tascii -Owidth=900 "$1" | col -bx
}

# section NAME: print this section of a plain page from standard input.
section() {
	awk -v name="$1" '/^[A-Z]/ { in_it = $0 == name; next } in_it'
}

# options_of_help: print the options in the first column of a usage text.
options_of_help() {
	sed -n '1,/^$/d; s/^  *\(-.*\)/\1/p' | sed 's/   *.*//' |
		grep -oE '(^|[ ,])--?[A-Za-z][A-Za-z0-9-]*' | tr -d ' ,' | sort -u
}

# options_of_page PAGE: print the options that the page describes.
options_of_page() {
	grep '^\.It Fl' "$1" | grep -oE 'Fl [A-Za-z0-9-]+' | sed 's/Fl /-/' |
		sort -u
}

# options_of_table TOOL: what --options lists, as options_of_page does.
options_of_table() {
	"$1" --options | awk -F '\t' '{ print "--" $1 } $2 != "-" { print "-" $2 }' |
		sort -u
}

# Each program agrees with its page.
for tool in $needed; do
	if [ ! -x "$TG_BIN/$tool" ]; then
		skip "$tool agrees with its page" "$tool is not there"
		continue
	fi
	page=man/$tool.1
	check_status "$tool --help ends with status 0" 0 "$tool" --help >"$T/help" 2>"$T/err"
	check "$tool --help prints the usage on stdout" [ -s "$T/help" ]
	check "$tool --help prints nothing on stderr" [ ! -s "$T/err" ]
	check_status "$tool --version ends with status 0" 0 "$tool" --version >"$T/out" 2>"$T/err"
	check "$tool --version prints name and version" \
		grep -Eqx "$tool [0-9]+\.[0-9]+\.[0-9]+" "$T/out"
	check_status "$tool refuses an unknown option with status 2" 2 \
		"$tool" --no-such-option \
		</dev/null >"$T/out" 2>"$T/err"
	check "$tool points to --help after an unknown option" \
		grep -q "see $tool --help" "$T/err"
	check "$tool writes no data after an unknown option" [ ! -s "$T/out" ]
	check "$tool has a page" [ -f "$page" ] || continue
	is "the SYNOPSIS of $tool(1) is the usage line" \
		"$(sed '/^$/,$d; s/^usage: //' "$T/help" | one_line)" \
		"$(plain "$page" | section SYNOPSIS | one_line)"
	options_of_help <"$T/help" >"$T/a"
	options_of_page "$page" >"$T/b"
	check_same "$tool(1) describes the options of --help and no others" "$T/a" "$T/b"
	case $tool in
	tg-batch) ;; # has no table yet
	*)
		options_of_table "$tool" >"$T/c"
		check_same "$tool(1) describes the options of --options and no others" "$T/c" "$T/b"
		check "$tool --options has four fields a line" [ -z "$("$tool" --options |
			grep -vPx '[a-z0-9-]+\t[A-Za-z-]\t(yes|no)\t(answer|sampling|limit|run)')" ]
		;;
	esac
	sed '/^$/,$d' "$T/help" | grep -oE '(\[|\| | )--?[A-Za-z][A-Za-z0-9-]*' |
		tr -d '[| ' | sort -u >"$T/c"
	check "$tool --help explains every option of its usage line" \
		[ -z "$(comm -23 "$T/c" "$T/a")" ]
	statuses='0 1 2 3'
	case $tool in tg-llm | tg-run | tg-batch) statuses="$statuses 4" ;; esac
	case $tool in tg-sum | tg-folder) statuses='0 2 3' ;; esac
	for status in $statuses; do
		plain "$page" | section 'EXIT STATUS' |
			grep -Eq "^ +$status( |\$)"
		ok "$tool(1) describes exit status $status"
	done
done

# Each page is clean and refers to pages that exist.
for page in "${pages[@]}"; do
	check "mandoc has no warning about $page" mandoc -Tlint -Wwarning "$page"
	sed -n 's/^\.Xr \(tg[a-z-]*\) \([0-9]\).*/\1.\2/p' "$page" | sort -u |
		while read -r other; do
			[ -f "man/$other" ] || echo "man/$other"
		done >"$T/out"
	is "$page refers only to pages that exist" '' "$(one_line <"$T/out")"
done
if [ -n "${PAGE:-}" ]; then
	done_testing
	exit
fi

# tg-tasks(5) lists the catalogue.
tg-prompt --list | jq -r '[.category, .name, .title] | @tsv' >"$T/a"
awk '/^\.Sh/ { in_it = $2 == "CATALOGUE" }
	!in_it { next }
	/^\.Ss/ { category = $2; sub(/:$/, "", category) }
	/^\.Ss Tasks of/ { exit }
	/^\.It Li/ { name = $3; next }
	name { gsub(/\\e/, "\\"); print category "\t" name "\t" $0; name = "" }
	' man/tg-tasks.5 >"$T/b"
check_same "tg-tasks(5) lists the tasks of the catalogue" "$T/a" "$T/b"
number=$(wc -l <"$T/b" | tr -d ' ')
check "tg(7) names the number of tasks" grep -q "There are $number tasks" man/tg.7
if [ -f README.md ]; then
	check "README.md names the number of tasks" grep -q "has $number retrieval tasks" README.md
else
	skip "README.md names the number of tasks" "README.md is not there"
fi
tg-prompt --list | jq -r 'select(.code_languages != []) |
	"\(.name) \(.code_languages | join(", "))"' >"$T/a"
# list SUBSECTION: print its items with their text, each as one line.
list() {
	awk -v name=".Ss $1" '/^\.S[sh]/ { in_it = $0 == name }
	/^\.El/ { in_it = 0 }
	!in_it || !/^\.It Li|^[^.]/ { next }
	/^\.It/ { sub(/^\.It Li /, in_list++ ? "\n" : ""); printf "%s", $0; next }
	/^[^.]/ && in_list { printf " %s", $0 }
	END { print "" }' man/tg-tasks.5
}
list "Tasks of certain code languages" >"$T/b"
check_same "tg-tasks(5) lists the tasks of certain code languages" "$T/a" "$T/b"
jq -r '.code_languages | to_entries[] |
	"\(.key) \([.value.name] + [.value.aliases | join(", ") |
	select(. != "")] | join("; "))"' lib/task/languages.json >"$T/a"
list "Code languages" >"$T/b"
check_same "tg-tasks(5) lists the code languages" "$T/a" "$T/b"
jq -r '.languages | to_entries[] | "\(.key) Ta \(.value)"' \
	lib/task/languages.json >"$T/a"
list "Natural languages" >"$T/b"
check_same "tg-tasks(5) lists the natural languages" "$T/a" "$T/b"
jq -r '.pairs[] | "\(.[0]) Ta Li \(.[1])"' lib/task/languages.json >"$T/a"
list Pairs >"$T/b"
check_same "tg-tasks(5) lists the pairs of code languages" "$T/a" "$T/b"

# The examples on the pages run. In a literal display, a line that begins with
# "$ " is a command. Lines that begin with "> " continue the command, and so do
# the lines of a here document. The lines after that are the expected output. All
# commands of a page run in one shell and one directory. The server is the mock, which
# the pages call http://gpu:8000/v1, with the model qwen. They leave out the lines that
# say who gets text and which code languages were read, as tg(7) tells, but for the
# examples that show them.

# sessions PAGE: print the displays that have commands, with "#end" after each.
sessions() {
	awk '/^\.Bd -literal/ { in_it = 1; shown = 0; next }
	/^\.Ed/ { if (shown) print "#end"; in_it = 0; next }
	in_it && /^\$ / { shown = 1 }
	in_it && shown {
		gsub(/\\\(aq/, "\047"); gsub(/\\\(dq/, "\"")
		gsub(/\\&/, ""); gsub(/\\e/, "\\")
		print
	}' "$1"
}

# run_one COMMAND EXPECTED: run a command, and write the result to descriptor 5.
run_one() {
	name=${1%%$'\n'*}
	while read -r tool; do
		case " $(one_line <<<"$needed") " in
		*" $tool "*) [ -x "$TG_BIN/$tool" ] || missing=$tool ;;
		esac
	done < <(grep -oE 'tg-[a-z-]+' <<<"$1" | sort -u)
	if [ -n "$missing" ]; then # later commands may need its output
		echo "skip $name" >&5
		return
	fi
	eval "$1" >.all 2>&1 </dev/null
	status=$?
	printf '%s' "$2" >.want
	hidden='^tg-[a-z-]*: text goes to \|^tg-prompt: [0-9]* [A-Z][A-Za-z#+]*\(, [0-9]\|; [0-9]* names\?\|$\)'
	! grep -q "$hidden" .want || hidden='^$'
	grep -v "$hidden" .all | sed "s,$MOCK_URL,http://gpu:8000/v1,; s/mock-model/qwen/" >.out
	if [ $status -ne 0 ]; then
		echo "fail $name: status $status: $(head -n 3 .out)" | one_line >&5
	elif [ -n "$2" ] && ! cmp -s .want .out; then
		echo "fail $name: $(diff .want .out)" | one_line >&5
	else
		echo "pass $name" >&5
	fi
	printf '\n' >&5
}

# run_sessions: run the commands of the displays on standard input.
run_sessions() {
	command='' expected='' missing='' until=''
	while IFS= read -r line; do
		if [ -n "$until" ]; then
			line=${line#'> '}
			command=$command$'\n'$line
			[ "$line" != "$until" ] || until=''
			continue
		fi
		case $line in
		'$ '* | '#end')
			[ -z "$command" ] || run_one "$command" "$expected"
			command='' expected=''
			[ "$line" = '#end' ] || command=${line#'$ '}
			;;
		'>'*)
			line=${line#>}
			command=$command$'\n'${line#' '}
			;;
		*)
			expected=$expected$line$'\n'
			continue
			;;
		esac
		[[ ! $line =~ \<\<\'?([A-Z]+) ]] || until=${BASH_REMATCH[1]}
	done
}

# report NAME FILE: turn the results of run_one in FILE into tests of page NAME.
report() {
	while read -r how what; do
		case $how in
		pass) pass "the example on $1 runs as shown: $what" ;;
		fail) fail "the example on $1 runs as shown: $what" ;;
		skip) skip "the example on $1 runs as shown: $what" \
			"not all programs are there" ;;
		esac
	done <"$2"
}

start_mock -o owned_by=vllm
export OPENAI_BASE_URL=$MOCK_URL
for page in man/*; do
	sessions "$page" >"$T/sessions"
	[ -s "$T/sessions" ] || continue
	rm -rf "$T/at" && mkdir "$T/at"
	(
		cd "$T/at" || exit
		run_sessions <"$T/sessions" 5>"$T/results"
	)
	report "${page#man/}" "$T/results"
done

# The blocks of README.md that are marked to run do, in one directory.
if [ -f README.md ]; then
	awk -v to="$T/readme" '/^<!-- run -->/ { marked = 1; next }
	/^```sh/ && marked { n++; in_it = 1; marked = 0; next }
	/^```/ { in_it = 0 }
	in_it { print >(to "." n) }
	NF { marked = 0 }' README.md
	rm -rf "$T/at" && mkdir "$T/at"
	for block in "$T"/readme.*; do
		[ -f "$block" ] || continue
		name=$(head -n 1 "$block")
		(cd "$T/at" && TG_TOP=$top bash -e "$block" </dev/null)
		ok "the block in README.md runs: $name"
	done
else
	skip "the blocks in README.md run" "README.md is not there"
fi
check "the mock server stops" stop_mock

# The result of shellcheck.
if [ -n "$lint" ]; then
	check "shellcheck has no remark about any script" wait "$lint"
	diag <"$T/lint"
else
	skip "shellcheck has no remark about any script" "shellcheck is not there"
fi

done_testing
