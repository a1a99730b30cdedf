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
