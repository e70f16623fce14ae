/*
 * rescore: requests for the scores that documents have for a query, as a
 * cross-encoder gives them, and the replies.
 *
 * Sources: vLLM, entrypoints/pooling/scoring/protocol.py (/v1/rerank, /v1/score
 * with text_1 and text_2); SGLang, entrypoints/openai/serving_rerank.py (a list
 * sorted by score; its /v1/score is another thing); llama.cpp, tools/server
 * (/v1/rerank, and the form of TEI where the request has texts);
 * text-embeddings-inference, router/src/http (/rerank with texts, a list sorted
 * by score); infinity, and the services of Jina, Cohere and Voyage (/rerank;
 * Voyage's list is called data).
 *
 * The reply to a request has one choice, whose text is the list of the scores
 * in the order of the documents, as JSON.
 */
#pragma once

#include "llm/reply.h"

/* Forms in which servers are asked, in the order in which they are tried. */
enum rescore_form {
	RESCORE_RERANK, /* query and documents */
	RESCORE_SCORE,  /* text_1 and text_2 */
	RESCORE_TEXTS,  /* query and texts */
	RESCORE_FORMS
};

/* Return the path of a form, to be put behind a base URL: "/rerank". */
const char *rescore_path(enum rescore_form);

/*
 * Return whether a form's path stands beside the version of a base URL, as in
 * http://host/rerank for http://host/v1.
 */
int rescore_is_beside(enum rescore_form);

/*
 * Append a request in a form: query is a string and documents a list of
 * strings, both raw. extra holds further members, which go before those of
 * ours; p NULL: none.
 */
void rescore_write(struct buf *, enum rescore_form, const char *model,
    struct span extra, struct span query, struct span documents);

/*
 * Read the body of a 200 to a request with n documents: 0; -1 with *why unless
 * it has exactly one finite score for each. All is borrowed from the arena.
 */
int rescore_read(
    struct span body, int n, struct arena *, struct reply *, const char **why);

/* Return whether a text is a list of n finite numbers. */
int rescore_is_list(struct span text, int n);
