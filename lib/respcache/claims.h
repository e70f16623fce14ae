/*
 * claims: who is at work on what, among the processes that share a file.
 *
 * A claim is a lock on one byte of the file, far beyond its end: it goes with
 * its process, however that ends. Where the file system has no locks, only the
 * claims of this process are known.
 */
#ifndef TG_CLAIMS_H
#define TG_CLAIMS_H

#include <stdint.h>

struct claims;

/*
 * Claims in DIR/name, for the directory open as dir (borrowed for the call).
 * The file is made if it can be. name NULL: there is none, and only the claims
 * of this process are known. New, never NULL.
 */
struct claims *claims_new(int dir, const char *name);
void claims_free(struct claims *); /* all are given up; NULL is fine */

/*
 * Claim a number, of which the upper 62 bits count: 1, or 0 if somebody else
 * has it, or this process.
 */
int claims_take(struct claims *, uint64_t number);

/* Give up what was taken. */
void claims_drop(struct claims *, uint64_t number);

#endif
