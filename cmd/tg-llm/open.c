/* open: opens the chat with the servers and keys that the user names */
#include "open.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "base/text.h"
#include "chat/endpoint.h"
#include "io/io.h"

enum {
	KEY_MAX = 8192,         /* bytes of the line of a key file */
	PASSED_MAX = 64 * 1024, /* bytes of the keys that tg-fan-out passes */
};

/* The variables that hold keys. */
enum { OPENAI, AZURE, AD_TOKEN, HEADERS, NSECRETS };
static const char *const secret_names[NSECRETS] = { "OPENAI_API_KEY",
	"AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN",
	"OPENAI_CUSTOM_HEADERS" };

/* Return an environment variable; NULL if it is unset or empty. */
static char *
env(const char *name)
{
	char *v = getenv(name);

	return v != NULL && *v != '\0' ? v : NULL;
}

/*
 * Read the keys that tg-fan-out passes into room, which is static: NAME=VALUE
 * each, with a NUL behind it, in the file that the descriptor TG_KEY_FD has
 * open. Those of the environment stay.
 */
static void
read_passed(char *secrets[NSECRETS], char room[PASSED_MAX])
{
	const char *number = env("TG_KEY_FD");
	long long fd;
	ssize_t n;
	char *p;
	size_t len;
	int i;

	if (number == NULL || num_int(number, 3, INT_MAX, &fd) == -1)
		return;
	n = log_read_at((int)fd, room, PASSED_MAX - 1, 0);
	for (p = room; n > 0 && p < room + n; p += strlen(p) + 1)
		for (i = 0; i < NSECRETS; i++) {
			len = strlen(secret_names[i]);
			if (strncmp(p, secret_names[i], len) == 0 &&
			    p[len] == '=' && secrets[i] == NULL)
				secrets[i] = p + len + 1;
		}
}

/* Return the first line of a key file, which the caller frees, or exit. */
static char *
read_key(const char *file)
{
	char line[KEY_MAX], *key;
	FILE *f = fopen(file, "re");
	struct span s;

	if (f == NULL || fgets(line, sizeof line, f) == NULL) {
		io_warn("--key-file: %s: %s%s", file,
		    f && !ferror(f) ? "is empty" : strerror(errno),
		    strchr(file, '=') != NULL
			? "; in HOST=FILE the host is that of a base URL"
			: "");
		exit(TG_EX_USAGE);
	}
	fclose(f);
	if (strlen(line) == sizeof line - 1 && line[sizeof line - 2] != '\n')
		options_refuse(
		    "--key-file: %s: the first line is longer than %zu bytes",
		    file, sizeof line - 2);
	line[strcspn(line, "\r\n")] = '\0';
	s = text_skip_bom(span_of(line));
	if (s.n == 0)
		options_refuse("--key-file: %s: the first line is empty", file);
	key = mem_dup(s.p, s.n);
	explicit_bzero(line, sizeof line);
	return key;
}

/*
 * Return the name of the file in a value of --key-file, and in *host whether a
 * host and = stand before it: one that a URL of the service has.
 */
static const char *
key_file_name(const struct llm_opts *o, const char *value, struct span *host)
{
	const char *equals = strchr(value, '=');
	char name[256];
	size_t i, n;

	*host = (struct span){ NULL, 0 };
	if (equals == NULL || (n = (size_t)(equals - value)) >= sizeof name)
		return value;
	memcpy(name, value, n);
	name[n] = '\0';
	/* a file of servers that is not there yet may name any host */
	for (i = 0; i < o->urls.n; i++)
		if (endpoint_is_host(o->urls.v[i], name) ||
		    (*o->urls.v[i] == '@' && access(value, F_OK) == -1)) {
			*host = (struct span){ value, n };
			return equals + 1;
		}
	return value;
}

/*
 * Return the keys that files hold, ended by one without a key; the caller frees
 * them with free_keys. Of the files for any host the last one counts.
 */
static struct secret_key *
read_keys(const struct llm_opts *o)
{
	const struct option_list *files = &o->key_files;
	struct secret_key *keys = mem_array(NULL, files->n + 1, sizeof *keys);
	const char *file, *any = NULL;
	struct span host;
	size_t i, n = 0;

	for (i = 0; i < files->n; i++) {
		file = key_file_name(o, files->v[i], &host);
		if (host.p == NULL)
			any = file;
		else
			keys[n++] =
			    (struct secret_key){ mem_dup(host.p, host.n),
				    read_key(file) };
	}
	if (any != NULL)
		keys[n++] = (struct secret_key){ NULL, read_key(any) };
	keys[n] = (struct secret_key){ NULL, NULL };
	return keys;
}

static void
free_keys(struct secret_key *keys)
{
	struct secret_key *k;

	for (k = keys; k->key != NULL; k++) {
		explicit_bzero(k->key, strlen(k->key));
		free(k->key);
		free(k->host);
	}
	free(keys);
}

