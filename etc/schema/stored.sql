-- What was taken in, as lists and one by one: orders, products, and what happened.

CREATE OR REPLACE FUNCTION ttsync.api_orders(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$
DECLARE
	id    bigint := CASE WHEN args->>'shop' IS NOT NULL THEN ttsync.shop_named(args->>'shop') END;
	most  bigint := coalesce((args->>'limit')::bigint, 50);
	since timestamptz := to_timestamp((args->>'since')::bigint);
	items jsonb;
BEGIN
	SELECT jsonb_agg(x.j) INTO items FROM (
		SELECT jsonb_build_object('order_id', o.order_id, 'shop_id', o.shop_id::text, 'alias', s.alias,
			'source', 'tiktok:' || s.alias, 'status', o.status, 'total_amount', o.total_amount::text, 'currency', o.currency,
			'is_cod', o.is_cod, 'create_time', ttsync.rfc3339(o.create_time), 'update_time', ttsync.rfc3339(o.update_time),
			'ship_by', ttsync.rfc3339(o.ship_by), 'warehouse_id', o.warehouse_id,
			'lines', (SELECT count(*) FROM ttsync.order_line l WHERE l.shop_id = o.shop_id AND l.order_id = o.order_id)) AS j
		FROM ttsync.orders o JOIN ttsync.shop s USING (shop_id)
		WHERE (id IS NULL OR o.shop_id = id)
		  AND (args->>'status' IS NULL OR o.status = upper(args->>'status'))
		  AND (since IS NULL OR o.update_time >= since)
		ORDER BY o.create_time DESC, o.order_id DESC LIMIT most) x;
	RETURN ttsync.listed(items) || jsonb_build_object('total', CASE WHEN args->>'status' IS NULL AND since IS NULL
		THEN (SELECT coalesce(sum(c.orders), 0) FROM ttsync.row_count c WHERE id IS NULL OR c.shop_id = id)
		ELSE (SELECT count(*) FROM ttsync.orders o WHERE (id IS NULL OR o.shop_id = id)
		  AND (args->>'status' IS NULL OR o.status = upper(args->>'status'))
		  AND (since IS NULL OR o.update_time >= since)) END);
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.api_order(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$
DECLARE
	doc jsonb;
BEGIN
	SELECT to_jsonb(o) - 'hash' - 'fence' - 'seq' || jsonb_build_object('schema_version', 1, 'shop_id', o.shop_id::text,
		'alias', s.alias, 'source', 'tiktok:' || s.alias, 'total_amount', o.total_amount::text,
		'create_time', ttsync.rfc3339(o.create_time), 'update_time', ttsync.rfc3339(o.update_time),
		'paid_time', ttsync.rfc3339(o.paid_time), 'ship_by', ttsync.rfc3339(o.ship_by),
		'lines', (SELECT jsonb_agg(to_jsonb(l) - 'shop_id' - 'order_id' || jsonb_build_object('sale_price', l.sale_price::text,
			'original_price', l.original_price::text) ORDER BY l.line_id)
			FROM ttsync.order_line l WHERE l.shop_id = o.shop_id AND l.order_id = o.order_id))
	INTO doc FROM ttsync.orders o JOIN ttsync.shop s USING (shop_id) WHERE o.order_id = args->>'order' LIMIT 1;
	IF doc IS NULL THEN
		PERFORM ttsync.refuse(65, 'unknown_order', format('no order %s', quote_literal(args->>'order')),
			'orders made before the connection are never taken in; see: ttctl orders');
	END IF;
	RETURN doc;
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.product_json(p ttsync.product) RETURNS jsonb LANGUAGE sql STABLE AS $f$
	SELECT jsonb_build_object('product_id', p.product_id, 'shop_id', p.shop_id::text, 'title', p.title, 'status', p.status,
		'update_time', ttsync.rfc3339(p.update_time),
		'skus', coalesce((SELECT jsonb_agg(jsonb_build_object('sku_id', k.sku_id, 'seller_sku', k.seller_sku,
			'price', k.price::text, 'currency', k.currency, 'quantity', k.quantity) ORDER BY k.sku_id)
			FROM ttsync.sku k WHERE k.shop_id = p.shop_id AND k.product_id = p.product_id), '[]'))
$f$;

CREATE OR REPLACE FUNCTION ttsync.api_products(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$
DECLARE
	id    bigint := CASE WHEN args->>'shop' IS NOT NULL THEN ttsync.shop_named(args->>'shop') END;
	items jsonb;
BEGIN
	SELECT jsonb_agg(x.j) INTO items FROM (
		SELECT ttsync.product_json(p) || jsonb_build_object('alias', s.alias,
			'sku_count', (SELECT count(*) FROM ttsync.sku k WHERE k.shop_id = p.shop_id AND k.product_id = p.product_id),
			'quantity', (SELECT sum(k.quantity) FROM ttsync.sku k WHERE k.shop_id = p.shop_id AND k.product_id = p.product_id)) AS j
		FROM ttsync.product p JOIN ttsync.shop s USING (shop_id) WHERE id IS NULL OR p.shop_id = id
		ORDER BY p.update_time DESC, p.product_id LIMIT coalesce((args->>'limit')::bigint, 50)) x;
	RETURN ttsync.listed(items) || jsonb_build_object('total',
		(SELECT coalesce(sum(c.products), 0) FROM ttsync.row_count c WHERE id IS NULL OR c.shop_id = id));
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.api_product(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$
DECLARE
	doc jsonb;
BEGIN
	SELECT ttsync.product_json(p) || '{"schema_version":1}' INTO doc
	FROM ttsync.product p WHERE p.product_id = args->>'product' LIMIT 1;
	IF doc IS NULL THEN
		PERFORM ttsync.refuse(65, 'unknown_product', format('no product %s', quote_literal(args->>'product')), 'see: ttctl products');
	END IF;
	RETURN doc;
END
$f$;

-- Newest first; after: only what came behind that history id, oldest first (following). event: how its name
-- begins; actor: what stands in it; since: seconds since 1970.
CREATE OR REPLACE FUNCTION ttsync.api_history(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$
DECLARE
	id    bigint := ttsync.shop_named(args->>'shop');
	after bigint := (args->>'after')::bigint;
	items jsonb;
BEGIN
	SELECT jsonb_agg(x.j ORDER BY CASE WHEN after IS NULL THEN -x.history_id ELSE x.history_id END) INTO items FROM (
		SELECT h.history_id, jsonb_build_object('history_id', h.history_id, 'at', ttsync.rfc3339(h.at), 'shop_id', h.shop_id::text,
			'actor', h.actor, 'event', h.event, 'detail', h.detail, 'cause', h.cause, 'request_id', h.request_id,
			'correlation', h.correlation) AS j
		FROM ttsync.history h
		WHERE h.shop_id = id AND h.history_id > coalesce(after, 0)
		  AND (args->>'event' IS NULL OR starts_with(h.event, args->>'event'))
		  AND (args->>'actor' IS NULL OR strpos(h.actor, args->>'actor') > 0)
		  AND (args->>'since' IS NULL OR h.at >= to_timestamp((args->>'since')::bigint))
		ORDER BY CASE WHEN after IS NULL THEN -h.history_id ELSE h.history_id END
		LIMIT coalesce((args->>'limit')::bigint, 100)) x;
	RETURN ttsync.listed(items);
END
$f$;
