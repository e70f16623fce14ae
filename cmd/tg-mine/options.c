/* options: tg-mine's commands and options, which its parts share */
#include "options.h"

#include <math.h>

#include "base/threads.h"
#include "index/build.h"
#include "index/near.h"
#include "task/language.h"

/*
 * Largest rank of a negative unless another is given. Where a positive ranks
 * low, documents below it have nothing to do with the query.
 */
enum { RANK_MAX = 100 };

#define AT(member) OPTION_AT(struct mine_opts, member)
#define RULE(member) OPTION_AT(struct mine_opts, rules.member)

enum { NEGATIVES_MAX = 100000 };

/* Terms that a similar text has in common with its text at most. */
#define SIMILAR_LIKENESS .95

/* Bound of scores that options name. */
#define SCORE_MAX 1e9

static const struct option_def options[] = {
	{ "output", 'o', OPTION_STRING, OPTION_RUN, "IDX",
	    "index, merge: the index to make, which replaces an old one whole",
	    AT(output), .forms = MINE_INDEX | MINE_MERGE, .required = 1 },
	{ "index", 'i', OPTION_STRING, OPTION_RUN, "IDX", "the index to read",
	    AT(index), .forms = MINE_CHECK | MINE_SEARCHES, .required = 1,
	    .spared = MINE_NEGATIVES },
	{ "corpus", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "negatives: where no index is named, add the documents of this "
	    "file to the positives of the input",
	    AT(corpus), .forms = MINE_NEGATIVES },
	{ "code-language", 'c', OPTION_STRING, OPTION_RUN, "LANG",
	    "code language of records that name none, python unless given",
	    AT(code_language),
	    .forms = MINE_INDEX | MINE_TERMS | MINE_SEARCHES | MINE_AUDIT },
	{ "by", 0, OPTION_CHOICE, OPTION_RUN, "HOW",
	    "what decides which documents are nearest", AT(by),
	    .choices = MINE_BY, .forms = MINE_SEARCHES },
	{ "vectors", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "index: vectors of the documents, a float32 array of NumPy (.npy), "
	    "row i that of document i",
	    AT(vectors), .forms = MINE_INDEX },
	{ "query-vectors", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "vectors of the lines, row i that of line i, "
	    "for --by "
	    "dense and hybrid",
	    AT(query_vectors), .forms = MINE_SEARCHES },
	{ "depth", 0, OPTION_INT, OPTION_RUN, "N",
	    "hits of each of the two lists that --by hybrid "
	    "fuses, "
	    "1000 unless given",
	    AT(depth), .lo = 1, .hi = 1 << 24, .forms = MINE_SEARCHES },
	{ "hits", 'k', OPTION_INT, OPTION_RUN, "N",
	    "search: most hits of a record, 10 unless given", AT(k), .lo = 1,
	    .hi = 1 << 24, .forms = MINE_SEARCH },
	{ "exact", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "let each term of the query count, however "
	    "little it weighs",
	    AT(exact), .forms = MINE_SEARCHES },
	{ "threads", 0, OPTION_INT, OPTION_RUN, "N",
	    "threads that work at the same time, as many as "
	    "there "
	    "are cores unless given",
	    AT(threads), .lo = 1, .hi = THREADS_MAX, .forms = MINE_SEARCHES },
	{ "resume", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "write to this file, and leave out the work for "
	    "the lines "
	    "that it has",
	    AT(resume), .forms = MINE_SEARCHES },
	{ "progress", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "show on stderr how far it is, even where "
	    "stdout is a pipe",
	    AT(progress), .forms = MINE_SEARCHES },
	{ "shard", 0, OPTION_STRING, OPTION_RUN, "I/N",
	    "index, search, negatives: do only the I-th of N equal parts of "
	    "the input, which is read twice",
	    AT(shard), .forms = MINE_INDEX | MINE_SEARCHES },
	{ "memory", 0, OPTION_INT, OPTION_RUN, "MIB",
	    "index, merge: memory to take, 256 unless given", AT(memory),
	    .lo = BUILD_MEMORY_MIN >> 20, .hi = 1 << 24,
	    .forms = MINE_INDEX | MINE_MERGE },
	{ "k1", 0, OPTION_REAL, OPTION_RUN, "X",
	    "index: how much repeats of a term count, 1.2 unless given", AT(k1),
	    .max = 1000, .forms = MINE_INDEX },
	{ "b", 0, OPTION_REAL, OPTION_RUN, "X",
	    "index: how much the length of a document counts, 0 to 1, 0.75 "
	    "unless given",
	    AT(b), .max = 1, .forms = MINE_INDEX },
	{ "drop", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "audit: write the rows without the negatives that something was "
	    "found of, and without rows that equal an earlier one",
	    AT(drop), .forms = MINE_AUDIT },
	{ "mark", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "audit: write the rows with what was found as their member audit",
	    AT(mark), .forms = MINE_AUDIT },
	{ "text", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "audit: write a table, as on a terminal", AT(text),
	    .forms = MINE_AUDIT },
	{ "json", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "audit: write one object of JSON, as to a file or pipe", AT(json),
	    .forms = MINE_AUDIT },
	{ "summary", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "audit, negatives, similar, rank: write the sums to this file as "
	    "JSON, whatever stdout gets",
	    AT(summary),
	    .forms = MINE_AUDIT | MINE_NEGATIVES | MINE_SIMILAR | MINE_RANK },
	{ "likeness", 0, OPTION_REAL, OPTION_RUN, "X",
	    "audit, negatives: share of shingles in common from which a text "
	    "is a near copy, 0.65 unless given; similar: share of terms in "
	    "common up to which a text is no copy, 0.95 unless given",
	    AT(likeness), .max = 1,
	    .forms = MINE_AUDIT | MINE_NEGATIVES | MINE_SIMILAR },
	{ "from-rank", 0, OPTION_INT, OPTION_RUN, "R",
	    "similar: least rank of a similar text, 21 unless given",
	    AT(from_rank), .lo = 1, .hi = 1 << 24, .forms = MINE_SIMILAR },
	{ "seed", 0, OPTION_INT, OPTION_RUN, "N",
	    "audit, negatives: seed of what is drawn, 0 unless given", AT(seed),
	    .lo = -(1LL << 62), .hi = 1LL << 62,
	    .forms = MINE_AUDIT | MINE_NEGATIVES },
	{ "negatives", 'n', OPTION_INT, OPTION_RUN, "N",
	    "negatives: negatives that a record has then at most, 7 unless "
	    "given",
	    AT(negatives), .lo = 1, .hi = NEGATIVES_MAX,
	    .forms = MINE_NEGATIVES },
	{ "min-negs", 0, OPTION_INT, OPTION_RUN, "N",
	    "negatives: reject a record that has fewer than N then",
	    AT(min_negs), .hi = NEGATIVES_MAX, .forms = MINE_NEGATIVES },
	{ "pool", 0, OPTION_CHOICE, OPTION_RUN, "WHICH",
	    "negatives, rank: documents of the positive's own origin, or all",
	    AT(pool), .choices = MINE_POOL,
	    .forms = MINE_NEGATIVES | MINE_RANK },
	{ "rank-min", 0, OPTION_INT, OPTION_RUN, "R",
	    "negatives: least rank of a negative, from 1", RULE(rank_min),
	    .lo = 1, .hi = 1LL << 32, .forms = MINE_NEGATIVES },
	{ "rank-max", 0, OPTION_INT, OPTION_RUN, "R",
	    "negatives: largest rank of a negative, 100 unless --rank-min is "
	    "given; 0: no bound",
	    RULE(rank_max), .hi = 1LL << 32, .forms = MINE_NEGATIVES },
	{ "min-score", 0, OPTION_REAL, OPTION_RUN, "X",
	    "negatives: least score of a negative", RULE(min_score),
	    .min = -SCORE_MAX, .max = SCORE_MAX, .forms = MINE_NEGATIVES },
	{ "max-score", 0, OPTION_REAL, OPTION_RUN, "X",
	    "negatives: largest score of a negative", RULE(max_score),
	    .min = -SCORE_MAX, .max = SCORE_MAX, .forms = MINE_NEGATIVES },
	{ "margin", 0, OPTION_REAL, OPTION_RUN, "X",
	    "negatives: least distance of a score below the positive's",
	    RULE(margin), .min = -SCORE_MAX, .max = SCORE_MAX,
	    .forms = MINE_NEGATIVES },
	{ "relative-margin", 0, OPTION_REAL, OPTION_RUN, "X",
	    "negatives: the same as a share of the positive's score",
	    RULE(relative_margin), .min = -SCORE_MAX, .max = SCORE_MAX,
	    .forms = MINE_NEGATIVES },
	{ "perc-pos", 0, OPTION_REAL, OPTION_RUN, "X",
	    "negatives: largest score of a negative, as a share of the "
	    "positive's; 0.95 unless given, 0: off",
	    RULE(perc_pos), .max = SCORE_MAX, .forms = MINE_NEGATIVES },
	{ "take", 0, OPTION_CHOICE, OPTION_RUN, "WHICH",
	    "negatives: which of those that pass are taken: the nearest in "
	    "length to the positive, the first, or some at random",
	    RULE(take), .choices = MINE_TAKE, .forms = MINE_NEGATIVES },
	{ "from", 0, OPTION_INT, OPTION_RUN, "N",
	    "negatives: how many pass before some are taken by length or at "
	    "random, 60 unless given",
	    RULE(from), .lo = 1, .hi = NEGATIVES_MAX, .forms = MINE_NEGATIVES },
	{ "scores", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "negatives: write pos_scores and neg_scores", AT(scores),
	    .forms = MINE_NEGATIVES },
	{ "rescore", 0, OPTION_INT, OPTION_RUN, "K",
	    "negatives: ask for a cross-encoder's scores of the first K that "
	    "pass, to pick by these later",
	    AT(rescore), .lo = 1, .hi = NEGATIVES_MAX,
	    .forms = MINE_NEGATIVES },
	{ "query-prefix", 0, OPTION_STRING, OPTION_RUN, "TEXT",
	    "negatives, with --rescore: put this before each query",
	    AT(query_prefix), .forms = MINE_NEGATIVES },
	{ "document-prefix", 0, OPTION_STRING, OPTION_RUN, "TEXT",
	    "negatives, with --rescore: put this before each document",
	    AT(document_prefix), .forms = MINE_NEGATIVES },
	{ "plant", 0, OPTION_STRING, OPTION_RUN, "SHARE",
	    "negatives: try renamed copies of so many positives, such as 1%, "
	    "and count those that would be negatives",
	    AT(plant), .forms = MINE_NEGATIVES },
	{ "tasks", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "negatives, rank: add or replace catalogue rows ($TG_TASKS)",
	    AT(tasks), .forms = MINE_NEGATIVES | MINE_RANK },
	{ OPTION_MAX_LINE_DEF,
	    .forms = MINE_INDEX | MINE_TERMS | MINE_SEARCHES | MINE_AUDIT },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-mine",
	.forms = { { MINE_INDEX, "index", "[file ...]" },
	    { MINE_MERGE, "merge", "part ..." }, { MINE_CHECK, "check", "" },
	    { MINE_TERMS, "terms", "[file ...]" },
	    { MINE_SEARCH, "search", "[file ...]" },
	    { MINE_NEGATIVES, "negatives", "[file ...]" },
	    { MINE_SIMILAR, "similar", "[file ...]" },
	    { MINE_RANK, "rank", "[file ...]" },
	    { MINE_AUDIT, "audit", "[file ...]" } },
	.options = options,
	.about =
	    "Find the documents of a corpus that are most like a query.\n"
	    "  index   make an index of documents: the text of each line, or "
	    "else each\n"
	    "          of its pos\n"
	    "  merge   make one index of the parts that index --shard made\n"
	    "  check   read an index whole, and say whether it is sound\n"
	    "  terms   print the terms of each document, a JSON array a line\n"
	    "  search  add hits, [{\"doc\", \"score\"}], to each line with a "
	    "query\n"
	    "  negatives\n"
	    "          give each pair negatives: documents near its query that "
	    "are no\n"
	    "          copies of its positive\n"
	    "  similar add similar, a list of one document like it, to each "
	    "line with a text\n"
	    "  rank    add rank, margin and pos_score of the positive to each "
	    "pair\n"
	    "  audit   count what is wrong with negatives, whoever mined them: "
	    "copies of\n"
	    "          positives, duplicates, and tells that need no query\n",
	.notes =
	    "Example: tg-folder --functions src | tg-mine index -o idx\n"
	    "         echo '{\"query\": \"parse a date\"}' | tg-mine search "
	    "-i idx -k 5\n"
	    "         tg-mine audit triplets.jsonl\n",
};

