/* session: what a whole run is told, why it ends, and how long it waits */
#include "chat/chat-in.h"

#include <stdarg.h>
#include <stdio.h>

#include "io/io.h"

void
chat_tell(struct chat *c, const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	if (!c->o.verbose)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	io_warn(c->o.tool, "%s", text);
}

void
chat_halt(struct chat *c, const char *fmt, ...)
{
	va_list ap;

	if (c->stopping)
		return;
	va_start(ap, fmt);
	vsnprintf(c->stopped, sizeof c->stopped, fmt, ap);
	va_end(ap);
	c->stopping = 1;
}

void
chat_nobody_there(struct chat *c, const char *url, const char *what)
{
	if (c->met)
		chat_halt(c,
		    "%s: %s; where it has no list of models, name one with -m",
		    url, what);
	else
		chat_halt(c,
		    "no LLM service answers at %s (%s); start one, or name "
		    "yours with -u or OPENAI_BASE_URL",
		    url, what);
}

long long
chat_backoff_ms(struct chat *c, int tries)
{
	double s = 0.5 * (double)(1 << (tries < 5 ? tries : 5));

	/* xorshift64: only to keep clients from retrying in step */
	c->jitter ^= c->jitter << 13;
	c->jitter ^= c->jitter >> 7;
	c->jitter ^= c->jitter << 17;
	if (s > 8)
		s = 8;
	return (long long)(s * 1000 *
			   (1 - 0.25 * (double)(c->jitter >> 11) / 0x1p53));
}
