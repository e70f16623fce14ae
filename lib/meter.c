/* meter: what tg-llm counts, shows and writes down */
#include "meter.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "js.h"

enum { TTY_MS = 250, LINE_MS = 60 * 1000 };

void
meter_init(struct meter *m, const char *tool, int on)
{
	const char *term = getenv("TERM");

	*m = (struct meter){ .tool = tool, .on = on, .random = 88172645463325252ULL };
	m->tty = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
	m->started = m->shown = chat_now();
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
	int i;

	if (j->code == NULL) {
		m->answered++;
		if (j->attempts > 0)
			note_latency(m, j->latency_ms);
		return;
	}
	m->failed++;
	for (i = 0; i < METER_CODES; i++) {
		if (m->codes[i].code == NULL)
			m->codes[i].code = j->code;
		if (strcmp(m->codes[i].code, j->code) == 0) {
			m->codes[i].n++;
			return;
		}
	}
}

static long long
period(const struct meter *m)
{
	return m->tty ? TTY_MS : LINE_MS;
}

int
meter_wait(const struct meter *m)
{
	long long left;

	if (!m->on)
		return -1;
	left = m->shown + period(m) - chat_now();
	return left > 0 ? (int)left : 0;
}

static void
show(struct meter *m, const struct chat_stats *s, unsigned pending, int last)
{
	long long now = chat_now();
	double seconds = (double)(now - m->started) / 1000;
	struct buf b = { 0 };

	m->shown = now;
	if (m->tty)
		buf_adds(&b, "\r");
	buf_fmt(&b,
	    "%s: %lu answered, %.1f/s, %lu failed, %u under way, %lu calls, "
	    "%lu retries, %lu cached, %lld+%lld tokens",
	    m->tool, m->answered,
	    seconds > 0 ? (double)m->answered / seconds : 0.0, m->failed,
	    pending, s->calls, s->retries, s->cached, s->prompt_tokens,
	    s->completion_tokens);
	if (m->tty)
		buf_adds(&b, "\033[K");
	if (!m->tty || last)
		buf_addc(&b, '\n');
	if (io_write(STDERR_FILENO, buf_span(&b)) == -1)
		m->on = 0;
	buf_free(&b);
}

void
meter_show(struct meter *m, const struct chat_stats *s, unsigned pending)
{
	if (m->on && chat_now() - m->shown >= period(m))
		show(m, s, pending, 0);
}

void
meter_end(struct meter *m, const struct chat_stats *s, unsigned pending)
{
	if (m->on)
		show(m, s, pending, 1);
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

	buf_fmt(&b, "{\"records\":%lu,\"answered\":%lu,\"errors\":{", m->records,
	    m->answered);
	for (i = 0; i < METER_CODES && m->codes[i].code != NULL; i++)
		buf_fmt(&b, "%s\"%s\":%lu", i ? "," : "", m->codes[i].code,
		    m->codes[i].n);
	buf_fmt(&b,
	    "},\"calls\":%lu,\"retries\":%lu,\"cached\":%lu,"
	    "\"prompt_tokens\":%lld,\"completion_tokens\":%lld,"
	    "\"cached_tokens\":%lld,\"seconds\":%.3f,\"latency_ms\":",
	    s->calls, s->retries, s->cached, s->prompt_tokens,
	    s->completion_tokens, s->cached_tokens,
	    (double)(chat_now() - m->started) / 1000);
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
