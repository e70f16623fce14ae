/* judged: the number in tg.judge, or in meta.judge of a triplet */
#include "record/judged.h"

#include <string.h>

#include "base/num.h"
#include "json/find.h"

double
judged_share(struct span number)
{
	char text[64];
	double value;

	if (number.p == NULL || number.n >= sizeof text)
		return -1;
	memcpy(text, number.p, number.n);
	text[number.n] = '\0';
	return num_real(text, 0, 1, &value) == 0 ? value : -1;
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
	double p = judged_share(js_find(judge, "p"));

	return p >= 0 ? p : judged_share(js_find(judge, "score"));
}
