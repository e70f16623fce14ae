#!/bin/bash
# tg-folder: which files of a folder it takes, and what it says of the others.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3
export HOME=$T GIT_CONFIG_NOSYSTEM=1

# small OPTION... FOLDER...: runs tg-folder so that it takes the smallest files and equal ones.
small() { tg-folder --min-tokens 0 --keep copies,encoded,minified "$@"; }

# Which files are taken.
mkdir -p tree/sub/.git "tree/ a" && cd tree || exit 3
printf 'x = 1\n' >a.py
printf 'a\tb\r\n"q" \\ \303\251 \357\277\275' >'sub/é "q" '$'\n''.PY'
printf '\357\273\277int x;\n' >'sub/--rawfile.c'
printf 'y' >'-n.py'
printf '#!/bin/sh\n' >noext
printf 'go\n' >' a/x.go'
printf 'nul\0\n' >nul.py
printf 'latin \351\n' >latin.py
printf '\355\240\200' >surrogate.py
printf ' \n\t\r\n' >blank.py
: >empty.py
printf 'z\n' >$'bad\377.py'
head -c 2000 /dev/zero | tr '\0' x >big.py
ln -s a.py link.py
mkfifo fifo.py
mkdir dir.py
printf 'hidden\n' >sub/.git/config.py
check_status "tg-folder exits with 0" 0 small --max-bytes 1999 >../out 2>../err
cat >../want <<'END'
{"text":"go\n","path":" a/x.go","code_language":"go"}
{"text":"y","path":"-n.py","code_language":"python"}
{"text":"x = 1\n","path":"a.py","code_language":"python"}
{"text":"int x;\n","path":"sub/--rawfile.c","code_language":"c"}
{"text":"a\tb\r\n\"q\" \\ é �","path":"sub/é \"q\" \n.PY","code_language":"python"}
END
check_same "tg-folder gives the text files in order" ../want ../out
check "tg-folder counts the files that it leaves out" grep -q \
	'^tg-folder: .: 5 files (3 Python, 1 C, 1 Go); left out: 1 of other languages (1 no ending), 1 symbolic links, 3 empty, .*, 4 not text, 1 whose names' ../err
cd ..
small tree/ "$T/tree/sub" --max-bytes 1999 2>err | jq -r .path >out
is "tg-folder takes several folders and gives their paths" \
	"tree/a.py $T/tree/sub/--rawfile.c" "$(grep -e 'tree/a.py' -e "^$T.*raw" out | paste -sd ' ')"
is "tg-folder -c gives only files of these languages" '["c","go"]' "$(small -c GoLang -c C tree 2>err |
	jq -sc 'map(.code_language) | unique')"
tg-folder -c cobol tree >out 2>err
is "tg-folder refuses an unknown language" 2 $?
check_status "tg-folder refuses a bad number" 2 tg-folder --max-bytes 1k tree 2>err
check_status "tg-folder exits with 3 if a folder is missing" 3 tg-folder nowhere 2>err
check_status "tg-folder refuses an unknown option" 2 tg-folder --nonsense 2>err
check "tg-folder points to --help" grep -q 'see tg-folder --help' err
mkdir others none && echo 'fun main() {}' >others/main.kt && echo 'fun b() {}' >others/b.kts
printf '<?xml version="1.0"?>\n<TS version="2.1"/>\n' >others/app_de.ts
tg-folder others >out 2>err
is "files of unknown languages and XML named .ts are counted" \
	'tg-folder: others: 0 files; left out: 2 of other languages (1 .kt, 1 .kts), 1 XML whatever their names' \
	"$(cat err)"
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n' >others/lfs.py
tg-folder others >out 2>err
check "files that Git LFS has elsewhere are counted" grep -q ' 0 files; .*, 1 in Git LFS (git lfs pull)$' err
check_status "a file instead of a folder is an error, before anything is written" 3 tg-folder tree others/main.kt >out 2>err
is "the message names the file" 'tg-folder: others/main.kt: is no folder/0' "$(cat err)/$(wc -l <out)"
check_status "a folder without a name is an error" 3 tg-folder '' >out 2>err
name=$(printf '%0200d' 0) && deep=long/$name/$name/$name/$name/$name/$name/$name/$name/$name/$name
mkdir -p "$deep" && for i in $(seq 600); do echo 1 >"$deep/$i.py"; done
is "many files with long names are taken" 600 "$(small long 2>err | wc -l)"
if [ "$(id -u)" -ne 0 ]; then
	mkdir closed && mkdir -m 0 closed/inner
	tg-folder closed >out 2>err
	check "folders that cannot be read are counted" grep -q ' 1 folders that cannot be read' err
