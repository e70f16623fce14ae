/* responses: single LLM answers kept in a folder */
#include "respcache/responses.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tap.h"

enum { KEY_LEN = SHA256_HEX - 1 };

static char dir[1024];

static void
key_of(int i, char key[SHA256_HEX])
{
	char s[16];

	snprintf(s, sizeof s, "%d", i);
	hash_sha256(span_of(s), key);
}

static struct responses *
opened(void)
{
	const char *why = "";
	struct responses *a = responses_new(dir, 0, &why);

	if (a == NULL) {
		printf("Bail out! %s\n", why);
		exit(3);
	}
	return a;
}

/* Return the answer to key i, "" if there is none. */
static const char *
get(struct responses *a, int i, int sample)
{
	static struct buf b;
	char key[SHA256_HEX];

	key_of(i, key);
	buf_clear(&b);
	responses_get(a, key, sample, &b);
	return buf_cstr(&b);
}

/* Let all files look as if last written an hour ago. */
static void
set_old(void)
{
	char cmd[1200];

	snprintf(cmd, sizeof cmd, "touch -d -1hour '%s'/answers-*", dir);
	ok(system(cmd) == 0, "the time of the folder is set");
}

static int
put(struct responses *a, int i, int sample, const char *json)
{
	char key[SHA256_HEX];

	key_of(i, key);
	responses_add(a, key, sample, span_of(json));
	return responses_write(a);
}

static void
add_file(const char *name, const char *text)
{
	char path[2048];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	if ((f = fopen(path, "w")) != NULL) {
		fputs(text, f);
		fclose(f);
	}
}

static void
basics(void)
{
	struct responses *a = opened(), *b;
	char key[SHA256_HEX];

	is_str(get(a, 1, 0), "", "an empty cache has no answer");
	ok(put(a, 1, 0, "{\"text\":\"x\"}") == 0, "an answer is stored");
	ok(put(a, 1, 1, "[1]") == 0 && put(a, 2, 0, "\"\"") == 0,
	    "more answers are stored");
	is_str(get(a, 1, 0), "{\"text\":\"x\"}", "a stored answer is found");
	is_str(get(a, 1, 1), "[1]", "another sample is found");
	is_str(get(a, 1, 2), "", "a missing sample is not found");
	put(a, 1, 0, "2");
	is_str(get(a, 1, 0), "{\"text\":\"x\"}",
	    "the first answer of a sample stays");
	b = opened();
	is_str(get(b, 2, 0), "\"\"", "another process finds a stored answer");
	put(a, 3, 0, "3");
	sleep(1);
	is_str(get(b, 3, 0), "3",
	    "another process finds a later answer within a second");
	put(b, 4, 0, "4");
	sleep(1);
	is_str(get(a, 4, 0), "4", "answers of the other process are found");
	key_of(6, key);
	responses_add(a, key, 0, span_of("60"));
	responses_add(a, key, 1, span_of("61"));
	is_str(get(a, 6, 0), "", "an answer that is only added is not found");
	ok(responses_write(a) == 0, "added answers can be written");
	is_str(get(a, 6, 0), "60", "the first written answer is found");
	is_str(get(a, 6, 1), "61", "the second written answer is found");
	responses_look(b);
	put(a, 5, 0, "5");
	ok(responses_look(b) == 1, "a look finds new answers at once");
	is_str(get(b, 5, 0), "5", "an answer is found after a look");
	ok(responses_look(b) == 0, "a second look finds nothing new");
	ok(responses_free(a) == 0 && responses_free(b) == 0,
	    "two caches can be freed");
	ok(responses_free(NULL) == 0, "no cache can be freed");
}

