/* secret: keys and headers, kept out of what a server sends back */
#include "chat/secret.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "http/http.h"
#include "io/io.h"

enum {
	WORDS = SECRET_KEYS + SECRET_HEADERS,
	HEADER_LEN = 8,  /* length of a header's value that is looked for */
	BACKSLASHES = 8, /* backslashes in a row before an escaped byte */
};

void
secret_init(struct secrets *s, const char *key, const char *token,
    const struct secret_key *own)
{
	size_t i;

	*s = (struct secrets){ 0 };
	if (key != NULL)
		s->words[SECRET_KEY] = mem_dup(key, strlen(key));
	if (token != NULL)
		s->words[SECRET_TOKEN] = mem_dup(token, strlen(token));
	for (i = 0; own != NULL && own->key != NULL; i++, own++) {
		s->words[SECRET_OWN + i] = mem_dup(own->key, strlen(own->key));
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
	drop_strings(s->hosts, SECRET_OWN_MAX);
	drop_strings(s->headers, SECRET_HEADERS);
}

/*
 * Return the number of digits of base, most at most, at the start of s that are
 * the number c; 0 if they are another one.
 */
static size_t
digits(struct span s, unsigned char c, int base, size_t most)
{
	char text[8] = "", *end;
	size_t n = s.n < most ? s.n : most;

	memcpy(text, s.p, n);
	if (n == 0 || !isxdigit((unsigned char)text[0]) ||
	    strtoul(text, &end, base) != c)
		return 0;
	return (size_t)(end - text);
}

/*
 * Return the number of bytes at the start of s, which is not empty, that spell
 * the byte c: as it is, as in a string of JSON that may stand in another one,
 * as in a URL, or as in HTML. 0 if they spell another one.
 */
static size_t
spelling(struct span s, unsigned char c)
{
	size_t n = 1, k;

	if ((unsigned char)s.p[0] == c)
		return 1;
	if (s.p[0] == '\\') {
		while (n < s.n && n < BACKSLASHES && s.p[n] == '\\')
			n++;
		/* a letter behind a backslash is another byte */
		if (n < s.n && (unsigned char)s.p[n] == c && !isalnum(c))
			return n + 1;
		if (n + 5 > s.n || s.p[n] != 'u')
			return 0;
		n++;
		k = digits(span_skip(s, n), c, 16, 4);
		return k == 4 ? n + 4 : 0;
	}
	if (s.p[0] == '%') {
		/* a % may be escaped itself */
		while (
		    n + 2 <= s.n && memcmp(s.p + n, "25", 2) == 0 && c != '%')
			n += 2;
		k = digits(span_skip(s, n), c, 16, 2);
		return k == 2 ? n + 2 : 0;
	}
	if (s.p[0] != '&')
		return 0;
	while (n + 4 <= s.n && memcmp(s.p + n, "amp;", 4) == 0)
		n += 4;
	if (n + 2 > s.n || s.p[n++] != '#')
		return 0;
	k = s.p[n] == 'x' || s.p[n] == 'X';
	n += k;
	k = digits(span_skip(s, n), c, k ? 16 : 10, 7);
	if (k == 0)
		return 0;
	n += k;
	return n + (n < s.n && s.p[n] == ';');
}

/* Return the number of bytes at the start of s that spell word; or 0. */
static size_t
spelling_of(struct span s, const char *word)
{
	size_t n = 0, k;

	for (; *word != '\0'; word++, n += k)
		if (n == s.n ||
		    (k = spelling(span_skip(s, n), (unsigned char)*word)) == 0)
			return 0;
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

struct span
secret_redact(
    const struct secrets *s, struct span text, size_t least, struct arena *mem)
{
	int is_plain = text.n == 0 || (memchr(text.p, '\\', text.n) == NULL &&
					  memchr(text.p, '%', text.n) == NULL &&
					  memchr(text.p, '&', text.n) == NULL);
	const char *end = span_end(text), *word, *at;
	char *copy = NULL;
	size_t i, n;

	for (i = 0; i < WORDS; i++) {
		word = s->words[i];
		/* the value of a header may be as common as "1" */
		if (i == SECRET_KEYS && least < HEADER_LEN)
			least = HEADER_LEN;
		if (word == NULL || *word == '\0' || strlen(word) < least)
			continue;
		for (at = text.p;
		     (at = find_word((struct span){ at, (size_t)(end - at) },
			  word, is_plain, &n)) != NULL;
		     at += n) {
			if (copy == NULL)
				copy = arena_dup(mem, text.p, text.n);
			memset(copy + (at - text.p), '*', n);
		}
	}
	return copy != NULL ? (struct span){ copy, text.n } : text;
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
	struct span message;

	refusal_read(status, secret_redact(s, body, 1, &mem), e);
	/* tags of HTML may have stood within a secret */
	message = secret_redact(s, span_of(e->message), 1, &mem);
	memmove(e->message, message.p, message.n);
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
	s->words[SECRET_KEYS + i] = mem_dup(value.p + word, value.n - word);
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
