/*
 * limits: what requests may take: requests and tokens a minute (token buckets),
 * requests in flight, and money and tokens in all.
 *
 * Private limits are a process's own. Limits with a name hold for all processes
 * of a user on this machine that name them: by the smallest number where they
 * differ, as long as the process that brought it lives.
 *
 * A name is a small file, a meeting, in a folder that is the user's alone. A
 * number is 64 bits, changed in one store, so none is torn. What is spent
 * stands in a ledger beside it, and also in one in the folder of the job, where
 * it outlasts all processes.
 */
#pragma once

struct limits;

/* The limits; 0 of any: there is none. */
struct limits_max {
	double rpm, tpm;        /* requests and tokens a minute */
	long long jobs;         /* requests in flight */
	long long cost, tokens; /* sums; cost in the caller's unit */
};

/* The most that a request may take, where it goes, and what it likely takes. */
struct reservation {
	long long cost, tokens;
	unsigned long long lane; /* number from limits_lane */
	long long likely_cost, likely_tokens;
};

/*
 * Return new limits, shared under name, or private if that is NULL. What is
 * spent is kept in folder; NULL: it is not. On failure return NULL with *why
 * until the next call, and *bad set if the name is not a word of letters,
 * digits and ". _ -".
 */
struct limits *limits_new(const char *name, const char *folder,
    const struct limits_max *, int *bad, const char **why);

/* Leave and free limits, whatever is in flight; NULL is fine. */
void limits_free(struct limits *);

/* Return a number for the endpoint at url. */
unsigned long long limits_lane(const char *url);

enum limits_said {
	LIMITS_GO,     /* reserved: send it, and commit it later */
	LIMITS_WAIT,   /* ask again in *ms; -1: when one of ours is committed */
	LIMITS_PAUSED, /* send nothing to its lane for *ms */
	LIMITS_SPENT,  /* money or tokens are spent: it will never fit */
};

/* Reserve a request. The process that has waited longest comes first. */
enum limits_said limits_reserve(
    struct limits *, const struct reservation *, long long *ms);

/*
 * Commit a reserved request: it has taken that many tokens, and cost. tokens
 * -1: nothing is known, and nothing spent, but the limit a minute counts what
 * was reserved.
 */
void limits_commit(struct limits *, const struct reservation *,
    long long tokens, long long cost);

/* Let nothing go to a lane for ms, as its server asks. */
void limits_pause(struct limits *, unsigned long long lane, long long ms);

/* The sums of all members, and the smallest of their limits; 0: no limit. */
struct limits_sums {
	long long cost, tokens; /* spent so far */
	long long max_cost, max_tokens, max_jobs;
	int members;
	const char *kept; /* file that keeps what is spent, borrowed; NULL:
			   * none does */
};
struct limits_sums limits_sums(struct limits *);
