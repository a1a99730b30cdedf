-- What GoSell reads: columns are only added. ttsync_reader sees these and nothing else.

-- About how many different buyers a sketch of 2,048 registers has met: standard error 2.3 %.
-- Few are counted by the registers still empty, many by the harmonic mean.
-- Source: Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog", 2007: figure 3, alpha of 2,048 registers;
-- hashes of 64 bits need no correction for large numbers.
CREATE OR REPLACE FUNCTION ttsync.buyers_estimate(power float8, zeros int)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
	SELECT round(CASE WHEN x.n <= 2.5 * 2048 AND zeros > 0 THEN 2048 * ln(2048 / zeros::float8) ELSE x.n END)::bigint
	FROM (SELECT 0.7213 / (1 + 1.079 / 2048) * 2048 * 2048 / power AS n) x
$f$;

CREATE OR REPLACE VIEW ttsync.v_shop AS
SELECT s.shop_id, s.store_id, s.alias, s.tiktok_shop_id, s.name, coalesce(gs.region, s.region) AS region,
       s.warehouse_id,
       ttsync.shown_state(s, g.refresh_expires, now()) AS state,
       s.connected_at, g.refresh_expires AS expires_at,
       coalesce(r.products, 0) AS product_count, coalesce(r.orders, 0) AS order_count,
       ttsync.shown_reason(s, g.refresh_expires, now()) AS reason, s.created_at,
       (SELECT ttsync.buyers_estimate(b.power, b.zeros) FROM ttsync.buyer_sketch b
        WHERE b.shop_id = s.shop_id) AS customer_count
FROM ttsync.shop s
LEFT JOIN ttsync.grants g USING (grant_id)
LEFT JOIN ttsync.grant_shop gs ON gs.grant_id = s.grant_id AND gs.tiktok_shop_id = s.tiktok_shop_id
LEFT JOIN ttsync.row_count r ON r.shop_id = s.shop_id;

CREATE OR REPLACE VIEW ttsync.v_order AS
SELECT shop_id, order_id, 'tiktok'::text AS source, status, create_time, update_time, currency,
       total_amount, is_cod, shipping_type, ship_by, warehouse_id, paid_time, is_on_hold,
       cancel_requested, fulfillment_type, tracking_number, package_ids
FROM ttsync.orders;

-- TikTok has one line per unit: the quantity is always 1, and said so.
CREATE OR REPLACE VIEW ttsync.v_order_line AS
SELECT shop_id, order_id, line_id, product_id, sku_id, seller_sku, product_name, 1 AS quantity,
       sale_price, currency, package_id, sku_name, status
FROM ttsync.order_line;

CREATE OR REPLACE VIEW ttsync.v_product AS
SELECT shop_id, product_id, title, status, update_time FROM ttsync.product;

CREATE OR REPLACE VIEW ttsync.v_sku AS
SELECT shop_id, product_id, sku_id, seller_sku, price, currency, quantity FROM ttsync.sku;

CREATE OR REPLACE VIEW ttsync.v_package AS
SELECT l.shop_id, l.package_id, array_agg(DISTINCT l.order_id) AS order_ids,
       max(l.package_status) AS status, NULL::text AS handover,
       max(nullif(o.tracking_number, '')) AS tracking_number,
       max(o.shipping_provider) AS shipping_provider, min(o.ship_by) AS ship_by
FROM ttsync.order_line l JOIN ttsync.orders o USING (shop_id, order_id)
WHERE l.package_id <> ''
GROUP BY l.shop_id, l.package_id;

CREATE OR REPLACE VIEW ttsync.v_history AS
SELECT shop_id, at, actor, event, detail FROM ttsync.history;

CREATE OR REPLACE VIEW ttsync.v_event AS
SELECT event_id, at, shop_id, type, subject_id, data FROM ttsync.outbox;

-- A role that may be missing where the migrating role cannot create roles: then grant it by hand.
DO $do$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ttsync_reader') THEN
		CREATE ROLE ttsync_reader NOLOGIN;
	END IF;
	GRANT USAGE ON SCHEMA ttsync TO ttsync_reader;
	GRANT SELECT ON ttsync.v_shop, ttsync.v_order, ttsync.v_order_line, ttsync.v_product,
		ttsync.v_sku, ttsync.v_package, ttsync.v_history, ttsync.v_event TO ttsync_reader;
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
	RAISE WARNING 'role ttsync_reader was not made: %', SQLERRM;
END
$do$;
