/*
 * signals: SIGTERM and SIGINT, counted, and told to poll through a pipe.
 *
 * The end of a process that tg-llm works for can count as a SIGTERM. What
 * cannot be written fails where it is written: SIGXFSZ is ignored, as SIGPIPE
 * is by io_start.
 */
#ifndef TG_LLM_SIGNALS_H
#define TG_LLM_SIGNALS_H

#include <poll.h>
#include <signal.h>
#include <sys/types.h>

extern volatile sig_atomic_t signals_seen; /* how many came */
extern volatile sig_atomic_t signals_last; /* which one, if any did */

/* Catch them from now on; ends the program if that cannot be. */
void signals_catch(const char *tool);

/*
 * Take the end of process pid for a SIGTERM, whatever ended it, SIGKILL and a
 * crash as well. One pid can be watched.
 */
void signals_watch(pid_t pid);

/* Whether a signal came, or the process that is watched has ended. */
int signals_came(void);

/* Whether the process that was watched has ended. */
int signals_orphaned(void);

/*
 * Fill in two entries for poll, of which one is readable when something came
 * that was not dropped yet. Returns how long poll may wait, ms, or -1 for any
 * time: an old kernel does not tell when the watched process ends.
 */
int signals_poll(struct pollfd p[2]);

/* Empty it, so that a poll waits for the next one. */
void signals_drop(void);

#endif
