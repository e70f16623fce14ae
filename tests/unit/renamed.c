/* renamed: texts that differ in names alone have one digest */
#include "task/renamed.h"

#include "tap.h"

static int
same(const char *language, const char *a, const char *b)
{
	unsigned char x[RENAMED_BYTES], y[RENAMED_BYTES];

	renamed_digest(lex_find(span_of(language)), span_of(a), x);
	renamed_digest(lex_find(span_of(language)), span_of(b), y);
	return memcmp(x, y, sizeof x) == 0;
}

static const struct {
	const char *language, *a, *b;
} alike[] = {
	{ "python", "def add(a, b):\n    return a + b\n",
	    "def plus(x, y):\n\n    # sums\n    return x+y" },
	{ "python", "def f(xs):\n    t = 0\n    for x in xs:\n        t += x\n",
	    "def g(ys):\n  s = 0\n  for y in ys:\n    s += y\n" },
	{ "python", "class A:\n    def m(self, x):\n        self.t = x\n",
	    "class B:\n    def k(self, y):\n        self.u = y\n" },
	{ "python", "def f(a):\n    b, c = a\n    return f\"{b} {c}\"\n",
	    "def f(x):\n    y, z = x\n    return f\"{y} {z}\"\n" },
	{ "c", "int add(int a, int b)\n{\n\treturn a + b;\n}\n",
	    "int plus(int x, int y) { return x + y; /* sum */ }" },
	{ "javascript", "const f = (a, b) => { return `${a}x` + g(b); }",
	    "const h = (x, y) => {\n return `${x}x` + g(y);\n}" },
	{ "javascript", "function f(a) { return a.map(x => x * 2); }",
	    "function q(list) { return list.map(el => el * 2); }" },
	{ "typescript", "function f(a: number): number { return a; }",
	    "function g(b: number): number { return b; }" },
	{ "go", "func Add(a int, b int) int {\n c := a\n return c + b\n}",
	    "func Plus(x int, y int) int {\n z := x\n return z + y\n}" },
	{ "java",
	    "class A { int f(int a) { List<S> xs = g(a); return xs.size(); } }",
	    "class B { int h(int b) { List<S> ys = g(b); return ys.size(); } "
	    "}" },
	{ "rust", "fn add(a: i32) -> i32 { let c = a + 1; c }",
	    "fn plus(x: i32) -> i32 { let z = x + 1; z }" },
	{ "haskell", "add a b = a + b\n", "plus x y = x + y\n" },
	{ "shell", "x=1\nfor f in *.c; do echo \"$f $x\"; done",
	    "y=1\nfor g in *.c; do echo \"$g $y\"; done" },
	{ "ruby", "def add(a, b)\n  a + b\nend\n",
	    "def plus(x, y)\n  x + y\nend\n" },
	{ "perl", "sub add { my ($p, $q) = @_; return $p + $q; }",
	    "sub plus { my ($x, $y) = @_; return $x + $y; }" },
	{ "php", "<?php function add($a, $b) { return $a + $b; }",
	    "<?php function plus($x, $y) { return $x + $y; }" },
	{ "lua", "local function add(a, b) return a + b end",
	    "local function plus(x, y) return x + y end" },
	{ "sql", "SELECT u.name FROM users AS u",
	    "SELECT x.name FROM users AS x" },
	{ "", "function f(a) return a end", "function g(b) return b end" },
};

static const struct {
	const char *language, *a, *b, *what;
} apart[] = {
	{ "python", "def f(a, b):\n    return a - b\n",
	    "def f(a, b):\n    return b - a\n", "swapped names" },
	{ "python", "x = 1\n", "x = 2\n", "another number" },
	{ "python", "print(\"a\")\n", "print(\"b\")\n", "another string" },
	{ "python", "def f(a):\n    return min(a)\n",
	    "def f(a):\n    return max(a)\n", "another function" },
	{ "python", "import json\ndef f(a):\n    return json.dumps(a)\n",
	    "import json\ndef f(a):\n    return json.loads(a)\n",
	    "another method" },
	{ "python", "from json import dumps\nx = dumps(y)\n",
	    "from json import loads\nx = loads(y)\n", "another import" },
	{ "python", "for i in x:\n    g(i)\n    h(i)\n",
	    "for i in x:\n    g(i)\nh(i)\n", "another block" },
	{ "python", "def f():\n    return STATUS_OK\n",
	    "def f():\n    return STATUS_BAD\n", "another constant" },
	{ "c", "int f(int a) { return a < 3; }",
	    "int f(int a) { return a <= 3; }", "another operator" },
	{ "c", "int f(char *a) { strcpy(b, a); }",
	    "int f(char *a) { strcat(b, a); }", "another function in C" },
	{ "c", "#define N 3\n", "#define N 4\n", "another literal of a macro" },
	{ "c", "int f(int a, int b) { return g(a, b); }",
	    "int f(int a, int b) { return g(b, a); }", "swapped arguments" },
	{ "c", "int f(int a, int b) { return a + b; }",
	    "int f(int a, int b) { return a + a; }", "two names made one" },
	{ "sql", "SELECT name FROM users", "SELECT age FROM users",
	    "another column" },
	{ "shell", "sort x", "uniq x", "another command" },
	{ "shell", "rm a", "rm b", "another operand" },
	{ "haskell", "f xs = minimum xs\n", "f xs = maximum xs\n",
	    "another function in Haskell" },
	{ "ruby", "def f(a)\n  a.select { |x| x.odd? }\nend",
	    "def f(a)\n  a.reject { |x| x.odd? }\nend",
	    "another method in Ruby" },
	{ "python", "a", "b", "single words" },
	{ "python", "# a", "# b", "comments alone" },
};

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof alike / sizeof *alike; i++)
		ok(same(alike[i].language, alike[i].a, alike[i].b),
		    "renamed code %zu (%s) has the same digest", i,
		    alike[i].language);
	for (i = 0; i < sizeof apart / sizeof *apart; i++)
		ok(!same(apart[i].language, apart[i].a, apart[i].b),
		    "%s (%s): the digests differ", apart[i].what,
		    apart[i].language);
	return done();
}
