/*
 * lib/record reads records, changes their members and writes them out again;
 * filter is the main loop that most programs share. Every program uses it. It
 * never opens a connection, and it never changes the bytes of a member that no
 * program has set.
 *
 * rec: a record, its state, and its members spliced in and out.
 *
 * A record is one line of JSON. Reading it finds the members at top level and
 * under "tg"; writing it copies the line's own bytes but for the members that
 * were set or deleted since, so what no tool touches stays to the byte.
 * See tg-record(5) for the members and states.
 */
#ifndef TG_REC_H
#define TG_REC_H

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "json/scan.h"
#include "json/string.h"

struct rec {
	struct span line; /* borrowed from the reader, no newline */
	struct js_members top, tg;
	struct span tg_text; /* tg's own bytes in the line, "{}" if none */
	int edited, tg_edited;
	int failed;       /* rec_error was called since the record was read */
	struct arena mem; /* lives until the next rec_read */
	struct buf scratch;
};

enum rec_state {
	REC_ENDED,
	REC_ASKED,
	REC_ANSWERED,
	REC_PAIRED,
	REC_SPLIT,
	REC_NEW,
};

enum rec_kind { REC_GENERATE, REC_JUDGE, REC_NEGATIVES, REC_NO_KIND };

/*
 * Read a line: 0, or -1 with *why (static) if it is no record. The line must
 * stay until the record is written or read anew. The struct is zeroed before
 * its first use and released with rec_free.
 */
int rec_read(struct rec *, struct span line, const char **why);
void rec_free(struct rec *);

/* Append the record, with its changes, and a newline. */
void rec_write(struct rec *, struct buf *);

/* Raw value of the member whose key has n bytes; p NULL if there is none. */
struct span rec_member(const struct js_members *, const char *key, size_t n);

/*
 * Raw value of a member at top level or under tg; p NULL if there is none.
 * Keys are literals nearly always: their lengths, if counted at run time, are
 * 4 % of tg-prompt's time.
 */
static inline struct span
rec_get(const struct rec *r, const char *key)
{
	return rec_member(&r->top, key, strlen(key));
}

static inline struct span
rec_tg(const struct rec *r, const char *key)
{
	return rec_member(&r->tg, key, strlen(key));
}

/*
 * Set or delete a member. json is raw JSON, borrowed until the next rec_read
 * (rec_hold gives such bytes); keys need no escapes and are borrowed too.
 */
void rec_put(struct rec *, const char *key, struct span json);
void rec_del(struct rec *, const char *key);
void rec_tg_put(struct rec *, const char *key, struct span json);
void rec_tg_del(struct rec *, const char *key);

/* Copy of b in the record's memory; b is emptied for reuse. */
struct span rec_hold(struct rec *, struct buf *b);

/* Set tg.key to the string s. */
void rec_tg_puts(struct rec *, const char *key, struct span s);

/* Decoded string member; p NULL if absent or no string. Borrowed. */
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

/* The state, first that fits; of an answered one rec_answer says more. */
enum rec_state rec_state(const struct rec *);

/* Kind and step (from 1) of tg.request or tg.response, whichever `member`. */
enum rec_kind rec_kind(const struct rec *, const char *member, int *step);

/* Answered, and the answer is of this kind. */
int rec_answered(const struct rec *, enum rec_kind, int *step);

const char *rec_kind_name(enum rec_kind);

/* tg.response.choices[0].text; p NULL if there is none. */
struct span rec_answer(struct rec *);

/*
 * End the record: tg.error (or tg.rejected) = {"tool","code","message"}.
 * code is a short lower-case word; message says what and why, in one line.
 */
void rec_error(struct rec *, const char *tool, const char *code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void rec_reject(struct rec *, const char *tool, const char *code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The bytes of a bad line kept in its error record. */
enum { REC_RAW_MAX = 64 * 1024 };

/*
 * Append the error record of a line that is none, with newline. head is the
 * line or its beginning, bytes its whole length, lineno from 1.
 */
void rec_bad_line(struct buf *, const char *tool, const char *code,
    const char *why, size_t lineno, struct span head, size_t bytes);

#endif
