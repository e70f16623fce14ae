/* tg-sum - sum up what the programs of a tg-run have counted */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/io.h"
#include "record/filter.h"

static const char usage[] =
    "usage: tg-sum [--lines N] [--rejects FILE] [-q] file ...\n"
    "       tg-sum --estimate [-q] file ...\n"
    "       tg-sum --count [file ...]\n"
    "\n"
    "Sum up one run of tg-run. The files are what tg-prompt --summary, tg-llm\n"
    "--stats and tg-emit --summary have written; an empty file is skipped. The\n"
    "summary in words goes to stderr, one JSON object to stdout.\n"
    "\n"
    "      --lines N       documents that the input has, if tg-prompt has read\n"
    "                      fewer\n"
    "      --rejects FILE  file that the rejected and failed records are in\n"
    "      --estimate      the files of tg-llm are those of tg-llm --dry-run\n"
    "      --count         print how many records input files hold, or nothing\n"
    "                      where one of them, such as a pipe, does not tell\n"
    "  -q, --quiet         no summary in words\n"
    "      --help, --version\n"
    "\n"
    "Example: tg-sum read.json generate.json judge.json emit.json\n";

enum { LINES = OPT_OWN, REJECTS, ESTIMATE, COUNT };

/* Name that begins each line of the summary: the user has started tg-run. */
static const char run[] = "tg-run";

struct sums {
	struct filter f;     /* tool and usage, for messages */
	const char *rejects; /* file of rejected records; NULL: none was kept */
	int estimate, count, quiet;
	long long lines; /* documents read, or that the files have */
	json_t *llms;    /* counts of each tg-llm, an array */
	json_t *emit;    /* counts of tg-emit; NULL: it has written none */
};

/* Return the number called name in object, 0 if there is none. */
static double
number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

/* Return the sum of the numbers called name in all counts of tg-llm. */
static double
sum(const struct sums *s, const char *name)
{
	double total = 0;
	json_t *llm;
	size_t i;

	json_array_foreach(s->llms, i, llm)
		total += number(llm, name);
	return total;
}

/*
 * Return the requests of a kind in all estimates, and in *answer what tg-llm
 * takes an answer to be, borrowed; NULL where nothing is asked.
 */
static double
requests_of(const struct sums *s, const char *kind, json_t **answer)
{
	double n, total = 0;
	json_t *llm;
	size_t i;

	*answer = NULL;
	json_array_foreach(s->llms, i, llm) {
		n = number(json_object_get(llm, "requests"), kind);
		if (n > 0)
			*answer = json_object_get(
			    json_object_get(llm, "answer_tokens"), kind);
		total += n;
	}
	return total;
}

/* Return the sum of the counts in object. */
static double
total_of(json_t *object)
{
	const char *name;
	double total = 0;
	json_t *count;

	json_object_foreach(object, name, count)
		total += json_number_value(count);
	return total;
}

/* Return the documents of which tg-emit knows what became of them. */
static double
ended(const struct sums *s)
{
	return number(s->emit, "triplets") + number(s->emit, "duplicates") +
	       total_of(json_object_get(s->emit, "rejected")) +
	       total_of(json_object_get(s->emit, "errors"));
}

/* Return whether there is a record that could be fed back in. */
static int
are_rejects(const struct sums *s)
{
	return json_object_size(json_object_get(s->emit, "rejected")) > 0 ||
	       json_object_size(json_object_get(s->emit, "errors")) > 0;
}

/* Append n with up to so many decimals, without trailing zeros. */
static void
add_number(struct buf *b, double n, int decimals)
{
	double scale = pow(10, decimals);

	buf_fmt(b, "%.*f", decimals, round(n * scale) / scale);
	while (decimals > 0 && b->p[b->n - 1] == '0')
		b->n--;
	if (b->p[b->n - 1] == '.')
		b->n--;
}

/* Append "1 call" or "2 calls". */
static void
add_count(struct buf *b, double n, const char *one, const char *more)
{
	buf_fmt(b, "%.0f %s, ", n, n == 1 ? one : more);
}

/* Append "3 rejected (2 judge_0, 1 judge_2), ". */
static void
add_codes(struct buf *b, json_t *codes, const char *what)
{
	const char *name, *between = " (";
	json_t *count;

	buf_fmt(b, "%.0f %s", total_of(codes), what);
	json_object_foreach(codes, name, count) {
		buf_fmt(b, "%s%.0f %s", between, json_number_value(count), name);
		between = ", ";
	}
	buf_adds(b, json_object_size(codes) > 0 ? "), " : ", ");
}

/* Say what became of the documents. */
static void
say_documents(const struct sums *s)
{
	double missing = (double)s->lines - ended(s);
	struct buf b = { 0 };

	buf_fmt(&b, "%lld document%s: ", s->lines, s->lines == 1 ? "" : "s");
	add_count(&b, number(s->emit, "triplets"), "triplet", "triplets");
	add_codes(&b, json_object_get(s->emit, "rejected"), "rejected");
	add_codes(&b, json_object_get(s->emit, "errors"), "in error");
	add_count(
	    &b, number(s->emit, "duplicates"), "duplicate", "duplicates");
	b.n -= 2;
	if (missing != 0)
		buf_fmt(&b, ", %.0f missing", missing);
	if (s->rejects == NULL && are_rejects(s))
		buf_adds(&b, "; --rejects FILE keeps them");
	io_warn(run, "%s", buf_cstr(&b));
	buf_free(&b);
}

