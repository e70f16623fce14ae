/* clock: a clock that does not count the time of a stop */
#include "base/clock.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

enum { STOP_MS = 3000, PATIENCE_MS = 60 * 1000 };

/* Return whether a child that is stopped for STOP_MS does not count that. */
static int
child(void)
{
	long long began = clock_ms(), real = clock_real_ms();

	raise(SIGSTOP);
	return clock_real_ms() - real >= STOP_MS / 2 &&
	       clock_ms() - began < STOP_MS / 2;
}

int
main(void)
{
	long long began = clock_ms(), real = clock_real_ms();
	int status;
	pid_t pid;

	while (clock_ms() - began < 600 && clock_real_ms() - real < PATIENCE_MS)
		poll(NULL, 0, 50);
	ok(clock_ms() - began >= 600,
	    "the clock goes on while it is looked at");
	ok(clock_ms() - began <= clock_real_ms() - real,
	    "the clock is not ahead of the time");
	if ((pid = fork()) == 0)
		_exit(!child());
	waitpid(pid, &status, WUNTRACED);
	poll(NULL, 0, STOP_MS);
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	is_int(status, 0, "the time of a stop does not count");
	return done();
}
