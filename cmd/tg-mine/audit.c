/* audit: tg-mine audit looks for what is wrong with anybody's negatives */
#include "audit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "base/hash.h"
#include "documents.h"
#include "io/io.h"
#include "known.h"
#include "lex/tokens.h"
#include "mine.h"
#include "rows.h"
#include "summary.h"
#include "twice.h"

enum { BLIND_ROWS = 10000 }; /* rows that the classifier gets, about */

/* A negative, and the first thing found of it. */
struct finding {
	enum found found;
	enum near_how how;
	size_t of;       /* index of the positive; SIZE_MAX: none of the row */
	double likeness; /* share of shingles in common; 0: not compared */
};

static struct {
	const struct mine *m;
	struct audit_sums sums;
	struct row row;
	struct buf scope; /* query and prompt of the row, as keys */
	struct near *pos; /* positives of the row; as many as ever */
	size_t pos_cap;
	struct near neg;         /* negative that is looked at */
	struct keyset_key *seen; /* negatives of the row */
	struct finding *finding; /* findings of the negatives of the row */
	bool *drop;              /* whether anything was found of each */
	size_t neg_cap;
	struct known known;        /* positives of each query, of all rows */
	struct keyset rows;        /* rows, pairs and queries before this one */
	size_t all_with_negatives; /* rows with negatives, of all */
	struct blind blind;
} a;

/* Append the key of a text. */
static void
add_key(struct buf *b, struct keyset_key key)
{
	buf_add(b, &key, sizeof key);
}

static struct span
key_span(const struct keyset_key *key)
{
	return (struct span){ (const char *)key, sizeof *key };
}

/* Set the scope to the row's query and prompt. */
static void
set_scope(void)
{
	buf_clear(&a.scope);
	add_key(&a.scope, near_equal_key(a.row.query, &a.neg.text));
	add_key(&a.scope, near_equal_key(a.row.prompt, &a.neg.text));
}

/* Make place for the texts of the row. */
static void
need(void)
{
	size_t n = a.row.pos.n, i = a.pos_cap;

	if (n > a.pos_cap) {
		a.pos = mem_array(a.pos, n, sizeof *a.pos);
		for (; i < n; i++)
			a.pos[i] = (struct near){ 0 };
		a.pos_cap = n;
	}
	if (a.row.neg.n > a.neg_cap) {
		a.neg_cap = 2 * a.row.neg.n;
		a.seen = mem_array(a.seen, a.neg_cap, sizeof *a.seen);
		a.finding = mem_array(a.finding, a.neg_cap, sizeof *a.finding);
		a.drop = mem_array(a.drop, a.neg_cap, sizeof *a.drop);
	}
}

/* Read a record's row, with its positives; return false if it is none. */
static bool
read_row(struct rec *r, const struct lex_language **language)
{
	const char *key;
	size_t i;

	if (!row_read(&a.row, r))
		return false;
	need();
	*language = documents_language(r, a.m->o.code_language, &key);
	set_scope();
	for (i = 0; i < a.row.pos.n; i++)
		near_read(&a.pos[i], *language, a.row.pos.v[i].text);
	return true;
}

/* Note the positives of a record, before any negative is looked at. */
static void
learn_record(void *ctx, struct rec *r)
{
	const struct lex_language *language;
	size_t i;

	(void)ctx;
	if (!read_row(r, &language))
		return;
	a.all_with_negatives += a.row.neg.n > 0;
	for (i = 0; i < a.row.pos.n; i++)
		known_add(&a.known, buf_span(&a.scope), &a.pos[i].sketch);
}

/* Return the positive that a negative is most like, and how. */
static struct finding
nearest_positive(void)
{
	struct finding best = { .of = SIZE_MAX }, one = { 0 };

	for (one.of = 0; one.of < a.row.pos.n; one.of++) {
		one.how = near_compare(&a.neg, &a.pos[one.of], a.m->o.likeness);
		if (one.how == NEAR_NOT ||
		    (best.how != NEAR_NOT && one.how >= best.how))
			continue;
		best = one;
		best.found =
		    one.how == NEAR_EQUAL ? FOUND_POSITIVE : FOUND_NEAR;
		best.likeness = near_shared(&a.neg, &a.pos[one.of]);
	}
	return best;
}

/* Return what is found of negative i. */
static struct finding
find(size_t i, const struct keyset_key *query)
{
	struct finding f = nearest_positive(), other = { .of = SIZE_MAX };
	enum near_how how;
	size_t j;

	if (text_trim(a.row.neg.v[i].text).n == 0) {
		other.found = FOUND_EMPTY;
		return other;
	}
	if (f.found == FOUND_POSITIVE)
		return f;
	how = known_find(&a.known, buf_span(&a.scope), &a.neg.sketch);
	if (how == NEAR_EQUAL)
		other.found = FOUND_OTHER;
	else if (memcmp(query, &a.neg.sketch.equal, sizeof *query) == 0)
		other.found = FOUND_QUERY;
	if (other.found != FOUND_NOTHING)
		return other;
	if (f.found == FOUND_NEAR)
		return f;
	if (how == NEAR_ALIKE) {
		other.found = FOUND_NEAR;
		other.how = NEAR_ALIKE;
		return other;
	}
	for (j = 0; j < i; j++)
		if (memcmp(&a.seen[j], &a.neg.sketch.equal, sizeof *a.seen) ==
		    0)
			other.found = FOUND_DUPLICATE;
	return other;
}

