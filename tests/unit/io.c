/* io: files, messages and the end of stdout */
#include "io/io.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "tap.h"

/* Run f in a child; return its wait status and what it writes to fd. */
static int
in_child(void (*f)(void), int fd, struct buf *out)
{
	char piece[4096];
	int p[2], st = -1;
	ssize_t n;
	pid_t pid;

	out->n = 0;
	if (pipe(p) == -1 || (pid = fork()) == -1)
		exit(3);
	if (pid == 0) {
		dup2(p[1], fd);
		close(p[0]);
		close(p[1]);
		f();
		_exit(0);
	}
	close(p[1]);
	usleep(10000); /* the child should fill the pipe */
	while ((n = read(p[0], piece, sizeof piece)) > 0)
		buf_add(out, piece, (size_t)n);
	close(p[0]);
	waitpid(pid, &st, 0);
	return st;
}

static void
warns(void)
{
	char big[5000];

	io_warn("%s: %d", "a\nb\x1b[31m\xc3\xa4", 7);
	memset(big, 'y', sizeof big);
	big[sizeof big - 1] = '\0';
	io_warn("%s", big);
}

/* A status line on a terminal, another, and a message in its place. */
static void
draws(void)
{
	int tty = posix_openpt(O_RDWR | O_NOCTTY), slave;
	int lines = 0;
	char c;

	if (tty == -1 || grantpt(tty) == -1 || unlockpt(tty) == -1 ||
	    (slave = open(ptsname(tty), O_RDWR | O_NOCTTY)) == -1 ||
	    dup2(slave, STDERR_FILENO) == -1)
		_exit(1);
	io_status("tg-x", "twelve bytes");
	io_status("tg-x", "a line that is as wide as a terminal of eighty "
			  "columns and then some, so it is cut");
	io_warn("message");
	ioctl(slave, TIOCSWINSZ, &(struct winsize){ .ws_col = 12 });
	io_status("tg-x", "fits.");
	io_status("tg-x", "fits. Not");
	io_warn("more");
	io_warn("end");
	while (lines < 3 && read(tty, &c, 1) == 1) {
		lines += c == '\n';
		if (write(STDOUT_FILENO, &c, 1) == -1)
			_exit(1);
	}
}

static void
statuses(void)
{
	struct buf b = { 0 };
	int st;

	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	st = in_child(draws, STDOUT_FILENO, &b);
	is_int(st, 0, "status lines on a terminal");
	is_span(buf_span(&b),
	    S("\r\033[Ktg-x: twelve bytes\r"
	      "\r\033[Ktg-x: a line that is as wide as a terminal of eighty "
	      "columns and then some, so \r"
	      "\r\033[Ktg-x: message\r\n"
	      "\r\033[Ktg-x: fits.\r\r\033[Ktg-x: fits.\r"
	      "\r\033[Ktg-x: more\r\n\r\033[Ktg-x: end\r\n"),
	    "are drawn over each other, cut, and erased by a message");
	setenv("NO_COLOR", "1", 1);
	in_child(draws, STDOUT_FILENO, &b);
	is_span(buf_span(&b),
	    S("tg-x: twelve bytes\r"
	      "\r                  \r"
	      "tg-x: a line that is as wide as a terminal of eighty "
	      "columns and then some, so \r"
	      "\r                                        "
	      "                                       \r"
	      "tg-x: message\r\n"
	      "tg-x: fits.\r\r           \rtg-x: fits.\r"
	      "\r           \rtg-x: more\r\ntg-x: end\r\n"),
	    "spaces erase them where there are no escape sequences");
	buf_free(&b);
}

static void
writes(void)
{
	static char big[300000];
	size_t i;

	for (i = 0; i < sizeof big; i++)
		big[i] = (char)(i / 1000);
	if (fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK) == -1 ||
	    io_write(STDOUT_FILENO, span_at(big, sizeof big)) == -1)
		_exit(1);
	io_close_stdout();
}

static void
to_full_disk(void)
{
	int fd = open("/dev/full", O_WRONLY);

	dup2(fd, STDOUT_FILENO);
	if (io_write(STDOUT_FILENO, S("x")) == -1)
		io_die_stdout();
}

static void
to_broken_pipe(void)
{
	int p[2];

	signal(SIGPIPE, SIG_IGN);
	if (pipe(p) == -1)
		_exit(9);
	close(p[0]);
	if (io_write(p[1], S("x")) == -1)
		io_die_stdout();
}

static void
beyond_limit(void)
{
	const struct rlimit most = { 0, 0 };
	FILE *f = tmpfile();

	io_start("tg-x");
	setrlimit(RLIMIT_FSIZE, &most);
	if (f != NULL && io_write(fileno(f), S("x")) == -1)
		io_die_stdout();
}

