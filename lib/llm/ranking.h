/*
 * ranking: the numbers of the documents that an LLM names, best first.
 */
#pragma once

#include "base/buf.h"

/*
 * Read an answer that ranks some of the items 1 to n: write the numbers that it
 * names to order, which has room for n, in the order of the answer, and return
 * how many there are; -1 if the answer is not exactly one ranking.
 *
 * A ranking is numbers with commas, semicolons, ">", blanks or line breaks
 * between them, or the word "none", 0 or [] for no item. "Document" or
 * "Documents" may stand before a number. White space, quotes,
 * backticks, brackets, asterisks, underscores, a code fence, \boxed{}, bullets
 * and a full stop may stand around it or a number. The answer is a ranking; or
 * begins with a line of one; or begins or ends with a label of one to four
 * words, a colon and one. A second ranking on a line of its own makes it
 * unreadable, and so do a number that is repeated or not of an item, and a
 * label that says "not". Reasoning before the answer does not count.
 */
int ranking_read(struct span answer, int n, int *order);
