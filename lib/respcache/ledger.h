/*
 * ledger: what was spent, and what the requests in flight may still take.
 *
 * A ledger is a small file in the folder of a job. All processes that work on
 * the job add to it, so what was spent outlasts each of them. A process that is
 * killed leaves what its requests in flight were likely to take: a server may
 * charge for an answer that nobody waits for any more. Sums are never negative;
 * one that does not fit is LLONG_MAX. A file with anything else in it is
 * refused, as what was spent is not known.
 */
#pragma once

struct ledger;

struct amount {
	long long cost;   /* money, in the caller's unit */
	long long tokens; /* number of tokens, in and out */
};

/* A request: the most that it may take, and what it is likely to take. */
struct ledger_request {
	struct amount most, likely;
};

/*
 * Open the ledger of the file fd, which now belongs to it; -1: a private one.
 * anew: begin with nothing spent if no process has it open. Return it, or NULL
 * with errno: EUSERS if too many processes have it open, EBADMSG if the file is
 * damaged.
 */
struct ledger *ledger_new(int fd, int anew);

/* Open the ledger of the file at path, and make the file: see ledger_new. */
struct ledger *ledger_open(const char *path);

/* Close the ledger and sync it; what it has in flight is given up. */
void ledger_free(struct ledger *);

enum ledger_said {
	LEDGER_FITS,  /* the request is in flight until ledger_commit */
	LEDGER_LATER, /* requests in flight may turn out to leave enough */
	LEDGER_NEVER, /* the request does not fit, and none is in flight */
};

/*
 * Let a request into flight if it fits into budget together with what was spent
 * and what is in flight; 0 of cost or tokens: there is no budget.
 */
enum ledger_said ledger_reserve(struct ledger *, const struct ledger_request *,
    const struct amount *budget);

/* End a request in flight: it has taken that much. */
void ledger_commit(
    struct ledger *, const struct ledger_request *, const struct amount *took);

/* Return what was spent. */
struct amount ledger_spent(struct ledger *);
