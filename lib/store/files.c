/* files: the files and folders of the store */
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/mem.h"
#include "io/io.h"
#include "json/scan.h"

enum { FILE_MAX = 256 * 1024 * 1024, NAME_MAX_ = 128 };

static const char *const hex = "0123456789abcdef";

const char *
store_item_path(const struct store_item *i, struct buf *b)
{
	b->n = 0;
	buf_adds(b, i->kind == STORE_REJECT ? "rejected/" : "");
	if (i->shard >= 0)
		buf_fmt(b, "%02x/", (unsigned)i->shard);
	buf_fmt(b, i->temp ? ".%s.json.tmp" : "%s.json", i->id);
	return buf_cstr(b);
}

void
item_warn(
    const struct store *s, const struct store_item *item, const char *what)
{
	struct buf b = { 0 };

	io_warn(s->tool, "%s/%s: %s", s->dir, store_item_path(item, &b), what);
	buf_free(&b);
}

int
item_fail(const struct store *s, const struct store_item *item)
{
	item_warn(s, item, strerror(errno));
	return -1;
}

/* Say what errno is about: -1, for the caller to return. */
static int
fail(const struct store *s, const char *name)
{
	io_warn(s->tool, "%s%s%s: %s", s->dir, *name ? "/" : "", name,
	    strerror(errno));
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
		/* what will be synced in it must not hang in the air */
		if (at != AT_FDCWD && fsync(at) == -1)
			return -1;
		fd = openat(at, name, flags);
	}
	return fd;
}

int
files_folder(int at, const char *name, int make)
{
	return open_dir(at, name, O_NOFOLLOW, make);
}

