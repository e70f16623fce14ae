/* signals: what tg-llm catches, and the process that it works for */
#include "tg-llm/signals.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/io.h"
#include "tap.h"

static int is_old; /* whether the kernel knows no pidfds */

/* Make a system call, of at most three numbers. */
long
syscall(long number, ...)
{
	static long (*next)(long, ...);
	void *found = dlsym(RTLD_NEXT, "syscall");
	long a, b, c;
	va_list ap;

	if (is_old && number == SYS_pidfd_open) {
		errno = ENOSYS;
		return -1;
	}
	memcpy(&next, &found, sizeof next);
	va_start(ap, number);
	a = va_arg(ap, long);
	b = va_arg(ap, long);
	c = va_arg(ap, long);
	va_end(ap);
	return next(number, a, b, c);
}

/* Return the handler of a signal. */
static void (*handler_of(int sig))(int)
{
	struct sigaction sa;

	sigaction(sig, NULL, &sa);
	return sa.sa_handler;
}

/* Return which entries of signals_poll are ready at once, as bits. */
static int
ready(struct pollfd p[2], int timeout_ms)
{
	poll(p, 2, timeout_ms);
	return (p[0].revents & POLLIN ? 1 : 0) |
	       (p[1].revents & POLLIN ? 2 : 0);
}

static void
caught(void)
{
	struct pollfd p[2];

	signal(SIGINT, SIG_IGN);
	signals_catch(0);
	ok(handler_of(SIGINT) == SIG_IGN, "a SIGINT that is ignored stays so");
	signal(SIGINT, SIG_DFL);
	signals_catch(0);
	ok(handler_of(SIGINT) != SIG_DFL, "a SIGINT is caught otherwise");
	ok(!signals_came() && signals_last == 0, "no signal has come");
	is_int(signals_poll(p), -1, "poll may wait for any time");
	is_int(ready(p, 0), 0, "no entry is ready before a signal");
	is_int(p[1].fd, -1, "no process is watched");
	errno = 5;
	raise(SIGTERM);
	is_int(errno, 5, "a signal leaves errno as it was");
	ok(signals_came() && signals_seen == 1 && signals_last == SIGTERM,
	    "a SIGTERM has come");
	is_int(ready(p, 0), 1, "a signal makes the first entry ready");
	is_int(signals_poll(p), 0, "poll may not wait after a signal");
	is_int(signals_poll(p), -1, "poll may wait again");
	is_int(ready(p, 0), 0, "a signal wakes poll once");
	raise(SIGINT);
	ok(signals_seen == 2 && signals_last == SIGINT, "a SIGINT has come");
	is_int(signals_poll(p), 0, "poll may not wait after another signal");
	ok(fcntl(p[0].fd, F_GETFD) == FD_CLOEXEC &&
		(fcntl(p[0].fd, F_GETFL) & O_NONBLOCK) != 0,
	    "the descriptor is not inherited and does not block");
	close(p[0].fd);
	errno = 5;
	raise(SIGTERM);
	is_int(errno, 5, "a signal that wakes nobody leaves errno, too");
	signals_seen = 0;
	ok(!signals_came() && !signals_orphaned, "no process has ended");
}

/* Test that the end of a process is noted, by a kernel with pidfds or not. */
static void
orphaned(int old)
{
	struct pollfd p[2];
	pid_t pid = fork();
	int status, has_pidfd, wait_ms;

	if (pid == 0) {
		signal(SIGTERM, SIG_DFL);
		pause();
		_exit(0);
	}
	is_old = old;
	has_pidfd = syscall(SYS_pidfd_open, getpid(), 0u) != -1;
	signals_seen = signals_orphaned = 0;
	signals_catch(pid);
	signals_poll(p);
	wait_ms = signals_poll(p);
	is_int(p[1].fd != -1, has_pidfd, "poll is woken if the kernel can");
	ok(has_pidfd ? wait_ms == -1 : wait_ms > 0 && wait_ms <= 1000,
	    "poll looks now and then if the kernel cannot wake it");
	ok(!signals_came() && !signals_orphaned,
	    "a process that runs has not ended");
	kill(pid, SIGKILL);
	if (has_pidfd)
		is_int(ready(p, 60 * 1000), 2,
		    "the end of the process makes the second entry ready");
	else
		waitpid(pid, &status, 0);
	ok(signals_came() && signals_orphaned,
	    "the end of the process is noted");
	ok(signals_seen == 1 && signals_last == SIGTERM,
	    "the end of the process counts as a SIGTERM");
	signals_came();
	is_int(signals_seen, 1, "the end of the process counts once");
	signals_poll(p);
	is_int(p[1].fd, -1, "a process that has ended is not watched");
	is_int(signals_poll(p), -1, "poll may wait for any time in the end");
	if (has_pidfd)
		waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	    "the process is watched, and gets no signal");
}

static struct rlimit files;

/* Let the leak sanitizer, which runs last, open files again. */
static void
allow_files(void)
{
	setrlimit(RLIMIT_NOFILE, &files);
}

/* Catch signals where no file can be opened. */
static void
refused(void)
{
	int ends[2], status;
	char text[200];
	ssize_t n;
	pid_t pid;

	if (pipe(ends) == -1)
		exit(3);
	if ((pid = fork()) == 0) {
		dup2(ends[1], STDERR_FILENO);
		getrlimit(RLIMIT_NOFILE, &files);
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 0, files.rlim_max });
		atexit(allow_files);
		signals_catch(0);
		_exit(0);
	}
	close(ends[1]);
	n = read(ends[0], text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	waitpid(pid, &status, 0);
	close(ends[0]);
	is_str(text, "tg-llm: eventfd: Too many open files\n",
	    "a message tells that signals cannot be caught");
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 3,
	    "the program ends if signals cannot be caught");
}

int
main(void)
{
	io_program = "tg-llm";
	refused();
	caught();
	orphaned(0);
	orphaned(1);
	return done();
}
