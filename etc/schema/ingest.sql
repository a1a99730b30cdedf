-- How pages of orders and products are stored: what is new or differs, and nothing of a shop that is
-- another daemon's by now (ttsync.own).

-- Which of these rows are new or differ? Answers positions, from 1. Reads only. Always by the key:
-- other joins read the whole table, and are chosen while it is small enough to seem worth it.
CREATE OR REPLACE FUNCTION ttsync.orders_probe(shops bigint[], ids text[], times timestamptz[], hashes bigint[])
RETURNS SETOF bigint LANGUAGE sql STABLE SET enable_hashjoin = off SET enable_mergejoin = off AS $f$
	SELECT j.n
	FROM unnest(shops, ids, times, hashes) WITH ORDINALITY AS j(shop_id, order_id, update_time, hash, n)
	LEFT JOIN ttsync.orders o ON o.shop_id = j.shop_id AND o.order_id = j.order_id
	WHERE o.order_id IS NULL OR o.update_time < j.update_time
	   OR (o.update_time = j.update_time AND o.hash <> j.hash)
$f$;

-- Lines that an order no longer has. Only orders that were there before can have such.
CREATE OR REPLACE FUNCTION ttsync.lines_prune(shops bigint[], ids text[], l_shop bigint[], l_order text[], l_line text[])
RETURNS void LANGUAGE sql AS $f$
	DELETE FROM ttsync.order_line x
	USING unnest(shops, ids) AS c(shop_id, order_id)
	WHERE x.shop_id = c.shop_id AND x.order_id = c.order_id
	  AND NOT EXISTS (SELECT FROM unnest(l_shop, l_order, l_line) AS k(shop_id, order_id, line_id)
	                  WHERE k.shop_id = x.shop_id AND k.order_id = x.order_id AND k.line_id = x.line_id)
$f$;

-- Raise the registers that these buyers touch (daemon/tiktok/buyer_code.h): code >> 6 is the register,
-- code & 63 the rank. Buyers known already raise nothing, so that a repeat is harmless. Whoever calls
-- holds the leases of the shops; a shop's sketch has one writer at a time.
CREATE OR REPLACE FUNCTION ttsync.buyers_store(shops bigint[], codes int[])
RETURNS void LANGUAGE plpgsql
SET enable_nestloop = on SET enable_hashjoin = off SET enable_mergejoin = off AS $f$
DECLARE
	one   bigint;
	regs  int[];
	ranks int[];
	k     ttsync.buyer_sketch;
BEGIN
	FOR one, regs, ranks IN
		SELECT c.shop_id, array_agg(c.reg), array_agg(c.rank)
		FROM (SELECT j.shop_id, j.code >> 6 AS reg, max(j.code & 63) AS rank
		      FROM unnest(shops, codes) AS j(shop_id, code) WHERE j.code > 0 GROUP BY 1, 2) c
		LEFT JOIN ttsync.buyer_sketch b ON b.shop_id = c.shop_id
		WHERE b.shop_id IS NULL OR get_byte(b.registers, c.reg) < c.rank
		GROUP BY c.shop_id
	LOOP
		INSERT INTO ttsync.buyer_sketch (shop_id) VALUES (one) ON CONFLICT DO NOTHING;
		SELECT * INTO k FROM ttsync.buyer_sketch b WHERE b.shop_id = one FOR UPDATE;
		FOR i IN 1 .. cardinality(regs) LOOP
			k.power := k.power - power(2::float8, -get_byte(k.registers, regs[i])) + power(2::float8, -ranks[i]);
			k.zeros := k.zeros - CASE WHEN get_byte(k.registers, regs[i]) = 0 THEN 1 ELSE 0 END;
			k.registers := set_byte(k.registers, regs[i], ranks[i]);
		END LOOP;
		UPDATE ttsync.buyer_sketch b SET registers = k.registers, power = k.power, zeros = k.zeros
		WHERE b.shop_id = one;
	END LOOP;
END
$f$;

