/* lock: write locks on single bytes of an open file */
#include "base/lock.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>

#include "tap.h"

/* Start a process that locks a byte until it is killed; return its pid. */
static pid_t
holder(const char *path, off_t byte)
{
	int to[2], fd;
	char got;
	pid_t pid;

	if (pipe(to) == -1 || (pid = fork()) == -1)
		exit(3);
	if (pid == 0) {
		fd = open(path, O_RDWR);
		got = lock_wait(fd, byte) == 0 ? 'y' : 'n';
		if (write(to[1], &got, 1) == 1)
			pause();
		_exit(0);
	}
	ok(read(to[0], &got, 1) == 1 && got == 'y', "another process locks");
	close(to[0]);
	close(to[1]);
	return pid;
}

int
main(void)
{
	const char *path = tap_file(S(""));
	const off_t far = INT64_MAX - 1;
	int a = open(path, O_RDWR), b = open(path, O_RDWR);
	int reader = open(path, O_RDONLY);
	pid_t pid;

	if (a == -1 || b == -1 || reader == -1)
		return 3;
	ok(lock_try(a, 0) == 0 && lock_try(a, far) == 0,
	    "bytes far beyond the end can be locked");
	ok(lock_try(b, 0) == -1 && errno == EAGAIN,
	    "another open file of this process is kept out");
	ok(lock_try(b, 1) == 0, "the byte beside it is free");
	is_int(lock_held(b, 0, 1), 1, "a lock of another open file shows");
	is_int(lock_held(a, 0, 1), 0, "the file's own lock does not show");
	is_int(lock_held(a, 0, 0), 1, "0 bytes mean all bytes");
	is_int(lock_held(reader, far, 1), 1, "a reader sees a lock");
	is_int(lock_held(reader, 2, 100), 0, "between two locks no lock shows");
	is_int(lock_drop(a, 0), 0, "a lock can be released");
	is_int(
	    lock_try(b, 0), 0, "a released byte is free for another open file");
	close(b);
	is_int(lock_held(a, 0, 2), 0, "closing the file releases its locks");
	ok(lock_try(reader, 0) == -1 && errno == EBADF,
	    "a reader cannot lock, and the reason is not EAGAIN");
	pid = holder(path, 5);
	ok(lock_try(a, 5) == -1 && errno == EAGAIN,
	    "a byte that another process has locked is taken");
	kill(pid, SIGKILL);
	is_int(lock_wait(a, 5), 0, "a killed process leaves no lock");
	waitpid(pid, NULL, 0);
	ok(lock_held(-1, 0, 0) == -1,
	    "a failure to look is not taken for a free byte");
	unlink(path);
	return done();
}
