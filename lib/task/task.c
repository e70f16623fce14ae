/* task: a row of the catalogue, read and checked */
#include "task/task.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/string.h"
#include "task/template.h"

static char why_buf[512];

static int __attribute__((format(printf, 2, 3)))
refuse(const char *row, const char *fmt, ...)
{
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	snprintf(why_buf, sizeof why_buf, "task row \"%s\": %s", row, what);
	return -1;
}

/* Return a non-empty string member; NULL after refuse(), which tells at. */
static const char *
need_string(const char *row, json_t *o, const char *at, const char *key)
{
	json_t *v = json_object_get(o, key);

	if (!json_is_string(v) || json_string_length(v) == 0) {
		refuse(row, "member \"%s%s\" %s", at, key,
		    v ? "is not a text" : "is missing");
		return NULL;
	}
	return json_string_value(v);
}

static int
only_members(
    const char *row, json_t *o, const char *at, const char *const *known)
{
	const char *const *k;
	const char *key;
	json_t *v;

	json_object_foreach (o, key, v) {
		for (k = known; *k != NULL && strcmp(*k, key) != 0; k++)
			;
		if (*k == NULL)
			return refuse(
			    row, "member \"%s%s\" is unknown", at, key);
	}
	return 0;
}

static const char *const prose_names[] = { "language", "code_language",
	"tgt_code_language", NULL };

/* Return a text for people or models, which may only name languages. */
static const char *
need_prose(const char *row, json_t *o, const char *at, const char *key,
    int *needs_target)
{
	const char *s = need_string(row, o, at, key);
	struct span bad;

	if (s == NULL)
		return NULL;
	if (template_check(s, prose_names, 0, &bad) == -1) {
		refuse(row,
		    "member \"%s%s\" has the unknown placeholder {%.*s}", at,
		    key, (int)bad.n, bad.p);
		return NULL;
	}
	*needs_target |= template_uses(s, "tgt_code_language");
	return s;
}

static int
read_input(
    const char *row, struct task *t, int step, json_t *v, enum task_input *out)
{
	static const char *const names[] = { "text", "similar", "out1",
		"composite" };
	const char *s = json_string_value(v);
	int i;

	for (i = IN_TEXT; i <= IN_COMPOSITE; i++)
		if (s != NULL && strcmp(s, names[i]) == 0)
			break;
	if (i > IN_COMPOSITE)
		return refuse(row,
		    "member \"steps[%d].inputs\": each is one of text, "
		    "similar, out1, composite",
		    step);
	if (i >= IN_OUT1 && step == 0)
		return refuse(row,
		    "member \"steps[0].inputs\": %s needs a step before it",
		    names[i]);
	if (i == IN_SIMILAR && !t->needs_similar)
		return refuse(row,
		    "member \"steps[%d].inputs\" names similar, but "
		    "\"needs_similar\" is false",
		    step);
	*out = (enum task_input)i;
	return 0;
}

static int
read_step(const char *row, struct task *t, int i, int last, json_t *o)
{
	static const char *const known[] = { "inputs", "examples",
		"instruction", "output", "output_kind", NULL };
	struct task_step *st = &t->steps[i];
	json_t *inputs = json_object_get(o, "inputs"), *v;
	const char *kind;
	char at[24];
	size_t k;

	snprintf(at, sizeof at, "steps[%d].", i);
	if (!json_is_object(o))
		return refuse(row, "member \"steps[%d]\" is not an object", i);
	if (only_members(row, o, at, known) == -1)
		return -1;
	if (!json_is_array(inputs) || json_array_size(inputs) == 0 ||
	    json_array_size(inputs) > TASK_INPUTS)
		return refuse(
		    row, "member \"%sinputs\" is not a list of 1 or 2", at);
	json_array_foreach (inputs, k, v)
		if (read_input(row, t, i, v, &st->inputs[k]) == -1)
			return -1;
	st->ninputs = (int)json_array_size(inputs);
	v = json_object_get(o, "examples");
	if (v != NULL && !json_is_boolean(v))
		return refuse(
		    row, "member \"%sexamples\" is not true or false", at);
	st->examples = json_is_true(v);
	if (st->examples && !last)
		return refuse(row,
		    "member \"%sexamples\": only the last step has examples",
		    at);
	st->instruction =
	    need_prose(row, o, at, "instruction", &t->needs_target);
	if (st->instruction == NULL)
		return -1;
	st->output = need_prose(row, o, at, "output", &t->needs_target);
	if (st->output == NULL ||
	    (kind = need_string(row, o, at, "output_kind")) == NULL)
		return -1;
	st->is_code = strcmp(kind, "code") == 0;
	if (!st->is_code && strcmp(kind, "text") != 0)
		return refuse(row,
		    "member \"%soutput_kind\" is not \"code\" or \"text\"", at);
	return 0;
}

