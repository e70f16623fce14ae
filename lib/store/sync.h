/*
 * sync: many files on the disk at once.
 *
 * A file system writes its journal once for all who wait for it at one time, so
 * several threads that wait take little longer than one. They do nothing but
 * wait, and are gone when sync_files returns.
 */
#pragma once

#include <stddef.h>

/* A file that is open for writing, and what became of it. */
struct sync_file {
	int fd;
	int error; /* errno of fsync; 0: the file is on the disk */
};

/* Sync n files, and set the error of each. */
void sync_files(struct sync_file *, size_t n);
