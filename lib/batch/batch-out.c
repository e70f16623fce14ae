/* batch-out: the files of a batch, a chat completion request a line */
#include "batch/batch-out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/keyset.h"
#include "base/mem.h"
#include "base/num.h"

enum { ID_HEX = 32 }; /* digits of the key in an id: 128 bits */

struct batch_out {
	char *file;
	size_t max, max_bytes;
	struct keyset seen;
	struct buf line;
	FILE *now;           /* the open file, or NULL */
	int lock;            /* descriptor that keeps the first file locked */
	size_t files;        /* files begun */
	size_t lines, bytes; /* lines and bytes of the open file */
	size_t count;        /* lines of all files */
	int published, failed;
};

static char why_buf[600];

void
batch_out_id(
    char id[BATCH_OUT_ID], const char key[SHA256_HEX], int first, int n)
{
	snprintf(id, BATCH_OUT_ID, "tg-%.*s-%d-%d", ID_HEX, key, first, n);
}

/* Skip "-" and a number of at most five digits: 0, or -1 if s lacks them. */
static int
skip_number(struct span *s)
{
	long long v;
	size_t n;

	if (s->n == 0 || s->p[0] != '-')
		return -1;
	n = num_digits((struct span){ s->p + 1, s->n - 1 }, 99999, &v);
	*s = (struct span){ s->p + 1 + n, s->n - 1 - n };
	return n > 0 ? 0 : -1;
}

int
batch_out_is_id(struct span id)
{
	static const char start[] = "tg-";
	const size_t n = sizeof start - 1 + ID_HEX;
	size_t i;

	if (id.n < n || id.n >= BATCH_OUT_ID ||
	    memcmp(id.p, start, sizeof start - 1) != 0)
		return 0;
	for (i = sizeof start - 1; i < n; i++)
		if (memchr("0123456789abcdef", id.p[i], 16) == NULL)
			return 0;
	id = (struct span){ id.p + n, id.n - n };
	return skip_number(&id) == 0 && skip_number(&id) == 0 && id.n == 0;
}

void
batch_out_name(const struct batch_out *r, size_t i, struct buf *b)
{
	const char *slash = strrchr(r->file, '/');
	const char *dot = strrchr(slash ? slash : r->file, '.');
	size_t stem = strlen(r->file);

	/* a name that begins with its only dot has no extension */
	if (dot != NULL && dot != r->file && dot[-1] != '/')
		stem = (size_t)(dot - r->file);
	buf_add(b, r->file, stem);
	if (i > 0)
		buf_fmt(b, "-%zu", i + 1);
	buf_adds(b, r->file + stem);
}

static void
part_name(const struct batch_out *r, size_t i, struct buf *b)
{
	batch_out_name(r, i, b);
	buf_adds(b, ".part");
}

/* Tell whether a file may get this name: 0, or -1 with errno. */
static int
is_free(const char *name)
{
	struct stat st;

	if (lstat(name, &st) == -1)
		return errno == ENOENT ? 0 : -1;
	if (S_ISREG(st.st_mode) && st.st_size == 0)
		return 0;
	errno = EEXIST;
	return -1;
}

