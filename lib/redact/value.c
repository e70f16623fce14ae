/* value: tells whether a text that stands where a secret may stand is one */
#include "redact/value.h"

#include <string.h>

#include "base/text.h"

enum class { LOWER, UPPER, DIGIT, OTHER, CLASSES };

/*
 * How much less likely in a name of a program than by chance a character of a
 * class (columns) follows one of a class (rows), in half bits. Counted, as are
 * the letters below, over 900,000 words of the sources of 63 packages of PyPI.
 */
static const signed char class_bits[CLASSES][CLASSES] = {
	{ -3, 7, 11, 0 },
	{ 0, -1, 7, 1 },
	{ 2, 3, -2, -4 },
	{ -2, 4, 7, 1 },
};

/*
 * How much likelier in a name than by chance one letter follows another, from a
 * to z each, in half bits and hexadecimal; 9 is as likely.
 */
static const char letter_bits[26][27] = {
	"28ba0390903cab0a0cbe843571",
	"d365d335b91d43b419a4b01090",
	"b071d10c80ab30e30a7c900060",
	"d659f561d32764a60998942250",
	"94ab5760400c9c386ddb375950",
	"c043ba20f02b33d20b78a00070",
	"9363f388b02b69b51ca7820030",
	"e353e310c01573d4197ba12060",
	"86baa790002a9ed808cb070507",
	"b344f333734433d552d3a37343",
	"9567f654c118677525c6a38432",
	"b348ec20d01a21c403aaa40070",
	"d844f010b00996cc02a4820050",
	"b1bcc9b0906548a603ce770020",
	"779a2580657abe990d89b69220",
	"d348d037a02b11ca1c8a900090",
	"64554433322c34454673f26222",
	"c287f380c06687c408ba870080",
	"8093f418b065429a44be924070",
	"c274e31bd00452b60ba87150a1",
	"7a89c460800cbd3b0ccc100000",
	"e051f010e00261940141110300",
	"d355d328e1463ad43bb5229110",
	"93b4c424b117835e256f251681",
	"879895637119cb7f17cb455124",
	"d444f344923554c44453934477",
};

/* The words that make a text a placeholder; each is in lower case. */
static const char *const placeholder_words[] = { "example", "placeholder",
	"changeme", "change_me", "change-me", "change-this", "change_this",
	"changethis", "replaceme", "replace_me", "replace-me", "replace_with",
	"replace-with", "your", "your-", "your_", "yourapi", "yourtoken",
	"yourkey", "xxxx", "***", "...", "redacted", "dummy", "sample",
	"insert", "todo", "fixme", "deprecated", "-here", "_here", "foobar",
	"undefined", "unknown", "not-a-", "not_a_", "lorem", NULL };

/* The starts of texts that stand for a value which comes from elsewhere. */
static const char *const template_starts[] = { "${", "$(", "#{", "{{", "<",
	"%(", "%{", "{%", "@{", "&{", "[[", "$[", "__", "env(",
	"env:", "secrets.", "vault:", "os.environ", "process.env",
	"ssm:", "op://", NULL };

/*
 * The starts of hashes, and of certificates and public keys in base64, which
 * tell nobody a secret.
 */
static const char *const hash_starts[] = { "$1$", "$2a$", "$2b$", "$2y$", "$3$",
	"$5$", "$6$", "$7$", "$y$", "$argon2", "$apr1$", "$md5$", "$sha",
	"$p5k2$", "$pbkdf2", "$scrypt", "$bcrypt", "{SSHA", "{SHA", "{CRYPT",
	"{PBKDF2", "{MD5", "pbkdf2", "bcrypt", "argon2", "scrypt", "sha1$",
	"sha1:", "sha256$", "sha256:", "sha256-", "sha384-", "sha512-",
	"sha512:", "md5$", "md5:", "SCRAM-SHA", "LS0tLS1CRUdJTiBDRVJU",
	"LS0tLS1CRUdJTiBQVUJM", NULL };

static enum class class_of(char c) {
	if (c >= 'a' && c <= 'z') return LOWER;
	if (c >= 'A' && c <= 'Z') return UPPER;
	return c >= '0' && c <= '9' ? DIGIT : OTHER;
}

static char
lower(char c)
{
	return class_of(c) == UPPER ? (char)(c - 'A' + 'a') : c;
}

static int
is_letter(char c)
{
	return class_of(c) <= UPPER;
}