else
	skip "folders that cannot be read are counted" "root reads them"
fi
check_status "tg-folder of an empty folder exits with 0" 0 tg-folder none >out 2>err
check "tg-folder of an empty folder gives no output" [ ! -s out ]
if command -v git >/dev/null; then
	mkdir repo && cd repo || exit 3
	git init -q . 2>err
	echo tracked >a.py && echo other >b.py && echo gone >c.py
	mkdir sub && echo deep >sub/d.py
	git add a.py c.py sub && rm c.py
	is "tg-folder in a git repository gives the tracked files" 'a.py sub/d.py' "$(small 2>err | jq -r .path | paste -sd ' ')"
	is "tg-folder of a folder within a repository gives its tracked files" 'sub/d.py' "$(small sub 2>err | jq -r .path)"
	is "tg-folder --all in a repository gives untracked files, too" 'a.py b.py sub/d.py' \
		"$(small --all 2>err | jq -r .path | paste -sd ' ')"
	git init -q inner && echo x >inner/x.py && git -C inner add . &&
		git -C inner -c user.name=a -c user.email=a@example.com commit -qm 1
	git add inner 2>../err
	rm err
	tg-folder >../out 2>../err
	check "files that git does not track are counted" grep -q ' 1 untracked (' ../err
	check "submodules are counted" grep -q ' 1 git submodules (' ../err
	check "a tracked file that is not there is counted" grep -q ' 1 that git tracks but are not there' ../err
	mkdir -p dist && echo x | tee dist/y.py >z.log && printf 'dist\n*.log\n' >.gitignore && ln -s a.py l.py
	git add .gitignore l.py
	tg-folder >../out 2>../err
	check "what git ignores is counted, a folder at a time" grep -q ' 2 ignored by git (' ../err
	check "a tracked symbolic link is counted" grep -q ' 1 symbolic links' ../err
	mkdir dist/in && echo x >dist/in/z.py && tg-folder dist/in >../out 2>../err
	check "what git ignores is counted within an ignored folder" grep -q ' 1 ignored by git (' ../err
	rm -r dist z.log .gitignore l.py
	id=$(git hash-object -w a.py)
	printf '100644 %s %s\tb.py\n' "$id" 1 "$id" 2 "$id" 3 | git update-index --index-info
	small >../out 2>../err
	check "a file in conflict is one file" grep -q '^tg-folder: .: 3 files (3 Python)' ../err
	git rm -q --cached b.py 2>../err
	mv .git/HEAD . && tg-folder >../out 2>../err
	check "a message says that git takes a folder with .git for no repository" \
		grep -q '^tg-folder: .: git cannot tell its files: every file is taken (fatal: not a git' ../err
	mv HEAD .git
	if [ "$(id -u)" -eq 0 ]; then
		chown -R 65534 .
		(unset SUDO_UID && small >../out 2>../err)
		check "a folder of another owner is taken whole, and that is said" \
			grep -q 'git cannot tell its files.*ownership' ../err
		is "every file of it is there" 'a.py b.py inner/x.py sub/d.py' \
			"$(jq -r .path ../out | paste -sd ' ')"
	else
		skip "a folder of another owner is taken whole" "needs root"
	fi
	cd ..
else
	skip "tg-folder in a git repository gives the tracked files" "needs git"
fi
mkdir many && seq 3000 | awk '{ f = "many/" $1 ".py"; printf "v = %d\n", $1 >f; close(f) }'
begin=$(date +%s%N)
is "tg-folder gives 3000 files" 3000 "$(small --all many 2>err | jq -c .text | sort -u | wc -l)"
diag "$((3000 * 1000000000 / ($(date +%s%N) - begin))) files a second"
small --all many 2>err | head -n 1 >out
is "tg-folder ends on a broken pipe with status 141" 141 "${PIPESTATUS[0]}"
check "tg-prompt accepts every record of tg-folder" \
	[ "$(small --all tree many 2>err | tg-prompt generate -t web_code_retrieval \
		--code-language-field code_language | grep -c '"request"')" = 3006 ]

done_testing
