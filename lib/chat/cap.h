/*
 * cap: the token limit of a request, fitted to its endpoint and its prompt.
 *
 * What a refusal tells of the model holds for all that goes to the endpoint;
 * what it tells of the prompt holds for that request alone.
 */
#ifndef TG_CAP_H
#define TG_CAP_H

struct attempt;
struct chat;
struct endpoint;
struct reply;
struct refusal;

/*
 * Return the limit that an endpoint takes instead of cap. One no smaller than
 * the context becomes half the context, so that the other half is the prompt's;
 * one larger than the model allows becomes what it allows.
 */
long cap_of_endpoint(const struct endpoint *, long cap);

/*
 * Return the limit that an attempt at an endpoint gets instead of cap: in
 * addition, no more than the prompt is estimated to leave of the context, but
 * at least a short answer's, and no more than a refusal has left it.
 */
long cap_fit(const struct chat *, const struct attempt *,
    const struct endpoint *, long cap);

/* Warn once of what an endpoint makes of a limit that is asked for, and why. */
void cap_warn(struct chat *, struct endpoint *, long asked, const char *why);

/*
 * Keep for its endpoint the limit that an answered attempt has found by
 * halving, unless its own prompt explains why twice as much was refused.
 */
void cap_keep_halved(struct chat *, const struct attempt *);

/*
 * Return whether a refusal is about the token limit and the attempt can go
 * again with a lower one, now set. Where the refusal tells no number that
 * helps, the limit is halved.
 */
int cap_lower(struct chat *, struct attempt *, struct refusal *);

/*
 * Return whether a judge has spent the few tokens for its verdict on reasoning,
 * and gets more, as do all that judge at this endpoint from now on.
 */
int cap_raise(struct chat *, struct attempt *, const struct reply *);

#endif
