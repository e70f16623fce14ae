/* own-bind: which words of a text bind a name */
#include <ctype.h>

#include "base/text.h"
#include "own-in.h"

enum { LIST_MAX = 256 }; /* words looked at for one list of names */

struct keyset_key
own_key(struct own_search *x, size_t scope, struct span name)
{
	size_t i;

	if (how(x, GLOBAL) && scope != (size_t)FUNCTION_SCOPE &&
	    scope != (size_t)KEPT_SCOPE)
		scope = 0;
	buf_clear(&x->low);
	buf_addspan(&x->low, name);
	if (x->w.language->traits & HAS_ANY_CASE)
		for (i = 0; i < name.n; i++)
			x->low.p[i] = (char)tolower((unsigned char)name.p[i]);
	return keyset_key((struct span){ (char *)&scope, sizeof scope }, 'o',
	    buf_span(&x->low));
}

/* Return whether a name is left as it is wherever it stands. */
static bool
stays(const struct own_search *x, struct span s)
{
	size_t i;
	bool low = false;

	for (i = 0; i < s.n; i++)
		low |= !(s.p[i] >= 'A' && s.p[i] <= 'Z') && s.p[i] != '_';
	return span_is(s, "_") || span_is(s, "self") || span_is(s, "this") ||
	       span_is(s, "cls") || (s.n > 1 && memcmp(s.p, "__", 2) == 0) ||
	       (how(x, SIGILS | COMMANDS) && !low) ||
	       text_is_one_of(s, span_of(x->rules->stays));
}

/* Note that word i binds its name. */
static void
bind(struct own_search *x, size_t i)
{
	struct span s = stem(x, i);
	size_t scope = x->names[i] ? (size_t)FUNCTION_SCOPE : x->scope[i];
	struct known *known;

	if (s.n == 0 || stays(x, s) ||
	    (scope == 0 && x->functions.n > 0 && !how(x, GLOBAL)))
		return;
	known = keyset_add(&x->known, own_key(x, scope, s));
	known->bound = 1;
	x->binds[i] = true;
}

/* Note that word i is a name that is left as it is, in its function. */
static void
keep(struct own_search *x, size_t i)
{
	struct span s = stem(x, i);
	struct known *known;

	if (s.n == 0)
		return;
	known = keyset_add(&x->known, own_key(x, x->scope[i], s));
	known->kept = 1;
}

/* Bind the names that stand in a bracket by themselves: (x, y). */
static void
bind_within(struct own_search *x, size_t open)
{
	size_t i, end = word_behind(&x->w, open);

	if (end > open + LIST_MAX)
		return;
	for (i = open + 1; i < end; i++)
		if (x->in[i] == open + 1 && is_kind(x, i, LEX_NAME) &&
		    (is_op(x, i + 1, " , ) ] = ") ||
			word_in(&x->w, i + 1, "in")) &&
		    (how(x, SIGILS) || !is_upper(x, i)))
			bind(x, i);
}

/* Bind the names of a list that begins at word i: x, (y, z). */
static void
bind_list(struct own_search *x, size_t i)
{
	size_t end = i + LIST_MAX;
	bool named;

	for (; i < end && i < x->w.n; i++) {
		while (is_op(x, i, " * & ... ") ||
		       (is_kind(x, i, LEX_KEYWORD) &&
			   !word_in(&x->w, i, "in|of|function|sub|end")))
			i++;
		named = is_kind(x, i, LEX_NAME);
		if (named) {
			if (!is_op(x, i + 1, " ( { :: . ") ||
			    how(x, COLONS | SIGILS))
				bind(x, i);
			i++;
		}
		if (is_op(x, i, " ( [ ") && !(named && how(x, SIGILS))) {
			if (!how(x, COLONS))
				bind_within(x, i);
			i = word_behind(&x->w, i);
		}
		if (!is_op(x, i, " , "))
			return;
	}
}

/* Return the name of the parameter that begins at word i; w.n: none. */
static size_t
param_name(const struct own_search *x, size_t i)
{
	const struct words *w = &x->w;
	bool behind = how(x, BEHIND);

	if (word_in(w, i, "public|private|protected|readonly"))
		return w->n;
	while (i < w->n && !behind &&
	       (is_op(x, i, " * ** & && ... ") || w->v[i].kind == LEX_KEYWORD ||
		   (w->v[i].kind == LEX_NAME && *word_text(w, i).p == '\'')))
		i++;
	if (!is_kind(x, i, LEX_NAME) || is_op(x, i + 1, " . "))
		return w->n;
	if (behind || is_op(x, i + 1, " , ) = : ? "))
		return i;
	return w->n;
}

