/* progress: how far a program is, on stderr */
#include "io/progress.h"

#include <unistd.h>

#include "base/clock.h"
#include "io/io.h"

enum { REDRAW_MS = 200, MESSAGE_MIN_MS = 5 * 1000, MESSAGE_MAX_MS = 60 * 1000 };

/* Return the time to the next line of p, which has run for so long, in ms. */
static long long
interval_ms(long long run)
{
	long long message = run / 8;

	if (isatty(STDERR_FILENO))
		return REDRAW_MS;
	if (message < MESSAGE_MIN_MS)
		return MESSAGE_MIN_MS;
	return message < MESSAGE_MAX_MS ? message : MESSAGE_MAX_MS;
}

void
progress_init(struct progress *p, const char *name)
{
	*p = (struct progress){ .name = name, .start = clock_real_ms() };
	p->next = p->start + interval_ms(0);
}

double
progress_seconds(const struct progress *p)
{
	return (double)(clock_real_ms() - p->start) / 1000;
}

int
progress_due(struct progress *p)
{
	long long now = clock_real_ms();

	if (now < p->next && !p->last)
		return 0;
	p->next = now + interval_ms(now - p->start);
	return 1;
}

void
progress_show(const struct progress *p, const char *text)
{
	if (isatty(STDERR_FILENO) && !p->last)
		io_status(p->name, text);
	else
		io_message(p->name, text);
}

void
progress_time(struct buf *b, double seconds)
{
	long long s = seconds < 0     ? 0
		      : seconds > 1e9 ? 1000000000
				      : (long long)(seconds + 0.5);

	if (s >= 3600)
		buf_fmt(b, "%lldh%02lldm", s / 3600, s / 60 % 60);
	else if (s >= 60)
		buf_fmt(b, "%lldm%02llds", s / 60, s % 60);
	else
		buf_fmt(b, "%llds", s);
}
