/* write: rows as the lines that a trainer reads, into the files of a plan */
#include "write.h"

#include <errno.h>
#include <stdio.h>

#include "beir.h"
#include "fit.h"
#include "line.h"
#include "out.h"

/* A row as it is read again, and the one that gives it a negative. */
struct reading {
	struct buf line, giver_line;
	struct rec rec, giver_rec;
	struct example example, giver;
};

static void
reading_free(struct reading *r)
{
	buf_free(&r->line);
	buf_free(&r->giver_line);
	rec_free(&r->rec);
	rec_free(&r->giver_rec);
	example_free(&r->example);
	example_free(&r->giver);
}

/* Make the positives of other rows the negatives of a row: 0, or -1. */
static int
take_givers(struct reading *r, struct table *rows, const struct row *row)
{
	const uint32_t *numbers = rows->numbers;
	struct span text;
	size_t i;

	for (i = 0; i < row->listed; i++) {
		if (table_read(rows, &rows->givers[numbers[row->first + i]],
			&r->giver_line, &r->giver_rec, &r->giver) == -1)
			return -1;
		text = r->giver.pos.v[0].text;
		text.p = arena_dup(&r->rec.mem, text.p, text.n);
		example_negative(&r->example, text);
	}
	r->example.scored = 0;
	return 0;
}

/* Read a row with the negatives that the plan leaves or gives it. */
static int
read_row(struct reading *r, struct plan *p, const struct options *o,
    const struct format *f, const struct row *row)
{
	const uint32_t *numbers = p->rows->numbers;
	struct passages *neg = &r->example.neg;
	size_t i, n = 0;

	if (table_read(p->rows, &row->line, &r->line, &r->rec, &r->example) ==
	    -1)
		return -1;
	fit_example(&r->example, f, o);
	if (row->marks & ROW_FILLED)
		return take_givers(r, p->rows, row);
	for (i = 0; i < neg->n; i++)
		if (row->listed == 0 ||
		    numbers[row->first + i] != ROWS_NO_NUMBER)
			neg->v[n++] = neg->v[i];
	neg->n = n;
	r->example.scored &= n > 0;
	return 0;
}

/* Open the file of a row instead of the one before: 0, or -1 with errno. */
static int
next_file(struct out *out, struct folder *folder, const struct plan *p,
    const struct row *row)
{
	char name[sizeof out->name];

	if (out_close(out) == -1)
		return -1;
	snprintf(name, sizeof name, "%s/%s", part_names[row->part],
	    p->names->v[p->files[row->file].name]);
	return out_open(out, folder, name);
}

static int
write_files(struct folder *folder, struct plan *p, const struct options *o,
    const struct format *f, struct reading *r, struct out *out)
{
	const struct row *row, *last = NULL;
	size_t i;

	for (i = 0; i < p->rows->n; i++, last = row) {
		row = &p->rows->v[i];
		if ((last == NULL || last->file != row->file ||
			last->part != row->part) &&
		    next_file(out, folder, p, row) == -1)
			return -1;
		if (read_row(r, p, o, f, row) == -1)
			return -1;
		line_writers[o->target](&out->text, f, &r->example);
		if (out_poll(out) == -1)
			return -1;
	}
	return out_close(out);
}

static int
write_beir(struct folder *folder, struct plan *p, const struct options *o,
    const struct format *f, struct reading *r, struct beir *beir)
{
	const struct row *row;
	size_t i;
	int part = -1;

	if (beir_open(beir, folder) == -1)
		return -1;
	for (i = 0; i < p->rows->n; i++) {
		row = &p->rows->v[i];
		if (row->part != part) {
			part = row->part;
			if (beir_part(beir, folder, part_names[part]) == -1)
				return -1;
		}
		if (read_row(r, p, o, f, row) == -1 ||
		    beir_row(beir, f, &r->example) == -1)
			return -1;
	}
	return beir_close(beir);
}

int
write_rows(struct folder *folder, struct plan *p, const struct options *o,
    const struct format *f, const char **name)
{
	static struct beir beir;
	static struct out out;
	struct reading r = { 0 };
	int failed, error;

	if (o->target == FOR_BEIR)
		failed = write_beir(folder, p, o, f, &r, &beir);
	else
		failed = write_files(folder, p, o, f, &r, &out);
	error = errno;
	*name = o->target == FOR_BEIR ? beir.failed : out.name;
	reading_free(&r);
	errno = error;
	return failed;
}
