/* options: one table of a program's options, and all that is made from it */
#include "record/options.h"

#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/num.h"
#include "io/io.h"
#include "json/find.h"
#include "json/scan.h"

#ifndef TG_VERSION
#define TG_VERSION "unknown"
#endif

enum {
	MAX = 64,         /* options of a program */
	COLUMNS = 79,     /* columns of the usage text */
	FORM_INDENT = 11, /* columns before a form's further lines */
	HELP_INDENT = 26, /* columns before the help of an option */
	LONG = 1000,      /* getopt_long's value of the first option */
};

/* Return the bits of the forms of use that have an option. */
static unsigned
forms_of(const struct option_def *d)
{
	return d->forms != 0 ? d->forms & OPTION_ALL_FORMS : 1;
}

static int
takes_value(const struct option_def *d)
{
	return d->type >= OPTION_STRING;
}

/* Return an option's name with its dashes, borrowed until the next call. */
static const char *
shown_name(const struct option_def *d)
{
	static char name[40];

	if (d->letter != '\0')
		snprintf(name, sizeof name, "-%c", d->letter);
	else
		snprintf(name, sizeof name, "--%s", d->name);
	return name;
}

_Noreturn void
options_refuse(const char *fmt, ...)
{
	char msg[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof msg, fmt, ap);
	va_end(ap);
	io_warn("%s; see %s --help", msg, io_program);
	exit(TG_EX_USAGE);
}

/* The usage text. */

/* Return the length of the first word; spaces in brackets are part of it. */
static size_t
word_length(const char *s)
{
	size_t n;
	int depth = 0;

	for (n = 0; s[n] != '\0' && (s[n] != ' ' || depth > 0); n++)
		depth += (s[n] == '[') - (s[n] == ']');
	return n;
}

/*
 * Append text, which begins at column col, and break it between words where a
 * line would be too long. Further lines are indented by indent columns.
 */
static void
fill(struct buf *b, const char *text, size_t col, size_t indent)
{
	size_t n, first = 1;

	for (; *text != '\0'; text += n + (text[n] == ' '), first = 0) {
		n = word_length(text);
		if (!first && col + 1 + n > COLUMNS) {
			buf_fmt(b, "\n%*s", (int)indent, "");
			col = indent;
		} else if (!first) {
			buf_addc(b, ' ');
			col++;
		}
		buf_add(b, text, n);
		col += n;
	}
	buf_addc(b, '\n');
}

/* Append an option as a form of use has it: "[-u base-url]...". */
static void
add_use(struct buf *b, const struct option_def *d, const struct option_form *f)
{
	int required = d->required && !(d->spared & f->bits);

	buf_adds(b, required ? " " : " [");
	buf_adds(b, shown_name(d));
	if (takes_value(d))
		buf_fmt(b, " %s",
		    d->choices  ? d->choices
		    : d->letter ? d->name
				: d->arg);
	buf_adds(b, required ? "" : "]");
	buf_adds(b, d->type == OPTION_LIST ? "..." : "");
}

static void
add_form(struct buf *b, const struct program *p, const struct option_form *f)
{
	struct buf line = { 0 };
	const struct option_def *d;

	buf_adds(&line, p->name);
	if (*f->before != '\0')
		buf_fmt(&line, " %s", f->before);
	for (d = p->options; d->name != NULL; d++)
		if (forms_of(d) & f->bits)
			add_use(&line, d, f);
	if (*f->after != '\0')
		buf_fmt(&line, " %s", f->after);
	buf_adds(b, f == p->forms ? "usage: " : "       ");
	fill(b, buf_cstr(&line), 7, FORM_INDENT);
	buf_free(&line);
}

/*
 * Append the label of the options that share a help text, the first of which is
 * d, and return the last.
 */
static const struct option_def *
add_label(struct buf *b, const struct option_def *d)
{
	if (d->letter != '\0')
		buf_fmt(b, "  -%c, ", d->letter);
	else
		buf_adds(b, "      ");
	for (;; d++) {
		buf_fmt(b, "--%s", d->name);
		if (takes_value(d))
			buf_fmt(b, " %s", d->arg);
		if (d->help != NULL)
			return d;
		buf_adds(b, ", ");
	}
}

static void
add_options(struct buf *b, const struct program *p)
{
	const struct option_def *d;
	size_t start, width;

	for (d = p->options; d->name != NULL; d++) {
		start = b->n;
		d = add_label(b, d);
		width = b->n - start;
		if (*d->help != '\0' && width + 2 > HELP_INDENT) {
			buf_addc(b, '\n');
			width = 0;
		}
		if (*d->help != '\0')
			buf_fmt(b, "%*s", (int)(HELP_INDENT - width), "");
		fill(b, d->help, HELP_INDENT, HELP_INDENT);
	}
}

