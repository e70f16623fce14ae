/* attempt: single requests and their hedges; nothing reaches a network */
#include "chat/chat-in.h"

#include <stdlib.h>

#include "set-clock.h"
#include "tap.h"

enum { AT_ONCE = 8, AFTER_MS = 100, CALLS = 1000 };

static struct chat *c;
static struct endpoint *a, *b;
static struct chat_job job;

/* Begin anew, with a job that wants n samples. */
static void
begin(int n)
{
	static const char *const urls[] = { "http://127.0.0.1:1/v1",
		"http://127.0.0.1:2/v1", NULL };
	struct chat_opts o = { .urls = urls,
		.model = "m",
		.dialect = dialect_find("generic"),
		.jobs = AT_ONCE,
		.hedge = 95,
		.prices = { .in = 10, .out = 100 } };
	const char *why = "";
	int status;

	now = 1000000;
	if ((c = chat_new(&o, &status, &why)) == NULL) {
		printf("Bail out! %s\n", why);
		exit(3);
	}
	a = &c->ends[0];
	b = &c->ends[1];
	c->session.state = SESSION_SERVING;
	c->stats.calls = CALLS;
	c->hedge.after = AFTER_MS;
	job = (struct chat_job){ .want = n, .file = "-", .kind = "generate" };
	job.ask.messages = span_of("[]");
	job.samples = arena_get(&job.mem, (size_t)n * sizeof *job.samples);
	memset(job.samples, 0, (size_t)n * sizeof *job.samples);
}

static void
end(void)
{
	chat_free(c);
	chat_job_free(&job);
}

/* Return a new attempt for n samples of the job. */
static struct attempt *
attempt(int n)
{
	struct attempt *k = mem_new(sizeof *k);

	k->job = &job;
	k->n = n;
	job.pending++;
	return k;
}

/* Send a new attempt for a sample to an endpoint, with a reservation. */
static struct attempt *
send(struct endpoint *e)
{
	struct attempt *k = attempt(1);
	long long wait;

	attempt_reserve(c, k, e, &wait);
	attempt_send(c, k, e, now);
	return k;
}

static void
queues(void)
{
	struct attempts *at;
	struct attempt *k[4];
	long long wait = 1000;
	int i;

	begin(1);
	at = &c->attempts;
	for (i = 0; i < 4; i++)
		k[i] = attempt(1);
	attempt_append(at, k[0]);
	attempt_append(at, k[1]);
	attempt_prepend(at, k[2]);
	is_int(at->nready, 3, "three attempts are ready");
	ok(attempt_take(at) == k[2], "an attempt can go before all others");
	ok(attempt_take(at) == k[0] && attempt_take(at) == k[1],
	    "other attempts are taken in order");
	ok(attempt_take(at) == NULL, "no attempt is left");
	is_int(at->nready, 0, "no attempt is ready");

	attempt_delay(at, k[0], now + 10);
	attempt_delay(at, k[1], now + 30);
	attempt_delay(at, k[2], now + 20);
	attempt_wake(at, now + 9, 0, &wait);
	is_int(at->nready, 0, "no attempt is ready before its time");
	is_int(wait, 1, "the wait is for the first attempt");
	wait = 5;
	attempt_wake(at, now, 0, &wait);
	is_int(wait, 5, "a wait that is shorter stays");
	wait = 1000;
	attempt_wake(at, now + 20, 0, &wait);
	is_int(at->nready, 2, "attempts are ready from their time on");
	is_int(wait, 10, "the wait is for the next attempt");
	attempt_wake(at, now, 1, &wait);
	is_int(at->nready, 3, "all attempts can be woken");
	ok(TAILQ_EMPTY(&at->waiting), "no attempt waits any more");
	attempt_free(k[3]);
	end();
}

