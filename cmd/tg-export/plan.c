/* plan: decides where and how each row is written */
#include "plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

const char *const part_names[PARTS] = { "train", "dev", "test" };

/* Negatives of a row that is filled, where no row of its file has any. */
enum { FILL_NEGS = 7, FILL_TRIES = 20 };

/* A set of rows that must not be split. */
struct group {
	uint64_t draw; /* least draw of its rows */
	uint32_t root;
	size_t rows;
};

static int
compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->draw != y->draw)
		return x->draw < y->draw ? -1 : 1;
	return (x->rows > y->rows) - (x->rows < y->rows);
}

/* Return the part that lacks most rows once it had n of the rows seen. */
static enum part
neediest(const struct plan *p, size_t seen)
{
	double lacks, most = 0;
	int part, found = PART_TRAIN;

	for (part = 0; part < PARTS; part++) {
		lacks = p->share[part] * (double)seen - (double)p->sizes[part];
		if (p->share[part] > 0 &&
		    (lacks > most || p->share[found] == 0)) {
			most = lacks;
			found = part;
		}
	}
	return (enum part)found;
}

/* Collect the groups of the rows; the caller frees the result. */
static struct group *
collect_groups(struct plan *p)
{
	struct table *rows = p->rows;
	uint32_t *number = mem_new((p->ties->n + 1) * sizeof *number), root;
	struct group *v = NULL;
	size_t i, cap = 0;

	for (i = 0; i < rows->n; i++) {
		root = ties_root(p->ties, rows->v[i].group);
		if (number[root] == 0) {
			if (p->groups == cap) {
				cap = cap == 0 ? 64 : 2 * cap;
				v = mem_array(v, cap, sizeof *v);
			}
			v[p->groups] = (struct group){ UINT64_MAX, root, 0 };
			number[root] = (uint32_t)++p->groups;
		}
		v[number[root] - 1].rows++;
		if (rows->v[i].draw < v[number[root] - 1].draw)
			v[number[root] - 1].draw = rows->v[i].draw;
	}
	free(number);
	return v;
}

/*
 * Give each group the part that lacks most rows, in an order that is drawn.
 * Return the parts of all nodes, which the caller frees.
 */
static uint8_t *
choose_parts(struct plan *p)
{
	struct group *groups = collect_groups(p);
	uint8_t *parts = mem_get(p->ties->n + 1);
	size_t i, seen = 0;
	enum part part;

	memset(parts, PART_NONE, p->ties->n + 1);
	if (p->groups > 0)
		qsort(groups, p->groups, sizeof *groups, compare_groups);
	for (i = 0; i < p->groups; i++) {
		seen += groups[i].rows;
		part = neediest(p, seen);
		parts[groups[i].root] = (uint8_t)part;
		p->sizes[part] += groups[i].rows;
		if (groups[i].rows > p->largest)
			p->largest = groups[i].rows;
	}
	free(groups);
	return parts;
}

/*
 * Drop the negatives of a row that stand in another part. A text that is only a
 * negative belongs to the part of the first row that has it.
 */
static void
drop_shared(struct plan *p, struct row *row, uint8_t *parts)
{
	uint32_t *number = p->rows->numbers + row->first, root;
	size_t i;

	for (i = 0; i < row->listed; i++) {
		root = ties_root(p->ties, number[i]);
		if (parts[root] == PART_NONE)
			parts[root] = row->part;
		if (parts[root] == row->part)
			continue;
		number[i] = ROWS_NO_NUMBER;
		row->negs--;
		p->shared++;
	}
}

static void
split(struct plan *p)
{
	struct table *rows = p->rows;
	uint8_t *parts = choose_parts(p);
	size_t i;

	for (i = 0; i < rows->n; i++)
		rows->v[i].part = parts[ties_root(p->ties, rows->v[i].group)];
	for (i = 0; i < rows->n && p->drop_shared; i++)
		drop_shared(p, &rows->v[i], parts);
	free(parts);
}

/* Rows without negatives. */

/* Return whether the positive of from can be a negative of row. */
static int
can_give(
    const struct table *rows, const struct row *row, const struct row *from)
{
	size_t i;

	if (from->pos == row->pos || from->near == row->near ||
	    from->query == row->query || from->pos == row->query)
		return 0;
	for (i = 0; i < row->listed; i++)
		if (rows->v[rows->numbers[row->first + i]].pos == from->pos)
			return 0;
	return 1;
}

