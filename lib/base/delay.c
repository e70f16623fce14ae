/* delay: how long a server asks its clients to wait */
#include "base/delay.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/text.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

/* Numbers that are times since 1970: in seconds, and in ms. */
static const double epoch_s = 1e9, epoch_ms = 1e11;

/* Units by their names; the first row that fits counts. */
static const struct {
	const char *names;
	double ms;
} units[] = {
	{ "ms|msec|msecs|millisecond|milliseconds", 1 },
	{ "s|sec|secs|second|seconds", SECOND },
	{ "m|min|mins|minute|minutes", MINUTE },
	{ "h|hr|hrs|hour|hours", HOUR },
	{ "d|day|days", 24.0 * HOUR },
	{ "us|\xc2\xb5s|ns", 0 },
};

/*
 * Words in front of a delay, and what a number without a unit counts there, ms;
 * 0: the number needs a unit, as sentences also count other things.
 */
static const struct {
	const char *words;
	double unit_ms;
} phrases[] = {
	/* Google's RetryInfo; others in their bodies */
	{ "retryDelay", SECOND },
	{ "retry_delay", SECOND },
	{ "retry_after_ms", 1 },
	{ "retry-after-ms", 1 },
	{ "retryAfterMs", 1 },
	{ "retry_after_seconds", SECOND },
	{ "retryAfterSeconds", SECOND },
	{ "retry_after", SECOND },
	{ "retry-after", SECOND },
	{ "retryAfter", SECOND },
	{ "estimated_time", SECOND },
	{ "X-RateLimit-Reset", SECOND }, /* OpenRouter's metadata.headers */
	{ "try again in", 0 },
	{ "try again after", 0 },
	{ "retry in", 0 },
	{ "retry after", 0 },
	{ "retry your request", 0 },
	{ "resets in", 0 },
	{ "reset in", 0 },
	{ "reset after", 0 },
	{ "available in", 0 },
	{ "wait", 0 },
};

/* Return the length of the unit at s, with *ms; 0 if none stands there. */
static size_t
read_unit(const char *s, double *ms)
{
	size_t i, n = 0;

	while (isalpha((unsigned char)s[n]) || (unsigned char)s[n] >= 0x80)
		n++;
	for (i = 0; n > 0 && i < sizeof units / sizeof *units; i++)
		if (text_is_one_of(
			(struct span){ s, n }, span_of(units[i].names))) {
			*ms = units[i].ms;
			return n;
		}
	return 0;
}

/* Return the ms from now to a time since 1970 in ms, 0 if it has passed. */
static double
until(double time_ms)
{
	struct timespec t;
	double ms;

	clock_gettime(CLOCK_REALTIME, &t);
	ms = time_ms - ((double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6);
	return ms > 0 ? ms : 0;
}

/* Return what a number without a unit stands for, in ms. */
static double
of_number(double x, double unit_ms)
{
	if (x >= epoch_ms)
		return until(x);
	return x >= epoch_s && unit_ms >= SECOND ? until(x * SECOND)
						 : x * unit_ms;
}

double
delay_read(const char *s, double unit_ms, const char **end)
{
	const char *p = s, *unit;
	double sum = -1, x, ms;
	char *behind;
	size_t n;

	*end = s;
	/* strtod takes hexadecimal, too */
	while (isdigit((unsigned char)*p) && strncasecmp(p, "0x", 2) != 0) {
		x = strtod(p, &behind);
		unit = behind + strspn(behind, " ");
		n = read_unit(unit, &ms);
		if (!isfinite(x) || (n == 0 && (sum >= 0 || unit_ms <= 0)))
			break;
		sum = n > 0 ? fmax(sum, 0) + x * ms : of_number(x, unit_ms);
		*end = n > 0 ? unit + n : behind;
		if (n == 0)
			break;
		p = *end + strspn(*end, " ,");
		if (strncmp(p, "and ", 4) == 0)
			p += 4;
	}
	return sum;
}

/* Return s without what may stand between a phrase and its delay. */
static const char *
skip_filling(const char *s)
{
	static const char words[] =
	    "for|in|after|about|approximately|around|at|least|another|"
	    "seconds|up|to";
	size_t n;

	for (;; s += n) {
		n = strspn(s, " \t\r\n\"'`:={(~");
		if (*s == '\\' && s[1] != '\0')
			n = 2; /* JSON within a text: \" \n */
		while (n == 0 && isalpha((unsigned char)s[n])) {
			while (isalpha((unsigned char)s[n]))
				n++;
			if (!text_is_one_of(
				(struct span){ s, n }, span_of(words)))
				return s;
		}
		if (n == 0)
			return s;
	}
}

double
delay_find(const char *text)
{
	const char *at, *end;
	double most = -1;
	size_t i, n;

	for (i = 0; i < sizeof phrases / sizeof *phrases; i++) {
		n = strlen(phrases[i].words);
		for (at = text; (at = strcasestr(at, phrases[i].words)) != NULL;
		     at += n)
			if ((at == text || !isalpha((unsigned char)at[-1])) &&
			    !isalpha((unsigned char)at[n]))
				most =
				    fmax(most, delay_read(skip_filling(at + n),
						   phrases[i].unit_ms, &end));
	}
	return most;
}
