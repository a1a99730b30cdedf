#include "daemon/io/redis.h"

#include "common/crypto.h"
#include "common/str.h"
#include "daemon/base/loop.h"
#include "daemon/io/redis_url.h"

#include <assert.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000
#define READER_KEEPS   (256 * 1024) /* bytes of answer buffer kept between answers */

TAILQ_HEAD(requests, request);

struct request {
	TAILQ_ENTRY(request) link;
	redis_fn *fn;
	void *arg;
	struct mono deadline;
	struct redis_script *script; /* NULL: a plain command */
	char *cmd;                   /* of a script, to be sent again after NOSCRIPT */
	size_t cmd_len;
	bool again;
	enum err_kind kind; /* of the failure it is to hear */
};

/* STARTING: connected; AUTH, SELECT, INFO and PING are under way. */
enum redis_state { LINK_DOWN = 0, LINK_CONNECTING, LINK_STARTING, LINK_UP };

struct redis {
	struct loop *loop;
	redisAsyncContext *ctx;
	enum redis_state state;
	struct watch watch;
	int want;     /* what hiredis wants watched */
	bool writing; /* inside redisAsyncHandleWrite */
	bool unsent;  /* commands are to be written at the end of this turn */
	bool settling;
	bool closed;
	bool told_up;
	struct timer retry;
	struct timer deadline;
	struct requests flying; /* sent, oldest first */
	struct requests failed; /* to be told so at the end of this turn */
	int pending;
	int failures; /* connections that failed in a row */
	struct err why;
	char run_id[48];
	struct {
		void (*fn)(bool up, void *arg);
		void *arg;
	} listeners[REDIS_LISTENERS];
	struct redis_url url;
	char *user;
	char *password;
};

static void settle(void *arg);

/* ---- answers ---- */

static const redisReply *
inside(const struct redis_reply *r)
{
	return (const void *)r;
}

enum redis_type
redis_type(const struct redis_reply *r)
{
	if (!r)
		return REDIS_NIL;
	switch (inside(r)->type) {
	case REDIS_REPLY_INTEGER:
		return REDIS_INT;
	case REDIS_REPLY_STRING:
		return REDIS_STR;
	case REDIS_REPLY_STATUS:
		return REDIS_STATUS;
	case REDIS_REPLY_ARRAY:
		return REDIS_ARR;
	case REDIS_REPLY_ERROR:
		return REDIS_ERROR;
	default:
		return REDIS_NIL;
	}
}

int64_t
redis_int(const struct redis_reply *r)
{
	int64_t v;

	if (redis_type(r) == REDIS_INT)
		return inside(r)->integer;
	return str_i64(redis_str(r), &v) ? 0 : v;
}

const char *
redis_str(const struct redis_reply *r)
{
	enum redis_type t = redis_type(r);

	return t == REDIS_STR || t == REDIS_STATUS || t == REDIS_ERROR ? inside(r)->str : NULL;
}

size_t
redis_len(const struct redis_reply *r)
{
	if (redis_type(r) == REDIS_ARR)
		return inside(r)->elements;
	return redis_str(r) ? (size_t)inside(r)->len : 0;
}

const struct redis_reply *
redis_at(const struct redis_reply *r, size_t i)
{
	if (redis_type(r) != REDIS_ARR || i >= inside(r)->elements)
		return NULL;
	return (const void *)inside(r)->element[i];
}

/* ---- the end of requests and connections ---- */

static void
request_end(struct redis *r, struct request *q, const struct redis_reply *reply,
            const struct err *e)
{
	r->pending--;
	if (q->fn)
		q->fn(reply, e, q->arg);
	redisFreeCommand(q->cmd);
	free(q);
}

/* At the end of this turn settle() does what must not be done inside a callback. */
static void
settle_later(struct redis *r)
{
	if (!r->settling) {
		r->settling = true;
		loop_defer(r->loop, settle, r);
	}
}

static void
request_fail(struct redis *r, struct request *q, enum err_kind kind)
{
	q->kind = kind;
	TAILQ_INSERT_TAIL(&r->failed, q, link);
	settle_later(r);
}

