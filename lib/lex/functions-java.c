/* functions-java: methods of Java and C# */
#include <string.h>

#include "lex/words.h"

enum { DEPTH_MAX = 200 };

/* Facts that the words of a member have shown so far. */
struct member {
	size_t start;    /* first word of it */
	size_t name;     /* first word of the name before the parameters */
	size_t name_end; /* word behind the name */
	size_t bound;    /* name before =; 0: none */
	bool found;      /* whether there are parameters */
	bool type;       /* class, interface, record, namespace */
	bool enumeration;
	bool equals;
	bool fresh_new; /* whether `new` follows the = */
	bool delegate;
	bool attributes; /* whether [attributes] are all there is so far */
};

static void scope(struct words *, size_t i, size_t end, int depth, bool);

static void
restart(struct member *m, size_t start)
{
	memset(m, 0, sizeof *m);
	m->start = start;
}

static struct span
name_of(const struct words *w, const struct member *m)
{
	struct span s = word_text(w, m->name);

	s.n = w->v[m->name_end - 1].end - w->v[m->name].start;
	return s;
}

/* Return the word behind an expression: before , ; or the bracket around it. */
static size_t
expression_end(const struct words *w, size_t i, size_t end)
{
	while (i < end && !word_c(w, i, ',') && !word_c(w, i, ';') &&
	       !word_c(w, i, ')') && !word_c(w, i, '}') && !word_c(w, i, ']'))
		i = word_c(w, i, '(') || word_c(w, i, '[') || word_c(w, i, '{')
			? word_behind(w, i)
			: i + 1;
	return i;
}

/* Return the word behind an initialiser: before ; or a closing bracket. */
static size_t
statement_end(const struct words *w, size_t i, size_t end)
{
	for (i = expression_end(w, i, end); i < end && word_c(w, i, ',');)
		i = expression_end(w, i + 1, end);
	return i;
}

/* Find anonymous classes within an initialiser; lambdas are none. */
static void
values(struct words *w, size_t i, size_t end, int depth)
{
	bool java = strcmp(lex_name(w->language), "java") == 0;
	size_t pending = 0;

	for (; i < end && depth < DEPTH_MAX; i++) {
		if (word_is(w, i, "new") && java)
			pending = i;
		if ((word_is(w, i, "->") || word_is(w, i, "=>")) ||
		    (word_is(w, i, "delegate") && !java)) {
			i = expression_end(w, i + 1, end) - 1;
		} else if (word_c(w, i, '(')) {
			values(w, i + 1, word_behind(w, i) - 1, depth + 1);
			i = word_behind(w, i) - 1;
		} else if (word_c(w, i, '{')) {
			if (pending > 0 && word_c(w, i - 1, ')'))
				scope(w, i + 1, word_behind(w, i) - 1,
				    depth + 1, false);
			else
				values(
				    w, i + 1, word_behind(w, i) - 1, depth + 1);
			i = word_behind(w, i) - 1;
			pending = 0;
		}
	}
}

/* Return the word of => or -> of a lambda that begins at i, 0: none. */
static size_t
lambda_arrow(const struct words *w, size_t i)
{
	while (word_in(w, i, "async|static"))
		i++;
	if (word_c(w, i, '('))
		i = word_behind(w, i);
	else if (w->v[i].kind == LEX_NAME)
		i++;
	else
		return 0;
	return word_is(w, i, "=>") || word_is(w, i, "->") ? i : 0;
}

/* Read an initialiser behind the = at i; return the word at its end. */
static size_t
initialiser(
    struct words *w, const struct member *m, size_t i, size_t end, int depth)
{
	size_t stop = statement_end(w, i + 1, end);
	size_t last = stop - 1, arrow = lambda_arrow(w, i + 1);

	if (arrow > 0 && arrow < stop && m->bound > 0)
		words_add(w, m->start, m->start,
		    word_c(w, stop, ';') ? stop : last, word_text(w, m->bound));
	else
		values(w, i + 1, stop, depth + 1);
	return stop;
}

/* Note the ( at i; what is before it may be the name of a method. */
static void
see_group(const struct words *w, struct member *m, size_t i)
{
	size_t name = i - 1;
	int depth = 0;

	if (m->found || i == m->start)
		return;
	if (word_c(w, name, '>')) {
		for (; name > m->start; name--) {
			if (word_c(w, name, '>'))
				depth++;
			else if (word_c(w, name, '<') && --depth == 0)
				break;
		}
		name -= name > m->start;
	}
	if (w->v[name].kind != LEX_NAME &&
	    !word_in(w, name, "get|set|of|await"))
		return;
	m->name = name;
	m->name_end = name + 1;
	if (name > m->start && word_c(w, name - 1, '~'))
		m->name--;
	m->found = true;
}

/* Read the name of an operator of C#: operator +, operator int. */
static size_t
see_operator(const struct words *w, struct member *m, size_t i, size_t end)
{
	size_t j = i + 1;

	while (j < end && !word_c(w, j, '(') && !word_c(w, j, ';') &&
	       !word_c(w, j, '{'))
		j++;
	if (!word_c(w, j, '('))
		return j;
	m->name = i;
	m->name_end = j;
	m->found = true;
	return word_behind(w, j);
}

