/* language: the languages that a record may name */
#include "task/language.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/text.h"
#include "io/io.h"
#include "json/string.h"
#include "task/rows.h"

#include "task/languages.inc" /* embedded_languages */

enum table {
	NATURAL, /* object of a key and its name each */
	CODE,    /* object of a key and its name and aliases each */
	PAIRS,   /* array of pairs of keys that are translated */
	TABLES,
};

enum { WORD = 64 }; /* bytes of a key, name or alias, with the NUL */

/*
 * The indexes find a key by a word in lower case: its name or alias, or the
 * ending of a file's name.
 */
enum index { NATURAL_WORD, CODE_WORD, ENDING, INDEXES };

static json_t *embedded; /* the whole of languages.json; holds the tables */
static json_t *tables[TABLES], *indexes[INDEXES];

/* Write the word in lower case to low; return -1 if it can be no name. */
static int
lower(char low[WORD], struct span word)
{
	size_t i;

	if (word.n == 0 || word.n >= WORD ||
	    memchr(word.p, '\0', word.n) != NULL)
		return -1;
	for (i = 0; i < word.n; i++)
		low[i] = (char)tolower((unsigned char)word.p[i]);
	low[i] = '\0';
	return 0;
}

/* Let a word stand for a key; one that stands for another does not change. */
static void
add_word(enum index which, const char *word, const char *key)
{
	char low[WORD];

	if (word != NULL && lower(low, span_of(word)) == 0 &&
	    json_object_get(indexes[which], low) == NULL)
		json_object_set_new(indexes[which], low, json_string(key));
}

/* Let each string of a list stand for a key. */
static void
add_words(enum index which, json_t *list, const char *key)
{
	json_t *word;
	size_t i;

	json_array_foreach (list, i, word)
		add_word(which, json_string_value(word), key);
}

/* Make the tables and indexes, which stay until the program exits. */
static void
load(void)
{
	static const char *const names[] = { "languages", "code_languages",
		"pairs" };
	const char *key;
	json_t *v;
	int i;

	embedded = json_loads(embedded_languages, 0, NULL);
	for (i = 0; i < TABLES; i++)
		tables[i] = json_object_get(embedded, names[i]);
	for (i = 0; i < INDEXES; i++)
		indexes[i] = json_object();
	json_object_foreach (tables[NATURAL], key, v) {
		add_word(NATURAL_WORD, key, key);
		add_word(NATURAL_WORD, json_string_value(v), key);
	}
	json_object_foreach (tables[CODE], key, v) {
		add_word(CODE_WORD, key, key);
		add_words(CODE_WORD, json_object_get(v, "aliases"), key);
		add_word(CODE_WORD,
		    json_string_value(json_object_get(v, "name")), key);
		add_words(ENDING, json_object_get(v, "extensions"), key);
	}
}

static json_t *
table_of(enum table which)
{
	if (tables[CODE] == NULL)
		load();
	return tables[which];
}

/* Return the key that a word stands for; NULL if it stands for none. */
static const char *
find_key(enum index which, struct span word)
{
	char low[WORD];

	if (tables[CODE] == NULL)
		load();
	return lower(low, word) == 0
		   ? json_string_value(json_object_get(indexes[which], low))
		   : NULL;
}

/* Languages of a user's file. */

/* Return whether a text can be shown and written into JSON as it is. */
static int
is_plain(const char *s)
{
	return s != NULL && *s != '\0' && strlen(s) < WORD &&
	       !js_needs_escape(span_of(s)) && strchr(s, '`') == NULL;
}

/* Write the key of a language that is given a name alone. */
static void
key_of_name(char key[WORD], const char *name)
{
	size_t i;

	for (i = 0; name[i] != '\0' && i < WORD - 1; i++)
		key[i] = text_is_word_char(name[i])
			     ? (char)tolower((unsigned char)name[i])
			     : '_';
	key[i] = '\0';
}

