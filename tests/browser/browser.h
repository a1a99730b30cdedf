/*
 * browser: Debian's Chromium without a screen, driven through chromedriver as a person would use
 * it: go, look, click, type, press keys.
 *
 * Each browser is a chromedriver and a Chromium of its own, with a profile in the harness's
 * directory: cookies of one are unknown to the other. It reaches 127.0.0.1 and nothing else, and
 * takes the sandbox's self-signed certificate.
 *
 * Units:  milliseconds; CSS pixels.
 * Errors: what a test cannot go on without (a browser that does not start, an element that is not
 *         there to be clicked) aborts with the page's address and text; waits answer true or false.
 * Owner:  the harness ends it. Texts live as long as the harness.
 * Source: https://www.w3.org/TR/webdriver1/ ; `goog:` and `/goog/cdp/` are chromedriver's own.
 */
#ifndef TTSYNC_TESTS_BROWSER_H
#define TTSYNC_TESTS_BROWSER_H

#include <stdbool.h>

#define BROWSER_MS      30000
#define BROWSER_PHONE   390
#define BROWSER_DESKTOP 1280

struct browser;
struct harness;
struct json;

struct browser_opts {
	const char *lang; /* what it asks servers for: "th", "en" */
	int width;        /* BROWSER_PHONE, which also is touched and scaled as one, or _DESKTOP */
	bool no_script;   /* pages run no JavaScript */
};

struct browser *browser_start(struct harness *h, const struct browser_opts *o);
/* End it before the harness does: memory is dear. */
void browser_stop(struct browser *b);
struct harness *browser_harness(const struct browser *b);
const char *browser_lang(const struct browser *b);
int browser_width(const struct browser *b);

void browser_go(struct browser *b, const char *url);
const char *browser_url(struct browser *b);
const char *browser_title(struct browser *b);
/* The same window at another width, as if it were that device. */
void browser_resize(struct browser *b, int width);

/* The colours a reader prefers. */
void browser_dark(struct browser *b, bool dark);
/* The page once more, as the browser's button does it. */
void browser_reload(struct browser *b);

/* How many elements match at this moment. */
int browser_count(struct browser *b, const char *css);
/* Until one is there, or ms have passed. */
bool browser_wait(struct browser *b, const char *css, int ms);
/* The first that matches, waited for BROWSER_MS; a click waits for the page it leads to. */
void browser_click(struct browser *b, const char *css);
void browser_type(struct browser *b, const char *css, const char *text);
const char *browser_text(struct browser *b, const char *css);
/* "" where it has none. */
const char *browser_attr(struct browser *b, const char *css, const char *name);
bool browser_enabled(struct browser *b, const char *css);
/* A key for what has the focus: "Tab", "Enter", "Space", "ArrowDown", "ArrowUp". */
void browser_press(struct browser *b, const char *key);

/* What a script's `return` gives, as text: a string itself, anything else as JSON. */
const char *browser_run(struct browser *b, const char *script);
/* Does an expression hold? */
bool browser_holds(struct browser *b, const char *expression);
/* Lines of the console that tell of a refused resource or a failed script, "" if none. */
const char *browser_complaints(struct browser *b);

/* Value of a cookie of the page's site, "" if none; put one. */
const char *browser_cookie(struct browser *b, const char *name);
void browser_put_cookie(struct browser *b, const char *name, const char *value);

/* Another tab, which the rest then speaks of; back and forth by number from 0. */
void browser_tab(struct browser *b, int no);

/*
 * The whole page as screenshots/NAME-LANG-WIDTH.png beside the running program, kept after the
 * test.
 */
void browser_shot(struct browser *b, const char *name);

#endif
