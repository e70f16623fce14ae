/*
 * run: documents that are collected in memory, then sorted and written out. For
 * lib/index only.
 */
#pragma once

#include "index/index.h"
#include "index/terms.h"
#include "index/write.h"

/*
 * A sorted run, or the part of an index: documents and their terms. All is
 * borrowed from maps.
 */
struct source {
	const struct index_doc *doc; /* documents of the source */
	uint64_t documents, terms;
	struct span words;               /* bytes of the terms */
	const struct index_term *term;   /* terms + 1 of them */
	const struct index_count *count; /* counts of its documents */
	uint64_t counts;                 /* number of these */
	uint64_t at; /* offset of a run in its spool, bytes */
};

/* The terms of the documents added since the last run. Zero-initialise it. */
struct run {
	struct buf bytes; /* bytes of the terms, in the order they came in */
	struct run_term {
		uint64_t start;     /* offset in bytes */
		uint64_t head;      /* first bytes, for comparisons */
		uint32_t length;    /* bytes */
		uint32_t documents; /* number of documents that have it */
		uint32_t last;      /* number of the last of these, plus 1 */
		uint32_t at;        /* place of its count among those of that */
	} * term;                   /* half a line of a cache each */
	size_t terms, terms_cap;
	uint64_t *place; /* hash table: hash, then a term's number, plus 1 */
	size_t places;   /* a power of two; 0: no table yet */
	uint32_t *hash;  /* hashes of the terms that are being added */
	size_t hash_cap;
	struct index_count *count;
	size_t counts, counts_cap;
	uint32_t *different; /* number of the counts of each document */
	size_t documents, documents_cap;
};

/* Add a document of these terms. */
void run_add(struct run *, const struct terms *);

/* Return how many bytes of memory a run takes, sorting included. */
size_t run_memory(const struct run *);

/*
 * Append a run, sorted, to a spool as struct index_term, words and counts, and
 * empty it; *source gets its numbers and its place there. Return 0, or -1 with
 * errno.
 */
int run_write(struct run *, struct spool *, struct source *source);

/* Set the pointers of a source to a spool's bytes. */
void run_map(struct source *, const char *spool, const struct index_doc *);

void run_free(struct run *);
