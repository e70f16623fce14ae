#include "chat/hedge.h"

#include "tap.h"

int
main(void)
{
	struct hedge h;
	int i;

	hedge_init(&h, 95);
	is_int(hedge_after(&h), -1, "nothing is known");
	for (i = 1; i < HEDGE_LEAST; i++)
		hedge_note(&h, i);
	is_int(hedge_after(&h), -1, "nor of too few");
	hedge_note(&h, HEDGE_LEAST);
	is_int(hedge_after(&h), 19, "95 of a hundred are shorter or the same");
	hedge_note(&h, 100000);
	is_int(hedge_after(&h), 19, "one that is long is no matter");
	for (i = 0; i < HEDGE_SEEN; i++)
		hedge_note(&h, 1000 + i % 4);
	is_int(hedge_after(&h), 1003, "old ones are forgotten");

	hedge_init(&h, 50);
	for (i = 100; i > 0; i--)
		hedge_note(&h, i);
	ok(hedge_after(&h) >= 48 && hedge_after(&h) <= 54, "the median (%ld)",
	    hedge_after(&h));
	hedge_init(&h, 100);
	for (i = 0; i < 32; i++)
		hedge_note(&h, i);
	is_int(hedge_after(&h), 31, "the longest");

	ok(!hedge_may(&h, 0, 9), "not of the first nine");
	ok(hedge_may(&h, 0, 10), "one in ten");
	ok(!hedge_may(&h, 1, 19), "no more");
	ok(hedge_may(&h, 1, 20), "but that");
	hedge_init(&h, 0);
	for (i = 0; i < 100; i++)
		hedge_note(&h, 1);
	is_int(hedge_after(&h), -1, "never, if not wanted");
	ok(!hedge_may(&h, 0, 1000), "really");
	return done();
}
