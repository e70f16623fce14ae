/*
 * row: a row of the catalogue that is being read.
 *
 * What is wrong with it is said with the row and the member: each function that
 * checks returns 0 or, after row_refuse, -1.
 */
#pragma once

#include "task/task.h"

struct json_t;

/* The row that is being read. */
struct row {
	struct task *task;
	struct arena *mem;
	char name[128];    /* name of the row, or its number */
	const char *where; /* text before the key of a member */
	unsigned named;    /* bit of each axis that a step names */
};

/* A member that a row, or an object in it, has or may have. */
struct row_member {
	const char *key;
	enum {
		ROW_TEXT,  /* text that is checked here and kept in the row */
		ROW_SIDE,  /* template of query or pos, const char *, escaped */
		ROW_PROSE, /* template that names languages only, as ROW_SIDE */
		ROW_STEP,  /* template that names axes, too, as ROW_SIDE */
		ROW_MAYBE, /* as ROW_STEP; may be missing, and is NULL then */
		ROW_FLAG,  /* true or false, an int; may be missing */
		ROW_OTHER, /* checked elsewhere */
	} type;
	size_t at; /* place in struct task or struct task_step */
};

/* Bits of the values that texts of a row may name. */
enum {
	ROW_TARGET = 1 << VALUE_TGT_CODE_LANGUAGE,
	ROW_LANGUAGES =
	    1 << VALUE_LANGUAGE | 1 << VALUE_CODE_LANGUAGE | ROW_TARGET,
	ROW_IN_STEP = ROW_LANGUAGES | 1 << VALUES_VARY,
};

/*
 * Say what is wrong with a member, or if key is NULL the row: row_why is that
 * text until the next call. Return -1.
 */
int row_refuse(const struct row *, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
extern const char *const row_why;

/*
 * Check the placeholders of a template that allows these values, and note the
 * axes that it names.
 */
int row_check_prose(
    struct row *, const char *key, const char *template, unsigned allowed);

/* Check that all members of an object are known, and store them in *to. */
int row_read_members(struct row *, const struct row_member *known,
    struct json_t *object, void *to);

/* Read "vary" and "instructions", once the other texts of the row are read. */
int row_read_axes(struct row *);

/* Check that a step names each axis of "vary", once the steps are read. */
int row_check_axes(struct row *);
