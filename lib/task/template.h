/*
 * template: {name} expansion.
 *
 * Templates and values are in their escaped form, ready for a JSON string.
 * A placeholder is '{', then lower-case letters, digits, '_' or ':', then
 * '}'; any other brace is itself. Values are never expanded again.
 */
#ifndef TG_TEMPLATE_H
#define TG_TEMPLATE_H

#include "base/buf.h"

/*
 * A lookup sets *out to the value of name and returns 0; -1 if there is none.
 * For "fence:x" the name is "x".
 */
typedef int template_lookup(void *ctx, struct span name, struct span *out);

/*
 * Append t with its placeholders replaced; "{fence:x}" is x in a code fence.
 * An empty value also swallows one space that follows it, so that
 * "{code_language} code" of no language is "code".
 * Return 0; -1 with *bad the unknown name, borrowed from t.
 */
int template_expand(struct buf *, const char *t, template_lookup *, void *ctx,
    struct span *bad);

/*
 * Check that each placeholder of t is one of names (NULL at the end); "fence:"
 * before a name is refused unless fences is set. Return 0; -1 with *bad.
 */
int template_check(
    const char *t, const char *const *names, int fences, struct span *bad);

/* Return whether t has a placeholder for name, fenced or not. */
int template_uses(const char *t, const char *name);

#endif
