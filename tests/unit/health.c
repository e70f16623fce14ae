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
	ok(health_blame(&h, &a) && !health_blame(&h, &a) &&
		health_blame(&h, &b) && h.failed_jobs == 2,
	    "jobs that fail in turn are counted");
	health_forget_failures(&h);
	ok(h.failures == 0 && h.failed_jobs == 0 && health_blame(&h, &b),
	    "an answer ends the count of failures");
}

/* Test whose fault refusals are. */
static void
refusals(void)
{
	struct health h = { .state = ENDPOINT_UP };
	int i, to_blame = 0;

	ok(!health_refuse(&h, "key", 1) && !health_refuse(&h, "key", 1) &&
		health_refuse(&h, "key", 1),
	    "three refusals alike are the fault of an endpoint that never "
	    "served");
	h = (struct health){ .state = ENDPOINT_UP };
	ok(!health_refuse(&h, "key", 1) && !health_refuse(&h, "model", 1) &&
		!health_refuse(&h, "key", 1) && !health_refuse(&h, "key", 1) &&
		health_refuse(&h, "key", 1),
	    "refusals for different reasons are not alike");
	h = (struct health){ .state = ENDPOINT_UP };
	ok(!health_refuse(&h, "request 7: no", 0) &&
		!health_refuse(&h, "request 123: no", 0) &&
		health_refuse(&h, "request 45: no", 0),
	    "the numbers in a reason do not matter");
	h = (struct health){ .state = ENDPOINT_UP };
	health_prove(&h, 7);
	ok(h.proven_at == 7, "the time of a proof is kept");
	for (i = 0; i < 40; i++)
		to_blame += health_refuse(&h, "no", 0);
	is_int(to_blame, 0,
	    "words about one request say nothing of a proven endpoint");
	for (i = 1; i < HEALTH_ROW; i++)
		to_blame += health_refuse(&h, "key", 1);
	is_int(to_blame, 0,
	    "nine refusals in a row are no fault of a proven "
	    "endpoint");
	ok(health_refuse(&h, "model", 1),
	    "ten refusals in a row are, for whatever reasons");
	health_prove(&h, 8);
	ok(!health_refuse(&h, "key", 1) && h.row == 1,
	    "an answer ends the row");
	health_enter(&h, ENDPOINT_LEFT, 9);
	health_enter(&h, ENDPOINT_UP, 10);
	ok(h.proven_at == 0 && h.row == 0,
	    "an endpoint that left and comes back has to prove itself again");
	h = (struct health){ .state = ENDPOINT_UP };
	health_refuse(&h, "key", 1);
	health_refuse(&h, "key", 1);
	health_prove(&h, 9);
	ok(!health_refuse(&h, "key", 1),
	    "a proof between refusals makes them no fault of the endpoint");
}

int
main(void)
{
	refusals();
	walk_table();
	probes();
	slowed();
	failures();
	return done();
}
