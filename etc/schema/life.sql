-- What happens to a connection while it lives: expiry, pauses, plans, its end.

-- Shops that one run of the calendar sees to, of each kind of matter: it must end well within the deadline
-- of a statement, and comes again in seconds (10,000 shops at once took 24 to 39 s).
CREATE OR REPLACE FUNCTION ttsync.calendar_shops() RETURNS int LANGUAGE sql IMMUTABLE AS $f$ SELECT 200 $f$;

-- Plans are what GoSell says they are: allowed are those that carry TikTok shops. Shops of other stores
-- stop and keep their data; they go on from where they stopped when the plan allows it again. Answers
-- work for the queue. only_store null: of all stores, some shops at a time (the calendar comes again).
CREATE OR REPLACE FUNCTION ttsync.plans_apply(allowed jsonb, who text, only_store text)
RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	one record;
	due jsonb := '[]';
BEGIN
	FOR one IN
		SELECT s.shop_id, t.plan, allowed ? t.plan AS carries FROM ttsync.shop s JOIN ttsync.store t USING (store_id)
		WHERE (only_store IS NULL OR s.store_id = only_store) AND CASE WHEN allowed ? t.plan THEN s.suspended_at IS NOT NULL
		           ELSE s.suspended_at IS NULL AND s.state IN ('connecting', 'connected') END
		ORDER BY s.shop_id LIMIT ttsync.calendar_shops() FOR NO KEY UPDATE OF s
	LOOP
		UPDATE ttsync.shop SET suspended_at = CASE WHEN NOT one.carries THEN now() END WHERE shop_id = one.shop_id;
		PERFORM ttsync.tell(one.shop_id, who, CASE WHEN one.carries THEN 'shop.plan_resumed' ELSE 'shop.plan_suspended' END,
			jsonb_build_object('plan', one.plan));
		IF one.carries THEN
			due := due || ttsync.take_up(one.shop_id, 'the plan allows it again');
		END IF;
	END LOOP;
	RETURN due;
END
$f$;

-- A pause is over, by hand or by its time; answers work for the queue.
CREATE OR REPLACE FUNCTION ttsync.pause_end(sid bigint, who text)
RETURNS jsonb LANGUAGE plpgsql AS $f$
BEGIN
	UPDATE ttsync.shop SET paused_at = NULL, paused_until = NULL, paused_why = NULL WHERE shop_id = sid;
	PERFORM ttsync.tell(sid, who, 'shop.resumed');
	RETURN ttsync.take_up(sid, 'the pause is over');
END
$f$;

-- Warnings that are due and were not given yet for this end of the authorization. Where several came
-- due at once (a short authorization, a daemon that was away), the last of them is told, all count as given.
-- TikTok tells the end with each refresh, by the second: one that moved by less than half a day is the same.
CREATE OR REPLACE FUNCTION ttsync.expiry_warn(warn_days int[])
RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	one  record;
	kind text;
	how  jsonb;
	told jsonb := '[]';
BEGIN
	FOR one IN
		WITH due AS (
			SELECT s.shop_id, g.refresh_expires AS ends, d
			FROM ttsync.grants g JOIN ttsync.shop s USING (grant_id) CROSS JOIN unnest(warn_days || 0) AS d
			WHERE g.refresh_expires <= now() + d * interval '1 day'
			  AND g.refresh_expires > now() - interval '399 days' -- told long ago, and forgotten (prune)
			  AND g.refresh_expires <= now() + (SELECT max(x) FROM unnest(warn_days || 0) x) * interval '1 day'
			  AND (s.state IN ('connecting', 'connected')
			       OR (d = 0 AND s.state = 'disconnected' AND s.reason = 'authorization_expired'))
			  AND NOT EXISTS (SELECT FROM ttsync.expiry_warning x WHERE x.shop_id = s.shop_id AND x.days = d
			       AND x.expires_at BETWEEN g.refresh_expires - interval '12 hours' AND g.refresh_expires + interval '12 hours')
		), given AS (
			INSERT INTO ttsync.expiry_warning (shop_id, expires_at, days)
			SELECT due.shop_id, due.ends, due.d FROM due
			WHERE due.shop_id IN (SELECT DISTINCT x.shop_id FROM due x ORDER BY x.shop_id LIMIT ttsync.calendar_shops())
			ON CONFLICT DO NOTHING RETURNING shop_id, expires_at, days)
		SELECT shop_id, expires_at, min(days) AS days FROM given GROUP BY shop_id, expires_at ORDER BY shop_id
	LOOP
		kind := CASE WHEN one.days = 0 THEN 'authorization.expired' ELSE 'authorization.expiring' END;
		how := jsonb_build_object('days', one.days, 'expires_at', ttsync.rfc3339(one.expires_at));
		PERFORM ttsync.tell(one.shop_id, 'timer', kind, how);
		told := told || (jsonb_build_object('shop_id', one.shop_id, 'event', kind) || how);
	END LOOP;
	RETURN told;
