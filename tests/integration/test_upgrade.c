/*
 * A database of the first release is brought up to date, with what is in it and with the rights
 * that others were given.
 */
#include "text/001_tables_sql.h"

#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <string.h>

static void
migrate(struct world *w)
{
	struct said s;

	world_ttsyncd(w, &s, (const char *const[]){ "-c", w->daemon[0].conf, "--migrate", NULL });
	cr_assert_eq(s.code, 0, "%s", s.err);
	said_done(&s);
}

/* Tables of 1, functions were 2 to 5. */
static void
back_to_version_5(struct world *w)
{
	life_do(w, "SET client_min_messages = error; DROP SCHEMA ttsync CASCADE;"
	           "CREATE SCHEMA ttsync;"
	           "CREATE TABLE ttsync.schema_migration (version int PRIMARY KEY,"
	           " name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());"
	           "INSERT INTO ttsync.schema_migration (version, name)"
	           " SELECT n, 'v' || n FROM generate_series(1, 5) n");
	pgserver_do(w->pg, text_001_tables_sql);
	life_do(w, "INSERT INTO ttsync.store (store_id, name, plan) VALUES ('41', 'old', 'basic');"
	           "INSERT INTO ttsync.shop (store_id, alias) VALUES ('41', 'old');"
	           "INSERT INTO ttsync.orders (shop_id, order_id, update_time, hash, fence, seq,"
	           " status, create_time, is_cod, is_on_hold, is_sample, cancel_requested)"
	           " SELECT 1, i, now(), 1, 1, 1, 'UNPAID', now(), false, false, false, false"
	           " FROM generate_series(1, 3) i");
}

Test(upgrade, a_database_of_version_5_is_migrated_and_keeps_its_rows_and_rights)
{
	struct world_opts o = { .name = "upgrade" };
	CLEANUP(world_freep) struct world *w = world_prepare(&o);
	const char *shop, *rights =
			      "SELECT has_table_privilege('gosell', 'ttsync.v_shop', 'SELECT')"
			      "::int";

	back_to_version_5(w);
	migrate(w);
	world_start(w, 0);
	shop = life_text(w, "SELECT shop_id FROM ttsync.shop");
	cr_assert_str_eq(life_shown(w, shop, "alias"), "old");
	cr_assert_str_eq(life_shown(w, shop, "counts/orders"), "3");
	cr_assert(life_well(life_reauthorize(w, shop, 1)));
	cr_assert_str_eq(life_shown(w, shop, "state"), "choosing");

	/* functions of another build are replaced as a whole, views and who may read them stay */
	life_do(w,
	        "CREATE ROLE gosell; GRANT SELECT ON ttsync.v_shop TO gosell;"
	        "CREATE FUNCTION ttsync.of_another_build() RETURNS int LANGUAGE sql AS 'SELECT 1';"
	        "UPDATE ttsync.schema_migration SET code = 'another'"
	        " WHERE version = (SELECT max(version) FROM ttsync.schema_migration)");
	world_stop(w, 0);
	migrate(w);
	cr_assert_eq(life_num(w, "%s", rights), 1);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM pg_proc WHERE proname = 'of_another_build'"),
	             0);
	world_start(w, 0);
	cr_assert_str_eq(life_shown(w, shop, "state"), "choosing");
}
