/*
 * session: commands to chromedriver, for browser.c.
 *
 * Errors: a command that fails answers NULL, and error has the name WebDriver gives it; one that
 *         must not fail aborts.
 * Owner:  args are taken; an answer, its "value" inside, is freed by the caller.
 * Source: https://www.w3.org/TR/webdriver1/
 */
#ifndef TTSYNC_TESTS_SESSION_H
#define TTSYNC_TESTS_SESSION_H

#include "tests/browser/browser.h"

#define SESSION_TABS 4

struct proc;

struct browser {
	struct harness *h;
	struct proc *driver; /* NULL: stopped */
	int port;
	char session[64];
	char error[64]; /* name of the last command's error, "" if none */
	struct browser_opts opts;
	const char *tabs[SESSION_TABS];
};

/* One command ("POST", "/url"). args may be NULL. */
struct json *session_ask(struct browser *b, const char *method, const char *path,
                         struct json *args);
struct json *session_must(struct browser *b, const char *method, const char *path,
                          struct json *args);
/* The string that a GET answers. */
const char *session_told(struct browser *b, const char *path);
/* A command of the DevTools protocol, which has what WebDriver has not. */
struct json *session_devtools(struct browser *b, const char *cmd, struct json *params);
/* An object with one string, or none where key is NULL. */
struct json *session_args(const char *key, const char *value);

#endif
