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

/*
 * Return whether the last sentence of a text, trimmed and without a full stop,
 * lacks one: as the sentences, items or paragraphs before it, or the turns of a
 * dialogue, show. asked: a person asks in it, and may leave it out.
 */
int stops_is_lacking(struct span text, int asked);
