/*
 * keymap: where things are, by a key of 64 bits.
 *
 * Open addressing in one array of 24-byte entries, doubled when three quarters
 * are taken: 32 to 64 bytes for each entry held.
 */
#ifndef TG_KEYMAP_H
#define TG_KEYMAP_H

#include <stdint.h>

#include "base/buf.h"

enum { KEYMAP_FILES = 1 << 30 }; /* values that `file` can have */

/* All members but key are the caller's. */
struct keymap_entry {
	uint64_t key; /* 0: a free place */
	uint64_t at;  /* offset in the file, bytes; or any number */
	uint32_t len; /* bytes there */
	uint32_t file : 30, flags : 2;
};

/* A zeroed struct is an empty map. */
struct keymap {
	struct keymap_entry *v;
	size_t n, cap; /* entries held; places, a power of two */
};

/* Return the key of some bytes, drawn anew for each process; never 0. */
uint64_t keymap_key(struct span);

/* Return the entry of a key, borrowed until the next keymap_add; else NULL. */
struct keymap_entry *keymap_find(const struct keymap *, uint64_t key);

/* Return the entry of a key, a new one all zero but for its key. */
struct keymap_entry *keymap_add(struct keymap *, uint64_t key);

void keymap_free(struct keymap *);

#endif
