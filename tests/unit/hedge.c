#include "chat/hedge.h"

#include "tap.h"

int
main(void)
{
	struct hedge h;
	int i;

	h = (struct hedge){ .percentile = 95, .after = -1 };
	is_int(h.after, -1, "nothing is known");
	for (i = 1; i < HEDGE_LEAST; i++)
		hedge_note(&h, i);
	is_int(h.after, -1, "nor of too few");
	hedge_note(&h, HEDGE_LEAST);
	is_int(h.after, 19, "95 of a hundred are shorter or the same");
	hedge_note(&h, 100000);
	is_int(h.after, 19, "one that is long is no matter");
	for (i = 0; i < HEDGE_SEEN; i++)
		hedge_note(&h, 1000 + i % 4);
	is_int(h.after, 1003, "old ones are forgotten");

	h = (struct hedge){ .percentile = 50, .after = -1 };
	for (i = 100; i > 0; i--)
		hedge_note(&h, i);
	ok(h.after >= 48 && h.after <= 54, "the median (%ld)", h.after);
	h = (struct hedge){ .percentile = 100, .after = -1 };
	for (i = 0; i < 32; i++)
		hedge_note(&h, i);
	is_int(h.after, 31, "the longest");

	ok(!hedge_may(0, 9), "not of the first nine");
	ok(hedge_may(0, 10), "one in ten");
	ok(!hedge_may(1, 19), "no more");
	ok(hedge_may(1, 20), "but that");
	h = (struct hedge){ .percentile = 0, .after = -1 };
	for (i = 0; i < 100; i++)
		hedge_note(&h, 1);
	is_int(h.after, -1, "never, if not wanted");
	return done();
}
