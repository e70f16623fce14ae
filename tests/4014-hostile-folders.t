#!/bin/bash
# No script runs what a folder says, and none deletes what it has not made.
export VALGRIND_ONE_IN=8
. tests/lib.sh
cd "$T" || exit 3
export HOME=$T GIT_CONFIG_NOSYSTEM=1
trap_set="touch $T/pwned; false"
not_run() { check "$1: nothing was run" [ ! -e "$T/pwned" ]; }

# Every setting by which git could run a program for the list of its files.
if command -v git >/dev/null; then
	git_as() { git -c user.name=a -c user.email=a@b -c protocol.file.allow=always "$@" 2>>err; }
	git init -q evil 2>err && mkdir -p evil/sub/objects evil/sub/refs
	touch evil/sub/objects/.k evil/sub/refs/.k
	echo 'ref: refs/heads/main' >evil/sub/HEAD
	printf '[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = "."\n\tfsmonitor = "%s"\n' \
		"$trap_set" >evil/sub/config
	echo 'x = 1' >evil/sub/b.py
	git_as -C evil add -A && git_as -C evil commit -qm x && git_as clone -q evil clone
	tg-folder clone/sub >out 2>err
	not_run "a bare repository within a clone"
	is "a bare repository within a clone: its file is taken" clone/sub/b.py "$(jq -r .path out)"
	check "a bare repository within a clone: git's refusal is said" \
		grep -q '^tg-folder: clone/sub: git cannot tell its files: every file is taken' err
	tg-folder clone >out 2>err
	not_run "the clone"
	is "the clone: its file is taken" clone/sub/b.py "$(jq -r .path out)"

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
	tg-folder arc >out 2>err
	not_run "an archive with its own .git"
	is "an archive with its own .git: its file is taken" arc/a.py "$(jq -r .path out)"

	# a sparse index of a partial clone has git fetch the trees it lacks
	git init -q full 2>err && mkdir -p full/in full/out && echo 'z = 1' | tee full/in/c.py >full/out/d.py
	git_as -C full add -A && git_as -C full commit -qm x && git_as -C full config uploadpack.allowFilter true
	git_as clone -q --filter=tree:0 --sparse "file://$T/full" part
	git_as -C part sparse-checkout set --cone --sparse-index in
	# without the tree of the other folder, which listing the index asks for
	lacking=$(git_as -C part rev-parse HEAD:out) && mkdir packs
	mv part/.git/objects/pack/* packs
	for pack in packs/*.pack; do git_as -C part unpack-objects -q <"$pack"; done
	rm -f "part/.git/objects/${lacking:0:2}/${lacking:2}"
	git_as -C part config protocol.ext.allow always
	git_as -C part config remote.origin.url "ext::sh -c touch% $T/pwned"
	tg-folder part >out 2>err
	not_run "a partial clone with a transport that runs a command"
	check "a partial clone: a file is taken" grep -q '"path":"part/in/c.py"' out
	git_as -C part -c protocol.ext.allow=always ls-files >out
	check "a partial clone: a git that is asked plainly runs the command" [ -e "$T/pwned" ]
	rm -f "$T/pwned"

	(export GIT_DIR=$T/arc/.git GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.fsmonitor \
		GIT_CONFIG_VALUE_0="$trap_set" GIT_EXEC_PATH=$T/hooks && tg-folder full >out 2>err)
	not_run "GIT_ variables"
	is "GIT_ variables: the folder's own files are taken" 'full/in/c.py full/out/d.py' \
		"$(jq -r .path out | paste -sd ' ')"
	printf junk >arc/.git/index
	tg-folder arc >out 2>err
	is "a damaged index: the file is taken" arc/a.py "$(jq -r .path out)"
	check "a damaged index: it is said" grep -q '^tg-folder: arc: git cannot tell its files' err
else
	skip "tg-folder asks a git that runs nothing" "needs git"
fi

# A job folder from somebody else.
mkdir -p j/0 && : >j/0/state.jsonl
echo "cd \$($trap_set; echo /)" | tee j/pipeline >j/plan
for what in status import emit online; do
	check_status "tg-batch $what, another's folder" 2 tg-batch $what j </dev/null >out 2>err
	not_run "tg-batch $what, another's folder"
done
documents() { seq "$1" | jq -c '{text: "def f\(.)(): pass"}'; }
documents 3 >code
tg-batch start mine -t code_summary_retrieval -m m <code >out 2>err
echo "$trap_set" >mine/pipeline
# the words of a plan are options: the shell has no part in them
printf '%s\0' 'tg-batch plan 1' "$T" '' m -t "\$($trap_set)" >mine/plan
for what in status import emit; do
	tg-batch $what mine </dev/null >out 2>err
	not_run "tg-batch $what, commands among the options"
done
mkdir -p w/sum && cp -r w w2
seq 20 | tg-fan-out -N 10 -d w3 cat >out 2>err
# shellcheck disable=SC2016
echo 'worst[$(touch '"$T/pwned"')]' >w3/sum/000000001.status
# shellcheck disable=SC2016
echo 'a[$(touch '"$T/pwned"')]' >w3/last
seq 20 | tg-fan-out -N 10 -d w3 cat >out 2>err
not_run "tg-fan-out, commands in the files of a work folder"

# Folders with a user's files in them are refused, and nothing in them is lost.
mkdir -p fo/run fo/in ds/0 bj/0.tmp only/in
for f in fo/run/notes.txt fo/in/data.csv fo/in/000000001 ds/0/photo bj/0.tmp/f only/in/000000001; do
	echo precious >"$f"
done
echo x >xin
find fo ds bj only -type f | sort >before
(cd fo && echo x | tg-fan-out -d . cat) >out 2>err
is "tg-fan-out -d ., a folder with other files: refused" 2 $?
check "tg-fan-out -d .: says why" grep -q '^tg-fan-out: -d .: is not empty, and holds no work of tg-fan-out$' err
check_status "tg-fan-out -d, another's files of our names: refused" 2 tg-fan-out -d only cat <xin >out 2>err
export SLURM_ARRAY_TASK_ID=0
check_status "tg-slurm -d, a folder with other files: refused" 2 tg-slurm -n 1 -d ds xin cat 2>err
check_status "tg-slurm --collect of such a folder: refused" 2 tg-slurm -n 1 -d ds --collect 2>err
check_status "tg-batch start, a folder with other files: refused" 2 \
	tg-batch start bj -t web_code_retrieval -m m <code 2>err
find fo ds bj only -type f | sort >after
check_same "nothing is gone, and nothing came" before after
for plan in '' 'notes of mine' '500 cat '; do
	rm -rf planned && mkdir planned && echo precious >planned/out && printf '%s\n' "$plan" >planned/plan
	check_status "tg-fan-out -d, a plan \"$plan\": refused" 2 tg-fan-out -d planned cat <xin 2>err
	check_status "tg-slurm -d, a plan \"$plan\": refused" 2 tg-slurm -n 1 -d planned xin cat 2>err
	is "a plan \"$plan\": all is left" "precious $plan" "$(cat planned/out) $(cat planned/plan)"
done

# In folders that are ours, what a user puts beside our files stays, too.
seq 30 >numbers
tg-fan-out -N 10 -d ours cat <numbers >out 2>err
for d in in out "done" sum run slot down .; do echo precious >"ours/$d/notes.txt"; done
echo torn >ours/in/000000002.part && echo torn >ours/out/000000002.77
check_status "tg-fan-out again, with a user's files in its folder" 0 tg-fan-out -N 10 -d ours cat <numbers >out 2>err
check_same "tg-fan-out again: the output" numbers out
is "tg-fan-out again: the user's files are there" 8 "$(find ours -name notes.txt | wc -l)"
is "tg-fan-out again: what was torn is not" '' "$(find ours -name '*.part' -o -name '*.77')"
# a command that leaves something of its own in the folder of its task
tg-slurm -n 1 -d array -N 10 numbers bash -c "cat; mkdir -p $T/array/0/mine && echo precious >$T/array/0/mine/f" 2>err
is "tg-slurm: its task is done" 0 $?
check_same "tg-slurm: the output" numbers <(tg-slurm -n 1 -d array --collect)
is "tg-slurm: what it did not make stays" precious "$(cat array/0/mine/f)"
is "tg-slurm: of its own work nothing stays" '' "$(find array/0 -type f ! -path '*/mine/f')"
echo torn >ours/out/000000001.88 && mv ours 'o[1] *rs'
tg-fan-out -N 10 -d 'o[1] *rs' cat <numbers >out 2>err
is "a folder whose name is a pattern: what was torn is not there" '' "$(find 'o[1] *rs' -name '*.88')"
tg-slurm -n 1 -d clean -N 10 numbers cat 2>err
check "tg-slurm: a folder of its own goes" [ ! -e clean/0 ]
tg-batch start again -t code_summary_retrieval -m m <code >out 2>err
mkdir -p again/1.tmp && echo precious >again/1.tmp/f
check_status "tg-batch import, something of the user's in its way" 3 tg-batch import again 2>err
is "tg-batch import: that stays" precious "$(cat again/1.tmp/f)"
rm -r again/1.tmp && mkdir again/1.tmp && echo torn >again/1.tmp/state.jsonl
check_status "tg-batch import, behind one that was killed" 0 tg-batch import again 2>err
check "tg-batch import: what that left is gone" [ ! -e again/1.tmp ]
done_testing
