/* dialogue: whether a text is what several persons say */
#include "dialogue.h"

#include <string.h>

#include "base/text.h"
#include "words.h"

enum {
	MARKS_MAX = 6, /* signs before a name */
	TURNS_MIN = 3, /* turns that show how they end */
	WORDS_MIN = 6, /* words of a turn that may lack its full stop */
};

/* Words that name a part of a text, and no speaker. */
static const char parts[] =
    "input|output|constraint|constraints|note|notes|example|examples|sample|"
    "given|find|returns|return|raises|throws|parameters|arguments|args|hint|"
    "limits|limit|task|goal|title|summary|answer|step|steps|description|"
    "expected|actual|result|error|warning|eingabe|ausgabe|einschränkungen|"
    "hinweis|beispiel|entrada|salida|restricciones|nota|ejemplo|saída|"
    "restrições|exemplo|observação|entrée|sortie|contraintes|remarque|exemple|"
    "input|uscita|vincoli|esempio|ввод|вывод|ограничения|примечание|пример|"
    "вход|выход|syöte|tuloste|rajoitteet|masukan|keluaran|batasan|catatan|"
    "ingizo|tokeo|vikwazo|입력|출력|제한|참고|예시";

/* Return whether a line begins with a speaker's name and a colon. */
static int
is_turn(struct span line)
{
	size_t i;

	for (i = 0; i < MARKS_MAX && line.n > 0 && *line.p != '\0' &&
		    strchr("*>@ ", *line.p) != NULL;
	     i++)
		line = span_skip(line, 1);
	for (i = 0; i < line.n && text_is_word_char(line.p[i]);)
		i++;
	return i > 0 && i + 1 < line.n &&
	       (line.p[i] == ':' || line.p[i] == '*') &&
	       !text_is_one_of((struct span){ line.p, i }, span_of(parts));
}

int
dialogue_is(struct span s)
{
	int n = 0;

	while (s.n > 0 && n < 2)
		n += is_turn(text_trim(text_take_line(&s)));
	return n >= 2;
}

/* Return whether a text has some words, the last of them in Latin letters. */
static int
is_said(struct span s)
{
	enum words_script script = SCRIPTS, next;
	struct span word;
	size_t n = 0;

	while (words_next(&s, &word, &next)) {
		script = next;
		n++;
	}
	return n > WORDS_MIN && script == SCRIPT_LATIN;
}

int
dialogue_lacks_stop(struct span s)
{
	struct span line = { NULL, 0 }, rest = s;
	size_t i;
	int turns = 0;

	while (rest.n > 0) {
		line = text_trim(text_take_line(&rest));
		if (line.n == 0)
			continue;
		for (i = 0; i < line.n && text_is_word_char(line.p[i]);)
			i++;
		if (i == 0 || i + 1 >= line.n || line.p[i] != ':' ||
		    (rest.n > 0 && strchr(".!?", line.p[line.n - 1]) == NULL))
			return 0;
		turns++;
	}
	return turns >= TURNS_MIN && is_said(line);
}
