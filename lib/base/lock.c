/* lock: write locks on single bytes of an open file */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>

/* Call fcntl for n bytes from byte on: the type it leaves, or -1 with errno. */
static int
lock_call(int fd, int cmd, short type, off_t byte, off_t n)
{
	struct flock l = { .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = n };

	while (fcntl(fd, cmd, &l) == -1)
		if (errno != EINTR)
			return -1;
	return l.l_type;
}

int
lock_try(int fd, off_t byte)
{
	return lock_call(fd, F_OFD_SETLK, F_WRLCK, byte, 1) == -1 ? -1 : 0;
}

int
lock_wait(int fd, off_t byte)
{
	return lock_call(fd, F_OFD_SETLKW, F_WRLCK, byte, 1) == -1 ? -1 : 0;
}

int
lock_drop(int fd, off_t byte)
{
	return lock_call(fd, F_OFD_SETLK, F_UNLCK, byte, 1) == -1 ? -1 : 0;
}

int
lock_held(int fd, off_t byte, off_t n)
{
	/* a read lock meets every write lock, and asks for no right to write */
	int type = lock_call(fd, F_OFD_GETLK, F_RDLCK, byte, n);

	return type == -1 ? -1 : type != F_UNLCK;
}
