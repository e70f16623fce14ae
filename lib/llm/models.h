/*
 * models: the list of models that a server gives, and which of them can chat.
 *
 * Lists differ: OpenAI's has only names; others tell a task, a type, a mode,
 * capabilities or modalities of each model. The tables of the source hold what
 * Mistral, Together, OpenRouter, Fireworks, Infinity, Xinference, LM Studio,
 * GitHub, Cloudflare and others were seen to send.
 */
#pragma once

#include "base/buf.h"

/* Return the array of models in a body of /v1/models; p NULL if it has none. */
struct span models_list(struct span body);

/* Return whether the model of an entry can chat, as far as the entry tells. */
int models_can_chat(struct span entry);

/* Uses of a model. */
enum models_use { MODELS_CHAT, MODELS_EMBED, MODELS_RERANK };

/*
 * Return the first entry of a list that fits a use best and has a name that can
 * be shown; p NULL if there is none. A model that cannot chat does not fit
 * MODELS_CHAT at all. For the other uses any will do, but one that cannot chat
 * comes first, and before it for MODELS_RERANK one that is called a reranker.
 */
struct span models_pick(struct span list, enum models_use);
