#include "daemon/io/pg_session.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

static int
state_code(const char *s)
{
	return s && strlen(s) == 5 ? PG_STATE(s[0], s[1], s[2], s[3], s[4]) : 0;
}

void
pg_result_error(const PGresult *res, struct err *e)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	const char *hint = PQresultErrorField(res, PG_DIAG_MESSAGE_HINT);
	const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);

	if (state && !strncmp(state, "TT", 2)) {
		err_set(e, ERR_INPUT, (int)strtol(state + 2, NULL, 10), "%s",
		        text ? text : "refused");
		if (hint && *hint)
			err_hint(e, "%s", hint);
		if (detail)
			err_tag(e, detail);
		return;
	}
	err_set(e, ERR_REMOTE, state_code(state), "PostgreSQL %s: %s", state ? state : "?",
	        text ? text : "no text");
}

int
pg_rows(const struct pg_result *r)
{
	return PQntuples(r);
}

const char *
pg_str(const struct pg_result *r, int row, int col)
{
	return PQgetisnull(r, row, col) ? NULL : PQgetvalue(r, row, col);
}

size_t
pg_strlen(const struct pg_result *r, int row, int col)
{
	return (size_t)PQgetlength(r, row, col);
}

int64_t
pg_num(const struct pg_result *r, int row, int col)
{
	const char *s = pg_str(r, row, col);

	return s ? strtoll(s, NULL, 10) : 0;
}

bool
pg_truth(const struct pg_result *r, int row, int col)
{
	const char *s = pg_str(r, row, col);

	return s && *s == 't';
}

const void *
pg_bytes(struct pg_result *r, int row, int col, size_t *ret_len)
{
	const char *s = pg_str(r, row, col);
	unsigned char *decoded;
	void *kept;
	size_t len;

	if (!s)
		return NULL;
	decoded = PQunescapeBytea((const unsigned char *)s, &len);
	if (!decoded)
		return NULL;
	kept = PQresultAlloc(r, len ? len : 1);
	if (kept) {
		memcpy(kept, decoded, len);
		*ret_len = len;
	}
	explicit_bzero(decoded, len); /* sealed or not: keys and tokens are read this way */
	PQfreemem(decoded);
	return kept;
}
