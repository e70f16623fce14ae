/* files: the files and folders of a store */
#include "store/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "io/io.h"
#include "json/find.h"
#include "json/scan.h"
#include "store/sync.h"

enum { FILE_MAX = 256 * 1024 * 1024 };

const char *
store_path(const struct store_item *i, char path[STORE_PATH])
{
	snprintf(path, STORE_PATH, "%s%.*s%s%s%s.json%s",
	    i->kind == STORE_REJECT ? "rejected/" : "", i->second ? 2 : 0,
	    i->id, i->second ? "/" : "", i->temp ? "." : "", i->id,
	    i->temp ? ".tmp" : "");
	return path;
}

void
store_warn(
    const struct store *s, const struct store_item *item, const char *what)
{
	char path[STORE_PATH];

	io_warn("%s/%s: %s", s->dir, store_path(item, path), what);
}

int
files_fail(const struct store *s, const struct store_item *item)
{
	store_warn(s, item, strerror(errno));
	return -1;
}

int
files_fail_name(const struct store *s, const char *name)
{
	io_warn("%s%s%s: %s", s->dir, *name ? "/" : "", name, strerror(errno));
	return -1;
}

int
files_folder(struct store *s, const char *name, int make)
{
	struct stat st;

	/* a file that is synced in a folder needs the folder on the disk */
	if (make && (mkdirat(s->fd, name, 0700) == 0 ? fsync(s->fd) == -1
						     : errno != EEXIST))
		return files_fail_name(s, name);
	if (fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 : files_fail_name(s, name);
	if (S_ISDIR(st.st_mode))
		return 1;
	errno = ENOTDIR;
	return files_fail_name(s, name);
}

/* Open a folder of the store, no link: its descriptor, or -1 with errno. */
static int
open_folder(struct store *s, const char *name)
{
	return openat(
	    s->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int
files_each(struct store *s, const char *name, files_take *take, void *ctx)
{
	int fd = open_folder(s, name), status = 1;
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (d == NULL)
		return errno == ENOENT ? 0 : files_fail_name(s, name);
	for (errno = 0; (e = readdir(d)) != NULL; errno = 0) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (take(ctx, fd, e->d_name) == 0)
			continue;
		io_warn(
		    "%s/%s/%s: %s", s->dir, name, e->d_name, strerror(errno));
		status = -1;
	}
	if (errno != 0)
		status = files_fail_name(s, name);
	closedir(d);
	return status;
}

/* Return the byte of the lock file for an id: its first 60 bits. */
static off_t
lock_byte(const char *id)
{
	char digits[16] = "";

	memcpy(digits, id, sizeof digits - 1);
	return (off_t)strtoull(digits, NULL, 16);
}

int
files_lock(struct store *s, const char *id, int only_try)
{
	off_t byte = lock_byte(id);

	if ((only_try ? lock_try : lock_wait)(s->lock, byte) == 0)
		return 1;
	return only_try && errno == EAGAIN ? 0 : files_fail_name(s, ".lock");
}

void
files_unlock(struct store *s, const char *id)
{
	lock_drop(s->lock, lock_byte(id));
}

void
files_add_entry(struct store *s, struct span entry)
{
	struct store_file *f = &s->file;

	f->entries = mem_array(f->entries, f->n + 1, sizeof *f->entries);
	f->entries[f->n++] = entry;
}

/* Find the entries of the text: NULL, or why it is no array of objects. */
static const char *
find_entries(struct store *s)
{
	const char *why;
	struct span text = js_text(text_skip_bom(buf_span(&s->text)), &why),
		    entry;
	size_t at = 0;

	if (text.p == NULL)
		return why;
	while (js_next(text, &at, &entry)) {
		if (!js_is_object(entry))
			return "not a list of entries";
		files_add_entry(s, entry);
	}
	return js_is_array(text) ? NULL : "not a list of entries";
}

/* Load an open file: 1, or -1 with errno. */
static int
load_open(struct store *s, int fd)
{
	struct store_file *f = &s->file;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	f->written = st.st_mtime;
	f->bytes = st.st_size;
	if (!S_ISREG(st.st_mode))
		f->why = "not a file";
	else if (st.st_size > FILE_MAX)
		f->why = "too large";
	else if (log_read(fd, 0, (size_t)st.st_size, &s->text) == -1)
		return -1;
	else if ((f->why = find_entries(s)) == NULL)
		return 1;
	f->n = 0;
	return 1;
}

int
files_load(struct store *s, const struct store_item *item)
{
	struct store_file *f = &s->file;
	char path[STORE_PATH];
	int fd, status;

	*f = (struct store_file){ .entries = f->entries };
	s->text.n = 0;
	fd = openat(s->fd, store_path(item, path),
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 && (errno == ELOOP || errno == ENXIO)) {
		f->why = errno == ELOOP ? "a symbolic link" : "not a file";
		return 1;
	}
	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	status = load_open(s, fd);
	close(fd);
	return status;
}

int
files_is_there(const struct store *s, const struct store_item *item)
{
	char path[STORE_PATH];
	struct stat st;

	return fstatat(s->fd, store_path(item, path), &st,
		   AT_SYMLINK_NOFOLLOW) == 0;
}

/* Write s->bytes to a new file: its descriptor, or -1 with errno. */
static int
write_new(struct store *s, const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(s->fd, path, flags, 0600);

	/* the lock is held, so a writer that died left this one */
	if (fd == -1 && errno == EEXIST && unlinkat(s->fd, path, 0) == 0)
		fd = openat(s->fd, path, flags, 0600);
	if (fd == -1)
		return -1;
	if (io_write(fd, buf_span(&s->bytes)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Sync the folder of the pairs or of the rejects: 0, or -1 with errno. */
static int
sync_folder(struct store *s, enum store_kind kind)
{
	int fd = open_folder(s, kind == STORE_PAIR ? "." : "rejected"), status;

	if (fd == -1)
		return -1;
	status = fsync(fd);
	close(fd);
	return status;
}

/* Write the path of the file that is to take the place of another. */
static const char *
temp_path(const struct store_item *item, char path[STORE_PATH])
{
	struct store_item temp = *item;

	temp.temp = 1;
	return store_path(&temp, path);
}

/* Sync and close all new files: 0, or -1 after saying why. */
static int
finish_new(struct store *s)
{
	struct sync_file files[FILES_GROUP + 1];
	int status = 0;
	size_t i;

	for (i = 0; i < s->nfresh; i++)
		files[i] = (struct sync_file){ s->fresh[i].fd, 0 };
	if (s->sync)
		sync_files(files, s->nfresh);
	for (i = 0; i < s->nfresh; i++) {
		if (close(files[i].fd) == -1 && files[i].error == 0)
			files[i].error = errno;
		errno = files[i].error;
		if (errno != 0)
			status = files_fail(s, &s->fresh[i].item);
	}
	return status;
}

/* Rename the file to its place if all is well: 0, or -1, and it is removed. */
static int
place_new(struct store *s, const struct files_new *n, int well)
{
	char from[STORE_PATH], to[STORE_PATH];

	temp_path(&n->item, from);
	store_path(&n->item, to);
	if (well && renameat(s->fd, from, s->fd, to) == 0)
		return 0;
	if (well)
		files_fail(s, &n->item);
	unlinkat(s->fd, from, 0);
	return -1;
}

int
files_commit(struct store *s)
{
	struct files_new *n, *end = s->fresh + s->nfresh;
	enum store_kind kind;
	int status = finish_new(s), placed[STORE_REJECT + 1] = { 0 };

	for (n = s->fresh; n < end; n++) {
		if (place_new(s, n, status == 0) == -1)
			status = -1;
		placed[n->item.kind] = 1;
	}
	s->nfresh = 0;
	/* a file stands there whole, but a power cut may take its name */
	for (kind = STORE_PAIR; kind <= STORE_REJECT; kind++)
		if (s->sync && status == 0 && placed[kind] &&
		    sync_folder(s, kind) == -1)
			status = files_fail_name(
			    s, kind == STORE_PAIR ? "" : "rejected");
	return status;
}

int
files_replace(struct store *s, const struct store_item *item)
{
	char from[STORE_PATH];
	int fd;

	temp_path(item, from);
	if (item->kind == STORE_REJECT && files_folder(s, "rejected", 1) != 1)
		return -1;
	if (s->bytes.n > FILE_MAX) {
		/* such a file could not be read again */
		store_warn(s, item, "not stored, it would be too large");
		return 0;
	}
	if ((fd = write_new(s, from)) == -1) {
		files_fail(s, item);
		unlinkat(s->fd, from, 0);
		return -1;
	}
	s->fresh[s->nfresh++] = (struct files_new){ *item, fd };
	return s->group ? 0 : files_commit(s);
}

int
files_remove(struct store *s, const struct store_item *item)
{
	char path[STORE_PATH];

	if (unlinkat(s->fd, store_path(item, path), 0) == 0)
		return 1;
	return errno == ENOENT ? 0 : files_fail(s, item);
}

int
files_set_aside(struct store *s, const struct store_item *item)
{
	const char *prefix = item->kind == STORE_REJECT ? "rejected-" : "";
	char from[STORE_PATH], to[STORE_PATH + 32];
	struct stat st;
	int i, n;

	if (files_folder(s, "broken", 1) != 1)
		return -1;
	/* only the holder of the id's lock makes names of that id */
	n = snprintf(to, sizeof to, "broken/%s%s.json", prefix, item->id);
	for (i = 1; fstatat(s->fd, to, &st, AT_SYMLINK_NOFOLLOW) == 0; i++)
		snprintf(to + n, sizeof to - (size_t)n, ".%d", i);
	if (renameat(s->fd, store_path(item, from), s->fd, to) == -1)
		return errno == ENOENT ? 0 : files_fail(s, item);
	io_warn("%s/%s: set aside, %s", s->dir, to, s->file.why);
	return 0;
}
