/*
 * rescore: negatives that a cross-encoder has a say in.
 *
 * tg-mine negatives --rescore K leaves a request for scores: of the positives,
 * then of the first K documents that pass the guard and the bounds of ranks and
 * scores. tg.mined holds what is known of these until tg-llm has answered. Then
 * tg-mine negatives picks among them by the new scores; margins are those of
 * its own options.
 */
#pragma once

#include "index/index.h"
#include "mined.h"
#include "options.h"
#include "table.h"

enum { RESCORE_CORPUS = 17 }; /* bytes of the name of an index, with a 0 */

/* Set the name of an index: it is told by the texts of its documents. */
void rescore_name(char name[RESCORE_CORPUS], const struct index *);

/*
 * Return the rules for candidates: those of the options, but the first so many
 * that pass are taken, whatever their distance from the positive's score.
 */
struct pick_rules rescore_rules(const struct mine_opts *);

/*
 * Put a request for scores into a record that has got candidates, result->neg,
 * out of the index of a name. texts are those of the positives, then those of
 * the candidates.
 */
void rescore_ask(struct rec *, const struct mine_opts *, const char *name,
    struct mined_result *result, const struct span *texts);

/* Return whether a record has an answer to such a request. */
bool rescore_is_answered(const struct rec *);

/*
 * Pick by the scores of an answered record, and count what it gets. Without
 * scores it gets nothing. A record whose candidates are not of this index, of
 * the given name, ends in error.
 */
void rescore_pick(struct rec *, const struct mine_opts *, const struct index *,
    const char *name, struct table *);
