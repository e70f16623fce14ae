#!/bin/bash
# No script runs a command that a folder holds, and none deletes a file that it
# has not made.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3
export HOME=$T GIT_CONFIG_NOSYSTEM=1
trap_set="touch $T/pwned; false"
not_run() { check "$1: no command was run" [ ! -e "$T/pwned" ]; }

# Every setting by which git could run a program when it lists files.
if command -v git >/dev/null; then
	git_as() { git -c user.name=a -c user.email=a@b -c protocol.file.allow=always "$@" 2>>err; }
	git init -q evil 2>err && mkdir -p evil/sub/objects evil/sub/refs
	touch evil/sub/objects/.k evil/sub/refs/.k
	echo 'ref: refs/heads/main' >evil/sub/HEAD
	printf '[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = "."\n\tfsmonitor = "%s"\n' \
		"$trap_set" >evil/sub/config
	echo 'x = 1' >evil/sub/b.py
	git_as -C evil add -A && git_as -C evil commit -qm x && git_as clone -q evil clone
	tg-folder --min-tokens 0 clone/sub >out 2>err
	not_run "a bare repository within a clone"
	is "a bare repository within a clone: its file is taken" clone/sub/b.py "$(jq -r .path out)"
	check "a bare repository within a clone: a message says that git refuses" \
		grep -q '^tg-folder: clone/sub: git cannot tell its files: every file is taken' err
	tg-folder --min-tokens 0 clone >out 2>err
	not_run "a clone with a bare repository"
	is "a clone with a bare repository: its file is taken" clone/sub/b.py "$(jq -r .path out)"

	git init -q arc 2>err && echo 'y = 1' >arc/a.py && git_as -C arc add -A
	mkdir hooks
	for hook in post-index-change fsmonitor-watchman post-checkout; do
		printf '#!/bin/sh\n%s\n' "$trap_set" >hooks/$hook
		chmod +x hooks/$hook
	done
	for setting in core.fsmonitor="$trap_set" core.hooksPath="$T/hooks" core.pager="$trap_set" \
		pager.ls-files="$trap_set" core.sshCommand="$trap_set" core.editor="$trap_set" \
		diff.external="$trap_set" core.alternateRefsCommand="$trap_set" \
		filter.f.clean="$trap_set" alias.ls-files="!$trap_set"; do
		git_as -C arc config "${setting%%=*}" "${setting#*=}"
	done
	echo '*.py filter=f' >arc/.gitattributes
	tg-folder --min-tokens 0 arc >out 2>err
	not_run "an archive with its own .git"
	is "an archive with its own .git: its file is taken" arc/a.py "$(jq -r .path out)"

	# For a sparse index of a partial clone git would fetch the missing
	# trees.
	git init -q full 2>err && mkdir -p full/in full/out && echo 'z = 1' | tee full/in/c.py >full/out/d.py
	git_as -C full add -A && git_as -C full commit -qm x && git_as -C full config uploadpack.allowFilter true
	git_as clone -q --filter=tree:0 --sparse "file://$T/full" part
	git_as -C part sparse-checkout set --cone --sparse-index in
	# The tree of the other folder is missing, and a listing of the index
	# asks for it.
	lacking=$(git_as -C part rev-parse HEAD:out) && mkdir packs
	mv part/.git/objects/pack/* packs
	for pack in packs/*.pack; do git_as -C part unpack-objects -q <"$pack"; done
	rm -f "part/.git/objects/${lacking:0:2}/${lacking:2}"
	git_as -C part config protocol.ext.allow always
	git_as -C part config remote.origin.url "ext::sh -c touch% $T/pwned"
	tg-folder --min-tokens 0 part >out 2>err
	not_run "a partial clone with a transport that runs a command"
	check "a partial clone: a file is taken" grep -q '"path":"part/in/c.py"' out
	git_as -C part -c protocol.ext.allow=always ls-files >out
	check "a partial clone: git by itself would run the command" [ -e "$T/pwned" ]
	rm -f "$T/pwned"

	(export GIT_DIR=$T/arc/.git GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.fsmonitor \
		GIT_CONFIG_VALUE_0="$trap_set" GIT_EXEC_PATH=$T/hooks && tg-folder --min-tokens 0 --keep copies full >out 2>err)
	not_run "GIT_ variables in the environment"
	is "GIT_ variables in the environment: the folder's own files are taken" 'full/in/c.py full/out/d.py' \
		"$(jq -r .path out | paste -sd ' ')"
	printf junk >arc/.git/index
	tg-folder --min-tokens 0 arc >out 2>err
	is "a damaged index: the file is taken" arc/a.py "$(jq -r .path out)"
	check "a damaged index: a message says that git fails" grep -q '^tg-folder: arc: git cannot tell its files' err
else
	skip "tg-folder runs no command of a repository" "needs git"
fi

# A job folder that another user has made.
mkdir -p j/0 && : >j/0/state.jsonl
echo "cd \$($trap_set; echo /)" | tee j/pipeline >j/plan
for what in status import emit online; do
	check_status "tg-batch $what refuses a folder that it has not made" 2 tg-batch $what j </dev/null >out 2>err
	not_run "tg-batch $what of a folder that it has not made"
done
documents() { seq "$1" | jq -c '{text: "def f\(.)(): pass"}'; }
documents 3 >code
tg-batch start mine -t code_summary_retrieval -m m <code >out 2>err
echo "$trap_set" >mine/pipeline
# The words of a plan are options, and no shell reads them.
printf '%s\0' 'tg-batch plan 1' "$T" '' m -t "\$($trap_set)" >mine/plan
for what in status import emit; do
	tg-batch $what mine </dev/null >out 2>err
	not_run "tg-batch $what with commands among the options"
done
mkdir -p w/sum && cp -r w w2
seq 20 | tg-fan-out -N 10 -d w3 cat >out 2>err
# shellcheck disable=SC2016
echo 'worst[$(touch '"$T/pwned"')]' >w3/sum/000000001.status
# shellcheck disable=SC2016
echo 'a[$(touch '"$T/pwned"')]' >w3/last
seq 20 | tg-fan-out -N 10 -d w3 cat >out 2>err
not_run "tg-fan-out with commands in the files of a work folder"

# A folder with files of the user is refused, and none of them is lost.
mkdir -p fo/run fo/in ds/0 bj/0.tmp only/in
for f in fo/run/notes.txt fo/in/data.csv fo/in/000000001 ds/0/photo bj/0.tmp/f only/in/000000001; do
	echo precious >"$f"
done
echo x >xin
find fo ds bj only -type f | sort >before
(cd fo && echo x | tg-fan-out -d . cat) >out 2>err
is "tg-fan-out -d . refuses a folder with other files" 2 $?
check "tg-fan-out -d . gives the reason" grep -q '^tg-fan-out: -d .: is not empty, and holds no work of tg-fan-out$' err
check_status "tg-fan-out -d refuses other files with names of its own" 2 tg-fan-out -d only cat <xin >out 2>err
export SLURM_ARRAY_TASK_ID=0
check_status "tg-slurm -d refuses a folder with other files" 2 tg-slurm -n 1 -d ds xin cat 2>err
check_status "tg-slurm --collect refuses a folder with other files" 2 tg-slurm -n 1 -d ds --collect 2>err
check_status "tg-batch start refuses a folder with other files" 2 \
	tg-batch start bj -t web_code_retrieval -m m <code 2>err
find fo ds bj only -type f | sort >after
check_same "refused folders keep exactly their files" before after
for plan in '' 'notes of mine' '500 cat '; do
	rm -rf planned && mkdir planned && echo precious >planned/out && printf '%s\n' "$plan" >planned/plan
	check_status "tg-fan-out -d refuses a folder with the plan \"$plan\"" 2 tg-fan-out -d planned cat <xin 2>err
	check_status "tg-slurm -d refuses a folder with the plan \"$plan\"" 2 tg-slurm -n 1 -d planned xin cat 2>err
	is "a folder with the plan \"$plan\" keeps its files" "precious $plan" "$(cat planned/out) $(cat planned/plan)"
done

# What a folder says reaches no terminal as it is.
esc=$(printf '\033[31m\302\2332J') byte=$(printf '\2332J')
for plan in 'tg-fan-out plan 1' 'tg-slurm plan 1'; do
	rm -rf evil && mkdir -p evil/done && echo x >evil/done/000000001
	printf '%s\nparts 2%s\n' "$plan" "$esc" >evil/plan
	if [ "$plan" = 'tg-fan-out plan 1' ]; then
		tg-fan-out -d evil cat <xin >out 2>err
	else
		tg-slurm -n 1 -d evil --collect >out 2>err
	fi
	check "a plan with escapes is shown ($plan)" grep -q 'parts 2\|: 2' err
	check_fail "its escapes are not ($plan)" grep -q "$(printf '[\001-\010\013-\037\177]\|\302\233')" err
done
mkdir "dir$esc" && echo 'x = 1' >"dir$esc/a.py"
tg-folder --min-tokens 0 --all "dir$esc" >out 2>err
is "a folder's name is shown without its escapes" 'tg-folder: dir?[31m?2J: 1 file (1 Python)' "$(cat err)"
mkdir "ü$byte" && tg-folder --all "ü$byte" >out 2>err
is "a folder's name is shown without a control character of one byte" 'tg-folder: ü?2J: 0 files' "$(cat err)"
mkdir 'ü€😀' && tg-folder --all 'ü€😀' >out 2>err
is "other characters of a folder's name are shown" 'tg-folder: ü€😀: 0 files' "$(cat err)"
check_status "a name with escapes that looks like an option is refused" 2 tg-folder "--$esc=secret" 2>err
is "the option is shown without its escapes and its value" \
	'tg-folder: --?[31m?2J: there is no such option; see tg-folder --help' "$(cat err)"
mkdir -p ours/bin && printf '#!/bin/sh\n%s\n' "$trap_set" >ours/bin/find && chmod +x ours/bin/find
PATH=bin:$PATH tg-folder --min-tokens 0 --all ours >out 2>err
not_run "a folder with a program where PATH is relative"
rm -r ours

# In a folder of a script the user's own files stay, too.
seq 30 >numbers
tg-fan-out -N 10 -d ours cat <numbers >out 2>err
for d in in out "done" sum run slot down .; do echo precious >"ours/$d/notes.txt"; done
echo torn >ours/in/000000002.part && echo torn >ours/out/000000002.77
check_status "tg-fan-out with a user's files in its folder exits with 0" 0 tg-fan-out -N 10 -d ours cat <numbers >out 2>err
check_same "tg-fan-out with a user's files in its folder gives the whole output" numbers out
is "tg-fan-out keeps a user's files in its folder" 8 "$(find ours -name notes.txt | wc -l)"
is "tg-fan-out removes its torn files" '' "$(find ours -name '*.part' -o -name '*.77')"
# The command leaves a file of its own in the folder of its task.
tg-slurm -n 1 -d array -N 10 numbers bash -c "cat; mkdir -p $T/array/0/mine && echo precious >$T/array/0/mine/f" 2>err
is "the task of tg-slurm exits with 0" 0 $?
check_same "tg-slurm --collect gives the whole output" numbers <(tg-slurm -n 1 -d array --collect)
is "tg-slurm keeps a file that it has not made" precious "$(cat array/0/mine/f)"
is "tg-slurm removes its own files" '' "$(find array/0 -type f ! -path '*/mine/f')"
echo torn >ours/out/000000001.88 && mv ours 'o[1] *rs'
tg-fan-out -N 10 -d 'o[1] *rs' cat <numbers >out 2>err
is "tg-fan-out removes torn files from a folder whose name is a pattern" '' "$(find 'o[1] *rs' -name '*.88')"
tg-slurm -n 1 -d clean -N 10 numbers cat 2>err
check "tg-slurm removes the folder of a finished task" [ ! -e clean/0 ]
tg-batch start again -t code_summary_retrieval -m m <code >out 2>err
mkdir -p again/1.tmp && echo precious >again/1.tmp/f
check_status "tg-batch import exits with 3 if a folder of the user is in its way" 3 tg-batch import again 2>err
is "tg-batch import keeps that folder" precious "$(cat again/1.tmp/f)"
rm -r again/1.tmp && mkdir again/1.tmp && echo torn >again/1.tmp/state.jsonl
check_status "tg-batch import after a killed one exits with 0" 0 tg-batch import again 2>err
check "tg-batch import removes the files of a killed one" [ ! -e again/1.tmp ]
done_testing
