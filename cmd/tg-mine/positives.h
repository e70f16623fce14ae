/*
 * positives: an index of the input's own documents.
 *
 * Where no index is named, the positives of the input are the documents, behind
 * those of a corpus if one is given.
 */
#pragma once

#include "index/index.h"
#include "mine.h"

/*
 * Make the index in a file of TMPDIR that has no name afterwards, and open it.
 * files are those that twice_keep has seen. Left out are positives of records
 * that have ended and, where a corpus is given, those that were not made for a
 * task. Exit with TG_EX_IO if that fails.
 */
void positives_index(struct index *, const struct mine *, char **files);
