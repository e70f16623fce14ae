/* functions-c: functions of C and C++ */
#include <string.h>

#include "base/text.h"
#include "lex/words.h"

enum { DEPTH_MAX = 200 };

/* What the words of a declaration before its { have shown. */
struct head {
	size_t start;    /* its first word */
	size_t name;     /* word of the function's name; 0 with `found` false */
	size_t name_end; /* word behind the name */
	size_t params;   /* the ( of the parameters */
	size_t bound;    /* name before =; 0: none */
	bool found;      /* whether there are parameters */
	bool is_operator;
	bool equals; /* whether a = makes it a variable */
	bool colon;  /* whether a : follows the parameters */
	bool base;   /* whether a : precedes any parameters */
	bool scope;  /* namespace, extern "C" */
	bool type;   /* class, struct, union */
	bool enumeration;
};

static const char not_names[] =
    "__attribute__|__attribute|__declspec|alignas|decltype|noexcept|throw|asm|"
    "__asm__|explicit|_Alignas|typeof|__typeof__|requires|sizeof|_Static_"
    "assert|"
    "static_assert|if|while|for|switch|return|__extension__|defined|"
    "int|void|char|long|short|unsigned|signed|float|double|bool|const|auto";

static void
restart(struct head *h, size_t start)
{
	memset(h, 0, sizeof *h);
	h->start = start;
}

static bool
is_upper(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] >= 'a' && s.p[i] <= 'z')
			return false;
	return true;
}

/* Return whether only keywords, as in `extern`, precede the name of a head. */
static bool
only_keywords(const struct words *w, const struct head *h)
{
	size_t i;

	for (i = h->start; i < h->name && i < h->start + 8; i++)
		if (w->v[i].kind != LEX_KEYWORD && w->v[i].kind != LEX_STRING)
			return false;
	return i == h->name;
}

/* Return the word of the name before the < that closes before word i. */
static size_t
before_angle(const struct words *w, size_t i, size_t start)
{
	size_t steps = 0;
	int depth = 0;

	for (; i > start && steps < 200; i--, steps++) {
		if (word_c(w, i, '>'))
			depth++;
		else if (word_c(w, i, '<') && --depth == 0)
			return i - 1;
		else if (word_c(w, i, ')') && w->v[i].match > start)
			i = w->v[i].match;
	}
	return 0;
}

/* Find the name within ( ) at i: (*name(params)) or, behind no name, (name). */
static bool
inner_name(const struct words *w, struct head *h, size_t i, bool named)
{
	size_t end = word_behind(w, i) - 1, j = i + 1;
	bool pointer = false;

	if (!word_c(w, end + 1, '('))
		return false;
	for (; j < end; j++) {
		if (word_c(w, j, '*') || word_c(w, j, '&')) {
			pointer = true;
		} else if (w->v[j].kind == LEX_NAME &&
			   ((pointer && word_c(w, j + 1, '(')) ||
			       (!named && j == i + 1 && j + 1 == end))) {
			h->name = j;
			h->name_end = j + 1;
			h->params = j + 1 == end ? end + 1 : j + 1;
			h->found = true;
			return true;
		} else if (word_c(w, j, '(')) {
			return false;
		}
	}
	return false;
}

/* See whether the ( at i begins the parameters of a function. */
static void
see_group(const struct words *w, struct head *h, size_t i)
{
	size_t name = i - 1;

	if (i == h->start)
		return;
	if (word_c(w, name, '>'))
		name = before_angle(w, name, h->start);
	if (name < h->start || w->v[name].kind != LEX_NAME ||
	    word_in(w, name, not_names)) {
		if (!h->found)
			inner_name(w, h, i, false);
		return;
	}
	/* EXPORT(int) f(void): the first is a macro; f() MACRO(x) has f. */
	if (h->found && (h->colon || h->is_operator || !only_keywords(w, h) ||
			    !is_upper(word_text(w, h->name)) ||
			    is_upper(word_text(w, name))))
		return;
	if (!h->found && inner_name(w, h, i, true))
		return;
	if (h->type && name == h->start + 1 && !word_c(w, i + 1, ')'))
		return;
	h->name = name;
	if (name > h->start && word_c(w, name - 1, '~'))
		h->name--;
	h->name_end = name + 1;
	h->params = i;
	h->found = true;
}

/* Read an operator function's name from the keyword at i. */
static size_t
see_operator(const struct words *w, struct head *h, size_t i, size_t end)
{
	size_t j = i + 1;

	if (word_c(w, j, '(') && word_c(w, j + 1, ')'))
		j += 2;
	while (j < end && !word_c(w, j, '(') && !word_c(w, j, ';') &&
	       !word_c(w, j, '{'))
		j = word_c(w, j, '<') && !word_c(w, j - 1, '<') && j > i + 1 &&
			    !word_c(w, j + 1, '(')
			? word_angle(w, j, end)
			: j + 1;
	if (!word_c(w, j, '('))
		return j;
	h->name = i;
	h->name_end = j;
	h->params = j;
	h->found = h->is_operator = true;
	return word_behind(w, j);
}

static struct span
name_of(const struct words *w, size_t first, size_t end)
{
	struct span s = word_text(w, first);

	s.n = w->v[end - 1].end - w->v[first].start;
	return s;
}

