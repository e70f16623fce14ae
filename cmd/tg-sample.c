/* tg-sample - draw a number of records, the same ones in any order */
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "record/filter.h"

/* A record that is drawn so far. */
struct drawn {
	uint64_t draw; /* its number by chance: the smallest ones stay */
	size_t place;  /* records before it in the input */
	char *line;    /* text with its newline; owned */
	size_t n;      /* bytes of line */
};

struct sample {
	size_t want;    /* records to draw */
	long long seed; /* seed of the draw */
	const char *summary;
	struct drawn *heap; /* drawn records, the largest draw first */
	size_t n;           /* records in heap */
	struct buf line;    /* scratch space */
};

#define AT(member) OPTION_AT(struct sample, member)

static const struct option_def options[] = {
	{ "number", 'n', OPTION_INT, OPTION_RUN, "N",
	    "records to draw; all, if the input has fewer", AT(want), .lo = 1,
	    .hi = 1 << 24, .required = 1 },
	{ "seed", 0, OPTION_INT, OPTION_RUN, "N",
	    "seed of the draw, 0 unless given", AT(seed), .lo = INT64_MIN,
	    .hi = INT64_MAX },
	{ "summary", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "write there how many lines were read, as JSON", AT(summary) },
	{ OPTION_MAX_LINE_DEF },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-sample",
	.forms = { { 1, "", "[file ...]" } },
	.options = options,
	.about = "Draw N records by chance and write them in the order of the "
		 "input. The same\n"
		 "seed draws the same records, however the input is ordered.\n",
	.notes = "Example: tg-sample -n 100 code.jsonl | tg-run -t "
		 "code_summary_retrieval\n",
};

static void
swap(struct drawn *a, struct drawn *b)
{
	struct drawn c = *a;

	*a = *b;
	*b = c;
}

/* Let the last record of the heap rise to its place. */
static void
rise(struct drawn *heap, size_t i)
{
	for (; i > 0 && heap[i].draw > heap[(i - 1) / 2].draw; i = (i - 1) / 2)
		swap(&heap[i], &heap[(i - 1) / 2]);
}

/* Let the first record of a heap of n sink to its place. */
static void
sink(struct drawn *heap, size_t n)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n && heap[child + 1].draw > heap[child].draw)
			child++;
		if (heap[i].draw >= heap[child].draw)
			return;
		swap(&heap[i], &heap[child]);
		i = child;
	}
}

static enum filter_did
draw_record(struct filter *f, struct rec *r)
{
	struct sample *s = f->ctx;
	struct drawn d = { .place = f->lines };

	s->line.n = 0;
	rec_write(r, &s->line);
	d.draw = hash_draw(s->seed, buf_span(&s->line), "sample");
	if (s->n == s->want && d.draw >= s->heap[0].draw)
		return FILTER_TAKE;
	d.n = s->line.n;
	d.line = mem_dup(s->line.p, d.n);
	if (s->n < s->want) {
		/* the heap doubles: N may be more than the input has */
		if ((s->n & (s->n - 1)) == 0)
			s->heap = mem_resize(
			    s->heap, (s->n ? 2 * s->n : 1) * sizeof *s->heap);
		s->heap[s->n] = d;
		rise(s->heap, s->n++);
	} else {
		free(s->heap[0].line);
		s->heap[0] = d;
		sink(s->heap, s->n);
	}
	return FILTER_TAKE;
}

static int
compare_places(const void *a, const void *b)
{
	const struct drawn *x = a, *y = b;

	return x->place < y->place ? -1 : x->place > y->place;
}

/* Write what is drawn, in the order of the input. */
static void
write_drawn(struct filter *f)
{
	struct sample *s = f->ctx;
	size_t i;

	if (s->n > 0)
		qsort(s->heap, s->n, sizeof *s->heap, compare_places);
	for (i = 0; i < s->n; i++) {
		buf_add(&f->out, s->heap[i].line, s->heap[i].n);
		free(s->heap[i].line);
	}
	free(s->heap);
	buf_free(&s->line);
}

int
main(int argc, char *argv[])
{
	struct sample s = { 0 };
	struct filter f = { .program = &program,
		.serve = draw_record,
		.serve_bad = 1,
		.end = write_drawn,
		.ctx = &s };
	char **files = filter_options(&f, &s, argc, argv);

	if (s.want == 0)
		options_refuse("name the number of records with -n");
	f.count_file = s.summary;
	return filter_run(&f, files);
}
