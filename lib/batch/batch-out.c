/* batch-out: the files of a batch, a chat completion request a line */
#include "batch/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ID_HEX = 32 }; /* digits of the key in an id: 128 bits */

static char why_buf[600];

void
batch_out_id(
    char id[BATCH_OUT_ID], const char key[SHA256_HEX], int first, int n)
{
	snprintf(id, BATCH_OUT_ID, "tg-%.*s-%d-%d", ID_HEX, key, first, n);
}

int
batch_out_is_id(struct span id)
{
	char s[BATCH_OUT_ID] = "", key[ID_HEX + 1], first[6], n[6];
	int length = 0;

	if (id.n < sizeof s)
		memcpy(s, id.p, id.n);
	return sscanf(s, "tg-%32[0-9a-f]-%5[0-9]-%5[0-9]%n", key, first, n,
		   &length) == 3 &&
	       strlen(key) == ID_HEX && (size_t)length == id.n;
}

char *
batch_out_name(
    char name[BATCH_OUT_NAME], const struct batch_out *r, size_t i, int part)
{
	const char *slash = strrchr(r->file, '/');
	const char *dot = strrchr(slash ? slash : r->file, '.');
	size_t stem = strlen(r->file);
	char number[24] = "";

	/* a name that begins with its only dot has no extension */
	if (dot != NULL && dot != r->file && dot[-1] != '/')
		stem = (size_t)(dot - r->file);
	if (i > 0)
		snprintf(number, sizeof number, "-%zu", i + 1);
	snprintf(name, BATCH_OUT_NAME, "%.*s%s%s%s", (int)stem, r->file, number,
	    r->file + stem, part ? ".part" : "");
	return name;
}

/* Tell whether the i-th file may get its name: 0, or -1 with errno. */
static int
check_name(const struct batch_out *r, size_t i)
{
	char name[BATCH_OUT_NAME];
	struct stat st;

	if (lstat(batch_out_name(name, r, i, 0), &st) == -1)
		return errno == ENOENT ? 0 : -1;
	errno = EEXIST;
	return S_ISREG(st.st_mode) && st.st_size == 0 ? 0 : -1;
}

/* Begin the next file: 0; -1 with errno. */
static int
begin_file(struct batch_out *r)
{
	char name[BATCH_OUT_NAME];
	int fd;

	if (check_name(r, r->files) == -1)
		return -1;
	fd = open(batch_out_name(name, r, r->files, 1),
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	/* the file is emptied only once its lock is ours */
	if (flock(fd, LOCK_EX | LOCK_NB) == -1 || ftruncate(fd, 0) == -1 ||
	    (r->now = fdopen(fd, "w")) == NULL) {
		close(fd);
		return -1;
	}
	if (r->files++ == 0)
		r->lock = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	r->lines = r->bytes = 0;
	return 0;
}

/* Sync and close the open file: 0, or -1 with errno. */
static int
end_file(struct batch_out *r)
{
	FILE *f = r->now;
	int error = 0;

	r->now = NULL;
	if (fflush(f) == EOF || (fdatasync(fileno(f)) == -1 && errno != EINVAL))
		error = errno;
	if (fclose(f) == EOF && error == 0)
		error = errno;
	errno = error;
	return error ? -1 : 0;
}

/* Explain in why_buf what errno says of the i-th file. */
static void
explain(const struct batch_out *r, size_t i)
{
	int error = errno;
	char name[BATCH_OUT_NAME];

	snprintf(why_buf, sizeof why_buf, "%s: %s",
	    batch_out_name(name, r, i, 0),
	    error == EEXIST        ? "is there already"
	    : error == EWOULDBLOCK ? "is being written by another program"
				   : strerror(error));
}

struct batch_out *
batch_out_new(const char *file, size_t max, size_t max_bytes, const char **why)
{
	struct batch_out *r = mem_new(sizeof *r);

	*why = why_buf;
	*r = (struct batch_out){ .file = mem_dup(file, strlen(file)),
		.max = max,
		.max_bytes = max_bytes,
		.lock = -1 };
	if (check_name(r, 1) == -1)
		explain(r, 1);
	else if (begin_file(r) == -1)
		explain(r, 0);
	else
		return r;
	batch_out_free(r);
	return NULL;
}

/* Write the line, to the next file where this one is full: 0, or -1. */
static int
put_line(struct batch_out *r)
{
	if ((r->lines == r->max || r->bytes + r->line.n > r->max_bytes) &&
	    (end_file(r) == -1 || begin_file(r) == -1))
		return -1;
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
	if (keyset_find(&r->seen, key) != NULL)
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
	keyset_add(&r->seen, key);
	if (put_line(r) == 0)
		return 0;
	r->failed = errno;
	return -1;
}

/* Give the i-th file its name: 0, or -1 with errno. */
static int
publish_file(const struct batch_out *r, size_t i)
{
	char name[BATCH_OUT_NAME], part[BATCH_OUT_NAME];

	if (check_name(r, i) == -1)
		return -1;
	return rename(
	    batch_out_name(part, r, i, 1), batch_out_name(name, r, i, 0));
}

int
batch_out_publish(struct batch_out *r, const char **why)
{
	size_t i = r->files;

	*why = why_buf;
	if (r->failed)
		errno = r->failed;
	if (r->failed || end_file(r) == -1) {
		explain(r, r->files - 1);
		return -1;
	}
	if (r->count == 0)
		return 0;
	while (i-- > 0) {
		if (publish_file(r, i) == -1) {
			explain(r, i);
			return -1;
		}
	}
	r->published = 1;
	return 0;
}

void
batch_out_free(struct batch_out *r)
{
	char part[BATCH_OUT_NAME];
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->files && !r->published; i++)
		unlink(batch_out_name(part, r, i, 1));
	if (r->now != NULL)
		fclose(r->now);
	if (r->lock != -1)
		close(r->lock);
	buf_free(&r->line);
	keyset_free(&r->seen);
	free(r->file);
	free(r);
}
