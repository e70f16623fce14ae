/* responses: single LLM answers kept in a folder */
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

#include "base/mem.h"
#include "json/find.h"
#include "json/scan.h"
#include "respcache/claims.h"

enum {
	BLOCK = 1 << 20,
	PREFIX = 8,          /* {"key":" */
	LINE_MAX_ = 1 << 30, /* of a stored answer: more is damage */
	OPEN_MAX_ = 64,      /* files kept open; a run leaves one behind */
	SETTLED_S = 60,      /* from making a file to locking it, at most */
};

/* One file of the folder; files are only ever appended to. */
struct file {
	char *name;
	int fd;     /* -1: not opened for reading yet */
	int over;   /* its writer has gone: it grows no more */
	off_t read; /* up to where its lines are in the index */
};

/* Where an answer is: 32 bytes an entry. */
struct entry {
	unsigned char key[16]; /* of key and sample; all 0: empty */
	uint32_t file, len;
	uint64_t at;
};

struct responses {
	int dir;
	struct file *files;
	size_t nfiles, nopen;
	struct claims *claims;
	struct entry *table;
	size_t cap, used; /* cap is a power of two */
	int own;          /* own file, for appending; -1: none */
	size_t own_file;
	off_t own_at;
	struct buf unwritten; /* lines for it */
	time_t looked;           /* at all files, monotonic */
	struct timespec changed; /* the folder, when its names were read */
	int settled;             /* and not again in that tick of the clock */
	int failed; /* errno of the first write that failed */
};

static char why_buf[512];

static time_t
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void
entry_key(const char key[SHA256_HEX], int sample, unsigned char out[16])
{
	unsigned char raw[SHA256_RAW];
	struct hash *h = hash_new();
	char num[16];

	snprintf(num, sizeof num, "%d", sample);
	hash_add0(h, (struct span){ key, 64 });
	hash_add(h, span_of(num));
	hash_end_raw(h, raw);
	memcpy(out, raw, 16);
}

static struct entry *
slot(const struct responses *a, const unsigned char key[16])
{
	static const unsigned char empty[16];
	struct entry *e;
	uint64_t i;

	memcpy(&i, key, sizeof i);
	for (;; i++) {
		e = &a->table[i & (a->cap - 1)];
		if (memcmp(e->key, key, 16) == 0 ||
		    memcmp(e->key, empty, 16) == 0)
			return e;
	}
}

static void
grow(struct responses *a)
{
	struct entry *old = a->table;
	size_t i, n = a->cap;

	a->cap = n ? n * 2 : 1024;
	a->table = mem_new(a->cap * sizeof *a->table);
	for (i = 0; i < n; i++)
		if (old[i].len > 0)
			*slot(a, old[i].key) = old[i];
	free(old);
}

/* Enter a line; of two for one key and sample the first stays. */
static void
enter(struct responses *a, const char key[SHA256_HEX], int sample, size_t file,
    off_t at, size_t len)
{
	struct entry *e;
	unsigned char k[16];

	if (a->used * 4 >= a->cap * 3)
		grow(a);
	entry_key(key, sample, k);
	e = slot(a, k);
	if (e->len > 0)
		return;
	memcpy(e->key, k, 16);
	e->file = (uint32_t)file;
	e->at = (uint64_t)at;
	e->len = (uint32_t)len;
	a->used++;
}

/*
 * The key and sample of {"key":"<64 hex>","sample":<n>,"answer": 0, or -1 if
 * the line is of another kind.
 */
static int
line_head(struct span line, char key[SHA256_HEX], int *sample)
{
	static const char start[] = "{\"key\":\"", mid[] = "\",\"sample\":";
	const char *p = line.p + PREFIX + 64;

	if (line.n < PREFIX + 64 + sizeof mid + 12 ||
	    memcmp(line.p, start, PREFIX) != 0 ||
	    memcmp(p, mid, sizeof mid - 1) != 0)
		return -1;
	memcpy(key, line.p + PREFIX, 64);
	key[64] = '\0';
	*sample = atoi(p + sizeof mid - 1);
	return strspn(key, "0123456789abcdef") == 64 ? 0 : -1;
}

/* Enter the lines in buf that are whole; how many bytes they were. */
static size_t
enter_lines(struct responses *a, size_t file, off_t at, struct span s)
{
	char key[SHA256_HEX];
	struct span line;
	const char *nl, *why;
	size_t done = 0;
	int sample;

	while ((nl = memchr(s.p + done, '\n', s.n - done)) != NULL) {
		line = (struct span){ s.p + done, (size_t)(nl - s.p) - done };
		/* a damaged line must not stand in the way of a good one */
		if (line_head(line, key, &sample) == 0 &&
		    js_text(line, &why).p != NULL)
			enter(a, key, sample, file, at + (off_t)done, line.n);
		done += line.n + 1;
	}
	return done;
}

