/* resume: a file that gets the output, which a later run goes on with */
#include "resume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/mem.h"
#include "io/io.h"
#include "record/rec.h"

static _Noreturn void
fail(const struct resume *r, const char *why)
{
	io_warn("%s: %s", r->file, why);
	exit(TG_EX_IO);
}

/* Take the file for this process. */
static void
lock(const struct resume *r)
{
	if (lock_try(r->fd, 0) == 0)
		return;
	if (errno == EAGAIN)
		fail(r, "another process writes it");
	io_warn(
	    "%s: %s; let no other process write it", r->file, strerror(errno));
}

/* Count the whole lines, and keep the last. */
static void
read_lines(struct resume *r)
{
	static char bytes[1 << 16];
	struct buf line = { 0 }, swap;
	off_t at = 0;
	const char *p, *newline;
	ssize_t n;

	while ((n = read(r->fd, bytes, sizeof bytes)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			fail(r, io_reason(errno));
		for (p = bytes; p < bytes + n; p = newline + 1) {
			newline = memchr(p, '\n', (size_t)(bytes + n - p));
			if (newline == NULL) {
				buf_add(&line, p, (size_t)(bytes + n - p));
				break;
			}
			buf_add(&line, p, (size_t)(newline - p));
			swap = r->last;
			r->last = line;
			line = swap;
			buf_clear(&line);
			r->lines++;
			r->end = at + (newline + 1 - bytes);
		}
		at += n;
	}
	buf_free(&line);
}

void
resume_open(struct resume *r, const char *file)
{
	struct stat st;

	*r = (struct resume){ .file = file };
	r->fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
	if (r->fd == -1 || fstat(r->fd, &st) == -1)
		fail(r, io_reason(errno));
	if (!S_ISREG(st.st_mode))
		fail(r, "not a regular file");
	lock(r);
	read_lines(r);
}

/* Cut off what is behind the whole lines, once. */
static void
start(struct resume *r)
{
	if (!r->started && (ftruncate(r->fd, r->end) == -1 ||
			       lseek(r->fd, r->end, SEEK_SET) == -1))
		fail(r, strerror(errno));
	r->started = true;
}

/* Set *query to the raw query of a line, p NULL if it has none. */
static struct span
query_of(struct rec *r, struct span line)
{
	const char *why;

	if (rec_read(r, line, &why) == -1)
		return (struct span){ NULL, 0 };
	return rec_get(r, "query");
}

int
resume_matches(const struct resume *r, struct span line)
{
	struct rec mine = { 0 }, other = { 0 };
	struct span a = query_of(&mine, line);
	struct span b = query_of(&other, buf_span(&r->last));
	int same = (a.p == NULL) == (b.p == NULL) && a.n == b.n &&
		   (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);

	rec_free(&mine);
	rec_free(&other);
	return same;
}

void
resume_put(struct resume *r, struct span lines)
{
	start(r);
	if (io_write(r->fd, lines) == -1)
		fail(r, strerror(errno));
}

void
resume_close(struct resume *r)
{
	start(r);
	if (close(r->fd) == -1)
		fail(r, strerror(errno));
	buf_free(&r->last);
}
