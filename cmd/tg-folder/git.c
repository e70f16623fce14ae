/* git: questions to git about a folder that may be hostile */
#include "git.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/io.h"

enum { MAX_WORDS = 32, MAX_SAID = 65536 };

extern char **environ;

/* The words of every command, by which git runs nothing of the folder's. */
static const char *const hardened[] = { "git", "--no-pager", "-c",
	"core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c",
	"safe.bareRepository=explicit", "-C", NULL };

static const char *const settings[] = { "GIT_ALLOW_PROTOCOL=none",
	"GIT_NO_LAZY_FETCH=1", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C", NULL };

/*
 * Return git's environment: the caller's without what begins with GIT_ or sets
 * the locale, and the settings. The strings are borrowed, the array is new.
 */
static char **
make_environment(void)
{
	size_t n = 0, i;
	char **env;

	while (environ[n] != NULL)
		n++;
	env = mem_array(
	    NULL, n + sizeof settings / sizeof *settings, sizeof *env);
	for (i = n = 0; environ[i] != NULL; i++)
		if (strncmp(environ[i], "GIT_", 4) != 0 &&
		    strncmp(environ[i], "LC_ALL=", 7) != 0)
			env[n++] = environ[i];
	/* posix_spawnp does not write to the strings */
	for (i = 0; i < sizeof settings / sizeof *settings; i++)
		memcpy(&env[n++], &settings[i], sizeof *env);
	return env;
}

/*
 * Start git in a folder. Return its process, -1 with errno; *out gets the
 * descriptor to read its output from. Messages go to the descriptor err.
 */
static pid_t
start(const char *folder, const char *const *args, int err, int *out)
{
	const char *words[MAX_WORDS];
	char *argv[MAX_WORDS], **env;
	posix_spawn_file_actions_t actions;
	int ends[2], error;
	size_t n = 0, i;
	pid_t pid;

	for (i = 0; hardened[i] != NULL; i++)
		words[n++] = hardened[i];
	words[n++] = folder;
	for (; *args != NULL && n < MAX_WORDS - 1; args++)
		words[n++] = *args;
	words[n++] = NULL;
	memcpy(argv, words, n * sizeof *words);
	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	env = make_environment();
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(
	    &actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
	error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	free(env);
	close(ends[1]);
	if (error != 0) {
		close(ends[0]);
		errno = error;
		return -1;
	}
	*out = ends[0];
	return pid;
}

/* Hand the items of b to take, and keep in b what has not ended. */
static void
hand_items(struct buf *b, git_take *take, void *ctx)
{
	const char *p = b->p, *end = p + b->n, *nul;

	while (p < end && (nul = memchr(p, '\0', (size_t)(end - p))) != NULL) {
		take(ctx, (struct span){ p, (size_t)(nul - p) });
		p = nul + 1;
	}
	b->n = (size_t)(end - p);
	memmove(b->p, p, b->n);
}

/* Read the output of git to its end. */
static void
read_items(int fd, git_take *take, void *ctx)
{
	struct buf b = { 0 };
	ssize_t got;

	do {
		buf_need(&b, 65536);
		got = read(fd, b.p + b.n, 65536);
		if (got > 0 && take != NULL) {
			b.n += (size_t)got;
			hand_items(&b, take, ctx);
		}
	} while (got > 0 || (got == -1 && errno == EINTR));
	if (b.n > 0 && b.p[b.n - 1] == '\n')
		b.n--;
	buf_cstr(&b);
	if (b.n > 0)
		take(ctx, buf_span(&b));
	buf_free(&b);
}

int
git_run(const char *folder, const char *const *args, git_take *take, void *ctx,
    struct buf *said)
{
	int out = -1, status = -1, err = memfd_create("git", MFD_CLOEXEC);
	pid_t pid = err != -1 ? start(folder, args, err, &out) : -1;
	ssize_t got = 0;

	buf_clear(said);
	if (pid == -1) {
		buf_fmt(said, "fatal: %s\n", strerror(errno));
	} else {
		read_items(out, take, ctx);
		close(out);
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			continue;
		buf_need(said, MAX_SAID);
		got = log_read_at(err, said->p, MAX_SAID, 0);
		said->n += got > 0 ? (size_t)got : 0;
	}
	if (err != -1)
		close(err);
	return pid != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

/* A taker of items, and how many it was given. */
struct counted_take {
	git_take *take;
	void *ctx;
	size_t n;
};

static void
count_item(void *ctx, struct span item)
{
	struct counted_take *c = ctx;

	c->n++;
	c->take(c->ctx, item);
}

int
git_ignored(const char *folder, git_take *take, void *ctx)
{
	static const char *const ignored[] = { "ls-files", "-o",
		"--exclude-standard", "-z", "-i", "--directory", NULL };
	static const char *const within[] = { "ls-files", "-o",
		"--exclude-standard", "-z", "-i", NULL };
	struct counted_take c = { take, ctx, 0 };
	struct buf said = { 0 };
	int inside = 0;

	git_run(folder, ignored, count_item, &c, &said);
	/* within an ignored folder git names its files alone */
	if (c.n == 0) {
		git_run(folder, within, count_item, &c, &said);
		inside = c.n > 0;
	}
	buf_free(&said);
	return inside;
}

static void
keep_item(void *ctx, struct span item)
{
	buf_clear(ctx);
	buf_addspan(ctx, item);
}

struct span
git_value(const char *folder, const char *const *args, struct buf *b)
{
	struct buf said = { 0 };

	buf_clear(b);
	if (git_run(folder, args, keep_item, b, &said) != 0)
		buf_clear(b);
	buf_free(&said);
	return b->n > 0 ? buf_span(b) : (struct span){ "", 0 };
}
