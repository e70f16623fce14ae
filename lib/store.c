/* store: the document cache, a directory of small JSON files */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "js.h"
#include "mem.h"

enum { ID_LEN = 32, FILE_MAX = 256 * 1024 * 1024, NAME_LEN = 64 };

/* A directory of files: the pairs' or the rejects'. */
struct drawer {
	int fd;           /* -1: not there */
	const char *name; /* below the directory, "" or "rejected/" */
};

struct store {
	const char *tool, *dir;
	struct drawer pairs, rejects;
	int quiet;              /* do not warn of what is no file of entries */
	struct buf text, bytes; /* of the file read last; to be written */
};

enum loaded { LOADED, ABSENT, BAD, FAILED };

int
store_is_id(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (memchr("0123456789abcdef", s.p[i], 16) == NULL)
			return 0;
	return s.n == ID_LEN;
}

static void
warn_of(const struct store *s, const struct drawer *d, const char *name,
    const char *what)
{
	io_warn(s->tool, "%s/%s%s: %s", s->dir, d->name, name, what);
}

/* Say what errno is about: -1, for the caller to return. */
static int
fail(const struct store *s, const struct drawer *d, const char *name)
{
	warn_of(s, d, name, strerror(errno));
	return -1;
}

static int
open_dir(int at, const char *name, int flags, int make)
{
	int fd;

	flags |= O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	fd = openat(at, name, flags);
	if (fd == -1 && errno == ENOENT && make) {
		if (mkdirat(at, name, 0777) == -1 && errno != EEXIST)
			return -1;
		fd = openat(at, name, flags);
	}
	return fd;
}

/* The lock file of an id's shard, open: 256 of them serve any number. */
static int
open_lock(const struct store *s, const char *id)
{
	char name[16];

	snprintf(name, sizeof name, ".lock-%.2s", id);
	return openat(s->pairs.fd, name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
}

/* What store_open opens: 0, or -1. */
static int
open_all(struct store *s, int writing)
{
	int fd;

	if ((s->pairs.fd = open_dir(AT_FDCWD, s->dir, 0, 1)) == -1) {
		io_warn(s->tool, "%s: %s", s->dir, strerror(errno));
		return -1;
	}
	s->rejects.fd = open_dir(s->pairs.fd, "rejected", O_NOFOLLOW, writing);
	if (s->rejects.fd == -1 && (writing || errno != ENOENT)) {
		fail(s, &s->pairs, "rejected");
		if (writing)
			return -1;
	}
	if (!writing)
		return 0;
	/* the way to know that it can be written is to write */
	if ((fd = open_lock(s, "00")) == -1)
		return fail(s, &s->pairs, ".lock-00");
	close(fd);
	return 0;
}

struct store *
store_open(const char *tool, const char *dir, int writing)
{
	struct store *s = mem_new(sizeof *s);

	s->tool = tool;
	s->dir = dir;
	s->pairs = (struct drawer){ -1, "" };
	s->rejects = (struct drawer){ -1, "rejected/" };
	if (open_all(s, writing) == 0)
		return s;
	store_free(s);
	return NULL;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	if (s->pairs.fd != -1)
		close(s->pairs.fd);
	if (s->rejects.fd != -1)
		close(s->rejects.fd);
	buf_free(&s->text);
	buf_free(&s->bytes);
	free(s);
}

/* NULL, or why the text is not an array of objects. */
static const char *
check_array(struct span text)
{
	const char *why;
	struct span a = js_text(text, &why);
	const char *p, *end;

	if (a.p == NULL)
		return why;
	if (!js_is_array(a))
		return "not a list of entries";
	end = a.p + a.n - 1;
	for (p = js_space(a.p + 1, end); p < end;) {
		if (*p != '{')
			return "not a list of entries";
		p = js_space(js_skip(p, end), end);
		if (p < end)
			p = js_space(p + 1, end); /* a comma */
	}
	return NULL;
}

/* Everything of a file, FILE_MAX at most, into b: 0, or -1 with errno. */
static int
read_all(int fd, struct buf *b, size_t size)
{
	ssize_t n;

	b->n = 0;
	buf_need(b, size + 1);
	while (b->n <= FILE_MAX) {
		buf_need(b, 1);
		n = read(fd, b->p + b->n, b->cap - b->n);
		if (n == 0)
			return 0;
		if (n > 0)
			b->n += (size_t)n;
		else if (errno != EINTR)
			return -1;
	}
	errno = EFBIG;
	return -1;
}

/*
 * Read an open file into s->text; *why is set if it is no file of entries.
 * 0, or -1 with errno.
 */
static int
load_open(struct store *s, int fd, const char **why)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	if (!S_ISREG(st.st_mode))
		*why = "not a file";
	else if (st.st_size > FILE_MAX)
		*why = "too large";
	else if (read_all(fd, &s->text, (size_t)st.st_size) == -1)
		return -1;
	else
		*why = check_array(buf_span(&s->text));
	return 0;
}

