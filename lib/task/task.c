/* task: a row of the catalogue, read and checked */
#include "task/task.h"

#include <jansson.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task/language.h"
#include "task/rows.h"

/* A member that a row, or an object in it, has or may have. */
struct member {
	const char *key;
	enum {
		TEXT,  /* text that is checked here and kept in the row */
		SIDE,  /* template of query or pos, const char *, escaped */
		PROSE, /* template that names languages only, as SIDE */
		STEP,  /* template that names languages and axes, as SIDE */
		FLAG,  /* true or false, an int; may be missing */
		OTHER, /* checked elsewhere */
	} type;
	size_t at; /* place in struct task or struct task_step */
};

static const struct member row_members[] = {
	{ "name", TEXT, 0 },
	{ "category", TEXT, 0 },
	{ "title", TEXT, 0 },
	{ "instruction", PROSE, offsetof(struct task, instruction) },
	{ "query", SIDE, offsetof(struct task, query) },
	{ "pos", SIDE, offsetof(struct task, pos) },
	{ "judged", FLAG, offsetof(struct task, judged) },
	{ "needs_similar", FLAG, offsetof(struct task, needs_similar) },
	{ "instructions", OTHER, 0 },
	{ "vary", OTHER, 0 },
	{ "steps", OTHER, 0 },
	{ "judge", OTHER, 0 },
	{ "code_languages", OTHER, 0 },
	{ "diff", FLAG, offsetof(struct task, diff) },
	{ "max_overlap", OTHER, 0 },
	{ "allows", OTHER, 0 },
	{ .key = NULL },
};

static const struct member step_members[] = {
	{ "instruction", STEP, offsetof(struct task_step, instruction) },
	{ "output", STEP, offsetof(struct task_step, output) },
	{ "output_kind", TEXT, 0 },
	{ "examples", FLAG, offsetof(struct task_step, examples) },
	{ "inputs", OTHER, 0 },
	{ .key = NULL },
};

static const struct member judge_members[] = {
	{ "mission", PROSE, offsetof(struct task, mission) },
	{ "query_type", PROSE, offsetof(struct task, query_type) },
	{ "doc_type", PROSE, offsetof(struct task, doc_type) },
	{ "yes", PROSE, offsetof(struct task, yes) },
	{ "no", PROSE, offsetof(struct task, no) },
	{ .key = NULL },
};

/* The members that no request depends on: a key is made without them. */
static const char *const gate_members[] = { "diff", "max_overlap", "allows" };

enum {
	TARGET = 1 << VALUE_TGT_CODE_LANGUAGE,
	SIMILAR = 1 << VALUE_SIMILAR,
	LANGUAGES = 1 << VALUE_LANGUAGE | 1 << VALUE_CODE_LANGUAGE | TARGET,
	IN_STEP = LANGUAGES | 1 << VALUES_VARY,
	EVERY_SIDE = LANGUAGES | 1 << VALUE_TEXT | SIMILAR | 1 << VALUES_FENCED,
};

/* The bytes that the name of a task may have. */
#define NAME_BYTES                                                             \
	"abcdefghijklmnopqrstuvwxyz"                                           \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

/* The row that is being read. */
struct reader {
	struct task *task;
	struct arena *mem;
	char name[128];    /* name of the row, or its number */
	const char *where; /* text before the key of a member */
	unsigned named;    /* bit of each axis that a step names */
};

static char wrong[512];

/* Say what is wrong with a member, or if key is NULL the row; return -1. */
static int __attribute__((format(printf, 3, 4)))
refuse(const struct reader *r, const char *key, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	if (key != NULL)
		snprintf(wrong, sizeof wrong,
		    "task row \"%s\": member \"%s%s\"%s", r->name, r->where,
		    key, what);
	else
		snprintf(
		    wrong, sizeof wrong, "task row \"%s\"%s", r->name, what);
	return -1;
}

/* Note the axes that a template names, and check that the row has them. */
static int
name_axes(struct reader *r, const char *key, const char *template)
{
	const struct task *t = r->task;
	struct span axis;
	size_t i;

	while (template_axis(&template, &axis)) {
		for (i = 0; i < t->naxes && !span_is(axis, t->axes[i].name);
		     i++)
			;
		if (i == t->naxes || &t->axes[i] == t->wording)
			return refuse(r, key,
			    " names {vary:%.*s}, and \"vary\" has no such "
			    "axis",
			    (int)axis.n, axis.p);
		r->named |= 1u << i;
	}
	return 0;
}

