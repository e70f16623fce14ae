/* plant: a copy of a text as somebody else would have written it */
#include "plant.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/keyset.h"
#include "base/mem.h"
#include "base/text.h"
#include "order.h"
#include "own.h"

enum { PARTS_MAX = 3, TRIES = 64, WORD_MAX = 64 };

/* Words that names are made of. */
static const char *const vocabulary[] = { "account", "amount", "anchor",
	"answer", "area", "basis", "batch", "block", "border", "branch",
	"bucket", "buffer", "carry", "cell", "chain", "chunk", "circle",
	"client", "column", "content", "corner", "count", "cursor", "delta",
	"detail", "digit", "domain", "edge", "element", "entry", "extent",
	"factor", "field", "figure", "finish", "flow", "folder", "frame",
	"gate", "grade", "group", "handle", "holder", "image", "inner", "input",
	"item", "joint", "label", "layer", "leaf", "level", "limit", "link",
	"margin", "mark", "measure", "member", "moment", "notice", "number",
	"object", "offset", "order", "outer", "output", "owner", "pack", "page",
	"pair", "parcel", "part", "phase", "piece", "place", "point", "portion",
	"prior", "query", "queue", "range", "ratio", "record", "region",
	"remain", "reply", "root", "round", "row", "sample", "scale", "scope",
	"section", "share", "shift", "signal", "slice", "source", "span",
	"stage", "state", "stock", "subject", "surface", "symbol", "target",
	"ticket", "token", "total", "trace", "track", "unit", "value", "vector",
	"weight", "width", "window", "zone" };

enum { VOCABULARY = sizeof vocabulary / sizeof *vocabulary };

/* A source of names for a copy. */
struct naming {
	const struct lex_language *language;
	uint64_t draw;
	struct keyset taken; /* words of the text, and names that were given */
};

static bool
is_letter(char c)
{
	return isalnum((unsigned char)c) || (c & 0x80) != 0;
}

static bool
is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Return the key of a word, in any case. */
static struct keyset_key
word_key(struct span s)
{
	char low[256];
	size_t i;

	for (i = 0; i < s.n && i < sizeof low; i++)
		low[i] = (char)tolower((unsigned char)s.p[i]);
	return keyset_key((struct span){ "", 0 }, 'n',
	    i == s.n ? (struct span){ low, s.n } : s);
}

/* Note the words of a text: no new name is one of them. */
static void
take_words(struct naming *n, struct span text)
{
	size_t i, end;

	for (i = 0; i < text.n; i = end + 1) {
		for (end = i; end < text.n &&
			      (is_letter(text.p[end]) || text.p[end] == '_');)
			end++;
		if (end > i)
			keyset_add(&n->taken,
			    word_key((struct span){ text.p + i, end - i }));
	}
}

/* Append a word in the case of the part of a name that it replaces. */
static void
add_word(struct buf *b, const char *word, char first, bool capitals)
{
	size_t i;

	for (i = 0; word[i] != '\0'; i++)
		buf_addc(b, (i == 0 && is_capital(first)) || capitals
				? (char)toupper((unsigned char)word[i])
				: word[i]);
}

/*
 * Append a name like an old one: with as many parts, up to PARTS_MAX, written
 * the same way. A name of one letter becomes another letter.
 */
static void
add_like(struct buf *b, struct span old, uint64_t draw)
{
	size_t i, parts = 0;
	bool capitals = true, begins = true;

	for (i = 0; i < old.n; i++)
		capitals &= is_capital(old.p[i]) || !is_letter(old.p[i]) ||
			    isdigit((unsigned char)old.p[i]);
	if (old.n == 1) {
		buf_addc(
		    b, (char)((is_capital(*old.p) ? 'A' : 'a') + draw % 26));
		return;
	}
	for (i = 0; i < old.n; i++) {
		if (!is_letter(old.p[i])) {
			if (parts < PARTS_MAX || i + 1 == old.n)
				buf_addc(b, old.p[i]);
			begins = true;
			continue;
		}
		begins |= !capitals && i > 0 && is_capital(old.p[i]) &&
			  !is_capital(old.p[i - 1]);
		if (begins && parts < PARTS_MAX) {
			add_word(b, vocabulary[draw % VOCABULARY], old.p[i],
			    capitals);
			draw = hash_mix(draw, ++parts);
		}
		begins = false;
	}
}

