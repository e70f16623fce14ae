/* responses: single answers in append-only logs, with an index in memory */
#include "respcache/responses.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
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
#include "io/io.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

enum {
	KEY_HEX = SHA256_HEX - 1,
	LINE_MAX_ = 32 << 20, /* bytes of a stored answer, of a reply that has
			       * half of them; more is damage */
	KEPT_FD = 64,         /* first descriptor of a log that is not kept */
	SETTLED_S = 60, /* time from making a log to locking it, at most */
	SAMPLE_MAX = 1 << 30,
};

/* A log of the folder. */
struct log_file {
	char *name;
	int fd;     /* descriptor for reading; -1: not open */
	int over;   /* whether its writer has gone: it grows no more */
	off_t read; /* bytes whose lines are in the index */
};

/* The line of an answer in a log. */
struct place {
	off_t at;
	uint32_t len;         /* bytes of the line; 0: there is none yet */
	uint32_t file : 31;   /* number in files */
	unsigned claimed : 1; /* whether this process has claimed the key */
};

struct responses {
	const char *path; /* path of the folder, for messages */
	DIR *names_dir;   /* folder, for reading its names */
	int dir;          /* descriptor of names_dir */
	struct log_file *files;
	size_t nfiles;
	size_t taken;        /* number of the log whose lines are taken now */
	struct keyset names; /* number in files, a size_t, by name */
	struct keyset index; /* place of each answer, by key and sample */
	int locks;           /* file of the claims; -1: none */
	int warned_locks;    /* whether a lock that failed was told */
	int warned_unread;   /* whether a log that cannot be read was told */
	int own;             /* own log, open for appending; -1: read only */
	size_t own_file;
	off_t own_size;
	struct buf unwritten;    /* lines for the own log */
	long long looked;        /* clock of the last look at all files, s */
	struct timespec changed; /* folder's time when its names were read */
	int failed;              /* errno of a write that failed; 0: none did */
};

static char why_buf[512];