/* Check the placeholders of a template that allows some of LANGUAGES. */
static int
check_prose(
    struct reader *r, const char *key, const char *template, unsigned allowed)
{
	struct span bad;

	if (template_uses(template, allowed, &bad) & TARGET)
		r->task->needs_target = 1;
	if (bad.p != NULL)
		return refuse(r, key, " has the unknown placeholder {%.*s}",
		    (int)bad.n, bad.p);
	return name_axes(r, key, template);
}

/* Check member m, whose value is v or missing if NULL; store it in *to. */
static int
read_member(struct reader *r, const struct member *m, json_t *v, void *to)
{
	void *at = (char *)to + m->at;

	if (m->type == FLAG && (v == NULL || json_is_boolean(v))) {
		*(int *)at = v != NULL ? json_is_true(v) : *(int *)at;
		return 0;
	}
	if (m->type == FLAG)
		return refuse(r, m->key, " is not true or false");
	if (json_string_length(v) == 0)
		return refuse(r, m->key, v ? " is not a text" : " is missing");
	if (m->type == TEXT)
		return 0;
	if (m->type != SIDE && check_prose(r, m->key, json_string_value(v),
				   m->type == STEP ? IN_STEP : LANGUAGES) == -1)
		return -1;
	*(const char **)at = rows_escaped(v, r->mem).p;
	return 0;
}

/* Check that all members of an object are known, and store them in *to. */
static int
read_members(struct reader *r, const struct member *known, json_t *o, void *to)
{
	const struct member *m;
	const char *key;
	json_t *v;

	json_object_foreach (o, key, v) {
		for (m = known; m->key && strcmp(m->key, key) != 0; m++)
			;
		if (m->key == NULL)
			return refuse(r, key, " is unknown");
	}
	for (m = known; m->key != NULL; m++)
		if (m->type != OTHER &&
		    read_member(r, m, json_object_get(o, m->key), to) == -1)
			return -1;
	return 0;
}

static int
read_input(struct reader *r, int step, json_t *v, enum task_input *out)
{
	static const char *const names[] = { "text", "similar", "out1",
		"composite" };
	const char *s = json_string_value(v);
	int i;

	for (i = IN_TEXT; i <= IN_COMPOSITE; i++)
		if (s != NULL && strcmp(s, names[i]) == 0)
			break;
	if (i > IN_COMPOSITE)
		return refuse(r, "inputs",
		    ": each is one of text, similar, out1, composite");
	if (i >= IN_OUT1 && step == 0)
		return refuse(
		    r, "inputs", ": %s needs a step before it", names[i]);
	if (i == IN_SIMILAR && !r->task->needs_similar)
		return refuse(r, "inputs",
		    " names similar, but \"needs_similar\" is false");
	*out = (enum task_input)i;
	return 0;
}

static int
read_step(struct reader *r, int i, json_t *o)
{
	struct task_step *step = &r->task->steps[i];
	json_t *inputs = json_object_get(o, "inputs"), *v;
	const char *kind;
	size_t k;

	if (read_members(r, step_members, o, step) == -1)
		return -1;
	step->ninputs = (int)json_array_size(inputs);
	if (step->ninputs < 1 || step->ninputs > TASK_INPUTS)
		return refuse(r, "inputs", " is not a list of 1 or 2");
	json_array_foreach (inputs, k, v)
		if (read_input(r, i, v, &step->inputs[k]) == -1)
			return -1;
	if (step->examples && i < r->task->nsteps - 1)
		return refuse(
		    r, "examples", ": only the last step has examples");
	kind = json_string_value(json_object_get(o, "output_kind"));
	step->is_code = strcmp(kind, "code") == 0;
	if (!step->is_code && strcmp(kind, "text") != 0)
		return refuse(r, "output_kind", " is not \"code\" or \"text\"");
	return 0;
}

/* Check one side, and store in *uses the values that it names. */
static int
check_side(struct reader *r, const char *key, const char *side, unsigned *uses)
{
	static const unsigned of_steps[] = {
		1 << VALUE_PREFIX | 1 << VALUE_SUFFIX,
		1 << VALUE_OUT1,
		1 << VALUE_OUT1 | 1 << VALUE_OUT2,
	};
	const struct task *t = r->task;
	struct span bad;

	*uses = template_uses(side, EVERY_SIDE | of_steps[t->nsteps], &bad);
	if (*uses & TARGET)
		r->task->needs_target = 1;
	if (bad.p != NULL)
		return refuse(r, key,
		    " has the placeholder {%.*s}, unknown with %d step%s",
		    (int)bad.n, bad.p, t->nsteps, t->nsteps == 1 ? "" : "s");
	if (*uses & SIMILAR && !t->needs_similar)
		return refuse(
		    r, key, " uses {similar}, but \"needs_similar\" is false");
	return 0;
}