/* Give a row up to n positives, drawn among n_from rows, as negatives. */
static void
fill(struct plan *p, struct row *row, const uint32_t *from, size_t n_from,
    size_t n)
{
	struct span id = { (const char *)&row->draw, sizeof row->draw };
	size_t tries;
	uint32_t one;
	char purpose[32];

	row->listed = 0;
	for (tries = 0; row->listed < n && tries < FILL_TRIES * n; tries++) {
		snprintf(purpose, sizeof purpose, "fill:%zu", tries);
		one = from[hash_draw(p->seed, id, purpose) % n_from];
		if (can_give(p->rows, row, &p->rows->v[one]))
			table_number(p->rows, row, one);
	}
	row->negs = row->listed;
	row->marks |= ROW_FILLED;
	row->marks &= (uint8_t)~ROW_SCORED;
	p->filled += row->negs > 0;
}

static int
compare_bases(const void *a, const void *b, void *ctx)
{
	const struct table *rows = ctx;
	const struct row *x = &rows->v[*(const uint32_t *)a];
	const struct row *y = &rows->v[*(const uint32_t *)b];

	if (x->base != y->base)
		return x->base < y->base ? -1 : 1;
	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return x < y ? -1 : 1;
}

/* Fill the rows without negatives among n rows of one task and part. */
static void
fill_base(struct plan *p, const uint32_t *v, size_t n)
{
	size_t i, most = 0;

	for (i = 0; i < n; i++)
		if (p->rows->v[v[i]].negs > most)
			most = p->rows->v[v[i]].negs;
	for (i = 0; i < n; i++)
		if (p->rows->v[v[i]].negs == 0)
			fill(p, &p->rows->v[v[i]], v, n,
			    most > 0 ? most : FILL_NEGS);
}

static void
fill_rows(struct plan *p)
{
	struct table *rows = p->rows;
	uint32_t *v = mem_array(NULL, rows->n + 1, sizeof *v);
	const struct row *a, *b;
	size_t i, n = 0, start = 0;

	for (i = 0; i < rows->n; i++)
		if (!(rows->v[i].marks & ROW_CUT))
			v[n++] = (uint32_t)i;
	qsort_r(v, n, sizeof *v, compare_bases, rows);
	for (i = 1; i <= n; i++) {
		a = &rows->v[v[start]];
		b = i < n ? &rows->v[v[i]] : NULL;
		if (b != NULL && b->base == a->base && b->part == a->part)
			continue;
		fill_base(p, v + start, i - start);
		start = i;
	}
	free(v);
}

static void
treat_empty(struct plan *p)
{
	struct table *rows = p->rows;
	struct row *row;
	size_t i;

	if (p->empty == EMPTY_FILL)
		fill_rows(p);
	for (i = 0; i < rows->n; i++) {
		row = &rows->v[i];
		if (row->negs > 0)
			continue;
		/* a score of the positive alone teaches nothing */
		row->marks &= (uint8_t)~ROW_SCORED;
		if (p->empty != EMPTY_APART)
			table_leave(rows, row, "without negatives");
	}
}

/* Files. */

/* Return the index of the file for a row, which is made if need be. */
static uint32_t
file_of(struct plan *p, const struct row *row)
{
	struct buf b = { 0 };
	uint32_t name, i;

	buf_adds(&b, p->names->v[row->base]);
	buf_adds(&b, row->marks & ROW_BARE ? "-noprompt" : "");
	buf_adds(&b, row->marks & ROW_SCORED ? "-scores" : "");
	buf_adds(&b, row->marks & ROW_CUT ? "-cut" : "");
	if (p->by_count || row->negs == 0)
		buf_fmt(&b, "-%uneg", (unsigned)row->negs);
	buf_adds(&b, ".jsonl");
	name = names_add(p->names, buf_span(&b));
	buf_free(&b);
	for (i = 0; i < p->nfiles; i++)
		if (p->files[i].name == name)
			return i;
	p->files = mem_array(p->files, p->nfiles + 1, sizeof *p->files);
	p->files[p->nfiles++] =
	    (struct plan_file){ .name = name, .marks = row->marks };
	return i;
}

