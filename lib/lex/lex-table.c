/* lex-table: keywords, comments and strings of each language, as data */
#include "lex/lex-table.h"

static const char *const words_generic[] = { "and", "as", "break", "case",
	"catch", "class", "const", "continue", "def", "default", "do", "else",
	"end", "enum", "false", "finally", "fn", "for", "func", "function",
	"if", "import", "in", "let", "match", "module", "new", "nil", "not",
	"null", "or", "package", "private", "public", "return", "self",
	"static", "struct", "switch", "this", "throw", "true", "try", "type",
	"use", "using", "var", "void", "while", "with", "yield" };

static const char *const words_c[] = { "_Alignas", "_Alignof", "_Atomic",
	"_Bool", "_Complex", "_Generic", "_Imaginary", "_Noreturn",
	"_Static_assert", "_Thread_local", "auto", "break", "case", "char",
	"const", "continue", "default", "do", "double", "else", "enum",
	"extern", "float", "for", "goto", "if", "inline", "int", "long",
	"register", "restrict", "return", "short", "signed", "sizeof", "static",
	"struct", "switch", "typedef", "union", "unsigned", "void", "volatile",
	"while" };

static const char *const words_cplusplus[] = { "alignas", "alignof", "and",
	"asm", "auto", "bool", "break", "case", "catch", "char", "char16_t",
	"char32_t", "char8_t", "class", "co_await", "co_return", "co_yield",
	"concept", "const", "const_cast", "consteval", "constexpr", "constinit",
	"continue", "decltype", "default", "delete", "do", "double",
	"dynamic_cast", "else", "enum", "explicit", "export", "extern", "false",
	"final", "float", "for", "friend", "goto", "if", "inline", "int",
	"long", "mutable", "namespace", "new", "noexcept", "nullptr",
	"operator", "or", "override", "private", "protected", "public",
	"register", "reinterpret_cast", "requires", "return", "short", "signed",
	"sizeof", "static", "static_assert", "static_cast", "struct", "switch",
	"template", "this", "thread_local", "throw", "true", "try", "typedef",
	"typeid", "typename", "union", "unsigned", "using", "virtual", "void",
	"volatile", "wchar_t", "while" };

static const char *const words_java[] = { "abstract", "assert", "boolean",
	"break", "byte", "case", "catch", "char", "class", "const", "continue",
	"default", "do", "double", "else", "enum", "extends", "false", "final",
	"finally", "float", "for", "goto", "if", "implements", "import",
	"instanceof", "int", "interface", "long", "native", "new", "null",
	"package", "private", "protected", "public", "return", "short",
	"static", "strictfp", "super", "switch", "synchronized", "this",
	"throw", "throws", "transient", "true", "try", "void", "volatile",
	"while" };

static const char *const words_csharp[] = { "abstract", "as", "base", "bool",
	"break", "byte", "case", "catch", "char", "checked", "class", "const",
	"continue", "decimal", "default", "delegate", "do", "double", "else",
	"enum", "event", "explicit", "extern", "false", "finally", "fixed",
	"float", "for", "foreach", "goto", "if", "implicit", "in", "int",
	"interface", "internal", "is", "lock", "long", "namespace", "new",
	"null", "object", "operator", "out", "override", "params", "private",
	"protected", "public", "readonly", "ref", "return", "sbyte", "sealed",
	"short", "sizeof", "stackalloc", "static", "string", "struct", "switch",
	"this", "throw", "true", "try", "typeof", "uint", "ulong", "unchecked",
	"unsafe", "ushort", "using", "virtual", "void", "volatile", "while" };

static const char *const words_javascript[] = { "async", "await", "break",
	"case", "catch", "class", "const", "continue", "debugger", "default",
	"delete", "do", "else", "export", "extends", "false", "finally", "for",
	"function", "if", "import", "in", "instanceof", "let", "new", "null",
	"of", "return", "static", "super", "switch", "this", "throw", "true",
	"try", "typeof", "undefined", "var", "void", "while", "with", "yield" };