/* Begin the next file: 0; -1 with errno. */
static int
begin(struct batch_out *r)
{
	struct buf name = { 0 };
	int fd = -1, error = 0;

	batch_out_name(r, r->files, &name);
	if (is_free(buf_cstr(&name)) == 0) {
		buf_adds(&name, ".part");
		fd = open(buf_cstr(&name),
		    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	}
	/* the file is emptied only once its lock is ours */
	if (fd == -1 || flock(fd, LOCK_EX | LOCK_NB) == -1 ||
	    ftruncate(fd, 0) == -1 || (r->now = fdopen(fd, "w")) == NULL) {
		error = errno;
		if (fd != -1)
			close(fd);
	} else {
		if (r->files++ == 0)
			r->lock = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		r->lines = r->bytes = 0;
	}
	buf_free(&name);
	errno = error;
	return error ? -1 : 0;
}

/* Sync and close the open file: 0, or -1 with errno. */
static int
end(struct batch_out *r)
{
	FILE *f = r->now;
	int error = 0;

	r->now = NULL;
	if (f == NULL)
		return 0;
	if (fflush(f) == EOF || (fdatasync(fileno(f)) == -1 && errno != EINVAL))
		error = errno;
	if (fclose(f) == EOF && error == 0)
		error = errno;
	errno = error;
	return error ? -1 : 0;
}

static void
explain(const struct batch_out *r, size_t i, int error)
{
	struct buf name = { 0 };

	batch_out_name(r, i, &name);
	snprintf(why_buf, sizeof why_buf, "%s: %s", buf_cstr(&name),
	    error == EEXIST        ? "is there already"
	    : error == EWOULDBLOCK ? "is being written by another program"
				   : strerror(error));
	buf_free(&name);
}

struct batch_out *
batch_out_new(const char *file, size_t max, size_t max_bytes, const char **why)
{
	struct batch_out *r = mem_new(sizeof *r);
	struct buf second = { 0 };

	*why = why_buf;
	r->lock = -1;
	r->file = mem_dup(file, strlen(file));
	r->max = max;
	r->max_bytes = max_bytes;
	batch_out_name(r, 1, &second);
	if (is_free(buf_cstr(&second)) == -1)
		explain(r, 1, errno);
	else if (begin(r) == -1)
		explain(r, 0, errno);
	buf_free(&second);
	if (r->now != NULL)
		return r;
	batch_out_free(r);
	return NULL;
}

static int
put(struct batch_out *r)
{
	if (r->lines > 0 &&
	    (r->lines == r->max || r->bytes + r->line.n > r->max_bytes)) {
		if (end(r) == -1 || begin(r) == -1)
			return -1;
	}
	if (fwrite(r->line.p, 1, r->line.n, r->now) != r->line.n)
		return -1;
	r->lines++;
	r->count++;
	r->bytes += r->line.n;
	return 0;
}

int
batch_out_add(
    struct batch_out *r, const char *id, const char *url, struct span body)
{
	struct keyset_key key = keyset_key(span_of(""), 'r', span_of(id));

	if (r->failed) {
		errno = r->failed;
		return -1;
	}
	if (keyset_has(&r->seen, &key))
		return 0;
	buf_clear(&r->line);
	buf_fmt(&r->line,
	    "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"%s\","
	    "\"body\":",
	    id, url);
	buf_addspan(&r->line, body);
	buf_adds(&r->line, "}\n");
	if (r->line.n > r->max_bytes) {
		errno = EFBIG;
		return -1;
	}
	keyset_add(&r->seen, &key);
	if (put(r) == 0)
		return 0;
	r->failed = errno ? errno : EIO;
	errno = r->failed;
	return -1;
}

int
batch_out_publish(struct batch_out *r, const char **why)
{
	struct buf name = { 0 }, part = { 0 };
	size_t i = r->files;

	*why = why_buf;
	if (end(r) == -1 || r->failed) {
		explain(r, r->files - 1, r->failed ? r->failed : errno);
		return -1;
	}
	while (r->count > 0 && i-- > 0) {
		buf_clear(&name);
		buf_clear(&part);
		batch_out_name(r, i, &name);
		part_name(r, i, &part);
		if (is_free(buf_cstr(&name)) == -1 ||
		    rename(buf_cstr(&part), buf_cstr(&name)) == -1) {
			explain(r, i, errno);
			break;
		}
		r->published = i == 0;
	}
	buf_free(&name);
	buf_free(&part);
	return r->published || r->count == 0 ? 0 : -1;
}

void
batch_out_free(struct batch_out *r)
{
	struct buf part = { 0 };
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->files && !r->published; i++) {
		buf_clear(&part);
		part_name(r, i, &part);
		unlink(buf_cstr(&part));
	}
	if (r->now != NULL)
		fclose(r->now);
	if (r->lock != -1)
		close(r->lock);
	buf_free(&part);
	buf_free(&r->line);
	keyset_free(&r->seen);
	free(r->file);
	free(r);
}

size_t
batch_out_count(const struct batch_out *r)
{
	return r->count;
}

size_t
batch_out_files(const struct batch_out *r)
{
	return r->count > 0 ? r->files : 0;
}
