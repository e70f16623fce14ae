/*
 * stream: the completion in a body that is no plain JSON: one behind a byte
 * order mark or the comments that keep a connection alive, one with NaN or a
 * damaged text in it, or the events of a stream that nobody has asked for.
 *
 * Sources: the event streams of WHATWG's HTML standard, 9.2.6; OpenAI's chat
 * completion chunks; OpenRouter's ": OPENROUTER PROCESSING".
 */
#pragma once

#include "base/buf.h"
#include "base/mem.h"

/*
 * Return the completion of a body as JSON that js_text accepts, borrowed from
 * the body or the arena, in linear time: the only document, or the chunks of a
 * stream put together as one completion. NaN and the infinities become null,
 * and a string that is no Unicode becomes false. p NULL with *why, a constant
 * string, if the body is neither.
 */
struct span stream_read(struct span body, struct arena *, const char **why);
