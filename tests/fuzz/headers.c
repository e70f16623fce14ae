/*
 * headers: whatever a header or a message says of a delay, it is one that can be
 * waited for.
 */
#include "base/delay.h"
#include "http/wait.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span s = { (const char *)p, n };
	long long seconds = wait_ms(s, 1000), ms = wait_ms(s, 1);
	struct buf text = { 0 };

	fuzz_input = s;
	CHECK(seconds >= -1 && seconds <= DELAY_MAX, "%lld ms", seconds);
	CHECK(ms >= -1 && ms <= DELAY_MAX, "%lld ms", ms);
	CHECK(ms == -1 || seconds != -1, "%lld s, %lld ms", seconds, ms);
	buf_addspan(&text, s);
	CHECK(delay_find(buf_cstr(&text)) >= -1, "a delay before none");
	buf_free(&text);
	return 0;
}
