#!/bin/bash
# Nothing that the caller's environment holds changes what the programs and scripts do.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3
unset GIT_DIR PARALLEL POSIXLY_CORRECT CDPATH
export HOME=$T/home GIT_CONFIG_NOSYSTEM=1
mkdir -p home src/sub else/src 'a b' xdg/git perl/File
echo 'a = 1' >src/one.py && echo 'b = 2' >src/sub/two.py && echo 'c = 3' >else/src/wrong.py
seq 25 | jq -c '{text: "def f\(.)(x):\n  y = x\n  return y + \(.)\n"}' >code
tg-prompt generate -t code_context_retrieval code | tg-split-context | tg-arrange >pairs
if command -v git >/dev/null; then
	git init -q src 2>err && git -C src add one.py 2>err
	whole=''
else
	whole=--all
fi

# The jobs print what a program and the scripts give, with their statuses.
cat >jobs.bash <<'END'
cd "$T" || exit
tg-emit pairs --meta </dev/null && echo "status $?"
tg-folder --min-tokens 0 $whole src && echo "status $?"
tg-fan-out -N 10 -j 2 tg-split-context <stamped && echo "status $?"
tg-run -q -t code_context_retrieval -m m <code && echo "status $?"
tg-make-examples -t web_code_retrieval <code && echo "status $?"
END
tg-prompt generate -t code_context_retrieval code >stamped
export whole
sh jobs.bash >want 2>err </dev/null
is "all jobs exit with 0" 5 "$(grep -c '^status 0$' want)"
is "all jobs have output" "$((25 + 1 + (${#whole} > 0) + 25 + 25 + 5))" "$(wc -l <want)"

# Programs that the environment may bring in.
echo 'echo hijacked; set -e; shopt -s failglob; cd /' >rc
printf '%s\n' 'def map(f): "hijacked";' 'def fromjson: "hijacked";' >home/.jq
mkdir -p home/.parallel && echo --dry-run >home/.parallel/config
printf '[core]\n\tfsmonitor = "echo hijacked"\n\tpager = "echo hijacked"\n' | tee home/.gitconfig >xdg/git/config
mkdir posix && ln -s "$(command -v bash)" posix/sh # a bash that takes functions in
echo 'package File::Temp; print "hijacked"; exit 9;' >perl/File/Temp.pm
while read -r setting; do
	[ -n "$setting" ] || continue
	words=()
	eval "words=($setting)"
	timeout $((100 * SLOW)) env "${words[@]}" /bin/sh jobs.bash >out 2>err </dev/null
	check_same "the output is the same with $setting" want out
	check_fail "nothing is hijacked by $setting" grep -q hijacked err
done <<'END'
CDPATH="$T/else" GLOBIGNORE='*' EXECIGNORE='*' FUNCNEST=1 IFS=sx BASH_COMPAT=31
BASH_ENV="$T/rc" ENV="$T/rc" SHELLOPTS=noglob:noexec PS4='$(echo hijacked >&2)' BASHOPTS=failglob:nocasematch
POSIXLY_CORRECT=1 GETOPT_COMPATIBLE=1 _POSIX2_VERSION=199209 GREP_OPTIONS=-v GREP_COLORS=ne
PARALLEL=--dry-run PARALLEL_SHELL=/bin/false PERL5OPT=-Mno_such_module PERL5LIB="$T/perl" SHELL=/bin/false
GIT_DIR="$T/nowhere" GIT_WORK_TREE="$T/else" GIT_INDEX_FILE="$T/nowhere" XDG_CONFIG_HOME="$T/xdg"
CDPATH=. LC_ALL=xx_YY.UTF-8 LANGUAGE=de TERM= COLUMNS=1 TMPDIR="$T/a b" HOME="$T/none"
TMPDIR='a b' PIPESTATUS=3 JQ_COLORS=x AWKBUFSIZE=1 GAWK_READ_TIMEOUT=1 NO_COLOR=1 OPTIND=5 BASH_REMATCH=x
TMPDIR=-p GIT_LITERAL_PATHSPECS=1 GIT_TRACE=1 TZ=x SECONDS=x LC_ALL=tr_TR.UTF-8
TMPDIR="$T/none" PATH="$T/posix:$PATH" 'BASH_FUNC_find%%=() { echo hijacked; }'
-u HOME -u TERM -u LC_ALL -u LANG LC_NUMERIC=xx_YY PARALLEL=--line-buffer PARALLEL_HOME="$T/home"
'BASH_FUNC_jq%%=() { echo hijacked; }' 'BASH_FUNC_cat%%=() { echo hijacked; }' 'BASH_FUNC_exec%%=() { echo hijacked; }' 'BASH_FUNC_read%%=() { echo hijacked; }' 'BASH_FUNC_cd%%=() { echo hijacked; }' 'BASH_FUNC_bash%%=() { echo hijacked; }' 'BASH_FUNC_find%%=() { echo hijacked; }'
END

# A locale with a comma in numbers, whose table for sorting would take seconds to make;
# the exit status 1 of localedef says that it is missing.
mkdir locale
sed '/^LC_COLLATE/,/^END LC_COLLATE/d' /usr/share/i18n/locales/de_DE >de_DE 2>err
localedef -c -i "$T/de_DE" -f UTF-8 "$T/locale/de_DE.UTF-8" >out 2>&1
if [ -e locale/de_DE.UTF-8/LC_NUMERIC ]; then
	# setlocale itself leaks what it reads from LOCPATH
	LOCPATH=$T/locale LC_ALL=de_DE.UTF-8 ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 \
		sh jobs.bash >out 2>err </dev/null
	check_same "the output is the same with a comma in numbers" want out
	is "that locale writes a comma" 1,5 "$(LOCPATH=$T/locale LC_ALL=de_DE.UTF-8 bash -c 'printf %.1f 1,5')"
