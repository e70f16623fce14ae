/*
 * sample: records to read, drawn by seed from each task and outcome.
 *
 * Of n records of one task and outcome each has the same chance to be drawn,
 * whatever n turns out to be (reservoir sampling). A record is written as it
 * will be shown when it is drawn, and the last one drawn for a place stays: so
 * memory holds only what is shown.
 */
#pragma once

#include "base/keyset.h"
#include "read.h"

enum { SAMPLE_PLACES = 600 };

struct sample_place {
	char *task; /* name, printable */
	enum outcome outcome;
	size_t seen;       /* records that could be drawn */
	uint64_t state;    /* state of the random numbers */
	struct buf *shown; /* the records drawn; place->seen or most of them */
};

/* Set most, seed and show; all else is zero. */
struct sample {
	size_t most;    /* records of each task and outcome */
	long long seed; /* seed of the draws */
	void (*show)(struct buf *, const struct item *);
	struct sample_place *place;
	size_t n;            /* places */
	size_t left_out;     /* records of tasks beyond SAMPLE_PLACES */
	struct keyset index; /* key of a place -> its number from 1 */
};

void sample_add(struct sample *, const struct item *);

/* Return how many records of a place were drawn. */
size_t sample_drawn(const struct sample *, const struct sample_place *);

void sample_free(struct sample *);
