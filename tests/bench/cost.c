/*
 * cost: run a command and add what it took to a file, as a line of JSON:
 * seconds, CPU us (its waited-for children's too), peak RSS in KB, exit status.
 *
 *	usage: cost file command [arg ...]
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char *argv[])
{
	double began = seconds(), cpu;
	struct rusage u;
	int status = 0;
	pid_t pid;
	FILE *f;

	if (argc < 3 || (f = fopen(argv[1], "ae")) == NULL) {
		fputs("usage: cost file command [arg ...]\n", stderr);
		return 2;
	}
	if ((pid = fork()) == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid == -1 || wait4(pid, &status, 0, &u) == -1) {
		perror("cost");
		return 3;
	}
	status =
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	      (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
	fprintf(f,
	    "{\"seconds\":%.4f,\"cpu_us\":%.0f,\"rss_kb\":%ld,"
	    "\"status\":%d}\n",
	    seconds() - began, cpu, u.ru_maxrss, status);
	return fclose(f) == 0 ? status : 3;
}