void
options_usage(const struct program *p, struct buf *b)
{
	const struct option_form *f;

	for (f = p->forms; f->after != NULL; f++)
		add_form(b, p, f);
	buf_fmt(b, "\n%s\n", p->about);
	add_options(b, p);
	buf_fmt(b, "\n%s", p->notes);
}

static void
print_table(const struct program *p, struct buf *b)
{
	static const char *const groups[] = { "answer", "sampling", "limit",
		"run" };
	const struct option_def *d;

	for (d = p->options; d->name != NULL; d++)
		buf_fmt(b, "%s\t%c\t%s\t%s\n", d->name,
		    d->letter ? d->letter : '-', takes_value(d) ? "yes" : "no",
		    groups[d->group]);
}

static _Noreturn void
print_and_exit(const struct program *p, enum option_type what)
{
	static struct buf b; /* static: it is held at the exit */

	if (what == OPTION_HELP)
		options_usage(p, &b);
	else if (what == OPTION_VERSION)
		buf_fmt(&b, "%s %s\n", p->name, TG_VERSION);
	else
		print_table(p, &b);
	if (io_write(STDOUT_FILENO, buf_span(&b)) == -1)
		io_die_stdout();
	io_close_stdout();
	exit(TG_EX_OK);
}

/* Values. */

long long
options_int(const char *opt, const char *value, long long lo, long long hi)
{
	long long v;

	if (num_int(value, lo, hi, &v) == -1)
		options_refuse("%s: \"%s\" is not a whole number in %lld..%lld",
		    opt, value, lo, hi);
	return v;
}

/* Return the index of value among the words of choices. */
static int
choice_value(const struct option_def *d, const char *value)
{
	const char *s = d->choices;
	size_t n;
	int i;

	for (i = 0; *s != '\0'; i++, s += n + strspn(s + n, " |")) {
		n = strcspn(s, " ");
		if (span_is((struct span){ s, n }, value))
			return i;
	}
	options_refuse(
	    "%s: \"%s\" is not one of %s", shown_name(d), value, d->choices);
}

void
options_add(struct option_list *l, const char *value)
{
	l->v = mem_array(l->v, l->n + 2, sizeof *l->v);
	l->v[l->n++] = value;
	l->v[l->n] = NULL;
}

/* Check the value of an option, and store it in *to or *found. */
static void
take_value(const struct program *p, const struct option_def *d, void *to,
    struct options_found *found, const char *value)
{
	void *at = d->type == OPTION_MAX_LINE ? (void *)&found->max_line
					      : (char *)to + d->at;
	const char *why = "it is no object";
	union {
		int narrow;
		long long whole;
		double real;
		struct span object;
		const char *text;
	} v = { .whole = 1 };

	switch (d->type) {
	case OPTION_FLAG:
		break;
	case OPTION_HELP:
	case OPTION_VERSION:
	case OPTION_OPTIONS:
		print_and_exit(p, d->type);
	case OPTION_STRING:
		v.text = value;
		break;
	case OPTION_LIST:
		if (d->hi > 0 && ((struct option_list *)at)->n >= (size_t)d->hi)
			options_refuse(
			    "%s: more than %lld", shown_name(d), d->hi);
		break;
	case OPTION_INT:
	case OPTION_MAX_LINE:
		v.whole = options_int(shown_name(d), value, d->lo, d->hi);
		break;
	case OPTION_REAL:
		if (num_real(value, d->min, d->max, &v.real) == -1)
			options_refuse("%s: \"%s\" is not a number in %g..%g",
			    shown_name(d), value, d->min, d->max);
		if (d->scale > 0)
			v.whole = llround(v.real * d->scale);
		break;
	case OPTION_OBJECT:
		v.object = js_text(span_of(value), &why);
		if (!js_is_object(v.object))
			options_refuse(
			    "%s: not a JSON object, %s", shown_name(d), why);
		break;
	case OPTION_CHOICE:
		v.whole = choice_value(d, value);
	}
	if (d->set != NULL) {
		d->set(at, value);
	} else if (d->type == OPTION_LIST) {
		options_add(at, value);
	} else {
		if (d->size == sizeof v.narrow)
			v.narrow = (int)v.whole;
		memcpy(at, &v, d->size);
	}
}

/* The command line. */

