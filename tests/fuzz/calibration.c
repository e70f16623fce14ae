/*
 * calibration: a file is refused with a reason, or its curves give values of 0
 * to 1 that never fall, and what is written of it reads as the same.
 */
#include "record/calibration.h"

#include "fuzz.h"

static void
use(const struct calibration_curve *c)
{
	double last = 0, value;
	int i;

	CHECK(c->n > 0, "a curve without points");
	for (i = 0; i <= 64; i++) {
		value = calibration_value(c, i / 64.);
		CHECK(value >= last && value <= 1, "%g after %g", value, last);
		CHECK(calibration_keeps(c, i / 64.) == (value >= c->threshold),
		    "threshold");
		last = value;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct calibration c, again;
	struct buf one = { 0 }, two = { 0 };
	const char *why = NULL;
	size_t i;

	fuzz_input = (struct span){ (const char *)p, n };
	if (calibration_parse(&c, fuzz_input, &why) == -1) {
		CHECK(why != NULL && *why != '\0', "no reason");
		calibration_free(&c);
		return 0;
	}
	use(&c.overall);
	for (i = 0; i < c.ntasks; i++)
		use(calibration_curve_of(&c, span_of(c.tasks[i].task)));
	calibration_write(&one, &c);
	CHECK(calibration_parse(&again, buf_span(&one), &why) == 0, "%s", why);
	calibration_write(&two, &again);
	CHECK(span_eq(buf_span(&one), buf_span(&two)), "%s", buf_cstr(&two));
	buf_free(&one);
	buf_free(&two);
	calibration_free(&c);
	calibration_free(&again);
	return 0;
}
