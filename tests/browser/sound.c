#include "tests/browser/sound.h"

#include "tests/browser/browser.h"
#include "tests/harness/harness.h"

#include <string.h>

/* Texts whose colour is too near to what is behind them, as "ratio text". */
static const char contrast[] =
    "var bad=[];"
    "function rgb(s){var m=s.match(/[\\d.]+/g).map(Number);return m.length>3?m:m.concat(1)}"
    "function over(a,b){return[0,1,2].map(i=>a[i]*a[3]+b[i]*(1-a[3])).concat(1)}"
    "function behind(e){var all=[];for(;e;e=e.parentElement){"
    "var c=rgb(getComputedStyle(e).backgroundColor);if(c[3]>0)all.push(c);if(c[3]>=1)break}"
    "return all.reverse().reduce((low,c)=>over(c,low),[255,255,255,1])}"
    "function light(c){var f=c.slice(0,3).map(v=>(v/=255)<=.04045?v/12.92:"
    "Math.pow((v+.055)/1.055,2.4));return.2126*f[0]+.7152*f[1]+.0722*f[2]}"
    "function ratio(a,b){var x=light(a),y=light(b);"
    "return(Math.max(x,y)+.05)/(Math.min(x,y)+.05)}"
    "var w=document.createTreeWalker(document.body,NodeFilter.SHOW_TEXT);"
    "while(w.nextNode()){var t=w.currentNode,e=t.parentElement;"
    "if(!t.data.trim()||!e.getClientRects().length||/SCRIPT|STYLE/.test(e.tagName))continue;"
    "var b=behind(e),r=ratio(over(rgb(getComputedStyle(e).color),b),b);"
    "if(r<4.5)bad.push(r.toFixed(2)+' '+t.data.trim())}"
    "return bad.join('\\n')";

static const char fields[] =
    "return[...document.querySelectorAll('input:not([type=hidden]),select,textarea,progress')]"
    ".filter(e=>!(e.labels&&e.labels.length&&e.labels[0].innerText.trim()))"
    ".map(e=>e.outerHTML).join('\\n')";

static const char targets[] =
    "return[...document.querySelectorAll('a,button,summary,label.pick')]"
    ".map(e=>[e,e.getBoundingClientRect()])"
    ".filter(x=>x[1].width&&(x[1].width<24||x[1].height<24||!x[0].innerText.trim()))"
    ".map(x=>x[0].outerHTML).join('\\n')";

static const char wide[] = "var d=document.documentElement;if(d.scrollWidth<=d.clientWidth)"
			   "return'';return[...document.querySelectorAll('body *')]"
			   ".filter(e=>e.getBoundingClientRect().right>d.clientWidth+.5)"
			   ".map(e=>e.outerHTML.slice(0,200)).join('\\n')||'scrolls'";

static const char elsewhere[] = "return performance.getEntriesByType('resource').map(e=>e.name)"
				".filter(n=>new URL(n).origin!==location.origin).join('\\n')";

/* Texts that are not in the page's language; names and values stand in bdi and are what they are.
 */
static const char spoken[] =
    "var thai=/[\\u0e00-\\u0e7f]/,lang=document.documentElement.lang,bad=[];"
    "function ours(e){return e.closest('[lang]')===document.documentElement}"
    "if(lang==='th'){if(!thai.test(document.title))bad.push(document.title);"
    "document.querySelectorAll('h1,h2,legend,button,summary,dt,main p,main li,footer')"
    ".forEach(e=>{if(ours(e)&&e.innerText.trim()&&!thai.test(e.innerText))bad.push(e.innerText)})}"
    "else{var w=document.createTreeWalker(document.documentElement,NodeFilter.SHOW_TEXT);"
    "while(w.nextNode()){var t=w.currentNode,e=t.parentElement;"
    "if(thai.test(t.data)&&ours(e)&&!e.closest('bdi,style,script'))bad.push(t.data.trim())}}"
    "return bad.join('\\n')";

static const char marked[] =
    "var d=document,h=d.querySelectorAll('h1').length,bad=[];"
    "if(h!==1)bad.push(h+' headings');"
    "if(!d.title.trim())bad.push('no title');"
    "if(d.querySelector('[type=password],[onclick],[onload],[onerror],style[src],link'))"
    "bad.push('a password field, a handler or a linked resource');"
    "return bad.join('\\n')";

/* A phone draws a page that does not ask for its width as wide as a desk's, and small. */
static const char *
laid_out(struct browser *b)
{
	const char *width = browser_run(b, "return String(innerWidth)");

	return strcmp(width, harness_text(browser_harness(b), "%d", browser_width(b))) ? width : "";
}

static const char *
add(struct browser *b, const char *all, const char *what, const char *found)
{
	return *found ? harness_text(browser_harness(b), "%s%s: %s\n", all, what, found) : all;
}

const char *
sound_find(struct browser *b)
{
	const char *all = "", *lang = browser_attr(b, "html", "lang");

	browser_run(b, "document.querySelectorAll('details').forEach(d=>d.open=true)");
	if (strcmp(lang, browser_lang(b)) != 0)
		all = add(b, all, "language", lang);
	all = add(b, all, "not in its language", browser_run(b, spoken));
	all = add(b, all, "page", browser_run(b, marked));
	all = add(b, all, "field without a label", browser_run(b, fields));
	all = add(b, all, "too small or without words", browser_run(b, targets));
	all = add(b, all, "laid out for another width", laid_out(b));
	all = add(b, all, "wider than the window", browser_run(b, wide));
	all = add(b, all, "from elsewhere", browser_run(b, elsewhere));
	all = add(b, all, "contrast", browser_run(b, contrast));
	browser_dark(b, true);
	all = add(b, all, "contrast in the dark", browser_run(b, contrast));
	browser_dark(b, false);
	return add(b, all, "console", browser_complaints(b));
}

const char *
sound_look(struct browser *b, const char *name)
{
	browser_shot(b, name);
	return sound_find(b);
}
