/*
 * probe: finds out what serves before the first request: which endpoints
 * answer, with what model, in what dialect.
 */
#ifndef TG_PROBE_H
#define TG_PROBE_H

struct chat;

/* Probe all endpoints; again, a few times, while none answers: 0, or -1. */
int probe_all(struct chat *);

#endif
