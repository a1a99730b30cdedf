/*
 * sound: what holds for every page of ours, asked in the browser that shows it.
 *
 * The page's language is the one asked for, it has a title and one heading, nothing scrolls
 * sideways, every field has a label, every text stands out from what is behind it, in light and in
 * dark colours, nothing came from elsewhere, nothing was refused by the policy, nobody asks for a
 * password.
 *
 * Source: WCAG 2.2: 1.4.3 (contrast 4.5 to 1), 1.4.10 (reflow), 3.1.1 (language), 1.3.1, 3.3.2
 *         (labels), 2.5.8 (targets of 24 pixels).
 */
#ifndef TTSYNC_TESTS_SOUND_H
#define TTSYNC_TESTS_SOUND_H

struct browser;

/* What is wrong with the page, a line each; "" where it is sound. */
const char *sound_find(struct browser *b);
/* The same, and the page is kept as a picture (browser_shot). */
const char *sound_look(struct browser *b, const char *name);

/* For tests: the page is sound, and kept as a picture. */
#define LOOK(b, name) cr_assert_str_eq(sound_look((b), (name)), "", "%s", sound_find(b))

#endif
