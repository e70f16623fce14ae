/* lines: the lines of files, one after another */
#include "io/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

enum {
	BLOCK = 64 * 1024,       /* bytes that a read has room for, at least */
	READ_MOST = 1024 * 1024, /* and at most: callers count reads, and look
				  * for signals after some */
	HEAD = 64 * 1024,  /* bytes kept of an overlong line, REC_RAW_MAX */
	TURNS = 64 * 1024, /* reads of lines_rest, so that signals are heard */
};

static const char *const only_stdin[] = { "-", NULL };

void
lines_init(struct lines *l, const char *const *files, size_t limit)
{
	*l = (struct lines){ .fd = -1, .name = "stdin" };
	l->limit = limit > 0 ? limit : LINES_LIMIT;
	l->files = files != NULL && *files != NULL ? files : only_stdin;
}

void
lines_free(struct lines *l)
{
	if (l->fd > STDIN_FILENO)
		close(l->fd);
	buf_free(&l->buf);
}

/* Drop the lines that were given out, so that the rest starts the buffer. */
static void
drop_given(struct lines *l)
{
	if (l->at == 0)
		return;
	l->buf.n -= l->at;
	memmove(l->buf.p, l->buf.p + l->at, l->buf.n);
	l->at = 0;
}

/* Take the line that ends at nl, its newline or the end of the file. */
static enum lines_got
take_line(struct lines *l, const char *nl, struct span *line, size_t *bytes)
{
	struct span s = { l->buf.p + l->at, 0 };

	s.n = (size_t)(nl - s.p);
	l->at += s.n + (nl < l->buf.p + l->buf.n);
	if (++l->lineno == 1)
		s = text_skip_bom(s);
	if (l->long_line || s.n > l->limit) {
		*bytes = l->skipped + s.n;
		*line = s;
		if (line->n > HEAD)
			line->n = HEAD;
		l->long_line = 0;
		l->skipped = 0;
		return LINES_LONG;
	}
	*line = s;
	*bytes = s.n;
	return LINES_LINE;
}

enum lines_got
lines_next(struct lines *l, struct span *line, size_t *bytes)
{
	const char *nl;
	size_t left;

	for (;;) {
		left = l->buf.n - l->at;
		nl = left > l->seen ? memchr(l->buf.p + l->at + l->seen, '\n',
					  left - l->seen)
				    : NULL;
		if (nl == NULL && l->eof && left > 0)
			nl = l->buf.p + l->buf.n;
		l->seen = nl != NULL ? 0 : left;
		if (nl == NULL)
			break;
		if (take_line(l, nl, line, bytes) == LINES_LONG)
			return LINES_LONG;
		if (text_trim(*line).n > 0)
			return LINES_LINE;
	}
	if (left > l->limit || l->long_line) {
		/* keep the head, drop and count the rest */
		drop_given(l);
		l->long_line = 1;
		if (l->buf.n > HEAD) {
			l->skipped += l->buf.n - HEAD;
			l->buf.n = l->seen = HEAD;
		}
	}
	return l->eof && *l->files == NULL ? LINES_END : LINES_MORE;
}

static int
open_next(struct lines *l)
{
	const char *name = *l->files;

	l->lineno = 0;
	l->eof = 0;
	if (strcmp(name, "-") == 0) {
		l->name = "stdin";
		l->fd = STDIN_FILENO;
	} else {
		l->name = name;
		if ((l->fd = open(name, O_RDONLY | O_CLOEXEC)) == -1)
			return -1;
	}
	l->files++;
	return 0;
}

int
lines_fill(struct lines *l)
{
	size_t room;
	ssize_t n;

	drop_given(l);
	if (l->fd == -1)
		return open_next(l);
	buf_need(&l->buf, BLOCK);
	room = l->buf.cap - l->buf.n;
	if (room > READ_MOST)
		room = READ_MOST;
	do
		n = read(l->fd, l->buf.p + l->buf.n, room);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return -1;
	if (n == 0) {
		if (l->fd > STDIN_FILENO)
			close(l->fd);
		l->fd = -1;
		l->eof = 1;
		return 0;
	}
	l->buf.n += (size_t)n;
	return 0;
}

int
lines_rest(struct lines *l)
{
	char piece[4096];
	/* a file that was opened here has no other reader */
	size_t most = l->fd > STDIN_FILENO ? sizeof piece : 1, turns = 0;
	const char *nl = NULL;
	ssize_t n;

	if (l->buf.n == l->at || l->fd == -1)
		return 0;
	while (nl == NULL) {
		if (turns++ == TURNS || !lines_ready(l))
			return 2;
		n = read(l->fd, piece, most);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		/* a line over the limit is an error anyhow, and may be endless
		 */
		if (n == 0 || l->long_line || l->buf.n - l->at > l->limit) {
			piece[0] = '\n';
			n = 1;
		}
		nl = memchr(piece, '\n', (size_t)n);
		buf_add(&l->buf, piece,
		    nl != NULL ? (size_t)(nl + 1 - piece) : (size_t)n);
	}
	return 1;
}

int
lines_ready(struct lines *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	return l->fd == -1 || poll(&p, 1, 0) > 0;
}
