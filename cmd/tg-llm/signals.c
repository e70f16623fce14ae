/* signals: counts SIGTERM and SIGINT, and the end of a watched process */
#include "signals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/io.h"

/* Time between looks at a process without a pidfd, ms. */
enum { LOOK_MS = 500 };

volatile sig_atomic_t signals_seen, signals_last;
int signals_orphaned;

static int wake_fd;         /* eventfd that a signal makes readable */
static pid_t watched;       /* watched process; 0: none */
static int watched_fd = -1; /* pidfd of watched; -1: the kernel has none */

static void
on_signal(int sig)
{
	int saved = errno;

	signals_last = sig;
	signals_seen++;
	eventfd_write(wake_fd, 1);
	errno = saved;
}

void
signals_catch(pid_t pid)
{
	struct sigaction sa = { .sa_handler = on_signal }, old;

	if ((wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1) {
		io_warn("eventfd: %s", strerror(errno));
		exit(TG_EX_IO);
	}
	sigaction(SIGTERM, &sa, NULL);
	/* a shell's background job ignores SIGINT and must go on doing so */
	sigaction(SIGINT, NULL, &old);
	if (old.sa_handler != SIG_IGN)
		sigaction(SIGINT, &sa, NULL);
	watched = pid;
#ifdef SYS_pidfd_open
	/* Linux 5.3 has it; has_ended sees by itself what ESRCH would tell */
	if (pid != 0)
		watched_fd = (int)syscall(SYS_pidfd_open, pid, 0u);
#endif
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

int
signals_came(void)
{
	if (watched != 0 && has_ended()) {
		watched = 0;
		signals_orphaned = 1;
		on_signal(SIGTERM);
	}
	return signals_seen > 0;
}

int
signals_poll(struct pollfd p[2])
{
	static sig_atomic_t told;
	eventfd_t n;

	p[0] = (struct pollfd){ .fd = wake_fd, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = watched != 0 ? watched_fd : -1,
		.events = POLLIN };
	if (told != signals_seen) {
		told = signals_seen;
		eventfd_read(wake_fd, &n);
		return 0;
	}
	return watched != 0 && watched_fd == -1 ? LOOK_MS : -1;
}
