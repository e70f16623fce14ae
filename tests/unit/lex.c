/* lex: tokens, functions, comments and near copies of code */
#include "lex/alike.h"
#include "lex/functions.h"
#include "lex/strip.h"

#include "tap.h"

static const struct lex_language *
language(const char *name)
{
	const struct lex_language *l = lex_find(span_of(name));

	if (l == NULL) {
		printf("Bail out! no language %s\n", name);
		exit(3);
	}
	return l;
}

/* Return the tokens of a text but blanks, "|" between: kind's letter, bytes. */
static const char *
tokens(const char *name, const char *text)
{
	static const char letters[] = "   \"0nk.#t";
	static struct buf b;
	struct lexer lx;
	struct lex_token t;
	size_t at = 0;

	b.n = 0;
	lexer_start(&lx, language(name), span_of(text));
	while (lexer_next(&lx, &t)) {
		if (t.start != at || t.end <= t.start)
			return "a gap";
		at = t.end;
		if (t.kind < LEX_STRING)
			continue;
		if (b.n > 0)
			buf_addc(&b, '|');
		buf_addc(&b, letters[t.kind]);
		buf_add(&b, text + t.start, t.end - t.start);
	}
	return at == strlen(text) ? buf_cstr(&b) : "not all";
}

static const struct {
	const char *language, *text, *want;
} streams[] = {
	{ "c", "a='\\'';//x\\\ny", "na|.=|\"'\\''|.;" },
	{ "c", "#if 'x' /* a */ + 1\nb", "##if 'x' |#+ 1|nb" },
	{ "cplusplus", "R\"x(a)\" )x\" 1'000", "\"R\"x(a)\" )x\"|01'000" },
	{ "csharp", "@\"a\\\"\"b\" $\"{x[\"k\"]:0.0}\" \"\"\"a\"b\"\"\"",
	    "\"@\"a\\\"\"b\"|\"$\"{x[\"k\"]:0.0}\"|\"\"\"\"a\"b\"\"\"" },
	{ "rust", "'a 'b' r#\"\"x\"# /* /* */ */ b'\\''",
	    "n'a|\"'b'|\"r#\"\"x\"#|\"b'\\''" },
	{ "python", "rb'\\'' f\"{d[\"x\"]:>{w}}\" '''a'b''' #c",
	    "\"rb'\\''|\"f\"{d[\"x\"]:>{w}}\"|\"'''a'b'''" },
	{ "javascript", "a/b/c; x=/[/]/g; if(y)/z/; `${`}`}`",
	    "na|./|nb|./|nc|.;|nx|.=|\"/[/]/g|.;|kif|.(|ny|.)|\"/z/|.;|"
	    "\"`${`}`}`" },
	{ "javascript", "x = <a b='{'>don't {`}`}<i/></a>; 1 < 2",
	    "nx|.=|t<a b='{'>don't {`}`}<i/></a>|.;|01|.<|02" },
	{ "typescript", "x = <T,>(a: T) => a",
	    "nx|.=|.<|nT|.,|.>|.(|na|.:|nT|"
	    ".)|.=>|na" },
	{ "ruby", "x = <<~A, %w[a b]\n \"\n A\n:end, if: 1",
	    "nx|.=|\"<<~A|.,|\"%w[a b]|\" \"\n A|\":end|.,|nif|.:|01" },
	{ "perl", "s{a}{b}g; $x{y} // 1; =~ m#x#",
	    "\"s{a}{b}g|.;|n$x|.{|ny|.}|"
	    ".//|01|.;|.=~|\"m#x#" },
	{ "perl", "$h->{q}; q => 1; y/a/b/; __PACKAGE__",
	    "n$h|.->|.{|nq|.}|.;|nq|.=>|01|.;|\"y/a/b/|.;|n__PACKAGE__" },
	{ "php", "<p>'</p><?php $a = <<<X\n'\n  X; ?>'",
	    "t<p>'</p><?php|n$a|"
	    ".=|\"<<<X|\"'\n  X|"
	    ".;|.?>|t'" },
	{ "shell", "echo \"$(echo \")\")\" a#b ${x#y} # c\ncat <<'E'\n$(\nE\n",
	    "necho|\"\"$(echo \")\")\"|na#b|n${x#y}|ncat|\"<<'E'|\"$(\nE" },
	{ "sql", "$f$ ' $f$ 'it''s' -- x\n\"a\"",
	    "\"$f$ ' $f$|\"'it''s'|\"\"a\"" },
	{ "lua", "[==[ ]] ]==] --[[ x\n]] a", "\"[==[ ]] ]==]|na" },
	{ "haskell", "f' = 'x' -- y\n{- {- -} -} a --> b",
	    "nf'|.=|\"'x'|na|.-->|nb" },
	{ "fortran", "c a comment\n      x = 'it''s' ! y", "nx|.=|\"'it''s'" },
	{ "batchfile", "rem x\n:: y\necho a", "kecho|na" },
	{ "powershell", "@\"\n\"\n\"@ <# x #> $env:A Get-It `\n b",
	    "\"@\"\n\"\n\"@|n$env:A|nGet-It|nb" },
	{ "visual_basic", "Dim a = \"x\"\"y\" ' z\nREM w",
	    "kDim|na|.=|"
	    "\"\"x\"\"y\"" },
	{ "java", "\"\"\"\na\"b\"\"\" 'c'", "\"\"\"\"\na\"b\"\"\"|\"'c'" },
	{ "go", "`a\\` 'x' //c", "\"`a\\`|\"'x'" },
	{ "c", "\"open\nint", "\"\"open|kint" },
	{ "python",
	    "\xef\xbb\xbf"
	    "def",
	    "kdef" },
};

