/* list: the catalogue as tg-prompt --list prints it */
#include "list.h"

#include <stdio.h>

#include "base/text.h"
#include "task/language.h"

enum { NAME = 38, KIND = 9, SET = 9, STEPS = 5, NEEDS = 12, TITLE = 200 };

/* Write what a task asks of its documents to words. */
static void
say_needs(char words[NEEDS + 1], const struct task *t)
{
	unsigned n = 0;

	while (t->languages != NULL && t->languages[n] != NULL)
		n++;
	if (t->needs_similar)
		snprintf(words, NEEDS + 1, "two codes");
	else if (n == 1)
		snprintf(words, NEEDS + 1, "%s",
		    language_code_name(t->languages[0]));
	else if (n > 1)
		snprintf(words, NEEDS + 1, "%u languages", n % 100);
	else
		snprintf(words, NEEDS + 1, "any code");
}

void
list_table(struct buf *b, const struct catalogue *c)
{
	char needs[NEEDS + 1];
	const struct task *t;
	size_t i, at;

	buf_fmt(b, "%-*s %-*s %-*s %*s  %-*s %s\n", NAME, "NAME", KIND, "KIND",
	    SET, "PUBLISHED", STEPS, "STEPS", NEEDS, "NEEDS", "TITLE");
	for (i = 0; (t = catalogue_at(c, i)) != NULL; i++) {
		say_needs(needs, t);
		at = b->n + NAME + 1;
		buf_fmt(b, "%-*s ", NAME, t->name);
		text_printable(b, span_of(t->category), KIND);
		while (b->n < at + KIND)
			buf_addc(b, ' ');
		buf_fmt(b, " %-*s %*d  %-*s ", SET, t->published ? "yes" : "",
		    STEPS, t->nsteps, NEEDS, needs);
		text_printable(b, span_of(t->title), TITLE);
		buf_addc(b, '\n');
	}
}

void
list_rows(struct buf *b, const struct catalogue *c)
{
	size_t i;

	for (i = 0; catalogue_at(c, i) != NULL; i++)
		catalogue_print(c, i, b);
}
