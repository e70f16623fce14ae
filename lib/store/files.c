/* files: the files and folders of a store */
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/mem.h"
#include "io/io.h"
#include "json/scan.h"

enum { FILE_MAX = 256 * 1024 * 1024, NAME_MAX_ = 128 };

const char *
store_item_path(const struct store_item *i, struct buf *b)
{
	b->n = 0;
	buf_adds(b, i->kind == STORE_REJECT ? "rejected/" : "");
	buf_fmt(b, i->temp ? ".%s.json.tmp" : "%s.json", i->id);
	return buf_cstr(b);
}

void
files_warn(
    const struct store *s, const struct store_item *item, const char *what)
{
	struct buf b = { 0 };

	io_warn(s->tool, "%s/%s: %s", s->dir, store_item_path(item, &b), what);
	buf_free(&b);
}

int
files_fail(const struct store *s, const struct store_item *item)
{
	files_warn(s, item, strerror(errno));
	return -1;
}

int
files_fail_name(const struct store *s, const char *name)
{
	io_warn(s->tool, "%s%s%s: %s", s->dir, *name ? "/" : "", name,
	    strerror(errno));
	return -1;
}

int
files_folder(int at, const char *name, int make)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(at, name, flags);

	if (fd != -1 || errno != ENOENT || !make)
		return fd;
	if (mkdirat(at, name, 0777) == -1 && errno != EEXIST)
		return -1;
	/* a file that is synced in a folder needs the folder on the disk */
	if (fsync(at) == -1)
		return -1;
	return openat(at, name, flags);
}

int
files_folder_of(struct store *s, enum store_got kind, int make)
{
	if (kind != STORE_REJECT)
		return s->fd;
	if (s->rejects == -1)
		s->rejects = files_folder(s->fd, "rejected", make);
	return s->rejects;
}

/* Return the byte of the lock file for an id: its first 60 bits. */
static off_t
lock_byte(const char *id)
{
	off_t at = 0;
	int i;

	for (i = 0; i < 15; i++)
		at = at << 4 | (id[i] <= '9' ? id[i] - '0' : id[i] - 'a' + 10);
	return at;
}

int
files_lock(struct store *s, const char *id)
{
	if (lock_wait(s->lock, lock_byte(id)) == -1)
		return files_fail_name(s, ".lock");
	return 0;
}

void
files_unlock(struct store *s, const char *id)
{
	if (lock_drop(s->lock, lock_byte(id)) == -1)
		files_fail_name(s, ".lock");
}

/* Return the name of a file in its folder, or of its temporary file, in b. */
static const char *
file_name(const struct store_item *i, int temp, char b[NAME_MAX_])
{
	b[0] = '.';
	memcpy(b + 1, i->id, STORE_ID - 1);
	memcpy(b + STORE_ID, temp ? ".json.tmp" : ".json", temp ? 10 : 6);
	return temp ? b : b + 1;
}

void
files_add_entry(struct store *s, struct span entry)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 16;
		s->entries = mem_array(s->entries, s->cap, sizeof *s->entries);
	}
	s->entries[s->n++] = entry;
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
		files_add_entry(s, (struct span){ p, (size_t)(q - p) });
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

/* Read all of an open file of that size into b: 0, or -1 with errno. */
static int
read_all(int fd, struct buf *b, size_t size)
{
	size_t asked;
	ssize_t n;

	buf_need(b, size + 1);
	while (b->n <= FILE_MAX) {
		buf_need(b, 1);
		asked = b->cap - b->n;
		n = read(fd, b->p + b->n, asked);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		b->n += (size_t)n;
		/* a short read at the size that was told is the end */
		if (n == 0 || ((size_t)n < asked && b->n == size))
			return 0;
	}
	errno = EFBIG;
	return -1;
}

