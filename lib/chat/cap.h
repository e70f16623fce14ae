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
struct reply_error;

/* Return the limit that an endpoint takes instead of cap. */
long cap_of_endpoint(const struct endpoint *, long cap);

/* Return the limit that an attempt at an endpoint gets instead of cap. */
long cap_fit(const struct chat *, const struct attempt *,
    const struct endpoint *, long cap);

/* Warn once of what an endpoint makes of a limit that is asked for, and why. */
void cap_warn(struct chat *, struct endpoint *, long asked, const char *why);

/* An attempt is answered: keep a limit that was found by halving. */
void cap_keep_halved(struct chat *, const struct attempt *);

/* Return whether a refused attempt can go again with a lower limit, now set. */
int cap_lower(struct chat *, struct attempt *, struct reply_error *);

#endif
