/* functions-js: functions of JavaScript and TypeScript */
#include <string.h>

#include "lex/words.h"

enum { DEPTH_MAX = 200 };

static void block(struct words *, size_t i, size_t end, int depth);
static void members(
    struct words *, size_t i, size_t end, bool object, int depth);
static size_t value(
    struct words *, size_t i, size_t end, size_t first, struct span);

/* Return the word behind a type at i: before , ; = => { or a closing bracket.
 */
static size_t
type_end(const struct words *w, size_t i, size_t end)
{
	bool operand = true; /* whether a type is expected */

	while (i < end) {
		if (word_c(w, i, '{') || word_c(w, i, '(') ||
		    word_c(w, i, '[')) {
			if (!operand && (word_c(w, i, '{') || w->v[i].fresh))
				return i;
			i = word_behind(w, i);
			/* A function type goes on behind its =>. */
			operand = false;
			continue;
		}
		if (word_c(w, i, '<')) {
			i = word_angle(w, i, end);
			continue;
		}
		if (w->v[i].kind != LEX_OPERATOR && !operand && w->v[i].fresh)
			return i;
		if (word_is(w, i, "=>") || word_c(w, i, '|') ||
		    word_c(w, i, '&') || word_c(w, i, '.') ||
		    word_c(w, i, '?') || word_c(w, i, ':') ||
		    word_in(w, i,
			"is|keyof|typeof|extends|infer|asserts|unique|"
			"readonly|new|abstract")) {
			/* `(a): T => {` is an arrow function's return type. */
			if (word_is(w, i, "=>") && !operand && i > 0 &&
			    !word_c(w, i - 1, ')'))
				return i;
			operand = true;
		} else if (w->v[i].kind == LEX_OPERATOR && !word_c(w, i, '-')) {
			return i;
		} else {
			operand = false;
		}
		i++;
	}
	return i;
}

/* Return whether the line break before word i ends a statement. */
static bool
ends_statement(const struct words *w, size_t i)
{
	if (!w->v[i].fresh)
		return false;
	if (w->v[i].kind == LEX_OPERATOR && !word_c(w, i, '@') &&
	    !word_c(w, i, '}') && !word_is(w, i, "++") &&
	    !word_is(w, i, "--") && !word_c(w, i, '!') && !word_c(w, i, '~') &&
	    !word_c(w, i, '{'))
		return false;
	if (word_in(w, i, "instanceof|in|of|as|satisfies"))
		return false;
	return w->v[i - 1].kind != LEX_OPERATOR || word_c(w, i - 1, ')') ||
	       word_c(w, i - 1, ']') || word_c(w, i - 1, '}') ||
	       word_is(w, i - 1, "++") || word_is(w, i - 1, "--");
}

/* Return the ( behind the types at i, as in `new X<A, B>(c)`; 0: none. */
static size_t
type_arguments(const struct words *w, size_t i, size_t end)
{
	size_t to;

	if (strcmp(lex_name(w->language), "typescript") != 0 ||
	    w->v[i - 1].kind != LEX_NAME)
		return 0;
	to = word_angle(w, i, end);
	return to > i + 1 && word_c(w, to, '(') ? to : 0;
}

/* Return the word behind the expression at i. */
static size_t
expression_end(const struct words *w, size_t i, size_t end)
{
	size_t from = i, to;

	while (i < end && !word_c(w, i, ',') && !word_c(w, i, ';') &&
	       !word_c(w, i, ')') && !word_c(w, i, '}') && !word_c(w, i, ']') &&
	       (i == from || !ends_statement(w, i))) {
		if (word_c(w, i, '<') && i > from &&
		    (to = type_arguments(w, i, end)) > 0)
			i = to;
		else
			i = word_c(w, i, '(') || word_c(w, i, '[') ||
				    word_c(w, i, '{')
				? word_behind(w, i)
				: i + 1;
	}
	return i;
}

/*
 * Return the { of the body behind parameters that begin at i, or 0. What lies
 * between are generics, parameters and the type of what is returned.
 */
