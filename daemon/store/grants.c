#include "daemon/store/grants.h"

const struct pg_stmt grants_callback_begin = {
	"grants_callback_begin",
	"SELECT shop_id, purpose, grant_id FROM ttsync.callback_begin($1, $2, $3, $4, $5)",
};

const struct pg_stmt grants_callback_undo = {
	"grants_callback_undo",
	"SELECT ttsync.callback_undo($1)",
};

const struct pg_stmt grants_callback_end = {
	"grants_callback_end",
	"SELECT ttsync.callback_end($1, $2, $3, $4, $5, $6)",
};

const struct pg_stmt grants_callback_outcome = {
	"grants_callback_outcome",
	"SELECT ttsync.callback_outcome($1, $2, $3, $4, $5::jsonb, $6, $7)",
};

const struct pg_stmt grants_seller_center_pass = {
	"grants_seller_center_pass",
	"SELECT ttsync.seller_center_pass()",
};

const struct pg_stmt grants_seller_center_end = {
	"grants_seller_center_end",
	"SELECT ttsync.seller_center_end($1, $2)",
};

const struct pg_stmt grants_put = {
	"grants_put",
	"SELECT ttsync.grant_put($1, $2, $3, $4, $5, $6::uuid, $7, $8, $9, $10, $11, $12)",
};

const struct pg_stmt grants_shops_put = {
	"grants_shops_put",
	"SELECT ttsync.grant_shops_put($1, $2, $3, $4, $5, $6)",
};

const struct pg_stmt grants_warehouses_put = {
	"grants_warehouses_put",
	"SELECT ttsync.warehouses_put($1, $2, $3, $4, $5, $6, $7, $8)",
};

const struct pg_stmt grants_refresh_claim = {
	"grants_refresh_claim",
	"SELECT grant_id, open_id, gen, refusals, pair_id, refresh_box, access_box, prev_pair_id,"
	" prev_refresh_box FROM ttsync.refresh_claim($1::uuid, $2::uuid)",
};

const struct pg_stmt grants_refresh_put = {
	"grants_refresh_put",
	"SELECT ttsync.refresh_put($1, $2, $3::uuid, $4, $5, $6, $7, $8, $9, $10)",
};

const struct pg_stmt grants_refresh_fail = {
	"grants_refresh_fail",
	"SELECT ttsync.refresh_fail($1, $2::uuid, $3, $4, $5)",
};

const struct pg_stmt grants_refresh_ask = {
	"grants_refresh_ask",
	"SELECT ttsync.refresh_ask($1)",
};

const struct pg_stmt grants_shop_access = {
	"grants_shop_access",
	"SELECT shop_id, state, grant_id, grant_state, open_id, pair_id, access_box"
	" FROM ttsync.shop_access($1)",
};

const struct pg_stmt grants_choices = { "grants_choices", "SELECT ttsync.choices_json($1)" };

const struct pg_stmt grants_refused = { "grants_refused",
	                                "SELECT ttsync.grant_refused($1, $2::uuid, $3)" };

const struct pg_stmt grants_shop_left = { "grants_shop_left", "SELECT ttsync.shop_left($1, $2)" };

const struct pg_stmt grants_link_shop = {
	"grants_link_shop",
	"SELECT '#' || ttsync.link_shop($1)",
};

const struct pg_stmt grants_token = {
	"grants_token",
	"SELECT open_id, pair_id::text, access_box FROM ttsync.grants WHERE grant_id = $1",
};

const struct pg_stmt grants_calendar = {
	"grants_calendar",
	"SELECT ttsync.calendar($1::jsonb, $2)",
};

const struct pg_stmt grants_survey_claim = {
	"grants_survey_claim",
	"SELECT grant_id, open_id, pair_id, access_box FROM ttsync.survey_claim()",
};

const struct pg_stmt grants_canaries = {
	"grants_canaries",
	"SELECT key_id, box FROM ttsync.key_canary",
};

const struct pg_stmt grants_canary_put = {
	"grants_canary_put",
	"INSERT INTO ttsync.key_canary (key_id, box) VALUES ($1, $2) ON CONFLICT DO NOTHING",
};
