/* options: a command line parsed and a usage text made by one table */
#include "record/options.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/wait.h>

#include "json/find.h"
#include "tap.h"

enum scope { SCOPE_TASK, SCOPE_RUN, SCOPE_NONE };

struct got {
	int flag, number, loud;
	long long wide, price;
	double real;
	const char *text, *unused;
	struct option_list list, few;
	struct span object;
	enum scope scope;
	const char *by_setter;
};

static void
set_reversed(void *at, const char *value)
{
	static char text[8];
	size_t n = strlen(value), i;

	for (i = 0; i < n && i < sizeof text - 1; i++)
		text[i] = value[n - 1 - i];
	*(const char **)at = text;
}

#define AT(member) OPTION_AT(struct got, member)

static const struct option_def options[] = {
	{ "flag", 'f', OPTION_FLAG, OPTION_RUN, NULL, "a flag", AT(flag) },
	{ "number", 'n', OPTION_INT, OPTION_ANSWER, "N", "an int", AT(number),
	    .lo = -5, .hi = 10 },
	{ "wide", 0, OPTION_INT, OPTION_ANSWER, "N", NULL, AT(wide),
	    .lo = INT64_MIN, .hi = INT64_MAX },
	{ "real", 0, OPTION_REAL, OPTION_SAMPLING, "X",
	    "two numbers that share this text", AT(real), .min = 0.5,
	    .max = 2 },
	{ "text", 't', OPTION_STRING, OPTION_LIMIT, "TEXT",
	    "a text whose help fills all columns of the first line and goes "
	    "on on the next",
	    AT(text), .required = 1, .forms = 3 },
	{ "long-name", 0, OPTION_STRING, OPTION_RUN, "VALUE-OF-A-LONG-NAME",
	    "a label that has a line of its own", AT(unused),
	    .forms = OPTION_NO_FORM },
	{ "list", 'l', OPTION_LIST, OPTION_RUN, "ITEM", "repeatable",
	    AT(list) },
	{ "few", 0, OPTION_LIST, OPTION_RUN, "ITEM",
	    "twice at most; its last word is a byte too long for it", AT(few),
	    .hi = 2 },
	{ "object", 0, OPTION_OBJECT, OPTION_RUN, "JSON", "an object",
	    AT(object) },
	{ "scope", 0, OPTION_CHOICE, OPTION_RUN, "SCOPE", "one of three",
	    AT(scope), .choices = "task | run | none" },
	{ "pair", 0, OPTION_CHOICE, OPTION_RUN, "WHAT", "one of two",
	    AT(number), .choices = "line | char", .forms = OPTION_NO_FORM },
	{ "setter", 0, OPTION_INT, OPTION_RUN, "N", "checked, then set",
	    AT(by_setter), .lo = 10, .hi = 99, .set = set_reversed },
	{ "price", 0, OPTION_REAL, OPTION_RUN, "X", "kept as an integer",
	    AT(price), .max = 1e6, .scale = 1e6, .forms = OPTION_NO_FORM },
	{ "texture", 0, OPTION_FLAG, OPTION_RUN, NULL, "begins as text does",
	    AT(loud), .forms = 2 },
	{ OPTION_MAX_LINE_DEF },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-x",
	.forms = { { 1, "", "[file ...]" }, { 2, "other", "" } },
	.options = options,
	.about = "About.\n",
	.notes = "Notes.\n",
};

static struct got got;

/* Parse words, which end with NULL, into got. */
static struct options_found
parse(const char *const *words)
{
	static char *argv[16];
	static char copies[16][64];
	int argc;

	free(got.list.v);
	free(got.few.v);
	got = (struct got){ .number = 4711 };
	for (argc = 0; words[argc] != NULL; argc++) {
		snprintf(copies[argc], sizeof *copies, "%s", words[argc]);
		argv[argc] = copies[argc];
	}
	argv[argc] = NULL;
	return options_parse(&program, &got, argc, argv);
}
#define PARSE(...) parse((const char *const[]){ "tg-x", __VA_ARGS__, NULL })

/*
 * Parse words in a child, and return its exit status, with what it printed on
 * descriptor fd in *text.
 */
