/*
 * folder: the folder that is written, whole or not at all.
 *
 * Files are made in DIR/.tg-export and move into DIR at the end. A process that
 * is killed leaves only that folder, which the next one removes. No two
 * processes write into one folder at a time.
 */
#pragma once

#include "base/buf.h"

struct folder {
	const char *path;
	int fd, temp; /* descriptors of DIR and of DIR/.tg-export */
	int made;     /* 1: DIR was not there before */
};

/*
 * Say what is left when SIGINT, SIGTERM or SIGHUP ends the process before
 * folder_finish, and leave nothing if no file has been made. One folder at a
 * time can be guarded, until it is finished or abandoned.
 */
void folder_guard(struct folder *);

/*
 * Open path, which is made if it is not there, and has to be empty. Return 0,
 * or -1 with errno, 0 if the folder is in use or not empty, and *why, borrowed
 * until the next strerror. path stays the caller's.
 */
int folder_open(struct folder *, const char *path, const char **why);

/* Open a new file without a name to write and read; -1 with errno. */
int folder_scratch(struct folder *);

/*
 * Make a file to write, and the folders in its name. Return a descriptor, or -1
 * with errno.
 */
int folder_make(struct folder *, const char *name);

/* Move all files into DIR: 0, or -1 with errno. */
int folder_finish(struct folder *);

/* Remove all that was made. */
void folder_abandon(struct folder *);
