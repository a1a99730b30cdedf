/*
 * look: the stylesheet and the script that stand inside our pages, and the policy that lets a
 * browser apply these two and nothing else.
 *
 * Source: Content Security Policy Level 3, 2.3.1 (hash-source); WCAG 2.2: contrast 4.5 to 1,
 *         targets of 44 pixels, focus that is seen.
 */
#ifndef TTSYNC_LOOK_H
#define TTSYNC_LOOK_H

#include <stdbool.h>

#define LOOK_POLICY_MAX 640

/* Where the forms of a page may lead. */
enum look_forms {
	LOOK_FORMS_NONE = 0, /* it has none */
	LOOK_FORMS_OWN,
	LOOK_FORMS_AWAY /* to us, and by our redirect to TikTok's authorization page */
};

extern const char look_style[];
/* Reads the same page every 2 s and puts in what changed in its element "live". */
extern const char look_script[];

/*
 * The header line for a page. live: the script stands in it. away: the address of TikTok's
 * authorization page; only its origin is used.
 */
const char *look_policy(char dst[LOOK_POLICY_MAX], enum look_forms forms, const char *away,
                        bool live);

#endif
