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

/* Return the string that tg has under key, else the record; n 0: none. */
struct span each_name(struct rec *, const char *key);

/* Return the raw value of tg.judge.p, or of p; p NULL: neither is there. */
struct span each_p(const struct rec *);
