#include "daemon/control/control.h"

#include "common/exits.h"
#include "common/frame.h"
#include "common/json.h"
#include "common/str.h"
#include "daemon/base/counter.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/control/answer.h"
#include "daemon/control/args.h"
#include "daemon/control/peer.h"
#include "daemon/control/req.h"
#include "daemon/io/sock.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define PROTOCOL     1
#define ID_CHARS_MAX 64

/* A client, from on_open to on_gone or sock_close. */
struct client {
	LIST_ENTRY(client) link;
	uint64_t id; /* of its connection */
	enum cmd_access access;
	char actor[PEER_ACTOR_MAX];
	uid_t uid;
	pid_t pid;
	int n_running;
	bool eof; /* it asks no more: close after the last answer */
};

struct control {
	struct loop *loop;
	struct control_conf conf;
	struct peer_groups groups;
	struct sock *sock;
	struct reqs *reqs;
	LIST_HEAD(, client) clients;
};

/* A request as it was read. */
struct ask {
	char id[ID_CHARS_MAX + 16]; /* JSON text */
	const struct cmd *cmd;
	struct json *args;
	uint32_t missing; /* arguments, as args.h has them */
};

static struct client *
client_find(struct control *c, uint64_t conn)
{
	struct client *cl;

	LIST_FOREACH (cl, &c->clients, link)
		if (cl->id == conn)
			return cl;
	return NULL;
}

static void
client_free(struct control *c, struct client *cl)
{
	reqs_drop(c->reqs, cl->id);
	LIST_REMOVE(cl, link);
	free(cl);
}

static void
client_close(struct control *c, struct client *cl)
{
	sock_close(c->sock, cl->id);
	client_free(c, cl);
}

static void
send_line(uint64_t conn, const void *line, size_t len, void *arg)
{
	struct control *c = arg;

	sock_send(c->sock, conn, line, len);
}

static void
on_ended(uint64_t conn, bool ok, void *arg)
{
	struct control *c = arg;
	struct client *cl = client_find(c, conn);

	count(c->conf.counters, ok ? COUNT_CONTROL_REQUESTS : COUNT_CONTROL_REFUSED, 1);
	if (!cl)
		return;
	cl->n_running--;
	if (cl->eof && !cl->n_running)
		client_close(c, cl);
}

/* Answer what never became a request. */
static void
refuse(struct control *c, uint64_t conn, const char *id, const struct err *why,
       const struct json *ask)
{
	struct buf line;

	buf_init(&line, FRAME_ANSWER_MAX);
	answer_error(&line, id, why, ask);
	sock_send(c->sock, conn, line.data, line.len);
	buf_done(&line);
	count(c->conf.counters, COUNT_CONTROL_REFUSED, 1);
}

static int
malformed(struct err *e, const char *what)
{
	err_set(e, ERR_INPUT, EXITS_USAGE, "not a request: %s", what);
	err_hint(e, "{\"v\":1,\"id\":1,\"cmd\":\"help\"} lists every command");
	return err_tag(e, "malformed");
}

/* The id as JSON text: an integer, or a string of at most ID_CHARS_MAX bytes in JSON. */
static int
read_id(const struct json *line, struct ask *a, struct err *e)
{
	const struct json *id = json_get(line, "id");
	struct buf text;
	int64_t n;
	bool ok;

	str_copy(a->id, sizeof(a->id), "null");
	if (!id)
		return 0;
	buf_init(&text, sizeof(a->id) - 1);
	json_write(id, &text);
	ok = !text.failed && (json_text(id) || !str_i64(buf_text(&text), &n)) &&
	     str_copy(a->id, sizeof(a->id), buf_text(&text));
	buf_done(&text);
	return ok ? 0 : malformed(e, "id is an integer or a short string");
}

/* "--help" anywhere asks for help with the words before the first option. */
static bool
wants_help(const struct json *argv)
{
	for (size_t i = 0; i < json_len(argv); i++) {
		const char *word = json_text(json_at(argv, i));

		if (word && !strcmp(word, "--"))
			return false;
		if (word && (!strcmp(word, "--help") || !strcmp(word, "-h")))
			return true;
	}
	return false;
}

