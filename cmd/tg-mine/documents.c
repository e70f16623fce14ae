/* documents: the documents of a record: its text, else each of its pos */
#include "documents.h"

#include "json/find.h"
#include "task/language.h"

const struct lex_language *
documents_language(struct rec *r, const char *key, const char **found)
{
	struct span named = rec_get(r, "code_language");

	if (!js_is_there(named))
		named = rec_tg(r, "code_language");
	if (!js_is_there(named))
		named = js_find(rec_get(r, "meta"), "code_language");
	if (js_is_there(named)) {
		key = js_is_string(named)
			  ? language_code_key(js_string(named, &r->mem))
			  : NULL;
		if (key == NULL)
			key = "";
	}
	*found = key;
	return lex_find(span_of(key));
}

struct span
documents_member(struct rec *r, const char *key)
{
	struct span value = rec_tg(r, key);

	if (!js_is_there(value))
		value = js_find(rec_get(r, "meta"), key);
	return js_string(value, &r->mem);
}

/* Append a member of the record's tg or meta to an object, if it is there. */
static void
add_member(struct buf *b, struct rec *r, const char *key)
{
	struct span value = documents_member(r, key);

	if (value.p == NULL)
		return;
	buf_fmt(b, ",\"%s\":", key);
	js_quote(b, value);
}

struct span
documents_origin(struct rec *r, const char *code_language, bool is_text)
{
	struct buf b = { 0 };
	const char *key;

	documents_language(r, code_language, &key);
	buf_fmt(&b, "{\"of\":\"%s\",\"code_language\":\"%s\"",
	    is_text ? "text" : "pos", key);
	if (!is_text) {
		add_member(&b, r, "task");
		add_member(&b, r, "language");
		add_member(&b, r, "tgt_code_language");
	}
	buf_addc(&b, '}');
	return rec_hold(r, &b);
}

/* Return the next text of a record, raw; p NULL: there is none left. */
static struct span
next_text(struct documents *d, struct rec *r, bool *is_text)
{
	struct span pos = rec_get(r, "pos"), text = rec_get(r, "text");

	*is_text = !d->pos_only && js_is_string(text);
	if (*is_text)
		return d->n == 0 ? text : (struct span){ NULL, 0 };
	if (js_is_string(pos))
		return d->n == 0 ? pos : (struct span){ NULL, 0 };
	while (js_next(pos, &d->at, &text))
		if (js_is_string(text))
			return text;
	return (struct span){ NULL, 0 };
}

int
documents_next(struct documents *d, struct rec *r, struct document *out)
{
	bool is_text;
	struct span raw = next_text(d, r, &is_text);
	const char *key;

	if (raw.p == NULL)
		return 0;
	if (d->n++ == 0) {
		d->of.language = documents_language(r, d->code_language, &key);
		d->of.origin = documents_origin(r, d->code_language, is_text);
	}
	*out = d->of;
	out->text = js_string(raw, &r->mem);
	return 1;
}
