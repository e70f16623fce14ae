/*
 * retry: whether a request that failed is sent again, and who is to blame: the
 * request, its endpoint, or the load of all requests together.
 */
#include "chat/chat-in.h"

#include <string.h>

#include "base/clock.h"

enum {
	FAILED_MAX = 10, /* requests in a row that may use up their tries */
	MOVES_MAX = 4,   /* failures of endpoints that are no tries */
	REFUSED_MAX = 3, /* times that a request may be refused */
	STALLED = 3,     /* requests that a server which stalls leaves open */
	QUEUE_MS = 1000, /* time that a gateway waits at least, ms */
};

void
retry_elsewhere(struct chat *c, struct attempt *k, long status, const char *why)
{
	if (balance_disable(c, k->at, why))
		attempt_requeue(c, k);
	else
		attempt_fail(c, k, "stopped", status, c->session.why);
}

/* Return whether at least n attempts are ready, waiting or in flight. */
static int
are_open(const struct chat *c, unsigned n)
{
	const struct attempt_list *lists[] = { &c->attempts.flying,
		&c->attempts.waiting };
	unsigned i, count = c->attempts.nready;
	const struct attempt *k;

	for (i = 0; i < 2; i++)
		TAILQ_FOREACH (k, lists[i], link)
			if (++count >= n)
				return 1;
	return count >= n;
}

/*
 * Return whether a failure says that the server has too much to do, or hangs,
 * and so nothing of the request. In a queue a request is answered after those
 * that were there before it; one that sees twice as many answered is slow
 * itself. A server that answers nobody hangs, unless only the last requests are
 * left, each of which may be slow. One that never served is not known to.
 */
static int
is_load(struct chat *c, struct attempt *k, const struct http_done *d)
{
	unsigned long others = k->at->did.answered - k->answered_before;
	long status = d->fail == HTTP_OK ? d->status : 0;
	int told = (status == 408 || status == 504 || status == 524) &&
		   d->time_ms >= QUEUE_MS;

	if (c->session.last_answer == 0)
		return 0;
	if (status == 429)
		return 1;
	if (d->fail != HTTP_TIMEOUT && !told)
		return 0;
	k->is_slow |= others > 0 && others >= 2 * (unsigned long)k->crowd;
	if (k->is_slow || (others == 0 && !are_open(c, STALLED - 1)))
		return 0;
	balance_crowded(c, k->at, others);
	return 1;
}

/*
 * An attempt has used up its tries, or its time. When nothing else was answered
 * meanwhile, or lately, the service is to blame: surely if nobody listens or it
 * has too much to do, else after some of them.
 */
static void
out_of_tries(struct chat *c, struct attempt *k, const char *code,
    const struct http_done *d, const char *message, int load)
{
	long long now = clock_ms(), seconds = (now - k->failing_since) / 1000;
	struct session *s = &c->session;
	int alone = s->last_answer < k->failing_since ||
		    (load && now - s->last_answer > c->o.retry_ms / 2);

	s->failed_requests++;
	if (alone && d->fail == HTTP_CONNECT && s->last_answer == 0)
		session_halt_unserved(s, k->at->url, message);
	else if (alone && (load || s->failed_requests >= FAILED_MAX))
		session_halt(s,
		    "%s: nothing answered for %lld s, %d request%s failed (%s)",
		    k->at->url, seconds, s->failed_requests,
		    s->failed_requests == 1 ? "" : "s", message);
	if (d->fail == HTTP_TIMEOUT)
		session_note_timeout(s, k->at->url, c->o.timeout_ms, 1);
	if ((load || d->fail == HTTP_CONNECT) && session_stops(s))
		attempt_fail(c, k, "stopped", d->status, s->why);
	else
		attempt_fail(c, k, code, d->status, message);
}

/*
 * Return what a failure says of the endpoint, which asks to wait for asked_ms
 * if that is over 0, and so of its attempt.
 */
static enum balance_next
blame(struct chat *c, struct attempt *k, const char *code,
    const struct http_done *d, const char *message, long long asked_ms)
{
	long status = d->fail == HTTP_OK ? d->status : 0;
	enum balance_next next;

	if (d->fail == HTTP_CONNECT)
		return balance_unreachable(c, k, message);
	if (strcmp(code, "empty_answer") == 0 ||
	    strcmp(code, "broken_text") == 0)
		return BALANCE_TRIED;
	if (status == 429)
		balance_present(c, k->at);
	/* a pause keeps other attempts from the same refusal */
	if (status == 429 || (status == 503 && asked_ms > 0)) {
		next = balance_slow(c, k->at, asked_ms);
		if (status == 429 || c->nends > 1)
			return next;
	}
	return balance_failed(c, k, message,
	    d->fail == HTTP_RESET || (status >= 502 && status <= 504));
}

void
retry_tell(
    struct chat *c, const struct attempt *k, const char *what, long long delay)
{
	const struct chat_job *j = k->job;

	session_tell(&c->session,
	    "%s:%zu: %s, attempt %d at %s: %s; again in %.1f s", j->file,
	    j->lineno, j->kind, k->sends, k->at->url, what,
	    (double)delay / 1000);
}

