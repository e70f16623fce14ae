/* responses: single answers in append-only logs, with an index in memory */
#include "respcache/responses.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/keyset.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "json/find.h"
#include "json/scan.h"
#include "respcache/claims.h"

enum {
	KEY_HEX = SHA256_HEX - 1,
	LINE_MAX_ = 1 << 30, /* bytes of a stored answer; more is damage */
	OPEN_MAX_ = 64,      /* files kept open; each run leaves one behind */
	SETTLED_S = 60,      /* from making a file to locking it, at most */
	SAMPLE_MAX = 1 << 30,
};

/* A log of the folder. */
struct log_file {
	char *name;
	int fd;     /* -1: not open for reading */
	int over;   /* whether its writer has gone: it grows no more */
	off_t read; /* bytes whose lines are in the index */
};

/* The line of an answer in a log. */
struct place {
	off_t at;
	uint32_t len; /* bytes; 0: not set yet */
	uint32_t file;
};

struct responses {
	int dir;
	struct log_file *files;
	size_t nfiles, nopen;
	struct keyset names; /* number in files, a size_t, by name */
	struct keyset index; /* place of each answer, by key and sample */
	struct claims *claims;
	int own; /* own log, open for appending; -1: read only */
	size_t own_file;
	off_t own_size;
	struct buf unwritten;    /* lines for the own log */
	long long looked;        /* clock of the last look at all files, s */
	struct timespec changed; /* folder's time when its names were read */
	int settled; /* whether a change since then must show in that time */
	int failed;  /* errno of the first write that failed; 0: none did */
};

/* The log whose lines are being taken. */
struct source {
	struct responses *r;
	size_t file;
};

static char why_buf[512];

static long long
now_s(void)
{
	return clock_ms() / 1000;
}

/* Return the 64 bits that 16 hex digits are. */
static uint64_t
key_bits(const char *key)
{
	char first[17];

	memcpy(first, key, 16);
	first[16] = '\0';
	return strtoull(first, NULL, 16);
}

/* Return the key in the index of a sample: neighbours lie far apart. */
static struct keyset_key
index_key(const char key[SHA256_HEX], long long sample)
{
	uint64_t b = (uint64_t)sample * 0x9e3779b97f4a7c15 + key_bits(key + 16);

	return (struct keyset_key){ key_bits(key), b | 1 };
}

/*
 * Read {"key":"<64 hex>","sample":<n>,"answer": into key and *sample: 0, or -1
 * if the line begins otherwise.
 */
static int
read_head(struct span line, char key[SHA256_HEX], long long *sample)
{
	static const char start[] = "{\"key\":\"",
			  mid[] = "\",\"sample\":", end[] = ",\"answer\":";
	const size_t a = sizeof start - 1, b = a + KEY_HEX + sizeof mid - 1;
	struct span rest;
	size_t n;

	if (line.n < b || memcmp(line.p, start, a) != 0 ||
	    memcmp(line.p + a + KEY_HEX, mid, sizeof mid - 1) != 0)
		return -1;
	memcpy(key, line.p + a, KEY_HEX);
	key[KEY_HEX] = '\0';
	rest = (struct span){ line.p + b, line.n - b };
	n = num_digits(rest, SAMPLE_MAX, sample);
	if (n == 0 || rest.n < n + sizeof end - 1 ||
	    memcmp(rest.p + n, end, sizeof end - 1) != 0)
		return -1;
	return strspn(key, "0123456789abcdef") == KEY_HEX ? 0 : -1;
}

/* Enter a line of a log; the first of one key and sample stays. */
static void
take_line(void *ctx, struct span line, off_t at)
{
	const struct source *from = ctx;
	char key[SHA256_HEX];
	struct place *e;
	const char *why;
	long long sample;

	/* a damaged line must not stand in the way of a good one */
	if (line.n > LINE_MAX_ || read_head(line, key, &sample) == -1 ||
	    js_text(line, &why).p == NULL)
		return;
	e = keyset_add(&from->r->index, index_key(key, sample));
	if (e->len == 0)
		*e = (struct place){ at, (uint32_t)line.n,
			(uint32_t)from->file };
}

