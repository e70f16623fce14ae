/* balance: endpoints that are up, paused, full or ejected; the clock is set */
#include "chat/chat-in.h"
#include "io/io.h"

#include <limits.h>

#include "said.h"
#include "set-clock.h"
#include "tap.h"

enum { PATIENCE_MS = 60 * 1000, AT_ONCE = 4 };

static struct chat c;
static struct endpoint ends[3];
static struct endpoint *const a = &ends[0], *const b = &ends[1];
static struct attempt sent[8];

/* Begin anew with n endpoints that serve. */
static void
begin(size_t n)
{
	static const char *const urls[] = { "http://a", "http://b",
		"http://c" };
	struct limits_max none = { 0 };
	const char *why;
	size_t i;
	int bad;

	limits_free(c.limits);
	memset(&c, 0, sizeof c);
	memset(ends, 0, sizeof ends);
	now = 1000000;
	c.ends = ends;
	c.nends = n;
	c.o.retry_ms = PATIENCE_MS;
	c.session.state = SESSION_SERVING;
	c.session.since = 1;
	c.session.last_answer = 1;
	c.session.met = 1;
	TAILQ_INIT(&c.attempts.flying);
	c.limits = limits_new(NULL, NULL, &none, &bad, &why);
	for (i = 0; i < n; i++) {
		ends[i].url = urls[i];
		ends[i].lane = limits_lane(urls[i]);
		concurrency_init(&ends[i].limit, AT_ONCE, AT_ONCE, 0);
	}
	said();
}

/* Put attempt i in flight to an endpoint, now, for a job of its own. */
static struct attempt *
fly(size_t i, struct endpoint *e)
{
	static struct chat_job jobs[8];

	sent[i] = (struct attempt){ .at = e, .sent_at = now, .job = &jobs[i] };
	TAILQ_INSERT_TAIL(&c.attempts.flying, &sent[i], link);
	e->inflight++;
	return &sent[i];
}

/* Return the place of the endpoint that is picked, or -1. */
static int
picked(const struct endpoint *avoid, long long *wait)
{
	struct endpoint *e;

	*wait = -1;
	e = balance_pick(&c, avoid, now, wait);
	return e == NULL ? -1 : (int)(e - ends);
}

static void
picks(void)
{
	long long wait;

	begin(3);
	is_int(
	    picked(NULL, &wait), 0, "the first of equal endpoints is picked");
	is_int(
	    picked(a, &wait), 1, "another endpoint than the avoided is picked");
	ends[0].inflight = 2;
	ends[1].inflight = 1;
	ends[2].inflight = 1;
	is_int(picked(NULL, &wait), 1, "the least busy endpoint is picked");
	is_int(picked(b, &wait), 2,
	    "an endpoint as busy as the avoided one is picked");
	ends[0].health.state = ends[2].health.state = ENDPOINT_DISABLED;
	is_int(picked(b, &wait), 1,
	    "the avoided endpoint is picked if there is no other");
	ends[1].inflight = AT_ONCE;
	is_int(picked(NULL, &wait), -1, "a full endpoint is not picked");
	is_int(wait, -1, "it is not known when a full endpoint has room");

	begin(3);
	ends[0].health.pause_until = now + 7;
	ends[1].health.pause_until = now + 5;
	ends[2].health.pause_until = now + 6;
	is_int(picked(NULL, &wait), -1, "no paused endpoint is picked");
	is_int(wait, 5, "the wait is for the end of the shortest pause");
	ends[2].health.pause_until = now;
	is_int(picked(NULL, &wait), 2,
	    "an endpoint is picked at the end of its pause");
	is_int(wait, -1, "there is no wait if an endpoint is picked");

	begin(1);
	fly(0, a);
	health_eject(&a->health, now, 10, 10);
	now += 10;
	is_int(picked(NULL, &wait), 0,
	    "an ejected endpoint gets a probe beside older attempts");
	fly(1, a);
	is_int(picked(NULL, &wait), -1,
	    "an ejected endpoint gets no second probe");
	a->health.state = ENDPOINT_UP;
	is_int(picked(NULL, &wait), 0,
	    "an endpoint that serves gets further attempts");
}

