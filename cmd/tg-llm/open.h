/*
 * open: opens what tg-llm asks, with the keys that takes.
 *
 * Keys come from the environment or a file. They are blanked where they stood
 * once chat has them, and as long as the process has any it leaves no core and
 * cannot be looked into: /proc/self is not its own then.
 */
#ifndef TG_LLM_OPEN_H
#define TG_LLM_OPEN_H

#include "options.h"

/*
 * With --export or --import: open the files that take the place of a service,
 * and note so for llm_open_chat. Ends the program if that cannot be.
 */
void llm_open_batch(struct llm_opts *);

/*
 * New: the chat with the service that options and environment name, or with
 * the batch. Ends the program if it cannot be.
 */
struct chat *llm_open_chat(struct llm_opts *);

#endif
