/* import: another cache's files taken into a store */
#include "store/import.h"

#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "io/io.h"
#include "store/files.h"
#include "store/list.h"

/* An import that is under way. */
struct import {
	struct store *to, *from;
	int own; /* 1: from is the directory of to */
	int sync;
};

int
import_pending(struct store *s)
{
	struct list l = { 0 };
	char path[STORE_PATH];
	int status = list_read_second(&l, s);

	if (status == 0 && l.n > 0) {
		store_path(&l.v[0], path);
		*strrchr(path, '/') = '\0';
		io_warn(s->tool,
		    "%s: files lie in two levels, as in %s/%s; \"tg-cache "
		    "import -d %s %s\" brings them up",
		    s->dir, s->dir, path, s->dir, s->dir);
		status = 1;
	}
	list_free(&l);
	return status;
}

/* Import a file, and in the own directory remove it: a TG_EX status. */
static int
import_file(
    void *ctx, const struct store_item *item, const struct store_file *f)
{
	const struct import *im = ctx;

	if (f != NULL && f->why != NULL) {
		if (im->own && store_set_aside(im->to, item) == -1)
			return TG_EX_IO;
		if (!im->own)
			store_warn(im->from, item, f->why);
		return TG_EX_SOME;
	}
	if (f != NULL && store_add(im->to, item->id, item->kind, f->entries,
			     f->n, im->sync) == -1)
		return TG_EX_IO;
	if (im->own && store_remove(im->to, item) == -1)
		return TG_EX_IO;
	return TG_EX_OK;
}

/* Tell whether two stores are one directory. */
static int
is_same(const struct store *a, const struct store *b)
{
	struct stat x, y;

	return fstat(a->fd, &x) == 0 && fstat(b->fd, &y) == 0 &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int
import_folder(struct store *s, const char *dir, int sync)
{
	struct import im = { .to = s, .sync = sync };
	struct list l = { 0 };
	int status = TG_EX_IO;

	if ((im.from = store_open(s->tool, dir, 0)) == NULL)
		return TG_EX_IO;
	im.own = is_same(s, im.from);
	if (list_read_second(&l, im.from) == 0 &&
	    (im.own || list_read(&l, im.from) == 0))
		status = list_each(&l, im.from, import_file, &im);
	if (im.own)
		list_drop_second(s);
	list_free(&l);
	store_free(im.from);
	return status;
}