END
$f$;

-- Some rows of a shop that is being purged; the shop itself with the last of them.
CREATE OR REPLACE FUNCTION ttsync.purge_some(sid bigint, most int)
RETURNS void LANGUAGE plpgsql AS $f$
DECLARE
	n bigint;
BEGIN
	-- a job that still runs writes no more: its fence has fallen (and jobs lock the lease before the shop)
	UPDATE ttsync.shop_lease SET fence = fence + 1, owner = NULL, lease_until = '-infinity' WHERE shop_id = sid;
	DELETE FROM ttsync.order_line WHERE ctid = ANY (ARRAY(SELECT ctid FROM ttsync.order_line WHERE shop_id = sid LIMIT most));
	GET DIAGNOSTICS n = ROW_COUNT;
	IF n = 0 THEN
		DELETE FROM ttsync.orders WHERE ctid = ANY (ARRAY(SELECT ctid FROM ttsync.orders WHERE shop_id = sid LIMIT most));
		GET DIAGNOSTICS n = ROW_COUNT;
	END IF;
	IF n = 0 THEN
		DELETE FROM ttsync.product WHERE ctid = ANY (ARRAY(SELECT ctid FROM ttsync.product WHERE shop_id = sid LIMIT most / 10));
		GET DIAGNOSTICS n = ROW_COUNT;
	END IF;
	IF n = 0 THEN
		PERFORM ttsync.tell(sid, 'daemon', 'shop.purged');
		DELETE FROM ttsync.shop WHERE shop_id = sid;
	END IF;
END
$f$;

-- What the calendar brings, for one daemon of the fleet at a time (chore 'calendar'): expiry warnings, ends of
-- pauses, plans (also changed ones in the configuration), authorizations nobody uses or claims, rows to purge.
-- Answers {told: [...], _enqueue: [...]}.
CREATE OR REPLACE FUNCTION ttsync.calendar(allowed jsonb, warn_days int[])
RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	one bigint;
	due jsonb := ttsync.plans_apply(allowed, 'timer', NULL);
BEGIN
	FOR one IN SELECT shop_id FROM ttsync.shop WHERE paused_until <= now()
		ORDER BY shop_id LIMIT ttsync.calendar_shops() FOR NO KEY UPDATE LOOP
		due := due || ttsync.pause_end(one, 'timer');
	END LOOP;
	PERFORM ttsync.purge_some(shop_id, 20000) FROM ttsync.shop WHERE purging ORDER BY shop_id LIMIT 1;
	UPDATE ttsync.grants SET unclaimed_since = NULL WHERE unclaimed_since < now() - interval '7 days';
	-- a callback may be between its pair and its shop: an hour is more than that takes
	PERFORM ttsync.grant_unused(g.grant_id) FROM ttsync.grants g
	WHERE g.state <> 'ended' AND g.unclaimed_since IS NULL AND g.issued_at < now() - interval '1 hour'
	  AND NOT EXISTS (SELECT FROM ttsync.shop s WHERE s.grant_id = g.grant_id
		AND s.reason IS DISTINCT FROM 'disconnected_by_hand' AND NOT s.purging)
	LIMIT ttsync.calendar_shops();
	RETURN jsonb_build_object('told', ttsync.expiry_warn(warn_days), '_enqueue', due);
END
$f$;