static const char *const words_php[] = { "abstract", "and", "array", "as",
	"break", "callable", "case", "catch", "class", "clone", "const",
	"continue", "declare", "default", "do", "echo", "else", "elseif",
	"empty", "enddeclare", "endfor", "endforeach", "endif", "endswitch",
	"endwhile", "exit", "extends", "false", "final", "finally", "fn", "for",
	"foreach", "function", "global", "goto", "if", "implements", "include",
	"include_once", "instanceof", "insteadof", "interface", "isset", "list",
	"match", "namespace", "new", "null", "or", "print", "private",
	"protected", "public", "readonly", "require", "require_once", "return",
	"static", "switch", "throw", "trait", "true", "try", "unset", "use",
	"var", "while", "xor", "yield" };

static const char *const words_ruby[] = { "BEGIN", "END", "alias", "and",
	"begin", "break", "case", "class", "def", "do", "else", "elsif", "end",
	"ensure", "false", "for", "if", "in", "module", "next", "nil", "not",
	"or", "redo", "rescue", "retry", "return", "self", "super", "then",
	"true", "undef", "unless", "until", "when", "while", "yield" };

static const char *const words_go[] = { "break", "case", "chan", "const",
	"continue", "default", "defer", "else", "fallthrough", "false", "for",
	"func", "go", "goto", "if", "import", "interface", "map", "nil",
	"package", "range", "return", "select", "struct", "switch", "true",
	"type", "var" };

static const char *const words_rust[] = { "Self", "as", "async", "await",
	"break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
	"false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod",
	"move", "mut", "pub", "ref", "return", "self", "static", "struct",
	"super", "trait", "true", "type", "union", "unsafe", "use", "where",
	"while" };

static const char *const words_python[] = { "False", "None", "True", "and",
	"as", "assert", "async", "await", "break", "class", "continue", "def",
	"del", "elif", "else", "except", "finally", "for", "from", "global",
	"if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass",
	"raise", "return", "try", "while", "with", "yield" };

static const char *const words_perl[] = { "and", "cmp", "do", "else", "elsif",
	"eq", "for", "foreach", "ge", "gt", "if", "last", "le", "local", "lt",
	"my", "ne", "next", "no", "not", "or", "our", "package", "redo",
	"require", "return", "sub", "unless", "until", "use", "while", "x",
	"xor" };

static const char *const words_shell[] = { "case", "do", "done", "elif", "else",
	"esac", "export", "fi", "for", "function", "if", "in", "local",
	"return", "select", "then", "until", "while" };

static const char *const words_sql[] = { "add", "all", "alter", "and", "any",
	"as", "asc", "begin", "between", "by", "case", "cast", "check",
	"column", "commit", "constraint", "create", "cross", "database",
	"declare", "default", "delete", "desc", "distinct", "drop", "else",
	"end", "except", "exec", "execute", "exists", "explain", "fetch", "for",
	"foreign", "from", "full", "function", "grant", "group", "having", "if",
	"in", "index", "inner", "insert", "intersect", "into", "is", "join",
	"key", "language", "left", "like", "limit", "loop", "not", "null",
	"offset", "on", "or", "order", "outer", "primary", "procedure",
	"references", "replace", "return", "returns", "revoke", "right",
	"rollback", "row", "rows", "select", "set", "table", "then", "to",
	"trigger", "truncate", "union", "unique", "update", "using", "values",
	"view", "when", "where", "while", "with" };

static const char *const words_batchfile[] = { "call", "cd", "choice", "cls",
	"cmd", "copy", "defined", "del", "dir", "do", "echo", "else",
	"endlocal", "equ", "errorlevel", "exist", "exit", "for", "geq", "goto",
	"gtr", "if", "in", "leq", "lss", "md", "mkdir", "move", "neq", "not",
	"pause", "popd", "pushd", "rd", "rem", "ren", "rmdir", "set",
	"setlocal", "shift", "start", "title", "type" };

