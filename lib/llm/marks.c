/* marks: what chat templates put around an answer */
#include "llm/marks.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/clean.h"
#include "base/text.h"

enum {
	THROUGH_MAX = 64, /* bytes of an opening mark between its two parts */
	BLOCKS_MAX = 32,  /* blocks of reasoning that are taken off */
};

enum kind {
	REASONING, /* open begins a block that close ends */
	ANSWER,    /* open, once the reasoning is off, begins the answer */
	TURN,      /* open begins the model's turn */
	END,       /* close ends a turn */
};

enum flag {
	ALONE = 1, /* close counts without open, which may be in the prompt */
	PAIR = 2,  /* open counts only if close follows it: both are words */
	TAG = 4,   /* open counts only behind reasoning: others use the tag */
	WHOLE = 8, /* open counts only if the first close ends the text */
};

/*
 * The marks of the vendors' chat templates, in any case of letters. An opening
 * mark goes through the text named, if there is one. Sources: the templates of
 * the models on Hugging Face, the reasoning parsers of vLLM (vllm/reasoning),
 * llama.cpp (common/chat-parser) and OpenAI's description of Harmony.
 */
static const struct mark {
	enum kind kind;
	unsigned flags;
	const char *open, *through, *close;
} starts[] = {
	/* DeepSeek, Qwen, GLM, Kimi, Phi, Nemotron and many others */
	{ REASONING, ALONE, "<think>", NULL, "</think>" },
	{ REASONING, ALONE, "<thinking>", NULL, "</thinking>" },
	{ REASONING, ALONE, "<thought>", NULL, "</thought>" }, /* Gemini */
	{ REASONING, ALONE, "<thoughts>", NULL, "</thoughts>" },
	{ REASONING, ALONE, "<reasoning>", NULL, "</reasoning>" },
	{ REASONING, ALONE, "<reflection>", NULL, "</reflection>" },
	{ REASONING, ALONE, "<scratchpad>", NULL, "</scratchpad>" },
	{ REASONING, ALONE, "<antthinking>", NULL, "</antthinking>" },
	{ REASONING, ALONE, "<seed:think>", NULL, "</seed:think>" },
	{ REASONING, ALONE, "<mm:think>", NULL, "</mm:think>" }, /* MiniMax */
	{ REASONING, ALONE, "<longcat_think>", NULL, "</longcat_think>" },
	{ REASONING, ALONE, "[THINK]", NULL, "[/THINK]" },      /* Magistral */
	{ REASONING, ALONE, "[unused16]", NULL, "[unused17]" }, /* Pangu */
	{ REASONING, ALONE, "\xe2\x97\x81think\xe2\x96\xb7", NULL,
	    "\xe2\x97\x81/think\xe2\x96\xb7" }, /* Kimi-VL */
	/* Cohere, Apertus, Sky-T1 and OpenThinker, Gemma 4, Solar */
	{ REASONING, ALONE, "<|START_THINKING|>", NULL, "<|END_THINKING|>" },
	{ REASONING, ALONE, "<|inner_prefix|>", NULL, "<|inner_suffix|>" },
	{ REASONING, ALONE, "<|begin_of_thought|>", NULL,
	    "<|end_of_thought|>" },
	{ REASONING, ALONE, "<|channel>thought", NULL, "<channel|>" },
	{ REASONING, ALONE, "<|think|>", NULL, "<|content|>" },
	/* Harmony, and what is left of it without its special tokens */
	{ REASONING, ALONE | PAIR, "<|channel|>analysis", "<|message|>",
	    "<|start|>assistant<|channel|>final<|message|>" },
	{ REASONING, 0, "<|channel|>analysis", "<|message|>", "<|end|>" },
	{ REASONING, 0, "<|channel|>commentary", "<|message|>", "<|end|>" },
	{ REASONING, PAIR, "analysis", NULL, "assistantfinal" },
	/* Granite */
	{ REASONING, PAIR, "Here is my thought process:", NULL,
	    "Here is my response:" },
	{ REASONING, PAIR, "Here's my thought process:", NULL,
	    "Here's my response:" },

	{ ANSWER, 0, "<|channel|>final", "<|message|>", NULL },
	{ ANSWER, 0, "<|START_RESPONSE|>", NULL, "<|END_RESPONSE|>" },
	{ ANSWER, 0, "<|START_TEXT|>", NULL, "<|END_TEXT|>" },
	{ ANSWER, 0, "<|begin_of_solution|>", NULL, "<|end_of_solution|>" },
	{ ANSWER, 0, "<|begin_of_box|>", NULL, "<|end_of_box|>" },
	{ ANSWER, 0, "<|answer_prefix|>", NULL, "<|answer_suffix|>" },
	{ ANSWER, TAG, "<answer>", NULL, "</answer>" },     /* Hunyuan */
	{ ANSWER, TAG, "<response>", NULL, "</response>" }, /* Ernie */
	{ ANSWER, TAG, "<output>", NULL, "</output>" },
	{ ANSWER, TAG, "<final>", NULL, "</final>" },

	{ TURN, 0, "<|im_start|>assistant", NULL, NULL },
	{ TURN, 0, "<|im_assistant|>assistant", "<|im_middle|>", NULL },
	{ TURN, 0, "<|start_header_id|>assistant", "<|end_header_id|>", NULL },
	{ TURN, 0, "<|header_start|>assistant", "<|header_end|>", NULL },
	{ TURN, 0, "<|start_of_role|>assistant", "<|end_of_role|>", NULL },
	{ TURN, 0, "<start_of_turn>model", NULL, NULL },
	{ TURN, 0, "<|turn>model", NULL, NULL },
	{ TURN, 0, "<|start|>assistant", NULL, NULL },
	{ TURN, 0, "<|begin|>assistant", NULL, NULL },
	{ TURN, 0, "<seed:bos>assistant", NULL, NULL },
	{ TURN, 0, "<|assistant_start|>", NULL, NULL },
	{ TURN, 0, "<|assistant|>", NULL, NULL },
	{ TURN, 0,
	    "<\xef\xbd\x9c"
	    "Assistant\xef\xbd\x9c>",
	    NULL, NULL },
	{ TURN, 0, "[|assistant|]", NULL, NULL },
	{ TURN, 0, "<|START_OF_TURN_TOKEN|>", "<|CHATBOT_TOKEN|>", NULL },
	{ TURN, 0, "<|begin_of_text|>", NULL, NULL },
	{ TURN, 0,
	    "<\xef\xbd\x9c"
	    "begin\xe2\x96\x81of\xe2\x96\x81sentence"
	    "\xef\xbd\x9c>",
	    NULL, NULL },
	{ TURN, 0, "<bos>", NULL, NULL },
	{ TURN, WHOLE, "<s>", NULL, "</s>" },
	{ TURN, 0, "[/INST]", NULL, NULL },
};
enum { NSTARTS = sizeof starts / sizeof *starts };

