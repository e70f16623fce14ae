/* functions-lines: functions of languages that go by lines and by `end` */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lex/words.h"

/* Return the word that begins the logical line behind that of word i. */
static size_t
next_line(const struct words *w, size_t i, size_t end)
{
	do
		i = word_c(w, i, '(') || word_c(w, i, '[') || word_c(w, i, '{')
			? word_behind(w, i)
			: i + 1;
	while (i < end && !w->v[i].fresh);
	return i < end ? i : end;
}

/* Return the : that ends the head of Python's statement at i, or 0. */
static size_t
python_colon(const struct words *w, size_t i)
{
	size_t from = i;

	for (; i < w->n && (i == from || !w->v[i].fresh);
	     i = word_c(w, i, '(') || word_c(w, i, '[') || word_c(w, i, '{')
		     ? word_behind(w, i)
		     : i + 1)
		if (word_c(w, i, ':'))
			return i;
	return 0;
}

/* Have the comments before word i that belong to its block end a function. */
static void
python_tail(struct words *w, size_t i, size_t column)
{
	size_t c = w->v[i - 1].comments;

	for (; c < w->v[i].comments; c++) {
		if (bytes_column(w, w->comment[c].start) <= column)
			break;
		w->tail = c + 1;
	}
}

/* Return the word behind the function of Python whose head's : is at i. */
static size_t
python_end(struct words *w, size_t i, size_t column)
{
	size_t next;

	if (!w->v[i + 1].fresh)
		return next_line(w, i, w->n);
	for (next = i + 1; next < w->n && word_column(w, next) > column;)
		next = next_line(w, next, w->n);
	python_tail(w, next, column);
	return next;
}

/* Return whether the decorators from `first` to i name an overload. */
static bool
is_overload(const struct words *w, size_t first, size_t i)
{
	for (; first < i; first++)
		if (word_is(w, first, "overload") &&
		    (word_c(w, first - 1, '@') || word_c(w, first - 1, '.')))
			return true;
	return false;
}

void
find_python(struct words *w)
{
	size_t i = 0, first = 0, def, colon, next, column;
	bool decorated = false;

	for (; i < w->n; i = next) {
		next = next_line(w, i, w->n);
		if (!decorated)
			first = i;
		decorated = word_c(w, i, '@');
		def = i + word_is(w, i, "async");
		if (word_is(w, def, "def") && word_named(w, def + 1)) {
			column = word_column(w, i);
			if ((colon = python_colon(w, def)) == 0)
				continue;
			next = python_end(w, colon, column);
			if (is_overload(w, first, i))
				w->tail = 0;
			else
				words_add(w, first, i, next - 1,
				    word_text(w, def + 1));
			continue;
		}
		if (w->v[i].kind != LEX_NAME)
			continue;
		def = i + 1;
		if (word_c(w, def, ':'))
			while (def < next && !word_c(w, def, '='))
				def++;
		while (word_c(w, def, '=') && w->v[def + 1].kind == LEX_NAME &&
		       word_c(w, def + 2, '='))
			def += 2;
		if (word_c(w, def, '=') && word_is(w, def + 1, "lambda") &&
		    def + 1 < next)
			words_add(w, i, i, next - 1, word_text(w, def - 1));
	}
}

/* A declaration of Haskell: consecutive equations of one name. */
struct equations {
	struct span name;
	size_t first, line, last;
	bool arrow;  /* whether a signature says that it is a function */
	bool params; /* whether an equation has parameters */
	bool body;
};

static void
equations_end(struct words *w, struct equations *e)
{
	if (e->body && (e->params || e->arrow))
		words_add(w, e->first, e->line, e->last, e->name);
	memset(e, 0, sizeof *e);
}

