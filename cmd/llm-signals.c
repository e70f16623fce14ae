/* llm-signals: a signal asks tg-llm to stop, and a second one to do so now */
#include "llm-signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "mem.h"

volatile sig_atomic_t signals_seen, signals_last;
static int signal_pipe[2];

static void
on_signal(int sig)
{
	int saved = errno;
	ssize_t n;

	signals_last = sig;
	signals_seen++;
	n = write(signal_pipe[1], "", 1);
	(void)n; /* a full pipe wakes poll as well */
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
	/* a shell's background job ignores SIGINT, and goes on doing so */
	sigaction(SIGINT, NULL, &old);
	if (old.sa_handler != SIG_IGN)
		sigaction(SIGINT, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

int
signals_fd(void)
{
	return signal_pipe[0];
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
