/*
 * tell: what tg-emit says of its counts, on stderr and in the file of
 * --summary.
 *
 * The ctx of each filter is a struct emit.
 */
#pragma once

#include "emit.h"

/*
 * Take SIGINT and SIGTERM, if they are ignored, as word that the run is to stop:
 * no status line forecasts its end then.
 */
void tell_heed_signals(void);

/* Show how far the run is, if a status line is due. */
void tell_status(struct filter *);

/* Say once how long all will take, after 30 seconds; f->tick is NULL then. */
void tell_once(struct filter *);

/* Print the last status line and, without --rejects, the counts. */
void tell_end(struct filter *, struct emit *);

/* Write the counts as JSON to the file of --summary, or exit. */
void tell_summary(struct filter *, const struct emit *);

/* Say why a file cannot be read or written, as errno has it, and exit. */
_Noreturn void tell_exit_io(const char *path);
