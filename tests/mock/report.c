/* report: the log of requests, and the counts */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock.h"

struct stats stats;

static FILE *logfp, *answeredfp;

int
log_open(const char *requests, const char *answered)
{
	if (requests != NULL && (logfp = fopen(requests, "a")) == NULL)
		return -1;
	if (answered != NULL && (answeredfp = fopen(answered, "a")) == NULL)
		return -1;
	return 0;
}

void
log_close(void)
{
	if (logfp != NULL)
		fclose(logfp);
	if (answeredfp != NULL)
		fclose(answeredfp);
	logfp = answeredfp = NULL;
}

void
log_answered(const char *what, uint64_t hash)
{
	if (answeredfp == NULL)
		return;
	fprintf(answeredfp, "%s %016llx\n", what, (unsigned long long)hash);
	fflush(answeredfp);
}

static enum MHD_Result
add_header(
    void *obj, enum MHD_ValueKind kind, const char *name, const char *value)
{
	char low[256];
	size_t i;

	(void)kind;
	for (i = 0; name[i] != '\0' && i < sizeof low - 1; i++)
		low[i] =
		    name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 32 : name[i];
	low[i] = '\0';
	json_object_set_new(obj, low, json_string(value ? value : ""));
	return MHD_YES;
}

/* The body exactly as sent, but on one line. */
static void
log_body(struct buf *b, const struct ask *a)
{
	size_t i;

	if (a->json == NULL) {
		struct buf text = { 0 };

		for (i = 0; i < a->raw.n; i++)
			buf_addc(&text, a->raw.p[i] & 0x80 ? '?' : a->raw.p[i]);
		put_string(b, text.p, text.n);
		buf_free(&text);
		return;
	}
	for (i = 0; i < a->raw.n; i++)
		buf_addc(b,
		    a->raw.p[i] == '\n' || a->raw.p[i] == '\r' ? ' '
							       : a->raw.p[i]);
}

void
log_request(const struct ask *a, unsigned status)
{
	struct buf b = { 0 };
	json_t *headers;
	char *s;

	if (logfp == NULL)
		return;
	headers = json_object();
	MHD_get_connection_values(
	    a->conn, MHD_HEADER_KIND, add_header, headers);
	s = json_dumps(headers, JSON_COMPACT);
	buf_fmt(&b, "{\"n\":%lu,\"t_ms\":%.3f,\"method\":\"%s\",\"path\":",
	    ++stats.logged, (double)(a->came - stats.started) / 1000,
	    a->method);
	put_string(&b, a->path, strlen(a->path));
	buf_adds(&b, ",\"query\":");
	put_string(&b, a->query, strlen(a->query));
	buf_fmt(&b, ",\"headers\":%s,\"body\":", s ? s : "null");
	log_body(&b, a);
	buf_fmt(
	    &b, ",\"status\":%u,\"in_flight\":%lu}\n", status, stats.in_flight);
	fwrite(b.p, 1, b.n, logfp);
	fflush(logfp);
	free(s);
	json_decref(headers);
	buf_free(&b);
}

void
put_stats(struct buf *b)
{
	const char *comma = "";
	unsigned i;

	buf_fmt(b,
	    "{\"requests\":%lu,\"models\":%lu,\"in_flight\":%lu,"
	    "\"max_in_flight\":%lu,\"connections\":%lu,\"gone\":%lu,"
	    "\"bodies\":%zu,\"paid_twice\":%lu,",
	    stats.requests, stats.models, stats.in_flight, stats.max_in_flight,
	    stats.connections, stats.gone, seen_count(), stats.paid_twice);
	put_batch_stats(b);
	buf_adds(b, "\"status\":{");
	for (i = 0; i < 600; i++) {
		if (stats.status[i] == 0)
			continue;
		buf_fmt(b, "%s\"%u\":%lu", comma, i, stats.status[i]);
		comma = ",";
	}
	buf_adds(b, "}}\n");
}
