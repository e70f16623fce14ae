/* num: decimal numbers, bounded */
#include "base/num.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
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

int
num_band(const char *s, double *low, double *high)
{
	const char *comma = strchr(s, ',');
	char first[40];

	if (comma == NULL || comma - s >= (int)sizeof first)
		return -1;
	snprintf(first, sizeof first, "%.*s", (int)(comma - s), s);
	if (num_real(first, 0, 1, low) == -1 ||
	    num_real(comma + 1, 0, 1, high) == -1)
		return -1;
	return *low > *high ? -1 : 0;
}
