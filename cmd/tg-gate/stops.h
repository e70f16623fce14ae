/*
 * stops: the full stops of prose, and whether its last sentence lacks one that
 * those before it have.
 */
#pragma once

#include "words.h"

/*
 * Return the number of sentences of a paragraph that have an end within it;
 * *rest: what is behind the last one.
 */
size_t stops_count(struct span paragraph, struct span *rest);

/* Return the last paragraph of a text. */
struct span stops_paragraph(struct span);

/* Return the last line of a text. */
struct span stops_line(struct span);

/* How much shows that a text without its last full stop is cut. */
enum {
	STOPS_SOME = 1, /* a last word that wants more must show it as well */
	STOPS_ALL,      /* nothing else need show it */
};

/*
 * Return how surely the last sentence of a text, trimmed and without a full
 * stop, lacks one, as above; 0: it may do without. The sentences, items or
 * paragraphs before it show that, or the turns of a dialogue. asked: a person
 * asks in it, and may leave it out.
 */
int stops_is_lacking(struct span text, int asked);
