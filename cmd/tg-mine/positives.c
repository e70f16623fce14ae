/* positives: an index of the input's own positives */
#include "positives.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/mem.h"
#include "documents.h"
#include "index/build.h"
#include "io/io.h"
#include "json/find.h"
#include "twice.h"

static _Noreturn void
fail(const char *why)
{
	io_warn(
	    "the index of the pool: %s; TMPDIR names the folder for it", why);
	exit(TG_EX_IO);
}

/* The index that is being made. */
struct making {
	const struct mine *mine;
	struct build *build;
};

/* Write a name that no file in TMPDIR has. */
static void
make_name(struct buf *name)
{
	const char *dir = getenv("TMPDIR");
	unsigned long long n;

	if (getrandom(&n, sizeof n, 0) != sizeof n)
		n = (unsigned long long)getpid();
	buf_fmt(name, "%s/tg-mine.%016llx",
	    dir != NULL && *dir != '\0' ? dir : "/tmp", n);
	buf_cstr(name);
}

/*
 * Return whether the positive of a record was made for a task, so that no
 * corpus has the like.
 */
static bool
is_made(struct rec *r)
{
	struct span pos = rec_get(r, "pos"), text = rec_get(r, "text"), one;
	size_t at = 0;

	if (!js_is_string(pos))
		pos = js_next(pos, &at, &one) ? one : (struct span){ NULL, 0 };
	return documents_member(r, "task").p != NULL && js_is_string(pos) &&
	       !(js_is_string(text) &&
		   span_eq(js_string(pos, &r->mem), js_string(text, &r->mem)));
}

/* Add the documents of a record. */
static void
add_record(struct making *o, struct rec *r, bool pos_only)
{
	struct documents d = { .code_language = o->mine->o.code_language,
		.pos_only = pos_only };
	struct document one;
	const char *why;

	while (documents_next(&d, r, &one)) {
		struct build_doc doc = { one.text, one.origin, one.language };

		if (build_add(o->build, &doc, &why) == -1)
			fail(why);
	}
}

/* Add a record of the corpus. */
static void
add_corpus(void *ctx, struct rec *r)
{
	add_record(ctx, r, false);
}

/* Add a record of the input. */
static void
add_own(void *ctx, struct rec *r)
{
	struct making *o = ctx;

	if (rec_state(r) != REC_ENDED &&
	    (o->mine->o.corpus == NULL || is_made(r)))
		add_record(o, r, true);
}

void
positives_index(struct index *ix, const struct mine *m, char **files)
{
	struct build_how how = { .k1 = BUILD_K1, .b = BUILD_B };
	char *corpora[] = { NULL, NULL };
	struct making o = { .mine = m };
	struct buf name = { 0 };
	const char *why;

	make_name(&name);
	how.file = name.p;
	if ((o.build = build_start(&how, &why)) == NULL)
		fail(why);
	if (m->o.corpus != NULL) {
		corpora[0] = mem_dup(m->o.corpus, strlen(m->o.corpus));
		twice_read(corpora, -1, m->f.found.max_line, add_corpus, &o);
		free(corpora[0]);
	}
	twice_read(files, twice_keep(files), m->f.found.max_line, add_own, &o);
	if (build_end(o.build, &why) == -1)
		fail(why);
	build_free(o.build);
	if (index_open(ix, name.p, &why) == -1)
		fail(why);
	unlink(name.p);
	ix->file = "the index of the pool";
	buf_free(&name);
}