/* Return the functions of a text: "name first line last;" each. */
static const char *
found(const char *name, const char *text)
{
	static struct buf b;
	static struct lex_functions f;
	size_t i;

	b.n = 0;
	functions_find(language(name), span_of(text), &f);
	for (i = 0; i < f.n; i++)
		buf_fmt(&b, "%.*s %zu %zu %zu;", (int)f.v[i].name.n,
		    f.v[i].name.p, f.v[i].first, f.v[i].line, f.v[i].last);
	return buf_cstr(&b);
}

static const struct {
	const char *language, *text, *want;
} sources[] = {
	{ "c", "int f(int);\n/* d */\nstatic int\nf(a) int a; { if (a) {} }\n",
	    "f 2 3 4;" },
	{ "c", "int g(x)\n  int x;\n  char *y;\n{\n}\nint a[] = { 1 };\n",
	    "g 1 1 5;" },
	{ "c",
	    "int (*f(int a))(int)\n{\n#if A\nif (a) {\n#else\nif (b) {\n"
	    "#endif\n}\n}\nvoid g(void) { }\n",
	    "f 1 1 9;g 10 10 10;" },
	{ "c", "struct s *f(struct s *x) { }\nstruct t { int a; } v = { 1 };\n",
	    "f 1 1 1;" },
	{ "cplusplus",
	    "template <class T>\nT A<T>::f(T a) const && -> T { }\n"
	    "A::A() : a{1}, b(2) { }\nstruct B : C<void()> {\n ~B() {}\n"
	    " bool operator ==(B) const { }\n B(int) = delete;\n"
	    " operator bool() const noexcept { }\n virtual void p() = 0;\n"
	    " void operator()(int) { }\n};\nauto l = [](int a) { };\n",
	    "f 1 1 2;A 3 3 3;~B 5 5 5;operator == 6 6 6;operator bool 8 8 8;"
	    "operator() 10 10 10;l 12 12 12;" },
	{ "cplusplus",
	    "EXPORT(int) f(int a) try { } catch (...) { }\n"
	    "int g() NO(x) { }\nnamespace n { extern \"C\" {\n"
	    "int h() { auto x = []{}; }\n}}\n",
	    "f 1 1 1;g 2 2 2;h 4 4 4;" },
	{ "java",
	    "class A {\n  /** d */\n  @B(c = {1})\n  public <T> A() { }\n"
	    "  static { f(); }\n  abstract int g();\n"
	    "  Runnable r = new R() {\n    public void run() { }\n  };\n"
	    "  Runnable s = () -> { };\n  int[] a = { 1 };\n}\n"
	    "record P(int x) {\n  P { }\n}\nenum E { A { int f() { } }; }\n"
	    "interface I { default int d() { return 1; } }\n",
	    "A 2 3 4;run 8 8 8;s 10 10 10;P 14 14 14;f 16 16 16;d 17 17 17;" },
	{ "java",
	    "@interface A {\n  String[] f() default {};\n}\n"
	    "interface I { default int g() { return 1; } }\n",
	    "g 4 4 4;" },
	{ "csharp",
	    "class A {\n  [X]\n  int P { get { return 1; } }\n"
	    "  int Q => 1;\n  public int F() => 1;\n"
	    "  public static A operator +(A a, A b) { }\n  ~A() { }\n"
	    "  void G() { int L() { } }\n  delegate void D();\n}\n",
	    "F 5 5 5;operator + 6 6 6;~A 7 7 7;G 8 8 8;" },
	{ "javascript",
	    "// d\nexport default function f() { function g() { } }\n"
	    "exports.x = function y() {\n};\nX.prototype.z = async (a) => a;\n"
	    "const o = {\n  m() { },\n  'n': function () { },\n  p: x => x,\n"
	    "  q: 1\n};\n(function () { function no() { } })();\n"
	    "class A { static async *g() { }\n  h = () => { };\n  i() { }\n}\n"
	    "foo(function () { });\nvar a = wrap(function () { });\n",
	    "f 1 2 2;x 3 3 4;z 5 5 5;m 7 7 7;n 8 8 8;p 9 9 9;g 13 13 13;"
	    "h 14 14 14;i 15 15 15;" },
	{ "typescript",
	    "function f(a: string): void;\nfunction f(a: { b: number }): { c: "
	    "D } {\n}\nabstract class A<T> {\n  abstract g(): void;\n"
	    "  @dec()\n  private h<U>(x?: U): x is U { }\n"
	    "  i: (a: number) => void = (a) => { };\n}\n"
	    "type F = (a: number) => void;\ninterface I { m(): void }\n"
	    "export const k: F = (a): void => { };\n"
	    "declare const d: { e: () => void };\n",
	    "f 2 2 3;h 6 7 7;i 8 8 8;k 12 12 12;" },
	{ "typescript",
	    "const a = {} as const\nconst f = () => {\n}\n"
	    "type T = A<B<c>>\nfunction g() { }\n"
	    "let d = e['x']\nfunction h() { }\n"
	    "const k = (a) =>\n  new X<A, B>(\n    a)\n",
	    "f 2 2 3;g 5 5 5;h 7 7 7;k 8 8 10;" },
	{ "python",
	    "@overload\ndef f(a): ...\n# c\n@d(\n  1)\nasync def f(\n    a):\n"
	    "    def g():\n        pass\n\n    # end\nclass A:\n"
	    "  def m(self): return 1\n  if x:\n    def n(self):\n      "
	    "'''\nx'''\n"
	    "k = lambda: 1\n",
	    "f 3 6 11;m 13 13 13;n 15 15 17;k 18 18 18;" },
	{ "go",
	    "// d\nfunc (a *A[T]) F(x interface{ M() }) (int, struct{}) {\n"
	    "}\nfunc g()\nvar h = func() { }\nfunc k[T any](x T) T { return x"
	    " }\nfunc l() Interface { }\n",
	    "F 1 2 3;h 5 5 5;k 6 6 6;l 7 7 7;" },
	{ "rust",
	    "/// d\n#[a]\npub(crate) async fn f<'a, T: B<{ 1 }>>(x: T)\n"
	    "where T: C {\n}\ntrait T { fn g(); fn h() { } }\n"
	    "m! { fn no() { } }\nmacro_rules! n { () => { fn no() {} } }\n",
	    "f 1 3 5;h 6 6 6;" },
	{ "rust", "fn f() -> A<B, { C * 2 }> {\n}\nfn g<T>() where T: D, {}\n",
	    "f 1 1 2;g 3 3 3;" },
	{ "ruby",
	    "class A\n  # d\n  def self.f(x) = x + 1\n  def g?\n"
	    "    return 1 if x\n    y = if z then 1 end\n"
	    "    while a do b end\n  end\n  def []=(k, v); end\n"
	    "  def x=(v)\n  end\n  private def h; end\nend\n",
	    "f 2 3 3;g? 4 4 8;[]= 9 9 9;x= 10 10 11;h 12 12 12;" },
	{ "ruby", "def x= v\n  y\nend\ndef z() = 1\n", "x= 1 1 3;z 4 4 4;" },
	{ "ruby", "def f(x)\n  /`/.y\nend\ndef g\nend\n", "f 1 1 3;g 4 4 5;" },
	{ "php",
	    "<?php\nabstract class A {\n  #[B]\n  public function &f(): ?int"
	    " { }\n  abstract function g();\n}\n$h = function () use ($x) {"
	    " };\nfoo(function () { });\n",
	    "f 3 3 4;h 7 7 7;" },
	{ "perl",
	    "=pod\n\nsub no {}\n\n=cut\n\nsub f;\nsub g($$) { return s/}//; }"
	    "\nmy $h = sub { };\n",
	    "g 8 8 8;h 9 9 9;" },
	{ "perl", "sub f { if ($a == -s $b) { }\n}\nsub g { }\n",
	    "f 1 1 2;g 3 3 3;" },
	{ "shell",
	    "# d\nf() {\n  echo }\n}\nfunction g-h { (a); } >&2\n"
	    "k() ( b )\ncase x in a) l() { c; };; esac\n",
	    "f 1 2 4;g-h 5 5 5;k 6 6 6;l 7 7 7;" },
	{ "lua",
	    "function M.f() if a then end end\nlocal function g() end\n"
	    "M.h = function() for i = 1, 2 do end end\n"
	    "return { k = function() end, function() end }\n"
	    "t[\"a_\" .. v .. \"_b\"] = function() function no() end end\n"
	    "t['l'] = function() end\n",
	    "f 1 1 1;g 2 2 2;h 3 3 3;k 4 4 4;l 6 6 6;" },
	{ "fortran",
	    "module m\ninterface\n subroutine no()\n end subroutine\n"
	    "end interface\ncontains\n! d\npure integer function f(x)\n"
	    "if (x) then\nend if\ncontains\nsubroutine g()\nend\nend "
	    "function f\nSUBROUTINE H\nEND\nend module\n",
	    "f 7 8 14;H 15 15 16;" },
	{ "haskell",
	    "module M where\n-- d\nf :: Int -> Int\nf 0 = 1\nf x = y\n"
	    "  where y = x\na <+> b = a\nk = 1\ninstance C D where\n"
	    "  m x = x\n",
	    "f 2 4 6;<+> 7 7 7;m 10 10 10;" },
	{ "powershell",
	    "function Get-It {\n}\nclass A {\n  [int] F([int] $x) {\n"
	    "  }\n}\n",
	    "Get-It 1 1 2;F 4 4 5;" },
	{ "powershell",
	    "It 'a' {\n  function no {}\n}\nls | % -Process { filter no {} }\n"
	    "if ($a) {\n  function f {}\n} else { filter g {} }\n"
	    "try { function h {} } catch [A], [B] { function i { { } } }\n",
	    "f 6 6 6;g 7 7 7;h 8 8 8;i 8 8 8;" },
	{ "visual_basic",
	    "Class A\n  ' d\n  Public Sub F(x As Integer)\n    Dim g "
	    "= Function(y) y\n  End Sub\n  Property P As Integer\n"
	    "    Get\n    End Get\n  End Property\n  Declare Function "
	    "No Lib \"x\" ()\n  Function H() As Integer\n  End "
	    "Function\nEnd Class\n",
	    "F 2 3 5;H 11 11 12;" },
	{ "sql",
	    "CREATE FUNCTION s.f(a int) RETURNS int AS $$\nBEGIN; END\n$$\n"
	    "LANGUAGE plpgsql;\nSELECT 1;\ncreate procedure p()\nbegin\n"
	    "  if a then b; end if;\nend;\n",
	    "f 1 1 4;p 6 6 9;" },
};

