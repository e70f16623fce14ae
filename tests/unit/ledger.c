/* ledger: what is spent is kept, whatever becomes of the processes */
#include "respcache/ledger.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tap.h"

static const struct ledger_request ten = { { 10, 100 }, { 4, 40 } };
static const struct amount none = { 0, 0 }, took = { 3, 30 };

/* Return whether a request fits into a budget of so much cost. */
static enum ledger_said
ask(struct ledger *l, long long cost)
{
	return ledger_reserve(l, &ten, &(struct amount){ cost, 0 });
}

static void
test_sums(struct ledger *l)
{
	struct amount spent;

	is_int(ask(l, 9), LEDGER_NEVER, "a request over the budget never fits");
	is_int(ask(l, 20), LEDGER_FITS, "a request within the budget fits");
	is_int(ask(l, 20), LEDGER_FITS, "a second request fills the budget");
	is_int(ask(l, 20), LEDGER_LATER, "a third request may fit later");
	is_int(ask(l, 0), LEDGER_FITS, "without a budget every request fits");
	is_int(ledger_reserve(l, &ten, &(struct amount){ 0, 399 }),
	    LEDGER_LATER, "tokens have a budget of their own");
	ledger_commit(l, &ten, &none);
	ledger_commit(l, &ten, &took);
	ledger_commit(l, &ten, &took);
	spent = ledger_spent(l);
	ok(spent.cost == 6 && spent.tokens == 60, "what was taken is spent");
	is_int(ask(l, 15), LEDGER_NEVER, "what was spent leaves less");
	is_int(ask(l, 16), LEDGER_FITS, "what was not taken is free again");
	ledger_commit(l, &ten, &(struct amount){ LLONG_MAX, 0 });
	is_int(ledger_spent(l).cost, LLONG_MAX,
	    "a sum that does not fit is the most there is");
	is_int(ask(l, LLONG_MAX - 1), LEDGER_NEVER,
	    "nothing fits into such a sum");
}

static void
test_kept(void)
{
	struct ledger *a = ledger_open("x.spent"), *b;
	struct stat st;

	ok(a != NULL && ask(a, 100) == LEDGER_FITS, "a file is made");
	ok(stat("x.spent", &st) == 0 && (st.st_mode & 0777) == 0600,
	    "the file is the user's alone");
	b = ledger_open("x.spent");
	is_int(ask(b, 15), LEDGER_LATER,
	    "what one process has in flight another one sees");
	ledger_commit(a, &ten, &took);
	is_int(ledger_spent(b).tokens, 30, "what one spends another one sees");
	is_int(ask(b, 13), LEDGER_FITS, "and has what is left");
	ledger_free(b);
	is_int(ask(a, 13), LEDGER_FITS,
	    "what a process that ends had in flight is free");
	ledger_free(a);
	a = ledger_open("x.spent");
	is_int(
	    ledger_spent(a).cost, 3, "the next process finds what was spent");
	b = ledger_new(open("x.spent", O_RDWR), 1);
	is_int(
	    ledger_spent(b).cost, 3, "nothing begins anew while one is there");
	ledger_free(a);
	ledger_free(b);
	a = ledger_new(open("x.spent", O_RDWR), 1);
	is_int(ledger_spent(a).cost, 0, "it begins anew if that is asked for");
	ledger_free(a);
}

/* Kill a child with two requests in flight. */
static void
kill_one(void)
{
	int fd[2];
	char c;
	pid_t pid;

	if (pipe(fd) == -1 || (pid = fork()) == -1)
		exit(3);
	if (pid == 0) {
		struct ledger *l = ledger_open("k.spent");

		if (ask(l, 0) != LEDGER_FITS || ask(l, 0) != LEDGER_FITS ||
		    write(fd[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (read(fd[0], &c, 1) != 1)
		exit(3);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd[0]);
	close(fd[1]);
}

static void
test_killed(void)
{
	struct ledger *l = ledger_open("k.spent");

	kill_one();
	is_int(ledger_spent(l).cost, 8,
	    "what a killed process had in flight is spent, as is likely");
	is_int(ledger_spent(l).tokens, 80, "and is so once");
	kill_one();
	is_int(ask(l, 26), LEDGER_FITS, "what it had reserved is free");
	ledger_free(l);
	kill_one();
	l = ledger_open("k.spent");
	is_int(ledger_spent(l).cost, 24, "that holds if nobody was there");
	ledger_free(l);
}

/* Fill the file with bytes, or with p at the beginning of them. */
static void
fill(int byte, const void *p, size_t n)
{
	static char bytes[4096];
	int fd = open("r.spent", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	memset(bytes, byte, sizeof bytes);
	memcpy(bytes, p, n);
	if (fd == -1 || write(fd, bytes, sizeof bytes) != sizeof bytes ||
	    close(fd) == -1)
		exit(3);
}

static void
test_rubbish(void)
{
	static const char *const begins[] = { "", "tgspent", "{\"a\":1}" };
	static const int fills[] = { 0xff, 0x7f, 'x' };
	long long numbers[4] = { 0, 5, 7, 0 };
	struct ledger *l;
	size_t i;
	int refused = 0, anew = 0;

	for (i = 0; i < 9; i++) {
		fill(fills[i % 3], begins[i / 3], strlen(begins[i / 3]) + 1);
		refused += ledger_open("r.spent") == NULL && errno == EBADMSG;
		l = ledger_new(open("r.spent", O_RDWR), 1);
		anew += ledger_spent(l).cost == 0 && ask(l, 10) == LEDGER_FITS;
		ledger_free(l);
	}
	is_int(refused, 9, "a file with anything else in it is refused");
	is_int(anew, 9, "such a file begins anew if that is asked for");
	fill(0, "", 0);
	l = ledger_open("r.spent");
	is_int(ledger_spent(l).cost, 0, "a file of zeros is a new one");
	ledger_free(l);
	memcpy(numbers, "tgspent", 8);
	/* magic, cost and tokens spent, places used, and an absurd place */
	fill(0xff, numbers, sizeof numbers);
	l = ledger_open("r.spent");
	ok(l != NULL && ledger_spent(l).cost == 5 &&
		ledger_spent(l).tokens == 7,
	    "what a place holds that nobody has used is not spent");
	ledger_free(l);
	numbers[3] = 1;
	fill(0xff, numbers, sizeof numbers);
	ok(ledger_open("r.spent") == NULL && errno == EBADMSG,
	    "a file with an absurd place is refused");
	unlink("r.spent");
	ok(symlink("x.spent", "r.spent") == 0 && ledger_open("r.spent") == NULL,
	    "a symbolic link is refused");
	ok(unlink("r.spent") == 0 && mkfifo("r.spent", 0600) == 0 &&
		ledger_open("r.spent") == NULL,
	    "a pipe is refused");
	ok(ledger_open("none/r.spent") == NULL && errno == ENOENT,
	    "a folder that is missing is not made");
}

int
main(void)
{
	char dir[] = "/tmp/tg-ledger.XXXXXX";
	struct ledger *l = ledger_new(-1, 0);

	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return 3;
	test_sums(l);
	ledger_free(l);
	test_kept();
	test_killed();
	test_rubbish();
	unlink("x.spent");
	unlink("k.spent");
	unlink("r.spent");
	ok(rmdir(dir) == 0, "no other file is in the folder");
	return done();
}
