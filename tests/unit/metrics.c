/* metrics: what tg-llm shows and writes of its counts; the clock is set */
#include "tg-llm/metrics.h"

#include <unistd.h>

#include "chat/chat-in.h"
#include "io/io.h"
#include "said.h"
#include "set-clock.h"
#include "tap.h"

static struct chat *c;

static void
open_chat(void)
{
	static const char *const urls[] = { "http://127.0.0.1:1/v1",
		"http://127.0.0.1:2/v1", NULL };
	struct chat_opts o = { .urls = urls,
		.model = "m\"",
		.dialect = dialect_find("generic"),
		.jobs = 1 };
	const char *why = "";
	int status;

	if ((c = chat_new(&o, &status, &why)) == NULL) {
		printf("Bail out! %s\n", why);
		exit(3);
	}
}

/* Set the limits on cost and tokens. */
static void
limit(long long cost, long long tokens)
{
	struct limits_max most = { .cost = cost, .tokens = tokens };
	const char *why;
	int bad;

	limits_free(c->limits);
	c->limits = limits_new(NULL, NULL, &most, &bad, &why);
}

static void
names(void)
{
	struct metrics m;

	metrics_init(&m, 1);
	is_str(m.name, "tg-llm", "the name is that of the program at first");
	is_int(
	    metrics_wait(&m), -1, "nothing is shown before the first request");
	now += 5;
	metrics_asked(&m, REC_GENERATE, 1);
	is_str(m.name, "tg-llm generate", "the kind follows the name");
	is_int(m.asked_at, now, "the time of the first request is noted");
	now += 5;
	metrics_asked(&m, REC_GENERATE, 1);
	is_str(m.name, "tg-llm generate", "the kind follows the name once");
	is_int(m.asked_at, now - 5, "the time of the first request stays");
	metrics_asked(&m, REC_GENERATE, 2);
	metrics_asked(&m, REC_JUDGE, 1);
	metrics_asked(&m, REC_JUDGE, 1);
	metrics_asked(&m, REC_GENERATE, 2);
	is_str(m.name, "tg-llm generate+generate-2+judge",
	    "each further kind and step follows a plus sign");
	is_int((long long)m.records, 6, "all requests are counted");
	is_int(metrics_wait(&m), 5 * 1000 - 10,
	    "the first line waits five seconds");
	now = m.progress.next - 1;
	is_int(metrics_wait(&m), 1, "the first line waits to the last moment");
	now += 60 * 1000;
	is_int(metrics_wait(&m), 0, "a line that is late does not wait");
	m.on = 0;
	is_int(metrics_wait(&m), -1, "nothing is shown unless asked for");
}

/* Show progress after seconds; return what it says. */
static const char *
shown(struct metrics *m, int seconds)
{
	now = m->asked_at + seconds * 1000LL;
	m->progress.next = now;
	metrics_show(m, c);
	return said();
}

static void
lines(void)
{
	struct metrics m;

	metrics_init(&m, 1);
	m.progress.last = 1;
	metrics_show(&m, c);
	is_str(said(), "", "no line is shown without a request");
	m.progress.last = 0;
	metrics_asked(&m, REC_JUDGE, 1);
	m.answered = 30;
	metrics_show(&m, c);
	is_str(said(), "", "no line is shown before its time");
	is_str(shown(&m, 0),
	    "tg-llm judge: 30 answered, 0.0/s, 0+0 tokens, 0s\n",
	    "the line of the first moment tells no rate");
	is_str(shown(&m, 60),
	    "tg-llm judge: 30 answered, 0.5/s, 0+0 tokens, 1m00s\n",
	    "what is zero is left out");
	m.on = 0;
	is_str(shown(&m, 60), "", "no line is shown unless asked for");
	m.on = 1;

	counts_add(&m.errors, span_of("x"));
	c->stats.pending = 2;
	c->stats.retries = 3;
	c->stats.hedges = 4;
	c->stats.cached = 5;
	c->stats.used = (struct chat_used){ 10, 20, 3, 2500000000000LL, 0 };
	c->session.state = SESSION_WAITING;
	c->session.since = m.asked_at + 60 * 1000 - 1000;
	is_str(shown(&m, 60),
	    "tg-llm judge: 30 answered, 0.5/s, no server for 1s, 1 failed, "
	    "2 under way, 3 retries, 4 asked twice, 5 cached, 10+20 tokens, "
	    "cost 2.5000, 1m00s\n",
	    "the line tells all that is not zero");
	c->session.since++;
	c->stats.pending = 0;
	c->stats.retries = c->stats.hedges = c->stats.cached = 0;
	limit(0, 100);
	is_str(shown(&m, 60),
	    "tg-llm judge: 30 answered, 0.5/s, 1 failed, 10+20 tokens "
	    "(0 of 100 in all), cost 2.5000, 1m00s\n",
	    "the line tells the tokens of all that share the limit");
	c->session.state = SESSION_SERVING;
	counts_free(&m.errors);
	m.errors = (struct counts){ 0 };
	limits_commit(c->limits, &(struct reservation){ 0 }, 30, 0);
	is_str(shown(&m, 60),
	    "tg-llm judge: 30 answered, 0.5/s, 10+20 tokens of 100, "
	    "cost 2.5000, 1m00s\n",
	    "the line tells a limit that is not shared");
	limit(5000000000000LL, 0);
	is_str(shown(&m, 60),
	    "tg-llm judge: 30 answered, 0.5/s, 10+20 tokens, cost 2.5000 "
	    "(0.0000 of 5.0000 in all), 1m00s\n",
	    "the line tells the cost of all that share the limit");
	limits_commit(
	    c->limits, &(struct reservation){ 0 }, 0, 2500000000000LL);
	is_str(shown(&m, 60),
	    "tg-llm judge: 30 answered, 0.5/s, 10+20 tokens, cost 2.5000 "
	    "of 5.0000, 1m00s\n",
	    "the line tells a limit of the cost that is not shared");
	is_str(shown(&m, 1000),
	    "tg-llm judge: 30 answered, 0.0/s, 10+20 tokens, cost 2.5000 "
	    "of 5.0000, 16m40s\n",
	    "a time of many minutes is right");
	c->stats.used.cost = 0;
	limit(5000000000000LL, 0);
	is_str(shown(&m, 60),
	    "tg-llm judge: 30 answered, 0.5/s, 10+20 tokens, cost 0.0000 "
	    "of 5.0000, 1m00s\n",
	    "the line tells a cost of zero if there is a limit");
	limit(1, 1);
	limits_commit(c->limits, &(struct reservation){ 0 }, 1, 0);
	c->stats.used = (struct chat_used){ .prompt_tokens = 1 };
	is_str(shown(&m, 1),
	    "tg-llm judge: 30 answered, 30.0/s, 1+0 tokens of 1, cost 0.0000 "
	    "of 0.0000, 1s\n",
	    "the line tells the smallest limits");
	limit(0, 0);
	c->stats.used.cost = 1;
	c->stats.pending = 1;
	c->stats.retries = c->stats.hedges = c->stats.cached = 1;
	is_str(shown(&m, 1),
	    "tg-llm judge: 30 answered, 30.0/s, 1 under way, 1 retries, "
	    "1 asked twice, 1 cached, 1+0 tokens, cost 0.0000, 1s\n",
	    "the line tells all that is one");
}

