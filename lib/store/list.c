/* list: all files of a store, one after another, and their import */
#include "store/list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/io.h"
#include "store/files.h"

enum {
	ID = STORE_ID - 1,
	FOLDERS = 512, /* folders of the second level */
	FOLDER_PATH = 16,
};

struct list {
	struct store_item *v;
	size_t n, cap;
	size_t others;        /* names that are none of the store's */
	enum store_kind kind; /* kind of the files in the folder being read */
	const char *digits;   /* first digits of their ids; NULL: first level */
};

/* Tell whether a name is the store's, though no file of entries. */
static int
is_own(const char *name, enum store_kind kind)
{
	static const char *const own[] = { ".lock", "rejected", "broken",
		"answers" };
	size_t i;

	for (i = 0; i < sizeof own / sizeof *own; i++)
		if (kind == STORE_PAIR && strcmp(name, own[i]) == 0)
			return 1;
	return 0;
}

static int
enter_name(void *ctx, int fd, const char *name)
{
	struct list *l = ctx;
	struct store_item item = { .kind = l->kind,
		.temp = name[0] == '.',
		.second = l->digits != NULL };
	const char *id = name + item.temp;

	(void)fd;
	if (!store_is_hex((struct span){ id, ID }, ID) ||
	    strcmp(id + ID, item.temp ? ".json.tmp" : ".json") != 0 ||
	    (item.second && memcmp(id, l->digits, 2) != 0)) {
		l->others += !is_own(name, l->kind);
		return 0;
	}
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 1024;
		l->v = mem_array(l->v, l->cap, sizeof *l->v);
	}
	memcpy(item.id, id, ID);
	l->v[l->n++] = item;
	return 0;
}

/* Enter the names of the first level: 0 or 1, or -1 after saying why. */
static int
enter_first(struct list *l, struct store *s)
{
	l->kind = STORE_PAIR;
	if (files_each(s, ".", enter_name, l) == -1)
		return -1;
	l->kind = STORE_REJECT;
	return files_each(s, "rejected", enter_name, l);
}

/* Write the path of folder i of the second level, and return it. */
static const char *
second_level(int i, char path[FOLDER_PATH])
{
	snprintf(path, FOLDER_PATH, "%s%02x",
	    i < FOLDERS / 2 ? "" : "rejected/", (unsigned)i & 0xff);
	return path;
}

/* Enter the names of the second level: 0 or 1, or -1 after saying why. */
static int
enter_second(struct list *l, struct store *s)
{
	char path[FOLDER_PATH];
	struct stat st;
	int i, status = 0;

	for (i = 0; i < FOLDERS && status != -1; i++) {
		second_level(i, path);
		l->kind = i < FOLDERS / 2 ? STORE_PAIR : STORE_REJECT;
		l->digits = path + strlen(path) - 2;
		/* a file or a link of this name is nobody's */
		if (fstatat(s->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISDIR(st.st_mode))
			status = files_each(s, path, enter_name, l);
	}
	return status;
}

/* Compare by id; of one id files come first, then pairs. */
static int
by_id(const void *a, const void *b)
{
	const struct store_item *x = a, *y = b;
	int d = memcmp(x->id, y->id, ID);

	if (d == 0)
		d = x->temp - y->temp;
	return d != 0 ? d : (int)x->kind - (int)y->kind;
}

/* Visit the files of a list as list_walk does. */
static int
visit_files(const struct list *l, struct store *s, int names, list_visit *visit,
    void *ctx)
{
	int worst = TG_EX_OK, status = TG_EX_OK, bare, got;
	const struct store_item *item;
	size_t i;

	for (i = 0; i < l->n && status != TG_EX_IO; i++) {
		item = &l->v[i];
		bare = names || item->temp;
		got = bare ? 1 : files_load(s, item);
		if (got == -1) {
			files_fail(s, item);
			worst = TG_EX_IO;
		}
		if (got != 1)
			continue;
		status = visit(ctx, item, bare ? NULL : &s->file);
		if (status > worst)
			worst = status;
	}
	return worst;
}

int
list_walk(struct store *s, int flags, list_visit *visit, void *ctx)
{
	struct list l = { 0 };
	int status = TG_EX_IO, got;

	got = flags & LIST_SECOND ? enter_second(&l, s) : enter_first(&l, s);
	if (l.n > 0)
		qsort(l.v, l.n, sizeof *l.v, by_id);
	if (got != -1)
		status = visit_files(&l, s, flags & LIST_NAMES, visit, ctx);
	s->others = l.others;
	free(l.v);
	return status;
}

static int
take_broken(void *ctx, int fd, const char *name)
{
	struct store *s = ctx;

	if (s->lock != -1 && unlinkat(fd, name, 0) == -1 &&
	    (errno != EISDIR || unlinkat(fd, name, AT_REMOVEDIR) == -1))
		return -1;
	s->broken++;
	return 0;
}

int
list_broken(struct store *s, size_t *files)
{
	int status;

	s->broken = 0;
	status = files_each(s, "broken", take_broken, s);
	*files = s->broken;
	return status == -1 ? -1 : 0;
}

int
list_pending(struct store *s)
{
	struct list l = { 0 };
	char path[STORE_PATH];
	int status = enter_second(&l, s) == -1 ? TG_EX_IO : TG_EX_OK;

	if (status == TG_EX_OK && l.n > 0) {
		store_path(&l.v[0], path);
		*strrchr(path, '/') = '\0';
		io_warn("%s: files lie in two levels, as in %s/%s; \"tg-cache "
			"import -d %s %s\" brings them up",
		    s->dir, s->dir, path, s->dir, s->dir);
		status = TG_EX_IO;
	}
	free(l.v);
	return status;
}

/* An import that is under way. */
struct import {
	struct store *to, *from;
	int own; /* 1: from is the directory of to */
};

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
	if (f != NULL && store_put(im->to, item->id, item->kind, f->entries,
			     f->n, STORE_KEEP) == -1)
		return TG_EX_IO;
	if (im->own && store_filter(im->to, item, NULL, NULL) == -1)
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
list_import(struct store *s, const char *dir)
{
	struct import im = { s, store_open(dir, 0), 0 };
	char path[FOLDER_PATH];
	int status, first, i;

	if (im.from == NULL)
		return TG_EX_IO;
	im.own = is_same(s, im.from);
	status = list_walk(im.from, LIST_SECOND, import_file, &im);
	for (i = 0; i < FOLDERS && im.own; i++)
		unlinkat(s->fd, second_level(i, path), AT_REMOVEDIR);
	if (!im.own && status != TG_EX_IO) {
		first = list_walk(im.from, 0, import_file, &im);
		status = first > status ? first : status;
	}
	store_free(im.from);
	return status;
}
