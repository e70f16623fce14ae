/* metrics: counts what tg-llm does, and shows it */
#include "metrics.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "io/io.h"
#include "json/string.h"

void
metrics_init(struct metrics *m, int on)
{
	*m = (struct metrics){ .on = on };
	snprintf(m->name, sizeof m->name, "%s", io_program);
	progress_init(&m->progress, m->name);
}

void
metrics_asked(struct metrics *m, enum rec_kind kind, int step)
{
	unsigned long long bit = 1ULL
				 << ((unsigned)kind * 8 + ((unsigned)step & 7));
	size_t n;

	if (m->records++ == 0)
		m->asked_at = clock_real_ms();
	if (m->kinds & bit)
		return;
	n = strlen(m->name);
	snprintf(m->name + n, sizeof m->name - n, "%c%s", m->kinds ? '+' : ' ',
	    rec_kind_name(kind));
	m->kinds |= bit;
	n = strlen(m->name);
	if (step > 1)
		snprintf(m->name + n, sizeof m->name - n, "-%d", step);
}

void
metrics_embed(struct metrics *m)
{
	if (m->records++ > 0)
		return;
	m->asked_at = clock_real_ms();
	snprintf(m->name, sizeof m->name, "%s embed", io_program);
}

int
metrics_wait(const struct metrics *m)
{
	long long left = m->progress.next - clock_real_ms();

	return !m->on || m->records == 0 ? -1 : left > 0 ? (int)left : 0;
}

/* Append tokens and cost, and the part of a budget that they are. */
static void
add_cost(const struct chat_stats *stats, struct buf *b)
{
	const struct chat_used *s = &stats->used;
	long long tokens = s->prompt_tokens + s->completion_tokens;
	struct limits_sums all = stats->all;
	long long most = all.max_tokens, most_cost = all.max_cost;

	buf_fmt(b, "%lld+%lld tokens", s->prompt_tokens, s->completion_tokens);
	if (most > 0 && all.tokens != tokens)
		buf_fmt(b, " (%lld of %lld in all)", all.tokens, most);
	else if (most > 0)
		buf_fmt(b, " of %lld", most);
	if (s->cost > 0 || most_cost > 0)
		buf_fmt(b, ", cost %.4f", cost_money(s->cost));
	if (most_cost > 0 && all.cost != s->cost)
		buf_fmt(b, " (%.4f of %.4f in all)", cost_money(all.cost),
		    cost_money(most_cost));
	else if (most_cost > 0)
		buf_fmt(b, " of %.4f", cost_money(most_cost));
	buf_adds(b, ", ");
}

void
metrics_show(struct metrics *m, struct chat *c)
{
	const struct chat_stats *s;
	double waits, seconds;
	struct buf b = { 0 };

	if (!m->on || m->records == 0 || !progress_due(&m->progress))
		return;
	s = chat_stats(c);
	waits = (double)s->waits / 1000;
	seconds = (double)(clock_real_ms() - m->asked_at) / 1000;
	/* important counts come first: terminals cut the rest */
	buf_fmt(&b, "%lu answered, %.1f/s, ", m->answered,
	    seconds > 0 ? (double)m->answered / seconds : 0.0);
	if (waits >= 1) {
		buf_adds(&b, "no server for ");
		progress_time(&b, waits);
		buf_adds(&b, ", ");
	}
	if (m->errors.total > 0)
		buf_fmt(&b, "%zu failed, ", m->errors.total);
	if (s->pending > 0)
		buf_fmt(&b, "%u under way, ", s->pending);
	if (s->retries > 0)
		buf_fmt(&b, "%lu retries, ", s->retries);
	if (s->hedges > 0)
		buf_fmt(&b, "%lu asked twice, ", s->hedges);
	if (s->cached > 0)
		buf_fmt(&b, "%lu cached, ", s->cached);
	add_cost(s, &b);
	progress_time(&b, seconds);
	progress_show(&m->progress, buf_cstr(&b));
	buf_free(&b);
}

static void
write_latency(struct buf *b, const struct hist *h)
{
	buf_adds(b, ",\"latency_ms\":");
	if (h->n == 0)
		buf_adds(b, "null");
	else
		buf_fmt(b,
		    "{\"p50\":%lld,\"p90\":%lld,\"p99\":%lld,\"max\":%lld}",
		    hist_at(h, 0.5), hist_at(h, 0.9), hist_at(h, 0.99),
		    hist_at(h, 1));
}

static void
write_used(struct buf *b, const struct chat_used *u)
{
	buf_fmt(b,
	    ",\"prompt_tokens\":%lld,\"completion_tokens\":%lld,"
	    "\"cached_tokens\":%lld,\"reasoning_tokens\":%lld,\"cost\":%.6f",
	    u->prompt_tokens, u->completion_tokens, u->cached_tokens,
	    u->reasoning_tokens, cost_money(u->cost));
}

static void
write_end(struct buf *b, const struct chat_end *e)
{
	buf_adds(b, "{\"url\":");
	/* user and password are not in it; a query may be secret, too */
	js_quote_any(b, (struct span){ e->url, strcspn(e->url, "?#") });
	buf_adds(b, ",\"dialect\":");
	js_quote_any(b, span_of(e->dialect));
	buf_fmt(b, ",\"calls\":%lu,\"answered\":%lu,\"failures\":", e->calls,
	    e->answered);
	counts_json(b, &e->failures);
	buf_fmt(
	    b, ",\"retries\":%lu,\"rate_limited\":%lu", e->retries, e->limited);
	write_used(b, &e->used);
	write_latency(b, &e->latency);
	buf_fmt(b, ",\"down_seconds\":%.3f}", (double)e->down_ms / 1000);
}

int
metrics_write(const struct metrics *m, const char *file, struct chat *c)
{
	const struct chat_stats *s = chat_stats(c);
	const struct chat_end *e;
	struct buf b = { 0 };
	size_t i;
	int ok;

	buf_fmt(&b,
	    "{\"records\":%lu,\"answered\":%lu,\"cached_records\":%lu,"
	    "\"jobs\":%u,\"errors\":",
	    m->records, m->answered, m->cached, m->jobs);
	counts_json(&b, &m->errors);
	buf_fmt(&b,
	    ",\"calls\":%lu,\"retries\":%lu,\"slowed\":%lu,\"cached\":%lu",
	    s->calls, s->retries, s->slowed, s->cached);
	write_used(&b, &s->used);
	buf_fmt(&b, ",\"estimated\":%s,\"seconds\":%.3f",
	    s->estimated ? "true" : "false", progress_seconds(&m->progress));
	write_latency(&b, &s->latency);
	buf_fmt(&b,
	    ",\"hedges\":{\"sent\":%lu,\"won\":%lu,\"late_tokens\":%lld}",
	    s->hedges, s->hedges_won, s->hedge_tokens);
	buf_fmt(&b, ",\"stage\":\"%s\"",
	    m->kinds != 0 ? m->name + strlen(io_program) + 1 : "");
	buf_adds(&b, ",\"model\":");
	js_quote_any(&b, span_of(s->model));
	buf_adds(&b, ",\"endpoints\":[");
	for (i = 0; (e = chat_end(c, i)) != NULL; i++) {
		if (i > 0)
			buf_addc(&b, ',');
		write_end(&b, e);
	}
	buf_adds(&b, "]}\n");
	ok = io_replace(file, buf_span(&b));
	buf_free(&b);
	return ok;
}
