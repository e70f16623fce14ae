/* health: the table of an endpoint's states, pauses and probes */
#include "pace/health.h"

#include "tap.h"

static const char *const names[ENDPOINT_STATES] = { "UP", "EJECTED", "DISABLED",
	"LEFT" };

/* The table of health.h: y where a transition is legal. */
static const char table[ENDPOINT_STATES][ENDPOINT_STATES + 1] = {
	"-yyy", /* from UP to UP, EJECTED, DISABLED, LEFT */
	"yyyy", /* from EJECTED */
	"---y", /* from DISABLED */
	"y---", /* from LEFT */
};

static void
walk_table(void)
{
	struct health h;
	int from, to, legal;

	for (from = 0; from < ENDPOINT_STATES; from++)
		for (to = 0; to < ENDPOINT_STATES; to++) {
			h = (struct health){ .state = from, .since = 1 };
			legal = table[from][to] == 'y';
			ok(health_enter(&h, to, 5) == legal &&
				(int)h.state == (legal ? to : from) &&
				h.since == (legal ? 5 : 1),
			    "%s to %s is %s", names[from], names[to],
			    legal ? "made" : "refused");
		}
}

static void
probes(void)
{
	struct health h = { .state = ENDPOINT_UP };
	long long t = 1000;
	int i;

	for (i = 0; i < 5; i++) {
		ok(health_eject(&h, t, 100, 900),
		    "a failing endpoint is ejected");
		is_int(h.pause_until - t, i < 4 ? 100 << i : 900,
		    i < 4 ? "the time to the next probe doubles"
			  : "the time to the next probe stops at its maximum");
		t = h.pause_until;
	}
	is_int(h.ejected_since, 1000, "the first ejection is remembered");
	health_enter(&h, ENDPOINT_UP, t);
	ok(h.pause_until == 0 && h.state == ENDPOINT_UP,
	    "a readmitted endpoint may be asked at once");
	health_eject(&h, t, 100, 900);
	is_int(h.pause_until - t, 100,
	    "the ejection after that begins with the first pause");
	health_enter(&h, ENDPOINT_DISABLED, t);
	ok(!health_eject(&h, t, 100, 900) && h.state == ENDPOINT_DISABLED,
	    "a disabled endpoint is not ejected");
}

static void
slowed(void)
{
	struct health h = { .state = ENDPOINT_UP };

	ok(health_slow(&h, 1000, 250), "an endpoint is slowed");
	ok(!health_slow(&h, 1100, 250),
	    "an endpoint that is slowed cannot be slowed again");
	is_int(h.pause_until, 1350, "a second pause while slowed still counts");
	health_pause(&h, 1100, 10);
	is_int(h.pause_until, 1350,
	    "a shorter pause does not shorten a longer one");
	ok(!health_slow(&h, 1999, 1),
	    "a slowed endpoint stays so for a second");
	ok(health_slow(&h, 2000, 1),
	    "a slowed endpoint is slowed no more after a second");
	ok(health_slow(&h, 3000, 5000),
	    "an endpoint is slowed for a longer pause");
	ok(!health_slow(&h, 7999, 1),
	    "a longer pause keeps the endpoint slowed for longer");
	health_eject(&h, 7999, 100, 900);
	ok(!health_slow(&h, 8000, 5000) && h.state == ENDPOINT_EJECTED &&
		h.pause_until == 13000,
	    "an ejected endpoint that is asked to pause stays ejected");
	health_slow(&h, 8000, 5000);
	health_enter(&h, ENDPOINT_UP, 8100);
	ok(health_slow(&h, 8200, 10), "a readmitted endpoint is not slowed");
}

static void
failures(void)
{
	struct health h = { .state = ENDPOINT_UP };
	int a, b;

	health_fail(&h, 10);
	health_fail(&h, 20);
	ok(h.failures == 2 && h.failing_since == 10, "failures are counted");
	ok(health_blame(&h, &a, 1) && !health_blame(&h, &a, 0) &&
		health_blame(&h, &b, 1) && health_blame(&h, &a, 0) &&
		h.failed_jobs == 2,
	    "jobs that fail are counted once, and told apart");
	health_forget_failures(&h);
	ok(h.failures == 0 && h.failed_jobs == 0 && health_blame(&h, &a, 0),
	    "an answer ends the count of failures");
}

