/* code-language: finds the code language that a record names */
#include "code-language.h"

#include <string.h>

#include "json/find.h"
#include "json/string.h"
#include "task/language.h"

enum { SHOWN = 100 }; /* bytes of a user's word in a message */

/* The members that hold the path of a file, in the usual data sets. */
static const char *const path_members[] = { "path", "file_path", "filepath",
	"filename", "file_name", "repo_path", "func_path_in_repository",
	"max_stars_repo_path", NULL };

static enum code_language_from
unknown(struct rec *r, const char *member, struct span word)
{
	rec_error(r, "unknown_code_language",
	    "code language \"%.*s\" in \"%s\" is unknown%s; --languages FILE "
	    "adds languages",
	    (int)(word.n < SHOWN ? word.n : SHOWN), word.p, member,
	    language_code_hint(word));
	return CODE_LANGUAGE_WRONG;
}

/* Take the language that a member names, whose value is raw JSON. */
static enum code_language_from
read_word(
    struct rec *r, const char *member, struct span value, const char **key)
{
	struct span word = js_string(value, &r->mem);

	/* a value that is no text is reported as an unknown language */
	if (!js_is_string(value))
		word = value;
	else if ((*key = language_code_key(word)) != NULL)
		return CODE_LANGUAGE_READ;
	return unknown(r, member, word);
}

/* Take the language of the member that --code-language-field names. */
static enum code_language_from
read_named(struct rec *r, const struct prompt_opts *o, const char **key)
{
	struct span value = rec_get(r, o->language_field);

	if (value.p == NULL && o->code_language != NULL)
		return CODE_LANGUAGE_NONE;
	if (value.p == NULL) {
		rec_error(r, "no_code_language",
		    "member \"%s\" is missing, which is to name the code "
		    "language; -c names it for records without the member",
		    o->language_field);
		return CODE_LANGUAGE_WRONG;
	}
	if (!js_is_there(value)) {
		*key = "";
		return CODE_LANGUAGE_READ;
	}
	return read_word(r, o->language_field, value, key);
}

/*
 * Find the first member with a path whose ending is known. Return that member's
 * name, or that of a path with an unknown ending, which is set in *ending; NULL
 * if no path has an ending.
 */
static const char *
find_path(struct rec *r, const char **key, struct span *ending)
{
	const char *unknown_in = NULL;
	struct span path, end;
	int i;

	for (i = 0; path_members[i] != NULL; i++) {
		path = rec_str(r, path_members[i]);
		if (path.n == 0)
			continue;
		*key = language_of_path(path);
		if (*key != NULL)
			return path_members[i];
		end = language_ending(path);
		if (end.p != NULL && unknown_in == NULL) {
			unknown_in = path_members[i];
			*ending = end;
		}
	}
	return unknown_in;
}

/* Take the language from a path. */
static enum code_language_from
read_path(struct rec *r, const struct prompt_opts *o, const char **key)
{
	struct span ending = { NULL, 0 };
	const char *member = find_path(r, key, &ending);

	if (*key != NULL)
		return CODE_LANGUAGE_READ;
	if (member == NULL || o->code_language != NULL)
		return CODE_LANGUAGE_NONE;
	rec_error(r, "unknown_code_language",
	    "no code language has files that end in \".%.*s\", as \"%s\" does; "
	    "-c names the language, or --languages FILE adds it",
	    (int)(ending.n < SHOWN ? ending.n : SHOWN), ending.p, member);
	return CODE_LANGUAGE_WRONG;
}

/*
 * Take the language of member language, which names a code language in some
 * data sets and a natural one in others. A code of two letters may be either
 * ("pl", "cs"), and so a path that has an ending is asked first.
 */
static enum code_language_from
read_language(struct rec *r, const struct prompt_opts *o, const char **key)
{
	struct span value = rec_get(r, "language"), ending;
	struct span word = js_string(value, &r->mem);

	if (word.n == 0)
		return read_path(r, o, key);
	if (word.n == 2 && find_path(r, key, &ending) != NULL && *key != NULL)
		return CODE_LANGUAGE_READ;
	if ((*key = language_code_key(word)) != NULL)
		return CODE_LANGUAGE_READ;
	if (language_is_natural(word))
		return read_path(r, o, key);
	return unknown(r, "language", word);
}

enum code_language_from
code_language_of(struct rec *r, const struct prompt_opts *o, const char **key)
{
	struct span word = rec_tg_str(r, "code_language"), value;

	*key = NULL;
	if (word.p != NULL) {
		*key = language_code_key(word);
		return *key != NULL ? CODE_LANGUAGE_TG
				    : unknown(r, "tg.code_language", word);
	}
	if (o->language_field != NULL)
		return read_named(r, o, key);
	value = rec_get(r, "code_language");
	if (js_is_there(value) && !span_is(value, "\"\""))
		return read_word(r, "code_language", value, key);
	return read_language(r, o, key);
}

void
code_language_count(
    struct languages_seen *s, const char *key, enum code_language_from from)
{
	size_t i;

	s->read += from == CODE_LANGUAGE_READ;
	s->unnamed += from == CODE_LANGUAGE_NONE;
	for (i = 0; i < LANGUAGES_SEEN - 1 && s->of[i].key != NULL; i++)
		if (s->of[i].key == key || strcmp(s->of[i].key, key) == 0)
			break;
	s->of[i].key = key;
	s->of[i].n++;
}

/* Return the language that comes next after one with n records; NULL: none. */
static size_t
next_most(const struct languages_seen *s, size_t last)
{
	size_t i, best = LANGUAGES_SEEN;

	for (i = 0; i < LANGUAGES_SEEN && s->of[i].key != NULL; i++) {
		if (last < LANGUAGES_SEEN &&
		    (s->of[i].n > s->of[last].n ||
			(s->of[i].n == s->of[last].n && i <= last)))
			continue;
		if (best == LANGUAGES_SEEN || s->of[i].n > s->of[best].n)
			best = i;
	}
	return best;
}

void
code_language_words(
    struct buf *b, const struct languages_seen *s, int default_given)
{
	size_t i = next_most(s, LANGUAGES_SEEN);
	const char *between = "";

	if (s->read == 0 && (s->unnamed == 0 || default_given))
		return;
	for (; i < LANGUAGES_SEEN; i = next_most(s, i)) {
		buf_fmt(b, "%s%zu %s", between, s->of[i].n,
		    *s->of[i].key ? language_code_name(s->of[i].key)
				  : "of no language");
		between = ", ";
	}
	if (s->unnamed > 0 && !default_given)
		buf_fmt(b, "; %zu name%s no code language, and -c says which",
		    s->unnamed, s->unnamed == 1 ? "s" : "");
	if (s->rejected > 0)
		buf_fmt(b, "; %zu rejected as not_applicable", s->rejected);
}
