/* tg-folder - make records of a folder of source files */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "git.h"
#include "io/io.h"
#include "source.h"
#include "walk.h"

/* The names of a folder's files, and where what is left out is counted. */
struct names {
	struct walk files;
	size_t tracked; /* number of named files that git tracks */
	struct tally *tally;
	enum left reason; /* reason to leave out what count_name gets */
};

/* Take an item of "git ls-files -s": mode, object, stage, TAB and a path. */
static void
take_tracked(void *ctx, struct span item)
{
	struct names *names = ctx;
	const char *tab = memchr(item.p, '\t', item.n);

	if (tab == NULL)
		return;
	if (strncmp(item.p, "160000 ", 7) == 0)
		tally_leave(names->tally, LEFT_SUBMODULE, tab + 1, "");
	else
		walk_add(
		    &names->files, span_skip(item, (size_t)(tab + 1 - item.p)));
}

static void
count_name(void *ctx, struct span item)
{
	struct names *names = ctx;

	tally_leave(names->tally, names->reason, item.p, "");
}

static void
keep_word(void *ctx, struct span item)
{
	buf_addspan(ctx, item);
}

/* Return the first line of s that begins with "fatal", or `otherwise`. */
static struct span
find_fatal(struct span s, const char *otherwise)
{
	const char *at = memmem(s.p, s.n, "fatal", 5), *nl;

	if (at == NULL)
		return span_of(otherwise);
	s = span_skip(s, (size_t)(at - s.p));
	nl = memchr(s.p, '\n', s.n);
	return (struct span){ s.p, nl != NULL ? (size_t)(nl - s.p) : s.n };
}

/*
 * Find the names of the files that git tracks in a folder. Return 0; or -1 if
 * git cannot tell them, with a message if there seems to be a repository.
 */
static int
find_tracked(struct names *names, const char *folder, int fd)
{
	static const char *const inside[] = { "rev-parse",
		"--is-inside-work-tree", NULL };
	static const char *const list[] = { "ls-files", "-s", "-z", NULL };
	struct buf said = { 0 }, word = { 0 };
	struct span why;
	struct stat st;
	int told = 0;

	if (git_run(folder, inside, keep_word, &word, &said) == 0 &&
	    span_is(buf_span(&word), "true"))
		told = git_run(folder, list, take_tracked, names, &said) == 0;
	why = find_fatal(buf_span(&said), "not in a work tree");
	if (!told &&
	    (fstatat(fd, ".git", &st, 0) == 0 ||
		memmem(said.p, said.n, "not a git repository", 20) == NULL))
		io_warn("%s: git cannot tell its files: every file is taken "
			"(%.*s)",
		    folder, (int)why.n, why.p);
	if (!told)
		walk_free(&names->files);
	buf_free(&said);
	buf_free(&word);
	return told ? 0 : -1;
}

/* Return how many lines of git's messages name a folder that is closed. */
static size_t
count_closed(struct span said)
{
	static const char words[] = "could not open directory";
	const char *at;
	size_t n = 0;

	while (said.n > 0 &&
	       (at = memmem(said.p, said.n, words, sizeof words - 1)) != NULL) {
		said =
		    span_skip(said, (size_t)(at - said.p) + sizeof words - 1);
		n++;
	}
	return n;
}

/* Count what git does not track in a folder, and what it ignores. */
static void
count_others(struct names *names, const char *folder)
{
	static const char *const untracked[] = { "ls-files", "-o",
		"--exclude-standard", "-z", NULL };
	struct buf said = { 0 };

	names->reason = LEFT_UNTRACKED;
	git_run(folder, untracked, count_name, names, &said);
	names->tally->left[LEFT_CLOSED] += count_closed(buf_span(&said));
	names->reason = LEFT_IGNORED;
	git_ignored(folder, count_name, names);
	buf_free(&said);
}

/* Count a named file that git tracks. */
static void
count_tracked(void *ctx, struct span item)
{
	struct names *names = ctx;
	size_t i;

	for (i = 0; i < names->files.n; i++)
		names->tracked += span_is(item, names->files.v[i]);
}

/* Return whether git tracks each of the named files. */
static bool
are_tracked(struct names *names, const char *folder)
{
	static const char *const list[] = { "ls-files", "-z", NULL };
	struct buf said = { 0 };

	git_run(folder, list, count_tracked, names, &said);
	buf_free(&said);
	return names->tracked == names->files.n;
}