/* Note refusals of requests n, n + 1 and so on; return whether it is suspect.
 */
static int
refuse(struct health *h, unsigned long n, const char *const *reasons,
    int is_service)
{
	for (; *reasons != NULL; reasons++)
		health_refuse(h, n++, *reasons, is_service);
	return health_is_suspect(h);
}

static struct health
unproven(void)
{
	return (struct health){ .state = ENDPOINT_UP };
}

/* Test which reasons are alike. */
static void
reasons(void)
{
	static const struct {
		const char *said[4];
		int are_alike;
	} all[] = {
		{ { "key", "key" }, 0 },
		{ { "key", "key", "key" }, 1 },
		{ { "key", "model", "key" }, 0 },
		{ { "request 7: no", "request 123: no", "request 45: no" }, 1 },
		{ { "no (9f3a-00b1)", "no (be7c-1d)", "no (0a)" }, 1 },
		{ { "at 10:15:30.5Z: no", "at 9:01:02Z: no", "at 7Z: no" }, 1 },
		{ { "can't do \"a b\"", "can't do \"c\"", "can't do \"\"" },
		    1 },
		{ { "'a' is no", "'b' is no", "`c` is no" }, 1 },
		{ { "can't a", "can't b", "can't c" }, 0 },
		{ { "\"", "`", "a1-" }, 0 },
		{ { "", "", "" }, 1 },
	};
	struct health h;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		h = unproven();
		is_int(refuse(&h, 1, all[i].said, 0), all[i].are_alike,
		    "reasons of row %zu are %salike", i,
		    all[i].are_alike ? "" : "not ");
	}
}

/* Test when refusals make an endpoint suspect. */
static void
refusals(void)
{
	static const char *const alike[] = { "key", "key", "key", NULL };
	static const char *const all_differ[] = { "a", "b", "c", "d", "e", "f",
		"g", "h", "i", NULL };
	static const char *const two[] = { "key", "key", NULL };
	struct health h = unproven();

	ok(!refuse(&h, 1, all_differ, 0),
	    "nine refusals for as many reasons make nobody suspect");
	health_refuse(&h, 10, "j", 0);
	ok(health_is_suspect(&h),
	    "ten make an endpoint suspect that never served");
	h = unproven();
	health_prove(&h, 7);
	is_int((long long)h.proven_by, 7, "the number of a proof is kept");
	health_prove(&h, 6);
	is_int((long long)h.proven_by, 7, "an earlier proof changes nothing");
	refuse(&h, 8, all_differ, 0);
	ok(!refuse(&h, 20, all_differ, 0),
	    "words about one request say nothing of a proven endpoint");
	ok(!refuse(&h, 8, all_differ, 1),
	    "nine refusals in a row do not make it suspect");
	health_refuse(&h, 17, "model", 1);
	ok(health_is_suspect(&h), "ten in a row do, for whatever reasons");
	health_prove(&h, 8);
	ok(health_is_suspect(&h),
	    "an answer to what was sent before the row does not end it");
	health_prove(&h, 9);
	ok(!health_is_suspect(&h) && h.row == 0,
	    "an answer to what was sent after its first does");
	health_enter(&h, ENDPOINT_LEFT, 9);
	health_enter(&h, ENDPOINT_UP, 10);
	ok(h.proven_by == 0 && h.row == 0,
	    "an endpoint that left and comes back has to prove itself again");
	h = unproven();
	refuse(&h, 1, two, 1);
	health_prove(&h, 4);
	ok(!refuse(&h, 5, alike, 1),
	    "three refusals alike do not make a proven endpoint suspect");
}

int
main(void)
{
	reasons();
	refusals();
	walk_table();
	probes();
	slowed();
	failures();
	return done();
}
