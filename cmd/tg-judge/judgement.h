/*
 * judgement: what the answers of a judge say of a pair, together.
 */
#pragma once

#include "record/rec.h"

struct judgement {
	int verdict;       /* 0, 1 or 2; -1: no answer can be read */
	double p;          /* judge's probability of 1, 0 to 1; -1: not known */
	size_t votes[3];   /* numbers of answers by verdict */
	size_t unreadable; /* number of other answers */
	struct span answer;   /* first answer with the verdict, decoded */
	struct span model;    /* raw string; p NULL: not known */
	struct span logprobs; /* raw object; p NULL: none */
	struct span had;      /* tg.judge as it was; p NULL: a new judgement */
};

/*
 * Read the answers in tg.response. The verdict is 1 if more than half of those
 * that can be read are 1, else 0 or 2, whichever is more frequent, and 0 of
 * two alike. p is the mean of what their log probabilities tell, or else the
 * share of 1 among two answers or more.
 */
void judgement_read(struct judgement *, struct rec *);

/* Read a judgement from tg.judge: 0; -1 if it holds no verdict. */
int judgement_reread(struct judgement *, struct span judge);

/*
 * Append the object for tg.judge. calibrated is the value of p that goes with
 * it; -1: none does.
 */
void judgement_write(struct buf *, const struct judgement *, double calibrated);

/* Return a number as it is once it was written into a record. */
double judgement_rounded(double);
