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
check_status "a missing file is an error, before anything is written" 3 tg-folder tree others/no.c >out 2>err
is "the message names the file" 'tg-folder: others/no.c: no such file or folder/0' "$(cat err)/$(wc -l <out)"
check_status "a pipe is no operand" 3 tg-folder tree/fifo.py 2>err
check "the message says so" grep -q ': is neither a file nor a folder$' err
is "files may be named, of several folders" 'tree/-n.py tree/a.py tree/sub/--rawfile.c tree/a.py' \
	"$(small tree/a.py tree/-n.py tree/sub/--rawfile.c --keep copies tree/a.py 2>err | jq -r .path | paste -sd ' ')"
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

# Functions, chunks and comments.
mkdir code && cat >code/a.py <<'END'
import os

# Adds.
@cached
def add(a, b):
    # the sum
    return a + b + int(os.environ["BIAS"])

x = 1
END
tg-folder --all --functions code >out 2>err
is "tg-folder --functions gives name, lines and text of a function" \
	'["add",[3,7],"# Adds.\n@cached\ndef add(a, b):\n    # the sum\n    return a + b + int(os.environ[\"BIAS\"])\n"]' \
	"$(jq -c '[.name, .lines, .text]' out)"
is "the message counts the functions" "tg-folder: code: 1 file (1 Python), 1 function" "$(cat err)"
is "the lines of --strip-comments are those of the file" '[[3,7],false]' \
	"$(tg-folder --all --functions --strip-comments code 2>err | jq -c '[.lines, (.text | contains("#"))]')"
tg-folder --all --functions --min-tokens 100 code >out 2>err
is "a function that is too short is counted" \
	"tg-folder: code: 0 files, 0 functions; left out: 1 functions of fewer than 100 tokens (--min-tokens)" "$(cat err)"
seq 400 | sed 's/.*/call(&, "x")/' >code/long.py
is "a file of more tokens than --max-tokens is left out" a.py \
	"$(tg-folder --all --max-tokens 1000 code 2>err | jq -r '.path | sub(".*/"; "")')"
check "and counted" grep -q ' 1 of more than 1000 tokens (--max-tokens)' err
tg-folder --all --chunks 200 code >out 2>err
jq -r 'select(.path == "code/long.py") | "\(.lines[0]),\(.lines[1])p"' out >ranges
jq -rj 'select(.path == "code/long.py") | .text' out >got
while read -r range; do sed -n "$range" code/long.py; done <ranges >want
check_same "the lines of each chunk are those of its text" want got
sort -u got >a && sort -u code/long.py >b
check_same "--chunks loses no line" a b
check "--chunks makes several records of a long file" [ "$(wc -l <ranges)" -gt 5 ]

# Kinds that are left out.
mkdir -p kinds/node_modules kinds/src kinds/tests
echo 'def f(a, b): return a * b + a - b + 1 * len([a, b])' >kinds/node_modules/a.py
printf '# Code generated by x. DO NOT EDIT.\ndef f(a, b):\n    return a * b + 2 - max(a, b)\n' >kinds/gen.py
printf 'T = [%s]\n' "$(seq -s, 300)" >kinds/table.py
printf '!function(){%s}();\n' "$(for i in $(seq 40); do printf 'a%d=b(c,%d);' "$i" "$i"; done)" >kinds/m.js
printf 'def f(path):\n    # reads\n    with open(path) as f:\n        return f.read(10) or None\n' >kinds/src/a.py
printf 'def g(name):\n\n    with open(name) as h:\n        return h.read(99) or None  # x\n' >kinds/src/b.py
printf 'def test_f():\n    assert [f(i) for i in range(10)] == list(range(10))\n' >kinds/tests/c.py
tg-folder --all --explain kinds >out 2>err
is "the usual kinds are left out" kinds/src/a.py,kinds/tests/c.py "$(jq -r .path out | paste -sd ,)"
cat >want <<'END'
tg-folder: kinds/gen.py: generated: "Code generated by x. DO NOT EDIT."
tg-folder: kinds/m.js: minified: 571 of 572 bytes are long lines with little white space
tg-folder: kinds/node_modules/a.py: vendored: node_modules/
tg-folder: kinds/src/a.py: kept: 25 tokens
tg-folder: kinds/src/b.py: copies: kinds/src/a.py
tg-folder: kinds/table.py: encoded: 1097 of 1097 bytes are data
tg-folder: kinds/tests/c.py: kept: 25 tokens
END
sed -i 's/[0-9]* \(tokens\|of [0-9]* bytes\)/N/; s/N are/N are/' want
sed '$d; s/[0-9]* \(tokens\|of [0-9]* bytes\)/N/' err >got
check_same "--explain says of each file why it is left out" want got
check "the message counts them, each with its word" grep -q \
	'left out: 1 vendored (--keep vendored), 1 generated (--keep generated), 1 minified (--keep minified), 1 of encoded data (--keep encoded), 1 near copies of others (--keep copies)$' err
