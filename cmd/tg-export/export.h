/*
 * export: the options of tg-export, and how a query carries its instruction.
 */
#pragma once

#include "example.h"
#include "plan.h"

enum target { FOR_FLAG, FOR_ST, FOR_TEVATRON, FOR_BEIR };
enum cut { CUT_DROP, CUT_APART };
enum ties_of { TIES_ALL, TIES_DROP };
enum unit { BY_FILE, BY_REPOSITORY };

struct options {
	enum target target;
	enum empty_negs empty; /* treatment of rows without negatives */
	enum cut cut;          /* treatment of texts over max_tokens */
	enum ties_of shared;   /* treatment of negatives of several parts */
	enum unit by;          /* what a split leaves whole */
	const char *dir;       /* folder to write; NULL: not given */
	const char *split;     /* "A,B,C"; NULL: no split */
	const char *format;    /* see format_read; NULL: default */
	long long max_tokens;  /* 0: no limit */
	long long seed;
};

/* A query with its instruction: before PROMPT between QUERY after. */
struct format {
	struct span before, between, after;
	int prompted;    /* 1: PROMPT is part of it */
	struct buf text; /* bytes of the spans */
};

/* Read a format: NULL, or what is wrong. */
const char *format_read(struct format *, const char *text);

/* Append the query of e, with its instruction if e and the format have one. */
void format_query(struct buf *, const struct format *, const struct example *e);

/* Append the format as FlagEmbedding takes it, with {} for both texts. */
void format_python(struct buf *, const struct format *);
