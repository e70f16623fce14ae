/*
 * marks: what chat templates put around an answer, where a server leaves it in
 * the text: blocks of reasoning, marks of turns and channels, marks of the end.
 *
 * A mark counts at the start of a text or at its end. One that stands in the
 * middle, in quotes or in a code fence is what the text speaks of.
 */
#pragma once

#include "base/buf.h"

/*
 * Return the answer of a text without the marks around it, a part of the text
 * given, in linear time. Blocks of reasoning go, and so does the end of a block
 * whose start stood in the prompt. Where a block has no end, the answer is
 * empty. *reasoned, unless it is NULL, says whether there was reasoning.
 */
struct span marks_strip(struct span text, int *reasoned);
