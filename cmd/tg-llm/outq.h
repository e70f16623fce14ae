/*
 * outq: writes to stdout only what its reader takes at once.
 */
#ifndef TG_LLM_OUTQ_H
#define TG_LLM_OUTQ_H

#include "base/buf.h"

struct outq {
	struct buf buf; /* output; the caller appends to it */
	size_t written; /* bytes of buf that are written already */
	int fd;         /* descriptor to poll for POLLOUT */
	int socket, broken;
	int error; /* errno of the write that failed; 0: none */
};

/* Open stdout; the caller frees buf. */
void outq_init(struct outq *);

/*
 * Close stdout, so that its reader sees the end at once, whatever the process
 * still does. Set broken and error if what was written did not arrive.
 */
void outq_close(struct outq *);

/* Return the number of bytes that wait. */
size_t outq_left(const struct outq *);

/* Write what can be written at once; set broken if the reader has gone. */
void outq_write(struct outq *);

#endif
