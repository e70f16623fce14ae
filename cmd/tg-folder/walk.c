/* walk: the names of the files of a folder, and opening them */
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLAGS = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };

void
walk_add(struct walk *w, struct span path)
{
	if (w->n == w->cap) {
		w->cap = w->cap > 0 ? w->cap * 2 : 64;
		w->v = mem_array(w->v, w->cap, sizeof *w->v);
	}
	w->v[w->n++] = arena_dup(&w->arena, path.p, path.n);
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
walk_sort(struct walk *w)
{
	size_t i, n = 0;

	if (w->n == 0)
		return;
	qsort(w->v, w->n, sizeof *w->v, by_bytes);
	for (i = 0; i < w->n; i++)
		if (n == 0 || strcmp(w->v[i], w->v[n - 1]) != 0)
			w->v[n++] = w->v[i];
	w->n = n;
}

static int
is_link(int fd, const char *name)
{
	struct stat st;

	return fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISLNK(st.st_mode);
}

/*
 * Open the folder of a path, all of it but the last part. Return a descriptor,
 * fd itself if the path has one part; -1 with errno. *last gets that part.
 */
static int
open_parent(int fd, const char *path, const char **last)
{
	struct buf part = { 0 };
	const char *slash;
	int at = fd, next;

	while ((slash = strchr(path, '/')) != NULL && slash[1] != '\0') {
		part.n = 0;
		buf_add(&part, path, (size_t)(slash - path));
		next =
		    openat(at, buf_cstr(&part), O_PATH | O_DIRECTORY | FLAGS);
		if (next == -1 && errno == ENOTDIR)
			errno = is_link(at, part.p) ? ELOOP : ENOENT;
		if (at != fd)
			close(at);
		if ((at = next) == -1)
			break;
		path = slash + 1;
	}
	buf_free(&part);
	*last = path;
	return at;
}

int
walk_open(int fd, const char *path, int flags)
{
	const char *last;
	int at = open_parent(fd, path, &last), got, error;

	if (at == -1)
		return -1;
	got = openat(at, last, flags | FLAGS);
	error = errno;
	if (at != fd)
		close(at);
	errno = error;
	return got;
}

/* Return whether an entry of an open folder is a folder itself. */
static int
is_folder(DIR *dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
		   0 &&
	       S_ISDIR(st.st_mode);
}

/* Add what a folder has: files to w, folders to those that wait. */
static void
read_folder(struct walk *w, struct walk *waiting, int fd, const char *path)
{
	int open_fd = walk_open(fd, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = open_fd != -1 ? fdopendir(open_fd) : NULL;
	struct dirent *entry;
	struct buf b = { 0 };

	if (dir == NULL) {
		if (errno == ENOMEM)
			mem_fail();
		if (open_fd != -1)
			close(open_fd);
		w->closed++;
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    strcmp(entry->d_name, ".git") == 0)
			continue;
		b.n = 0;
		if (strcmp(path, ".") != 0)
			buf_fmt(&b, "%s/", path);
		buf_adds(&b, entry->d_name);
		walk_add(is_folder(dir, entry) ? waiting : w, buf_span(&b));
	}
	closedir(dir);
	buf_free(&b);
}

void
walk_all(struct walk *w, int fd)
{
	struct walk waiting = { 0 };

	walk_add(&waiting, span_of("."));
	while (waiting.n > 0)
		read_folder(w, &waiting, fd, waiting.v[--waiting.n]);
	walk_free(&waiting);
}

void
walk_free(struct walk *w)
{
	arena_free(&w->arena);
	free(w->v);
	*w = (struct walk){ 0 };
}