static void
rooms(void)
{
	begin(2);
	a->inflight = AT_ONCE;
	b->inflight = AT_ONCE - 1;
	balance_note_room(&c);
	ok(!a->limit.room && b->limit.room,
	    "the endpoint with fewer attempts than its limit has room");
}

static void
slows(void)
{
	struct reservation r = { 0 };
	long long wait = 0;

	begin(2);
	is_int(balance_slow(&c, a, 100), BALANCE_MOVES,
	    "an attempt moves from a slowed endpoint to a free one");
	is_int(a->health.pause_until, now + 100,
	    "a slowed endpoint pauses for as long as it asks");
	r.lane = a->lane;
	ok(limits_reserve(c.limits, &r, &wait) == LIMITS_PAUSED && wait == 101,
	    "the limits know of the pause");
	is_int((long long)c.stats.slowed, 1, "a slowed endpoint is counted");
	now += 50;
	balance_slow(&c, a, 100);
	is_int((long long)c.stats.slowed, 1,
	    "an endpoint that is slowed already is not counted again");
	is_int(balance_slow(&c, b, 0), BALANCE_TRIED,
	    "an attempt stays if the other endpoint pauses");
	is_int(b->health.pause_until, now + 250,
	    "a slowed endpoint that asks for no time pauses for 250 ms");
	now = a->health.pause_until;
	is_int(balance_slow(&c, b, 1), BALANCE_MOVES,
	    "an endpoint is free at the end of its pause");
	is_str(said(),
	    "tg-x: http://b: it was asked too much, and gets pauses: see --rpm "
	    "and --tpm, and -j for fewer at once\n",
	    "slowed endpoints are told of once");

	begin(1);
	concurrency_init(&a->limit, AT_ONCE, AT_ONCE, 1);
	a->inflight = 2;
	c.session.verbose = 1;
	balance_slow(&c, a, 100 * 1000);
	is_str(said(), "tg-x: http://a: asked too much, pauses 100.0 s\n",
	    "-v tells that an endpoint is slowed, and for how long");
	concurrency_init(&a->limit, AT_ONCE, AT_ONCE, 1);
	c.o.jobs_auto = 1;
	balance_slow(&c, a, 1500);
	is_str(said(),
	    "tg-x: http://a: 2 requests at once, it was asked too much\n",
	    "-j auto tells of the lowered limit");
}