/* The marks that end a turn, with those that would begin the next one. */
static const struct mark ends[] = {
	{ END, 0, "<|im_start|>", NULL, "<|im_end|>" },
	{ END, 0, "<|start_header_id|>", NULL, "<|eot_id|>" },
	{ END, 0, "<|start_header_id|>", NULL, "<|eom_id|>" },
	{ END, 0, "<|header_start|>", NULL, "<|eot|>" },
	{ END, 0, "<start_of_turn>", NULL, "<end_of_turn>" },
	{ END, 0, "<|turn>", NULL, "<turn|>" },
	{ END, 0, "<|start_of_role|>", NULL, "<|end_of_text|>" },
	{ END, 0, "<|start|>", NULL, "<|return|>" },
	{ END, 0, "<|start|>", NULL, "<|end|>" },
	{ END, 0, "<|user|>", NULL, "<|endoftext|>" },
	{ END, 0, "<|user_start|>", NULL, "<|assistant_end|>" },
	{ END, 0, "<\xef\xbd\x9cUser\xef\xbd\x9c>", NULL,
	    "<\xef\xbd\x9c"
	    "end\xe2\x96\x81of\xe2\x96\x81sentence"
	    "\xef\xbd\x9c>" },
	{ END, 0, "<|START_OF_TURN_TOKEN|>", NULL, "<|END_OF_TURN_TOKEN|>" },
	{ END, 0, "[|user|]", NULL, "[|endofturn|]" },
	{ END, 0, "<seed:bos>", NULL, "<seed:eos>" },
	{ END, 0, "<s>", NULL, "</s>" },
	{ END, 0, "<|user|>", NULL, "<|end_of_turn|>" },
	{ END, 0, "<|user|>", NULL, "<|EOT|>" },
	{ END, 0, "<bos>", NULL, "<eos>" },
	{ END, 0, "<bos>", NULL, "<pad>" },
	{ END, 0, NULL, NULL, "<end_of_utterance>" },
	{ END, 0, NULL, NULL, "<|END_RESPONSE|>" },
	{ END, 0, NULL, NULL, "<|END_TEXT|>" },
	{ END, 0, NULL, NULL, "<|end_of_solution|>" },
	{ END, 0, NULL, NULL, "<|answer_suffix|>" },
	{ END, 0, NULL, NULL, "<|im_start|>" },
	{ END, 0, NULL, NULL, "<|user|>" },
	{ END, 0, NULL, NULL, "<|observation|>" },
};
enum { NENDS = sizeof ends / sizeof *ends };