/* Say what the requests took. */
static void
say_requests(const struct sums *s)
{
	struct buf b = { 0 };
	double longest = 0;
	json_t *llm;
	size_t i;

	json_array_foreach(s->llms, i, llm)
		if (number(llm, "seconds") > longest)
			longest = number(llm, "seconds");
	add_count(&b, sum(s, "calls"), "call", "calls");
	add_count(&b, sum(s, "retries"), "retry", "retries");
	add_count(&b, sum(s, "cached"), "cached answer", "cached answers");
	buf_fmt(&b, "%.0f tokens in, %.0f out, ", sum(s, "prompt_tokens"),
	    sum(s, "completion_tokens"));
	if (sum(s, "cost") > 0) {
		buf_adds(&b, "cost ");
		add_number(&b, sum(s, "cost"), 4);
		buf_adds(&b, ", ");
	}
	buf_fmt(&b, "%lld s", (long long)longest);
	io_warn(run, "%s", buf_cstr(&b));
	buf_free(&b);
}

/* Sum up a run; append its documents and how many are missing to out. */
static void
sum_run(const struct sums *s, struct buf *out)
{
	buf_fmt(out, "{\"documents\":%lld,\"missing\":", s->lines);
	if (s->emit != NULL)
		buf_fmt(out, "%.0f}\n", (double)s->lines - ended(s));
	else
		buf_adds(out, "null}\n");
	if (s->quiet)
		return;
	if (s->emit != NULL)
		say_documents(s);
	say_requests(s);
	if (s->rejects != NULL && are_rejects(s))
		io_warn(run, "the same with %s as the input tries these again",
		    s->rejects);
}

/* Append ", cost 1.25" if answers as long as they may be would cost anything. */
static void
add_cost(const struct sums *s, struct buf *b, const char *what, const char *name)
{
	if (sum(s, "cost_max") == 0)
		return;
	buf_adds(b, what);
	add_number(b, sum(s, name), 4);
}

/* The estimate's parts that have an entry for each kind of request. */
struct kinds {
	struct buf requests; /* JSON: number of requests */
	struct buf answers;  /* JSON: tokens an answer */
	struct buf asked;    /* requests in words */
	struct buf taken;    /* tokens an answer in words */
	double all;          /* requests of all kinds */
};

/* Append what is asked of one kind. */
static void
add_kind(const struct sums *s, struct kinds *k, const char *kind)
{
	json_t *answer;
	double n = requests_of(s, kind, &answer);
	double tokens = number(answer, "tokens");
	int guess = json_is_true(json_object_get(answer, "assumed"));

	k->all += n;
	buf_fmt(&k->requests, "%s\"%s\":%.0f", k->requests.n > 0 ? "," : "",
	    kind, n);
	if (answer == NULL)
		return;
	buf_fmt(&k->answers, "%s\"%s\":{\"tokens\":%.0f,\"assumed\":%s}",
	    k->answers.n > 0 ? "," : "", kind, tokens,
	    guess ? "true" : "false");
	buf_fmt(&k->asked, "%s%.0f %s", k->asked.n > 0 ? ", " : "", n, kind);
	buf_fmt(&k->taken, "%s%.0f tokens (%s, %s)",
	    k->taken.n > 0 ? ", " : "", tokens, kind,
	    guess ? "a guess" : "as in the cache");
}

/* Say what a run would take, and what that rests on. */
static void
say_estimate(const struct sums *s, struct kinds *k)
{
	struct buf b = { 0 };

	buf_fmt(&b,
	    "%.0f documents: %.0f requests (%s), %.0f of them answered in the "
	    "cache; about %.0f tokens in, %.0f out",
	    number(s->emit, "lines"), k->all, buf_cstr(&k->asked),
	    sum(s, "answered_by_cache"), sum(s, "prompt_tokens"),
	    sum(s, "completion_tokens"));
	add_cost(s, &b, "; cost about ", "cost");
	io_warn(run, "%s", buf_cstr(&b));
	b.n = 0;
	buf_fmt(&b,
	    "taken for this: four bytes a token; answers of %s; a judge that "
	    "agrees with every pair; no retries. With answers as long as they "
	    "may be: %.0f out",
	    buf_cstr(&k->taken), sum(s, "completion_tokens_max"));
	add_cost(s, &b, ", cost ", "cost_max");
	io_warn(run, "%s", buf_cstr(&b));
	buf_free(&b);
}

