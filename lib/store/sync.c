/* sync: many files on the disk at once */
#include "store/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { HELPERS = 7 }; /* threads besides the caller's */

struct work {
	struct sync_file *files;
	size_t n;
	atomic_size_t next; /* index of the first file that nobody has taken */
};

static void *
sync_some(void *arg)
{
	struct work *w = arg;
	size_t i;

	while ((i = atomic_fetch_add(&w->next, 1)) < w->n)
		w->files[i].error = fsync(w->files[i].fd) == -1 ? errno : 0;
	return NULL;
}

void
sync_files(struct sync_file *files, size_t n)
{
	struct work w = { files, n, 0 };
	pthread_t helpers[HELPERS];
	size_t i, started = 0;

	/* the disk gets all of them before the first one is waited for */
	for (i = 0; i < n && n > 1; i++)
		(void)sync_file_range(files[i].fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	/* where a thread cannot be had, the others do its work */
	while (started < HELPERS && started + 1 < n &&
	       pthread_create(&helpers[started], NULL, sync_some, &w) == 0)
		started++;
	sync_some(&w);
	for (i = 0; i < started; i++)
		pthread_join(helpers[i], NULL);
}
