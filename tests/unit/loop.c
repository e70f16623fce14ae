/* loop: the table of tg-llm's states */
#include "tg-llm/loop.h"

#include "tap.h"

static const char *const names[LOOP_STATES] = { "RUNNING", "DRAINING", "CUT",
	"LEAVING" };

/* The table of loop.h: y where a transition is legal. */
static const char table[LOOP_STATES][LOOP_STATES + 1] = {
	"-y--", /* from RUNNING to RUNNING, DRAINING, CUT, LEAVING */
	"-yyy", /* from DRAINING */
	"--yy", /* from CUT */
	"----", /* from LEAVING */
};

int
main(void)
{
	struct llm l;
	int from, to, legal;

	for (from = 0; from < LOOP_STATES; from++)
		for (to = 0; to < LOOP_STATES; to++) {
			l = (struct llm){ .state = from, .until = 1 };
			legal = table[from][to] == 'y';
			ok(loop_enter(&l, to, 5) == legal &&
				(int)l.state == (legal ? to : from) &&
				l.until == (legal ? 5 : 1),
			    "%s to %s is %s", names[from], names[to],
			    legal ? "made" : "refused");
		}
	return done();
}