static int
check_sides(struct reader *r)
{
	const struct task *t = r->task;
	const unsigned last[] = { 0, 1 << VALUE_OUT1, 1 << VALUE_OUT2 };
	unsigned query, pos;
	int k;

	if (check_side(r, "query", t->query, &query) == -1 ||
	    check_side(r, "pos", t->pos, &pos) == -1)
		return -1;
	if (t->nsteps > 0 && ((query | pos) & last[t->nsteps]) == 0)
		return refuse(r, "query",
		    ": neither query nor pos uses the last step's output");
	for (k = 0; k < TASK_INPUTS; k++)
		if (t->steps[1].inputs[k] == IN_COMPOSITE &&
		    query & 1 << VALUE_OUT2)
			return refuse(r, "steps[1].inputs",
			    ": composite is the query, which needs out2 "
			    "itself");
	return 0;
}

static int
read_languages(struct reader *r, json_t *list)
{
	struct task *t = r->task;
	char key[40];
	json_t *v;
	size_t i;

	if (list != NULL && !json_is_array(list))
		return refuse(r, "code_languages", " is not a list");
	if (json_array_size(list) == 0)
		return 0;
	t->languages = arena_get(
	    r->mem, (json_array_size(list) + 1) * sizeof *t->languages);
	json_array_foreach (list, i, v) {
		snprintf(key, sizeof key, "code_languages[%zu]", i);
		if (json_string_length(v) == 0 ||
		    !language_code_name(json_string_value(v)))
			return refuse(r, key, " is no code language");
		t->languages[i] = json_string_value(v);
	}
	t->languages[i] = NULL;
	return 0;
}

/* Read what tg-gate alone wants to know of the row. */
static int
read_gate(struct reader *r, json_t *max_overlap, json_t *allows)
{
	static const char *const words[] = { "layout", "code", "stop",
		"languages", NULL };
	struct task *t = r->task;
	const char *word;
	json_t *v;
	size_t i;
	int k;

	t->max_overlap =
	    max_overlap != NULL ? json_number_value(max_overlap) : 1;
	if ((max_overlap != NULL && !json_is_number(max_overlap)) ||
	    t->max_overlap < 0 || t->max_overlap > 1)
		return refuse(r, "max_overlap", " is not a number from 0 to 1");
	if (allows != NULL && !json_is_array(allows))
		return refuse(r, "allows", " is not a list");
	json_array_foreach (allows, i, v) {
		word = json_string_value(v);
		for (k = 0; words[k] != NULL; k++)
			if (word != NULL && strcmp(words[k], word) == 0)
				break;
		if (words[k] == NULL)
			return refuse(r, "allows",
			    ": each is one of layout, code, stop, languages");
		t->allows |= 1u << k;
	}
	return 0;
}

static int
read_steps(struct reader *r, json_t *steps)
{
	char where[40];
	json_t *step;
	size_t i;

	r->task->nsteps = (int)json_array_size(steps);
	if (!json_is_array(steps) || r->task->nsteps > TASK_STEPS)
		return refuse(r, "steps", " is not a list of 0 to 2");
	json_array_foreach (steps, i, step) {
		snprintf(where, sizeof where, "steps[%zu]", i);
		if (!json_is_object(step))
			return refuse(r, where, " is not an object");
		strcat(where, ".");
		r->where = where;
		if (read_step(r, (int)i, step) == -1)
			return -1;
		r->where = "";
	}
	return 0;
}

/* Add an axis to the row, and check the phrasings that its list has. */
static int
add_axis(struct reader *r, const char *name, const char *first, json_t *list)
{
	struct axis *a = &r->task->axes[r->task->naxes];
	const char *what = axis_read(a, name, first, list, r->mem);
	char key[AXIS_NAME + 16];
	size_t i;

	snprintf(key, sizeof key, "%s%s", name, first != NULL ? "s" : "");
	if (what != NULL)
		return refuse(r, key, "%s", what);
	for (i = 0; i < a->n; i++)
		if (check_prose(r, key, a->of[i].text, LANGUAGES) == -1)
			return -1;
	r->task->naxes++;
	return 0;
}

