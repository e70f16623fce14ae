/*
 * fit: the curves and the threshold of gold lines.
 */
#pragma once

#include "gold.h"
#include "record/calibration.h"
#include "threshold.h"

/*
 * Fit curves to gold lines of both classes: one over all, and one for each task
 * that has CALIBRATION_OWN of them. value of each gold line becomes that of a
 * curve that has not seen it. precision of *c is the one wanted, and a
 * threshold is found for it; 0: none, and the threshold is one half. Return
 * what the threshold reaches.
 */
struct reach fit(struct calibration *c, struct gold *);
