/* keywords: finds the words of a list in a text, all in one pass */
#include "redact/keywords.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The bit of a step to a state at which words end. */
static const uint32_t WORDS_END = UINT32_C(1) << 31;

/* Return a byte with letters of ASCII in lower case. */
static unsigned char
folded(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

void
keywords_bytes(struct keywords *k, struct span word)
{
	unsigned char c;
	size_t i;

	if (k->classes == 0)
		k->classes = 1;
	for (i = 0; i < word.n; i++) {
		c = folded(word.p[i]);
		if (k->class[c] != 0)
			continue;
		k->class[c] = (unsigned char)k->classes++;
		if (c >= 'a' && c <= 'z')
			k->class[c - 'a' + 'A'] = k->class[c];
	}
}

/* Add a state without steps and hits, and return its number. */
static uint32_t
add_state(struct keywords *k)
{
	if (k->states == k->cap) {
		k->cap = k->cap > 0 ? 2 * k->cap : 256;
		k->next = mem_array(
		    k->next, (size_t)k->cap * k->classes, sizeof *k->next);
		k->hits = mem_array(k->hits, k->cap, sizeof *k->hits);
	}
	memset(k->next + (size_t)k->states * k->classes, 0,
	    k->classes * sizeof *k->next);
	k->hits[k->states] = KEYWORDS_NONE;
	return k->states++;
}

/* Put a hit before those of a state. */
static void
add_hit(struct keywords *k, uint32_t state, int owner, size_t length)
{
	k->hit = mem_array(k->hit, (size_t)k->nhits + 1, sizeof *k->hit);
	k->hit[k->nhits] =
	    (struct keywords_hit){ owner, length, k->hits[state] };
	k->hits[state] = k->nhits++;
}

void
keywords_add(struct keywords *k, struct span word, int owner)
{
	uint32_t state = 0, made;
	size_t i, at;

	if (k->states == 0)
		add_state(k);
	for (i = 0; i < word.n; i++) {
		at = (size_t)state * k->classes +
		     k->class[(unsigned char)word.p[i]];
		if (k->next[at] == 0) {
			made = add_state(k);
			k->next[at] = made;
		}
		state = k->next[at];
	}
	add_hit(k, state, owner, word.n);
}

/*
 * Give a state the steps and the hits of the state that stands for the longest
 * end of its text.
 */
static void
join(struct keywords *k, uint32_t state, uint32_t shorter)
{
	int i = k->hits[shorter];

	for (; i != KEYWORDS_NONE; i = k->hit[i].next)
		add_hit(k, state, k->hit[i].owner, k->hit[i].length);
}

void
keywords_ready(struct keywords *k)
{
	uint32_t *queue, *shorter, first = 0, last = 0, c, state, to;

	if (k->states == 0)
		add_state(k);
	queue = mem_array(NULL, k->states, sizeof *queue);
	shorter = mem_array(NULL, k->states, sizeof *shorter);
	memset(shorter, 0, k->states * sizeof *shorter);
	queue[last++] = 0;
	while (first < last) {
		state = queue[first++];
		for (c = 0; c < k->classes; c++) {
			uint32_t *step =
			    &k->next[(size_t)state * k->classes + c];
			uint32_t other =
			    k->next[(size_t)shorter[state] * k->classes + c];

			to = *step;
			if (to == 0) {
				*step = state == 0 ? 0 : other;
				continue;
			}
			shorter[to] = state == 0 ? 0 : other;
			join(k, to, shorter[to]);
			queue[last++] = to;
		}
	}
	free(queue);
	free(shorter);
	/* a step leads to a row, and says whether words end: less work a byte
	 */
	for (c = 0; c < k->states * k->classes; c++) {
		to = k->next[c];
		k->next[c] = to * k->classes;
		if (k->hits[to] != KEYWORDS_NONE)
			k->next[c] |= WORDS_END;
	}
}

const struct keywords_hit *
keywords_next(
    const struct keywords *k, struct span text, size_t *at, uint32_t *state)
{
	const uint32_t *next = k->next;
	const unsigned char *class = k->class;
	uint32_t s = *state;
	size_t i;

	for (i = *at; i < text.n; i++) {
		s = next[s + class[(unsigned char)text.p[i]]];
		if ((s & WORDS_END) == 0)
			continue;
		s &= ~WORDS_END;
		*at = i + 1;
		*state = s;
		return &k->hit[k->hits[s / k->classes]];
	}
	*at = text.n;
	*state = s;
	return NULL;
}

const struct keywords_hit *
keywords_more(const struct keywords *k, const struct keywords_hit *hit)
{
	return hit->next == KEYWORDS_NONE ? NULL : &k->hit[hit->next];
}

void
keywords_free(struct keywords *k)
{
	free(k->next);
	free(k->hits);
	free(k->hit);
	*k = (struct keywords){ 0 };
}