static size_t
body(const struct words *w, size_t i, size_t end)
{
	if (word_c(w, i, '<'))
		i = word_angle(w, i, end);
	if (!word_c(w, i, '('))
		return 0;
	i = word_behind(w, i);
	if (word_c(w, i, ':'))
		i = type_end(w, i + 1, end);
	return word_c(w, i, '{') && w->v[i].match > i ? i : 0;
}

/* Return the => of an arrow function that begins at i, or 0. */
static size_t
arrow(const struct words *w, size_t i, size_t end)
{
	if (word_is(w, i, "async") && !word_is(w, i + 1, "=>"))
		i++;
	if (word_c(w, i, '<'))
		i = word_angle(w, i, end);
	if (word_c(w, i, '(')) {
		i = word_behind(w, i);
		if (word_c(w, i, ':'))
			i = type_end(w, i + 1, end);
	} else if (word_named(w, i)) {
		i++;
	} else {
		return 0;
	}
	return i < end && word_is(w, i, "=>") ? i : 0;
}

/* Return the word behind the function expression at i (async function*), or 0.
 */
static size_t
function_end(const struct words *w, size_t i, size_t end)
{
	size_t brace;

	if (word_is(w, i, "async"))
		i++;
	if (!word_is(w, i, "function"))
		return 0;
	i++;
	if (word_c(w, i, '*'))
		i++;
	if (word_named(w, i))
		i++;
	brace = body(w, i, end);
	return brace > 0 ? word_behind(w, brace) : 0;
}

static bool
goes_on(const struct words *w, size_t i)
{
	return word_c(w, i, '.') || word_c(w, i, '(') || word_is(w, i, "?.") ||
	       word_c(w, i, '[');
}

/*
 * Add the function that is the value at i of a name; `first` is the first word
 * of all. Return the word behind, or i if the value is no function.
 */
static size_t
value(struct words *w, size_t i, size_t end, size_t first, struct span name)
{
	size_t stop = function_end(w, i, end), last, next, to;

	if (stop == 0 && (stop = arrow(w, i, end)) > 0) {
		while ((next = arrow(w, stop + 1, end)) > 0)
			stop = next;
		stop = word_c(w, stop + 1, '{')
			   ? word_behind(w, stop + 1)
			   : expression_end(w, stop + 1, end);
	}
	if (stop == 0)
		return i;
	if (goes_on(w, stop) && !w->v[stop].fresh)
		return stop;
	last = stop - 1;
	to = first;
	while (to < i && (word_c(w, to, '@')))
		to++;
	words_add(w, first, to, word_c(w, stop, ';') ? stop : last, name);
	return stop;
}

/* Return the word behind decorators @a.b(c) at i. */
static size_t
decorators(const struct words *w, size_t i, size_t end)
{
	while (i < end && word_c(w, i, '@')) {
		i++;
		if (word_c(w, i, '(')) {
			i = word_behind(w, i);
			continue;
		}
		while (word_named(w, i) && word_c(w, i + 1, '.'))
			i += 2;
		i++;
		if (word_c(w, i, '<'))
			i = word_angle(w, i, end);
		if (word_c(w, i, '('))
			i = word_behind(w, i);
	}
	return i;
}

/* Return the text of a member's name at i, without quotes, empty: none. */
static struct span
member_name(const struct words *w, size_t i)
{
	struct span s = word_text(w, i);

	if (w->v[i].kind == LEX_STRING && s.n >= 2)
		return (struct span){ s.p + 1, s.n - 2 };
	if (word_named(w, i) || w->v[i].kind == LEX_NUMBER)
		return s;
	if (word_c(w, i, '[') && w->v[i].match > i)
		s.n = w->v[w->v[i].match].end - w->v[i].start;
	else
		s.n = 0;
	return s;
}

