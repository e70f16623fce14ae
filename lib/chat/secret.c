/* secret: keys and headers, kept out of what a server sends back */
#include "chat/secret.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/io.h"

enum {
	WORDS = SECRET_KEYS + SECRET_HEADERS,
	HEADER_LEN = 8, /* length of a header's value that is looked for */
};

static char *
copy_secret(const char *s)
{
	return s != NULL && *s != '\0' ? mem_dup(s, strlen(s)) : NULL;
}

static void
drop_secret(char *s)
{
	if (s != NULL)
		explicit_bzero(s, strlen(s));
	free(s);
}

void
secret_init(struct secrets *s, const char *key, const char *token)
{
	*s = (struct secrets){ .words = {
				   copy_secret(key), copy_secret(token) } };
}

void
secret_free(struct secrets *s)
{
	size_t i;

	for (i = 0; i < WORDS; i++)
		drop_secret(s->words[i]);
	for (i = 0; i < SECRET_HEADERS; i++)
		drop_secret(s->headers[i]);
}

/* Return the i-th secret if it is long enough to be looked for, or NULL. */
static const char *
find_word(const struct secrets *s, size_t i, size_t least)
{
	const char *word = s->words[i];

	/* the value of a header may be as common as "1" */
	if (i >= SECRET_KEYS && least < HEADER_LEN)
		least = HEADER_LEN;
	return word != NULL && *word != '\0' && strlen(word) >= least ? word
								      : NULL;
}

/* Blank the secrets in n bytes at p. */
static void
blank(const struct secrets *s, char *p, size_t n, size_t least)
{
	char *end = p + n, *at;
	const char *word;
	size_t i;

	for (i = 0; i < WORDS; i++) {
		if ((word = find_word(s, i, least)) == NULL)
			continue;
		for (at = p; (at = memmem(at, (size_t)(end - at), word,
				  strlen(word))) != NULL;)
			memset(at, '*', strlen(word));
	}
}

struct span
secret_redact(
    const struct secrets *s, struct span text, size_t least, struct arena *mem)
{
	const char *word;
	char *copy;
	size_t i;

	for (i = 0; i < WORDS; i++) {
		word = find_word(s, i, least);
		if (word == NULL || text.n < strlen(word) ||
		    memmem(text.p, text.n, word, strlen(word)) == NULL)
			continue;
		copy = arena_dup(mem, text.p, text.n);
		blank(s, copy, text.n, least);
		return (struct span){ copy, text.n };
	}
	return text;
}

void
secret_redact_choice(
    const struct secrets *s, struct reply_choice *r, struct arena *mem)
{
	r->text = secret_redact(s, r->text, SECRET_LEN, mem);
	r->finish_reason = secret_redact(s, r->finish_reason, SECRET_LEN, mem);
	r->model = secret_redact(s, r->model, SECRET_LEN, mem);
	r->logprobs = secret_redact(s, r->logprobs, SECRET_LEN, mem);
}

void
secret_read_error(const struct secrets *s, long status, struct span body,
    struct reply_error *e)
{
	struct arena mem = { 0 };

	reply_error_read(status, secret_redact(s, body, 1, &mem), e);
	/* a secret may have stood there in escapes */
	blank(s, e->message, strlen(e->message), 1);
	arena_free(&mem);
}

/* Keep a header, and its last word as a secret: 0; -1 if it is malformed. */
static int
take_header(struct secrets *s, size_t i, struct span line, size_t colon)
{
	struct span name = text_trim((struct span){ line.p, colon });
	struct span value =
	    text_trim((struct span){ line.p + colon + 1, line.n - colon - 1 });
	size_t word = value.n;

	if (i == SECRET_HEADERS || name.n == 0 ||
	    memchr(name.p, ' ', name.n) != NULL)
		return -1;
	s->headers[i] = mem_new(name.n + value.n + 3);
	memcpy(s->headers[i], name.p, name.n);
	memcpy(s->headers[i] + name.n, ": ", 2);
	if (value.n > 0)
		memcpy(s->headers[i] + name.n + 2, value.p, value.n);
	/* the last word comes without a "Bearer" before it */
	while (word > 0 && value.p[word - 1] != ' ')
		word--;
	s->words[SECRET_KEYS + i] = mem_dup(value.p + word, value.n - word);
	return 0;
}

int
secret_take_headers(
    struct secrets *s, const char *tool, const char *lines, const char **why)
{
	const char *colon;
	struct span line;
	size_t n = 0;

	/* a line without a colon is passed over, as the vendor's client does,
	 * though not in silence */
	for (; *lines != '\0'; lines += line.n + (lines[line.n] == '\n')) {
		line = (struct span){ lines, strcspn(lines, "\n") };
		colon = memchr(line.p, ':', line.n);
		if (colon == NULL && text_trim(line).n > 0)
			io_warn(tool,
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
