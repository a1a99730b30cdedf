-- What a person is told of shops: one whole, all in a list, how many are in each state.

-- A shop whose last real answer of TikTok's is older than this may stand otherwise than it is shown.
CREATE OR REPLACE FUNCTION ttsync.unknown_after() RETURNS interval LANGUAGE sql IMMUTABLE AS $f$ SELECT interval '10 min' $f$;

-- What puts a working connection in doubt until it is found out: TikTok refused its access token, or its
-- refresh token while the other still works. Null: nothing.
CREATE OR REPLACE FUNCTION ttsync.doubt(s ttsync.shop) RETURNS text LANGUAGE plpgsql STABLE AS $f$
BEGIN
	RETURN (SELECT CASE WHEN g.held_until IS NOT NULL AND NOT EXISTS ( -- TikTok erred, and takes it again
			SELECT FROM ttsync.sync_state y WHERE y.shop_id = s.shop_id AND y.last_success > g.held_until)
		THEN 'token_refused' WHEN g.state = 'suspect' THEN 'refresh_refused' END
	FROM ttsync.grants g WHERE g.grant_id = s.grant_id AND s.state IN ('connecting', 'connected'));
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.state_th(state text) RETURNS text LANGUAGE sql IMMUTABLE AS $f$
	SELECT CASE state WHEN 'pending' THEN 'รออนุญาต' WHEN 'choosing' THEN 'รอเลือกร้านและคลัง'
		WHEN 'connecting' THEN 'กำลังเชื่อมต่อ' WHEN 'connected' THEN 'เชื่อมต่อแล้ว'
		WHEN 'expiring' THEN 'ใกล้หมดอายุ' WHEN 'expired' THEN 'หมดอายุแล้ว'
		WHEN 'disconnected' THEN 'ขาดการเชื่อมต่อ' WHEN 'paused' THEN 'หยุดชั่วคราว'
		WHEN 'plan_suspended' THEN 'แพ็กเกจไม่รองรับ' ELSE state END
$f$;

-- How far the first reading of a kind is, and, where it stands still, why. now_rows: what is stored.
CREATE OR REPLACE FUNCTION ttsync.progress_json(y ttsync.sync_state, now_rows bigint, state text)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$
BEGIN
	RETURN (SELECT jsonb_build_object('done', p.done, 'total', p.total, 'page', y.page,
		'rate', CASE WHEN p.rate > 0 THEN round(p.rate::numeric, 1) END,
		'eta_s', CASE WHEN p.rate > 0 AND p.total > p.done THEN ceil((p.total - p.done) / p.rate)::bigint END,
		'moved_at', ttsync.rfc3339(y.moved_at),
		'why', CASE
			WHEN y.first_done_at IS NOT NULL THEN NULL
			WHEN state NOT IN ('connecting', 'connected', 'expiring') THEN state
			WHEN y.last_error IS NOT NULL THEN y.last_error
			WHEN y.moved_at > now() - interval '2 s' THEN NULL
			WHEN EXISTS (SELECT FROM ttsync.shop_lease l WHERE l.shop_id = y.shop_id AND l.lease_until > now())
			THEN 'waiting for TikTok' ELSE 'waiting for its turn' END)
	FROM (SELECT now_rows AS done,
		CASE WHEN y.first_done_at IS NOT NULL THEN now_rows
		     WHEN y.total IS NOT NULL THEN greatest(y.total, now_rows) END AS total,
		CASE WHEN y.first_done_at IS NULL AND y.moved_at > y.began_at
		     THEN now_rows / extract(epoch FROM y.moved_at - y.began_at)::float END AS rate) p);
END
$f$;

