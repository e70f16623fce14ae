/* overflow: the numbers of tokens that a refusal tells */
#include "llm/overflow.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

enum {
	GAP = 6,           /* tokens that a ~ stands for, at most */
	MANY = 1000000000, /* no number of tokens is larger */
};

#define DIGITS "0123456789"

/*
 * Numbers of tokens in a refusal, and what each is about.
 *
 * A text is cut into tokens: words, numbers, the signs < > + [ and the ends of
 * sentences. A row is a row of tokens that servers were seen to send:
 *
 *	a|b  one of the words
 *	~    up to GAP words or signs, but no number and no end of a sentence
 *	$    any name of the token limit
 *	<    less than, or equal
 *	C    a number: tokens that the context holds
 *	M    tokens of the largest limit that is taken; X is one token more
 *	P    tokens of the prompt; L are the least that the prompt may have
 *	B    tokens that the prompt may have at most
 *	T    tokens of prompt and limit together
 *	#    any other number
 *	!    the row tells that the token limit is too large
 *
 * The first row that finds a number of a kind has it, and a number is read
 * once. Each row is tried at each token.
 */
static const char *const rows[] = {
	/* prompt and context, or prompt and limit */
	"context limit P + # > C",
	"inputs tokens + $ ~ < C",
	"given P inputs",
	"inputs must have less than C tokens . given P",
	"too long P tokens > C",
	"token count P exceeds ~ C",
	"bound for B input",
	"n_prompt_tokens|splited_prompt_len P",
	/* the context */
	"n_ctx|max_model_len|max_total_tokens|max_seq_len ~ C",
	"context length|window|size ~ C",
	"C maximum context length",
	"model length ~ C",
	"prompt length is C",
	"configured limit of C",
	"model token limit C",
	"while limit is C",
	"input length should be [ # C",
	/* the limit */
	"supports at most M completion",
	"$ ~ less than or equal to M",
	"$ ~ at most M",
	"$ ~ between # and M",
	"$ ~ [ # M",
	"$ value of # ~ from # inclusive to X exclusive",
	"$ # > M",
	"$ > M must",
	"$ ~ < M",
	"$ ~ . ~ < M",
	"$ ~ limit|maximum of|is M",
	"$ is too large . maximum is M",
	"maximum tokens you requested ~ limit of M",
	/* the prompt */
	"at least L input",
	"P input tokens",
	"P in the|your messages|prompt",
	"P of text input",
	"P tokens from the input",
	"messages resulted in P",
	"input|request P tokens",
	"input|prompt length P",
	"prompt|request contains|has P tokens",
	"current length is P",
	/* both together */
	"requested T tokens",
	"requested about|tokens T",
	"total of T tokens",
	/* no number, but the limit is too large */
	"! $ ~ too large|high|big",
	"! $ # ~ too large|high|big",
	"! $ ~ exceed|exceeds|above|range|<",
	"! $ # ~ exceed|exceeds",
	"! $ ~ greater|less than",
	"! $ # ~ greater than",
	"! $ ~ at most",
	"! exceed|exceeds|range ~ $",
};

static const char cap_names[] =
    "max_tokens|max_completion_tokens|max_new_tokens|max_output_tokens|"
    "maxOutputTokens";

/* Return whether p stands within a word: - . and / may stand between two. */
static int
in_word(const char *p)
{
	return text_is_word_char(*p) ||
	       ((*p == '-' || *p == '.' || *p == '/') &&
		   text_is_word_char(p[1]));
}

/* Return whether p is a comma between the thousands of a number. */
static int
is_comma(const char *p)
{
	return *p == ',' && strspn(p + 1, DIGITS) == 3;
}

/*
 * Append the word at p, or the number: 12, 12.0 or 1,200, but not 4k or -1,
 * which are names. Return the bytes that it has.
 */