/* Return the word of the name that the declaration at i defines, or w->n. */
static size_t
haskell_name(const struct words *w, size_t i, size_t equals)
{
	size_t j;

	for (j = i + 1; j < equals; j++) {
		if (word_c(w, j, '(') || word_c(w, j, '[') || word_c(w, j, '{'))
			j = word_behind(w, j) - 1;
		else if (word_c(w, j, '`') && j > i)
			return word_named(w, j + 1) ? j + 1 : w->n;
		else if (w->v[j].kind == LEX_OPERATOR && !word_c(w, j, '`') &&
			 !word_c(w, j, '!') && !word_c(w, j, '~') &&
			 !word_c(w, j, '@') && !word_c(w, j, ')') && j > i)
			return j;
	}
	if (word_c(w, i, '('))
		return i + 1;
	return w->v[i].kind == LEX_NAME ? i : w->n;
}

/* Return the name at word i: all of its operator bytes. */
static struct span
haskell_text(const struct words *w, size_t i)
{
	struct span s = word_text(w, i);

	while (w->v[i].kind == LEX_OPERATOR &&
	       w->v[i + 1].kind == LEX_OPERATOR &&
	       w->v[i + 1].start == w->v[i].end && !word_c(w, i + 1, ')') &&
	       !word_c(w, i + 1, '('))
		s.n += w->v[i + 1].end - w->v[i + 1].start, i++;
	return s;
}

/* Read the declaration of Haskell between words i and next. */
static void
haskell_line(struct words *w, struct equations *e, size_t i, size_t next)
{
	size_t j, equals = 0, types = 0, name;
	struct span s;

	if (w->v[i].kind != LEX_NAME && w->v[i].kind != LEX_OPERATOR) {
		equations_end(w, e);
		return;
	}
	for (j = i; j < next && equals == 0 && types == 0; j++) {
		if (word_c(w, j, '(') || word_c(w, j, '['))
			j = word_behind(w, j) - 1;
		else if (word_is(w, j, "::"))
			types = j;
		else if ((word_c(w, j, '=') || word_c(w, j, '|')) &&
			 w->v[j - (j > i)].end + (j > i) > 0)
			equals = j;
	}
	if (types > 0 && equals == 0) {
		equations_end(w, e);
		e->name = haskell_text(w, word_c(w, i, '(') ? i + 1 : i);
		e->first = i;
		for (; j < next; j++)
			e->arrow = e->arrow || word_is(w, j, "->");
		return;
	}
	name = equals > 0 ? haskell_name(w, i, equals) : w->n;
	if (name >= w->n || name >= equals + 1) {
		equations_end(w, e);
		return;
	}
	s = haskell_text(w, name);
	if (!span_eq(s, e->name)) {
		equations_end(w, e);
		e->name = s;
		e->first = i;
	}
	if (!e->body)
		e->line = i;
	e->body = true;
	e->params = e->params || name > i + 1 ||
		    (word_c(w, i, '(') ? word_behind(w, i) : i + 1) < equals;
	e->last = next - 1;
}

/* Read the declarations between words i and end that begin in one column. */
static void
haskell_layout(struct words *w, size_t i, size_t end, int depth)
{
	size_t column = i < end ? word_column(w, i) : 0, next, where;
	struct equations e = { 0 };

	for (; i < end; i = next) {
		next = i;
		do
			next = next_line(w, next, end);
		while (next < end && word_column(w, next) > column);
		if (!word_in(w, i, "instance|class")) {
			haskell_line(w, &e, i, next);
			continue;
		}
		equations_end(w, &e);
		for (where = i; where < next && !word_is(w, where, "where");)
			where++;
		if (where + 1 < next && depth == 0)
			haskell_layout(w, where + 1, next, 1);
	}
	equations_end(w, &e);
}

void
find_haskell(struct words *w)
{
	size_t i = 0;

	/* module M (…) where begins the layout, unless nothing does. */
	if (word_is(w, 0, "module")) {
		while (i < w->n && !word_is(w, i, "where"))
			i = word_behind(w, i);
		i++;
	}
	haskell_layout(w, i, w->n, 0);
}

/* Blocks that are open, each with the function that it may be. */
struct blocks {
	struct block {
		char kind;  /* 'f' a function, 'i' an interface, else '.' */
		bool count; /* whether it is one to add */
		size_t first, line;
		struct span name;
	} * v;
	size_t n, cap, functions;
};