/* Return what is wrong with a row of the file; NULL if nothing is. */
static const char *
row_wrong(json_t *row)
{
	static const char *const lists[] = { "aliases", "extensions" };
	json_t *list, *word;
	size_t i, j;

	if (!is_plain(json_string_value(json_object_get(row, "name"))))
		return "has no \"name\", a text like \"Zig\"";
	if (json_object_get(row, "key") != NULL &&
	    !is_plain(json_string_value(json_object_get(row, "key"))))
		return "has a \"key\" that is no text like \"zig\"";
	for (i = 0; i < 2; i++) {
		list = json_object_get(row, lists[i]);
		if (list != NULL && !json_is_array(list))
			return "has \"aliases\" or \"extensions\" that are "
			       "no list";
		json_array_foreach (list, j, word)
			if (!is_plain(json_string_value(word)))
				return "has an alias or extension that is no "
				       "text";
	}
	return NULL;
}

/* Append the words of a list to those of another, and index them. */
static void
take_words(json_t *to, enum index which, json_t *list, const char *key)
{
	json_t *word;
	size_t i;
	char low[WORD];

	json_array_foreach (list, i, word) {
		const char *s = json_string_value(word);

		s += which == ENDING && *s == '.';
		if (lower(low, span_of(s)) == -1)
			continue;
		/* the user's word is the user's, but a key stays its own */
		if (which == ENDING ||
		    json_object_get(tables[CODE], low) == NULL)
			json_object_set_new(
			    indexes[which], low, json_string(key));
		json_array_append_new(to, json_string(s));
	}
}

/* Take a row that is right; return -1 if its key has another name. */
static int
take_row(json_t *row)
{
	const char *name = json_string_value(json_object_get(row, "name"));
	int natural = json_is_true(json_object_get(row, "natural"));
	const char *key = json_string_value(json_object_get(row, "key"));
	const char *had;
	char made[WORD];
	json_t *v;

	if (key == NULL && (key = find_key(natural ? NATURAL_WORD : CODE_WORD,
				span_of(name))) == NULL) {
		key_of_name(made, name);
		key = made;
	}
	if (natural) {
		had = json_string_value(json_object_get(tables[NATURAL], key));
		json_object_set_new(tables[NATURAL], key, json_string(name));
		add_word(NATURAL_WORD, key, key);
		add_word(NATURAL_WORD, name, key);
		return had == NULL || strcmp(had, name) == 0 ? 0 : -1;
	}
	v = json_object_get(tables[CODE], key);
	if (v == NULL) {
		json_object_set_new(tables[CODE], key,
		    v = json_pack("{s:s,s:[],s:[]}", "name", name, "aliases",
			"extensions"));
	} else if (strcmp(json_string_value(json_object_get(v, "name")),
		       name) != 0) {
		return -1;
	}
	add_word(CODE_WORD, key, key);
	add_word(CODE_WORD, name, key);
	take_words(json_object_get(v, "aliases"), CODE_WORD,
	    json_object_get(row, "aliases"), key);
	take_words(json_object_get(v, "extensions"), ENDING,
	    json_object_get(row, "extensions"), key);
	return 0;
}

void
language_open(const char *file)
{
	static int opened;
	const char *why = NULL;
	json_t *rows, *row;
	int status;
	size_t i;

	if (file == NULL)
		file = getenv("TG_LANGUAGES");
	if (opened++ || file == NULL || *file == '\0')
		return;
	rows = rows_read(file, JSON_REJECT_DUPLICATES, &why);
	if (rows == NULL) {
		status = io_file_status(errno);
		io_warn("%s", why);
		exit(status);
	}
	table_of(CODE);
	json_array_foreach (rows, i, row) {
		why = row_wrong(row);
		if (why == NULL && take_row(row) == -1)
			why = "has the key of a language with another name";
		if (why == NULL)
			continue;
		io_warn("%s: language %zu %s; tg-prompt --languages prints "
			"some",
		    file, i + 1, why);
		exit(TG_EX_USAGE);
	}
	json_decref(rows);
}

/* Look-ups. */

const char *
language_key(struct span word)
{
	return find_key(NATURAL_WORD, word);
}

