/*
 * parts: tests of functions that return a part of the text given, in tables.
 */
#pragma once

#include "tap.h"

struct row {
	struct span in, want;
};

#define ROW(in, want)                                                          \
	{                                                                      \
		{ in, sizeof(in) - 1 },                                        \
		{                                                              \
			want, sizeof(want) - 1                                 \
		}                                                              \
	}
#define SAME(in) ROW(in, in)

/* Test that the result lies within the text, which is held in exact memory. */
static void
check(struct span (*f)(struct span), const char *name, const struct row *t,
    size_t n)
{
	struct span in, got;
	size_t i;
	char *p;

	for (i = 0; i < n; i++) {
		in = t[i].in;
		p = malloc(in.n ? in.n : 1);
		memcpy(p, in.p, in.n);
		in.p = p;
		got = f(in);
		is_span(got, t[i].want, "%s gives the right text, row %zu",
		    name, i);
		ok(got.p >= in.p && got.p + got.n <= in.p + in.n,
		    "%s gives a part of the text, row %zu", name, i);
		free(p);
	}
}

/* Test a function with each row of a table. */
#define CHECK(f, t) check(f, #f, t, sizeof(t) / sizeof *(t))
