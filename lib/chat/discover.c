/* discover: endpoints that options and files name, and that come and go */
#include "chat/chat-in.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "io/io.h"

enum {
	AUTO_START = 8,        /* attempts at once that -j auto begins with */
	ROOM = 1024,           /* endpoints where a file names them */
	FILE_MAX = 256 * 1024, /* bytes of a file of addresses, */
	URL_LEN = 2000,        /* and of one of them */
	AWAY_MS = 1000,        /* time between readings while one is away, */
	CALM_MS = 10 * 1000,   /* and while all serve */
};

/* Return the place of a new endpoint; NULL: there is none. */
static struct endpoint *
find_place(struct chat *c)
{
	struct endpoint *e, *oldest = NULL;

	if (c->nends < c->room)
		return &c->ends[c->nends];
	for (e = c->ends; e < c->ends + c->nends; e++)
		if (e->health.state == ENDPOINT_LEFT && e->inflight == 0 &&
		    (oldest == NULL || e->health.since < oldest->health.since))
			oldest = e;
	return oldest;
}

/* Return an endpoint that has answered, else the first one; NULL: none. */
static const struct endpoint *
find_like(const struct chat *c)
{
	const struct endpoint *e;

	for (e = c->ends; e < c->ends + c->nends; e++)
		if (e->did.answered > 0)
			return e;
	return c->nends > 0 ? c->ends : NULL;
}

/* Let an endpoint be like another one, or if that is NULL as options say. */
static void
init_like(
    struct endpoint *e, const struct endpoint *like, const struct chat_opts *o)
{
	double most = like != NULL ? like->limit.max : o->jobs;
	int searches = like != NULL ? like->limit.searches : o->jobs_auto;

	e->dialect = like != NULL         ? like->dialect
		     : o->dialect != NULL ? *o->dialect
					  : *dialect_find("generic");
	e->form = like != NULL ? like->form : o->rescore;
	concurrency_init(&e->limit,
	    searches && most > AUTO_START ? AUTO_START : most, most, searches);
}

/*
 * Add an endpoint at url, which file names or, if that is NULL, an option: the
 * endpoint, or NULL with *why until the next call. url is borrowed by it.
 */
static struct endpoint *
add_endpoint(struct chat *c, const char *url, const struct address_file *file,
    const char **why)
{
	struct endpoint *at = find_place(c);
	struct endpoint e = {
		.url = url, .file = file, .lane = limits_lane(url)
	};

	if (at == NULL) {
		*why = "there are too many endpoints";
		return NULL;
	}
	init_like(&e, file != NULL ? find_like(c) : NULL, &c->o);
	if (endpoint_open(&e, &c->o, &c->secrets, c->http, why) == -1)
		return NULL;
	if (at == &c->ends[c->nends])
		c->nends++;
	else
		counts_free(&at->did.failures);
	*at = e;
	return at;
}

static struct endpoint *
find_endpoint(struct chat *c, struct span url)
{
	struct endpoint *e;

	for (e = c->ends; e < c->ends + c->nends; e++)
		if (span_eq(endpoint_base(url), endpoint_base(span_of(e->url))))
			return e;
	return NULL;
}

/* Take the next address, without a comment: 0 when there is no more line. */
static int
next_address(struct span *text, struct span *address)
{
	const char *nl = text->n > 0 ? memchr(text->p, '\n', text->n) : NULL;
	size_t i, n = nl != NULL ? (size_t)(nl - text->p) + 1 : text->n;

	if (text->n == 0)
		return 0;
	*address = (struct span){ text->p, n };
	*text = (struct span){ text->p + n, text->n - n };
	for (i = 0; i < n; i++)
		if (address->p[i] == '#' &&
		    (i == 0 || strchr(" \t", address->p[i - 1]) != NULL))
			address->n = i;
	*address = text_trim(*address);
	if (address->n > URL_LEN)
		address->n = URL_LEN; /* no server has so long a URL */
	return 1;
}

/* Let an endpoint be asked that joins a run: by a single request at first. */
static void
let_join(struct chat *c, struct endpoint *e)
{
	struct health *h = &e->health;
	long long now = clock_ms();
	struct buf b = { 0 };

	if (h->state == ENDPOINT_LEFT)
		health_enter(h, ENDPOINT_UP, now);
	health_forget_failures(h);
	if (c->session.state == SESSION_NEW)
		return; /* the probe of all endpoints will include this one */
	/* the first request counts as later than the ejection */
	health_eject(h, now - 1, 0, 0);
	endpoint_describe(e, &b);
	io_warn("%s: joins, as %s names it", buf_cstr(&b), e->file->name);
	buf_free(&b);
}

/*
 * Note that a file names an address, which may be new: 0, or -1 with *why until
 * the next call if it will not do.
 */
static int
note_address(struct chat *c, const struct address_file *file,
    struct span address, const char **why)
{
	struct endpoint *e = find_endpoint(c, address);
	int is_new = e == NULL || e->health.state == ENDPOINT_LEFT;
	char url[URL_LEN + 1];

