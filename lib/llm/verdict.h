/*
 * verdict: the digit in a judge's answer.
 */
#pragma once

#include "base/buf.h"

/*
 * Return the verdict 0, 1 or 2 of an answer; -1 if it is not exactly one.
 *
 * A digit is bare with white space, quotes, backticks, brackets, asterisks,
 * underscores, a code fence, \boxed{}, a bullet and a full stop around it. The
 * answer is a bare digit; or begins with one and a line break, a colon, or a
 * full stop and white space; or begins or ends with a label of one to three
 * words, a colon, white space and a bare digit, or with a bare digit in a tag
 * such as <answer>. Another bare digit on a line of its own, behind a label or
 * a colon, or as the number of a list makes it unreadable; one within a
 * sentence does not. A label that says "not" is none. Reasoning before the
 * answer does not count.
 */
int verdict_read(struct span answer);

/* Do the same, and set *at to the place of the digit within the answer. */
int verdict_find(struct span answer, const char **at);
