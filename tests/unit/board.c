/* board: lines of several processes; rundir: where they are kept */
#include "io/board.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "io/rundir.h"
#include "tap.h"

static char dir[] = "/tmp/tg-board.XXXXXX";

/* The lines on the board as "one|two|". */
static const char *
lines(struct board *b)
{
	static char all[BOARD_LINES * BOARD_TEXT];
	char text[BOARD_LINES][BOARD_TEXT];
	int i, n = board_read(b, text);

	all[0] = '\0';
	for (i = 0; i < n; i++) {
		strcat(all, text[i]);
		strcat(all, "|");
	}
	return all;
}

/* A process with a line on the board; it stays there until it is killed. */
static pid_t
member(const char *line)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe(ready) == -1 || (pid = fork()) == -1)
		exit(1);
	if (pid == 0) {
		struct board *b = board_join();

		if (b == NULL)
			_exit(1);
		board_put(b, line);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		printf("Bail out! no member\n");
	close(ready[0]);
	return pid;
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
test_board(void)
{
	struct board *mine = board_join(), *other;
	char longest[400];
	pid_t one, two;
	int took;

	ok(mine != NULL, "joined");
	is_str(lines(mine), "", "an empty line is none");
	one = member("one");
	board_put(mine, "mine");
	two = member("two");
	is_str(lines(mine), "mine|one|two|", "in the order they were started");
	end(one);
	is_str(lines(mine), "mine|two|", "one that was killed is not there");
	one = member("three");
	is_str(lines(mine), "mine|two|three|", "its place is taken");
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	board_put(mine, longest);
	end(two);
	end(one);
	is_int((long long)strlen(lines(mine)), BOARD_TEXT, "a long one is cut");

	other = board_join();
	ok(board_take(mine, 0) == 1, "one may draw");
	ok(board_take(other, 20) == 0, "another may not meanwhile");
	board_drawn(mine, 12345, 67);
	board_done(mine);
	ok(board_take(other, 0) == 1 && board_when(other, &took) == 12345 &&
		took == 67,
	    "and then knows when it was drawn");
	board_leave(other);
	ok(system("ls | grep -q progress") == 0,
	    "the file stays while somebody is there");
	board_leave(mine);
	ok(system("ls | grep -q progress") != 0, "and then goes");
	board_leave(NULL);
}

static void
test_full(void)
{
	struct board *all[BOARD_LINES];
	int i, n = 0;

	for (i = 0; i < BOARD_LINES; i++)
		n += (all[i] = board_join()) != NULL;
	is_int(n, BOARD_LINES, "as many as there is room for");
	ok(board_join() == NULL, "and not one more");
	for (i = 0; i < BOARD_LINES; i++)
		board_leave(all[i]);
}

static void
test_folder(void)
{
	const char *why = "";
	int fd;

	ok((fd = rundir_file("a", &why)) != -1 && write(fd, "x", 1) == 1,
	    "a file");
	close(fd);
	ok(symlink("a", "b") == 0 && rundir_file("b", &why) == -1, "no link");
	ok(mkfifo("c", 0600) == 0 && rundir_file("c", &why) == -1 &&
		strcmp(why, "c: is no file of ours") == 0,
	    "no pipe");
	ok(symlink(dir, "d") == 0 && setenv("TG_SHARE_DIR", "d", 1) == 0 &&
		rundir_open(&why) == -1,
	    "no linked folder: %s", why);
	setenv("TG_SHARE_DIR", "e", 1);
	ok(mkdir("e", 0700) == 0 && chmod("e", 0750) == 0 &&
		rundir_open(&why) == -1,
	    "none that others see: %s", why);
	ok(geteuid() != 0 ||
		(chmod("e", 0700) == 0 && chown("e", 1, 1) == 0 &&
		    rundir_open(&why) == -1),
	    "none of another user: %s", why);
	setenv("TG_SHARE_DIR", "f", 1);
	ok((fd = rundir_open(&why)) != -1 && access("f", F_OK) == 0,
	    "one that is not there is made");
	close(fd);
}

int
main(void)
{
	char remove[64];

	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return 1;
	setenv("TG_SHARE_DIR", dir, 1);
	test_board();
	test_full();
	test_folder();
	snprintf(remove, sizeof remove, "rm -r %s", dir);
	ok(chdir("/") == 0 && system(remove) == 0, "all is removed");
	return done();
}