static const char *const words_fortran[] = { "abstract", "allocatable",
	"allocate", "assign", "assignment", "associate", "backspace", "block",
	"call", "case", "character", "class", "close", "common", "complex",
	"contains", "continue", "critical", "cycle", "data", "deallocate",
	"default", "deferred", "dimension", "do", "double", "elemental", "else",
	"elseif", "elsewhere", "end", "endassociate", "endblock", "enddo",
	"endfunction", "endif", "endinterface", "endmodule", "endprogram",
	"endselect", "endsubroutine", "endtype", "endwhere", "entry", "enum",
	"enumerator", "equivalence", "exit", "extends", "external", "final",
	"forall", "format", "function", "generic", "go", "goto", "if",
	"implicit", "import", "impure", "in", "include", "inout", "inquire",
	"integer", "intent", "interface", "intrinsic", "kind", "len", "logical",
	"module", "namelist", "none", "nopass", "nullify", "only", "open",
	"operator", "optional", "out", "parameter", "pass", "pause", "pointer",
	"precision", "print", "private", "procedure", "program", "protected",
	"public", "pure", "read", "real", "recursive", "result", "return",
	"rewind", "save", "select", "sequence", "stop", "submodule",
	"subroutine", "target", "then", "to", "type", "use", "value",
	"volatile", "where", "while", "write" };

static const char *const words_haskell[] = { "case", "class", "data", "default",
	"deriving", "do", "else", "family", "forall", "foreign", "if", "import",
	"in", "infix", "infixl", "infixr", "instance", "let", "mdo", "module",
	"newtype", "of", "pattern", "proc", "rec", "then", "type", "where" };

static const char *const words_lua[] = { "and", "break", "do", "else", "elseif",
	"end", "false", "for", "function", "goto", "if", "in", "local", "nil",
	"not", "or", "repeat", "return", "then", "true", "until", "while" };

static const char *const words_powershell[] = { "begin", "break", "catch",
	"class", "continue", "data", "define", "do", "dynamicparam", "else",
	"elseif", "end", "enum", "exit", "filter", "finally", "for", "foreach",
	"function", "hidden", "if", "in", "param", "process", "return",
	"static", "switch", "throw", "trap", "try", "until", "using", "while",
	"workflow" };

static const char *const words_visual_basic[] = { "addhandler", "addressof",
	"alias", "and", "andalso", "as", "async", "await", "boolean", "byref",
	"byte", "byval", "call", "case", "catch", "cbool", "cbyte", "char",
	"class", "const", "continue", "date", "decimal", "declare", "default",
	"delegate", "dim", "directcast", "do", "double", "each", "else",
	"elseif", "end", "endif", "enum", "erase", "error", "event", "exit",
	"explicit", "false", "finally", "for", "friend", "function", "get",
	"gettype", "global", "gosub", "goto", "handles", "if", "implements",
	"imports", "in", "inherits", "integer", "interface", "is", "isnot",
	"iterator", "let", "lib", "like", "long", "loop", "me", "mod", "module",
	"mustinherit", "mustoverride", "my", "mybase", "myclass", "namespace",
	"narrowing", "new", "next", "not", "nothing", "notinheritable",
	"notoverridable", "object", "of", "on", "operator", "option",
	"optional", "or", "orelse", "overloads", "overridable", "overrides",
	"paramarray", "partial", "preserve", "private", "property", "protected",
	"public", "raiseevent", "readonly", "redim", "rem", "removehandler",
	"resume", "return", "sbyte", "select", "set", "shadows", "shared",
	"short", "single", "static", "step", "stop", "string", "structure",
	"sub", "synclock", "then", "throw", "to", "true", "try", "trycast",
	"type", "uinteger", "ulong", "ushort", "using", "variant", "wend",
	"when", "while", "widening", "with", "withevents", "writeonly", "xor" };

static const char *const words_typescript[] = { "abstract", "any", "as",
	"asserts", "async", "await", "boolean", "break", "case", "catch",
	"class", "const", "continue", "debugger", "declare", "default",
	"delete", "do", "else", "enum", "export", "extends", "false", "finally",
	"for", "function", "if", "implements", "import", "in", "infer",
	"instanceof", "interface", "is", "keyof", "let", "module", "namespace",
	"never", "new", "null", "number", "object", "of", "override", "private",
	"protected", "public", "readonly", "return", "satisfies", "static",
	"string", "super", "switch", "symbol", "this", "throw", "true", "try",
	"type", "typeof", "undefined", "unique", "unknown", "var", "void",
	"while", "with", "yield" };

static const struct lex_quote quotes_c[] = { { "\"", "\"", Q_ESCAPE },
	{ "'", "'", Q_ESCAPE }, { NULL, NULL, 0 } };

static const struct lex_quote quotes_generic[] = { { "\"", "\"", Q_ESCAPE },
	{ "'", "'", Q_ESCAPE }, { "`", "`", Q_ESCAPE | Q_LINES },
	{ NULL, NULL, 0 } };

