/*
 * template: {name} expansion.
 *
 * Templates and values are as esc has texts, ready to go into a JSON string.
 * A placeholder is '{', then lower-case letters, digits, '_' or ':', then
 * '}'; any other brace is itself. Values are never expanded again.
 */
#ifndef TG_TEMPLATE_H
#define TG_TEMPLATE_H

#include "base/buf.h"

/*
 * The value for a name into *out, 0; -1 when there is no such name.
 * For "fence:x" only "x" is asked.
 */
typedef int tmpl_lookup(void *ctx, struct span name, struct span *out);

/*
 * Append t with its placeholders replaced; "{fence:x}" is x in a code fence.
 * An empty value also swallows one space that follows it, so that
 * "{code_language} code" of no language is "code".
 * 0, or -1 with *bad the unknown name (borrowed from t).
 */
int tmpl_expand(
    struct buf *, const char *t, tmpl_lookup *, void *ctx, struct span *bad);

/*
 * Each placeholder of t is one of the NULL-terminated names ("fence:" counts
 * as what follows it, and is refused unless fences is set): 0; -1 with *bad.
 */
int tmpl_check(
    const char *t, const char *const *names, int fences, struct span *bad);

/* Whether t has a placeholder for name, fenced or not. */
int tmpl_uses(const char *t, const char *name);

#endif
