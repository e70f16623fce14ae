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

/* Open a file or folder that belongs to the user; -1 with *why. */
static int
open_own(int dir, const char *name, int flags, const char **why)
{
	int fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1)
		*why = reason(name, strerror(errno));
	else if (st.st_uid != geteuid())
		*why = reason(name, "belongs to somebody else");
	else if (S_ISDIR(st.st_mode) && (st.st_mode & 077) != 0)
		*why = reason(name, "others have access to it");
	else if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		*why = reason(name, "is no plain file");
	else
		return fd;
	if (fd != -1)
		close(fd);
	return -1;
}

int
rundir_file(const char *name, const char **why)
{
	const char *dir = getenv("TG_SHARE_DIR");
	char own[64];
	int folder, fd;

	snprintf(own, sizeof own, "/tmp/tg-%ld", (long)geteuid());
	if (dir == NULL || *dir == '\0')
		dir = own;
	if (mkdir(dir, 0700) == -1 && errno != EEXIST) {
		*why = reason(dir, strerror(errno));
		return -1;
	}
	folder = open_own(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, why);
	if (folder == -1)
		return -1;
	fd = open_own(folder, name, O_RDWR | O_CREAT | O_NONBLOCK, why);
	close(folder);
	return fd;
}
