/* tg-sum - sum up what the programs of a tg-run have counted */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "count.h"
#include "io/counts.h"
#include "io/io.h"
#include "io/progress.h"
#include "record/options.h"
#include "second.h"
#include "stages.h"
#include "whole.h"
#include "words.h"

/* Name that begins each line of the summary: the user has started tg-run. */
static const char run[] = "tg-run";

struct sums {
	const char *rejects; /* file of rejected records; NULL: none was kept */
	int estimate, count, quiet, interrupted;
	long long of; /* documents of which these are a sample; 0: no sample */
	long long lines; /* documents read, or that the files have */
	/* draws of the documents, of which all else counts; lines: one each */
	long long records;
	long long mirrors; /* mirrors that were made of pairs */
	long long draws;   /* draws of a document that was not read */
	json_t *llm;       /* sums of the counts of each tg-llm */
	json_t *emit;      /* counts of tg-emit; NULL: it has written none */
	json_t *languages; /* text that tg-prompt says of them; NULL: none */
	json_t *bare; /* pairs without negatives by the reason; NULL: none */
	json_t *verified; /* words of tg-negs about false negatives; or NULL */
	json_t *mined;    /* words of tg-mine about negatives; or NULL */
	json_t *redacted; /* secrets by kind; NULL: none were replaced */
	json_t *found;    /* secrets by kind of rejected records; or NULL */
	double seconds;   /* time of the tg-llm that ran longest */
	double rate;      /* calls answered a second; 0: not known */
	struct second second;
	struct whole whole;
	const char *stats;    /* file that gets a line a stage; NULL: none */
	const char *triplets; /* file of the triplets; NULL: not known */
	const char *report;   /* tg-report as the user types it */
	struct stages stages;
};

enum { SUM = 1, ESTIMATE = 2, COUNT = 4 }; /* the forms of use */

#define AT(member) OPTION_AT(struct sums, member)

static const struct option_def options[] = {
	{ "lines", 0, OPTION_INT, OPTION_RUN, "N",
	    "documents that the input has, if tg-prompt has read fewer",
	    AT(lines), .hi = 1LL << 60, .forms = SUM },
	{ "draws", 0, OPTION_INT, OPTION_RUN, "N",
	    "draws of each document, 1 unless given", AT(draws), .lo = 1,
	    .hi = 1000, .forms = SUM },
	{ "rejects", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "file that the rejected and failed records are in", AT(rejects),
	    .forms = SUM },
	{ "stats", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "add the counts to this file, a line a stage", AT(stats),
	    .forms = SUM },
	{ "triplets", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "file that the triplets are in", AT(triplets), .forms = SUM },
	{ "report", 0, OPTION_STRING, OPTION_RUN, "PROGRAM",
	    "tg-report as the user types it, with its path if need be",
	    AT(report), .forms = SUM },
	{ "interrupted", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "give no advice on rejects: the run as a whole is to go on",
	    AT(interrupted), .forms = SUM },
	{ "of", 0, OPTION_INT, OPTION_RUN, "N",
	    "the run was a sample of N documents: say what all would take",
	    AT(of), .lo = 1, .hi = 1LL << 60, .forms = SUM },
	{ "estimate", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "the files of tg-llm are those of tg-llm --dry-run", AT(estimate),
	    .forms = ESTIMATE, .required = 1 },
	{ "rate", 0, OPTION_REAL, OPTION_RUN, "N",
	    "calls that are answered a second, to estimate the time", AT(rate),
	    .min = 1e-6, .max = 1e9, .forms = ESTIMATE },
	{ "count", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "print how many records input files hold, or nothing where one of "
	    "them, such as a pipe, does not tell",
	    AT(count), .forms = COUNT, .required = 1 },
	{ "quiet", 'q', OPTION_FLAG, OPTION_RUN, NULL, "no summary in words",
	    AT(quiet), .forms = SUM | ESTIMATE },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-sum",
	.forms = { { SUM, "", "file ..." }, { ESTIMATE, "", "file ..." },
	    { COUNT, "", "[file ...]" } },
	.options = options,
	.about =
	    "Sum up one run of tg-run. The files are what tg-llm --stats, and "
	    "tg-prompt,\n"
	    "tg-judge, tg-negs and tg-emit with --summary, have written; an "
	    "empty file "
	    "is skipped.\n"
	    "The summary in words goes to stderr, one JSON object to "
	    "stdout.\n",
	.notes = "Example: tg-sum read.json generate.json judge.json "
		 "emit.json\n",
};

