/*
 * tokens: an estimate of how many tokens of an LLM a text has.
 *
 * The measure is o200k, the vocabulary of OpenAI's newer models; those of other
 * models for code differ from it by a few percent. More than nine in ten real
 * source files get an estimate within 10 % (make tokens measures it).
 */
#pragma once

#include "base/buf.h"

/*
 * Return about how many tokens a text has, in time linear in its length; 0 for
 * the empty text only. Any bytes will do.
 */
size_t tokens_estimate(struct span text);