/* Return a text without its comments. */
static const char *
stripped(const char *name, const char *text)
{
	static struct buf b;

	b.n = 0;
	strip_comments(language(name), span_of(text), &b);
	return buf_cstr(&b);
}

static const struct {
	const char *language, *text, *want;
} comments[] = {
	{ "c", "// a\nint x; // b\n  /* c */ int y;\nint/**/z = \"//\";\n",
	    "int x;\n   int y;\nint z = \"//\";\n" },
	{ "python",
	    "#!/usr/bin/python\n# coding: utf-8\n# a\n'''# b'''\nx # c\n",
	    "#!/usr/bin/python\n# coding: utf-8\n'''# b'''\nx\n" },
	{ "go", "//go:build x\n\n// a\npackage b /* c */\n",
	    "//go:build x\n\n"
	    "package b\n" },
	{ "javascript", "a /* b\n */ c\n/*\n * d\n */\ne", "a\nc\ne" },
	{ "sql", "a -- b\r\n-- c\r\nd", "a\r\nd" },
	{ "shell", "a # b", "a" },
};

static int
same_digest(const char *name, const char *a, const char *b)
{
	unsigned char x[ALIKE_BYTES], y[ALIKE_BYTES];

	alike_digest(name ? language(name) : NULL, span_of(a), x);
	alike_digest(name ? language(name) : NULL, span_of(b), y);
	return memcmp(x, y, sizeof x) == 0;
}

