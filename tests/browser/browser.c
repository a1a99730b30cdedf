#include "tests/browser/browser.h"

#include "common/buf.h"
#include "common/crypto.h"
#include "common/json.h"
#include "tests/browser/session.h"
#include "tests/harness/harness.h"
#include "tests/harness/wait.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_MAX (1u << 20)
#define STALE_MAX  20
#define ELEMENT    "element-6066-11e4-a52e-4f735466cecf" /* WebDriver, 11: its web element key */

/* --- pages ----------------------------------------------------------------------------------- */

void
browser_go(struct browser *b, const char *url)
{
	json_free(session_must(b, "POST", "/url", session_args("url", url)));
}

const char *
browser_url(struct browser *b)
{
	return session_told(b, "/url");
}

const char *
browser_title(struct browser *b)
{
	return session_told(b, "/title");
}

void
browser_resize(struct browser *b, int width)
{
	bool phone = width < 600;
	struct json *size = json_obj();

	b->opts.width = width;
	json_put_i64(size, "width", width);
	json_put_i64(size, "height", phone ? 844 : 900);
	json_put_i64(size, "deviceScaleFactor", phone ? 2 : 1);
	json_put_bool(size, "mobile", phone);
	json_free(session_devtools(b, "Emulation.setDeviceMetricsOverride", size));
}

void
browser_dark(struct browser *b, bool dark)
{
	struct json *params = json_obj(), *list = json_arr();
	struct json *scheme = session_args("name", "prefers-color-scheme");

	json_put_str(scheme, "value", dark ? "dark" : "light");
	json_add(list, scheme);
	json_put(params, "features", list);
	json_free(session_devtools(b, "Emulation.setEmulatedMedia", params));
}

void
browser_reload(struct browser *b)
{
	json_free(session_must(b, "POST", "/refresh", json_obj()));
}

void
browser_tab(struct browser *b, int no)
{
	assert(no < SESSION_TABS);
	if (!b->tabs[no]) {
		CLEANUP(json_freep)
		struct json *doc =
		    session_must(b, "POST", "/window/new", session_args("type", "tab"));

		b->tabs[no] = harness_text(b->h, "%s", json_str(json_get(doc, "value"), "handle"));
	}
	json_free(session_must(b, "POST", "/window", session_args("handle", b->tabs[no])));
	browser_resize(b, b->opts.width);
}

/* --- elements -------------------------------------------------------------------------------- */

static struct json *
find(struct browser *b, const char *css)
{
	struct json *args = session_args("using", "css selector");

	json_put_str(args, "value", css);
	return session_must(b, "POST", "/elements", args);
}

int
browser_count(struct browser *b, const char *css)
{
	CLEANUP(json_freep) struct json *doc = find(b, css);

	return (int)json_len(json_get(doc, "value"));
}

struct wish {
	struct browser *b;
	const char *css;
};

static bool
is_there(void *arg)
{
	const struct wish *w = arg;

	return browser_count(w->b, w->css) > 0;
}

bool
browser_wait(struct browser *b, const char *css, int ms)
{
	struct wish w = { b, css };

	return wait_for(is_there, &w, ms);
}

/* What is on the screen when a test cannot go on. */
static _Noreturn void
die(struct browser *b, const char *what, const char *css)
{
	char why[sizeof(b->error)];

	snprintf(why, sizeof(why), "%s", b->error);
	browser_shot(b, "failed");
	harness_die(NULL, "%s %s: %s\nat %s\n%s", what, css, *why ? why : "not there",
	            browser_url(b),
	            browser_run(b, "return document.body ? document.body.innerText : ''"));
}

/*
 * A command of the first element that matches ("/click"). A live page may replace the element
 * between the two: then it is looked for again. Takes args.
 */
static struct json *
of_element(struct browser *b, const char *css, const char *method, const char *path,
           struct json *args)
{
	for (int tries = 0; tries < STALE_MAX; tries++) {
		CLEANUP(json_freep) struct json *list = NULL;
		const char *id;
		struct json *doc;

		if (!browser_wait(b, css, BROWSER_MS))
			break;
		list = find(b, css);
		id = json_str(json_at(json_get(list, "value"), 0), ELEMENT);
		if (!id)
			continue;
		doc = session_ask(b, method, harness_text(b->h, "/element/%s%s", id, path),
		                  args ? json_copy(args) : NULL);
		if (doc) {
			json_free(args);
			return doc;
		}
		if (strcmp(b->error, "stale element reference") != 0 &&
		    strcmp(b->error, "no such element") != 0)
			break;
	}
	die(b, path, css);
}

void
browser_click(struct browser *b, const char *css)
{
	json_free(of_element(b, css, "POST", "/click", json_obj()));
}

void
browser_type(struct browser *b, const char *css, const char *text)
{
	json_free(of_element(b, css, "POST", "/value", session_args("text", text)));
}

static const char *
element_text(struct browser *b, const char *css, const char *path)
{
	CLEANUP(json_freep) struct json *doc = of_element(b, css, "GET", path, NULL);
	const char *s = json_str(doc, "value");

	return harness_text(b->h, "%s", s ? s : "");
}

const char *
browser_text(struct browser *b, const char *css)
{
	return element_text(b, css, "/text");
}