-- Store pages of orders of many shops. An order is written when it is new, or newer, or as old and
-- different (the last clause is right only because the fence serialises the writers of a shop).
-- No order stands twice in a batch. Answers each shop: still ours?, orders inserted, changed.
-- Nested loops are off: arrays have no statistics, and a loop over two of them is quadratic.
CREATE OR REPLACE FUNCTION ttsync.orders_store(
	shops bigint[], fences bigint[], seqs int[], checks boolean[],
	o_shop_id bigint[],
	o_order_id text[], o_update_time timestamptz[], o_hash bigint[], o_status text[], o_create_time
	timestamptz[], o_paid_time timestamptz[], o_currency text[], o_total_amount text[], o_sub_total
	text[], o_shipping_fee text[], o_seller_discount text[], o_platform_discount text[], o_is_cod
	boolean[], o_is_on_hold boolean[], o_is_sample boolean[], o_cancel_requested boolean[],
	o_cancel_initiator text[], o_order_type text[], o_fulfillment_type text[], o_shipping_type
	text[], o_delivery_option_id text[], o_delivery_option_name text[], o_warehouse_id text[],
	o_shipping_provider_id text[], o_shipping_provider text[], o_tracking_number text[],
	o_split_or_combine text[], o_package_ids text[], o_priority int[], o_ship_by timestamptz[],
	o_rts_time timestamptz[], o_rts_sla_time timestamptz[], o_tts_sla_time timestamptz[],
	o_shipping_due_time timestamptz[], o_collection_due_time timestamptz[], o_delivery_due_time
	timestamptz[], o_pick_up_cut_off_time timestamptz[], o_buyer int[],
	l_shop_id bigint[],
	l_order_id text[], l_line_id text[], l_product_id text[], l_product_name text[], l_sku_id
	text[], l_sku_name text[], l_seller_sku text[], l_status text[], l_original_price text[],
	l_sale_price text[], l_seller_discount text[], l_platform_discount text[], l_currency text[],
	l_package_id text[], l_package_status text[], l_is_gift boolean[], l_cancel_user text[])
RETURNS TABLE (r_shop bigint, owned boolean, inserted bigint, changed bigint)
LANGUAGE plpgsql SET enable_nestloop = off SET plan_cache_mode = force_generic_plan AS $f$
DECLARE
	mine    bigint[] := ttsync.own(shops, fences);
	w_shop  bigint[];
	w_order text[];
	w_fresh boolean[];
