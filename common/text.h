/*
 * text: words for people, in Thai and English, and the tone they are said in.
 *
 * Rows in text.def. A tone becomes a colour on a terminal; the word stands beside it always.
 */
#ifndef TTSYNC_TEXT_H
#define TTSYNC_TEXT_H

enum lang { LANG_NONE = 0, LANG_EN, LANG_TH };
enum tone { TONE_NONE = 0, TONE_GOOD, TONE_WAIT, TONE_WARN, TONE_BAD };

/* "th", "en"; LANG_NONE for anything else. s may be NULL. */
enum lang lang_parse(const char *s);
const char *lang_name(enum lang lang);

/* What people read for a word of an answer; the word itself where there is no row for it. */
const char *text_word(const char *word, enum lang lang);
enum tone text_tone(const char *word);

#endif
