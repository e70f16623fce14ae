/* secret: keys and headers, kept out of what a server sends back */
#include "chat/secret.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "http/http.h"
#include "io/io.h"

enum {
	WORDS = SECRET_KEYS + SECRET_HEADERS,
	/*
	 * Length from which a key is looked for within words, and the value of
	 * a header at all: that may be as common as "1".
	 */
	LONG_LEN = 8,
	BACKSLASHES = 8, /* backslashes in a row before an escaped byte */
};

/*
 * Keep a secret as the i-th word, without the white space around it, which no
 * server sees, and what is the same in its base64 wherever that begins.
 */
static void
keep_word(struct secrets *s, size_t i, struct span word)
{
	unsigned char *text;
	size_t skip, from, n;
	char *code;

	word = text_trim(word);
	if (word.n == 0)
		return;
	s->words[i] = mem_dup(word.p, word.n);
	for (skip = 0; word.n >= LONG_LEN && skip < SECRET_CODES / 2; skip++) {
		text = mem_new(skip + word.n);
		memcpy(text + skip, word.p, word.n);
		code = mem_new((skip + word.n + 2) / 3 * 4 + 1);
		EVP_EncodeBlock(
		    (unsigned char *)code, text, (int)(skip + word.n));
		/* six bits a character; the first and last may be another's */
		from = (skip * 8 + 5) / 6;
		n = (skip + word.n) * 8 / 6 - from;
		s->codes[i][2 * skip] = mem_dup(code + from, n);
		for (char *p = code; *p != '\0'; p++)
			*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
		s->codes[i][2 * skip + 1] = mem_dup(code + from, n);
		explicit_bzero(text, skip + word.n);
		explicit_bzero(code, strlen(code));
		free(text);
		free(code);
	}
}

void
secret_init(struct secrets *s, const char *key, const char *token,
    const struct secret_key *own)
{
	size_t i;

	*s = (struct secrets){ 0 };
	if (key != NULL)
		keep_word(s, SECRET_KEY, span_of(key));
	if (token != NULL)
		keep_word(s, SECRET_TOKEN, span_of(token));
	for (i = 0; own != NULL && own->key != NULL; i++, own++) {
		keep_word(s, SECRET_OWN + i, span_of(own->key));
		if (own->host != NULL)
			s->hosts[i] = mem_dup(own->host, strlen(own->host));
	}
}

const char *
secret_own(const struct secrets *s, const char *host)
{
	const char *key, *any = NULL;
	size_t i;

	for (i = 0; i < SECRET_OWN_MAX; i++) {
		key = s->words[SECRET_OWN + i];
		if (key != NULL && s->hosts[i] == NULL)
			any = key;
		else if (key != NULL && http_same_host(s->hosts[i], host))
			return key;
	}
	return any;
}

/* Zero and free n strings, each of them maybe NULL. */
static void
drop_strings(char **v, size_t n)
{
	for (; n > 0; n--, v++) {
		if (*v != NULL)
			explicit_bzero(*v, strlen(*v));
		free(*v);
	}
}

void
secret_free(struct secrets *s)
{
	drop_strings(s->words, WORDS);
	drop_strings(s->codes[0], WORDS * SECRET_CODES);
	drop_strings(s->hosts, SECRET_OWN_MAX);
	drop_strings(s->headers, SECRET_HEADERS);
}

/*
 * Read a number of up to most digits of base at the start of s: the number of
 * its digits, with *value; 0 if there is none.
 */
static size_t
digits(struct span s, int base, size_t most, unsigned *value)
{
	char text[8] = "", *end;
	size_t n = s.n < most ? s.n : most;

	memcpy(text, s.p, n);
	if (n == 0 || !isxdigit((unsigned char)text[0]))
		return 0;
	*value = (unsigned)strtoul(text, &end, base);
	return (size_t)(end - text);
}

/*
 * Return how many bytes at the start of word are the character c, a byte or a
 * character of UTF-8; 0 if they are another one.
 */
static size_t
is_char(const char *word, unsigned c)
{
	char utf8[4] = { (char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3f)),
		(char)(0x80 | (c & 0x3f)), '\0' };
	size_t n = 3;

	if (c == (unsigned char)*word)
		return 1;
	if (c < 0x80 || c > 0xffff)
		return 0;
	if (c < 0x800) {
		utf8[1] = (char)(0xc0 | c >> 6);
		n = 2;
	}
	return strncmp(word, utf8 + 3 - n, n) == 0 ? n : 0;
}

