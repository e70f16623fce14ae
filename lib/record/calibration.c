/* calibration: a judge's number, and how often pairs of that number are right
 */
#include "record/calibration.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "io/io.h"
#include "json/string.h"

static char wrong[1024];

/* A curve that is being read. */
struct reading {
	const char *task; /* name for messages; NULL: overall */
	struct calibration_curve *curve;
};

static int __attribute__((format(printf, 2, 3)))
refuse(const char *task, const char *fmt, ...)
{
	char what[200];
	struct buf name = { 0 };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	if (task != NULL)
		text_printable(&name, span_of(task), 100);
	if (task != NULL)
		snprintf(wrong, sizeof wrong, "task \"%s\": %s",
		    buf_cstr(&name), what);
	else
		snprintf(wrong, sizeof wrong, "%s", what);
	buf_free(&name);
	return -1;
}

/* Refuse a member of o that is not one of known, which ends in NULL. */
static int
only_known(const char *task, json_t *o, const char *const *known)
{
	const char *key;
	json_t *v;
	size_t i;

	json_object_foreach (o, key, v) {
		for (i = 0; known[i] != NULL && strcmp(known[i], key) != 0; i++)
			;
		if (known[i] == NULL)
			return refuse(
			    task, "the member \"%.40s\" is unknown", key);
	}
	return 0;
}

/* Read a number from 0 to 1 into *to: 0, or -1 if it is none. */
static int
read_share(json_t *v, double *to)
{
	double x = json_number_value(v);

	if (!json_is_number(v) || !(x >= 0 && x <= 1))
		return -1;
	*to = x;
	return 0;
}

static int
read_points(const struct reading *r, json_t *points)
{
	struct calibration_curve *c = r->curve;
	struct calibration_point *at;
	json_t *v;
	size_t i;

	if (json_array_size(points) == 0)
		return refuse(r->task, "\"curve\" has no points");
	c->points = mem_new(json_array_size(points) * sizeof *c->points);
	json_array_foreach (points, i, v) {
		at = &c->points[i];
		if (json_array_size(v) != 2 ||
		    read_share(json_array_get(v, 0), &at->p) == -1 ||
		    read_share(json_array_get(v, 1), &at->share) == -1)
			return refuse(r->task,
			    "point %zu of \"curve\" is not two numbers from 0 "
			    "to 1",
			    i + 1);
		if (i > 0 && (at->p <= at[-1].p || at->share < at[-1].share))
			return refuse(r->task,
			    "point %zu of \"curve\" does not rise", i + 1);
	}
	c->n = json_array_size(points);
	return 0;
}

static int
read_bins(const struct reading *r, json_t *bins)
{
	struct calibration_curve *c = r->curve;
	struct calibration_bin *b;
	json_t *v;
	size_t i;

	if (json_array_size(bins) > CALIBRATION_BINS ||
	    (bins != NULL && !json_is_array(bins)))
		return refuse(r->task, "\"bins\" is not an array of %d at most",
		    CALIBRATION_BINS);
	json_array_foreach (bins, i, v) {
		b = &c->bins[c->nbins++];
		b->lines = json_number_value(json_array_get(v, 0));
		if (json_array_size(v) != 3 || !(b->lines >= 1) ||
		    read_share(json_array_get(v, 1), &b->p) == -1 ||
		    read_share(json_array_get(v, 2), &b->share) == -1)
			return refuse(r->task,
			    "bin %zu is not a count and two numbers from 0 to "
			    "1",
			    i + 1);
	}
	return 0;
}

static int
read_curve(const struct reading *r, json_t *o)
{
	static const char *const known[] = { "lines", "right", "threshold",
		"min_p", "bins", "curve", NULL };
	struct calibration_curve *c = r->curve;
	json_t *lines = json_object_get(o, "lines");
	json_t *right = json_object_get(o, "right");
	json_t *threshold = json_object_get(o, "threshold");

	if (!json_is_object(o))
		return refuse(r->task, "the curve is not an object");
	if (only_known(r->task, o, known) == -1)
		return -1;
	c->lines = json_number_value(lines);
	c->right = json_number_value(right);
	if (!json_is_number(lines) || !json_is_number(right) ||
	    !(c->lines >= 1 && c->right >= 0 && c->right <= c->lines))
		return refuse(
		    r->task, "\"lines\" and \"right\" are not counts");
	c->threshold = 2;
	if (!json_is_null(threshold) &&
	    read_share(threshold, &c->threshold) == -1)
		return refuse(r->task,
		    "\"threshold\" is neither null nor a number from 0 to 1");
	if (read_bins(r, json_object_get(o, "bins")) == -1)
		return -1;
	return read_points(r, json_object_get(o, "curve"));
}

static int
read_tasks(struct calibration *c, json_t *tasks)
{
	struct reading r;
	const char *name;
	json_t *v;

	if (!json_is_object(tasks))
		return refuse(NULL, "\"tasks\" is not an object");
	if (json_object_size(tasks) > CALIBRATION_TASKS)
		return refuse(NULL, "\"tasks\" has more than %d of them",
		    CALIBRATION_TASKS);
	c->tasks = mem_new(json_object_size(tasks) * sizeof *c->tasks);
	json_object_foreach (tasks, name, v) {
		r = (struct reading){ name, &c->tasks[c->ntasks++] };
		r.curve->task = mem_dup(name, strlen(name));
		if (read_curve(&r, v) == -1)
			return -1;
	}
	return 0;
}

