#include "daemon/store/schema.h"

#include "common/crypto.h"
#include "common/own.h"
#include "text/001_tables_sql.h"
#include "text/006_connections_sql.h"
#include "text/007_buyer_sketch_sql.h"
#include "text/008_row_counts_sql.h"
#include "text/009_walk_mark_sql.h"
#include "text/api_sql.h"
#include "text/counts_sql.h"
#include "text/grants_sql.h"
#include "text/ics_sql.h"
#include "text/ingest_sql.h"
#include "text/life_sql.h"
#include "text/privacy_sql.h"
#include "text/shops_sql.h"
#include "text/shown_sql.h"
#include "text/stored_sql.h"
#include "text/sync_sql.h"
#include "text/views_sql.h"

#include <inttypes.h>
#include <string.h>

#define EXIT_CONFIG 78

/* Tables. 2 to 5 were functions, which have no numbers any more. */
static const struct {
	int version;
	const char *name;
	const char *text;
} files[] = {
	{ 1, "tables", text_001_tables_sql },
	{ 6, "connections", text_006_connections_sql },
	{ 7, "buyer_sketch", text_007_buyer_sketch_sql },
	{ 8, "row_counts", text_008_row_counts_sql },
	{ 9, "walk_mark", text_009_walk_mark_sql },
};

/* Views and functions, in the order they need each other. */
static const char *const code[] = {
	text_shops_sql,  text_sync_sql,  text_ingest_sql,  text_counts_sql,
	text_grants_sql, text_views_sql, text_shown_sql,   text_api_sql,
	text_stored_sql, text_life_sql,  text_privacy_sql, text_ics_sql,
};

/* PostgreSQL's dollar quotes around a whole file; no file may hold this tag. */
#define QUOTE "$ttsync_migration$"

/* Views stay, so that nobody's rights on them are lost; what they are made of stays with them. */
static const char drop_functions[] =
    "FOR old IN SELECT p.oid::regprocedure::text FROM pg_proc p\n"
    "           WHERE p.pronamespace = 'ttsync'::regnamespace LOOP\n"
    "  BEGIN EXECUTE 'DROP FUNCTION ' || old;\n"
    "  EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END;\n"
    "END LOOP;\n";

int
schema_version(void)
{
	return files[ARRAY_LEN(files) - 1].version;
}

const char *
schema_code(char dst[SCHEMA_CODE_MAX])
{
	unsigned char hashes[ARRAY_LEN(code)][CRYPTO_HASH_BYTES], all[CRYPTO_HASH_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(code); i++)
		crypto_sha256(code[i], strlen(code[i]), hashes[i]);
	crypto_sha256(hashes, sizeof(hashes), all);
	crypto_hex(all, SCHEMA_CODE_BYTES, dst);
	return dst;
}

static void
put_tables(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		buf_printf(
		    out,
		    "IF NOT EXISTS (SELECT FROM ttsync.schema_migration WHERE version = %d) THEN\n"
		    "EXECUTE " QUOTE "%s" QUOTE ";\n"
		    "INSERT INTO ttsync.schema_migration (version, name) VALUES (%d, '%s');\n"
		    "END IF;\n",
		    files[i].version, files[i].text, files[i].version, files[i].name);
}

static void
put_code(struct buf *out)
{
	char mine[SCHEMA_CODE_MAX];

	schema_code(mine);
	buf_printf(out,
	           "IF NOT EXISTS (SELECT FROM ttsync.schema_migration"
	           " WHERE version = %d AND code = '%s') THEN\n%s",
	           schema_version(), mine, drop_functions);
	for (size_t i = 0; i < ARRAY_LEN(code); i++)
		buf_printf(out, "EXECUTE " QUOTE "%s" QUOTE ";\n", code[i]);
	buf_printf(out,
	           "UPDATE ttsync.schema_migration SET code = '%s' WHERE version = %d;\n"
	           "END IF;\n",
	           mine, schema_version());
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
	             "ALTER TABLE ttsync.schema_migration ADD COLUMN IF NOT EXISTS code text;\n"
	             "DO $run$ DECLARE old text; BEGIN\n");
	put_tables(out);
	put_code(out);
	buf_str(out, "END $run$;\nCOMMIT;\n");
	if (out->failed)
		return err_set(e, ERR_NOMEM, 0, "no memory for the schema");
	return 0;
}

int
schema_check(int64_t found, const char *found_code, struct err *e)
{
	char mine[SCHEMA_CODE_MAX];

	if (found > schema_version()) {
		err_set(e, ERR_INPUT, EXIT_CONFIG,
		        "the database has schema version %" PRId64 ", this program knows %d", found,
		        schema_version());
		return err_hint(
		    e, "install a newer ttsyncd; an older one never changes a newer schema");
	}
	if (found == schema_version() && !strcmp(found_code, schema_code(mine)))
		return 0;
	if (found == schema_version())
		err_set(e, ERR_INPUT, EXIT_CONFIG,
		        "the functions in the database are those of another build of ttsyncd");
	else
		err_set(e, ERR_INPUT, EXIT_CONFIG,
		        "the database has schema version %" PRId64 ", this program needs %d", found,
		        schema_version());
	return err_hint(e, "run: ttsyncd --migrate, or set auto_migrate = yes in [postgres]");
}