static int
file_open(struct responses *a, struct file *f)
{
	if (f->fd != -1)
		return f->fd;
	f->fd = openat(
	    a->dir, f->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	a->nopen += f->fd != -1;
	return f->fd;
}

/* Done with for now. The folder of many runs has many files. */
static void
file_close(struct responses *a, struct file *f)
{
	if (a->nopen <= OPEN_MAX_ || f->fd == -1)
		return;
	close(f->fd);
	f->fd = -1;
	a->nopen--;
}

/*
 * Whether the writer of a file has gone: it held a lock, see own_open, which
 * may have been yet to come.
 */
static int
is_over(const struct file *f)
{
	struct flock l = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	struct timespec now;
	struct stat st;

	clock_gettime(CLOCK_REALTIME, &now);
	return fcntl(f->fd, F_OFD_GETLK, &l) == 0 && l.l_type == F_UNLCK &&
	       fstat(f->fd, &st) == 0 &&
	       st.st_mtim.tv_sec < now.tv_sec - SETTLED_S;
}

/*
 * Read what a file has gained, 1 if anything. A line without end stays for
 * next time.
 */
static int
follow(struct responses *a, size_t i, int thorough)
{
	struct file *f = &a->files[i];
	off_t begin = f->read;
	struct buf b = { 0 };
	struct stat st;
	size_t done;
	ssize_t n;

	if (f->over)
		return 0;
	if (file_open(a, f) == -1) {
		f->over = errno == ENOENT;
		return 0;
	}
	if (thorough) /* first: what it wrote before is read below */
		f->over = is_over(f);
	if (fstat(f->fd, &st) == -1 || !S_ISREG(st.st_mode))
		st.st_size = 0;
	while (f->read + (off_t)b.n < st.st_size && b.n < LINE_MAX_) {
		buf_need(&b, BLOCK);
		n = pread(f->fd, b.p + b.n, BLOCK, f->read + (off_t)b.n);
		if (n <= 0)
			break;
		b.n += (size_t)n;
		done = enter_lines(a, i, f->read, buf_span(&b));
		f->read += (off_t)done;
		memmove(b.p, b.p + done, b.n - done);
		b.n -= done;
	}
	buf_free(&b);
	file_close(a, f);
	return f->read > begin;
}

static int
is_answers_file(const char *name)
{
	size_t n = strlen(name);

	return strncmp(name, "answers-", 8) == 0 && n > 6 &&
	       strcmp(name + n - 6, ".jsonl") == 0;
}

/* The file of that name. Names come in the order of last time, or nearly. */
static size_t
file_index(struct responses *a, const char *name, size_t after)
{
	size_t i, k;

	for (k = 1; k <= a->nfiles; k++) {
		i = (after + k) % a->nfiles;
		if (strcmp(a->files[i].name, name) == 0)
			return i;
	}
	a->files = mem_array(a->files, a->nfiles + 1, sizeof *a->files);
	a->files[a->nfiles] =
	    (struct file){ .name = mem_dup(name, strlen(name)), .fd = -1 };
	return a->nfiles++;
}

/*
 * Whether the folder has changed since this was called last. A change in the
 * tick of the clock in which that was would not show in its time.
 */
static int
has_new_names(struct responses *a)
{
	struct timespec now, *was = &a->changed;
	struct stat st;
	int same;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (fstat(a->dir, &st) == -1)
		return 1;
	same = st.st_mtim.tv_sec == was->tv_sec &&
	       st.st_mtim.tv_nsec == was->tv_nsec && a->settled;
	*was = st.st_mtim;
	a->settled =
	    was->tv_sec < now.tv_sec ||
	    (was->tv_sec == now.tv_sec && was->tv_nsec < now.tv_nsec);
	return !same;
}

static void
read_names(struct responses *a)
{
	int fd = openat(a->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	size_t last = (size_t)-1;
	struct dirent *e;

	if (d == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (is_answers_file(e->d_name))
			last = file_index(a, e->d_name, last);
	closedir(d);
}

/*
 * Find new files and new lines of those known: 1 if there are any lines. Once
 * a second it is not left to the times of the folder, which may be late where
 * that is on another machine.
 */
int
responses_look(struct responses *a)
{
	time_t now = now_s();
	int thorough = now != a->looked, any = 0;
	size_t i;

	a->looked = now;
	if (has_new_names(a) || thorough)
		read_names(a);
	for (i = 0; i < a->nfiles; i++)
		if (i != a->own_file)
			any |= follow(a, i, thorough);
	return any;
}

static int
own_open(struct responses *a)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char name[64];
	struct timespec t;
	int i;

	clock_gettime(CLOCK_REALTIME, &t);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "answers-%lld-%ld-%d.jsonl",
		    (long long)t.tv_sec, t.tv_nsec + i, (int)getpid());
		a->own = openat(a->dir, name,
		    O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
		if (a->own != -1) {
			a->own_file = file_index(a, name, 0);
			/* while it stands, others follow the file; where there
			 * are no locks they always do */
			(void)fcntl(a->own, F_OFD_SETLK, &l);
			return 0;
		}
		if (errno != EEXIST)
			break;
	}
	return -1;
}

struct responses *
responses_new(const char *dir, int read_only, const char **why)
{
	struct responses *a;
	int fd;

	*why = why_buf;
	if ((!read_only && mkdir(dir, 0777) == -1 && errno != EEXIST) ||
	    (fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		snprintf(
		    why_buf, sizeof why_buf, "%s: %s", dir, strerror(errno));
		return NULL;
	}
	a = mem_new(sizeof *a);
	a->dir = fd;
	a->own = -1;
	a->own_file = (size_t)-1;
	a->claims = claims_new(fd, read_only ? NULL : ".lock");
	grow(a);
	/* now, rather than when the first answer has been paid */
	if (!read_only && own_open(a) == -1) {
		snprintf(why_buf, sizeof why_buf, "%s: cannot write there: %s",
		    dir, strerror(errno));
		responses_free(a);
		return NULL;
	}
	responses_look(a);
	return a;
}

int
responses_free(struct responses *a)
{
	size_t i;
	int failed;

	if (a == NULL)
		return 0;
	if (a->own != -1) {
		/* nothing came: leave nothing behind */
		if (a->own_at == 0)
			unlinkat(a->dir, a->files[a->own_file].name, 0);
		else if (fdatasync(a->own) == -1 && !a->failed &&
			 errno != EINVAL)
			a->failed = errno;
		if (close(a->own) == -1 && !a->failed)
			a->failed = errno;
	}
	for (i = 0; i < a->nfiles; i++) {
		if (a->files[i].fd != -1)
			close(a->files[i].fd);
		free(a->files[i].name);
	}
	failed = a->failed;
	claims_free(a->claims);
	close(a->dir);
	buf_free(&a->unwritten);
	free(a->files);
	free(a->table);
	free(a);
	errno = failed;
	return failed ? -1 : 0;
}

/* The line of an entry into line: 0; -1 if it is not what was entered. */
static int
read_line(struct responses *a, const struct entry *e, struct buf *line)
{
	struct file *f = &a->files[e->file];
	ssize_t n;

	if (file_open(a, f) == -1)
		return -1;
	buf_need(line, e->len);
	while (line->n < e->len) {
		n = pread(f->fd, line->p + line->n, e->len - line->n,
		    (off_t)(e->at + line->n));
		if (n <= 0)
			break;
		line->n += (size_t)n;
	}
	file_close(a, f);
	return line->n == e->len ? 0 : -1;
}

int
responses_get(
    struct responses *a, const char key[SHA256_HEX], int sample, struct buf *out)
{
	char found[SHA256_HEX];
	struct buf line = { 0 };
	struct span answer;
	unsigned char k[16];
	struct entry *e;
	const char *why;
	int hit = 0, s;

	entry_key(key, sample, k);
	e = slot(a, k);
	if (e->len == 0 && now_s() != a->looked) {
		responses_look(a);
		e = slot(a, k);
	}
	if (e->len == 0)
		return 0;
	if (read_line(a, e, &line) == 0 &&
	    line_head(buf_span(&line), found, &s) == 0 && s == sample &&
	    memcmp(found, key, 64) == 0 &&
	    js_text(buf_span(&line), &why).p != NULL) {
		answer = js_find(buf_span(&line), "answer");
		if (answer.p != NULL) {
			buf_addspan(out, answer);
			hit = 1;
		}
	}
	buf_free(&line);
	return hit;
}

void
responses_add(
    struct responses *a, const char key[SHA256_HEX], int sample, struct span json)
{
	struct buf *b = &a->unwritten;

	buf_fmt(b, "{\"key\":\"%s\",\"sample\":%d,\"answer\":", key, sample);
	buf_addspan(b, json);
	buf_adds(b, "}\n");
}

int
responses_write(struct responses *a)
{
	struct buf *b = &a->unwritten;
	size_t done = 0;
	ssize_t n;

	while (done < b->n) {
		n = write(a->own, b->p + done, b->n - done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			a->failed = n == -1 ? errno : EIO;
			/* leave no half line for the next one to run into */
			if (done > 0 && ftruncate(a->own, a->own_at) == -1)
				a->failed = errno;
			b->n = 0;
			errno = a->failed;
			return -1;
		}
		done += (size_t)n;
	}
	enter_lines(a, a->own_file, a->own_at, buf_span(b));
	a->own_at += (off_t)b->n;
	b->n = 0;
	return 0;
}

/* The first 64 bits of a key. */
static uint64_t
claim_number(const char key[SHA256_HEX])
{
	char first[17];

	memcpy(first, key, 16);
	first[16] = '\0';
	return strtoull(first, NULL, 16);
}

int
responses_claim(struct responses *a, const char key[SHA256_HEX])
{
	return claims_take(a->claims, claim_number(key));
}

void
responses_unclaim(struct responses *a, const char key[SHA256_HEX])
{
	claims_drop(a->claims, claim_number(key));
}