void
open_check_output(const char *opt, const char *path, const struct llm_opts *o)
{
	const char *files[3] = { NULL }, *equals;
	size_t i;

	for (i = 0; i < o->key_files.n; i++) {
		equals = strchr(o->key_files.v[i], '=');
		files[0] = o->key_files.v[i];
		files[1] = equals != NULL ? equals + 1 : NULL;
		filter_output(opt, path, files);
	}
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

/* Set the URLs where no option does, whose the keys are, and Ollama's slots. */
static void
find_urls(struct llm_opts *o)
{
	const char *url =
	    env(o->chat.azure ? "AZURE_OPENAI_ENDPOINT" : "OPENAI_BASE_URL");
	const char *slots = env("OLLAMA_NUM_PARALLEL");
	long long n;

	if (o->urls.n == 0 && url == NULL && o->chat.azure)
		options_refuse("set AZURE_OPENAI_ENDPOINT, or name it with -u");
	if (o->urls.n == 0 && url == NULL && env("OPENAI_API_BASE") != NULL &&
	    !o->chat.quiet)
		io_warn("OPENAI_API_BASE is not read; the variable that names "
			"the server is OPENAI_BASE_URL");
	/* a file names servers as an option does */
	o->chat.key_url = url != NULL && *url == '@' ? NULL : url;
	o->chat.unnamed = o->urls.n == 0 && url == NULL;
	if (o->urls.n == 0)
		options_add(&o->urls, url ? url : "http://localhost:8000/v1");
	o->chat.api_version = env("OPENAI_API_VERSION");
	if (slots != NULL && num_int(slots, 1, 1 << 20, &n) == 0)
		o->chat.ollama_slots = (unsigned)n;
}

/* Return whether the host of a proxy is one of --only-host. */
static int
is_allowed_proxy(const struct llm_opts *o, const char *proxy)
{
	const char *scheme = strstr(proxy, "://"), *user;
	struct buf url = { 0 };
	size_t i;

	proxy = scheme != NULL ? scheme + 3 : proxy;
	user = memrchr(proxy, '@', strcspn(proxy, "/?#"));
	buf_fmt(&url, "http://%s", user != NULL ? user + 1 : proxy);
	for (i = 0; i < o->only_hosts.n; i++)
		if (endpoint_is_host(buf_cstr(&url), o->only_hosts.v[i]))
			break;
	buf_free(&url);
	return i < o->only_hosts.n;
}

/*
 * Check the hosts of --only-host, and the proxies of the environment. A proxy
 * sees the text, or where it goes, so each has to be one of those hosts.
 */
static void
check_hosts(struct llm_opts *o)
{
	static const char *const names[] = { "http_proxy", "all_proxy",
		"ALL_PROXY", "HTTPS_PROXY", "https_proxy" };
	const char *const *host = o->only_hosts.v, *proxy;
	size_t i;

	o->chat.only_hosts = o->only_hosts.v;
	for (; host != NULL && *host != NULL; host++)
		if (strpbrk(*host, "/@ ") != NULL)
			options_refuse("--only-host: \"%s\" is no host, such "
				       "as api.openai.com",
			    *host);
	for (i = 0; i < sizeof names / sizeof *names; i++) {
		if ((proxy = env(names[i])) == NULL)
			continue;
		if (!o->chat.proxy_env)
			o->chat.unused_proxy = names[i];
		else if (o->only_hosts.n > 0 && !is_allowed_proxy(o, proxy))
			options_refuse("%s: the proxy is none of the hosts of "
				       "--only-host",
			    names[i]);
	}
}

/*
 * A process that has keys leaves no core file, cannot be debugged and cannot
 * open /proc/self. The keys are blanked where they stand once they are copied,
 * so that no /proc shows them.
 */
void *
open_with_keys(struct llm_opts *o,
    void *(*open)(const struct chat_opts *, int *status, const char **why))
{
	static const char *const no_urls[] = { NULL };
	static char passed[PASSED_MAX];
	char *secrets[NSECRETS];
	struct secret_key *own;
	void *opened;
	const char *why;
	int i, status;

	for (i = 0; i < NSECRETS; i++)
		secrets[i] = env(secret_names[i]);
	read_passed(secrets, passed);
	for (i = 0; i < NSECRETS; i++)
		if (secrets[i] != NULL || o->key_files.n > 0)
			prctl(PR_SET_DUMPABLE, 0);
	if (o->chat.batch == NULL)
		find_urls(o);
	check_hosts(o);
	o->chat.urls = o->chat.batch == NULL ? o->urls.v : no_urls;
	o->chat.org = env("OPENAI_ORG_ID");
	o->chat.project = env("OPENAI_PROJECT_ID");
	o->chat.headers = secrets[HEADERS];
	own = read_keys(o);
	o->chat.own_keys = own;
	o->chat.key = secrets[o->chat.azure ? AZURE : OPENAI];
	if (o->chat.azure)
		o->chat.ad_token = secrets[AD_TOKEN];
	find_ca(o);
	if ((opened = open(&o->chat, &status, &why)) == NULL) {
		io_warn("%s", why);
		exit(status);
	}
	free_keys(own);
	for (i = 0; i < NSECRETS; i++) {
		if (secrets[i] != NULL)
			explicit_bzero(secrets[i], strlen(secrets[i]));
		unsetenv(secret_names[i]);
	}
	explicit_bzero(passed, sizeof passed);
	o->chat.own_keys = NULL;
	o->chat.key = o->chat.ad_token = o->chat.headers = NULL;
	return opened;
}