/*
 * Read a file into s->text. BAD is what is no file of entries, and has been
 * warned of; FAILED leaves errno.
 */
static enum loaded
load(struct store *s, const struct drawer *d, const char *name)
{
	const char *why = NULL;
	int fd, error;

	s->text.n = 0;
	if (d->fd == -1)
		return ABSENT;
	fd = openat(d->fd, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1) {
		if (errno == ENOENT)
			return ABSENT;
		if (errno != ELOOP && errno != ENXIO)
			return FAILED;
		why = errno == ELOOP ? "a symbolic link" : "not a file";
	} else if (load_open(s, fd, &why) == -1) {
		error = errno;
		close(fd);
		errno = error;
		return FAILED;
	} else {
		close(fd);
	}
	if (why == NULL)
		return LOADED;
	s->text.n = 0;
	if (!s->quiet)
		io_warn(s->tool, "%s/%s%s: ignored, %s", s->dir, d->name, name,
		    why);
	return BAD;
}

/* load for a reader: what cannot be had is a miss. */
static int
load_some(struct store *s, const struct drawer *d, const char *name)
{
	enum loaded got = load(s, d, name);

	if (got == FAILED)
		fail(s, d, name);
	return got == LOADED;
}

static void
file_name(char name[NAME_LEN], const char *id)
{
	snprintf(name, NAME_LEN, "%s.json", id);
}

/* The raw string v, whose text holds no escape, is text. */
static int
is_text(struct span v, const char *text)
{
	return js_is_string(v) &&
	       span_is((struct span){ v.p + 1, v.n - 2 }, text);
}

static int
is_named(struct span entry, const struct store_name *name)
{
	struct span tg = js_find(entry, "tg");

	return is_text(js_find(tg, "fingerprint"), name->fingerprint) &&
	       is_text(js_find(tg, "text_sha256"), name->text_sha256);
}

/* Step through the entries of the loaded text; p NULL behind the last. */
static struct span
next_entry(const struct store *s, const char **at)
{
	const char *end = span_end(buf_span(&s->text)), *p = *at, *start;

	if (s->text.n == 0)
		return (struct span){ NULL, 0 };
	/* in front of an entry is '[' or ',', behind the last ']' */
	p = js_space(p != NULL ? p : s->text.p, end);
	if (*p == ']' || *(start = js_space(p + 1, end)) == ']')
		return (struct span){ NULL, 0 };
	*at = js_skip(start, end);
	return (struct span){ start, (size_t)(*at - start) };
}

static struct span
find(const struct store *s, const struct store_name *name)
{
	const char *at = NULL;
	struct span entry;

	while ((entry = next_entry(s, &at)).p != NULL)
		if (is_named(entry, name))
			break;
	return entry;
}

