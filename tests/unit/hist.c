/* hist: percentiles against those of the sorted values */
#include "base/hist.h"

#include "tap.h"

static int
by_size(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

static void
test_few(void)
{
	struct hist h = { 0 };

	is_int(hist_at(&h, 0.5), 0, "no values give 0");
	hist_add(&h, 7);
	is_int(hist_at(&h, 0), 7, "one value is the smallest");
	is_int(hist_at(&h, 0.5), 7, "one value is the median");
	is_int(hist_at(&h, 1), 7, "one value is the largest");
	hist_add(&h, 1000);
	hist_add(&h, 1001);
	is_int(hist_at(&h, 0.3), 7, "small values are exact");
	is_int(hist_at(&h, 0.99), 1001, "no percentile is over the largest");
	is_int(hist_at(&h, 1), 1001, "the largest of several values is exact");
}

static void
test_edges(void)
{
	struct hist h = { 0 };

	hist_add(&h, -5);
	is_int(hist_at(&h, 1), 0, "a negative value counts as 0");
	hist_add(&h, 1LL << 60);
	is_int(hist_at(&h, 1), (1LL << 36) - 1,
	    "a value over the range counts as its end");
	is_int((long long)h.n, 2, "values outside the range are counted");
}

static void
test_many(void)
{
	enum { N = 20000 };
	static long long v[N];
	static const double shares[] = { 0.01, 0.1, 0.5, 0.9, 0.99, 0.999 };
	static struct hist h;
	unsigned long long x = 88172645463325252ULL;
	long long got, want;
	size_t i;

	for (i = 0; i < N; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		v[i] = (long long)(x >> (x % 30 + 28));
		hist_add(&h, v[i]);
	}
	qsort(v, N, sizeof *v, by_size);
	for (i = 0; i < sizeof shares / sizeof *shares; i++) {
		want = v[(size_t)(shares[i] * N) - 1];
		got = hist_at(&h, shares[i]);
		ok(got >= want && (double)got <= (double)want * 1.0323 + 1,
		    "the percentile %g is about right: %lld for %lld",
		    shares[i], got, want);
	}
	is_int(hist_at(&h, 1), v[N - 1], "the largest value is exact");
}

int
main(void)
{
	test_few();
	test_edges();
	test_many();
	return done();
}