static void
samples(void)
{
	struct attempt *k;

	begin(3);
	job.samples[0].have = 1;
	attempt_queue(c, &job);
	is_int(c->attempts.nready, 1, "one attempt asks for several samples");
	k = TAILQ_FIRST(&c->attempts.ready);
	ok(k->job == &job && k->n == 2 && k->seed_add == 1,
	    "an attempt asks for the samples that are missing");
	is_int(job.pending, 1, "the attempt of a job is pending");
	end();

	begin(3);
	c->one_at_a_time = 1;
	job.samples[1].have = 1;
	attempt_queue(c, &job);
	is_int(c->attempts.nready, 2, "each sample has an attempt of its own");
	k = TAILQ_FIRST(&c->attempts.ready);
	ok(k->n == 1 && k->seed_add == 0 && TAILQ_NEXT(k, link)->seed_add == 2,
	    "an attempt has the seed of its sample");
	is_int(job.pending, 2, "both attempts of a job are pending");

	/* what is missing is asked for anew, three times for three samples */
	attempt_end(c, attempt_take(&c->attempts));
	ok(STAILQ_EMPTY(&c->jobs.done) && job.topped == 0,
	    "a job waits for its last attempt");
	attempt_end(c, attempt_take(&c->attempts));
	ok(job.topped == 1 && c->attempts.nready == 2,
	    "samples that are missing are asked for anew");
	job.topped = 2;
	job.pending = 1;
	attempt_end(c, attempt_take(&c->attempts));
	is_int(job.topped, 3, "a job that wants three is topped up thrice");
	job.pending = 1;
	attempt_end(c, attempt_take(&c->attempts));
	ok(STAILQ_FIRST(&c->jobs.done) == &job && job.topped == 3,
	    "a job is not topped up for ever");
	is_str(job.code, "empty_answer", "a job without a sample fails");
	end();

	begin(3);
	job.samples[1].have = job.samples[2].have = 1;
	attempt_queue(c, &job);
	ok(c->attempts.nready == 1 &&
		TAILQ_FIRST(&c->attempts.ready)->seed_add == 0,
	    "a single sample that is missing is asked for with its own seed");
	end();

	begin(2);
	job.samples[0].have = 1;
	attempt_end(c, attempt(1));
	ok(job.topped == 1 && c->attempts.nready == 1,
	    "a single sample that is missing is asked for anew");
	end();

	begin(1);
	attempt_fail(c, attempt(1), "timeout", 504, "too late");
	ok(STAILQ_FIRST(&c->jobs.done) == &job && job.topped == 0,
	    "a failed job is not topped up");
	is_str(job.code, "timeout", "a job fails as its attempt does");
	is_int(job.status, 504, "a job has the status of its attempt");
	end();
	begin(1);
	session_halt(&c->session, "over");
	attempt_end(c, attempt(1));
	ok(STAILQ_FIRST(&c->jobs.done) == &job && job.topped == 0,
	    "no job is topped up once the session stops");
	end();
	begin(1);
	job.samples[0].have = 1;
	job.samples[0].choice.text = span_of("yes");
	attempt_end(c, attempt(1));
	ok(STAILQ_FIRST(&c->jobs.done) == &job && job.nchoices == 1,
	    "a job that has its sample is given back");
	end();
}

