/* import: another cache's files taken into a store */
#include "store/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/io.h"
#include "store/files.h"
#include "store/list.h"

enum { FOLDERS = 256 }; /* folders of a second level */

/* An import that is under way. */
struct import {
	struct store *to;
	int own; /* whether it is from the store's own directory */
	int sync;
	int broken; /* whether any file was broken */
};

/* Tell whether a folder in a folder holds files of entries: 1, 0, or -1. */
static int
has_files(struct store *s, int at, const char *path, const char *name)
{
	struct store sub = { .tool = s->tool, .dir = path, .rejects = -1 };
	struct list l;
	struct stat st;
	int got = 0;

	if (at == -1 || fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISDIR(st.st_mode))
		return 0;
	if ((sub.fd = files_folder(at, name, 0)) == -1)
		return files_fail_name(&sub, "");
	got = list_read(&l, &sub) == -1 ? -1 : l.n > 0;
	list_free(&l);
	close(sub.fd);
	if (sub.rejects != -1)
		close(sub.rejects);
	return got;
}

int
import_pending(struct store *s)
{
	const int at[] = { s->fd, files_folder_of(s, STORE_REJECT, 0) };
	struct buf path = { 0 };
	char name[4];
	int i, got = 0;

	for (i = 0; i < 2 * FOLDERS && got == 0; i++) {
		snprintf(name, sizeof name, "%02x", i % FOLDERS & 0xff);
		path.n = 0;
		buf_fmt(&path, "%s/%s%s", s->dir,
		    i < FOLDERS ? "" : "rejected/", name);
		got = has_files(s, at[i / FOLDERS], buf_cstr(&path), name);
	}
	if (got == 1)
		io_warn(s->tool,
		    "%s: files lie in two levels, as in %s; \"tg-cache import "
		    "-d %s %s\" brings them up",
		    s->dir, buf_cstr(&path), s->dir, s->dir);
	buf_free(&path);
	return got;
}

/* Leave a broken file out, or set it aside if it is the store's own. */
static int
import_broken(struct import *im, struct store *from,
    const struct store_item *item, const char *why)
{
	int status;

	im->broken = 1;
	if (!im->own) {
		files_warn(from, item, why);
		return 0;
	}
	if (files_lock(im->to, item->id) == -1)
		return -1;
	status = files_set_aside(im->to, from, item, why);
	files_unlock(im->to, item->id);
	return status == -1 ? -1 : 0;
}

/* Import a file of the pairs or the rejects: 0, or -1 after saying why. */
static int
import_file(struct import *im, struct store *from,
    const struct store_item *item, enum store_got kind)
{
	struct store_file f;

	if (item->temp)
		return im->own && files_remove(from, item) == -1 ? -1 : 0;
	switch (store_read(from, item, &f)) {
	case STORE_GONE:
		return 0;
	case STORE_FAILED:
		return files_fail(from, item);
	case STORE_BROKEN:
		return import_broken(im, from, item, f.why);
	case STORE_READ:
		break;
	}
	if (store_add(im->to, item->id, kind, f.entries, f.n, im->sync) == -1)
		return -1;
	return im->own && files_remove(from, item) == -1 ? -1 : 0;
}

/* Import all files of one folder: 0, or -1 after saying why. */
static int
import_files(struct import *im, struct store *from, enum store_got kind)
{
	struct store_item item;
	struct list l;
	size_t i;
	int status = list_read(&l, from);

	for (i = 0; i < l.n && status == 0; i++) {
		item = list_at(&l, i);
		/* the rejects of a first level come by themselves */
		if (item.kind == STORE_PAIR)
			status = import_file(im, from, &item, kind);
	}
	list_free(&l);
	return status;
}

/* Import the folder `name` of a folder at a path, if it is there: 0 or -1. */
static int
import_one(struct import *im, int at, const char *path, const char *name,
    enum store_got kind)
{
	struct store from = { .tool = im->to->tool, .rejects = -1 };
	struct buf dir = { 0 };
	int status = 0;

	buf_adds(&dir, path);
	if (*name != '.')
		buf_fmt(&dir, "/%s", name);
	from.dir = buf_cstr(&dir);
	from.fd = files_folder(at, name, 0);
	if (from.fd != -1)
		status = import_files(im, &from, kind);
	else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
		status = files_fail_name(&from, "");
	if (from.fd != -1) {
		close(from.fd);
		if (im->own)
			unlinkat(at, name, AT_REMOVEDIR); /* if it is empty */
	}
	if (from.rejects != -1)
		close(from.rejects);
	buf_free(&from.text);
	free(from.entries);
	buf_free(&dir);
	return status;
}

/* Import the levels of the pairs or the rejects of a directory: 0 or -1. */
static int
import_levels(struct import *im, int at, const char *path, enum store_got kind)
{
	char name[4];
	int i, status = 0;

	if (!im->own)
		status = import_one(im, at, path, ".", kind);
	for (i = 0; i < FOLDERS && status == 0; i++) {
		snprintf(name, sizeof name, "%02x", i & 0xff);
		status = import_one(im, at, path, name, kind);
	}
	return status;
}

/* Import an open directory: 0, or -1 after saying why. */
static int
import_all(struct import *im, const struct store *top)
{
	int rejects = files_folder(top->fd, "rejected", 0), status;
	struct buf path = { 0 };

	if (rejects == -1 && errno != ENOENT)
		return files_fail_name(top, "rejected");
	status = import_levels(im, top->fd, top->dir, STORE_PAIR);
	buf_fmt(&path, "%s/rejected", top->dir);
	if (status == 0 && rejects != -1)
		status =
		    import_levels(im, rejects, buf_cstr(&path), STORE_REJECT);
	if (rejects != -1)
		close(rejects);
	buf_free(&path);
	return status;
}

int
import_folder(struct store *s, const char *from, int sync)
{
	struct import im = { s, 0, sync, 0 };
	struct store top = { .tool = s->tool, .dir = from };
	struct stat a, b;
	int status;

	top.fd = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top.fd == -1)
		return files_fail_name(&top, "");
	if (fstat(top.fd, &a) == -1 || fstat(s->fd, &b) == -1) {
		status = files_fail_name(&top, "");
	} else {
		im.own = a.st_dev == b.st_dev && a.st_ino == b.st_ino;
		status = import_all(&im, &top);
	}
	close(top.fd);
	return status == -1 ? -1 : im.broken;
}
