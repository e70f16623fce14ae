/* wait: what the headers of an answer say of another try */
#include "http/wait.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/delay.h"
#include "base/num.h"
#include "base/text.h"

enum { RESETS_MAX = 16 }; /* headers that tell of resets and are read */

/* Return the ms until a date, as HTTP or ISO 8601 writes it; -1: it is none. */
static double
until_date(const char *s)
{
	size_t n = strlen(s), zone;
	const char *minutes;
	char day[32];
	time_t t;

	/*
	 * libcurl knows 20260102 03:04:05 +0200, but not
	 * 2026-01-02T03:04:05.678+02:00.
	 */
	if (n > 18 && s[4] == '-' && (s[10] == 'T' || s[10] == ' ')) {
		zone = 19 + strcspn(s + 19, "+-");
		minutes = zone + 3 < n ? s + zone + 3 : "";
		snprintf(day, sizeof day, "%.4s%.2s%.2s %.8s %.3s%.2s", s,
		    s + 5, s + 8, s + 11, s + zone,
		    minutes + (*minutes == ':'));
		s = day;
	}
	t = curl_getdate(s, NULL);
	return t == -1 ? -1 : fmax(difftime(t, time(NULL)) * 1000, 0);
}

long long
wait_ms(struct span value, int unit_ms)
{
	struct span v = text_trim(value);
	const char *end;
	char s[64];
	double x;

	if (v.n == 0 || v.n >= sizeof s || memchr(v.p, '\0', v.n) != NULL)
		return -1;
	memcpy(s, v.p, v.n);
	s[v.n] = '\0';
	x = delay_read(s, unit_ms, &end);
	if (x < 0 && num_real(s, -1e300, 0, &x) == 0)
		x = 0;
	else if ((x < 0 || *end != '\0') &&
		 (unit_ms != 1000 || (x = until_date(s)) < 0))
		return -1;
	return x > DELAY_MAX ? DELAY_MAX : (long long)x;
}

/* Return the value of a header of the answer; an empty span if it has none. */
static struct span
header(CURL *e, const char *name)
{
	struct curl_header *found;

	if (curl_easy_header(e, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK)
		return (struct span){ NULL, 0 };
	return span_of(found->value);
}

long long
wait_retry_after(CURL *e)
{
	static const struct {
		const char *name;
		int unit_ms;
	} all[] = {
		{ "retry-after-ms", 1 },
		{ "retry-after", 1000 },
		{ "llm_provider-retry-after-ms", 1 },
		{ "llm_provider-retry-after", 1000 },
		{ "x-ms-retry-after-ms", 1 },
		{ "x-retry-after", 1000 },
	};
	long long ms = -1;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all && ms == -1; i++)
		ms = wait_ms(header(e, all[i].name), all[i].unit_ms);
	return ms;
}

/*
 * Return whether the counter of the limit that a header such as
 * x-ratelimit-reset-tokens resets is known to have something left; its name has
 * "remaining" where the header's has "reset".
 */
static int
has_some_left(CURL *e, const char *name)
{
	const char *reset = strcasestr(name, "reset");
	char counter[128];
	struct span left;

	snprintf(counter, sizeof counter, "%.*sremaining%s",
	    (int)(reset - name), name, reset + strlen("reset"));
	left = header(e, counter);
	return left.n > 0 && left.p[strspn(left.p, "0. -")] != '\0';
}

/* Return whether a header tells when a limit is reset. */
static int
is_reset(const char *name)
{
	return (strcasestr(name, "ratelimit") != NULL ||
		   strcasestr(name, "rate-limit") != NULL) &&
	       strcasestr(name, "reset") != NULL;
}

long long
wait_reset(CURL *e)
{
	long long used_up = -1, other = -1, ms;
	struct curl_header *h = NULL;
	struct {
		const char *name;
		long long ms;
	} told[RESETS_MAX];
	size_t i, n = 0;

	/* a look at a counter would begin the walk anew */
	while (n < RESETS_MAX &&
	       (h = curl_easy_nextheader(e, CURLH_HEADER, -1, h)) != NULL)
		if (is_reset(h->name) &&
		    (ms = wait_ms(span_of(h->value), 1000)) != -1) {
			told[n].name = h->name;
			told[n++].ms = ms;
		}
	for (i = 0; i < n; i++) {
		ms = told[i].ms;
		if (!has_some_left(e, told[i].name))
			used_up = ms > used_up ? ms : used_up;
		else if (other == -1 || ms < other)
			other = ms;
	}
	return used_up != -1 ? used_up : other;
}

int
wait_should_retry(CURL *e)
{
	struct span told = header(e, "x-should-retry");

	return span_is(told, "true") ? 1 : span_is(told, "false") ? 0 : -1;
}