/* Check the name of an axis, which stands in placeholders. */
static int
check_axis(struct reader *r, const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > AXIS_NAME ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != n)
		return refuse(r, name,
		    ": an axis is named by 1 to %d lower-case letters, digits "
		    "and '_'",
		    AXIS_NAME);
	if (strcmp(name, AXIS_INSTRUCTION) == 0)
		return refuse(r, name,
		    ": this axis is that of the member \"instructions\"");
	return 0;
}

/* Read the axes, which "vary" and "instructions" have. */
static int
read_axes(struct reader *r)
{
	struct task *t = r->task;
	json_t *vary = json_object_get(t->row, "vary"), *list;
	json_t *more = json_object_get(t->row, "instructions");
	const char *name;

	if (vary != NULL && !json_is_object(vary))
		return refuse(r, "vary", " is not an object");
	if (json_object_size(vary) > AXES)
		return refuse(r, "vary", " has more than %d axes", AXES);
	t->axes = arena_get(r->mem, (AXES + 1) * sizeof *t->axes);
	r->where = "vary.";
	json_object_foreach (vary, name, list)
		if (check_axis(r, name) == -1 ||
		    add_axis(r, name, NULL, list) == -1)
			return -1;
	r->where = "";
	if (more == NULL)
		return 0;
	t->wording = &t->axes[t->naxes];
	return add_axis(r, AXIS_INSTRUCTION, t->instruction, more);
}

/* Check that a step names each axis of "vary". */
static int
check_named(struct reader *r)
{
	const struct task *t = r->task;
	size_t i;

	r->where = "vary.";
	for (i = 0; i < t->naxes; i++)
		if (&t->axes[i] != t->wording && (r->named & 1u << i) == 0)
			return refuse(r, t->axes[i].name,
			    ": no step names {vary:%s}", t->axes[i].name);
	r->where = "";
	return 0;
}

/* Read all members of the row but its name. */
static int
read_row(struct reader *r)
{
	struct task *t = r->task;
	json_t *judge = json_object_get(t->row, "judge");

	if (read_members(r, row_members, t->row, t) == -1 ||
	    read_axes(r) == -1 ||
	    read_steps(r, json_object_get(t->row, "steps")) == -1 ||
	    check_named(r) == -1 || check_sides(r) == -1 ||
	    read_languages(r, json_object_get(t->row, "code_languages")) ==
		-1 ||
	    read_gate(r, json_object_get(t->row, "max_overlap"),
		json_object_get(t->row, "allows")) == -1)
		return -1;
	if (!json_is_object(judge))
		return refuse(
		    r, "judge", judge ? " is not an object" : " is missing");
	r->where = "judge.";
	return read_members(r, judge_members, judge, t);
}

/* Set the hash of a row, without the members that no request depends on. */
static void
hash_row(struct task *t)
{
	json_t *row = json_copy(t->row);
	char *text;
	size_t i;

	for (i = 0; i < sizeof gate_members / sizeof *gate_members; i++)
		json_object_del(row, gate_members[i]);
	text = json_dumps(row, JSON_COMPACT | JSON_SORT_KEYS);
	hash_sha256(span_of(text), t->sha);
	free(text);
	json_decref(row);
}

int
task_read(struct task *t, json_t *row, size_t nth, struct arena *mem,
    const char **why)
{
	struct reader r = { .task = t, .mem = mem, .where = "" };
	json_t *name = json_object_get(row, "name");

	*why = wrong;
	*t = (struct task){ .row = row, .judged = 1 };
	snprintf(r.name, sizeof r.name, "%zu", nth + 1);
	if (!json_is_object(row))
		return refuse(&r, NULL, ": is not an object");
	if (read_member(&r, &row_members[0], name, t) == -1)
		return -1;
	t->name = json_string_value(name);
	t->name_n = strlen(t->name);
	if (t->name[strspn(t->name, NAME_BYTES)] != '\0')
		return refuse(
		    &r, "name", " may hold letters, digits, '_' and '-' only");
	snprintf(r.name, sizeof r.name, "%s", t->name);
	if (read_row(&r) == -1)
		return -1;
	t->category = json_string_value(json_object_get(row, "category"));
	t->title = json_string_value(json_object_get(row, "title"));
	hash_row(t);
	return 0;
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

int
task_documents_are_code(const struct task *t)
{
	static const char *const outs[TASK_STEPS] = { "{out1}", "{out2}" };
	int i;

	for (i = 0; i < t->nsteps; i++)
		if (strcmp(t->pos, outs[i]) == 0)
			return t->steps[i].is_code;
	return strcmp(t->pos, "{text}") == 0 ||
	       strcmp(t->pos, "{similar}") == 0;
}
