/*
 * lib/respcache keeps the answers of LLM services in a folder, so that a
 * question that was answered once is not paid for again. lib/chat reads and
 * writes it; tg-llm counts it for --dry-run. It never asks a server, and it
 * never changes an answer that is stored.
 *
 * responses: single answers in append-only logs, with an index in memory.
 *
 * Each process that stores answers appends to a file of its own, one line of
 * JSON an answer, and writes those of one reply by one write(2). A line that a
 * crash cut short costs that answer alone. The files of other processes are
 * followed as they grow. A key is 64 hex digits that name a request; an answer
 * goes by its key and the number of its sample.
 *
 * A key is claimed before it is asked, then looked for once more, and given up
 * when its answers are stored: so two processes never ask the same at one time.
 * A claim is a lock on one byte of the file .lock, far beyond its end, so the
 * kernel gives it up when its process ends. Where no lock can be had, claims
 * count in this process only, and the first failure is told on stderr.
 */
#pragma once

#include "base/buf.h"
#include "base/hash.h"

struct responses;

/*
 * Open the folder dir, and make it unless read_only, with which nothing in it
 * is opened for writing and responses_add must not be called. dir stays the
 * caller's. Return new responses, or NULL with *why until the next call.
 */
struct responses *responses_new(
    const char *dir, int read_only, const char **why);

/* Sync, close and free: 0, or -1 with errno if storing failed; NULL is fine. */
int responses_free(struct responses *);

/*
 * Append the JSON of an answer to out: 1, or 0 if there is none. What other
 * processes store is seen within a second, or after responses_look.
 */
int responses_get(struct responses *, const char key[SHA256_HEX], int sample,
    struct buf *out);

/* Add an answer, one JSON value, to those that responses_write will store. */
void responses_add(struct responses *, const char key[SHA256_HEX], int sample,
    struct span json);

/*
 * Store what was added, all of it or nothing if the process is killed: 0, or
 * -1 with errno, and nothing is stored.
 */
int responses_write(struct responses *);

/* Claim a key: 1, or 0 if this process or another one has claimed it. */
int responses_claim(struct responses *, const char key[SHA256_HEX]);

/* Give up a claim on a key. */
void responses_unclaim(struct responses *, const char key[SHA256_HEX]);

/* See what other processes have stored until now: 1 if anything, else 0. */
int responses_look(struct responses *);
