/*
 * secrets: takes secrets out of the texts of a record before anything is made
 * of them, or rejects the record.
 *
 * The texts are the code, those of member similar, and query, pos and neg of a
 * record that comes as a pair. A text without secrets keeps its bytes.
 */
#pragma once

#include "record/rec.h"
#include "redact/redact.h"

struct secrets {
	enum redact_what what;
	struct redact *redact; /* NULL: not used yet */
	size_t dropped;        /* records rejected */
};

/*
 * Serve a record whose code is in member field, as --secrets says. Return 0, or
 * -1 after ending the record as rejected.
 */
int secrets_serve(struct secrets *, struct rec *, const char *field);

/* Say on stderr how many secrets there were, unless there were none. */
void secrets_say(const struct secrets *);

/* Append the counts as a member of JSON after others, or nothing. */
void secrets_count(const struct secrets *, struct buf *);
