#include "daemon/web/look.h"

#include "common/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_TEXT 48

const char look_style[] =
    ":root{color-scheme:light dark;"
    "--ink:#1c1917;--dim:#57534e;--back:#f5f5f4;--card:#fff;--line:#d6d3d1;--edge:#78716c;"
    "--act:#0f766e;--on-act:#fff;--good:#166534;--warn:#854d0e;--bad:#b91c1c;"
    "font:1rem/1.65 system-ui,\"Noto Sans Thai\",\"Noto Sans Thai UI\",Sarabun,sans-serif}"
    "@media(prefers-color-scheme:dark){:root{"
    "--ink:#f5f5f4;--dim:#c4bfba;--back:#0c0a09;--card:#1c1917;--line:#44403c;--edge:#a8a29e;"
    "--act:#2dd4bf;--on-act:#042f2e;--good:#4ade80;--warn:#facc15;--bad:#fca5a5}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--back);color:var(--ink)}"
    "header,main,footer,.other{max-width:40rem;margin:0 auto;padding:0 1rem}"
    "header{display:flex;justify-content:space-between;align-items:center;min-height:3.5rem;"
    "color:var(--dim)}"
    "main{background:var(--card);border:1px solid var(--line);padding:1.5rem 1.25rem;"
    "overflow-wrap:anywhere}"
    "@media(min-width:42rem){main{border-radius:.75rem;padding:2rem}}"
    "main>:last-child,.note>:last-child{margin-bottom:0}"
    "h1{font-size:1.5rem;line-height:1.4;margin:0 0 1rem}"
    "h2{font-size:1.125rem;line-height:1.5;margin:2rem 0 .5rem}"
    "p{margin:0 0 1rem}"
    "a{color:var(--act)}"
    "small,.dim{color:var(--dim);font-size:.9rem}"
    "dl{display:grid;grid-template-columns:11rem 1fr;gap:.4rem 1rem;"
    "margin:0 0 1rem}"
    "dt{color:var(--dim)}"
    "dd{margin:0}"
    "@media(max-width:29.99rem){dl{grid-template-columns:8rem 1fr}}"
    ".note{border:1px solid var(--line);border-left:.375rem solid var(--tone,var(--edge));"
    "border-radius:.375rem;padding:.75rem 1rem;margin:0 0 1rem}"
    ".note p{margin:0 0 .25rem}"
    ".word{font-weight:600;color:var(--tone,inherit)}"
    "#state{font-size:1.25rem}"
    "#state bdi{display:inline-block}#state bdi::first-letter{text-transform:uppercase}"
    "#state::before{content:\"\\2022\" / \"\";margin-right:.5rem}"
    "#state.good::before{content:\"\\2713\" / \"\"}"
    "#state.warn::before{content:\"!\" / \"\"}"
    "#state.bad::before{content:\"\\2715\" / \"\"}"
    ".good{--tone:var(--good)}.wait{--tone:var(--act)}.warn{--tone:var(--warn)}"
    ".bad{--tone:var(--bad)}"
    "form{margin:0 0 1rem}"
    "fieldset{border:0;margin:0 0 1rem;padding:0;min-width:0}"
    "legend{font-weight:600;padding:0;margin:0 0 .5rem}"
    ".pick{display:flex;gap:.75rem;align-items:flex-start;min-height:2.75rem;"
    "padding:.75rem 1rem;margin:0 0 .5rem;border:1px solid var(--edge);border-radius:.5rem;"
    "cursor:pointer}"
    ".pick input{width:1.25rem;height:1.25rem;margin:.2rem 0 0;flex:none;accent-color:var(--act)}"
    ".pick small,.pick span>bdi{display:block}"
    ".pick:has(:checked){border-color:var(--act);box-shadow:inset 0 0 0 1px var(--act)}"
    ".pick.off{border-style:dashed;background:var(--back);color:var(--dim);cursor:not-allowed}"
    ".act,button{display:inline-block;min-height:2.75rem;min-width:2.75rem;padding:.55rem 1.25rem;"
    "border:1px solid var(--act);border-radius:.5rem;background:var(--act);color:var(--on-act);"
    "font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}"
    "button.less{background:transparent;color:var(--act)}"
    "@media(max-width:29.99rem){.act,button{width:100%}}"
    ".way{display:inline-block;min-height:2.75rem;min-width:2.75rem;line-height:2.75rem}"
    "summary{min-height:2.75rem;line-height:2.75rem;cursor:pointer;color:var(--act)}"
    ":focus-visible{outline:3px solid var(--act);outline-offset:2px}"
    ".pick:has(:focus-visible){outline:3px solid var(--act);outline-offset:2px}"
    "progress{display:block;width:100%;height:.75rem;margin:.25rem 0;accent-color:var(--act)}"
    "ol{list-style:none;margin:0 0 1rem;padding:0}"
    "ol li{border-top:1px solid var(--line);padding:.5rem 0}"
    "ol li>*{display:block}"
    "footer{color:var(--dim);font-size:.9rem;padding-top:.75rem;padding-bottom:2rem}"
    ".other>:last-child{margin-bottom:0}";

