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

enum { BLOCK = 64 * 1024 };

/*
 * Every line that tg-emit writes begins with these bytes, with a JSON string
 * between each two of them.
 */
static const char *const layout[] = {
	"{\"prompt\":", ",\"query\":", ",\"pos\":["
};
enum { NLAYOUT = sizeof layout / sizeof *layout };

static int
fail(const char **why, const char *what)
{
	*why = what;
	return -1;
}

/* Read n bytes at offset at into p; return 0, or -1 with errno. */
static int
read_at(int fd, char *p, size_t n, off_t at)
{
	ssize_t got;

	while (n > 0) {
		got = pread(fd, p, n, at);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == 0)
			errno = EIO; /* another process has cut the file */
		if (got <= 0)
			return -1;
		p += got;
		n -= (size_t)got;
		at += got;
	}
	return 0;
}

/* Return the offset behind the last newline; 0: none; -1 with errno. */
static off_t
last_line_end(int fd, off_t size)
{
	char block[BLOCK];
	const char *nl;
	size_t n;

	while (size > 0) {
		n = size < BLOCK ? (size_t)size : BLOCK;
		size -= (off_t)n;
		if (read_at(fd, block, n, size) == -1)
			return -1;
		if ((nl = memrchr(block, '\n', n)) != NULL)
			return size + (nl - block) + 1;
	}
	return 0;
}

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

/* Return the length of the JSON string that s begins with; all of s if torn. */
static size_t
string_length(struct span s)
{
	size_t i;

	for (i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return s.n;
}

/*
 * Return whether s may be the beginning of a line that tg-emit wrote. A loss of
 * power can leave zeros in place of the last bytes.
 */
static int
is_beginning(struct span s)
{
	size_t i, n;

	while (s.n > 0 && s.p[s.n - 1] == '\0')
		s.n--;
	for (i = 0; i < NLAYOUT && s.n > 0; i++) {
		n = strlen(layout[i]);
		if (memcmp(s.p, layout[i], s.n < n ? s.n : n) != 0)
			return 0;
		if (s.n <= n)
			return 1;
		s.p += n;
		s.n -= n;
		if (s.p[0] != '"')
			return 0;
		n = string_length(s);
		s.p += n;
		s.n -= n;
	}
	return 1;
}

/*
 * Return 1 if the file, all of whose lines end before end, begins with a
 * triplet or has no line; else 0; or -1 with errno.
 */
static int
first_is_triplet(const struct append *a, off_t end, size_t max_line)
{
	size_t n = (size_t)end < max_line ? (size_t)end : max_line;
	struct buf b = { 0 };
	const char *nl;
	int is = -1;

	if (end == 0)
		return 1;
	buf_need(&b, n);
	if (read_at(a->fd, b.p, n, 0) == 0) {
		nl = memchr(b.p, '\n', n);
		is = nl != NULL &&
		     is_triplet((struct span){ b.p, (size_t)(nl - b.p) });
	}
	buf_free(&b);
	return is;
}

/*
 * Complete tail, the bytes behind the last newline at offset end, or cut them
 * off; return 0, or -1 with *why or errno. Whole JSON is never cut off, nor are
 * bytes of a file that tg-emit did not write.
 */
static int
mend(struct append *a, struct span tail, off_t end, size_t max_line,
    size_t *torn, const char **why)
{
	const char *reason;
	int ours;

	if (is_triplet(tail))
		return append_lines(a, span_of("\n"));
	if (js_text(tail, &reason).p != NULL)
		return fail(why, "its last line has no newline, and is JSON "
				 "that is no triplet");
	if (!is_beginning(tail))
		return fail(why, "its last line has no newline, and is not the "
				 "beginning of a triplet");
	if ((ours = first_is_triplet(a, end, max_line)) == -1)
		return -1;
	if (!ours)
		return fail(why, "its last line has no newline, and its first "
				 "line is no triplet");
	if (ftruncate(a->fd, end) == -1)
		return -1;
	a->size = end;
	*torn = tail.n;
	return 0;
}

static int
check(struct append *a, size_t max_line, size_t *torn, const char **why)
{
	struct buf b = { 0 };
	struct stat st;
	off_t end;
	size_t left, n;
	int ok;

	if (flock(a->fd, LOCK_EX | LOCK_NB) == -1)
		return errno == EWOULDBLOCK
			   ? fail(why, "another tg-emit is adding to it")
			   : -1;
	if (fstat(a->fd, &st) == -1)
		return -1;
	if (!S_ISREG(st.st_mode))
		return fail(why, "not a regular file");
	a->size = st.st_size;
	if ((end = last_line_end(a->fd, a->size)) == -1)
		return -1;
	left = (size_t)(a->size - end);
	if (left == 0)
		return 0;
	/* the first bytes tell whether the whole tail is worth reading */
	n = left < BLOCK ? left : BLOCK;
	buf_need(&b, n);
	if ((ok = read_at(a->fd, b.p, n, end)) == 0 && n < left &&
	    is_beginning((struct span){ b.p, n })) {
		buf_need(&b, left);
		ok = read_at(a->fd, b.p, left, end);
		n = left;
	}
	if (ok == 0)
		ok = mend(a, (struct span){ b.p, n }, end, max_line, torn, why);
	buf_free(&b);
	return ok;
}

int
append_open(struct append *a, const char *file, size_t max_line, size_t *torn,
    const char **why)
{
	*torn = 0;
	*why = NULL;
	a->fd = open(file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (a->fd != -1 && check(a, max_line, torn, why) == 0)
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
	/* nothing is cut where a process without the lock has written, too */
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
