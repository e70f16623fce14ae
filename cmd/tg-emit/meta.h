/*
 * meta: what tg-emit --meta adds to a triplet: the state of its record, and the
 * user's fields.
 */
#pragma once

#include "record/rec.h"

/* Append member meta of the triplet of a record, with a comma before it. */
void meta_write(struct buf *, struct rec *);

/*
 * Append a member of an object, whose value is raw JSON; a value that is absent
 * becomes null.
 */
void meta_member(struct buf *, struct span key, struct span value);
