/* output: records held in order, and the queue to stdout */
#include "tg-llm/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

#define ASKED(id) "{\"id\":" id ",\"tg\":{\"request\":{}}}"

/* A pipe in place of stdout, and the bytes read from it. */
static int ends[2];
static struct buf got;

/* Open an output of size records that writes to the pipe. */
static void
open_output(struct output *w, size_t size, int unordered)
{
	output_init(w, size, unordered);
	if (w->fd != STDOUT_FILENO)
		close(w->fd);
	w->fd = ends[1];
	w->socket = 0;
}

/* Return a slot that waits for the answer to the question of a line. */
static struct slot *
ask(struct output *w, const char *line)
{
	const char *why;
	struct slot *p = output_read(w, span_of(line), &why);

	if (p != NULL)
		output_hold(w, p);
	return p;
}

/* Append up to n bytes of the pipe to got. */
static void
read_pipe(size_t n)
{
	ssize_t some;

	buf_need(&got, n);
	some = read(ends[0], got.p + got.n, n);
	got.n += some > 0 ? (size_t)some : 0;
}

/* Return the bytes that came out since the last call. */
static struct span
came_out(struct output *w)
{
	got.n = 0;
	output_write(w);
	read_pipe(64 * 1024);
	return buf_span(&got);
}

static void
in_order(void)
{
	struct output w;
	struct slot *a, *b;

	open_output(&w, 3, 0);
	output_pass(&w, span_of("0\n"));
	is_span(came_out(&w), S("0\n"), "a line with nothing before it leaves at once");
	a = ask(&w, ASKED("1"));
	output_pass(&w, span_of("2\n"));
	ok(!output_full(&w), "a free place is left");
	b = ask(&w, ASKED("3"));
	ok(output_full(&w), "no place is left");
	output_done(&w, b);
	is_span(came_out(&w), S(""), "nothing leaves before the first record");
	rec_tg_del(&a->rec, "request");
	output_done(&w, a);
	is_span(came_out(&w), S("{\"id\":1,\"tg\":{}}\n2\n" ASKED("3") "\n"),
	    "all records leave in order, as they were changed");
	ok(w.count == 0 && w.held == 0, "nothing is held any more");
	a = ask(&w, "{");
	ok(a == NULL && w.count == 0,
	    "a line that is no record takes no place");
	ask(&w, ASKED("4"));
	output_free(&w);
}

static void
without_order(void)
{
	struct output w;
	struct slot *p[2];
	int round;

	open_output(&w, 2, 1);
	for (round = 0; round < 3; round++) {
		p[0] = ask(&w, ASKED("1"));
		p[1] = ask(&w, ASKED("2"));
		if (p[0] == p[1] || !output_full(&w))
			break;
		output_pass(&w, span_of("3\n"));
		output_done(&w, p[1]);
		p[1] = ask(&w, ASKED("4"));
		output_done(&w, p[round % 2]);
		output_done(&w, p[!(round % 2)]);
		output_pass(&w, span_of("-"));
	}
	ok(round == 3, "each record has a place of its own");
	is_span(came_out(&w),
	    S("3\n" ASKED("2") "\n" ASKED("1") "\n" ASKED(
		"4") "\n-"
		     "3\n" ASKED("2") "\n" ASKED("4") "\n" ASKED(
			 "1") "\n-"
			      "3\n" ASKED("2") "\n" ASKED("1") "\n" ASKED(
				  "4") "\n-"),
	    "without an order each record leaves when it is finished");
	ok(w.count == 0 && w.held == 0, "nothing is held any more");
	output_free(&w);
}

/* The reader is slower than the lines come. */
static void
slow_reader(void)
{
	enum { LINES = 4000, SIZE = 1000 };
	struct output w;
	char line[SIZE], *p;
	size_t most = 0;
	int i, wrong = 0;

	got.n = 0;
	open_output(&w, 8, 0);
	for (i = 0; i < LINES; i++) {
		memset(line, 'a' + i % 26, SIZE - 1);
		line[SIZE - 1] = '\n';
		output_pass(&w, (struct span){ line, SIZE });
		output_write(&w);
		if (output_left(&w) > 100 * 1000)
			read_pipe(SIZE * 2);
		most = w.queue.n > most ? w.queue.n : most;
	}
	ok(most < 300 * 1000, "lines that a slow reader has taken are dropped");
	for (i = 0; i < LINES && !w.broken; i++) {
		output_write(&w);
		read_pipe(64 * 1024);
	}
	is_int(got.n, LINES * SIZE, "a slow reader gets all bytes");
	for (i = 0, p = got.p; i < LINES; i++, p += SIZE)
		wrong += *p != 'a' + i % 26 || p[SIZE - 1] != '\n';
	is_int(wrong, 0, "a slow reader gets the lines in order");
	is_int(output_left(&w), 0, "nothing is left in the queue");
	close(ends[0]);
	output_pass(&w, span_of("x"));
	output_write(&w);
	ok(w.broken && w.error == EPIPE, "a reader that has gone is noted");
	output_free(&w);
}

/* Close stdout, which is closed already. */
static void
closed_stdout(void)
{
	struct output w;
	int saved = dup(STDOUT_FILENO);

	output_init(&w, 1, 0);
	close(STDOUT_FILENO);
	output_close(&w);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	ok(w.broken && w.error == EBADF,
	    "a stdout that cannot be closed is noted");
	is_int(w.fd, -1, "nothing is polled once stdout is closed");
	output_free(&w);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	if (pipe2(ends, O_NONBLOCK) == -1)
		return 1;
	in_order();
	without_order();
	slow_reader();
	closed_stdout();
	buf_free(&got);
	return done();
}
