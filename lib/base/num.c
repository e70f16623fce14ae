/* num: decimal numbers, bounded */
#include "base/num.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int
starts_number(const char *s)
{
	if (*s == '-')
		s++;
	return isdigit((unsigned char)*s) || *s == '.';
}

int
num_int(const char *s, long long min, long long max, long long *out)
{
	long long v;
	char *end;

	if (!starts_number(s))
		return -1;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno != 0 || end == s || *end != '\0' || v < min || v > max)
		return -1;
	*out = v;
	return 0;
}

int
num_real(const char *s, double min, double max, double *out)
{
	double v;
	char *end;

	/* strtod takes hexadecimal, too */
	if (!starts_number(s) || s[strspn(s, "0123456789.eE+-")] != '\0')
		return -1;
	errno = 0;
	v = strtod(s, &end);
	if (errno != 0 || end == s || *end != '\0' || !isfinite(v) || v < min ||
	    v > max)
		return -1;
	*out = v;
	return 0;
}

size_t
num_digits(struct span s, long long max, long long *out)
{
	long long v = 0;
	size_t i;
	int digit;

	for (i = 0; i < s.n && isdigit((unsigned char)s.p[i]); i++) {
		digit = s.p[i] - '0';
		if (v > (max - digit) / 10)
			return 0;
		v = v * 10 + digit;
	}
	if (i > 0)
		*out = v;
	return i;
}
