/* words: what the words of a text tell of its language */
#include "words.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "tg-gate/words.inc"

enum {
	PLACES = 4096, /* places of the hash table, a power of two */
	WORD_MAX = 24, /* bytes of a stop word, at most */
};

static struct entry {
	char word[WORD_MAX];
	size_t n;
	uint32_t stop, open, late; /* languages, bit by bit */
} * table;
static char keys[WORDS_LANGUAGES][8];
static int nkeys;

/* The first code point of each range and its script; the last one ends all. */
static const struct {
	uint32_t from;
	enum words_script script;
} ranges[] = {
	{ 0x41, SCRIPT_LATIN },
	{ 0x5b, SCRIPTS },
	{ 0x61, SCRIPT_LATIN },
	{ 0x7b, SCRIPTS },
	{ 0xc0, SCRIPT_LATIN },
	{ 0xd7, SCRIPTS },
	{ 0xd8, SCRIPT_LATIN },
	{ 0x370, SCRIPT_OTHER },
	{ 0x400, SCRIPT_CYRILLIC },
	{ 0x530, SCRIPT_OTHER },
	{ 0x600, SCRIPTS },
	{ 0x610, SCRIPT_ARABIC },
	{ 0x660, SCRIPTS },
	{ 0x66e, SCRIPT_ARABIC },
	{ 0x6d4, SCRIPTS },
	{ 0x6d5, SCRIPT_ARABIC },
	{ 0x780, SCRIPT_OTHER },
	{ 0x900, SCRIPT_DEVANAGARI },
	{ 0x964, SCRIPTS },
	{ 0x970, SCRIPT_DEVANAGARI },
	{ 0x980, SCRIPT_BENGALI },
	{ 0xa00, SCRIPT_OTHER },
	{ 0xc00, SCRIPT_TELUGU },
	{ 0xc80, SCRIPT_OTHER },
	{ 0xe00, SCRIPT_THAI },
	{ 0xe80, SCRIPT_OTHER },
	{ 0x1100, SCRIPT_HANGUL },
	{ 0x1200, SCRIPT_OTHER },
	{ 0x1e00, SCRIPT_LATIN },
	{ 0x1f00, SCRIPT_OTHER },
	{ 0x2000, SCRIPTS },
	{ 0x2c00, SCRIPT_OTHER },
	{ 0x2e00, SCRIPTS },
	{ 0x3005, SCRIPT_HAN },
	{ 0x3008, SCRIPTS },
	{ 0x3041, SCRIPT_KANA },
	{ 0x3100, SCRIPT_OTHER },
	{ 0x3130, SCRIPT_HANGUL },
	{ 0x3190, SCRIPTS },
	{ 0x3400, SCRIPT_HAN },
	{ 0xa000, SCRIPT_OTHER },
	{ 0xac00, SCRIPT_HANGUL },
	{ 0xd7b0, SCRIPTS },
	{ 0xf900, SCRIPT_HAN },
	{ 0xfb00, SCRIPTS },
	{ 0xfb50, SCRIPT_ARABIC },
	{ 0xfe00, SCRIPTS },
	{ 0xfe70, SCRIPT_ARABIC },
	{ 0xff00, SCRIPTS },
	{ 0xff66, SCRIPT_KANA },
	{ 0xffa0, SCRIPTS },
	{ 0x20000, SCRIPT_HAN },
	{ 0x40000, SCRIPTS },
};

/* Letters that only simplified and only traditional Chinese have. */
static const char simplified[] = "们这个为时说对会数据码错语请过进还没"
				 "关闭输传递调转换处单双与类组样应该让"
				 "问题变量读写网络线连开动态删创编译设"
				 "备计算执环";
static const char traditional[] = "們這個為時說對會數據碼錯語請過進還沒"
				  "關閉輸傳遞調轉換處單雙與類組樣應該讓"
				  "問題變讀寫網絡線連開動態刪創編譯設備"
				  "計執環";

static enum words_script
script_of(uint32_t c)
{
	size_t lo = 0, hi = sizeof ranges / sizeof *ranges, mid;

	while (hi - lo > 1) {
		mid = (lo + hi) / 2;
		if (c < ranges[mid].from)
			hi = mid;
		else
			lo = mid;
	}
	return c < ranges[0].from ? SCRIPTS : ranges[lo].script;
}

/* Return the script of the character at p, SCRIPTS for none; *n: its bytes. */
static enum words_script
script_at(const char *p, const char *end, size_t *n)
{
	const unsigned char *u = (const unsigned char *)p;
	uint32_t c = *u;

	if (*u < 0x80) {
		*n = 1;
		return (unsigned char)((*u | 0x20) - 'a') < 26 ? SCRIPT_LATIN
							       : SCRIPTS;
	}
	*n = text_utf8(p, end);
	if (*n == 2)
		c = (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu);
	else if (*n == 3)
		c = (u[0] & 0xfu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);
	else if (*n == 4)
		c = 0x20000;
	else if (*n == 0)
		*n = 1, c = 0;
	return script_of(c);
}

int
words_next(struct span *rest, struct span *word, enum words_script *script)
{
	const char *p = rest->p, *end = span_end(*rest);
	enum words_script here;
	size_t n = 1;

	*script = SCRIPTS;
	while (p < end && (*script = script_at(p, end, &n)) == SCRIPTS)
		p += n;
	*word = (struct span){ p, 0 };
	for (here = *script; p < end && here != SCRIPTS;
	     here = p < end ? script_at(p, end, &n) : SCRIPTS) {
		if (here != *script)
			break;
		p += n;
		if (here == SCRIPT_HAN || here == SCRIPT_KANA)
			break;
	}
	word->n = (size_t)(p - word->p);
	*rest = (struct span){ p, (size_t)(end - p) };
	return word->n > 0;
}

