/*
 * signals: counts SIGTERM and SIGINT, and the end of a watched process.
 *
 * A descriptor wakes poll when one comes. The end of a process that tg-llm
 * works for counts as a SIGTERM.
 */
#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/types.h>

extern volatile sig_atomic_t signals_seen; /* number of signals that came */
extern volatile sig_atomic_t signals_last; /* last signal; 0: none came */
extern int signals_orphaned; /* 1: the watched process has ended */

/*
 * Catch the signals from now on, and count the end of process pid (0: none) as
 * a SIGTERM, whatever ends it. Exit with a message if that fails.
 */
void signals_catch(pid_t pid);

/* Return whether a signal came or the watched process has ended. */
int signals_came(void);

/*
 * Fill in two entries for poll that a signal wakes. Return how long poll may
 * wait, ms: 0 if a signal came since the last call; -1: any time. An old kernel
 * does not tell when the watched process ends.
 */
int signals_poll(struct pollfd p[2]);
