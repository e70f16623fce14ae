/* language: the languages that a record may name */
#include "task/language.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "task/languages.inc" /* embedded_languages */

enum table {
	NATURAL, /* object of a key and its name each */
	CODE,    /* object of a key and its name and aliases each */
	PAIRS,   /* array of pairs of keys that are translated */
};

/* Return one of the tables, which stay until the program exits. */
static json_t *
table_of(enum table which)
{
	static const char *const names[] = { "languages", "code_languages",
		"pairs" };
	static json_t *doc, *tables[3];
	int i;

	if (doc == NULL) {
		doc = json_loads(embedded_languages, 0, NULL);
		for (i = 0; i < 3; i++)
			tables[i] = json_object_get(doc, names[i]);
	}
	return tables[which];
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

	if (word.n == 0 || word.n >= sizeof key)
		return NULL;
	memcpy(key, word.p, word.n);
	key[word.n] = '\0';
	return strlen(key) == word.n
		   ? json_object_iter_key(json_object_iter_at(table, key))
		   : NULL;
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
language_key(struct span word)
{
	return find_key(table_of(NATURAL), word);
}

const char *
language_name(const char *key)
{
	return json_string_value(json_object_get(table_of(NATURAL), key));
}

const char *
language_code_key(struct span word)
{
	if (word.n == 0 || same_word(word, "null"))
		return "";
	return find_key(table_of(CODE), word);
}

const char *
language_code_name(const char *key)
{
	if (*key == '\0')
		return "";
	return json_string_value(
	    json_object_get(json_object_get(table_of(CODE), key), "name"));
}

const char *
language_of_path(struct span path)
{
	struct span ending = path;
	json_t *v, *extension;
	const char *key, *dot;
	size_t i;

	if (path.n == 0 || (dot = memrchr(path.p, '.', path.n)) == NULL)
		return NULL;
	ending = span_skip(path, (size_t)(dot + 1 - path.p));
	json_object_foreach (table_of(CODE), key, v)
		json_array_foreach (
		    json_object_get(v, "extensions"), i, extension)
			if (same_word(ending, json_string_value(extension)))
				return key;
	return NULL;
}

const char *
language_code_partner(const char *key, uint64_t draw)
{
	json_t *pair;
	const char *found[32], *a, *b;
	size_t i, n = 0;

	json_array_foreach (table_of(PAIRS), i, pair) {
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
language_print(struct buf *b)
{
	const char *key;
	json_t *v, *o;
	char *text;

	json_object_foreach (table_of(CODE), key, v) {
		o = json_pack("{s:s}", "key", key);
		json_object_update(o, v);
		text = json_dumps(o, JSON_COMPACT);
		buf_fmt(b, "%s\n", text);
		free(text);
		json_decref(o);
	}
}
