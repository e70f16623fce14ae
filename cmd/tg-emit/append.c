/* append: adds whole lines to a file of triplets whose last line may be torn */
#include "append.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/io.h"
#include "record/rec.h"
#include "record/triplet.h"

/*
 * Every line that tg-emit writes begins with these bytes, each time followed by
 * the rest of a JSON string.
 */
static const char *const layout[] = { "{\"prompt\":\"", ",\"query\":\"",
	",\"pos\":[\"" };
enum { NLAYOUT = sizeof layout / sizeof *layout, BLOCK = 64 * 1024 };

static int
is_triplet(struct span line)
{
	struct rec r = { 0 };
	struct triplet t;
	const char *why;
	int is = 0;

	if (rec_read(&r, line, &why) == 0) {
		t = triplet_of(&r);
		is = triplet_wrong(&t) == NULL;
	}
	rec_free(&r);
	return is;
}

/*
 * Return whether s may be the beginning of a line that tg-emit wrote. A loss of
 * power can leave zeros in place of the last bytes.
 */
static int
is_beginning(struct span s)
{
	size_t i, n, at = 0;

	while (s.n > 0 && s.p[s.n - 1] == '\0')
		s.n--;
	for (i = 0; i < NLAYOUT && at < s.n; i++) {
		n = strlen(layout[i]);
		if (n > s.n - at)
			n = s.n - at;
		if (memcmp(s.p + at, layout[i], n) != 0)
			return 0;
		for (at += n; at < s.n && s.p[at] != '"'; at++)
			at += s.p[at] == '\\';
		at++;
	}
	return 1;
}

/*
 * Read n bytes of the file from offset at into b. Return 0; -1 with errno, or
 * with *why if the file has become shorter.
 */
static int
read_part(int fd, off_t at, size_t n, struct buf *b, const char **why)
{
	ssize_t got;

	b->n = 0;
	for (buf_need(b, n); b->n < n; b->n += (size_t)got) {
		got = pread(fd, b->p + b->n, n - b->n, at + (off_t)b->n);
		if (got == -1 && errno == EINTR)
			got = 0;
		else if (got == 0)
			*why = "another program has cut it short";
		if (got == -1 || *why != NULL)
			return -1;
	}
	return 0;
}

/* Read the first or the last line, without its newline, as read_at does. */
static int
read_line(struct append *a, int last, struct buf *b, const char **why)
{
	size_t size = (size_t)a->size, n = 0;
	const char *nl = NULL;

	while (nl == NULL && n < size) {
		n = n == 0 ? BLOCK : 2 * n;
		if (n > size)
			n = size;
		if (read_part(a->fd, last ? a->size - (off_t)n : 0, n, b, why))
			return -1;
		nl = last ? memrchr(b->p, '\n', n) : memchr(b->p, '\n', n);
	}
	if (nl != NULL && last) {
		b->n -= (size_t)(nl + 1 - b->p);
		memmove(b->p, nl + 1, b->n);
	} else if (nl != NULL) {
		b->n = (size_t)(nl - b->p);
	}
	return 0;
}

/*
 * Complete the last line of the file, tail, or cut it off; return 0, or -1 with
 * *why or errno. Whole JSON is never cut off, nor are bytes of a file that
 * tg-emit did not write.
 */
static int
mend_tail(struct append *a, struct span tail, size_t *torn, const char **why)
{
	off_t end = a->size - (off_t)tail.n;
	struct buf first = { 0 };
	const char *reason;
	int failed = -1;

	if (is_triplet(tail))
		return append_lines(a, span_of("\n"));
	if (js_text(tail, &reason).p != NULL) {
		*why = "its last line has no newline, and is JSON that is no "
		       "triplet";
	} else if (!is_beginning(tail)) {
		*why = "its last line has no newline, and is not the beginning "
		       "of a triplet";
	} else if (end == 0 || read_line(a, 0, &first, why) == 0) {
		if (end > 0 && !is_triplet(buf_span(&first)))
			*why = "its last line has no newline, and its first "
			       "line is no triplet";
		else
			failed = ftruncate(a->fd, end);
	}
	buf_free(&first);
	if (failed == 0) {
		a->size = end;
		*torn = tail.n;
	}
	return failed;
}

/* Look for a last line without a newline, and mend it. */
static int
mend_end(struct append *a, size_t *torn, const char **why)
{
	struct buf tail = { 0 };
	int ok = read_line(a, 1, &tail, why);

	if (ok == 0 && tail.n > 0)
		ok = mend_tail(a, buf_span(&tail), torn, why);
	buf_free(&tail);
	return ok;
}

/* Lock the file and check its end; return 0, or -1 with *why or errno. */
static int
check(struct append *a, size_t *torn, const char **why)
{
	struct stat st;

	if (flock(a->fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno == EWOULDBLOCK)
			*why = "another tg-emit is adding to it";
		return -1;
	}
	if (fstat(a->fd, &st) == -1)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		*why = "not a regular file";
		return -1;
	}
	a->size = st.st_size;
	return mend_end(a, torn, why);
}

int
append_open(struct append *a, const char *file, size_t *torn, const char **why)
{
	*torn = 0;
	*why = NULL;
	a->fd = open(file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (a->fd != -1 && check(a, torn, why) == 0)
		return 0;
	if (*why == NULL)
		*why = strerror(errno);
	if (a->fd != -1)
		close(a->fd);
	return -1;
}

int
append_lines(struct append *a, struct span s)
{
	struct stat st;
	const char *nl;
	off_t more;
	int error;

	if (io_write(a->fd, s) == 0) {
		a->size += (off_t)s.n;
		return 0;
	}
	error = errno;
	more = fstat(a->fd, &st) == 0 ? st.st_size - a->size : 0;
	/* no line is cut off that a process without the lock has added */
	if (more > 0 && (size_t)more <= s.n) {
		s.n = (size_t)more;
		nl = memrchr(s.p, '\n', s.n);
		a->size += nl != NULL ? nl + 1 - s.p : 0;
		if (ftruncate(a->fd, a->size) == -1)
			error = errno;
	}
	errno = error;
	return -1;
}

int
append_close(struct append *a)
{
	int error = fsync(a->fd) == -1 ? errno : 0;

	if (close(a->fd) == -1 && error == 0)
		error = errno;
	errno = error;
	return error != 0 ? -1 : 0;
}
