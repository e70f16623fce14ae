/* filter: the main loop of every program but tg-llm */
#include "record/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/io.h"
#include "io/kind.h"
#include "io/lines.h"
#include "json/find.h"
#include "json/string.h"

enum {
	OUT_FULL = 64 * 1024,
	TICK_MS = 1000,
	WARN_MAX = 20, /* most messages about records; tg.error has all */
};

char **
filter_options(struct filter *f, void *to, int argc, char **argv)
{
	f->found = options_parse(f->program, to, argc, argv);
	return f->found.operands;
}

/* Fill in *st for path, "-" for stdin; return whether that is regular. */
static int
is_regular(const char *path, struct stat *st)
{
	return (strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, st)
				       : stat(path, st)) == 0 &&
	       S_ISREG(st->st_mode);
}

void
filter_output(const char *opt, const char *path, const char *const *files)
{
	const char *const stdin_alone[] = { "-", NULL };
	struct stat out, in;

	if (path == NULL || files == NULL || stat(path, &out) == -1 ||
	    !S_ISREG(out.st_mode))
		return;
	for (files = *files != NULL ? files : stdin_alone; *files; files++)
		if (is_regular(*files, &in) && in.st_dev == out.st_dev &&
		    in.st_ino == out.st_ino)
			options_refuse("%s: \"%s\" is an input", opt, path);
}

void
filter_tty(const struct filter *f, char *const *files)
{
	static struct buf usage; /* static: it is held at the exit */

	if (*files != NULL || !isatty(STDIN_FILENO))
		return;
	options_usage(f->program, &usage);
	fputs(buf_cstr(&usage), stderr);
	exit(TG_EX_USAGE);
}

