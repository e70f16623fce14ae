/*
 * fit: texts that are longer than a trainer will read.
 */
#pragma once

#include "export.h"

enum fit {
	FIT_ALL, /* all that is left fits */
	FIT_CUT, /* a text is too long; with CUT_APART alone */
	FIT_NOT, /* the query, or every positive, is too long */
};

/*
 * Leave out the passages of more than max_tokens tokens and count them as
 * dropped, or leave all in with CUT_APART. The query counts as it is composed.
 */
enum fit fit_example(
    struct example *, const struct format *, const struct options *);
