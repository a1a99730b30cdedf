#include "daemon/store/schema.h"

#include "common/own.h"
#include "text/001_tables_sql.h"
#include "text/002_views_sql.h"
#include "text/003_sync_sql.h"
#include "text/004_grants_sql.h"
#include "text/005_api_sql.h"

#include <inttypes.h>
#include <string.h>

#define EXIT_CONFIG 78

static const struct {
	int version;
	const char *name;
	const char *text;
} files[] = {
	{ 1, "tables", text_001_tables_sql }, { 2, "views", text_002_views_sql },
	{ 3, "sync", text_003_sync_sql },     { 4, "grants", text_004_grants_sql },
	{ 5, "api", text_005_api_sql },
};

/* PostgreSQL's dollar quotes around a whole file; no file may hold this tag. */
#define QUOTE "$ttsync_migration$"

int
schema_version(void)
{
	return files[ARRAY_LEN(files) - 1].version;
}

int
schema_script(struct buf *out, struct err *e)
{
	buf_str(out, "BEGIN;\n"
	             "SELECT pg_advisory_xact_lock(7496551201);\n" /* any number, always the same */
	             "CREATE SCHEMA IF NOT EXISTS ttsync;\n"
	             "CREATE TABLE IF NOT EXISTS ttsync.schema_migration (\n"
	             "  version int PRIMARY KEY, name text NOT NULL,\n"
	             "  applied_at timestamptz NOT NULL DEFAULT now());\n"
	             "DO $run$ BEGIN\n");
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		buf_printf(
		    out,
		    "IF NOT EXISTS (SELECT FROM ttsync.schema_migration WHERE version = %d) THEN\n"
		    "EXECUTE " QUOTE "%s" QUOTE ";\n"
		    "INSERT INTO ttsync.schema_migration (version, name) VALUES (%d, '%s');\n"
		    "END IF;\n",
		    files[i].version, files[i].text, files[i].version, files[i].name);
	buf_str(out, "END $run$;\nCOMMIT;\n");
	if (out->failed)
		return err_set(e, ERR_NOMEM, 0, "no memory for the schema");
	return 0;
}

int
schema_check(int64_t found, struct err *e)
{
	if (found == schema_version())
		return 0;
	if (found > schema_version()) {
		err_set(e, ERR_INPUT, EXIT_CONFIG,
		        "the database has schema version %" PRId64 ", this program knows %d", found,
		        schema_version());
		return err_hint(
		    e, "install a newer ttsyncd; an older one never changes a newer schema");
	}
	err_set(e, ERR_INPUT, EXIT_CONFIG,
	        "the database has schema version %" PRId64 ", this program needs %d", found,
	        schema_version());
	return err_hint(e, "run: ttsyncd --migrate, or set auto_migrate = yes in [postgres]");
}