for word in generated:gen.py minified:m.js vendored:node_modules/a.py encoded:table.py copies:src/b.py; do
	check "--keep ${word%%:*} takes that kind" grep -q "kinds/${word#*:}" \
		<<<"$(tg-folder --all --keep "${word%%:*}" kinds 2>err | jq -r .path)"
done
is "--keep takes several words" 7 "$(tg-folder --all --keep generated,minified --keep vendored,encoded,copies kinds 2>err | wc -l)"
check_status "--keep refuses another word" 2 tg-folder --keep tests kinds 2>err
check "and says which there are" grep -q '^tg-folder: --keep: "tests" is none of: vendored generated minified encoded copies; ' err
is "--no-tests leaves out tests" kinds/src/a.py "$(tg-folder --all --no-tests kinds 2>err | jq -r .path)"
is "a folder above the named one does not make a file vendored" kinds/node_modules/a.py \
	"$(tg-folder --all kinds/node_modules 2>err | jq -r .path)"
is "a near copy in another folder of the call is one" 1 "$(mkdir other && cp kinds/src/b.py other &&
	tg-folder --all kinds/src other 2>err | wc -l)"

# Where a record comes from.
mkdir -p from/pkg/in from/top && cp kinds/src/a.py from/pkg/in/a.py && cp code/a.py from/top/b.py
{ echo '// SPDX-License-Identifier: ISC' && echo 'int f(int a, int b) { return a * b + a - b; }'; } >from/pkg/c.c
echo '{"name":"x","license":"Apache-2.0"}' >from/pkg/package.json
printf 'MIT License\n\nPermission is hereby granted, free of charge, to any person\nthis permission notice\n' >from/LICENSE
is "license is that of the file, or of the nearest folder" \
	'["from/pkg/c.c","ISC"],["from/pkg/in/a.py","Apache-2.0"],["from/top/b.py","MIT"]' \
	"$(tg-folder --all from 2>err | jq -c '[.path, .license]' | paste -sd ,)"
is "without git there is neither repository nor revision" false \
	"$(tg-folder --all from 2>err | jq -s 'any(.[]; has("repository") or has("revision"))')"
if command -v git >/dev/null; then
	git init -q from 2>err && git -C from remote add origin https://me:secret@example.com/a/b.git
	git -C from add . && git -C from -c user.name=a -c user.email=a@example.com commit -qm 1
	tg-folder from/top >out 2>err
	is "repository is the remote without user and password" https://example.com/a/b.git "$(jq -r .repository out)"
	is "revision is the commit" "$(git -C from rev-parse HEAD)" "$(jq -r .revision out)"
	is "license is looked for up to the top of the work tree" MIT "$(jq -r .license out)"
	is "meta has them all" '["MIT","https://example.com/a/b.git","from/top/b.py",true]' \
		"$(tg-prompt generate -t code_context_retrieval out 2>err | tg-split-context | tg-arrange | tg-emit --meta |
		jq -c '.meta | [.license, .repository, .path, has("revision")]')"
	mkdir from/new && cp kinds/tests/c.py from/new && tg-folder from/new >out 2>err
	is "a folder without tracked files gives a word of --all" \
		'tg-folder: from/new: 0 files; left out: 1 untracked (--all takes them); tg-folder --all takes what git does not track' "$(cat err)"
	mkdir -p from/build/p/q from/build/r && cp kinds/src/a.py from/build && cp kinds/src/a.py from/build/p/q &&
		cp kinds/src/a.py from/build/r && cp from/pkg/package.json from/build/p && echo build/ >from/.gitignore
	tg-folder --all --keep copies from >out 2>err
	is "an ignored file has neither repository nor revision, and a license of its own folders alone" \
		'["build/a.py"],["build/p/q/a.py","Apache-2.0"],["build/r/a.py"],["new/c.py","https://example.com/a/b.git","MIT"]' \
		"$(jq -c 'select(.path | test("build|new")) | [.path[5:], .repository, .revision, .license | values]' out | paste -sd ,)"
	is "the same holds within an ignored folder" '["build/p/q/a.py","Apache-2.0"],["build/r/a.py"]' \
		"$(tg-folder --all --keep copies from/build/p from/build/r 2>err |
		jq -c '[.path[5:], .repository, .revision, .license | values]' | paste -sd ,)"
