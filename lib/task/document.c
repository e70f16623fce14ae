/* document: the task, languages, text and outputs of a stamped record */
#include "task/document.h"

#include <string.h>

#include "base/text.h"
#include "json/escaped.h"
#include "json/find.h"
#include "json/string.h"

const struct task *
doc_task(struct rec *r, const struct catalogue *c, const char *tool)
{
	struct span name = rec_tg_str(r, "task");
	const struct task *t = catalogue_find(c, name);

	if (name.p == NULL)
		rec_error(r, tool, "no_task", "the record names no task");
	else if (t == NULL)
		rec_error(r, tool, "unknown_task",
		    "task \"%.*s\" is not in the catalogue; see tg-prompt "
		    "--list",
		    (int)(name.n < 100 ? name.n : 100), name.p);
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
doc_text(struct rec *r)
{
	return js_string(text_of(r), &r->mem);
}

struct span
doc_similar(struct rec *r)
{
	return js_string(js_at(rec_get(r, "similar"), 0), &r->mem);
}

static struct span
or_empty(const char *s)
{
	return span_of(s != NULL ? s : "");
}

static struct span
code_name(struct rec *r, const struct language_table *l, const char *member)
{
	struct span word = rec_tg_str(r, member);
	const char *key = word.p ? language_code_key(l, word) : NULL;

	return or_empty(key ? language_code_name(l, key) : NULL);
}

/* Return the escaped form of a string value. */
static struct span
esc_in(struct rec *r, struct span v)
{
	return esc_of(v, &r->mem);
}

void
doc_values(struct rec *r, const struct catalogue *c, struct values *v)
{
	struct span out = rec_tg(r, "out"), parts = rec_tg(r, "parts");
	struct span language = rec_tg_str(r, "language");
	const struct language_table *l = catalogue_languages(c);
	const char *key = language.p ? language_key(l, language) : NULL;

	*v = (struct values){ .of = {
				  [VALUE_TEXT] = esc_in(r, text_of(r)),
				  [VALUE_SIMILAR] = esc_in(
				      r, js_at(rec_get(r, "similar"), 0)),
				  [VALUE_OUT1] = esc_in(r, js_at(out, 0)),
				  [VALUE_OUT2] = esc_in(r, js_at(out, 1)),
				  [VALUE_PREFIX] = esc_in(r, js_at(parts, 0)),
				  [VALUE_SUFFIX] = esc_in(r, js_at(parts, 1)),
				  /* names of languages need no escapes */
				  [VALUE_LANGUAGE] = or_empty(
				      key ? language_name(l, key) : NULL),
				  [VALUE_CODE_LANGUAGE] =
				      code_name(r, l, "code_language"),
				  [VALUE_TGT_CODE_LANGUAGE] =
				      code_name(r, l, "tgt_code_language"),
			      } };
}

struct span
doc_prompt(struct rec *r, const struct catalogue *c, const struct task *t)
{
	struct buf b = { 0 };
	struct values v;
	struct span s;

	doc_values(r, c, &v);
	buf_addc(&b, '"');
	prompt_prose(&b, t->instruction, &v);
	buf_addc(&b, '"');
	s = rec_hold(r, &b);
	buf_free(&b);
	return s;
}

int
doc_pair(struct rec *r, struct span *query, struct span *pos)
{
	struct span p = rec_get(r, "pos");

	*query = esc_in(r, rec_get(r, "query"));
	*pos = esc_in(r, js_is_array(p) ? js_at(p, 0) : p);
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
	buf_free(&b);
}

struct span
doc_take_output(struct rec *r, const char *tool)
{
	struct span model = js_find(rec_tg(r, "response"), "model");
	struct span out = rec_answer(r);

	if (out.p == NULL) {
		rec_error(
		    r, tool, "no_answer", "the response holds no answer text");
		return out;
	}
	out = text_clean(out);
	if (out.n == 0) {
		rec_error(r, tool, "empty_answer",
		    "nothing is left of the answer once it is cleaned");
		return (struct span){ NULL, 0 };
	}
	add_output(r, out);
	if (js_is_string(model))
		rec_tg_put(r, "model", model);
	rec_tg_del(r, "response");
	return out;
}
