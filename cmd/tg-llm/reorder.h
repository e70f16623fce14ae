/*
 * reorder: records on their way through tg-llm, in the order they came.
 *
 * A record waits for its answer in a place, a finished line for its turn.
 * Finished lines leave from the front, so that the output is in the order of
 * the input; without an order they leave at once.
 */
#ifndef TG_LLM_REORDER_H
#define TG_LLM_REORDER_H

#include "base/buf.h"
#include "chat/chat.h"
#include "record/rec.h"

struct place {
	struct rec rec;
	struct buf line;  /* the record's bytes and a newline */
	const char *file; /* the caller's: where it came from, for messages */
	size_t lineno;
	struct chat_job job; /* the caller's */
	size_t turn;
	struct place *next;  /* of those to spare */
	struct place *older; /* of all */
};

/* What stands at a turn: a record that waits, or a finished line. */
struct turn {
	struct place *waits; /* NULL: finished */
	char *line;
	size_t n;
};

struct window {
	struct turn *ring;        /* NULL without an order */
	size_t size, head, count; /* head: the oldest */
	size_t held;              /* bytes of lines */
	struct place *spare, *all;
	struct buf scratch;
};

/* size: records and lines at once, at least 1. */
void window_init(struct window *, size_t size, int unordered);
/* Frees all places, too. */
void window_free(struct window *);

/* Whether it can hold no more records, or no more memory. */
int window_full(const struct window *);

/*
 * A place with a copy of line and its record, for window_hold; if it is not
 * given to that it is good until the next window_read. NULL with *why (static)
 * if the line is no record.
 */
struct place *window_read(struct window *, struct span line, const char **why);

/*
 * Let the record last read wait for its answer in its turn; the place is
 * borrowed until window_done. The window must not be full.
 */
void window_hold(struct window *, struct place *);

/* A line, with its newline, that needs no answer: to out, or in its turn. */
void window_pass(struct window *, struct span line, struct buf *out);

/* The record of a place is finished: write it to out, or in its turn. */
void window_done(struct window *, struct place *, struct buf *out);

/* Whether the front is finished: window_emit has something to do. */
int window_ready(const struct window *);

/* Move the front, which is finished, to out. */
void window_emit(struct window *, struct buf *out);

#endif
