/* task: a row of the catalogue, read and checked */
#include "task/task.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task/language.h"
#include "task/row.h"
#include "task/rows.h"

static const struct row_member row_members[] = {
	{ "name", ROW_TEXT, 0 },
	{ "category", ROW_TEXT, 0 },
	{ "title", ROW_TEXT, 0 },
	{ "instruction", ROW_PROSE, offsetof(struct task, instruction) },
	{ "query", ROW_SIDE, offsetof(struct task, query) },
	{ "pos", ROW_SIDE, offsetof(struct task, pos) },
	{ "judged", ROW_FLAG, offsetof(struct task, judged) },
	{ "needs_similar", ROW_FLAG, offsetof(struct task, needs_similar) },
	{ "names_breach", ROW_FLAG, offsetof(struct task, names_breach) },
	{ "published", ROW_FLAG, offsetof(struct task, published) },
	{ "instructions", ROW_OTHER, 0 },
	{ "negatives", ROW_OTHER, 0 },
	{ "neg", ROW_OTHER, 0 },
	{ "vary", ROW_OTHER, 0 },
	{ "steps", ROW_OTHER, 0 },
	{ "judge", ROW_OTHER, 0 },
	{ "code_languages", ROW_OTHER, 0 },
	{ "diff", ROW_FLAG, offsetof(struct task, diff) },
	{ "max_overlap", ROW_OTHER, 0 },
	{ "allows", ROW_OTHER, 0 },
	{ .key = NULL },
};

static const struct row_member step_members[] = {
	{ "instruction", ROW_STEP, offsetof(struct task_step, instruction) },
	{ "output", ROW_STEP, offsetof(struct task_step, output) },
	{ "decline", ROW_MAYBE, offsetof(struct task_step, decline) },
	{ "output_kind", ROW_TEXT, 0 },
	{ "examples", ROW_FLAG, offsetof(struct task_step, examples) },
	{ "inputs", ROW_OTHER, 0 },
	{ .key = NULL },
};

static const struct row_member judge_members[] = {
	{ "mission", ROW_PROSE, offsetof(struct task, mission) },
	{ "query_type", ROW_PROSE, offsetof(struct task, query_type) },
	{ "doc_type", ROW_PROSE, offsetof(struct task, doc_type) },
	{ "yes", ROW_PROSE, offsetof(struct task, yes) },
	{ "no", ROW_PROSE, offsetof(struct task, no) },
	{ .key = NULL },
};

/* The members that no request depends on: a key is made without them. */
static const char *const gate_members[] = { "diff", "max_overlap", "allows",
	"published" };

enum {
	SIMILAR = 1 << VALUE_SIMILAR,
	EVERY_SIDE =
	    ROW_LANGUAGES | 1 << VALUE_TEXT | SIMILAR | 1 << VALUES_FENCED,
};

/* The bytes that the name of a task may have. */
#define NAME_BYTES                                                             \
	"abcdefghijklmnopqrstuvwxyz"                                           \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static int
read_input(struct row *r, int step, json_t *v, enum task_input *out)
{
	static const char *const names[] = { "text", "similar", "out1",
		"composite" };
	const char *s = json_string_value(v);
	int i;

	for (i = IN_TEXT; i <= IN_COMPOSITE; i++)
		if (s != NULL && strcmp(s, names[i]) == 0)
			break;
	if (i > IN_COMPOSITE)
		return row_refuse(r, "inputs",
		    ": each is one of text, similar, out1, composite");
	if (i >= IN_OUT1 && step == 0)
		return row_refuse(
		    r, "inputs", ": %s needs a step before it", names[i]);
	if (i == IN_SIMILAR && !r->task->needs_similar)
		return row_refuse(r, "inputs",
		    " names similar, but \"needs_similar\" is false");
	*out = (enum task_input)i;
	return 0;
}

