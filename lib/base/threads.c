/* threads: a job that several threads do at the same time */
#include "base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

struct part {
	void (*work)(void *ctx, unsigned part);
	void *ctx;
	unsigned number;
	pthread_t thread;
	bool started;
};

unsigned
threads_cores(void)
{
	cpu_set_t set;
	long n;

	if (sched_getaffinity(0, sizeof set, &set) == 0)
		n = CPU_COUNT(&set);
	else
		n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n < THREADS_MAX ? (unsigned)n : THREADS_MAX;
}

static void *
do_part(void *ctx)
{
	const struct part *p = ctx;

	p->work(p->ctx, p->number);
	return NULL;
}

void
threads_run(unsigned n, void (*work)(void *ctx, unsigned part), void *ctx)
{
	struct part *part = mem_array(NULL, n, sizeof *part);
	unsigned i;

	for (i = 0; i < n; i++) {
		part[i] = (struct part){ work, ctx, i, 0, false };
		if (i > 0)
			part[i].started = pthread_create(&part[i].thread, NULL,
					      do_part, &part[i]) == 0;
	}
	for (i = 0; i < n; i++)
		if (!part[i].started)
			do_part(&part[i]);
	for (i = 0; i < n; i++)
		if (part[i].started)
			pthread_join(part[i].thread, NULL);
	free(part);
}
