/*
 * grants: codes and tokens of a seller's authorization.
 *
 * A token is a kind, a seller, a number and a MAC over them: nothing is looked up to know whose it
 * is, and none can be made up. What a number is worth is a row of the grant. Numbers go on through
 * re-authorizations, so that a call log can say which token was used.
 *
 * Units:  seconds of the sandbox's clock.
 * Source: tiktok-shop-api.md 2.2-2.8; where it leaves room (11), the rotation is an option:
 *         strict: a refresh token dies when it is used; grace: it lives on for a while; none: the
 *         same refresh token comes back each time.
 */
#ifndef SANDBOX_GRANTS_H
#define SANDBOX_GRANTS_H

#include <stdbool.h>
#include <stdint.h>

#define GRANTS_TOKEN_MAX 160
#define GRANTS_MAC_BYTES 16

enum grants_rotate { GRANTS_STRICT = 0, GRANTS_GRACE, GRANTS_NONE };

struct grants_rules {
	enum grants_rotate rotate;
	int64_t grace_s;
	int64_t access_s;  /* life of an access token */
	int64_t refresh_s; /* life of an authorization */
	int64_t code_s;
	bool old_access_dies; /* at the refresh that follows it */
	unsigned char key[32];
};

struct grants_token {
	int64_t until; /* not good from here on */
	bool dead;     /* replaced, revoked or used up */
};

/* Numbered tokens of one kind: number n is rows[n - 1]. */
struct grants_row {
	struct grants_token *rows;
	unsigned n;
	unsigned room;
};

struct grant {
	bool granted; /* authorized at least once, not revoked since */
	struct grants_row code;
	struct grants_row access;
	struct grants_row refresh;
	int64_t ends;      /* of the authorization */
	uint32_t scopes;   /* bit i: row i of scope.def */
	unsigned inflight; /* refreshes whose answer is still on its way */
	unsigned inflight_max;
	unsigned refreshes;
	int revoked_code; /* what calls get after the seller removed the app */
};

enum grants_verdict { GRANTS_UNKNOWN = 0, GRANTS_GOOD, GRANTS_EXPIRED, GRANTS_DEAD };

/* A token taken apart: the kind is 'A', 'R' or 'C' (code). */
struct grants_name {
	char kind;
	unsigned seller;
	unsigned n;
};

/* 0, or -1 where the text is no token of these rules. */
int grants_parse(const struct grants_rules *r, const char *text, struct grants_name *ret);
void grants_text(const struct grants_rules *r, const char *prefix, struct grants_name name,
                 char dst[GRANTS_TOKEN_MAX]);

/* The consent page: a new code, good for code_s. Returns its number. */
unsigned grants_code(const struct grants_rules *r, struct grant *g, int64_t now);
/* Token get: 0 and the grant holds a new pair; -1 where the code is used, old or unknown. */
int grants_take(const struct grants_rules *r, struct grant *g, unsigned code, int64_t now);
/* Token refresh with refresh token number n; the newest of both rows are the new pair. */
enum grants_verdict grants_refresh(const struct grants_rules *r, struct grant *g, unsigned n,
                                   int64_t now);
enum grants_verdict grants_access(const struct grant *g, unsigned n, int64_t now);
void grants_revoke(struct grant *g, int code);
/* Everything of one kind ('A' or 'R') runs out now. */
void grants_expire(struct grant *g, char kind, int64_t now);
void grants_done(struct grant *g);

#endif
