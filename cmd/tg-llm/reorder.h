/*
 * reorder: holds records until they can leave in the order of the input.
 *
 * A record waits for its answer in a slot, a finished line for its turn.
 * Finished lines leave from the front, so that the output has the order of the
 * input; with unordered they leave at once.
 */
#ifndef TG_LLM_REORDER_H
#define TG_LLM_REORDER_H

#include "base/buf.h"
#include "chat/chat.h"
#include "record/rec.h"

struct slot {
	struct rec rec;
	struct buf line;     /* the record's bytes and a newline */
	struct chat_job job; /* job of the record, set by the caller */
	size_t turn;
	struct slot *next;  /* next free slot */
	struct slot *older; /* next of all slots */
};

/* A turn has a record that waits, or a finished line. */
struct turn {
	struct slot *waits; /* slot of a record; NULL: finished */
	char *line;
	size_t n;
};

struct reorder {
	struct turn *ring;        /* turns; NULL with unordered */
	size_t size, head, count; /* head: index of the oldest turn */
	size_t held;              /* bytes of lines held */
	struct slot *spare, *all;
	struct buf scratch;
};

/* Make a buffer for size records and lines at once, at least 1. */
void reorder_init(struct reorder *, size_t size, int unordered);
/* Free the buffer and all its slots. */
void reorder_free(struct reorder *);

/* Return whether the buffer can hold no more records, or no more bytes. */
int reorder_full(const struct reorder *);

/*
 * Return a slot with a copy of line and its record. It is good until the next
 * reorder_read unless reorder_hold gets it. Return NULL with *why (static) if
 * the line is no record.
 */
struct slot *reorder_read(struct reorder *, struct span line, const char **why);

/*
 * Hold the record last read until its answer comes; the slot is borrowed until
 * reorder_done. The buffer must not be full.
 */
void reorder_hold(struct reorder *, struct slot *);

/* Append a line that needs no answer, with newline, to out or its turn. */
void reorder_pass(struct reorder *, struct span line, struct buf *out);

/* Write the finished record of a slot to out, or to its turn. */
void reorder_done(struct reorder *, struct slot *, struct buf *out);

/* Return whether the front is finished, so that reorder_emit may be called. */
int reorder_ready(const struct reorder *);

/* Move the finished front to out. */
void reorder_emit(struct reorder *, struct buf *out);

#endif