/* The characters of a text, counted. */
struct counted {
	size_t of[CLASSES]; /* characters of each class */
	size_t hex;         /* digits of hexadecimal */
	size_t odd;         /* characters of "!@#$%^&*?~+=" */
	size_t distinct;    /* characters that differ, of whatever case */
	size_t words;       /* runs of letters */
	size_t short_words; /* those of fewer than three letters */
	size_t switches;    /* places between a letter and a digit */
};

static struct counted
count(struct span v)
{
	struct counted n = { 0 };
	char seen[256] = { 0 };
	size_t i, run = 0;

	for (i = 0; i < v.n; i++) {
		char c = lower(v.p[i]);

		n.of[class_of(v.p[i])]++;
		n.hex += class_of(c) == DIGIT || (c >= 'a' && c <= 'f');
		n.odd += c != '\0' && strchr("!@#$%^&*?~+=", c) != NULL;
		n.distinct += !seen[(unsigned char)c];
		seen[(unsigned char)c] = 1;
		if (is_letter(c)) {
			run++;
			n.switches += i > 0 && class_of(v.p[i - 1]) == DIGIT;
			continue;
		}
		n.switches +=
		    class_of(c) == DIGIT && i > 0 && is_letter(v.p[i - 1]);
		n.words += run > 0;
		n.short_words += run > 0 && run < 3;
		run = 0;
	}
	n.words += run > 0;
	n.short_words += run > 0 && run < 3;
	return n;
}

/* Return by how many half bits a text is likelier drawn than a name. */
static int
surprise(struct span v)
{
	int bits = 0, c;
	size_t i;

	for (i = 1; i < v.n; i++) {
		char a = v.p[i - 1], b = v.p[i];

		bits += class_bits[class_of(a)][class_of(b)];
		if (!is_letter(a) || !is_letter(b))
			continue;
		c = letter_bits[lower(a) - 'a'][lower(b) - 'a'];
		bits -= (c <= '9' ? c - '0' : c - 'a' + 10) - 9;
	}
	return bits;
}

/* Return whether a text holds a word, which is in lower case, in any case. */
static int
holds(struct span v, const char *word)
{
	size_t n = strlen(word), i, k;

	for (i = 0; i + n <= v.n; i++) {
		for (k = 0; k < n && lower(v.p[i + k]) == word[k]; k++)
			;
		if (k == n)
			return 1;
	}
	return 0;
}

/* Return whether a text begins with one of a list of words. */
static int
begins(struct span v, const char *const *list)
{
	for (; *list != NULL; list++)
		if (v.n >= strlen(*list) &&
		    memcmp(v.p, *list, strlen(*list)) == 0)
			return 1;
	return 0;
}

/*
 * Return whether characters of a text follow each other as in the alphabet or
 * in counting, up or down, or are all the same, for too long to be drawn.
 */
static int
counts_up(struct span v)
{
	size_t i, up = 1, down = 1, same = 1, run, sum = 0;
	size_t most = v.n < 9 ? 5 : 6;

	for (i = 1; i < v.n; i++) {
		char a = lower(v.p[i - 1]), b = lower(v.p[i]);
		int wraps = a == '9' && (b == '0' || b == 'a');

		up = b == a + 1 || wraps ? up + 1 : 1;
		down = b == a - 1 ? down + 1 : 1;
		same = a == b ? same + 1 : 1;
		run = up > down ? up : down;
		if (run >= most || same >= 5)
			return 1;
		sum += b == a + 1 || b == a - 1 || a == b || wraps;
	}
	return v.n >= 6 && sum * 3 >= v.n * 2;
}

/* Return whether a text is one piece of at most half its length, repeated. */
static int
repeats(struct span v)
{
	size_t period;

	for (period = 1; v.n >= 8 && period <= v.n / 2 && period <= 64;
	     period++)
		if (memcmp(v.p, v.p + period, v.n - period) == 0)
			return 1;
	return 0;
}

/* Return whether a text is the name of a variable: "$NAME", "%NAME%". */
static int
is_variable(struct span v)
{
	size_t i;

	if (v.n < 2 || strchr("$%@:&!", v.p[0]) == NULL)
		return 0;
	for (i = 1; i < v.n && text_is_word_char(v.p[i]); i++)
		;
	return (i == v.n && surprise(v) < 5) ||
	       (i + 1 == v.n && v.p[i] == v.p[0]);
}