/* Return whether a name is free, and one to the language. */
static bool
is_free(const struct naming *n, struct span name)
{
	struct lexer lx;
	struct lex_token t;

	if (keyset_find(&n->taken, word_key(name)) != NULL)
		return false;
	lexer_start(&lx, n->language, name);
	return lexer_next(&lx, &t) && t.kind == LEX_NAME && t.end == name.n;
}

/* Append the new name of number `at` to b: one of no bytes if none was free. */
static void
add_name(struct naming *n, struct buf *b, struct span old, size_t at)
{
	size_t try, start = b->n;
	uint64_t draw = hash_mix(n->draw, at);
	struct span name;

	for (try = 0; try < TRIES; try++) {
		b->n = start;
		draw = hash_mix(draw, try);
		add_like(b,
		    old.n == 1 && try >= TRIES / 2 ? span_of("ab") : old, draw);
		name = (struct span){ b->p + start, b->n - start };
		if (is_free(n, name)) {
			keyset_add(&n->taken, word_key(name));
			return;
		}
	}
	b->n = start;
}

/* A name that was given: bytes of a buffer. */
struct given {
	size_t start, end;
	bool is_there;
};

/* Append a text with other names for its own ones; return how many there are.
 */
static size_t
rename_own(struct naming *n, struct span text, struct buf *out)
{
	struct own own = { 0 };
	struct given *given, *g;
	struct buf names = { 0 };
	const struct own_place *p;
	size_t at = 0, renamed = 0, i;

	own_find(n->language, text, &own);
	given = mem_new((own.names + 1) * sizeof *given);
	take_words(n, text);
	for (i = 0; i < own.n; at = p->end, i++) {
		p = &own.v[i];
		g = &given[p->name];
		if (!g->is_there) {
			g->is_there = true;
			g->start = names.n;
			add_name(n, &names,
			    (struct span){
				text.p + p->start, p->end - p->start },
			    p->name);
			g->end = names.n;
			renamed += g->end > g->start;
		}
		buf_add(out, text.p + at, p->start - at);
		if (g->end > g->start)
			buf_add(out, names.p + g->start, g->end - g->start);
		else
			buf_add(out, text.p + p->start, p->end - p->start);
	}
	buf_addspan(out, span_skip(text, at));
	free(given);
	buf_free(&names);
	own_free(&own);
	return renamed;
}

/*
 * Return a sum over the tokens of a text that says whether another has the
 * same: each by its bytes, in any order, or else by its kind, in theirs.
 */
static uint64_t
sum_tokens(
    const struct lex_language *language, struct span text, bool any_order)
{
	struct lexer lx;
	struct lex_token t;
	uint64_t sum = 0, h;
	size_t i;

	lexer_start(&lx, language, text);
	while (lexer_next(&lx, &t)) {
		if (t.kind == LEX_SPACE || t.kind == LEX_NEWLINE)
			continue;
		h = t.kind;
		if (any_order || (t.kind != LEX_NAME && t.kind != LEX_STRING &&
				     t.kind != LEX_TEXT))
			for (i = t.start; i < t.end; i++)
				h = hash_mix(h, (unsigned char)text.p[i]);
		sum = any_order ? sum + h : hash_mix(sum, h);
	}
	return sum;
}

/* Take what a step made of a text, unless its tokens became others. */
static size_t
take_step(const struct lex_language *language, struct buf *text,
    struct buf *made, size_t changes, bool any_order)
{
	struct buf swap = *text;

	if (changes > 0 &&
	    sum_tokens(language, buf_span(text), any_order) ==
		sum_tokens(language, buf_span(made), any_order)) {
		*text = *made;
		*made = swap;
	} else {
		changes = 0;
	}
	buf_clear(made);
	return changes;
}

struct plant_changes
plant_copy(const struct lex_language *language, struct span text,
    long long seed, struct buf *out)
{
	struct plant_changes did = { 0, 0 };
	struct naming n = { .language = language,
		.draw = hash_draw(seed, text, "plant") };
	struct buf now = { 0 }, made = { 0 };
	size_t changes;

	if (language == NULL)
		return did;
	buf_addspan(&now, text);
	changes = order_functions(language, buf_span(&now), &made);
	did.moved += take_step(language, &now, &made, changes, true);
	changes = order_statements(language, buf_span(&now), &made);
	did.moved += take_step(language, &now, &made, changes, true);
	changes = rename_own(&n, buf_span(&now), &made);
	did.names = take_step(language, &now, &made, changes, false);
	if (did.names + did.moved > 0)
		buf_addspan(out, buf_span(&now));
	keyset_free(&n.taken);
	buf_free(&now);
	buf_free(&made);
	return did;
}
