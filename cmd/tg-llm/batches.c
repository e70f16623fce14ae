/* batches: files of requests, and the batches that are made of them */
#include "batches.h"

#include <stdio.h>
#include <unistd.h>

#include "chat/endpoint.h"
#include "io/io.h"
#include "signals.h"

/* Say what has become of a file, by its ticket. */
static void
say_words(const struct ticket *t)
{
	struct buf words = { 0 };

	ticket_words(t, &words);
	io_warn("%s: %s", t->file, buf_cstr(&words));
	buf_free(&words);
}

/* Print a ticket on stdout. */
static void
print_ticket(const struct ticket *t)
{
	struct buf line = { 0 };

	ticket_line(t, &line);
	if (io_write(STDOUT_FILENO, buf_span(&line)) == -1)
		io_die_stdout();
	buf_free(&line);
}

/*
 * Return whether the batch is at another service than the one that is named: a
 * key goes where the user says, not where a file says.
 */
static int
is_elsewhere(struct service *s, const struct ticket *t)
{
	const char *service = ticket_text(t, "service");

	if (t->step == TICKET_NEW || span_eq(endpoint_base(span_of(service)),
					 endpoint_base(span_of(s->base))))
		return 0;
	service_fail(s,
	    "its ticket is about a batch at %s, not at %s; name "
	    "that service with -u",
	    service, s->base);
	return 1;
}

/* Do the action for a file that is open and has a ticket: a status. */
static int
act(const struct llm_opts *o, struct service *s, const struct input *in,
    struct ticket *t)
{
	int status = TG_EX_OK;

	if (is_elsewhere(s, t))
		return TG_EX_USAGE;
	switch (o->batch_action) {
	case BATCH_SUBMIT:
		if (t->step < TICKET_RUNNING)
			io_warn("%s: %zu requests go to %s as a batch", t->file,
			    in->requests, s->base);
		status = remote_submit(s, t, in);
		break;
	case BATCH_POLL:
		status = remote_poll(s, t);
		break;
	case BATCH_FETCH:
		status = remote_fetch(s, t);
		break;
	default:
		status = remote_cancel(s, t);
	}
	return status == TG_EX_OK && ticket_has_failed(t) ? TG_EX_SOME : status;
}

/* Open a file, and check its requests if they are to be submitted. */
static int
open_file(const struct llm_opts *o, struct input *in, const char *file,
    const char **why)
{
	if (input_open(in, file, why) == -1)
		return -1;
	if (o->batch_action != BATCH_SUBMIT ||
	    input_read(in, o->batch.max, (long long)o->batch.max_bytes, why) ==
		0)
		return 0;
	input_close(in);
	return -1;
}

/* Serve a file: a status. */
static int
serve_file(const struct llm_opts *o, struct service *s, const char *file)
{
	struct input in;
	struct ticket t;
	const char *why;
	int status = TG_EX_IO;

	if (open_file(o, &in, file, &why) == -1) {
		io_warn("%s", why);
		return TG_EX_IO;
	}
	if (ticket_read(&t, file, &why) == -1) {
		io_warn("%s", why);
	} else {
		status = act(o, s, &in, &t);
		if (status > TG_EX_SOME)
			io_warn("%s: %s", file, s->why);
		if (status != TG_EX_USAGE)
			say_words(&t);
		print_ticket(&t);
		ticket_free(&t);
	}
	input_close(&in);
	return status;
}

int
batches_run(const struct llm_opts *o, struct service *s)
{
	int worst = TG_EX_OK, status;
	char **file;

	for (file = o->files; *file != NULL && !signals_came(); file++) {
		status = serve_file(o, s, *file);
		if (status > worst)
			worst = status;
		if (status == TG_EX_SERVICE && s->hopeless)
			break;
	}
	io_close_stdout();
	return worst;
}
