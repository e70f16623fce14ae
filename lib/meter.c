/* meter: what tg-llm counts, shows and writes down */
#include "meter.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "js.h"
#include "clock.h"

void
meter_init(struct meter *m, const char *tool, int on)
{
	*m = (struct meter){ .on = on, .random = 88172645463325252ULL };
	progress_init(&m->progress, tool);
}

void
meter_asked(struct meter *m)
{
	m->records++;
}

static void
note_latency(struct meter *m, long ms)
{
	unsigned long i = m->latencies++;

	if (i >= METER_SAMPLES) {
		m->random ^= m->random << 13;
		m->random ^= m->random >> 7;
		m->random ^= m->random << 17;
		i = (unsigned long)(m->random % m->latencies);
	}
	if (i < METER_SAMPLES)
		m->latency[i] = ms;
}

void
meter_job(struct meter *m, const struct chat_job *j)
{
	if (j->code != NULL) {
		meter_error(m, j->code);
		return;
	}
	m->answered++;
	if (j->attempts > 0)
		note_latency(m, j->latency_ms);
}

void
meter_error(struct meter *m, const char *code)
{
	int i;

	m->failed++;
	for (i = 0; i < METER_CODES; i++) {
		if (m->codes[i].code == NULL)
			m->codes[i].code = code;
		if (strcmp(m->codes[i].code, code) == 0) {
			m->codes[i].n++;
			return;
		}
	}
}

void
meter_clear(struct meter *m)
{
	if (m->on)
		progress_clear(&m->progress);
}

int
meter_wait(const struct meter *m)
{
	long long left = m->progress.next - clock_ms();

	return !m->on ? -1 : left > 0 ? (int)left : 0;
}

/* What comes first is what counts: a narrow terminal cuts the rest. */
static void
in_words(const struct meter *m, const struct chat_stats *s, unsigned pending,
    struct buf *b)
{
	double seconds = progress_seconds(&m->progress);

	buf_fmt(b, "%lu answered, %.1f/s, ", m->answered,
	    seconds > 0 ? (double)m->answered / seconds : 0.0);
	if (m->failed > 0)
		buf_fmt(b, "%lu failed, ", m->failed);
	if (pending > 0)
		buf_fmt(b, "%u under way, ", pending);
	if (s->retries > 0)
		buf_fmt(b, "%lu retries, ", s->retries);
	if (s->cached > 0)
		buf_fmt(b, "%lu cached, ", s->cached);
	buf_fmt(
	    b, "%lld+%lld tokens, ", s->prompt_tokens, s->completion_tokens);
	progress_time(b, seconds);
}

void
meter_show(struct meter *m, const struct chat_stats *s, unsigned pending)
{
	struct buf b = { 0 };

	if (!m->on || !progress_due(&m->progress))
		return;
	in_words(m, s, pending, &b);
	progress_show(&m->progress, buf_cstr(&b));
	buf_free(&b);
}

void
meter_end(struct meter *m, const struct chat_stats *s, unsigned pending)
{
	struct buf b = { 0 };

	if (!m->on)
		return;
	in_words(m, s, pending, &b);
	progress_end(&m->progress, buf_cstr(&b));
	buf_free(&b);
}

static int
by_size(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static void
write_latency(struct meter *m, struct buf *b)
{
	size_t n = m->latencies < METER_SAMPLES ? m->latencies : METER_SAMPLES;
	long *v = m->latency;

	if (n == 0) {
		buf_adds(b, "null");
		return;
	}
	qsort(v, n, sizeof *v, by_size);
	buf_fmt(b, "{\"p50\":%ld,\"p90\":%ld,\"p99\":%ld,\"max\":%ld}",
	    v[n / 2], v[n * 9 / 10], v[n * 99 / 100], v[n - 1]);
}

int
meter_write(struct meter *m, const char *file, const struct chat_stats *s,
    const char *model)
{
	struct buf b = { 0 };
	int fd, i, ok;

	buf_fmt(&b, "{\"records\":%lu,\"answered\":%lu,\"errors\":{",
	    m->records, m->answered);
	for (i = 0; i < METER_CODES && m->codes[i].code != NULL; i++)
		buf_fmt(&b, "%s\"%s\":%lu", i ? "," : "", m->codes[i].code,
		    m->codes[i].n);
	buf_fmt(&b,
	    "},\"calls\":%lu,\"retries\":%lu,\"slowed\":%lu,\"cached\":%lu,"
	    "\"prompt_tokens\":%lld,\"completion_tokens\":%lld,"
	    "\"cached_tokens\":%lld,\"seconds\":%.3f,\"latency_ms\":",
	    s->calls, s->retries, s->slowed, s->cached, s->prompt_tokens,
	    s->completion_tokens, s->cached_tokens,
	    progress_seconds(&m->progress));
	write_latency(m, &b);
	buf_adds(&b, ",\"model\":");
	js_quote_any(&b, span_of(model));
	buf_adds(&b, "}\n");
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	ok = fd == -1 ? -1 : io_write(fd, buf_span(&b));
	if (fd != -1 && close(fd) == -1)
		ok = -1;
	buf_free(&b);
	return ok;
}
