/* catalogue: the catalogue, its rows checked and its languages */
#include "task/catalogue.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "io/io.h"
#include "json/string.h"
#include "task/template.h"

#include "task/rows.inc" /* catalogue_rows[], catalogue_languages: embedded JSON */

struct catalogue {
	json_t *rows;  /* array of the row objects tasks borrow from */
	json_t *words; /* languages.json */
	struct task *tasks;
	size_t n;
	struct arena mem;
};

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

/* A non-empty string member, or NULL after refuse(). at is for messages. */
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

/* A text for people or models: only languages may be filled in. */
static const char *
need_prose(const char *row, json_t *o, const char *at, const char *key,
    int *needs_target)
{
	const char *s = need_string(row, o, at, key);
	struct span bad;

	if (s == NULL)
		return NULL;
	if (tmpl_check(s, prose_names, 0, &bad) == -1) {
		refuse(row,
		    "member \"%s%s\" has the unknown placeholder {%.*s}", at,
		    key, (int)bad.n, bad.p);
		return NULL;
	}
	*needs_target |= tmpl_uses(s, "tgt_code_language");
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

/* The query and pos templates, and what they may use with these steps. */
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
		if (tmpl_check(*to[i], of_steps[t->nsteps], 1, &bad) == -1)
			return refuse(row,
			    "member \"%s\" has the placeholder {%.*s}, unknown "
			    "with %d step%s",
			    keys[i], (int)bad.n, bad.p, t->nsteps,
			    t->nsteps == 1 ? "" : "s");
		t->needs_target |= tmpl_uses(*to[i], "tgt_code_language");
		if (tmpl_uses(*to[i], "similar") && !t->needs_similar)
			return refuse(row,
			    "member \"%s\" uses {similar}, but "
			    "\"needs_similar\" is false",
			    keys[i]);
	}
	if (t->nsteps > 0 &&
	    !tmpl_uses(t->query, t->nsteps == 1 ? "out1" : "out2") &&
	    !tmpl_uses(t->pos, t->nsteps == 1 ? "out1" : "out2"))
		return refuse(row,
		    "member \"query\": neither query nor pos uses the last "
		    "step's output");
	for (i = 0; i < t->nsteps; i++)
		for (k = 0; k < t->steps[i].ninputs; k++)
			if (t->steps[i].inputs[k] == IN_COMPOSITE &&
			    tmpl_uses(t->query, "out2"))
				return refuse(row,
				    "member \"steps[%d].inputs\": composite is "
				    "the query, which needs out2 itself",
				    i);
	return 0;
}

static int
read_languages(
    const struct catalogue *c, const char *row, struct task *t, json_t *o)
{
	json_t *list = json_object_get(o, "code_languages"), *v;
	json_t *known = json_object_get(c->words, "code_languages");
	const char **out;
	size_t i;

	if (list == NULL)
		return 0;
	if (!json_is_array(list))
		return refuse(row, "member \"code_languages\" is not a list");
	if (json_array_size(list) == 0)
		return 0;
	json_array_foreach (list, i, v)
		if (!json_is_string(v) ||
		    json_object_get(known, json_string_value(v)) == NULL)
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

static int
read_row(const struct catalogue *c, json_t *o, size_t nth, struct task *t)
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
	    read_languages(c, row, t, o) == -1)
		return -1;
	row_hash(o, t->sha);
	return 0;
}

/* Its texts as they go into prompts: as esc has them. */
static void
escape_row(struct catalogue *c, struct task *t)
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
		*texts[i] = arena_dup(&c->mem, b.p, b.n);
	}
	buf_free(&b);
}

/* Add or replace a row; a reference to o is kept. */
static int
add_row(struct catalogue *c, json_t *o, size_t nth)
{
	struct task t;
	size_t i;

	if (read_row(c, o, nth, &t) == -1) {
		free((void *)(uintptr_t)t.languages);
		return -1;
	}
	escape_row(c, &t);
	json_array_append(c->rows, o);
	for (i = 0; i < c->n; i++)
		if (strcmp(c->tasks[i].name, t.name) == 0) {
			free((void *)(uintptr_t)c->tasks[i].languages);
			c->tasks[i] = t;
			return 0;
		}
	c->tasks = mem_array(c->tasks, c->n + 1, sizeof *c->tasks);
	c->tasks[c->n++] = t;
	return 0;
}

/* A document of rows, or the nth row alone. */
static int
add_rows(struct catalogue *c, json_t *doc, size_t nth)
{
	size_t i;
	json_t *o;

	if (!json_is_array(doc))
		return add_row(c, doc, nth);
	json_array_foreach (doc, i, o)
		if (add_row(c, o, i) == -1)
			return -1;
	return 0;
}

/* A file of rows: an array, an object, or objects one after another. */
static int
add_file(struct catalogue *c, const char *path)
{
	FILE *f = io_open(path);
	json_error_t err;
	json_t *doc;
	size_t n = 0;
	int ok = 0, ch;

	if (f == NULL) {
		snprintf(
		    why_buf, sizeof why_buf, "%s: %s", path, strerror(errno));
		return -1;
	}
	for (;;) {
		while ((ch = getc(f)) == ' ' || ch == '\n' || ch == '\r' ||
		       ch == '\t')
			;
		if (ch == EOF && n > 0)
			break;
		ungetc(ch, f);
		doc = json_loadf(
		    f, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &err);
		if (doc == NULL) {
			snprintf(why_buf, sizeof why_buf, "%s:%d: %s", path,
			    err.line, err.text);
			ok = -1;
			break;
		}
		ok = add_rows(c, doc, n++);
		json_decref(doc);
		if (ok == -1)
			break;
	}
	fclose(f);
	return ok;
}

