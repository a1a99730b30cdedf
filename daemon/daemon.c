#include "daemon/daemon.h"

#include "common/buf.h"
#include "common/json.h"
#include "daemon/base/conf.h"
#include "daemon/base/counter.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/base/notify.h"
#include "daemon/control/control.h"
#include "daemon/grant/spool.h"
#include "daemon/grant/vault.h"
#include "daemon/io/redis.h"
#include "daemon/stats/shop_gauges.h"
#include "daemon/stats/stats.h"
#include "daemon/web/web.h"
#include "daemon/work/dispatch.h"
#include "daemon/work/dropped.h"
#include "daemon/work/start.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SPOOL_DIR      "spool"
#define SOCKET_MODE    0660
#define TICK_MS        1000
#define COUNT_MS       15000
#define DRAIN_MS       35000 /* reliability.md 8 */
#define SETTLE_POLL_MS 20
#define DROPPED_MAX    4096
#define STALL_MS       60000 /* no job moved that long though some were due */

struct daemon {
	const char *file;
	const struct conf *conf;
	struct loop *loop;
	struct vault *vault;
	struct spool *spool;
	struct redis *redis;
	struct dispatch *dispatch;
	struct control *control;
	struct control_ops control_ops;
	struct web *web;
	struct stats *stats;
	struct notify notify;
	struct counters counters;
	struct timer tick;
	struct timer count;
	struct shop_gauges shops; /* at most COUNT_MS old */
	struct timer drain;
	struct wall started;
	struct mono started_drain;
	bool draining;
	bool drained;
};

/* --- what faces want to know ----------------------------------------------------------------- */

static void
fill_stats(struct counters *c, struct gauges *g, void *arg)
{
	struct daemon *d = arg;
	struct dispatch_state s;

	dispatch_state(d->dispatch, &s);
	counters_add(c, &d->counters);
	dispatch_counters(d->dispatch, c);
	gauge_add(g, GAUGE_DB_UP, s.postgres_up);
	gauge_add(g, GAUGE_REDIS_UP, s.redis_up);
	gauge_add(g, GAUGE_JOBS_RUNNING, s.jobs);
	gauge_add(g, GAUGE_LOOP_LONGEST, (double)s.longest_turn_ms / 1000);
	gauge_add(g, GAUGE_API_OFFSET, (double)s.api_offset_s);
	shop_gauges_fill(&d->shops, g);
	if (s.depth_known) {
		gauge_add(g, GAUGE_QUEUE_SHOPS, (double)s.depth.ready, "ready");
		gauge_add(g, GAUGE_QUEUE_SHOPS, (double)s.depth.delayed, "delayed");
		gauge_add(g, GAUGE_QUEUE_SHOPS, (double)s.depth.leased, "leased");
		gauge_add(g, GAUGE_QUEUE_DEAD, (double)s.depth.dead);
	}
}

/* The daemon's part of status: a JSON object owned by the caller. */
static struct json *
describe_daemon(void *arg)
{
	struct daemon *d = arg;
	struct json *doc = json_obj();
	struct dispatch_state s;
	char since[CLOCK_RFC3339_MAX];

	dispatch_state(d->dispatch, &s);
	json_put_str(doc, "state", d->draining ? "stopping" : "up");
	json_put_str(doc, "version", TTSYNC_VERSION);
	json_put_i64(doc, "pid", getpid());
	json_put_str(doc, "since", clock_rfc3339(d->started, since));
	json_put_i64(doc, "workers", s.workers);
	json_put_i64(doc, "jobs", s.jobs);
	json_put_bool(doc, "postgres", s.postgres_up);
	json_put_bool(doc, "redis", s.redis_up);
	return doc;
}

static struct json *
describe_queue(void *arg)
{
	struct daemon *d = arg;
	struct json *q = json_obj();
	struct dispatch_state s;

	dispatch_state(d->dispatch, &s);
	json_put_bool(q, "working", s.queue_ready);
	json_put_i64(q, "running_here", s.jobs);
	if (!s.depth_known)
		return q;
	json_put_i64(q, "ready", s.depth.ready);
	json_put_i64(q, "delayed", s.depth.delayed);
	json_put_i64(q, "leased", s.depth.leased);
	json_put_i64(q, "dead", s.depth.dead);
	json_put_i64(q, "oldest_ms", s.depth.oldest_ms);
	json_put_i64(q, "memory_bytes", s.depth.memory_bytes);
	return q;
}

static int
write_stats(struct buf *out, void *arg)
{
	struct daemon *d = arg;

	return stats_write(d->stats, out);
}

static uint64_t
post_task(const char *op, const char *args, const char *actor, task_fn *fn, void *fn_arg, void *arg)
{
	struct daemon *d = arg;
	struct counters sum = d->counters;
	struct buf counted;
	uint64_t id;

	if (strcmp(op, "privacy") != 0)
		return task_post(dispatch_tasks(d->dispatch), op, args, actor, fn, fn_arg);
	buf_init(&counted, DROPPED_MAX);
	dispatch_counters(d->dispatch, &sum);
	dropped_args(&sum, d->started, &counted);
	id = task_post(dispatch_tasks(d->dispatch), op, buf_text(&counted), actor, fn, fn_arg);
	buf_done(&counted);
	return id;
}