static const struct lex_quote quotes_java[] = { { "\"\"\"", "\"\"\"",
						    Q_ESCAPE | Q_LINES },
	{ "\"", "\"", Q_ESCAPE }, { "'", "'", Q_ESCAPE }, { NULL, NULL, 0 } };

static const struct lex_quote quotes_javascript[] = { { "\"", "\"", Q_ESCAPE },
	{ "'", "'", Q_ESCAPE }, { "`", "`", Q_ESCAPE | Q_LINES | Q_DOLLAR },
	{ NULL, NULL, 0 } };

static const struct lex_quote quotes_php[] = { { "\"", "\"",
						   Q_ESCAPE | Q_LINES | Q_PHP },
	{ "'", "'", Q_ESCAPE | Q_LINES }, { "`", "`", Q_ESCAPE | Q_LINES },
	{ NULL, NULL, 0 } };

static const struct lex_quote quotes_ruby[] = {
	{ "\"", "\"", Q_ESCAPE | Q_LINES | Q_HASH },
	{ "'", "'", Q_ESCAPE | Q_LINES },
	{ "`", "`", Q_ESCAPE | Q_LINES | Q_HASH }, { NULL, NULL, 0 }
};

static const struct lex_quote quotes_go[] = { { "\"", "\"", Q_ESCAPE },
	{ "'", "'", Q_ESCAPE }, { "`", "`", Q_LINES }, { NULL, NULL, 0 } };

static const struct lex_quote quotes_rust[] = {
	{ "\"", "\"", Q_ESCAPE | Q_LINES }, { NULL, NULL, 0 }
};

static const struct lex_quote quotes_python[] = { { "\"\"\"", "\"\"\"",
						      Q_ESCAPE | Q_LINES },
	{ "'''", "'''", Q_ESCAPE | Q_LINES }, { "\"", "\"", Q_ESCAPE },
	{ "'", "'", Q_ESCAPE }, { NULL, NULL, 0 } };

static const struct lex_quote quotes_perl[] = {
	{ "\"", "\"", Q_ESCAPE | Q_LINES }, { "'", "'", Q_ESCAPE | Q_LINES },
	{ "`", "`", Q_ESCAPE | Q_LINES }, { NULL, NULL, 0 }
};

static const struct lex_quote quotes_shell[] = {
	{ "\"", "\"", Q_SHELL | Q_ESCAPE | Q_LINES }, { "'", "'", Q_LINES },
	{ "`", "`", Q_ESCAPE | Q_LINES }, { NULL, NULL, 0 }
};

static const struct lex_quote quotes_sql[] = { { "\"", "\"",
						   Q_DOUBLE | Q_LINES },
	{ "`", "`", Q_DOUBLE }, { NULL, NULL, 0 } };

static const struct lex_quote quotes_batchfile[] = { { "\"", "\"", 0 },
	{ NULL, NULL, 0 } };

static const struct lex_quote quotes_fortran[] = { { "\"", "\"", Q_DOUBLE },
	{ "'", "'", Q_DOUBLE }, { NULL, NULL, 0 } };

static const struct lex_quote quotes_haskell[] = {
	{ "\"", "\"", Q_ESCAPE | Q_LINES }, { NULL, NULL, 0 }
};

static const struct lex_quote quotes_powershell[] = {
	{ "\"", "\"", Q_TICK | Q_DOUBLE | Q_LINES | Q_POWER },
	{ "'", "'", Q_DOUBLE | Q_LINES }, { NULL, NULL, 0 }
};

static const struct lex_quote quotes_visual_basic[] = {
	{ "\"", "\"", Q_DOUBLE }, { NULL, NULL, 0 }
};

#define WORDS(w) w, sizeof w / sizeof *w