/* Return the length of word if s begins with it, whatever the case; else 0. */
static size_t
begins(struct span s, const char *word)
{
	size_t n;

	/* nearly all differ in the first three bytes, and none is shorter */
	if (word == NULL || s.n < 3 || (s.p[0] | ' ') != (word[0] | ' ') ||
	    (s.p[1] | ' ') != (word[1] | ' ') ||
	    (s.p[2] | ' ') != (word[2] | ' '))
		return 0;
	n = strlen(word);
	return s.n >= n && strncasecmp(s.p, word, n) == 0 ? n : 0;
}

static struct span
from(struct span s, const char *p)
{
	return (struct span){ p, (size_t)(span_end(s) - p) };
}

static struct span
skip_space(struct span s)
{
	while (s.n > 0 && isspace((unsigned char)s.p[0]))
		s = from(s, s.p + 1);
	return s;
}

/* Return the first place in s where word stands, in any case; or NULL. */
static const char *
find(struct span s, const char *word)
{
	int letter = isalpha((unsigned char)word[0]);
	const char *p;

	for (p = s.p; p < span_end(s); p++) {
		if (!letter)
			p = memchr(p, word[0], (size_t)(span_end(s) - p));
		if (p == NULL)
			return NULL;
		if ((*p | ' ') == (word[0] | ' ') &&
		    begins(from(s, p), word) > 0)
			return p;
	}
	return NULL;
}

/* A search for the bytes that begin a mark in the middle of a text. */
struct search {
	struct span s;
	const char *next[3]; /* next places of '<', '[' and \xe2, or the end */
};

/*
 * Return whether a mark that counts in the middle of a text, or one that it
 * goes with, may begin with the bytes at p.
 */
static int
may_begin(struct span s, const char *p)
{
	if (span_end(s) - p < 2 || p[1] == '\0')
		return 0;
	return strchr(*p == '<'   ? "|/abcelmoprstABCELMOPRST\xef"
		      : *p == '[' ? "|/tuTU"
				  : "\x97",
		   p[1]) != NULL;
}

/* Return the first place from p on where a mark may begin; or the end. */
static const char *
next_mark(struct search *f, const char *p)
{
	static const char firsts[3] = { '<', '[', '\xe2' };
	const char *end = span_end(f->s), *first;
	int i;

	for (;; p = first + 1) {
		first = end;
		for (i = 0; i < 3; i++) {
			if (f->next[i] == NULL || f->next[i] < p)
				f->next[i] =
				    memchr(p, firsts[i], (size_t)(end - p));
			if (f->next[i] == NULL)
				f->next[i] = end;
			if (f->next[i] < first)
				first = f->next[i];
		}
		if (first == end || may_begin(f->s, first))
			return first;
	}
}

static int
is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Return whether c ends a sentence, or a statement of code. */
static int
ends_sentence(char c)
{
	return c != '\0' && strchr(".!?;})*", c) != NULL;
}

/*
 * Return whether the closing mark of n bytes at p in s ends a block, and is no
 * word of a sentence or a string: it stands on a new line, or right behind
 * other text, or behind a sentence. opened: whether the block has a start.
 */
