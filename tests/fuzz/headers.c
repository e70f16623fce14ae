/*
 * headers: whatever a header says of a delay, it is one that can be waited for.
 */
#include "http/http.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span s = { (const char *)p, n };
	long long seconds = http_delay_ms(s, 1000), ms = http_delay_ms(s, 1);

	fuzz_input = s;
	CHECK(seconds >= -1 && seconds <= HTTP_DELAY_MAX, "%lld ms", seconds);
	CHECK(ms >= -1 && ms <= HTTP_DELAY_MAX, "%lld ms", ms);
	CHECK(ms == -1 || seconds >= ms, "%lld s, %lld ms", seconds, ms);
	return 0;
}
