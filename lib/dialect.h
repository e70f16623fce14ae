/*
 * dialect: what the servers that speak "chat completions" call things.
 */
#ifndef TG_DIALECT_H
#define TG_DIALECT_H

#include "buf.h"

struct dialect {
	const char *name;
	const char *owned_by; /* of a model in /v1/models, NULL: not told so */
	const char *cap;      /* how the token limit is called */
	const char *penalty;  /* repetition penalty; NULL: has none */
	const char *choice;   /* member that constrains an answer, or NULL */
	enum { CHOICE_NONE, CHOICE_LIST, CHOICE_REGEX, CHOICE_GRAMMAR } how;
	int fixed_sampling; /* refuses temperature and top_p */
	int one_choice;     /* takes no notice of n */
};

/* By name, "generic" first; NULL if unknown. Static. */
const struct dialect *dialect_find(const char *name);

/* By the owner /v1/models gives a model; "generic" if it tells nothing. */
const struct dialect *dialect_of_owner(struct span owner);

/* All names, comma separated, for messages. */
void dialect_names(struct buf *);

/*
 * Append `,"member":value` that lets the server answer one of the strings in
 * list (a JSON array of plain words) and nothing else; nothing if it can't.
 */
void dialect_constrain(const struct dialect *, struct buf *, struct span list);

#endif
