/*
 * write: an index file as it is written, section by section, and spools: files
 * without a name for bytes that are read again meanwhile. For lib/index only.
 */
#pragma once

#include "base/hash.h"
#include "index/index.h"

/* The header of the file; the bytes behind it, up to the SHA-256, are 0. */
struct index_header {
	char magic[16];
	uint32_t version;
	uint32_t order; /* INDEX_ORDER, in the byte order of the writer */
	uint32_t part, parts;
	uint64_t first, documents, terms, words, origins;
	uint64_t length; /* bytes of the file */
	double k1, b;
	uint32_t sections;
	uint32_t nothing;
	struct index_section section[INDEX_SECTIONS];
};

#define INDEX_MAGIC "tg-mine index\n\x1a"
#define INDEX_ORDER 0x01020304u

enum { INDEX_SUMMED = INDEX_HEADER - SHA256_BYTES }; /* offset of its SHA-256 */

struct writer {
	char *temp; /* name of the file while it is written; owned */
	const char *file;
	int fd;
	bool nameless; /* whether the file has no name yet */
	uint64_t at;   /* bytes written or in buf */
	bool in_section;
	struct buf buf;
	struct hash_sum *sum; /* SHA-256 of the section so far */
	struct index_header header;
};

/*
 * Begin to write file, whose name stays the caller's: without a name until the
 * end where that is possible, else as file.tmp. Return 0, or -1 with errno.
 * writer_abandon ends what writer_end does not.
 */
int writer_start(struct writer *, const char *file);

/* End the section before, and begin one: 0, or -1 with errno. */
int writer_section(struct writer *, uint32_t kind, size_t row);

/* Append bytes to the section: 0, or -1 with errno. */
int writer_add(struct writer *, const void *, size_t n);

/*
 * End the section, and map what is written of the file so far: 0, or -1 with
 * errno. The caller calls writer_unmap.
 */
int writer_map(struct writer *, struct span *file);
void writer_unmap(struct span file);

/*
 * Take the pages of a map that begin in n bytes out of memory, so that a pass
 * over a file does not fill it. They are read again where they are needed.
 */
void writer_forget(const void *, size_t n);

/* Bytes of a map after which a pass over it forgets them. */
enum { FORGET_BYTES = 1 << 20 };

/* Return the bytes of a section that has been written, in such a map. */
const char *writer_bytes(
    const struct writer *, struct span file, uint32_t kind);

/* Write the header, and give the file its name: 0, or -1 with errno. */
int writer_end(struct writer *);
void writer_abandon(struct writer *);

/* A zeroed struct is a spool that is not open; spool_free takes it, too. */
struct spool {
	int fd;         /* descriptor of the file, plus 1; 0: not open */
	uint64_t bytes; /* bytes added */
	struct buf buf; /* bytes that are not written yet */
	struct span map;
};

/* Open a spool in the folder of a file: 0, or -1 with errno. */
int spool_open(struct spool *, const char *file);

/* Append bytes: 0, or -1 with errno. */
int spool_add(struct spool *, const void *, size_t n);

/*
 * Map all bytes, which may be changed in place, until spool_free: 0, or -1 with
 * errno. Nothing can be added after that.
 */
int spool_map(struct spool *, void **bytes);

void spool_free(struct spool *);
