/* once: messages that one program says for all programs of a run */
#include "io/once.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NAMES_MAX = 8 };

static const char *own[NAMES_MAX]; /* messages that this program has said */

/* Return the place of a message in own, or the free one for it. */
static int
find_own(const char *name)
{
	int i = 0;

	while (i < NAMES_MAX - 1 && own[i] != NULL && strcmp(own[i], name) != 0)
		i++;
	return i;
}

/* Note in the folder of the run that a message is said: whether it is due. */
static int
note_said(const char *dir, const char *name, int is_own, long again_s)
{
	char path[4096];
	struct stat st;
	int fd;

	if (snprintf(path, sizeof path, "%s/said.%s", dir, name) >=
	    (int)sizeof path)
		return 1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd != -1)
		close(fd);
	if (fd != -1 || errno != EEXIST)
		return 1;
	if (!is_own && (again_s == 0 || stat(path, &st) == -1 ||
			   time(NULL) - st.st_mtime < again_s))
		return 0;
	(void)utimensat(AT_FDCWD, path, NULL, 0);
	return 1;
}

int
once_due(const char *name, long again_s)
{
	const char *dir = getenv("TG_ONCE_DIR");
	int i = find_own(name), is_own = own[i] != NULL;

	if (is_own && again_s == 0)
		return 0;
	if (dir != NULL && *dir != '\0' &&
	    !note_said(dir, name, is_own, again_s))
		return 0;
	own[i] = name;
	return 1;
}