static void
choose_files(struct plan *p)
{
	struct row *row;
	struct plan_file *file;
	size_t i;

	memset(p->sizes, 0, sizeof p->sizes);
	for (i = 0; i < p->rows->n; i++) {
		row = &p->rows->v[i];
		if (row->part == PART_NONE)
			continue;
		row->file = p->one_file ? 0 : file_of(p, row);
		p->sizes[row->part]++;
		if (p->one_file)
			continue;
		file = &p->files[row->file];
		file->rows[row->part]++;
		if (row->negs > file->most)
			file->most = row->negs;
	}
}

/* Order. */

static int
compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->place < y->place || x->place > y->place)
		return x->place < y->place ? -1 : 1;
	return (x->line.at > y->line.at) - (x->line.at < y->line.at);
}

/* Where a row stands among those of its file. */
struct stand {
	uint32_t pos, index;
};

static int
compare_stands(const void *a, const void *b)
{
	const struct stand *x = a, *y = b;

	if (x->pos != y->pos)
		return x->pos < y->pos ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

/* Sort where the n rows of a file stand by their positives. */
static void
sort_stands(struct stand *s, const struct row *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		s[i] = (struct stand){ v[i].pos, (uint32_t)i };
	qsort(s, n, sizeof *s, compare_stands);
}

/*
 * Spread the rows that share a positive evenly over a file of n rows. All
 * others keep their order between them.
 */
static void
spread(struct row *v, struct stand *s, size_t n)
{
	size_t i, j, m, alone = 0;
	double start;

	for (i = 0; i < n; i++)
		v[i].place = 0;
	sort_stands(s, v, n);
	for (i = 0; i < n; i += m) {
		for (m = 1; i + m < n && s[i + m].pos == s[i].pos; m++)
			;
		alone += m == 1;
		start = fmod(
		    ((double)s[i].index + 0.5) / (double)n, 1.0 / (double)m);
		for (j = 0; j < m && m > 1; j++)
			v[s[i + j].index].place = start + (double)j / (double)m;
	}
	for (i = j = 0; i < n; i++)
		if (v[i].place == 0)
			v[i].place = ((double)j++ + 0.5) / (double)alone;
	qsort(v, n, sizeof *v, compare_rows);
}

/* Return the fewest rows from one positive to the same again; 0: none is. */
static size_t
nearest(const struct row *v, struct stand *s, size_t n)
{
	size_t i, least = 0;

	sort_stands(s, v, n);
	for (i = 1; i < n; i++)
		if (s[i].pos == s[i - 1].pos &&
		    (least == 0 || s[i].index - s[i - 1].index < least))
			least = s[i].index - s[i - 1].index;
	return least;
}

/* Let the rows that were filled name those that give to them by their lines. */
static void
note_givers(struct table *rows)
{
	size_t i;

	rows->givers = mem_array(NULL, rows->n + 1, sizeof *rows->givers);
	for (i = 0; i < rows->n; i++)
		rows->givers[i] = rows->v[i].line;
}

/* Sort the rows, those that are written first. */
static void
sort_rows(struct plan *p)
{
	struct table *rows = p->rows;
	struct stand *s = mem_array(NULL, rows->n + 1, sizeof *s);
	struct row *v = rows->v;
	size_t i, start = 0, near;

	if (p->filled > 0)
		note_givers(rows);
	if (rows->n > 0)
		qsort(v, rows->n, sizeof *v, compare_rows);
	while (rows->n > 0 && v[rows->n - 1].part == PART_NONE)
		rows->n--;
	for (i = 1; i <= rows->n && !p->one_file; i++) {
		if (i < rows->n && v[i].part == v[start].part &&
		    v[i].file == v[start].file)
			continue;
		spread(v + start, s, i - start);
		near = nearest(v + start, s, i - start);
		if (v[start].part == PART_TRAIN)
			p->files[v[start].file].near = near;
		start = i;
	}
	free(s);
}

void
plan_rows(struct plan *p)
{
	size_t i;

	if (p->split)
		split(p);
	for (i = 0; i < p->rows->n && !p->split; i++)
		p->rows->v[i].part =
		    p->share[PART_TEST] > 0 ? PART_TEST : PART_TRAIN;
	treat_empty(p);
	choose_files(p);
	sort_rows(p);
}

void
plan_free(struct plan *p)
{
	free(p->files);
}