/* Open a log for reading, unless it is open: its descriptor, or -1. */
static int
open_log(struct responses *r, struct log_file *f)
{
	if (f->fd != -1)
		return f->fd;
	f->fd = openat(
	    r->dir, f->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	r->nopen += f->fd != -1;
	return f->fd;
}

/* Close a log if too many are open: the folder of many runs has many logs. */
static void
rest_log(struct responses *r, struct log_file *f)
{
	if (r->nopen <= OPEN_MAX_ || f->fd == -1)
		return;
	close(f->fd);
	f->fd = -1;
	r->nopen--;
}

/*
 * Tell whether the writer of a log has gone: the lock of open_own is free, and
 * the log is old enough for that lock not to be still to come.
 */
static int
is_over(const struct log_file *f)
{
	struct timespec now;
	struct stat st;

	clock_gettime(CLOCK_REALTIME, &now);
	return lock_held(f->fd, 0, 0) == 0 && fstat(f->fd, &st) == 0 &&
	       st.st_mtim.tv_sec < now.tv_sec - SETTLED_S;
}

/*
 * Enter what log i has gained: 1 if anything, else 0. thorough: see whether
 * its writer has gone.
 */
static int
follow_log(struct responses *r, size_t i, int thorough)
{
	struct log_file *f = &r->files[i];
	struct source from = { r, i };
	off_t begin = f->read;

	if (f->over)
		return 0;
	if (open_log(r, f) == -1) {
		f->over = errno == ENOENT;
		return 0;
	}
	if (thorough) /* first: what it wrote before is read below */
		f->over = is_over(f);
	(void)log_follow(f->fd, &f->read, LINE_MAX_, 0, take_line, &from);
	rest_log(r, f);
	return f->read > begin;
}

static int
is_log_name(const char *name)
{
	size_t n = strlen(name);

	return strncmp(name, "answers-", 8) == 0 && n > 6 &&
	       strcmp(name + n - 6, ".jsonl") == 0;
}

/* Return the number of the log of a name, a new one if it is not known. */
static size_t
log_number(struct responses *r, const char *name)
{
	struct keyset_key key = keyset_key(span_of(""), 'f', span_of(name));
	size_t known = r->names.n, *number = keyset_add(&r->names, key);

	if (r->names.n == known)
		return *number;
	r->files = mem_array(r->files, r->nfiles + 1, sizeof *r->files);
	r->files[r->nfiles] =
	    (struct log_file){ .name = mem_dup(name, strlen(name)), .fd = -1 };
	*number = r->nfiles;
	return r->nfiles++;
}

/*
 * Tell whether the folder may have changed since the last call. A change in
 * the tick of the clock in which that call was would not show in its time.
 */
static int
has_new_names(struct responses *r)
{
	struct timespec now, *was = &r->changed;
	struct stat st;
	int same;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (fstat(r->dir, &st) == -1)
		return 1;
	same = st.st_mtim.tv_sec == was->tv_sec &&
	       st.st_mtim.tv_nsec == was->tv_nsec && r->settled;
	*was = st.st_mtim;
	r->settled = was->tv_sec < now.tv_sec ||
		     (was->tv_sec == now.tv_sec && was->tv_nsec < now.tv_nsec);
	return !same;
}

static void
read_names(struct responses *r)
{
	int fd = openat(r->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (is_log_name(e->d_name))
			log_number(r, e->d_name);
	closedir(d);
}

int
responses_look(struct responses *r)
{
	long long now = now_s();
	int thorough = now != r->looked, any = 0;
	size_t i;

	r->looked = now;
	/* the folder's time may be late where it is on another machine */
	if (has_new_names(r) || thorough)
		read_names(r);
	for (i = 0; i < r->nfiles; i++)
		if (i != r->own_file)
			any |= follow_log(r, i, thorough);
	return any;
}

/* Make the own log, by a name that is free: 0, or -1 with errno. */
static int
open_own(struct responses *r)
{
	char name[64];
	struct timespec t;
	int i;

	clock_gettime(CLOCK_REALTIME, &t);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "answers-%lld-%ld-%d.jsonl",
		    (long long)t.tv_sec, t.tv_nsec + i, (int)getpid());
		r->own = openat(r->dir, name,
		    O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
		if (r->own != -1) {
			r->own_file = log_number(r, name);
			/* others follow the log while it is locked; where
			 * there are no locks they always do */
			(void)lock_try(r->own, 0);
			return 0;
		}
		if (errno != EEXIST)
			break;
	}
	return -1;
}

struct responses *
responses_new(
    const char *tool, const char *dir, int read_only, const char **why)
{
	struct responses *r;
	int fd;

	*why = why_buf;
	if ((!read_only && mkdir(dir, 0777) == -1 && errno != EEXIST) ||
	    (fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		snprintf(
		    why_buf, sizeof why_buf, "%s: %s", dir, strerror(errno));
		return NULL;
	}
	r = mem_new(sizeof *r);
	r->dir = fd;
	r->names.value = sizeof(size_t);
	r->index.value = sizeof(struct place);
	r->own = -1;
	r->own_file = (size_t)-1;
	/* before the first answer is paid */
	if (!read_only && open_own(r) == -1) {
		snprintf(why_buf, sizeof why_buf, "%s: cannot write there: %s",
		    dir, strerror(errno));
		responses_free(r);
		return NULL;
	}
	r->claims = claims_new(tool, dir, fd, read_only ? NULL : ".lock");
	responses_look(r);
	return r;
}

/* Close the own log, and remove it if it is empty. */
static void
close_own(struct responses *r)
{
	if (r->own_size == 0)
		unlinkat(r->dir, r->files[r->own_file].name, 0);
	else if (fdatasync(r->own) == -1 && !r->failed && errno != EINVAL)
		r->failed = errno;
	if (close(r->own) == -1 && !r->failed)
		r->failed = errno;
}

int
responses_free(struct responses *r)
{
	size_t i;
	int failed;

	if (r == NULL)
		return 0;
	if (r->own != -1)
		close_own(r);
	for (i = 0; i < r->nfiles; i++) {
		if (r->files[i].fd != -1)
			close(r->files[i].fd);
		free(r->files[i].name);
	}
	failed = r->failed;
	claims_free(r->claims);
	close(r->dir);
	buf_free(&r->unwritten);
	free(r->files);
	keyset_free(&r->names);
	keyset_free(&r->index);
	free(r);
	errno = failed;
	return failed ? -1 : 0;
}

/* Append an entry's answer to out: 1, or 0 if the line is another one. */
static int
read_answer(struct responses *r, const struct place *e,
    const char key[SHA256_HEX], int sample, struct buf *out)
{
	struct log_file *f = &r->files[e->file];
	struct buf line = { 0 };
	struct span answer = { NULL, 0 };
	char found[SHA256_HEX];
	const char *why;
	long long n;

	if (open_log(r, f) != -1 &&
	    log_read(f->fd, e->at, e->len, &line) == 0 &&
	    read_head(buf_span(&line), found, &n) == 0 && n == sample &&
	    memcmp(found, key, KEY_HEX) == 0 &&
	    js_text(buf_span(&line), &why).p != NULL)
		answer = js_find(buf_span(&line), "answer");
	rest_log(r, f);
	buf_addspan(out, answer);
	buf_free(&line);
	return answer.p != NULL;
}

int
responses_get(struct responses *r, const char key[SHA256_HEX], int sample,
    struct buf *out)
{
	struct keyset_key k = index_key(key, sample);
	struct place *e = keyset_find(&r->index, k);

	if (e == NULL && now_s() != r->looked) {
		responses_look(r);
		e = keyset_find(&r->index, k);
	}
	return e != NULL ? read_answer(r, e, key, sample, out) : 0;
}

void
responses_add(struct responses *r, const char key[SHA256_HEX], int sample,
    struct span json)
{
	struct buf *b = &r->unwritten;

	buf_fmt(b, "{\"key\":\"%s\",\"sample\":%d,\"answer\":", key, sample);
	buf_addspan(b, json);
	buf_adds(b, "}\n");
}

int
responses_write(struct responses *r)
{
	struct source own = { r, r->own_file };
	struct buf *b = &r->unwritten;
	size_t done = 0;
	ssize_t n;

	while (done < b->n) {
		n = write(r->own, b->p + done, b->n - done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			r->failed = n == -1 ? errno : EIO;
			/* no half line may stay for the next one to run into */
			if (done > 0 && ftruncate(r->own, r->own_size) == -1)
				r->failed = errno;
			b->n = 0;
			errno = r->failed;
			return -1;
		}
		done += (size_t)n;
	}
	log_split(buf_span(b), r->own_size, LINE_MAX_, 0, take_line, &own);
	r->own_size += (off_t)b->n;
	b->n = 0;
	return 0;
}

int
responses_claim(struct responses *r, const char key[SHA256_HEX])
{
	return claims_take(r->claims, key_bits(key));
}

void
responses_unclaim(struct responses *r, const char key[SHA256_HEX])
{
	claims_drop(r->claims, key_bits(key));
}
