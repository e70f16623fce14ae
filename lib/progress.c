/* progress: how far it is, on stderr */
#include "progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "io.h"

enum { REDRAW_MS = 200, LINE_MS = 60 * 1000, WIDTH = 80 };

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int
is_set(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && *v != '\0';
}

void
progress_init(struct progress *p, const char *tool)
{
	const char *term = getenv("TERM");

	*p = (struct progress){ .tool = tool, .start = now_ms() };
	p->tty = isatty(STDERR_FILENO);
	p->escapes = p->tty && !is_set("NO_COLOR") && term != NULL &&
		     strcmp(term, "dumb") != 0;
	p->next = p->start + (p->tty ? REDRAW_MS : LINE_MS);
}

double
progress_seconds(const struct progress *p)
{
	return (double)(now_ms() - p->start) / 1000;
}

int
progress_due(struct progress *p)
{
	long long now = now_ms();

	if (now < p->next)
		return 0;
	p->next = now + (p->tty ? REDRAW_MS : LINE_MS);
	return 1;
}

static size_t
width(void)
{
	struct winsize w;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == -1 || w.ws_col < 2)
		return WIDTH;
	return w.ws_col;
}

static void
put(struct buf *b)
{
	/* if stderr is gone there is nobody to tell */
	(void)io_write(STDERR_FILENO, buf_span(b));
	buf_free(b);
}

/* Append the line to b, over the one that is shown. */
static void
draw(struct progress *p, struct buf *b, const char *text)
{
	struct buf line = { 0 };
	size_t max = width() - 1, n;

	buf_fmt(&line, "%s: %s", p->tool, text);
	if (line.n > max)
		line.n = max;
	n = line.n;
	buf_addc(b, '\r');
	buf_addspan(b, buf_span(&line));
	if (p->escapes)
		buf_adds(b, "\033[K");
	else
		for (; n < p->shown && n < max; n++)
			buf_addc(b, ' ');
	p->shown = line.n;
	buf_free(&line);
}

void
progress_show(struct progress *p, const char *text)
{
	struct buf b = { 0 };

	if (!p->tty) {
		io_warn(p->tool, "%s", text);
		return;
	}
	draw(p, &b, text);
	put(&b);
}

void
progress_clear(struct progress *p)
{
	struct buf b = { 0 };

	if (p->shown == 0)
		return;
	buf_addc(&b, '\r');
	if (p->escapes) {
		buf_adds(&b, "\033[K");
	} else {
		while (p->shown-- > 0)
			buf_addc(&b, ' ');
		buf_addc(&b, '\r');
	}
	p->shown = 0;
	put(&b);
}

void
progress_end(struct progress *p, const char *text)
{
	progress_clear(p);
	io_warn(p->tool, "%s", text);
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
