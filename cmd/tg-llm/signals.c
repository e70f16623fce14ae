/* signals: counts SIGTERM and SIGINT, and the end of a watched process */
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/io.h"

enum {
	LOOK_MS = 500
}; /* time between looks at a process without a pidfd, ms */

volatile sig_atomic_t signals_seen, signals_last;
static int signal_pipe[2];

/* The process that is watched; 0: none. */
static pid_t watched;
static int watched_fd =
    -1; /* pidfd of the watched process; -1: the kernel has none */
static int orphaned;

static void
on_signal(int sig)
{
	int saved = errno;
	ssize_t n;

	signals_last = sig;
	signals_seen++;
	n = write(signal_pipe[1], "", 1);
	(void)n; /* a full pipe wakes poll, too */
	errno = saved;
}

void
signals_catch(const char *tool)
{
	struct sigaction sa = { .sa_handler = on_signal }, old;

	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) == -1) {
		io_warn(tool, "pipe: %s", strerror(errno));
		exit(TG_EX_IO);
	}
	sigaction(SIGTERM, &sa, NULL);
	/* a shell's background job ignores SIGINT and must go on doing so */
	sigaction(SIGINT, NULL, &old);
	if (old.sa_handler != SIG_IGN)
		sigaction(SIGINT, &sa, NULL);
	signal(SIGXFSZ, SIG_IGN);
}

/* Return whether the watched process, which there is, has ended. */
static int
has_ended(void)
{
	struct pollfd p = { .fd = watched_fd, .events = POLLIN };

	if (watched_fd == -1)
		return kill(watched, 0) == -1 && errno == ESRCH;
	return poll(&p, 1, 0) > 0;
}

void
signals_watch(pid_t pid)
{
	watched = pid;
#ifdef SYS_pidfd_open
	/* Linux 5.3 has it; has_ended sees by itself what ESRCH would tell */
	watched_fd = (int)syscall(SYS_pidfd_open, pid, 0u);
#endif
}

int
signals_came(void)
{
	if (watched != 0 && has_ended()) {
		watched = 0;
		orphaned = 1;
		on_signal(SIGTERM);
	}
	return signals_seen > 0;
}

int
signals_orphaned(void)
{
	return orphaned;
}

int
signals_poll(struct pollfd p[2])
{
	p[0] = (struct pollfd){ .fd = signal_pipe[0], .events = POLLIN };
	p[1] = (struct pollfd){ .fd = watched != 0 ? watched_fd : -1,
		.events = POLLIN };
	return watched != 0 && watched_fd == -1 ? LOOK_MS : -1;
}

void
signals_drop(void)
{
	static sig_atomic_t dropped;
	char drop[16];

	if (dropped == signals_seen)
		return;
	dropped = signals_seen;
	while (read(signal_pipe[0], drop, sizeof drop) > 0)
		;
}
