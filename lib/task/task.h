/*
 * task: a row of the catalogue, read and checked; see tg-tasks(5).
 *
 * The texts and templates of a task are in their escaped form, ready to go
 * into a JSON string.
 */
#pragma once

#include "base/hash.h"
#include "base/mem.h"
#include "task/template.h"
#include "task/vary.h"
#include "task/ways.h"

enum { TASK_STEPS = 2, TASK_INPUTS = 2 };

enum task_input {
	IN_TEXT = VALUE_TEXT,
	IN_SIMILAR = VALUE_SIMILAR,
	IN_OUT1 = VALUE_OUT1,
	IN_COMPOSITE, /* query, composed */
};

struct task_step {
	enum task_input inputs[TASK_INPUTS];
	int ninputs;
	int examples; /* flag: few-shot examples go into the prompt */
	int is_code;  /* flag: output_kind is "code" */
	const char *instruction, *output;
	const char *decline; /* noun phrase that says what the input must have
			      * for an answer; NULL: all inputs do */
};

/* The traits of good pairs that tg-gate takes for faults elsewhere, as bits. */
enum task_allows {
	ALLOWS_LAYOUT = 1,    /* code that differs from its input in layout */
	ALLOWS_CODE = 2,      /* code in place of text */
	ALLOWS_STOP = 4,      /* an end in the middle */
	ALLOWS_LANGUAGES = 8, /* code of other languages than the record's */
	ALLOWS_COMMENTS = 16, /* code that differs in comments alone */
};

struct json_t;

struct task {
	struct json_t *row; /* row as it was read, borrowed */
	const char *name, *category, *title, *instruction;
	size_t name_n;
	struct task_step steps[TASK_STEPS];
	int nsteps;
	struct axis *axes; /* axes of "vary", then that of the instruction */
	size_t naxes;
	const struct axis *wording; /* the latter; NULL: one instruction */
	const char *query, *pos;    /* templates of the two sides */
	const char *mission, *query_type, *doc_type, *yes, *no;
	int judged, needs_similar;
	int needs_target; /* flag: a template names the target */
	struct way *ways; /* ways in which negatives go wrong */
	size_t nways;     /* 0: the row names none */
	const char **neg; /* templates of free negatives, as pos */
	size_t nneg;
	int names_breach; /* flag: a negative's first line says what it fails */
	int speaks; /* flag: a step writes text, or a text names {language} */
	int published; /* flag: the task is one of the published ones */
	const char **languages; /* keys of code languages; NULL: any */
	double max_overlap; /* share of one side that may be in the other, at
			     * most 1; 1: no limit */
	unsigned allows;    /* sum of bits of enum task_allows */
	int diff;           /* flag: the answer in code is a unified diff */
	char *sha;          /* room for task_sha, which is "" before */
};

/*
 * Return the hash of a task's row, without what tg-gate alone reads, for a
 * record's key. It is made when it is first asked for: that takes a quarter of
 * the time of reading the catalogue.
 */
const char *task_sha(const struct task *);

/*
 * Read row number nth (from 0) of a document into *t: 0; -1 with *why, which
 * names the row and member, valid until the next call. The task borrows from
 * row and mem.
 */
int task_read(struct task *t, struct json_t *row, size_t nth, struct arena *mem,
    const char **why);

/* Return whether the task takes a code language, by its key; "" always. */
int task_allows(const struct task *, const char *code_language);

/*
 * Return whether the documents of the task are code: its positive is a text of
 * the input, which is code, or the output of a step that asks for code.
 */
int task_documents_are_code(const struct task *);

/* Return the same of the queries of the task. */
int task_queries_are_code(const struct task *);

/* Return whether layout and comments of its code are what the task is about. */
int task_layout_counts(const struct task *);

/*
 * Return whether the documents of the task are the user's own text, not an
 * LLM's.
 */
int task_documents_are_given(const struct task *);
