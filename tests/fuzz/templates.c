/*
 * templates: what is put into a template stays as it is and is not expanded
 * again. A NUL stands between the template and the value.
 */
#include "task/template.h"

#include "json/scan.h"
#include "json/string.h"

#include "fuzz.h"

/* Append s as the inside of a JSON string. */
static void
inside(struct buf *b, struct span s)
{
	struct buf quoted = { 0 };

	js_quote_any(&quoted, s);
	buf_add(b, quoted.p + 1, quoted.n - 2);
	buf_free(&quoted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const uint8_t *nul = n > 0 ? memchr(p, 0, n) : NULL;
	struct span s = { (const char *)p, n }, head = s, tail = { "", 0 }, bad;
	struct buf t = { 0 }, value = { 0 }, out = { 0 }, text = { 0 };
	const unsigned all = (1u << VALUES) - 1 + (1u << VALUES_FENCED);
	struct values v = { 0 };
	const char *why;
	unsigned uses;
	int i, got;

	fuzz_input = s;
	if (nul != NULL) {
		head.n = (size_t)(nul - p);
		tail = (struct span){ (const char *)nul + 1, n - head.n - 1 };
	}
	inside(&t, head);
	inside(&value, tail);
	for (i = 0; i < VALUES; i++)
		v.of[i] = buf_span(&value);
	uses = template_uses(buf_cstr(&t), all, &bad);
	got = template_expand(&out, buf_cstr(&t), &v, &bad);
	CHECK(got == 0 || bad.p != NULL, "no name");
	buf_addc(&text, '"');
	buf_addspan(&text, buf_span(&out));
	buf_addc(&text, '"');
	CHECK(js_text(buf_span(&text), &why).p != NULL, "%s", why);
	/* no placeholder: the text stands as it was */
	CHECK(uses != 0 || got == -1 || bad.p != NULL ||
		  span_eq(buf_span(&out), buf_span(&t)),
	    "changed");
	buf_free(&t);
	buf_free(&value);
	buf_free(&out);
	buf_free(&text);
	return 0;
}