/* Queue an attempt again if its failure was no try: 1; 0 if it was one. */
static int
goes_again(struct chat *c, struct attempt *k, enum balance_next next,
    int reached, const char *message)
{
	if (next == BALANCE_TRIED ||
	    (next == BALANCE_MOVES && k->moved == MOVES_MAX))
		return 0;
	if (next == BALANCE_MOVES)
		retry_tell(c, k, message, 0);
	k->moved += next == BALANCE_MOVES && reached;
	k->tries--;
	k->delays--;
	/* another one goes first: this one may be to blame after all */
	if (next == BALANCE_WAITS && reached)
		attempt_append(&c->attempts, k);
	else
		attempt_requeue(c, k);
	return 1;
}

/* Let an attempt wait for another try, a retry if it has reached a server. */
static void
wait_for_retry(struct chat *c, struct attempt *k, const char *message,
    long long delay, int reached)
{
	retry_tell(c, k, message, delay);
	c->stats.retries += (unsigned)reached;
	k->at->did.retries += (unsigned)reached;
	attempt_delay(&c->attempts, k, clock_ms() + delay);
}

void
retry_failed(struct chat *c, struct attempt *k, const char *code,
    const struct http_done *d, const char *message, long long asked_ms)
{
	long long delay = session_backoff_ms(k->delays++), now = clock_ms();
	enum balance_next next = blame(c, k, code, d, message, asked_ms);
	int load = is_load(c, k, d);

	if (attempt_leave_to_hedge(k))
		return;
	k->not_at = k->at;
	if (session_stops(&c->session)) {
		attempt_fail(c, k, "stopped", d->status, c->session.why);
		return;
	}
	if (goes_again(c, k, next, d->fail != HTTP_CONNECT, message))
		return;
	if (k->failing_since == 0)
		k->failing_since = now;
	if (asked_ms > 0)
		delay = asked_ms;
	if (load && c->o.retries > 0)
		k->tries--;
	if (k->tries > c->o.retries ||
	    now + delay - k->failing_since > c->o.retry_ms)
		out_of_tries(c, k, code, d, message, load);
	else
		wait_for_retry(c, k, message, delay, d->fail != HTTP_CONNECT);
}

/* Return whether another attempt may yet show what an endpoint is worth. */
static int
others_go(const struct chat *c)
{
	return c->attempts.nready > 0 || !TAILQ_EMPTY(&c->attempts.flying);
}

/*
 * Note that an endpoint refuses an attempt for a reason: whether it is to
 * blame. A request counts once, as it may be at fault itself, but more often at
 * an endpoint that never served if there is no other request to compare it
 * with.
 */
static int
refuses_all(
    struct chat *c, struct attempt *k, const char *reason, int is_service)
{
	int is_unproven = k->at->health.proven_at == 0;
	int counts = k->job->refused_at != k->at ||
		     (is_service && is_unproven && !others_go(c));

	k->job->refused_at = k->at;
	return counts && health_refuse(&k->at->health, reason, is_service);
}

/*
 * Return whether a refusal is the fault of its attempt alone. Words about all
 * requests are if it has had its tries (or those that the user grants, where
 * others were answered), and an answer to another or the want of others shows
 * that. Other words are, unless the endpoint may refuse all with them.
 */
static int
is_refused_alone(const struct chat *c, const struct attempt *k, long long delay,
    int is_service)
{
	long long proven_at = k->at->health.proven_at, now = clock_ms();
	int most = proven_at > 0 && c->o.retries < REFUSED_MAX - 1
		       ? c->o.retries + 1
		       : REFUSED_MAX;

	if (now + delay - k->refused_since > c->o.retry_ms)
		return 1;
	if (!is_service)
		return proven_at > 0 || k->refused >= most || !others_go(c);
	return k->refused >= most &&
	       (proven_at >= k->refused_since || !others_go(c));
}

void
retry_refused(struct chat *c, struct attempt *k, const struct refusal *e,
    long status, const char *message)
{
	int is_service = e->end == REFUSAL_SERVICE;
	long long delay = session_backoff_ms(k->delays++);

	if (k->refused++ == 0)
		k->refused_since = clock_ms();
	k->tries--;
	if (refuses_all(c, k, is_service ? e->code : e->message, is_service)) {
		retry_elsewhere(c, k, status, message);
	} else if (attempt_leave_to_hedge(k)) {
		return;
	} else if (session_stops(&c->session)) {
		attempt_fail(c, k, "stopped", status, c->session.why);
	} else if (!is_refused_alone(c, k, delay, is_service)) {
		if (balance_has_other(c, k->at) && k->refused == 1)
			delay = 0;
		k->not_at = k->at;
		wait_for_retry(c, k, message, delay, 1);
	} else if (strcmp(e->code, "out_of_quota") == 0 &&
		   k->at->health.proven_at < k->sent_at) {
		/* no document alone is out of money */
		retry_elsewhere(c, k, status, message);
	} else {
		attempt_fail(c, k, e->code, status, message);
	}
}
