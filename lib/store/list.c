/* list: what lies in a store's folders */
#include "store/list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/io.h"
#include "store/files.h"

/* A store_item, packed: there may be millions. */
struct list_item {
	unsigned char id[16];
	unsigned char reject, temp;
	int16_t shard;
};

enum { ID = STORE_ID - 1, NAME = ID + 5, TEMP = NAME + 5 };

/* What a scan is in: the rejects' folder or not, and which shard's. */
struct where {
	const char *path; /* below the directory, for messages */
	int reject, shard;
};

static int
digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static int
is_file(const char *name)
{
	return store_is_id((struct span){ name, ID }) &&
	       strcmp(name + ID, ".json") == 0;
}

static void
add(struct list *l, const char *id, int temp, const struct where *w)
{
	struct list_item *i;
	int k;

	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 1024;
		l->v = mem_array(l->v, l->cap, sizeof *l->v);
	}
	i = &l->v[l->n++];
	*i = (struct list_item){ .reject = (unsigned char)w->reject,
		.temp = (unsigned char)temp,
		.shard = (int16_t)w->shard };
	for (k = 0; k < 16; k++)
		i->id[k] = (unsigned char)(digit(id[2 * k]) << 4 |
					   digit(id[2 * k + 1]));
}

/* Whether a name is a shard's; which. */
static int
is_shard(const char *name, int *shard)
{
	static const char hex[] = "0123456789abcdef";

	if (strlen(name) != 2 || !strchr(hex, name[0]) || !strchr(hex, name[1]))
		return 0;
	*shard = digit(name[0]) << 4 | digit(name[1]);
	return 1;
}

/* Whether a name in the top folder is the store's, though no file of entries.
 */
static int
is_own(const char *name, const struct where *w)
{
	static const char *const own[] = { ".lock", "rejected", "broken",
		"answers" };
	size_t i;

	for (i = 0; i < sizeof own / sizeof *own; i++)
		if (!w->reject && w->shard < 0 && strcmp(name, own[i]) == 0)
			return 1;
	return 0;
}

static int scan(struct list *, struct store *, int fd, struct where);

static int
scan_shard(struct list *l, struct store *s, int at, const char *name,
    const struct where *w, int shard)
{
	char path[32];
	int fd = files_folder(at, name, 0);

	if (fd == -1) {
		l->others++;
		return 0;
	}
	snprintf(path, sizeof path, "%s/%s", w->path, name);
	return scan(l, s, fd, (struct where){ path, w->reject, shard });
}

static int
enter(struct list *l, struct store *s, int at, const char *name,
    const struct where *w)
{
	size_t n = strlen(name);
	int shard;

	if (n == NAME && is_file(name)) {
		add(l, name, 0, w);
	} else if (n == TEMP && name[0] == '.' &&
		   store_is_id((struct span){ name + 1, ID }) &&
		   strcmp(name + 1 + ID, ".json.tmp") == 0) {
		add(l, name + 1, 1, w);
	} else if (w->shard < 0 && is_shard(name, &shard)) {
		return scan_shard(l, s, at, name, w, shard);
	} else if (!is_own(name, w)) {
		l->others++;
	}
	return 0;
}

static int
fail(const struct store *s, const char *path)
{
	io_warn(s->tool, "%s%s: %s", s->dir, path, strerror(errno));
	return -1;
}

/* Enter what is in a folder, and in those of its shards. Takes fd. */
static int
scan(struct list *l, struct store *s, int fd, struct where w)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;
	int status = 0;

	if (d == NULL) {
		close(fd);
		return fail(s, w.path);
	}
	while (status == 0 && (errno = 0, e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			status = enter(l, s, fd, e->d_name, &w);
	if (status == 0 && errno != 0)
		status = fail(s, w.path);
	closedir(d);
	return status;
}

/* By id; of one id files first, then pairs. */
static int
by_id(const void *a, const void *b)
{
	const struct list_item *x = a, *y = b;
	int d = memcmp(x->id, y->id, sizeof x->id);

	if (d == 0)
		d = x->temp - y->temp;
	if (d == 0)
		d = x->reject - y->reject;
	return d != 0 ? d : x->shard - y->shard;
}

/* A folder to scan, open anew: a DIR * has its place in it. */
static int
again(int fd)
{
	return files_folder(fd, ".", 0);
}

int
list_read(struct list *l, struct store *s)
{
	int fd;

	*l = (struct list){ 0 };
	if ((fd = again(s->fd)) == -1)
		return fail(s, "");
	if (scan(l, s, fd, (struct where){ "", 0, -1 }) == -1)
		return -1;
	if (s->rejects == -1)
		s->rejects = files_folder(s->fd, "rejected", 0);
	if (s->rejects != -1) {
		if ((fd = again(s->rejects)) == -1)
			return fail(s, "/rejected");
		if (scan(l, s, fd, (struct where){ "/rejected", 1, -1 }) == -1)
			return -1;
	} else if (errno != ENOENT) {
		return fail(s, "/rejected");
	}
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
	struct store_item item = { .kind =
				       v->reject ? STORE_REJECT : STORE_PAIR,
		.shard = v->shard,
		.temp = v->temp };
	int k;

	for (k = 0; k < 16; k++) {
		item.id[2 * k] = hex[v->id[k] >> 4];
		item.id[2 * k + 1] = hex[v->id[k] & 15];
	}
	return item;
}

/* Count, or remove, one of the files that were set aside: 0, or -1. */
static int
broken_one(struct store *s, int fd, const char *name, int drop, size_t *files,
    long long *bytes)
{
	struct stat st;
	int flags;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return 0;
	flags = S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0;
	if (drop && unlinkat(fd, name, flags) == -1) {
		io_warn(
		    s->tool, "%s/broken/%s: %s", s->dir, name, strerror(errno));
		return -1;
	}
	++*files;
	*bytes += S_ISREG(st.st_mode) ? st.st_size : 0;
	return 0;
}

int
list_broken(struct store *s, int drop, size_t *files, long long *bytes)
{
	int fd = files_folder(s->fd, "broken", 0), status = 0;
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;

	*files = 0;
	*bytes = 0;
	if (d == NULL) {
		if (fd != -1)
			close(fd);
		return errno == ENOENT ? 0 : fail(s, "/broken");
	}
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			status |=
			    broken_one(s, fd, e->d_name, drop, files, bytes);
	closedir(d);
	return status;
}
