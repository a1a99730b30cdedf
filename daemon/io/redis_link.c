#include "daemon/io/redis_link.h"

#include "common/crypto.h"

#include <assert.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000
#define READER_KEEPS   (256 * 1024) /* bytes of answer buffer kept between answers */

/* --- the connection goes --------------------------------------------------------------------- */

static int64_t
backoff_ms(int failures)
{
	int64_t cap = BACKOFF_MAX_MS;

	if (failures < 6)
		cap = (int64_t)BACKOFF_MIN_MS << failures;
	return BACKOFF_MIN_MS + crypto_uniform((uint32_t)(cap - BACKOFF_MIN_MS) + 1);
}

void
redis_link_drop(struct redis_link *k, const struct err *why)
{
	if (k->state == LINK_DOWN)
		return;
	k->state = LINK_DOWN;
	k->why = *why;
	k->run_id[0] = '\0';
	k->unsent = false;
	if (k->ctx)
		k->ctx->data = NULL;
	timer_arm(&k->timer, backoff_ms(k->failures++));
	redis_lost(k->redis, why);
	redis_settle_later(k->redis);
}

static void
drop_with(struct redis_link *k, enum err_kind kind, const char *text)
{
	struct err e;

	err_set(&e, kind, 0, "%s", text);
	redis_link_drop(k, &e);
}

static void
drop_lost(struct redis_link *k, const redisAsyncContext *ac)
{
	drop_with(k, ERR_IO, ac->errstr && *ac->errstr ? ac->errstr : "connection lost");
}

void
redis_link_close(struct redis_link *k, const struct err *why)
{
	redis_link_drop(k, why);
	timer_disarm(&k->timer);
}

/* Whose answer this is. NULL: the link is down, maybe by this. */
static struct redis_link *
owner_of(const redisAsyncContext *ac, const void *answer)
{
	struct redis_link *k = ac->data;

	if (k && !answer)
		drop_lost(k, ac);
	return answer ? k : NULL;
}

/* --- the connection comes -------------------------------------------------------------------- */

/* As owner_of, for an answer to what a link says when it starts: an error ends it. */
static struct redis_link *
started_by(const redisAsyncContext *ac, const void *answer)
{
	struct redis_link *k = owner_of(ac, answer);
	struct err e;

	if (!k || redis_type(answer) != REDIS_ERROR)
		return k;
	redis_reply_error(answer, &e);
	redis_link_drop(k, &e);
	return NULL;
}

static void
on_welcome(redisAsyncContext *ac, void *answer, void *priv)
{
	(void)priv;
	started_by(ac, answer);
}

static void
on_info(redisAsyncContext *ac, void *answer, void *priv)
{
	struct redis_link *k = started_by(ac, answer);
	const char *text = k ? redis_str(answer) : NULL;
	const char *id, *version;
	struct err e;
	long major;

	(void)priv;
	if (!text)
		return;
	version = strstr(text, "redis_version:");
	major = version ? strtol(version + strlen("redis_version:"), NULL, 10) : 0;
	if (major < REDIS_OLDEST) {
		err_set(&e, ERR_REMOTE, 0, "Redis is version %ld, the oldest that will do is %d",
		        major, REDIS_OLDEST);
		redis_link_drop(k, &e);
		return;
	}
	id = strstr(text, "run_id:");
	if (id)
		snprintf(k->run_id, sizeof(k->run_id), "%.*s",
		         (int)strspn(id + 7, "0123456789abcdef"), id + 7);
}

static void
on_pong(redisAsyncContext *ac, void *answer, void *priv)
{
	struct redis_link *k = started_by(ac, answer);

	(void)priv;
	if (!k)
		return;
	k->state = LINK_UP;
	k->failures = 0;
	timer_disarm(&k->timer);
	redis_settle_later(k->redis);
}

/* LOADING lets INFO pass, not PING: so PING is the last. */
static void
on_connect(const redisAsyncContext *ctx, int status)
{
	struct redis_link *k = ctx->data;
	redisAsyncContext *ac;

	if (!k || status != REDIS_OK)
		return; /* hiredis frees it next, and says so by ev_cleanup */
	ac = k->ctx;
	k->state = LINK_STARTING;
	if (*k->user)
		redisAsyncCommand(ac, on_welcome, NULL, "AUTH %s %s", k->user, k->password);
	else if (*k->password)
		redisAsyncCommand(ac, on_welcome, NULL, "AUTH %s", k->password);
	if (k->url.db)
		redisAsyncCommand(ac, on_welcome, NULL, "SELECT %d", k->url.db);
	redisAsyncCommand(ac, on_info, NULL, "INFO server");
	redisAsyncCommand(ac, on_pong, NULL, "PING");
}

/* --- hiredis' wishes as a watch -------------------------------------------------------------- */