BEGIN
	WITH job AS (
		SELECT * FROM unnest(shops, fences, seqs) AS j(shop_id, fence, seq) WHERE j.shop_id = ANY (mine)
	), up AS (
		INSERT INTO ttsync.orders AS o (shop_id, fence, seq,
			order_id, update_time, hash, status, create_time, paid_time, currency, total_amount,
			sub_total, shipping_fee, seller_discount, platform_discount, is_cod, is_on_hold, is_sample,
			cancel_requested, cancel_initiator, order_type, fulfillment_type, shipping_type,
			delivery_option_id, delivery_option_name, warehouse_id, shipping_provider_id,
			shipping_provider, tracking_number, split_or_combine, package_ids, priority, ship_by,
			rts_time, rts_sla_time, tts_sla_time, shipping_due_time, collection_due_time,
			delivery_due_time, pick_up_cut_off_time)
		SELECT job.shop_id, job.fence, job.seq,
			j.order_id, j.update_time, j.hash, j.status, j.create_time, j.paid_time, j.currency,
			j.total_amount::numeric, j.sub_total::numeric, j.shipping_fee::numeric,
			j.seller_discount::numeric, j.platform_discount::numeric, j.is_cod, j.is_on_hold,
			j.is_sample, j.cancel_requested, j.cancel_initiator, j.order_type, j.fulfillment_type,
			j.shipping_type, j.delivery_option_id, j.delivery_option_name, j.warehouse_id,
			j.shipping_provider_id, j.shipping_provider, j.tracking_number, j.split_or_combine,
			string_to_array(j.package_ids, ','), j.priority, j.ship_by, j.rts_time, j.rts_sla_time,
			j.tts_sla_time, j.shipping_due_time, j.collection_due_time, j.delivery_due_time,
			j.pick_up_cut_off_time
		FROM unnest(o_shop_id,
			o_order_id, o_update_time, o_hash, o_status, o_create_time, o_paid_time, o_currency,
			o_total_amount, o_sub_total, o_shipping_fee, o_seller_discount, o_platform_discount,
			o_is_cod, o_is_on_hold, o_is_sample, o_cancel_requested, o_cancel_initiator, o_order_type,
			o_fulfillment_type, o_shipping_type, o_delivery_option_id, o_delivery_option_name,
			o_warehouse_id, o_shipping_provider_id, o_shipping_provider, o_tracking_number,
			o_split_or_combine, o_package_ids, o_priority, o_ship_by, o_rts_time, o_rts_sla_time,
			o_tts_sla_time, o_shipping_due_time, o_collection_due_time, o_delivery_due_time,
			o_pick_up_cut_off_time)
		AS j(shop_id,
			order_id, update_time, hash, status, create_time, paid_time, currency, total_amount,
			sub_total, shipping_fee, seller_discount, platform_discount, is_cod, is_on_hold, is_sample,
			cancel_requested, cancel_initiator, order_type, fulfillment_type, shipping_type,
			delivery_option_id, delivery_option_name, warehouse_id, shipping_provider_id,
			shipping_provider, tracking_number, split_or_combine, package_ids, priority, ship_by,
			rts_time, rts_sla_time, tts_sla_time, shipping_due_time, collection_due_time,
			delivery_due_time, pick_up_cut_off_time)
		JOIN job USING (shop_id)
		ON CONFLICT (shop_id, order_id) DO UPDATE SET
			fence = excluded.fence, seq = excluded.seq,
			update_time = excluded.update_time, hash = excluded.hash, status = excluded.status,
			create_time = excluded.create_time, paid_time = excluded.paid_time, currency =
			excluded.currency, total_amount = excluded.total_amount, sub_total = excluded.sub_total,
			shipping_fee = excluded.shipping_fee, seller_discount = excluded.seller_discount,
			platform_discount = excluded.platform_discount, is_cod = excluded.is_cod, is_on_hold =
			excluded.is_on_hold, is_sample = excluded.is_sample, cancel_requested =
			excluded.cancel_requested, cancel_initiator = excluded.cancel_initiator, order_type =
			excluded.order_type, fulfillment_type = excluded.fulfillment_type, shipping_type =
			excluded.shipping_type, delivery_option_id = excluded.delivery_option_id,
			delivery_option_name = excluded.delivery_option_name, warehouse_id = excluded.warehouse_id,
			shipping_provider_id = excluded.shipping_provider_id, shipping_provider =
			excluded.shipping_provider, tracking_number = excluded.tracking_number, split_or_combine =
			excluded.split_or_combine, package_ids = excluded.package_ids, priority = excluded.priority,
			ship_by = excluded.ship_by, rts_time = excluded.rts_time, rts_sla_time =
			excluded.rts_sla_time, tts_sla_time = excluded.tts_sla_time, shipping_due_time =
			excluded.shipping_due_time, collection_due_time = excluded.collection_due_time,
			delivery_due_time = excluded.delivery_due_time, pick_up_cut_off_time =
			excluded.pick_up_cut_off_time
		WHERE excluded.update_time > o.update_time
		   OR (excluded.update_time = o.update_time AND excluded.hash <> o.hash
		       AND (excluded.fence, excluded.seq) > (o.fence, o.seq))
		RETURNING o.shop_id, o.order_id, o.xmax = 0 AS fresh
	)
	SELECT array_agg(up.shop_id), array_agg(up.order_id), array_agg(up.fresh)
	INTO w_shop, w_order, w_fresh FROM up;

	IF w_shop IS NOT NULL THEN
		INSERT INTO ttsync.order_line AS x (shop_id,
			order_id, line_id, product_id, product_name, sku_id, sku_name, seller_sku, status,
			original_price, sale_price, seller_discount, platform_discount, currency, package_id,
			package_status, is_gift, cancel_user)
		SELECT j.shop_id,
			j.order_id, j.line_id, j.product_id, j.product_name, j.sku_id, j.sku_name, j.seller_sku,
			j.status, j.original_price::numeric, j.sale_price::numeric, j.seller_discount::numeric,
			j.platform_discount::numeric, j.currency, j.package_id, j.package_status, j.is_gift,
			j.cancel_user
		FROM unnest(l_shop_id,
			l_order_id, l_line_id, l_product_id, l_product_name, l_sku_id, l_sku_name, l_seller_sku,
			l_status, l_original_price, l_sale_price, l_seller_discount, l_platform_discount, l_currency,
			l_package_id, l_package_status, l_is_gift, l_cancel_user)
		AS j(shop_id,
			order_id, line_id, product_id, product_name, sku_id, sku_name, seller_sku, status,
			original_price, sale_price, seller_discount, platform_discount, currency, package_id,
			package_status, is_gift, cancel_user)
		JOIN unnest(w_shop, w_order) AS w(shop_id, order_id) USING (shop_id, order_id)
		ON CONFLICT (shop_id, order_id, line_id) DO UPDATE SET
			product_id = excluded.product_id, product_name = excluded.product_name, sku_id =
			excluded.sku_id, sku_name = excluded.sku_name, seller_sku = excluded.seller_sku, status =
			excluded.status, original_price = excluded.original_price, sale_price = excluded.sale_price,
			seller_discount = excluded.seller_discount, platform_discount = excluded.platform_discount,
			currency = excluded.currency, package_id = excluded.package_id, package_status =
			excluded.package_status, is_gift = excluded.is_gift, cancel_user = excluded.cancel_user;

		IF false = ANY (w_fresh) THEN
			PERFORM ttsync.lines_prune(
				(SELECT array_agg(c.s) FROM unnest(w_shop, w_fresh) AS c(s, f) WHERE NOT c.f),
				(SELECT array_agg(c.i) FROM unnest(w_order, w_fresh) AS c(i, f) WHERE NOT c.f),
				l_shop_id, l_order_id, l_line_id);
		END IF;

		DELETE FROM ttsync.order_problem p USING unnest(w_shop, w_order) AS w(shop_id, order_id)
		WHERE p.shop_id = w.shop_id AND p.order_id = w.order_id;

		IF true = ANY (checks) THEN -- what a comparison finds missing is mended by it, and told
			UPDATE ttsync.catch_up c SET missing = c.missing + w.fresh, differing = c.differing + w.n - w.fresh
			FROM (SELECT x.s, count(*) AS n, count(*) FILTER (WHERE x.f) AS fresh
			      FROM unnest(w_shop, w_fresh) AS x(s, f) GROUP BY x.s) w
			JOIN unnest(shops, checks) AS j(s, is_check) ON j.s = w.s AND j.is_check
			WHERE c.shop_id = w.s AND c.until_s IS NOT NULL AND c.ended_at IS NULL;
		END IF;

		INSERT INTO ttsync.outbox (shop_id, type, subject_id)
		SELECT w.s, CASE WHEN w.f THEN 'order.created' ELSE 'order.updated' END, w.i
		FROM unnest(w_shop, w_order, w_fresh) AS w(s, i, f);
		PERFORM pg_notify('ttsync_event', '');

		-- an order that changed brings a buyer who was counted: nothing rises
		PERFORM ttsync.buyers_store(
			(SELECT array_agg(j.s) FROM unnest(o_shop_id, o_buyer) AS j(s, b) WHERE j.s = ANY (mine) AND j.b > 0),
			(SELECT array_agg(j.b) FROM unnest(o_shop_id, o_buyer) AS j(s, b) WHERE j.s = ANY (mine) AND j.b > 0));
	END IF;

	RETURN QUERY
	SELECT j.s, j.s = ANY (mine), coalesce(w.fresh, 0), coalesce(w.n - w.fresh, 0)
	FROM unnest(shops) AS j(s)
	LEFT JOIN (SELECT c.s, count(*) AS n, count(*) FILTER (WHERE c.f) AS fresh
	           FROM unnest(w_shop, w_fresh) AS c(s, f) GROUP BY c.s) w ON w.s = j.s;
