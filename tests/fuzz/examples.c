/*
 * examples: a pool of examples is refused with a reason, or those that are
 * drawn are different ones of it, each the inside of a JSON string.
 */
#include "task/examples.h"

#include "json/scan.h"

#include "fuzz.h"

enum { DRAWN = 5 };

static void
is_inside(struct span s)
{
	struct buf text = { 0 };
	const char *why;

	buf_addc(&text, '"');
	buf_addspan(&text, s);
	buf_addc(&text, '"');
	CHECK(js_text(buf_span(&text), &why).p != NULL, "%s", why);
	buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct example *drawn[DRAWN];
	struct span s = { (const char *)p, n };
	const char *why = NULL;
	struct examples *e;
	int i, j, got;

	fuzz_input = s;
	fuzz_enter();
	fuzz_write("pool", s);
	if ((e = examples_new("pool", &why)) == NULL) {
		CHECK(why != NULL, "no reason");
		return 0;
	}
	got = examples_draw(e,
	    &(struct example_wish){
		.task = span_of("t"), .seed = 3, .draw = s, .text = s },
	    DRAWN, drawn);
	CHECK(got >= 0 && got <= DRAWN, "%d", got);
	for (i = 0; i < got; i++) {
		is_inside(drawn[i]->input);
		is_inside(drawn[i]->output);
		for (j = 0; j < i; j++)
			CHECK(drawn[i] != drawn[j], "%d is %d", i, j);
	}
	examples_free(e);
	return 0;
}
