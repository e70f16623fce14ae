/*
 * llm-signals: SIGTERM and SIGINT, counted, and told to poll through a pipe.
 *
 * What cannot be written fails where it is written: SIGPIPE and SIGXFSZ are
 * ignored.
 */
#ifndef TG_LLM_SIGNALS_H
#define TG_LLM_SIGNALS_H

#include <signal.h>

extern volatile sig_atomic_t signals_seen; /* how many came */
extern volatile sig_atomic_t signals_last; /* which one, if any did */

/* Catch them from now on; ends the program if that cannot be. */
void signals_catch(const char *tool);

/* To be polled: it can be read when one came that is not dropped yet. */
int signals_fd(void);

/* Empty it, so that a poll waits for the next one. */
void signals_drop(void);

#endif
