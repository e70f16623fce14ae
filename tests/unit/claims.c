/* claims: who is at work on what */
#include "respcache/claims.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

/* A process that claims a number, and lives until it is killed: its pid. */
static pid_t
other(int dir, uint64_t number)
{
	struct claims *c;
	int to[2];
	char got;
	pid_t pid;

	if (pipe(to) == -1 || (pid = fork()) == -1)
		exit(3);
	if (pid == 0) {
		c = claims_new("unit", "dir", dir, "lock");
		got = claims_take(c, number) ? 'y' : 'n';
		if (write(to[1], &got, 1) == 1)
			pause();
		_exit(0);
	}
	ok(read(to[0], &got, 1) == 1 && got == 'y',
	    "another process claims a byte");
	close(to[0]);
	close(to[1]);
	return pid;
}

int
main(void)
{
	const char *tmp = getenv("TMPDIR");
	char path[1024], cmd[1100];
	struct claims *a, *b;
	uint64_t big = UINT64_MAX, i;
	int dir, all = 1;
	pid_t pid;

	snprintf(path, sizeof path, "%s/tg-unit.XXXXXX", tmp ? tmp : "/tmp");
	if (mkdtemp(path) == NULL ||
	    (dir = open(path, O_RDONLY | O_DIRECTORY)) == -1)
		return 3;
	a = claims_new("unit", "dir", dir, "lock");
	b = claims_new("unit", "dir", dir, "lock");
	ok(claims_take(a, 0) && claims_take(a, big),
	    "the first and the last byte can be claimed");
	ok(!claims_take(b, 0) && !claims_take(b, big),
	    "claimed bytes cannot be claimed by another owner");
	ok(!claims_take(a, big),
	    "a claimed byte cannot be claimed again by its owner");
	claims_drop(b, big);
	ok(!claims_take(b, big), "a claim of another owner cannot be given up");
	claims_drop(a, big);
	ok(claims_take(b, big) && !claims_take(a, big),
	    "a claim that is given up can be taken by another owner");
	claims_free(b);
	ok(claims_take(a, big), "a claim ends with its owner");

	pid = other(dir, 400);
	ok(!claims_take(a, 400), "a claim of another process cannot be taken");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ok(claims_take(a, 400), "a claim of a killed process can be taken");

	for (i = 1; i <= 10000; i++)
		all &= claims_take(a, i << 20);
	for (i = 1; i <= 10000; i += 2)
		claims_drop(a, i << 20);
	for (i = 1; i <= 10000; i++)
		all &= claims_take(a, i << 20) == (int)(i & 1);
	ok(all, "many claims can be held at once");
	claims_free(a);
	claims_free(NULL);

	/* no locks: a claim counts in this process */
	close(dir);
	a = claims_new("unit", "dir", dir, "lock");
	ok(claims_take(a, 7) && !claims_take(a, 7),
	    "claims without a file work within the process");
	claims_drop(a, 7);
	ok(claims_take(a, 7), "claims without a file can be given up");
	claims_free(a);
	snprintf(cmd, sizeof cmd, "rm -rf '%s'", path);
	ok(system(cmd) == 0, "the files of the test are removed");
	return done();
}
