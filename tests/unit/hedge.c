#include "chat/chat-in.h"

#include "tap.h"

int
main(void)
{
	struct hedge h;
	int i;

	h = (struct hedge){ .percentile = 95, .after = -1 };
	is_int(h.after, -1, "without times there is no time to hedge");
	for (i = 1; i < HEDGE_LEAST; i++)
		hedge_note(&h, i);
	is_int(h.after, -1, "too few times give no time to hedge");
	hedge_note(&h, HEDGE_LEAST);
	is_int(h.after, 19, "the time to hedge is the 95th percentile");
	hedge_note(&h, 100000);
	is_int(h.after, 19, "one long time does not change the time to hedge");
	for (i = 0; i < HEDGE_SEEN; i++)
		hedge_note(&h, 1000 + i % 4);
	is_int(h.after, 1003, "old times are forgotten");

	h = (struct hedge){ .percentile = 50, .after = -1 };
	for (i = 100; i > 0; i--)
		hedge_note(&h, i);
	ok(h.after >= 48 && h.after <= 54,
	    "the median can be the time to hedge (%ld)", h.after);
	h = (struct hedge){ .percentile = 100, .after = -1 };
	for (i = 0; i < 32; i++)
		hedge_note(&h, i);
	is_int(h.after, 31, "the longest time can be the time to hedge");

	h = (struct hedge){ .percentile = 5, .after = -1 };
	for (i = 0; i < HEDGE_SEEN; i++)
		hedge_note(&h, 10);
	is_int(h.after, 10, "a low percentile can be the time to hedge");
	for (i = 0; i < HEDGE_SEEN / 2; i++)
		hedge_note(&h, 1000);
	is_int(h.after, 1000, "half as many new times replace the old ones");
	h = (struct hedge){ .percentile = 50, .after = -1 };
	for (i = 0; i < HEDGE_SEEN; i++)
		hedge_note(&h, 10);
	for (i = 0; i < HEDGE_SEEN / 4; i++)
		hedge_note(&h, 1000);
	is_int(h.after, 10, "half of the old times count at least");
	h = (struct hedge){ .percentile = 0, .after = -1 };
	for (i = 0; i < 100; i++)
		hedge_note(&h, 1);
	is_int(h.after, -1, "no time to hedge is set if hedges are off");
	return done();
}