static void
sends(void)
{
	struct attempt *k, *l;
	struct chat_used sum = { 1, 2, 3, 4, 5 }, used;
	struct reply r = {
		.prompt_tokens = 5, .completion_tokens = 6, .cached_tokens = 2
	};
	long long wait;

	begin(1);
	k = attempt(1);
	k->cap = 50;
	is_int(attempt_reserve(c, k, a, &wait), LIMITS_GO,
	    "an attempt without limits can go");
	ok(k->cap != 50, "the token limit is set for the endpoint");
	ok(k->reserved.tokens > 0 && k->reserved.lane == a->lane,
	    "tokens are reserved at the endpoint");
	ok(k->reserved.cost >= 10 * k->reserved.tokens,
	    "the cost of the tokens is reserved");
	attempt_send(c, k, a, now);
	ok(k->at == a && k->sent_at == now && k->tries == 1,
	    "a sent attempt knows its place, its time and its tries");
	ok(a->inflight == 1 && a->did.calls == 1 && b->inflight == 0 &&
		c->stats.calls == CALLS + 1,
	    "a sent attempt is counted at its endpoint");
	ok(job.attempts == 1 && job.started == now,
	    "a sent attempt is counted for its job");
	is_int(http_inflight(c->http), 1, "a request is in flight");
	ok(k->body.n > 2 && k->body.p[0] == '{', "a sent attempt has a body");
	now += 5;
	l = send(a);
	ok(job.attempts == 2 && job.started == now - 5,
	    "a job has started with its first attempt");
	ok(TAILQ_FIRST(&c->attempts.flying) == k && TAILQ_NEXT(k, link) == l,
	    "the oldest attempt in flight is first");
	wait = (long long)k->body.n;
	http_cancel(c->http, k);
	attempt_land(&c->attempts, k);
	ok(a->inflight == 1 && TAILQ_FIRST(&c->attempts.flying) == l,
	    "an attempt that has landed is not in flight");
	attempt_send(c, k, a, now);
	is_int((long long)k->body.n, wait, "the body is written anew");
	end();

	begin(1);
	used = attempt_used(c, &r);
	ok(used.prompt_tokens == 5 && used.completion_tokens == 6 &&
		used.cached_tokens == 2,
	    "the tokens are those of the reply");
	is_int(used.cost, cost_of(&c->spend, 5, 6, 2),
	    "the cost is that of the tokens");
	attempt_add_used(&sum, &used);
	ok(sum.prompt_tokens == 6 && sum.completion_tokens == 8 &&
		sum.cached_tokens == 5 && sum.cost == 4 + used.cost,
	    "tokens and cost are summed up");
	end();
}

/* Hedge what is due at a time; return the wait for the next hedge, of 1000. */
static long long
hedge_at(long long time)
{
	long long wait = 1000;

	hedge_send(c, time, &wait);
	return wait;
}

