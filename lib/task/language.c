/* language: the languages that a record may name */
#include "task/language.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

struct language_table {
	json_t *doc;       /* object: the members that follow point into it */
	json_t *languages; /* object: a key and its name each */
	json_t *code;      /* object: a key and its name and aliases each */
	json_t *pairs;     /* array: pairs of keys that are translated */
};

struct language_table *
language_table_new(const char *json)
{
	struct language_table *t = mem_new(sizeof *t);

	t->doc = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
	t->languages = json_object_get(t->doc, "languages");
	t->code = json_object_get(t->doc, "code_languages");
	t->pairs = json_object_get(t->doc, "pairs");
	return t;
}

void
language_table_free(struct language_table *t)
{
	if (t == NULL)
		return;
	json_decref(t->doc);
	free(t);
}

static int
same_word(struct span s, const char *w)
{
	return s.n == strlen(w) && strncasecmp(s.p, w, s.n) == 0;
}

/* Return the key in table that is word itself; NULL if none is. */
static const char *
same_key(json_t *table, struct span word)
{
	char key[64];
	void *at;

	if (word.n == 0 || word.n >= sizeof key)
		return NULL;
	memcpy(key, word.p, word.n);
	key[word.n] = '\0';
	if (strlen(key) != word.n ||
	    (at = json_object_iter_at(table, key)) == NULL)
		return NULL;
	return json_object_iter_key(at);
}

/* Return the key in table whose key, name or alias is word. */
static const char *
find_key(json_t *table, struct span word)
{
	const char *key = same_key(table, word);
	json_t *v, *alias;
	size_t i;

	/* a stamped record has the key, which is looked up each time */
	if (key != NULL)
		return key;
	json_object_foreach (table, key, v) {
		if (same_word(word, key))
			return key;
		if (json_is_object(v)) {
			json_array_foreach (
			    json_object_get(v, "aliases"), i, alias)
				if (same_word(word, json_string_value(alias)))
					return key;
			v = json_object_get(v, "name");
		}
		if (same_word(word, json_string_value(v)))
			return key;
	}
	return NULL;
}

const char *
language_key(const struct language_table *t, struct span word)
{
	return find_key(t->languages, word);
}

const char *
language_name(const struct language_table *t, const char *key)
{
	return json_string_value(json_object_get(t->languages, key));
}

const char *
language_code_key(const struct language_table *t, struct span word)
{
	if (word.n == 0 || same_word(word, "null"))
		return "";
	return find_key(t->code, word);
}

const char *
language_code_name(const struct language_table *t, const char *key)
{
	if (*key == '\0')
		return "";
	return json_string_value(
	    json_object_get(json_object_get(t->code, key), "name"));
}

const char *
language_code_partner(
    const struct language_table *t, const char *key, uint64_t draw)
{
	json_t *pair;
	const char *found[32], *a, *b;
	size_t i, n = 0;

	json_array_foreach (t->pairs, i, pair) {
		a = json_string_value(json_array_get(pair, 0));
		b = json_string_value(json_array_get(pair, 1));
		if (n < 32 && strcmp(a, key) == 0)
			found[n++] = b;
		else if (n < 32 && strcmp(b, key) == 0)
			found[n++] = a;
	}
	return n > 0 ? found[draw % n] : NULL;
}

void
language_print(const struct language_table *t, struct buf *b)
{
	const char *key;
	json_t *v, *o;
	char *text;

	json_object_foreach (t->code, key, v) {
		o = json_pack("{s:s}", "key", key);
		if (o != NULL && json_object_update(o, v) == 0 &&
		    (text = json_dumps(o, JSON_COMPACT)) != NULL) {
			buf_adds(b, text);
			buf_addc(b, '\n');
			free(text);
		}
		json_decref(o);
	}
}
