/* progress: how far a program is, on stderr */
#include "io/progress.h"

#include <unistd.h>

#include "base/clock.h"
#include "io/io.h"

enum { REDRAW_MS = 200, MESSAGE_MS = 60 * 1000 };

static int
interval_ms(void)
{
	return isatty(STDERR_FILENO) ? REDRAW_MS : MESSAGE_MS;
}

void
progress_init(struct progress *p, const char *name)
{
	*p = (struct progress){ .name = name, .start = clock_real_ms() };
	p->next = p->start + interval_ms();
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
	p->next = now + interval_ms();
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
