/* sample: records to read, drawn by seed from each task and outcome */
#include "sample.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/text.h"

static const char *const purposes[OUTCOMES] = { "sample kept",
	"sample rejected", "sample failed" };

enum { TASK_NAME_MAX = 120 };

/* Return the place of a record's task and outcome; NULL if there are too many.
 */
static struct sample_place *
place_of(struct sample *s, const struct item *item)
{
	struct keyset_key key =
	    keyset_key(span_of(""), (char)('0' + item->outcome), item->task);
	struct buf name = { 0 };
	struct sample_place *p;
	size_t *number;

	s->index.value = sizeof *number;
	if ((number = keyset_find(&s->index, key)) != NULL)
		return &s->place[*number - 1];
	if (s->n >= SAMPLE_PLACES)
		return NULL;
	number = keyset_add(&s->index, key);
	s->place = mem_array(s->place, s->n + 1, sizeof *s->place);
	p = &s->place[s->n];
	*number = ++s->n;
	text_printable(&name, item->task, TASK_NAME_MAX);
	*p = (struct sample_place){
		.task = mem_dup(name.p, name.n),
		.outcome = item->outcome,
		.state =
		    hash_draw(s->seed, item->task, purposes[item->outcome]),
		.shown = mem_new(s->most * sizeof *p->shown),
	};
	buf_free(&name);
	return p;
}

void
sample_add(struct sample *s, const struct item *item)
{
	struct sample_place *p = place_of(s, item);
	struct buf fresh = { 0 };
	uint64_t at;

	if (p == NULL || s->most == 0) {
		s->left_out++;
		return;
	}
	at = p->seen < s->most ? p->seen : hash_next(&p->state) % (p->seen + 1);
	p->seen++;
	if (at >= s->most)
		return;
	s->show(&fresh, item);
	buf_free(&p->shown[at]);
	p->shown[at] =
	    (struct buf){ mem_dup(fresh.p, fresh.n), fresh.n, fresh.n + 1 };
	buf_free(&fresh);
}

size_t
sample_drawn(const struct sample *s, const struct sample_place *p)
{
	return p->seen < s->most ? p->seen : s->most;
}

void
sample_free(struct sample *s)
{
	size_t i, j;

	for (i = 0; i < s->n; i++) {
		for (j = 0; j < s->most; j++)
			buf_free(&s->place[i].shown[j]);
		free(s->place[i].shown);
		free(s->place[i].task);
	}
	free(s->place);
	keyset_free(&s->index);
}