static long long
now_s(void)
{
	return clock_real_ms() / 1000;
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

/*
 * Return the key in the index of a sample: neighbours lie far apart, and every
 * digit counts, so that a line with a damaged one is not in another's way.
 */
static struct keyset_key
index_key(const char key[SHA256_HEX], long long sample)
{
	/* two factors: a key and sample, each with its neighbour, never meet */
	const uint64_t odd = 0x9e3779b97f4a7c15, other = 0xbf58476d1ce4e5b9;
	uint64_t a = key_bits(key) + odd * key_bits(key + 32);
	uint64_t b = key_bits(key + 16) + odd * key_bits(key + 48);

	b += other * (uint64_t)sample;
	return (struct keyset_key){ a, b | 1 };
}

/*
 * Return the answer that a line of a log holds, and set its key and sample; p
 * NULL if the line is damaged.
 */
static struct span
read_line(struct span line, char key[SHA256_HEX], long long *sample)
{
	enum { KEY, SAMPLE, ANSWER, NNAMES };
	static const char *const names[] = { "key", "sample", "answer" };
	struct span v[NNAMES];
	const char *why;

	js_find_all(js_text(line, &why), names, v, NNAMES);
	*sample = js_int(v[SAMPLE], -1);
	if (v[KEY].n != KEY_HEX + 2 || *sample < 0 || *sample > SAMPLE_MAX)
		return (struct span){ NULL, 0 };
	memcpy(key, v[KEY].p + 1, KEY_HEX);
	key[KEY_HEX] = '\0';
	if (strspn(key, "0123456789abcdef") != KEY_HEX)
		return (struct span){ NULL, 0 };
	return v[ANSWER];
}

/* Enter a line of a log; the first of one key and sample stays. */
static void
take_line(void *ctx, struct span line, off_t at)
{
	struct responses *r = ctx;
	char key[SHA256_HEX];
	struct place *e;
	long long sample;

	/* a damaged line must not stand in the way of a good one */
	if (line.n > LINE_MAX_ || read_line(line, key, &sample).p == NULL)
		return;
	e = keyset_add(&r->index, index_key(key, sample));
	if (e->len > 0)
		return;
	e->at = at;
	e->len = (uint32_t)line.n;
	e->file = (uint32_t)r->taken & INT32_MAX;
}

/* Open a log for reading, unless it is open: its descriptor, or -1. */
static int
open_log(struct responses *r, struct log_file *f)
{
	if (f->fd == -1)
		f->fd = openat(r->dir, f->name,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return f->fd;
}

/* Close a log if many files are open: the folder of many runs has many logs. */
static void
rest_log(struct log_file *f)
{
	if (f->fd < KEPT_FD)
		return;
	close(f->fd);
	f->fd = -1;
}

/*
 * Tell whether the writer of a log has gone: the lock of open_own is free, and
 * the log is old enough for that lock not to be still to come.
 */
static int
is_over(const struct log_file *f)
{
	struct stat st;

	return lock_held(f->fd, 0, 0) == 0 && fstat(f->fd, &st) == 0 &&
	       st.st_mtime < time(NULL) - SETTLED_S;
}

/* Say once, by errno, that answers cannot be read. */
static void
warn_unread(struct responses *r, const struct log_file *f)
{
	if (r->warned_unread++ == 0)
		io_warn("%s/%s: %s; its answers are asked for again", r->path,
		    f->name, strerror(errno));
}

/*
 * Enter what log i has gained: 1 if anything, else 0. thorough: see whether
 * its writer has gone.
 */
static int
follow_log(struct responses *r, size_t i, int thorough)
{
	struct log_file *f = &r->files[i];
	off_t begin = f->read;

	if (f->over)
		return 0;
	if (open_log(r, f) == -1) {
		f->over = errno == ENOENT;
		/* a link, or a socket, is none of the cache's */
		if (errno != ENOENT && errno != ELOOP && errno != ENXIO)
			warn_unread(r, f);
		return 0;
	}
	if (thorough) /* first: what it wrote before is read below */
		f->over = is_over(f);
	r->taken = i;
	if (log_follow(f->fd, &f->read, LINE_MAX_, 0, take_line, r) == -1)
		warn_unread(r, f);
	rest_log(f);
	return f->read > begin;
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
 * Tell whether the folder may have changed since the last call. A second change
 * soon after one may show in no other time.
 */
static int
has_new_names(struct responses *r)
{
	struct timespec was = r->changed;
	struct stat st;

	if (fstat(r->dir, &st) == -1)
		return 1;
	r->changed = st.st_mtim;
	return st.st_mtim.tv_sec != was.tv_sec ||
	       st.st_mtim.tv_nsec != was.tv_nsec ||
	       st.st_mtime > time(NULL) - 2;
}

/* Note the logs of the folder; say once, by errno, that it cannot be listed. */
static void
read_names(struct responses *r)
{
	struct dirent *e;

	rewinddir(r->names_dir);
	for (errno = 0; (e = readdir(r->names_dir)) != NULL; errno = 0)
		if (fnmatch("answers-*.jsonl", e->d_name, 0) == 0)
			log_number(r, e->d_name);
	if (errno != 0 && r->warned_unread++ == 0)
		io_warn("%s: %s; answers there are asked for again", r->path,
		    strerror(errno));
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

/* Say once that claims of other processes go unseen, by errno. */
static void
warn_no_locks(struct responses *r)
{
	if (r->warned_locks++ == 0)
		io_warn(
		    "%s/.lock: locks fail here (%s): two programs may ask the "
		    "same at one time",
		    r->path, strerror(errno));
}

/*
 * Make the own log, by a name that is free, and open the file of the claims: 0,
 * or -1 with errno.
 */
static int
open_own(struct responses *r)
{
	char name[64];
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	snprintf(name, sizeof name, "answers-%lld-%ld-%d.jsonl",
	    (long long)t.tv_sec, t.tv_nsec, (int)getpid());
	r->own = openat(r->dir, name,
	    O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (r->own == -1)
		return -1;
	r->own_file = log_number(r, name);
	/* other processes follow the log while it is locked; where there are
	 * no locks they always do */
	(void)lock_try(r->own, 0);
	r->locks = openat(r->dir, ".lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (r->locks == -1)
		warn_no_locks(r);
	return 0;
}

struct responses *
responses_new(const char *dir, int read_only, const char **why)
{
	struct responses *r = mem_new(sizeof *r);

	*r = (struct responses){ .path = dir };
	r->locks = r->own = -1;
	r->names.value = sizeof(size_t);
	r->index.value = sizeof(struct place);
	r->own_file = (size_t)-1;
	*why = why_buf;
	if ((!read_only && mkdir(dir, 0700) == -1 && errno != EEXIST) ||
	    (r->names_dir = opendir(dir)) == NULL) {
		snprintf(
		    why_buf, sizeof why_buf, "%s: %s", dir, strerror(errno));
		free(r);
		return NULL;
	}
	r->dir = dirfd(r->names_dir);
	/* before the first answer is paid */
	if (!read_only && open_own(r) == -1) {
		snprintf(why_buf, sizeof why_buf, "%s: cannot write there: %s",
		    dir, strerror(errno));
		responses_free(r);
		return NULL;
	}
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
	if (r->locks != -1)
		close(r->locks);
	closedir(r->names_dir);
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
	long long n;

	if (open_log(r, f) == -1 || log_read(f->fd, e->at, e->len, &line) == -1)
		warn_unread(r, f);
	else
		answer = read_line(buf_span(&line), found, &n);
	rest_log(f);
	if (answer.p != NULL && (n != sample || strcmp(found, key) != 0))
		answer.p = NULL;
	if (answer.p != NULL)
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

	if ((e == NULL || e->len == 0) && now_s() != r->looked) {
		responses_look(r);
		e = keyset_find(&r->index, k);
	}
	return e != NULL && e->len > 0 ? read_answer(r, e, key, sample, out)
				       : 0;
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
	struct buf *b = &r->unwritten;

	if (io_write(r->own, buf_span(b)) == -1) {
		r->failed = errno;
		/* no half line may stay for the next one to run into */
		if (ftruncate(r->own, r->own_size) == -1)
			r->failed = errno;
		buf_clear(b);
		errno = r->failed;
		return -1;
	}
	r->taken = r->own_file;
	log_split(buf_span(b), r->own_size, LINE_MAX_, 0, take_line, r);
	r->own_size += (off_t)b->n;
	buf_clear(b);
	return 0;
}

/* Return the byte of a key's lock: an off_t has 63 bits for it. */
static off_t
lock_byte(const char key[SHA256_HEX])
{
	return (off_t)(key_bits(key) >> 2);
}

int
responses_claim(struct responses *r, const char key[SHA256_HEX])
{
	struct place *e = keyset_add(&r->index, index_key(key, 0));

	if (e->claimed)
		return 0;
	if (r->locks != -1 && lock_try(r->locks, lock_byte(key)) == -1) {
		if (errno == EAGAIN)
			return 0;
		warn_no_locks(r);
	}
	e->claimed = 1;
	return 1;
}

void
responses_unclaim(struct responses *r, const char key[SHA256_HEX])
{
	struct place *e = keyset_find(&r->index, index_key(key, 0));

	if (e == NULL || !e->claimed)
		return;
	e->claimed = 0;
	if (r->locks != -1)
		lock_drop(r->locks, lock_byte(key));
}