/* Keep from the counts of a tg-llm the answers that it takes for granted. */
static void
keep_answers(json_t *to, json_t *counts)
{
	json_t *answers = json_object_get(counts, "answer_tokens"), *answer;
	const char *kind;

	json_object_foreach (answers, kind, answer)
		if (words_number(json_object_get(counts, "requests"), kind) > 0)
			json_object_set(to, kind, answer);
}

/* Return the draws and mirrors of which tg-emit knows what became of them. */
static double
ended(const struct sums *s)
{
	return words_number(s->emit, "triplets") +
	       words_number(s->emit, "duplicates") +
	       words_total(json_object_get(s->emit, "rejected")) +
	       words_total(json_object_get(s->emit, "errors"));
}

/* Return whether tg-emit has ended the run at as many triplets as are wanted.
 */
static int
is_enough(const struct sums *s)
{
	return json_is_true(json_object_get(s->emit, "enough"));
}

/* Return the draws and mirrors of which nobody knows what became of them. */
static double
missing_of(const struct sums *s)
{
	return is_enough(s) ? 0 : (double)(s->records + s->mirrors) - ended(s);
}

/* Return whether the next thing to do is about the rejects and errors. */
static int
has_advice(const struct sums *s, json_t *rejected, json_t *errors)
{
	return !s->interrupted && missing_of(s) == 0 &&
	       words_total(rejected) + words_total(errors) > 0;
}

/* Append "4 documents: ", or "4 documents, 12 draws: ". */
static void
add_documents(struct buf *b, const struct sums *s)
{
	buf_fmt(b, "%lld document%s", s->lines, s->lines == 1 ? "" : "s");
	if (s->records > s->lines)
		buf_fmt(b, ", %lld draws", s->records);
	if (s->mirrors > 0)
		buf_fmt(b, ", %lld mirror%s", s->mirrors,
		    s->mirrors == 1 ? "" : "s");
	buf_adds(b, ": ");
}

/* Say what became of the documents. */
static void
say_documents(const struct sums *s, json_t *rejected, json_t *errors)
{
	double missing = missing_of(s);
	struct buf b = { 0 };

	add_documents(&b, s);
	words_plural(
	    &b, words_number(s->emit, "triplets"), "triplet", "triplets");
	words_counts(&b, rejected, "rejected");
	words_counts(&b, errors, "in error");
	words_plural(
	    &b, words_number(s->emit, "duplicates"), "duplicate", "duplicates");
	b.n -= 2;
	if (words_number(s->emit, "duplicates") > 0 &&
	    words_number(s->emit, "had") > 0)
		buf_fmt(&b, " (the file of --append had %.0f triplets already)",
		    words_number(s->emit, "had"));
	if (missing != 0)
		buf_fmt(&b, ", %.0f missing", missing);
	if (is_enough(s))
		buf_fmt(&b, ", %.0f not needed",
		    (double)(s->records + s->mirrors) - ended(s));
	if (s->rejects == NULL && has_advice(s, rejected, errors))
		buf_adds(&b, "; --rejects FILE keeps them");
	io_message(run, buf_cstr(&b));
	buf_free(&b);
}

/* Say which pairs got no negatives, if there are any. */
static void
say_bare(const struct sums *s)
{
	double n = words_total(s->bare);
	struct buf b = { 0 };

	if (n == 0)
		return;
	words_counts(&b, s->bare,
	    n == 1 ? "pair got no negatives" : "pairs got no negatives");
	b.n -= 2;
	io_message(run, buf_cstr(&b));
	buf_free(&b);
}

/* Say how many secrets there were, if there were any. */
static void
say_secrets(json_t *secrets, const char *what)
{
	double n = words_total(secrets);
	char words[40];
	struct buf b = { 0 };

	if (n == 0)
		return;
	snprintf(words, sizeof words, "secret%s %s", n == 1 ? "" : "s", what);
	words_counts(&b, secrets, words);
	b.n -= 2;
	io_message(run, buf_cstr(&b));
	buf_free(&b);
}

