/* recited: the words of prompts and examples, to find them in an answer */
#include "recited.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/overlap.h"
#include "base/text.h"
#include "json/find.h"
#include "task/document.h"
#include "task/examples.h"
#include "task/prompt.h"
#include "words.h"

enum {
	PROMPT_RUN = 7, /* words in a row that an answer shares by no chance */
	TEXT_RUN = 12,  /* words of an example that are text */
	CODE_RUN = 25,  /* words of an example that are code */
	RUN_MAX = 32,
	CONTENT = 3, /* words of a prompt's run that are no stop words */
	AROUND = 80, /* bytes of a prompt around words that may be drawn */
	SEEN = 8192, /* bits that tell which hashes are there, a power of two */
};

/* Hashes of all runs of so many words of a text. */
struct runs {
	uint64_t *v; /* hashes, in order */
	size_t n, cap, words;
	uint32_t stops; /* bit of the language whose stop words say little */
	uint64_t seen[SEEN / 64]; /* bits of the hashes, once in order */
};

/* The runs of one prompt, or of all examples of a language. */
struct entry {
	const struct task *task; /* task of the prompt; or NULL */
	int step;                /* step of the prompt; -1: runs of examples */
	size_t words;            /* words of a run */
	uint64_t about;          /* hash of the languages */
	struct runs runs;
};

struct recited {
	struct examples *pool; /* NULL: there is none */
	struct entry *entry;
	size_t n, cap;
};

/*
 * Add the hash of each run of words in a text that has so many words which are
 * no stop words of English: others are English that any two texts may share.
 */
static void
add_runs(struct runs *r, struct span text)
{
	uint64_t last[RUN_MAX], h;
	int says[RUN_MAX];
	struct span word;
	size_t n = 0, at = 0, i, content;

	while (overlap_word(&text, &word, &h)) {
		says[at] = (words_is_stop(word) & r->stops) == 0;
		last[at++] = h;
		at = at < r->words ? at : 0;
		if (++n < r->words)
			continue;
		for (h = 0, content = 0, i = 0; i < r->words; i++) {
			h = hash_mix(h, last[at]);
			content += says[at] != 0;
			at = at + 1 < r->words ? at + 1 : 0;
		}
		if (content < CONTENT)
			continue;
		if (r->n == r->cap) {
			r->cap = r->cap > 0 ? 2 * r->cap : 256;
			r->v = mem_array(r->v, r->cap, sizeof *r->v);
		}
		r->v[r->n++] = h;
	}
}

static int
by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Put the hashes of runs in order. */
static void
put_in_order(struct runs *r)
{
	size_t i;

	qsort(r->v, r->n, sizeof *r->v, by_value);
	for (i = 0; i < r->n; i++)
		r->seen[r->v[i] % SEEN / 64] |= 1ull << r->v[i] % 64;
}

/* Return whether a run of the text is among those of r, which are in order. */
static int
has_run(const struct runs *r, struct span text)
{
	static struct runs mine; /* static: its memory is used again */
	size_t i;

	mine.n = 0;
	mine.words = r->words;
	mine.stops = r->stops;
	if (r->n == 0)
		return 0;
	add_runs(&mine, text);
	for (i = 0; i < mine.n; i++)
		if ((r->seen[mine.v[i] % SEEN / 64] >> mine.v[i] % 64 & 1) !=
			0 &&
		    bsearch(&mine.v[i], r->v, r->n, sizeof *r->v, by_value))
			return 1;
	return 0;
}

/* Return the entry that is described, with *is_new set if it is made now. */
static struct entry *
find_entry(struct recited *r, const struct task *t, int step, size_t words,
    uint64_t about, int *is_new)
{
	size_t i;

	*is_new = 0;
	for (i = 0; i < r->n; i++)
		if (r->entry[i].task == t && r->entry[i].step == step &&
		    r->entry[i].words == words && r->entry[i].about == about)
			return &r->entry[i];
	if (r->n == r->cap) {
		r->cap = r->cap > 0 ? 2 * r->cap : 64;
		r->entry = mem_array(r->entry, r->cap, sizeof *r->entry);
	}
	*is_new = 1;
	r->entry[r->n] = (struct entry){
		.task = t,
		.step = step,
		.words = words,
		.about = about,
		.runs = { .words = words, .stops = 1u << words_language("en") },
	};
	return &r->entry[r->n++];
}

