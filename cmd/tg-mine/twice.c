/* twice: files that are read twice */
#include "twice.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/io.h"
#include "io/kind.h"
#include "io/lines.h"

_Noreturn void
twice_fail(const char *file)
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
		twice_fail("temporary file");
	fclose(temp);
	while ((n = read(fd, bytes, sizeof bytes)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			twice_fail(file);
		if (io_write(copy, (struct span){ bytes, (size_t)n }) == -1)
			twice_fail("temporary file");
	}
	if (lseek(copy, 0, SEEK_SET) == -1)
		twice_fail("temporary file");
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
		twice_fail("stdin");
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
		twice_fail(*file);
	buf_fmt(&name, "/dev/fd/%d", keep(fileno(f), *file));
	fclose(f);
	*file = mem_dup(name.p, name.n);
	buf_free(&name);
}

off_t
twice_keep(char **files)
{
	off_t start = -1;
	size_t i;

	for (i = 0; files[i] != NULL; i++)
		if (strcmp(files[i], "-") != 0)
			keep_operand(&files[i]);
		else if (start == -1)
			start = keep_stdin();
	return i == 0 ? keep_stdin() : start;
}

void
twice_rewind(off_t start)
{
	if (start != -1 && lseek(STDIN_FILENO, start, SEEK_SET) == -1)
		twice_fail("stdin");
}

void
twice_read(char **files, off_t start, size_t max_line,
    void (*each)(void *ctx, struct rec *), void *ctx)
{
	struct rec r = { 0 };
	struct lines in;
	struct span line;
	enum lines_got got;
	const char *why;
	size_t bytes;

	lines_init(&in, (const char *const *)files, max_line);
	while ((got = lines_next(&in, &line, &bytes)) != LINES_END) {
		if (got == LINES_LINE && rec_read(&r, line, &why) == 0)
			each(ctx, &r);
		else if (got == LINES_MORE && lines_fill(&in) == -1 &&
			 errno != EINTR)
			twice_fail(in.name);
	}
	lines_free(&in);
	rec_free(&r);
	twice_rewind(start);
}
