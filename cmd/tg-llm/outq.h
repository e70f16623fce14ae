/*
 * outq: stdout, written as far as its reader takes it and no further.
 */
#ifndef TG_LLM_OUTQ_H
#define TG_LLM_OUTQ_H

#include "base/buf.h"

struct sink {
	struct buf buf; /* add to it what is to be written */
	size_t written; /* bytes of buf that are */
	int fd;         /* what to wait for, POLLOUT */
	int socket, broken;
	int error; /* errno of what broke it, or 0 */
};

void sink_init(struct sink *);
void sink_free(struct sink *);

/*
 * Close stdout, so that its reader sees the end at once, whatever the process
 * still does. Set broken and error if what was written did not arrive.
 */
void sink_close(struct sink *);

/* Bytes that wait. */
size_t sink_left(const struct sink *);

/* Write what can be written without waiting; sets broken when nobody reads. */
void sink_write(struct sink *);

#endif
