/* document: the task, languages, text and outputs of a stamped record */
#include "task/document.h"

#include <stdio.h>

#include "base/clean.h"
#include "base/text.h"
#include "json/escaped.h"
#include "json/find.h"
#include "json/string.h"
#include "task/language.h"

const struct task *
document_task(struct rec *r, const struct catalogue *c)
{
	struct span name = rec_tg_str(r, "task");
	const struct task *t = catalogue_find(c, name);

	if (name.p == NULL)
		rec_error(r, "no_task",
		    "the record names no task; -t TASK names one for all, and "
		    "tg-prompt --list prints them");
	else if (t == NULL)
		rec_error(r, "unknown_task",
		    "task \"%.*s\" is not in the catalogue%s; tg-prompt "
		    "--list names all",
		    (int)(name.n < 100 ? name.n : 100), name.p,
		    catalogue_hint(c, name));
	return t;
}

/* Return the value of the member that holds the text. */
static struct span
text_of(struct rec *r)
{
	struct span field = rec_tg_str(r, "field");

	if (field.p == NULL)
		return rec_get(r, "text");
	return rec_get(r, arena_dup(&r->mem, field.p, field.n));
}

struct span
document_text(struct rec *r)
{
	return js_string(text_of(r), &r->mem);
}

struct span
document_similar(struct rec *r)
{
	return js_string(js_at(rec_get(r, "similar"), 0), &r->mem);
}

/* Return the name of the language that a member names; "" if there is none. */
static struct span
name_in(struct rec *r, const char *member, const char *key_of(struct span),
    const char *name_of(const char *))
{
	struct span word = rec_tg_str(r, member);
	const char *key = word.p != NULL ? key_of(word) : NULL;

	/* names of languages need no escapes */
	return span_of(key != NULL ? name_of(key) : "");
}

/* Get what is drawn for each axis; the names of languages are in *v. */
static void
get_axes(struct rec *r, const struct task *t, struct values *v)
{
	struct span drawn = rec_tg(r, "vary"), text;
	struct vary_value *of;
	struct buf b;
	size_t i;

	v->nvary = 0;
	v->vary = of = arena_get(&r->mem, t->naxes * sizeof *of);
	for (i = 0; i < t->naxes; i++) {
		text = esc_of(js_find(drawn, t->axes[i].name), &r->mem);
		if (text.p == NULL) {
			b = (struct buf){ 0 };
			prompt_prose(&b, t->axes[i].of[0].text, v);
			text = rec_hold(r, &b);
		}
		of[i] = (struct vary_value){ t->axes[i].name, text };
	}
	v->nvary = t->naxes;
}

void
document_values(struct rec *r, const struct task *t, struct values *v)
{
	struct span out = rec_tg(r, "out"), parts = rec_tg(r, "parts");
	struct arena *mem = &r->mem;

	v->of[VALUE_TEXT] = esc_of(text_of(r), mem);
	v->of[VALUE_SIMILAR] = esc_of(js_at(rec_get(r, "similar"), 0), mem);
	v->of[VALUE_OUT1] = esc_of(js_at(out, 0), mem);
	v->of[VALUE_OUT2] = esc_of(js_at(out, 1), mem);
	v->of[VALUE_PREFIX] = esc_of(js_at(parts, 0), mem);
	v->of[VALUE_SUFFIX] = esc_of(js_at(parts, 1), mem);
	v->of[VALUE_LANGUAGE] =
	    name_in(r, "language", language_key, language_name);
	v->of[VALUE_CODE_LANGUAGE] =
	    name_in(r, "code_language", language_code_key, language_code_name);
	v->of[VALUE_TGT_CODE_LANGUAGE] = name_in(
	    r, "tgt_code_language", language_code_key, language_code_name);
	get_axes(r, t, v);
}

struct span
document_prompt(struct rec *r, const struct task *t)
{
	struct buf b = { 0 };
	struct values v;

	document_values(r, t, &v);
	buf_addc(&b, '"');
	if (t->wording != NULL)
		buf_addspan(&b, v.vary[t->wording - t->axes].text);
	else
		prompt_prose(&b, t->instruction, &v);
	buf_addc(&b, '"');
	return rec_hold(r, &b);
}

int
document_pair(struct rec *r, struct span *query, struct span *pos)
{
	struct span p = rec_get(r, "pos");

	*query = esc_of(rec_get(r, "query"), &r->mem);
	*pos = esc_of(js_is_array(p) ? js_at(p, 0) : p, &r->mem);
	return query->p != NULL && pos->p != NULL ? 0 : -1;
}

/* Append s to tg.out. */
static void
add_output(struct rec *r, struct span s)
{
	struct span old = rec_tg(r, "out");
	struct buf b = { 0 };

	buf_addc(&b, '[');
	if (js_count(old) > 0) {
		buf_add(&b, old.p + 1, old.n - 2);
		buf_addc(&b, ',');
	}
	js_quote(&b, s);
	buf_addc(&b, ']');
	rec_tg_put(r, "out", rec_hold(r, &b));
}

/*
 * Return whether an answer, once it is cleaned, says that the input has not
 * what the step needs.
 */
static int
declines(const struct task_step *step, struct span out)
{
	out = text_trim(clean_text(out));
	return step->decline != NULL &&
	       (span_is(out, "NONE") || span_is(out, "NONE."));
}

struct span
document_take_output(struct rec *r, const struct task *t)
{
	const struct task_step *st = NULL;
	int step = rec_step(r, "response");
	struct span model = js_find(rec_tg(r, "response"), "model");
	struct span out = rec_answer(r);
	char why[240];

	if (out.p == NULL) {
		rec_error(r, "no_answer", "the response holds no answer text");
		return out;
	}
	if (step >= 1 && step <= t->nsteps)
		st = &t->steps[step - 1];
	if (st != NULL && st->is_code)
		out = clean_code(out);
	else
		out = clean_text(out);
	if (out.n == 0) {
		rec_error(r, "empty_answer",
		    "nothing is left of the answer once it is cleaned");
		return (struct span){ NULL, 0 };
	}
	if (st != NULL && declines(st, out)) {
		if (js_is_string(model))
			rec_tg_put(r, "model", model);
		rec_tg_del(r, "response");
		snprintf(why, sizeof why,
		    "the model finds nothing in the input of step %d of task "
		    "%.80s that the step needs, and answers NONE",
		    step, t->name);
		rec_reject(r, "not_applicable", why);
		return (struct span){ NULL, 0 };
	}
	add_output(r, out);
	if (js_is_string(model))
		rec_tg_put(r, "model", model);
	rec_tg_del(r, "response");
	return out;
}
