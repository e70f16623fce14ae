/* outq: writes to stdout only what its reader takes at once */
#include "outq.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Open stdout's pipe anew: making that description non-blocking does not change
 * it for the processes that share stdout. Files do not block.
 */
void
outq_init(struct outq *s)
{
	struct stat st;
	int fd = -1;

	*s = (struct outq){ .fd = STDOUT_FILENO };
	if (fstat(STDOUT_FILENO, &st) == -1)
		return;
	s->socket = S_ISSOCK(st.st_mode);
	if (S_ISFIFO(st.st_mode))
		fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd != -1)
		s->fd = fd;
}

void
outq_close(struct outq *s)
{
	if (s->fd != STDOUT_FILENO)
		close(s->fd);
	s->fd = -1;
	if (close(STDOUT_FILENO) == -1 && errno != EINTR) {
		s->broken = 1;
		s->error = errno;
	}
	/* a file that is opened next must not become stdout */
	(void)open("/dev/null", O_WRONLY | O_CLOEXEC);
}

size_t
outq_left(const struct outq *s)
{
	return s->buf.n - s->written;
}

void
outq_write(struct outq *s)
{
	const char *p;
	size_t left;
	ssize_t n;

	while ((left = outq_left(s)) > 0) {
		p = s->buf.p + s->written;
		n = s->socket ? send(s->fd, p, left, MSG_DONTWAIT)
			      : write(s->fd, p, left);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1) {
			s->broken = 1;
			s->error = errno;
			return;
		}
		s->written += (size_t)n;
	}
	buf_clear(&s->buf);
	s->written = 0;
}
