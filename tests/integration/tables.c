#include "tests/integration/tables.h"

#include "daemon/store/schema.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"

struct pgserver *
tables_start(struct harness *h)
{
	struct pgserver *pg = pgserver_start(h, NULL);
	struct buf script;
	struct err e = { 0 };

	buf_init(&script, SCHEMA_SCRIPT_MAX);
	if (schema_script(&script, &e))
		harness_die(NULL, "%s", e.text);
	pgserver_do(pg, buf_text(&script));
	buf_done(&script);
	return pg;
}
