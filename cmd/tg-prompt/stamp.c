/* stamp: sets task, languages, id and key of a record */
#include "stamp.h"

#include <stdio.h>
#include <string.h>

#include "io/io.h"
#include "json/find.h"
#include "json/string.h"
#include "task/document.h"
#include "task/language.h"

void
stamp(struct rec *r, const char *key, struct span value)
{
	struct span old = rec_tg_str(r, key);

	if (old.p == NULL || !span_eq(old, value))
		rec_tg_puts(r, key, value);
}

int
stamp_task(const struct stamps *s, struct rec *r)
{
	static const char *const names[] = { "task", "language",
		"code_language", "tgt_code_language", "field", NULL };
	struct span v;
	long long n;
	int i;

	for (i = 0; names[i] != NULL; i++) {
		v = rec_tg(r, names[i]);
		if (js_is_there(v) && !js_is_string(v))
			return rec_error(r, "bad_member",
			    "member \"tg.%s\" is not a text", names[i]);
	}
	v = rec_tg(r, "draw");
	if (js_is_there(v) && (n = js_int(v, -1), n < 0 || n >= PROMPT_DRAWS))
		return rec_error(r, "bad_member",
		    "member \"tg.draw\" is not a number in 0..%d",
		    PROMPT_DRAWS - 1);
	if (rec_tg_str(r, "task").p == NULL && s->o->task != NULL)
		stamp(r, "task", span_of(s->o->task->name));
	return 0;
}

/*
 * Set the target language of a record that is translated from own. Return 0, or
 * -1 after ending the record in an error.
 */
static int
stamp_target(const struct prompt_opts *o, struct rec *r, const struct task *t,
    const char *own, struct span id)
{
	struct span target = rec_tg_str(r, "tgt_code_language");
	const char *key;

	if (target.p != NULL)
		key = language_code_key(target);
	else if (o->target != NULL)
		key = o->target;
	else
		key = language_code_partner(
		    own, hash_draw(o->seed, id, "target"));
	if (key == NULL || *key == '\0' || strcmp(key, own) == 0)
		return rec_error(r, "no_target",
		    "task %s needs a target code language other than %s; see "
		    "-T",
		    t->name, *own ? own : "none");
	stamp(r, "tgt_code_language", span_of(key));
	return 0;
}

/* Reject a record whose code language the task does not take. */
static int
not_applicable(struct stamps *s, struct rec *r, const struct task *t,
    const char *code_language)
{
	char why[200];

	s->languages_seen.rejected++;
	snprintf(why, sizeof why, "task %s takes no %s", t->name,
	    language_code_name(code_language));
	rec_reject(r, "not_applicable", why);
	return -1;
}

int
stamp_languages(
    struct stamps *s, struct rec *r, const struct task *t, struct span id)
{
	const struct prompt_opts *o = s->o;
	struct span language = rec_tg_str(r, "language");
	enum code_language_from from;
	const char *key, *own;

	key = language.p ? language_key(language) : o->language;
	if (key == NULL)
		return rec_error(r, "unknown_language",
		    "language \"%.*s\" is unknown%s; --languages FILE adds "
		    "languages",
		    (int)(language.n < 100 ? language.n : 100), language.p,
		    language_hint(language));
	stamp(r, "language", span_of(key));
	if (!t->speaks && strcmp(key, "en") != 0 && !s->told_language++)
		io_warn("task %s writes code alone, in which %s makes no "
			"difference",
		    t->name, language_name(key));

	from = code_language_of(r, o, &own);
	if (from == CODE_LANGUAGE_WRONG)
		return -1;
	if (own == NULL && o->code_language != NULL)
		own = o->code_language;
	else if (own == NULL)
		own = task_allows(t, "python") ? "python" : t->languages[0];
	code_language_count(&s->languages_seen, own, from);
	if (!task_allows(t, own))
		return not_applicable(s, r, t, own);
	stamp(r, "code_language", span_of(own));
	return t->needs_target ? stamp_target(o, r, t, own, id) : 0;
}

int
stamp_draw(const struct rec *r)
{
	long long draw = js_int(rec_tg(r, "draw"), 0);

	return draw > 0 && draw < PROMPT_DRAWS ? (int)draw : 0;
}

/* Append the phrasing that is drawn on an axis. */
static void
add_phrase(const struct stamps *s, struct buf *b, const struct axis *a,
    struct span id, int draw, const struct values *v)
{
	const struct prompt_opts *o = s->o;
	size_t i;

