/*
 * window: records on their way through tg-llm, in the order they came.
 *
 * A place holds a record that waits for its answer, or a finished line that
 * waits for its turn. Finished lines leave from the front, so that the output
 * is in the order of the input; without an order they leave at once.
 */
#ifndef TG_WINDOW_H
#define TG_WINDOW_H

#include "buf.h"
#include "chat.h"
#include "rec.h"

struct place {
	struct rec rec;
	struct buf line;  /* the record's bytes, or a finished line */
	const char *file; /* where it came from, for messages */
	size_t lineno;
	struct chat_job job; /* the caller's */
	int done;
};

struct window {
	struct place *ring, **spare; /* spare: a stack, without an order */
	size_t size, head, count;    /* head: the oldest */
	size_t held;                 /* bytes of lines */
	int unordered;
};

/* size: places, at least 1. */
void window_init(struct window *, size_t size, int unordered);
void window_free(struct window *);

/* Whether there is no place, or hold no more memory. */
int window_full(const struct window *);

/*
 * A place for a record, borrowed until window_done; rec is read from a copy
 * of line. The window must not be full. NULL with *why (static), and no place
 * taken, if the line is no record.
 */
struct place *window_add(struct window *, struct span line, const char **why);

/* A line, with its newline, that needs no answer: to out, or in its turn. */
void window_pass(struct window *, struct span line, struct buf *out);

/* The record of a place is finished: write it to out, or in its turn. */
void window_done(struct window *, struct place *, struct buf *out);

/* Whether the front is finished: window_emit has something to do. */
int window_ready(const struct window *);

/* Move the front, which is finished, to out. */
void window_emit(struct window *, struct buf *out);

#endif
