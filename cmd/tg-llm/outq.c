/* outq: stdout, written as far as its reader takes it and no further */
#include "outq.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A description of stdout's pipe of our own, so that making it non-blocking
 * does not change it for the processes that share it. Files do not block.
 */
void
sink_init(struct sink *s)
{
	struct stat st;
	int fd = -1;

	*s = (struct sink){ .fd = STDOUT_FILENO };
	if (fstat(STDOUT_FILENO, &st) == -1)
		return;
	s->socket = S_ISSOCK(st.st_mode);
	if (S_ISFIFO(st.st_mode))
		fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd != -1)
		s->fd = fd;
}

void
sink_close(struct sink *s)
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

void
sink_free(struct sink *s)
{
	buf_free(&s->buf);
}

size_t
sink_left(const struct sink *s)
{
	return s->buf.n - s->written;
}

void
sink_write(struct sink *s)
{
	const char *p;
	size_t left;
	ssize_t n;

	while ((left = sink_left(s)) > 0) {
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