static void
drop_task(uint64_t id, void *arg)
{
	struct daemon *d = arg;

	task_drop(dispatch_tasks(d->dispatch), id);
}

static void
ready_state(struct web_ready *ret, void *arg)
{
	struct daemon *d = arg;
	struct dispatch_state s;

	dispatch_state(d->dispatch, &s);
	ret->postgres = s.postgres_up;
	ret->redis = s.redis_up && s.queue_ready;
	ret->schema = true; /* checked before the first thread started */
}

/* --- time and signals ------------------------------------------------------------------------ */

static bool
is_working(const struct dispatch_state *s)
{
	/* what blocks is known and reported: then being alive is all that can be asked for */
	if (!s->redis_up || !s->postgres_up || !s->queue_ready)
		return true;
	return !s->depth_known || s->depth.oldest_ms < STALL_MS || s->idle_ms < STALL_MS;
}

static void
on_tick(void *arg)
{
	struct daemon *d = arg;
	struct dispatch_state s;
	char status[160];

	timer_arm(&d->tick, TICK_MS);
	log_flush();
	dispatch_state(d->dispatch, &s);
	snprintf(status, sizeof(status), "%d jobs running, PostgreSQL %s, Redis %s", s.jobs,
	         s.postgres_up ? "up" : "AWAY", s.redis_up ? "up" : "AWAY");
	notify_status(&d->notify, status);
	if (is_working(&s))
		notify_watchdog(&d->notify);
	else
		log_event(LOG_ERROR, "daemon.stalled", "oldest_ms=%" PRId64 " idle_ms=%" PRId64,
		          s.depth.oldest_ms, s.idle_ms);
}

static void
on_states(const char *json, size_t len, const struct err *e, void *arg)
{
	(void)e;
	shop_gauges_states(&((struct daemon *)arg)->shops, json, len);
}

static void
on_shops(const char *json, size_t len, const struct err *e, void *arg)
{
	(void)e;
	shop_gauges_shops(&((struct daemon *)arg)->shops, json, len);
}

static void
on_count(void *arg)
{
	struct daemon *d = arg;

	timer_arm(&d->count, COUNT_MS);
	task_post(dispatch_tasks(d->dispatch), "sql:states", "{}", "timer", on_states, d);
	task_post(dispatch_tasks(d->dispatch), "sql:gauges", shop_gauges_args(), "timer", on_shops,
	          d);
}

static void
on_redis(bool up, void *arg)
{
	struct daemon *d = arg;

	if (up)
		log_event(LOG_INFO, "redis.up", "run_id=%s", redis_run_id(d->redis));
	else
		log_event(LOG_ERROR, "redis.down", "why=%s", LOGQ(redis_why(d->redis)->text));
	if (d->dispatch)
		dispatch_redis(d->dispatch, up);
}

static void
on_settled(void *arg)
{
	struct daemon *d = arg;
	bool late = loop_now(d->loop).ms - d->started_drain.ms > DRAIN_MS;

	if ((d->drained && dispatch_settled(d->dispatch)) || late) {
		log_event(LOG_INFO, "daemon.drained", "in_time=%s", late ? "no" : "yes");
		loop_stop(d->loop);
	} else {
		timer_arm(&d->drain, SETTLE_POLL_MS);
	}
}

static void
on_drained(void *arg)
{
	((struct daemon *)arg)->drained = true;
}

static void
on_stop(int signo, void *arg)
{
	struct daemon *d = arg;

	if (d->draining) {
		log_event(LOG_WARN, "daemon.killed", "signal=%d", signo);
		log_flush();
		_exit(0);
	}
	log_event(LOG_INFO, "daemon.stopping", "signal=%d", signo);
	d->draining = true;
	d->started_drain = loop_now(d->loop);
	notify_stopping(&d->notify, "letting go of running jobs");
	dispatch_drain(d->dispatch, on_drained, d);
	timer_arm(&d->drain, 0);
}

static void
tell_changes(const struct conf *old, const struct conf *c)
{
	for (int i = 0; i < CONF_ROWS; i++) {
		const struct conf_row *row = &conf_rows[i];

		if (c->waits[i])
			log_event(LOG_WARN, "conf.waits", "section=%s key=%s until=restart",
			          row->section, row->key);
		else if (conf_differs(old, c, (enum conf_id)i))
			log_event(LOG_INFO, "conf.changed", "section=%s key=%s", row->section,
			          row->key);
	}
}

static void
on_reload(int signo, void *arg)
{
	struct daemon *d = arg;
	struct err e = { 0 };
	const struct conf *c;

	(void)signo;
	notify_reloading(&d->notify);
	c = conf_reload(d->conf, d->file, &e);
	if (!c) {
		log_event(LOG_ERROR, "conf.refused", "why=%s", LOGQ(e.text));
		notify_ready(&d->notify, "configuration refused, the one before stays");
		return;
	}
	tell_changes(d->conf, c);
	conf_unref(d->conf);
	d->conf = c;
	log_level_set(c->daemon_log_level);
	dispatch_reload(d->dispatch, c);
	if (control_groups(d->control, c->control_admin_group, c->control_monitor_group, &e))
		log_event(LOG_ERROR, "conf.groups", "why=%s", LOGQ(e.text));
	log_event(LOG_INFO, "conf.reloaded", "file=%s", LOGQ(d->file));
	notify_ready(&d->notify, "configuration reloaded");
}

