/* progress: how far it is, on stderr */
#include "io/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/board.h"
#include "io/io.h"

enum {
	REDRAW_MS = 200,
	LINE_MS = 60 * 1000,
	WIDTH = 80,
	HEIGHT = 24,
	LEAVE_MS = 100, /* waited for others that draw, at the end */
};

void
progress_init(struct progress *p, const char *tool)
{
	*p = (struct progress){ .tool = tool, .start = clock_ms() };
	p->tty = isatty(STDERR_FILENO);
	p->escapes = io_escapes();
	p->next = p->start + (p->tty ? REDRAW_MS : LINE_MS);
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

	if (now < p->next)
		return 0;
	p->next = now + (p->tty ? REDRAW_MS : LINE_MS);
	return 1;
}

static void
put(struct buf *b)
{
	/* if stderr is gone there is nobody to tell */
	(void)io_write(STDERR_FILENO, buf_span(b));
	buf_free(b);
}

static void
size(int *columns, int *rows)
{
	struct winsize w = { 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == -1)
		w.ws_col = w.ws_row = 0;
	*columns = w.ws_col < 2 ? WIDTH : w.ws_col;
	*rows = w.ws_row < 2 ? HEIGHT : w.ws_row;
}

/* Append as much of a line as there is room for; the columns it takes. */
static int
add_cut(struct buf *b, const char *line, int room)
{
	size_t n = b->n;

	buf_fmt(b, "%.*s", room > 0 ? room : 0, line);
	return (int)(b->n - n);
}

/* A block of lines, and back to its start. */
static void
draw_block(struct buf *b, char lines[][BOARD_TEXT], int n)
{
	int columns, rows, i, first;

	size(&columns, &rows);
	first = n >= rows ? n - rows + 1 : 0;
	buf_adds(b, "\r\033[J");
	for (i = first; i < n; i++) {
		if (i > first)
			buf_adds(b, "\r\n");
		add_cut(b, lines[i], columns - 1);
	}
	if (n - first > 1)
		buf_fmt(b, "\033[%dA", n - first - 1);
	if (n > 0)
		buf_addc(b, '\r');
}

/* "tg-llm judge: ..." without the tool: the rest tells enough of it. */
static const char *
shorter(const char *line)
{
	const char *word = strchr(line, ' '), *colon = strchr(line, ':');

	return word != NULL && word < colon ? word + 1 : line;
}

/*
 * All lines as one, which is drawn over one of so many columns; how many it
 * takes itself. Each gets an equal part of the terminal.
 */
static int
draw_line(struct buf *b, char lines[][BOARD_TEXT], int n, int over)
{
	int columns, rows, i, at = 0, space;

	size(&columns, &rows);
	buf_addc(b, '\r');
	for (i = 0; i < n; i++) {
		if (i > 0)
			at += add_cut(b, " | ", columns - 1 - at);
		at += add_cut(b, n > 1 ? shorter(lines[i]) : lines[i],
		    (columns - 1) * (i + 1) / n - at - 3 * (i + 1 < n));
	}
	for (space = at; space < over && space < columns - 1; space++)
		buf_addc(b, ' ');
	buf_addc(b, '\r');
	return at;
}

/* Append all that is to be seen: how many lines. */
static int
draw(struct progress *p, struct buf *b, long long now)
{
	char lines[BOARD_LINES][BOARD_TEXT];
	int n, over = 0;

	n = board_read(p->board, lines);
	board_when(p->board, &over);
	if (p->escapes)
		draw_block(b, lines, n);
	else
		over = draw_line(b, lines, n, over);
	board_drawn(p->board, now, over);
	return n;
}

/* Draw without others. */
static void
draw_alone(struct progress *p, struct buf *b, const char *line)
{
	char lines[1][BOARD_TEXT];

	snprintf(lines[0], BOARD_TEXT, "%s", line);
	if (p->escapes)
		draw_block(b, lines, *line != '\0');
	else
		p->shown = draw_line(b, lines, *line != '\0', p->shown);
}

/* Draw for all, unless another is drawing or just did. */
static void
draw_together(struct progress *p)
{
	long long now = clock_ms(), when;
	struct buf b = { 0 };
	int unused;

	if (!board_take(p->board, 0))
		return;
	when = board_when(p->board, &unused);
	if (when > now || now - when > REDRAW_MS * 3 / 4) {
		draw(p, &b, now);
		put(&b);
	}
	board_done(p->board);
}

void
progress_show(struct progress *p, const char *text)
{
	struct buf b = { 0 }, line = { 0 };

	if (!p->tty) {
		io_warn(p->tool, "%s", text);
		return;
	}
	if (p->board == NULL && !p->alone)
		p->alone = (p->board = board_join()) == NULL;
	buf_fmt(&line, "%s: %s", p->tool, text);
	if (p->alone) {
		draw_alone(p, &b, buf_cstr(&line));
		put(&b);
	} else {
		board_put(p->board, buf_cstr(&line));
		draw_together(p);
	}
	buf_free(&line);
}

void
progress_clear(struct progress *p)
{
	struct buf b = { 0 };
	char none[1][BOARD_TEXT];
	int over = p->shown;

	if (!p->alone && p->board == NULL)
		return;
	if (p->board != NULL)
		board_when(p->board, &over);
	if (p->escapes)
		draw_block(&b, none, 0);
	else
		p->shown = draw_line(&b, none, 0, over);
	put(&b);
}

void
progress_end(struct progress *p, const char *text)
{
	struct buf b = { 0 };
	int mine = p->board != NULL && board_take(p->board, LEAVE_MS);

	progress_clear(p);
	if (text != NULL)
		io_warn(p->tool, "%s", text);
	if (mine) {
		/* what is left is the others' */
		board_put(p->board, "");
		if (draw(p, &b, clock_ms()) > 0)
			(void)io_write(STDERR_FILENO, buf_span(&b));
		buf_free(&b);
		board_done(p->board);
	}
	board_leave(p->board);
	p->board = NULL;
	p->alone = 0;
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