/* Say what the requests took. */
static void
say_requests(const struct sums *s)
{
	struct buf b = { 0 };
	double rate;

	words_took(&b, s->llm);
	buf_fmt(&b, "%.0f s", floor(s->seconds));
	rate = s->seconds >= 1 ? words_number(s->llm, "calls") / s->seconds : 0;
	if (rate > 0)
		buf_fmt(&b, ", %.*f calls a second",
		    rate < 1    ? 3
		    : rate < 10 ? 1
				: 0,
		    rate);
	io_message(run, buf_cstr(&b));
	buf_free(&b);
}

/* Say what a triplet took, and what the triplets are like. */
static void
say_triplets(const struct sums *s)
{
	const json_t *measured = json_object_get(s->emit, "measured");
	double n = words_number(s->emit, "triplets");
	struct buf b = { 0 };

	if (words_number(measured, "triplets") == 0)
		return;
	buf_fmt(&b, "for each triplet %.0f tokens in, %.0f out",
	    words_number(s->llm, "prompt_tokens") / n,
	    words_number(s->llm, "completion_tokens") / n);
	if (words_number(s->llm, "cost") > 0)
		buf_fmt(&b, ", cost %.3g", words_number(s->llm, "cost") / n);
	buf_fmt(&b, ", %.2g s", s->seconds / n);
	io_message(run, buf_cstr(&b));
	buf_clear(&b);
	buf_fmt(&b,
	    "of %.0f triplets measured, %.0f positives and %.0f queries are "
	    "over 512 tokens; half of the queries share at most %.0f %% of "
	    "their words with the positive",
	    words_number(measured, "triplets"),
	    words_number(measured, "pos_over_512"),
	    words_number(measured, "query_over_512"),
	    words_number(measured, "shared_words"));
	io_message(run, buf_cstr(&b));
	buf_clear(&b);
	if (s->of == 0) {
		buf_adds(&b, "to look at them:");
		stages_command(
		    &b, s->report, s->rejects, s->stats, s->triplets);
		io_message(run, buf_cstr(&b));
	}
	buf_free(&b);
}

/* Say what all documents take of which these are a sample. */
static void
say_whole(const struct sums *s)
{
	struct buf b = { 0 };

	whole_words(&b, &s->whole, s->of, s->lines,
	    words_number(s->emit, "triplets"), s->seconds);
	io_message(run, buf_cstr(&b));
	buf_free(&b);
}

/* Sum up a run; append its documents and how many are missing to out. */
static void
sum_run(const struct sums *s, struct buf *out)
{
	json_t *rejected = json_object_get(s->emit, "rejected");
	json_t *errors = json_object_get(s->emit, "errors");
	struct buf b = { 0 };

	buf_fmt(
	    out, "{\"documents\":%lld,\"missing\":", s->records + s->mirrors);
	if (s->emit != NULL)
		buf_fmt(out, "%.0f}\n", missing_of(s));
	else
		buf_adds(out, "null}\n");
	if (s->quiet)
		return;
	if (s->emit != NULL)
		say_documents(s, rejected, errors);
	if (s->languages != NULL)
		io_message(run, json_string_value(s->languages));
	if (second_is_there(&s->second)) {
		second_words(&b, &s->second);
		io_message(run, buf_cstr(&b));
		buf_clear(&b);
	}
	say_bare(s);
	if (json_is_string(s->mined))
		io_message(run, json_string_value(s->mined));
	if (json_is_string(s->verified))
		io_message(run, json_string_value(s->verified));
	say_secrets(s->redacted, "redacted");
	say_secrets(s->found, "found and left out");
	say_requests(s);
	say_triplets(s);
	if (s->of > 0 && s->lines > 0)
		say_whole(s);
	if (s->rejects != NULL && has_advice(s, rejected, errors)) {
		buf_fmt(&b, "the same with %s as the input tries these again",
		    s->rejects);
		io_message(run, buf_cstr(&b));
		buf_free(&b);
	}
}