static int
read_object(struct calibration *c, json_t *o)
{
	static const char *const known[] = { "tg_calibration", "precision",
		"overall", "tasks", NULL };
	const struct reading overall = { NULL, &c->overall };
	json_t *version = json_object_get(o, "tg_calibration");
	json_t *precision = json_object_get(o, "precision");

	if (!json_is_integer(version) || json_integer_value(version) != 1)
		return refuse(NULL,
		    "\"tg_calibration\" is not 1; tg-calibrate fit writes "
		    "such a file");
	if (only_known(NULL, o, known) == -1)
		return -1;
	if (precision != NULL && !json_is_null(precision) &&
	    read_share(precision, &c->precision) == -1)
		return refuse(NULL,
		    "\"precision\" is neither null nor a number from 0 to 1");
	if (read_curve(&overall, json_object_get(o, "overall")) == -1)
		return -1;
	return read_tasks(c, json_object_get(o, "tasks"));
}

int
calibration_parse(struct calibration *c, struct span text, const char **why)
{
	json_error_t err;
	json_t *o;
	int failed;

	*c = (struct calibration){ 0 };
	*why = wrong;
	text = text_skip_bom(text);
	if (text_trim(text).n == 0)
		return refuse(NULL, "it is empty; tg-calibrate fit writes one");
	o = json_loadb(
	    text.p != NULL ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &err);
	if (o == NULL)
		return refuse(NULL, "line %d: %s", err.line, err.text);
	failed = read_object(c, o);
	json_decref(o);
	return failed;
}

int
calibration_read(struct calibration *c, const char *file, const char **why)
{
	static char named[2048];
	struct buf text = { 0 };
	int failed, error = 0;

	*c = (struct calibration){ 0 };
	if ((failed = io_read_all(file, CALIBRATION_MAX, &text)) == -1) {
		error = errno;
		*why = io_reason(error);
	} else {
		failed = calibration_parse(c, buf_span(&text), why);
	}
	buf_free(&text);
	if (failed == -1) {
		snprintf(named, sizeof named, "%s: %s", file, *why);
		*why = named;
	}
	errno = error;
	return failed;
}

void
calibration_free(struct calibration *c)
{
	size_t i;

	for (i = 0; i < c->ntasks; i++) {
		free(c->tasks[i].task);
		free(c->tasks[i].points);
	}
	free(c->tasks);
	free(c->overall.points);
	*c = (struct calibration){ 0 };
}

const struct calibration_curve *
calibration_curve_of(const struct calibration *c, struct span task)
{
	size_t i;

	for (i = 0; task.p != NULL && i < c->ntasks; i++)
		if (span_is(task, c->tasks[i].task))
			return &c->tasks[i];
	return &c->overall;
}

double
calibration_value(const struct calibration_curve *c, double p)
{
	const struct calibration_point *a = c->points;
	size_t low = 0, high = c->n - 1, middle;
	double share;

	if (!(p > a[0].p))
		return a[0].share;
	if (p >= a[high].p)
		return a[high].share;
	/* a[low].p <= p < a[high].p */
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (a[middle].p <= p)
			low = middle;
		else
			high = middle;
	}
	share = a[low].share + (a[high].share - a[low].share) *
				   ((p - a[low].p) / (a[high].p - a[low].p));
	return fmin(share, a[high].share);
}

int
calibration_keeps(const struct calibration_curve *c, double p)
{
	return calibration_value(c, p) >= c->threshold;
}

double
calibration_least(const struct calibration_curve *c)
{
	double low = 0, high = 1, middle;
	int i;

	if (calibration_keeps(c, 0))
		return 0;
	if (!calibration_keeps(c, 1))
		return -1;
	/* 60 halvings leave less than a double tells apart */
	for (i = 0; i < 60; i++) {
		middle = low + (high - low) / 2;
		if (calibration_keeps(c, middle))
			high = middle;
		else
			low = middle;
	}
	return high;
}

/* Append a number that is read back as the same, or null if it is not one of
 * 0 to 1. */
static void
put_share(struct buf *b, const char *name, double share)
{
	buf_fmt(b, "\"%s\": ", name);
	if (share >= 0 && share <= 1)
		buf_fmt(b, "%.17g", share);
	else
		buf_adds(b, "null");
}

static void
put_curve(struct buf *b, const struct calibration_curve *c)
{
	size_t i;

	buf_fmt(b, "{\"lines\": %.0f, \"right\": %.0f, ", c->lines, c->right);
	put_share(b, "threshold", c->threshold);
	buf_adds(b, ", ");
	if (calibration_least(c) >= 0)
		buf_fmt(b, "\"min_p\": %.6g", calibration_least(c));
	else
		buf_adds(b, "\"min_p\": null");
	buf_adds(b, ",\n  \"bins\": [");
	for (i = 0; i < c->nbins; i++)
		buf_fmt(b, "%s[%.0f, %.6g, %.6g]", i > 0 ? ", " : "",
		    c->bins[i].lines, c->bins[i].p, c->bins[i].share);
	buf_adds(b, "],\n  \"curve\": [");
	for (i = 0; i < c->n; i++)
		buf_fmt(b, "%s[%.17g, %.17g]", i > 0 ? ", " : "",
		    c->points[i].p, c->points[i].share);
	buf_adds(b, "]}");
}

void
calibration_write(struct buf *b, const struct calibration *c)
{
	size_t i;

	buf_adds(b, "{\"tg_calibration\": 1, ");
	put_share(b, "precision", c->precision > 0 ? c->precision : -1);
	buf_adds(b, ",\n\"overall\": ");
	put_curve(b, &c->overall);
	buf_adds(b, ",\n\"tasks\": {");
	for (i = 0; i < c->ntasks; i++) {
		buf_adds(b, i > 0 ? ",\n" : "\n");
		js_quote(b, span_of(c->tasks[i].task));
		buf_adds(b, ": ");
		put_curve(b, &c->tasks[i]);
	}
	buf_adds(b, "}}\n");
}