static int
is_folder(int at, const char *name)
{
	struct stat st;

	return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* Make the folders that tell a two-level directory, the last one last. */
static int
make_two_level(const struct store *s)
{
	static const char *const marks[] = { "00", "ff" };
	int i, fd;

	for (i = 0; i < 2; i++) {
		if ((fd = files_folder(s->fd, marks[i], 1)) == -1)
			return fail(s, marks[i]);
		close(fd);
	}
	return 0;
}

/* What writing needs, tried before anything is paid for: 0, or -1. */
static int
open_to_write(struct store *s)
{
	struct stat st;

	s->lock = openat(s->fd, ".lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    0666);
	if (s->lock == -1)
		return fail(s, ".lock");
	if (fstat(s->lock, &st) == -1 || !S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return fail(s, ".lock");
	}
	/* the lock may be there already, and nothing else allowed */
	if (faccessat(s->fd, ".", W_OK | X_OK, AT_EACCESS) == -1)
		return fail(s, "");
	return 0;
}

/* What store_open opens: 0, or -1. */
static int
open_all(struct store *s, int flags)
{
	int writing = flags & STORE_WRITE;

	s->fd = open_dir(AT_FDCWD, s->dir, 0, flags & STORE_MAKE);
	if (s->fd == -1)
		return fail(s, "");
	s->rejects = files_folder(s->fd, "rejected", 0);
	if (s->rejects == -1 && errno != ENOENT) {
		fail(s, "rejected");
		if (writing)
			return -1;
	}
	if (writing && open_to_write(s) == -1)
		return -1;
	if (writing && (flags & STORE_TWO_LEVEL) && make_two_level(s) == -1)
		return -1;
	s->two_level = is_folder(s->fd, "00") && is_folder(s->fd, "ff");
	return 0;
}

struct store *
store_open(const char *tool, const char *dir, int flags)
{
	struct store *s = mem_new(sizeof *s);

	s->tool = tool;
	s->dir = dir;
	s->fd = s->rejects = s->lock = -1;
	if (open_all(s, flags) == 0)
		return s;
	store_free(s);
	return NULL;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	if (s->lock != -1)
		close(s->lock);
	if (s->rejects != -1)
		close(s->rejects);
	if (s->fd != -1)
		close(s->fd);
	buf_free(&s->text);
	buf_free(&s->bytes);
	free(s->entries);
	free(s);
}

int
store_two_level(const struct store *s)
{
	return s->two_level;
}

int
store_is_id(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (memchr(hex, s.p[i], 16) == NULL)
			return 0;
	return s.n == STORE_ID - 1;
}

/* The byte of the lock file that stands for an id: its first 60 bits. */
static off_t
lock_byte(const char *id)
{
	off_t at = 0;
	int i;

	for (i = 0; i < 15; i++)
		at = at << 4 |
		     (off_t)((const char *)memchr(hex, id[i], 16) - hex);
	return at;
}

int
store_lock(struct store *s, const char *id)
{
	return lock_wait(s->lock, lock_byte(id)) == -1 ? fail(s, ".lock") : 0;
}

void
store_unlock(struct store *s, const char *id)
{
	if (lock_drop(s->lock, lock_byte(id)) == -1)
		fail(s, ".lock");
}

struct store_item
spot_item(
    const struct store *s, const char *id, enum store_got kind, int number)
{
	struct store_item i = { .kind = kind, .shard = -1 };

	memcpy(i.id, id, STORE_ID - 1);
	if (s->two_level != number)
		i.shard = (int)(lock_byte(id) >> 52);
	return i;
}

/* The folder of the pairs or the rejects: -1 with errno. */
static int
top_folder(struct store *s, enum store_got kind, int make)
{
	if (kind != STORE_REJECT)
		return s->fd;
	if (s->rejects == -1)
		s->rejects = files_folder(s->fd, "rejected", make);
	return s->rejects;
}

int
spot_open(
    struct store *s, struct spot *at, const struct store_item *item, int make)
{
	char shard[4];

	at->item = *item;
	at->own = item->shard >= 0;
	memcpy(at->file + 1, item->id, STORE_ID - 1);
	memcpy(at->file + STORE_ID, ".json", 6);
	/* the dot of a temporary name stands ready in front */
	at->file[0] = '.';
	if ((at->fd = top_folder(s, item->kind, make)) == -1)
		return -1;
	if (!at->own)
		return 0;
	snprintf(shard, sizeof shard, "%02x", (unsigned char)item->shard);
	at->fd = files_folder(at->fd, shard, make);
	if (at->fd != -1)
		return 0;
	/* in a flat directory such a name is nobody's */
	if (!s->two_level && (errno == ENOTDIR || errno == ELOOP))
		errno = ENOENT;
	return -1;
}

void
spot_close(struct spot *at)
{
	if (at->own && at->fd != -1)
		close(at->fd);
}

/* The name of a spot's file in its folder; b holds a temporary one. */
static const char *
spot_file(const struct spot *at, char b[NAME_MAX_])
{
	if (!at->item.temp)
		return at->file + 1;
	snprintf(b, NAME_MAX_, "%s.tmp", at->file);
	return b;
}

static void
add_entry(struct store *s, const char *p, const char *end)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 16;
		s->entries = mem_array(s->entries, s->cap, sizeof *s->entries);
	}
	s->entries[s->n++] = (struct span){ p, (size_t)(end - p) };
}

/* Find the entries of the text: NULL, or why it is no array of objects. */
static const char *
find_entries(struct store *s)
{
	const char *end = span_end(buf_span(&s->text)), *why, *q;
	const char *p = js_space(s->text.p, end);

	if (p == end)
		return "empty";
	if (*p != '[')
		return "not a list of entries";
	p = js_space(p + 1, end);
	while (p < end && (*p != ']' || s->n > 0)) {
		if (*p != '{')
			return "not a list of entries";
		if ((q = js_value(p, end, 1, &why)) == NULL)
			return why;
		add_entry(s, p, q);
		p = js_space(q, end);
		if (p < end && *p == ']')
			break;
		if (p < end && *p != ',')
			return "expected ',' or ']'";
		if (p < end)
			p = js_space(p + 1, end);
	}
	if (p == end)
		return "unterminated array";
	return js_space(p + 1, end) == end ? NULL : "more behind the value";
}

