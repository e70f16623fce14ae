/*
 * results: the files that a service has written for a batch, fetched.
 */
#pragma once

#include "remote/service.h"

/*
 * Fetch the files that a ticket names, each of which appears when it is whole
 * and on the disk, with secrets blanked: TG_EX_OK; or TG_EX_SERVICE or
 * TG_EX_IO, with the reason in why of the service.
 */
int results_fetch(struct service *, const struct ticket *);

/* Return whether all the files that a ticket names are there. */
int results_are_there(const struct ticket *);
