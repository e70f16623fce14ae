/* watch: says what a run waits for while nothing is answered */
#include "base/clock.h"
#include "chat/chat-in.h"
#include "io/io.h"
#include "io/once.h"

enum {
	SILENCE_MS = 20 * 1000, /* time without an answer that is told, ms */
	AGAIN_S = 300, /* time after which another program tells of it, s */
	FIRST_MS = 5 * 1000, /* time of a first answer that is told, ms */
};

void
watch_first(struct chat *c, const struct endpoint *e, long ms)
{
	if (c->stats.answered_calls == 1 && ms >= FIRST_MS &&
	    once_due("first", 0))
		io_warn("%s: the first answer took %.0f s", e->url,
		    (double)ms / 1000);
}

void
watch_silence(struct chat *c, long long now, long long *wait)
{
	const struct attempt *oldest = TAILQ_FIRST(&c->attempts.flying);
	const struct endpoint *e;
	long long since, left;
	unsigned n = 0;

	if (oldest == NULL || session_stops(&c->session))
		return;
	since = c->session.last_answer > oldest->sent_at
		    ? c->session.last_answer
		    : oldest->sent_at;
	if (c->silence_ms == 0)
		c->silence_ms = SILENCE_MS;
	left = since + c->silence_ms - now;
	if (left > 0) {
		if (left < *wait)
			*wait = left;
		return;
	}
	/* a run that goes on for days is not told every minute */
	c->silence_ms *= 2;
	for (e = c->ends; e < c->ends + c->nends; e++)
		n += e->inflight;
	if (once_due("silence", AGAIN_S))
		io_warn("%s: %u request%s in flight, the oldest for %lld s; "
			"the server is slow: --timeout %g applies, and -j asks "
			"for fewer at once",
		    oldest->at->url, n, n == 1 ? "" : "s",
		    (now - oldest->sent_at) / 1000,
		    (double)c->o.timeout_ms / 1000);
}
