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
	REFUSED_MAX = 3, /* times that a request is sent which is refused */
	STALLED = 3,     /* requests that a server which stalls leaves open */
	QUEUE_MS = 1000, /* time that a gateway waits at least, ms */
	ANSWER_MS = 100, /* time that an answer takes at least, ms */
};

void
retry_elsewhere(struct chat *c, struct attempt *k, long status, const char *why)
{
	if (balance_disable(c, k->at, why))
		attempt_requeue(c, k);
	else
		attempt_fail(c, k, "stopped", status, c->session.why);
}

/*
 * Return whether at least n attempts are ready, waiting or in flight, besides
 * those whose failures are their own.
 */
static int
are_open(const struct chat *c, unsigned n)
{
	const struct attempt_list *lists[] = { &c->attempts.ready,
		&c->attempts.flying, &c->attempts.waiting };
	const struct attempt *k;
	unsigned i, count = 0;

	for (i = 0; i < 3; i++)
		TAILQ_FOREACH (k, lists[i], link)
			if (!attempt_is_own(k) && ++count >= n)
				return 1;
	return 0;
}

/*
 * Return whether a request is out for so long that a server works on it, and
 * not about to be refused like one that took ms.
 */
static int
is_under_way(const struct chat *c, long ms)
{
	const struct attempt *oldest = TAILQ_FIRST(&c->attempts.flying);

	return oldest != NULL &&
	       clock_ms() - oldest->sent_at > 2 * ms + ANSWER_MS;
}

/* Return how many others its endpoint has answered since an attempt was sent.
 */
static unsigned long
answered_since(const struct attempt *k)
{
	return k->at->did.answered - k->answered_before;
}

/*
 * Return whether a failure says that the server has too much to do, or hangs,
 * and so nothing of the request. A server that answers nobody hangs, unless
 * only the last requests are left, each of which may be slow. One that never
 * served is not known to, but it may work on the requests that it has not
 * refused.
 */
