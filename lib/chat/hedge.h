/*
 * hedge: sends a request that is out for too long a second time.
 *
 * Too long is longer than all but a few of the last answers took. Only one
 * request in ten is hedged, since both may be paid for. The first answer wins,
 * and the other attempt is cancelled.
 */
#ifndef TG_HEDGE_H
#define TG_HEDGE_H

#include "base/hist.h"

enum {
	HEDGE_SEEN = 256, /* last answers that count; at least half of them */
	HEDGE_LEAST = 20, /* answers that are needed */
	HEDGE_SHARE = 10, /* calls for each hedge */
};

struct attempt;
struct chat;
struct http_done;

struct hedge {
	double percentile; /* percentile that is too long; 0: never hedge */
	struct hist seen;  /* times that the last answers took, ms */
	struct hist next;  /* the newer half of them, or fewer */
	long after;        /* time that is too long, ms; -1: not known */
};

/* Note that an answer took ms, or that there was none yet after so long. */
void hedge_note(struct hedge *, long ms);

/* Hedge the attempts in flight that are due; lower *wait to the next one, ms.
 */
void hedge_send(struct chat *, long long now, long long *wait);

/* Cancel the hedge of an attempt that is answered, or what it hedges. */
void hedge_cancel_other(struct chat *, struct attempt *);

/* Count a cancelled attempt whose answer was there already, and free it. */
void hedge_count_late(
    struct chat *, struct attempt *, const struct http_done *);

#endif
