/*
 * walk: read what changed at TikTok since a cursor, page by page, and store it.
 *
 * Windows are closed: [lo, hi), hi a little before the API's present. A kind whose search can be
 * sorted by update time is walked by key: behind each page the next window begins at the page's
 * last update time, so rows that move while we read cannot push others past us, and the cursor is
 * good after every page. Where the search cannot be sorted, or a page is one second only, page
 * tokens are used, inside the window; a refused token, a repeated one, or rows that left while we
 * read begin the window anew; after POLICY_RESTARTS of them it is halved. A first walk that counts
 * keeps its place behind each page, token and all: killed, it goes on there within the minutes that
 * a token lives. That of orders does not: it begins at the connection, and is seconds long.
 *
 * Source: reliability.md 6, tiktok-shop-api.md 1.7 and 5.3.
 */
#ifndef TTSYNC_WALK_H
#define TTSYNC_WALK_H

#include "daemon/base/loop.h"
#include "daemon/grant/api.h"
#include "daemon/store/jobs.h"
#include "daemon/sync/group.h"
#include "daemon/sync/job.h"
#include "daemon/sync/policy.h"
#include "daemon/tiktok/auth.h"
#include "daemon/tiktok/page.h"

struct conf;
struct sync;
struct walk;

/* What a kind's page turned out to be. */
struct walk_page {
	struct tt_page page;
	int rows;
	bool ascending;    /* by update time */
	int64_t last_time; /* highest update time of its rows */
	int before_last;   /* rows before that second */
};

/* A kind of polling work. */
struct walk_ops {
	const char *name;
	bool by_key; /* the search can be sorted by update time */
	bool counts; /* a first walk tells how far it is, and keeps its place, page by page */
	int64_t span_max_s;
	int window_pages; /* a window of more is halved */
	int64_t (*floor)(const struct claim *c);
	int64_t (*interval_ms)(const struct conf *c);
	void *(*page_new)(struct walk *w);
	void (*page_free)(void *page);
	void (*request)(struct tt_call *c, struct window win, const char *token);
	/* As api_ask.parse; arg is the walk. */
	struct json *(*parse)(const char *body, size_t len, void *arg, struct err *e);
	/*
	 * Read the page of a good answer and store it: 0, and walk_stored comes later; 1, there is
	 * nothing to store; or -1, and the page is refused whole.
	 */
	int (*take)(struct walk *w, const struct api_answer *a, struct walk_page *ret,
	            struct err *e);
};

enum walk_state { WALK_NEW = 0, WALK_CALL, WALK_STORE, WALK_END, WALK_FAIL, WALK_OVER };

#define WALK_TOKENS_MAX 128

struct walk {
	struct sync *sync;
	struct env *env;
	const struct walk_ops *ops;
	struct job *job; /* the holder's again once it ended */
	int64_t shop;
	struct claim claim;
	char token[TT_TOKEN_MAX + 1]; /* the access token, wiped at the end */
	void *page;                   /* the kind's own */
	enum walk_state state;
	struct timer deadline;
	struct api *api;
	struct mono began;
	int seq; /* pages stored by this job */
	bool cancelled;

	/* where it stands: walk_window.c's */
	struct window win;
	int64_t cursor; /* all updates before it are committed */
	int64_t back;   /* the walk stands that far before it: it reads an overlap again */
	int64_t span;
	int64_t done;         /* rows of the windows that are closed */
	int64_t window_rows;  /* of the one being read */
	int64_t window_total; /* TikTok's count on its first page, -1 unknown */
	int window_pages;
	int restarts;
	bool marked;                         /* the window was begun before a kill */
	char page_token[PAGE_TOKEN_MAX + 1]; /* of the page being read, "" the first */
	uint64_t tokens_seen[WALK_TOKENS_MAX];

	/* the page being stored */
	struct walk_page now;
	char next_token[PAGE_TOKEN_MAX + 1]; /* "" where it is the last */

	/* its end: walk_end.c's */
	struct group_item end; /* in sync->ends */
	bool finished;
	int64_t next_ms;
};

struct walk *walk_start(struct sync *s, struct job *j, const struct walk_ops *ops,
                        const struct claim *c, const char *token);
void walk_cancel(struct walk *w);
/* The page given by take is committed (e NULL) or not. ERR_FENCED: the shop is another daemon's. */
void walk_stored(struct walk *w, const struct err *e);

extern const struct group_ops walk_ends;

/* Each kind's own, in its own file. */
#define KIND(id, name, ...) extern const struct walk_ops walk_##name;
#include "daemon/queue/kind.def"
#undef KIND

#endif
