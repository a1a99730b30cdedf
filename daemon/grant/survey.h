/*
 * survey: once a day, read anew what each authorization covers: its shops (names, ciphers, those
 * that left) and their warehouses; one that came or went is an event. One authorization at a time.
 *
 * Owner: one worker, the one that refreshes. A list that cannot be read now is read again later;
 * that an authorization ended is for its refresh and its jobs to find. Source:
 * tiktok-shop-api.md 2.7, 5.1 and 5.2.
 */
#ifndef TTSYNC_SURVEY_H
#define TTSYNC_SURVEY_H

#include <stdbool.h>

#define SURVEY_LOOK_MS 15000 /* between two looks when nothing is due */

struct env;
struct survey;

struct survey *survey_new(struct env *env);
/* No more are begun; one that runs ends by itself, and must have before survey_free. */
void survey_stop(struct survey *s);
bool survey_busy(const struct survey *s);
void survey_free(struct survey *s);

#endif
