/*
 * sentences: the sentences of a text, one by one.
 */
#pragma once

#include "base/buf.h"

/*
 * Move *s behind the end of its next sentence or line. Return 0 if it has no
 * further one.
 */
int sentences_next(struct span *s);