/* Make getopt_long's tables. */
static void
make_getopt(const struct program *p, struct option *longs, char *shorts)
{
	const struct option_def *d;

	*shorts++ = ':'; /* a value that is missing makes it return that */
	for (d = p->options; d->name != NULL; d++) {
		*longs++ = (struct option){ d->name,
			d->optional ? optional_argument : takes_value(d), NULL,
			LONG + (int)(d - p->options) };
		if (d->letter == '\0')
			continue;
		*shorts++ = d->letter;
		if (takes_value(d))
			*shorts++ = ':';
	}
	*longs = (struct option){ 0 };
	*shorts = '\0';
}

/*
 * Return the index of the option that getopt_long has returned ch for; -1: it
 * takes none.
 */
static int
index_of(const struct program *p, int ch)
{
	int i;

	if (ch >= LONG)
		return ch - LONG;
	for (i = 0; p->options[i].name != NULL; i++)
		if (p->options[i].letter == ch)
			return i;
	return -1;
}

/* Return the value behind an option that may have none; "" if it has none. */
static char *
optional_value(char **argv)
{
	static char none[] = "";
	char *word = argv[optind];

	if (word == NULL || word[0] == '-')
		return none;
	optind++;
	return word;
}

/* Return whether the value of an option is the name of a file or folder. */
static int
is_file(const struct option_def *d)
{
	return d->arg != NULL &&
	       (strcmp(d->arg, "FILE") == 0 || strcmp(d->arg, "DIR") == 0);
}

/*
 * Refuse a word, of which getopt_long has returned ch and set optopt. What is
 * behind = may be a secret.
 */
static _Noreturn void
refuse_word(const struct program *p, const char *word, int ch)
{
	int n = (int)strcspn(word, "=");
	const struct option_def *d;
	struct nearest near = { 0 };

	if (ch == ':')
		options_refuse("%.*s: needs a value", n, word);
	if (optopt >= LONG)
		options_refuse("%.*s: takes no value", n, word);
	if (optopt != 0)
		options_refuse("-%c: there is no such option", optopt);
	near.word = (struct span){ word + 2, (size_t)n - 2 };
	for (d = p->options; d->name != NULL; d++)
		if (strncmp(d->name, near.word.p, near.word.n) == 0)
			options_refuse(
			    "%.*s: more than one option begins so", n, word);
		else
			nearest_offer(&near, d->name);
	options_refuse(
	    "%.*s: there is no such option%s", n, word, nearest_hint(&near));
}

struct options_found
options_parse(const struct program *p, void *to, int argc, char **argv)
{
	struct options_found found = { 0 };
	struct option longs[MAX + 1];
	char shorts[2 * MAX + 2];
	const struct option_def *d;
	int ch, i;

	io_start(p->name);
	make_getopt(p, longs, shorts);
	optind = 0; /* begin anew, for tests */
	opterr = 0; /* getopt would show a word as it is */
	while ((ch = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if ((i = index_of(p, ch)) == -1)
			refuse_word(p, argv[optind - 1], ch);
		d = &p->options[i];
		if (d->optional && optarg == NULL)
			optarg = optional_value(argv);
		if (is_file(d) && optarg[0] == '-' && optarg[1] != '\0')
			options_refuse("%s: \"%s\" looks like an option, not "
				       "a %s; a name that begins so is ./%s",
			    shown_name(d), optarg,
			    span_is(span_of(d->arg), "DIR") ? "folder" : "file",
			    optarg);
		take_value(p, d, to, &found, optarg);
		found.given |= 1ULL << i;
	}
	found.operands = argv + optind;
	return found;
}

void
options_only(const struct program *p, unsigned long long given,
    const char *form, unsigned bits)
{
	int i;

	for (i = 0; p->options[i].name != NULL; i++)
		if (given >> i & 1 && !(forms_of(&p->options[i]) & bits))
			options_refuse(
			    "%s does not take --%s", form, p->options[i].name);
}

size_t
options_command(
    const char *word, const char *const *first, size_t n, size_t size)
{
	struct nearest near = { .word = span_of(word != NULL ? word : "") };
	const char *name;
	size_t i;

	for (i = 0; i < n; i++) {
		memcpy(&name, (const char *)first + i * size, sizeof name);
		if (word != NULL && strcmp(word, name) == 0)
			return i;
		nearest_offer(&near, name);
	}
	options_refuse("%s%s%s",
	    word != NULL ? "no command " : "say a command first, such as ",
	    word != NULL ? word : *first, nearest_hint(&near));
}
