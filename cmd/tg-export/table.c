/* table: all rows that are to be written, and their lines on disk */
#include "table.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/io.h"

enum { FULL = 256 * 1024 };

/* Write out the lines that wait: 0, or -1 with errno. */
static int
flush(struct table *rows)
{
	int failed = io_write(rows->fd, buf_span(&rows->out));

	buf_clear(&rows->out);
	return failed;
}

struct row *
table_add(struct table *rows, struct span line)
{
	struct row *row;

	if (rows->out.n >= FULL && flush(rows) == -1)
		return NULL;
	if (rows->n == rows->cap) {
		rows->cap = rows->cap == 0 ? 1024 : rows->cap + rows->cap / 4;
		rows->v = mem_array(rows->v, rows->cap, sizeof *rows->v);
	}
	row = &rows->v[rows->n++];
	*row = (struct row){ .line = { rows->size, line.n } };
	buf_addspan(&rows->out, line);
	rows->size += (off_t)line.n;
	return row;
}

void
table_number(struct table *rows, struct row *row, uint32_t number)
{
	if (rows->nnumbers == rows->numbers_cap) {
		rows->numbers_cap =
		    rows->numbers_cap == 0
			? 1024
			: rows->numbers_cap + rows->numbers_cap / 4;
		rows->numbers = mem_array(
		    rows->numbers, rows->numbers_cap, sizeof *rows->numbers);
	}
	if (row->listed++ == 0)
		row->first = rows->nnumbers;
	rows->numbers[rows->nnumbers++] = number;
}

void
table_leave(struct table *rows, struct row *row, const char *why)
{
	row->part = PART_NONE;
	counts_add(&rows->left, span_of(why));
}

int
table_read(struct table *rows, const struct row_line *line, struct buf *text,
    struct rec *r, struct example *e)
{
	const char *why;

	if (rows->out.n > 0 && flush(rows) == -1)
		return -1;
	text->n = 0;
	if (log_read(rows->fd, line->at, line->len, text) == -1)
		return -1;
	if (rec_read(r, buf_span(text), &why) == -1 ||
	    example_read(e, r) != NULL) {
		errno = EIO;
		return -1;
	}
	return 0;
}

void
table_free(struct table *rows)
{
	free(rows->v);
	free(rows->numbers);
	free(rows->givers);
	buf_free(&rows->out);
	counts_free(&rows->left);
}
