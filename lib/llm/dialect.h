/*
 * dialect: the names that servers of chat completions have for things.
 *
 * An endpoint starts with a copy of a row of the table. dialect_forgo notes in
 * the copy what the endpoint refuses.
 */
#pragma once

#include "base/buf.h"

/* The parameters of a request. */
enum request_param {
	REQUEST_TEMPERATURE,
	REQUEST_TOP_P,
	REQUEST_MAX_TOKENS,
	REQUEST_REPETITION_PENALTY,
	REQUEST_LOGIT_BIAS,
	REQUEST_SEED,
	REQUEST_NPARAM, /* names before this may also come from a record */
	REQUEST_LOGPROBS = REQUEST_NPARAM,
	REQUEST_TOP_LOGPROBS,
	REQUEST_STREAM,
	REQUEST_ENCODING,
	REQUEST_NNAMES
};

struct dialect {
	const char *name;
	const char *owned_by; /* owner of a model in /v1/models; NULL: none */
	const char *names[REQUEST_NNAMES]; /* NULL: none, or it is refused */
	const char *choice; /* name of the constraint; NULL: none */
	enum {
		CHOICE_NONE,
		CHOICE_OBJECT, /* the constraint is {"choice": list} */
		CHOICE_LIST,
		CHOICE_REGEX,
		CHOICE_GRAMMAR, /* the constraint is a grammar, GBNF */
		CHOICE_SCHEMA,  /* a JSON schema puts the answer in quotes */
	} how;
	int fixed_sampling; /* flag: temperature and top_p are refused */
	int one_choice;     /* flag: n is ignored */
};

/* Return the dialect of a name, static; NULL if unknown. */
const struct dialect *dialect_find(const char *name);

/* Return the dialect of OpenAI's own service for a model. */
const struct dialect *dialect_of_model(const char *model);

/* Return the dialect of a service known by its address; NULL: unknown. */
const struct dialect *dialect_of_url(const char *url, const char *model);

/*
 * Return the dialect that the "data" of /v1/models and the entry in use tell:
 * by the owner, else by members that only one kind of server has. "generic" if
 * they tell nothing.
 */
const struct dialect *dialect_of_models(struct span data, struct span entry);

/*
 * The tokens that the model of an entry of /v1/models holds, prompt and answer
 * together, as the server runs it; 0 where the entry does not tell.
 */
long dialect_context(struct span entry);

/* Append all names, separated by commas, for messages. */
void dialect_names(struct buf *);

/*
 * Append `,"member":value` that lets the server answer one of the strings in
 * list (a JSON array of plain words) and nothing else; nothing if it can't.
 */
void dialect_constrain(const struct dialect *, struct buf *, struct span list);

/*
 * Note that the endpoint has refused the request member called name: another
 * name takes its place, or the member is left out. Return 1; 0 if that was
 * noted before; -1 if the member is not optional.
 */
int dialect_forgo(struct dialect *, struct span name);