/* Return the key of the code language that -c names, or exit. */
static const char *
code_key(const char *name)
{
	const char *key = language_code_key(span_of(name));

	if (key == NULL)
		options_refuse(
		    "-c: code language \"%s\" is unknown%s; tg-prompt "
		    "--languages prints them",
		    name, language_code_hint(span_of(name)));
	return key;
}

char **
mine_opts_parse(struct mine_opts *o, struct filter *f, int argc, char **argv)
{
	char **words;

	*o = (struct mine_opts){ .code_language = "python",
		.k = 10,
		.threads = threads_cores(),
		.depth = 1000,
		.k1 = BUILD_K1,
		.b = BUILD_B,
		.likeness = NAN,
		.from_rank = 21,
		.negatives = 7,
		.rules = { .min_score = -INFINITY,
		    .max_score = INFINITY,
		    .margin = NAN,
		    .relative_margin = NAN,
		    .perc_pos = .95,
		    .from = 60,
		    .rank_max = UINT64_MAX } };
	f->program = &program;
	words = filter_options(f, o, argc, argv);
	language_open(NULL);
	o->code_language = code_key(o->code_language);
	if (o->rules.rank_max == UINT64_MAX)
		o->rules.rank_max = o->rules.rank_min > 0 ? 0 : RANK_MAX;
	if (isnan(o->likeness))
		o->likeness =
		    words[0] != NULL && strcmp(words[0], "similar") == 0
			? SIMILAR_LIKENESS
			: NEAR_LIKENESS;
	return words;
}

void
mine_opts_only(const struct filter *f, const char *command, unsigned bit)
{
	options_only(f->program, f->found.given, command, bit);
}