else
	skip "the output is the same with a comma in numbers" "no such locale can be made"
fi
# A shell that gives up reading after a second.
mkdir shim && printf '#!/bin/sh\nsleep 1.2\nexec %s "$@"\n' "$(command -v tg-sum)" >shim/tg-sum && chmod +x shim/tg-sum
TMOUT=1 PATH=$T/shim:$PATH tg-run -t code_context_retrieval -m m <code >out 2>err
is "TMOUT ends no read of a script" "0/25/0" "$?/$(wc -l <out)/$(grep -c missing err)"
# A mask that takes everything from everybody.
nobody=(env)
[ "$(id -u)" -ne 0 ] || nobody=(setpriv --reuid 65534 --clear-groups)
if "${nobody[@]}" true 2>err; then
	chmod -R a+rwX "$T"
	# shellcheck disable=SC2016
	"${nobody[@]}" sh -c 'umask 0777; export HOME=/; unset GIT_CONFIG_NOSYSTEM; sh jobs.bash' >out 2>err </dev/null
	# git does not look into what belongs to somebody else
	check_same "the output is the same with an umask of 777" <(grep -v '"path"' want) <(grep -v '"path"' out)
else
	skip "the output is the same with an umask of 777" "no other user can be taken"
fi

# A command of the user's gets the environment that the caller has.
cat >shown <<'END'
echo "$CDPATH|$GLOBIGNORE|$PERL5OPT|$TMOUT|$LC_ALL|$SHELL|$(umask)"
END
is "tg-fan-out gives its command the caller's environment" 'x|y|-w|7|C|/bin/zsh|0027' \
	"$(umask 027; echo | CDPATH=x GLOBIGNORE=y PERL5OPT=-w TMOUT=7 LC_ALL=C SHELL=/bin/zsh tg-fan-out sh "$T/shown" 2>err)"
# shellcheck disable=SC2016
is "tg-fan-out sets no locale for its command" '' \
	"$(echo | env -u LC_ALL -u LANG tg-fan-out sh -c 'echo "$LC_ALL"' 2>err)"

# Byte order marks.
bom() { printf '\357\273\277' && cat; }
echo '{"input":"in","output":"out"}' | bom >pool
check_status "a pool of examples may begin with a byte order mark" 0 \
	tg-prompt generate -t code_summary_retrieval -e pool code >out 2>err
tg-prompt --list | jq -c 'select(.name == "code_summary_retrieval") | .name = "mine"' | bom >rows
check_status "a file of rows may begin with a byte order mark" 0 \
	tg-prompt generate --tasks rows -t mine code >out 2>err
bom <code >marked
is "records may begin with a byte order mark" 25 "$(tg-prompt generate -t mine --tasks rows marked marked 2>err |
	grep -c '"request"' | awk '{ print $1 / 2 }')"
tg-cache put -d cache -k k pairs >out 2>err
for f in cache/*.json; do bom <"$f" >marks && cp marks "$f"; done
is "a file of the cache may begin with a byte order mark" 25 "$(tg-prompt generate -t code_context_retrieval code |
	tg-cache get -d cache -k k | grep -c '"cached"')"
is "tg-run reads records with a byte order mark" 25 "$(tg-run -q -t code_context_retrieval -m m marked 2>err | wc -l)"
jq -c '{query: .text, pos: ["x"], tg: {task: "code_summary_retrieval", out: ["x"]}, text}' code | bom >earlier
is "tg-make-examples takes the first line of a file with a byte order mark" 20 "$(tg-make-examples earlier 2>err | wc -l)"
check "tg-make-examples finds no line unfit" grep -q ': 25 lines, 0 unfit' err

# Names that begin with a dash, and a folder that has only a dash.
mkdir -- - && cp src/one.py ./- && cp code ./-in.jsonl
for name in - ./- "$T/-"; do
	is "tg-folder takes the folder $name" one.py "$(cd src && cd .. && OLDPWD=$T/else tg-folder --min-tokens 0 --all -- "$name" 2>err |
		jq -r .path | sed 's|.*/||')"
done
rm -r ./-
is "tg-fan-out -d - works" 25 "$(tg-fan-out -N 10 -d - cat <code 2>err | wc -l)"
check "tg-fan-out -d - works in the folder -" [ -e ./-/plan ]
check_status "tg-batch start - works" 0 tg-batch start ./-- -t code_summary_retrieval -m m <code >out 2>err
export SLURM_ARRAY_TASK_ID=0
check_status "tg-slurm -d - works" 0 tg-slurm -n 1 -d ./-job -- -in.jsonl cat 2>err
is "tg-slurm -d - --collect works" 25 "$(tg-slurm -n 1 -d ./-job --collect 2>err | wc -l)"
for program in "tg-prompt generate -t web_code_retrieval" tg-llm tg-split-context tg-arrange tg-gate tg-judge tg-negs \
	"tg-cache get -d cache"; do
	# shellcheck disable=SC2086
	is "$program reads a file behind --" 25 "$($program -- -in.jsonl 2>err | wc -l)"
done
cp pairs ./-pairs.jsonl
is "tg-emit reads a file behind --" 25 "$(tg-emit -- -pairs.jsonl 2>err | wc -l)"
done_testing
