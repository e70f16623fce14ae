/*
 * answers: single LLM answers kept in a folder, so that none is paid twice.
 *
 * Each process that stores anything appends to a file of its own, one line of
 * JSON an answer, written whole by one write(2). A line cut short by a crash
 * costs that answer alone; files of other processes are followed as they
 * grow. Keys are 64 hex digits naming a request, with a sample index.
 */
#ifndef TG_ANSWERS_H
#define TG_ANSWERS_H

#include "buf.h"
#include "hash.h"

struct answers;

/* The folder is made if need be. New; NULL with *why until the next call. */
struct answers *answers_new(const char *dir, const char **why);

/* Syncs and closes: 0, or -1 with errno if storing failed. NULL is fine. */
int answers_free(struct answers *);

/*
 * The answer's JSON appended to out: 1 if there was one, else 0. Looks for
 * what other processes have stored, at most once a second.
 */
int answers_get(
    struct answers *, const char key[SHA256_HEX], int sample, struct buf *out);

/* Store an answer, one JSON value: 0, or -1 with errno. */
int answers_put(
    struct answers *, const char key[SHA256_HEX], int sample, struct span json);

#endif
