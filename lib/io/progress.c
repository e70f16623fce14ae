/* progress: how far a program is, on stderr */
#include "io/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/io.h"

enum { REDRAW_MS = 200, MESSAGE_MS = 60 * 1000, COLUMNS = 80 };

void
progress_init(struct progress *p, const char *tool)
{
	*p = (struct progress){ .tool = tool, .start = clock_ms() };
	p->tty = isatty(STDERR_FILENO);
	p->escapes = io_escapes();
	p->next = p->start + (p->tty ? REDRAW_MS : MESSAGE_MS);
}

double
progress_seconds(const struct progress *p)
{
	return (double)(clock_ms() - p->start) / 1000;
}

int
progress_due(struct progress *p)
{
	long long now = clock_ms();

	if (now < p->next && !p->last)
		return 0;
	p->next = now + (p->tty ? REDRAW_MS : MESSAGE_MS);
	return 1;
}

/* Return how many columns the terminal on stderr has. */
static int
columns(void)
{
	struct winsize w = { 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == -1 || w.ws_col < 2)
		return COLUMNS;
	return w.ws_col;
}

/* Draw line over the status line; an empty line erases it. */
static void
draw_line(struct progress *p, const char *line)
{
	struct buf b = { 0 };
	size_t start, n;
	int room = columns() - 1;

	buf_adds(&b, p->escapes ? "\r\033[K" : "\r");
	start = b.n;
	buf_fmt(&b, "%.*s", room, line);
	n = b.n - start;
	/* without escape sequences spaces erase the rest of the line before */
	while (!p->escapes && b.n - start < (size_t)p->shown &&
	       b.n - start < (size_t)room)
		buf_addc(&b, ' ');
	buf_addc(&b, '\r');
	p->shown = (int)n;
	/* nobody can be told that stderr is gone */
	(void)io_write(STDERR_FILENO, buf_span(&b));
	buf_free(&b);
}

void
progress_clear(struct progress *p)
{
	if (p->shown > 0)
		draw_line(p, "");
}

void
progress_show(struct progress *p, const char *text)
{
	struct buf line = { 0 };

	if (p->last)
		progress_clear(p);
	if (p->last || !p->tty) {
		io_warn(p->tool, "%s", text);
		return;
	}
	buf_fmt(&line, "%s: %s", p->tool, text);
	draw_line(p, buf_cstr(&line));
	buf_free(&line);
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
