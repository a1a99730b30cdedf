#include "tests/sandbox/grants.h"

#include "common/crypto.h"
#include "common/str.h"
#include "tests/sandbox/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
grants_text(const struct grants_rules *r, const char *prefix, struct grants_name name,
            char dst[GRANTS_TOKEN_MAX])
{
	char head[64], hex[CRYPTO_HMAC_HEX];
	const char *what = name.kind == 'C' ? "CODE" : "TOKEN";
	int n = snprintf(head, sizeof(head), "CANARY-%s-%c-%u-%u-", what, name.kind, name.seller,
	                 name.n);
	struct crypto_part part = { head, (size_t)n };

	crypto_hmac_hex(r->key, sizeof(r->key), &part, 1, hex);
	hex[2 * GRANTS_MAC_BYTES] = '\0';
	snprintf(dst, GRANTS_TOKEN_MAX, "%s%s%s", prefix, head, hex);
}

int
grants_parse(const struct grants_rules *r, const char *text, struct grants_name *ret)
{
	struct grants_name name;
	char again[GRANTS_TOKEN_MAX], prefix[5] = "", what[8] = "";
	int used = 0;

	if (sscanf(text, "%4[A-Z_]CANARY-%7[A-Z]-%c-%u-%u-%n", prefix, what, &name.kind,
	           &name.seller, &name.n, &used) != 5 ||
	    !used)
		return -1;
	grants_text(r, prefix, name, again);
	if (strlen(again) != strlen(text) || !str_equal_secret(again, text, strlen(again)))
		return -1;
	*ret = name;
	return 0;
}

static unsigned
push(struct grants_row *row, int64_t until)
{
	if (row->n == row->room) {
		row->room = row->room ? row->room * 2 : 4;
		row->rows = mem_grow(row->rows, row->room, sizeof(*row->rows));
	}
	row->rows[row->n++] = (struct grants_token){ .until = until };
	return row->n;
}

static struct grants_token *
token(const struct grants_row *row, unsigned n)
{
	return n >= 1 && n <= row->n ? &row->rows[n - 1] : NULL;
}

static void
kill_all(struct grants_row *row)
{
	for (unsigned i = 0; i < row->n; i++)
		row->rows[i].dead = true;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

unsigned
grants_code(const struct grants_rules *r, struct grant *g, int64_t now)
{
	return push(&g->code, now + r->code_s);
}

int
grants_take(const struct grants_rules *r, struct grant *g, unsigned code, int64_t now)
{
	struct grants_token *t = token(&g->code, code);

	if (!t || t->dead || now >= t->until)
		return -1;
	t->dead = true;
	kill_all(&g->access);
	kill_all(&g->refresh);
	g->granted = true;
	g->revoked_code = 0;
	g->ends = now + r->refresh_s;
	push(&g->refresh, g->ends);
	push(&g->access, sooner(now + r->access_s, g->ends));
	return 0;
}

enum grants_verdict
grants_refresh(const struct grants_rules *r, struct grant *g, unsigned n, int64_t now)
{
	struct grants_token *t = token(&g->refresh, n);

	if (!t || !g->granted || t->dead)
		return GRANTS_DEAD;
	if (now >= t->until)
		/* a rotated one that outlived its grace is unknown; the last one has expired */
		return n == g->refresh.n ? GRANTS_EXPIRED : GRANTS_DEAD;
	if (r->rotate == GRANTS_STRICT)
		t->dead = true;
	else if (r->rotate == GRANTS_GRACE)
		t->until = sooner(t->until, now + r->grace_s);
	if (r->rotate != GRANTS_NONE)
		push(&g->refresh, g->ends);
	if (r->old_access_dies)
		kill_all(&g->access);
	push(&g->access, sooner(now + r->access_s, g->ends));
	g->refreshes++;
	return GRANTS_GOOD;
}

enum grants_verdict
grants_access(const struct grant *g, unsigned n, int64_t now)
{
	const struct grants_token *t = token(&g->access, n);

	if (!t)
		return GRANTS_UNKNOWN;
	if (!g->granted || t->dead)
		return GRANTS_DEAD;
	return now >= t->until ? GRANTS_EXPIRED : GRANTS_GOOD;
}

void
grants_revoke(struct grant *g, int code)
{
	g->granted = false;
	g->revoked_code = code;
	kill_all(&g->code);
	kill_all(&g->access);
	kill_all(&g->refresh);
}

void
grants_expire(struct grant *g, char kind, int64_t now)
{
	struct grants_row *row = kind == 'A' ? &g->access : &g->refresh;

	for (unsigned i = 0; i < row->n; i++)
		row->rows[i].until = sooner(row->rows[i].until, now);
	if (kind == 'R')
		g->ends = sooner(g->ends, now);
}

void
grants_done(struct grant *g)
{
	free(g->code.rows);
	free(g->access.rows);
	free(g->refresh.rows);
	*g = (struct grant){ 0 };
}