static uint64_t
hash_text(uint64_t h, struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		h = hash_mix(h, (unsigned char)s.p[i] + 1u);
	return hash_mix(h, 1);
}

/* Add the runs of an escaped text. */
static void
add_escaped(struct runs *r, struct span escaped)
{
	struct buf quoted = { 0 }, text = { 0 };

	buf_addc(&quoted, '"');
	buf_addspan(&quoted, escaped);
	buf_addc(&quoted, '"');
	js_decode(&text, buf_span(&quoted));
	add_runs(r, buf_span(&text));
	buf_free(&quoted);
	buf_free(&text);
}

/*
 * Add the runs of words that may be drawn, and of what a prompt, escaped, has
 * around the first words of their axis.
 */
static void
add_drawn(struct runs *r, struct span head, struct span first, struct span drawn)
{
	struct buf b = { 0 };
	const char *at = memmem(head.p, head.n, first.p, first.n), *p, *end;

	if (at != NULL && first.n > 0) {
		p = at - head.p > AROUND ? at - AROUND : head.p;
		while (p < at && *p != ' ')
			p++;
		buf_add(&b, p, (size_t)(at - p));
	}
	buf_addspan(&b, drawn);
	if (at != NULL && first.n > 0) {
		p = at + first.n;
		end = span_end(head) - p > AROUND ? p + AROUND : span_end(head);
		while (end > p && *end != ' ' && end < span_end(head))
			end--;
		buf_add(&b, p, (size_t)(end - p));
	}
	add_escaped(r, buf_span(&b));
	buf_free(&b);
}

/* Add the runs of a prompt with the first words of each axis, and those of all
 * other words that may be drawn. */
static void
add_prompt(struct runs *r, const struct task *t, int step, struct values *v)
{
	struct vary_value plain[AXES + 1];
	struct buf head = { 0 };
	size_t k, i;

	for (k = 0; k < v->nvary; k++)
		plain[k] = (struct vary_value){ t->axes[k].name,
			span_of(t->axes[k].of[0].text) };
	v->vary = plain;
	prompt_head(&head, t, step, v);
	add_escaped(r, buf_span(&head));
	for (k = 0; k < t->naxes; k++)
		for (i = 1; i < t->axes[k].n; i++)
			add_drawn(r, buf_span(&head), plain[k].text,
			    span_of(t->axes[k].of[i].text));
	buf_free(&head);
	put_in_order(r);
}

int
recited_prompt(struct recited *r, struct rec *rec, const struct task *t,
    int step, struct span answer)
{
	struct values v;
	struct entry *e;
	uint64_t about = 0;
	int i, is_new;

	document_values(rec, t, &v);
	for (i = VALUE_LANGUAGE; i <= VALUE_TGT_CODE_LANGUAGE; i++)
		about = hash_text(about, v.of[i]);
	e = find_entry(r, t, step, PROMPT_RUN, about, &is_new);
	if (is_new)
		add_prompt(&e->runs, t, step, &v);
	return has_run(&e->runs, answer);
}

int
recited_example(
    struct recited *r, const char *language, struct span answer, int is_code)
{
	static const char *const members[] = { "input", "output" };
	struct buf lines = { 0 }, text = { 0 };
	struct span rest, line;
	struct entry *e;
	size_t k;
	int is_new;

	if (r->pool == NULL)
		return 0;
	e = find_entry(r, NULL, -1, is_code ? CODE_RUN : TEXT_RUN,
	    hash_text(0, span_of(language)), &is_new);
	if (is_new) {
		examples_print(r->pool, span_of(""), language, &lines);
		for (rest = buf_span(&lines); rest.n > 0;) {
			line = text_take_line(&rest);
			for (k = 0; k < 2; k++) {
				text.n = 0;
				js_decode(&text, js_find(line, members[k]));
				add_runs(&e->runs, buf_span(&text));
			}
		}
		put_in_order(&e->runs);
		buf_free(&lines);
		buf_free(&text);
	}
	return has_run(&e->runs, answer);
}

struct recited *
recited_new(const char *pool, const char **why)
{
	struct recited *r = mem_new(sizeof *r);

	*r = (struct recited){ 0 };
	if (strcmp(pool, "none") != 0 &&
	    (r->pool = examples_new(pool, why)) == NULL) {
		free(r);
		return NULL;
	}
	return r;
}

void
recited_free(struct recited *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free(r->entry[i].runs.v);
	free(r->entry);
	if (r->pool != NULL)
		examples_free(r->pool);
	free(r);
}
