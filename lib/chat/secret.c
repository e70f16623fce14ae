/* secret: keys and headers, kept out of what a server sends back */
#include "chat/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/io.h"

enum {
	WORDS = SECRET_KEYS + SECRET_HEADERS,
	HEADER_LEN = 8, /* length of a header's value that is looked for */
};

void
secret_init(struct secrets *s, const char *key, const char *token)
{
	*s = (struct secrets){ 0 };
	if (key != NULL)
		s->words[0] = mem_dup(key, strlen(key));
	if (token != NULL)
		s->words[1] = mem_dup(token, strlen(token));
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
	drop_strings(s->headers, SECRET_HEADERS);
}

struct span
secret_redact(
    const struct secrets *s, struct span text, size_t least, struct arena *mem)
{
	const char *end = span_end(text), *word, *at;
	char *copy = NULL;
	size_t i, n;

	for (i = 0; i < WORDS; i++) {
		word = s->words[i];
		/* the value of a header may be as common as "1" */
		if (i == SECRET_KEYS && least < HEADER_LEN)
			least = HEADER_LEN;
		n = word != NULL ? strlen(word) : 0;
		if (n < least || n > text.n)
			continue;
		for (at = text.p;
		     (at = memmem(at, (size_t)(end - at), word, n)) != NULL;
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
	/* a secret may have stood there in escapes */
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
