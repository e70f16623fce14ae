/*
 * batch: what a batch API sends, the files that it writes and those that lie
 * beside a file of requests are read or refused, whatever they hold; what is
 * kept of them harms neither a terminal nor a URL.
 */
#include "batch/batch.h"

#include "fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "json/scan.h"
#include "remote/answer.h"
#include "remote/input.h"

/* Return a name of a file in memory that holds s. */
static const char *
file_of(struct span s, int *fd)
{
	static char name[40];

	*fd = memfd_create("fuzz", 0);
	CHECK(*fd != -1 && write(*fd, s.p, s.n) == (ssize_t)s.n, "no memory");
	snprintf(name, sizeof name, "/proc/self/fd/%d", *fd);
	return name;
}

/* Return standard error, which is silent until it is given back. */
static int
silence(void)
{
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

	dup2(null, STDERR_FILENO);
	close(null);
	return saved;
}

static void
speak(int saved)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
}

static const char asked[] = "tg-00112233445566778899aabbccddeeff-0-1";

static void
results(struct span s)
{
	struct arena mem = { 0 };
	struct result got;
	struct batch_in *r;
	const char *names[2] = { NULL, NULL }, *why = "";
	int fd, saved;

	names[0] = file_of(s, &fd);
	saved = silence();
	r = batch_in_new(names, &why);
	speak(saved);
	CHECK(r != NULL, "%s", why);
	CHECK(r->index.n + r->bad + r->other <= r->lineno, "too many");
	if (batch_in_get(r, asked, &mem, &got)) {
		CHECK(got.body.p != NULL, "no body");
		CHECK(got.again == 0, "given before");
		CHECK(batch_in_get(r, asked, &mem, &got) && got.again == 1,
		    "not given again");
	}
	batch_in_free(r);
	arena_free(&mem);
	close(fd);
}

/* Check that no character of a text does harm. */
static void
harmless(const char *text)
{
	const char *p, *end = text + strlen(text);
	size_t n;

	for (p = text; p < end; p += n) {
		n = text_utf8(p, end);
		CHECK(n > 0, "a text that is not UTF-8");
		CHECK((unsigned char)*p >= ' ' || *p == '\n', "a control");
	}
}

/* Check that what is kept of an answer can be shown, written and read. */
static void
kept(struct ticket *t)
{
	struct buf b = { 0 };
	const char *why = "";

	ticket_words(t, &b);
	harmless(buf_cstr(&b));
	buf_clear(&b);
	ticket_line(t, &b);
	harmless(buf_cstr(&b));
	CHECK(js_text(buf_span(&b), &why).p != NULL, "%s", why);
	buf_free(&b);
}

static void
answers(struct span s)
{
	static const enum ticket_step from[] = { TICKET_UPLOADING,
		TICKET_CREATING, TICKET_RUNNING };
	struct answer_page page;
	const char *why = NULL, *id;
	struct ticket t;
	size_t i;

	for (i = 0; i < sizeof from / sizeof *from; i++) {
		t = (struct ticket){ "f", from[i], json_object() };
		if ((i == 0 ? answer_take_file : answer_take_batch)(
			&t, s, &why) == 0) {
			id = ticket_text(
			    &t, i == 0 ? "input_file_id" : "batch_id");
			CHECK(id != NULL && *id != '\0' &&
				  strlen(id) <= TICKET_ID,
			    "a bad id");
			CHECK(strpbrk(id, " \t\r\n\x7f") == NULL,
			    "white space in an id");
			CHECK(t.step > from[i] || from[i] == TICKET_RUNNING,
			    "no step");
		} else {
			CHECK(why != NULL, "no reason");
			CHECK(t.step == from[i], "a step");
		}
		kept(&t);
		ticket_begin_again(&t);
		kept(&t);
		ticket_free(&t);
	}
	if (answer_read_page(s, "input_file_id", "file-1", &page, &why) == 0)
		CHECK(strlen(page.last) <= TICKET_ID, "a long id");
}

/* The file of a ticket may be anything; so may a file of requests. */
static void
files(struct span s)
{
	char name[60] = "/tmp/tg-fuzz-XXXXXX", companion[80];
	const char *why = NULL;
	struct ticket t;
	struct input in;
	int fd = mkstemp(name), other;

	snprintf(companion, sizeof companion, "%s" TICKET_SUFFIX, name);
	other = open(companion, O_WRONLY | O_CREAT | O_EXCL, 0600);
	CHECK(fd != -1 && other != -1, "no file");
	CHECK(write(fd, s.p, s.n) == (ssize_t)s.n &&
		  write(other, s.p, s.n) == (ssize_t)s.n,
	    "no space");
	if (ticket_read(&t, name, &why) == 0) {
		CHECK(t.step < TICKET_STEPS, "no step");
		ticket_free(&t);
	} else {
		CHECK(why != NULL, "no reason");
	}
	CHECK(input_open(&in, name, &why) == 0, "%s", why);
	if (input_read(&in, 3, 1000, &why) == 0)
		CHECK(in.requests >= 1 && in.requests <= 3 && in.url[0] != '\0',
		    "%zu requests", in.requests);
	input_close(&in);
	close(fd);
	close(other);
	unlink(name);
	unlink(companion);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span s = { (const char *)data, n };

	fuzz_input = s;
	results(s);
	answers(s);
	files(s);
	return 0;
}
