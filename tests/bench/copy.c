#include "tests/bench/copy.h"

#include "common/clock.h"
#include "common/own.h"
#include "tests/bench/bed.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"

#include <stdlib.h>

static const char *const tables[] = { "orders", "order_line", "outbox" };

static void
run(struct bed *b, const char *sql)
{
	pgserver_exec(b->pg, sql);
}

/* In the directory of the server's socket: that user may write there. */
static const char *
file_of(struct bed *b, const char *table)
{
	return harness_path(b->h, "pg/%s.copy", table);
}

static double
copy_in(struct bed *b, const char *table)
{
	const char *sql = harness_text(b->h, "COPY copied.%s FROM '%s' (FORMAT binary)", table,
	                               file_of(b, table));
	int64_t from = mono_us();

	run(b, sql);
	return (double)(mono_us() - from) / 1e6;
}

double
copy_s(struct bed *b)
{
	double sum = 0;

	run(b, "CREATE SCHEMA copied");
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		run(b, harness_text(b->h, "CREATE TABLE copied.%s (LIKE ttsync.%s INCLUDING ALL)",
		                    tables[i], tables[i]));
		run(b, harness_text(b->h, "COPY ttsync.%s TO '%s' (FORMAT binary)", tables[i],
		                    file_of(b, tables[i])));
	}
	run(b, "CHECKPOINT");
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		sum += copy_in(b, tables[i]);
	run(b, "DROP TABLE copied.orders, copied.order_line, copied.outbox; DROP SCHEMA copied");
	return sum;
}