/* Write the number of lines over the old one, which is never longer. */
static void
note_count(struct filter *f)
{
	struct buf text = { 0 };

	buf_fmt(&text, "{\"lines\":%zu", f->lines);
	if (f->more > 0)
		buf_fmt(&text, ",\"records\":%zu", f->lines + f->more);
	if (f->counts != NULL)
		f->counts(f, &text);
	buf_adds(&text, "}\n");
	if (f->count_fd == 0)
		f->count_fd = open(f->count_file,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (io_write_at(f->count_fd, buf_span(&text), 0) == -1) {
		io_warn("%s: %s", f->count_file, strerror(errno));
		exit(TG_EX_IO);
	}
	buf_free(&text);
}

static void
flush(struct filter *f)
{
	if (f->count_file != NULL)
		note_count(f);
	if (f->before != NULL)
		f->before(f);
	if (f->put != NULL && f->out.n > 0)
		f->put(f, buf_span(&f->out));
	else if (io_write(STDOUT_FILENO, buf_span(&f->out)) == -1)
		io_die_stdout();
	buf_clear(&f->out);
}

/* Print a message about a line. */
static void
tell_line(const char *file, size_t lineno, const char *what, struct span why)
{
	io_warn("%s:%zu: %s%.*s", file, lineno, what,
	    (int)(why.n < 1024 ? why.n : 1024), why.p);
}

/* Count a failure, and print a message about the first WARN_MAX of them. */
static void
failure(struct filter *f, const char *file, size_t lineno, const char *what,
    struct span why)
{
	f->failed++;
	if (++f->told <= WARN_MAX)
		tell_line(file, lineno, what, why);
	if (f->told == WARN_MAX)
		io_warn("further errors are only in the records");
}

void
filter_warn(struct filter *f, const char *what, struct span why)
{
	if (++f->warned <= WARN_MAX)
		tell_line(f->in->name, f->in->lineno, what, why);
	if (f->warned == WARN_MAX)
		io_warn("further warnings of this kind are only counted");
}

void
filter_failed(struct filter *f, struct rec *r, const char *file, size_t lineno)
{
	struct span message = js_find(rec_tg(r, "error"), "message");

	if (f->once_code != NULL &&
	    span_is(js_find(rec_tg(r, "error"), "code"), f->once_code) &&
	    f->once++ > 0) {
		f->failed++;
		return;
	}
	failure(f, file, lineno, "", js_string(message, &r->mem));
}

const char *
filter_bad_line(struct filter *f, const struct lines *in, struct span line,
    size_t bytes, const char *why, struct buf *out)
{
	const char *code = why != NULL ? "bad_record" : "line_too_long", *cure;
	char too_long[80];

	if (why == NULL) {
		snprintf(too_long, sizeof too_long,
		    "a line of %zu bytes, over the limit of %zu", bytes,
		    in->limit);
		why = too_long;
	}
	rec_bad_line(out, code, why, in->lineno, line, bytes);
	/* a file of another kind is reported once, with its cure */
	cure = in->lineno == 1 ? kind_cure(line, in->name) : NULL;
	if (cure != NULL)
		f->other_kind = in->files;
	if (f->other_kind == NULL || f->other_kind != in->files)
		failure(
		    f, in->name, in->lineno, "not a record, ", span_of(why));
	else if (f->failed++, cure != NULL)
		tell_line(
		    in->name, in->lineno, "not a record, ", span_of(cure));
	return code;
}

static void
bad_line(struct filter *f, struct rec *r, const struct lines *in,
    struct span line, size_t bytes, const char *why)
{
	struct buf b = { 0 };

	filter_bad_line(f, in, line, bytes, why, f->serve_bad ? &b : &f->out);
	if (f->serve_bad) {
		b.n--; /* the newline goes */
		if (rec_read(r, buf_span(&b), &why) == 0 &&
		    f->serve(f, r) == FILTER_PASS)
			rec_write(r, &f->out);
	}
	buf_free(&b);
}

static void
one_line(struct filter *f, struct rec *r, const struct lines *in,
    enum lines_got got, struct span line, size_t bytes)
{
	const char *why = NULL;
	enum filter_did did = FILTER_AGAIN;

	for (f->turn = 0; did == FILTER_AGAIN; f->turn++) {
		if (got == LINES_LONG || rec_read(r, line, &why) == -1) {
			bad_line(f, r, in, line, bytes, why);
			return;
		}
		did = f->serve(f, r);
		if (did != FILTER_TAKE)
			rec_write(r, &f->out);
		if (r->failed)
			filter_failed(f, r, in->name, in->lineno);
		f->more += f->turn > 0;
	}
}

/*
 * Wait until input is at hand. A program whose reader has gone ends here rather
 * than at its next write, so that the programs upstream end, too, and spend
 * nothing more.
 */
static void
wait_input(struct filter *f, struct lines *in)
{
	struct pollfd p[2] = {
		{ .fd = in->fd, .events = POLLIN },
		{ .fd = f->put == NULL ? STDOUT_FILENO : -1 },
	};

	while (p[0].revents == 0) {
		if (f->tick != NULL)
			f->tick(f);
		if (poll(p, 2, f->tick != NULL ? TICK_MS : -1) <= 0)
			continue;
		if (p[1].revents & (POLLERR | POLLHUP)) {
			errno = EPIPE;
			io_die_stdout();
		}
		if (p[1].revents != 0)
			p[1].fd = -1; /* not open, which a write will tell */
	}
}

int
filter_run(struct filter *f, char *const *files)
{
	struct rec r = { 0 };
	struct lines in;
	struct span line;
	size_t bytes;
	enum lines_got got;

	filter_tty(f, files);
	if (f->count_file != NULL) {
		filter_output(
		    "--summary", f->count_file, (const char *const *)files);
		note_count(f);
	}
	lines_init(&in, (const char *const *)files, f->found.max_line);
	f->in = &in;
	while (
	    !f->done && (got = lines_next(&in, &line, &bytes)) != LINES_END) {
		if (got == LINES_MORE) {
			if (!lines_ready(&in)) {
				flush(f);
				wait_input(f, &in);
			}
			if (lines_fill(&in) == -1) {
				flush(f);
				io_warn(
				    "%s: %s", in.name, kind_unreadable(errno));
				exit(TG_EX_IO);
			}
			continue;
		}
		f->lines++;
		if (f->skip != NULL && f->skip(f, line))
			continue;
		one_line(f, &r, &in, got, line, bytes);
		if (f->tick != NULL)
			f->tick(f);
		if (f->out.n >= OUT_FULL)
			flush(f);
	}
	if (f->end != NULL)
		f->end(f);
	flush(f);
	io_close_stdout();
	rec_free(&r);
	lines_free(&in);
	buf_free(&f->out);
	f->in = NULL;
	return f->failed ? TG_EX_SOME : TG_EX_OK;
}
