/*
 * dialect: what the servers that speak "chat completions" call things.
 *
 * A row of the table is where an endpoint starts. Its copy learns what the
 * endpoint refuses, by dialect_forgo.
 */
#ifndef TG_DIALECT_H
#define TG_DIALECT_H

#include "base/buf.h"

struct dialect {
	const char *name;
	const char *owned_by; /* of a model in /v1/models, NULL: not told so */
	const char *cap;      /* how the token limit is called; NULL: refused */
	const char *penalty;  /* repetition penalty; NULL: has none */
	const char *choice;   /* member that constrains an answer, or NULL */
	enum {
		CHOICE_NONE,
		CHOICE_OBJECT, /* {"choice": list} */
		CHOICE_LIST,
		CHOICE_REGEX,
		CHOICE_GRAMMAR, /* GBNF */
		CHOICE_SCHEMA,  /* a JSON schema: the answer is in quotes */
	} how;
	int fixed_sampling; /* refuses temperature and top_p */
	int one_choice;     /* takes no notice of n */
	unsigned without;   /* what an endpoint refused; 0 in the table */
};

/* By name, "generic" first; NULL if unknown. Static. */
const struct dialect *dialect_find(const char *name);

/* Of OpenAI's own service, for a model. */
const struct dialect *dialect_of_model(const char *model);

/* Of the services whose address says what they are; NULL: any other. */
const struct dialect *dialect_of_url(const char *url, const char *model);

/*
 * By the body of /v1/models, its "data" and the entry in use: the owner it
 * names, else the members only one kind of server has. "generic" if it tells
 * nothing.
 */
const struct dialect *dialect_of_models(struct span data, struct span entry);

/*
 * The tokens that the model of an entry of /v1/models holds, prompt and answer
 * together, as the server runs it; 0 where the entry does not tell.
 */
long dialect_context(struct span entry);

/* All names, comma separated, for messages. */
void dialect_names(struct buf *);

/*
 * Append `,"member":value` that lets the server answer one of the strings in
 * list (a JSON array of plain words) and nothing else; nothing if it can't.
 */
void dialect_constrain(const struct dialect *, struct buf *, struct span list);

/*
 * An endpoint has refused the request member called name: from now on another
 * name stands for it, or it is left out. 1; 0 if that is so already; -1 if it
 * is no member that can be done without.
 */
int dialect_forgo(struct dialect *, struct span name);

/* Whether a parameter of this name is left out because it was refused. */
int dialect_leaves_out(const struct dialect *, const char *name);

#endif
