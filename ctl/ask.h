/*
 * ask: what a request lacked, asked for on the terminal.
 *
 * An error of the daemon may carry "ask": [{"flag":"--store","prompt":...,"words":[...]}]. What is
 * typed is put among the words of the command, which is then sent again: ttctl itself still knows
 * no command.
 */
#ifndef TTCTL_ASK_H
#define TTCTL_ASK_H

#include <stdbool.h>

struct json;

/* The words of a command; they and the list are its own. */
struct words {
	char **v;
	int n;
};

void words_init(struct words *w, char *const *from, int n);
void words_done(struct words *w);
/* Put a value among them, with its flag; a flag without dashes is a word's name and not typed. */
void words_put(struct words *w, const char *flag, const char *value);

/* Is somebody there to be asked? */
bool ask_possible(void);
/* Ask on stderr, read stdin, add to the words: 0, or -1 where the input ended. */
int ask_words(const struct json *ask, struct words *w);

#endif
