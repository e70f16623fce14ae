/* git: questions to git about a folder that may be hostile. */
#pragma once

#include "base/buf.h"

/* Take one item of git's output, borrowed for the call; a 0 byte is behind. */
typedef void git_take(void *ctx, struct span item);

/*
 * Run "git ARGS" in a folder and hand each item of its output to take (NULL:
 * none is wanted); items end with NUL, or are one line. args ends in NULL. git
 * runs nothing that the folder may name: no file system monitor, hook, pager,
 * filter or transport, and no variable GIT_* reaches it. Return its exit
 * status, 127 if it cannot be started. Its messages replace those in said.
 */
int git_run(const char *folder, const char *const *args, git_take *take,
    void *ctx, struct buf *said);

/*
 * Hand the paths that git ignores in a folder to take: files, and folders with
 * a slash behind. Return 1 if the folder itself lies within an ignored one, so
 * that all are files; else 0.
 */
int git_ignored(const char *folder, git_take *take, void *ctx);

/*
 * Run "git ARGS" as git_run does for one value. Return it, borrowed from b,
 * without its end; "" if there is none.
 */
struct span git_value(
    const char *folder, const char *const *args, struct buf *b);