else
	skip "repository and revision" "needs git"
fi

# Notebooks.
mkdir notes && cat >notes/n.ipynb <<'END'
{"cells":[{"cell_type":"markdown","source":["# title"]},
{"cell_type":"code","source":["%matplotlib inline\n","import os\n","print(sum(x for x in range(10)), os.name)"],
 "outputs":[{"text":["hidden output"]}]},
{"cell_type":"code","source":"%%bash\nfor f in *.py; do sed -i 's/a/b/' \"$f\" && echo \"$f\"; done"},
{"cell_type":"code","source":"%%html\n<b>some words of HTML</b>"}],
"metadata":{"kernelspec":{"language":"python"}}}
END
echo '{"cells":' >notes/torn.ipynb
tg-folder --all notes >out 2>err
is "each code cell of a notebook is a record" '[2,"python"],[3,"shell"]' "$(jq -c '[.cell, .code_language]' out | paste -sd ,)"
is "magics are no part of a cell" '"import os\nprint(sum(x for x in range(10)), os.name)"' "$(jq -c .text out | head -n 1)"
check_fail "outputs are not taken" grep -q hidden out
is "a torn notebook and a cell of HTML are counted" \
	'tg-folder: notes: 1 file (1 Python), 2 records; left out: 1 notebooks that cannot be read, 1 cells of other languages' "$(cat err)"
mkdir secret
key=MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cK1
cat >secret/a.py <<END
def f():
    password = "hunter2"


k = """-----BEGIN PRIVATE KEY-----
$key
$key
-----END PRIVATE KEY-----"""


def g():
    return 1
END
tg-folder --min-tokens 1 --all secret >out 2>err
is "secrets are redacted by default" "$(sed "s/hunter2/<redacted:password>/; 6s/.*/<redacted:private-key>/; 7s/.*//" secret/a.py)" \
	"$(jq -r .text out)"
is "the secrets are counted" 'tg-folder: 2 secrets redacted: 1 password, 1 private-key' "$(grep secrets err | tail -n 1)"
is "--secrets drop leaves out what has secrets" g \
	"$(tg-folder --min-tokens 1 --functions --secrets drop --all secret 2>err | jq -r .name)"
is "--secrets keep does not look" 0 "$(tg-folder --min-tokens 1 --secrets keep --all secret 2>err | grep -c redacted)"
tg-folder --min-tokens 1 --secrets drop --explain --all secret >out 2>err
check "--explain names secrets as the reason" grep -q '^tg-folder: secret/a.py: secrets: ' err

mkdir twice
printf 'def f(a, b):\n    c = a + b\n    return c * a - b\n' >twice/a.py
printf '%s\n\ndef g(z):\n    return sorted(z, key=abs)[0]\n' "$(cat twice/a.py)" >twice/b.py
is "a function that stands in two files is taken once" 'a.py f b.py g' \
	"$(tg-folder --functions --min-tokens 1 --all twice 2>err | jq -r '(.path / "/")[-1], .name' | paste -sd ' ')"
check "functions that are equal are counted" grep -q '1 functions equal to others (--keep copies)' err
is "--keep copies takes equal functions" 3 \
	"$(tg-folder --functions --min-tokens 1 --keep copies --all twice 2>err | wc -l)"

done_testing
