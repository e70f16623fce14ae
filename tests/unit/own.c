/* own: which names of a text are its own, in each language */
#include "tg-mine/own.h"

#include "tap.h"

/* Append a text in which each place has brackets and its number. */
static struct span
marked(struct buf *b, const char *language, struct span text)
{
	struct own own = { 0 };
	size_t i, at = 0;

	buf_clear(b);
	own_find(lex_find(span_of(language)), text, &own);
	for (i = 0; i < own.n; i++) {
		buf_add(b, text.p + at, own.v[i].start - at);
		buf_fmt(b, "<%zu", own.v[i].name);
		buf_addc(b, ' ');
		buf_add(
		    b, text.p + own.v[i].start, own.v[i].end - own.v[i].start);
		buf_addc(b, '>');
		at = own.v[i].end;
	}
	buf_addspan(b, span_skip(text, at));
	own_free(&own);
	return buf_span(b);
}

/* A text and its places: the text is this one without the brackets. */
static const struct {
	const char *language, *marked;
} cases[] = {
	{ "python",
	    "def <0 f>(<1 a>, *<2 b>, <3 c>: int = 1, **<4 d>) -> int:\n"
	    "    <5 x>, <6 y> = 1, g(k=<1 a>, x=2)\n"
	    "    for <7 i>, (<8 j>, <9 k>) in <1 a>: print(f\"{<5 x>!r} {<7 "
	    "i>:f} {{y}}\", \"x\")\n"
	    "    with open(p) as <10 h>: <10 h>.x = <0 f>(k=1, d={<5 x>: <6 "
	    "y>})\n"
	    "    return [<11 q> for <11 q> in z if (<12 w> := <11 q>)] + <12 "
	    "w>\n" },
	{ "python", "def <0 f>(<1 x>):\n"
		    "    global n\n"
		    "    from m import y\n"
		    "    n = y = self.x = <1 x>\n"
		    "    return self.<0 f>(<0 f>.f)\n" },
	{ "ruby", "def <0 ok?>(<1 a>, <2 b>: 1, &<3 blk>)\n"
		  "  <4 x> = <1 a>; @y = <4 x>; <1 a>.each { |<5 k>, <6 v>| "
		  "puts \"#{<5 k>} x #{<4 x>}\", x: 1 }; go! :x\n"
		  "end\n" },
	{ "javascript", "class A { <0 add>(<1 a>, {b, c}, ...<2 d>) { const <3 "
			"x> = <1 a>; let y = 1; const <4 f> = (<5 p>) => <5 p> "
			"+ <3 x>; h(<6 q> => <6 q>, {y, x: <2 d>}); return "
			"`${<3 x>} a ${this.add(<2 d>)}`; } }\n" },
	{ "javascript", "  async <0 add>(<1 a>) {\n"
			"    return <1 a>.add + <1 a>;\n"
			"  }\n" },
	{ "typescript",
	    "function <0 add>(<1 a>: string, <2 b>?: Foo): Map<K, T> { "
	    "const <3 x>: Foo = <2 b>; return { a: <3 x>, y: <1 a> }; }\n" },
	{ "go", "func (<0 r> *Rec) <1 Add>(<2 a>, <3 b> int, <4 f> func(int) "
		"error) (<5 n> int, <6 err> error) {\n"
		"\t<7 x>, <8 y> := <2 a>, <3 b>\n"
		"\tvar <9 z> int\n"
		"\tfor <10 i> := range <7 x> {\n"
		"\t\tT{a: <10 i>, b: <0 r>.a}\n"
		"\t}\n"
		"\tswitch <7 x> {\n"
		"\tcase <2 a>, <3 b>:\n"
		"\t}\n"
		"\treturn\n"
		"}\n" },
	{ "rust", "fn <0 add><'a>(<1 x>: &'a str, mut y: u32) -> u32 { let mut "
		  "<2 z> = y; let (<3 p>, <4 q>) = t; for <5 i> in 0..y { <2 "
		  "z> += <5 i>; } xs.map(|<6 v>| <6 v> + <2 z>); if let "
		  "Some(<7 w>) = o {} f!(\"{<1 x>} {}\", <2 z>); if <2 z> { <1 "
		  "x> } else { S { y, x: <3 p> } } }\n" },
	{ "c", "#define CAT(y) y\n"
	       "static int <0 add>(struct foo *<1 a>, const char **<2 b>, "
	       "size_t <3 n>) { int <4 i>, *<5 j> = <1 a>->n; char <6 "
	       "buf>[10], y; for (<4 i> = 0; <4 i> < <3 n>; <4 i>++) { foo_t "
	       "*<7 p> = <2 b>[<4 i>]; <5 j> = <1 a> * <4 i>; f(<1 a> * m, <4 "
	       "i>); } return <5 j>; }\n" },
	{ "cplusplus",
	    "int Foo::<0 add>(const std::vector<int>& <1 a>, T&& <2 b>) { auto "
	    "<3 x> = <1 a>.size(); std::string <4 s>(\"x\"); for (const auto& "
	    "<5 i> : <1 a>) { <3 x> += <5 i>.x; } return <3 x>; }\n" },
	{ "java", "public static List<Foo> <0 add>(final Map<String, Foo> <1 "
		  "a>, int... <2 b>) throws E { for (Map.Entry<K, V> <3 e> : "
		  "<1 a>.entrySet()) { int <4 x> = this.x + <3 e>.x; xs.map(<5 "
		  "q> -> q + <4 x>); } return <1 a>; }\n" },
	{ "csharp",
	    "public int <0 Add>(List<int> <1 a>, ref string[] <2 b>) { var <3 "
	    "x> = $\"{<1 a>} {<3 x>:b}\"; foreach (var <4 i> in <1 a>) { } "
	    "int? <5 y> = 1; return F(x: <5 y>, \"a\"); }\n" },
	{ "php",
	    "<?php function <0 add>($<1 a>, &$<2 b> = null) { $<3 x> = \"$<1 "
	    "a> {$<2 b>->c} \\$x\"; foreach ($<3 x> as $<4 k> => $<5 v>) { "
	    "global $g; $g = '$a'; } return $this->a + self::$x; }\n" },
	{ "perl",
	    "sub <0 add> { my ($self, %<1 opt>) = @_; my $<2 x> = $<1 opt>{a}; "
	    "foreach my $<3 k> (keys %$<2 x>) { print \"$<3 k> ${<2 x>} "
	    "@{$y}\\n\"; } <0 add>($#a); return $<2 x>->{x}; }\n" },
	{ "powershell",
	    "function <0 Get-It> { param([string]$<1 Path>, [int] $<2 n> = 3) "
	    "$<3 x> = $<1 Path>; foreach ($<4 i> in $<3 x>) { Write-Host \"$<4 "
	    "i> $($<3 X>.y) x\" } $env:PATH }\n" },
	{ "shell",
	    "<0 add>() {\n"
	    "  local <1 x>=$1 <2 y>\n"
	    "  <1 x>=\"$<1 x> a\"\n"
	    "  for <3 i> in $list; do echo ${<1 x>%.c} \"$<3 i>\" x; done\n"
	    "  HOME=1\n"
	    "  <2 y>=1 add\n"
	    "  git add '$y'\n"
	    "}\n" },
	{ "batchfile", "@echo off\n"
		       "set <0 foo>=1\n"
		       "set /a <1 x>=%<0 foo>%+1\n"
		       ":<2 label>\n"
		       "goto <2 label>\n"
		       "call :<2 label> %<1 x>% !<0 foo>! foo\n" },
	{ "sql", "CREATE FUNCTION <0 add_it>(<1 a> int, <2 b> int) RETURNS int "
		 "AS $$ DECLARE <3 x> int := 1; BEGIN SELECT t.a AS foo INTO "
		 "<3 X> FROM tab t; RETURN <3 x>; END $$;\n"
		 "CREATE TABLE <4 bar> (<5 id> int primary key);\n" },
	{ "fortran", "      subroutine <0 add>(<1 a>, <2 b>)\n"
		     "      integer, intent(in) :: <1 a>, <2 b>\n"
		     "      real <3 x>\n"
		     "      <3 x> = <1 A> + t%b\n"
		     "      end subroutine <0 add>\n" },
	{ "haskell", "<0 foo> :: Int -> [a] -> Int\n"
		     "<0 foo> <1 n> (<2 x>:<3 xs>) | <1 n> > 0 = let <4 y> = "
		     "<2 x> in <5 go> <4 y> <3 xs>\n"
		     "  where <5 go> <6 a'> _ = <6 a'> + <1 n>\n" },
	{ "lua",
	    "local function <0 add>(<1 a>, ...) local <2 x>, <3 y> = <1 a>, 1 "
	    "for <4 k>, <5 v> in pairs(<1 a>) do <2 x> = <2 x> .. <4 k>.x end "
	    "return function(<6 z>) return <6 z>:a(<3 y>) end end\n" },
	{ "visual_basic", "Public Function <0 Add>(ByVal <1 a> As Integer, <2 "
			  "b> As String) As Integer\n"
			  "Dim <3 x> As Integer = <1 A>\n"
			  "For Each <4 i> In <2 b> : Next\n"
			  "<0 Add> = <3 x> + <2 b>.x\n"
			  "End Function\n" },
};

/* Append a marked text without its marks. */
static struct span
unmarked(struct buf *b, const char *s)
{
	buf_clear(b);
	for (; *s != '\0'; s++) {
		if (*s == '<' && s[1] >= '0' && s[1] <= '9') {
			for (s = strchr(s, ' ') + 1; *s != '>'; s++)
				buf_addc(b, *s);
			continue;
		}
		buf_addc(b, *s);
	}
	return buf_span(b);
}

static void
test_languages(void)
{
	struct buf text = { 0 }, got = { 0 };
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++)
		is_span(marked(&got, cases[i].language,
			    unmarked(&text, cases[i].marked)),
		    span_of(cases[i].marked), "own names of %s",
		    cases[i].language);
	buf_free(&text);
	buf_free(&got);
}

static void
test_none(void)
{
	struct buf b = { 0 };

	is_int(marked(&b, "python", S("")).n, 0, "no text has no names");
	is_span(marked(&b, "python", S("print(x.y)\n")), S("print(x.y)\n"),
	    "names that are only used are not own");
	is_span(marked(&b, "none", S("def f(x): x\n")), S("def f(x): x\n"),
	    "a language that is not known has no own names");
	buf_free(&b);
}

int
main(void)
{
	test_languages();
	test_none();
	return done();
}
