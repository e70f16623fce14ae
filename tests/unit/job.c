/* job: samples, their faults, and which of them the response cache keeps */
#include "chat/job.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "io/io.h"
#include "said.h"
#include "tap.h"

static struct chat_opts opts;
static struct session session;
static struct jobs js;
static char dir[1024];

/* Return a choice with this text, or none if it is NULL. */
static struct reply_choice
choice(const char *text, const char *finish)
{
	return (struct reply_choice){ .text = tap_span(text),
		.finish_reason = span_of(finish) };
}

/* Make a job that wants n samples. */
static struct chat_job
want(int n)
{
	struct chat_job j = { .want = n };

	j.samples = arena_get(&j.mem, (size_t)n * sizeof *j.samples);
	memset(j.samples, 0, (size_t)n * sizeof *j.samples);
	memset(j.cache_key, 'a', SHA256_HEX - 1);
	return j;
}

static void
begin(void)
{
	opts = (struct chat_opts){ 0 };
	session = (struct session){ .state = SESSION_SERVING };
	js = (struct jobs){ .o = &opts, .session = &session };
	STAILQ_INIT(&js.done);
}

/* Test the fault of a single choice. */
static void
faults(void)
{
	static const struct {
		const char *text, *finish;
		int refused, reasoned, length_ok, keep;
		const char *code; /* NULL: good */
	} t[] = {
		{ "yes", "stop", 0, 0, 0, 0, NULL },
		{ "yes", "stop", 0, 1, 0, 0, NULL },
		{ "yes", "tool_calls", 0, 0, 0, 0, "tool_call" },
		{ "yes", "weary", 0, 0, 0, 0, "unknown_finish" },
		{ "yes", "length", 0, 0, 1, 0, NULL },
		{ "yes", "length", 0, 0, 0, 0, "truncated" },
		{ "<think>so</think>yes", "stop", 0, 0, 0, 0, NULL },
		{ "<think>so</think>", "stop", 0, 0, 0, 0, "only_reasoning" },
		{ "<think>so</think>", "stop", 0, 0, 0, 1, NULL },
		{ "<think>so", "length", 0, 0, 0, 0, "only_reasoning" },
		{ "no", "stop", 1, 0, 0, 0, "refusal" },
		{ "no", "content_filter", 1, 0, 0, 0, "refusal" },
		{ "yes", "content_filter", 0, 0, 0, 0, "content_filter" },
		{ "yes", "abort", 0, 0, 0, 0, "aborted" },
		{ "", "tool_calls", 0, 1, 0, 0, "tool_call" },
		{ NULL, "tool_calls", 0, 0, 0, 0, "tool_call" },
		{ "", "stop", 0, 1, 0, 0, "only_reasoning" },
		{ NULL, "length", 0, 1, 0, 0, "only_reasoning" },
		{ " \n", "stop", 0, 0, 0, 0, "empty_answer" },
		{ NULL, "stop", 0, 0, 0, 0, "empty_answer" },
		{ "", "length", 0, 0, 0, 0, "truncated" },
		{ NULL, "length", 0, 0, 1, 0, "truncated" },
	};
	struct chat_job j;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		begin();
		opts.keep_thinking = t[i].keep;
		j = want(1);
		j.length_ok = t[i].length_ok;
		j.samples[0].have = 1;
		j.samples[0].choice = choice(t[i].text, t[i].finish);
		j.samples[0].choice.refused = t[i].refused;
		j.samples[0].choice.reasoned = t[i].reasoned;
		job_conclude(&js, &j);
		is_str(j.code, t[i].code, "the code of answer %zu is right", i);
		is_int(j.nchoices, t[i].code == NULL,
		    "only a good answer %zu is given back", i);
		ok(STAILQ_FIRST(&js.done) == &j, "the job is given back");
		chat_job_free(&j);
	}
}

