/* rundir: the folder where the processes of one user meet */
#include "io/rundir.h"

#include <sys/stat.h>

#include "tap.h"

static char dir[] = "/tmp/tg-rundir.XXXXXX";

static void
test_folder(void)
{
	const char *why = "";
	int fd;

	ok((fd = rundir_file("a", &why)) != -1 && write(fd, "x", 1) == 1,
	    "a plain file is opened");
	close(fd);
	ok(symlink("a", "b") == 0 && rundir_file("b", &why) == -1,
	    "a link is refused");
	ok(mkfifo("c", 0600) == 0 && rundir_file("c", &why) == -1 &&
		strcmp(why, "c: is no plain file") == 0,
	    "a pipe is refused");
	ok(symlink(dir, "d") == 0 && setenv("TG_SHARE_DIR", "d", 1) == 0 &&
		rundir_file("a", &why) == -1,
	    "a folder behind a link is refused: %s", why);
	setenv("TG_SHARE_DIR", "e", 1);
	ok(mkdir("e", 0700) == 0 && chmod("e", 0750) == 0 &&
		rundir_file("a", &why) == -1,
	    "a folder that others can read is refused: %s", why);
	ok(geteuid() != 0 || (chmod("e", 0700) == 0 && chown("e", 1, 1) == 0 &&
				 rundir_file("a", &why) == -1),
	    "a folder of another user is refused: %s", why);
	setenv("TG_SHARE_DIR", "f", 1);
	ok((fd = rundir_file("a", &why)) != -1 && access("f", F_OK) == 0,
	    "a missing folder is made");
	close(fd);
}

/* Test the folder that is taken where none is named. */
static void
test_own(void)
{
	const char *why = "";
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/tmp/tg-%ld/rundir-test", (long)geteuid());
	setenv("TG_SHARE_DIR", "", 1);
	ok((fd = rundir_file("rundir-test", &why)) != -1 && unlink(path) == 0,
	    "an empty name stands for the user's folder in /tmp: %s", why);
	close(fd);
	unsetenv("TG_SHARE_DIR");
	ok((fd = rundir_file("rundir-test", &why)) != -1 && unlink(path) == 0,
	    "no name stands for the same folder: %s", why);
	close(fd);
	setenv("TG_SHARE_DIR", "none/f", 1);
	ok(rundir_file("a", &why) == -1 &&
		strcmp(why, "none/f: No such file or directory") == 0,
	    "a folder that cannot be made is named");
}

int
main(void)
{
	char remove[64];

	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return 1;
	setenv("TG_SHARE_DIR", dir, 1);
	test_folder();
	test_own();
	snprintf(remove, sizeof remove, "rm -r %s", dir);
	ok(chdir("/") == 0 && system(remove) == 0,
	    "the test's folder is removed");
	return done();
}
