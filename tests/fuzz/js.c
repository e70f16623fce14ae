/*
 * js against jansson: both accept a text, or neither does, and they agree on
 * what it says.
 *
 * They differ where they mean to, and just there:
 *  - jansson refuses numbers its types cannot hold and NUL in a key. Such a
 *    text is tried again with every number 0e0 and every \u0000 made \u0001.
 *  - jansson overlooks a NUL byte behind a number; js takes none anywhere.
 *  - js stops at 128 levels, jansson at 2048.
 *  - js_object refuses a key that repeats among the members it lists, jansson
 *    (where told to) one that repeats anywhere.
 */
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

#include <jansson.h>

#include "fuzz.h"
#include "base/mem.h"

static int
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Behind the JSON number at p, NULL if it is none: by the grammar's letter. */
static const char *
number(const char *p, const char *end)
{
	const char *start;

#define DIGITS()                                                              \
	for (start = p; p < end && is_one_of(*p, "0123456789"); p++)          \
		;                                                             \
	if (p == start)                                                       \
		return NULL;

	if (p < end && *p == '-')
		p++;
	DIGITS();
	if (*start == '0' && p - start > 1)
		return NULL;
	if (p < end && *p == '.') {
		p++;
		DIGITS();
	}
	if (p < end && is_one_of(*p, "eE")) {
		p++;
		if (p < end && is_one_of(*p, "+-"))
			p++;
		DIGITS();
	}
	return p;
}

/*
 * The text with its numbers as 0e0 and its \u0000 as \u0001. Up to the first
 * fault in the text strings are told from the rest rightly, and behind one it
 * does not matter.
 */
static void
tame(struct buf *out, struct span s)
{
	const char *p = s.p, *end = s.p + s.n, *q;
	int in_string = 0;

	out->n = 0;
	while (p < end) {
		if (in_string && *p == '\\' && end - p >= 2) {
			if (end - p >= 6 && memcmp(p, "\\u0000", 6) == 0) {
				buf_adds(out, "\\u0001");
				p += 6;
			} else {
				buf_add(out, p, 2);
				p += 2;
			}
			continue;
		}
		if (*p == '"')
			in_string = !in_string;
		if (!in_string && is_one_of(*p, "-0123456789")) {
			if ((q = number(p, end)) != NULL) {
				/* nothing behind it can become part of it */
				buf_adds(out, "0e0");
			} else {
				for (q = p + 1; q < end &&
				     is_one_of(*q, "+-.0123456789eE");)
					q++;
				buf_add(out, p, (size_t)(q - p));
			}
			p = q;
			continue;
		}
		buf_addc(out, *p++);
	}
}

static size_t
depth_of(json_t *v)
{
	size_t d = 0, deepest = 0, i;
	const char *key;
	json_t *e;

	if (json_is_array(v)) {
		json_array_foreach(v, i, e)
			if ((d = depth_of(e)) > deepest)
				deepest = d;
	} else if (json_is_object(v)) {
		json_object_foreach(v, key, e)
			if ((d = depth_of(e)) > deepest)
				deepest = d;
	} else {
		return 0;
	}
	return deepest + 1;
}

