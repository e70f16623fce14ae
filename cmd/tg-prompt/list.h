/*
 * list: the catalogue as tg-prompt --list prints it.
 */
#pragma once

#include "task/catalogue.h"

/* Append a line for each task that says what it is and what it needs. */
void list_table(struct buf *, const struct catalogue *);

/* Append each row as a line of JSON. */
void list_rows(struct buf *, const struct catalogue *);