/* Return the word behind the modifiers of a member at i. */
static size_t
modifiers(const struct words *w, size_t i, size_t end)
{
	static const char all[] =
	    "public|private|protected|static|readonly|async|"
	    "get|set|override|abstract|declare|accessor|"
	    "export|default";

	while (i + 1 < end) {
		if (!word_c(w, i, '*') &&
		    (!word_in(w, i, all) ||
			(w->v[i + 1].kind == LEX_OPERATOR &&
			    !word_c(w, i + 1, '[') && !word_c(w, i + 1, '*') &&
			    !word_c(w, i + 1, '{')) ||
			(w->v[i + 1].fresh &&
			    !word_in(w, i,
				"static|async|public|private|protected|"
				"readonly|override|abstract"))))
			break;
		i++;
	}
	return i;
}

/*
 * Read a member of a class or, with object set, of an object literal, which
 * begins at i; return the word behind.
 */
static size_t
member(struct words *w, size_t i, size_t end, bool object, int depth)
{
	size_t first = i, line = decorators(w, i, end), brace, stop;
	struct span name;

	i = modifiers(w, line, end);
	if (i >= end)
		return end;
	if (word_c(w, i, '{'))
		return word_behind(w, i);
	name = member_name(w, i);
	if (name.n == 0) {
		stop = expression_end(w, i, end);
		block(w, i, stop, depth + 1);
		return stop > i ? stop : i + 1;
	}
	i = word_behind(w, i);
	if (word_c(w, i, '?') || word_c(w, i, '!'))
		i++;
	if (word_c(w, i, '(') || word_c(w, i, '<')) {
		if ((brace = body(w, i, end)) > 0) {
			stop = word_behind(w, brace);
			words_add(w, first, line, stop - 1, name);
			return stop;
		}
		if (word_c(w, i, '<'))
			i = word_angle(w, i, end);
		i = word_c(w, i, '(') ? word_behind(w, i) : i;
		return word_c(w, i, ':') ? type_end(w, i + 1, end) : i;
	}
	if (!object && word_c(w, i, ':'))
		i = type_end(w, i + 1, end);
	if (object ? !word_c(w, i, ':') : !word_c(w, i, '='))
		return i > line && (word_c(w, i, ',') || word_c(w, i, ';') ||
				       w->v[i].fresh)
			   ? i
			   : expression_end(w, i, end);
	stop = value(w, i + 1, end, first, name);
	if (stop > i + 1)
		return stop;
	if (object && word_c(w, i + 1, '{')) {
		members(w, i + 2, word_behind(w, i + 1) - 1, true, depth + 1);
		return word_behind(w, i + 1);
	}
	stop = expression_end(w, i + 1, end);
	block(w, i + 1, stop, depth + 1);
	return stop;
}

static void
members(struct words *w, size_t i, size_t end, bool object, int depth)
{
	size_t next;

	if (depth > DEPTH_MAX)
		return;
	while (i < end) {
		if (word_c(w, i, ',') || word_c(w, i, ';')) {
			i++;
			continue;
		}
		next = member(w, i, end, object, depth + 1);
		i = next > i ? next : i + 1;
	}
}

/* Return whether the { at i begins an object, not a block. */
static bool
is_object(const struct words *w, size_t i)
{
	if (i == 0)
		return false;
	if (w->v[i - 1].kind == LEX_OPERATOR)
		return !word_c(w, i - 1, ')') && !word_c(w, i - 1, ';') &&
		       !word_c(w, i - 1, '}') && !word_c(w, i - 1, '{') &&
		       !word_is(w, i - 1, "=>") && !word_c(w, i - 1, '>') &&
		       !word_c(w, i - 1, ']');
	return word_in(
		   w, i - 1, "return|default|typeof|in|of|yield|await|new") &&
	       !(w->v[i].fresh && word_is(w, i - 1, "return"));
}