static struct block *
push(struct blocks *b, char kind, size_t first)
{
	if (b->n == b->cap) {
		b->cap = b->cap == 0 ? 32 : b->cap * 2;
		b->v = mem_array(b->v, b->cap, sizeof *b->v);
	}
	b->v[b->n] = (struct block){ kind, false, first, first, { "", 0 } };
	b->functions += kind == 'f';
	return &b->v[b->n++];
}

/* Close the innermost block, which ends at word `last`. */
static void
pop(struct words *w, struct blocks *b, size_t last)
{
	struct block *top;

	if (b->n == 0)
		return;
	top = &b->v[--b->n];
	b->functions -= top->kind == 'f';
	if (top->kind == 'f' && b->functions == 0 && top->count)
		words_add(w, top->first, top->line, last, top->name);
}

/* Return whether word i follows an operand on its line: a modifier. */
static bool
is_modifier(const struct words *w, size_t i)
{
	if (i == 0 || w->v[i].fresh)
		return false;
	if (w->v[i - 1].kind == LEX_OPERATOR)
		return word_c(w, i - 1, ')') || word_c(w, i - 1, ']') ||
		       word_c(w, i - 1, '}');
	if (w->v[i - 1].kind == LEX_KEYWORD)
		return word_in(w, i - 1,
		    "end|self|nil|true|false|return|break|"
		    "next|redo|retry|super|yield|__FILE__");
	return true;
}

/* Read the name behind Ruby's def at i into a block; return the word behind. */
static size_t
ruby_def(const struct words *w, struct blocks *b, size_t i, size_t *params)
{
	struct block *f = push(b, 'f', i);
	size_t j = i + 1;

	if (word_c(w, j, '('))
		j = word_behind(w, j);
	while ((word_named(w, j) || word_c(w, j, ')')) && !w->v[j + 1].fresh &&
	       (word_c(w, j + 1, '.') || word_is(w, j + 1, "::")))
		j += 2;
	if (word_c(w, j, '.'))
		j++;
	f->name = word_text(w, j);
	f->count = true;
	if (w->v[j].kind == LEX_OPERATOR) {
		while (w->v[j + 1].kind == LEX_OPERATOR &&
		       w->v[j + 1].start == w->v[j].end &&
		       !word_c(w, j + 1, '(') && !word_c(w, j + 1, ';'))
			f->name.n += w->v[j + 1].end - w->v[j + 1].start, j++;
		if (word_c(w, j + 1, '@') ||
		    (w->v[j + 1].kind == LEX_NAME &&
			w->v[j + 1].start == w->v[j].end &&
			word_is(w, j + 1, "@")))
			f->name.n += w->v[j + 1].end - w->v[j + 1].start, j++;
	} else if (word_c(w, j + 1, '=') && w->v[j + 1].start == w->v[j].end) {
		f->name.n++;
		j++;
	}
	*params = ++j;
	return word_c(w, j, '(') ? word_behind(w, j) : j;
}

/* Read a word of Ruby; return the word behind. */
static size_t
ruby_word(struct words *w, struct blocks *b, size_t i, bool *loop)
{
	size_t next, params, stop;

	if (w->v[i].fresh || word_c(w, i, ';'))
		*loop = false;
	if (w->v[i].kind != LEX_KEYWORD)
		return i + 1;
	if (word_is(w, i, "def")) {
		next = ruby_def(w, b, i, &params);
		/* def f(x) = expression */
		if (word_c(w, next, '=') && !w->v[next].fresh) {
			stop = next_line(w, next, w->n);
			while (stop < w->n && word_c(w, stop, '.'))
				stop = next_line(w, stop, w->n);
			pop(w, b, stop - 1);
			return stop;
		}
		return next;
	}
	if (word_is(w, i, "end"))
		pop(w, b, i);
	else if (word_in(w, i, "class|module|begin|case|for") &&
		 w->text.p[w->v[i].start] >= 'a')
		push(b, '.', i);
	else if (word_in(w, i, "if|unless") && !is_modifier(w, i))
		push(b, '.', i);
	else if (word_in(w, i, "while|until") && !is_modifier(w, i))
		push(b, '.', i);
	else if (word_is(w, i, "do") && !*loop)
		push(b, '.', i);
	if (word_in(w, i, "while|until|for") && !is_modifier(w, i))
		*loop = true;
	else if (word_is(w, i, "do"))
		*loop = false;
	return i + 1;
}