static int64_t
backoff_ms(int failures)
{
	int64_t cap = BACKOFF_MAX_MS;

	if (failures < 6)
		cap = (int64_t)BACKOFF_MIN_MS << failures;
	return BACKOFF_MIN_MS + crypto_uniform((uint32_t)(cap - BACKOFF_MIN_MS) + 1);
}

/* Nothing sent will be answered. Legal at any moment, twice too. */
static void
go_down(struct redis *r, const struct err *why)
{
	struct request *q;

	if (r->state == LINK_DOWN)
		return;
	r->state = LINK_DOWN;
	r->why = *why;
	r->run_id[0] = '\0';
	r->unsent = false;
	if (r->ctx)
		r->ctx->data = NULL;
	timer_disarm(&r->deadline);
	while ((q = TAILQ_FIRST(&r->flying))) {
		TAILQ_REMOVE(&r->flying, q, link);
		request_fail(r, q, why->kind);
	}
	if (!r->closed)
		timer_arm(&r->retry, backoff_ms(r->failures++));
	settle_later(r);
}

static void
go_down_with(struct redis *r, enum err_kind kind, const char *text)
{
	struct err e;

	err_set(&e, kind, 0, "%s", text);
	go_down(r, &e);
}

static void
go_down_lost(struct redis *r, const redisAsyncContext *ac)
{
	go_down_with(r, ERR_IO, ac->errstr && *ac->errstr ? ac->errstr : "connection lost");
}

/* Whose answer this is. NULL: it was given up and heard so, or is by this. */
static struct redis *
owner_of(const redisAsyncContext *ac, const void *answer)
{
	struct redis *r = ac->data;

	if (r && !answer)
		go_down_lost(r, ac);
	return answer ? r : NULL;
}

static void
on_deadline(void *arg)
{
	struct redis *r = arg;
	struct request *q = TAILQ_FIRST(&r->flying);
	int64_t left_ms;

	if (r->state != LINK_UP) {
		go_down_with(r, ERR_TIMEOUT, "Redis did not take the connection in time");
		return;
	}
	if (!q)
		return;
	left_ms = q->deadline.ms - loop_now(r->loop).ms;
	if (left_ms > 0)
		timer_arm(&r->deadline, left_ms);
	else
		go_down_with(r, ERR_TIMEOUT, "Redis did not answer in time");
}

/* ---- sending ---- */

static void on_reply(redisAsyncContext *ac, void *reply, void *priv);

/* cmd is formatted already; q waits for its answer. 0, or -1: hiredis refuses. */
static int
fly(struct redis *r, struct request *q, const char *cmd, size_t len)
{
	if (redisAsyncFormattedCommand(r->ctx, on_reply, q, cmd, len))
		return -1;
	q->deadline = (struct mono){ loop_now(r->loop).ms + REDIS_TIMEOUT_MS };
	TAILQ_INSERT_TAIL(&r->flying, q, link);
	if (!timer_armed(&r->deadline))
		timer_arm(&r->deadline, REDIS_TIMEOUT_MS);
	return 0;
}

static void
launch(struct redis *r, struct redis_script *s, int argc, const char **argv, const size_t *argl,
       redis_fn *fn, void *arg)
{
	struct request *q = calloc(1, sizeof(*q));
	int len;

	if (!q)
		abort();
	*q = (struct request){ .fn = fn, .arg = arg, .script = s };
	r->pending++;
	if (r->state != LINK_UP) {
		request_fail(r, q, r->closed ? ERR_CANCELLED : ERR_IO);
		return;
	}
	len = redisFormatCommandArgv(&q->cmd, argc, argv, argl);
	if (len < 0)
		abort();
	q->cmd_len = (size_t)len;
	if (fly(r, q, q->cmd, q->cmd_len)) {
		request_fail(r, q, ERR_IO);
		return;
	}
	if (!s) {
		redisFreeCommand(q->cmd);
		q->cmd = NULL;
	}
}

void
redis_call(struct redis *r, int argc, const char *const *argv, const size_t *argl, redis_fn *fn,
           void *arg)
{
	launch(r, NULL, argc, (const char **)argv, argl, fn, arg);
}