static int
ends_block(struct span s, const char *p, size_t n, int opened)
{
	struct span rest = from(s, p + n);
	const char *before = p;
	char prev, next = rest.n > 0 ? rest.p[0] : '\n';
	int in_sentence =
	    rest.n > 1 && is_blank(next) && islower((unsigned char)rest.p[1]);

	while (before > s.p && is_blank(before[-1]))
		before--;
	prev = before > s.p ? before[-1] : '\n';
	if (prev == '\n')
		return !in_sentence;
	if (before < p) /* blanks are between */
		return ends_sentence(prev) && !in_sentence;
	if (is_quote(prev))
		return opened && next != prev;
	if (is_quote(next) && p[n - 2] != '|') /* no special token */
		return opened || (rest.n > 2 && memcmp(rest.p, "```", 3) == 0);
	return strchr(",:;)]}", next) == NULL || next == '\0';
}

/*
 * Return the mark that ends the reasoning which s begins with: the first that
 * surely ends a block, outside of a code fence if there is one, or a mark that
 * is the only one. One in quotes does not count. NULL if there is none, or
 * nobody can tell which.
 */
static const char *
find_end(struct span s, const struct mark *m)
{
	const char *p, *fenced = NULL, *only = NULL;
	struct clean_walk walk = { .rest = s };
	size_t n = strlen(m->close), found = 0;
	struct span rest = s;

	for (; (p = find(rest, m->close)) != NULL; rest = from(s, p + n)) {
		if (p > s.p && is_quote(p[-1]) && p + n < span_end(s) &&
		    p[n] == p[-1])
			continue;
		found++;
		only = p;
		if (!ends_block(s, p, n, 1))
			continue;
		if (!clean_in_fence(&walk, p))
			return p;
		if (fenced == NULL)
			fenced = p;
	}
	return fenced != NULL ? fenced : found == 1 ? only : NULL;
}

/* Return the text behind the opening mark that s begins with; p NULL: none. */
static struct span
behind_opening(struct span s, const struct mark *m)
{
	size_t n = begins(s, m->open);
	const char *through;
	struct span head;

	if (n == 0)
		return (struct span){ NULL, 0 };
	s = from(s, s.p + n);
	head = s;
	head.n = s.n < THROUGH_MAX ? s.n : THROUGH_MAX;
	if (m->through != NULL && (through = memmem(head.p, head.n, m->through,
				       strlen(m->through))) != NULL)
		s = from(s, through + strlen(m->through));
	return s;
}

/* Return whether s begins with an opening mark, or a tag with attributes. */
static int
may_open(struct span s, const char *open)
{
	size_t n = strlen(open) - 1;

	return begins(s, open) > 0 ||
	       (s.n > n && is_blank(s.p[n]) && strncasecmp(s.p, open, n) == 0);
}

/*
 * Return the text behind the end of reasoning whose start stood in the prompt:
 * the first end that no start precedes and no code fence holds; p NULL: none.
 */
static struct span
behind_lone_end(struct span s)
{
	struct clean_walk walk = { .rest = s };
	unsigned char opened[NSTARTS] = { 0 };
	struct search f = { .s = s };
	const char *p;
	size_t i, n;

	for (p = s.p; (p = next_mark(&f, p)) < span_end(s); p++)
		for (i = 0; i < NSTARTS && starts[i].kind == REASONING; i++) {
			if ((starts[i].flags & ALONE) == 0 || opened[i])
				continue;
			opened[i] = may_open(from(s, p), starts[i].open) != 0;
			n = begins(from(s, p), starts[i].close);
			if (n > 0 && ends_block(s, p, n, 0) &&
			    !clean_in_fence(&walk, p))
				return from(s, p + n);
		}
	return (struct span){ NULL, 0 };
}

/* Return whether s ends with the first word that it holds. */
static int
ends_with_first(struct span s, const char *word)
{
	const char *p = find(s, word);

	return p != NULL && skip_space(from(s, p + strlen(word))).n == 0;
}

/* Marks that were taken off the start of a text. */
struct start {
	int blocks;   /* blocks of reasoning */
	int answer;   /* flag: a mark that begins the answer */
	int whole;    /* flag: a mark that begins the whole text */
	int unclosed; /* flag: a block of reasoning has no end */
};

