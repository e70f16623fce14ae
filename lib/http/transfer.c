/* transfer: one request and its answer, on a handle of libcurl */
#include "http/transfer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/target.h"
#include "http/wait.h"

enum {
	RECEIVE = 4096,           /* bytes of an answer taken at once */
	HEADERS_MAX = 256 * 1024, /* bytes of headers in an answer */
	/*
	 * Bytes of all bodies, beyond which an answer over its part is given
	 * up; but not less than BODY_PART for each.
	 */
	BODIES_MAX = 64 * 1024 * 1024,
	BODY_PART = 512 * 1024,
};

/* Functions that libcurl calls. */

static int
on_connected(void *user, char *ip, char *local, int port, int local_port)
{
	struct transfer *t = user;

	(void)ip;
	(void)local;
	(void)port;
	(void)local_port;
	t->done.sent++;
	return CURL_PREREQFUNC_OK;
}

/* A lookup ends here, where its name is known and no connection is made. */
static curl_socket_t
on_resolved(void *user, curlsocktype type, struct curl_sockaddr *address)
{
	struct transfer *t = user;

	(void)type;
	(void)address;
	t->is_resolved = 1;
	return CURL_SOCKET_BAD;
}

/* Return whether an answer of n bytes so far takes up too much memory. */
static int
is_too_big(const struct transfer *t, size_t n)
{
	const struct bodies *b = t->bodies;
	size_t most = b->places * BODY_PART;

	if (most < BODIES_MAX)
		most = BODIES_MAX;
	return n > b->max_body ||
	       (b->held + n - t->body.n > most && n > most / b->places);
}

/* Write n bytes of a body to the file of a download: n, or 0 if that fails. */
static size_t
write_body(struct transfer *t, const char *p, size_t n)
{
	size_t left = n;
	ssize_t did;

	while (left > 0) {
		did = write(t->to, p + n - left, left);
		if (did == -1 && errno != EINTR) {
			t->local_error = errno;
			return 0;
		}
		left -= did > 0 ? (size_t)did : 0;
	}
	return n;
}

static size_t
on_body(char *p, size_t size, size_t n, void *user)
{
	struct transfer *t = user;
	long status = 0;

	n *= size;
	if (t->to != -1)
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		return write_body(t, p, n);
	if (is_too_big(t, t->body.n + n)) {
		t->is_too_big = 1;
		return 0;
	}
	buf_add(&t->body, p, n);
	t->bodies->held += n;
	return n;
}

static size_t
on_header(char *p, size_t size, size_t n, void *user)
{
	struct transfer *t = user;

	(void)p;
	n *= size;
	t->header_bytes += n;
	t->is_too_big |= t->header_bytes > HEADERS_MAX;
	return t->is_too_big ? 0 : n;
}

/* Read the file of a form, for libcurl to send. */
static size_t
on_form(char *p, size_t size, size_t n, void *user)
{
	struct transfer *t = user;
	ssize_t did;

	do
		did = pread(t->form->fd, p, size * n, t->form_at);
	while (did == -1 && errno == EINTR);
	if (did == -1) {
		t->local_error = errno;
		return CURL_READFUNC_ABORT;
	}
	t->form_at += did;
	return (size_t)did;
}

/* Go back in the file of a form that has to be sent anew. */
static int
on_form_seek(void *user, curl_off_t at, int from)
{
	struct transfer *t = user;

	if (from != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	t->form_at = at;
	return CURL_SEEKFUNC_OK;
}

/* The handle. */

/*
 * Return the system's file of certificates, borrowed, or NULL if it has none
 * that can be read: the one that libcurl was built for, else the usual ones of
 * Debian, Fedora, older Red Hat, SUSE and Alpine. A program that was built on
 * one distribution finds them so on another.
 */
static const char *
system_ca(void)
{
	const char *files[] = {
		curl_version_info(CURLVERSION_NOW)->cainfo,
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem",
		"/etc/ssl/cert.pem",
	};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (files[i] != NULL && access(files[i], R_OK) == 0)
			return files[i];
	return NULL;
}

/*
 * Trust the certificates in file, or the system's if it is NULL. libcurl reads
 * them once for many connections only where they are a file and no folder
 * besides: to open 256 takes 0.3 s of CPU, not 6.
 */
static void
set_trust(CURL *e, const char *file)
{
	if (file == NULL)
		file = system_ca();
	if (file == NULL)
		return;
	curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(e, CURLOPT_CAINFO, file);
}

void
transfer_open(struct transfer *t, const struct http_opts *o, CURLSH *share)
{
	CURL *e = curl_easy_init();

	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_SHARE, share);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, t);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t);
	/*
	 * A lost connection of HTTP/1.1 costs one answer, not all, and
	 * every server in this field speaks it.
	 */
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, o->connect_timeout_ms);
	/* Any encoding that libcurl knows is decoded; target asks for none. */
	curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");
	/* Answers have some KB: this saves 12 KB a request in flight. */
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, (long)RECEIVE);
	/* Keepalive notices a dead peer while nothing is due from it. */
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPIDLE, 30L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPINTVL, 15L);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* A time-out would wait for the resolver that it gave up on. */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
#endif
	curl_easy_setopt(e, CURLOPT_USERAGENT, o->user_agent);
	set_trust(e, o->ca_file);
	t->easy = e;
}