/* Like escaped, of what begins with a backslash, as in a string of JSON. */
static size_t
backslashed(struct span s, const char *word, size_t *of)
{
	size_t n = 1, k, own = strspn(word, "\\");
	struct span rest;
	unsigned c;

	/* such a string may stand in another one */
	while (n < s.n && n < BACKSLASHES && s.p[n] == '\\')
		n++;
	rest = (struct span){ s.p + n, s.n - n };
	if (rest.n > 0 && (*rest.p == 'u' || *rest.p == 'x')) {
		rest = (struct span){ rest.p + 1, rest.n - 1 };
		k = digits(rest, 16, rest.p[-1] == 'u' ? 4 : 2, &c);
		if (k == (rest.p[-1] == 'u' ? 4 : 2) &&
		    (*of = is_char(word, c)) > 0)
			return n + 1 + k;
	}
	*of = own > 0 ? own : 1;
	if (own > 0)
		return n >= own ? n : 0;
	/* a letter behind a backslash is another byte */
	return n < s.n && s.p[n] == *word && !isalnum((unsigned char)*word)
		   ? n + 1
		   : 0;
}

/* Like escaped, of what begins with %, as in a URL. */
static size_t
percented(struct span s, const char *word)
{
	size_t n = 1;
	unsigned c;

	/* a % may be escaped itself */
	while (n + 2 <= s.n &&
	       digits((struct span){ s.p + n, s.n - n }, 16, 2, &c) == 2) {
		n += 2;
		if (c == (unsigned char)*word)
			return n;
		if (c != '%')
			return 0;
	}
	return 0;
}

/* Like escaped, of what begins with &, as in HTML. */
static size_t
entity(struct span s, const char *word, size_t *of)
{
	static const char *const names[] = { "\"quot;", "'apos;", "<lt;",
		">gt;" };
	size_t n = 1, i, k;
	unsigned c = 0;
	int is_hex;

	while (n + 4 <= s.n && memcmp(s.p + n, "amp;", 4) == 0)
		n += 4;
	if (*word == '&')
		return n > 1 ? n : 0;
	for (i = 0; i < sizeof names / sizeof *names; i++) {
		k = strlen(names[i] + 1);
		if (*word == names[i][0] && n + k <= s.n &&
		    memcmp(s.p + n, names[i] + 1, k) == 0)
			return n + k;
	}
	if (n + 2 > s.n || s.p[n++] != '#')
		return 0;
	is_hex = s.p[n] == 'x' || s.p[n] == 'X';
	n += (size_t)is_hex;
	k = digits((struct span){ s.p + n, s.n - n }, is_hex ? 16 : 10, 7, &c);
	if (k == 0 || (*of = is_char(word, c)) == 0)
		return 0;
	n += k;
	return n + (n < s.n && s.p[n] == ';');
}

/*
 * Return the number of bytes at the start of s, which is not empty, that are an
 * escaped form of the first *of bytes of word; 0 if they are none.
 */
static size_t
escaped(struct span s, const char *word, size_t *of)
{
	*of = 1;
	return s.p[0] == '\\'  ? backslashed(s, word, of)
	       : s.p[0] == '%' ? percented(s, word)
	       : s.p[0] == '&' ? entity(s, word, of)
			       : 0;
}

/* Return the number of bytes at the start of s that spell word; or 0. */
static size_t
spelling_of(struct span s, const char *word)
{
	size_t n = 0, k, of, rest;

	for (; *word != '\0'; word += of, n += k) {
		if (n == s.n)
			return 0;
		k = escaped((struct span){ s.p + n, s.n - n }, word, &of);
		if (k > 0 && s.p[n] == *word && word[of] != '\0') {
			/* an escape, or a byte that begins one, as it is */
			rest = spelling_of(
			    (struct span){ s.p + n + k, s.n - n - k },
			    word + of);
			if (rest > 0)
				return n + k + rest;
			k = 0;
		}
		if (k == 0 && s.p[n] != *word)
			return 0;
		if (k == 0)
			k = of = 1;
	}
	return n;
}

/*
 * Find word in s in any spelling: its place, and its length in *n; or NULL.
 * is_plain: whether s escapes nothing, so that a search for the bytes will do.
 */
static const char *
find_word(struct span s, const char *word, int is_plain, size_t *n)
{
	const char *p, *end = span_end(s);

	*n = strlen(word);
	if (s.n == 0) /* then there may be no place at all */
		return NULL;
	if (is_plain)
		return memmem(s.p, s.n, word, *n);
	for (p = s.p; p < end; p++)
		if ((*p == *word || *p == '\\' || *p == '%' || *p == '&') &&
		    (*n = spelling_of(
			 (struct span){ p, (size_t)(end - p) }, word)) > 0)
			return p;
	return NULL;
}

/* A text, and its copy in which secrets are blanked. */
struct redaction {
	struct span text;
	int is_plain;      /* whether the text escapes nothing */
	char *copy;        /* copy in mem; NULL: no secret was found */
	struct arena *mem; /* owner of the copy */
};

