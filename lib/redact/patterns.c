/* patterns: the table of the forms of secrets, patterns.txt */
#include "redact/patterns.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"

#include "redact/patterns.inc"

enum {
	START_KEY = 0, /* pattern begins at the keyword; above: bytes before */
	START_NAME = -1, /* pattern begins at the name that holds the keyword */
	NAME_MAX_BYTES = 64,
	MATCH_STEPS = 100000, /* steps that a match may take */
	OUT_OF_MEMORY = 121,  /* error of pcre2_compile, ERR21 in its source */
};

struct pattern {
	int kind; /* index in kinds */
	enum value_check check;
	int start; /* START_KEY, START_NAME or bytes before the keyword */
	struct span text; /* regular expression, before macros are put in */
	pcre2_code *code; /* compiled pattern; NULL: not yet */
	uint32_t group;   /* number of the group that is the secret */
	size_t tried;     /* offset behind what was tried or matched; 0: none */
};

static const char *const checks[VALUE_CHECKS] = {
	[VALUE_SHAPE] = "shape",
	[VALUE_RANDOM] = "random",
	[VALUE_MIXED] = "mixed",
	[VALUE_PASSWORD] = "password",
	[VALUE_BARE] = "bare",
	[VALUE_BASIC] = "basic",
	[VALUE_PEM] = "pem",
};

/* Cut the text up to a separator off *rest, and the separator too. */
static struct span
cut(struct span *rest, char separator)
{
	const char *end = memchr(rest->p, separator, rest->n);
	struct span word = *rest;

	if (end == NULL) {
		*rest = span_skip(*rest, rest->n);
		return word;
	}
	word.n = (size_t)(end - rest->p);
	*rest = span_skip(*rest, word.n + 1);
	return word;
}

/* Return the index of a kind, which is new or that of the row before. */
static int
kind_of(struct patterns *p, struct span name)
{
	int i;

	for (i = 0; i < p->nkinds; i++)
		if (span_is(name, p->kinds[i]))
			return i;
	p->text[name.p + name.n - p->text] = '\0';
	p->kinds[p->nkinds] = name.p;
	return p->nkinds++;
}

/* Note what is wrong with a row, unless a mistake is noted already. */
static void
bad_row(struct patterns *p, struct span row, const char *what)
{
	if (p->wrong[0] == '\0')
		snprintf(p->wrong, sizeof p->wrong, "%s: %.*s", what,
		    (int)(row.n < 200 ? row.n : 200), row.p);
}

static void
add_row(struct patterns *p, struct span row, int pass)
{
	struct span rest = row, name = cut(&rest, '\t');
	struct span check = cut(&rest, '\t'), start = cut(&rest, '\t');
	struct span keywords = cut(&rest, '\t');
	struct pattern *to = &p->pattern[p->n];
	char number[8] = "";
	long long before = 0;

	if (pass == 0) {
		while (keywords.n > 0)
			keywords_bytes(&p->keywords, cut(&keywords, '|'));
		return;
	}
	if (rest.n == 0 || p->n == PATTERNS_MAX) {
		bad_row(p, row, "not five columns, or too many rows");
		return;
	}
	*to = (struct pattern){ .text = rest };
	while (to->check < VALUE_CHECKS && !span_is(check, checks[to->check]))
		to->check++;
	snprintf(number, sizeof number, "%.*s", (int)start.n, start.p);
	if (span_is(start, "name"))
		before = START_NAME;
	else if (!span_is(start, "key") &&
		 num_int(number, 1, PATTERNS_WINDOW, &before) == -1)
		bad_row(p, row, "start is unknown");
	if (to->check == VALUE_CHECKS) {
		bad_row(p, row, "check is unknown");
		return;
	}
	to->start = (int)before;
	to->kind = kind_of(p, name);
	while (keywords.n > 0)
		keywords_add(&p->keywords, cut(&keywords, '|'), p->n);
	p->n++;
}

void
patterns_open(struct patterns *p)
{
	struct span rest, row, name;
	int pass;

	*p = (struct patterns){ 0 };
	p->pattern = mem_new(PATTERNS_MAX * sizeof *p->pattern);
	p->text = mem_dup(embedded_patterns, sizeof embedded_patterns - 1);
	for (pass = 0; pass < 2; pass++) {
		rest = (struct span){ p->text, sizeof embedded_patterns - 1 };
		while (rest.n > 0) {
			row = cut(&rest, '\n');
			if (row.n == 0 || row.p[0] == '#')
				continue;
			if (row.p[0] != '=') {
				add_row(p, row, pass);
				continue;
			}
			name = cut(&row, '\t');
			if (pass == 1 || p->nmacros == 32)
				continue;
			p->macro_names[p->nmacros] = span_skip(name, 1);
			p->macros[p->nmacros++] = row;
		}
	}
	keywords_ready(&p->keywords);
	p->match = pcre2_match_data_create(64, NULL);
	p->context = pcre2_match_context_create(NULL);
	if (p->match == NULL || p->context == NULL)
		mem_fail();
	pcre2_set_match_limit(p->context, MATCH_STEPS);
}

void
patterns_close(struct patterns *p)
{
	int i;

	for (i = 0; i < p->n; i++)
		pcre2_code_free(p->pattern[i].code);
	pcre2_match_data_free(p->match);
	pcre2_match_context_free(p->context);
	keywords_free(&p->keywords);
	free(p->pattern);
	free(p->text);
}