static int
is_load(struct chat *c, struct attempt *k, const struct http_done *d)
{
	unsigned long others = answered_since(k);
	long status = d->fail == HTTP_OK ? d->status : 0;
	int told = (status == 408 || status == 504 || status == 524) &&
		   d->time_ms >= QUEUE_MS;

	if (status == 429)
		return c->session.last_answer > 0 ||
		       is_under_way(c, d->time_ms);
	if (c->session.last_answer == 0 || (d->fail != HTTP_TIMEOUT && !told))
		return 0;
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
	struct session *s = &c->session;
	long long now = clock_ms(), since = s->last_answer > 0
						? s->last_answer
						: k->failing_since;
	int alone =
	    (c->attempts.answered <= k->failed_by && answered_since(k) == 0) ||
	    (load && now - s->last_answer > c->o.retry_ms / 2);

	/* an endpoint that never served refuses no request alone so */
	load |= d->fail == HTTP_OK && d->status == 429 && c->o.retries > 0;
	s->failed_requests++;
	if (alone && d->fail == HTTP_CONNECT && s->last_answer == 0)
		session_halt_unserved(s, k->at->url, message);
	else if (alone && (load || s->failed_requests >= FAILED_MAX))
		session_halt(s,
		    "%s: nothing answered for %lld s, %d request%s failed (%s)",
		    k->at->url, (now - since) / 1000, s->failed_requests,
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
	return balance_failed(c, k, message, d->fail != HTTP_TIMEOUT);
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
	unsigned long others = answered_since(k);
	enum balance_next next;
	int load;

	/* the job would come after older ones of a queue */
	k->is_slow |= others > 0 && others >= 2 * (unsigned long)k->crowd;
	next = blame(c, k, code, d, message, asked_ms);
	load = is_load(c, k, d);
	if (attempt_leave_to_hedge(k))
		return;
	k->not_at = k->at;
	if (session_stops(&c->session)) {
		attempt_fail(c, k, "stopped", d->status, c->session.why);
		return;
	}
	if (goes_again(c, k, next, d->fail != HTTP_CONNECT, message))
		return;
	if (k->failing_since == 0) {
		k->failing_since = now;
		k->failed_by = c->attempts.sent;
	}
	if (asked_ms > 0)
		delay = asked_ms;
	if (d->fail != HTTP_TIMEOUT && d->status != 429)
		session_note_retry(&c->session, k->at->url, message);
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
 * Note that an endpoint refuses an attempt. A request counts once, as it may be
 * at fault itself, but more often at an endpoint that never served if there is
 * no other request to compare it with.
 */
static void
note_refusal(struct chat *c, struct attempt *k, const struct refusal *e,
    long status, const char *message)
{
	int is_service = e->end == REFUSAL_SERVICE;
	struct health *h = &k->at->health;

	if (k->refused++ == 0)
		k->refused_first = k->number;
	k->refused_code = e->code;
	k->refused_status = status;
	k->refused_message =
	    arena_dup(&k->job->mem, message, strlen(message) + 1);
	k->is_refused_for_all = is_service;
	if (k->job->refused_at != k->at ||
	    (is_service && h->proven_by == 0 && !others_go(c)))
		health_refuse(h, k->number, is_service ? e->code : e->message,
		    is_service);
	k->job->refused_at = k->at;
}

/* Meanings of a refusal. */
enum verdict {
	REFUSED_AGAIN,     /* not known: the attempt has another try */
	REFUSED_UNDECIDED, /* not known: others are under way that show it */
	REFUSED_ALONE,     /* the request is at fault */
	REFUSED_ALL,       /* the endpoint is to blame */
};

/*
 * Judge the refusal of an attempt. A suspect is to blame once nothing is in
 * flight there. Words about all requests are the fault of one that has had its
 * tries (or those that the user grants, where others were answered) when a
 * request that was sent later was answered, or when others do not share its
 * fate at the end. Other words are, unless the endpoint may refuse all with
 * them.
 */
static enum verdict
judge(const struct chat *c, const struct attempt *k)
{
	const struct health *h = &k->at->health;
	int is_last = !others_go(c);
	int most = h->proven_by > 0 && c->o.retries < REFUSED_MAX - 1
		       ? c->o.retries + 1
		       : REFUSED_MAX;

	if (health_is_suspect(h) && k->at->inflight == 0)
		return REFUSED_ALL;
	if (!k->is_refused_for_all)
		return h->proven_by > 0 || k->refused >= most || is_last
			   ? REFUSED_ALONE
			   : REFUSED_AGAIN;
	if (k->refused < most)
		return REFUSED_AGAIN;
	if (h->proven_by > k->refused_first)
		return REFUSED_ALONE;
	if (!is_last)
		return REFUSED_UNDECIDED;
	/* no document alone is out of money */
	return h->row >= HEALTH_ALIKE ||
		       strcmp(k->refused_code, "out_of_quota") == 0
		   ? REFUSED_ALL
		   : REFUSED_ALONE;
}

/* Do what follows from the verdict on the refusal of an attempt. */
static void
follow_verdict(struct chat *c, struct attempt *k, enum verdict v)
{
	long long delay;

	if (v == REFUSED_ALL) {
		retry_elsewhere(c, k, k->refused_status, k->refused_message);
	} else if (attempt_leave_to_hedge(k)) {
		return;
	} else if (session_stops(&c->session)) {
		attempt_fail(
		    c, k, "stopped", k->refused_status, c->session.why);
	} else if (v == REFUSED_ALONE) {
		attempt_fail(c, k, k->refused_code, k->refused_status,
		    k->refused_message);
	} else if (v == REFUSED_UNDECIDED) {
		TAILQ_INSERT_TAIL(&c->attempts.refused, k, link);
	} else {
		delay = session_backoff_ms(k->delays++);
		if (balance_has_other(c, k->at) && k->refused == 1)
			delay = 0;
		k->not_at = k->at;
		wait_for_retry(c, k, k->refused_message, delay, 1);
	}
}

void
retry_refused(struct chat *c, struct attempt *k, const struct refusal *e,
    long status, const char *message)
{
	k->tries--;
	note_refusal(c, k, e, status, message);
	follow_verdict(c, k, judge(c, k));
}

void
retry_judge(struct chat *c)
{
	struct attempt *k, *next;
	enum verdict v;

	for (k = TAILQ_FIRST(&c->attempts.refused); k != NULL; k = next) {
		next = TAILQ_NEXT(k, link);
		v = judge(c, k);
		if (v == REFUSED_UNDECIDED && !session_stops(&c->session))
			continue;
		TAILQ_REMOVE(&c->attempts.refused, k, link);
		follow_verdict(c, k, v);
	}
}
