/*
 * web: the HTTP server that merchants and TikTok's redirects reach, behind a reverse proxy.
 *
 * A page that needs the database or TikTok is a question to a worker: asked through ops, and
 * answered with the page that its answer becomes. A client that left is not waited for; what it
 * began goes on.
 *
 * Limits: WEB_CONNS_MAX connections, WEB_ASKS_MAX questions on their way, above that a page that
 *         says to try again. A question may take WEB_ASK_MS, which is longer than a task can.
 * Errors: every page is an answer; what went wrong inside is logged, never shown.
 * Owner:  control thread only. ops and tasks outlive the server.
 * Source: contract.md 3, reliability.md 10.
 */
#ifndef TTSYNC_WEB_H
#define TTSYNC_WEB_H

#include "common/err.h"
#include "daemon/web/visit.h"
#include "daemon/work/task.h"

#include <stdbool.h>
#include <stdint.h>

#define WEB_CONNS_MAX 256
#define WEB_ASKS_MAX  128
#define WEB_ASK_MS    (TASK_MS + 5000)

struct loop;
struct web;

struct web_ready {
	bool postgres; /* answers */
	bool redis;    /* answers */
	bool schema;   /* is the one this program was built with */
};

/* Whom the pages ask. */
struct web_ops {
	/* As task_post and task_drop. */
	uint64_t (*post)(struct tasks *t, const char *op, const char *args, const char *actor,
	                 task_fn *fn, void *arg);
	void (*drop)(struct tasks *t, uint64_t id);
	void (*ready)(struct web_ready *ret, void *arg);
};

struct web_conf {
	const char *listen; /* "address:port" */
	const struct web_ops *ops;
	struct tasks *tasks;
	void *ready_arg;
	struct site site;
};

/* crypto_start must have run. NULL and *e where the address cannot be had. */
struct web *web_new(struct loop *l, const struct web_conf *conf, struct err *e);
/* Closes all connections and drops the questions on their way. */
void web_free(struct web *w);
/* What the system chose for port 0. */
int web_port(const struct web *w);

/* --- for the routes of this folder ----------------------------------------------------------- */

struct httpd_req;
struct json;
struct page;

/*
 * Fill p with what the answer means to this visit, and return its HTTP status: page_go's, or that
 * of the page. doc is NULL when e says why. Run once a language, so it has no effects.
 */
typedef int web_page_fn(struct page *p, const struct visit *v, const struct json *doc,
                        const struct err *e);

/* What the configuration says of addresses, for visit_read. */
const struct site *web_site(const struct web *w);
/* Ask a worker on behalf of v; the page is shown when the answer comes. */
void web_ask(struct web *w, const struct visit *v, const char *op, const struct json *args,
             web_page_fn *page);
/* Answer at once, with the page for this error. */
void web_refuse(struct web *w, const struct visit *v, web_page_fn *page, const struct err *e);
/* A page for what is away at the moment, with its status. */
int web_page_away(struct page *p);

struct web_ready web_readiness(const struct web *w);

#endif