/* Note one word of a head that is no bracket; return the word behind. */
static size_t
see(const struct words *w, struct head *h, size_t i, size_t end)
{
	if (word_is(w, i, "template") && word_c(w, i + 1, '<'))
		return word_angle(w, i + 1, end);
	if (word_c(w, i, '<') && i > h->start && w->v[i - 1].kind == LEX_NAME &&
	    !h->equals)
		return word_angle(w, i, end);
	if (word_is(w, i, "operator"))
		return see_operator(w, h, i, end);
	if (w->v[i].kind == LEX_KEYWORD) {
		if (word_in(w, i, "class|struct|union"))
			h->type = h->type || !h->found;
		else if (word_is(w, i, "enum"))
			h->enumeration = true;
		else if (word_is(w, i, "namespace"))
			h->scope = true;
	}
	if (i == h->start && word_is(w, i, "extern") &&
	    w->v[i + 1].kind == LEX_STRING && word_c(w, i + 2, '{'))
		h->scope = true;
	if (word_c(w, i, '=') && !h->equals) {
		h->equals = true;
		h->bound =
		    i > h->start && w->v[i - 1].kind == LEX_NAME ? i - 1 : 0;
	}
	if (word_c(w, i, ':')) {
		if (h->found)
			h->colon = true;
		else if (i <= h->start + 2 &&
			 word_in(w, h->start,
			     "public|private|protected|signals|Q_SIGNALS|slots|"
			     "default"))
			restart(h, i + 1);
		else
			h->base = true;
	}
	return i + 1;
}

/* Have C's TEST(name) { be called by the name that the macro is given. */
static void
see_macro(const struct words *w, struct head *h, size_t i)
{
	if (strcmp(lex_name(w->language), "c") == 0 && h->params + 3 == i &&
	    w->v[h->params + 1].kind == LEX_NAME && only_keywords(w, h) &&
	    h->name_end == h->name + 1 && is_upper(word_text(w, h->name))) {
		h->name = h->params + 1;
		h->name_end = h->name + 1;
	}
}

/* Return the words behind a function whose body is at i, which is added. */
static size_t
add_body(struct words *w, struct head *h, size_t first, size_t i)
{
	size_t last = word_behind(w, i) - 1;

	see_macro(w, h, i);
	while (word_is(w, last + 1, "catch") && word_c(w, last + 2, '(') &&
	       word_c(w, word_behind(w, last + 2), '{'))
		last = word_behind(w, word_behind(w, last + 2)) - 1;
	if (w->v[i].match > i)
		words_add(
		    w, first, first, last, name_of(w, h->name, h->name_end));
	return last + 1;
}

static void scan(struct words *, size_t i, size_t end, int depth);

/* Read a { at i that ends a head; return the word behind. */
static size_t
open_brace(struct words *w, struct head *h, size_t i, int depth)
{
	size_t behind = word_behind(w, i);
	bool empty = h->start == i;

	if (w->v[i].match <= i) {
		restart(h, behind);
		return behind;
	}
	if (h->scope || (h->type && !h->equals && (!h->found || h->base))) {
		scan(w, i + 1, behind - 1, depth + 1);
		if (h->scope)
			restart(h, behind);
		else
			h->type = false, h->base = false, h->equals = true;
		return behind;
	}
	if (h->equals || (h->enumeration && !h->found))
		return behind;
	if (h->found && h->colon &&
	    (w->v[i - 1].kind == LEX_NAME || word_c(w, i - 1, '>')))
		return behind;
	if (h->found) {
		behind = add_body(w, h, h->start, i);
		restart(h, behind);
	} else if (empty || !word_named(w, i - 1)) {
		restart(h, behind);
	}
	return behind;
}

/* Add `name = [](…) {…}` whose [ is at i; return the word behind. */
static size_t
lambda(struct words *w, struct head *h, size_t i)
{
	size_t j = word_behind(w, i);

	if (word_c(w, j, '('))
		j = word_behind(w, j);
	while (j < w->n && !word_c(w, j, '{') && !word_c(w, j, ';') &&
	       !word_c(w, j, ')') && !word_c(w, j, '}'))
		j = word_c(w, j, '(') ? word_behind(w, j) : j + 1;
	if (!word_c(w, j, '{') || w->v[j].match <= j)
		return word_behind(w, i);
	if (word_c(w, word_behind(w, j), ';'))
		words_add(w, h->start, h->start, word_behind(w, j) - 1,
		    word_text(w, h->bound));
	return word_behind(w, j);
}

/*
 * Return whether a statement that ends at i is the start of a definition as C
 * had them before 1989: f(a, b) int a; long b; {
 */
static bool
is_old_style(const struct words *w, const struct head *h, size_t i)
{
	size_t j;

	if (!h->found || h->equals || h->colon ||
	    strcmp(lex_name(w->language), "c") != 0)
		return false;
	j = word_behind(w, h->params);
	return j < i && word_named(w, j) &&
	       !word_in(w, j, "__attribute__|__asm__|asm|__attribute");
}

static void
scan(struct words *w, size_t i, size_t end, int depth)
{
	struct head h, old = { 0 };

	if (depth > DEPTH_MAX)
		return;
	for (restart(&h, i); i < end;) {
		if (w->v[i].directive && i > h.start && !h.found)
			restart(&h, i);
		if (word_c(w, i, ';')) {
			if (old.found && (h.type || h.found) && h.equals)
				old.found = false;
			if (!old.found && is_old_style(w, &h, i))
				old = h;
			restart(&h, ++i);
		} else if (word_c(w, i, '{')) {
			if (h.start == i && old.found)
				h = old;
			old.found = false;
			i = open_brace(w, &h, i, depth);
		} else if (word_c(w, i, '(')) {
			if (!h.equals)
				see_group(w, &h, i);
			i = word_behind(w, i);
		} else if (word_c(w, i, '[')) {
			i = h.equals && h.bound != 0 && word_c(w, i - 1, '=')
				? lambda(w, &h, i)
				: word_behind(w, i);
		} else if (word_c(w, i, '}')) {
			restart(&h, ++i);
		} else {
			i = see(w, &h, i, end);
		}
	}
}

void
find_c(struct words *w)
{
	scan(w, 0, w->n, 0);
}
