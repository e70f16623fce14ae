/* wilson: Wilson's interval against known values */
#include "base/wilson.h"

#include <math.h>

#include "tap.h"

int
main(void)
{
	/* Newcombe (1998), table I, method 3, to four decimals */
	static const struct {
		size_t k, n;
		double low, high;
	} known[] = {
		{ 81, 263, 0.2553, 0.3662 },
		{ 15, 148, 0.0624, 0.1605 },
		{ 0, 20, 0, 0.1611 },
		{ 1, 29, 0.0061, 0.1718 },
		{ 20, 20, 0.8389, 1 },
		{ 0, 0, 0, 1 },
	};
	struct wilson w;
	size_t i;

	for (i = 0; i < sizeof known / sizeof *known; i++) {
		w = wilson_interval(known[i].k, known[i].n);
		ok(fabs(w.low - known[i].low) < 5e-5 &&
			fabs(w.high - known[i].high) < 5e-5,
		    "%zu of %zu lie in %.10f to %.10f", known[i].k, known[i].n,
		    w.low, w.high);
		ok(w.low >= 0 && w.low <= w.rate && w.rate <= w.high &&
			w.high <= 1,
		    "%zu of %zu: the rate lies in its interval", known[i].k,
		    known[i].n);
	}
	return done();
}