/* Return whether a text is "name=value", of an address or of options. */
static int
is_setting(struct span v)
{
	size_t i = v.p[0] == '&' || v.p[0] == '?', start = i;

	while (i < v.n && (text_is_word_char(v.p[i]) || v.p[i] == '-'))
		i++;
	return i > start && i + 1 < v.n && v.p[i] == '=' && v.p[i + 1] != '=' &&
	       surprise((struct span){ v.p, i }) < 0;
}

/* Return whether the text stands for a value, and is none. */
static int
is_placeholder(struct span v)
{
	static const char *const within[] = { "${", "$(", "#{", "{{", "}}",
		"<%", "%s", "%d", "{0}", "\\(", "\\x", "\\0", NULL };
	const char *const *w;

	if (begins(v, template_starts) || begins(v, hash_starts) ||
	    is_variable(v) || is_setting(v) ||
	    (v.p[0] == '{' && v.p[v.n - 1] == '}') ||
	    (v.p[0] == '[' && v.p[v.n - 1] == ']'))
		return 1;
	for (w = within; *w != NULL; w++)
		if (memmem(v.p, v.n, *w, strlen(*w)) != NULL)
			return 1;
	/* a long text that is drawn holds a short word now and then */
	for (w = placeholder_words; *w != NULL; w++)
		if (holds(v, *w) &&
		    (v.n < 24 || strlen(*w) > 4 || strchr("x.*", **w) != NULL))
			return 1;
	return counts_up(v) || repeats(v);
}

/* Return whether a text is a UUID. */
static int
is_uuid(struct span v)
{
	size_t i;

	for (i = 0; i < v.n && v.n == 36; i++)
		if ((i == 8 || i == 13 || i == 18 || i == 23)
			? v.p[i] != '-'
			: strchr("0123456789abcdefABCDEF", v.p[i]) == NULL)
			return 0;
	return v.n == 36;
}

static int
looks_drawn(struct span v, const struct counted *n)
{
	if (v.n < 16 || n->distinct < 7)
		return 0;
	if (n->hex == v.n)
		return n->of[DIGIT] > 0 && n->of[LOWER] + n->of[UPPER] > 0 &&
		       n->switches >= 3;
	if (is_uuid(v))
		return 1;
	if (n->of[DIGIT] == 0 && v.n < 20)
		return surprise(v) >= 32;
	return surprise(v) >= 10;
}

int
value_looks_drawn(struct span v)
{
	struct counted n = count(v);

	return looks_drawn(v, &n);
}

/* Return whether a text is a path, an address or the like, made of words. */
static int
is_path(struct span v, const struct counted *n)
{
	return memchr(v.p, '/', v.n) != NULL &&
	       (memmem(v.p, v.n, "://", 3) != NULL ||
		   surprise(v) < (n->words > 3 ? 8 : 0));
}

/* Return whether a text is "user@host.domain". */
static int
is_email(struct span v)
{
	const char *at = memchr(v.p, '@', v.n), *dot;

	if (at == NULL || at == v.p ||
	    (dot = memrchr(at, '.', (size_t)(span_end(v) - at))) == NULL)
		return 0;
	for (; dot + 1 < span_end(v); dot++)
		if (!is_letter(dot[1]))
			return 0;
	return 1;
}

/* Return whether a text is a name with brackets behind it, or in brackets. */
static int
is_code(struct span v)
{
	size_t i, words = 0;

	for (i = 0; i < v.n; i++) {
		words += text_is_word_char(v.p[i]) != 0;
		if (strchr("([{", v.p[i]) != NULL &&
		    strchr(")]}", v.p[v.n - 1]) != NULL)
			return 1;
	}
	return words < v.n / 2;
}

/* Return whether a text is the name of a field of a password. */
static int
names_field(struct span v)
{
	static const char *const fields[] = { "password", "passwd", "pwd",
		"passphrase", "secret", "token", "apikey", "api_key", "sha1",
		"sha2", "sha5", "md5", "base64", "utf8", "utf-8", "pbkdf2",
		"oauth", "bcrypt", "aes", "rsa", "hs256", "rs256", "es256",
		"string", "x509", "keystore", "type", "http", "input", "latin1",
		"urllib", "float", "datetime", "user", "version", "totp",
		"iso8859", "ascii", NULL };
	struct counted n = count(v);
	const char *const *w;

	if (n.odd > 0 || n.of[DIGIT] > 3 || n.switches > 2)
		return 0;
	for (w = fields; *w != NULL; w++)
		if (holds(v, *w) && (n.switches < 2 || surprise(v) < 0) &&
		    (n.of[DIGIT] <= 1 || memcmp(*w, "pass", 4) != 0))
			return 1;
	return 0;
}