static void
want(struct redis_link *k, int what)
{
	k->want = what;
	if (k->ctx)
		watch_set(&k->watch, k->ctx->c.fd, what);
}

static void
ev_add_read(void *arg)
{
	struct redis_link *k = arg;

	want(k, k->want | WATCH_READ);
}

/* Commands of a turn are written together at its end; what then does not fit waits for the watch.
 */
static void
ev_add_write(void *arg)
{
	struct redis_link *k = arg;

	if (k->state != LINK_UP || k->writing) {
		want(k, k->want | WATCH_WRITE);
		return;
	}
	k->unsent = true;
	redis_settle_later(k->redis);
}

static void
ev_del_write(void *arg)
{
	struct redis_link *k = arg;

	want(k, k->want & ~WATCH_WRITE);
}

/* hiredis frees the context, whoever asked for it. */
static void
ev_cleanup(void *arg)
{
	struct redis_link *k = arg;
	redisAsyncContext *ac = k->ctx;

	watch_set(&k->watch, -1, 0);
	k->want = 0;
	if (ac->data)
		drop_lost(k, ac);
	k->ctx = NULL;
}

static void
write_out(struct redis_link *k)
{
	k->unsent = false;
	k->writing = true;
	redisAsyncHandleWrite(k->ctx);
	k->writing = false;
}

static void
on_watch(int fd, int what, void *arg)
{
	struct redis_link *k = arg;

	(void)fd;
	if (k->ctx && k->state != LINK_DOWN && (what & WATCH_WRITE))
		write_out(k);
	if (k->ctx && k->state != LINK_DOWN && (what & WATCH_READ))
		redisAsyncHandleRead(k->ctx);
}

static void
link_connect(struct redis_link *k)
{
	redisAsyncContext *ac;

	assert(!k->ctx);
	ac = *k->url.path ? redisAsyncConnectUnix(k->url.path)
	                  : redisAsyncConnect(k->url.host, k->url.port);
	if (!ac)
		abort();
	k->state = LINK_CONNECTING;
	if (ac->err) {
		drop_with(k, ERR_IO, ac->errstr);
		redisAsyncFree(ac); /* from a timer, and nothing is attached yet */
		return;
	}
	k->ctx = ac;
	ac->data = k;
	ac->c.reader->maxbuf = READER_KEEPS;
	ac->ev.data = k;
	ac->ev.addRead = ev_add_read;
	ac->ev.addWrite = ev_add_write;
	ac->ev.delWrite = ev_del_write;
	ac->ev.cleanup = ev_cleanup;
	timer_arm(&k->timer, REDIS_CONNECT_MS);
	redisAsyncSetConnectCallback(ac, on_connect); /* watches for writing */
}

static void
on_timer(void *arg)
{
	struct redis_link *k = arg;

	if (k->state == LINK_DOWN)
		link_connect(k);
	else
		drop_with(k, ERR_TIMEOUT, "Redis did not take the connection in time");
}

/* --- commands -------------------------------------------------------------------------------- */

static void
on_reply(redisAsyncContext *ac, void *answer, void *priv)
{
	struct redis_link *k = owner_of(ac, answer);

	if (k)
		redis_answered(k->redis, priv, answer);
}

int
redis_link_send(struct redis_link *k, const char *cmd, size_t len, struct redis_request *q)
{
	return redisAsyncFormattedCommand(k->ctx, on_reply, q, cmd, len) ? -1 : 0;
}

void
redis_link_settle(struct redis_link *k)
{
	if (k->state == LINK_DOWN && k->ctx)
		redisAsyncFree(k->ctx); /* ev_cleanup makes it NULL */
	if (k->unsent && k->ctx)
		write_out(k);
}

/* --- life ------------------------------------------------------------------------------------ */

int
redis_link_init(struct redis_link *k, struct redis *r, struct loop *l,
                const struct redis_conf *conf, struct err *e)
{
	k->redis = r;
	if (redis_url_read(conf->url, &k->url, e))
		return -1;
	k->user = strdup(conf->user ? conf->user : "");
	k->password = strdup(conf->password ? conf->password : "");
	if (!k->user || !k->password)
		return err_set(e, ERR_NOMEM, 0, "no memory for Redis");
	err_set(&k->why, ERR_IO, 0, "not connected to Redis yet");
	watch_init(&k->watch, l, on_watch, k);
	timer_init(&k->timer, l, on_timer, k);
	timer_arm(&k->timer, 0);
	return 0;
}

void
redis_link_done(struct redis_link *k)
{
	assert(!k->ctx);
	watch_done(&k->watch);
	timer_done(&k->timer);
	free(k->user);
	if (k->password)
		explicit_bzero(k->password, strlen(k->password));
	free(k->password);
}