const char look_script[] =
    "(function(){'use strict';"
    "var live=document.getElementById('live'),state=document.body.dataset.state,wait=2000;"
    "function later(){setTimeout(look,wait)}"
    "function put(next){"
    "var a=Array.from(live.children),b=Array.from(next.children);"
    "if(a.length!==b.length){live.replaceChildren.apply(live,b);return}"
    "a.forEach(function(e,i){if(!e.isEqualNode(b[i]))e.replaceWith(b[i])})}"
    "function look(){"
    "if(document.hidden){later();return}"
    "fetch(location.href,{cache:'no-store'}).then(function(r){"
    "if(r.status>=500)throw r.status;"
    "return r.text()}).then(function(text){"
    "var doc=new DOMParser().parseFromString(text,'text/html'),next=doc.getElementById('live');"
    "if(!next||doc.body.dataset.state!==state){location.reload();return}"
    "put(next);wait=2000;later()})"
    ".catch(function(){wait=Math.min(2*wait,30000);later()})}"
    "if(live&&window.fetch)later()})();";

/* The hash of a text as a policy names it. */
static void
hash_text(const char *s, char dst[HASH_TEXT])
{
	unsigned char hash[CRYPTO_HASH_BYTES];

	crypto_sha256(s, strlen(s), hash);
	if (crypto_base64url(hash, sizeof(hash), dst, HASH_TEXT))
		abort();
	for (; *dst; dst++) /* the plain alphabet, which all browsers compare by */
		*dst = *dst == '-' ? '+' : *dst == '_' ? '/' : *dst;
}

/* Scheme, host and port of an address, as a policy names them. */
static int
origin_len(const char *url)
{
	const char *host = strstr(url, "://");

	return host ? (int)(host - url) + 3 + (int)strcspn(host + 3, "/?#") : 0;
}

/*
 * Chromium holds form-action against every redirect that follows a form. Ours leads to TikTok's
 * page, and where that page leads a seller to log in is not ours to know: any https host.
 */
static void
forms_text(char *dst, size_t room, enum look_forms forms, const char *away)
{
	int plain = strncmp(away, "https:", 6) != 0 ? origin_len(away) : 0;

	if (forms == LOOK_FORMS_AWAY)
		snprintf(dst, room, "'self' https:%s%.*s", plain ? " " : "", plain, away);
	else
		snprintf(dst, room, "%s", forms == LOOK_FORMS_OWN ? "'self'" : "'none'");
}

const char *
look_policy(char dst[LOOK_POLICY_MAX], enum look_forms forms, const char *away, bool live)
{
	char style[HASH_TEXT], script[HASH_TEXT], scripts[HASH_TEXT + 64] = "", targets[224];

	hash_text(look_style, style);
	hash_text(look_script, script);
	if (live)
		snprintf(scripts, sizeof(scripts), "script-src 'sha256-%s='; connect-src 'self'; ",
		         script);
	forms_text(targets, sizeof(targets), forms, away);
	snprintf(dst, LOOK_POLICY_MAX,
	         "Content-Security-Policy: default-src 'none'; style-src 'sha256-%s='; %s"
	         "base-uri 'none'; form-action %s; frame-ancestors 'none'",
	         style, scripts, targets);
	return dst;
}
