/* rundir: the folder where the processes of one user meet */
#include "io/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char why_buf[300];

static const char *
reason(const char *where, const char *what)
{
	snprintf(why_buf, sizeof why_buf, "%s: %s", where, what);
	return why_buf;
}

int
rundir_open(const char **why)
{
	const char *dir = getenv("TG_SHARE_DIR");
	char own[64];
	struct stat st;
	int fd;

	snprintf(own, sizeof own, "/tmp/tg-%ld", (long)geteuid());
	if (dir == NULL || *dir == '\0')
		dir = own;
	if (mkdir(dir, 0700) == -1 && errno != EEXIST) {
		*why = reason(dir, strerror(errno));
		return -1;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1) {
		*why = reason(dir, strerror(errno));
	} else if (st.st_uid != geteuid()) {
		*why = reason(dir, "belongs to somebody else");
	} else if (st.st_mode & 077) {
		*why = reason(dir, "others have access to it");
	} else {
		return fd;
	}
	if (fd != -1)
		close(fd);
	return -1;
}

int
rundir_file(const char *name, const char **why)
{
	int dir = rundir_open(why), fd;
	struct stat st;

	if (dir == -1)
		return -1;
	fd = openat(dir, name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd == -1 || fstat(fd, &st) == -1) {
		*why = reason(name, strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid()) {
		*why = reason(name, "is no file of ours");
		close(fd);
		fd = -1;
	}
	close(dir);
	return fd;
}
