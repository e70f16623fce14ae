/* ties: texts and keys that belong together, as sets that grow by joining */
#include "ties.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "lex/alike.h"
#include "lex/lex.h"

/* Prose has far fewer operators and brackets among its tokens than code has. */
enum { LOOK = 400, ONE_IN = 5 };

uint32_t
ties_key(struct ties *t, char kind, struct span scope, struct span key)
{
	uint64_t *id = keyset_add(&t->ids, keyset_key(scope, kind, key));

	if (*id != 0)
		return (uint32_t)(*id - 1);
	if (t->n == UINT32_MAX)
		mem_fail();
	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 1024 : t->cap + t->cap / 4;
		t->parent = mem_array(t->parent, t->cap, sizeof *t->parent);
	}
	t->parent[t->n] = (uint32_t)t->n;
	*id = ++t->n;
	return (uint32_t)(t->n - 1);
}

uint32_t
ties_text(struct ties *t, struct span text)
{
	return ties_key(t, 'x', span_of(""), text_trim(text));
}

/*
 * Return whether a text reads like code: in prose all words are names, so two
 * questions of equal length would be near copies.
 */
static bool
is_code(const struct lex_language *language, struct span text)
{
	struct lexer lexer;
	struct lex_token token;
	size_t all = 0, operators = 0;

	lexer_start(&lexer, language, text);
	while (all < LOOK && lexer_next(&lexer, &token)) {
		all += token.kind != LEX_SPACE && token.kind != LEX_NEWLINE &&
		       token.kind != LEX_COMMENT;
		operators += token.kind == LEX_OPERATOR &&
			     !strchr(".,?!'\"-", text.p[token.start]);
	}
	return operators * ONE_IN >= all;
}

/* Return the node of a text's digest, as a language reads it. */
static uint32_t
digest_node(
    struct ties *t, const struct lex_language *language, struct span text)
{
	unsigned char digest[ALIKE_BYTES];

	alike_digest(language, text, digest);
	return ties_key(t, 'n', span_of(""),
	    (struct span){ (const char *)digest, sizeof digest });
}

uint32_t
ties_near(struct ties *t, struct span text, struct span code_language)
{
	const struct lex_language *language =
	    code_language.n > 0 ? lex_find(code_language) : NULL;
	uint32_t node;

	text = text_trim(text);
	if (!is_code(language, text))
		return ties_text(t, text);
	node = digest_node(t, NULL, text);
	/* a row may name its language, and the row of a near copy none */
	if (language != NULL)
		ties_join(t, node, digest_node(t, language, text));
	return node;
}

uint32_t
ties_root(struct ties *t, uint32_t a)
{
	uint32_t next;

	for (; t->parent[a] != a; a = next) {
		next = t->parent[a];
		t->parent[a] = t->parent[next]; /* the way gets shorter */
	}
	return a;
}

void
ties_join(struct ties *t, uint32_t a, uint32_t b)
{
	a = ties_root(t, a);
	b = ties_root(t, b);
	/* the older node stays, which keeps the ways short enough */
	if (a < b)
		t->parent[b] = a;
	else
		t->parent[a] = b;
}

void
ties_free(struct ties *t)
{
	keyset_free(&t->ids);
	free(t->parent);
	*t = (struct ties){ 0 };
}