/* Append a text with the macros in it put in. */
static void
expand(const struct patterns *p, struct span text, struct buf *out)
{
	struct span name;
	int i;

	while (text.n > 0) {
		const char *end = NULL;

		if (text.n > 4 && memcmp(text.p, "{{", 2) == 0)
			end = memmem(text.p, text.n, "}}", 2);
		if (end == NULL) {
			buf_addc(out, text.p[0]);
			text = span_skip(text, 1);
			continue;
		}
		name = (struct span){ text.p + 2, (size_t)(end - text.p) - 2 };
		for (i = 0; i < p->nmacros; i++)
			if (span_eq(name, p->macro_names[i]))
				expand(p, p->macros[i], out);
		text = span_skip(text, name.n + 4);
	}
}

/* Compile a pattern. Return 0, or -1 after noting what is wrong with it. */
static int
compile(struct patterns *p, struct pattern *pattern)
{
	struct buf text = { 0 };
	PCRE2_SIZE at = 0;
	int error = 0, number;
	char why[256];

	expand(p, pattern->text, &text);
	pattern->code = pcre2_compile((PCRE2_SPTR)buf_cstr(&text), text.n,
	    PCRE2_ANCHORED | PCRE2_NO_START_OPTIMIZE, &error, &at, NULL);
	buf_free(&text);
	if (pattern->code == NULL && error == OUT_OF_MEMORY)
		mem_fail();
	if (pattern->code == NULL) {
		pcre2_get_error_message(error, (PCRE2_UCHAR *)why, sizeof why);
		bad_row(p, pattern->text, why);
		return -1;
	}
	/* where the system allows no code to be made, it runs without */
	pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
	number =
	    pcre2_substring_number_from_name(pattern->code, (PCRE2_SPTR) "s");
	pattern->group = number > 0 ? (uint32_t)number : 0;
	return 0;
}

const char *
patterns_check(struct patterns *p)
{
	int i;

	for (i = 0; i < p->n; i++)
		if (p->pattern[i].code == NULL)
			compile(p, &p->pattern[i]);
	return p->wrong[0] != '\0' ? p->wrong : NULL;
}

static int
in_name(char c)
{
	return text_is_word_char(c) || c == '.' || c == '-';
}

/*
 * Return where the pattern begins whose keyword starts at an offset; no place,
 * SIZE_MAX, if it would be before the text or its name is too long for one.
 */
static size_t
start_of(const struct pattern *pattern, struct span text, size_t keyword)
{
	size_t key = keyword,
	       least = key < NAME_MAX_BYTES ? 0 : key - NAME_MAX_BYTES;

	if (pattern->start != START_NAME)
		return key < (size_t)pattern->start
			   ? SIZE_MAX
			   : key - (size_t)pattern->start;
	while (key > least && in_name(text.p[key - 1]))
		key--;
	if (key > 0 && in_name(text.p[key - 1]))
		return SIZE_MAX;
	/* the letter of an escape, "\\n", is no part of the name */
	if (key > 0 && key < keyword && text.p[key - 1] == '\\')
		key++;
	return key;
}

/*
 * Match a pattern at an offset, up to another. Return whether it matches; where
 * the limits of PCRE2 end the search, that is counted.
 */
static int
match_at(struct patterns *p, const struct pattern *pattern, const char *text,
    size_t start, size_t stop)
{
	int result = pcre2_match(pattern->code, (PCRE2_SPTR)text, stop, start,
	    PCRE2_NO_UTF_CHECK, p->match, p->context);

	/* the stack of compiled code is small, and other memory is not */
	if (result == PCRE2_ERROR_JIT_STACKLIMIT)
		result = pcre2_match(pattern->code, (PCRE2_SPTR)text, stop,
		    start, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, p->match,
		    p->context);
	if (result == PCRE2_ERROR_NOMEMORY)
		mem_fail();
	if (result < 0 && result != PCRE2_ERROR_NOMATCH)
		p->unsearched++;
	return result >= 0;
}

int
patterns_match(struct patterns *p, const struct keywords_hit *hit,
    struct span text, size_t end, struct candidate *found)
{
	struct pattern *pattern = &p->pattern[hit->owner];
	size_t key = end - hit->length, start, stop;
	PCRE2_SIZE *at;

	start = start_of(pattern, text, key);
	if (start < pattern->tried || start == SIZE_MAX)
		return 0;
	pattern->tried = start + 1;
	if (pattern->code == NULL && compile(p, pattern) == -1)
		return 0;
	stop =
	    text.n - start < PATTERNS_WINDOW ? text.n : start + PATTERNS_WINDOW;
	if (!match_at(p, pattern, text.p, start, stop))
		return 0;
	at = pcre2_get_ovector_pointer(p->match);
	/* what has matched is not looked through again: this keeps time linear
	 */
	if (at[1] > pattern->tried)
		pattern->tried = at[1];
	at += 2 * pattern->group;
	if (at[0] == PCRE2_UNSET || at[1] <= at[0])
		return 0;
	*found =
	    (struct candidate){ at[0], at[1], pattern->kind, pattern->check };
	/* a file in base64 goes on behind the bytes that the pattern sees */
	if (found->end == stop)
		while (found->end < text.n &&
		       (in_name(text.p[found->end]) ||
			   memchr("+/=", text.p[found->end], 3) != NULL))
			pattern->tried = ++found->end;
	return 1;
}

void
patterns_restart(struct patterns *p)
{
	int i;

	for (i = 0; i < p->n; i++)
		p->pattern[i].tried = 0;
}