void
transfer_close(struct transfer *t)
{
	curl_easy_cleanup(t->easy);
	buf_free(&t->body);
}

/* Set where the requests of a transfer go. */
static void
aim(struct transfer *t, struct http_target *target, int proxy_env)
{
	int direct = !proxy_env || target->is_loopback;

	if (t->target == target)
		return;
	/*
	 * A URL that is taken apart already saves libcurl a tenth of its work
	 * a request; CURLOPT_URL would still show the former target's.
	 */
	curl_easy_setopt(t->easy, CURLOPT_URL, NULL);
	curl_easy_setopt(t->easy, CURLOPT_CURLU, target->url);
	curl_easy_setopt(t->easy, CURLOPT_PROXY, direct ? "" : NULL);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, target->headers);
	t->target = target;
}

void
transfer_begin(
    struct transfer *t, void *ctx, struct http_target *target, int proxy_env)
{
	t->done = (struct http_done){ .ctx = ctx,
		.should_retry = -1,
		.retry_after_ms = -1,
		.reset_ms = -1 };
	t->header_bytes = 0;
	t->is_too_big = t->is_resolved = t->local_error = 0;
	t->error[0] = '\0';
	t->began = clock_ms();
	aim(t, target, proxy_env);
}

void
transfer_request(struct transfer *t, struct span post, enum transfer_way way)
{
	/* a lookup reuses no connection and makes none */
	curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT,
	    (long)(way != TRANSFER_ANY_CONNECTION));
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION,
	    way == TRANSFER_LOOKUP ? on_resolved : NULL);
	if (post.p != NULL) {
		curl_easy_setopt(
		    t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post.n);
		curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, post.p);
	} else {
		curl_easy_setopt(t->easy, CURLOPT_HTTPGET, 1L);
	}
}

/* Let only a stall end the transfer of a file. */
static void
set_stall(struct transfer *t, long stall_ms)
{
	curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 0L);
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, NULL);
	curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(
	    t->easy, CURLOPT_LOW_SPEED_TIME, (stall_ms + 999) / 1000);
}

void
transfer_upload(struct transfer *t, const struct http_form *form, long stall_ms)
{
	curl_mimepart *part;

	t->form = form;
	t->form_at = 0;
	t->mime = curl_mime_init(t->easy);
	part = curl_mime_addpart(t->mime);
	curl_mime_name(part, form->field);
	curl_mime_data(part, form->value, CURL_ZERO_TERMINATED);
	part = curl_mime_addpart(t->mime);
	curl_mime_name(part, "file");
	curl_mime_filename(part, form->name);
	curl_mime_type(part, form->type);
	curl_mime_data_cb(part, form->size, on_form, on_form_seek, NULL, t);
	curl_easy_setopt(t->easy, CURLOPT_MIMEPOST, t->mime);
	set_stall(t, stall_ms);
}

void
transfer_download(struct transfer *t, int fd, long stall_ms)
{
	t->to = fd;
	curl_easy_setopt(t->easy, CURLOPT_HTTPGET, 1L);
	set_stall(t, stall_ms);
}

/* The end. */

static enum http_fail
failure(const struct transfer *t, CURLcode rc)
{
	long sent = 0;

	if (t->local_error != 0)
		return HTTP_LOCAL;
	switch (rc) {
	case CURLE_OK:
		return HTTP_OK;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR: /* also a reset in the handshake */
		return HTTP_CONNECT;
	case CURLE_OPERATION_TIMEDOUT:
		curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &sent);
		return sent > 0 ? HTTP_TIMEOUT : HTTP_CONNECT;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
		return HTTP_RESET;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return HTTP_TLS;
	default:
		return t->is_too_big ? HTTP_TOO_BIG : HTTP_OTHER;
	}
}

void
transfer_end(struct transfer *t, CURLcode rc)
{
	struct http_done *d = &t->done;

	if (t->is_resolved)
		rc = CURLE_OK;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &d->status);
	d->time_ms = (long)(clock_ms() - t->began);
	d->body = buf_span(&t->body);
	d->should_retry = wait_should_retry(t->easy);
	d->retry_after_ms = wait_retry_after(t->easy);
	d->reset_ms = d->status == 429 ? wait_reset(t->easy) : -1;
	if (rc == CURLE_OK)
		t->error[0] = '\0';
	else if (t->local_error != 0 || t->is_too_big || t->error[0] == '\0')
		snprintf(t->error, sizeof t->error, "%s",
		    t->local_error  ? strerror(t->local_error)
		    : t->is_too_big ? "answer too big"
				    : curl_easy_strerror(rc));
	d->fail = failure(t, rc);
	d->message = t->error;
}

/* Undo what an upload or a download has set on a transfer. */
static void
forget_file(struct transfer *t)
{
	if (t->form != NULL)
		curl_easy_setopt(t->easy, CURLOPT_MIMEPOST, NULL);
	curl_mime_free(t->mime);
	t->form = NULL;
	t->mime = NULL;
	t->to = -1;
	curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT, 0L);
	curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME, 0L);
}

void
transfer_release(struct transfer *t)
{
	if (t->form != NULL || t->to != -1)
		forget_file(t);
	t->bodies->held -= t->body.n;
	buf_clear(&t->body);
}
