/*
 * bucket: a limit a minute, as a bucket that fills evenly and holds six
 * seconds' worth.
 */
#ifndef TG_BUCKET_H
#define TG_BUCKET_H

struct bucket {
	double rate, level, max; /* rate in units a ms; 0: no limit */
	long long at;
};

/* a_minute 0: no limit. */
void bucket_init(struct bucket *, double a_minute);

/*
 * 0 if units may be taken now, by lowering level; else milliseconds to wait.
 */
long long bucket_wait(struct bucket *, double units);

#endif
