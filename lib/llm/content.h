/*
 * content: the text of a message, in any of the shapes that servers give it.
 */
#pragma once

#include "base/buf.h"
#include "base/mem.h"

/* The content of a message. */
struct content {
	struct span text; /* decoded, in the reply or the arena; p NULL: none */
	struct span reasoning; /* reasoning beside the text, decoded; p NULL:
				* none, or not in one string */
	int refused;           /* flag: the text is a refusal */
	int reasoned;          /* flag: reasoning stands beside the text */
	int broken;            /* flag: a part of the text was no Unicode */
};

/*
 * Read the message of a choice, or the choice itself where it has none: an
 * object whose text is a string, a list of strings and parts, or one part.
 * js_text must have accepted the object. A text that stream_read has replaced
 * by false is broken.
 */
struct content content_read(struct span message, struct arena *);

/*
 * Return whether the value of a member "error", of a body or a choice, tells of
 * one: it is there, and no empty text, list or object.
 */
int content_is_error(struct span value);
