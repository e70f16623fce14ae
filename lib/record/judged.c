/* judged: the number in tg.judge, or in meta.judge of a triplet */
#include "record/judged.h"

#include "json/find.h"
#include "json/string.h"

struct span
judged_number(struct span judge)
{
	struct span p = js_find(judge, "p");

	return js_is_there(p) ? p : js_find(judge, "score");
}

int
judged_undecided(const struct rec *r)
{
	return js_is_there(rec_tg(r, "judge_first")) &&
	       !js_is_there(rec_tg(r, "judge"));
}

double
judged_p(struct span judge)
{
	double p;

	return js_real(judged_number(judge), &p) && p >= 0 && p <= 1 ? p : -1;
}
