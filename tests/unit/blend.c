/* blend: two edits of a document in one */
#include "task/blend.h"

#include "tap.h"

static const char right[] = "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n"
			    "\t\tsum += g(a);\n\tlog(sum);\n\treturn sum;\n}\n";

/* Check what becomes of the right document with two edits; NULL: nothing. */
static void
gives(const char *what, const char *one, const char *other, const char *want)
{
	static const size_t both[] = { 0, 1 };
	struct span texts[] = { span_of(one), span_of(other) };
	struct buf b = { 0 };
	struct blend pair;
	int fits;

	blend_begin(&pair, span_of(right), texts, 2);
	fits = blend_fits(&pair, both, 2);
	if (fits)
		blend_write(&pair, both, 2, &b);
	ok(fits == (want != NULL) &&
		strcmp(buf_cstr(&b), want != NULL ? want : "") == 0,
	    "%s", what);
	blend_free(&pair);
	buf_free(&b);
}

int
main(void)
{
	gives("edits of different lines go together",
	    "int f(int a)\n{\n\tint sum = 1;\n\tfor (;;)\n\t\tsum += g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum -= g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 1;\n\tfor (;;)\n\t\tsum -= g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n");
	gives("a line that goes and one that comes do",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum += g(a);\n"
	    "\treturn sum;\n}\n",
	    "int f(int a)\n{\n\ta++;\n\tint sum = 0;\n\tfor (;;)\n\t\tsum += "
	    "g(a);\n\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\ta++;\n\tint sum = 0;\n\tfor (;;)\n\t\tsum += "
	    "g(a);\n\treturn sum;\n}\n");
	gives("edits of different tokens of a line do",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum += g(-a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum -= g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum -= g(-a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n");
	gives("edits of lines side by side do",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (; a;)\n\t\tsum += g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum -= g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (; a;)\n\t\tsum -= g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n");
	gives("edits of one token do not",
	    "int f(int a)\n{\n\tint sum = 1;\n\tfor (;;)\n\t\tsum += g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 2;\n\tfor (;;)\n\t\tsum += g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    NULL);
	gives("edits of tokens side by side do",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum -= g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum +=~ g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum -=~ g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n");
	gives("what comes at one place twice does not",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum += 2 + g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum += 3 * g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    NULL);
	gives("an edit that takes away a name which the other needs does not",
	    "int f(int b)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum += g(b);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum += g(a);\n"
	    "\tlog(sum);\n\treturn a;\n}\n",
	    NULL);
	gives("edits that bring the same new name do not",
	    "int f(int a)\n{\n\tint max = 0;\n\tfor (;;)\n\t\tsum += g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum += g(a);\n"
	    "\tlog(sum);\n\treturn max;\n}\n",
	    NULL);
	gives("edits of half of it do not",
	    "int f(int a)\n{\n\tread(NULL, 120, \"a file with lines\");\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum += g(a);\n"
	    "\tsend(a, STDERR);\n\texit(1);\n}\n",
	    NULL);
	gives("what is more than a quarter longer does not",
	    "int f(int a)\n{\n\tint sum = 100000000000000;\n\tfor (;;)\n\t\tsum += "
	    "g(a);\n\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum += g(a);\n"
	    "\tlog(sum, \"sum of f\");\n\treturn sum;\n}\n",
	    NULL);
	gives("the right document itself is no edit", right,
	    "int f(int a)\n{\n\tint sum = 1;\n\tfor (;;)\n\t\tsum += g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    NULL);
	gives("an empty text is none", "", "", NULL);
	return done();
}