/* Bind the parameters in the bracket at word `open`. */
static void
bind_params(struct own_search *x, size_t open)
{
	size_t i, name, end = word_behind(&x->w, open), typed = 0;
	int pass;

	if (!is_op(x, open, " ( ") || end > open + LIST_MAX)
		return;
	for (pass = how(x, BEHIND) ? 0 : 1; pass < 2; pass++)
		for (i = open + 1; i + 1 < end; i++) {
			if (x->in[i] != open + 1 ||
			    (i > open + 1 && !is_op(x, i - 1, " , ")))
				continue;
			name = param_name(x, i);
			if (name == x->w.n)
				continue;
			if (pass == 0)
				typed += !is_op(x, name + 1, " , ) ");
			else if (typed > 0 || !how(x, BEHIND))
				bind(x, name);
		}
}

/* Bind what stands around the name of a function at word i. */
static void
bind_function(struct own_search *x, size_t i)
{
	const struct words *w = &x->w;
	size_t j = i + 1;

	if (how(x, BEHIND) && i > 0 && is_op(x, i - 1, " ) ") &&
	    w->v[i - 1].match < i - 1)
		bind_params(x, w->v[i - 1].match);
	if (word_c(w, j, '<') || (word_c(w, j, '[') && how(x, BEHIND)))
		j = word_c(w, j, '<') ? word_angle(w, j, w->n)
				      : word_behind(w, j);
	if (word_c(w, j, '(')) {
		bind_params(x, j);
		j = word_behind(w, j);
		if (how(x, BEHIND) && word_c(w, j, '('))
			bind_params(x, j);
	} else if (span_is(span_of(x->rules->functions), "def") &&
		   !w->v[j].fresh) {
		bind_list(x, j);
	}
}

/* Bind the parameters of a function within another, whose word is at i. */
static void
bind_inner(struct own_search *x, size_t i)
{
	size_t j = i + 1;

	if (word_c(&x->w, j, '*'))
		j++;
	if (is_kind(x, j, LEX_NAME)) {
		if (x->names[j])
			return;
		if (word_c(&x->w, j + 1, '('))
			bind(x, j);
		bind_function(x, j);
	} else {
		bind_params(x, j);
	}
}

/* Return whether word i can be part of a type. */
static bool
is_type(const struct own_search *x, size_t i)
{
	if (is_kind(x, i, LEX_KEYWORD))
		return !word_in(&x->w, i,
		    "return|new|throw|else|goto|case|delete|sizeof|typeof|"
		    "await|yield|using|import|package|namespace|default|if|"
		    "while|for|foreach|switch|do|try|catch|in|is|as|operator|"
		    "this|base|super|null|nullptr|true|false|instanceof|"
		    "break|continue|assert|typedef|lock|fixed|not|and|or");
	return is_kind(x, i, LEX_NAME) || is_op(x, i, " :: . * & && ? ^ @ ");
}

/* Bind the names that a declaration at word i binds: int *x, y; */
static void
bind_typed(struct own_search *x, size_t i, bool is_param)
{
	const struct words *w = &x->w;
	size_t j = i, types = 0, end = i + LIST_MAX;
	const char *ends = is_param ? " , ) = : [ " : " = ; , : [ ";

	while (j < end && j < w->n) {
		if (word_c(w, j, '<') && word_angle(w, j, j + 64) > j + 1)
			j = word_angle(w, j, j + 64);
		else if (word_c(w, j, '[') && word_behind(w, j) == j + 2)
			j += 2;
		else if (is_type(x, j))
			types += word_named(w, j), j++;
		else
			break;
	}
	if (types < 2 || j < i + 2 || !is_kind(x, j - 1, LEX_NAME) ||
	    is_op(x, j - 2, " . :: -> @ ") || is_op(x, i, " * & && . ? ^ "))
		return;
	if (is_op(x, j, ends) || word_in(w, j, "in") ||
	    (word_c(w, j, '(') && !is_param && x->in[i] > 0 &&
		span_is(span_of(x->rules->language), "cplusplus")))
		bind(x, j - 1);
	for (; !is_param && is_op(x, j, " , ") && j < end; j++) {
		while (is_op(x, j + 1, " * & "))
			j++;
		if (!is_kind(x, ++j, LEX_NAME) || !is_op(x, j + 1, " = ; , [ "))
			return;
		bind(x, j);
	}
}

/* Return whether the bracket at word i holds parameters, or what a loop
 * declares. */
