/*
 * overlap: the words of a text, to compare a query with a document.
 *
 * A word is a run of letters and digits. A name of code is cut into its words:
 * readHTTPHeader and read_http_header are "read", "http" and "header". Words
 * are compared without regard to the case of ASCII letters, and not by their
 * stems. In a script without spaces between words each character is a word.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

/*
 * Take the next word off *rest, UTF-8: set *word, borrowed, and *hash, which is
 * equal for words that are equal. Return 0 at the end of the text.
 */
int overlap_word(struct span *rest, struct span *word, uint64_t *hash);

struct overlap {
	size_t of;    /* different words of the query; 0: it has none */
	size_t found; /* words of these that the document has */
};

/*
 * Count the different words of query, without the commonest English ones such
 * as "the", and those of them that document has. Only the first 256 words of a
 * query count. Takes linear time.
 */
struct overlap overlap_count(struct span query, struct span document);
