/* folder: the folder that is written, whole or not at all */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char temp_name[] = ".tg-export";

/* Folder that a signal finds unfinished; NULL: none. */
static struct folder *volatile guarded;

/* Say what is left, and let the signal end the process. */
static void
stop(int number)
{
	static const char clean[] = "tg-export: stopped, nothing is written\n",
			  rest[] = "tg-export: stopped, only a folder "
				   ".tg-export is left, which the next "
				   "tg-export removes\n";
	struct folder *f = guarded;
	int empty;

	if (f != NULL) {
		empty = unlinkat(f->fd, temp_name, AT_REMOVEDIR) == 0;
		if (empty && f->made)
			rmdir(f->path);
		if (write(STDERR_FILENO, empty ? clean : rest,
			empty ? sizeof clean - 1 : sizeof rest - 1) == -1)
			guarded = NULL;
	}
	raise(number);
}

void
folder_guard(struct folder *f)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = stop,
		.sa_flags = (int)SA_RESETHAND };
	struct sigaction old;
	size_t i;

	guarded = f;
	sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (sigaction(numbers[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
}

/* Hand each name in the folder dir to take until it returns other than 0. */
static int
each_name(int dir, int (*take)(int dir, const char *name, void *), void *ctx)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), got = 0;
	DIR *d = fd != -1 ? fdopendir(fd) : NULL;
	struct dirent *e;
	int error;

	if (d == NULL) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	for (errno = 0; got == 0 && (e = readdir(d)) != NULL;)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			got = take(dir, e->d_name, ctx);
	error = errno;
	closedir(d);
	errno = error;
	return got != 0 || error == 0 ? got : -1;
}

/* Remove name, and all in it if it is a folder. */
static int
remove_name(int dir, const char *name, void *ctx)
{
	int fd, got;

	if (unlinkat(dir, name, 0) == 0)
		return 0;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return -1;
	got = each_name(fd, remove_name, ctx);
	close(fd);
	return got == -1 ? -1 : unlinkat(dir, name, AT_REMOVEDIR);
}

static int
is_other(int dir, const char *name, void *ctx)
{
	(void)dir, (void)ctx;
	return strcmp(name, temp_name) != 0;
}

/* Open DIR/.tg-export, empty and locked: 0, or -1 with *why or errno. */
static int
open_temp(struct folder *f, const char **why)
{
	if (mkdirat(f->fd, temp_name, 0777) == -1 && errno != EEXIST)
		return -1;
	f->temp = openat(
	    f->fd, temp_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (f->temp == -1)
		return -1;
	if (flock(f->temp, LOCK_EX | LOCK_NB) == -1) {
		if (errno == EWOULDBLOCK)
			*why = "another tg-export is writing there";
		return -1;
	}
	return each_name(f->temp, remove_name, NULL);
}

/* Open both folders: 0, or -1 with *why or errno. */
static int
open_both(struct folder *f, const char **why)
{
	int other;

	f->made = mkdir(f->path, 0777) == 0;
	if (!f->made && errno != EEXIST)
		return -1;
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->fd == -1)
		return -1;
	other = each_name(f->fd, is_other, NULL);
	if (other == 1)
		*why = "it is not empty; remove it, or name another";
	return other == 0 ? open_temp(f, why) : -1;
}

int
folder_open(struct folder *f, const char *path, const char **why)
{
	int error;

	*f = (struct folder){ .path = path, .fd = -1, .temp = -1 };
	*why = NULL;
	if (open_both(f, why) == 0)
		return 0;
	error = *why != NULL ? 0 : errno;
	if (*why == NULL)
		*why = strerror(error);
	if (f->temp != -1)
		close(f->temp);
	if (f->fd != -1)
		close(f->fd);
	if (f->made)
		rmdir(path);
	errno = error;
	return -1;
}

int
folder_scratch(struct folder *f)
{
	static const char name[] = "lines";
	int fd =
	    openat(f->temp, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd != -1)
		unlinkat(f->temp, name, 0);
	return fd;
}

int
folder_make(struct folder *f, const char *name)
{
	const char *slash = strchr(name, '/');
	char dir[64];

	if (slash != NULL) {
		snprintf(dir, sizeof dir, "%.*s", (int)(slash - name), name);
		if (mkdirat(f->temp, dir, 0777) == -1 && errno != EEXIST)
			return -1;
	}
	return openat(
	    f->temp, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

static int
move_name(int dir, const char *name, void *ctx)
{
	struct folder *f = ctx;

	return renameat(dir, name, f->fd, name);
}

/* Close both descriptors: 0, or -1 with errno. */
static int
close_folder(struct folder *f)
{
	int got = unlinkat(f->fd, temp_name, AT_REMOVEDIR);

	close(f->temp);
	return close(f->fd) == -1 ? -1 : got;
}

int
folder_finish(struct folder *f)
{
	sigset_t all, old;
	int got;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	got = each_name(f->temp, move_name, f);
	if (got == 0) {
		guarded = NULL;
		got = close_folder(f);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return got;
}

void
folder_abandon(struct folder *f)
{
	int error = errno;

	guarded = NULL;
	each_name(f->temp, remove_name, NULL);
	close_folder(f);
	if (f->made)
		rmdir(f->path);
	errno = error;
}