static int
read_argv(const struct json *argv, struct ask *a, struct err *e)
{
	size_t used;

	if (!json_is_arr(argv))
		return malformed(e, "argv is an array of strings");
	if (wants_help(argv)) {
		const struct cmd *about = NULL;

		if (json_text(json_at(argv, 0)) && json_text(json_at(argv, 0))[0] != '-' &&
		    !(about = cmd_find_argv(argv, &used, e)))
			return -1;
		a->cmd = &cmd_help;
		a->args = json_obj();
		if (about)
			json_put_str(a->args, "topic", about->words);
		return 0;
	}
	a->cmd = cmd_find_argv(argv, &used, e);
	if (a->cmd)
		a->args = args_from_argv(a->cmd, argv, used, wall_now(), &a->missing, e);
	return a->args ? 0 : -1;
}

static int
read_ask(const struct json *line, struct ask *a, struct err *e)
{
	const char *words = json_str(line, "cmd");
	int64_t v;

	if (!json_is_obj(line)) {
		str_copy(a->id, sizeof(a->id), "null");
		return malformed(e, "a request is an object");
	}
	if (read_id(line, a, e))
		return -1;
	if (json_get(line, "v") && (json_i64(line, "v", &v) || v != PROTOCOL)) {
		err_set(e, ERR_INPUT, EXITS_USAGE, "this daemon speaks version %d", PROTOCOL);
		return err_tag(e, "unsupported_version");
	}
	if (!words)
		return json_get(line, "argv") ? read_argv(json_get(line, "argv"), a, e)
		                              : malformed(e, "there is neither cmd nor argv");
	a->cmd = cmd_find(words, e);
	if (a->cmd)
		a->args =
		    args_from_json(a->cmd, json_get(line, "args"), wall_now(), &a->missing, e);
	return a->args ? 0 : -1;
}

/* May it, now? */
static int
check_client(const struct control *c, const struct client *cl, const struct cmd *cmd, struct err *e)
{
	assert(cmd); /* read_ask found one */
	if (cl->access < cmd->access || cmd->access == CMD_NOBODY) {
		log_event(LOG_WARN, "control.refused", "uid=%u pid=%d verb=%s", (unsigned)cl->uid,
		          (int)cl->pid, LOGQ(cmd->words));
		peer_refusal(&c->groups, cl->access, e);
		return -1;
	}
	if (cl->n_running >= CONTROL_REQUESTS_MAX) {
		err_set(e, ERR_THROTTLED, 0, "%d requests of this connection are not answered yet",
		        CONTROL_REQUESTS_MAX);
		return err_tag(e, "too_many_requests");
	}
	return 0;
}

static void
start(struct control *c, struct client *cl, const struct json *line, const struct ask *a)
{
	const struct json *argv = json_get(line, "argv");
	struct req_ask ask = {
		.conn = cl->id,
		.id = a->id,
		.cmd = a->cmd,
		.args = a->args,
		.actor = cl->actor,
		.lang = lang_parse(json_str(line, "lang")),
		.view = json_flag(line, "view"),
		.bare = !json_str(line, "cmd") && json_is_arr(argv) && !json_len(argv),
	};

	if (a->cmd->access == CMD_ADMIN)
		log_event(LOG_INFO, "control.change", "verb=%s actor=%s pid=%d",
		          LOGQ(a->cmd->words), LOGQ(cl->actor), (int)cl->pid);
	cl->n_running++;
	reqs_start(c->reqs, &ask);
}