/* Take one mark, or a block, off the start of *s: 1 if there was one. */
static int
strip_start(struct span *s, struct start *did)
{
	struct span t = skip_space(*s), rest;
	const struct mark *m;
	const char *end;

	for (m = starts; m < starts + NSTARTS; m++) {
		if (((m->flags & TAG) && did->blocks == 0) ||
		    (m->kind == ANSWER && did->answer) ||
		    ((m->flags & WHOLE) && did->whole++) ||
		    (rest = behind_opening(t, m)).p == NULL)
			continue;
		if ((m->flags & WHOLE) && !ends_with_first(rest, m->close))
			continue;
		if (m->kind == REASONING) {
			end = find_end(rest, m);
			if (end == NULL && (m->flags & PAIR))
				continue;
			did->blocks++;
			did->unclosed = end == NULL;
			rest = from(rest, end == NULL ? span_end(rest)
						      : end + strlen(m->close));
		} else if (m->kind == ANSWER && m->close != NULL &&
			   (end = find(rest, m->close)) != NULL) {
			rest.n = (size_t)(end - rest.p);
		}
		did->answer |= m->kind == ANSWER;
		*s = clean_first_line(rest);
		return !did->unclosed;
	}
	return 0;
}

/*
 * Return whether the mark at p, at the end of s or before another turn, is no
 * word of a sentence or a string.
 */
static int
ends_turn(struct span s, const char *p, int at_end)
{
	const char *q = p;

	while (q > s.p && is_blank(q[-1]))
		q--;
	if (q == s.p || q[-1] == '\n' || q[-1] == '\r')
		return 1;
	return q < p ? ends_sentence(q[-1]) : at_end || !is_quote(q[-1]);
}

/*
 * Cut s where the model's turn ends and another one follows, if no turn begins
 * before; note in opened[] which marks of beginning turns s has.
 */
static struct span
cut_next_turn(struct span s, unsigned char *opened)
{
	struct clean_walk walk = { .rest = s };
	struct search f = { .s = s };
	const char *p;
	size_t i, n;

	for (p = s.p; (p = next_mark(&f, p)) < span_end(s); p++)
		for (i = 0; i < NENDS; i++) {
			if (opened[i])
				continue;
			opened[i] = begins(from(s, p), ends[i].open) > 0;
			n = begins(from(s, p), ends[i].close);
			if (n > 0 && ends[i].open != NULL &&
			    begins(skip_space(from(s, p + n)), ends[i].open) >
				0 &&
			    ends_turn(s, p, 0) && !clean_in_fence(&walk, p))
				s.n = (size_t)(p - s.p);
		}
	return s;
}

/* Take a mark off the end of s, which no space ends: 1 if one was there. */
static int
strip_mark(struct span *s, const unsigned char *opened)
{
	size_t i, n;

	/* the last bytes of all of them */
	if (s->n == 0 || strchr(">]", s->p[s->n - 1]) == NULL)
		return 0;
	for (i = 0; i < NENDS; i++) {
		n = strlen(ends[i].close);
		if (opened[i] || s->n < n ||
		    begins(from(*s, span_end(*s) - n), ends[i].close) == 0 ||
		    !ends_turn(*s, span_end(*s) - n, 1))
			continue;
		s->n -= n;
		return 1;
	}
	return 0;
}

/* Take the marks off the end of s, and then the white space before them. */
static struct span
strip_end(struct span s)
{
	unsigned char opened[NENDS] = { 0 };
	struct span t;

	s = cut_next_turn(s, opened);
	for (t = text_trim_end(s); strip_mark(&t, opened); s = t)
		t = text_trim_end(t);
	return s;
}

struct span
marks_strip(struct span s, int *reasoned)
{
	struct start did = { 0 };
	struct span rest;

	while (did.blocks < BLOCKS_MAX) {
		if (strip_start(&s, &did))
			continue;
		rest = behind_lone_end(s);
		if (rest.p == NULL)
			break;
		did.blocks++;
		s = clean_first_line(rest);
	}
	/* so many blocks are no answer */
	if (did.blocks == BLOCKS_MAX)
		s = from(s, span_end(s));
	if (reasoned != NULL)
		*reasoned = did.blocks > 0;
	return strip_end(s);
}
