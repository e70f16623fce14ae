/* list: the files in a store's folders, by name */
#include "store/list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/files.h"

enum {
	ID = STORE_ID - 1,
	FOLDERS = 512, /* folders of the second level */
	FOLDER_MAX = 16,
};

/* A folder whose names are entered. */
struct folder {
	struct list *list;
	enum store_got kind;
	const char *digits; /* first digits of its ids; NULL: first level */
};

static void
add_item(struct list *l, const struct store_item *item)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 1024;
		l->v = mem_array(l->v, l->cap, sizeof *l->v);
	}
	l->v[l->n++] = *item;
}

/* Tell whether a name is the store's, though no file of entries. */
static int
is_own(const char *name, enum store_got kind)
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
	const struct folder *folder = ctx;
	struct store_item item = { .kind = folder->kind,
		.temp = name[0] == '.',
		.second = folder->digits != NULL };
	const char *id = name + item.temp;

	(void)fd;
	if (strnlen(id, ID) == ID &&
	    store_is_hex((struct span){ id, ID }, ID) &&
	    strcmp(id + ID, item.temp ? ".json.tmp" : ".json") == 0 &&
	    (!item.second || memcmp(id, folder->digits, 2) == 0)) {
		memcpy(item.id, id, ID);
		add_item(folder->list, &item);
	} else if (!is_own(name, folder->kind)) {
		folder->list->others++;
	}
	return 0;
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

int
list_read(struct list *l, struct store *s)
{
	struct folder pairs = { l, STORE_PAIR, NULL };
	struct folder rejects = { l, STORE_REJECT, NULL };
	size_t from = l->n;

	if (files_each(s, ".", enter_name, &pairs) == -1 ||
	    files_each(s, "rejected", enter_name, &rejects) == -1)
		return -1;
	if (l->n > from)
		qsort(l->v + from, l->n - from, sizeof *l->v, by_id);
	return 0;
}

/* Write the path of folder i of the second level. */
static void
write_folder(int i, char path[FOLDER_MAX])
{
	snprintf(path, FOLDER_MAX, "%s%02x", i < 256 ? "" : "rejected/",
	    (unsigned)i & 0xff);
}

int
list_read_second(struct list *l, struct store *s)
{
	struct folder folder = { .list = l };
	char path[FOLDER_MAX];
	struct stat st;
	int i, status = 0;

	for (i = 0; i < FOLDERS && status != -1; i++) {
		write_folder(i, path);
		folder.kind = i < 256 ? STORE_PAIR : STORE_REJECT;
		folder.digits = path + strlen(path) - 2;
		/* a file or a link of this name is nobody's */
		if (fstatat(s->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISDIR(st.st_mode))
			status = files_each(s, path, enter_name, &folder);
	}
	return status == -1 ? -1 : 0;
}

void
list_drop_second(struct store *s)
{
	char path[FOLDER_MAX];
	int i;

	for (i = 0; i < FOLDERS; i++) {
		write_folder(i, path);
		unlinkat(s->fd, path, AT_REMOVEDIR);
	}
}

void
list_free(struct list *l)
{
	free(l->v);
	*l = (struct list){ 0 };
}

int
list_each(const struct list *l, struct store *s, list_visit *visit, void *ctx)
{
	struct store_file f;
	int worst = TG_EX_OK, got, status;
	size_t i;

	for (i = 0; i < l->n; i++) {
		got = l->v[i].temp ? 1 : store_read(s, &l->v[i], &f);
		if (got == -1)
			worst = TG_EX_IO;
		if (got != 1)
			continue;
		status = visit(ctx, &l->v[i], l->v[i].temp ? NULL : &f);
		if (status > worst)
			worst = status;
		if (status == TG_EX_IO)
			break;
	}
	return worst;
}

/* What list_broken counts, and whether it removes. */
struct broken {
	size_t files;
	int drop;
};

static int
take_broken(void *ctx, int fd, const char *name)
{
	struct broken *b = ctx;

	if (b->drop && unlinkat(fd, name, 0) == -1 &&
	    (errno != EISDIR || unlinkat(fd, name, AT_REMOVEDIR) == -1))
		return -1;
	b->files++;
	return 0;
}

int
list_broken(struct store *s, int drop, size_t *files)
{
	struct broken b = { .drop = drop };
	int status = files_each(s, "broken", take_broken, &b);

	*files = b.files;
	return status == -1 ? -1 : 0;
}
