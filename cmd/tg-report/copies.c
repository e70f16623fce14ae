/* copies: how often things come again, and which come most often */
#include "copies.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

/* Put a thing that came n times where it belongs among the most frequent. */
static void
rank(struct copies *c, struct keyset_key key, size_t n, struct span text)
{
	struct copies_top *top = c->top, moved;
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < COPIES_TOP - 1; i++)
		if (top[i].n == 0 ||
		    (top[i].key.a == key.a && top[i].key.b == key.b))
			break;
	if (top[i].n >= n)
		return;
	if (top[i].key.a != key.a || top[i].key.b != key.b) {
		free(top[i].text);
		text_printable(&b, text, COPIES_TEXT);
		top[i].text = mem_dup(b.p, b.n);
		buf_free(&b);
	}
	top[i].key = key;
	top[i].n = n;
	for (; i > 0 && top[i - 1].n < top[i].n; i--) {
		moved = top[i - 1];
		top[i - 1] = top[i];
		top[i] = moved;
	}
}

void
copies_add(
    struct copies *c, struct span scope, struct span key, struct span text)
{
	struct keyset_key k = keyset_key(scope, 'c', key);
	size_t *n;

	c->seen.value = sizeof *n;
	n = keyset_add(&c->seen, k);
	c->n++;
	c->again += *n > 0;
	if (++*n > c->top[COPIES_TOP - 1].n)
		rank(c, k, *n, text);
}

void
copies_free(struct copies *c)
{
	size_t i;

	for (i = 0; i < COPIES_TOP; i++)
		free(c->top[i].text);
	keyset_free(&c->seen);
}
