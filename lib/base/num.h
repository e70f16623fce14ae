/* num: numbers from the command line, bounded. */
#ifndef TG_NUM_H
#define TG_NUM_H

/*
 * The whole of s as a decimal integer within [min, max] into *out: 0, or -1
 * with *out untouched. No white space, no sign but '-'.
 */
int num_int(const char *s, long long min, long long max, long long *out);

/* Likewise a finite decimal fraction, "0.6" or "1e-3", in the C locale. */
int num_real(const char *s, double min, double max, double *out);

#endif