/* Test which samples a job is given back with. */
static void
conclusions(void)
{
	struct chat_job j;
	int i, bad = 0;

	begin();
	j = want(4);
	j.samples[1].have = j.samples[2].have = j.samples[3].have = 1;
	j.samples[1].choice = choice("", "stop");
	j.samples[2].choice = choice("<think>x</think>b", "stop");
	j.samples[3].choice = choice("c", "stop");
	is_int(job_missing(&j), 1, "one of four samples is missing");
	job_fail(&j, "timeout", 0, "too late");
	job_conclude(&js, &j);
	is_str(j.code, NULL, "a failed job with good samples has not failed");
	is_int(j.nchoices, 2, "the two good samples are given back");
	is_span(j.choices[0].text, S("b"), "the thinking is taken off");
	is_span(j.choices[1].text, S("c"), "the samples stay in order");
	chat_job_free(&j);

	begin();
	j = want(2);
	j.samples[0].have = j.samples[1].have = 1;
	j.samples[0].choice = choice("a", "abort");
	j.samples[1].choice = choice("", "stop");
	job_conclude(&js, &j);
	is_str(j.code, "aborted", "the first fault is that of the job");
	is_str(j.message, "the server aborted the answer",
	    "the message belongs to the fault");
	is_int(j.status, 0, "the fault of an answer has no status");
	chat_job_free(&j);

	begin();
	j = want(1000);
	for (i = 0; i < 1000; i++) {
		j.samples[i].have = 1;
		j.samples[i].choice = choice(i % 2 ? "odd" : "even", "stop");
	}
	job_conclude(&js, &j);
	is_int(j.nchoices, 1000, "a thousand good samples are given back");
	for (i = 0; i < 1000; i++)
		bad += !span_is(j.choices[i].text, i % 2 ? "odd" : "even");
	is_int(bad, 0, "each of a thousand samples is in its place");
	chat_job_free(&j);

	begin();
	j = want(1);
	job_conclude(&js, &j);
	is_str(j.code, "empty_answer", "a job without a sample is empty");
	chat_job_free(&j);

	begin();
	j = want(2);
	job_fail(&j, "timeout", 504, "too late");
	job_fail(&j, "refusal", 400, "no");
	is_str(j.code, "timeout", "the first failure stays");
	is_str(j.message, "too late", "the message of the first failure stays");
	is_int(j.status, 504, "the status of the first failure stays");
	job_conclude(&js, &j);
	is_str(j.code, "timeout", "a job without a sample keeps its failure");
	chat_job_free(&j);

	begin();
	j = want(2);
	j.samples[0].have = 1;
	j.samples[0].choice = choice("a", "stop");
	job_fail(&j, "stopped", 0, "a signal");
	job_conclude(&js, &j);
	is_str(j.code, "stopped", "a stopped job waits for a later run");
	is_int(j.nchoices, 0, "a stopped job gives no sample");
	chat_job_free(&j);
}

/* Tell whether all choices of a reply say nothing, for no reason given. */
static int
is_empty(const struct reply *r)
{
	const char *message;

	return job_why_empty(&js, r, &message) != NULL;
}

static void
says_nothing(void)
{
	struct reply_choice s = choice(" ", "length"),
			    two[3] = { choice("", "stop"), choice("", "stop"),
				    choice("not of the reply", "stop") };
	struct reply r = { .choices = two, .nchoices = 2 };

	begin();
	ok(job_is_cut_off(&js, &s), "an empty answer at the limit is cut off");
	s.text = S("<think>hm");
	ok(job_is_cut_off(&js, &s), "thinking at the limit is cut off");
	opts.keep_thinking = 1;
	ok(!job_is_cut_off(&js, &s), "thinking that is kept says something");
	opts.keep_thinking = 0;
	s.text = NONE;
	ok(job_is_cut_off(&js, &s), "no text at the limit is cut off");
	s.refused = 1;
	ok(!job_is_cut_off(&js, &s), "a refusal is not cut off");
	s = choice("yes", "length");
	ok(!job_is_cut_off(&js, &s), "an answer at the limit says something");
	s = choice("", "stop");
	ok(!job_is_cut_off(&js, &s),
	    "an empty answer that ends is not cut off");

	ok(is_empty(&r), "a reply of empty choices is empty");
	two[1] = choice("yes", "stop");
	ok(!is_empty(&r), "one choice that says something is enough");
	two[1] = choice("", "length");
	ok(!is_empty(&r), "a limit explains an empty choice");
	two[1] = choice("", "content_filter");
	ok(!is_empty(&r), "a filter explains an empty choice");
	two[1] = choice("", "stop");
	two[1].refused = 1;
	ok(!is_empty(&r), "a refusal explains an empty choice");
}

/* Make sample i of a job this choice; return whether the cache keeps it. */
static int
is_stored(struct chat_job *j, int i, const struct reply_choice *s)
{
	struct buf b = { 0 };
	int got;

	j->samples[i].have = 0;
	job_fill(&js, j, i, s);
	job_store(&js);
	got = responses_get(js.answers, j->cache_key, i, &b);
	buf_free(&b);
	return got;
}

