/* nearest: the name that a mistyped word most likely means */
#include "base/nearest.h"

#include <string.h>

#include "tap.h"

static const char *const names[] = { "web_code_retrieval",
	"code_summary_retrieval", "code_context_retrieval",
	"code_single_turn_qa_retrieval", "python", "go", "c", NULL };

/* Return the name nearest to word; "" if none is near. */
static const char *
near(struct span word)
{
	struct nearest n = { .word = word };
	int i;

	for (i = 0; names[i] != NULL; i++)
		nearest_offer(&n, names[i]);
	return n.name != NULL ? n.name : "";
}

int
main(void)
{
	struct nearest n = { .word = S("pyhton") };
	char long_word[300];

	is_str(near(S("code_sumary_retrieval")), "code_summary_retrieval",
	    "a letter that is missing is found");
	is_str(near(S("pyhton")), "python", "two letters that are swapped "
					    "count as one slip");
	is_str(near(S("pythonn")), "python", "a letter too many is found");
	is_str(near(S("web-code-retrieval")), "web_code_retrieval",
	    "hyphens make no difference");
	is_str(near(S("webCodeRetrieval")), "web_code_retrieval",
	    "letter case makes no difference");
	is_str(near(S("Code Context Retrieval")), "code_context_retrieval",
	    "blanks make no difference");
	is_str(near(S("code_summary")), "code_summary_retrieval",
	    "the beginning of a name is enough");
	is_str(near(S("single_turn")), "code_single_turn_qa_retrieval",
	    "a part of a name is enough");
	is_str(near(S("retrieval")), "web_code_retrieval",
	    "the shortest of several names is taken");
	is_str(near(S("klingon")), "", "a word that is far from all has none");
	is_str(near(S("x")), "", "a letter is not replaced by another name");
	is_str(near(S("")), "", "an empty word has none");
	is_str(near(S("_-")), "", "a word of separators has none");
	is_str(near(S("pyt\0on")), "python", "a NUL is a letter as others");
	memset(long_word, 'a', sizeof long_word);
	is_str(near((struct span){ long_word, sizeof long_word }), "",
	    "a very long word has none");
	is_str(nearest_hint(&n), "", "the hint is empty where none is near");
	nearest_offer(&n, "python");
	is_str(nearest_hint(&n), " (did you mean python?)",
	    "the hint asks for the name");
	return done();
}
