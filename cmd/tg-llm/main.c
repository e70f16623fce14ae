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

/* Count instead of asking. */
static int
dry_run(struct llm_opts *o)
{
	const char *cache = o->chat.cache, *why;
	struct forecast f = { .body = &o->chat.body,
		.model = o->chat.model,
		.prices = o->chat.prices,
		.choices = o->choices,
		.single = o->chat.single,
		.only = o->only,
		.pretend = o->pretend,
		.stats = o->stats_file };
	int status;

	if (o->chat.batch != NULL)
		filter_usage(&o->f, "--dry-run: not with --export or --import");
	if (cache != NULL && f.model == NULL)
		filter_usage(&o->f,
		    "--dry-run: name the model with -m to look into --cache");
	/* it is not made for this */
	if (cache != NULL && access(cache, F_OK) == 0 &&
	    (f.answers = responses_new(tool, cache, 1, &why)) == NULL) {
		io_warn(tool, "%s", why);
		return TG_EX_IO;
	}
	status = forecast_run(&f, &o->f, o->files);
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

/* Everything is written: say what happened, close, and how it went. */
static int
wind_up(struct llm *l, struct llm_opts *o)
{
	const char *stopped = chat_stopped(l->chat);
	int status = l->failed ? TG_EX_SOME : TG_EX_OK;

	if (stopped != NULL)
		status = TG_EX_SERVICE;
	if (l->in_failed)
		status = TG_EX_IO;
	meter_end(&l->meter, l->chat);
	if (stopped != NULL && signals_seen == 0 && !l->out.broken)
		io_warn(tool,
		    "stopped: %s; what was not answered can be sent again",
		    stopped);
	if (o->stats_file != NULL &&
	    meter_write(&l->meter, o->stats_file, l->chat) == -1) {
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
	if (signals_seen == 0)
		io_close_stdout(tool);
	if (signals_seen > 0) {
		signal(signals_last, SIG_DFL);
		raise(signals_last);
	}
	return status;
}

/* See that no output is an input: the operands, or results to import. */
static void
check_outputs(const struct llm_opts *o)
{
	char *const *results = o->results;

	filter_output(&o->f, "--stats", o->stats_file, o->files);
	filter_output(&o->f, "--export", o->batch.file, o->files);
	if (results != NULL && *results != NULL) {
		filter_output(&o->f, "--stats", o->stats_file, results);
		filter_output(&o->f, "--export", o->batch.file, results);
	}
}

int
main(int argc, char *argv[])
{
	struct llm_opts o;
	struct llm l = { .o = &o };
	int status;

	io_start();
	llm_opts_parse(&o, tool, argc, argv);
	meter_init(&l.meter, tool, o.progress);
	if (!o.print_model)
		filter_tty(&o.f, o.files);
	check_outputs(&o);
	llm_open_batch(&o);
	if (o.dry_run)
		return dry_run(&o);
	if (o.pretend)
		filter_usage(&o.f, "--pretend: needs --dry-run");
	llm_init(&l);
	signals_catch(tool);
	if (o.pid != 0)
		signals_watch(o.pid);
	o.chat.cancelled = signals_came;
	l.chat = llm_open_chat(&o);
	if (o.print_model) {
		status = print_model(l.chat);
	} else {
		llm_run(&l);
		status = wind_up(&l, &o);
	}
	meter_free(&l.meter);
	llm_free(&l);
	/* the keys are gone */
	prctl(PR_SET_DUMPABLE, 1);
	return status;
}
