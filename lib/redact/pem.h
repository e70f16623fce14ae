/*
 * pem: the body of a private key, in a file or within the strings of a program.
 */
#pragma once

#include "base/buf.h"

/*
 * Find the body of a private key behind offset at of a text, which is behind
 * the words BEGIN PRIVATE KEY. Return its offsets: from the first to the last
 * digit of base64; start == end: there is no body. What the body holds besides
 * its digits, such as line ends and quotes, is no part of the key.
 */
struct pem_body {
	size_t start, end;
} pem_find(struct span text, size_t at);

/*
 * Append what is left of a body without its digits: the line ends, and the
 * quotes and signs that join strings, so that lines keep their numbers and a
 * program its form.
 */
void pem_leave(struct span body, struct buf *out);