END
$f$;

-- Orders that could not be read, by id and reason; gone again when a later version could be.
CREATE OR REPLACE FUNCTION ttsync.orders_problem(sid bigint, my_fence bigint, ids text[], reasons text[])
RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
	IF cardinality(ttsync.own(ARRAY[sid], ARRAY[my_fence])) = 0 THEN
		RETURN;
	END IF;
	INSERT INTO ttsync.order_problem AS p (shop_id, order_id, reason)
	SELECT sid, j.id, j.why FROM unnest(ids, reasons) AS j(id, why)
	ON CONFLICT (shop_id, order_id) DO UPDATE SET reason = excluded.reason, at = now()
	WHERE p.reason <> excluded.reason;
	IF FOUND THEN
		PERFORM ttsync.note(sid, 'daemon', 'orders.unreadable',
			jsonb_build_object('orders', to_jsonb(ids), 'reasons', to_jsonb(reasons)));
	END IF;
END
$f$;

-- Store pages of products with their SKUs and stock, with the same guard.
CREATE OR REPLACE FUNCTION ttsync.products_store(
	shops bigint[], fences bigint[],
	p_shop_id bigint[], p_product_id text[], p_title text[], p_status text[], p_create_time timestamptz[],
	p_update_time timestamptz[], p_hash bigint[],
	k_shop_id bigint[], k_product_id text[], k_sku_id text[], k_seller_sku text[], k_price text[],
	k_currency text[], k_quantity bigint[],
	t_shop_id bigint[], t_product_id text[], t_sku_id text[], t_warehouse_id text[], t_quantity bigint[])
