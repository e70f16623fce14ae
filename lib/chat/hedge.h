/*
 * hedge: when a request has been out for so long that it is worth asking
 * again.
 *
 * Longer than all but a few of the last answers took, that is; and for no more
 * than one request in ten, since what goes out twice may be paid for twice.
 */
#ifndef TG_HEDGE_H
#define TG_HEDGE_H

enum { HEDGE_SEEN = 256, HEDGE_LEAST = 20, HEDGE_SHARE = 10 };

struct hedge {
	double percentile;     /* 0: never */
	long seen[HEDGE_SEEN]; /* ms, the last ones */
	unsigned long n;
	long after; /* as of these, -1: to be found out */
};

void hedge_init(struct hedge *, double percentile);

/* An answer took so long; or there was none yet after so long. */
void hedge_note(struct hedge *, long ms);

/* After how many ms to ask again; -1: it is not known yet, or never. */
long hedge_after(struct hedge *);

/* Whether there may be one more, after so many and so many calls in all. */
int hedge_may(const struct hedge *, unsigned long hedges, unsigned long calls);

#endif
