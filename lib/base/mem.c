/* mem: memory that is there or ends the program */
#include "base/mem.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/crypto.h>

/*
 * Chunks double from the first to the last size: an arena that holds little,
 * and tg-llm has one a request in flight, takes little.
 */
enum { CHUNK_FIRST = 480, CHUNK_LAST = 64 * 1024 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	alignas(16) char data[];
};

_Noreturn void
mem_fail(void)
{
	static const char msg[] = "tg: out of memory\n";

	/* stdio may itself need memory */
	if (write(STDERR_FILENO, msg, sizeof msg - 1) == -1)
		_exit(TG_EX_IO);
	_exit(TG_EX_IO);
}

void *
mem_get(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (p == NULL)
		mem_fail();
	return p;
}

void *
mem_resize(void *p, size_t n)
{
	return mem_array(p, n, 1);
}

static void *
crypto_get(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return mem_get(n);
}

static void *
crypto_resize(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return mem_resize(p, n);
}

static void
crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

void
mem_start(void)
{
	json_set_alloc_funcs(mem_get, free);
	CRYPTO_set_mem_functions(crypto_get, crypto_resize, crypto_free);
}

void *
mem_new(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (p == NULL)
		mem_fail();
	return p;
}

void *
mem_array(void *p, size_t n, size_t size)
{
	void *q = reallocarray(p, n ? n : 1, size);

	if (q == NULL)
		mem_fail();
	return q;
}

char *
mem_dup(const void *p, size_t n)
{
	char *s;

	if (n == SIZE_MAX || (s = malloc(n + 1)) == NULL)
		mem_fail();
	if (n > 0)
		memcpy(s, p, n);
	s[n] = '\0';
	return s;
}

static struct arena_chunk *
chunk_new(struct arena *a, size_t n)
{
	size_t size = a->head == NULL ? CHUNK_FIRST : 2 * a->head->size;
	struct arena_chunk *c;

	if (size > CHUNK_LAST)
		size = CHUNK_LAST;
	/* a block that is large for the arena is rarely alone */
	if (size < n)
		size = n < CHUNK_LAST / 2 ? 2 * n : n;
	if (size > SIZE_MAX - sizeof *c ||
	    (c = malloc(sizeof *c + size)) == NULL)
		mem_fail();
	*c = (struct arena_chunk){ .next = a->head, .size = size };
	a->head = c;
	return c;
}

void *
arena_get(struct arena *a, size_t n)
{
	struct arena_chunk *c = a->head;
	size_t need;
	void *p;

	if (n > SIZE_MAX - 16)
		mem_fail();
	need = (n + 15) & ~(size_t)15;
	if (c == NULL || c->size - c->used < need)
		c = chunk_new(a, need);
	p = c->data + c->used;
	c->used += need;
	return p;
}

char *
arena_dup(struct arena *a, const void *p, size_t n)
{
	char *s = arena_get(a, n + 1);

	if (n > 0)
		memcpy(s, p, n);
	s[n] = '\0';
	return s;
}

void
arena_reset(struct arena *a)
{
	struct arena_chunk *c, *kept = NULL;

	while ((c = a->head) != NULL) {
		a->head = c->next;
		/* one huge record must not leave its chunk behind for good */
		if (kept != NULL || c->size > CHUNK_LAST) {
			free(c);
			continue;
		}
		kept = c;
		kept->used = 0;
		kept->next = NULL;
	}
	a->head = kept;
}

void
arena_free(struct arena *a)
{
	arena_reset(a);
	free(a->head);
	a->head = NULL;
}
