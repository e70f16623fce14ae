/* session: the state of a whole run */
#include "chat/session.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "io/io.h"
#include "io/once.h"

enum {
	TIMEOUTS_TOLD = 3, /* time-outs before the user is told */
	RETRIES_TOLD = 3,  /* retries for other reasons before that */
	LOOK_MS = 200,     /* time between looks for a cancellation */
};

int
session_enter(struct session *s, enum session_state to, long long now)
{
	if (s->state == to || to == SESSION_NEW ||
	    s->state == SESSION_STOPPING ||
	    (s->state == SESSION_NEW && to == SESSION_WAITING))
		return 0;
	s->state = to;
	s->since = now;
	s->warned_waiting = 0;
	return 1;
}

int
session_stops(const struct session *s)
{
	return s->state == SESSION_STOPPING;
}

void
session_tell(struct session *s, const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	if (!s->verbose)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	io_warn("%s", text);
}

void
session_halt(struct session *s, const char *fmt, ...)
{
	va_list ap;

	if (!session_enter(s, SESSION_STOPPING, clock_ms()))
		return;
	va_start(ap, fmt);
	vsnprintf(s->why, sizeof s->why, fmt, ap);
	va_end(ap);
}

void
session_halt_unserved(struct session *s, const char *url, const char *what)
{
	if (s->met)
		session_halt(s,
		    "%s: %s; where it has no list of models, name one with -m",
		    url, what);
	else
		session_halt(s,
		    "no LLM service answers at %s (%s); start one, or name "
		    "yours with -u or OPENAI_BASE_URL%s",
		    url, what, s->advice != NULL ? s->advice : "");
}

void
session_note_timeout(struct session *s, const char *url, long ms, int is_last)
{
	s->timeouts += !is_last;
	if (s->warned_timeouts || (s->timeouts < TIMEOUTS_TOLD && !is_last))
		return;
	s->warned_timeouts = 1;
	if (once_due("timeouts", 0))
		io_warn("%s: %d request%s timed out after %g s: see --timeout, "
			"and -j "
			"for fewer at once",
		    url, s->timeouts, s->timeouts == 1 ? "" : "s",
		    (double)ms / 1000);
}

void
session_note_retry(struct session *s, const char *url, const char *what)
{
	if (++s->retried == RETRIES_TOLD && once_due("retries", 0))
		io_warn("%s: %s; %d requests so far go again after a while: "
			"see --retries and --retry-time, and -v for each",
		    url, what, s->retried);
}

void
session_note_limited(struct session *s, const char *url)
{
	if (++s->limited == RETRIES_TOLD && once_due("limited", 0))
		io_warn("%s: it was asked too much, and gets pauses: see --rpm "
			"and --tpm, and -j for fewer at once",
		    url);
}

long long
session_backoff_ms(int tries)
{
	long long ms = 500LL << (tries < 4 ? tries : 4);

	/* chance keeps clients from retrying in step */
	return ms - random() % (ms / 4 + 1);
}

void
session_rest(long long ms, int (*cancelled)(void))
{
	long long until = clock_ms() + ms, left;

	while ((left = until - clock_ms()) > 0 && !cancelled())
		poll(NULL, 0, left < LOOK_MS ? (int)left : LOOK_MS);
}
