/* tg-llm - send each request to the LLM service and attach the answers */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "batches.h"
#include "estimate.h"
#include "io/io.h"
#include "loop.h"
#include "open.h"
#include "options.h"
#include "signals.h"

/* Refuse what goes together with no --batch, and files that are not there. */
static void
check_batch(const struct llm_opts *o)
{
	if (o->batch.file != NULL || o->batch.import != NULL || o->dry_run ||
	    o->print_model || o->print_servers)
		options_refuse("--batch: not with --export, --import, "
			       "--dry-run, --print-model or --print-servers");
	if (o->urls.n > 1)
		options_refuse("--batch: name one base URL");
	if (o->files[0] == NULL)
		options_refuse("--batch: name the files of requests");
	if (o->stats_file != NULL || o->chat.limits.cost > 0 ||
	    o->chat.limits.tokens > 0)
		options_refuse("--batch: not with --stats or a budget");
}

/* Open the files of --export or --import, which take the place of a service. */
static void
open_batch(struct llm_opts *o)
{
	const char *const *results = o->batch.import;
	const char *why;

	if (o->batch.file == NULL && results == NULL)
		return;
	if (o->chat.limits.cost > 0 || o->chat.limits.tokens > 0)
		options_refuse("a budget is kept where a server is asked, not "
			       "by a batch");
	if (results != NULL && *results == NULL)
		options_refuse("--import: name the files of results");
	if (o->chat.model == NULL)
		options_refuse("name the model with -m: nobody is asked");
	if (batch_open(&o->batch, &why) == -1) {
		io_warn("%s", why);
		exit(TG_EX_IO);
	}
	o->chat.batch = &o->batch;
}

/* Open a chat. */
static void *
open_chat(const struct chat_opts *o, int *status, const char **why)
{
	return chat_new(o, status, why);
}

/* Open the batch API of a service. */
static void *
open_remote(const struct chat_opts *o, int *status, const char **why)
{
	return service_new(o, status, why);
}

/* Print the model, and with_servers who gets text; return the exit status. */
static int
print_model(struct chat *chat, int with_servers)
{
	const char *model = chat_stats(chat)->model;
	struct buf b = { 0 };
	int status = TG_EX_OK;

	if (*model == '\0' && chat_prepare(chat) == -1) {
		io_warn("%s", chat_stopped(chat));
		status = TG_EX_SERVICE;
	} else {
		buf_fmt(&b, "%s\n", model);
		if (with_servers) {
			chat_describe(chat, &b);
			buf_addc(&b, '\n');
		}
		if (io_write(STDOUT_FILENO, buf_span(&b)) == -1)
			io_die_stdout();
		io_close_stdout();
	}
	buf_free(&b);
	chat_free(chat);
	return status;
}

/* End as a signal that came would have ended the program, if one came. */
static void
raise_signal(void)
{
	if (signals_seen > 0) {
		signal(signals_last, SIG_DFL);
		raise(signals_last);
	}
}

/* Report, close everything, and return the exit status. */
static int
wind_up(struct llm *l, struct llm_opts *o)
{
	const char *stopped = chat_stopped(l->chat);
	int made, status = o->f.failed > 0 ? TG_EX_SOME : TG_EX_OK;

	if (!l->out.broken)
		output_close(&l->out);
	if (stopped != NULL)
		status = TG_EX_SERVICE;
	if (l->in_failed)
		status = TG_EX_IO;
	l->metrics.progress.last = 1;
	metrics_show(&l->metrics, l->chat);
	if (o->embed != NULL) {
		made = embed_close(
		    &l->embed, l->eof && !l->in_failed && !signals_seen &&
				   !l->out.broken && stopped == NULL);
		if (made == TG_EX_IO || made > status)
			status = made;
	}
	if (stopped != NULL && signals_seen == 0 && !l->out.broken)
		io_warn("stopped: %s; what was not answered can be sent again",
		    stopped);
	if (o->stats_file != NULL &&
	    metrics_write(&l->metrics, o->stats_file, l->chat) == -1) {
		io_warn("%s: %s", o->stats_file, strerror(errno));
		status = TG_EX_IO;
	}
	if (o->chat.batch != NULL &&
	    batch_close(&o->batch, l->eof && !l->in_failed && !signals_seen &&
				       !l->out.broken && stopped == NULL) == -1)
		status = TG_EX_IO;
	if (chat_stats(l->chat)->write_failed)
		status = TG_EX_IO;
	if (chat_free(l->chat) == -1) {
		io_warn("%s: %s", o->chat.cache, strerror(errno));
		status = TG_EX_IO;
	}
	if (l->out.broken && signals_seen == 0) {
		errno = l->out.error ? l->out.error : EPIPE;
		io_die_stdout();
	}
	raise_signal();
	return status;
}

/* Return file, or for NULL a file that no output writes over. */
static const char *
or_null(const char *file)
{
	return file != NULL ? file : "/dev/null";
}

/* Refuse to write over an input: an operand, or results to import. */
static void
check_outputs(const struct llm_opts *o)
{
	const char *const *files = (const char *const *)o->files;
	const char *const *results = o->batch.import;
	const char *const named[] = { or_null(o->chat.ca_file), NULL };

	filter_output("--stats", o->stats_file, files);
	filter_output("--stats", o->stats_file, named);
	open_check_output("--stats", o->stats_file, o);
	filter_output("--stats", o->stats_file, results);
	filter_output("--vectors", o->vectors, files);
	filter_output("--vectors", o->vectors, named);
	open_check_output("--vectors", o->vectors, o);
	filter_output("--export", o->batch.file, files);
	filter_output("--export", o->batch.file, results);
}

/* Send the requests, or print the model, and return the exit status. */
static int
serve_records(struct llm_opts *o)
{
	struct llm l = { .o = o };
	int status;

	llm_init(&l);
	o->chat.cancelled = signals_came;
	o->chat.quiet |= o->print_model | o->print_servers;
	l.chat = open_with_keys(o, open_chat);
	/* A signal that came earlier ended the program: nothing was sent. */
	signals_catch(o->pid);
	if (o->print_model || o->print_servers) {
		status = print_model(l.chat, o->print_servers);
	} else {
		if (o->embed != NULL)
			embed_open(&l.embed, o);
		llm_run(&l);
		status = wind_up(&l, o);
	}
	llm_free(&l);
	return status;
}

/* Do what --batch says, and return the exit status. */
static int
serve_batches(struct llm_opts *o)
{
	struct service *s;
	int status;

	signals_catch(o->pid);
	o->chat.cancelled = signals_came;
	s = open_with_keys(o, open_remote);
	status = batches_run(o, s);
	service_free(s);
	raise_signal();
	return status;
}

int
main(int argc, char *argv[])
{
	struct llm_opts o;
	int status;

	llm_opts_parse(&o, argc, argv);
	if (o.batch_action != BATCH_NONE)
		check_batch(&o);
	else if (!o.print_model && !o.print_servers)
		filter_tty(&o.f, o.files);
	check_outputs(&o);
	open_batch(&o);
	if (o.pretend && !o.dry_run)
		options_refuse("--pretend: needs --dry-run");
	status = o.batch_action != BATCH_NONE ? serve_batches(&o)
		 : o.dry_run                  ? estimate_run(&o)
					      : serve_records(&o);
	free(o.urls.v);
	free(o.key_files.v);
	free(o.only_hosts.v);
	/* the keys are gone */
	prctl(PR_SET_DUMPABLE, 1);
	return status;
}
