/*
 * build: makes an index file of documents, or of the parts of an index.
 *
 * Documents are collected in memory up to a limit, then written out as a sorted
 * run; at the end the runs are merged. The file is the same to the byte
 * whatever the limit, and whether it was made in one run or merged from parts.
 * It appears under its name when it is whole and on the disk.
 *
 * Besides the limit, memory grows by about 40 bytes for each different term.
 */
#pragma once

#include "index/index.h"
#include "lex/lex.h"

struct build;

struct build_how {
	const char *file;     /* name of the file to make */
	uint32_t part, parts; /* part to make, from 1; parts 0: all of it */
	uint64_t first;       /* number of the part's first document */
	double k1, b;         /* parameters of BM25 */
	size_t memory;        /* limit, bytes; 0: BUILD_MEMORY */
};

enum { BUILD_MEMORY = 256 << 20, BUILD_MEMORY_MIN = 8 << 20 };

/* Defaults of BM25, those of Lucene. */
#define BUILD_K1 1.2
#define BUILD_B 0.75

/* A document to add: what is borrowed is so for the call of build_add. */
struct build_doc {
	struct span text;   /* text of the document, UTF-8 */
	struct span origin; /* JSON object: documents of one pool share it */
	const struct lex_language *language;
};

/*
 * Begin to make a file. Every function here that returns -1 does so with *why,
 * borrowed until the next call, and then only build_free may be called.
 */
struct build *build_start(const struct build_how *, const char **why);

/* Add the next document: 0, or -1 with *why. */
int build_add(struct build *, const struct build_doc *, const char **why);

/*
 * Append bytes to the section of rows of a kind, INDEX_VECTORS or above, at any
 * time before build_end. At the end it must have row bytes for each document,
 * in the order of the documents. Return 0, or -1 with *why.
 */
int build_rows(struct build *, uint32_t kind, size_t row, struct span bytes,
    const char **why);

/* Make the file of what was added: 0, or -1 with *why. */
int build_end(struct build *, const char **why);

/* Return how many documents were added so far. */
uint64_t build_documents(const struct build *);

/* Free a build; what was not ended leaves no file. NULL is fine. */
void build_free(struct build *);

/*
 * Make a file of n indexes, whole ones or parts, one behind the other in the
 * order given: 0, or -1 with *why. Parts must be all the parts of one index.
 * memory is the limit in bytes, 0: BUILD_MEMORY.
 */
int build_merge(const char *file, const struct index *const *parts, size_t n,
    size_t memory, const char **why);