static void
on_loaded(const struct redis_reply *reply, const struct err *e, void *arg)
{
	struct redis_script *s = arg;

	if (reply && redis_len(reply) + 1 == sizeof(s->sha))
		str_copy(s->sha, sizeof(s->sha), redis_str(reply));
	/* Refused (ACL) means EVAL from now on; lost means to ask again. */
	if (e && e->kind != ERR_REMOTE)
		s->asked = false;
}

static void
load_script(struct redis *r, struct redis_script *s)
{
	const char *argv[] = { "SCRIPT", "LOAD", s->text };

	s->asked = true;
	redis_call(r, 3, argv, NULL, on_loaded, s);
}

void
redis_eval(struct redis *r, struct redis_script *s, int nkeys, int argc, const char *const *argv,
           redis_fn *fn, void *arg)
{
	const char **all = reallocarray(NULL, (size_t)argc + 3, sizeof(*all));
	char count[12];

	if (!all)
		abort();
	if (!s->sha[0] && !s->asked && r->state == LINK_UP)
		load_script(r, s);
	snprintf(count, sizeof(count), "%d", nkeys);
	all[0] = s->sha[0] ? "EVALSHA" : "EVAL";
	all[1] = s->sha[0] ? s->sha : s->text;
	all[2] = count;
	memcpy(all + 3, argv, (size_t)argc * sizeof(*all));
	launch(r, s, argc + 3, all, NULL, fn, arg);
	free(all);
}

int
redis_pending(const struct redis *r)
{
	return r->pending;
}

/* ---- receiving ---- */

/* An error answer as a value; its first word is the tag. True: this connection is of no use. */
static bool
read_error(const redisReply *reply, struct err *e)
{
	static const char *const useless[] = { "LOADING", "READONLY", "MISCONF", "MASTERDOWN",
		                               "NOAUTH" };
	char tag[sizeof(e->tag)];

	snprintf(tag, sizeof(tag), "%.*s", (int)strcspn(reply->str, " "), reply->str);
	err_set(e, ERR_REMOTE, 0, "Redis: %s", reply->str);
	err_tag(e, tag);
	for (size_t i = 0; i < sizeof(useless) / sizeof(useless[0]); i++)
		if (!strcmp(tag, useless[i]))
			return true;
	return false;
}

/* The script was forgotten: teach it, and ask again. False: that was done already. */
static bool
teach(struct redis *r, struct request *q)
{
	if (!q->script || q->again)
		return false;
	q->again = true;
	load_script(r, q->script);
	return !fly(r, q, q->cmd, q->cmd_len);
}

static void
on_reply(redisAsyncContext *ac, void *answer, void *priv)
{
	struct redis *r = owner_of(ac, answer);
	struct request *q = priv;
	const redisReply *reply = answer;
	struct err e;

	if (!r)
		return;
	TAILQ_REMOVE(&r->flying, q, link);
	if (reply->type != REDIS_REPLY_ERROR) {
		request_end(r, q, (const void *)reply, NULL);
		return;
	}
	if (read_error(reply, &e))
		go_down(r, &e);
	else if (!strcmp(e.tag, "NOSCRIPT") && teach(r, q))
		return;
	request_end(r, q, NULL, &e);
}

/* ---- the connection comes ---- */

static void
on_start(redisAsyncContext *ac, void *answer, void *priv)
{
	struct redis *r = owner_of(ac, answer);
	const redisReply *reply = answer;
	struct err e;

	if (!r)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		read_error(reply, &e);
		go_down(r, &e);
		return;
	}
	if (!priv)
		return; /* only the last of them brings the redis along */
	r->state = LINK_UP;
	r->failures = 0;
	timer_disarm(&r->deadline);
	settle_later(r);
}

