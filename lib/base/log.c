/* log: files that are only appended to, a line at a time */
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 20 };

size_t
log_split(
    struct span s, off_t at, size_t limit, int end, log_take *take, void *ctx)
{
	size_t done = 0, n;
	const char *nl;

	while (done < s.n) {
		n = s.n - done;
		nl = memchr(s.p + done, '\n', n);
		if (nl == NULL && !end && n <= limit)
			break;
		if (nl != NULL)
			n = (size_t)(nl - s.p) - done;
		take(ctx, (struct span){ s.p + done, n }, at + (off_t)done);
		done += n + (nl != NULL);
	}
	return done;
}

/*
 * Return how many bytes of an unended line are damage: a file system that
 * crashed leaves zeros, which no line has, and maybe very many.
 */
static size_t
damage(struct span s)
{
	const char *nul = s.n > 0 ? memrchr(s.p, '\0', s.n) : NULL;

	return nul != NULL ? (size_t)(nul + 1 - s.p) : 0;
}

ssize_t
log_read_at(int fd, char *p, size_t n, off_t at)
{
	size_t done = 0;
	ssize_t got;

	while (done < n) {
		got = pread(fd, p + done, n - done, at + (off_t)done);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

int
log_follow(int fd, off_t *at, size_t limit, int end, log_take *take, void *ctx)
{
	struct buf b = { 0 };
	struct stat st;
	size_t done;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_size <= *at)
		return 0;
	do {
		buf_need(&b, BLOCK);
		n = log_read_at(fd, b.p + b.n, BLOCK, *at + (off_t)b.n);
		if (n == -1)
			break;
		b.n += (size_t)n;
		done = log_split(
		    buf_span(&b), *at, limit, end && n == 0, take, ctx);
		done += damage((struct span){ b.p + done, b.n - done });
		*at += (off_t)done;
		memmove(b.p, b.p + done, b.n - done);
		b.n -= done;
	} while (n != 0);
	buf_free(&b);
	return n == -1 ? -1 : 0;
}

int
log_read(int fd, off_t at, size_t len, struct buf *b)
{
	ssize_t got;

	if (len == 0)
		return 0;
	buf_need(b, len);
	got = log_read_at(fd, b->p + b->n, len, at);
	if (got >= 0 && got < (ssize_t)len)
		errno = ENODATA;
	if (got != (ssize_t)len)
		return -1;
	b->n += len;
	return 0;
}