/* Test files that are old enough: their locks say whether a writer is left. */
static void
newcomers(void)
{
	struct responses *a, *b = opened(), *c;

	a = opened();
	put(a, 50, 0, "50");
	ok(responses_look(b) == 1, "a look finds a new file");
	put(a, 51, 0, "51");
	ok(responses_look(b) == 1, "a look finds new lines of a file");
	set_old();
	sleep(1);
	ok(responses_look(b) == 0, "a look finds nothing new");
	put(a, 52, 0, "52");
	ok(responses_look(b) == 1, "a file that is still written stays open");
	set_old();
	responses_free(a);
	sleep(1);
	ok(responses_look(b) == 0, "a look finds nothing more");
	c = opened();
	put(c, 53, 0, "53");
	ok(responses_look(b) == 1, "a look finds another new file");
	is_str(get(b, 53, 0), "53", "the answer in the new file is found");
	is_str(get(b, 50, 0), "50", "the answer in a removed file is found");
	responses_free(b);
	responses_free(c);
}

/* Start a process that claims a key until it is killed; return its pid. */
static pid_t
claimer(const char key[SHA256_HEX])
{
	struct responses *r;
	int to[2];
	char got;
	pid_t pid;

	if (pipe(to) == -1 || (pid = fork()) == -1)
		exit(3);
	if (pid == 0) {
		r = opened();
		got = responses_claim(r, key) ? 'y' : 'n';
		if (write(to[1], &got, 1) == 1)
			pause();
		_exit(0);
	}
	ok(read(to[0], &got, 1) == 1 && got == 'y',
	    "another process claims a request");
	close(to[0]);
	close(to[1]);
	return pid;
}

static void
claimed(void)
{
	struct responses *a = opened(), *b = opened();
	char one[SHA256_HEX], two[SHA256_HEX];
	pid_t pid;
	int i, all = 1;

	key_of(1, one);
	key_of(2, two);
	ok(responses_claim(a, one) == 1, "a request can be claimed");
	ok(responses_claim(b, one) == 0,
	    "a request that another has claimed cannot be claimed");
	ok(responses_claim(a, one) == 0, "a request cannot be claimed twice");
	ok(responses_claim(b, two) == 1, "another request can be claimed");
	responses_unclaim(b, one);
	ok(responses_claim(b, one) == 0,
	    "a claim of another cannot be given up");
	responses_unclaim(a, one);
	ok(responses_claim(b, one) == 1,
	    "a claim that is given up can be taken by another");
	ok(responses_claim(a, one) == 0,
	    "a claim that is given up can be taken only once");
	is_str(
	    get(a, 777, 0), "", "a request has no answer before it is claimed");
	key_of(777, two);
	ok(responses_claim(a, two) == 1,
	    "a request without an answer can be claimed");
	is_str(get(a, 777, 0), "", "a claimed request has no answer yet");
	put(a, 777, 0, "777");
	is_str(get(a, 777, 0), "777",
	    "a claimed request has its answer once that is stored");
	ok(responses_claim(a, two) == 0,
	    "a request stays claimed after its answer is stored");
	key_of(2, two);
	responses_free(b);
	ok(responses_claim(a, one) == 1 && responses_claim(a, two) == 1,
	    "claims of a freed cache can be taken");
	key_of(3, one);
	pid = claimer(one);
	ok(responses_claim(a, one) == 0,
	    "a claim of another process cannot be taken");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ok(responses_claim(a, one) == 1,
	    "a claim of a killed process can be taken");
	/* keys of which the first bits differ: the ends of the file */
	memset(one, 'f', KEY_LEN);
	memset(two, '0', KEY_LEN);
	ok(responses_claim(a, one) == 1 && responses_claim(a, two) == 1,
	    "the largest and the smallest key can be claimed");
	for (i = 1000; i < 6000; i++) {
		key_of(i, one);
		all &= responses_claim(a, one);
		if (i % 2)
			responses_unclaim(a, one);
	}
	for (i = 1000; i < 6000; i++) {
		key_of(i, one);
		all &= responses_claim(a, one) == i % 2;
	}
	ok(all, "thousands of requests can be claimed and given up");
	responses_free(a);
}

/* Test a folder that is only read: a claim counts only in this process. */
static void
claimed_without_locks(void)
{
	const char *why;
	struct responses *a = responses_new(dir, 1, &why),
			 *b = opened();
	char key[SHA256_HEX];

	key_of(1, key);
	ok(responses_claim(a, key) == 1 && responses_claim(a, key) == 0,
	    "without locks a request can be claimed once");
	ok(responses_claim(b, key) == 1,
	    "without locks another process can claim the same request");
	responses_unclaim(a, key);
	ok(responses_claim(a, key) == 1,
	    "without locks a claim can be given up");
	responses_free(a);
	responses_free(b);
}