static void
failures(void)
{
	struct attempt *k;
	long long since;
	int i;

	begin(2);
	k = fly(0, a);
	fly(1, a);
	now++;
	is_int(balance_failed(&c, k, "bad", 0), BALANCE_TRIED,
	    "a first failure is a try");
	is_int(balance_failed(&c, k, "bad", 0), BALANCE_TRIED,
	    "a second failure is a try");
	is_int(a->health.state, ENDPOINT_UP,
	    "two failures do not eject an endpoint");
	is_int(balance_failed(&c, k, "bad", 0), BALANCE_MOVES,
	    "an attempt moves at the third failure in a row");
	is_int(a->health.state, ENDPOINT_EJECTED,
	    "three failures in a row eject an endpoint");
	is_str(said(), "tg-x: http://a: bad; ejected for now\n",
	    "a message tells that an endpoint is ejected");
	ok(a->health.warned, "the user knows of the ejected endpoint");
	is_int(a->health.pause_until, now + 5000,
	    "the first probe comes after 5 s");
	now += 10;
	is_int(balance_failed(&c, &sent[1], "bad", 0), BALANCE_MOVES,
	    "an attempt moves from an ejected endpoint");
	is_int(a->health.probe_ms, 5000,
	    "an attempt from before the ejection is no probe");
	for (i = 0; i < 5; i++) {
		now = a->health.pause_until;
		fly(2, a);
		now++;
		balance_failed(&c, &sent[2], "bad", 0);
		TAILQ_REMOVE(&c.attempts.flying, &sent[2], link);
	}
	is_int(a->health.probe_ms, 60 * 1000,
	    "probes of a server that listens become rarer, up to a minute");
	is_str(said(), "", "probes that fail make no message");

	begin(2);
	k = fly(0, a);
	health_eject(&a->health, now, 5000, 60 * 1000);
	now += 10;
	balance_failed(&c, k, "bad", 0);
	is_int(a->health.probe_ms, 5000,
	    "an attempt from the moment of the ejection is no probe");

	begin(1);
	health_eject(&a->health, now, 5000, 60 * 1000);
	now = a->health.pause_until;
	k = fly(0, a);
	now++;
	is_int(balance_failed(&c, k, "away", 1), BALANCE_WAITS,
	    "an attempt waits when the probe of the only endpoint fails");
	is_int(a->health.state, ENDPOINT_EJECTED,
	    "the only endpoint stays ejected when its probe fails");
	now = a->health.pause_until;
	k->sent_at = now++;
	is_int(balance_failed(&c, k, "bad", 0), BALANCE_TRIED,
	    "an error of the server itself is a try");
	is_int(a->health.state, ENDPOINT_UP,
	    "an error of the server itself readmits the only endpoint");

	/* the only endpoint, behind a gateway */
	begin(1);
	for (i = 0; i < 4; i++)
		fly((size_t)i, a);
	now++;
	is_int(balance_failed(&c, &sent[0], "bad", 0), BALANCE_TRIED,
	    "a failure of the only endpoint is a try");
	for (i = 0; i < 4; i++)
		balance_failed(&c, &sent[0], "away", 1);
	is_int(a->health.state, ENDPOINT_UP,
	    "one job that fails over and over ejects no only endpoint");
	begin(1);
	for (i = 0; i < 4; i++)
		fly((size_t)i, a);
	now++;
	c.session.last_answer = 0;
	for (i = 0; i < 4; i++) {
		TAILQ_REMOVE(&c.attempts.flying, &sent[i], link);
		a->inflight--;
		balance_failed(&c, &sent[i], "away", 1);
	}
	is_int(a->health.state, ENDPOINT_UP,
	    "an only endpoint that never answered is not ejected");
	begin(1);
	since = now;
	for (i = 0; i < 4; i++)
		fly((size_t)i, a);
	now++;
	for (i = 0; i < 3; i++) {
		TAILQ_REMOVE(&c.attempts.flying, &sent[i], link);
		a->inflight--;
		is_int(balance_failed(&c, &sent[i], "away", 1), BALANCE_TRIED,
		    "the only endpoint is not away while attempts from before "
		    "are out");
	}
	TAILQ_REMOVE(&c.attempts.flying, &sent[3], link);
	a->inflight--;
	is_int(balance_failed(&c, &sent[3], "away", 1), BALANCE_WAITS,
	    "an attempt waits once all that were out have failed");
	ok(a->health.state == ENDPOINT_EJECTED &&
		c.session.state == SESSION_WAITING,
	    "the only endpoint is ejected and waited for");
	is_int(c.session.since, now, "the wait begins now");
	ok(since < now && *said() == '\0',
	    "the first failure of the only endpoint makes no message");
}