static void
hedges(void)
{
	struct attempt *k, *l, *h;
	long long due;

	begin(1);
	k = send(a);
	k->seed_add = 3;
	k->tries = 3;
	k->delays = 4;
	k->empty = 5;
	k->adapted = 6;
	k->failing_since = 7;
	due = now + AFTER_MS + 1;
	is_int(
	    hedge_at(due - 1), 1, "an attempt is not hedged before its time");
	is_int((long long)c->stats.hedges, 0, "no hedge is sent yet");
	hedge_at(due);
	is_int((long long)c->stats.hedges, 1, "an attempt is hedged");
	h = k->hedge;
	ok(h != NULL && h->hedge == k && h->at == b && h->job == &job,
	    "an attempt and its hedge know each other");
	ok(h->is_hedge && h->is_hedged && k->is_hedged && !k->is_hedge,
	    "an attempt is hedged, and its hedge is one");
	ok(h->n == 1 && h->seed_add == 3 && h->tries == 3 && h->delays == 4 &&
		h->empty == 5 && h->adapted == 6 && h->failing_since == 7,
	    "a hedge is the same try of the same request");
	ok(h->sent_at == due && h->reserved.tokens > 0 && job.attempts == 2,
	    "a hedge is reserved and sent");
	hedge_at(due + 10 * AFTER_MS);
	is_int((long long)c->stats.hedges, 1,
	    "neither an attempt nor its hedge is hedged again");

	/* the hedge fails: the attempt goes on, and gets no other one */
	attempt_land(&c->attempts, h);
	http_cancel(c->http, h);
	attempt_fail(c, h, "timeout", 504, "too late");
	ok(k->hedge == NULL && job.code == NULL && job.pending == 1,
	    "a hedge that fails leaves the job to the attempt");
	hedge_at(due + 10 * AFTER_MS);
	is_int((long long)c->stats.hedges, 1,
	    "an attempt is not hedged a second time when its hedge has failed");
	attempt_land(&c->attempts, k);
	http_cancel(c->http, k);
	attempt_requeue(c, k);
	ok(c->attempts.nready == 1 && !attempt_leave_to_hedge(k),
	    "an attempt without a hedge is queued anew");
	end();

	/* the attempt fails: its hedge goes on */
	begin(1);
	k = send(a);
	hedge_at(now + AFTER_MS + 1);
	h = k->hedge;
	attempt_land(&c->attempts, k);
	http_cancel(c->http, k);
	attempt_requeue(c, k);
	ok(c->attempts.nready == 0 && h->hedge == NULL,
	    "an attempt that fails is left to its hedge");
	hedge_at(now + 10 * AFTER_MS);
	is_int((long long)c->stats.hedges, 1,
	    "a hedge is not hedged when what it hedged has failed");
	end();

	/* what is not hedged */
	begin(1);
	send(a);
	c->hedge.after = -1;
	hedge_at(now + 10 * AFTER_MS);
	c->hedge.after = AFTER_MS;
	c->stats.calls = HEDGE_SHARE - 1;
	hedge_at(now + 10 * AFTER_MS);
	c->stats.calls = CALLS;
	a->health.state = b->health.state = ENDPOINT_DISABLED;
	hedge_at(now + 10 * AFTER_MS);
	a->health.state = b->health.state = ENDPOINT_UP;
	a->health.slowed_until = b->health.slowed_until =
	    now + 10 * AFTER_MS + 1;
	hedge_at(now + 10 * AFTER_MS);
	c->o.jobs = 1;
	hedge_at(now + 20 * AFTER_MS);
	c->o.jobs = AT_ONCE;
	is_int((long long)c->stats.hedges, 0,
	    "without need, calls, endpoint or place no hedge is sent");
	session_halt(&c->session, "over");
	hedge_at(now + 20 * AFTER_MS);
	is_int((long long)c->stats.hedges, 0,
	    "no hedge is sent once the session stops");
	c->session.state = SESSION_SERVING;
	hedge_at(now + 10 * AFTER_MS + 1);
	is_int((long long)c->stats.hedges, 1,
	    "a hedge goes to an endpoint that was slowed");
	end();

	/* a cancelled attempt is not hedged, but those behind it are */
	begin(1);
	k = send(a);
	l = send(a);
	k->job = NULL;
	hedge_at(now + AFTER_MS + 1);
	ok(k->hedge == NULL && l->hedge != NULL,
	    "a cancelled attempt keeps no other from its hedge");
	end();
	begin(1);
	c->o.limits.jobs = 1;
	limits_free(c->limits);
	c->limits = limits_new(
	    NULL, NULL, &c->o.limits, &(int){ 0 }, &(const char *){ NULL });
	k = send(a);
	is_int(hedge_at(now + AFTER_MS + 1), 1000,
	    "there is no wait for a hedge that the limits refuse");
	ok(k->hedge == NULL && c->stats.hedges == 0 && b->inflight == 0,
	    "the limits can refuse a hedge");
	end();
}

/* Return how many requests the limits know to be in flight. */
static int
reserved(void)
{
	struct reservation none = { 0 };
	long long wait;
	int n = 0;

	while (limits_reserve(c->limits, &none, &wait) == LIMITS_GO)
		n++;
	return AT_ONCE - n;
}

/* Let no more than AT_ONCE requests be in flight. */
static void
limit_requests(void)
{
	struct limits_max most = { .jobs = AT_ONCE };
	const char *why;
	int bad;

	limits_free(c->limits);
	c->limits = limits_new(NULL, NULL, &most, &bad, &why);
}

/*
 * Cancel a hedge whose answer has come, and count it as the result of a
 * transfer with this status and body.
 */
static void
late(enum http_fail fail, long status, const char *body)
{
	struct http_done d = {
		.fail = fail, .status = status, .body = span_of(body)
	};
	struct attempt *k, *h;

	begin(1);
	limit_requests();
	k = send(a);
	hedge_at(now + AFTER_MS + 1);
	h = k->hedge;
	http_cancel(c->http, h); /* as when its answer has come */
	hedge_cancel_other(c, k);
	ok(h->job == NULL && TAILQ_NEXT(k, link) == h,
	    "a hedge whose answer has come is in flight still, without a job");
	attempt_land(&c->attempts, h);
	h->reserved.tokens = 70;
	h->reserved.cost = 700;
	hedge_count_late(c, h, &d);
	is_int(reserved(), 1, "the reservation of a late hedge is given up");
}