/* Return the small letter of byte i of a word. */
static unsigned char
small_at(struct span word, size_t i)
{
	unsigned char c = (unsigned char)word.p[i], before;

	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
	before = i > 0 ? (unsigned char)word.p[i - 1] : 0;
	if ((before == 0xc3 && c <= 0x9e) ||
	    (before == 0xd0 && c >= 0x90 && c <= 0x9f))
		c |= 0x20;
	return c;
}

/* Return the place of a word, empty (n is 0) if the table has it not; *small:
 * the word in small letters. */
static struct entry *
find(struct span word, char small[WORD_MAX])
{
	size_t n = word.n > WORD_MAX ? 0 : word.n, i;
	uint64_t h = 0;
	unsigned char c;

	for (i = 0; i < n; i++) {
		c = small_at(word, i);
		small[i] = (char)c;
		h = h * 131 + c;
	}
	for (i = (h ^ h >> 13) % PLACES; table[i].n > 0; i = (i + 1) % PLACES)
		if (table[i].n == n && memcmp(table[i].word, small, n) == 0)
			break;
	return &table[i];
}

/* Return the place of a word that is looked up. */
static struct entry *
place_of(struct span word)
{
	char small[WORD_MAX];

	return find(word, small);
}

/* Add the words of a line of the table. */
static void
add_line(struct span line)
{
	const char *tab = memchr(line.p, '\t', line.n);
	struct span key = { line.p, tab != NULL ? (size_t)(tab - line.p) : 0 };
	const char *blank = memchr(key.p, ' ', key.n);
	struct span rest = span_skip(line, key.n + 1), word;
	enum words_script script;
	char small[WORD_MAX];
	struct entry *e;
	int k;

	if (blank != NULL)
		key.n = (size_t)(blank - key.p);
	else
		memcpy(keys[nkeys++], key.p, key.n);
	for (k = 0; !span_is(key, keys[k]);)
		k++;
	while (words_next(&rest, &word, &script)) {
		e = find(word, small);
		memcpy(e->word, small, word.n);
		e->n = word.n;
		if (blank == NULL)
			e->stop |= 1u << k;
		else if (blank[1] == 'o')
			e->open |= 1u << k;
		else
			e->late |= 1u << k;
	}
}

void
words_open(void)
{
	struct span rest = span_of(embedded_words), line;

	table = mem_array(NULL, PLACES, sizeof *table);
	memset(table, 0, PLACES * sizeof *table);
	while (rest.n > 0) {
		line = text_take_line(&rest);
		if (line.n > 0 && *line.p != '#')
			add_line(line);
	}
}

void
words_close(void)
{
	free(table);
	table = NULL;
	nkeys = 0;
	memset(keys, 0, sizeof keys);
}

int
words_language(const char *key)
{
	int k;

	for (k = 0; k < nkeys; k++)
		if (strcmp(keys[k], key) == 0)
			return k;
	return -1;
}

const char *
words_key(int language)
{
	return keys[language];
}

uint32_t
words_is_stop(struct span word)
{
	struct entry *e = place_of(word);

	return e->n > 0 ? e->stop : 0;
}

int
words_is_open(struct span word, const char *language)
{
	struct entry *e = place_of(word);
	int k = words_language(language);

	return e->n > 0 && k >= 0 && (e->open & 1u << k) != 0;
}

int
words_is_late(struct span word, const char *language)
{
	struct entry *e = place_of(word);
	int k = words_language(language);

	return e->n > 0 && k >= 0 && (e->late & 1u << k) != 0;
}

/* Return the bytes behind the backticks at the start of s and their pair. */
static size_t
quoted(struct span s)
{
	const char *end;
	size_t ticks = 0;

	while (ticks < s.n && s.p[ticks] == '`')
		ticks++;
	end = memmem(s.p + ticks, s.n - ticks, s.p, ticks);
	return end != NULL ? (size_t)(end - s.p) + ticks : ticks;
}

static void
count_piece(struct words *w, struct span piece)
{
	enum words_script script;
	struct span word;
	size_t letters, i;
	uint32_t stop;
	int k;

	while (words_next(&piece, &word, &script)) {
		w->n++;
		letters = 0;
		for (i = 0; i < word.n; i++)
			letters += (word.p[i] & 0xc0) != 0x80;
		w->letters += letters;
		w->script[script] += letters;
		if (script == SCRIPT_HAN) {
			w->simplified +=
			    memmem(simplified, sizeof simplified - 1, word.p,
				word.n) != NULL;
			w->traditional +=
			    memmem(traditional, sizeof traditional - 1, word.p,
				word.n) != NULL;
		}
		if (script == SCRIPT_HAN || script == SCRIPT_KANA)
			continue;
		stop = words_is_stop(word);
		if (stop != 0 && w->nstop < STOPS_SEEN)
			w->stop[w->nstop++] = stop;
		for (k = 0; stop != 0; k++, stop >>= 1)
			w->stops[k] += stop & 1;
	}
}

void
words_count(struct words *w, struct span s)
{
	const char *tick;
	struct span piece;

	*w = (struct words){ 0 };
	while (s.n > 0) {
		tick = memchr(s.p, '`', s.n);
		piece = s;
		if (tick != NULL)
			piece.n = (size_t)(tick - s.p);
		count_piece(w, piece);
		s = span_skip(s, piece.n);
		if (tick != NULL)
			s = span_skip(s, quoted(s));
	}
}