static json_t *
load_embedded(const char *text)
{
	json_error_t err;
	json_t *doc = json_loads(text, JSON_REJECT_DUPLICATES, &err);

	if (doc == NULL)
		snprintf(why_buf, sizeof why_buf,
		    "the built-in catalogue, line %d: %s", err.line, err.text);
	return doc;
}

struct catalogue *
catalogue_new(const char *file, const char **why)
{
	struct catalogue *c = mem_new(sizeof *c);
	json_t *doc;
	size_t i;
	int ok;

	*why = why_buf;
	c->rows = json_array();
	if ((c->words = load_embedded(catalogue_languages)) == NULL)
		goto bad;
	for (i = 0; catalogue_rows[i] != NULL; i++) {
		if ((doc = load_embedded(catalogue_rows[i])) == NULL)
			goto bad;
		ok = add_rows(c, doc, 0);
		json_decref(doc);
		if (ok == -1)
			goto bad;
	}
	if (file != NULL && *file != '\0' && add_file(c, file) == -1)
		goto bad;
	return c;
bad:
	catalogue_free(c);
	return NULL;
}

void
catalogue_free(struct catalogue *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++)
		free((void *)(uintptr_t)c->tasks[i].languages);
	free(c->tasks);
	json_decref(c->rows);
	json_decref(c->words);
	arena_free(&c->mem);
	free(c);
}

const struct task *
catalogue_find(const struct catalogue *c, struct span name)
{
	size_t i;

	/* by length first: looking one up took 3 % of tg-prompt's time */
	for (i = 0; name.p != NULL && i < c->n; i++)
		if (c->tasks[i].name_n == name.n &&
		    memcmp(c->tasks[i].name, name.p, name.n) == 0)
			return &c->tasks[i];
	return NULL;
}

const struct task *
catalogue_at(const struct catalogue *c, size_t i)
{
	return i < c->n ? &c->tasks[i] : NULL;
}

void
catalogue_print(const struct catalogue *c, size_t i, struct buf *b)
{
	json_t *o, *found = NULL;
	size_t k;
	char *text;

	/* the last row of the name is the one in force */
	json_array_foreach (c->rows, k, o)
		if (strcmp(json_string_value(json_object_get(o, "name")),
			c->tasks[i].name) == 0)
			found = o;
	if ((text = json_dumps(found, JSON_COMPACT)) != NULL)
		buf_adds(b, text);
	buf_addc(b, '\n');
	free(text);
}

void
catalogue_print_languages(const struct catalogue *c, struct buf *b)
{
	const char *key;
	json_t *v, *o;
	char *text;

	json_object_foreach (
	    json_object_get(c->words, "code_languages"), key, v) {
		o = json_pack("{s:s}", "key", key);
		if (o != NULL && json_object_update(o, v) == 0 &&
		    (text = json_dumps(o, JSON_COMPACT)) != NULL) {
			buf_adds(b, text);
			buf_addc(b, '\n');
			free(text);
		}
		json_decref(o);
	}
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

static int
same_word(struct span s, const char *w)
{
	return s.n == strlen(w) && strncasecmp(s.p, w, s.n) == 0;
}

/* The key in table that is word itself, NULL if none is. */
static const char *
same_key(json_t *table, struct span word)
{
	char key[64];
	void *at;

	if (word.n == 0 || word.n >= sizeof key)
		return NULL;
	memcpy(key, word.p, word.n);
	key[word.n] = '\0';
	if (strlen(key) != word.n ||
	    (at = json_object_iter_at(table, key)) == NULL)
		return NULL;
	return json_object_iter_key(at);
}

/* The key in table whose key, name or alias is word. */
static const char *
find_key(json_t *table, struct span word)
{
	const char *key = same_key(table, word);
	json_t *v, *alias;
	size_t i;

	/* a stamped record has the key, and has it looked up each time */
	if (key != NULL)
		return key;
	json_object_foreach (table, key, v) {
		if (same_word(word, key))
			return key;
		if (json_is_object(v)) {
			json_array_foreach (
			    json_object_get(v, "aliases"), i, alias)
				if (same_word(word, json_string_value(alias)))
					return key;
			v = json_object_get(v, "name");
		}
		if (same_word(word, json_string_value(v)))
			return key;
	}
	return NULL;
}

const char *
language_key(const struct catalogue *c, struct span word)
{
	return find_key(json_object_get(c->words, "languages"), word);
}

const char *
language_name(const struct catalogue *c, const char *key)
{
	return json_string_value(
	    json_object_get(json_object_get(c->words, "languages"), key));
}

const char *
code_language_key(const struct catalogue *c, struct span word)
{
	if (word.n == 0 || same_word(word, "null"))
		return "";
	return find_key(json_object_get(c->words, "code_languages"), word);
}

const char *
code_language_name(const struct catalogue *c, const char *key)
{
	json_t *table = json_object_get(c->words, "code_languages");

	if (*key == '\0')
		return "";
	return json_string_value(
	    json_object_get(json_object_get(table, key), "name"));
}

const char *
code_language_partner(const struct catalogue *c, const char *key, uint64_t draw)
{
	json_t *pairs = json_object_get(c->words, "pairs"), *pair;
	const char *found[32], *a, *b;
	size_t i, n = 0;

	json_array_foreach (pairs, i, pair) {
		a = json_string_value(json_array_get(pair, 0));
		b = json_string_value(json_array_get(pair, 1));
		if (n < 32 && strcmp(a, key) == 0)
			found[n++] = b;
		else if (n < 32 && strcmp(b, key) == 0)
			found[n++] = a;
	}
	return n > 0 ? found[draw % n] : NULL;
}