/* Return whether a letter or a digit stands beside the n bytes at a place. */
static int
is_within_word(struct span s, const char *at, size_t n)
{
	return (at > s.p && isalnum((unsigned char)at[-1])) ||
	       (at + n < span_end(s) && isalnum((unsigned char)at[n]));
}

/* Blank a word wherever it is; a short one only where it stands by itself. */
static void
blank_word(struct redaction *r, const char *word, int is_plain)
{
	const char *end = span_end(r->text), *at;
	int is_short = strlen(word) < LONG_LEN;
	size_t n;

	for (at = r->text.p;
	     (at = find_word((struct span){ at, (size_t)(end - at) }, word,
		  is_plain, &n)) != NULL;
	     at += n) {
		if (is_short && is_within_word(r->text, at, n))
			continue;
		if (r->copy == NULL)
			r->copy = arena_dup(r->mem, r->text.p, r->text.n);
		memset(r->copy + (at - r->text.p), '*', n);
	}
}

struct span
secret_redact(
    const struct secrets *s, struct span text, size_t least, struct arena *mem)
{
	struct redaction r = { .text = text, .mem = mem };
	const char *word;
	size_t i, j;

	r.is_plain = text.n == 0 || (memchr(text.p, '\\', text.n) == NULL &&
					memchr(text.p, '%', text.n) == NULL &&
					memchr(text.p, '&', text.n) == NULL);
	for (i = 0; i < WORDS; i++) {
		word = s->words[i];
		if (i == SECRET_KEYS && least < LONG_LEN)
			least = LONG_LEN;
		if (word == NULL || strlen(word) < least)
			continue;
		/* the name of a scheme may stand before a key */
		if (strrchr(word, ' ') != NULL)
			word = strrchr(word, ' ') + 1;
		blank_word(&r, word, r.is_plain);
		for (j = 0; j < SECRET_CODES && s->codes[i][j] != NULL; j++)
			blank_word(&r, s->codes[i][j], 1);
	}
	return r.copy != NULL ? (struct span){ r.copy, text.n } : text;
}

void
secret_redact_choice(
    const struct secrets *s, struct reply_choice *r, struct arena *mem)
{
	struct span *const parts[] = { &r->text, &r->finish_reason, &r->model,
		&r->reasoning, &r->logprobs };
	size_t i;

	for (i = 0; i < sizeof parts / sizeof *parts; i++)
		*parts[i] = secret_redact(s, *parts[i], SECRET_LEN, mem);
}

void
secret_read_error(
    const struct secrets *s, long status, struct span body, struct refusal *e)
{
	struct arena mem = { 0 };
	struct span clean = secret_redact(s, body, 1, &mem), message;
	struct refusal shown;

	/* a short secret may be a word that tells the meaning */
	refusal_read(status, body, e);
	refusal_read(status, clean, &shown);
	/* tags of HTML may have stood within a secret */
	message = secret_redact(s, span_of(shown.message), 1, &mem);
	snprintf(
	    e->message, sizeof e->message, "%.*s", (int)message.n, message.p);
	arena_free(&mem);
}

/* Keep a header, and its last word as a secret: 0; -1 if it is malformed. */
static int
take_header(struct secrets *s, size_t i, struct span line, size_t colon)
{
	struct span name = text_trim((struct span){ line.p, colon });
	struct span value =
	    text_trim((struct span){ line.p + colon + 1, line.n - colon - 1 });
	size_t word = value.n, size = name.n + value.n + 3;

	if (i == SECRET_HEADERS || name.n == 0 ||
	    memchr(name.p, ' ', name.n) != NULL)
		return -1;
	s->headers[i] = mem_new(size);
	snprintf(s->headers[i], size, "%.*s: %.*s", (int)name.n, name.p,
	    (int)value.n, value.p);
	/* the last word comes without a "Bearer" before it */
	while (word > 0 && value.p[word - 1] != ' ')
		word--;
	keep_word(s, SECRET_KEYS + i,
	    (struct span){ value.p + word, value.n - word });
	return 0;
}

int
secret_take_headers(struct secrets *s, const char *lines, const char **why)
{
	const char *colon;
	struct span line;
	size_t n = 0;

	/* the vendor's client passes over a line without a colon in silence */
	for (; *lines != '\0'; lines += line.n + (lines[line.n] == '\n')) {
		line = (struct span){ lines, strcspn(lines, "\n") };
		colon = memchr(line.p, ':', line.n);
		if (colon == NULL && text_trim(line).n > 0)
			io_warn(
			    "OPENAI_CUSTOM_HEADERS: a line without a colon is "
			    "passed over");
		if (colon != NULL &&
		    take_header(s, n++, line, (size_t)(colon - line.p)) == -1) {
			*why = "OPENAI_CUSTOM_HEADERS: malformed, or too many";
			return -1;
		}
	}
	return 0;
}
