#include "ctl/ask.h"

#include "common/cells.h"
#include "common/json.h"
#include "common/own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *
must(void *p)
{
	if (!p)
		abort();
	return p;
}

void
words_init(struct words *w, char *const *from, int n)
{
	w->v = must(calloc((size_t)n + 1, sizeof(*w->v)));
	w->n = n;
	for (int i = 0; i < n; i++)
		w->v[i] = must(strdup(from[i]));
}

void
words_done(struct words *w)
{
	for (int i = 0; i < w->n; i++)
		free(w->v[i]);
	free(w->v);
	*w = (struct words){ 0 };
}

/* Put a word, which is ours from here on, at a place. */
static void
insert(struct words *w, int at, char *word)
{
	w->v = must(reallocarray(w->v, (size_t)w->n + 2, sizeof(*w->v)));
	memmove(w->v + at + 1, w->v + at, (size_t)(w->n - at) * sizeof(*w->v));
	w->v[at] = word;
	w->n++;
}

/* Where "--" stands, behind which nothing is a flag; else behind the last word. */
static int
end_of_flags(const struct words *w)
{
	int i = 0;

	while (i < w->n && strcmp(w->v[i], "--"))
		i++;
	return i;
}

void
words_put(struct words *w, const char *flag, const char *value)
{
	char *word;

	if (flag[0] == '-') {
		if (asprintf(&word, "%s=%s", flag, value) < 0)
			abort();
		insert(w, end_of_flags(w), word);
		return;
	}
	if (value[0] == '-' && end_of_flags(w) == w->n)
		insert(w, w->n, must(strdup("--")));
	insert(w, w->n, must(strdup(value)));
}

bool
ask_possible(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* "the store that the shop is connected to (--store): " */
static void
prompt(const struct json *one, const char *flag)
{
	const char *text = json_str(one, "prompt");
	CLEANUP(own_free) char *tame = cells_tame(text ? text : "", false);
	const struct json *words = json_get(one, "words");

	fprintf(stderr, "%s (%s", tame, flag);
	for (size_t i = 0; i < json_len(words); i++) {
		const char *word = json_text(json_at(words, i));

		fprintf(stderr, "%s%s", i ? "|" : " ", word ? word : "");
	}
	fputs("): ", stderr);
	fflush(stderr);
}

/* A line with something in it, to be freed; NULL where the input ended. */
static char *
read_line(const struct json *one, const char *flag)
{
	CLEANUP(own_free) char *line = NULL;
	size_t room = 0, len = 0;

	while (!len) {
		prompt(one, flag);
		if (getline(&line, &room, stdin) < 0) {
			fputc('\n', stderr);
			return NULL;
		}
		len = strcspn(line, "\r\n");
		line[len] = '\0';
	}
	return STEAL(line);
}

int
ask_words(const struct json *ask, struct words *w)
{
	for (size_t i = 0; i < json_len(ask); i++) {
		const char *flag = json_str(json_at(ask, i), "flag");
		CLEANUP(own_free) char *value = flag ? read_line(json_at(ask, i), flag) : NULL;

		if (!value)
			return -1;
		words_put(w, flag, value);
	}
	return 0;
}