-- args: shop, for_s?, reason?. A job that runs is let finish.
CREATE OR REPLACE FUNCTION ttsync.api_pause(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	id bigint := ttsync.shop_named(args->>'shop');
	st text;
	ends timestamptz := now() + make_interval(secs => (args->>'for_s')::bigint);
BEGIN
	SELECT state INTO st FROM ttsync.shop WHERE shop_id = id FOR NO KEY UPDATE;
	IF st NOT IN ('connecting', 'connected') THEN
		PERFORM ttsync.refuse(1, 'not_connected', format('this shop is %s: there is nothing to pause', st),
			format('ttctl show %s', id));
	END IF;
	UPDATE ttsync.shop SET paused_at = coalesce(paused_at, now()), paused_until = ends,
		paused_why = coalesce(args->>'reason', paused_why)
	WHERE shop_id = id;
	PERFORM ttsync.tell(id, who, 'shop.paused', jsonb_build_object('until', ttsync.rfc3339(ends), 'reason', args->>'reason'));
	RETURN ttsync.shop_json(id);
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.api_resume(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	id  bigint := ttsync.shop_named(args->>'shop');
	due jsonb := '[]';
BEGIN
	PERFORM 1 FROM ttsync.shop WHERE shop_id = id AND paused_at IS NOT NULL FOR NO KEY UPDATE;
	IF FOUND THEN -- else it runs already, and nothing changes
		due := ttsync.pause_end(id, who);
	END IF;
	RETURN ttsync.shop_json(id) || jsonb_build_object('_enqueue', due);
END
$f$;

-- Orders a merchant still owes something for.
CREATE OR REPLACE FUNCTION ttsync.is_open(status text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$f$ SELECT status IN ('UNPAID', 'ON_HOLD', 'AWAITING_SHIPMENT', 'PARTIALLY_SHIPPING', 'AWAITING_COLLECTION') $f$;

-- args: shop, purge?, confirm? (the alias, typed), dry_run?. Everything of the shop stays unless it is purged;
-- tokens are wiped where no other shop needs them. The same again changes nothing.
CREATE OR REPLACE FUNCTION ttsync.api_disconnect(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	id     bigint := ttsync.shop_named(args->>'shop');
	s      ttsync.shop;
	purge  boolean := coalesce((args->>'purge')::boolean, false);
	dry    boolean := coalesce((args->>'dry_run')::boolean, false);
	others bigint;
	doc    jsonb;
BEGIN
	SELECT * INTO s FROM ttsync.shop WHERE shop_id = id FOR UPDATE;
	IF purge AND NOT dry AND normalize(args->>'confirm', NFC) IS DISTINCT FROM s.alias THEN
		PERFORM ttsync.refuse(64, CASE WHEN args->>'confirm' IS NULL THEN 'confirmation_needed' ELSE 'confirmation_differs' END,
			format('shop %s has %s open orders; to delete all its data, type its alias: --confirm %s', id,
				(SELECT count(*) FROM ttsync.orders o WHERE o.shop_id = id AND ttsync.is_open(o.status)), quote_literal(s.alias)),
			format('see what there is: ttctl disconnect %s --purge --dry-run', id));
	END IF;
	SELECT count(*) INTO others FROM ttsync.shop o
	WHERE o.grant_id = s.grant_id AND o.shop_id <> id AND o.reason IS DISTINCT FROM 'disconnected_by_hand' AND NOT o.purging;
	SELECT jsonb_build_object('shop_id', id::text, 'alias', s.alias, 'dry_run', dry, 'purge', purge,
		'open_orders', (SELECT count(*) FROM ttsync.orders o WHERE o.shop_id = id AND ttsync.is_open(o.status)),
		'stops', '["orders","products","token_refresh"]'::jsonb - CASE WHEN others > 0 THEN 'token_refresh' ELSE '' END,
		'stays', jsonb_build_object(
			'orders', CASE WHEN purge THEN 0 ELSE coalesce((SELECT c.orders FROM ttsync.row_count c WHERE c.shop_id = id), 0) END,
			'products', CASE WHEN purge THEN 0 ELSE coalesce((SELECT c.products FROM ttsync.row_count c WHERE c.shop_id = id), 0) END,
			'history', (SELECT count(*) FROM ttsync.history h WHERE h.shop_id = id)),
		'tokens', CASE WHEN s.grant_id IS NULL THEN 'none' WHEN others > 0 THEN format('kept: %s other shops', others)
			ELSE 'wiped' END,
		'at_tiktok', 'the app stays authorized until the seller removes it in Seller Center') INTO doc;
	IF dry THEN
		RETURN doc || jsonb_build_object('state', s.state);
	END IF;
	IF purge AND NOT s.purging THEN
		PERFORM ttsync.note(id, who, 'shop.purge_asked');
		UPDATE ttsync.shop SET purging = true WHERE shop_id = id;
	END IF;
	PERFORM ttsync.shop_enter(id, 'disconnected', CASE WHEN purge OR s.purging THEN 'purging' ELSE 'disconnected_by_hand' END, who);
	UPDATE ttsync.shop SET paused_at = NULL, paused_until = NULL, paused_why = NULL WHERE shop_id = id;
	UPDATE ttsync.oauth_state SET expires_at = now() WHERE shop_id = id AND used_at IS NULL AND expires_at > now();
	UPDATE ttsync.grants SET unclaimed_since = NULL WHERE grant_id = s.grant_id; -- nobody waits for it any more
	PERFORM ttsync.grant_unused(s.grant_id);
	RETURN doc || jsonb_build_object('state', 'disconnected');
END
$f$;

-- Authorizations that were begun at TikTok's and wait for a store.
CREATE OR REPLACE FUNCTION ttsync.api_held(args jsonb, who text) RETURNS jsonb LANGUAGE sql STABLE AS $f$
	SELECT ttsync.listed((SELECT jsonb_agg(jsonb_build_object('held', g.grant_id::text, 'seller', g.seller_name, 'region', g.region,
		'since', ttsync.rfc3339(g.unclaimed_since), 'until', ttsync.rfc3339(g.unclaimed_since + interval '7 days'),
		'expires_at', ttsync.rfc3339(g.refresh_expires),
		'shops', (SELECT jsonb_agg(jsonb_build_object('tiktok_shop_id', gs.tiktok_shop_id, 'name', gs.name,
			'region', gs.region, 'seller_type', gs.seller_type) ORDER BY gs.tiktok_shop_id)
			FROM ttsync.grant_shop gs WHERE gs.grant_id = g.grant_id AND NOT gs.gone)) ORDER BY g.unclaimed_since)
		FROM ttsync.grants g WHERE g.unclaimed_since IS NOT NULL))
$f$;

-- args: as of api_connect, and held. The shop begins where a callback would have left it.
CREATE OR REPLACE FUNCTION ttsync.api_attach(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	g  ttsync.grants;
	id bigint;
BEGIN
	SELECT * INTO g FROM ttsync.grants
	WHERE grant_id::text = args->>'held' AND unclaimed_since IS NOT NULL FOR UPDATE;
	IF g.grant_id IS NULL THEN
		PERFORM ttsync.refuse(65, 'unknown_held', format('no authorization %s waits for a store', quote_literal(args->>'held')),
			'see them: ttctl held');
	END IF;
	IF args->>'region' IS NOT NULL AND NOT EXISTS (SELECT FROM ttsync.grant_shop
		WHERE grant_id = g.grant_id AND NOT gone AND region = args->>'region') THEN
		PERFORM ttsync.refuse(64, 'region_mismatch', format('this authorization has no shop in %s', args->>'region'),
			'see its shops: ttctl held');
	END IF;
	id := ttsync.shop_begin(args, who);
	UPDATE ttsync.grants SET unclaimed_since = NULL WHERE grant_id = g.grant_id;
	UPDATE ttsync.shop SET grant_id = g.grant_id WHERE shop_id = id;
	PERFORM ttsync.shop_enter(id, 'choosing', NULL, who);
	INSERT INTO ttsync.connect_link (link_hash, shop_id, expires_at)
	VALUES (decode(args->>'link_hash', 'hex'), id, now() + make_interval(secs => (args->>'link_s')::bigint));
	RETURN (SELECT jsonb_build_object('shop_id', id::text, 'alias', alias, 'state', state) FROM ttsync.shop WHERE shop_id = id);
END
$f$;
