/* health: whether an endpoint serves */
#include "pace/health.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { SLOWED_MS = 1000 }; /* least time for which one is slowed, ms */

int
health_is_out(const struct health *h)
{
	return h->state == ENDPOINT_DISABLED || h->state == ENDPOINT_LEFT;
}

/* Forget the refusals of an endpoint. */
static void
forget_refusals(struct health *h)
{
	h->reason[0] = '\0';
	h->alike = h->row = 0;
	h->row_from = 0;
}

int
health_enter(struct health *h, enum endpoint_state to, long long now)
{
	/* each row a state, with a bit for each state that may follow it */
	static const unsigned legal[ENDPOINT_STATES] = {
		[ENDPOINT_UP] = 1u << ENDPOINT_EJECTED |
				1u << ENDPOINT_DISABLED | 1u << ENDPOINT_LEFT,
		[ENDPOINT_EJECTED] = (1u << ENDPOINT_STATES) - 1,
		[ENDPOINT_DISABLED] = 1u << ENDPOINT_LEFT,
		[ENDPOINT_LEFT] = 1u << ENDPOINT_UP,
	};

	if ((legal[h->state] & 1u << to) == 0)
		return 0;
	if (to == ENDPOINT_UP) {
		h->pause_until = h->slowed_until = 0;
		/* another server may stand where one has left */
		if (h->state == ENDPOINT_LEFT) {
			h->proven_by = 0;
			forget_refusals(h);
		}
		h->warned = 0;
	} else if (h->state == ENDPOINT_UP) {
		h->ejected_since = now;
		h->probe_ms = 0;
	}
	h->state = to;
	h->since = now;
	return 1;
}

int
health_eject(
    struct health *h, long long now, long long first_ms, long long most_ms)
{
	if (!health_enter(h, ENDPOINT_EJECTED, now))
		return 0;
	h->probe_ms = h->probe_ms > 0 ? 2 * h->probe_ms : first_ms;
	if (h->probe_ms > most_ms)
		h->probe_ms = most_ms;
	h->pause_until = now + h->probe_ms;
	return 1;
}

void
health_pause(struct health *h, long long now, long long ms)
{
	if (h->pause_until < now + ms)
		h->pause_until = now + ms;
}

int
health_slow(struct health *h, long long now, long long pause_ms)
{
	health_pause(h, now, pause_ms);
	if (h->state != ENDPOINT_UP || now < h->slowed_until)
		return 0;
	h->slowed_until = now + (pause_ms > SLOWED_MS ? pause_ms : SLOWED_MS);
	return 1;
}

void
health_fail(struct health *h, long long now)
{
	if (h->failures++ == 0)
		h->failing_since = now;
}

int
health_blame(struct health *h, const void *job, int is_first)
{
	int another = h->failed_job != job;

	h->failed_job = job;
	h->failed_jobs += is_first;
	return another;
}

void
health_forget_failures(struct health *h)
{
	h->failures = h->failed_jobs = 0;
	h->failed_job = NULL;
}

void
health_prove(struct health *h, unsigned long number)
{
	if (h->proven_by < number)
		h->proven_by = number;
	if (number > h->row_from)
		forget_refusals(h);
}

/* Return whether a quoted text begins at s, which follows the byte before. */
static int
is_quote(const char *s, char before)
{
	return (*s == '"' || *s == '`' ||
		   (*s == '\'' && !isalnum((unsigned char)before))) &&
	       strchr(s + 1, *s) != NULL;
}

/*
 * Copy a reason to size bytes, with 0 for each word that has a digit, and
 * without quoted texts: identifiers, times and names differ from request to
 * request.
 */
static void
copy_reason(char *to, size_t size, const char *s)
{
	size_t i, n = 0, word;
	char before = ' ';

	for (; *s != '\0' && n < size - 1; before = s[word - 1], s += word) {
		if (is_quote(s, before)) {
			word = (size_t)(strchr(s + 1, *s) - s) + 1;
			continue;
		}
		for (word = 0; isalnum((unsigned char)s[word]) ||
			       (word > 0 && s[word] != '\0' &&
				   strchr("-_.:", s[word]) != NULL &&
				   isalnum((unsigned char)s[word + 1]));
		     word++)
			;
		i = strcspn(s, "0123456789");
		if (i < word) {
			to[n++] = '0';
			continue;
		}
		if (word == 0)
			word = 1;
		for (i = 0; i < word && n < size - 1; i++)
			to[n++] = s[i];
	}
	to[n] = '\0';
}

void
health_refuse(
    struct health *h, unsigned long number, const char *reason, int is_service)
{
	char said[sizeof h->reason];

	copy_reason(said, sizeof said, reason);
	if (strcmp(said, h->reason) != 0)
		h->alike = 0;
	memcpy(h->reason, said, sizeof said);
	h->alike++;
	if (!is_service && h->proven_by > 0)
		return;
	if (h->row++ == 0)
		h->row_from = number;
}

int
health_is_suspect(const struct health *h)
{
	return h->row >= HEALTH_ROW ||
	       (h->proven_by == 0 && h->alike >= HEALTH_ALIKE);
}
