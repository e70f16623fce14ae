/* num: decimal numbers from the command line and from files, bounded. */
#pragma once

/*
 * Read the whole of s as a decimal integer within [min, max] into *out: 0, or
 * -1 with *out untouched. No white space, no sign but '-'.
 */
int num_int(const char *s, long long min, long long max, long long *out);

/* Read s as a finite decimal fraction, "0.6" or "1e-3", as num_int does. */
int num_real(const char *s, double min, double max, double *out);

/* Read "LOW,HIGH", two fractions in 0..1 of which the first is not above the
 * second: 0, or -1. */
int num_band(const char *s, double *low, double *high);