static int
parse_in_child(const char *const *words, int fd, struct buf *text)
{
	char bytes[4096];
	int pipe_fds[2], status, null;
	ssize_t n;
	pid_t pid;

	buf_clear(text);
	if (pipe(pipe_fds) == -1)
		return -1;
	if ((pid = fork()) == 0) {
		null = open("/dev/null", O_WRONLY);
		dup2(null, fd == 1 ? 2 : 1);
		dup2(pipe_fds[1], fd);
		parse(words);
		_exit(77); /* neither printed nor refused */
	}
	close(pipe_fds[1]);
	while ((n = read(pipe_fds[0], bytes, sizeof bytes)) > 0)
		buf_add(text, bytes, (size_t)n);
	close(pipe_fds[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
values(void)
{
	struct options_found found =
	    PARSE("-f", "a", "-n7", "--wide", "-9223372036854775808",
		"--real=1e0", "-t", "x", "--scope", "none", "--", "-b");

	ok(got.flag == 1 && got.number == 7 && got.wide == INT64_MIN,
	    "flags and integers are stored");
	ok(got.real >= 1 && got.real <= 1, "a real number is stored");
	is_str(got.text, "x", "a text is stored");
	is_int(got.scope, SCOPE_NONE, "a choice is stored as its index");
	is_str(found.operands[0], "a", "an operand before options stays");
	is_str(found.operands[1], "-b", "a word after -- is an operand");
	ok(found.operands[2] == NULL, "the operands end with NULL");
	ok(found.given == (1 | 2 | 4 | 8 | 16 | 512),
	    "the bits tell which options were given");
	is_int((long long)found.max_line, 0, "no --max-line is 0");
	PARSE("--price", "0.075");
	is_int(got.price, 75000, "a scaled number is stored exactly");
	PARSE("--price", "1e6");
	is_int(got.price, 1000000000000,
	    "a large scaled number is stored exactly");
	found = PARSE("--max-line", "2048", "--setter", "17");
	is_int((long long)found.max_line, 2048, "--max-line is returned");
	is_str(got.by_setter, "71", "a setter stores the value");
	is_int(got.number, 4711, "an option that is not given changes nothing");
}

static void
lists_and_objects(void)
{
	PARSE("-l", "a", "--list=b", "--few", "1", "--few", "2");
	ok(got.list.n == 2 && got.list.v[2] == NULL,
	    "a list holds each value and NULL");
	is_str(got.list.v[0], "a", "a list keeps the order");
	is_str(got.list.v[1], "b", "a list takes both names of its option");
	is_int((long long)got.few.n, 2, "a list may hold its maximum");
	PARSE("--object", " {\"a\": 1} ");
	is_span(js_find(got.object, "a"), S("1"), "an object is stored");
}

static void
prefixes(void)
{
	PARSE("--num", "3", "--text", "y", "--textu");
	is_int(got.number, 3, "a prefix of one option is that option");
	is_str(got.text, "y", "a full name wins over a longer one");
	is_int(got.loud, 1, "a longer prefix tells them apart");
}

static void
refusals(void)
{
	static const struct {
		const char *words[6];
		const char *message;
	} bad[] = {
		{ { "-n", "11" },
		    "-n: \"11\" is not a whole number in -5..10" },
		{ { "--num=-6" },
		    "-n: \"-6\" is not a whole number in -5..10" },
		{ { "--real", "0.4" },
		    "--real: \"0.4\" is not a number in 0.5..2" },
		{ { "--real", "2.1" },
		    "--real: \"2.1\" is not a number in 0.5..2" },
		{ { "--setter", "9" },
		    "--setter: \"9\" is not a whole number in 10..99" },
		{ { "--scope", "tas" },
		    "--scope: \"tas\" is not one of task | run | none" },
		{ { "--scope", "" },
		    "--scope: \"\" is not one of task | run | none" },
		{ { "--pair", "x" },
		    "--pair: \"x\" is not one of line | char" },
		{ { "--few=1", "--few=2", "--few=3" }, "--few: more than 2" },
		{ { "--object", "[]" },
		    "--object: not a JSON object, it is no object" },
		{ { "--max-line", "1" }, "--max-line: \"1\" is not a whole "
					 "number in 1024..4294967296" },
		{ { "--tex", "x" }, "--tex: more than one option begins so" },
		{ { "--nope=secret" }, "--nope: there is no such option" },
		{ { "--scoep=secret" },
		    "--scoep: there is no such option (did you mean scope?)" },
		{ { "--\033[31m" }, "--?[31m: there is no such option" },
		{ { "-q" }, "-q: there is no such option" },
		{ { "-n" }, "-n: needs a value" },
		{ { "--num" }, "--num: needs a value" },
		{ { "--flag=x" }, "--flag: takes no value" },
	};
	const char *words[8] = { "tg-x" };
	struct buf text = { 0 }, want = { 0 };
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		memcpy(words + 1, bad[i].words, sizeof bad[i].words);
		is_int(parse_in_child(words, STDERR_FILENO, &text), 2,
		    "%s is refused", bad[i].words[0]);
		buf_clear(&want);
		buf_fmt(&want, "tg-x: %s; see tg-x --help\n", bad[i].message);
		is_span(buf_span(&text), buf_span(&want),
		    "%s is refused with a reason", bad[i].words[0]);
	}
	buf_free(&text);
	buf_free(&want);
}

static void
forms(void)
{
	const char *const words[] = { "tg-x", "--texture", NULL };
	struct options_found found = parse(words);
	int status;
	pid_t pid;

	options_only(&program, found.given, "other", 2);
	ok(1, "an option of the form is accepted");
	if ((pid = fork()) == 0) {
		dup2(open("/dev/null", O_WRONLY), 2);
		options_only(&program, found.given, "first", 1);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	is_int(WEXITSTATUS(status), 2, "an option of another form is refused");
}

static void
texts(void)
{
	static const char usage[] =
	    "usage: tg-x [-f] [-n number] [--wide N] [--real X] -t text "
	    "[-l list]...\n"
	    "           [--few ITEM]... [--object JSON] "
	    "[--scope task | run | none]\n"
	    "           [--setter N] [--max-line BYTES] [file ...]\n"
	    "       tg-x other -t text [--texture]\n"
	    "\n"
	    "About.\n"
	    "\n"
	    "  -f, --flag              a flag\n"
	    "  -n, --number N          an int\n"
	    "      --wide N, --real X  two numbers that share this text\n"
	    "  -t, --text TEXT         a text whose help fills all columns of "
	    "the first line\n"
	    "                          and goes on on the next\n"
	    "      --long-name VALUE-OF-A-LONG-NAME\n"
	    "                          a label that has a line of its own\n"
	    "  -l, --list ITEM         repeatable\n"
	    "      --few ITEM          twice at most; its last word is a byte "
	    "too "
	    "long for\n"
	    "                          it\n"
	    "      --object JSON       an object\n"
	    "      --scope SCOPE       one of three\n"
	    "      --pair WHAT         one of two\n"
	    "      --setter N          checked, then set\n"
	    "      --price X           kept as an integer\n"
	    "      --texture           begins as text does\n"
	    "      --max-line BYTES    longest line taken, 64 MiB\n"
	    "      --help, --version, --options\n"
	    "\n"
	    "Notes.\n";
	static const char lines[] =
	    "flag\tf\tno\trun\nnumber\tn\tyes\tanswer\nwide\t-\tyes\tanswer\n"
	    "real\t-\tyes\tsampling\ntext\tt\tyes\tlimit\nlong-name\t-"
	    "\tyes\trun\n"
	    "list\tl\tyes\trun\nfew\t-\tyes\trun\nobject\t-\tyes\trun\n"
	    "scope\t-\tyes\trun\npair\t-\tyes\trun\nsetter\t-\tyes\trun\n"
	    "price\t-\tyes\trun\n"
	    "texture\t-\tno\trun\nmax-line\t-\tyes\trun\nhelp\t-\tno\trun\n"
	    "version\t-\tno\trun\noptions\t-\tno\trun\n";
	const char *words[] = { "tg-x", "--help", NULL };
	struct buf text = { 0 };

	is_int(
	    parse_in_child(words, STDOUT_FILENO, &text), 0, "--help succeeds");
	is_span(buf_span(&text), S(usage), "the table makes the usage text");
	words[1] = "--opt";
	is_int(parse_in_child(words, STDOUT_FILENO, &text), 0,
	    "--options succeeds");
	is_span(buf_span(&text), S(lines), "--options prints the table");
	words[1] = "--version";
	is_int(parse_in_child(words, STDOUT_FILENO, &text), 0,
	    "--version succeeds");
	ok(strncmp(buf_cstr(&text), "tg-x ", 5) == 0,
	    "--version names the program");
	buf_free(&text);
}

int
main(void)
{
	values();
	lists_and_objects();
	prefixes();
	refusals();
	forms();
	texts();
	free(got.list.v);
	free(got.few.v);
	return done();
}
