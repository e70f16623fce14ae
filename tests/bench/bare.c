/*
 * bare: the least that a client does who uses libcurl and jansson as they come.
 *
 *	usage: bare URL jobs file ... > answers
 *
 * The files' records are those of tg-llm. Each record is parsed, its body is
 * built, sent by a curl_multi loop with so many transfers in flight, and the
 * reply is parsed; the record with its answer is written, in whatever order.
 * There are no retries, limits or caches.
 */
#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A transfer, used again for one record after another. */
struct transfer {
	CURL *easy;
	json_t *record;
	char *body, *reply;
	size_t n, cap; /* bytes of reply, and of the room for it */
};

static char **files;
static FILE *in;
static char *line; /* of getline */
static size_t line_cap;

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "bare: %s: %s\n", what, strerror(errno));
	exit(3);
}

static size_t
take(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	n *= size;
	if (t->n + n > t->cap) {
		t->cap = 2 * (t->n + n);
		if ((t->reply = realloc(t->reply, t->cap)) == NULL)
			die("reply");
	}
	memcpy(t->reply + t->n, p, n);
	t->n += n;
	return n;
}

/* The next record of the files, new; NULL at their end. */
static json_t *
next_record(void)
{
	json_t *record;

	for (;;) {
		if (in == NULL) {
			if (*files == NULL)
				return NULL;
			if ((in = fopen(*files++, "r")) == NULL)
				die(files[-1]);
		}
		if (getline(&line, &line_cap, in) != -1)
			break;
		fclose(in);
		in = NULL;
	}
	if ((record = json_loads(line, 0, NULL)) == NULL)
		die("record");
	return record;
}

/* Build the body of a record's request: a new string. */
static char *
build(json_t *record)
{
	json_t *request = json_object_get(json_object_get(record, "tg"), "request");
	json_t *body = json_object();
	char *s;

	json_object_set_new(body, "model", json_string("bench"));
	json_object_set(body, "messages", json_object_get(request, "messages"));
	json_object_set_new(body, "temperature", json_real(1.0));
	json_object_set_new(body, "top_p", json_real(0.6));
	json_object_set_new(body, "max_tokens", json_integer(8192));
	s = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return s;
}

/* Read the reply, and write the record with its answer. */
static void
finish(struct transfer *t)
{
	json_t *reply = json_loadb(t->reply, t->n, 0, NULL);
	json_t *choice = json_array_get(json_object_get(reply, "choices"), 0);
	json_t *text =
	    json_object_get(json_object_get(choice, "message"), "content");
	json_t *tg = json_object_get(t->record, "tg");

	if (!json_is_string(text))
		die("answer");
	json_object_del(tg, "request");
	json_object_set_new(tg, "response",
	    json_pack("{s:[{s:O,s:O}],s:O?}", "choices", "text", text,
		"finish_reason", json_object_get(choice, "finish_reason"),
		"usage", json_object_get(reply, "usage")));
	if (json_dumpf(t->record, stdout, JSON_COMPACT) == -1 ||
	    putchar('\n') == EOF)
		die("stdout");
	json_decref(reply);
	json_decref(t->record);
	free(t->body);
}

/* Send the next record by t: 0 if there is none. */
static int
start(CURLM *multi, struct transfer *t)
{
	if ((t->record = next_record()) == NULL)
		return 0;
	t->body = build(t->record);
	t->n = 0;
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, t->body);
	curl_easy_setopt(
	    t->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(t->body));
	curl_multi_add_handle(multi, t->easy);
	return 1;
}

static struct transfer *
new_transfers(const char *url, size_t jobs, struct curl_slist *headers)
{
	struct transfer *all = calloc(jobs, sizeof *all);
	size_t i;

	for (i = 0; all != NULL && i < jobs; i++) {
		CURL *e = all[i].easy = curl_easy_init();

		curl_easy_setopt(e, CURLOPT_URL, url);
		curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take);
		curl_easy_setopt(e, CURLOPT_WRITEDATA, &all[i]);
		curl_easy_setopt(e, CURLOPT_PRIVATE, &all[i]);
	}
	return all;
}

int
main(int argc, char *argv[])
{
	CURLM *multi = curl_multi_init();
	struct curl_slist *headers =
	    curl_slist_append(NULL, "Content-Type: application/json");
	size_t i, jobs = argc > 3 ? strtoul(argv[2], NULL, 10) : 0;
	struct transfer *all, *t;
	int running, left, flying = 0;
	CURLMsg *m;

	if (jobs == 0 || multi == NULL) {
		fputs("usage: bare URL jobs file ... > answers\n", stderr);
		return 2;
	}
	files = argv + 3;
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)jobs);
	if ((all = new_transfers(argv[1], jobs, headers)) == NULL)
		die("memory");
	for (i = 0; i < jobs; i++)
		flying += start(multi, &all[i]);
	while (flying > 0) {
		curl_multi_perform(multi, &running);
		while ((m = curl_multi_info_read(multi, &left)) != NULL) {
			if (m->data.result != CURLE_OK)
				die(curl_easy_strerror(m->data.result));
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
			curl_multi_remove_handle(multi, t->easy);
			finish(t);
			flying += start(multi, t) - 1;
		}
		if (flying > 0)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
	for (i = 0; i < jobs; i++) {
		curl_easy_cleanup(all[i].easy);
		free(all[i].reply);
	}
	free(all);
	free(line);
	curl_slist_free_all(headers);
	curl_multi_cleanup(multi);
	return fflush(stdout) == EOF ? 3 : 0;
}