static void
waits(void)
{
	struct attempt *k;
	long long began;
	int i;

	begin(1);
	c.session.met = 0;
	k = fly(0, a);
	now++;
	is_int(balance_unreachable(&c, k, "gone"), BALANCE_TRIED,
	    "the only endpoint is not waited for before any server was met");
	is_int(a->health.state, ENDPOINT_UP,
	    "the only endpoint is not ejected before any server was met");
	c.session.met = 1;
	is_int(balance_unreachable(&c, k, "gone"), BALANCE_WAITS,
	    "an attempt waits for the only endpoint");
	began = now;
	is_int(a->health.pause_until, now + 1000,
	    "the only endpoint is probed after 1 s");
	is_str(said(), "", "the first failure makes no message");
	now = a->health.pause_until;
	fly(1, a);
	now++;
	is_int(balance_unreachable(&c, k, "gone"), BALANCE_WAITS,
	    "an attempt from before the ejection waits, too");
	is_int(a->health.probe_ms, 1000,
	    "an attempt from before the ejection is no probe");
	balance_unreachable(&c, &sent[1], "gone");
	is_int(a->health.pause_until, now + 2000,
	    "the next probe comes after twice as long");
	is_str(said(),
	    "tg-x: http://a: gone; waiting, trying again every few seconds "
	    "for up to 60 s (--retry-time)\n",
	    "a message tells of the wait when a probe has failed");
	ok(c.session.warned_waiting && a->health.warned,
	    "the user knows of the wait");
	for (i = 0; i < 5; i++) {
		now = a->health.pause_until;
		sent[1].sent_at = now;
		now++;
		balance_unreachable(&c, &sent[1], "gone");
	}
	is_str(said(), "", "the message is not repeated");
	is_int(a->health.probe_ms, 15 * 1000,
	    "probes of the only endpoint become rarer, up to 15 s");
	now = began + PATIENCE_MS - 100;
	sent[1].sent_at = now - 1;
	balance_unreachable(&c, &sent[1], "gone");
	is_int(a->health.pause_until, began + PATIENCE_MS,
	    "the last probe comes at the end of the wait");
	now = began + PATIENCE_MS;
	sent[1].sent_at = now - 1;
	balance_unreachable(&c, &sent[1], "gone");
	is_str(c.session.why, "http://a: gone, for 60 s",
	    "the session ends at the end of the wait");

	begin(1);
	k = fly(0, a);
	now++;
	a->health.state = ENDPOINT_DISABLED;
	is_int(balance_unreachable(&c, k, "gone"), BALANCE_WAITS,
	    "an attempt of a disabled endpoint waits");
	is_int(c.session.state, SESSION_SERVING,
	    "a disabled endpoint is not waited for");

	/* the other endpoint serves, or does not */
	begin(2);
	k = fly(0, a);
	now++;
	is_int(balance_unreachable(&c, k, "gone"), BALANCE_MOVES,
	    "an attempt moves to the endpoint that serves");
	is_int(a->health.state, ENDPOINT_EJECTED,
	    "an endpoint without a listener is ejected at once");
	now = a->health.pause_until;
	fly(1, a);
	now++;
	balance_unreachable(&c, &sent[1], "gone");
	is_int(a->health.probe_ms, 5000,
	    "probes where nobody listens do not become rarer");
	balance_unreachable(&c, k, "gone");
	is_int(a->health.pause_until, now + 5000,
	    "an attempt from before the ejection delays no probe");
	begin(2);
	c.session.met = 0;
	health_eject(&b->health, now, 10, 10);
	k = fly(0, a);
	now++;
	is_int(balance_unreachable(&c, k, "gone"), BALANCE_TRIED,
	    "a failure is a try if no endpoint serves and none was met");
	is_int(a->health.state, ENDPOINT_EJECTED,
	    "an endpoint without a listener is ejected before any was met");
	begin(2);
	health_eject(&b->health, now, 10, 10);
	k = fly(0, a);
	now++;
	is_int(balance_unreachable(&c, k, "gone"), BALANCE_WAITS,
	    "an attempt waits for the last endpoint that served");
	begin(1);
	balance_eject(&c, a, "gone", 0);
	is_str(said(), "tg-x: http://a: gone; trying again\n",
	    "the message of an only endpoint does not tell of an ejection");
	a->health.warned = 0;
	balance_eject(&c, a, "gone", 0);
	ok(*said() == '\0' && !a->health.warned,
	    "an endpoint that is ejected again makes no message");
	a->health.state = ENDPOINT_DISABLED;
	balance_eject(&c, a, "gone", 0);
	ok(*said() == '\0' && !a->health.warned,
	    "a disabled endpoint is not ejected");
}