static int
read_judge(const char *row, struct task *t, json_t *o)
{
	static const char *const known[] = { "mission", "query_type",
		"doc_type", "yes", "no", NULL };
	const char **to[] = { &t->mission, &t->query_type, &t->doc_type,
		&t->yes, &t->no };
	int i;

	if (!json_is_object(o))
		return refuse(row, "member \"judge\" %s",
		    o ? "is not an object" : "is missing");
	if (only_members(row, o, "judge.", known) == -1)
		return -1;
	for (i = 0; known[i] != NULL; i++)
		if ((*to[i] = need_prose(
			 row, o, "judge.", known[i], &t->needs_target)) == NULL)
			return -1;
	return 0;
}

/* Read the query and pos templates, and check the values that they name. */
static int
read_sides(const char *row, struct task *t, json_t *o)
{
	static const char *const of_steps[][9] = {
		{ "text", "similar", "prefix", "suffix", "language",
		    "code_language", "tgt_code_language", NULL },
		{ "text", "similar", "out1", "language", "code_language",
		    "tgt_code_language", NULL },
		{ "text", "similar", "out1", "out2", "language",
		    "code_language", "tgt_code_language", NULL },
	};
	const char **to[] = { &t->query, &t->pos };
	static const char *const keys[] = { "query", "pos" };
	struct span bad;
	int i, k;

	for (i = 0; i < 2; i++) {
		if ((*to[i] = need_string(row, o, "", keys[i])) == NULL)
			return -1;
		if (template_check(*to[i], of_steps[t->nsteps], 1, &bad) == -1)
			return refuse(row,
			    "member \"%s\" has the placeholder {%.*s}, unknown "
			    "with %d step%s",
			    keys[i], (int)bad.n, bad.p, t->nsteps,
			    t->nsteps == 1 ? "" : "s");
		t->needs_target |= template_uses(*to[i], "tgt_code_language");
		if (template_uses(*to[i], "similar") && !t->needs_similar)
			return refuse(row,
			    "member \"%s\" uses {similar}, but "
			    "\"needs_similar\" is false",
			    keys[i]);
	}
	if (t->nsteps > 0 &&
	    !template_uses(t->query, t->nsteps == 1 ? "out1" : "out2") &&
	    !template_uses(t->pos, t->nsteps == 1 ? "out1" : "out2"))
		return refuse(row,
		    "member \"query\": neither query nor pos uses the last "
		    "step's output");
	for (i = 0; i < t->nsteps; i++)
		for (k = 0; k < t->steps[i].ninputs; k++)
			if (t->steps[i].inputs[k] == IN_COMPOSITE &&
			    template_uses(t->query, "out2"))
				return refuse(row,
				    "member \"steps[%d].inputs\": composite is "
				    "the query, which needs out2 itself",
				    i);
	return 0;
}

static int
read_languages(const struct language_table *known, const char *row,
    struct task *t, json_t *o)
{
	json_t *list = json_object_get(o, "code_languages"), *v;
	const char **out;
	size_t i;

	if (list == NULL)
		return 0;
	if (!json_is_array(list))
		return refuse(row, "member \"code_languages\" is not a list");
	if (json_array_size(list) == 0)
		return 0;
	json_array_foreach (list, i, v)
		if (!json_is_string(v) || json_string_length(v) == 0 ||
		    !language_code_name(known, json_string_value(v)))
			return refuse(row,
			    "member \"code_languages[%zu]\" is no code "
			    "language",
			    i);
	out = mem_array(NULL, json_array_size(list) + 1, sizeof *out);
	json_array_foreach (list, i, v)
		out[i] = json_string_value(v);
	out[i] = NULL;
	t->languages = out;
	return 0;
}