static void
on_line(uint64_t conn, const char *text, size_t len, void *arg)
{
	struct control *c = arg;
	struct client *cl = client_find(c, conn);
	CLEANUP(json_freep) struct json *line = NULL;
	struct ask a = { .id = "null" };
	struct err e;
	int rc;

	if (cl->access == CMD_NOBODY) {
		log_event(LOG_WARN, "control.refused", "uid=%u pid=%d", (unsigned)cl->uid,
		          (int)cl->pid);
		peer_refusal(&c->groups, CMD_NOBODY, &e);
		refuse(c, conn, a.id, &e, NULL);
		client_close(c, cl);
		return;
	}
	line = json_parse(text, len, &e);
	rc = line ? read_ask(line, &a, &e) : malformed(&e, "a line is one JSON object");
	if (!rc)
		rc = check_client(c, cl, a.cmd, &e);
	if (rc) {
		CLEANUP(json_freep) struct json *ask = NULL;

		if (a.missing)
			ask = args_ask(a.cmd, a.missing, lang_parse(json_str(line, "lang")));
		json_free(a.args);
		refuse(c, conn, a.id, &e, ask);
	} else {
		start(c, cl, line, &a);
	}
}

static void
on_open(uint64_t conn, const struct sock_peer *peer, void *arg)
{
	struct control *c = arg;
	struct client *cl = calloc(1, sizeof(*cl));

	if (!cl) {
		sock_close(c->sock, conn);
		return;
	}
	cl->id = conn;
	cl->uid = peer->uid;
	cl->pid = peer->pid;
	cl->access =
	    c->conf.access ? c->conf.access(peer, c->conf.ops->arg) : peer_access(&c->groups, peer);
	peer_actor(peer, cl->actor);
	LIST_INSERT_HEAD(&c->clients, cl, link);
}

static void
on_bad(uint64_t conn, const struct err *why, void *arg)
{
	struct control *c = arg;
	struct err e = *why;

	if (e.kind == ERR_INPUT)
		malformed(&e, why->text);
	refuse(c, conn, "null", &e, NULL);
}

static void
on_eof(uint64_t conn, void *arg)
{
	struct control *c = arg;
	struct client *cl = client_find(c, conn);

	cl->eof = true;
	if (!cl->n_running)
		client_close(c, cl);
}

static void
on_gone(uint64_t conn, void *arg)
{
	struct control *c = arg;

	client_free(c, client_find(c, conn));
}

struct control *
control_new(struct loop *l, const struct control_conf *conf, struct err *e)
{
	struct control *c = calloc(1, sizeof(*c));
	struct sock_conf sock = { .on_open = on_open,
		                  .on_line = on_line,
		                  .on_bad = on_bad,
		                  .on_eof = on_eof,
		                  .on_gone = on_gone,
		                  .arg = c,
		                  .conns_max = CONTROL_CONNS_MAX,
		                  .line_max = FRAME_REQUEST_MAX,
		                  .out_max = FRAME_ANSWER_MAX,
		                  .half_ms = conf->half_line_ms,
		                  .full =
		                      "{\"id\":null,\"ok\":false,\"error\":{\"code\":"
		                      "\"too_many_connections\",\"message\":\"all places of the "
		                      "control socket are taken\",\"hint\":\"close idle "
		                      "connections, then try again\",\"retryable\":true,"
		                      "\"exit\":75}}\n" };

	if (!c) {
		err_set(e, ERR_NOMEM, 0, "no memory for the control socket");
		return NULL;
	}
	c->loop = l;
	c->conf = *conf;
	LIST_INIT(&c->clients);
	c->reqs = reqs_new(&(struct reqs_conf){
	    .loop = l, .ops = conf->ops, .send = send_line, .ended = on_ended, .arg = c });
	if (control_groups(c, conf->admin_group, conf->monitor_group, e))
		goto fail;
	c->sock = sock_new(l, conf->socket, CONTROL_MODE, &sock, e);
	if (!c->sock)
		goto fail;
	return c;
fail:
	control_free(c);
	return NULL;
}

void
control_free(struct control *c)
{
	if (!c)
		return;
	sock_free(c->sock);
	while (!LIST_EMPTY(&c->clients))
		client_free(c, LIST_FIRST(&c->clients));
	reqs_free(c->reqs);
	free(c);
}

int
control_groups(struct control *c, const char *admin, const char *monitor, struct err *e)
{
	return peer_groups_find(&c->groups, admin, monitor, e);
}
