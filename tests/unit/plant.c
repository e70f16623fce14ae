/* plant: copies that say the same, and hostile bytes */
#include "tg-mine/plant.h"

#include "base/hash.h"
#include "index/near.h"
#include "tap.h"
#include "tg-mine/order.h"

static const char *const languages[] = { "java", "python", "javascript", "php",
	"ruby", "go", "csharp", "cplusplus", "c", "rust", "typescript", "perl",
	"shell", "sql", "batchfile", "fortran", "haskell", "lua", "powershell",
	"visual_basic" };

enum { LANGUAGES = sizeof languages / sizeof *languages };

static const char function[] =
    "def read_lines(path, limit):\n    \"\"\"Read path.\"\"\"\n"
    "    total = 0\n    kept = []\n    with open(path) as f:\n"
    "        for line in f:\n            total += len(line)\n"
    "            if total > limit:\n"
    "                raise ValueError(f\"{path}: {total}\")\n"
    "    return read_lines(kept, limit=1)\n";

/* Return a copy of a text, to be freed. */
static struct buf
copy(const char *language, const char *text, long long seed,
    struct plant_changes *did)
{
	struct buf b = { 0 };

	*did = plant_copy(lex_find(span_of(language)), span_of(text), seed, &b);
	buf_cstr(&b);
	return b;
}

/* Return the number of tokens that are no space. */
static size_t
count_tokens(const struct lex_language *language, struct span text)
{
	struct lexer lx;
	struct lex_token t;
	size_t n = 0;

	lexer_start(&lx, language, text);
	while (lexer_next(&lx, &t))
		n += t.kind > LEX_NEWLINE;
	return n;
}

static void
test_copy(void)
{
	const struct lex_language *python = lex_find(span_of("python"));
	struct plant_changes did;
	struct buf a = copy("python", function, 0, &did);
	struct buf b = copy("python", function, 0, &did);
	struct buf c = copy("python", function, 1, &did);

	is_int(did.names, 7, "each own name is replaced");
	is_int(did.moved, 1, "two assignments change places");
	is_span(buf_span(&a), buf_span(&b), "a seed makes one copy");
	ok(!span_eq(buf_span(&a), buf_span(&c)), "seeds make other copies");
	ok(strstr(a.p, "path,") == NULL && strstr(a.p, "total") == NULL &&
		strstr(a.p, "read_lines") == NULL,
	    "no own name is left");
	ok(strstr(a.p, "open(") != NULL &&
		strstr(a.p, "ValueError(f") != NULL &&
		strstr(a.p, "limit=1") != NULL && strstr(a.p, "len(") != NULL,
	    "names from elsewhere stay");
	ok(strstr(a.p, "\"\"\"Read path.\"\"\"") != NULL,
	    "docstrings stay as they are");
	ok(strstr(a.p, " = []\n    ") < strstr(a.p, " = 0\n"),
	    "the second assignment is the first");
	is_int(count_tokens(python, span_of(function)),
	    count_tokens(python, buf_span(&a)), "a copy has as many tokens");
	buf_free(&a);
	buf_free(&b);
	buf_free(&c);
}

static void
test_taken(void)
{
	static const char text[] = "def f(value):\n    return total + value\n";
	struct plant_changes did;
	struct buf b;
	int seed, bad = 0;
	char *at;

	for (seed = 0; seed < 300; seed++) {
		b = copy("python", text, seed, &did);
		at = strstr(b.p, "total");
		bad += at == NULL || strstr(at + 1, "total") != NULL ||
		       did.names != 2;
		buf_free(&b);
	}
	is_int(bad, 0, "no new name is a word of the text");
}

static void
test_none(void)
{
	struct plant_changes did;
	struct buf b = copy("python", "print(1)\n", 0, &did);

	ok(did.names + did.moved == 0 && b.n == 0,
	    "a text without own names has no copy");
	buf_free(&b);
	b = copy("none", function, 0, &did);
	ok(did.names + did.moved == 0 && b.n == 0,
	    "a text in an unknown language has no copy");
	buf_free(&b);
}

/* Check what the statements of a text become; NULL: they stay. */
static void
check_order(
    const char *language, const char *text, const char *want, const char *why)
{
	struct buf b = { 0 };
	size_t moved =
	    order_statements(lex_find(span_of(language)), span_of(text), &b);

	is_span(buf_span(&b), span_of(want != NULL ? want : text), "%s", why);
	is_int(moved, want != NULL, "and that is said: %s", why);
	buf_free(&b);
}

