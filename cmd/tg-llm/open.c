/* open: opens the service or the batch that tg-llm asks */
#include "open.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "io/io.h"

/* Return the first line of the key file, static, or exit. */
static char *
read_key(const struct llm_opts *o)
{
	static char key[8192];
	FILE *f = fopen(o->key_file, "re");

	if (f == NULL || fgets(key, sizeof key, f) == NULL) {
		io_warn(o->f.tool, "--key-file: %s: %s", o->key_file,
		    f && !ferror(f) ? "is empty" : strerror(errno));
		exit(TG_EX_USAGE);
	}
	fclose(f);
	if (strlen(key) == sizeof key - 1 && key[sizeof key - 2] != '\n')
		options_refuse(o->f.tool,
		    "--key-file: %s: the first line is longer than %zu bytes",
		    o->key_file, sizeof key - 2);
	key[strcspn(key, "\r\n")] = '\0';
	if (key[0] == '\0')
		options_refuse(o->f.tool,
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

/* Blank a variable where it stands, so that no core file or /proc shows it. */
static void
forget(const char *name, char *value)
{
	if (value != NULL)
		explicit_bzero(value, strlen(value));
	unsetenv(name);
}

/* Find the certificates to trust. libcurl itself ignores these variables. */
static void
find_ca(struct llm_opts *o)
{
	const char *named = env("CURL_CA_BUNDLE");

	if (o->chat.ca_file != NULL && access(o->chat.ca_file, R_OK) == -1)
		options_refuse(o->f.tool, "--cacert: %s: %s", o->chat.ca_file,
		    strerror(errno));
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
		options_refuse(
		    o->f.tool, "set AZURE_OPENAI_ENDPOINT, or name it with -u");
	if (o->urls.n == 0)
		options_add(&o->urls, url ? url : "http://localhost:8000/v1");
	o->chat.api_version = env("OPENAI_API_VERSION");
}

void
llm_open_batch(struct llm_opts *o)
{
	const char *const *results = o->batch.import;
	const struct filter *f = &o->f;
	const char *why;

	if (o->batch.file == NULL && results == NULL)
		return;
	if (o->chat.limits.cost > 0 || o->chat.limits.tokens > 0)
		options_refuse(f->tool,
		    "a budget is kept where a server is asked, not "
		    "by a batch");
	if (results != NULL && *results == NULL)
		options_refuse(f->tool, "--import: name the files of results");
	if (o->chat.model == NULL)
		options_refuse(
		    f->tool, "name the model with -m: nobody is asked");
	if (batch_open(&o->batch, &why) == -1) {
		io_warn(f->tool, "%s", why);
		exit(TG_EX_IO);
	}
	o->chat.batch = &o->batch;
}

struct chat *
llm_open_chat(struct llm_opts *o)
{
	char *openai = env("OPENAI_API_KEY"),
	     *azure = env("AZURE_OPENAI_API_KEY");
	char *ad = env("AZURE_OPENAI_AD_TOKEN"), *file = NULL;
	char *headers = env("OPENAI_CUSTOM_HEADERS");
	static const char *const no_urls[] = { NULL };
	struct chat *chat;
	const char *why;
	int status;

	/* a process with a key leaves no core file and lets no debugger in */
	if (openai || azure || ad || headers || o->key_file)
		prctl(PR_SET_DUMPABLE, 0);

	if (o->chat.batch == NULL)
		find_url(o);
	o->chat.urls = o->chat.batch == NULL ? o->urls.v : no_urls;
	o->chat.org = env("OPENAI_ORG_ID");
	o->chat.project = env("OPENAI_PROJECT_ID");
	o->chat.headers = headers;
	if (o->key_file != NULL)
		file = read_key(o);
	o->chat.key = file ? file : o->chat.azure ? azure : openai;
	if (o->chat.azure)
		o->chat.ad_token = ad;
	find_ca(o);
	if ((chat = chat_new(&o->chat, &status, &why)) == NULL) {
		io_warn(o->f.tool, "%s", why);
		exit(status);
	}
	if (file != NULL)
		explicit_bzero(file, strlen(file));
	forget("OPENAI_API_KEY", openai);
	forget("AZURE_OPENAI_API_KEY", azure);
	forget("AZURE_OPENAI_AD_TOKEN", ad);
	forget("OPENAI_CUSTOM_HEADERS", headers);
	o->chat.headers = NULL;
	return chat;
}