/*
 * Read an open file into s->text and set *why if it is no file of entries: 0,
 * or -1 with errno.
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

/* Open a file to read: its descriptor, or -1 with errno. */
static int
open_file(struct store *s, const struct store_item *item)
{
	int folder = files_folder_of(s, item->kind, 0);
	char name[NAME_MAX_];

	if (folder == -1)
		return -1;
	return openat(folder, file_name(item, 0, name),
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

enum store_state
files_load(struct store *s, const struct store_item *item, const char **why)
{
	int fd, error, status;

	*why = NULL;
	s->text.n = s->n = 0;
	fd = open_file(s, item);
	if (fd == -1 && errno == ENOENT)
		return STORE_GONE;
	if (fd == -1 && (item->kind != STORE_REJECT || s->rejects != -1) &&
	    (errno == ELOOP || errno == ENXIO)) {
		*why = errno == ELOOP ? "a symbolic link" : "not a file";
		return STORE_BROKEN;
	}
	if (fd == -1)
		return STORE_FAILED;
	status = load_open(s, fd, why);
	error = errno;
	close(fd);
	errno = error;
	if (status == 0 && *why == NULL)
		return STORE_READ;
	s->n = 0;
	return status == -1 ? STORE_FAILED : STORE_BROKEN;
}

/* Write s->bytes to a new file: 0, or -1 with errno. */
static int
write_new(struct store *s, int at, const char *name, int sync)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(at, name, flags, 0666), error;

	/* the lock is held, so a writer that died left this one */
	if (fd == -1 && errno == EEXIST && unlinkat(at, name, 0) == 0)
		fd = openat(at, name, flags, 0666);
	if (fd == -1)
		return -1;
	if (io_write(fd, buf_span(&s->bytes)) == 0 && (!sync || fsync(fd) == 0))
		return close(fd);
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

int
files_replace(struct store *s, const struct store_item *item, int sync)
{
	int folder = files_folder_of(s, item->kind, 1), error;
	char temp[NAME_MAX_], name[NAME_MAX_];

	if (folder == -1)
		return files_fail(s, item);
	if (s->bytes.n > FILE_MAX) {
		/* it could not be read again, nor would it ever be smaller */
		files_warn(s, item, "not stored, it would be too large");
		return 0;
	}
	file_name(item, 1, temp);
	if (write_new(s, folder, temp, sync) == -1 ||
	    renameat(folder, temp, folder, file_name(item, 0, name)) == -1) {
		error = errno;
		unlinkat(folder, temp, 0);
		errno = error;
		return files_fail(s, item);
	}
	/* the file stands there whole, but a power cut may take its name */
	return sync && fsync(folder) == -1 ? files_fail(s, item) : 0;
}

int
files_remove(struct store *s, const struct store_item *item)
{
	int folder = files_folder_of(s, item->kind, 0);
	char name[NAME_MAX_];

	if (folder != -1 &&
	    unlinkat(folder, file_name(item, item->temp, name), 0) == 0)
		return 1;
	return errno == ENOENT ? 0 : files_fail(s, item);
}

int
files_set_aside(struct store *s, struct store *from,
    const struct store_item *item, const char *why)
{
	int to = files_folder(s->fd, "broken", 1), i, status;
	const char *prefix = item->kind == STORE_REJECT ? "rejected-" : "";
	char name[NAME_MAX_], old[NAME_MAX_];
	struct stat st;

	if (to == -1)
		return files_fail_name(s, "broken");
	/* only the holder of the id's lock makes names of that id */
	snprintf(name, sizeof name, "%s%s.json", prefix, item->id);
	for (i = 1; fstatat(to, name, &st, AT_SYMLINK_NOFOLLOW) == 0; i++)
		snprintf(
		    name, sizeof name, "%s%s.json.%d", prefix, item->id, i);
	status = renameat(files_folder_of(from, item->kind, 0),
	    file_name(item, 0, old), to, name);
	close(to);
	if (status == -1)
		return errno == ENOENT ? 0 : files_fail(from, item);
	io_warn(s->tool, "%s/broken/%s: set aside, %s", s->dir, name, why);
	return 1;
}
