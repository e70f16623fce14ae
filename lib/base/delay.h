/*
 * delay: how long a server asks its clients to wait, in the forms that servers
 * were seen to write: "12", "7.66s", "1m30s", "250ms", "20 seconds", a time of
 * the Unix epoch. Delays are in ms.
 */
#pragma once

enum {
	DELAY_MAX = 120 * 1000, /* longest delay that is granted, ms */
};

/*
 * Read the delay at the beginning of s, and set *end behind it. A number
 * without a unit counts unit_ms, or is a time since 1970 if it is too large for
 * a delay; with unit_ms 0 a number needs a unit. Return the delay, which is 0
 * for a time that has passed; -1 if there is none, with *end at s.
 */
double delay_read(const char *s, double unit_ms, const char **end);

/*
 * Return the longest delay that a text asks for, whatever else it says: in a
 * sentence ("try again in 12s"), or as a member ("retryDelay": "30s"); -1 if it
 * asks for none.
 */
double delay_find(const char *text);
