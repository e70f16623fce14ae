/*
 * template: {name} expansion.
 *
 * Templates and values are in their escaped form, ready for a JSON string: a
 * document goes from its record into a request without being decoded.
 * A placeholder is '{', then lower-case letters, digits, '_' or ':', then
 * '}'; any other brace is itself. Values are never expanded again.
 */
#pragma once

#include "base/buf.h"

enum template_value {
	VALUE_TEXT,
	VALUE_SIMILAR,
	VALUE_OUT1,
	VALUE_OUT2,
	VALUE_PREFIX,
	VALUE_SUFFIX,
	/* names of languages, "" where there is none */
	VALUE_LANGUAGE,
	VALUE_CODE_LANGUAGE,
	VALUE_TGT_CODE_LANGUAGE,
	VALUES,
	VALUES_FENCED, /* bit for template_uses: "{fence:x}" is allowed */
	VALUES_VARY,   /* bit for template_uses: "{vary:x}" is allowed */
};

/* The text that is drawn for an axis. */
struct vary_value {
	const char *name; /* name of the axis */
	struct span text;
};

/* The values that a template may name; p NULL: absent. */
struct values {
	struct span of[VALUES];
	const struct vary_value *vary; /* value of each axis */
	size_t nvary;
};

/* The name of each value in a placeholder. */
extern const char *const template_names[VALUES];

/*
 * Append t with its placeholders replaced; "{fence:x}" is x in a code fence,
 * and "{vary:x}" what is drawn for axis x.
 * An empty value also swallows one space that follows it, so that
 * "{code_language} code" of no language is "code".
 * Return 0; -1 with *bad the name of an absent value, borrowed from t.
 */
int template_expand(
    struct buf *, const char *t, const struct values *, struct span *bad);

/*
 * Return the values that t names, as the sum of their bits, 1 << VALUE_TEXT and
 * so on. Set *bad to the first placeholder that allowed, a sum of such bits,
 * does not have; p NULL: there is none.
 */
unsigned template_uses(const char *t, unsigned allowed, struct span *bad);

/*
 * Step through the axes that a template names: *t, at first the template, moves
 * on. Return 1 with *axis, or 0 if there is no further one.
 */
int template_axis(const char **t, struct span *axis);
