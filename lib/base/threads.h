/*
 * threads: a job that several threads do at the same time.
 */
#pragma once

enum { THREADS_MAX = 1024 };

/* Return how many threads this process can run at the same time, from 1. */
unsigned threads_cores(void);

/*
 * Call work(ctx, part) for each part from 0 to n - 1, at the same time, and
 * return when all have returned. A part for which no thread is to be had is
 * done by the caller's.
 */
void threads_run(unsigned n, void (*work)(void *ctx, unsigned part), void *ctx);