/* The levels of a text jansson accepts; repeated keys hide some of it there. */
static size_t
depth_of_text(struct span s)
{
	size_t i, d = 0, deepest = 0;
	int in_string = 0;

	for (i = 0; i < s.n; i++) {
		if (in_string && s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			in_string = !in_string;
		else if (!in_string && is_one_of(s.p[i], "[{"))
			deepest = ++d > deepest ? d : deepest;
		else if (!in_string && is_one_of(s.p[i], "]}"))
			d--;
	}
	return deepest;
}

static void same(struct span, json_t *, struct arena *);

static void
same_string(struct span got, json_t *want, struct arena *mem)
{
	struct span text = { json_string_value(want),
		json_string_length(want) };
	struct buf b = { 0 };
	json_t *again;

	CHECK(js_is_string(got), "no string");
	CHECK(js_decode(&b, got) == 0 && span_eq(buf_span(&b), text), "decode");
	CHECK(span_eq(js_string(got, mem), text), "js_string");
	b.n = 0;
	js_quote(&b, text);
	again = json_loadb(b.p, b.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	CHECK(json_equal(again, want), "js_quote");
	json_decref(again);
	b.n = 0;
	js_quote_any(&b, text);
	again = json_loadb(b.p, b.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	CHECK(json_equal(again, want), "js_quote_any");
	json_decref(again);
	buf_free(&b);
}

static void
same_number(struct span got, json_t *want)
{
	char *text = mem_dup(got.p, got.n);
	long long v;
	double x, y;

	if (json_is_integer(want)) {
		v = json_integer_value(want);
		CHECK(strtoll(text, NULL, 10) == v, "%s is not %lld", text, v);
		/* js_int has room for 31 characters: enough but for -000… */
		CHECK(js_int(got, v == 0) == v || got.n > 31, "js_int of %s",
		    text);
	} else {
		x = strtod(text, NULL);
		y = json_real_value(want);
		CHECK(memcmp(&x, &y, sizeof x) == 0, "%s is not %g", text, y);
	}
	free(text);
}

static void
same_object(struct span got, json_t *want, struct arena *mem)
{
	const char *key;
	json_t *v;

	CHECK(js_is_object(got), "no object");
	json_object_foreach(want, key, v)
		same(js_find(got, key), v, mem);
	CHECK(json_object_get(want, "no such key") ||
		js_find(got, "no such key").p == NULL,
	    "js_find finds what is not there");
}

static void
same_array(struct span got, json_t *want, struct arena *mem)
{
	size_t i, at = 0, n = json_array_size(want);
	struct span v;

	CHECK(js_is_array(got), "no array");
	CHECK(js_count(got) == n, "%zu elements, not %zu", js_count(got), n);
	/* each element is compared once: arrays may be 128 deep */
	for (i = 0; js_next(got, &at, &v); i++) {
		if (i >= 50)
			continue;
		same(v, json_array_get(want, i), mem);
		CHECK(js_at(got, i).p == v.p && js_at(got, i).n == v.n,
		    "js_at gives another element %zu", i);
	}
	CHECK(i == n, "js_next gives %zu elements of %zu", i, n);
	CHECK(js_at(got, n).p == NULL, "an element behind the last");
}

/* The raw value says what the decoded one does. No key repeats in it. */
static void
same(struct span got, json_t *want, struct arena *mem)
{
	CHECK(got.p != NULL, "a value is not found");
	CHECK(js_is_there(got) == !json_is_null(want), "js_is_there");
	if (json_is_string(want))
		same_string(got, want, mem);
	else if (json_is_number(want))
		same_number(got, want);
	else if (json_is_object(want))
		same_object(got, want, mem);
	else if (json_is_array(want))
		same_array(got, want, mem);
	else
		CHECK(span_is(got, json_is_null(want) ? "null"
				: json_is_true(want)  ? "true"
						      : "false"),
		    "another word");
}

/*
 * Whether a key repeats at the top of an accepted object, or in an object that
 * is the value of a key "tg" there: by brute force.
 */
static int
repeats(struct span s, int top)
{
	json_t **keys = mem_array(NULL, s.n, sizeof *keys);
	const char *p = s.p + 1, *end = s.p + s.n, *start;
	int depth = 1, want_key = 1, found = 0;
	size_t i, k, n = 0;

	while (p < end) {
		start = p;
		if (*p == '"') {
			for (p++; *p != '"'; p++)
				if (*p == '\\')
					p++;
			p++;
			if (depth == 1 && want_key) {
				keys[n++] = json_loadb(start,
				    (size_t)(p - start),
				    JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
				want_key = 0;
			}
			continue;
		}
		if (is_one_of(*p, "[{")) {
			if (top && depth == 1 && *p == '{' && n > 0 &&
			    json_string_length(keys[n - 1]) == 2 &&
			    strcmp(json_string_value(keys[n - 1]), "tg") == 0)
				found |= repeats(
				    (struct span){ p, (size_t)(end - p) }, 0);
			depth++;
		} else if (is_one_of(*p, "]}")) {
			if (--depth == 0)
				break;
		} else if (*p == ',' && depth == 1) {
			want_key = 1;
		}
		p++;
	}
	for (i = 0; i < n; i++)
		for (k = 0; k < i; k++)
			found |= json_equal(keys[i], keys[k]);
	for (i = 0; i < n; i++)
		json_decref(keys[i]);
	free(keys);
	return found;
}

static void
object(struct span s, json_t *doc)
{
	struct js_members m = { 0 }, sub = { 0 };
	struct arena mem = { 0 };
	const char *why = NULL, *end;
	int twice = repeats(s, 1);
	struct span found;
	size_t i;

	end = js_object(s.p, s.p + s.n, 0, &m, &mem, "tg", &sub, &why);
	CHECK((end == NULL) == twice, "%s", why ? why : "a key repeats");
	CHECK(end == NULL || end == s.p + s.n, "the end is elsewhere");
	for (i = 0; end != NULL && doc != NULL && i < m.n; i++) {
		if (memchr(m.v[i].key.p, '\0', m.v[i].key.n) != NULL)
			continue;
		found = js_find(s, arena_dup(&mem, m.v[i].key.p, m.v[i].key.n));
		CHECK(found.p == m.v[i].val.p && found.n == m.v[i].val.n &&
			found.p == m.v[i].start && found.p + found.n == m.v[i].end,
		    "js_find and js_object differ");
	}
	CHECK(end == NULL || doc == NULL || m.n == json_object_size(doc),
	    "%zu members, not %zu", m.n, json_object_size(doc));
	CHECK(end == NULL || doc == NULL ||
		sub.n == json_object_size(json_object_get(doc, "tg")),
	    "%zu members under tg", sub.n);
	free(m.v);
	free(sub.v);
	arena_free(&mem);
}

/* Both accept s or both refuse it; 1 if jansson has no view of its own. */
static int
both(struct span s, int tamed)
{
	const size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL;
	const char *why = "";
	struct arena mem = { 0 };
	json_error_t err = { 0 };
	struct span got = js_text(s, &why);
	json_t *doc = json_loadb(s.p, s.n, flags, &err), *strict;
	enum json_error_code code =
	    doc ? json_error_unknown : json_error_code(&err);

	if (code == json_error_numeric_overflow ||
	    code == json_error_null_byte_in_key) {
		CHECK(!tamed, "it cannot be tamed: %s", err.text);
		return 1;
	}
	if (doc == NULL) {
		CHECK(got.p == NULL, "jansson refuses it: %s", err.text);
		return 0;
	}
	if (depth_of_text(s) > JS_DEPTH) {
		CHECK(got.p == NULL && strcmp(why, "nested too deep") == 0,
		    "too deep: %s", why);
		json_decref(doc);
		return 0;
	}
	CHECK(got.p != NULL, "jansson accepts it: %s", why);
	CHECK(got.p >= s.p && got.p + got.n <= s.p + s.n, "outside the text");
	CHECK(js_skip(got.p, s.p + s.n) == got.p + got.n,
	    "js_skip ends elsewhere");
	CHECK(depth_of(doc) <= JS_DEPTH, "levels are miscounted");
	strict = json_loadb(s.p, s.n, flags | JSON_REJECT_DUPLICATES, &err);
	if (strict != NULL)
		same(got, strict, &mem);
	if (js_is_object(got))
		object(got, strict);
	json_decref(strict);
	json_decref(doc);
	arena_free(&mem);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span s = { (const char *)data, n };
	struct buf t = { 0 };
	const char *why;

	fuzz_input = s;
	if (n == 0 || memchr(s.p, '\0', n) != NULL) {
		CHECK(js_text(s, &why).p == NULL, "nothing, or NUL, accepted");
		return 0;
	}
	if (both(s, 0)) {
		tame(&t, s);
		CHECK((js_text(s, &why).p == NULL) ==
			(js_text(buf_span(&t), &why).p == NULL),
		    "numbers or NULs decide");
		both(buf_span(&t), 1);
		buf_free(&t);
	}
	return 0;
}