/* Look at all negatives of the row, and count what is found. */
static void
find_all(const struct lex_language *language)
{
	struct keyset_key query = near_equal_key(a.row.query, &a.neg.text);
	bool of_row[FOUND_KINDS] = { false };
	size_t i, dropped = 0;
	struct finding *f;
	int kind;

	for (i = 0; i < a.row.neg.n; i++) {
		near_read(&a.neg, language, a.row.neg.v[i].text);
		f = &a.finding[i];
		*f = find(i, &query);
		a.seen[i] = a.neg.sketch.equal;
		a.drop[i] = f->found != FOUND_NOTHING;
		dropped += a.drop[i];
		of_row[f->found] = true;
		a.sums.found[f->found].negatives++;
		a.sums.near[f->how] += f->found == FOUND_NEAR;
	}
	for (kind = 0; kind < FOUND_KINDS; kind++)
		a.sums.found[kind].rows += of_row[kind];
	a.sums.offending += dropped > 0;
	a.sums.emptied += dropped > 0 && dropped == a.row.neg.n;
}

/* Return the sum of the keys of texts, which does not know their order. */
static struct keyset_key
sum_of_keys(struct keyset_key sum, struct keyset_key one)
{
	return (struct keyset_key){ sum.a + one.a, sum.b + one.b };
}

/* Note a key of the scope; return whether it was there. */
static bool
came_before(char what, struct span text)
{
	struct keyset_key key = keyset_key(buf_span(&a.scope), what, text);
	bool before = keyset_find(&a.rows, key) != NULL;

	if (!before)
		keyset_add(&a.rows, key);
	return before;
}

/* Count what the row repeats; return whether it repeats a whole row. */
static bool
find_repeats(void)
{
	struct keyset_key key[2] = { { 0, 0 }, { 0, 0 } };
	bool same_pair, same_row;
	size_t i;

	for (i = 0; i < a.row.pos.n; i++)
		key[0] = sum_of_keys(key[0], a.pos[i].sketch.equal);
	for (i = 0; i < a.row.neg.n; i++)
		key[1] = sum_of_keys(key[1], a.seen[i]);
	a.sums.same_queries += came_before('q', (struct span){ "", 0 });
	same_pair = came_before('p', key_span(&key[0]));
	a.sums.same_pairs += same_pair;
	same_row =
	    came_before('r', (struct span){ (const char *)key, sizeof key });
	a.sums.same_rows += same_row;
	return same_row;
}

static void
count_lengths(void)
{
	long long pos = (long long)tokens_estimate(a.row.pos.v[0].text), n;
	size_t i, shorter = 0, longer = 0;

	hist_add(&a.sums.pos, pos);
	for (i = 0; i < a.row.neg.n; i++) {
		n = (long long)tokens_estimate(a.row.neg.v[i].text);
		hist_add(&a.sums.neg, n);
		if (pos > 0)
			hist_add(&a.sums.ratio, 1000 * n / pos);
		shorter += n < pos;
		longer += n > pos;
	}
	if (i == 0)
		return;
	a.sums.compared++;
	a.sums.longest += shorter == i;
	a.sums.shortest += longer == i;
	a.sums.chance += 1 / (double)(i + 1);
}

/* Give the classifier the row's positive and one of its negatives. */
static void
add_blind(const struct lex_language *language)
{
	double share = (double)BLIND_ROWS / (double)a.all_with_negatives;
	struct span id = a.row.query;
	unsigned part;

	if (a.row.neg.n == 0 || a.sums.blind_rows >= 2 * BLIND_ROWS ||
	    (double)hash_draw(a.m->o.seed, id, "blind") >= share * 0x1p64)
		return;
	part = (unsigned)(hash_draw(a.m->o.seed, id, "part") % BLIND_PARTS);
	blind_add(&a.blind, language, a.row.pos.v[0].text, true, part);
	blind_add(&a.blind, language,
	    a.row.neg.v[hash_draw(a.m->o.seed, id, "negative") % a.row.neg.n]
		.text,
	    false, part);
	a.sums.blind_rows++;
}

/* Append the place of a text, as jq would name it. */
static void
add_place(struct buf *b, const struct row_text *t)
{
	struct buf place = { 0 };

	buf_addspan(&place, t->key);
	if (t->in_list)
		buf_fmt(&place, "[%zu]", t->at);
	js_quote(b, buf_span(&place));
	buf_free(&place);
}

