/*
 * output: holds records until they can leave in the order of the input, and
 * writes to stdout what its reader takes at once.
 *
 * A record waits for its answer in a slot, a finished line for its turn. Lines
 * leave from the front of the reorder buffer for the output queue, which is
 * written; with unordered they leave as soon as they are finished.
 */
#pragma once

#include "base/buf.h"
#include "chat/chat.h"
#include "record/rec.h"

struct slot {
	struct rec rec;
	struct buf line;     /* the record's bytes and a newline */
	struct chat_job job; /* job of the record, set by the caller */
	/* jobs of the request's other ways, in the record's memory; or NULL */
	struct chat_job *more;
	int nmore;                  /* number of these */
	int pending;                /* jobs that are not finished */
	struct slot_scores *scores; /* scores, see rescore.h; the caller's */
	unsigned texts; /* texts without a vector so far, kept by the caller */
	size_t turn;    /* index of the record's turn */
	struct slot *next;  /* next free slot */
	struct slot *older; /* next of all slots */
};

/* A turn has a record that waits, or a finished line. */
struct turn {
	struct slot *waits; /* slot of a record; NULL: finished */
	char *line;
	size_t n;
};

struct output {
	/* reorder buffer */
	struct turn *ring;        /* turns; NULL with unordered */
	size_t size, head, count; /* head: index of the oldest turn */
	size_t held;              /* bytes of lines held */
	struct slot *spare, *all;
	struct buf scratch;
	/* output queue */
	struct buf queue;
	size_t written; /* bytes of queue that are written already */
	int fd;         /* descriptor to poll for POLLOUT */
	int socket;     /* 1: fd is a socket */
	int broken;     /* 1: a write failed, or the reader has gone */
	int error;      /* errno of the write that failed; 0: none */
};

/* Open stdout, with room to hold size records and lines at once, at least 1. */
void output_init(struct output *, size_t size, int unordered);
/* Free all slots and lines. */
void output_free(struct output *);

/* Return whether no more records can be held, or no more bytes. */
int output_full(const struct output *);

/*
 * Return a slot with a copy of line and its record. It is good until the next
 * output_read unless output_hold gets it. Return NULL with *why (static) if the
 * line is no record.
 */
struct slot *output_read(struct output *, struct span line, const char **why);

/*
 * Hold the record last read until its answer comes; the slot is borrowed until
 * output_done. There must be room.
 */
void output_hold(struct output *, struct slot *);

/* Put a line that needs no answer, with newline, in its turn. */
void output_pass(struct output *, struct span line);

/* Put the finished record of a slot in its turn. */
void output_done(struct output *, struct slot *);

/* Return the number of bytes in the queue that are not written yet. */
size_t output_left(const struct output *);

/*
 * Write the queue and the lines whose turn it is, as far as the reader takes
 * them at once. Set broken and error if that fails.
 */
void output_write(struct output *);

/*
 * Close stdout, so that its reader sees the end at once, whatever the process
 * still does. Set broken and error if what was written did not arrive.
 */
void output_close(struct output *);