static void
returns(void)
{
	int i;

	begin(2);
	balance_eject(&c, a, "gone", 0);
	now += 3000;
	balance_eject(&c, a, "gone", 0);
	said();
	balance_present(&c, a);
	is_int(a->health.state, ENDPOINT_EJECTED,
	    "an endpoint that is there stays ejected while another serves");
	balance_answered(&c, a, -1);
	is_int(a->health.state, ENDPOINT_UP,
	    "an endpoint that answers is readmitted");
	is_str(said(), "tg-x: http://a: answers again after 3 s\n",
	    "a message tells that an endpoint answers again");
	concurrency_init(&a->limit, 1, AT_ONCE, 0);
	balance_answered(&c, a, -1);
	is_str(said(), "", "an endpoint that was never away makes no message");
	is_int(concurrency_limit(&a->limit), 1,
	    "an answer without a latency changes no limit");

	begin(1);
	a->health.failures = a->health.failed_jobs = 2;
	session_enter(&c.session, SESSION_WAITING, now);
	health_eject(&a->health, now, 10, 10);
	now += 20;
	balance_present(&c, a);
	ok(a->health.state == ENDPOINT_UP && c.session.state == SESSION_SERVING,
	    "an only endpoint that is there is readmitted");
	is_int(c.session.since, now, "the session serves from now on");
	is_str(said(), "", "an unknown ejection makes no message");
	is_int(a->health.failures, 2,
	    "an endpoint that is there keeps its failures");
	balance_answered(&c, a, -1);
	is_int(a->health.failures, 0, "an answer ends the failures in a row");

	concurrency_init(&a->limit, 1, 8, 1);
	c.session.verbose = 1;
	balance_answered(&c, a, 0);
	ok(a->limit.seen == 1 && *said() == '\0',
	    "an answer with a latency of 0 ms counts for the limit");
	for (i = 0; i < 1000 && concurrency_limit(&a->limit) == 1; i++) {
		now += 20;
		balance_answered(&c, a, 100);
	}
	is_str(said(),
	    "tg-x: http://a: 2 requests at once, to see how that "
	    "goes\n",
	    "-v tells of a new limit");
}

static void
disables(void)
{
	begin(3);
	is_int(balance_disable(&c, a, "bad key"), 1,
	    "an endpoint is disabled while others are left");
	is_str(said(), "tg-x: http://a: bad key; not asked any more\n",
	    "a message tells that an endpoint is disabled");
	is_int(balance_disable(&c, a, "bad key"), 1,
	    "an endpoint can be disabled again");
	is_str(said(), "",
	    "an endpoint that is disabled again makes no "
	    "message");
	is_int(
	    balance_disable(&c, b, "bad key"), 1, "a third endpoint is left");
	is_int(c.session.state, SESSION_SERVING,
	    "the session goes on with the third endpoint");
	said();
	is_int(balance_disable(&c, &ends[2], "worse"), 0,
	    "no endpoint is left after the last");
	is_str(c.session.why, "http://c: worse",
	    "the session ends with the last endpoint");
	is_str(said(), "", "the last endpoint makes no message of its own");
	begin(2);
	ends[2].health.state = ENDPOINT_DISABLED; /* it is none of the two */
	balance_disable(&c, a, "bad key");
	balance_disable(&c, b, "bad key");
	is_int(c.session.state, SESSION_STOPPING,
	    "the session ends with the second of two endpoints");
	begin(2);
	session_halt(&c.session, "over");
	is_int(balance_disable(&c, a, "bad key"), 0,
	    "a stopped session goes to no other endpoint");
	is_int(
	    a->health.state, ENDPOINT_UP, "a stopped session disables nothing");
}

int
main(void)
{
	io_program = "tg-x";
	picks();
	rooms();
	slows();
	failures();
	waits();
	returns();
	disables();
	limits_free(c.limits);
	return done();
}