void
find_ruby(struct words *w)
{
	struct blocks b = { 0 };
	bool loop = false;
	size_t i = 0;

	while (i < w->n)
		i = ruby_word(w, &b, i, &loop);
	free(b.v);
}

/* Note Lua's function at i, and what it is bound to. */
static size_t
lua_function(const struct words *w, struct blocks *b, size_t i)
{
	struct block *f = push(b, 'f', i);
	size_t j = i + 1;

	if (word_named(w, j)) {
		while (word_c(w, j + 1, '.') || word_c(w, j + 1, ':'))
			j += 2;
		f->name = word_text(w, j);
		f->count = true;
		if (i > 0 && word_is(w, i - 1, "local"))
			f->first = f->line = i - 1;
		return j + 1;
	}
	if (i < 2 || !word_c(w, i - 1, '='))
		return j;
	j = i - 2;
	if (word_c(w, j, ']') && w->v[j - 1].kind == LEX_STRING &&
	    w->v[j].match + 2 == j) {
		f->name = word_text(w, j - 1);
		f->name = (struct span){ f->name.p + 1, f->name.n - 2 };
		j = w->v[j].match;
		if (j > 0 && (word_named(w, j - 1)))
			j--;
	} else if (w->v[j].kind == LEX_NAME) {
		f->name = word_text(w, j);
	} else {
		return i + 1;
	}
	while (j > 1 && word_c(w, j - 1, '.'))
		j -= 2;
	if (j > 0 && word_is(w, j - 1, "local"))
		j--;
	f->count = true;
	f->first = f->line = j;
	return i + 1;
}

void
find_lua(struct words *w)
{
	struct blocks b = { 0 };
	size_t i = 0;

	while (i < w->n) {
		if (w->v[i].kind == LEX_KEYWORD) {
			if (word_is(w, i, "function")) {
				i = lua_function(w, &b, i);
				continue;
			}
			if (word_in(w, i, "do|if|repeat"))
				push(&b, '.', i);
			else if (word_in(w, i, "end|until"))
				pop(w, &b, i);
		}
		i++;
	}
	free(b.v);
}

/* Return the word of Fortran's function or subroutine in the line, or 0. */
static size_t
fortran_head(const struct words *w, size_t i, size_t end)
{
	static const char prefixes[] =
	    "pure|elemental|recursive|impure|module|integer|real|complex|"
	    "logical|"
	    "character|type|class|double|precision|attributes|non_recursive|"
	    "device|global|host";

	while (i < end) {
		if (word_in(w, i, "function|subroutine") &&
		    word_named(w, i + 1) && i + 1 < end &&
		    !word_c(w, i + 2, '='))
			return i;
		if (word_in(w, i, "procedure") && i > 0 &&
		    word_in(w, i - 1, "module") && word_named(w, i + 1) &&
		    i + 2 == end)
			return i;
		if (!word_in(w, i, prefixes) && w->v[i].kind != LEX_NUMBER &&
		    !word_c(w, i, '*'))
			return 0;
		i++;
		if (word_c(w, i, '('))
			i = word_behind(w, i);
		if (word_c(w, i, '*') && word_c(w, i + 1, '('))
			i = word_behind(w, i + 1);
	}
	return 0;
}

/* Return whether Fortran's line at i ends a unit: end, end function … */
static bool
fortran_end(const struct words *w, size_t i, size_t end)
{
	if (word_in(w, i,
		"endfunction|endsubroutine|endprogram|endmodule|"
		"endsubmodule|endinterface|endprocedure"))
		return true;
	if (!word_in(w, i, "end"))
		return false;
	return i + 1 >= end ||
	       word_in(w, i + 1,
		   "function|subroutine|program|module|submodule|"
		   "interface|procedure") ||
	       (word_in(w, i + 1, "block") && word_in(w, i + 2, "data"));
}