static void
damage(void)
{
	struct responses *a;
	char key[SHA256_HEX], text[2000];

	key_of(10, key);
	snprintf(text, sizeof text,
	    "{\"key\":\"%s\",\"sample\":0,\"answer\":{\"x}\n"
	    "{\"key\":\"%.63s\",\"sample\":0,\"answer\":1}\n"
	    "{\"key\":\"%s\",\"sample\":0,\"answ\":1}\n\n{}\nx\n"
	    "{\"key\":\"%s\",\"sample\":1,\"answer\":\"torn",
	    key, key, key, key);
	add_file("answers-0.jsonl", text);
	snprintf(text, sizeof text,
	    "{\"key\":\"%s\",\"sample\":7,\"answer\":7}\n", key);
	add_file("other-0.jsonl", text);
	a = opened();
	is_str(get(a, 10, 0), "", "a damaged line gives no answer");
	is_str(get(a, 10, 1), "", "a torn last line gives no answer");
	is_str(get(a, 10, 7), "", "a line of another file gives no answer");
	put(a, 10, 0, "10");
	is_str(get(a, 10, 0), "10", "damaged lines do not hide other answers");
	responses_free(a);
	/* A number that overflows an int must not become another sample. */
	key_of(11, key);
	snprintf(text, sizeof text,
	    "{\"key\":\"%s\",\"sample\":4294967296,\"answer\":1}\n"
	    "{\"key\":\"%s\",\"sample\":99999999999999999999,\"answer\":2}\n"
	    "{\"key\":\"%s\",\"sample\":-1,\"answer\":3}\n"
	    "{\"key\":\"%s\",\"sample\":1x,\"answer\":4}\n",
	    key, key, key, key);
	add_file("answers-1.jsonl", text);
	a = opened();
	is_str(
	    get(a, 11, 0), "", "a sample of 2^32 does not count as sample 0");
	is_str(get(a, 11, 1), "", "a sample \"1x\" does not count as sample 1");
	is_str(get(a, 10, 0), "10", "odd samples do not hide other answers");
	responses_free(a);
}

static void
many(void)
{
	struct responses *a = opened();
	char num[16];
	/* valgrind takes its time */
	const int n = getenv("TG_VALGRIND") ? 2000 : 20000;
	int i, bad = 0;

	for (i = 100; i < n; i++) {
		snprintf(num, sizeof num, "%d", i);
		bad += put(a, i, 0, num) != 0;
	}
	responses_free(a);
	/* Add 80 files of one entry. */
	for (i = 0; i < 80; i++) {
		snprintf(num, sizeof num, "%d", i);
		a = opened();
		put(a, 30000 + i, 0, num);
		responses_free(a);
	}
	a = opened();
	for (i = 100; i < n; i++) {
		snprintf(num, sizeof num, "%d", i);
		bad += strcmp(get(a, i, 0), num) != 0;
	}
	for (i = 0; i < 80; i++) {
		snprintf(num, sizeof num, "%d", i);
		bad += strcmp(get(a, 30000 + i, 0), num) != 0;
	}
	is_int(bad, 0, "%d entries in 80 files are found", n);
	responses_free(a);
}

int
main(void)
{
	const char *why, *tmp = getenv("TMPDIR");
	char cmd[1100];

	snprintf(dir, sizeof dir, "%s/tg-unit.XXXXXX", tmp ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL)
		return 3;
	basics();
	newcomers();
	claimed();
	claimed_without_locks();
	damage();
	many();
	snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
	ok(system(cmd) == 0, "the files of the test are removed");
	strcpy(dir, "/dev/null");
	ok(responses_new(dir, 0, &why) == NULL &&
		strstr(why, "/dev/null") != NULL,
	    "a device instead of a folder is refused");
	strcpy(dir, "/proc/self");
	ok(responses_new(dir, 0, &why) == NULL &&
		strstr(why, "write") != NULL,
	    "a folder that cannot be written is refused");
	return done();
}