static void
losers(void)
{
	static const char body[] =
	    "{\"choices\":[{\"message\":{\"content\":\"yes\"}}],"
	    "\"usage\":{\"prompt_tokens\":30,\"completion_tokens\":4}}";
	struct attempt *k, *h;

	begin(1);
	k = send(a);
	hedge_cancel_other(c, k);
	ok(a->inflight == 1 && c->hedge.seen.n == 0,
	    "an attempt without a hedge cancels nothing");
	end();

	/* the attempt wins */
	begin(1);
	limit_requests();
	k = send(a);
	hedge_at(now + AFTER_MS + 1);
	now += AFTER_MS + 51;
	hedge_cancel_other(c, k);
	ok(k->hedge == NULL && c->stats.hedges_won == 0,
	    "a hedge that is cancelled has not won");
	ok(TAILQ_NEXT(k, link) == NULL && b->inflight == 0 &&
		http_inflight(c->http) == 1,
	    "the request of a cancelled hedge is not in flight");
	is_int(
	    reserved(), 1, "the reservation of a cancelled hedge is given up");
	ok(c->hedge.seen.n == 1 && c->hedge.seen.max == 50,
	    "the time of a cancelled hedge counts");
	is_int(limits_sums(c->limits).tokens, 0,
	    "a cancelled hedge takes no tokens");
	end();

	/* the hedge wins */
	begin(1);
	k = send(a);
	hedge_at(now + AFTER_MS + 1);
	h = k->hedge;
	hedge_cancel_other(c, h);
	ok(h->hedge == NULL && c->stats.hedges_won == 1,
	    "a hedge that is answered first has won");
	ok(TAILQ_FIRST(&c->attempts.flying) == h && a->inflight == 0,
	    "the request that was hedged is not in flight");
	end();

	late(HTTP_OK, 200, body);
	is_int(c->stats.hedge_tokens, 34, "the tokens of a late hedge count");
	ok(c->stats.used.prompt_tokens == 30 &&
		c->stats.used.completion_tokens == 4 &&
		b->did.used.prompt_tokens == 30 && c->stats.used.cost == 700,
	    "what a late hedge used counts for its endpoint and in all");
	is_int(limits_sums(c->limits).tokens, 34,
	    "the limits know the tokens of a late hedge");
	is_int(limits_sums(c->limits).cost, 700,
	    "the limits know the cost of a late hedge");
	end();
	late(HTTP_OK, 200,
	    "{\"choices\":[{\"message\":{\"content\":\"yes\"}}]}");
	is_int(c->stats.hedge_tokens, 70,
	    "a late hedge that does not tell its tokens took what was "
	    "reserved");
	ok(c->stats.used.prompt_tokens == 0 && c->stats.used.cost == 700,
	    "a late hedge that does not tell its tokens cost what was "
	    "reserved");
	end();
	late(HTTP_OK, 200, "nonsense");
	is_int(c->stats.hedge_tokens, 70,
	    "a late answer that cannot be read took what was reserved");
	end();
	late(HTTP_OK, 299, body);
	is_int(c->stats.hedge_tokens, 34, "any 2xx is an answer");
	end();
	late(HTTP_OK, 300, body);
	is_int(c->stats.hedge_tokens, 0, "a late refusal takes no tokens");
	ok(c->stats.used.cost == 0 && limits_sums(c->limits).tokens == 0,
	    "a late refusal costs nothing");
	end();
	late(HTTP_RESET, 200, body);
	is_int(c->stats.hedge_tokens, 0, "a late failure takes no tokens");
	end();
}

int
main(void)
{
	queues();
	samples();
	sends();
	hedges();
	losers();
	return done();
}
