/* io: lines in and bytes out, for filters */
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

enum {
	BLOCK = 64 * 1024,
	HEAD = 64 * 1024, /* REC_RAW_MAX: what is kept of an overlong line */
};

static const char *const only_stdin[] = { "-", NULL };

void
lines_init(struct lines *l, const char *const *files, size_t limit)
{
	*l = (struct lines){ .fd = -1, .limit = limit, .name = "stdin" };
	l->files = files != NULL && *files != NULL ? files : only_stdin;
}

void
lines_free(struct lines *l)
{
	if (l->fd > STDIN_FILENO)
		close(l->fd);
	buf_free(&l->buf);
}

static int
blank(struct span s)
{
	return text_trim(s).n == 0;
}

/* Drop what was given out, so that the rest starts the buffer. */
static void
compact(struct lines *l)
{
	if (l->at == 0)
		return;
	l->buf.n -= l->at;
	memmove(l->buf.p, l->buf.p + l->at, l->buf.n);
	l->at = 0;
}

/* Take the line that ends at nl (its newline or the end of the file). */
static enum lines_got
take(struct lines *l, const char *nl, struct span *line, size_t *bytes)
{
	struct span s = { l->buf.p + l->at, 0 };

	s.n = (size_t)(nl - s.p);
	l->at += s.n + (nl < l->buf.p + l->buf.n);
	l->lineno++;
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
		if (take(l, nl, line, bytes) == LINES_LONG)
			return LINES_LONG;
		if (!blank(*line))
			return LINES_LINE;
	}
	if (left > l->limit || l->long_line) {
		/* keep the head, drop and count the rest */
		compact(l);
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
	l->at_start = 1;
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
	ssize_t n;

	if (l->at > 0)
		l->at_start = 0;
	compact(l);
	if (l->fd == -1)
		return open_next(l);
	buf_need(&l->buf, BLOCK);
	do
		n = read(l->fd, l->buf.p + l->buf.n, l->buf.cap - l->buf.n);
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
	if (l->at_start && l->buf.n >= 3) {
		if (memcmp(l->buf.p, "\xef\xbb\xbf", 3) == 0) {
			l->at = 3;
			l->seen = 0;
		}
		l->at_start = 0;
	}
	return 0;
}

int
lines_rest(struct lines *l)
{
	ssize_t n;
	char c = '\0';

	if (l->buf.n == l->at || l->fd == -1)
		return 0;
	while (c != '\n') {
		if (!lines_ready(l))
			return 2;
		n = read(l->fd, &c, 1);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			c = '\n';
		/* over the limit the rest is counted by nobody */
		if (l->buf.n - l->at <= l->limit || c == '\n')
			buf_addc(&l->buf, c);
	}
	return 1;
}

int
lines_ready(struct lines *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	return l->fd == -1 || poll(&p, 1, 0) > 0;
}

void
io_start(void)
{
	signal(SIGPIPE, SIG_IGN);
}

void
io_leave_stdin(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* not closed: what is opened next would be standard input */
	if (fd > STDIN_FILENO) {
		dup2(fd, STDIN_FILENO);
		close(fd);
	}
}

FILE *
io_open(const char *file)
{
	FILE *f = fopen(file, "re");
	struct stat st;

	if (f == NULL)
		return NULL;
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		fclose(f);
		errno = EISDIR;
		return NULL;
	}
	return f;
}

int
io_write(int fd, struct span s)
{
	ssize_t n;

	while (s.n > 0) {
		n = write(fd, s.p, s.n);
		if (n == -1) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };

			/* stdout may be somebody's non-blocking pipe */
			if (errno == EAGAIN)
				poll(&p, 1, -1);
			else if (errno != EINTR)
				return -1;
			continue;
		}
		s.p += n;
		s.n -= (size_t)n;
	}
	return 0;
}

static int
write_file(const char *file, int flags, struct span s)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
	int error, ok;

	if (fd == -1)
		return -1;
	ok = io_write(fd, s);
	error = errno;
	if (close(fd) == -1 && ok == 0)
		return -1;
	errno = error;
	return ok;
}

/* A new file beside file takes its place: 0, -1 with errno; 1: it can't. */
static int
swap_file(const char *file, struct span s)
{
	struct buf temp = { 0 };
	int error = 0, got = 1;

	buf_fmt(&temp, "%s.%ld.tmp", file, (long)getpid());
	if (write_file(buf_cstr(&temp), O_EXCL | O_NOFOLLOW, s) == 0)
		got = rename(buf_cstr(&temp), file);
	else if (errno != EACCES && errno != EPERM && errno != EEXIST &&
		 errno != ENAMETOOLONG)
		got = -1;
	if (got == -1) {
		error = errno;
		unlink(buf_cstr(&temp));
	}
	buf_free(&temp);
	errno = error;
	return got;
}

int
io_replace(const char *file, struct span s)
{
	char *real = realpath(file, NULL);
	const char *name = real != NULL ? real : file;
	struct stat st;
	int got = 1, error;

	if (stat(name, &st) == -1 ? errno == ENOENT : S_ISREG(st.st_mode))
		got = swap_file(name, s);
	if (got == 1)
		got = write_file(name, O_TRUNC, s);
	error = errno;
	free(real);
	errno = error;
	return got;
}

int
io_escapes(void)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return isatty(STDERR_FILENO) && (no == NULL || *no == '\0') &&
	       term != NULL && strcmp(term, "dumb") != 0;
}

void
io_warn(const char *tool, const char *fmt, ...)
{
	struct buf b = { 0 };
	char msg[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof msg, fmt, ap);
	va_end(ap);
	if (io_escapes())
		buf_adds(&b, "\r\033[K");
	buf_fmt(&b, "%s: ", tool);
	text_printable(&b, span_of(msg), sizeof msg);
	buf_addc(&b, '\n');
	/* one write, so that the lines of several tools do not mix */
	if (io_write(STDERR_FILENO, buf_span(&b)) == -1)
		errno = 0; /* nowhere left to say so */
	buf_free(&b);
}

/* Die of SIGPIPE as if nothing had caught it. */
static _Noreturn void
broken_pipe(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGPIPE);
	_exit(128 + SIGPIPE);
}

_Noreturn void
io_die_stdout(const char *tool)
{
	if (errno == EPIPE)
		broken_pipe();
	io_warn(tool, "stdout: %s", strerror(errno));
	exit(TG_EX_IO);
}

void
io_close_stdout(const char *tool)
{
	if (close(STDOUT_FILENO) == -1 && errno != EINTR)
		io_die_stdout(tool);
}