int
store_may_have(struct store *s, const char *id)
{
	char name[NAME_LEN];
	struct stat st;

	if (!store_is_id(span_of(id)))
		return 0;
	file_name(name, id);
	return fstatat(s->pairs.fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	       (s->rejects.fd != -1 &&
		   fstatat(s->rejects.fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0);
}

enum store_got
store_get(struct store *s, const struct store_name *n, struct span *entry)
{
	char name[NAME_LEN];

	if (!store_is_id(span_of(n->id)))
		return STORE_MISS;
	file_name(name, n->id);
	if (load_some(s, &s->pairs, name) && (*entry = find(s, n)).p != NULL)
		return STORE_PAIR;
	if (load_some(s, &s->rejects, name) && (*entry = find(s, n)).p != NULL)
		return STORE_REJECT;
	return STORE_MISS;
}

struct span
store_foreign(struct store *s, const char *id, struct span prompt)
{
	struct span entry, first = { NULL, 0 };
	struct arena mem = { 0 };
	const char *at = NULL;
	char name[NAME_LEN];

	if (!store_is_id(span_of(id)))
		return first;
	file_name(name, id);
	if (!load_some(s, &s->pairs, name))
		return first;
	while ((entry = next_entry(s, &at)).p != NULL) {
		if (js_find(entry, "tg").p != NULL)
			continue;
		if (first.p == NULL)
			first = entry;
		if (prompt.p != NULL &&
		    span_eq(js_string(js_find(entry, "prompt"), &mem), prompt))
			break;
	}
	arena_free(&mem);
	return entry.p != NULL ? entry : first;
}

static struct span
first_pos(struct span entry)
{
	struct span pos = js_find(entry, "pos");

	return js_is_array(pos) ? js_at(pos, 0) : pos;
}

/* Whether an entry from elsewhere is the same pair, to the byte. */
static int
is_same_pair(struct span old, struct span new)
{
	struct span query = js_find(new, "query");

	return query.p != NULL && js_find(old, "tg").p == NULL &&
	       span_eq(js_find(old, "query"), query) &&
	       span_eq(first_pos(old), first_pos(new));
}

/*
 * The loaded entries into s->bytes, with new (if there is one) in the place of
 * what goes by its name or is the same pair, else behind them. How many.
 */
static size_t
merge(struct store *s, const struct store_name *name, struct span new)
{
	const char *at = NULL;
	struct span entry;
	size_t n = 0;
	s->bytes.n = 0;
	buf_addc(&s->bytes, '[');
	while ((entry = next_entry(s, &at)).p != NULL) {
		if (is_named(entry, name) ||
		    (new.p != NULL &&is_same_pair(entry, new))) {
			entry = new;
			new.p = NULL;
		}
		if (entry.p == NULL)
			continue;
		buf_adds(&s->bytes, n++ ? ",\n" : "");
		buf_addspan(&s->bytes, entry);
	}
	if (new.p != NULL) {
		buf_adds(&s->bytes, n++ ? ",\n" : "");
		buf_addspan(&s->bytes, new);
	}
	buf_adds(&s->bytes, "]\n");
	return n;
}

/* Write s->bytes to a new file: 0, or -1 with errno. */
static int
write_new(struct store *s, int at, const char *name, int sync)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(at, name, flags, 0666), error;

	/* the lock is held, so one that is there is of somebody dead */
	if (fd == -1 && errno == EEXIST && unlinkat(at, name, 0) == 0)
		fd = openat(at, name, flags, 0666);
	if (fd == -1)
		return -1;
	if (io_write(fd, buf_span(&s->bytes)) == -1 ||
	    (sync && fsync(fd) == -1)) {
		error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return close(fd);
}

/* Put s->bytes in the place of a file: 0, or -1. */
static int
replace(struct store *s, const struct drawer *d, const char *name, int sync)
{
	char temp[NAME_LEN + 8];

	snprintf(temp, sizeof temp, ".%s.tmp", name);
	if (write_new(s, d->fd, temp, sync) == -1 ||
	    renameat(d->fd, temp, d->fd, name) == -1) {
		fail(s, d, name);
		unlinkat(d->fd, temp, 0);
		return -1;
	}
	if (sync && fsync(d->fd) == -1)
		return fail(s, d, name); /* but it stands there whole */
	return 0;
}

/* Move what is no file of entries out of the way, to be looked at. */
static int
set_aside(struct store *s, const struct drawer *d, const char *name)
{
	char bad[NAME_LEN + 8];

	snprintf(bad, sizeof bad, "%s.bad", name);
	if (renameat(d->fd, name, d->fd, bad) == -1)
		return fail(s, d, name);
	return 0;
}

/* Take the entry of that name out of a file: 0, or -1. */
static int
take_out(struct store *s, const struct drawer *d, const char *file,
    const struct store_name *name, int sync)
{
	if (load(s, d, file) != LOADED || find(s, name).p == NULL)
		return 0;
	if (merge(s, name, (struct span){ NULL, 0 }) > 0)
		return replace(s, d, file, sync);
	if (unlinkat(d->fd, file, 0) == -1 && errno != ENOENT)
		return fail(s, d, file);
	return 0;
}

/* store_put with the lock held. */
static int
put_locked(struct store *s, const struct store_name *name, enum store_got kind,
    struct span new, int sync)
{
	const struct drawer *to = kind == STORE_PAIR ? &s->pairs : &s->rejects;
	const struct drawer *other =
	    kind == STORE_PAIR ? &s->rejects : &s->pairs;
	char file[NAME_LEN];
	enum loaded got;

	file_name(file, name->id);
	got = load(s, to, file);
	if (got == FAILED)
		return fail(s, to, file);
	if (got == BAD && set_aside(s, to, file) == -1)
		return -1;
	if (!span_eq(find(s, name), new)) {
		merge(s, name, new);
		if (replace(s, to, file, sync) == -1)
			return -1;
	}
	/* only now that the new one stands */
	return take_out(s, other, file, name, sync);
}

/* Whether the same bytes stand there already. */
static int
stands(struct store *s, const struct store_name *name, enum store_got kind,
    struct span new)
{
	struct span old;
	int same;

	s->quiet = 1;
	same = store_get(s, name, &old) == kind && span_eq(old, new);
	s->quiet = 0;
	return same;
}

int
store_put(struct store *s, const struct store_name *name, enum store_got kind,
    struct span new, int sync)
{
	int fd, status;

	if (!store_is_id(span_of(name->id))) {
		errno = EINVAL;
		return fail(s, &s->pairs, "(no id)");
	}
	if (stands(s, name, kind, new))
		return 0;
	if ((fd = open_lock(s, name->id)) == -1)
		return fail(s, &s->pairs, ".lock-*");
	do
		status = flock(fd, LOCK_EX);
	while (status == -1 && errno == EINTR);
	if (status == -1)
		fail(s, &s->pairs, ".lock-*");
	else
		status = put_locked(s, name, kind, new, sync);
	close(fd);
	return status;
}