static void
on_info(redisAsyncContext *ac, void *answer, void *priv)
{
	struct redis *r = ac->data;
	const redisReply *reply = answer;
	const char *id, *version;
	long major;

	if (r && reply && reply->type == REDIS_REPLY_STRING) {
		version = strstr(reply->str, "redis_version:");
		major = version ? strtol(version + strlen("redis_version:"), NULL, 10) : 0;
		if (major < REDIS_OLDEST) {
			struct err e = { 0 };

			err_set(&e, ERR_REMOTE, 0,
			        "Redis is version %ld, the oldest that will do is %d", major,
			        REDIS_OLDEST);
			go_down(r, &e);
			return;
		}
		id = strstr(reply->str, "run_id:");
		if (id)
			snprintf(r->run_id, sizeof(r->run_id), "%.*s",
			         (int)strspn(id + 7, "0123456789abcdef"), id + 7);
	}
	on_start(ac, answer, priv);
}

/* LOADING lets INFO pass, not PING: so PING is the last. */
static void
on_connect(const redisAsyncContext *ctx, int status)
{
	struct redis *r = ctx->data;
	redisAsyncContext *ac;

	if (!r || status != REDIS_OK)
		return; /* hiredis frees it next, and says so by ev_cleanup */
	ac = r->ctx;
	r->state = LINK_STARTING;
	if (*r->user)
		redisAsyncCommand(ac, on_start, NULL, "AUTH %s %s", r->user, r->password);
	else if (*r->password)
		redisAsyncCommand(ac, on_start, NULL, "AUTH %s", r->password);
	if (r->url.db)
		redisAsyncCommand(ac, on_start, NULL, "SELECT %d", r->url.db);
	redisAsyncCommand(ac, on_info, NULL, "INFO server");
	redisAsyncCommand(ac, on_start, r, "PING");
}

/* ---- hiredis' wishes as a watch ---- */

static void
want(struct redis *r, int what)
{
	r->want = what;
	if (r->ctx)
		watch_set(&r->watch, r->ctx->c.fd, what);
}

static void
ev_add_read(void *arg)
{
	struct redis *r = arg;

	want(r, r->want | WATCH_READ);
}

/* Commands of a turn are written together at its end; what then does not fit waits for the watch.
 */
static void
ev_add_write(void *arg)
{
	struct redis *r = arg;

	if (r->state != LINK_UP || r->writing) {
		want(r, r->want | WATCH_WRITE);
		return;
	}
	r->unsent = true;
	settle_later(r);
}

static void
ev_del_write(void *arg)
{
	struct redis *r = arg;

	want(r, r->want & ~WATCH_WRITE);
}

/* hiredis frees the context, whoever asked for it. */
static void
ev_cleanup(void *arg)
{
	struct redis *r = arg;
	redisAsyncContext *ac = r->ctx;

	watch_set(&r->watch, -1, 0);
	r->want = 0;
	if (ac->data)
		go_down_lost(r, ac);
	r->ctx = NULL;
}

static void
write_out(struct redis *r)
{
	r->unsent = false;
	r->writing = true;
	redisAsyncHandleWrite(r->ctx);
	r->writing = false;
}

static void
on_watch(int fd, int what, void *arg)
{
	struct redis *r = arg;

	(void)fd;
	if (r->ctx && r->state != LINK_DOWN && (what & WATCH_WRITE))
		write_out(r);
	if (r->ctx && r->state != LINK_DOWN && (what & WATCH_READ))
		redisAsyncHandleRead(r->ctx);
}

static void
redis_connect(void *arg)
{
	struct redis *r = arg;
	redisAsyncContext *ac;

	assert(r->state == LINK_DOWN && !r->ctx);
	ac = *r->url.path ? redisAsyncConnectUnix(r->url.path)
	                  : redisAsyncConnect(r->url.host, r->url.port);
	if (!ac)
		abort();
	r->state = LINK_CONNECTING;
	if (ac->err) {
		go_down_with(r, ERR_IO, ac->errstr);
		redisAsyncFree(ac); /* from a timer, and nothing is attached yet */
		return;
	}
	r->ctx = ac;
	ac->data = r;
	ac->c.reader->maxbuf = READER_KEEPS;
	ac->ev.data = r;
	ac->ev.addRead = ev_add_read;
	ac->ev.addWrite = ev_add_write;
	ac->ev.delWrite = ev_del_write;
	ac->ev.cleanup = ev_cleanup;
	timer_arm(&r->deadline, REDIS_CONNECT_MS);
	redisAsyncSetConnectCallback(ac, on_connect); /* watches for writing */
}