static int
read_step(struct row *r, int i, json_t *o)
{
	struct task_step *step = &r->task->steps[i];
	json_t *inputs = json_object_get(o, "inputs"), *v;
	const char *kind;
	size_t k;

	if (row_read_members(r, step_members, o, step) == -1)
		return -1;
	step->ninputs = (int)json_array_size(inputs);
	if (step->ninputs < 1 || step->ninputs > TASK_INPUTS)
		return row_refuse(r, "inputs", " is not a list of 1 or 2");
	json_array_foreach (inputs, k, v)
		if (read_input(r, i, v, &step->inputs[k]) == -1)
			return -1;
	if (step->examples && i < r->task->nsteps - 1)
		return row_refuse(
		    r, "examples", ": only the last step has examples");
	kind = json_string_value(json_object_get(o, "output_kind"));
	step->is_code = strcmp(kind, "code") == 0;
	r->task->speaks |= !step->is_code;
	if (!step->is_code && strcmp(kind, "text") != 0)
		return row_refuse(
		    r, "output_kind", " is not \"code\" or \"text\"");
	return 0;
}

/* Check one side, and store in *uses the values that it names. */
static int
check_side(struct row *r, const char *key, const char *side, unsigned *uses)
{
	static const unsigned of_steps[] = {
		1 << VALUE_PREFIX | 1 << VALUE_SUFFIX,
		1 << VALUE_OUT1,
		1 << VALUE_OUT1 | 1 << VALUE_OUT2,
	};
	const struct task *t = r->task;
	struct span bad;

	*uses = template_uses(side, EVERY_SIDE | of_steps[t->nsteps], &bad);
	if (*uses & ROW_TARGET)
		r->task->needs_target = 1;
	if (bad.p != NULL)
		return row_refuse(r, key,
		    " has the placeholder {%.*s}, unknown with %d step%s",
		    (int)bad.n, bad.p, t->nsteps, t->nsteps == 1 ? "" : "s");
	if (*uses & SIMILAR && !t->needs_similar)
		return row_refuse(
		    r, key, " uses {similar}, but \"needs_similar\" is false");
	return 0;
}

static int
check_sides(struct row *r)
{
	const struct task *t = r->task;
	const unsigned last[] = { 0, 1 << VALUE_OUT1, 1 << VALUE_OUT2 };
	unsigned query, pos;
	int k;

	if (check_side(r, "query", t->query, &query) == -1 ||
	    check_side(r, "pos", t->pos, &pos) == -1)
		return -1;
	if (t->nsteps > 0 && ((query | pos) & last[t->nsteps]) == 0)
		return row_refuse(r, "query",
		    ": neither query nor pos uses the last step's output");
	for (k = 0; k < TASK_INPUTS; k++)
		if (t->steps[1].inputs[k] == IN_COMPOSITE &&
		    query & 1 << VALUE_OUT2)
			return row_refuse(r, "steps[1].inputs",
			    ": composite is the query, which needs out2 "
			    "itself");
	return 0;
}

/* Read one way in which negatives go wrong. */
static int
read_way(struct row *r, const char *key, json_t *v, struct way *to)
{
	json_t *text = json_is_array(v) ? json_array_get(v, 0) : v;
	json_t *most = json_array_get(v, 1);

	if (json_string_length(text) == 0 ||
	    (json_is_array(v) && json_array_size(v) != 2))
		return row_refuse(
		    r, key, " is neither a text nor a text with its bound");
	if (json_is_array(v) &&
	    (!json_is_integer(most) || json_integer_value(most) < 1 ||
		json_integer_value(most) > WAY_MOST))
		return row_refuse(r, key,
		    " has a bound that is not a whole number in 1..%d",
		    WAY_MOST);
	to->text = rows_escaped(text, r->mem).p;
	to->most = (int)json_integer_value(most);
	return row_check_prose(r, key, to->text, ROW_LANGUAGES);
}