/* Return the { of the class whose keyword is at i, or 0. */
static size_t
class_brace(const struct words *w, size_t i, size_t end)
{
	for (i++; i < end; i++) {
		if (word_c(w, i, '{')) {
			if (word_is(w, i - 1, "extends") ||
			    word_c(w, i - 1, ','))
				i = word_behind(w, i) - 1;
			else
				return i;
		} else if (word_c(w, i, '(') || word_c(w, i, '[')) {
			i = word_behind(w, i) - 1;
		} else if (word_c(w, i, '<')) {
			i = word_angle(w, i, end) - 1;
		} else if (word_c(w, i, ';') || word_c(w, i, ')') ||
			   word_c(w, i, ':') || word_c(w, i, '=')) {
			return 0;
		}
	}
	return 0;
}

/* Return the first word of `a.b[c] = d =` whose last = is at i. */
static size_t
chain_start(const struct words *w, size_t i, struct span *name)
{
	name->n = 0;
	while (i > 0 && word_c(w, i, '=')) {
		i--;
		if (word_c(w, i, '!') && i > 0)
			i--;
		for (;;) {
			if (word_c(w, i, ']') && w->v[i].match < i &&
			    w->v[i].match > 0) {
				if (name->n == 0 &&
				    w->v[i - 1].kind == LEX_STRING &&
				    w->v[i].match + 2 == i)
					*name = member_name(w, i - 1);
				else if (name->n == 0)
					return 0;
				i = w->v[i].match - 1;
				continue;
			}
			if (word_c(w, i, ')') && w->v[i].match > 0 &&
			    name->n > 0) {
				i = w->v[i].match - 1;
				if (!word_named(w, i))
					return i + 1;
			}
			if (!word_named(w, i))
				return 0;
			if (name->n == 0)
				*name = word_text(w, i);
			if (i == 0 || (!word_c(w, i - 1, '.') &&
					  !word_is(w, i - 1, "?.")))
				break;
			if (i < 2)
				return 0;
			i -= 2;
		}
		if (i > 0 && word_c(w, i - 1, '='))
			i--;
	}
	return i;
}

/* Return the word before i at which `export const` and the like begin. */
static size_t
with_modifiers(const struct words *w, size_t i)
{
	static const char all[] =
	    "const|let|var|export|default|async|declare|abstract|public|static";

	/* `x as const` is the end of the statement before. */
	while (i > 0 && w->v[i - 1].kind == LEX_KEYWORD &&
	       word_in(w, i - 1, all) && !(i > 1 && word_is(w, i - 2, "as")))
		i--;
	return i;
}

/* Return the word behind a signature without a body, whose name is at i. */
static size_t
signature_end(const struct words *w, size_t i, size_t end)
{
	i += word_named(w, i);
	if (word_c(w, i, '<'))
		i = word_angle(w, i, end);
	if (word_c(w, i, '('))
		i = word_behind(w, i);
	return word_c(w, i, ':') ? type_end(w, i + 1, end) : i;
}

/* Read the function whose keyword is at i; return the word behind. */
static size_t
declaration(struct words *w, size_t i, size_t end)
{
	size_t first = i, name, stop, async = 0;
	bool statement;

	if (i > 0 && word_is(w, i - 1, "async"))
		async = 1;
	stop = function_end(w, i, end);
	first = with_modifiers(w, i - async);
	name = i + 1 + word_c(w, i + 1, '*');
	statement = first == 0 || w->v[first].fresh ||
		    w->v[first - 1].kind != LEX_OPERATOR ||
		    word_c(w, first - 1, ';') || word_c(w, first - 1, '}') ||
		    word_c(w, first - 1, '{') || word_c(w, first - 1, ')');
	/* A line that ends with ] or a type's > may lack its semicolon. */
	if (first > 0 && w->v[first - 1].kind == LEX_OPERATOR &&
	    strchr(w->v[first].fresh ? ";{})]>" : ";{})",
		w->text.p[w->v[first - 1].start]) == NULL)
		statement = false;
	if (first > 0 &&
	    word_in(w, first - 1,
		"return|new|typeof|void|yield|await|delete|throw|case"))
		statement = false;
	if (stop == 0)
		return signature_end(w, name, end);
	if (statement && word_named(w, name))
		words_add(w, first, first, stop - 1, word_text(w, name));
	return stop;
}

