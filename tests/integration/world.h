/*
 * world: everything ttsyncd lives among, brought up by one call in a private directory: PostgreSQL,
 * Redis, the TikTok Shop sandbox over TLS, ttsyncd with its secrets, and ttctl to speak to it.
 *
 * All programs are the built ones; nothing is simulated in this process.
 *
 * Units:  milliseconds; times of TikTok and of cursors are seconds of the sandbox's clock.
 * Errors: what a test cannot go on without aborts with the reason and the end of the log in
 *         question (harness.h); what a test is about is returned.
 * Owner:  world_free ends everything. Texts and paths live as long as the world; what is to be
 *         freed by the caller says so.
 */
#ifndef TTSYNC_TESTS_WORLD_H
#define TTSYNC_TESTS_WORLD_H

#include "common/own.h"
#include "tests/harness/certs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORLD_DAEMONS    5
#define WORLD_SETTINGS   8
#define WORLD_APP_KEY    "6itestappkey"
#define WORLD_APP_SECRET "d41kSECRETd41kMARKEROFTHEAPPSECRETd41k42"
#define WORLD_KEY        "S0VZTUFSS0VSLUtFWU1BUktFUi1LRVlNQVJLRVItMTI=" /* 32 bytes, base64 */
#define WORLD_READY_MS   20000

struct harness;
struct json;
struct pgserver;
struct proc;
struct redisd;

/* A setting of ttsyncd.conf that differs from this folder's. */
struct world_setting {
	const char *section;
	const char *line; /* "orders_interval = 3s" */
};

struct world_opts {
	const char *name; /* of the directory */
	int sellers;      /* 0: one */
	int shops;        /* of each seller; 0: one */
	int products;     /* of each shop; 0: five */
	bool clock;       /* all but Redis see a clock that world_move moves */
	const char *const
	    *sandbox; /* more words for ttshop-sandbox, NULL at the end; may be NULL */
	const struct world_setting *conf; /* section NULL at the end; may be NULL */
};

/* One ttsyncd: its place is kept through kill and restart. */
struct world_daemon {
	struct proc *proc; /* NULL before the first start */
	const char *name;
	const char *conf;
	const char *control;
	const char *stats;
	const char *state_dir;
	const char *log;
	int port;
};

struct world {
	struct harness *h;
	struct pgserver *pg;
	struct redisd *redis;
	struct certs certs;
	struct proc *sandbox;
	const char *tiktok; /* the sandbox's URL */
	int64_t ahead_s;    /* of the real clock, with opts.clock */
	struct world_opts opts;
	struct world_daemon daemon[WORLD_DAEMONS];
};

/* Everything but ttsyncd; its schema is there, its configuration is written. */
struct world *world_prepare(const struct world_opts *o);
/* The same, and the first daemon is ready. */
struct world *world_new(const struct world_opts *o);
void world_free(struct world *w);
FREEP(struct world, world)

/* Start daemon n (again) and wait until its control socket answers. */
void world_start(struct world *w, int n);
/* SIGKILL, waited for. */
void world_kill(struct world *w, int n);
/* SIGTERM; its exit code. */
int world_stop(struct world *w, int n);

/* So many seconds pass at once, for ttsyncd, PostgreSQL and the sandbox. */
void world_move(struct world *w, int64_t seconds);

/*
 * Daemon n's configuration with other settings (a line replaces the one with its key) written as
 * dir/NAME; its path. ttsyncd run on it to its end: world_ttsyncd.
 */
const char *world_conf(struct world *w, int n, const char *name,
                       const struct world_setting *settings);

/* What a program said: ttctl, or ttsyncd where it ends by itself. */
struct said {
	int code;
	struct json *doc; /* of stdout, NULL where that is no JSON */
	char *out;
	char *err;
};
void said_done(struct said *s);

/* ttsyncd with these words, to its end. */
void world_ttsyncd(struct world *w, struct said *ret, const char *const *words);
/* ttctl on daemon n's socket with these words, as they are. */
void world_ctl(struct world *w, int n, struct said *ret, const char *const *words);
/* ttctl --json WORD..., on the first daemon. */
#define TTCTL(w, ret, ...)                                                                         \
	world_ctl((w), 0, (ret), (const char *const[]){ "--json", __VA_ARGS__, NULL })
/* A string of an answer by a path of keys ("progress/orders/done"), numbers as text; "" if none. */
const char *said_str(struct said *s, const char *path, char *dst, size_t room);
/* One line to the control socket, one line back (to be freed); NULL when it was closed instead. */
char *world_line(struct world *w, int n, const char *line);
/* Daemon n's statistics page, to be freed; "" where it gives none. */
char *world_metrics(struct world *w, int n);
/* A sample of it by its name with labels; 0 where there is none. */
double world_metric(struct world *w, int n, const char *sample);

/* One control call of the sandbox ("POST", "/order", body or NULL): its answer, to be freed. */
struct json *world_tiktok(struct world *w, const char *method, const char *path, const char *body);
#define WORLD_TIKTOK(w, path, ...)                                                                 \
	json_free(world_tiktok((w), "POST", (path), harness_text((w)->h, __VA_ARGS__)))
/* The sandbox's faults end. */
void world_no_faults(struct world *w);

/*
 * The merchant's way through consent, as one browser would: seller's page at TikTok, redirect, our
 * callback, and the page of the connection where it leads on to that. decline: the seller says no.
 * Answers the HTTP status of the page one ends on; *ret_location, if not NULL, is the URL of
 * TikTok's redirect.
 */
int world_consent(struct world *w, const char *authorize_url, int seller, bool decline,
                  const char **ret_location);
/* ttctl connect for a store (made if need be): our shop id; *ret_url the consent page. */
const char *world_begin(struct world *w, const char *store, const char *alias,
                        const char **ret_url);
/* A whole connection, first free shop and warehouse: our shop id, state connecting or later. */
const char *world_connect(struct world *w, const char *store, const char *alias, int seller);
/* ttctl wait SHOP --for WHAT must end with 0. */
void world_wait(struct world *w, const char *shop, const char *what);

/* TikTok's id of our shop. */
const char *world_tiktok_shop(struct world *w, const char *shop);
/* Until all order windows that hold the last change at TikTok are committed. */
bool world_caught_up(struct world *w, int ms);
/*
 * For each connected shop: is the set of (order, status, update time) in v_order the set at TikTok
 * of orders made since the connection, exactly? NULL, or the first difference as text to be freed.
 */
char *world_difference(struct world *w);

#endif
