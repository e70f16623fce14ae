/* tg-llm - send each request to the LLM service and attach the answers */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "estimate.h"
#include "io/io.h"
#include "loop.h"
#include "open.h"
#include "options.h"
#include "signals.h"

static const char tool[] = "tg-llm";

/* Estimate what the records would take, and return the exit status. */
static int
dry_run(struct llm_opts *o)
{
	const char *cache = o->chat.cache, *why;
	struct estimate f = { .body = &o->chat.body,
		.model = o->chat.model,
		.prices = o->chat.prices,
		.choices = o->choices,
		.single = o->chat.single,
		.only = o->only,
		.pretend = o->pretend,
		.stats = o->stats_file };
	int status;

	if (o->chat.batch != NULL)
		options_refuse(
		    o->f.tool, "--dry-run: not with --export or --import");
	if (cache != NULL && f.model == NULL)
		options_refuse(o->f.tool,
		    "--dry-run: name the model with -m to look into --cache");
	/* an estimate does not make the cache */
	if (cache != NULL && access(cache, F_OK) == 0 &&
	    (f.answers = responses_new(tool, cache, 1, &why)) == NULL) {
		io_warn(tool, "%s", why);
		return TG_EX_IO;
	}
	status = estimate_run(&f, &o->f, o->files);
	responses_free(f.answers);
	return status;
}

static int
print_model(struct chat *chat)
{
	int status = TG_EX_OK;

	if (*chat_model(chat) == '\0' && chat_prepare(chat) == -1) {
		io_warn(tool, "%s", chat_stopped(chat));
		status = TG_EX_SERVICE;
	} else {
		printf("%s\n", chat_model(chat));
		if (fflush(stdout) == EOF)
			io_die_stdout(tool);
		io_close_stdout(tool);
	}
	chat_free(chat);
	return status;
}

/* Report, close everything, and return the exit status. */
static int
wind_up(struct llm *l, struct llm_opts *o)
{
	const char *stopped = chat_stopped(l->chat);
	int status = l->failed ? TG_EX_SOME : TG_EX_OK;

	if (!l->out.broken)
		outq_close(&l->out);
	if (stopped != NULL)
		status = TG_EX_SERVICE;
	if (l->in_failed)
		status = TG_EX_IO;
	metrics_end(&l->metrics, l->chat);
	if (stopped != NULL && signals_seen == 0 && !l->out.broken)
		io_warn(tool,
		    "stopped: %s; what was not answered can be sent again",
		    stopped);
	if (o->stats_file != NULL &&
	    metrics_write(&l->metrics, o->stats_file, l->chat) == -1) {
		io_warn(tool, "%s: %s", o->stats_file, strerror(errno));
		status = TG_EX_IO;
	}
	if (o->chat.batch != NULL &&
	    batch_close(&o->batch, l->eof && !l->in_failed && !signals_seen &&
				       !l->out.broken && stopped == NULL) == -1)
		status = TG_EX_IO;
	if (chat_cache_failed(l->chat))
		status = TG_EX_IO;
	if (chat_free(l->chat) == -1) {
		io_warn(tool, "%s: %s", o->chat.cache, strerror(errno));
		status = TG_EX_IO;
	}
	if (l->out.broken && signals_seen == 0) {
		errno = l->out.error ? l->out.error : EPIPE;
		io_die_stdout(tool);
	}
	if (signals_seen > 0) {
		signal(signals_last, SIG_DFL);
		raise(signals_last);
	}
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
	const char *const named[] = { or_null(o->key_file),
		or_null(o->chat.ca_file), NULL };

	filter_output(&o->f, "--stats", o->stats_file, files);
	filter_output(&o->f, "--stats", o->stats_file, named);
	filter_output(&o->f, "--export", o->batch.file, files);
	if (results != NULL && *results != NULL) {
		filter_output(&o->f, "--stats", o->stats_file, results);
		filter_output(&o->f, "--export", o->batch.file, results);
	}
}

/* Send the requests, or print the model, and return the exit status. */
static int
serve_records(struct llm_opts *o)
{
	struct llm l = { .o = o };
	int status;

	metrics_init(&l.metrics, tool, o->progress);
	llm_init(&l);
	signals_catch(tool);
	if (o->pid != 0)
		signals_watch(o->pid);
	o->chat.cancelled = signals_came;
	l.chat = llm_open_chat(o);
	if (o->print_model) {
		status = print_model(l.chat);
	} else {
		llm_run(&l);
		status = wind_up(&l, o);
	}
	metrics_free(&l.metrics);
	llm_free(&l);
	return status;
}

int
main(int argc, char *argv[])
{
	struct llm_opts o;
	int status;

	io_start();
	llm_opts_parse(&o, argc, argv);
	if (!o.print_model)
		filter_tty(&o.f, o.files);
	check_outputs(&o);
	llm_open_batch(&o);
	if (o.pretend && !o.dry_run)
		options_refuse(tool, "--pretend: needs --dry-run");
	status = o.dry_run ? dry_run(&o) : serve_records(&o);
	free(o.urls.v);
	/* the keys are gone */
	prctl(PR_SET_DUMPABLE, 1);
	return status;
}
