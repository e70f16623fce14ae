/* calibration: values between points, tasks, and files that are none */
#include "record/calibration.h"

#include <math.h>

#include "tap.h"

#define CURVE(threshold, points)                                               \
	"{\"lines\":10,\"right\":5,\"threshold\":" threshold                   \
	",\"min_p\":null,\"curve\":" points "}"
#define FILE_OF(overall, tasks)                                                \
	"{\"tg_calibration\":1,\"precision\":0.9,\"overall\":" overall         \
	",\"tasks\":{" tasks "}}"

static const char good[] =
    FILE_OF(CURVE("0.5", "[[0.2,0.1],[0.4,0.3],[0.8,0.9]]"),
	"\"t\":" CURVE("null", "[[0.5,0.7]]"));

static void
values(const struct calibration *c)
{
	static const struct {
		double p, value;
	} want[] = { { 0, .1 }, { .2, .1 }, { .3, .2 }, { .4, .3 }, { .6, .6 },
		{ .8, .9 }, { 1, .9 }, { NAN, .1 } };
	double value;
	size_t i;

	for (i = 0; i < sizeof want / sizeof *want; i++) {
		value = calibration_value(&c->overall, want[i].p);
		ok(fabs(value - want[i].value) < 1e-12, "p %g is %g", want[i].p,
		    value);
	}
	ok(!calibration_keeps(&c->overall, .5), "below the threshold");
	ok(calibration_keeps(&c->overall, .54), "at and over it");
}

static void
tasks(const struct calibration *c)
{
	ok(calibration_curve_of(c, S("t")) == &c->tasks[0], "own curve");
	ok(calibration_curve_of(c, S("t2")) == &c->overall, "no own curve");
	ok(calibration_curve_of(c, NONE) == &c->overall, "no task");
	ok(!calibration_keeps(&c->tasks[0], 1), "null keeps nothing");
}

static void
files(void)
{
	struct calibration c;
	const char *name = tap_file(span_of(good)), *why;

	ok(calibration_read(&c, name, &why) == 0, "a file is read");
	calibration_free(&c);
	unlink(name);
	ok(calibration_read(&c, name, &why) == -1 && errno == ENOENT,
	    "a file that is not there: %s", why);
	calibration_free(&c);
	name = tap_file(S("{\"tg_calibration\":1}"));
	ok(calibration_read(&c, name, &why) == -1 && errno == 0 &&
		strstr(why, name) != NULL,
	    "a file of another kind is named: %s", why);
	calibration_free(&c);
	unlink(name);
}

int
main(void)
{
	struct calibration c;
	struct buf out = { 0 }, again = { 0 };
	const char *why;

	ok(calibration_parse(&c, span_of(good), &why) == 0, "a good text");
	values(&c);
	tasks(&c);
	calibration_write(&out, &c);
	calibration_free(&c);
	ok(calibration_parse(&c, buf_span(&out), &why) == 0, "is written");
	calibration_write(&again, &c);
	is_span(buf_span(&again), buf_span(&out), "the same once more");
	calibration_free(&c);
	buf_free(&out);
	buf_free(&again);
	files();
	return done();
}