static void
test_statements(void)
{
	check_order("python", "x = 1\ny = a(z)\n", "y = a(z)\nx = 1\n",
	    "assignments without a common name swap");
	check_order("python", "x = 1\ny = x\n", NULL, "a common name holds");
	check_order(
	    "python", "x = 1\ny = f'{x}'\n", NULL, "a name in a string holds");
	check_order("python", "x = f()\ny = g()\n", NULL, "two calls stay");
	check_order("python", "a.x = 1\ny = g()\n", NULL,
	    "a member that is set stays before a call");
	check_order("python", "self.x = 1\nself.y = 2\n",
	    "self.y = 2\nself.x = 1\n", "members of self swap");
	check_order("python", "x = 1\n  y = 2\n", NULL, "depths differ");
	check_order("python", "f(\nx=1,\ny=2\n)\n", NULL, "arguments stay");
	check_order("python", "x = 1 + \\\n 2\ny = (3 +\n 4)\n",
	    "y = (3 +\n 4)\nx = 1 + \\\n 2\n", "statements have all lines");
	check_order("python", "x = 1\ny = 2", NULL, "a last line has an end");
	check_order("python", "x = 1\n# y\ny = 2\n", NULL, "comments part");
	check_order("python", "x += 1\ny = 2\n", NULL, "x += 1 stays");
	check_order("c", "if (a)\n\tx = 1;\n\ty = 2;\n", NULL,
	    "what a condition holds stays");
	check_order("c", "\tint x = 1;\n\tchar y = 2;\n}\n",
	    "\tchar y = 2;\n\tint x = 1;\n}\n", "declarations swap");
	check_order("c", "\tx = 1;\n\t\ty = 2;\n}\n", NULL,
	    "statements of other depths stay");
	check_order("python", "f(x)\ny = 2\n", NULL, "calls stay");
	check_order("c", "enum a {\n\tx = 1,\n\ty = 2\n};\n", NULL,
	    "members of a list stay");
	check_order("javascript", "x = a\ny = b\n  + c\n", NULL,
	    "a line that goes on stays");
	check_order(
	    "shell", "x=1\ny=$(f)\n", "y=$(f)\nx=1\n", "shell variables swap");
	check_order("shell", "x=1\ny=$x\n", NULL, "unless one is the other");
}

static void
test_functions(void)
{
	static const char text[] = "def f(x):\n    return x\n\n"
				   "def g(x):\n    return x + 1\n\n"
				   "def h(x):\n    return g(x)\n";
	struct buf b = { 0 };
	size_t moved =
	    order_functions(lex_find(span_of("python")), S(text), &b);

	is_int(moved, 1, "functions that do not name each other swap");
	is_span(buf_span(&b),
	    S("def g(x):\n    return x + 1\n\ndef f(x):\n    return x\n\n"
	      "def h(x):\n    return g(x)\n"),
	    "with what is between them as it was");
	buf_clear(&b);
	order_functions(lex_find(span_of("python")), span_of(text + 24), &b);
	is_span(buf_span(&b), span_of(text + 24), "unless one calls the other");
	buf_free(&b);
}

/* Return whether the copy of hostile bytes has as many tokens, or is none. */
static bool
is_sound(const struct lex_language *language, struct span text)
{
	struct buf b = { 0 };
	struct plant_changes did = plant_copy(language, text, 7, &b);
	bool sound = did.names + did.moved == 0
			 ? b.n == 0
			 : count_tokens(language, text) ==
			       count_tokens(language, buf_span(&b));

	buf_free(&b);
	return sound;
}

static void
test_hostile(void)
{
	static const char *const pieces[] = { "def ", "f", "(", ")", "{", "}",
		"\n", " x = 1;\n", "y", ",", "=", "\"", "'", "$x", "${", "`",
		"for ", "let ", "case ", "|", "->", "=>", "::", ":", "\\", "<",
		">", "\xff\xc3", "\0", "import ", "function ", "lambda ", "#",
		"/*", "*/", "$$", "[", "]", ".", "    y = 2\n", "f\"{x}\"" };
	struct buf b = { 0 };
	size_t i, j, k, bad = 0;
	uint64_t draw = 14;
	bool sound;

	for (i = 0; i < LANGUAGES; i++)
		for (j = 0; j < 60; j++) {
			buf_clear(&b);
			for (k = 0; k < 60; k++) {
				draw = hash_mix(draw, k);
				buf_adds(&b,
				    pieces[draw %
					   (sizeof pieces / sizeof *pieces)]);
				if (draw >> 60 == 0)
					buf_addc(&b, (char)(draw >> 32));
			}
			sound = is_sound(
			    lex_find(span_of(languages[i])), buf_span(&b));
			bad += !sound;
		}
	is_int(bad, 0, "hostile bytes keep their tokens");
	buf_free(&b);
}

/* Check that long texts of one piece take linear time, by cpu_limit. */
static void
test_long(void)
{
	static const char *const pieces[] = { "let (", "f(f ", "import x ",
		"a < ", "def f(", "x, ", "{\n", "lambda x, ", "x = 1;\n",
		"def f(x):\n  x = y\n" };
	struct buf b = { 0 };
	size_t i, j, sound = 0;

	for (i = 0; i < sizeof pieces / sizeof *pieces; i++)
		for (j = 0; j < LANGUAGES; j += 3) {
			buf_clear(&b);
			while (b.n < 8000)
				buf_adds(&b, pieces[i]);
			sound += is_sound(
			    lex_find(span_of(languages[j])), buf_span(&b));
		}
	is_int(sound, 70, "long texts take linear time");
	buf_free(&b);
}

int
main(void)
{
	cpu_limit(20);
	test_copy();
	test_taken();
	test_none();
	test_statements();
	test_functions();
	test_hostile();
	test_long();
	return done();
}
