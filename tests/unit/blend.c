/* blend: two edits of a document in one */
#include "task/blend.h"

#include "tap.h"

static const char right[] = "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n"
			    "\t\tsum += g(a);\n\tlog(sum);\n\treturn sum;\n}\n";

/* Check what becomes of the right document with two edits; NULL: nothing. */
static void
gives(const char *what, const char *one, const char *other, const char *want)
{
	struct span texts[] = { span_of(one), span_of(other) };
	struct buf b = { 0 };
	struct blend pair;
	int fits;

	blend_begin(&pair, span_of(right), texts, 2);
	fits = blend_fits(&pair, 0, 1);
	if (fits)
		blend_write(&pair, 0, 1, &b);
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
	gives("edits of one line do not",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum += g(b);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum -= g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    NULL);
	gives("edits of lines side by side do not",
	    "int f(int a)\n{\n\tint sum = 0;\n\tdo\n\t\tsum += g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum -= g(a);\n"
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
	gives("edits of most lines do not",
	    "int h(int a)\n{\n\tint sum = 1;\n\tdo\n\t\tsum += g(a);\n"
	    "\tlog(sum);\n\treturn sum;\n}\n",
	    "int f(int a)\n{\n\tint sum = 0;\n\tfor (;;)\n\t\tsum += g(a);\n"
	    "\tlog(a);\n\treturn 0;\n}\n",
	    NULL);
	gives("what is more than a tenth longer does not",
	    "int f(int a)\n{\n\tint sum = 1000000;\n\tfor (;;)\n\t\tsum += "
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
