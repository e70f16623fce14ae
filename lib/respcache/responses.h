/*
 * lib/respcache keeps the answers of LLM services in a folder, so that a
 * question that was answered once is not paid for again. lib/chat reads and
 * writes it; tg-llm counts it for --dry-run. It never asks a server, and it
 * never changes an answer that is stored.
 *
 * responses: single LLM answers kept in a folder, so that none is paid twice.
 *
 * Each process that stores anything appends to a file of its own, one line of
 * JSON an answer, those of a reply by one write(2). A line cut short by a crash
 * costs that answer alone; files of other processes are followed as they grow. Keys are 64 hex digits naming a request, with a sample index.
 *
 * So that two do not ask the same at a time, a key is claimed, then looked for
 * once more, and given up when its answers are stored.
 */
#ifndef TG_RESPONSES_H
#define TG_RESPONSES_H

#include "base/buf.h"
#include "base/hash.h"

struct responses;

/*
 * The folder is made if need be; read_only: it must be there, nothing in it is
 * opened for writing, and responses_add is not to be called. New; NULL with *why
 * until the next call.
 */
struct responses *responses_new(const char *dir, int read_only, const char **why);

/* Syncs and closes: 0, or -1 with errno if storing failed. NULL is fine. */
int responses_free(struct responses *);

/*
 * The answer's JSON appended to out: 1 if there was one, else 0. What other
 * processes store is seen within a second, or after responses_look.
 */
int responses_get(
    struct responses *, const char key[SHA256_HEX], int sample, struct buf *out);

/*
 * Store answers, each one JSON value: those added go to the file together, so
 * that a process that is killed leaves all of a reply or nothing. They are found
 * after responses_write: 0, or -1 with errno, and they are not stored.
 */
void responses_add(
    struct responses *, const char key[SHA256_HEX], int sample, struct span json);
int responses_write(struct responses *);

/*
 * Claim the answers of a key: 1, or 0 if this process or another one that uses
 * the folder has done so.
 */
int responses_claim(struct responses *, const char key[SHA256_HEX]);
void responses_unclaim(struct responses *, const char key[SHA256_HEX]);

/* See what other processes have stored until now: 1 if anything, else 0. */
int responses_look(struct responses *);

#endif