/* Sum up an estimate; append it to out. */
static void
sum_estimate(const struct sums *s, struct buf *out)
{
	static const char *const counts[] = { "answered_by_cache", "calls",
		"prompt_tokens", "completion_tokens", "completion_tokens_max",
		NULL };
	struct kinds k = { 0 };
	int i;

	add_kind(s, &k, "generate");
	add_kind(s, &k, "judge");
	add_kind(s, &k, "negatives");
	if (!s->quiet)
		say_estimate(s, &k);
	buf_fmt(out, "{\"documents\":%.0f,\"requests\":{%s}",
	    number(s->emit, "lines"), buf_cstr(&k.requests));
	for (i = 0; counts[i] != NULL; i++)
		buf_fmt(out, ",\"%s\":%.0f", counts[i], sum(s, counts[i]));
	buf_fmt(out, ",\"answer_tokens\":{%s},\"cost\":", buf_cstr(&k.answers));
	add_number(out, sum(s, "cost"), 6);
	buf_adds(out, ",\"cost_max\":");
	add_number(out, sum(s, "cost_max"), 6);
	buf_adds(out, "}\n");
	buf_free(&k.requests);
	buf_free(&k.answers);
	buf_free(&k.asked);
	buf_free(&k.taken);
}

/*
 * Append to out how many records files hold from where stdin stands; nothing
 * if one of them is no regular file, or cannot be read.
 */
static void
count_records(char *const *files, struct buf *out)
{
	static char name[] = "/dev/stdin"; /* opened anew: stdin stays */
	char *const own[] = { name, NULL };
	off_t at = *files == NULL ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
	char *const *names = *files == NULL ? own : files;
	enum lines_got got;
	struct stat st;
	struct lines l;
	struct span line;
	size_t bytes, i, n = 0;

	for (i = 0; names[i] != NULL; i++)
		if (stat(names[i], &st) == -1 || !S_ISREG(st.st_mode))
			return;
	lines_init(&l, (const char *const *)names, LINES_LIMIT);
	while ((got = lines_next(&l, &line, &bytes)) != LINES_END) {
		if (got != LINES_MORE) {
			n++;
		} else if (lines_fill(&l) == -1) {
			lines_free(&l);
			return;
		} else if (at > 0) {
			lseek(l.fd, at, SEEK_SET);
			at = 0;
		}
	}
	lines_free(&l);
	buf_fmt(out, "%zu\n", n);
}

/* Take the counts in a file, which its members tell apart. */
static void
read_counts(struct sums *s, const char *file)
{
	FILE *stream = io_open(file);
	json_error_t error;
	json_t *counts;
	int ch;

	if (stream == NULL) {
		io_warn(s->f.tool, "%s: %s", file, strerror(errno));
		exit(TG_EX_IO);
	}
	if ((ch = getc(stream)) == EOF) {
		fclose(stream);
		return;
	}
	ungetc(ch, stream);
	if ((counts = json_loadf(stream, 0, &error)) == NULL) {
		io_warn(s->f.tool, "%s: not JSON: %s", file, error.text);
		exit(TG_EX_IO);
	}
	fclose(stream);
	if (json_object_get(counts, "triplets") != NULL) {
		json_decref(s->emit);
		s->emit = json_incref(counts);
	} else if (json_object_get(counts, "calls") != NULL) {
		json_array_append(s->llms, counts);
	} else if (number(counts, "lines") > (double)s->lines) {
		s->lines = (long long)number(counts, "lines");
	}
	json_decref(counts);
}

/* Set the fields of s by the command line; return the first operand's index. */
static int
parse(struct sums *s, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "lines", required_argument, NULL, LINES },
		{ "rejects", required_argument, NULL, REJECTS },
		{ "estimate", no_argument, NULL, ESTIMATE },
		{ "count", no_argument, NULL, COUNT },
		{ "quiet", no_argument, NULL, 'q' },
		FILTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int ch;

	while ((ch = getopt_long(argc, argv, "q", options, NULL)) != -1) {
		switch (ch) {
		case LINES:
			s->lines = filter_int(&s->f, "--lines", 0, 1LL << 60);
			break;
		case REJECTS:
			s->rejects = optarg;
			break;
		case ESTIMATE:
			s->estimate = 1;
			break;
		case COUNT:
			s->count = 1;
			break;
		case 'q':
			s->quiet = 1;
			break;
		default:
			filter_option(&s->f, ch);
		}
	}
	if (optind == argc && !s->count)
		filter_usage(&s->f, "name the files to sum up");
	return optind;
}

int
main(int argc, char *argv[])
{
	struct sums s = { .f = { .tool = "tg-sum", .usage = usage } };
	struct buf out = { 0 };
	int i;

	io_start();
	i = parse(&s, argc, argv);
	s.llms = json_array();
	while (!s.count && i < argc)
		read_counts(&s, argv[i++]);
	if (s.count)
		count_records(argv + i, &out);
	else if (s.estimate)
		sum_estimate(&s, &out);
	else
		sum_run(&s, &out);
	if (io_write(STDOUT_FILENO, buf_span(&out)) == -1)
		io_die_stdout(s.f.tool);
	io_close_stdout(s.f.tool);
	buf_free(&out);
	json_decref(s.llms);
	json_decref(s.emit);
	return TG_EX_OK;
}