/* Say what an estimate rests on. */
static void
say_assumptions(const struct sums *s, json_t *answers)
{
	double most = words_number(s->llm, "cost_max");
	const char *kind, *comma = "";
	struct buf b = { 0 };
	json_t *answer;
	int guessed = 0;

	buf_adds(&b, "taken for this: four bytes a token; answers of ");
	json_object_foreach (answers, kind, answer) {
		buf_fmt(&b, "%s%.0f tokens (%s, %s)", comma,
		    words_number(answer, "tokens"), kind,
		    json_is_true(json_object_get(answer, "assumed"))
			? "a guess"
			: "as in the cache");
		guessed |= json_is_true(json_object_get(answer, "assumed")) &&
			   strcmp(kind, "judge") != 0 &&
			   strcmp(kind, "second") != 0;
		comma = ", ";
	}
	buf_fmt(&b,
	    "; a judge that agrees with every pair%s; no retries. With answers "
	    "as long as they may be: %.0f out",
	    words_number(json_object_get(s->llm, "requests"), "second") > 0
		? ", and is unsure of as many as the band of --unsure is wide"
		: "",
	    words_number(s->llm, "completion_tokens_max"));
	if (most > 0)
		words_cost(&b, ", cost ", most, "");
	if (guessed)
		buf_adds(&b, ". --answer-tokens N is another guess, and the "
			     "answers of a --preview with -C are counted");
	io_message(run, buf_cstr(&b));
	buf_free(&b);
}

/* Say what a run would take. */
static void
say_estimate(const struct sums *s)
{
	json_t *answers = json_object_get(s->llm, "answer_tokens");
	double calls = words_number(s->llm, "calls");
	struct buf b = { 0 };

	add_documents(&b, s);
	words_counts(&b, json_object_get(s->llm, "requests"), "requests");
	buf_fmt(&b,
	    "%.0f of them answered in the cache; about %.0f tokens in, "
	    "%.0f out",
	    words_number(s->llm, "answered_by_cache"),
	    words_number(s->llm, "prompt_tokens"),
	    words_number(s->llm, "completion_tokens"));
	if (words_number(s->llm, "cost_max") > 0)
		words_cost(
		    &b, "; cost about ", words_number(s->llm, "cost"), "");
	if (s->rate > 0) {
		buf_adds(&b, "; ");
		progress_time(&b, calls / s->rate);
		buf_fmt(&b, " at %g calls a second (--rate)", s->rate);
	}
	io_message(run, buf_cstr(&b));
	buf_free(&b);
	if (json_object_size(answers) > 0)
		say_assumptions(s, answers);
	if (s->rate == 0 && calls > 0)
		io_message(run,
		    "the time is not known: --preview 5 measures it, and "
		    "--rate N takes N calls a second, as the summary of a "
		    "similar run has them");
}

/* Sum up an estimate; append it to out. */
static void
sum_estimate(const struct sums *s, struct buf *out)
{
	static const char *const members[] = { "requests", "answered_by_cache",
		"calls", "prompt_tokens", "completion_tokens",
		"completion_tokens_max", "answer_tokens", "cost", "cost_max",
		NULL };
	json_t *all = json_object();
	char *text;
	int i;

	if (!s->quiet)
		say_estimate(s);
	json_object_set_new(all, "documents", json_integer(s->lines));
	for (i = 0; members[i] != NULL; i++)
		json_object_set(
		    all, members[i], json_object_get(s->llm, members[i]));
	if (s->rate > 0)
		json_object_set_new(all, "seconds",
		    json_integer(
			llround(words_number(s->llm, "calls") / s->rate)));
	text = json_dumps(all, JSON_COMPACT | JSON_REAL_PRECISION(15));
	buf_fmt(out, "%s\n", text);
	free(text);
	json_decref(all);
}

/* Keep the counts of secrets that tg-prompt calls name, if there are any. */
static void
keep_secrets(json_t **to, json_t *counts, const char *name)
{
	json_t *secrets = json_object_get(counts, name);

	if (secrets != NULL) {
		json_decref(*to);
		*to = json_incref(secrets);
	}
}

