/* batch: requests to files and results from files, in place of a server */
#include "batch/batch.h"

#include <stdio.h>

#include "io/io.h"

int
batch_open(struct batch *b, const char **why)
{
	if (b->import != NULL &&
	    (b->results = batch_in_new(b->import, why)) == NULL)
		return -1;
	if (b->file != NULL && (b->requests = batch_out_new(b->file, b->max,
				    b->max_bytes, why)) == NULL)
		return -1;
	return 0;
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* Say how many things there are, if any, and what is the matter with them. */
static void
say_count(size_t n, const char *thing, const char *what)
{
	if (n > 0)
		io_warn("%zu %s%s %s", n, thing, plural(n), what);
}

static void
say_imported(const struct batch *b)
{
	const struct batch_in *r = b->results;
	char again[520];

	say_count(r->bad, "line", "of the results could not be used");
	say_count(r->other, "result", "of requests that tg-llm did not export");
	if (b->left > 0)
		say_count(r->index.n - r->given, "result",
		    "that no record asks for; model, -n and parameters must be "
		    "those of the export");
	snprintf(again, sizeof again, "to be asked for again: %s", b->reason);
	say_count(b->passed, "result", again);
}

static void
say_exported(const struct batch *b)
{
	const struct batch_out *r = b->requests;
	size_t n = r->count;
	char first[BATCH_OUT_NAME], last[BATCH_OUT_NAME];

	batch_out_name(first, r, 0, 0);
	batch_out_name(last, r, r->files - 1, 0);
	if (n == 0)
		io_warn("nothing to ask: there is no %s", b->file);
	else if (r->files == 1)
		io_warn("%zu request%s for %lu record%s in %s", n, plural(n),
		    b->left, plural(b->left), first);
	else
		io_warn("%zu requests for %lu records in %zu files, %s to %s",
		    n, b->left, r->files, first, last);
}

int
batch_close(struct batch *b, int complete)
{
	const char *why;
	int status = 0;

	if (b->results != NULL)
		say_imported(b);
	if (b->requests != NULL && !complete) {
		io_warn("%s is not written: the input was not read "
			"to its end",
		    b->file);
	} else if (b->requests != NULL) {
		status = batch_out_publish(b->requests, &why);
		if (status == -1)
			io_warn("%s", why);
		else
			say_exported(b);
	} else if (b->left > 0) {
		io_warn("%lu record%s still asked", b->left,
		    b->left == 1 ? " is" : "s are");
	}
	batch_in_free(b->results);
	batch_out_free(b->requests);
	return status;
}
