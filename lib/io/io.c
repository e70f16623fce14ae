/* io: files read and written whole, messages, the end of stdout */
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

enum {
	COLUMNS = 80,    /* width of a terminal that tells none */
	TEXT_MAX = 2048, /* bytes of a message */
	PIECE = 8192,    /* bytes of a file that are read at once */
};

const char *io_program = "tg";

void
io_start(const char *program)
{
	int fd;

	/* opened the wrong way round, so that reading and writing still fail */
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
		    open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(TG_EX_IO);
	io_program = program;
	/* getopt_long would take the options behind a file for files */
	unsetenv("POSIXLY_CORRECT");
	umask(umask(0) & ~(mode_t)0700); /* the user can use what is made */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	mem_start();
}

void
io_leave_stdin(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* stdin stays open: a file that is opened next must not become it */
	if (fd > STDIN_FILENO) {
		dup2(fd, STDIN_FILENO);
		close(fd);
	}
}

FILE *
io_open(const char *file)
{
	FILE *f = fopen(file, "re");
	struct stat st;

	if (f == NULL && errno == ENOMEM)
		mem_fail();
	if (f == NULL)
		return NULL;
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		fclose(f);
		errno = EISDIR;
		return NULL;
	}
	return f;
}

int
io_read_all(const char *file, size_t max, struct buf *b)
{
	enum { BLOCK = 64 * 1024 };
	FILE *f = io_open(file);
	int error = errno;
	size_t n = f != NULL;

	while (n > 0 && b->n <= max) {
		buf_need(b, BLOCK);
		n = fread(b->p + b->n, 1, BLOCK, f);
		b->n += n;
	}
	if (f != NULL) {
		error = ferror(f) ? errno : b->n > max ? EFBIG : 0;
		fclose(f);
	}
	errno = error;
	return error == 0 ? 0 : -1;
}

int
io_read_file(const char *file, size_t max, struct buf *b)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = 0;
	size_t before = b->n;
	struct stat st;
	ssize_t n = 1;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		error = errno;
	else if (!S_ISREG(st.st_mode))
		error = ESPIPE;
	while (error == 0 && n != 0) {
		buf_need(b, PIECE);
		if ((n = read(fd, b->p + b->n, PIECE)) > 0)
			b->n += (size_t)n;
		else if (n == -1 && errno != EINTR)
			error = errno;
		if (b->n - before > max)
			error = EFBIG;
	}
	close(fd);
	errno = error;
	return error ? -1 : 0;
}

int
io_file_status(int error)
{
	switch (error) {
	case 0:
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
		return TG_EX_USAGE;
	default:
		return TG_EX_IO;
	}
}

const char *
io_reason(int error)
{
	return error == ESPIPE ? "is no regular file" : strerror(error);
}

/* Write all of s to fd, at offset at or, if that is -1, where fd stands. */
static int
write_all(int fd, struct span s, off_t at)
{
	ssize_t n;

	while (s.n > 0) {
		n = at == -1 ? write(fd, s.p, s.n) : pwrite(fd, s.p, s.n, at);
		if (n == -1) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };

			/* another program may have set O_NONBLOCK */
			if (errno == EAGAIN)
				poll(&p, 1, -1);
			else if (errno != EINTR)
				return -1;
			continue;
		}
		s.p += n;
		s.n -= (size_t)n;
		at += at == -1 ? 0 : n;
	}
	return 0;
}

int
io_write(int fd, struct span s)
{
	return write_all(fd, s, -1);
}

int
io_write_at(int fd, struct span s, off_t at)
{
	return write_all(fd, s, at);
}

/* Write s to file; one that is new gets mode, whatever the umask. */
static int
write_file(const char *file, int flags, mode_t mode, struct span s)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
	int ok;

	if (fd == -1)
		return -1;
	/* a file system without modes writes all the same */
	if (flags & O_EXCL && mode != 0600)
		(void)fchmod(fd, mode);
	ok = io_write(fd, s);
	return close(fd) == -1 ? -1 : ok;
}

/* Replace file by a new one. Return 0; -1 with errno; 1 if it can't be. */
static int
swap_file(const char *file, mode_t mode, struct span s)
{
	struct buf temp = { 0 };
	int error, got = 1;

	buf_fmt(&temp, "%s.%ld.tmp", file, (long)getpid());
	if (write_file(buf_cstr(&temp), O_EXCL | O_NOFOLLOW, mode, s) == 0)
		got = rename(buf_cstr(&temp), file);
	else if (errno != EACCES && errno != EPERM && errno != EEXIST &&
		 errno != ENAMETOOLONG)
		got = -1;
	if (got == -1) {
		error = errno;
		unlink(buf_cstr(&temp));
		errno = error;
	}
	buf_free(&temp);
	return got;
}

