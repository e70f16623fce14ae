/*
 * limits: the allowance that requests are taken from.
 *
 * Its limits are requests and tokens a minute, requests in flight, and money
 * and tokens in all. A private one is a process's own. One with a name is held
 * together by all processes of a user on this machine that name it: what one
 * of them limits is limited for all, by the smallest number where they differ,
 * as long as that one is there.
 *
 * A shared one is a small file, mapped, in a folder that is the user's alone.
 * Locks of the kernel's guard it, one for changes and one for each member, so
 * nothing stays locked when a process is killed, and its requests in flight
 * are known to be gone. Every number is changed in one store, so none is torn.
 */
#ifndef TG_LIMITS_H
#define TG_LIMITS_H

struct share;

struct share_limits {
	double rpm, tpm;        /* a minute; 0 of any: no limit */
	long long jobs;         /* in flight */
	long long cost, tokens; /* in all; cost in the caller's unit */
};

/* A request: what it may take, and where it goes. */
struct share_ask {
	long long cost, tokens;
	unsigned long long lane; /* from share_lane */
};

/*
 * name NULL: a private one. New; NULL with *why until the next call, and *bad
 * set if it is the name that will not do.
 */
struct share *share_new(
    const char *name, const struct share_limits *, int *bad, const char **why);

/* Leave it, whatever is in flight; NULL is fine. */
void share_free(struct share *);

/* Whether a name may be one: a word of letters, digits and ". _ -". */
int share_name_ok(const char *);

/* A number for an endpoint. */
unsigned long long share_lane(const char *url);

enum share_said {
	SHARE_GO,     /* it is taken: send it, and settle it later */
	SHARE_WAIT,   /* ask again in *ms; -1: when one of ours is settled */
	SHARE_PAUSED, /* nothing goes to its lane for *ms */
	SHARE_SPENT,  /* it will never fit: the money or the tokens are spent */
};

/*
 * Ask to send a request. Of processes that wait the longest waiting comes
 * first.
 */
enum share_said share_take(
    struct share *, const struct share_ask *, long long *ms);

/*
 * A request that was taken is over, and has taken this much; tokens -1: not
 * known, nothing is spent, but the limit a minute counts it as it was asked.
 */
void share_settle(
    struct share *, const struct share_ask *, long long tokens, long long cost);

/* The server of a lane asks for a pause. */
void share_pause(struct share *, unsigned long long lane, long long ms);

/* What all have spent, the limits in force, and how many members there are. */
struct share_sums {
	struct share_limits limits;
	long long cost, tokens;
	int members;
};
struct share_sums share_sums(struct share *);

#endif