/* Everything of a file of that size, into b: 0, or -1 with errno. */
static int
read_all(int fd, struct buf *b, size_t size)
{
	size_t asked;
	ssize_t n;

	b->n = 0;
	buf_need(b, size + 1);
	while (b->n <= FILE_MAX) {
		buf_need(b, 1);
		asked = b->cap - b->n;
		n = read(fd, b->p + b->n, asked);
		if (n == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		b->n += (size_t)n;
		/* no need to be told twice that this is the end */
		if (n == 0 || ((size_t)n < asked && b->n == size))
			return 0;
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
	s->written = st.st_mtime;
	if (!S_ISREG(st.st_mode))
		*why = "not a file";
	else if (st.st_size > FILE_MAX)
		*why = "too large";
	else if (read_all(fd, &s->text, (size_t)st.st_size) == -1)
		return -1;
	else
		*why = find_entries(s);
	return 0;
}

enum loaded
spot_load(struct store *s, const struct spot *at, const char **why)
{
	int fd, error;

	*why = NULL;
	s->text.n = s->n = 0;
	fd = openat(at->fd, at->file + 1,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1) {
		if (errno == ENOENT)
			return ABSENT;
		if (errno != ELOOP && errno != ENXIO)
			return FAILED;
		*why = errno == ELOOP ? "a symbolic link" : "not a file";
	} else if (load_open(s, fd, why) == -1) {
		error = errno;
		close(fd);
		s->n = 0;
		errno = error;
		return FAILED;
	} else {
		close(fd);
	}
	if (*why == NULL)
		return LOADED;
	s->n = 0;
	return BAD;
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

int
spot_replace(struct store *s, const struct spot *at, int sync)
{
	char temp[NAME_MAX_];
	int error;

	if (s->bytes.n > FILE_MAX) {
		/* it could not be read again, nor would it ever be smaller */
		item_warn(s, &at->item, "not stored, it would be too large");
		return 0;
	}
	snprintf(temp, sizeof temp, "%s.tmp", at->file);
	if (write_new(s, at->fd, temp, sync) == -1 ||
	    renameat(at->fd, temp, at->fd, at->file + 1) == -1) {
		error = errno;
		unlinkat(at->fd, temp, 0);
		errno = error;
		return item_fail(s, &at->item);
	}
	if (sync && fsync(at->fd) == -1)
		return item_fail(s, &at->item); /* but it stands there whole */
	return 0;
}

int
spot_unlink(struct store *s, const struct spot *at)
{
	char b[NAME_MAX_];

	if (unlinkat(at->fd, spot_file(at, b), 0) == 0)
		return 1;
	return errno == ENOENT ? 0 : item_fail(s, &at->item);
}

int
spot_set_aside(struct store *s, const struct spot *at, const char *why)
{
	int to = files_folder(s->fd, "broken", 1), i, status;
	char name[NAME_MAX_];
	struct stat st;

	if (to == -1)
		return fail(s, "broken");
	/* only the holder of the id's lock makes such a name */
	for (i = 0;; i++) {
		snprintf(name, sizeof name, "%s%s.json",
		    at->item.kind == STORE_REJECT ? "rejected-" : "",
		    at->item.id);
		if (i > 0)
			snprintf(name + strlen(name),
			    sizeof name - strlen(name), ".%d", i);
		if (fstatat(to, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			break;
	}
	status = renameat(at->fd, at->file + 1, to, name);
	close(to);
	if (status == -1)
		return errno == ENOENT ? 0 : item_fail(s, &at->item);
	io_warn(s->tool, "%s/broken/%s: set aside, %s", s->dir, name, why);
	return 1;
}
