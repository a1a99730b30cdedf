#include "tests/browser/merchant.h"

#include "common/buf.h"
#include "common/json.h"
#include "tests/browser/browser.h"
#include "tests/harness/harness.h"
#include "tests/harness/proc.h"
#include "tests/integration/world.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 65536

static const char *
must_say(struct merchant *m, struct said *s, const char *what, const char *path)
{
	char text[4096];

	if (s->code)
		harness_die(m->w->daemon[0].log, "%s: %d %s%s", what, s->code, s->out, s->err);
	return harness_text(m->w->h, "%s", said_str(s, path, text, sizeof(text)));
}

void
merchant_begin(struct merchant *m)
{
	struct said s;

	TTCTL(m->w, &s, "store", "set", "42", "--name", "ร้านทดสอบ", "--plan", "basic");
	must_say(m, &s, "store set", "store_id");
	said_done(&s);
	TTCTL(m->w, &s, "connect", "--store", "42", "--alias", m->alias, "--region", "TH");
	m->shop = must_say(m, &s, "connect", "shop_id");
	m->link = must_say(m, &s, "connect", "connect_url");
	said_done(&s);
}

bool
merchant_sees(struct merchant *m, const char *state)
{
	return browser_wait(m->b, harness_text(m->w->h, "body[data-state='%s']", state),
	                    BROWSER_MS);
}

bool
merchant_hears(struct merchant *m, const char *outcome)
{
	return browser_wait(m->b, harness_text(m->w->h, "body[data-outcome='%s']", outcome),
	                    BROWSER_MS);
}

void
merchant_goes_to_tiktok(struct merchant *m)
{
	browser_click(m->b, "#authorize");
	if (!browser_wait(m->b, "select[name=seller]", BROWSER_MS))
		harness_die(m->w->daemon[0].log, "at %s and not at TikTok: %s\n%s",
		            browser_url(m->b), browser_text(m->b, "body"),
		            browser_complaints(m->b));
}

void
merchant_decides(struct merchant *m, bool yes)
{
	browser_click(m->b, harness_text(m->w->h, "option[value='%d']", m->seller));
	browser_click(m->b, yes ? "button[value=authorize]" : "button[value=deny]");
}

void
merchant_authorizes(struct merchant *m)
{
	browser_go(m->b, m->link);
	merchant_goes_to_tiktok(m);
	merchant_decides(m, true);
	if (!merchant_sees(m, "choosing"))
		harness_die(m->w->daemon[0].log, "no choice at %s: %s", browser_url(m->b),
		            browser_text(m->b, "body"));
}

void
merchant_connects(struct merchant *m)
{
	merchant_authorizes(m);
	browser_click(m->b, "input[name=shop]:enabled");
	browser_click(m->b, "#next");
	browser_click(m->b, "input[name=warehouse]:enabled");
	browser_click(m->b, "#next");
	browser_click(m->b, "#confirm");
	if (!merchant_sees(m, "connected"))
		harness_die(m->w->daemon[0].log, "not connected at %s: %s", browser_url(m->b),
		            browser_text(m->b, "body"));
}

/* A text as JavaScript writes it. */
static const char *
quoted(struct merchant *m, const char *text)
{
	struct buf b;
	const char *s;

	buf_init(&b, TEXT_MAX);
	json_quote(&b, text);
	s = harness_text(m->w->h, "%s", buf_text(&b));
	buf_done(&b);
	return s;
}

const char *
merchant_reads(struct merchant *m, const char *label)
{
	return browser_run(m->b, harness_text(m->w->h,
	                                      "var t=[...document.querySelectorAll('main dt')]"
	                                      ".find(e=>e.innerText.trim()===%s);"
	                                      "return t?t.nextElementSibling.innerText.trim():''",
	                                      quoted(m, label)));
}

const char *
merchant_shown(struct merchant *m, const char *path)
{
	struct said s;
	const char *text;

	TTCTL(m->w, &s, "show", m->shop);
	text = must_say(m, &s, "show", path);
	said_done(&s);
	return text;
}

const char *
merchant_tiktok_shop(struct merchant *m, int no)
{
	CLEANUP(json_freep) struct json *all = world_tiktok(m->w, "GET", "/sellers", NULL);
	const struct json *seller = json_at(json_get(all, "sellers"), (size_t)m->seller - 1);
	const struct json *shop = json_at(json_get(seller, "shops"), (size_t)no);

	return harness_text(m->w->h, "%s", json_str(shop, "id"));
}

int
merchant_finds(struct merchant *m, const char *text)
{
	const char *n = browser_run(
	    m->b, harness_text(m->w->h, "return document.body.innerText.split(%s).length-1",
	                       quoted(m, text)));

	return (int)strtol(n, NULL, 10);
}
