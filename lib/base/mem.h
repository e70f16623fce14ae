/*
 * mem: memory that is there or ends the program.
 *
 * A filter can do nothing useful without memory, so these never return NULL:
 * they write one line to stderr and exit with TG_EX_IO.
 */
#pragma once

#include <stddef.h>

/* Exit statuses of every program; see tg(7). */
enum {
	TG_EX_OK = 0,
	TG_EX_SOME = 1,    /* finished, but a record ended in error here */
	TG_EX_USAGE = 2,   /* bad command line */
	TG_EX_IO = 3,      /* local input, output or memory failed */
	TG_EX_SERVICE = 4, /* the service can't serve; stopped early */
};

/* Have jansson and OpenSSL take their memory here; before their first use. */
void mem_start(void);

/* End the program as one that has no memory left. */
_Noreturn void mem_fail(void);

/* Return a new uninitialised block of n bytes (n may be 0). */
void *mem_get(size_t n);

/* Return p (or NULL) resized to n bytes; p is freed. */
void *mem_resize(void *p, size_t n);

/* Return a new zeroed block of n bytes (n may be 0); the caller frees it. */
void *mem_new(size_t n);

/* Resize the array p (or NULL) to n elements of size bytes; p is freed. */
void *mem_array(void *p, size_t n, size_t size);

/* Return a new NUL-terminated copy of n bytes at p; the caller frees it. */
char *mem_dup(const void *p, size_t n);

/*
 * Arena: many small blocks of one lifetime. Blocks stay where they are until
 * arena_reset, which keeps the memory for the next round. Zero-initialise.
 */
struct arena_chunk;
struct arena {
	struct arena_chunk *head; /* current chunk, then the full ones */
};

/* Return n uninitialised bytes, borrowed from the arena until reset. */
void *arena_get(struct arena *, size_t n);

/* Return a NUL-terminated copy of n bytes at p, borrowed from the arena. */
char *arena_dup(struct arena *, const void *p, size_t n);

void arena_reset(struct arena *);
void arena_free(struct arena *);