static bool
has_params(const struct own_search *x, size_t i)
{
	size_t behind = word_behind(&x->w, i);

	return i > 0 &&
	       (x->names[i - 1] ||
		   word_in(&x->w, i - 1, "for|foreach|catch|try|using|fixed") ||
		   is_op(x, behind, " => -> ") ||
		   (word_c(&x->w, behind, '{') &&
		       !word_in(&x->w, i - 1, "if|while|switch")));
}

/* Bind what word i begins, in a language with types before names. */
static void
bind_by_type(struct own_search *x, size_t i)
{
	if (i == 0 || is_op(x, i - 1, " ; { } : "))
		bind_typed(x, i, false);
	else if (is_op(x, i - 1, " ( , ") && x->in[i] > 0 &&
		 word_c(&x->w, x->in[i] - 1, '(') &&
		 has_params(x, x->in[i] - 1))
		bind_typed(x, i,
		    !word_in(&x->w, x->in[i] > 1 ? x->in[i] - 2 : 0, "for"));
}

/* Bind x, y = or x, y := or x: T = that begins at word i. */
static void
bind_assigned(struct own_search *x, size_t i)
{
	size_t j = i;

	while (is_kind(x, j, LEX_NAME) && is_op(x, j + 1, " , ") &&
	       j < i + LIST_MAX)
		j += 2;
	if (!is_kind(x, j, LEX_NAME))
		return;
	if ((how(x, ASSIGNED) && is_op(x, j + 1, " = ||= := ")) ||
	    (how(x, WALRUS) && is_op(x, j + 1, " := ")) ||
	    (how(x, KEYWORDS) && j == i && is_op(x, j + 1, " : ")))
		for (; i <= j; i += 2)
			bind(x, i);
}

/* Bind the names of a clause that word i begins: f x (y:ys) =, x <-. */
static void
bind_clause(struct own_search *x, size_t i)
{
	const struct words *w = &x->w;
	size_t j = i + 1, k;

	while (j < w->n && j < i + 64 && !w->v[j].fresh &&
	       (w->v[j].kind < LEX_OPERATOR ||
		   is_op(x, j, " ( ) [ ] , : @ ~ ! ")) &&
	       !is_kind(x, j, LEX_KEYWORD))
		j++;
	if (!is_op(x, j, " = | <- -> ") || x->in[i] != x->in[j])
		return;
	for (k = word_c(w, i, '\\') ? i + 1 : i; k < j; k++)
		if (is_kind(x, k, LEX_NAME) && !is_upper(x, k) &&
		    (k > i || !x->names[k]))
			bind(x, k);
}

/* Bind what word i, with those behind it, binds in a language of commands. */
static void
bind_command(struct own_search *x, size_t i)
{
	const struct words *w = &x->w;
	bool is_for = word_in(w, i, "for");
	size_t j;

	if (word_c(w, i, ':') && w->v[i].fresh)
		bind(x, i + 1);
	if (w->v[i].kind == LEX_NAME && i + 1 < w->n &&
	    w->v[i + 1].start == w->v[i].end &&
	    (*word_text(w, i + 1).p == '=' ||
		(word_text(w, i + 1).n > 1 && *word_text(w, i + 1).p == '+' &&
		    word_text(w, i + 1).p[1] == '=')))
		bind(x, i);
	if (!word_in(w, i, "local|for|read|declare|typeset|readonly"))
		return;
	for (j = i + 1; j < i + LIST_MAX && j < w->n && !w->v[j].fresh; j++) {
		if (w->v[j].kind != LEX_NAME || word_in(w, j, "in"))
			break;
		if (*word_text(w, j).p != '-')
			bind(x, j);
		if (is_for)
			break;
	}
}

/* Bind |x, y| whose first bar is word i. */
static void
bind_bars(struct own_search *x, size_t i)
{
	if (i > 0 &&
	    (is_op(x, i - 1, " ( , = { ") || word_in(&x->w, i - 1, "do|move")))
		bind_list(x, i + 1);
}

/* Bind what is before the arrow at word i: x => and (x, y) =>. */
static void
bind_arrow(struct own_search *x, size_t i)
{
	if (i < 2)
		return;
	if (is_op(x, i - 1, " ) ") && x->w.v[i - 1].match < i - 1)
		bind_params(x, x->w.v[i - 1].match);
	else if (is_op(x, i - 2, " ( , = ") ||
		 word_in(&x->w, i - 2, "return|async"))
		bind(x, i - 1);
}