/* --- starting, in order ---------------------------------------------------------------------- */

static int
open_stores(struct daemon *d, struct err *e)
{
	char dir[256];

	d->vault = vault_parse(d->conf->vault_key.file, d->conf->vault_key.text,
	                       d->conf->vault_key.len, e);
	if (!d->vault)
		return -1;
	snprintf(dir, sizeof(dir), "%s/%s", d->conf->daemon_state_dir, SPOOL_DIR);
	d->spool = spool_new(dir, e);
	if (!d->spool)
		return -1;
	return start_database(d->conf, d->vault, d->spool, d->conf->postgres_auto_migrate, e);
}

static int
open_work(struct daemon *d, struct err *e)
{
	const struct conf *c = d->conf;
	struct redis_conf r = {
		.url = c->redis_url,
		.user = c->redis_user,
		.password = c->redis_password.text ? c->redis_password.text : "",
	};
	struct dispatch_conf work = {
		.conf = c, .vault = d->vault, .spool = d->spool, .counters = &d->counters
	};

	d->loop = work.loop = loop_new(e);
	d->redis = work.redis = d->loop ? redis_new(d->loop, &r, e) : NULL;
	if (!d->redis)
		return -1;
	redis_on_change(d->redis, on_redis, d);
	d->dispatch = dispatch_new(&work, e);
	return d->dispatch ? 0 : -1;
}

static const struct web_ops web_ops = { .post = task_post,
	                                .drop = task_drop,
	                                .ready = ready_state };

static int
open_faces(struct daemon *d, struct err *e)
{
	const struct conf *c = d->conf;
	struct stats_conf stats = { .socket = c->stats_socket,
		                    .mode = SOCKET_MODE,
		                    .listen = c->stats_listen };
	struct control_conf control = {
		.socket = c->control_socket,
		.admin_group = c->control_admin_group,
		.monitor_group = c->control_monitor_group,
		.ops = &d->control_ops,
		.counters = &d->counters,
	};
	struct web_conf web = {
		.listen = c->http_listen,
		.ops = &web_ops,
		.tasks = dispatch_tasks(d->dispatch),
		.ready_arg = d,
		.site = { c->http_public_url, c->tiktok_authorize_url },
	};

	d->control_ops = (struct control_ops){
		.post = post_task,
		.drop = drop_task,
		.queue = describe_queue,
		.facts = describe_daemon,
		.stats = write_stats,
		.arg = d,
	};
	if (!(d->stats = stats_new(d->loop, &stats, fill_stats, d, e)) ||
	    !(d->control = control_new(d->loop, &control, e)))
		return -1;
	d->web = web_new(d->loop, &web, e);
	return d->web ? 0 : -1;
}

static void
daemon_done(struct daemon *d)
{
	web_free(d->web);
	control_free(d->control);
	stats_free(d->stats);
	shop_gauges_done(&d->shops);
	dispatch_free(d->dispatch);
	redis_free(d->redis);
	timer_done(&d->tick);
	timer_done(&d->count);
	timer_done(&d->drain);
	loop_free(d->loop);
	spool_free(d->spool);
	vault_free(d->vault);
	conf_unref(d->conf);
	notify_done(&d->notify);
	log_flush();
}

int
daemon_run(const char *file, const struct conf *c, struct err *e)
{
	struct daemon d = { .file = file, .started = wall_now() };
	int rc;

	d.conf = conf_ref(c);
	rc = notify_init(&d.notify, e);
	if (!rc)
		rc = open_stores(&d, e);
	if (!rc)
		rc = open_work(&d, e);
	if (!rc)
		rc = open_faces(&d, e);
	if (!rc) {
		timer_init(&d.tick, d.loop, on_tick, &d);
		timer_init(&d.drain, d.loop, on_settled, &d);
		timer_init(&d.count, d.loop, on_count, &d);
		timer_arm(&d.tick, TICK_MS);
		timer_arm(&d.count, TICK_MS);
		loop_signal(d.loop, SIGTERM, on_stop, &d);
		loop_signal(d.loop, SIGINT, on_stop, &d);
		loop_signal(d.loop, SIGHUP, on_reload, &d);
		log_event(LOG_INFO, "daemon.ready", "version=%s pid=%d", TTSYNC_VERSION,
		          (int)getpid());
		notify_ready(&d.notify, "ready");
		loop_run(d.loop);
		log_event(LOG_INFO, "daemon.stopped", "pid=%d", (int)getpid());
	}
	daemon_done(&d);
	return rc;
}

int
daemon_migrate(const struct conf *c, struct err *e)
{
	return start_database(c, NULL, NULL, true, e);
}
