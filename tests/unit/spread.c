/* spread: quantiles of numbers of either sign */
#include "tg-mine/spread.h"

#include <math.h>

#include "tap.h"

static struct spread s;

/* Return whether a share's number is what it should be, within 0.4 %. */
static int
is_at(double share, double want)
{
	return fabs(spread_at(&s, share) - want) <= .008 * fabs(want);
}

int
main(void)
{
	int i;

	ok(spread_at(&s, .5) == 0 && spread_mean(&s) == 0,
	    "there is no number yet");
	for (i = -1000; i <= 3000; i++)
		spread_add(&s, i / 100.);
	spread_add(&s, NAN);
	is_int((long long)s.n, 4001, "NaN is not counted");
	ok(fabs(spread_mean(&s) - 10) < 1e-9, "the mean is that of all");
	ok(is_at(0, -10) && is_at(1, 30), "least and largest are exact");
	ok(is_at(.5, 10) && is_at(.9, 26), "quantiles are within 0.8 %%");
	ok(is_at(.1, -6), "quantiles below 0 are, too");
	s = (struct spread){ 0 };
	spread_add(&s, 1e300);
	spread_add(&s, -1e300);
	spread_add(&s, 0);
	ok(spread_at(&s, 1) == 1e300 && spread_at(&s, 0) == -1e300 &&
		fabs(spread_at(&s, .5)) < 1e-30,
	    "numbers may be huge, and 0");
	s = (struct spread){ 0 };
	for (i = 1; i <= 99; i++)
		spread_add(&s, i);
	ok(spread_at(&s, .5) == 50 && spread_at(&s, .9) == 90,
	    "small whole numbers are exact");
	return done();
}
