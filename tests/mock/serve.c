/* serve: the loop that runs libmicrohttpd, the clock and the signals */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "mock.h"

enum { EVENTS = 4096 };

static int epfd, sigfd;

int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Signals are taken only where we wait, so nothing is ever half done. */
static int
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Take a signal; whether it is one to stop at. */
static bool
take_signal(void)
{
	struct signalfd_siginfo sig = { 0 };

	if (read(sigfd, &sig, sizeof sig) != sizeof sig)
		return false;
	if (sig.ssi_signo != SIGUSR1)
		return true;
	conn_let_go();
	return false;
}

/* How long to wait, in ms: till the first is due or libmicrohttpd wants. */
static int
patience(struct MHD_Daemon *d)
{
	int64_t left = 60000, due = conn_due();
	MHD_UNSIGNED_LONG_LONG mhd;

	if (due != NEVER && (due - now_us() + 999) / 1000 < left)
		left = (due - now_us() + 999) / 1000;
	if (MHD_get_timeout(d, &mhd) && (int64_t)mhd < left)
		left = (int64_t)mhd;
	return left < 0 ? 0 : (int)left;
}

static void
loop(struct MHD_Daemon *d)
{
	static struct epoll_event ev[EVENTS];
	bool stop = false;
	int i, n;

	while (!stop) {
		n = epoll_wait(epfd, ev, EVENTS, patience(d));
		for (i = 0; i < n; i++) {
			if (ev[i].data.ptr == &sigfd)
				stop = take_signal() || stop;
			else if (ev[i].data.ptr != d)
				conn_hangup(ev[i].data.ptr);
		}
		conn_wake(now_us());
		MHD_run(d);
	}
	/* libmicrohttpd must not be stopped while any is suspended */
	conn_stop();
	MHD_run(d);
}

/* The file is there only when it is whole. */
static int
write_port(const char *file, uint16_t port)
{
	struct buf tmp = { 0 };
	FILE *f;
	int bad;

	buf_fmt(&tmp, "%s.%ld", file, (long)getpid());
	if ((f = fopen(buf_cstr(&tmp), "w")) == NULL)
		goto fail;
	bad = fprintf(f, "%u\n", port) < 0;
	bad |= fclose(f) != 0;
	if (bad || rename(buf_cstr(&tmp), file) == -1)
		goto fail;
	buf_free(&tmp);
	return 0;
fail:
	fprintf(stderr, "mockllm: %s: %s\n", file, strerror(errno));
	buf_free(&tmp);
	return -1;
}

int
serve(const char *portfile)
{
	struct rlimit files;
	struct epoll_event ev = { .events = EPOLLIN };
	struct MHD_Daemon *d;
	int status = TG_EX_OK;
	uint16_t port;

	sigfd = open_signals();
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	stats.started = now_us();
	epfd = epoll_create1(EPOLL_CLOEXEC);
	if ((d = conn_listen((uint16_t)opt.port, epfd)) == NULL) {
		fprintf(
		    stderr, "mockllm: can't listen on port %.0f\n", opt.port);
		return TG_EX_IO;
	}
	ev.data.ptr = d;
	epoll_ctl(epfd, EPOLL_CTL_ADD,
	    MHD_get_daemon_info(d, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, &ev);
	ev.data.ptr = &sigfd;
	epoll_ctl(epfd, EPOLL_CTL_ADD, sigfd, &ev);
	port = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port;
	if (portfile == NULL) {
		printf("http://127.0.0.1:%u/v1\n", port);
		fflush(stdout);
	}
	if (portfile == NULL || write_port(portfile, port) == 0)
		loop(d);
	else
		status = TG_EX_IO;
	MHD_stop_daemon(d);
	close(epfd);
	close(sigfd);
	return status;
}