/* Append what was found of negative i, unless that is nothing. */
static void
add_finding(struct buf *b, size_t i)
{
	const struct finding *f = &a.finding[i];

	if (f->found == FOUND_NOTHING)
		return;
	if (b->p[b->n - 1] != '[')
		buf_addc(b, ',');
	buf_adds(b, "{\"at\":");
	add_place(b, &a.row.neg.v[i]);
	buf_fmt(b, ",\"found\":\"%s\"", audit_names[f->found]);
	if (f->of < a.row.pos.n) {
		buf_adds(b, ",\"of\":");
		add_place(b, &a.row.pos.v[f->of]);
	}
	if (f->found == FOUND_NEAR)
		buf_fmt(b, ",\"by\":\"%s\"",
		    f->how == NEAR_ALIKE ? "alike" : "shingles");
	if (f->how == NEAR_SHINGLES)
		buf_fmt(b, ",\"likeness\":%.4f", f->likeness);
	buf_addc(b, '}');
}

/* Set the record's member audit to what was found. */
static void
mark(struct rec *r, bool same_row)
{
	struct buf b = { 0 };
	size_t i;

	buf_adds(&b, "{\"negatives\":[");
	for (i = 0; i < a.row.neg.n; i++)
		add_finding(&b, i);
	buf_fmt(&b, "],\"duplicate\":%s}", same_row ? "true" : "false");
	rec_put(r, "audit", rec_hold(r, &b));
}

static enum filter_did
audit_record(struct filter *f, struct rec *r)
{
	const struct mine_opts *o = &a.m->o;
	enum filter_did did = o->mark || o->drop ? FILTER_PASS : FILTER_TAKE;
	const struct lex_language *language;
	bool same_row;

	(void)f;
	if (!read_row(r, &language)) {
		a.sums.other++;
		return did;
	}
	a.sums.rows++;
	a.sums.positives += a.row.pos.n;
	a.sums.negatives += a.row.neg.n;
	a.sums.bare += a.row.neg.n == 0;
	find_all(language);
	same_row = find_repeats();
	count_lengths();
	add_blind(language);
	if (o->mark)
		mark(r, same_row);
	if (o->drop && same_row)
		return FILTER_TAKE;
	if (o->drop)
		row_drop(&a.row, r, a.drop);
	return did;
}

/* Say in a few lines what was found, where rows have taken stdout. */
static void
say_found(bool drop)
{
	const struct audit_sums *s = &a.sums;
	size_t found = s->negatives - s->found[FOUND_NOTHING].negatives;
	int i;

	for (i = FOUND_NOTHING + 1; i < FOUND_KINDS; i++)
		if (s->found[i].negatives > 0)
			io_warn("%s: %zu negatives in %zu rows", audit_names[i],
			    s->found[i].negatives, s->found[i].rows);
	if (drop)
		io_warn("rows in %zu = rows out %zu + duplicates %zu; dropped "
			"%zu of %zu negatives, and %zu rows have none left",
		    s->rows, s->rows - s->same_rows, s->same_rows, found,
		    s->negatives, s->emptied);
	else
		io_warn("marked %zu of %zu negatives, and %zu of %zu rows as "
			"duplicates",
		    found, s->negatives, s->same_rows, s->rows);
}

/* Measure what needs all rows, and write the sums. */
static void
end(struct filter *f)
{
	const struct mine_opts *o = &a.m->o;
	struct buf b = { 0 };

	a.sums.bad = f->failed;
	a.sums.other -= o->mark || o->drop ? 0 : f->failed;
	a.sums.has_blind = blind_measure(&a.blind, &a.sums.blind);
	if (o->mark || o->drop)
		say_found(o->drop);
	else if (o->text || (!o->json && isatty(STDOUT_FILENO)))
		audit_table(&f->out, &a.sums);
	else
		audit_json(&f->out, &a.sums);
	if (o->summary == NULL)
		return;
	audit_json(&b, &a.sums);
	if (summary_write(o->summary, &b) != 0)
		exit(TG_EX_IO);
}

static void
free_all(void)
{
	while (a.pos_cap > 0)
		near_free(&a.pos[--a.pos_cap]);
	free(a.pos);
	near_free(&a.neg);
	free(a.seen);
	free(a.finding);
	free(a.drop);
	buf_free(&a.scope);
	known_free(&a.known);
	keyset_free(&a.rows);
	row_free(&a.row);
	blind_free(&a.blind);
}

int
mine_audit(struct mine *m, char **files)
{
	const struct mine_opts *o = &m->o;
	int status;

	a.m = m;
	if (o->mark + o->drop + o->text + o->json > 1)
		options_refuse("audit: give one of --mark, --drop, --text and "
			       "--json%s",
		    o->mark + o->drop == 1
			? "; --summary FILE takes the sums as JSON"
			: "");
	filter_tty(&m->f, files);
	filter_output("--summary", o->summary, (const char *const *)files);
	twice_read(
	    files, twice_keep(files), m->f.found.max_line, learn_record, NULL);
	m->f.serve = audit_record;
	m->f.serve_bad = !o->mark && !o->drop;
	m->f.end = end;
	status = filter_run(&m->f, files);
	free_all();
	return status;
}
