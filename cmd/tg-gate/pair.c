/* pair: the answers that a pair is made of, and how they should be */
#include "pair.h"

#include "base/text.h"
#include "blocks.h"
#include "json/find.h"
#include "signs.h"
#include "task/document.h"
#include "task/language.h"

enum { GUESS_MIN = 4 }; /* weight of signs from which a language is guessed */

/* The two sides, with what their templates say. */
struct side {
	const char *name, *template;
	struct span text;
	unsigned uses;
	int is_code;
};

/* Return the code language, by its key, that a step's code should be in. */
static const char *
language_of_code(struct pair *p, int step)
{
	const char *member =
	    p->task->needs_target ? "tgt_code_language" : "code_language";
	struct span word = rec_tg_str(p->rec, member);
	const char *key;

	if ((p->task->allows & ALLOWS_LANGUAGES) != 0 ||
	    (p->task->needs_target && step < p->task->nsteps - 1))
		return NULL;
	if (word.p == NULL && !p->task->needs_target)
		word = rec_str(p->rec, "code_language");
	key = word.p != NULL ? language_code_key(word) : NULL;
	return key != NULL && *key != '\0' ? key : NULL;
}

/* Return the lines of a diff's hunks without the marks before them. */
static struct span
unmarked(struct rec *r, struct span diff)
{
	struct buf b = { 0 };
	struct span line;
	int within = 0;

	while (diff.n > 0) {
		line = text_take_line(&diff);
		if (line.n > 2 && memcmp(line.p, "@@ ", 3) == 0)
			within = 1;
		else if (within && line.n > 0 && strchr(" +", *line.p) != NULL)
			buf_addspan(&b, span_skip(line, 1));
		else
			continue;
		buf_addc(&b, '\n');
	}
	return rec_hold(r, &b);
}

/*
 * Return the answer of a step on a side: the whole side where the template is
 * nothing else, one of its fenced blocks, or what stands outside of these.
 */
static struct span
answer_on_side(const struct pair *p, const struct side *s, int step)
{
	static const char *const whole[] = { "{out1}", "{out2}" };
	static const char *const fenced[] = { "{fence:out1}", "{fence:out2}" };
	struct span block;

	if (strcmp(s->template, whole[step]) == 0)
		return s->text;
	if (p->out[step].p != NULL)
		return p->out[step];
	if (strstr(s->template, fenced[step]) != NULL)
		return blocks_last(s->text, &block) ? block : s->text;
	if ((s->uses & 1u << VALUES_FENCED) != 0)
		return blocks_before(s->text);
	return s->text;
}

/*
 * Return how the code of an answer, or the code that a text is about, is read:
 * by the record's language, or by its own signs; NULL if neither tells.
 */
static const struct lex_language *
lexer_of(const struct pair *p, const struct part *part)
{
	struct span word = rec_tg_str(p->rec, "code_language");
	struct span code = part->is_code ? part->code : part->other;
	const char *key = part->code_language;
	struct sign guess;

	if (!part->is_code && word.p != NULL)
		key = language_code_key(word);
	if ((key == NULL || *key == '\0') && code.p != NULL &&
	    (part->is_code || part->other_is_code)) {
		guess = signs_best(code, NULL);
		key = guess.weight >= GUESS_MIN ? guess.language : NULL;
	}
	return key != NULL ? lex_find(span_of(key)) : NULL;
}

static void
add_part(
    struct pair *p, const struct side *on, const struct side *other, int step)
{
	const struct task_step *st = &p->task->steps[step];
	struct part *part = &p->part[p->nparts++];

	*part = (struct part){
		.text = on != NULL ? answer_on_side(p, on, step) : p->out[step],
		.name = on != NULL ? on->name : "answer",
		.step = step,
		.is_code = st->is_code,
		.is_diff = st->is_code && p->task->diff,
	};
	if (on != NULL) {
		part->other = other->text;
		part->other_is_code = other->is_code;
	}
	part->code = part->text;
	if (part->is_diff)
		part->code = unmarked(p->rec, part->text);
	if (part->is_code)
		part->code_language = language_of_code(p, step);
	part->lex = lexer_of(p, part);
}

/* Add a side of a mirror on which no answer of a step is. */
static void
add_given(struct pair *p, const struct side *side, int is_code)
{
	struct part *part = &p->part[p->nparts++];

	*part = (struct part){
		.text = side->text,
		.name = side->name,
		.step = -1,
		.is_code = is_code,
		.is_given = 1,
		.code = side->text,
	};
	part->lex = lexer_of(p, part);
}

/*
 * Find the answers on both sides, and those in tg.out that are on none. What
 * the LLM has edited for a mirror is an answer, too.
 */
static void
find_parts(struct pair *p)
{
	int is_mirror = js_is_there(rec_tg(p->rec, "mirror"));
	struct side side[SIDES] = {
		{ "query", p->task->query, p->query, 0,
		    task_queries_are_code(p->task) },
		{ "pos", p->task->pos, p->pos, 0,
		    task_documents_are_code(p->task) },
	};
	struct span bad;
	int i, k, found, any[SIDES] = { 0 };

	for (k = 0; k < SIDES; k++)
		side[k].uses = template_uses(side[k].template, ~0u, &bad);
	for (i = 0; i < p->task->nsteps; i++) {
		found = 0;
		for (k = 0; k < SIDES && !found; k++)
			if (side[k].uses & 1u << (VALUE_OUT1 + i)) {
				add_part(p, &side[k], &side[1 - k], i);
				found = any[k] = 1;
			}
		if (!found && p->out[i].p != NULL)
			add_part(p, NULL, NULL, i);
	}
	for (k = 0; k < SIDES && is_mirror; k++)
		if (!any[k])
			add_given(p, &side[k],
			    k == 0 ? task_queries_are_code(p->task)
				   : task_documents_are_code(p->task));
}

int
pair_read(struct pair *p, struct rec *r, const struct task *t)
{
	struct span pos = rec_get(r, "pos"), out = rec_tg(r, "out");
	struct span language = rec_tg_str(r, "language");
	const char *key = language.p != NULL ? language_key(language) : NULL;
	int i;

	*p = (struct pair){ .rec = r,
		.task = t,
		.language = key != NULL ? key : "en",
		.query = rec_str(r, "query"),
		.text = document_text(r),
		.similar = document_similar(r) };
	p->pos = js_string(js_is_array(pos) ? js_at(pos, 0) : pos, &r->mem);
	if (p->query.p == NULL || p->pos.p == NULL)
		return -1;
	for (i = 0; i < TASK_STEPS; i++)
		p->out[i] = js_string(js_at(out, (size_t)i), &r->mem);
	find_parts(p);
	return 0;
}
