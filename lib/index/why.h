/* why: the reason of a failure, in words. For lib/index only. */
#pragma once

/* Set *why to a text that stays until the next call; return -1. */
int why_set(const char **why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