/* Read the ways in which negatives go wrong. */
static int
read_ways(struct row *r, json_t *list)
{
	struct task *t = r->task;
	size_t i, n = json_array_size(list), free = 0;
	char key[40];
	json_t *v;

	if (list == NULL)
		return 0;
	if (n == 0 || n > WAYS)
		return row_refuse(
		    r, "negatives", " is not a list of 1 to %d ways", WAYS);
	t->ways = arena_get(r->mem, n * sizeof *t->ways);
	json_array_foreach (list, i, v) {
		snprintf(key, sizeof key, "negatives[%zu]", i);
		if (read_way(r, key, v, &t->ways[i]) == -1)
			return -1;
		free += t->ways[i].most == 0;
	}
	t->nways = n;
	if (free == 0)
		return row_refuse(r, "negatives",
		    ": one way at least needs to have no bound");
	return 0;
}

/* Read the templates of free negatives. */
static int
read_neg(struct row *r, json_t *list)
{
	struct task *t = r->task;
	size_t i, n = json_array_size(list);
	unsigned uses;
	char key[40];
	json_t *v;

	if (list == NULL)
		return 0;
	if (n == 0 || n > WAYS)
		return row_refuse(
		    r, "neg", " is not a list of 1 to %d templates", WAYS);
	t->neg = arena_get(r->mem, n * sizeof *t->neg);
	json_array_foreach (list, i, v) {
		snprintf(key, sizeof key, "neg[%zu]", i);
		if (json_string_length(v) == 0)
			return row_refuse(r, key, " is not a text");
		t->neg[i] = rows_escaped(v, r->mem).p;
		if (check_side(r, key, t->neg[i], &uses) == -1)
			return -1;
		if (strcmp(t->neg[i], t->pos) == 0)
			return row_refuse(r, key, " is the positive");
	}
	t->nneg = n;
	return 0;
}

static int
read_languages(struct row *r, json_t *list)
{
	struct task *t = r->task;
	char key[40];
	json_t *v;
	size_t i;

	if (list != NULL && !json_is_array(list))
		return row_refuse(r, "code_languages", " is not a list");
	if (json_array_size(list) == 0)
		return 0;
	t->languages = arena_get(
	    r->mem, (json_array_size(list) + 1) * sizeof *t->languages);
	json_array_foreach (list, i, v) {
		snprintf(key, sizeof key, "code_languages[%zu]", i);
		if (json_string_length(v) == 0 ||
		    !language_code_name(json_string_value(v)))
			return row_refuse(r, key, " is no code language");
		t->languages[i] = json_string_value(v);
	}
	t->languages[i] = NULL;
	return 0;
}

/* Read what tg-gate alone wants to know of the row. */
static int
read_gate(struct row *r, json_t *max_overlap, json_t *allows)
{
	static const char *const words[] = { "layout", "code", "stop",
		"languages", "comments", NULL };
	struct task *t = r->task;
	const char *word;
	json_t *v;
	size_t i;
	int k;

	t->max_overlap =
	    max_overlap != NULL ? json_number_value(max_overlap) : 1;
	if ((max_overlap != NULL && !json_is_number(max_overlap)) ||
	    t->max_overlap < 0 || t->max_overlap > 1)
		return row_refuse(
		    r, "max_overlap", " is not a number from 0 to 1");
	if (allows != NULL && !json_is_array(allows))
		return row_refuse(r, "allows", " is not a list");
	json_array_foreach (allows, i, v) {
		word = json_string_value(v);
		for (k = 0; words[k] != NULL; k++)
			if (word != NULL && strcmp(words[k], word) == 0)
				break;
		if (words[k] == NULL)
			return row_refuse(r, "allows",
			    ": each is one of layout, code, stop, languages, "
			    "comments");
		t->allows |= 1u << k;
	}
	return 0;
}

static int
read_steps(struct row *r, json_t *steps)
{
	char where[40];
	json_t *step;
	size_t i;

	r->task->nsteps = (int)json_array_size(steps);
	if (!json_is_array(steps) || r->task->nsteps > TASK_STEPS)
		return row_refuse(r, "steps", " is not a list of 0 to 2");
	json_array_foreach (steps, i, step) {
		snprintf(where, sizeof where, "steps[%zu]", i);
		if (!json_is_object(step))
			return row_refuse(r, where, " is not an object");
		strcat(where, ".");
		r->where = where;
		if (read_step(r, (int)i, step) == -1)
			return -1;
		r->where = "";
	}
	return 0;
}

