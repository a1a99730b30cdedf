#include "common/text.h"

#include "common/own.h"

#include <stddef.h>
#include <string.h>

struct word {
	const char *word;
	enum tone tone;
	const char *en;
	const char *th;
};

static const struct word words[] = {
#define WORD(word, tone, en, th) { word, TONE_##tone, en, th },
#include "common/text.def"
#undef WORD
};

static const struct word *
find(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(words[i].word, word))
			return &words[i];
	return NULL;
}

enum lang
lang_parse(const char *s)
{
	if (s && !strcmp(s, "en"))
		return LANG_EN;
	return s && !strcmp(s, "th") ? LANG_TH : LANG_NONE;
}

const char *
lang_name(enum lang lang)
{
	return lang == LANG_TH ? "th" : "en";
}

const char *
text_word(const char *word, enum lang lang)
{
	const struct word *w = find(word);

	if (!w)
		return word;
	return lang == LANG_TH ? w->th : w->en;
}

enum tone
text_tone(const char *word)
{
	const struct word *w = find(word);

	return w ? w->tone : TONE_NONE;
}
