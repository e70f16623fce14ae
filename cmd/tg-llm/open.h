/*
 * open: opens the service or the batch that tg-llm asks.
 *
 * Keys come from the environment or a file, and are blanked there once chat has
 * them. A process that has keys leaves no core file and cannot be debugged, and
 * it cannot open /proc/self.
 */
#ifndef TG_LLM_OPEN_H
#define TG_LLM_OPEN_H

#include "options.h"

/*
 * Open the files that take the place of a service if --export or --import is
 * given, and set them for llm_open_chat. Exits if that fails.
 */
void llm_open_batch(struct llm_opts *);

/*
 * Make the chat with the service that options and environment name, or with the
 * batch. The caller frees it with chat_free. Exits if that fails.
 */
struct chat *llm_open_chat(struct llm_opts *);

#endif
