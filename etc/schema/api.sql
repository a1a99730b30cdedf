-- What faces ask: ttsync.api_NAME(args, actor) answers the document that goes out (contract.md 5).
-- A refusal is SQLSTATE TTnnn: nnn is ttctl's exit code, DETAIL a word for programs, HINT what to do.

CREATE OR REPLACE FUNCTION ttsync.refuse(code int, word text, message text, hint text)
RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
	RAISE EXCEPTION '%', message USING ERRCODE = 'TT' || lpad(code::text, 3, '0'), DETAIL = word,
		HINT = coalesce(hint, ''); -- RAISE takes no null
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.listed(items jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
$f$ SELECT jsonb_build_object('schema_version', 1, 'items', coalesce(items, '[]')) $f$;

-- SHOP is our id, TikTok's shop id, or an alias. A word that means two shops is not guessed: an alias
-- of two stores, or one that is another shop's number. #17 is our id 17, whatever shops are called.
CREATE OR REPLACE FUNCTION ttsync.shop_named(word text) RETURNS bigint LANGUAGE plpgsql STABLE AS $f$
DECLARE
	found bigint[];
BEGIN
	SELECT array_agg(shop_id ORDER BY shop_id) INTO found FROM ttsync.shop
	WHERE CASE WHEN word ~ '^#[0-9]{1,18}$' THEN shop_id = substr(word, 2)::bigint
	      ELSE alias_key = lower(normalize(btrim(word), NFC) COLLATE "und-x-icu")
	           OR shop_id = CASE WHEN word ~ '^[0-9]{1,18}$' THEN word::bigint END
	           OR tiktok_shop_id = word END;
	IF found IS NULL THEN
		PERFORM ttsync.refuse(65, 'unknown_shop', format('no shop %s', quote_literal(word)),
			'see them all: ttctl shops');
	END IF;
	IF cardinality(found) > 1 THEN
		PERFORM ttsync.refuse(64, 'ambiguous_shop',
			format('%s shops may be meant by %s', cardinality(found), quote_literal(word)),
			format('use the shop id: ''#%s''', array_to_string(found, ''' or ''#')));
	END IF;
	RETURN found[1];
END
$f$;

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

CREATE OR REPLACE FUNCTION ttsync.api_store_set(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	was text;
BEGIN
	IF args->>'id' !~ '^[A-Za-z0-9._-]{1,64}$' THEN
		PERFORM ttsync.refuse(64, 'bad_store_id', 'a store id is 1 to 64 letters, digits, dots, dashes', NULL);
	END IF;
	IF NOT (args->'plans' ? (args->>'plan')) THEN
		PERFORM ttsync.refuse(64, 'unknown_plan', format('no plan %s', quote_literal(args->>'plan')),
			format('plans: %s', (SELECT string_agg(p, ', ') FROM jsonb_array_elements_text(args->'plans') p)));
	END IF;
	SELECT plan INTO was FROM ttsync.store WHERE store_id = args->>'id';
	INSERT INTO ttsync.store (store_id, name, plan) VALUES (args->>'id', args->>'name', args->>'plan')
	ON CONFLICT (store_id) DO UPDATE SET name = excluded.name, plan = excluded.plan, updated_at = now();
	IF was IS DISTINCT FROM args->>'plan' THEN
		INSERT INTO ttsync.history (store_id, actor, event, detail, correlation)
		VALUES (args->>'id', split_part(who, ' #', 1), 'store.plan', jsonb_build_object('was', was, 'is', args->>'plan'),
			nullif(split_part(who, ' #', 2), ''));
	END IF;
	RETURN jsonb_build_object('store_id', args->>'id', 'name', args->>'name', 'plan', args->>'plan', 'created', was IS NULL,
		'_enqueue', ttsync.plans_apply(args->'allowed', who, args->>'id'));
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.api_store_list(args jsonb, who text) RETURNS jsonb LANGUAGE sql STABLE AS $f$
	SELECT ttsync.listed((SELECT jsonb_agg(jsonb_build_object('store_id', store_id, 'name', name, 'plan', plan,
		'shops', (SELECT count(*) FROM ttsync.shop s WHERE s.store_id = t.store_id)) ORDER BY store_id)
		FROM ttsync.store t))
$f$;

-- A shop of a store begins. args: store, alias, region, allowed (plans that may connect, lowest first).
-- Characters that only steer a terminal, turn the reading direction or cannot be seen are no part of an alias.
CREATE OR REPLACE FUNCTION ttsync.shop_begin(args jsonb, who text) RETURNS bigint LANGUAGE plpgsql AS $f$
DECLARE
	st     ttsync.store;
	called text := normalize(btrim(args->>'alias'), NFC);
	id     bigint;
	other  bigint;
BEGIN
	SELECT * INTO st FROM ttsync.store WHERE store_id = args->>'store' FOR SHARE; -- its plan stays what it is until we commit
	IF st.store_id IS NULL THEN
		PERFORM ttsync.refuse(65, 'unknown_store', format('no store %s', quote_literal(args->>'store')),
			'make it first: ttctl store set ID --name NAME --plan PLAN');
	END IF;
	IF NOT (args->'allowed' ? st.plan) THEN
		PERFORM ttsync.refuse(77, 'plan_too_low',
			format('store %s is on plan %s; TikTok Shop needs plan %s or higher', st.store_id, st.plan, args->'allowed'->>0),
			'raise the plan, then: ttctl store set ' || st.store_id || ' --name NAME --plan ' || coalesce(args->'allowed'->>0, 'PLAN'));
	END IF;
	IF args->>'region' !~ '^[A-Z]{2}$' THEN
		PERFORM ttsync.refuse(64, 'bad_region', format('no country %s', quote_literal(args->>'region')),
			'two capital letters: TH');
	END IF;
	IF called IS NULL OR length(called) NOT BETWEEN 1 AND 64
	   OR called ~ '^#[0-9]+$' OR called ~ '[\u0001-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]' THEN
		PERFORM ttsync.refuse(64, 'bad_alias', 'an alias is 1 to 64 characters without control characters, and not # with a number', NULL);
	END IF;
	SELECT shop_id INTO other FROM ttsync.shop
	WHERE store_id = st.store_id AND alias_key = lower(called COLLATE "und-x-icu");
	IF other IS NULL THEN
		INSERT INTO ttsync.shop (store_id, alias, region) VALUES (st.store_id, called, args->>'region')
		ON CONFLICT DO NOTHING RETURNING shop_id INTO id;
	END IF;
	IF id IS NULL THEN
		PERFORM ttsync.refuse(64, 'duplicate_alias',
			format('store %s has a shop called %s already: shop %s', st.store_id, quote_literal(called), other),
			format('choose another alias, or go on with that one: ttctl reauthorize %s', other));
	END IF;
	INSERT INTO ttsync.shop_lease (shop_id) VALUES (id);
	PERFORM ttsync.note(id, who, 'shop.pending', jsonb_build_object('alias', called, 'region', args->>'region'));
	RETURN id;
END
$f$;

-- session_hash: the browser that may come back with it; without one whoever got the link may.
CREATE OR REPLACE FUNCTION ttsync.begin_authorization(sid bigint, args jsonb) RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	ends timestamptz := now() + make_interval(secs => (args->>'state_s')::bigint);
BEGIN
	-- an older link of the same shop is dead from here on
	UPDATE ttsync.oauth_state SET expires_at = now() WHERE shop_id = sid AND used_at IS NULL AND expires_at > now();
	INSERT INTO ttsync.oauth_state (state_hash, shop_id, purpose, expires_at, session_hash)
	SELECT decode(args->>'state_hash', 'hex'), sid, CASE WHEN tiktok_shop_id IS NULL THEN 'connect' ELSE 'reauthorize' END,
		ends, decode(args->>'session_hash', 'hex')
	FROM ttsync.shop WHERE shop_id = sid;
	INSERT INTO ttsync.connect_link (link_hash, shop_id, expires_at)
	SELECT decode(args->>'link_hash', 'hex'), sid, now() + make_interval(secs => (args->>'link_s')::bigint)
	WHERE args->>'session_hash' IS NULL; -- a browser has one
	RETURN (SELECT jsonb_build_object('shop_id', sid::text, 'alias', alias, 'state', state, 'region', region,
		'state_expires_at', ttsync.rfc3339(ends)) FROM ttsync.shop WHERE shop_id = sid);
END
$f$;

-- args: as of shop_begin (TH where no region is said), and state_hash, link_hash (hex), state_s, link_s.
CREATE OR REPLACE FUNCTION ttsync.api_connect(args jsonb, who text) RETURNS jsonb LANGUAGE sql AS $f$
	SELECT ttsync.begin_authorization(ttsync.shop_begin('{"region":"TH"}' || args, who), args)
$f$;

-- args: shop, region? (of a shop that is not bound yet), and as of begin_authorization.
CREATE OR REPLACE FUNCTION ttsync.api_reauthorize(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	id bigint := ttsync.shop_named(args->>'shop');
	s  ttsync.shop;
BEGIN
	SELECT * INTO s FROM ttsync.shop WHERE shop_id = id FOR NO KEY UPDATE;
	IF s.purging THEN
		PERFORM ttsync.refuse(1, 'purging', 'the data of this shop is being deleted', 'connect it anew: ttctl connect');
	END IF;
	IF args->>'region' IS NOT NULL AND args->>'region' IS DISTINCT FROM s.region THEN
		IF s.tiktok_shop_id IS NOT NULL THEN
			PERFORM ttsync.refuse(64, 'bound', format('this shop is connected in %s', s.region),
				'a shop of another country is another connection: ttctl connect');
		END IF;
		UPDATE ttsync.shop SET region = args->>'region' WHERE shop_id = id;
		PERFORM ttsync.note(id, who, 'shop.region', jsonb_build_object('was', s.region, 'is', args->>'region'));
	END IF;
	PERFORM ttsync.note(id, who, 'authorization.asked');
	RETURN ttsync.begin_authorization(id, args);
END
$f$;

-- The same from the merchant's page. args: link_hash, session_hash, state_hash, state_s.
CREATE OR REPLACE FUNCTION ttsync.api_authorize(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	id bigint := ttsync.link_shop(args->>'link_hash');
BEGIN
	IF args->>'session_hash' IS NULL THEN
		PERFORM ttsync.refuse(64, 'no_session', 'an authorization from a page belongs to a browser', NULL);
	END IF;
	RETURN ttsync.api_reauthorize(args || jsonb_build_object('shop', '#' || id), who);
END
$f$;

-- What the worker needs to call TikTok for a shop outside of a job.
CREATE OR REPLACE FUNCTION ttsync.shop_access(word text)
RETURNS TABLE (shop_id bigint, state text, grant_id bigint, grant_state text, open_id text, pair_id text, access_box bytea)
LANGUAGE plpgsql AS $f$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT s.shop_id, s.state, g.grant_id, g.state, g.open_id, g.pair_id::text, g.access_box
	FROM ttsync.shop s LEFT JOIN ttsync.grants g USING (grant_id) WHERE s.shop_id = ttsync.shop_named(word);
END
$f$;

-- The choice as a merchant sees it: shops of the authorization, and the warehouses of each.
CREATE OR REPLACE FUNCTION ttsync.choices_json(sid bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$
BEGIN
	RETURN (SELECT jsonb_build_object('schema_version', 1, 'shop_id', sid::text, 'items', coalesce((
		SELECT jsonb_agg(jsonb_build_object('tiktok_shop_id', gs.tiktok_shop_id, 'name', gs.name, 'region', gs.region,
			'seller_type', gs.seller_type,
			'connected', b.shop_id IS NOT NULL,
			'selectable', b.shop_id IS NULL OR b.shop_id = sid,
			'why_not', CASE WHEN b.shop_id = sid OR b.shop_id IS NULL THEN NULL
				WHEN b.store_id = s.store_id THEN 'connected_here'
				ELSE 'connected_elsewhere' END,
			'alias', CASE WHEN b.store_id = s.store_id AND b.shop_id <> sid THEN b.alias END,
			'warehouses', coalesce((
				SELECT jsonb_agg(jsonb_build_object('warehouse_id', w.warehouse_id, 'name', w.name, 'type', w.type,
					'status', w.effect_status, 'is_default', w.is_default,
					'selectable', w.type = 'SALES_WAREHOUSE' AND w.effect_status <> 'DISABLED',
					'why_not', CASE WHEN w.type <> 'SALES_WAREHOUSE' THEN 'returns_only'
						WHEN w.effect_status = 'DISABLED' THEN 'switched_off' END)
					ORDER BY w.type <> 'SALES_WAREHOUSE', w.effect_status = 'DISABLED', NOT w.is_default, w.warehouse_id)
				FROM ttsync.warehouse w WHERE w.tiktok_shop_id = gs.tiktok_shop_id AND NOT w.gone), '[]'))
			ORDER BY gs.region, gs.name, gs.tiktok_shop_id)
		FROM ttsync.grant_shop gs
		LEFT JOIN ttsync.shop b ON b.tiktok_shop_id = gs.tiktok_shop_id
		WHERE gs.grant_id = s.grant_id AND NOT gs.gone), '[]'))
	FROM ttsync.shop s WHERE s.shop_id = sid);
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

-- What a connection is right after its confirmation.
CREATE OR REPLACE FUNCTION ttsync.confirmed_json(sid bigint) RETURNS jsonb LANGUAGE sql STABLE AS $f$
	SELECT ttsync.shop_json(sid) || jsonb_build_object('warehouse', ttsync.warehouse_name(sid),
		'scopes', (SELECT to_jsonb(g.scopes) FROM ttsync.shop s JOIN ttsync.grants g USING (grant_id) WHERE s.shop_id = sid),
		'jobs', (SELECT jsonb_agg(y.shop_id || '/' || y.kind ORDER BY y.kind) FROM ttsync.sync_state y WHERE y.shop_id = sid))
$f$;

-- The choice is made: bind shop and warehouse, stamp the connection time (API clock), start syncing.
-- The same confirmation twice is the same answer. kinds: the kinds of polling work to begin. branch?: GoSell's
-- branch for the warehouse. dry_run?: only what would be bound. allowed: the plans that may connect.
CREATE OR REPLACE FUNCTION ttsync.api_confirm(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	id   bigint := ttsync.shop_named(args->>'shop');
	s    ttsync.shop;
	gs   ttsync.grant_shop;
	w    ttsync.warehouse;
	b    ttsync.shop;
	at_s bigint := (args->>'api_now_s')::bigint;
BEGIN
	SELECT * INTO s FROM ttsync.shop WHERE shop_id = id FOR UPDATE;
	IF s.state NOT IN ('choosing') THEN
		IF s.tiktok_shop_id = args->>'tiktok_shop_id' AND s.warehouse_id = args->>'warehouse_id' THEN
			RETURN ttsync.confirmed_json(id);
		END IF;
		PERFORM ttsync.refuse(CASE WHEN s.state = 'pending' THEN 1 ELSE 64 END, 'not_choosing',
			CASE WHEN s.state = 'pending' THEN 'the authorization at TikTok is not done yet'
			     ELSE 'this shop is connected already, with another choice' END,
			CASE WHEN s.state = 'pending' THEN format('get a fresh link: ttctl reauthorize %s', id)
			     ELSE format('see it: ttctl show %s', id) END);
	END IF;
	IF NOT (args->'allowed' ? (SELECT plan FROM ttsync.store WHERE store_id = s.store_id FOR SHARE)) THEN
		PERFORM ttsync.refuse(77, 'plan_too_low', format('the plan of store %s does not carry TikTok Shop any more', s.store_id),
			format('raise it: ttctl store set %s --name NAME --plan %s', s.store_id, args->'allowed'->>0));
	END IF;
	SELECT * INTO gs FROM ttsync.grant_shop
	WHERE grant_id = s.grant_id AND tiktok_shop_id = args->>'tiktok_shop_id' AND NOT gone
	FOR NO KEY UPDATE; -- of two that choose it at once the second sees the first
	IF gs.tiktok_shop_id IS NULL THEN
		PERFORM ttsync.refuse(65, 'foreign_shop', format('TikTok shop %s is not in this authorization', args->>'tiktok_shop_id'),
			format('see the choices: ttctl choices %s', id));
	END IF;
	SELECT * INTO b FROM ttsync.shop WHERE tiktok_shop_id = gs.tiktok_shop_id AND shop_id <> id;
	IF b.shop_id IS NOT NULL THEN
		PERFORM ttsync.refuse(64, 'shop_taken', 'this TikTok shop is connected already' ||
			CASE WHEN b.store_id = s.store_id THEN format(', as %s', quote_literal(b.alias)) ELSE '' END,
			format('see the choices: ttctl choices %s', id));
	END IF;
	SELECT * INTO w FROM ttsync.warehouse
	WHERE tiktok_shop_id = gs.tiktok_shop_id AND warehouse_id = args->>'warehouse_id' AND NOT gone;
	IF w.warehouse_id IS NULL THEN
		PERFORM ttsync.refuse(65, 'unknown_warehouse', format('the shop has no warehouse %s', args->>'warehouse_id'),
			format('see the choices: ttctl choices %s', id));
	END IF;
	IF w.type <> 'SALES_WAREHOUSE' OR w.effect_status = 'DISABLED' THEN
		PERFORM ttsync.refuse(64, 'unusable_warehouse', format('warehouse %s cannot be chosen: %s', w.warehouse_id,
			CASE WHEN w.type <> 'SALES_WAREHOUSE' THEN 'it takes returns only' ELSE 'it is switched off at TikTok' END),
			format('see the choices: ttctl choices %s', id));
	END IF;
	IF (args->>'dry_run')::boolean THEN
		RETURN jsonb_build_object('dry_run', true, 'shop_id', id::text, 'alias', s.alias, 'tiktok_shop_id', gs.tiktok_shop_id,
			'name', gs.name, 'region', gs.region, 'warehouse_id', w.warehouse_id, 'warehouse', w.name,
			'branch_id', args->>'branch', 'orders_from', ttsync.rfc3339(to_timestamp(at_s)));
	END IF;
	UPDATE ttsync.shop SET tiktok_shop_id = gs.tiktok_shop_id, name = gs.name, region = gs.region, branch_id = args->>'branch',
		warehouse_id = w.warehouse_id, connected_at = to_timestamp(at_s), state = 'connecting', reason = NULL, state_since = now()
	WHERE shop_id = id;
	INSERT INTO ttsync.sync_state (shop_id, kind, cursor_s, span_s, overlap_s, next_due_at)
	SELECT id, k->>'kind', CASE WHEN (k->>'from_start')::boolean THEN 0 ELSE at_s END,
		(k->>'span_s')::bigint, (k->>'overlap_s')::bigint, now()
	FROM jsonb_array_elements(args->'kinds') k;
	PERFORM ttsync.note(id, who, 'shop.connecting', jsonb_build_object('tiktok_shop_id', gs.tiktok_shop_id,
		'warehouse_id', w.warehouse_id, 'connected_at', ttsync.rfc3339(to_timestamp(at_s))));
	PERFORM ttsync.emit(id, 'shop.connecting', id::text);
	RETURN ttsync.confirmed_json(id) || jsonb_build_object('_enqueue', ttsync.due_now(id));
END
$f$;

-- Shops of one answer unless args say another limit: one takes 1 to 2 KB, an answer 1 MiB at most (common/frame.h).
CREATE OR REPLACE FUNCTION ttsync.shops_page() RETURNS int LANGUAGE sql IMMUTABLE AS $f$ SELECT 250 $f$;

-- Where a row stands in the list that is paged, soonest end first: what --after is given.
CREATE OR REPLACE FUNCTION ttsync.shops_key(expires timestamptz, sid bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
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

CREATE OR REPLACE FUNCTION ttsync.api_sync(args jsonb, who text) RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	id bigint := ttsync.shop_named(args->>'shop');
	st text;
	step text;
	due jsonb;
BEGIN
	SELECT v.state, ttsync.next_step(id, v.state, v.reason) INTO st, step FROM ttsync.v_shop v WHERE v.shop_id = id;
	IF NOT EXISTS (SELECT FROM ttsync.shop s WHERE s.shop_id = id AND ttsync.runs(s, now())) THEN
		PERFORM ttsync.refuse(CASE WHEN st IN ('disconnected', 'expired') THEN 4 ELSE 1 END, 'not_connected',
			format('this shop is %s: there is nothing to read', st), coalesce(step, format('ttctl show %s', id)));
	END IF;
	WITH x AS (
		UPDATE ttsync.sync_state SET next_due_at = now()
		WHERE shop_id = id AND (args->>'kind' IS NULL OR kind = args->>'kind') RETURNING kind)
	SELECT jsonb_agg(jsonb_build_array(id, kind, 0)) INTO due FROM x;
	PERFORM ttsync.note(id, who, 'sync.asked', jsonb_build_object('kind', args->>'kind'));
	RETURN jsonb_build_object('shop_id', id::text, 'kinds', (SELECT jsonb_agg(d->1) FROM jsonb_array_elements(due) d),
		'_enqueue', due);
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
