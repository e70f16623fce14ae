/* ticket: steps, the file, and the batches before */
#include "remote/ticket.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "tap.h"

static char file[1100];

/* Return the bytes of the file with a suffix, "" if there is none. */
static const char *
contents(const char *suffix)
{
	static char text[4096];
	char name[1200];
	FILE *f;
	size_t n;

	snprintf(name, sizeof name, "%s%s", file, suffix);
	f = fopen(name, "r");
	n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	text[n] = '\0';
	if (f != NULL)
		fclose(f);
	return text;
}

/* Write text as the ticket. */
static void
put(const char *text)
{
	char name[1200];
	FILE *f;

	snprintf(name, sizeof name, "%s" TICKET_SUFFIX, file);
	f = fopen(name, "w");
	fputs(text, f);
	fclose(f);
}

static void
steps(void)
{
	static const char *const may[TICKET_STEPS] = { ".u.....", "..p....",
		".u.c...", "..p.re.", ".....e.", "n.....f", "n....e." };
	struct ticket t = { 0 };
	int from, to;

	for (from = 0; from < TICKET_STEPS; from++)
		for (to = 0; to < TICKET_STEPS; to++) {
			t.step = (enum ticket_step)from;
			ok(ticket_move(&t, (enum ticket_step)to) ==
				    (may[from][to] != '.') &&
				t.step == (enum ticket_step)(
					      may[from][to] != '.' ? to : from),
			    "step %d to %d is %s", from, to,
			    may[from][to] != '.' ? "made" : "refused");
		}
}

static void
kept(void)
{
	struct ticket t, u;
	struct buf b = { 0 };
	const char *why = "";

	is_int(ticket_read(&t, file, &why), 0, "a file has no ticket at first");
	is_int(t.step, TICKET_NEW, "a ticket that is not there is new");
	ticket_set_text(&t, "service", "http://h/v1");
	ticket_set_text(&t, "upload_name", "tg-1.jsonl");
	ticket_set_number(&t, "requests", 7);
	ticket_move(&t, TICKET_UPLOADING);
	is_int(ticket_write(&t, &why), 0, "a ticket is written");
	ok(strstr(contents(TICKET_SUFFIX), "\n  \"requests\": 7") != NULL,
	    "a person can read the ticket");
	ok(*contents(TICKET_SUFFIX ".tmp") == '\0', "no other file is left");
	is_int(ticket_read(&u, file, &why), 0, "a ticket is read");
	is_int(u.step, TICKET_UPLOADING, "the step is read");
	is_str(ticket_text(&u, "service"), "http://h/v1", "a text is read");
	is_int(ticket_number(&u, "requests"), 7, "a number is read");
	ok(ticket_text(&u, "batch_id") == NULL && ticket_count(&u, "x") == 0,
	    "what is not there is told");
	ticket_words(&u, &b);
	is_str(buf_cstr(&b), "no batch of it is known (uploading)",
	    "words tell that there is no batch yet");
	ticket_free(&u);
	ticket_free(&t);
	buf_free(&b);
}

static void
refused(void)
{
	static const char *const bad[] = { "", "[]", "{}", "{\"step\":1}",
		"{\"step\":\"done\"}", "{\"step\":\"uploading\"}",
		("{\"step\":\"running\",\"service\":\"s\",\"upload_name\":\"u\","
		 "\"input_file_id\":\"f\"}"),
		"{\"step\":\"new\",\"step\":\"new\"}", "{\"step\":\"new\"" };
	const char *why = "";
	struct ticket t;
	char name[1200];
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		put(bad[i]);
		is_int(ticket_read(&t, file, &why), -1, "%s is no ticket",
		    bad[i]);
	}
	ok(strstr(why, "move it away") != NULL, "the message helps: %s", why);
	put("{\"step\":\"new\",\"mine\":1.50}");
	is_int(ticket_read(&t, file, &why), 0, "other members are fine");
	ticket_free(&t);
	snprintf(name, sizeof name, "%s" TICKET_SUFFIX, file);
	unlink(name);
	mkdir(name, 0700);
	is_int(ticket_read(&t, file, &why), -1, "a folder is no ticket: %s",
	    why);
	t = (struct ticket){ file, TICKET_NEW, json_object() };
	is_int(ticket_write(&t, &why), -1, "a folder is not replaced: %s", why);
	ticket_free(&t);
	rmdir(name);
}

static void
again(void)
{
	const char *why = "";
	struct ticket t;
	struct buf b = { 0 };

	put("{\"step\":\"ended\",\"service\":\"s\",\"upload_name\":\"u\","
	    "\"input_file_id\":\"file-1\",\"batch_id\":\"b1\",\"requests\":9,"
	    "\"status\":\"failed\",\"errors\":[{\"code\":\"c\",\"message\":"
	    "\"m\",\"line\":3}],\"error_file_id\":\"file-2\","
	    "\"counts\":{\"total\":9,\"completed\":2,\"failed\":1}}");
	is_int(ticket_read(&t, file, &why), 0, "a failed batch is read");
	is_int(ticket_has_failed(&t), 1, "a failed batch is told");
	ticket_words(&t, &b);
	is_str(buf_cstr(&b), "batch b1 is failed: line 3: m (c)",
	    "words tell why it failed");
	ticket_begin_again(&t);
	is_int(t.step, TICKET_NEW, "a failed batch can be begun again");
	ok(ticket_text(&t, "batch_id") == NULL &&
		ticket_text(&t, "error_file_id") == NULL &&
		ticket_text(&t, "upload_name") == NULL &&
		ticket_number(&t, "requests") == 9,
	    "nothing of the failed batch stays but what is the file's");
	buf_clear(&b);
	ticket_line(&t, &b);
	ok(strstr(buf_cstr(&b), "\"earlier\":[{\"batch_id\":\"b1\"") != NULL,
	    "the failed batch is kept: %s", buf_cstr(&b));
	ticket_begin_again(&t);
	is_int(t.step, TICKET_NEW, "a new ticket stays new");
	ticket_free(&t);
	put("{\"step\":\"ended\",\"service\":\"s\",\"upload_name\":\"u\","
	    "\"input_file_id\":\"file-1\",\"batch_id\":\"b1\",\"requests\":9,"
	    "\"status\":\"expired\",\"counts\":{\"completed\":2,\"failed\":1}}");
	ticket_read(&t, file, &why);
	ticket_begin_again(&t);
	is_int(t.step, TICKET_ENDED, "a batch that has answers is not begun again");
	buf_clear(&b);
	ticket_words(&t, &b);
	is_str(buf_cstr(&b),
	    "batch b1 is expired: 2 of 9 requests are answered, 1 failed",
	    "words tell how far a batch came");
	ticket_free(&t);
	buf_free(&b);
}

int
main(void)
{
	char name[1200];

	snprintf(file, sizeof file, "%s", tap_file(S("x")));
	steps();
	kept();
	refused();
	again();
	snprintf(name, sizeof name, "%s" TICKET_SUFFIX, file);
	unlink(name);
	unlink(file);
	return done();
}