static size_t
add_word(struct buf *tokens, const char *p)
{
	const char *q = p;
	struct span word;
	long v = 0;

	for (; isdigit((unsigned char)*q) || is_comma(q); q++)
		if (*q != ',' && v < MANY)
			v = v * 10 + (*q - '0');
	if (q > p && *q == '.' && isdigit((unsigned char)q[1]))
		q += 1 + strspn(q + 1, DIGITS);
	if (q > p && !in_word(q)) {
		buf_fmt(tokens, "%ld ", v < MANY ? v : 0);
		return (size_t)(q - p);
	}
	while (in_word(q))
		q++;
	word = (struct span){ p, (size_t)(q - p) };
	if (text_is_one_of(word, span_of(cap_names)))
		buf_adds(tokens, "$ ");
	else
		buf_fmt(tokens, "%s%.*s ",
		    isdigit((unsigned char)*p) ? "_" : "", (int)word.n, p);
	return word.n;
}

/* Append the tokens of a text, a space behind each; only numbers are digits. */
static void
cut(const char *p, struct buf *tokens)
{
	size_t n;

	for (; *p != '\0'; p += n) {
		n = 1;
		if (text_is_word_char(*p) ||
		    (*p == '-' && isdigit((unsigned char)p[1])))
			n = add_word(tokens, p);
		else if (strchr("<>+[", *p) != NULL)
			buf_fmt(tokens, "%c ", *p);
		else if (*p == ';' || *p == '.')
			buf_adds(tokens, ". ");
		else if (*p == '\\') /* JSON within a text: \" \n \u0027 */
			n = strnlen(p, p[1] == 'u' ? 6 : 2);
	}
}

/* Return whether a token is what the element of a row stands for. */
static int
fits(struct span token, struct span element)
{
	if (isupper((unsigned char)*element.p) || *element.p == '#')
		return isdigit((unsigned char)*token.p);
	return text_is_one_of(token, element);
}

/*
 * Return whether the tokens from p on are those of a row. With told, the
 * numbers go there, by the letter of each, and are blotted out.
 */
static int
follows(const char *row, char *p, long *told)
{
	struct span element, token;
	int gap = 0;

	for (; *row != '\0'; row += element.n + (row[element.n] == ' ')) {
		element = (struct span){ row, strcspn(row, " ") };
		if (*row == '~') {
			gap = GAP;
			continue;
		}
		for (;; p += token.n + 1) {
			token = (struct span){ p, strcspn(p, " ") };
			if (fits(token, element))
				break;
			/* a gap holds no number, and not the end */
			if (gap-- == 0 || strchr("!." DIGITS, *p) != NULL)
				return 0;
		}
		if (told != NULL && isdigit((unsigned char)*p)) {
			if (*row != '#' && told[*row - 'A'] == 0)
				told[*row - 'A'] = atol(p);
			*p = '!';
		}
		p += token.n + 1;
		gap = 0;
	}
	return 1;
}

void
overflow_read(const char *words, struct overflow *o)
{
	long told['Z' - 'A' + 1] = { 0 };
	struct buf tokens = { 0 };
	const char *row;
	size_t r;
	char *p;

	*o = (struct overflow){ 0 };
	cut(words, &tokens);
	for (r = 0; r < sizeof rows / sizeof *rows; r++) {
		row = *rows[r] == '!' ? rows[r] + 2 : rows[r];
		for (p = buf_cstr(&tokens); *p != '\0';
		     p += strcspn(p, " ") + 1)
			if (follows(row, p, NULL)) {
				follows(row, p, told);
				o->about_cap |= row != rows[r];
			}
	}
	buf_free(&tokens);
	o->context_max = told['C' - 'A'];
	o->prompt = told['P' - 'A'];
	o->prompt_least = told['L' - 'A'];
	o->prompt_most = told['B' - 'A'];
	o->total = told['T' - 'A'];
	o->cap_max = told['M' - 'A'];
	if (o->cap_max == 0 && told['X' - 'A'] > 1)
		o->cap_max = told['X' - 'A'] - 1;
}
