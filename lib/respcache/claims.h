/*
 * claims: numbers that one process at a time works on, among those that share
 * a file.
 *
 * A claim is a lock on one byte of the file, far beyond its end, so the kernel
 * gives it up when its process ends. Where no lock can be had, claims count in
 * this process only, and the first failure is told on stderr.
 */
#ifndef TG_CLAIMS_H
#define TG_CLAIMS_H

#include <stdint.h>

struct claims;

/*
 * Open claims in the file `name` of the folder that is open as dir, and make
 * the file if it is missing; dir is borrowed for the call. tool and path, the
 * folder's name, are for messages and stay the caller's. name NULL: claims
 * count in this process only. Return new claims, never NULL.
 */
struct claims *claims_new(
    const char *tool, const char *path, int dir, const char *name);

/* Give up all claims and free them; NULL is fine. */
void claims_free(struct claims *);

/*
 * Claim a number, of which the upper 62 bits count: 1, or 0 if this process or
 * another one has claimed it.
 */
int claims_take(struct claims *, uint64_t number);

/* Give up a number; one that this process has not claimed stays as it is. */
void claims_drop(struct claims *, uint64_t number);

#endif