/* Keep the names of a statement that names what comes from elsewhere. */
static void
keep_statement(struct own_search *x, size_t i)
{
	size_t j;

	for (j = i + 1; j < x->w.n && j < i + LIST_MAX; j++) {
		if (word_c(&x->w, j, ';') ||
		    (x->w.v[j].fresh && x->in[j] == x->in[i]))
			return;
		keep(x, j);
	}
}

/* Return whether word i is a member of an object: {x, y}, which is short for
 * {x: x, y: y}. */
static bool
is_short(const struct own_search *x, size_t i)
{
	size_t open = x->in[i];

	return open > 1 && word_c(&x->w, open - 1, '{') &&
	       is_op(x, i - 1, " { , ") && is_op(x, i + 1, " , } = ") &&
	       (is_op(x, open - 2, " ( , = : [ ? ") ||
		   word_in(&x->w, open - 2, "return|default|let|const|var") ||
		   is_upper(x, open - 2));
}

/* Return whether a statement begins at word i. */
static bool
begins_statement(const struct own_search *x, size_t i)
{
	const struct words *w = &x->w;

	if (x->in[i] > 0 && !word_c(w, x->in[i] - 1, '{'))
		return false;
	return i == 0 || w->v[i].fresh || is_op(x, i - 1, " ; { : ") ||
	       word_in(w, i - 1, "then|do|else|begin");
}

/* Return whether x := may begin at word i, within a statement. */
static bool
is_inner_start(const struct own_search *x, size_t i)
{
	return how(x, WALRUS) && i > 0 && is_op(x, i + 1, " := , ") &&
	       (word_in(&x->w, i - 1, "for|if|switch|while|and|or|not") ||
		   (is_op(x, i - 1, " ( ") && is_op(x, i + 1, " := ")));
}

/* Note what word i binds or keeps. */
static void
note_word(struct own_search *x, size_t i)
{
	const struct words *w = &x->w;
	bool begins = begins_statement(x, i);

	if (x->names[i])
		bind_function(x, i);
	if (word_in(w, i, x->rules->functions))
		bind_inner(x, i);
	if (word_in(w, i, x->rules->declares) && !how(x, COMMANDS))
		bind_list(x, i + 1);
	if (word_in(w, i, x->rules->keeps))
		keep_statement(x, i);
	if (how(x, TYPED))
		bind_by_type(x, i);
	if (how(x, ARROWS) && is_op(x, i, " => -> "))
		bind_arrow(x, i);
	if (how(x, BARS) && word_c(w, i, '|'))
		bind_bars(x, i);
	if (how(x, COMMANDS))
		bind_command(x, i);
	if (how(x, COLONS) && is_op(x, i, " :: ") && x->in[i] == 0)
		bind_list(x, i + 1);
	if (how(x, BEFORE_AS) && word_in(w, i + 1, "as"))
		bind(x, i);
	if (how(x, ASSIGNED | WALRUS) && (begins || is_inner_start(x, i)))
		bind_assigned(x, i);
	if (how(x, CLAUSES) && (w->v[i].fresh || word_c(w, i, '\\') ||
				   word_in(w, i - 1, "let|where|do|of")))
		bind_clause(x, i);
	if (how(x, ALL_LOCAL) && *word_text(w, i).p == '$' &&
	    (i == 0 || !is_op(x, i - 1, " :: ")))
		bind(x, i);
	if (how(x, SHORT) && i > 0 && is_kind(x, i, LEX_NAME) && is_short(x, i))
		keep(x, i);
}

/* Keep the words of directives, which mean the same everywhere. */
static void
keep_directives(struct own_search *x)
{
	struct lexer lx;
	struct lex_token t;
	struct span s;
	struct known *known;
	size_t i, j;

	if ((x->w.language->traits & HAS_DIRECTIVES) == 0)
		return;
	lexer_start(&lx, x->w.language, x->w.text);
	while (lexer_next(&lx, &t)) {
		if (t.kind != LEX_DIRECTIVE)
			continue;
		for (i = t.start; i < t.end; i = j + 1) {
			for (j = i;
			     j < t.end && lex_in_name(&lx, x->w.text.p[j]);)
				j++;
			s = (struct span){ x->w.text.p + i, j - i };
			if (s.n == 0)
				continue;
			known = keyset_add(
			    &x->known, own_key(x, (size_t)KEPT_SCOPE, s));
			known->kept = 1;
		}
	}
}

void
own_bind(struct own_search *x)
{
	size_t i;

	for (i = 0; i < x->w.n; i++) {
		if (x->names[i])
			bind(x, i);
		note_word(x, i);
	}
	keep_directives(x);
}