	if (o->roles.n > 0 && strcmp(a->name, AXIS_ROLE) == 0) {
		i = axis_draw(&o->roles, o->seed, id, draw);
		buf_adds(b, o->roles.of[i].text);
	} else {
		i = axis_draw(a, o->seed, id, draw);
		prompt_prose(b, a->of[i].text, v);
	}
}

void
stamp_vary(const struct stamps *s, struct rec *r, const struct task *t)
{
	struct span id = rec_tg_str(r, "id");
	int draw = stamp_draw(r);
	struct buf b = { 0 };
	struct values v;
	size_t i;

	rec_tg_del(r, "vary");
	if (t->naxes == 0 || s->o->no_vary)
		return;
	document_values(r, t, &v);
	for (i = 0; i < t->naxes; i++) {
		buf_fmt(&b, "%s\"%s\":\"", i > 0 ? "," : "{", t->axes[i].name);
		add_phrase(s, &b, &t->axes[i], id, draw, &v);
		buf_addc(&b, '"');
	}
	buf_addc(&b, '}');
	rec_tg_put(r, "vary", rec_hold(r, &b));
}

struct example_wish
stamp_wish(const struct stamps *s, struct rec *r, const struct task *t)
{
	struct span path = rec_get(r, "path");

	return (struct example_wish){
		.task = span_of(t->name),
		.is_code = t->nsteps > 0 && t->steps[t->nsteps - 1].is_code,
		.language = rec_tg_str(r, "language"),
		.code_language = rec_tg_str(r, "code_language"),
		.target = rec_tg_str(r, "tgt_code_language"),
		.seed = s->o->seed,
		.draw = s->o->per_run ? span_of("") : rec_tg_str(r, "id"),
		.id = rec_tg_str(r, "id"),
		.path = js_is_string(path) ? js_string(path, &r->mem) : path,
		.text = document_text(r),
	};
}

static void
make_key(const struct stamps *s, struct rec *r, const struct task *t,
    struct span languages, char hex[SHA256_HEX])
{
	const struct prompt_opts *o = s->o;
	struct span again = rec_tg(r, "again"), vary = rec_tg(r, "vary");
	struct example_wish wish = stamp_wish(s, r, t);
	struct buf b = { 0 };

	buf_add0(&b, span_of("tg-key-1"));
	buf_add0(&b, span_of(task_sha(t)));
	buf_add0(&b, span_of(PROMPT_VERSION));
	buf_addspan(&b, languages);
	buf_fmt(&b, "%lld %d %d", o->seed, o->k, o->per_run);
	buf_addc(&b, '\0');
	buf_add0(&b, span_of(examples_sha(o->pool, &wish)));
	if (t->needs_similar)
		buf_add0(&b, document_similar(r));
	if (t->nsteps == 0)
		buf_add0(&b, span_of("window-400")); /* of tg-split-context */
	if (again.p != NULL)
		buf_add0(&b, again);
	if (stamp_draw(r) > 0)
		buf_fmt(&b, "draw %d%c", stamp_draw(r), '\0');
	if (vary.p != NULL)
		buf_add0(&b, vary);
	hash_sha256(buf_span(&b), hex);
	buf_free(&b);
}

/*
 * Most records have the key of the record before them, so the last key is kept:
 * it takes 1 us to make, of 5 for the whole record.
 */
void
stamp_key(struct stamps *s, struct rec *r, const struct task *t)
{
	static const char *const members[] = { "language", "code_language",
		"tgt_code_language" };
	/* a key that depends on one record alone is not compared or kept */
	int own = t->needs_similar || rec_tg(r, "again").p != NULL ||
		  rec_tg(r, "vary").p != NULL || stamp_draw(r) > 0;
	struct buf *b = &s->scratch;
	size_t i;

	b->n = 0;
	for (i = 0; i < sizeof members / sizeof *members; i++)
		buf_add0(b, rec_tg_str(r, members[i]));
	if (own || t != s->task ||
	    !span_eq(buf_span(b), buf_span(&s->languages))) {
		make_key(s, r, t, buf_span(b), s->key);
		s->task = own ? NULL : t;
		s->languages.n = 0;
		buf_addspan(&s->languages, buf_span(b));
	}
	stamp(r, "key", span_of(s->key));
}
