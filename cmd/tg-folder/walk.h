/*
 * walk: the names of the files of a folder, and opening them.
 *
 * No symbolic link within the folder is followed, not even one in the middle
 * of a path.
 */
#pragma once

#include "base/buf.h"
#include "base/mem.h"

/* Names in the order of their bytes, each once. Zero-initialise. */
struct walk {
	struct arena arena; /* memory of the names */
	const char **v;     /* n paths relative to the folder */
	size_t n, cap;
	size_t closed; /* number of folders that could not be read */
};

/* Add a path, which is copied. */
void walk_add(struct walk *, struct span path);

/* Sort the paths, and drop those that stand there twice. */
void walk_sort(struct walk *);

/* Add every file within a folder that is open as fd, but no .git. */
void walk_all(struct walk *, int fd);

void walk_free(struct walk *);

/*
 * Open a path within the folder fd with flags of open(2). Return a descriptor,
 * or -1 with errno, ELOOP if a part of the path is a symbolic link. To open a
 * pipe or a device does not wait.
 */
int walk_open(int fd, const char *path, int flags);