/* Find the names of a folder's files. Return whether git tracks them all. */
static bool
find_files(struct sources *s, struct names *names, const char *folder)
{
	bool all = s->opts->all, tracked;

	if (names->files.n > 0) {
		walk_sort(&names->files);
		return !all && are_tracked(names, folder);
	}
	tracked = !all && find_tracked(names, folder, s->fd) == 0;
	if (tracked)
		count_others(names, folder);
	else
		walk_all(&names->files, s->fd);
	s->tally.left[LEFT_CLOSED] += names->files.closed;
	walk_sort(&names->files);
	return tracked;
}

/*
 * Write the records of a folder or, if names has some, of these files in it,
 * and say what is left out. called is what the message calls them.
 */
static void
take_folder(struct sources *s, struct names *names, const char *folder,
    const char *called)
{
	const struct folder_opts *opts = s->opts;
	struct tally_words words = {
		.folder = called,
		.unit = opts->functions ? "function" : NULL,
		.min = opts->min_tokens,
		.max = opts->max_tokens,
	};
	struct buf prefix = { 0 };
	size_t i;

	s->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fd == -1) {
		io_warn("%s: is no folder that can be entered", folder);
		exit(TG_EX_IO);
	}
	record_prefix(&prefix, folder);
	s->records.file.prefix = buf_cstr(&prefix);
	s->tally.explain = opts->explain;
	s->tally.prefix = s->records.file.prefix;
	names->tally = &s->tally;
	origin_start(&s->origin, folder, s->fd, find_files(s, names, folder));
	for (i = 0; i < names->files.n; i++)
		source_take(s, names->files.v[i]);
	record_flush(&s->records);
	tally_say(&s->tally, &words);
	origin_end(&s->origin);
	tally_free(&s->tally);
	walk_free(&names->files);
	buf_free(&prefix);
	close(s->fd);
}

/* Return the name of a file within its folder, which b gets; NULL: a folder. */
static const char *
split_path(const char *path, struct buf *b)
{
	const char *slash = strrchr(path, '/');
	struct stat st;

	buf_clear(b);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return NULL;
	if (slash == NULL)
		buf_addc(b, '.');
	else /* the folder of "/x" is "/" */
		buf_add(b, path, slash > path ? (size_t)(slash - path) : 1);
	return slash != NULL ? slash + 1 : path;
}

/*
 * Take an operand, with the files of the same folder that follow it. Return
 * the operand behind them.
 */
static char **
take_operand(struct sources *s, char **operand)
{
	struct buf folder = { 0 }, other = { 0 };
	struct names names = { 0 };
	const char *called = *operand, *name = split_path(called, &folder);
	size_t n = 0;

	if (name == NULL) {
		take_folder(s, &names, called, called);
		return operand + 1;
	}
	buf_addspan(&other, buf_span(&folder));
	while (name != NULL && span_eq(buf_span(&other), buf_span(&folder))) {
		walk_add(&names.files, span_of(name));
		n++;
		if (*++operand == NULL)
			break;
		name = split_path(*operand, &other);
	}
	take_folder(s, &names, buf_cstr(&folder), n > 1 ? folder.p : called);
	buf_free(&folder);
	buf_free(&other);
	return operand;
}

/* Say what is wrong with an operand. Return 0, or -1 if something is. */
static int
check_operand(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		io_warn("%s: %s", path,
		    errno == ENOENT ? "no such file or folder"
				    : strerror(errno));
	else if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		io_warn("%s: is neither a file nor a folder", path);
	else
		return 0;
	return -1;
}

int
main(int argc, char *argv[])
{
	static char here[] = ".", *current[] = { here, NULL };
	static struct folder_opts opts; /* static: held at the exit */
	static struct sources sources = { .opts = &opts,
		.records.opts = &opts };
	char **operands = folder_options(&opts, argc, argv), **f;

	if (*operands == NULL)
		operands = current;
	for (f = operands; *f != NULL; f++)
		if (check_operand(*f) == -1)
			return TG_EX_IO;
	for (f = operands; *f != NULL;)
		f = take_operand(&sources, f);
	record_say_secrets(&sources.records);
	io_close_stdout();
	return TG_EX_OK;
}
