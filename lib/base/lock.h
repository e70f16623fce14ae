/*
 * lock: write locks on single bytes of an open file.
 *
 * A lock belongs to the open file, not to the process: two opens of one file
 * exclude each other within a process, too, and the kernel releases the lock
 * when the last descriptor of that open file is closed, however its process
 * ends. The byte may lie far beyond the end of the file. The descriptor must
 * be open for writing, but for lock_held.
 *
 * A file system may have no locks (ENOLCK, EOPNOTSUPP ...). A caller that meets
 * any errno but EAGAIN refuses to go on, or says once what is lost.
 */
#pragma once

#include <sys/types.h>

/* Lock a byte of fd: 0, or -1 with errno, EAGAIN if another one holds it. */
int lock_try(int fd, off_t byte);

/* Lock a byte of fd once nobody else holds it: 0, or -1 with errno. */
int lock_wait(int fd, off_t byte);

/* Release a byte of fd: 0, or -1 with errno. */
int lock_drop(int fd, off_t byte);

/*
 * Tell whether another open file holds any of n bytes of fd from byte on, n 0
 * meaning all of them: 1, 0, or -1 with errno.
 */
int lock_held(int fd, off_t byte, off_t n);