const char *
browser_attr(struct browser *b, const char *css, const char *name)
{
	return element_text(b, css, harness_text(b->h, "/attribute/%s", name));
}

bool
browser_enabled(struct browser *b, const char *css)
{
	CLEANUP(json_freep) struct json *doc = of_element(b, css, "GET", "/enabled", NULL);

	return json_flag(doc, "value");
}

/* --- keys ------------------------------------------------------------------------------------ */

/* Source: WebDriver, 17.4.2: the code points of keys. */
static const char *
key_code(const char *key)
{
	static const struct {
		const char *name;
		const char *code;
	} keys[] = {
		{ "Tab", "\xee\x80\x84" },     { "Enter", "\xee\x80\x87" },     { "Space", " " },
		{ "ArrowUp", "\xee\x80\x93" }, { "ArrowDown", "\xee\x80\x95" },
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (!strcmp(keys[i].name, key))
			return keys[i].code;
	harness_die(NULL, "no key %s", key);
}

void
browser_press(struct browser *b, const char *key)
{
	struct json *args = json_obj(), *inputs = json_arr(), *input = json_obj();
	struct json *steps = json_arr();

	for (int i = 0; i < 2; i++) {
		struct json *step = session_args("type", i ? "keyUp" : "keyDown");

		json_put_str(step, "value", key_code(key));
		json_add(steps, step);
	}
	json_put_str(input, "type", "key");
	json_put_str(input, "id", "keyboard");
	json_put(input, "actions", steps);
	json_add(inputs, input);
	json_put(args, "actions", inputs);
	json_free(session_must(b, "POST", "/actions", args));
}

/* --- scripts, console, cookies --------------------------------------------------------------- */

const char *
browser_run(struct browser *b, const char *script)
{
	CLEANUP(json_freep) struct json *doc = NULL;
	struct json *args = session_args("script", script), *value;
	const char *text;
	struct buf out;

	json_put(args, "args", json_arr());
	doc = session_must(b, "POST", "/execute/sync", args);
	value = json_get(doc, "value");
	if (json_text(value))
		return harness_text(b->h, "%s", json_text(value));
	buf_init(&out, ANSWER_MAX);
	json_write(doc, &out); /* {"value":...}: json_get has no words for numbers and null */
	text = harness_text(b->h, "%.*s", (int)out.len - 10, buf_text(&out) + 9);
	buf_done(&out);
	return text;
}

bool
browser_holds(struct browser *b, const char *expression)
{
	return !strcmp(browser_run(b, harness_text(b->h, "return !!(%s)", expression)), "true");
}

const char *
browser_complaints(struct browser *b)
{
	CLEANUP(json_freep)
	struct json *doc = session_must(b, "POST", "/se/log", session_args("type", "browser"));
	const struct json *list = json_get(doc, "value");
	const char *all = "";

	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *line = json_at(list, i);
		const char *text = json_str(line, "message"), *source = json_str(line, "source");

		/* a page with a status of 4xx is what the test asked for */
		if (text && source &&
		    (!strcmp(source, "security") || !strcmp(source, "javascript") ||
		     strstr(text, "Security Policy") || strstr(text, "Refused to")))
			all = harness_text(b->h, "%s%s\n", all, text);
	}
	return all;
}

const char *
browser_cookie(struct browser *b, const char *name)
{
	CLEANUP(json_freep)
	struct json *doc = session_ask(b, "GET", harness_text(b->h, "/cookie/%s", name), NULL);
	const char *s = json_str(json_get(doc, "value"), "value");

	return harness_text(b->h, "%s", s ? s : "");
}

void
browser_put_cookie(struct browser *b, const char *name, const char *value)
{
	struct json *cookie = session_args("name", name), *args = json_obj();

	json_put_str(cookie, "value", value);
	json_put_str(cookie, "path", "/");
	json_put(args, "cookie", cookie);
	json_free(session_must(b, "POST", "/cookie", args));
}

/* --- screenshots ----------------------------------------------------------------------------- */

/* screenshots/ beside the running program. */
static const char *
shots_dir(struct browser *b)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *dir;

	if (n <= 0)
		harness_die(NULL, "/proc/self/exe: %s", strerror(errno));
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	dir = harness_text(b->h, "%s/screenshots", self);
	if (mkdir(dir, 0755) && errno != EEXIST)
		harness_die(NULL, "mkdir %s: %s", dir, strerror(errno));
	return dir;
}

void
browser_shot(struct browser *b, const char *name)
{
	struct json *params = json_obj();
	CLEANUP(json_freep) struct json *doc = NULL;
	CLEANUP(own_free) char *png = NULL;
	const char *path, *text;
	size_t room;
	int len;
	FILE *f;

	json_put_bool(params, "captureBeyondViewport", true);
	doc = session_devtools(b, "Page.captureScreenshot", params);
	text = json_str(json_get(doc, "value"), "data");
	room = text ? strlen(text) : 0;
	png = harness_alloc(room + 1);
	len = crypto_unbase64(text ? text : "", room, png, room);
	path =
	    harness_text(b->h, "%s/%s-%s-%d.png", shots_dir(b), name, b->opts.lang, b->opts.width);
	f = fopen(path, "wb");
	if (len <= 0 || !f || fwrite(png, 1, (size_t)len, f) != (size_t)len || fclose(f))
		harness_die(NULL, "%s: %s", path, strerror(errno));
}