const struct lex_language lex_table[] = {
	{ "", { "//", "#" }, { { "/*", "*/" } }, quotes_generic,
	    WORDS(words_generic), "$@", "$", 0, "this|self|true|false|null|nil",
	    NULL },
	{ "java", { "//" }, { { "/*", "*/" } }, quotes_java, WORDS(words_java),
	    "$", "$", HAS_DOTTED, "this|super|true|false|null", NULL },
	{ "python", { "#" }, { { NULL, NULL } }, quotes_python,
	    WORDS(words_python), "", "", HAS_JOINED, "True|False|None",
	    special_python },
	{ "javascript", { "//" }, { { "/*", "*/" } }, quotes_javascript,
	    WORDS(words_javascript), "$#", "$",
	    HAS_REGEX | HAS_JSX | HAS_DOTTED,
	    "this|super|true|false|null|undefined|of|async|static|let",
	    special_js },
	{ "php", { NULL }, { { "/*", "*/" } }, quotes_php, WORDS(words_php),
	    "$", "$", HAS_TAGS | HAS_HEREDOCS, "true|false|null|static|self",
	    special_php },
	{ "ruby", { "#" }, { { NULL, NULL } }, quotes_ruby, WORDS(words_ruby),
	    "$@", "@$", HAS_HEREDOCS | HAS_DOTTED | HAS_JOINED,
	    "self|nil|true|false|end|super", special_ruby },
	{ "go", { "//" }, { { "/*", "*/" } }, quotes_go, WORDS(words_go), "",
	    "", HAS_DOTTED, "nil|true|false", NULL },
	{ "csharp", { "//" }, { { "/*", "*/" } }, quotes_c, WORDS(words_csharp),
	    "@", "", HAS_DIRECTIVES | HAS_DOTTED, "this|base|true|false|null",
	    special_csharp },
	{ "cplusplus", { "//" }, { { "/*", "*/" } }, quotes_c,
	    WORDS(words_cplusplus), "$", "$", HAS_DIRECTIVES | HAS_JOINED,
	    "this|true|false|nullptr", special_c },
	{ "c", { "//" }, { { "/*", "*/" } }, quotes_c, WORDS(words_c), "$", "$",
	    HAS_DIRECTIVES | HAS_JOINED, "", special_c },
	{ "rust", { "//" }, { { "/*", "*/" } }, quotes_rust, WORDS(words_rust),
	    "", "", HAS_NESTING, "self|Self|true|false", special_rust },
	{ "typescript", { "//" }, { { "/*", "*/" } }, quotes_javascript,
	    WORDS(words_typescript), "$#", "$",
	    HAS_REGEX | HAS_JSX | HAS_DOTTED,
	    "this|super|true|false|null|undefined|of|async|static|let|any|as|"
	    "type|string|number|object|module|is",
	    special_js },
	{ "perl", { "#" }, { { NULL, NULL } }, quotes_perl, WORDS(words_perl),
	    "", "", HAS_HEREDOCS, "", special_perl },
	{ "shell", { "#" }, { { NULL, NULL } }, quotes_shell,
	    WORDS(words_shell), "", "", HAS_HEREDOCS | HAS_WORDS | HAS_JOINED,
	    "", special_shell },
	{ "sql", { "--", "#" }, { { "/*", "*/" } }, quotes_sql,
	    WORDS(words_sql), "@#$", "@#$", HAS_ANY_CASE, "null|end",
	    special_sql },
	{ "batchfile", { NULL }, { { NULL, NULL } }, quotes_batchfile,
	    WORDS(words_batchfile), "$", "-.$", HAS_ANY_CASE, "",
	    special_batch },
	{ "fortran", { "!" }, { { NULL, NULL } }, quotes_fortran,
	    WORDS(words_fortran), "$", "$", HAS_DIRECTIVES | HAS_ANY_CASE, "",
	    special_fortran },
	{ "haskell", { NULL }, { { "{-", "-}" } }, quotes_haskell,
	    WORDS(words_haskell), "", "'#", HAS_NESTING, "", special_haskell },
	{ "lua", { "--" }, { { NULL, NULL } }, quotes_c, WORDS(words_lua), "",
	    "", 0, "nil|true|false|end", special_lua },
	{ "powershell", { "#" }, { { "<#", "#>" } }, quotes_powershell,
	    WORDS(words_powershell), "", "", HAS_ANY_CASE | HAS_WORDS, "",
	    special_powershell },
	{ "visual_basic", { "'" }, { { NULL, NULL } }, quotes_visual_basic,
	    WORDS(words_visual_basic), "", "$%&", HAS_ANY_CASE | HAS_DIRECTIVES,
	    "me|nothing|true|false", special_basic },
};
const size_t lex_languages = sizeof lex_table / sizeof *lex_table;