static int
read_flag(const char *row, json_t *o, const char *key, int def, int *out)
{
	json_t *v = json_object_get(o, key);

	if (v != NULL && !json_is_boolean(v))
		return refuse(row, "member \"%s\" is not true or false", key);
	*out = v != NULL ? json_is_true(v) : def;
	return 0;
}

static void
row_hash(json_t *o, char sha[SHA256_HEX])
{
	char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);

	hash_sha256(span_of(text ? text : ""), sha);
	free(text);
}

static int
is_name(const char *s)
{
	return s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] == '\0';
}

/* Read row nth, from 0, into *t: 0; -1 after refuse(). */
static int
read_row(const struct language_table *languages, json_t *o, size_t nth,
    struct task *t)
{
	static const char *const known[] = { "name", "category", "title",
		"instruction", "steps", "query", "pos", "judge", "judged",
		"needs_similar", "code_languages", NULL };
	json_t *steps = json_object_get(o, "steps");
	char row[128];
	int i;

	*t = (struct task){ 0 };
	snprintf(row, sizeof row, "%zu", nth + 1);
	if (!json_is_object(o))
		return refuse(row, "is not an object");
	if ((t->name = need_string(row, o, "", "name")) == NULL)
		return -1;
	t->name_n = strlen(t->name);
	if (!is_name(t->name))
		return refuse(row, "member \"name\" may hold letters, digits, "
				   "'_' and '-' only");
	snprintf(row, sizeof row, "%s", t->name);
	if (only_members(row, o, "", known) == -1 ||
	    (t->category = need_string(row, o, "", "category")) == NULL ||
	    (t->title = need_string(row, o, "", "title")) == NULL ||
	    (t->instruction = need_prose(
		 row, o, "", "instruction", &t->needs_target)) == NULL ||
	    read_flag(row, o, "judged", 1, &t->judged) == -1 ||
	    read_flag(row, o, "needs_similar", 0, &t->needs_similar) == -1)
		return -1;
	if (!json_is_array(steps) || json_array_size(steps) > TASK_STEPS)
		return refuse(row, "member \"steps\" is not a list of 0 to 2");
	t->nsteps = (int)json_array_size(steps);
	for (i = 0; i < t->nsteps; i++)
		if (read_step(row, t, i, i == t->nsteps - 1,
			json_array_get(steps, (size_t)i)) == -1)
			return -1;
	if (read_sides(row, t, o) == -1 ||
	    read_judge(row, t, json_object_get(o, "judge")) == -1 ||
	    read_languages(languages, row, t, o) == -1)
		return -1;
	row_hash(o, t->sha);
	return 0;
}

/* Replace the texts of a row by their escaped forms, which go into prompts. */
static void
escape_texts(struct task *t, struct arena *mem)
{
	const char **texts[] = { &t->instruction, &t->query, &t->pos,
		&t->mission, &t->query_type, &t->doc_type, &t->yes, &t->no,
		&t->steps[0].instruction, &t->steps[0].output,
		&t->steps[1].instruction, &t->steps[1].output };
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (*texts[i] == NULL)
			continue;
		b.n = 0;
		js_escape(&b, span_of(*texts[i]));
		*texts[i] = arena_dup(mem, b.p, b.n);
	}
	buf_free(&b);
}

int
task_read(struct task *t, json_t *row, size_t nth,
    const struct language_table *languages, struct arena *mem, const char **why)
{
	*why = why_buf;
	if (read_row(languages, row, nth, t) == -1) {
		task_free(t);
		return -1;
	}
	escape_texts(t, mem);
	return 0;
}

void
task_free(struct task *t)
{
	free(t->languages);
	t->languages = NULL;
}

int
task_allows(const struct task *t, const char *code_language)
{
	const char *const *l = t->languages;

	if (l == NULL || *code_language == '\0')
		return 1;
	while (*l != NULL && strcmp(*l, code_language) != 0)
		l++;
	return *l != NULL;
}
