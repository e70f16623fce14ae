/*
 * signals: counts SIGTERM and SIGINT, and the end of a watched process.
 *
 * A pipe wakes poll when one comes. The end of a process that tg-llm works for
 * counts as a SIGTERM. SIGXFSZ is ignored, as io_start ignores SIGPIPE: the
 * write fails instead.
 */
#ifndef TG_LLM_SIGNALS_H
#define TG_LLM_SIGNALS_H

#include <poll.h>
#include <signal.h>
#include <sys/types.h>

extern volatile sig_atomic_t signals_seen; /* number of signals that came */
extern volatile sig_atomic_t signals_last; /* last signal; 0: none came */

/* Catch the signals from now on; exit with a message of tool if that fails. */
void signals_catch(const char *tool);

/*
 * Count the end of process pid as a SIGTERM, whatever ends it. Only one process
 * can be watched.
 */
void signals_watch(pid_t pid);

/* Return whether a signal came or the watched process has ended. */
int signals_came(void);

/* Return whether the watched process has ended. */
int signals_orphaned(void);

/*
 * Fill in two entries for poll; one is readable when a signal came since
 * signals_drop. Return how long poll may wait, ms; -1: any time. An old kernel
 * does not tell when the watched process ends.
 */
int signals_poll(struct pollfd p[2]);

/* Empty the pipe, so that poll waits for the next signal. */
void signals_drop(void);

#endif
