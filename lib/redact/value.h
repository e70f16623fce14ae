/*
 * value: tells whether a text that stands where a secret may stand is one.
 *
 * A placeholder ("your-api-key", "xxxx", "${TOKEN}"), an example and the
 * letters of the alphabet are none, whatever stands around them.
 */
#pragma once

#include "base/buf.h"

/* What is known of a text from its place and its form. */
enum value_check {
	VALUE_SHAPE,  /* its form is that of a token of one service */
	VALUE_RANDOM, /* its name promises a token: it must look drawn */
	VALUE_MIXED,  /* its name says secret: drawn, or digits among letters */
	VALUE_PASSWORD, /* its name promises a password that a person chose */
	VALUE_BARE,     /* the same without quotes: it must be no variable */
	VALUE_BASIC,    /* it is base64 of "user:password" */
	VALUE_PEM,      /* behind it stands the body of a private key */
	VALUE_CHECKS,
};

/* Return whether a text is a secret. Not for VALUE_PEM. */
int value_is_secret(struct span, enum value_check);

/* Return whether a text looks drawn by chance rather than written. */
int value_looks_drawn(struct span);
