/*
 * embed: collects the texts of lines, several for each request, and writes
 * their vectors to the file that --vectors names.
 *
 * A line has a row for each string that its field has, as a string or in an
 * array, and a row of zeros if there is none: row i is that of line i where the
 * field is one string. A text that is in its batch already is asked once.
 *
 * A batch that is refused is asked again in halves, so that the text at fault
 * is found, and fails alone.
 */
#pragma once

#include "options.h"
#include "output.h"
#include "vectors.h"

/* A text that waits for its vector. */
struct embed_text {
	struct slot *slot; /* slot of the line */
	size_t row;        /* row of the vector, from 0 */
	int sample;        /* number of the sample that is the vector */
};

/* A job that asks for vectors. */
struct embed_batch {
	struct chat_job job;
	struct span *asked; /* different texts, raw, in the slots' memory */
	struct embed_text *texts;
	size_t n;     /* number of texts */
	size_t bytes; /* bytes of those that are asked */
};

struct embed {
	const struct llm_opts *o;
	struct span field, prefix;
	struct embed_batch *batch; /* batch that is being filled; or NULL */
	struct vectors out;
	size_t rows;   /* rows so far */
	size_t lacks;  /* lines without a text */
	size_t failed; /* texts without a vector */
	size_t cut;    /* texts that the server has cut, as it seems */
};

/* Open the file of vectors, or exit. */
void embed_open(struct embed *, const struct llm_opts *);

/* Split --embed's FIELD[=PREFIX]. */
void embed_field(
    const struct llm_opts *, struct span *field, struct span *prefix);

/*
 * Return the next text of a record, with its prefix, as a raw string in the
 * record's memory; p NULL: there is no other. *at starts at 0.
 */
struct span embed_next(
    struct rec *, struct span field, struct span prefix, size_t *at);

/* Give a line that has no text a row of zeros. */
void embed_lacks(struct embed *);

/*
 * Take the texts of a record in a slot, whose job has the line's place, and
 * set the slot's count of them. Batches that are full are asked.
 */
void embed_take(struct embed *, struct chat *, struct slot *);

/* Ask the batch that is being filled, if there is one. */
void embed_flush(struct embed *, struct chat *);

/*
 * Handle a finished job: 1 if its texts are through, with their vectors in the
 * file unless the job has failed, and embed_batch_free is to be called; 0 if
 * they were asked again, and the job is gone.
 */
int embed_done(struct embed *, struct chat *, struct chat_job *);
void embed_batch_free(struct embed_batch *);

/*
 * Close the file, say what is to be known of it, and return the exit status.
 * whole: whether every line was read and answered.
 */
int embed_close(struct embed *, int whole);
