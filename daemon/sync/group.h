/*
 * group: many small requests to PostgreSQL as one statement and one commit.
 *
 * While one statement is under way, what comes in waits; then all of it goes together. Cost per row
 * falls as load rises, and nobody waits when there is none.
 *
 * Errors: a statement that the server refuses for what it holds is repeated item by item, so that
 *         one bad item fails alone. Lost answers (ERR_IO, ERR_TIMEOUT) fail all items: the outcome
 *         is unknown, every statement here is harmless when repeated. Conflicts are io/pg's.
 * Owner:  items are embedded in their holders, which leave by group_leave before they go away.
 */
#ifndef TTSYNC_GROUP_H
#define TTSYNC_GROUP_H

#include "common/err.h"
#include "daemon/io/pg.h"

#include <stdbool.h>
#include <sys/queue.h>

#define GROUP_ITEMS_MAX 64

struct env;
struct group;

struct group_item {
	TAILQ_ENTRY(group_item) link;
	struct group *group; /* NULL: in none */
	struct group_flight *flight;
	int weight; /* rows it brings */
	/* Its share was done (e NULL, outputs filled by the group's read), or not. */
	void (*done)(struct group_item *i, const struct err *e);
};
TAILQ_HEAD(group_items, group_item);

struct group_ops {
	const struct pg_stmt *stmt;
	int max_weight; /* of one statement; a single item may be heavier */
	int max_flights;
	/* Make the parameters for n items. */
	void (*fill)(struct env *env, struct pg_args *a, struct group_item *const *items, int n);
	/*
	 * Give each item its outputs. items[k] may be NULL: it left; weights[k] is what it weighed.
	 * 0, or -1: all fail with *e.
	 */
	int (*read)(struct pg_result *r, struct group_item *const *items, const int *weights, int n,
	            struct err *e);
};

struct group {
	struct env *env;
	const struct group_ops *ops;
	struct group_items waiting;
	int flights;
	bool kicked;
};

void group_init(struct group *g, struct env *env, const struct group_ops *ops);
void group_add(struct group *g, struct group_item *i);
/* No done will come. Legal in any state. */
void group_leave(struct group_item *i);

#endif
