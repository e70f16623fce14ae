/*
 * mirror: the query of a mirrored pair, from the answer that holds it.
 */
#pragma once

#include "task/negatives.h"

/*
 * Give a mirrored pair the query of its answer, ended as the old query ends,
 * and take from neg what equals it; set says which texts are code. The record
 * ends rejected as not_applicable where the answer is NONE, as unchanged where
 * it is the old query; in an error where it is empty or the positive.
 */
void mirror_record(struct rec *, struct negatives *set);