/* Take the numbers of documents and draws that tg-prompt has read. */
static void
count_documents(struct sums *s, json_t *counts)
{
	long long lines = llround(words_number(counts, "lines"));
	long long records = llround(words_number(counts, "records"));

	if (records < lines)
		records = lines;
	if (s->lines > lines)
		records += (s->lines - lines) * s->draws;
	else
		s->lines = lines;
	s->records = records;
}

/* Set the numbers of documents and draws if tg-prompt has counted none. */
static void
count_unread(struct sums *s)
{
	if (s->lines == 0)
		s->lines = llround(words_number(s->emit, "lines"));
	if (s->records == 0)
		s->records = s->lines * s->draws;
}

/*
 * Take the counts of a tg-negs. Of false negatives the last says most: it has
 * seen the pairs that came from the cache, too.
 */
static void
keep_negs(struct sums *s, json_t *counts)
{
	json_t *verified = json_object_get(counts, "verified");

	if (s->bare == NULL)
		s->bare = json_object();
	counts_sum(s->bare, json_object_get(counts, "no_negatives"));
	if (verified == NULL)
		return;
	json_decref(s->verified);
	s->verified = json_incref(json_object_get(verified, "words"));
}

/* Take the counts in a file, which its members tell apart. */
static void
read_counts(struct sums *s, const char *file)
{
	FILE *stream = io_open(file);
	json_error_t error;
	json_t *counts;
	int ch = stream != NULL ? getc(stream) : EOF;

	if (stream == NULL || ferror(stream)) {
		io_warn("%s: %s", file, strerror(errno));
		exit(TG_EX_IO);
	}
	if (ch == EOF) {
		fclose(stream);
		return;
	}
	ungetc(ch, stream);
	if ((counts = json_loadf(stream, 0, &error)) == NULL) {
		io_warn("%s: not JSON: %s", file, error.text);
		exit(TG_EX_IO);
	}
	fclose(stream);
	if (s->stats != NULL)
		stages_keep(&s->stages, counts);
	if (json_object_get(counts, "triplets") != NULL) {
		json_decref(s->emit);
		s->emit = json_incref(counts);
	} else if (json_object_get(counts, "calls") != NULL) {
		keep_answers(json_object_get(s->llm, "answer_tokens"), counts);
		json_object_del(counts, "answer_tokens");
		counts_sum(s->llm, counts);
		second_asked(&s->second, counts);
		s->seconds = fmax(s->seconds, words_number(counts, "seconds"));
		whole_add(&s->whole, counts);
	} else if (json_object_get(counts, "no_negatives") != NULL) {
		keep_negs(s, counts);
	} else if (json_object_get(counts, "judged") != NULL) {
		second_judged(&s->second, counts);
	} else if (json_object_get(counts, "picked") != NULL) {
		json_decref(s->mined);
		s->mined = json_incref(json_object_get(counts, "words"));
	} else if (json_object_get(counts, "mirrors") != NULL) {
		s->mirrors += llround(words_number(counts, "mirrors"));
	} else {
		count_documents(s, counts);
		json_decref(s->languages);
		s->languages =
		    json_incref(json_object_get(counts, "code_languages"));
		keep_secrets(&s->redacted, counts, "secrets_redacted");
		keep_secrets(&s->found, counts, "secrets_found");
	}
	json_decref(counts);
}

int
main(int argc, char *argv[])
{
	static struct sums s; /* static: these are held at the exit */
	static struct buf out;
	int status = TG_EX_OK;
	char **files;

	s.report = "tg-report";
	s.draws = 1;
	files = options_parse(&program, &s, argc, argv).operands;
	if (*files == NULL && !s.count)
		options_refuse("name the files to sum up");
	s.llm = json_pack("{s{}}", "answer_tokens");
	for (; *files != NULL && !s.count; files++)
		read_counts(&s, *files);
	count_unread(&s);
	if (s.count)
		count_records(files, &out);
	else if (s.estimate)
		sum_estimate(&s, &out);
	else
		sum_run(&s, &out);
	if (s.stats != NULL && stages_append(&s.stages, s.stats) == -1) {
		io_warn("%s: %s", s.stats, strerror(errno));
		status = TG_EX_IO;
	}
	stages_free(&s.stages);
	if (io_write(STDOUT_FILENO, buf_span(&out)) == -1)
		io_die_stdout();
	io_close_stdout();
	return status;
}