/* Skip an annotation @a.b(c) at i; return the word behind. */
static size_t
annotation(const struct words *w, size_t i)
{
	i++;
	while (word_named(w, i) && word_c(w, i + 1, '.'))
		i += 2;
	if (word_named(w, i))
		i++;
	return word_c(w, i, '(') ? word_behind(w, i) : i;
}

/* Return whether a type's declaration begins at word i of a member. */
static bool
is_type(const struct words *w, const struct member *m, size_t i)
{
	if (w->v[i].kind == LEX_KEYWORD)
		return word_in(w, i, "class|interface|struct|namespace") &&
		       !m->found && !word_is(w, i + 1, ":") &&
		       !word_c(w, i + 1, ',');
	return word_is(w, i, "record") && word_named(w, i + 1) && !m->found &&
	       (word_c(w, i + 2, '(') || word_c(w, i + 2, '<') ||
		   word_c(w, i + 2, '{') || word_c(w, i + 2, ':') ||
		   word_c(w, i + 2, ';') || word_in(w, i + 1, "struct|class"));
}

/* Read a { at i that ends the words of a member. */
static size_t
open_brace(struct words *w, struct member *m, size_t i, int depth, bool enums)
{
	size_t behind = word_behind(w, i);

	if (m->type || m->enumeration) {
		scope(w, i + 1, behind - 1, depth + 1, m->enumeration);
	} else if (enums) {
		/* A constant of an enum with methods of its own. */
		scope(w, i + 1, behind - 1, depth + 1, false);
		return behind;
	} else if (m->found && w->v[i].match > i) {
		words_add(w, m->start, m->start, behind - 1, name_of(w, m));
	} else if (i > m->start && w->v[i - 1].kind == LEX_NAME &&
		   strcmp(lex_name(w->language), "java") == 0 &&
		   (i - 1 == m->start || w->v[i - 2].kind == LEX_KEYWORD)) {
		/* A constructor of a record without parameters. */
		words_add(
		    w, m->start, m->start, behind - 1, word_text(w, i - 1));
	}
	/* int Size { get; } = 7; */
	if (word_c(w, behind, '='))
		return behind;
	restart(m, behind);
	return behind;
}

/* Read a body of the form => expression; at i; return the word behind. */
static size_t
arrow_body(struct words *w, struct member *m, size_t i, size_t end)
{
	size_t stop = statement_end(w, i + 1, end);

	if (m->found && !m->delegate && stop < end)
		words_add(w, m->start, m->start, stop, name_of(w, m));
	return stop;
}

/* Note a word of a member that is no bracket; return the word behind. */
static size_t
see(struct words *w, struct member *m, size_t i, size_t end, int depth)
{
	bool java = strcmp(lex_name(w->language), "java") == 0;

	if (java && word_c(w, i, '@') && !word_is(w, i + 1, "interface"))
		return annotation(w, i);
	if (word_is(w, i, "operator") && !java && w->v[i].kind == LEX_KEYWORD)
		return see_operator(w, m, i, end);
	if (is_type(w, m, i))
		m->type = true;
	else if (word_is(w, i, "default") && java)
		m->found = false; /* String[] value() default {}; */
	else if (word_is(w, i, "enum") && w->v[i].kind == LEX_KEYWORD)
		m->enumeration = true;
	else if (word_is(w, i, "delegate"))
		m->delegate = true;
	else if (word_is(w, i, "=>"))
		return arrow_body(w, m, i, end);
	else if (word_c(w, i, '=')) {
		m->bound =
		    i > m->start && w->v[i - 1].kind == LEX_NAME ? i - 1 : 0;
		m->equals = true;
		return initialiser(w, m, i, end, depth);
	}
	return i + 1;
}

static void
scope(struct words *w, size_t i, size_t end, int depth, bool enums)
{
	struct member m;

	if (depth > DEPTH_MAX)
		return;
	for (restart(&m, i); i < end;) {
		if (w->v[i].directive && i > m.start && !m.found &&
		    !word_c(w, i - 1, ']'))
			restart(&m, i);
		if (word_c(w, i, ';') || word_c(w, i, '}')) {
			enums = enums && !word_c(w, i, ';');
			restart(&m, ++i);
		} else if (word_c(w, i, '{')) {
			i = open_brace(w, &m, i, depth, enums);
		} else if (word_c(w, i, '(')) {
			if (!m.equals && !enums)
				see_group(w, &m, i);
			if (enums)
				values(
				    w, i + 1, word_behind(w, i) - 1, depth + 1);
			i = word_behind(w, i);
		} else if (word_c(w, i, '[')) {
			i = word_behind(w, i);
		} else if (enums && word_c(w, i, ',')) {
			restart(&m, ++i);
		} else {
			i = see(w, &m, i, end, depth);
		}
	}
}

void
find_java(struct words *w)
{
	scope(w, 0, w->n, 0, false);
}
