/*
 * meeting: a file that processes map, and in which each has a place of its own.
 *
 * Locks of the kernel's guard it, one for changes and one for each place, so
 * nothing stays locked when a process is killed, and its place is known to be
 * free. The file may lie on another machine if that has locks.
 */
#pragma once

#include <stddef.h>

struct meeting {
	int fd;      /* descriptor of the file; -1: the memory is private */
	void *p;     /* mapped memory; NULL: none */
	size_t size; /* size of the memory, bytes */
	int places;  /* number of places */
};

/*
 * Map size bytes of the file fd, which now belongs to the meeting, and which
 * grows with zeros; fd -1: take private memory. Return 0, with the meeting
 * locked; or -1 with errno, and the meeting is closed.
 */
int meeting_open(struct meeting *, int fd, size_t size, int places);

/* Leave the meeting: the place is free. One that was never open is fine. */
void meeting_close(struct meeting *);

/* Lock the memory for a change: 0, or -1 with errno. */
int meeting_lock(const struct meeting *);

void meeting_unlock(const struct meeting *);

/* Return whether a process has a place; called before meeting_take. */
int meeting_is_used(const struct meeting *);

/* Take a free place: its number, or -1 with errno, EAGAIN if all are taken. */
int meeting_take(const struct meeting *);

/* Return whether the process that had a place, another one, has gone. */
int meeting_is_free(const struct meeting *, int place);
