/* append: adds whole lines to a file of triplets whose last line may be torn */
#include "append.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
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
enum { NLAYOUT = sizeof layout / sizeof *layout };

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
 * Complete the last line of the file, the bytes of text from offset end on, or
 * cut it off; return 0, or -1 with *why or errno. Whole JSON is never cut off,
 * nor are bytes of a file that tg-emit did not write.
 */
static int
mend(struct append *a, struct span text, size_t end, size_t *torn,
    const char **why)
{
	struct span tail = { text.p + end, text.n - end }, first = text;
	const char *reason;

	if (is_triplet(tail))
		return append_lines(a, span_of("\n"));
	if (end > 0)
		first.n = (size_t)((char *)memchr(text.p, '\n', end) - text.p);
	if (js_text(tail, &reason).p != NULL) {
		*why = "its last line has no newline, and is JSON that is no "
		       "triplet";
	} else if (!is_beginning(tail)) {
		*why = "its last line has no newline, and is not the beginning "
		       "of a triplet";
	} else if (end > 0 && !is_triplet(first)) {
		*why = "its last line has no newline, and its first line is no "
		       "triplet";
	} else if (ftruncate(a->fd, (off_t)end) == 0) {
		a->size = (off_t)end;
		*torn = tail.n;
		return 0;
	}
	return -1;
}

/* Look for a last line without a newline, and mend it. */
static int
mend_end(struct append *a, size_t *torn, const char **why)
{
	size_t size = (size_t)a->size, end;
	const char *nl;
	char *p;
	int ok = 0;

	if (size == 0)
		return 0;
	p = mmap(NULL, size, PROT_READ, MAP_SHARED, a->fd, 0);
	if (p == MAP_FAILED)
		return -1;
	nl = memrchr(p, '\n', size);
	end = nl != NULL ? (size_t)(nl + 1 - p) : 0;
	if (end < size)
		ok = mend(a, (struct span){ p, size }, end, torn, why);
	munmap(p, size);
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
