/* stats: what the stages of runs took */
#include "stats.h"

#include <errno.h>
#include <string.h>

#include "io/counts.h"
#include "io/io.h"
#include "io/lines.h"

double
stats_number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

double
stats_sum(const struct stats *s, const char *name)
{
	const char *stage;
	json_t *counts;
	double sum = 0;

	json_object_foreach (s->stages, stage, counts)
		sum += stats_number(counts, name);
	return sum;
}

/* Add the counts of a tg-llm to those of the stage. */
static void
add_stage(struct stats *s, json_t *counts, const char *name)
{
	json_t *sums;
	const char *model = json_string_value(json_object_get(counts, "model"));

	if (stats_number(counts, "records") == 0 &&
	    stats_number(counts, "calls") == 0)
		return;
	if (s->stages == NULL)
		s->stages = json_object();
	if (json_object_get(s->stages, name) == NULL)
		json_object_set_new(s->stages, name, json_object());
	sums = json_object_get(s->stages, name);
	counts_sum(sums, counts);
	if (model != NULL)
		json_object_set_new(sums, "model", json_string(model));
}

/* Take one object of counts; return 0, or -1 if it is none. */
static int
take(struct stats *s, json_t *counts, const char *file)
{
	const char *stage = json_string_value(json_object_get(counts, "stage"));
	const char *run = json_string_value(json_object_get(counts, "run"));

	if (!json_is_object(counts))
		return -1;
	if (json_object_get(counts, "calls") != NULL) {
		add_stage(
		    s, counts, stage != NULL && *stage != '\0' ? stage : file);
	} else if (json_object_get(counts, "triplets") != NULL) {
		json_decref(s->emit);
		s->emit = json_incref(counts);
	} else if (json_object_get(counts, "verified") != NULL) {
		json_decref(s->verified);
		s->verified = json_incref(json_object_get(
		    json_object_get(counts, "verified"), "words"));
	} else if (stage == NULL) {
		return -1;
	}
	if (run != NULL && s->runs == NULL)
		s->runs = json_object();
	if (run != NULL)
		json_object_set_new(s->runs, run, json_true());
	return 0;
}

/* Take the object that a text is; return 0, or -1 if it is none. */
static int
take_text(struct stats *s, struct span text, const char *file)
{
	json_t *counts = json_loadb(text.p, text.n, 0, NULL);
	int failed = counts == NULL ? -1 : take(s, counts, file);

	json_decref(counts);
	return failed;
}

/* Count and name the lines that are no object, and empty them. */
static void
skip(struct stats *s, struct buf *open, const char *file)
{
	if (open->n == 0)
		return;
	s->bad++;
	io_warn(
	    "%s: skipped what tg-run, tg-llm and tg-emit do not write", file);
	open->n = 0;
}

int
stats_read(struct stats *s, const char *file)
{
	const char *const files[] = { file, NULL };
	struct buf open = { 0 }; /* an object that goes over several lines */
	struct lines in;
	struct span line;
	enum lines_got got;
	size_t bytes;
	int error = 0;

	lines_init(&in, files, 0);
	while ((got = lines_next(&in, &line, &bytes)) != LINES_END) {
		if (got == LINES_MORE) {
			if (lines_fill(&in) == 0 || errno == EINTR)
				continue;
			error = errno;
			break;
		}
		if (take_text(s, line, file) == 0) {
			skip(s, &open, file);
			continue;
		}
		buf_addspan(&open, line);
		buf_addc(&open, '\n');
		if (line.n > 0 && line.p[0] == '}' &&
		    take_text(s, buf_span(&open), file) == 0)
			open.n = 0;
	}
	skip(s, &open, file);
	buf_free(&open);
	lines_free(&in);
	errno = error;
	return error != 0 ? -1 : 0;
}

void
stats_free(struct stats *s)
{
	json_decref(s->stages);
	json_decref(s->runs);
	json_decref(s->emit);
	json_decref(s->verified);
}