RETURNS TABLE (r_shop bigint, owned boolean, written bigint)
LANGUAGE plpgsql AS $f$
DECLARE
	mine   bigint[] := ttsync.own(shops, fences);
	w_shop bigint[];
	w_id   text[];
BEGIN
	WITH up AS (
		INSERT INTO ttsync.product AS p (shop_id, product_id, title, status, create_time, update_time, hash, fence)
		SELECT j.shop_id, j.product_id, j.title, j.status, j.create_time, j.update_time, j.hash, f.fence
		FROM unnest(p_shop_id, p_product_id, p_title, p_status, p_create_time, p_update_time, p_hash)
		  AS j(shop_id, product_id, title, status, create_time, update_time, hash)
		JOIN unnest(shops, fences) AS f(shop_id, fence) USING (shop_id)
		WHERE j.shop_id = ANY (mine)
		ON CONFLICT (shop_id, product_id) DO UPDATE SET
			title = excluded.title, status = excluded.status, create_time = excluded.create_time,
			update_time = excluded.update_time, hash = excluded.hash, fence = excluded.fence
		WHERE excluded.update_time > p.update_time
		   OR (excluded.update_time = p.update_time AND excluded.hash <> p.hash)
		RETURNING p.shop_id, p.product_id
	)
	SELECT array_agg(up.shop_id), array_agg(up.product_id) INTO w_shop, w_id FROM up;

	IF w_shop IS NOT NULL THEN
		DELETE FROM ttsync.sku s USING unnest(w_shop, w_id) AS w(shop_id, product_id)
		WHERE s.shop_id = w.shop_id AND s.product_id = w.product_id;
		INSERT INTO ttsync.sku (shop_id, product_id, sku_id, seller_sku, price, currency, quantity)
		SELECT j.shop_id, j.product_id, j.sku_id, j.seller_sku, j.price::numeric, j.currency, j.quantity
		FROM unnest(k_shop_id, k_product_id, k_sku_id, k_seller_sku, k_price, k_currency, k_quantity)
		  AS j(shop_id, product_id, sku_id, seller_sku, price, currency, quantity)
		JOIN unnest(w_shop, w_id) AS w(shop_id, product_id) USING (shop_id, product_id)
		ON CONFLICT DO NOTHING;
		INSERT INTO ttsync.stock (shop_id, product_id, sku_id, warehouse_id, quantity)
		SELECT j.shop_id, j.product_id, j.sku_id, j.warehouse_id, j.quantity
		FROM unnest(t_shop_id, t_product_id, t_sku_id, t_warehouse_id, t_quantity)
		  AS j(shop_id, product_id, sku_id, warehouse_id, quantity)
		JOIN unnest(w_shop, w_id) AS w(shop_id, product_id) USING (shop_id, product_id)
		ON CONFLICT DO NOTHING;
		INSERT INTO ttsync.outbox (shop_id, type, subject_id)
		SELECT w.s, 'product.updated', w.i FROM unnest(w_shop, w_id) AS w(s, i);
		PERFORM pg_notify('ttsync_event', '');
	END IF;

	RETURN QUERY SELECT j.s, j.s = ANY (mine), (SELECT count(*) FROM unnest(w_shop) AS c(s) WHERE c.s = j.s)
	FROM unnest(shops) AS j(s);
END
$f$;