static void
statistics(void)
{
	static const char want[] =
	    "{\"records\":1,\"answered\":1,\"cached_records\":2,\"jobs\":3,"
	    "\"errors\":{\"x\":1},"
	    "\"calls\":4,\"retries\":5,\"slowed\":6,\"cached\":7,"
	    "\"prompt_tokens\":10,\"completion_tokens\":20,"
	    "\"cached_tokens\":3,\"reasoning_tokens\":4,\"cost\":2.500000,"
	    "\"estimated\":true,"
	    "\"seconds\":2.500,\"latency_ms\":{\"p50\":1,\"p90\":9,"
	    "\"p99\":10,\"max\":10},\"hedges\":{\"sent\":8,\"won\":9,"
	    "\"late_tokens\":11},\"stage\":\"judge\",\"model\":\"m\\\"\",\"endpoints\":["
	    "{\"url\":\"http://127.0.0.1:1/v1\",\"dialect\":\"generic\","
	    "\"calls\":12,\"answered\":13,\"failures\":{\"y\":1},"
	    "\"retries\":14,\"rate_limited\":15,\"prompt_tokens\":16,"
	    "\"completion_tokens\":17,\"cached_tokens\":18,"
	    "\"reasoning_tokens\":0,\"cost\":0.500000,"
	    "\"latency_ms\":null,\"down_seconds\":1.250},"
	    "{\"url\":\"http://127.0.0.1:2/v1\",\"dialect\":\"generic\","
	    "\"calls\":0,\"answered\":0,\"failures\":{},\"retries\":0,"
	    "\"rate_limited\":0,\"prompt_tokens\":0,\"completion_tokens\":0,"
	    "\"cached_tokens\":0,\"reasoning_tokens\":0,\"cost\":0.000000,\"latency_ms\":null,"
	    "\"down_seconds\":0.000}]}\n";
	const char *file = tap_file(S(""));
	struct chat_stats *s = &c->stats;
	struct chat_end *e = &c->ends[0].did;
	struct metrics m;
	char text[4096];
	FILE *f;
	int i;

	metrics_init(&m, 0);
	metrics_asked(&m, REC_JUDGE, 1);
	m.answered = 1;
	m.cached = 2;
	m.jobs = 3;
	counts_add(&m.errors, span_of("x"));
	now += 2500;
	s->calls = 4;
	s->retries = 5;
	s->slowed = 6;
	s->cached = 7;
	s->used = (struct chat_used){ 10, 20, 3, 2500000000000LL, 4 };
	s->estimated = 1;
	for (i = 0; i < 10; i++)
		hist_add(&s->latency, i < 5 ? 1 : i < 9 ? 9 : 10);
	s->hedges = 8;
	s->hedges_won = 9;
	s->hedge_tokens = 11;
	c->ends[0].url = "http://127.0.0.1:1/v1?key=x";
	e->calls = 12;
	e->answered = 13;
	counts_add(&e->failures, span_of("y"));
	e->retries = 14;
	e->limited = 15;
	e->used = (struct chat_used){ 16, 17, 18, 500000000000LL, 0 };
	e->down_ms = 1250;
	is_int(metrics_write(&m, file, c), 0, "statistics are written");
	f = fopen(file, "r");
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	unlink(file);
	is_str(text, want, "the statistics tell all counts");
	is_int(metrics_write(&m, "/nonexistent/x", c), -1,
	    "statistics that cannot be written are told");
	counts_free(&m.errors);
}

int
main(void)
{
	io_program = "tg-llm";
	said();
	open_chat();
	names();
	lines();
	statistics();
	chat_free(c);
	return done();
}