	if (memchr(address.p, '\0', address.n) != NULL) {
		*why = "a NUL byte stands in it";
		return -1;
	}
	if (e == NULL) {
		snprintf(url, sizeof url, "%.*s", (int)address.n, address.p);
		if ((e = add_endpoint(c, url, file, why)) == NULL)
			return -1;
		e->url = arena_dup(&c->addresses, address.p, address.n);
	}
	e->is_named = 1;
	if (is_new)
		let_join(c, e);
	return 0;
}

/*
 * Note the endpoints that a file names. Where it is missing, empty or cannot be
 * read, it names those that it named before. 0, or -1 with *why until the next
 * call if a line will not do, or if the file cannot be read and is there.
 */
static int
note_file(struct chat *c, struct address_file *file, const char **why)
{
	static char message[700];
	struct buf b = { 0 };
	struct span text, address;
	struct endpoint *e;
	const char *reason;
	int line, n = 0, bad = 0;

	if (io_read_file(file->name, FILE_MAX, &b) == -1 && errno != ENOENT) {
		snprintf(message, sizeof message, "%s: %s", file->name,
		    io_reason(errno));
		bad = 1;
	}
	text = bad ? (struct span){ NULL, 0 } : text_skip_bom(buf_span(&b));
	for (line = 1; next_address(&text, &address); line++) {
		if (address.n == 0)
			continue;
		if (note_address(c, file, address, &reason) == 0) {
			n++;
		} else if (!bad) {
			snprintf(message, sizeof message, "%s:%d: %s",
			    file->name, line, reason);
			bad = 1;
		}
	}
	for (e = c->ends; e < c->ends + c->nends && n == 0; e++)
		e->is_named |= e->file == file;
	buf_free(&b);
	*why = message;
	return bad ? -1 : 0;
}

/* Return whether another endpoint that is named can do the work of one. */
static int
is_replaced(const struct chat *c, const struct endpoint *e)
{
	const struct endpoint *o;
	int up = e->health.state == ENDPOINT_UP;

	for (o = c->ends; o < c->ends + c->nends; o++)
		if (o->is_named &&
		    (o->health.state == ENDPOINT_UP ||
			(o->health.state == ENDPOINT_EJECTED && !up)))
			return 1;
	return 0;
}

/* Let endpoints that no file names any more leave, but not the last one. */
static void
let_leave(struct chat *c)
{
	struct endpoint *e;

	for (e = c->ends; e < c->ends + c->nends; e++) {
		if (e->file == NULL || e->is_named ||
		    e->health.state == ENDPOINT_LEFT || !is_replaced(c, e))
			continue;
		health_enter(&e->health, ENDPOINT_LEFT, clock_ms());
		endpoint_note_up(e, clock_ms(), 1);
		io_warn("%s: leaves, as %s names it no more", e->url,
		    e->file->name);
	}
}

int
discover_open(struct chat *c, const char **why)
{
	const char *const *url;
	struct address_file *file;
	size_t n = 0, nfiles = 0;

	for (url = c->o.urls; *url != NULL; url++, n++)
		nfiles += **url == '@';
	c->room = nfiles > 0 ? n + ROOM : n;
	/* the array never moves: attempts point into it */
	c->ends = mem_new(c->room * sizeof *c->ends);
	c->files = mem_new(nfiles * sizeof *c->files);
	for (url = c->o.urls; *url != NULL; url++) {
		if (**url != '@') {
			if (add_endpoint(c, *url, NULL, why) == NULL)
				return -1;
			continue;
		}
		file = &c->files[c->nfiles++];
		file->name = *url + 1;
		if (*file->name == '\0') {
			*why = "-u @: name a file behind the @";
			return -1;
		}
		if (note_file(c, file, why) == -1)
			return -1;
	}
	return 0;
}

/* Return whether an endpoint that is named does not serve. */
static int
is_one_away(const struct chat *c)
{
	const struct endpoint *e;

	for (e = c->ends; e < c->ends + c->nends; e++)
		if (e->health.state == ENDPOINT_EJECTED ||
		    e->health.state == ENDPOINT_DISABLED)
			return 1;
	return c->nends == 0;
}

void
discover_read(struct chat *c)
{
	struct address_file *file;
	struct endpoint *e;
	const char *why;
	int bad;

	for (e = c->ends; e < c->ends + c->nends; e++)
		e->is_named = e->file == NULL;
	for (file = c->files; file < c->files + c->nfiles; file++) {
		bad = note_file(c, file, &why) == -1;
		if (bad && !file->is_bad)
			io_warn("%s", why);
		file->is_bad = bad;
	}
	let_leave(c);
	c->read_at = clock_ms();
}

void
discover_look(struct chat *c, long long now, long long *wait)
{
	long long due;

	if (c->nfiles == 0 || session_stops(&c->session) ||
	    c->session.state == SESSION_NEW)
		return;
	due = c->read_at + (is_one_away(c) ? AWAY_MS : CALM_MS);
	if (now >= due) {
		discover_read(c);
		due = now + AWAY_MS;
	}
	if (due - now < *wait)
		*wait = due - now;
}
