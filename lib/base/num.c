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