static bool
in_interface(const struct blocks *b)
{
	return b->n > 0 && b->v[b->n - 1].kind == 'i';
}

/* Read a line of Fortran between words i and end. */
static void
fortran_line(struct words *w, struct blocks *b, size_t i, size_t end)
{
	size_t head, first = i;
	struct block *f;

	if (w->v[i].kind == LEX_NUMBER && i + 1 < end)
		i++;
	if (fortran_end(w, i, end)) {
		pop(w, b, end - 1);
		return;
	}
	if (word_in(w, i, "end"))
		return;
	if ((word_in(w, i, "interface") && !word_c(w, i + 1, '=')) ||
	    (word_in(w, i, "abstract") && word_in(w, i + 1, "interface"))) {
		push(b, 'i', i);
		return;
	}
	if ((head = fortran_head(w, i, end)) > 0 ||
	    word_in(w, i, "function|subroutine")) {
		head = head > 0 ? head : i;
		if (!word_named(w, head + 1) || word_c(w, head + 1, '='))
			return;
		if (word_in(w, head, "procedure") && in_interface(b))
			return;
		f = push(b, 'f', first);
		f->name = word_text(w, head + 1);
		f->count = b->n < 2 || b->v[b->n - 2].kind != 'i';
		return;
	}
	if ((word_in(w, i, "program|submodule") ||
		(word_in(w, i, "module") && !word_in(w, i + 1, "procedure")) ||
		(word_in(w, i, "block") && word_in(w, i + 1, "data"))) &&
	    i + 1 < end && !word_c(w, i + 1, '=') && !word_c(w, i + 1, ','))
		push(b, '.', i);
}

void
find_fortran(struct words *w)
{
	struct blocks b = { 0 };
	size_t i = 0, next;

	for (; i < w->n; i = next) {
		next = i + 1;
		while (next < w->n &&
		       (!w->v[next].fresh || word_c(w, next - 1, '&')) &&
		       !word_c(w, next - 1, ';'))
			next++;
		fortran_line(
		    w, &b, i, word_c(w, next - 1, ';') ? next - 1 : next);
	}
	free(b.v);
}

/* Read a line of Visual Basic between words i and end. */
static void
basic_line(struct words *w, struct blocks *b, size_t i, size_t end)
{
	static const char modifiers[] =
	    "public|private|protected|friend|shared|static|overrides|"
	    "overridable|"
	    "overloads|notoverridable|mustoverride|shadows|partial|async|"
	    "iterator|"
	    "default|readonly|writeonly|narrowing|widening|global";
	size_t first = i;
	struct block *f;
	bool property;

	if (word_in(w, i, "end") &&
	    word_in(w, i + 1, "sub|function|operator|property|interface")) {
		if (word_in(w, i + 1, "interface") ? in_interface(b)
						   : !in_interface(b))
			pop(w, b, i + 1);
		return;
	}
	if (word_c(w, i, '<'))
		i = word_angle(w, i, end);
	for (; i < end && word_in(w, i, modifiers); i++)
		if (word_in(w, i, "mustoverride"))
			return;
	if (word_in(w, i, "interface") && word_named(w, i + 1))
		push(b, 'i', i);
	property =
	    word_in(w, i, "property") && word_in(w, i + 1, "get|let|set");
	if ((!word_in(w, i, "sub|function|operator") && !property) ||
	    in_interface(b) || b->functions > 0)
		return;
	i += 1 + property;
	f = push(b, 'f', first);
	f->name = word_text(w, i);
	f->count = true;
}

void
find_basic(struct words *w)
{
	struct blocks b = { 0 };
	size_t i = 0, next;

	for (; i < w->n; i = next) {
		next = i + 1;
		while (next < w->n && !w->v[next].fresh &&
		       !word_c(w, next - 1, ':'))
			next++;
		basic_line(w, &b, i, next);
	}
	free(b.v);
}