const char *
language_name(const char *key)
{
	return json_string_value(json_object_get(table_of(NATURAL), key));
}

const char *
language_code_key(struct span word)
{
	if (word.n == 0 || text_is_one_of(word, span_of("null")))
		return "";
	return find_key(CODE_WORD, word);
}

/* Return what follows the last dot of a file's name; p NULL: it has no dot. */
static struct span
behind_dot(struct span path)
{
	const char *p = span_end(path);

	while (p > path.p && strchr("./\\", p[-1]) == NULL)
		p--;
	if (p == path.p || p[-1] != '.')
		return (struct span){ NULL, 0 };
	return (struct span){ p, (size_t)(span_end(path) - p) };
}

struct span
language_ending(struct span path)
{
	struct span ending = behind_dot(path);

	/* ".profile" is a name, and "a." has no ending */
	if (ending.n == 0 || ending.p < path.p + 2 ||
	    strchr("/\\", ending.p[-2]) != NULL)
		return (struct span){ NULL, 0 };
	return ending;
}

const char *
language_of_path(struct span path)
{
	return find_key(ENDING, behind_dot(path));
}

/* Return the hint that the words of an index give. */
static const char *
hint(enum index which, struct span word)
{
	struct nearest n = { .word = word };
	const char *name;
	json_t *key;

	table_of(CODE);
	json_object_foreach (indexes[which], name, key)
		nearest_offer(&n, name);
	return nearest_hint(&n);
}

const char *
language_code_hint(struct span word)
{
	return hint(CODE_WORD, word);
}

const char *
language_hint(struct span word)
{
	const char *words = hint(NATURAL_WORD, word);
	struct nearest n = { .word = word };
	size_t i = 0;

	if (*words != '\0')
		return words;
	/* en-US is a kind of en */
	while (i < word.n && word.p[i] != '-' && word.p[i] != '_')
		i++;
	n.name = language_key((struct span){ word.p, i });
	return nearest_hint(&n);
}

/*
 * The codes of ISO 639-1, and the most usual of ISO 639-2.
 */
static const char iso_codes[] =
    "aa|ab|ae|af|ak|am|an|ar|as|av|ay|az|ba|be|bg|bi|bm|bn|bo|br|bs|ca|ce|ch|"
    "co|cr|cs|cu|cv|cy|da|de|dv|dz|ee|el|en|eo|es|et|eu|fa|ff|fi|fj|fo|fr|fy|"
    "ga|gd|gl|gn|gu|gv|ha|he|hi|ho|hr|ht|hu|hy|hz|ia|id|ie|ig|ii|ik|io|is|it|"
    "iu|ja|jv|ka|kg|ki|kj|kk|kl|km|kn|ko|kr|ks|ku|kv|kw|ky|la|lb|lg|li|ln|lo|"
    "lt|lu|lv|mg|mh|mi|mk|ml|mn|mr|ms|mt|my|na|nb|nd|ne|ng|nl|nn|no|nr|nv|ny|"
    "oc|oj|om|or|os|pa|pi|pl|ps|pt|qu|rm|rn|ro|ru|rw|sa|sc|sd|se|sg|si|sk|sl|"
    "sm|sn|so|sq|sr|ss|st|su|sv|sw|ta|te|tg|th|ti|tk|tl|tn|to|tr|ts|tt|tw|ty|"
    "ug|uk|ur|uz|ve|vi|vo|wa|wo|xh|yi|yo|za|zh|zu|eng|deu|ger|fra|fre|spa|zho|"
    "chi|jpn|kor|rus|por|ita|ara|hin|nld|dut|pol|tur|und|mul";

int
language_is_natural(struct span word)
{
	size_t n = 0;

	while (n < word.n && text_is_word_char(word.p[n]) && word.p[n] != '_')
		n++;
	return language_key(word) != NULL ||
	       text_is_one_of((struct span){ word.p, n }, span_of(iso_codes)) ||
	       language_key((struct span){ word.p, n }) != NULL;
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
