/*
 * each: the records of files, one after another, and what all commands of
 * tg-calibrate read of them.
 */
#pragma once

#include "record/rec.h"

/*
 * Hand each record of files, which end in NULL (none: stdin), to take, which
 * returns NULL, or what is wrong with the record. max_line is the longest line
 * in bytes, 0: 64 MiB. Exit with a message of file, line and reason, and with
 * TG_EX_SOME, after a line that is no record or that take finds wrong.
 */
void each_record(const char *const *files, size_t max_line,
    const char *(*take)(void *ctx, struct rec *), void *ctx);

/*
 * Return the raw value of key in tg, meta or the record, the first that has a
 * string; else that of the record, p NULL if it has none.
 */
struct span each_stamp(const struct rec *, const char *key);

/* Return that string; n 0: there is none. */
struct span each_name(struct rec *, const char *key);

/* Return the raw value of tg.judge.p, score in earlier
 * editions, or of p; p NULL: neither is there. */
struct span each_p(const struct rec *);