/* Skip what only has types: type x = …, interface, enum; 0: none begins at i.
 */
static size_t
types(const struct words *w, size_t i, size_t end)
{
	if (strcmp(lex_name(w->language), "typescript") != 0 ||
	    !word_named(w, i + 1) ||
	    (i > 0 && !w->v[i].fresh && w->v[i - 1].kind == LEX_OPERATOR &&
		!word_c(w, i - 1, ';') && !word_c(w, i - 1, '}') &&
		!word_c(w, i - 1, '{')))
		return 0;
	if (word_in(w, i, "interface|enum")) {
		while (i < end && !word_c(w, i, '{') && !word_c(w, i, ';'))
			i = word_c(w, i, '<') ? word_angle(w, i, end) : i + 1;
		return i < end ? word_behind(w, i) : end;
	}
	if (!word_is(w, i, "type"))
		return 0;
	i += 2;
	if (word_c(w, i, '<'))
		i = word_angle(w, i, end);
	return word_c(w, i, '=') ? type_end(w, i + 1, end) : 0;
}

/* Read an = at i: the value may be a function. Return the word behind. */
static size_t
assignment(struct words *w, size_t i, size_t end, size_t typed)
{
	struct span name = { "", 0 };
	size_t first, stop;

	if (typed > 0) {
		first = typed;
		name = word_text(w, typed);
	} else {
		first = chain_start(w, i, &name);
	}
	if (name.n == 0 || (first == 0 && i > 0 && !word_named(w, 0)))
		return i + 1;
	stop = value(w, i + 1, end, with_modifiers(w, first), name);
	return stop;
}

/* Return the word behind `const name: type`, 0 if there is no type. */
static size_t
behind_type(const struct words *w, size_t i, size_t end)
{
	i++;
	if (!word_named(w, i))
		return 0;
	i++;
	if (word_c(w, i, '!'))
		i++;
	if (!word_c(w, i, ':'))
		return 0;
	return type_end(w, i + 1, end);
}

/* Read one word of a block, or what begins with it; return the word behind. */
static size_t
step(struct words *w, size_t i, size_t end, int depth)
{
	size_t to;

	if (w->v[i].kind == LEX_KEYWORD) {
		if (word_is(w, i, "function"))
			return declaration(w, i, end);
		if (word_is(w, i, "class") &&
		    (to = class_brace(w, i, end)) > 0) {
			members(
			    w, to + 1, word_behind(w, to) - 1, false, depth);
			return word_behind(w, to);
		}
		if (word_in(w, i, "const|let|var") &&
		    (to = behind_type(w, i, end)) > 0)
			return word_c(w, to, '=')
				   ? assignment(w, to, end, i + 1)
				   : to;
		if ((to = types(w, i, end)) > 0)
			return to;
		return i + 1;
	}
	if (word_c(w, i, '='))
		return assignment(w, i, end, 0);
	if (word_is(w, i, "=>")) {
		if (word_c(w, i + 1, '{'))
			return word_behind(w, i + 1);
		return expression_end(w, i + 1, end);
	}
	if (word_c(w, i, '{') && w->v[i].match > i && is_object(w, i)) {
		if (strcmp(lex_name(w->language), "typescript") != 0 ||
		    !(word_c(w, i - 1, ':') || word_c(w, i - 1, '<') ||
			word_c(w, i - 1, '&')))
			members(w, i + 1, word_behind(w, i) - 1, true, depth);
		return word_behind(w, i);
	}
	return i + 1;
}

static void
block(struct words *w, size_t i, size_t end, int depth)
{
	size_t next;

	if (depth > DEPTH_MAX)
		return;
	while (i < end) {
		next = step(w, i, end, depth + 1);
		i = next > i ? next : i + 1;
	}
}

void
find_js(struct words *w)
{
	block(w, 0, w->n, 0);
}