int
io_replace(const char *file, struct span s)
{
	char *real = realpath(file, NULL);
	const char *name = real != NULL ? real : file;
	struct stat st = { .st_mode = S_IFREG | 0600 };
	int got = 1;

	if (stat(name, &st) == -1 ? errno == ENOENT : S_ISREG(st.st_mode))
		got = swap_file(name, st.st_mode & 0777, s);
	if (got == 1)
		got = write_file(name, O_TRUNC, 0600, s);
	free(real);
	return got;
}

/* Sync and close fd, after an error of errno already if failed: 0, or -1. */
static int
close_synced(int fd, int failed)
{
	int error = failed ? errno : 0;

	/* some file systems cannot sync, and say EINVAL */
	if (error == 0 && fsync(fd) == -1 && errno != EINVAL)
		error = errno;
	if (close(fd) == -1 && error == 0)
		error = errno;
	errno = error;
	return error ? -1 : 0;
}

/* Have the names in the folder of file on the disk: 0, or -1 with errno. */
static int
sync_folder_of(const char *file)
{
	char *name = mem_dup(file, strlen(file));
	int fd = open(dirname(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(name);
	return fd == -1 ? -1 : close_synced(fd, 0);
}

int
io_rename_synced(int fd, int failed, const char *temp, const char *file)
{
	int got = close_synced(fd, failed), error;

	if (got == 0)
		got = rename(temp, file);
	if (got == 0)
		got = sync_folder_of(file);
	error = errno;
	if (got == -1)
		unlink(temp);
	errno = error;
	return got;
}

int
io_replace_synced(const char *file, struct span s)
{
	struct buf temp = { 0 };
	int fd, got = -1, error;

	buf_fmt(&temp, "%s.tmp", file);
	unlink(buf_cstr(&temp)); /* a killed process may have left one */
	fd = open(buf_cstr(&temp),
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd != -1)
		got = io_rename_synced(
		    fd, io_write(fd, s) == -1, buf_cstr(&temp), file);
	error = errno;
	buf_free(&temp);
	errno = error;
	return got;
}

/* Columns of the status line, which io_warn erases; 0: none is shown. */
static int status_columns;

/*
 * Append what erases the status line: with escape sequences that of whichever
 * program drew one, with spaces this program's own.
 */
static void
erase_status(struct buf *b)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	if (isatty(STDERR_FILENO) && (no == NULL || *no == '\0') &&
	    term != NULL && strcmp(term, "dumb") != 0)
		buf_adds(b, "\r\033[K");
	else if (status_columns > 0)
		buf_fmt(b, "\r%*s\r", status_columns, "");
	status_columns = 0;
}

/* Write b to stderr: nobody can be told that stderr is gone. */
static void
write_message(struct buf *b)
{
	(void)io_write(STDERR_FILENO, buf_span(b));
	buf_free(b);
}

void
io_status(const char *name, const char *text)
{
	struct buf b = { 0 };
	struct winsize w = { 0 };
	size_t start;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == -1 || w.ws_col < 2)
		w.ws_col = COLUMNS;
	erase_status(&b);
	start = b.n;
	buf_fmt(&b, "%s: %s", name, text);
	if (b.n - start > w.ws_col - 1u)
		b.n = start + w.ws_col - 1;
	status_columns = (int)(b.n - start);
	buf_addc(&b, '\r');
	write_message(&b);
}

void
io_message(const char *name, const char *text)
{
	struct buf b = { 0 };

	erase_status(&b);
	buf_fmt(&b, "%s: ", name);
	text_printable(&b, span_of(text), TEXT_MAX);
	buf_addc(&b, '\n');
	/* a single write keeps the lines of several programs apart */
	write_message(&b);
}

void
io_warn(const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	io_message(io_program, text);
}

/* End the program by SIGPIPE, as if it were not ignored. */
static _Noreturn void
broken_pipe(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGPIPE);
	_exit(128 + SIGPIPE);
}

_Noreturn void
io_die_stdout(void)
{
	if (errno == EPIPE)
		broken_pipe();
	io_warn("stdout: %s", strerror(errno));
	exit(TG_EX_IO);
}

void
io_close_stdout(void)
{
	if (close(STDOUT_FILENO) == -1 && errno != EINTR)
		io_die_stdout();
}
