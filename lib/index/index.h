/*
 * lib/index finds the documents of a corpus that are like a text. An index is
 * one file: texts, digests, terms and their weights, and vectors where they
 * are given. `terms` cuts a text into terms, `build` makes an index in bounded
 * memory, `index` opens one, `bm25` searches it. Only tg-mine uses the folder.
 * It opens no connection, and it knows neither records nor tasks.
 *
 * index: an index file, mapped rather than loaded.
 *
 * The file is a header of INDEX_HEADER bytes and sections, each at a multiple
 * of INDEX_ALIGN. Numbers are little-endian. The header has a row for each
 * section, and the length and SHA-256 of the file's parts. index_open checks
 * the header, and that all sections lie within the file; index_check checks all
 * of it. A file that was damaged in place may give wrong answers, but no
 * function of this folder reads beyond it.
 *
 * A section of rows has a fixed number of bytes for each document. A section of
 * a kind that this folder does not know is kept, checked and merged as long as
 * it has rows: vectors and digests of other kinds need no change here.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	INDEX_VERSION = 1,
	INDEX_HEADER = 4096,
	INDEX_ALIGN = 64,
	INDEX_SECTIONS = 32, /* most sections of a file */
	INDEX_DIGEST = 16, /* bytes of a text's hash, and of its alike digest */
	INDEX_TERMS_MAX = 0x7fffffff,     /* most different terms */
	INDEX_DOCUMENTS_MAX = 0x1fffffff, /* most documents */
};

/* Kinds of sections. Numbers are part of the format and are never reused. */
enum index_kind {
	INDEX_TEXTS = 1,   /* texts of the documents, one after another */
	INDEX_DOCS = 2,    /* rows: struct index_doc */
	INDEX_ORIGINS = 3, /* origins, each with a 0 byte behind it */
	INDEX_WORDS = 4,   /* bytes of the terms, in their order */
	INDEX_TERMS = 5,   /* struct index_term for each term, and one more */
	INDEX_PLACES = 6,  /* hash table of the terms */
	INDEX_COUNTS = 7,  /* struct index_count, those of each document */
	INDEX_POSTINGS =
	    8, /* documents and impacts of each term, 32 bits each */
	INDEX_VECTORS = 16, /* rows: float32, the dimensions of a document */
	INDEX_SHINGLES = 17 /* rows: digests of a document for near copies */
};

/* A document, as the file has it. */
struct index_doc {
	uint64_t text;      /* offset of its text in INDEX_TEXTS */
	uint32_t length;    /* length of its text, bytes */
	uint32_t words;     /* number of its terms, repeats counted */
	uint64_t counts;    /* index of its first count in INDEX_COUNTS */
	uint32_t different; /* number of its counts: different terms */
	uint32_t origin;    /* number of its origin */
	unsigned char hash[INDEX_DIGEST];  /* first bytes of its SHA-256 */
	unsigned char alike[INDEX_DIGEST]; /* alike_digest of its text */
};

/* A term, as the file has it. Terms are numbered in the order of their bytes.
 */
struct index_term {
	uint64_t word;      /* offset of its bytes in INDEX_WORDS */
	uint64_t postings;  /* index of its first number in INDEX_POSTINGS */
	uint32_t documents; /* number of documents that have it */
	float impact;       /* largest score that it gives a document */
};

/* How often a term stands in a document; in the order of the terms. */
struct index_count {
	uint32_t term, count;
};

/* A section, as the header has it. */
struct index_section {
	uint32_t kind;            /* enum index_kind; 0: no section */
	uint32_t row;             /* bytes of a document's row; 0: no rows */
	uint64_t start, length;   /* place in the file, bytes */
	unsigned char sha256[32]; /* SHA-256 of the section's bytes */
};

/* An index that is open. Fields are to be read only. */
struct index {
	const char *file;     /* name of the file, borrowed */
	struct span map;      /* bytes of the file */
	uint32_t part, parts; /* part number, from 1, of so many; parts 0: the
			       * file is whole, and can be searched */
	uint64_t first;       /* number of the part's first document */
	uint64_t documents;   /* number of documents */
	uint64_t terms;       /* number of different terms */
	uint64_t words;       /* number of terms, repeats counted */
	uint64_t origins;     /* number of origins */
	double k1, b;         /* parameters of BM25 */
	struct index_section section[INDEX_SECTIONS];
	const struct index_doc *doc;   /* documents */
	const struct index_term *term; /* terms + 1 of them */
};

/*
 * Open and map a file: return 0, or -1 with *why, borrowed until the next call;
 * ix needs no closing then. Wrong are files that are no index, of another
 * version or byte order, or shorter or longer than the header says.
 */
int index_open(struct index *ix, const char *file, const char **why);
void index_close(struct index *ix);

/* Read all of the file and compare it with its header: 0, or -1 with *why. */
int index_check(const struct index *ix, const char **why);

/*
 * Return the bytes of the section of a kind; p NULL: the file has none. row,
 * unless NULL, gets the bytes of a document's row.
 */
struct span index_section(const struct index *, uint32_t kind, size_t *row);

/*
 * Return the text of document n < ix->documents, borrowed from the map; p NULL
 * if its row is damaged.
 */
struct span index_text(const struct index *, uint64_t n);

/*
 * Return the origin of document n, borrowed from the map: the JSON object that
 * was given to build_add. Documents of one pool have equal origins; equal
 * origins have equal numbers, ix->doc[n].origin.
 */
struct span index_origin(const struct index *, uint64_t n);

/*
 * Return the counts of document n, borrowed from the map, and their number in
 * *size; *size 0: it has none, or its row is damaged. A damaged count may name
 * a term that is not there.
 */
const struct index_count *index_counts(
    const struct index *, uint64_t n, size_t *size);

/* Return the bytes of a term, borrowed; p NULL if it is not there or damaged.
 */
struct span index_word(const struct index *, uint64_t term);

/* Return the number of the term with these bytes; -1: the index has none. */
int64_t index_find_term(const struct index *, struct span word);

/* A document that was found. */
struct index_hit {
	uint64_t doc; /* number of the document, from 0 */
	double score; /* larger is nearer */
};

/* Compare hits for qsort: higher scores first, then lower numbers. */
int index_hit_compare(const void *, const void *);