-- The gap that was caught up last, or is being caught up.
CREATE OR REPLACE FUNCTION ttsync.catch_up_json(sid bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$
BEGIN
	RETURN (SELECT jsonb_build_object('cause', c.cause, 'from', ttsync.rfc3339(to_timestamp(c.from_s)),
		'until', ttsync.rfc3339(to_timestamp(c.until_s)),
		'caught_up_to', ttsync.rfc3339(to_timestamp(coalesce(c.until_s, y.cursor_s))),
		'behind_s', CASE WHEN c.until_s IS NULL THEN greatest(0, ttsync.epoch(now()) - y.cursor_s) ELSE 0 END,
		'compared', c.compared,
		'missing', CASE WHEN c.ended_at IS NOT NULL THEN c.missing END,
		'differing', CASE WHEN c.ended_at IS NOT NULL THEN c.differing END,
		'ended_at', ttsync.rfc3339(c.ended_at))
	FROM ttsync.catch_up c JOIN ttsync.sync_state y ON y.shop_id = c.shop_id AND y.kind = 'orders'
	WHERE c.shop_id = sid);
END
$f$;

-- What came of the last authorization that was begun, and until when its link is good.
CREATE OR REPLACE FUNCTION ttsync.authorization_json(sid bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$
BEGIN
	RETURN (SELECT jsonb_build_object('outcome', o.result, 'at', ttsync.rfc3339(coalesce(o.ended_at, o.used_at)), 'detail', o.detail,
		'link_until', CASE WHEN o.used_at IS NULL THEN ttsync.rfc3339(o.expires_at) END)
	FROM ttsync.oauth_state o WHERE o.shop_id = sid ORDER BY o.created_at DESC LIMIT 1);
END
$f$;

-- Permissions that the authorization does not give though work needs them (daemon/tiktok/auth.c knows the
-- same); unknown ones are not missing.
CREATE OR REPLACE FUNCTION ttsync.scopes_missing(scopes text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $f$
	SELECT jsonb_agg(need ORDER BY need) FROM unnest(ARRAY['seller.authorization.info',
		'seller.order.info', 'seller.product.basic', 'seller.logistics']) AS need
	WHERE scopes IS NOT NULL AND need <> ALL (scopes)
$f$;

-- In PL/pgSQL, as all that a page asks for: it keeps its plans, where SQL is planned anew at each call, which
-- was half the time of a page (tests/bench/bench_pages.c).
CREATE OR REPLACE FUNCTION ttsync.shop_json(sid bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$
BEGIN
	RETURN (SELECT jsonb_build_object('shop_id', v.shop_id::text, 'store_id', v.store_id, 'alias', v.alias,
		'tiktok_shop_id', v.tiktok_shop_id, 'name', v.name, 'region', v.region,
		'warehouse_id', v.warehouse_id, 'branch_id', s.branch_id, 'state', v.state, 'state_th', ttsync.state_th(v.state),
		'state_since', ttsync.rfc3339(s.state_since),
		'reason', coalesce(v.reason, ttsync.doubt(s)),
		'plan', (SELECT t.plan FROM ttsync.store t WHERE t.store_id = v.store_id),
		'paused', CASE WHEN ttsync.is_paused(s, now()) THEN jsonb_build_object('since', ttsync.rfc3339(s.paused_at),
			'until', ttsync.rfc3339(s.paused_until), 'reason', s.paused_why) END,
		'connected_at', ttsync.rfc3339(v.connected_at),
		'expires_at', ttsync.rfc3339(v.expires_at), 'expires_source', CASE WHEN v.expires_at IS NOT NULL THEN 'tiktok' END,
		'days_left', CASE WHEN v.expires_at <= now() OR EXISTS (SELECT FROM ttsync.grants g -- TikTok did not end it before
			WHERE g.grant_id = s.grant_id AND g.state IN ('active', 'refreshing', 'suspect'))
			THEN ttsync.days_left(v.expires_at, now()) END,
		'missing_scopes', coalesce(
			ttsync.scopes_missing((SELECT g.scopes FROM ttsync.grants g WHERE g.grant_id = s.grant_id)),
			(SELECT jsonb_build_array(ttsync.scope_of(y.kind)) FROM ttsync.sync_state y -- TikTok names none
			 WHERE y.shop_id = sid AND s.reason = 'permission_missing' ORDER BY y.last_error_at DESC NULLS LAST LIMIT 1), '[]'),
		'authorization', ttsync.authorization_json(sid),
		'next', ttsync.next_step(sid, v.state, v.reason))
	|| jsonb_build_object(
		'counts', jsonb_build_object('products', v.product_count, 'orders', v.order_count, 'customers', v.customer_count,
			'customers_error', 0.023, 'as_of', ttsync.rfc3339(now())),
		'progress', coalesce((SELECT jsonb_object_agg(y.kind, ttsync.progress_json(y,
			CASE y.kind WHEN 'products' THEN v.product_count ELSE v.order_count END, v.state))
			FROM ttsync.sync_state y WHERE y.shop_id = sid AND y.kind <> 'reconcile'), '{}'),
		'catch_up', ttsync.catch_up_json(sid),
		'last_success', coalesce((SELECT jsonb_object_agg(y.kind, ttsync.rfc3339(y.last_success))
			FROM ttsync.sync_state y WHERE y.shop_id = sid), '{}'),
		'unknown_since', (SELECT ttsync.rfc3339(y.last_success) FROM ttsync.sync_state y
			WHERE y.shop_id = sid AND y.kind = 'orders' AND v.state IN ('connected', 'expiring')
			  AND (ttsync.doubt(s) = 'token_refused' OR (y.last_success < now() - ttsync.unknown_after()
			       AND y.next_due_at < now() - ttsync.unknown_after() / 2))),
		'last_error', (SELECT jsonb_build_object('kind', y.kind, 'text', y.last_error, 'at', ttsync.rfc3339(y.last_error_at),
				'attempts', y.attempts)
			FROM ttsync.sync_state y WHERE y.shop_id = sid AND y.last_error IS NOT NULL
			ORDER BY y.last_error_at DESC LIMIT 1),
		'unreadable_orders', (SELECT count(*) FROM ttsync.order_problem p WHERE p.shop_id = sid))
	FROM ttsync.v_shop v JOIN ttsync.shop s USING (shop_id) WHERE v.shop_id = sid);
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.warehouse_name(sid bigint) RETURNS text LANGUAGE plpgsql STABLE AS $f$
BEGIN
	RETURN (SELECT w.name FROM ttsync.shop s JOIN ttsync.warehouse w USING (tiktok_shop_id)
	WHERE s.shop_id = sid AND w.warehouse_id = s.warehouse_id);
END
$f$;

-- The newest events of a shop's history, newest first.
CREATE OR REPLACE FUNCTION ttsync.last_events(sid bigint, most int) RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$
BEGIN
	RETURN (SELECT coalesce(jsonb_agg(h.j ORDER BY h.history_id DESC), '[]') FROM (
		SELECT history_id, jsonb_build_object('at', ttsync.rfc3339(at), 'actor', actor, 'event', event, 'detail', detail,
			'cause', cause) AS j
		FROM ttsync.history WHERE shop_id = sid ORDER BY history_id DESC LIMIT most) h);
END
$f$;

-- Shops of one answer unless args say another limit: one takes 1 to 2 KB, an answer 1 MiB at most (common/frame.h).
CREATE OR REPLACE FUNCTION ttsync.shops_page() RETURNS int LANGUAGE sql IMMUTABLE AS $f$ SELECT 250 $f$;

-- Where a row stands in the list that is paged, soonest end first: what --after is given.
CREATE OR REPLACE FUNCTION ttsync.shops_key(expires timestamptz, sid bigint) RETURNS text LANGUAGE sql STABLE AS
$f$ SELECT extract(epoch FROM coalesce(expires, 'infinity')) || ',' || sid $f$;

-- Null is before all of them.
CREATE OR REPLACE FUNCTION ttsync.shops_key_read(word text, OUT expires timestamptz, OUT sid bigint)
LANGUAGE plpgsql STABLE AS $f$
BEGIN
	expires := coalesce(to_timestamp(split_part(word, ',', 1)::float8), '-infinity');
	sid := coalesce(split_part(word, ',', 2)::bigint, 0);
EXCEPTION WHEN data_exception THEN
	PERFORM ttsync.refuse(64, 'bad_after', format('no place in the list of shops: %s', quote_literal(word)),
		'give --after what next_after of the answer before was');
END
$f$;

-- args: store?, state?, expiring_within_s?
CREATE OR REPLACE FUNCTION ttsync.shops_chosen(args jsonb) RETURNS SETOF ttsync.v_shop LANGUAGE sql STABLE AS $f$
	SELECT * FROM ttsync.v_shop v
	WHERE (args->>'store' IS NULL OR v.store_id = args->>'store')
	  AND (args->>'state' IS NULL OR v.state = args->>'state')
	  AND (args->>'expiring_within_s' IS NULL
	       OR v.expires_at <= now() + make_interval(secs => (args->>'expiring_within_s')::bigint))
$f$;

-- args: as of shops_chosen, limit?, after? (next_after of the answer before). Answers the first of
-- those that match behind it; total and totals: of all that match. A shop whose end moves while somebody
-- reads page after page stands where it moved to.
CREATE OR REPLACE FUNCTION ttsync.api_shops(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$
DECLARE
	most   int := coalesce((args->>'limit')::int, ttsync.shops_page());
	behind record;
	doc    jsonb;
	here   bigint[];
	last   text;
BEGIN
	behind := ttsync.shops_key_read(args->>'after');
	WITH chosen AS MATERIALIZED (
		SELECT v.shop_id, coalesce(v.expires_at, 'infinity') AS ends, v.product_count, v.order_count
		FROM ttsync.shops_chosen(args) v)
	SELECT jsonb_build_object('total', count(*), 'totals', jsonb_build_object('shops', count(*),
			'products', coalesce(sum(product_count), 0), 'orders', coalesce(sum(order_count), 0)))
		|| CASE WHEN args->>'expiring_within_s' IS NOT NULL AND count(*) > 0 THEN '{"exit":1}'::jsonb ELSE '{}'::jsonb END,
		(SELECT array_agg(p.shop_id ORDER BY p.ends, p.shop_id) FROM (
			SELECT c.shop_id, c.ends FROM chosen c WHERE (c.ends, c.shop_id) > (behind.expires, behind.sid)
			ORDER BY c.ends, c.shop_id LIMIT most + 1) p)
	INTO doc, here FROM chosen;
	IF cardinality(here) > most THEN
		SELECT ttsync.shops_key(v.expires_at, v.shop_id) INTO last FROM ttsync.v_shop v WHERE v.shop_id = here[most];
		doc := doc || jsonb_build_object('next_after', last)
			|| CASE WHEN args->>'limit' IS NULL THEN jsonb_build_object('more', jsonb_build_object('flag', '--after', 'value', last)) ELSE '{}' END;
	END IF;
	RETURN ttsync.listed((SELECT jsonb_agg(ttsync.shop_json(c.sid) ORDER BY c.n)
		FROM unnest(here[:most]) WITH ORDINALITY AS c(sid, n))) || doc;
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.api_show(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$
DECLARE
	id bigint := ttsync.shop_named(args->>'shop');
BEGIN
	RETURN ttsync.shop_json(id) || jsonb_build_object('schema_version', 1,
		'scopes', (SELECT to_jsonb(g.scopes) FROM ttsync.shop s JOIN ttsync.grants g USING (grant_id) WHERE s.shop_id = id),
		'grant', (SELECT jsonb_build_object('state', g.state, 'access_expires_at', ttsync.rfc3339(g.access_expires),
				'last_refresh', ttsync.rfc3339(g.last_refresh), 'last_error', g.last_error, 'gen', g.gen)
			FROM ttsync.shop s JOIN ttsync.grants g USING (grant_id) WHERE s.shop_id = id),
		'warehouse', ttsync.warehouse_name(id), 'history', ttsync.last_events(id, 10));
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.link_shop(hash text) RETURNS bigint LANGUAGE plpgsql STABLE AS $f$
DECLARE
	id bigint;
BEGIN
	SELECT shop_id INTO id FROM ttsync.connect_link WHERE link_hash = decode(hash, 'hex') AND expires_at > now();
	IF id IS NULL THEN
		PERFORM ttsync.refuse(65, 'unknown_link', 'this link is unknown or has expired',
			'get a fresh one: ttctl reauthorize SHOP');
	END IF;
	RETURN id;
END
$f$;

-- The shop behind a merchant's link, with all that its page shows. args: link_hash (hex). By generic plans:
-- a session otherwise plans the first five pages anew, 3 ms each where the page takes 1.
CREATE OR REPLACE FUNCTION ttsync.api_link(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan AS $f$
DECLARE
	id  bigint := ttsync.link_shop(args->>'link_hash');
	doc jsonb := ttsync.shop_json(id);
BEGIN
	RETURN doc || jsonb_build_object(
		'link_expires_at', (SELECT ttsync.rfc3339(expires_at) FROM ttsync.connect_link
			WHERE link_hash = decode(args->>'link_hash', 'hex')),
		'warehouse', ttsync.warehouse_name(id), 'history', ttsync.last_events(id, 20))
		|| CASE WHEN doc->>'state' = 'choosing' THEN jsonb_build_object('choices', ttsync.choices_json(id)->'items')
		   ELSE '{}' END;
END
$f$;

-- How many shops are in each state: for the statistics.
CREATE OR REPLACE FUNCTION ttsync.api_states(args jsonb, who text) RETURNS jsonb LANGUAGE sql STABLE AS $f$
	SELECT coalesce(jsonb_object_agg(state, n), '{}') FROM (SELECT state, count(*) AS n FROM ttsync.v_shop GROUP BY state) c
$f$;

-- Of each connected shop the end of its authorization and the last success of each kind, in seconds: for
-- the statistics. args: most, how many shops; those whose authorization ends first come first.
CREATE OR REPLACE FUNCTION ttsync.api_gauges(args jsonb, who text) RETURNS jsonb LANGUAGE sql STABLE AS $f$
	SELECT jsonb_build_object('shops', coalesce(jsonb_agg(jsonb_build_object('shop_id', c.shop_id::text,
		'expires', ttsync.epoch(c.refresh_expires), 'last_success', coalesce((
			SELECT jsonb_object_agg(y.kind, ttsync.epoch(y.last_success)) FROM ttsync.sync_state y
			WHERE y.shop_id = c.shop_id AND y.last_success IS NOT NULL), '{}'))), '[]'))
	FROM (SELECT s.shop_id, g.refresh_expires FROM ttsync.shop s JOIN ttsync.grants g USING (grant_id)
	      WHERE s.state IN ('connecting', 'connected')
	      ORDER BY g.refresh_expires, s.shop_id LIMIT (args->>'most')::int) c
$f$;

-- The database's part of one screen: shops by state, and what needs a person.
CREATE OR REPLACE FUNCTION ttsync.api_status(args jsonb, who text) RETURNS jsonb LANGUAGE sql STABLE AS $f$
	SELECT jsonb_build_object('schema_version', 1,
		'shops', coalesce((SELECT jsonb_object_agg(state, n) FROM (SELECT state, count(*) AS n FROM ttsync.v_shop GROUP BY state) c), '{}'),
		'orders', (SELECT coalesce(sum(orders), 0) FROM ttsync.row_count),
		'products', (SELECT coalesce(sum(products), 0) FROM ttsync.row_count),
		'attention', coalesce((SELECT jsonb_agg(jsonb_build_object('shop_id', shop_id::text, 'alias', alias, 'state', state,
			'reason', reason, 'next', ttsync.next_step(shop_id, state, reason)) ORDER BY shop_id)
			FROM ttsync.v_shop WHERE state IN ('expired', 'expiring', 'disconnected', 'plan_suspended')
			  AND reason IS DISTINCT FROM 'disconnected_by_hand'), '[]')
		|| coalesce((SELECT jsonb_agg(jsonb_build_object('shop_id', NULL, 'alias', seller_name, 'state', 'held',
			'reason', NULL, 'next', 'ttctl held') ORDER BY grant_id)
			FROM ttsync.grants WHERE unclaimed_since IS NOT NULL), '[]')
		|| coalesce((SELECT jsonb_agg(jsonb_build_object('shop_id', y.shop_id::text, 'alias', s.alias, 'state', 'failing',
			'reason', y.kind || ': ' || y.last_error, 'next', 'ttctl show ' || y.shop_id) ORDER BY y.shop_id, y.kind)
			FROM ttsync.sync_state y JOIN ttsync.shop s USING (shop_id)
			WHERE y.attempts >= 3 AND s.state IN ('connecting', 'connected')), '[]'))
$f$;
