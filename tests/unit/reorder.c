/* unit tests of reorder */
#include "tg-llm/reorder.h"

#include "tap.h"

#define ASKED(id) "{\"id\":" id ",\"tg\":{\"request\":{}}}"

static struct buf out, got;

/* A place that waits for the answer to a line's question. */
static struct slot *
ask(struct reorder *w, const char *line)
{
	const char *why;
	struct slot *p = reorder_read(w, span_of(line), &why);

	if (p != NULL)
		reorder_hold(w, p);
	return p;
}

/* All that has come out since the last call. */
static struct span
came_out(struct reorder *w)
{
	while (reorder_ready(w))
		reorder_emit(w, &out);
	buf_clear(&got);
	buf_addspan(&got, buf_span(&out));
	buf_clear(&out);
	return buf_span(&got);
}

static void
in_order(void)
{
	struct reorder w;
	struct slot *a, *b;

	reorder_init(&w, 3, 0);
	reorder_pass(&w, span_of("0\n"), &out);
	is_span(came_out(&w), S("0\n"), "a line with nothing before it leaves at once");
	a = ask(&w, ASKED("1"));
	reorder_pass(&w, span_of("2\n"), &out);
	ok(!reorder_full(&w), "a free place is left");
	b = ask(&w, ASKED("3"));
	ok(reorder_full(&w), "no place is left");
	reorder_done(&w, b, &out);
	is_span(came_out(&w), S(""), "nothing leaves before the first");
	rec_tg_del(&a->rec, "request");
	reorder_done(&w, a, &out);
	is_span(came_out(&w),
	    S("{\"id\":1,\"tg\":{}}\n2\n" ASKED("3") "\n"),
	    "then all leave in order, as they were changed");
	ok(w.count == 0 && w.held == 0, "nothing is held any more");
	a = ask(&w, "{");
	ok(a == NULL && w.count == 0, "what is no record takes no place");
	ask(&w, ASKED("4"));
	reorder_free(&w);
}

static void
without_order(void)
{
	struct reorder w;
	struct slot *p[2];
	int round;

	reorder_init(&w, 2, 1);
	for (round = 0; round < 3; round++) {
		p[0] = ask(&w, ASKED("1"));
		p[1] = ask(&w, ASKED("2"));
		if (p[0] == p[1] || !reorder_full(&w))
			break;
		reorder_pass(&w, span_of("3\n"), &out);
		reorder_done(&w, p[1], &out);
		p[1] = ask(&w, ASKED("4"));
		reorder_done(&w, p[round % 2], &out);
		reorder_done(&w, p[!(round % 2)], &out);
		buf_addc(&out, '-');
	}
	ok(round == 3, "each record has a place of its own");
	is_span(came_out(&w),
	    S("3\n" ASKED("2") "\n" ASKED("1") "\n" ASKED("4") "\n-"
	       "3\n" ASKED("2") "\n" ASKED("4") "\n" ASKED("1") "\n-"
	       "3\n" ASKED("2") "\n" ASKED("1") "\n" ASKED("4") "\n-"),
	    "without an order each leaves when it is finished");
	ok(w.count == 0 && w.held == 0, "nothing is held any more");
	reorder_free(&w);
}

int
main(void)
{
	in_order();
	without_order();
	buf_free(&out);
	buf_free(&got);
	return done();
}
