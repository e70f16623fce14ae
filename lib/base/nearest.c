/* nearest: the name that a mistyped word most likely means */
#include "base/nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
	LETTERS = 64, /* longest word that is compared */
	PART = 4,     /* fewest letters that suffice as a part of a name */
	SLIP =
	    2 * LETTERS /* cost of a slip, above every difference of length */
};

/* Copy a word without what makes no difference; return its length, or 0. */
static size_t
fold(char to[LETTERS], const char *s, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if (strchr("-_. ", s[i]) != NULL && s[i] != '\0')
			continue;
		if (n == LETTERS)
			return 0;
		to[n++] = (char)tolower((unsigned char)s[i]);
	}
	return n;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Return how many letters to insert, delete, replace or swap with the next one
 * to make b of a.
 */
static size_t
slips(const char *a, size_t an, const char *b, size_t bn)
{
	size_t rows[3][LETTERS + 1], *before = rows[0], *last = rows[1];
	size_t *now = rows[2], *free_row, i, j;

	for (j = 0; j <= bn; j++)
		last[j] = j;
	for (i = 1; i <= an; i++) {
		now[0] = i;
		for (j = 1; j <= bn; j++) {
			now[j] = least(least(last[j], now[j - 1]) + 1,
			    last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
		free_row = before;
		before = last;
		last = now;
		now = free_row;
	}
	return last[bn];
}

void
nearest_offer(struct nearest *n, const char *name)
{
	char word[LETTERS], whole[LETTERS];
	size_t wn = fold(word, n->word.p, n->word.n);
	size_t nn = fold(whole, name, strlen(name)), count, cost;

	if (wn == 0 || nn == 0)
		return;
	count = slips(word, wn, whole, nn);
	if (count <= (wn + 2) / 4)
		cost = SLIP * count;
	else if (wn >= PART && nn > wn && memmem(whole, nn, word, wn) != NULL)
		cost = (size_t)SLIP * LETTERS + nn; /* the shortest name wins */
	else
		return;
	if (n->name == NULL || cost < n->cost) {
		n->name = name;
		n->cost = cost;
	}
}

const char *
nearest_hint(const struct nearest *n)
{
	static char hint[96];

	if (n->name == NULL)
		return "";
	snprintf(hint, sizeof hint, " (did you mean %.64s?)", n->name);
	return hint;
}
