/*
 * dialogue: whether a text is what several persons say.
 */
#pragma once

#include "base/buf.h"

/* Return whether two lines or more begin with a speaker's name and a colon. */
int dialogue_is(struct span text);

/* Return whether the last turn of a dialogue alone lacks its full stop. */
int dialogue_lacks_stop(struct span text);
