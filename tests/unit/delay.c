/* delay: the forms in which servers ask for a wait */
#include "base/delay.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tap.h"

/* Test values of headers, with what is left behind them. */
static void
values(void)
{
	static const struct {
		const char *s;
		double unit, ms;
		const char *rest;
	} all[] = {
		{ "12", 1000, 12000, "" },
		{ "12", 1, 12, "" },
		{ "12", 0, -1, "12" },
		{ "0.05", 1000, 50, "" },
		{ "12s", 0, 12000, "" },
		{ "7.66s", 0, 7660, "" },
		{ "250ms", 1000, 250, "" },
		{ "17 ms.", 1000, 17, "." },
		{ "6m0s", 1, 360000, "" },
		{ "1m30s", 1000, 90000, "" },
		{ "1h2m3.5s", 1000, 3723500, "" },
		{ "34.074824224s", 1000, 34074.824224, "" },
		{ "1 minute 30 seconds, please", 1000, 90000, ", please" },
		{ "1 minute and 30 seconds", 1000, 90000, "" },
		{ "2 minutes", 1000, 120000, "" },
		{ "20 Seconds", 1000, 20000, "" },
		{ "1 day", 1000, 86400000, "" },
		{ "900\xc2\xb5s", 1000, 0, "" },
		{ "3 requests", 0, -1, "3 requests" },
		{ "3 requests", 1000, 3000, " requests" },
		{ "30s 5", 1000, 30000, " 5" },
		{ "1000000000", 1000, 0, "" },    /* 2001, in seconds */
		{ "1000000000000", 1000, 0, "" }, /* 2001, in ms */
		{ "1000000000", 1, 1e9, "" },     /* no time with this unit */
		{ "-5", 1000, -1, "-5" },
		{ "0x10", 1000, -1, "0x10" },
		{ "inf", 1000, -1, "inf" },
		{ "nan", 1000, -1, "nan" },
		{ "", 1000, -1, "" },
		{ "s", 1000, -1, "s" },
	};
	char soon[40];
	const char *end;
	double ms;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		ms = delay_read(all[i].s, all[i].unit, &end);
		ok(fabs(ms - all[i].ms) < 0.01 && strcmp(end, all[i].rest) == 0,
		    "\"%s\" with a unit of %g ms is a delay of %g ms (%g)",
		    all[i].s, all[i].unit, all[i].ms, ms);
	}
	snprintf(soon, sizeof soon, "%lld", (long long)time(NULL) + 1000);
	ms = delay_read(soon, 1000, &end);
	ok(ms > 900e3 && ms <= 1000e3,
	    "a number as large as a time in seconds is that time");
	snprintf(soon, sizeof soon, "%lld000", (long long)time(NULL) + 1000);
	ms = delay_read(soon, 1000, &end);
	ok(ms > 900e3 && ms <= 1000e3,
	    "a number as large as a time in ms is that time");
}

/*
 * Test texts. Sources: OpenAI's and Groq's rate limits, Azure, LiteLLM's
 * router, google-gemini/gemini-cli#8437, continuedev/continue#10062,
 * OpenRouter, Hugging Face.
 */
static void
texts(void)
{
	static const struct {
		const char *text;
		double ms;
	} all[] = {
		{ "Rate limit reached for gpt-4o in organization org-x on "
		  "requests per min (RPM): Limit 3, Used 3, Requested 1. "
		  "Please try again in 20s. Visit https://x.y",
		    20000 },
		{ "Limit 30000, Used 29000. Please try again in 1m30s.",
		    90000 },
		{ "Please try again in 250ms.", 250 },
		{ "Please try again in 7m12.345s. Need more?", 432345 },
		{ "Please retry after 6 seconds. Please contact", 6000 },
		{ "No deployments available for selected model, Try again in "
		  "60 seconds. Passed model=x",
		    60000 },
		{ "limit: 15, model: x\\nPlease retry in 20.04466179s.",
		    20044.66179 },
		{ "{\"@type\":\"google.rpc.RetryInfo\",\"retryDelay\": "
		  "\"30s\"}",
		    30000 },
		{ "{\\\"retryDelay\\\": \\\"34.07s\\\"}", 34070 },
		{ "{'@type': 'x', 'retryDelay': '5s'}", 5000 },
		{ "retry_delay {\n  seconds: 34\n}", 34000 },
		{ "{\"message\":\"slow down\",\"retry_after\": 0.5}", 500 },
		{ "{\"retry_after_ms\":250}", 250 },
		{ "{\"retry_after_seconds\":8}", 8000 },
		{ "{\"metadata\":{\"retryAfterSeconds\":8}}", 8000 },
		{ "{\"retry_after\":null}", -1 },
		{ "{\"error\":\"Model is loading\",\"estimated_time\":20.0}",
		    20000 },
		{ "{\"headers\":{\"X-RateLimit-Reset\":\"1000\"}}", 1000e3 },
		{ "Too many requests. Wait about 3 minutes and go on", 180000 },
		{ "Your limit resets in 2h", 7200000 },
		{ "retry in 5s or, to be sure, wait 10 seconds", 10000 },
		{ "please wait for your turn", -1 },
		{ "the server awaits 5 seconds of silence", -1 },
		{ "give up: try again in 3 attempts", -1 },
		{ "try again in 3, retry in 3, retry after 3, resets in 3, "
		  "reset after 3, available in 3, wait 3",
		    -1 },
		{ "try again later", -1 },
		{ "try again in ", -1 },
		{ "try again in \\", -1 },
		{ "", -1 },
	};
	double ms;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		ms = delay_find(all[i].text);
		ok(fabs(ms - all[i].ms) < 0.01,
		    "text %zu asks for a delay of %g ms (%g)", i, all[i].ms,
		    ms);
	}
}

int
main(void)
{
	values();
	texts();
	return done();
}