static void
tell_change(struct redis *r)
{
	bool up = r->state == LINK_UP;

	if (up == r->told_up)
		return;
	r->told_up = up;
	for (int i = 0; i < REDIS_LISTENERS; i++)
		if (r->listeners[i].fn)
			r->listeners[i].fn(up, r->listeners[i].arg);
}

static void
settle(void *arg)
{
	struct redis *r = arg;
	struct requests failed = TAILQ_HEAD_INITIALIZER(failed);
	struct request *q;
	struct err e = r->why;

	r->settling = false;
	TAILQ_CONCAT(&failed, &r->failed, link);
	if (r->state == LINK_DOWN && r->ctx)
		redisAsyncFree(r->ctx); /* ev_cleanup makes it NULL */
	if (r->unsent && r->ctx)
		write_out(r);
	while ((q = TAILQ_FIRST(&failed))) {
		TAILQ_REMOVE(&failed, q, link);
		e.kind = q->kind;
		request_end(r, q, NULL, &e);
	}
	if (!r->closed)
		tell_change(r);
}

/* ---- life ---- */

static void
memory_free(void *arg)
{
	struct redis *r = arg;

	if (r->settling) { /* a callback asked once more: it hears first */
		loop_defer(r->loop, memory_free, r);
		return;
	}
	assert(!r->ctx);
	watch_done(&r->watch);
	timer_done(&r->retry);
	timer_done(&r->deadline);
	free(r->user);
	if (r->password)
		explicit_bzero(r->password, strlen(r->password));
	free(r->password);
	free(r);
}

struct redis *
redis_new(struct loop *l, const struct redis_conf *conf, struct err *e)
{
	struct redis *r = calloc(1, sizeof(*r));

	if (!r) {
		err_set(e, ERR_NOMEM, 0, "no memory for Redis");
		return NULL;
	}
	r->loop = l;
	TAILQ_INIT(&r->flying);
	TAILQ_INIT(&r->failed);
	if (redis_url_read(conf->url, &r->url, e))
		goto fail;
	r->user = strdup(conf->user ? conf->user : "");
	r->password = strdup(conf->password ? conf->password : "");
	if (!r->user || !r->password) {
		err_set(e, ERR_NOMEM, 0, "no memory for Redis");
		goto fail;
	}
	err_set(&r->why, ERR_IO, 0, "not connected to Redis yet");
	watch_init(&r->watch, l, on_watch, r);
	timer_init(&r->retry, l, redis_connect, r);
	timer_init(&r->deadline, l, on_deadline, r);
	timer_arm(&r->retry, 0);
	return r;
fail:
	memory_free(r);
	return NULL;
}

void
redis_free(struct redis *r)
{
	struct err e;

	if (!r)
		return;
	assert(!r->closed);
	r->closed = true;
	err_set(&e, ERR_CANCELLED, 0, "Redis is being closed");
	go_down(r, &e);
	timer_disarm(&r->retry);
	settle_later(r);
	loop_defer(r->loop, memory_free, r);
}

bool
redis_up(const struct redis *r)
{
	return r->state == LINK_UP;
}

const struct err *
redis_why(const struct redis *r)
{
	return &r->why;
}

const char *
redis_run_id(const struct redis *r)
{
	return r->run_id;
}

void
redis_on_change(struct redis *r, void (*fn)(bool up, void *arg), void *arg)
{
	int i = 0;

	while (i < REDIS_LISTENERS && r->listeners[i].fn)
		i++;
	assert(i < REDIS_LISTENERS);
	r->listeners[i].fn = fn;
	r->listeners[i].arg = arg;
}

void
redis_off_change(struct redis *r, void *arg)
{
	for (int i = 0; i < REDIS_LISTENERS; i++)
		if (r->listeners[i].arg == arg)
			r->listeners[i].fn = NULL;
}
