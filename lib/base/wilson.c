/* wilson: the interval in which a share lies, as far as a count tells */
#include "base/wilson.h"

#include <math.h>

struct wilson
wilson_interval(size_t k, size_t n)
{
	const double z = 1.959963984540054;
	double size = (double)n, p, middle, half;
	struct wilson w = { 0, 0, 1 };

	if (n == 0)
		return w;
	p = (double)k / size;
	middle = (p + z * z / (2 * size)) / (1 + z * z / size);
	half = z / (1 + z * z / size) *
	       sqrt(p * (1 - p) / size + z * z / (4 * size * size));
	/* rounding would leave a trace of the ends themselves */
	w.rate = p;
	w.low = k == 0 ? 0 : middle - half;
	w.high = k == n ? 1 : middle + half;
	return w;
}
