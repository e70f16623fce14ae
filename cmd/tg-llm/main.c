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
#include "options.h"
#include "signals.h"

/* Return the first line of the key file, static, or exit. */
static char *
read_key(const struct llm_opts *o)
{
	static char key[8192];
	FILE *f = fopen(o->key_file, "re");

	if (f == NULL || fgets(key, sizeof key, f) == NULL) {
		io_warn("--key-file: %s: %s", o->key_file,
		    f && !ferror(f) ? "is empty" : strerror(errno));
		exit(TG_EX_USAGE);
	}
	fclose(f);
	if (strlen(key) == sizeof key - 1 && key[sizeof key - 2] != '\n')
		options_refuse(
		    "--key-file: %s: the first line is longer than %zu bytes",
		    o->key_file, sizeof key - 2);
	key[strcspn(key, "\r\n")] = '\0';
	if (key[0] == '\0')
		options_refuse(
		    "--key-file: %s: the first line is empty", o->key_file);
	return key;
}

/* Return an environment variable; NULL if it is unset or empty. */
static char *
env(const char *name)
{
	char *v = getenv(name);

	return v != NULL && *v != '\0' ? v : NULL;
}

/* Find the certificates to trust. libcurl itself ignores these variables. */
static void
find_ca(struct llm_opts *o)
{
	const char *named = env("CURL_CA_BUNDLE");

	if (o->chat.ca_file != NULL && access(o->chat.ca_file, R_OK) == -1)
		options_refuse(
		    "--cacert: %s: %s", o->chat.ca_file, strerror(errno));
	if (o->chat.ca_file == NULL)
		o->chat.ca_file = named ? named : env("SSL_CERT_FILE");
}

/* Set the URL where no option does, and the version of the API. */
static void
find_url(struct llm_opts *o)
{
	const char *url =
	    env(o->chat.azure ? "AZURE_OPENAI_ENDPOINT" : "OPENAI_BASE_URL");

	if (o->urls.n == 0 && url == NULL && o->chat.azure)
		options_refuse("set AZURE_OPENAI_ENDPOINT, or name it with -u");
	if (o->urls.n == 0)
		options_add(&o->urls, url ? url : "http://localhost:8000/v1");
	o->chat.api_version = env("OPENAI_API_VERSION");
}

/* Refuse what goes together with no --batch, and files that are not there. */
static void
check_batch(const struct llm_opts *o)
{
	if (o->batch.file != NULL || o->batch.import != NULL || o->dry_run ||
	    o->print_model)
		options_refuse("--batch: not with --export, --import, "
			       "--dry-run or --print-model");
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

/*
 * Open what asks the service that options and environment name, or a batch in
 * its place. A process that has keys leaves no core file, cannot be debugged
 * and cannot open /proc/self. The keys are blanked where they stand once they
 * are copied, so that no /proc shows them.
 */
static void *
with_keys(struct llm_opts *o,
    void *(*open)(const struct chat_opts *, int *status, const char **why))
{
	static const char *const no_urls[] = { NULL };
	enum { OPENAI, AZURE, AD_TOKEN, HEADERS, NSECRETS };
	static const char *const names[NSECRETS] = { "OPENAI_API_KEY",
		"AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN",
		"OPENAI_CUSTOM_HEADERS" };
	char *secrets[NSECRETS], *file = NULL;
	void *opened;
	const char *why;
	int i, status;

	for (i = 0; i < NSECRETS; i++) {
		secrets[i] = env(names[i]);
		if (secrets[i] != NULL || o->key_file != NULL)
			prctl(PR_SET_DUMPABLE, 0);
	}
	if (o->chat.batch == NULL)
		find_url(o);
	o->chat.urls = o->chat.batch == NULL ? o->urls.v : no_urls;
	o->chat.org = env("OPENAI_ORG_ID");
	o->chat.project = env("OPENAI_PROJECT_ID");
	o->chat.headers = secrets[HEADERS];
	if (o->key_file != NULL)
		file = read_key(o);
	o->chat.key = file ? file : secrets[o->chat.azure ? AZURE : OPENAI];
	if (o->chat.azure)
		o->chat.ad_token = secrets[AD_TOKEN];
	find_ca(o);
	if ((opened = open(&o->chat, &status, &why)) == NULL) {
		io_warn("%s", why);
		exit(status);
	}
	if (file != NULL)
		explicit_bzero(file, strlen(file));
	for (i = 0; i < NSECRETS; i++) {
		if (secrets[i] != NULL)
			explicit_bzero(secrets[i], strlen(secrets[i]));
		unsetenv(names[i]);
	}
	o->chat.headers = NULL;
	return opened;
}

static int
print_model(struct chat *chat)
{
	const char *model = chat_stats(chat)->model;
	int status = TG_EX_OK;

	if (*model == '\0' && chat_prepare(chat) == -1) {
		io_warn("%s", chat_stopped(chat));
		status = TG_EX_SERVICE;
	} else {
		if (dprintf(STDOUT_FILENO, "%s\n", model) < 0)
			io_die_stdout();
		io_close_stdout();
	}
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
	int status = o->f.failed > 0 ? TG_EX_SOME : TG_EX_OK;

	if (!l->out.broken)
		output_close(&l->out);
	if (stopped != NULL)
		status = TG_EX_SERVICE;
	if (l->in_failed)
		status = TG_EX_IO;
	l->metrics.progress.last = 1;
	metrics_show(&l->metrics, l->chat);
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
	const char *const named[] = { or_null(o->key_file),
		or_null(o->chat.ca_file), NULL };

	filter_output("--stats", o->stats_file, files);
	filter_output("--stats", o->stats_file, named);
	filter_output("--stats", o->stats_file, results);
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
	signals_catch(o->pid);
	o->chat.cancelled = signals_came;
	l.chat = with_keys(o, open_chat);
	if (o->print_model) {
		status = print_model(l.chat);
	} else {
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
	s = with_keys(o, open_remote);
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
	else if (!o.print_model)
		filter_tty(&o.f, o.files);
	check_outputs(&o);
	open_batch(&o);
	if (o.pretend && !o.dry_run)
		options_refuse("--pretend: needs --dry-run");
	status = o.batch_action != BATCH_NONE ? serve_batches(&o)
		 : o.dry_run                  ? estimate_run(&o)
					      : serve_records(&o);
	free(o.urls.v);
	/* the keys are gone */
	prctl(PR_SET_DUMPABLE, 1);
	return status;
}