static void
digests(void)
{
	static const char a[] =
	    "int f(int a) { return g(a, 1) + h(\"x\"); } // y\n";

	ok(same_digest("c", a,
	       "/* z */\nint k(int b)\n{\n\treturn m(b, 27) + n(\"\");\n}\n"),
	    "texts that differ in names, literals and layout are alike");
	ok(!same_digest(
	       "c", a, "int f(int a) { return g(a, 1) - h(\"x\"); } // y\n"),
	    "texts that differ in an operator are not alike");
	ok(!same_digest("c", "int a;", "int b;") &&
		!same_digest("c", "f(1);", "f(2);"),
	    "short texts that differ in a name or a literal are not alike");
	ok(same_digest("python", "    def f(self):\n        return 1\n",
	       "# no f\ndef f( self ):\n  return 1"),
	    "short texts that differ in layout and comments are alike");
	ok(!same_digest("c", "// a", "// b"),
	    "texts without a token are alike only if they are equal");
	ok(same_digest("c", "int a;", "int a;"), "equal short texts are alike");
	ok(same_digest(NULL, a, "int q(int b) { return r(b, 2) + s(\"zz\"); }"),
	    "texts of no known language are compared too");
}

/* Texts that could make a search quadratic, each of a megabyte. */
static void
long_texts(void)
{
	static const char *const parts[] = { "{", "(", "}", "<", "`${", "\"#{",
		"<<A ", "$a$", "R\"x(", "[[", "/x", "f(a){", "a<b,", "#if\n{",
		"sub s{", "=> {", "x = <a ", "def f\n", "[a|", "@@", "/* ",
		"f(x) int x;\n", "class A{", "{a:", "(function(){" };
	static const char *const names[] = { "cplusplus", "typescript", "ruby",
		"perl", "rust", "csharp", "haskell", "sql", "shell", "python" };
	struct buf b = { 0 };
	struct lex_functions f = { 0 };
	size_t i, j;

	cpu_limit(120);
	for (i = 0; i < sizeof parts / sizeof *parts; i++) {
		for (b.n = 0; b.n < 30000;)
			buf_adds(&b, parts[i]);
		for (j = 0; j < sizeof names / sizeof *names; j++)
			functions_find(language(names[j]), buf_span(&b), &f);
	}
	cpu_limit(0);
	functions_free(&f);
	buf_free(&b);
	ok(1, "repeated beginnings take no more than their share of time");
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof streams / sizeof *streams; i++)
		is_str(tokens(streams[i].language, streams[i].text),
		    streams[i].want, "%s: tokens %zu", streams[i].language, i);
	for (i = 0; i < sizeof sources / sizeof *sources; i++)
		is_str(found(sources[i].language, sources[i].text),
		    sources[i].want, "%s: functions %zu", sources[i].language,
		    i);
	for (i = 0; i < sizeof comments / sizeof *comments; i++)

		is_str(stripped(comments[i].language, comments[i].text),
		    comments[i].want, "%s: comments %zu", comments[i].language,
		    i);
	ok(lex_find(S("html")) == NULL && lex_find(S("")) == NULL,
	    "a language that is not in the table is none");
	digests();
	long_texts();
	return done();
}