static void
outputs(void)
{
	struct buf b = { 0 };
	size_t i, bad = 0;
	int st;

	st = in_child(warns, STDERR_FILENO, &b);
	is_int(st, 0, "a program that prints messages exits with 0");
	ok(b.n > 30 &&
		memcmp(b.p, "tg-x: a b?[31m\xc3\xa4: 7\ntg-x: yyy", 29) == 0,
	    "a message is one line without control characters");
	ok(b.n < 4096 && b.p[b.n - 1] == '\n' && b.p[b.n - 2] == 'y',
	    "a message has a bounded length");
	st = in_child(writes, STDOUT_FILENO, &b);
	for (i = 0; i < b.n; i++)
		bad += b.p[i] != (char)(i / 1000);
	ok(st == 0 && b.n == 300000 && bad == 0,
	    "io_write writes all to a non-blocking pipe");
	st = in_child(to_full_disk, STDERR_FILENO, &b);
	ok(WIFEXITED(st) && WEXITSTATUS(st) == TG_EX_IO,
	    "a full disk ends the program");
	is_span(buf_span(&b), S("tg-x: stdout: No space left on device\n"),
	    "a full disk makes a message");
	st = in_child(to_broken_pipe, STDERR_FILENO, &b);
	ok(WIFSIGNALED(st) && WTERMSIG(st) == SIGPIPE && b.n == 0,
	    "a broken pipe ends the program quietly");
	st = in_child(beyond_limit, STDERR_FILENO, &b);
	ok(WIFEXITED(st) && WEXITSTATUS(st) == TG_EX_IO,
	    "a write beyond the limit on files fails without a signal");
	is_span(buf_span(&b), S("tg-x: stdout: File too large\n"),
	    "a write beyond the limit on files makes a message");
	buf_free(&b);
}

/* Return the contents of a file, in a static buffer. */
static const char *
holds(const char *file)
{
	static char b[64];
	FILE *f = fopen(file, "r");
	size_t n = f != NULL ? fread(b, 1, sizeof b - 1, f) : 0;

	b[n] = '\0';
	if (f != NULL)
		fclose(f);
	return b;
}

static void
replaced(void)
{
	char dir[] = "/tmp/tg-io.XXXXXX", got[4];
	struct stat before, after;
	struct buf all = { 0 };
	int fd = -1;
	FILE *f;

	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		exit(1);
	ok(io_replace("a", S("one")) == 0, "a new file is written");
	is_str(holds("a"), "one", "a new file holds what was written");
	stat("a", &before);
	ok(io_replace("a", S("two")) == 0, "a file is replaced");
	is_str(holds("a"), "two", "a replaced file holds what was written");
	stat("a", &after);
	ok(before.st_ino != after.st_ino, "a replaced file is another one");
	ok(symlink("a", "link") == 0 && io_replace("link", S("three")) == 0,
	    "a file is replaced through a symbolic link");
	is_str(holds("a"), "three", "the file behind the link is replaced");
	ok(lstat("link", &after) == 0 && S_ISLNK(after.st_mode),
	    "the link stays");
	ok(mkfifo("pipe", 0600) == 0 && (fd = open("pipe", O_RDWR)) != -1 &&
		io_replace("pipe", S("four")) == 0 && read(fd, got, 4) == 4 &&
		memcmp(got, "four", 4) == 0,
	    "a pipe is written to, not replaced");
	ok(io_open(".") == NULL && errno == EISDIR,
	    "a folder is not opened as a file");
	f = io_open("a");
	ok(f != NULL && getc(f) == 't', "a file is opened to read");
	fclose(f);
	ok(io_read_file("a", 100, &all) == 0 && buf_cstr(&all)[0] == 't' &&
		io_read_file("a", all.n, &all) == 0,
	    "a whole file is read");
	ok(io_read_file("a", 1, &all) == -1 && errno == EFBIG,
	    "a file that is too large is not read");
	ok(io_read_file("none", 100, &all) == -1 && errno == ENOENT,
	    "a missing file is not read");
	ok(io_read_file("pipe", 100, &all) == -1 && errno == ESPIPE &&
		io_read_file(".", 100, &all) == -1 && errno == ESPIPE &&
		io_read_file("/dev/zero", 100, &all) == -1 && errno == ESPIPE,
	    "what is no regular file is not read: %s", io_reason(errno));
	buf_free(&all);
	ok(io_replace("none/a", S("x")) == -1 && errno == ENOENT,
	    "a missing folder makes the write fail");
	ok(io_replace("/dev/full", S("x")) == -1 && errno == ENOSPC,
	    "a full disk makes the write fail");
	ok(system("ls -A | grep -c . | grep -qx 3") == 0,
	    "no temporary file is left");
	close(fd);
	ok(system("rm a link pipe") == 0 && chdir("/") == 0 && rmdir(dir) == 0,
	    "the files of the test are removed");
}

int
main(void)
{
	io_program = "tg-x";
	outputs();
	statuses();
	replaced();
	return done();
}
