/* list: the files in a store's folders, by name */
#include "store/list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/files.h"

/* A store_item, packed: there may be millions. */
struct list_item {
	unsigned char id[16];
	unsigned char reject, temp;
};

enum { ID = STORE_ID - 1 };

static int
hex_value(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void
add_item(struct list *l, const char *id, enum store_got kind, int temp)
{
	struct list_item *i;
	int k;

	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 1024;
		l->v = mem_array(l->v, l->cap, sizeof *l->v);
	}
	i = &l->v[l->n++];
	i->reject = kind == STORE_REJECT;
	i->temp = (unsigned char)temp;
	for (k = 0; k < 16; k++)
		i->id[k] = (unsigned char)(hex_value(id[2 * k]) << 4 |
					   hex_value(id[2 * k + 1]));
}

/* Tell whether a name is an id and an end. */
static int
is_id_with(const char *name, const char *end)
{
	return strlen(name) == ID + strlen(end) &&
	       store_is_id((struct span){ name, ID }) &&
	       strcmp(name + ID, end) == 0;
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

static void
enter_name(struct list *l, const char *name, enum store_got kind)
{
	if (is_id_with(name, ".json"))
		add_item(l, name, kind, 0);
	else if (name[0] == '.' && is_id_with(name + 1, ".json.tmp"))
		add_item(l, name + 1, kind, 1);
	else if (!is_own(name, kind))
		l->others++;
}

/* Open the folder fd once more to read its names, or NULL with errno. */
static DIR *
open_names(int fd)
{
	/* a DIR * has its place in the descriptor */
	int own = fd == -1 ? -1 : files_folder(fd, ".", 0);
	DIR *d = own == -1 ? NULL : fdopendir(own);

	if (d == NULL && own != -1)
		close(own);
	return d;
}

/* Read the next name but "." and "..": NULL at the end, errno 0 if no error. */
static const char *
next_name(DIR *d)
{
	struct dirent *e;

	do {
		errno = 0;
		e = readdir(d);
	} while (e != NULL &&
		 (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0));
	return e != NULL ? e->d_name : NULL;
}

/* Enter the names of a folder: 0, or -1 with errno. */
static int
scan_folder(struct list *l, int fd, enum store_got kind)
{
	DIR *d = open_names(fd);
	const char *name;
	int error;

	if (d == NULL)
		return -1;
	while ((name = next_name(d)) != NULL)
		enter_name(l, name, kind);
	error = errno;
	closedir(d);
	errno = error;
	return error != 0 ? -1 : 0;
}

/* Compare by id; of one id files come first, then pairs. */
static int
by_id(const void *a, const void *b)
{
	const struct list_item *x = a, *y = b;
	int d = memcmp(x->id, y->id, sizeof x->id);

	if (d == 0)
		d = x->temp - y->temp;
	return d != 0 ? d : x->reject - y->reject;
}

int
list_read(struct list *l, struct store *s)
{
	int rejects = files_folder_of(s, STORE_REJECT, 0);

	*l = (struct list){ 0 };
	if (rejects == -1 && errno != ENOENT)
		return files_fail_name(s, "rejected");
	if (scan_folder(l, s->fd, STORE_PAIR) == -1)
		return files_fail_name(s, "");
	if (rejects != -1 && scan_folder(l, rejects, STORE_REJECT) == -1)
		return files_fail_name(s, "rejected");
	if (l->n > 0)
		qsort(l->v, l->n, sizeof *l->v, by_id);
	return 0;
}

void
list_free(struct list *l)
{
	free(l->v);
	*l = (struct list){ 0 };
}

struct store_item
list_at(const struct list *l, size_t i)
{
	static const char hex[] = "0123456789abcdef";
	const struct list_item *v = &l->v[i];
	struct store_item item = {
		.kind = v->reject ? STORE_REJECT : STORE_PAIR, .temp = v->temp
	};
	int k;

	for (k = 0; k < 16; k++) {
		item.id[2 * k] = hex[v->id[k] >> 4];
		item.id[2 * k + 1] = hex[v->id[k] & 15];
	}
	return item;
}

/* Count a file that was set aside, or remove it: 0, or -1 with errno. */
static int
broken_one(int fd, const char *name, int drop, size_t *files, long long *bytes)
{
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return 0;
	if (drop &&
	    unlinkat(fd, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) == -1)
		return -1;
	++*files;
	*bytes += S_ISREG(st.st_mode) ? st.st_size : 0;
	return 0;
}

int
list_broken(struct store *s, int drop, size_t *files, long long *bytes)
{
	int fd = files_folder(s->fd, "broken", 0), status = 0;
	DIR *d = open_names(fd);
	const char *name;
	char path[300];

	*files = 0;
	*bytes = 0;
	if (d == NULL)
		status = errno == ENOENT ? 0 : files_fail_name(s, "broken");
	while (d != NULL && (name = next_name(d)) != NULL)
		if (broken_one(fd, name, drop, files, bytes) == -1) {
			snprintf(path, sizeof path, "broken/%s", name);
			status = files_fail_name(s, path);
		}
	if (d != NULL)
		closedir(d);
	if (fd != -1)
		close(fd);
	return status;
}
