/* shard: one of n parts of the input, for processes that share it */
#include "mine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "io/io.h"
#include "io/kind.h"
#include "io/lines.h"

/* Read "i/n", or exit with options_refuse. */
static struct shard
parse(const char *s)
{
	const char *slash = strchr(s, '/');
	long long part = 0, parts = 0;
	char *first = mem_dup(s, slash != NULL ? (size_t)(slash - s) : 0);

	if (slash == NULL || num_int(slash + 1, 1, 1 << 20, &parts) == -1 ||
	    num_int(first, 1, parts, &part) == -1)
		options_refuse("--shard: \"%s\" is no part I/N, such as 1/4; I "
			       "is 1 to N",
		    s);
	free(first);
	return (struct shard){ (uint32_t)part, (uint32_t)parts, 0, 0 };
}

static _Noreturn void
fail(const char *file)
{
	io_warn("%s: %s", file, kind_unreadable(errno));
	exit(TG_EX_IO);
}

/* Copy all of fd to a file without a name, and return that, at its start. */
static int
keep(int fd, const char *file)
{
	static char bytes[1 << 16];
	FILE *temp = tmpfile();
	ssize_t n;
	int copy;

	if (temp == NULL || (copy = dup(fileno(temp))) == -1)
		fail("temporary file");
	fclose(temp);
	while ((n = read(fd, bytes, sizeof bytes)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			fail(file);
		if (io_write(copy, (struct span){ bytes, (size_t)n }) == -1)
			fail("temporary file");
	}
	if (lseek(copy, 0, SEEK_SET) == -1)
		fail("temporary file");
	return copy;
}

/* Have stdin be a file that can be read twice; return where it begins. */
static off_t
keep_stdin(void)
{
	struct stat st;
	int fd;

	if (fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode))
		return lseek(STDIN_FILENO, 0, SEEK_CUR);
	fd = keep(STDIN_FILENO, "stdin");
	if (dup2(fd, STDIN_FILENO) == -1)
		fail("stdin");
	close(fd);
	return 0;
}

/* Replace an operand that cannot be read twice. */
static void
keep_operand(char **file)
{
	struct buf name = { 0 };
	struct stat st;
	FILE *f;

	if (stat(*file, &st) == -1 || S_ISREG(st.st_mode) ||
	    S_ISDIR(st.st_mode))
		return; /* reading tells what is wrong */
	if ((f = io_open(*file)) == NULL)
		fail(*file);
	buf_fmt(&name, "/dev/fd/%d", keep(fileno(f), *file));
	fclose(f);
	*file = mem_dup(name.p, name.n);
	buf_free(&name);
}

/* Count the lines of files: those that a filter counts. */
static size_t
count_lines(char **files, size_t max_line)
{
	size_t n = 0, bytes;
	struct lines in;
	struct span line;
	enum lines_got got;

	lines_init(&in, (const char *const *)files, max_line);
	while ((got = lines_next(&in, &line, &bytes)) != LINES_END) {
		if (got != LINES_MORE)
			n++;
		else if (lines_fill(&in) == -1 && errno != EINTR)
			fail(in.name);
	}
	lines_free(&in);
	return n;
}

struct shard
shard_of(const char *word, char **files, size_t max_line)
{
	struct shard s = parse(word);
	off_t start = -1;
	size_t i, n;

	for (i = 0; files[i] != NULL; i++)
		if (strcmp(files[i], "-") != 0)
			keep_operand(&files[i]);
		else if (start == -1)
			start = keep_stdin();
	if (i == 0)
		start = keep_stdin();
	n = count_lines(files, max_line);
	if (start != -1 && lseek(STDIN_FILENO, start, SEEK_SET) == -1)
		fail("stdin");
	s.first = n * (s.part - 1) / s.parts;
	s.end = n * s.part / s.parts;
	return s;
}

int
shard_skip(struct filter *f, struct span line)
{
	const struct mine *m = f->ctx;

	(void)line;
	if (f->lines > m->shard.end)
		f->done = 1;
	return f->lines <= m->shard.first || f->lines > m->shard.end;
}
