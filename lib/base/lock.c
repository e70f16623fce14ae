/* lock: write locks on single bytes of an open file */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>

/* Call fcntl until no signal interrupts it: its result. */
static int
lock_call(int fd, int cmd, struct flock *l)
{
	int status;

	do
		status = fcntl(fd, cmd, l);
	while (status == -1 && errno == EINTR);
	if (status == -1 && errno == EACCES)
		errno = EAGAIN; /* POSIX allows either */
	return status;
}

static int
set_byte(int fd, int cmd, short type, off_t byte)
{
	struct flock l = { .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1 };

	return lock_call(fd, cmd, &l);
}

int
lock_try(int fd, off_t byte)
{
	return set_byte(fd, F_OFD_SETLK, F_WRLCK, byte);
}

int
lock_wait(int fd, off_t byte)
{
	return set_byte(fd, F_OFD_SETLKW, F_WRLCK, byte);
}

int
lock_drop(int fd, off_t byte)
{
	return set_byte(fd, F_OFD_SETLK, F_UNLCK, byte);
}

int
lock_held(int fd, off_t byte, off_t n)
{
	/* a read lock meets every write lock, and asks for no right to write */
	struct flock l = { .l_type = F_RDLCK,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = n };

	if (lock_call(fd, F_OFD_GETLK, &l) == -1)
		return -1;
	return l.l_type != F_UNLCK;
}
