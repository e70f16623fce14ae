/* num: bounded numbers of the command line */
#include "base/num.h"

#include <limits.h>
#include <math.h>

#include "tap.h"

static void
whole(void)
{
	static const struct {
		const char *s;
		long long min, max, want;
	} good[] = {
		{ "0", 0, 0, 0 },
		{ "-0", 0, 0, 0 },
		{ "7", 1, 7, 7 },
		{ "007", 1, 7, 7 },
		{ "-3", -3, 7, -3 },
		{ "9223372036854775807", LLONG_MIN, LLONG_MAX, LLONG_MAX },
		{ "-9223372036854775808", LLONG_MIN, LLONG_MAX, LLONG_MIN },
	};
	static const char *const bad[] = { "", " ", "-", "+1", " 1", "1 ", "\n1",
		"1\n", "1x", "x", "0x10", "1.0", "1.", ".5", "1e3", "--1", "-+1",
		"- 1", "11", "-1", "9223372036854775808", "99999999999999999999",
		"-9223372036854775809", "1,000", "1_0", "\xc2\xa0\x31",
		"\xd9\xa1", "nan", "inf" };
	long long v;
	size_t i;

	for (i = 0; i < sizeof good / sizeof *good; i++) {
		v = 4711;
		ok(num_int(good[i].s, good[i].min, good[i].max, &v) == 0 &&
			v == good[i].want,
		    "%s is a whole number", good[i].s);
	}
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		v = 4711;
		ok(num_int(bad[i], 0, 10, &v) == -1 && v == 4711,
		    "[%s] is not a whole number in 0..10",
		    strpbrk(bad[i], "\n") ? "\\n" : bad[i]);
	}
}

static void
fractions(void)
{
	static const struct {
		const char *s;
		double want;
	} good[] = { { "0", 0 }, { "-0", 0 }, { "0.6", 0.6 }, { ".5", 0.5 },
		{ "1.", 1 }, { "1e-3", 0.001 }, { "1E+1", 10 }, { "-1", -1 },
		{ "-1.5", -1.5 }, { "-.5", -0.5 }, { "0.1e2", 10 },
		{ "1e-300", 1e-300 }, { "10.0000", 10 } };
	static const char *const bad[] = { "", " ", "-", ".", "-.", "e1", "+1",
		" 1", "1 ", "1e", "1e+", "1..2", "1.2.3", "0,5", "x", "nan",
		"-nan", "inf", "-inf", "infinity", "1e999", "-1e999", "0x1",
		"0x1p3", "0X.8p0", "-0x1", "10.0001", "-1.6", "1d", "1f" };
	double v;
	size_t i;

	for (i = 0; i < sizeof good / sizeof *good; i++) {
		v = 4711;
		ok(num_real(good[i].s, -1.5, 10, &v) == 0 &&
			fabs(v - good[i].want) < 1e-12,
		    "%s is a number", good[i].s);
	}
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		v = 4711;
		ok(num_real(bad[i], -1.5, 10, &v) == -1 && fabs(v - 4711) < 1,
		    "[%s] is not a number in -1.5..10", bad[i]);
	}
}

int
main(void)
{
	whole();
	fractions();
	return done();
}
