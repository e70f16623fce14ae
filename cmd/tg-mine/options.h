/* options: tg-mine's commands and options, which its parts share */
#pragma once

#include "index/pick.h"
#include "record/filter.h"

/* The commands are bits, so that a row of the table can name several. */
enum {
	MINE_INDEX = 1 << 0,
	MINE_MERGE = 1 << 1,
	MINE_CHECK = 1 << 2,
	MINE_TERMS = 1 << 3,
	MINE_SEARCH = 1 << 4,
	MINE_AUDIT = 1 << 5,
	MINE_NEGATIVES = 1 << 6,
	MINE_SIMILAR = 1 << 7,
	MINE_RANK = 1 << 8,
	/* commands that search */
	MINE_SEARCHES = MINE_SEARCH | MINE_NEGATIVES | MINE_SIMILAR | MINE_RANK,
};

/* Words of --pool: documents that are in the pool. */
enum mine_pool { MINE_OWN, MINE_ALL };
#define MINE_POOL "own | all"

/* Words of --take, those of enum pick_take. */
#define MINE_TAKE "length | top | random"

/* Words of --by: ways in which documents are nearest. */
enum mine_by { MINE_BM25, MINE_DENSE, MINE_HYBRID };
#define MINE_BY "bm25 | dense | hybrid"

struct mine_opts {
	const char *output;        /* index to make */
	const char *index;         /* index to read */
	const char *corpus;        /* documents for an own index; NULL: none */
	const char *code_language; /* key for records that name none */
	const char *shard;         /* "i/n"; NULL: all */
	long long memory; /* limit of index and merge, MiB; 0: default */
	double k1, b;
	enum mine_by by;
	size_t k; /* most hits of a search */
	unsigned threads;
	const char *vectors;       /* file of the documents' vectors, or NULL */
	const char *query_vectors; /* file of the lines' vectors, or NULL */
	size_t depth;       /* hits of each of the two lists of --by hybrid */
	const char *resume; /* file that gets the output; NULL: stdout */
	int progress;       /* 1: show progress in any case */
	int exact;
	int drop, mark;      /* rows that audit writes */
	int text, json;      /* form of the sums that audit writes */
	const char *summary; /* file for these; NULL: none */
	/* shingles in common from which a text is near; similar: terms in
	 * common that a similar text has at most */
	double likeness;
	size_t from_rank; /* least rank of a similar text, from 1 */
	long long seed;
	size_t negatives; /* negatives that a record has at most */
	size_t min_negs;  /* fewest negatives of a record that is kept */
	struct pick_rules rules;
	size_t rescore; /* candidates whose scores are asked for; 0: none */
	const char *query_prefix, *document_prefix; /* words before texts in
						     * these requests; or NULL
						     */
	enum mine_pool pool;
	int scores;        /* write scores as lists of the record */
	const char *plant; /* share of records with a copy; NULL: none */
	const char *tasks; /* file with rows of the catalogue; NULL: none */
};

/*
 * Parse the command line into *o, set found of the filter, and return the
 * operands, the command first. Exits as options_parse does.
 */
char **mine_opts_parse(struct mine_opts *, struct filter *, int, char **);

/* Exit unless the command, named for messages, takes all options given. */
void mine_opts_only(
    const struct filter *, const char *command, unsigned command_bit);
