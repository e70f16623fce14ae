/* session: the table of its states, reasons and backoff */
#include "chat/session.h"

#include "tap.h"

static const char *const names[SESSION_STATES] = { "NEW", "SERVING", "WAITING",
	"STOPPING" };

/* The table of session.h: y where a transition is legal. */
static const char table[SESSION_STATES][SESSION_STATES + 1] = {
	"-y-y", /* from NEW to NEW, SERVING, WAITING, STOPPING */
	"--yy", /* from SERVING */
	"-y-y", /* from WAITING */
	"----", /* from STOPPING */
};

static void
walk_table(void)
{
	struct session s;
	int from, to, legal;

	for (from = 0; from < SESSION_STATES; from++)
		for (to = 0; to < SESSION_STATES; to++) {
			s = (struct session){ .state = from, .since = 1 };
			legal = table[from][to] == 'y';
			ok(session_enter(&s, to, 5) == legal &&
				(int)s.state == (legal ? to : from) &&
				s.since == (legal ? 5 : 1),
			    "%s to %s is %s", names[from], names[to],
			    legal ? "made" : "refused");
		}
}

static void
reasons(void)
{
	struct session s = { .state = SESSION_SERVING, .warned_waiting = 1 };

	ok(!session_stops(&s), "a session that serves does not stop");
	session_enter(&s, SESSION_WAITING, 1);
	ok(!session_stops(&s) && !s.warned_waiting,
	    "a session that waits does not stop, and nobody was warned");
	session_halt(&s, "reason %d", 1);
	session_halt(&s, "reason %d", 2);
	ok(session_stops(&s), "a halted session stops");
	is_str(s.why, "reason 1", "a halted session keeps its first reason");
	s = (struct session){ .state = SESSION_NEW };
	session_halt_unserved(&s, "URL", "refused");
	is_str(s.why,
	    "no LLM service answers at URL (refused); start one, or name yours "
	    "with -u or OPENAI_BASE_URL",
	    "the reason says what to do if nobody answers");
}

static void
backoff(void)
{
	long long most, ms;
	int i, bad = 0;

	for (i = 0; i < 40; i++) {
		most = 500LL << (i < 4 ? i : 4);
		ms = session_backoff_ms(i);
		bad += ms > most || ms < most * 3 / 4;
	}
	is_int(bad, 0, "the backoff doubles from 0.5 s to 8 s, less a quarter");
}

int
main(void)
{
	walk_table();
	reasons();
	backoff();
	return done();
}