/* Return whether digits or signs stand among the letters as in a password. */
static int
is_mixed(struct span v, const struct counted *n)
{
	size_t letters = n->of[LOWER] + n->of[UPPER];
	char last = v.p[v.n - 1];

	if (letters == 0)
		return n->of[DIGIT] > 0 && v.n >= 6 && n->of[OTHER] <= 1;
	if (n->of[DIGIT] > 0)
		return 1;
	/* a sign at one end alone is of a sentence or of a selector */
	return n->odd > 1 || (n->odd == 1 && strchr("!?:*=+", last) == NULL &&
				 strchr("#@&*?+%", v.p[0]) == NULL);
}

/* Return whether four words or more are joined as in a passphrase. */
static int
is_passphrase(struct span v, const struct counted *n)
{
	return n->words >= 4 && n->short_words == 0 &&
	       n->of[OTHER] == n->words - 1 && v.n >= 20 &&
	       memchr(v.p, '-', v.n) != NULL;
}

static int
is_password(struct span v, const struct counted *n)
{
	if (v.n < 5 || v.n > 128 || n->distinct < 4 || is_email(v) ||
	    is_code(v) || is_path(v, n) || names_field(v))
		return 0;
	return is_mixed(v, n) || is_passphrase(v, n) ||
	       (v.n >= 8 && surprise(v) >= 22);
}

/* Return whether a text without quotes is a password and no name. */
static int
is_bare(struct span v, const struct counted *n)
{
	return v.n >= 6 && is_password(v, n) &&
	       (n->of[DIGIT] >= 3 || n->odd > 0 || is_passphrase(v, n) ||
		   surprise(v) >= 10);
}

/* Return whether a text that is called a secret is one, though a short one. */
static int
is_short_secret(struct span v, const struct counted *n)
{
	if (v.n < 8 || !is_password(v, n) || n->of[DIGIT] == 0)
		return 0;
	return n->odd > 0 || n->switches >= 3 ||
	       (v.n >= 10 && surprise(v) >= 20);
}

/* Return the value of a digit of base64, or -1. */
static int
base64_value(char c)
{
	switch (class_of(c)) {
	case LOWER:
		return c - 'a' + 26;
	case UPPER:
		return c - 'A';
	case DIGIT:
		return c - '0' + 52;
	default:
		return c == '+' || c == '-'   ? 62
		       : c == '/' || c == '_' ? 63
					      : -1;
	}
}

/* Return whether a text is base64 of printable text with a colon within. */
static int
is_basic(struct span v)
{
	unsigned bits = 0;
	size_t i, n = 0, colon = 0;
	int digit;
	char c;

	for (i = 0; i < v.n && (digit = base64_value(v.p[i])) >= 0; i++) {
		bits = bits << 6 | (unsigned)digit;
		if (i % 4 == 0)
			continue;
		c = (char)(bits >> (6 - 2 * (i % 4)) & 0xff);
		if (c < ' ' || c == 127)
			return 0;
		if (c == ':' && colon == 0)
			colon = n;
		n++;
	}
	return n >= 5 && colon > 0 && colon + 1 < n;
}

int
value_is_secret(struct span v, enum value_check check)
{
	struct counted n;

	if (v.n < 4 || (check != VALUE_BASIC && is_placeholder(v)))
		return 0;
	n = count(v);
	switch (check) {
	case VALUE_SHAPE:
		return n.distinct >= (v.n < 12 ? 3 : 6) &&
		       (n.of[DIGIT] * 3 >= v.n ||
			   surprise(v) > (v.n < 16 ? -30 : -12));
	case VALUE_RANDOM:
		return looks_drawn(v, &n) && !is_path(v, &n);
	case VALUE_MIXED:
		return (looks_drawn(v, &n) && !is_path(v, &n)) ||
		       is_short_secret(v, &n);
	case VALUE_PASSWORD:
		return looks_drawn(v, &n) ? !is_path(v, &n)
					  : is_password(v, &n);
	case VALUE_BARE:
		return looks_drawn(v, &n) ? !is_path(v, &n) : is_bare(v, &n);
	case VALUE_BASIC:
		return is_basic(v);
	default:
		return 0;
	}
}
