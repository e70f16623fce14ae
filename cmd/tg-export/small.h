/*
 * small: warnings about training data that is too small for its trainer.
 */
#pragma once

#include "export.h"

/*
 * Print what the trainer would not say: parts and files without rows, rows that
 * fill no batch, or that have nothing to be compared with.
 */
void small_report(const struct plan *, enum target);
