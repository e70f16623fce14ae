/*
 * balance: which endpoint an attempt goes to, and what its outcome means for
 * the endpoint: whether that is ejected, slowed or readmitted.
 */
#ifndef TG_BALANCE_H
#define TG_BALANCE_H

struct attempt;
struct chat;
struct endpoint;

/* Set a new endpoint's limit. */
void balance_init(const struct chat *, struct endpoint *);

/* Return how many attempts may be in flight now, at all endpoints. */
unsigned balance_width(const struct chat *);

/* Meaning of a failure for the attempt that met it. */
enum balance_next {
	BALANCE_TRIED, /* the try is over */
	BALANCE_MOVES, /* no try: others are there to take it */
	BALANCE_WAITS, /* no try: it waits until an endpoint serves */
};

/* An endpoint asks for less, and for a pause of ms; 0: of no given length. */
enum balance_next balance_slow(struct chat *, struct endpoint *, long long ms);

/*
 * Nobody listens where an attempt went; or it failed in another way, maybe by
 * its own fault. is_away: it looks as if no server is behind a gateway. The
 * endpoint may be ejected; the only one is waited for, which ends the session
 * if it takes too long.
 */
enum balance_next balance_unreachable(
    struct chat *, const struct attempt *, const char *message);
enum balance_next balance_failed(
    struct chat *, const struct attempt *, const char *message, int is_away);

/* An endpoint is there, whatever it says. */
void balance_present(struct chat *, struct endpoint *);

/* An endpoint serves. latency_ms: of an answer; -1: it was none. */
void balance_answered(struct chat *, struct endpoint *, long latency_ms);

/* Disable an endpoint: 1 if others are left, else the session is halted. */
int balance_disable(struct chat *, struct endpoint *, const char *why);

/*
 * Return the least busy endpoint that may be asked now, if possible another one
 * than avoid (or NULL); NULL, and *wait in ms if a time is known, if none may.
 */
struct endpoint *balance_pick(struct chat *, const struct endpoint *avoid,
    long long now, long long *wait);

/* All that can be sent now is sent: note who has room for more. */
void balance_note_room(struct chat *);

#endif
