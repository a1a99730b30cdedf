/*
 * control: the control socket: lines in, one table of commands, lines out (contract.md 4).
 *
 * A request is {"v":1,"id":N,"cmd":"shops","args":{...}} or {"v":1,"id":N,"argv":["shops",...]};
 * id is a number or a short string and comes back as it was. "view":true asks for the columns a
 * person wants to see with the answer, "lang":"th" for them in Thai. Answers come as they are
 * ready, not in the order asked; one that had no room for a whole list says what to ask for next
 * (answer.h). A line that is no request is answered and ends nothing else.
 *
 * Limits: CONTROL_CONNS_MAX connections, CONTROL_REQUESTS_MAX unanswered requests of each, lines of
 *         FRAME_REQUEST_MAX and FRAME_ANSWER_MAX; what io/sock.h says of slow clients.
 * Owner:  control thread only.
 * Source: contract.md 4 and 5; reliability.md F45 to F47.
 */
#ifndef TTSYNC_CONTROL_H
#define TTSYNC_CONTROL_H

#include "common/err.h"
#include "daemon/control/cmd.h"
#include "daemon/work/task.h"

#include <stdint.h>

#define CONTROL_CONNS_MAX    128
#define CONTROL_REQUESTS_MAX 16
#define CONTROL_MODE         0660

struct buf;
struct control;
struct counters;
struct json;
struct loop;
struct sock_peer;

/* What the daemon behind the socket can do; arg is handed to each. */
struct control_ops {
	/* As task_post and task_drop. */
	uint64_t (*post)(const char *op, const char *args, const char *actor, task_fn *fn,
	                 void *fn_arg, void *arg);
	void (*drop)(uint64_t id, void *arg);
	/* What is known of the queue without asking anybody: one object. The caller owns it. */
	struct json *(*queue)(void *arg);
	/* About the process: {"state":"up","version":...}. The caller owns it. */
	struct json *(*facts)(void *arg);
	/* Append the statistics in Prometheus' text format. 0, or -1 where out is too small. */
	int (*stats)(struct buf *out, void *arg);
	void *arg;
};

struct control_conf {
	const char *socket;            /* path */
	const char *admin_group;       /* "": root and the daemon's user alone */
	const char *monitor_group;     /* "": nobody */
	const struct control_ops *ops; /* kept, not copied */
	struct counters *counters;     /* of the control thread */
	/* What a peer may do; NULL: as peer.h says. */
	enum cmd_access (*access)(const struct sock_peer *p, void *arg);
	int64_t half_line_ms; /* 0: SOCK_HALF_MS */
};

struct control *control_new(struct loop *l, const struct control_conf *conf, struct err *e);
/* Closes all connections and drops what they asked for. */
void control_free(struct control *c);
/* Groups as after a reload; connections keep what they could do when they came. */
int control_groups(struct control *c, const char *admin, const char *monitor, struct err *e);

#endif
