/*
 * lib/record reads records, changes their members and writes them out again;
 * filter is the main loop that most programs share. Every program uses it. It
 * never opens a connection, and it never changes the bytes of a member that no
 * program has set.
 *
 * rec: reads a record, changes its members and writes it.
 *
 * A record is one line of JSON. Reading it finds the members at top level and
 * under "tg"; writing it copies the line's own bytes but for the members that
 * were set or deleted, so the bytes of all other members stay.
 * See tg-record(5) for the members and states.
 */
#pragma once

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "json/scan.h"
#include "json/string.h"

struct rec {
	struct span line; /* line without newline, borrowed from the reader */
	struct js_members top, tg;
	struct span tg_text; /* bytes of tg in the line; "{}": none */
	int edited, tg_edited;
	int failed; /* 1: rec_error was called since the record was read */
	struct arena mem; /* memory that lives until the next rec_read */
};

enum rec_state {
	REC_ENDED,
	REC_ASKED,
	REC_ANSWERED,
	REC_PAIRED,
	REC_SPLIT,
	REC_TURNED, /* a mirror that has no query yet */
	REC_NEW,
};

enum rec_kind {
	REC_GENERATE,
	REC_JUDGE,
	REC_NEGATIVES,
	REC_VERIFY,
	REC_MIRROR,
	REC_RESCORE,
	REC_NO_KIND
};

/*
 * Read a line; return 0, or -1 with *why (static) if it is no record. The line
 * must stay until the record is written or another is read. Zero the struct
 * before its first use, and release it with rec_free.
 */
int rec_read(struct rec *, struct span line, const char **why);
void rec_free(struct rec *);

/* Append the record, with its changes, and a newline. */
void rec_write(struct rec *, struct buf *);

/* Return the value of the member whose key has n bytes; NULL: none. */
struct span *rec_member(const struct js_members *, const char *key, size_t n);

/*
 * Return the raw value of a member at top level or under tg; p NULL: none. The
 * functions are inline because counting the lengths of literal keys at run time
 * takes 4 % of tg-prompt's time.
 */
static inline struct span
rec_get(const struct rec *r, const char *key)
{
	const struct span *v = rec_member(&r->top, key, strlen(key));

	return v != NULL ? *v : (struct span){ NULL, 0 };
}

static inline struct span
rec_tg(const struct rec *r, const char *key)
{
	const struct span *v = rec_member(&r->tg, key, strlen(key));

	return v != NULL ? *v : (struct span){ NULL, 0 };
}

/*
 * Set or delete a member at top level or under tg. json is raw JSON, borrowed
 * until the next rec_read (rec_hold gives such bytes); keys need no escapes and
 * are borrowed, too.
 */
void rec_put(struct rec *, const char *key, struct span json);
void rec_del(struct rec *, const char *key);
void rec_tg_put(struct rec *, const char *key, struct span json);
void rec_tg_del(struct rec *, const char *key);

/* Return a copy of b in the record's memory, and free b. */
struct span rec_hold(struct rec *, struct buf *b);

/* Set member key of tg to the string s. */
void rec_tg_puts(struct rec *, const char *key, struct span s);

/* Return a decoded string member, borrowed; p NULL: absent or no string. */
static inline struct span
rec_str(struct rec *r, const char *key)
{
	return js_string(rec_get(r, key), &r->mem);
}

static inline struct span
rec_tg_str(struct rec *r, const char *key)
{
	return js_string(rec_tg(r, key), &r->mem);
}

/* Return the state: the first that fits, in the order of the enum. */
enum rec_state rec_state(const struct rec *);

/* Return the kind of tg.request or tg.response. */
enum rec_kind rec_kind(const struct rec *, const char *member);

/* Return the step of tg.request or tg.response, from 1. */
int rec_step(const struct rec *, const char *member);

/* Return whether a record is answered with an answer of a kind. */
int rec_answered(const struct rec *, enum rec_kind);

const char *rec_kind_name(enum rec_kind);

/* Return tg.response.choices[0].text; p NULL: none. */
struct span rec_answer(struct rec *);

/*
 * End a record: set tg.error, or tg.rejected, to {"tool","code","message"},
 * where tool is the name of this program. code is a short lower-case word; the
 * message tells what and why in one line. rec_error returns -1.
 */
int rec_error(struct rec *, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void rec_reject(struct rec *, const char *code, const char *message);

/* The error record of a bad line keeps so many of its bytes. */
enum { REC_RAW_MAX = 64 * 1024 };

/*
 * Append the error record of a bad line, with a newline. head is the line or
 * its beginning, bytes its whole length, lineno its number from 1.
 */
void rec_bad_line(struct buf *, const char *code, const char *why,
    size_t lineno, struct span head, size_t bytes);