/* Read all members of the row but its name. */
static int
read_row(struct row *r)
{
	struct task *t = r->task;
	json_t *judge = json_object_get(t->row, "judge");

	if (row_read_members(r, row_members, t->row, t) == -1 ||
	    row_read_axes(r) == -1 ||
	    read_steps(r, json_object_get(t->row, "steps")) == -1 ||
	    row_check_axes(r) == -1 || check_sides(r) == -1 ||
	    read_ways(r, json_object_get(t->row, "negatives")) == -1 ||
	    read_neg(r, json_object_get(t->row, "neg")) == -1 ||
	    read_languages(r, json_object_get(t->row, "code_languages")) ==
		-1 ||
	    read_gate(r, json_object_get(t->row, "max_overlap"),
		json_object_get(t->row, "allows")) == -1)
		return -1;
	if (!json_is_object(judge))
		return row_refuse(
		    r, "judge", judge ? " is not an object" : " is missing");
	r->where = "judge.";
	return row_read_members(r, judge_members, judge, t);
}

const char *
task_sha(const struct task *t)
{
	json_t *row;
	char *text;
	size_t i;

	if (*t->sha != '\0')
		return t->sha;
	row = json_copy(t->row);
	for (i = 0; i < sizeof gate_members / sizeof *gate_members; i++)
		json_object_del(row, gate_members[i]);
	text = json_dumps(row, JSON_COMPACT | JSON_SORT_KEYS);
	hash_sha256(span_of(text), t->sha);
	free(text);
	json_decref(row);
	return t->sha;
}

int
task_read(struct task *t, json_t *row, size_t nth, struct arena *mem,
    const char **why)
{
	struct row r = { .task = t, .mem = mem, .where = "" };
	json_t *name = json_object_get(row, "name");

	*why = row_why;
	*t = (struct task){ .row = row, .judged = 1 };
	snprintf(r.name, sizeof r.name, "%zu", nth + 1);
	if (!json_is_object(row))
		return row_refuse(&r, NULL, ": is not an object");
	if (json_string_length(name) == 0)
		return row_refuse(&r, "name",
		    name != NULL ? " is not a text" : " is missing");
	t->name = json_string_value(name);
	t->name_n = strlen(t->name);
	if (t->name[strspn(t->name, NAME_BYTES)] != '\0')
		return row_refuse(
		    &r, "name", " may hold letters, digits, '_' and '-' only");
	snprintf(r.name, sizeof r.name, "%s", t->name);
	if (read_row(&r) == -1)
		return -1;
	t->category = json_string_value(json_object_get(row, "category"));
	t->title = json_string_value(json_object_get(row, "title"));
	t->sha = arena_get(mem, SHA256_HEX);
	*t->sha = '\0';
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

/* Return whether a side, by its template, is code. */
static int
is_code(const struct task *t, const char *side)
{
	static const char *const outs[TASK_STEPS] = { "{out1}", "{out2}" };
	int i;

	for (i = 0; i < t->nsteps; i++)
		if (strcmp(side, outs[i]) == 0)
			return t->steps[i].is_code;
	return strcmp(side, "{text}") == 0 || strcmp(side, "{similar}") == 0 ||
	       strcmp(side, "{prefix}") == 0 || strcmp(side, "{suffix}") == 0;
}

int
task_documents_are_code(const struct task *t)
{
	return is_code(t, t->pos);
}

int
task_queries_are_code(const struct task *t)
{
	return is_code(t, t->query);
}

int
task_layout_counts(const struct task *t)
{
	return (t->allows & (ALLOWS_LAYOUT | ALLOWS_COMMENTS)) != 0;
}

int
task_documents_are_given(const struct task *t)
{
	return strcmp(t->pos, "{text}") == 0 ||
	       strcmp(t->pos, "{similar}") == 0 ||
	       strcmp(t->pos, "{suffix}") == 0;
}