static void
kept(void)
{
	struct reply_choice good = choice("yes", "stop"),
			    s = choice("yes", "abort");
	struct chat_job j = want(20), k = want(20);
	const char *why;
	struct rlimit size;
	char end[1200];

	begin();
	is_int(job_fill(&js, &j, 0, &good), 1,
	    "a sample can be filled without a cache");
	job_store(&js);
	opts.cache = dir;
	js.answers = responses_new(dir, 0, &why);
	is_int(job_fill(&js, &j, 0, &s), 0,
	    "a sample that is there is not filled again");
	is_span(j.samples[0].choice.finish_reason, S("stop"),
	    "the first choice of a sample stays");
	ok(is_stored(&j, 0, &good) && is_stored(&j, 1, &good),
	    "the cache keeps answers");
	ok(!is_stored(&j, 2, &s), "the cache keeps no aborted answer");
	s = choice("", "stop");
	ok(!is_stored(&j, 3, &s), "the cache keeps no empty answer");
	s.refused = 1;
	ok(is_stored(&j, 4, &s), "the cache keeps a refusal without a text");
	s = choice("", "content_filter");
	ok(is_stored(&j, 5, &s), "the cache keeps what a filter took");
	s.reasoned = 1;
	ok(!is_stored(&j, 6, &s), "the cache keeps no reasoning alone");
	s = choice("", "length");
	ok(is_stored(&j, 7, &s), "the cache keeps an answer cut at the limit");
	j.length_ok = 1;
	ok(!is_stored(&j, 8, &s),
	    "the cache keeps no empty verdict cut at the limit");

	/* another job with the same key */
	k.samples[1].have = 1;
	is_int(job_read_cache(&js, &k), 4,
	    "the samples that are stored and not there yet are read");
	is_int(k.cached, 4, "the samples from the cache are counted");
	ok(k.samples[0].have && !k.samples[2].have && k.samples[4].have &&
		k.samples[4].choice.refused,
	    "each sample is read to its place");
	is_int(job_read_cache(&js, &k), 0, "a sample is read once");
	is_int(k.cached, 4, "a sample is counted once");
	ok(js.write_failed == 0 && session.state == SESSION_SERVING,
	    "storing has not failed");
	chat_job_free(&k);
	k = want(20);
	k.length_ok = 1;
	is_int(job_read_cache(&js, &k), 4,
	    "a stored answer that says nothing is no verdict");

	responses_claim(js.answers, j.cache_key);
	j.claimed = 1;
	job_finish(&js, &j);
	ok(!j.claimed && responses_claim(js.answers, j.cache_key),
	    "a finished job gives up its claim");
	job_finish(&js, &k);
	ok(!responses_claim(js.answers, j.cache_key),
	    "a job without a claim gives up none");
	ok(STAILQ_FIRST(&js.done) == &j && STAILQ_NEXT(&j, next) == &k,
	    "finished jobs are given back in order");
	chat_job_free(&k);

	getrlimit(RLIMIT_FSIZE, &size);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 0, size.rlim_max });
	j.samples[10].have = 0;
	job_fill(&js, &j, 10, &good);
	job_store(&js);
	setrlimit(RLIMIT_FSIZE, &size);
	ok(js.write_failed && session.state == SESSION_STOPPING,
	    "an answer that cannot be stored ends the session");
	snprintf(end, sizeof end, "%s: cannot store an answer: %s", dir,
	    strerror(EFBIG));
	is_str(session.why, end, "the session ends with the reason");
	js.write_failed = 0;

	responses_free(js.answers);
	js.answers = responses_new(dir, 1, &why);
	opts.cache_read_only = 1;
	k = want(20);
	is_int(job_fill(&js, &k, 9, &good), 1,
	    "a sample can be filled beside a read-only cache");
	snprintf(end, sizeof end,
	    "tg-x: %s: read only; new answers are not stored there\n", dir);
	is_str(said(), end, "a message tells that nothing is stored");
	job_fill(&js, &k, 10, &good);
	is_str(said(), "", "the message that nothing is stored comes once");
	job_store(&js);
	is_int(js.write_failed, 0, "there was nothing to store");
	responses_free(js.answers);
	chat_job_free(&j);
	chat_job_free(&k);
}

int
main(void)
{
	const char *tmp = getenv("TMPDIR");
	char cmd[1100];

	io_program = "tg-x";
	signal(SIGXFSZ, SIG_IGN);
	said();
	snprintf(dir, sizeof dir, "%s/tg-unit.XXXXXX", tmp ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL) {
		printf("Bail out! %s: %s\n", dir, strerror(errno));
		return 3;
	}
	faults();
	conclusions();
	says_nothing();
	kept();
	snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
	is_int(system(cmd), 0, "the cache is removed");
	return done();
}
