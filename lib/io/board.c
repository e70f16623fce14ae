/* board: the lines that several processes show on one terminal */
#include "io/board.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/rundir.h"

/*
 * The file: what is known of the drawing, and a place for each process, whose
 * first byte it keeps locked. Byte 0 is locked by who draws, joins or leaves.
 */
struct head {
	long long when, took; /* no gap that would be written as it was */
};

struct place {
	int pid; /* 0: nobody has ever been there */
	char text[BOARD_TEXT];
};

enum { HEAD_SIZE = 64, TRY_MS = 5, JOIN_MS = 200 };

struct board {
	char name[64];
	int fd, mine;
};

static off_t
place_at(int i)
{
	return HEAD_SIZE + (off_t)i * (off_t)sizeof(struct place);
}

/* Lock or unlock one byte without waiting: 0, or -1. */
static int
lock(int fd, off_t at, int type)
{
	struct flock l = { .l_type = (short)type,
		.l_whence = SEEK_SET,
		.l_start = at,
		.l_len = 1 };

	return fcntl(fd, F_OFD_SETLK, &l);
}

/* Whether another process is at a place. */
static int
is_taken(const struct board *b, int i)
{
	struct flock l = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = place_at(i),
		.l_len = 1 };

	return fcntl(b->fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;
}

/* Lock byte 0, trying for so long: 1, or 0. */
static int
take(int fd, int wait_ms)
{
	for (; lock(fd, 0, F_WRLCK) == -1; wait_ms -= TRY_MS) {
		if (wait_ms <= 0)
			return 0;
		poll(NULL, 0, TRY_MS);
	}
	return 1;
}

/* Open the file and lock it, not one that was just removed; -1. */
static int
open_locked(const char *name)
{
	struct stat st;
	const char *why;
	int fd, tries;

	for (tries = 0; tries < 100; tries++) {
		if ((fd = rundir_file(name, &why)) == -1)
			return -1;
		if (take(fd, JOIN_MS) && fstat(fd, &st) == 0 && st.st_nlink > 0)
			return fd;
		close(fd);
	}
	return -1;
}

struct board *
board_join(void)
{
	struct board b = { .mine = -1 }, *new;
	struct stat st;
	int i;

	if (fstat(STDERR_FILENO, &st) == -1)
		return NULL;
	snprintf(b.name, sizeof b.name, "progress-%llx-%ld",
	    (unsigned long long)st.st_rdev, (long)getpgrp());
	if ((b.fd = open_locked(b.name)) == -1)
		return NULL;
	for (i = 0; i < BOARD_LINES && b.mine == -1; i++)
		if (!is_taken(&b, i) && lock(b.fd, place_at(i), F_WRLCK) == 0)
			b.mine = i;
	if (b.mine == -1) {
		close(b.fd);
		return NULL;
	}
	board_put(&b, ""); /* what was there is of somebody dead */
	lock(b.fd, 0, F_UNLCK);
	new = mem_new(sizeof *new);
	*new = b;
	return new;
}

void
board_put(struct board *b, const char *line)
{
	struct place p = { .pid = (int)getpid() };
	ssize_t n;

	snprintf(p.text, sizeof p.text, "%s", line);
	n = pwrite(b->fd, &p, sizeof p, place_at(b->mine));
	(void)n; /* a full disk: an old line, or none */
}

int
board_take(struct board *b, int wait_ms)
{
	return take(b->fd, wait_ms);
}

void
board_done(struct board *b)
{
	lock(b->fd, 0, F_UNLCK);
}

static int
by_pid(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

int
board_read(struct board *b, char lines[BOARD_LINES][BOARD_TEXT])
{
	struct place p[BOARD_LINES];
	int i, n = 0;

	for (i = 0; i < BOARD_LINES; i++) {
		if (pread(b->fd, &p[n], sizeof *p, place_at(i)) != sizeof *p)
			break;
		p[n].text[BOARD_TEXT - 1] = '\0';
		if (p[n].text[0] != '\0' && (i == b->mine || is_taken(b, i)))
			n++;
	}
	qsort(p, (size_t)n, sizeof *p, by_pid);
	for (i = 0; i < n; i++)
		memcpy(lines[i], p[i].text, BOARD_TEXT);
	return n;
}

long long
board_when(const struct board *b, int *took)
{
	struct head h = { 0 };

	if (pread(b->fd, &h, sizeof h, 0) != sizeof h)
		h = (struct head){ 0 };
	*took = (int)h.took;
	return h.when;
}

void
board_drawn(struct board *b, long long now, int took)
{
	struct head h = { .when = now, .took = took };
	ssize_t n = pwrite(b->fd, &h, sizeof h, 0);

	(void)n;
}

/* Whether anybody else is there. */
static int
has_others(const struct board *b)
{
	int i;

	for (i = 0; i < BOARD_LINES; i++)
		if (i != b->mine && is_taken(b, i))
			return 1;
	return 0;
}

void
board_leave(struct board *b)
{
	const char *why;
	int dir;

	if (b == NULL)
		return;
	board_put(b, "");
	if (board_take(b, JOIN_MS) && !has_others(b) &&
	    (dir = rundir_open(&why)) != -1) {
		unlinkat(dir, b->name, 0);
		close(dir);
	}
	close(b->fd);
	free(b);
}
