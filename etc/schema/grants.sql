-- The life of a grant: authorization, refresh, its end (reliability.md 5).

-- A callback arrived with a state: use it up. Answers the shop and what for; a refusal is an error
-- with its word in DETAIL.
CREATE OR REPLACE FUNCTION ttsync.callback_begin(hash bytea, denied text, who text)
RETURNS TABLE (shop_id bigint, purpose text, region text) LANGUAGE plpgsql AS $f$
#variable_conflict use_column
DECLARE
	st ttsync.oauth_state;
BEGIN
	SELECT * INTO st FROM ttsync.oauth_state WHERE state_hash = hash FOR UPDATE;
	IF st.state_hash IS NULL THEN
		RAISE EXCEPTION 'this link was not made here, or was replaced long ago'
			USING ERRCODE = 'TT065', DETAIL = 'state_unknown', HINT = 'begin the connection again';
	END IF;
	IF st.used_at IS NOT NULL THEN
		RETURN QUERY SELECT st.shop_id, 'reused'::text, NULL::text;
		PERFORM ttsync.note(st.shop_id, who, 'authorization.state_reused');
		RETURN;
	END IF;
	IF st.expires_at < now() THEN
		RETURN QUERY SELECT st.shop_id, 'expired'::text, NULL::text;
		PERFORM ttsync.note(st.shop_id, who, 'authorization.state_expired');
		RETURN;
	END IF;
	UPDATE ttsync.oauth_state SET used_at = now(), result = coalesce(denied, 'code') WHERE state_hash = hash;
	IF denied IS NOT NULL THEN
		PERFORM ttsync.note(st.shop_id, who, 'authorization.denied', jsonb_build_object('error', denied));
		RETURN QUERY SELECT st.shop_id, 'denied'::text, NULL::text;
		RETURN;
	END IF;
	RETURN QUERY SELECT st.shop_id, st.purpose, s.region FROM ttsync.shop s WHERE s.shop_id = st.shop_id;
END
$f$;

-- TikTok could not be asked: the state is good again, so that the same redirect may be opened anew.
CREATE OR REPLACE FUNCTION ttsync.callback_undo(hash bytea)
RETURNS void LANGUAGE sql AS $f$
	UPDATE ttsync.oauth_state SET used_at = NULL, result = NULL WHERE state_hash = hash AND expires_at > now()
$f$;

-- Delay to the next planned refresh: 50 to 70 % of the token's life, spread by the grant.
CREATE OR REPLACE FUNCTION ttsync.refresh_after(grant_id bigint, life_s bigint)
RETURNS interval LANGUAGE sql IMMUTABLE AS $f$
	SELECT make_interval(secs => greatest(life_s, 0) * (0.5 + 0.2 * (abs(hashint8(grant_id)::bigint) % 1000) / 1000.0))
$f$;

-- A pair issued for an authorization becomes the current pair. One that was put before (the answer
-- was lost, its spool file was put again) changes nothing, whatever has become current since.
CREATE OR REPLACE FUNCTION ttsync.grant_put(app text, openid text, seller text, base_region text, granted text[],
	pair uuid, access bytea, refresh bytea, access_s bigint, refresh_s bigint, life_s bigint)
RETURNS bigint LANGUAGE plpgsql AS $f$
DECLARE
	id bigint;
BEGIN
	SELECT g.grant_id INTO id FROM ttsync.grants g JOIN ttsync.token_history t USING (grant_id)
	WHERE g.app_key = app AND g.open_id = openid AND t.pair_id = pair;
	IF id IS NOT NULL THEN
		RETURN id;
	END IF;
	INSERT INTO ttsync.grants AS g (app_key, open_id, seller_name, region, scopes, pair_id, access_box, refresh_box,
		access_expires, refresh_expires, next_try_at)
	VALUES (app, openid, seller, base_region, granted, pair, access, refresh,
		to_timestamp(access_s), to_timestamp(refresh_s), now())
	ON CONFLICT (app_key, open_id) DO UPDATE SET
		seller_name = excluded.seller_name, region = excluded.region, scopes = excluded.scopes,
		state = 'active', gen = g.gen + 1,
		prev_pair_id = g.pair_id, prev_refresh_box = g.refresh_box,
		pair_id = excluded.pair_id, access_box = excluded.access_box, refresh_box = excluded.refresh_box,
		access_expires = excluded.access_expires, refresh_expires = excluded.refresh_expires,
		attempt_id = NULL, failures = 0, refusals = 0, last_error = NULL
	WHERE g.pair_id <> excluded.pair_id   -- put twice at the same time
	RETURNING g.grant_id INTO id;
	IF id IS NULL THEN
		SELECT grant_id INTO id FROM ttsync.grants WHERE app_key = app AND open_id = openid;
		RETURN id;
	END IF;
	UPDATE ttsync.grants SET next_try_at = now() + ttsync.refresh_after(id, life_s) WHERE grant_id = id;
	INSERT INTO ttsync.token_history (grant_id, pair_id, gen, access_box, refresh_box, access_expires, refresh_expires, source)
	SELECT id, pair, gen, access, refresh, to_timestamp(access_s), to_timestamp(refresh_s), 'authorization'
	FROM ttsync.grants WHERE grant_id = id
	ON CONFLICT DO NOTHING;
	RETURN id;
END
$f$;

-- The shops that TikTok lists for a grant; those it no longer lists are marked, not removed.
CREATE OR REPLACE FUNCTION ttsync.grant_shops_put(id bigint, ids text[], ciphers text[], names text[], regions text[], types text[])
RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
	INSERT INTO ttsync.grant_shop (grant_id, tiktok_shop_id, cipher, name, region, seller_type)
	SELECT id, j.* FROM unnest(ids, ciphers, names, regions, types) AS j
	ON CONFLICT (grant_id, tiktok_shop_id) DO UPDATE SET cipher = excluded.cipher, name = excluded.name,
		region = excluded.region, seller_type = excluded.seller_type, gone = false, seen_at = now();
	UPDATE ttsync.grant_shop SET gone = true WHERE grant_id = id AND tiktok_shop_id <> ALL (ids);
	UPDATE ttsync.shop s SET name = gs.name FROM ttsync.grant_shop gs
	WHERE s.grant_id = id AND gs.grant_id = id AND gs.tiktok_shop_id = s.tiktok_shop_id AND s.name <> gs.name;
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.warehouses_put(shop_tt text, ids text[], names text[], entities text[], statuses text[],
	types text[], sub_types text[], defaults boolean[])
RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
	INSERT INTO ttsync.warehouse (tiktok_shop_id, warehouse_id, name, entity_id, effect_status, type, sub_type, is_default)
	SELECT shop_tt, j.* FROM unnest(ids, names, entities, statuses, types, sub_types, defaults) AS j
	ON CONFLICT (tiktok_shop_id, warehouse_id) DO UPDATE SET name = excluded.name, entity_id = excluded.entity_id,
		effect_status = excluded.effect_status, type = excluded.type, sub_type = excluded.sub_type,
		is_default = excluded.is_default, gone = false, seen_at = now();
	UPDATE ttsync.warehouse SET gone = true WHERE tiktok_shop_id = shop_tt AND warehouse_id <> ALL (ids);
END
$f$;

-- The callback's grant is stored and its shops are known: bind it. First time: shop and warehouse are
-- to be chosen next. Reauthorization: the shop must be among them; then everything goes on as it was.
CREATE OR REPLACE FUNCTION ttsync.callback_end(sid bigint, grant_of bigint, what text, who text)
RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	s ttsync.shop;
	n bigint;
BEGIN
	SELECT * INTO s FROM ttsync.shop WHERE shop_id = sid FOR UPDATE;
	SELECT count(*) INTO n FROM ttsync.grant_shop WHERE grant_id = grant_of AND NOT gone;
	IF n = 0 THEN
		PERFORM ttsync.note(sid, who, 'authorization.no_shop');
		RETURN jsonb_build_object('outcome', 'no_shop', 'shop_id', sid::text);
	END IF;
	IF s.region IS NOT NULL AND NOT EXISTS (
		SELECT FROM ttsync.grant_shop WHERE grant_id = grant_of AND NOT gone AND region = s.region) THEN
		PERFORM ttsync.note(sid, who, 'authorization.region_mismatch', jsonb_build_object('wanted', s.region));
		RETURN jsonb_build_object('outcome', 'region_mismatch', 'shop_id', sid::text, 'wanted', s.region, 'found',
			(SELECT jsonb_agg(DISTINCT region) FROM ttsync.grant_shop WHERE grant_id = grant_of AND NOT gone));
	END IF;
	IF what = 'reauthorize' AND s.tiktok_shop_id IS NOT NULL THEN
		IF NOT EXISTS (SELECT FROM ttsync.grant_shop
		               WHERE grant_id = grant_of AND tiktok_shop_id = s.tiktok_shop_id AND NOT gone) THEN
			PERFORM ttsync.note(sid, who, 'authorization.other_shop');
			RETURN jsonb_build_object('outcome', 'other_shop', 'shop_id', sid::text);
		END IF;
		UPDATE ttsync.shop SET grant_id = grant_of WHERE shop_id = sid;
		PERFORM ttsync.note(sid, who, 'authorization.renewed');
		PERFORM ttsync.shops_revive(grant_of, who, NULL);
		RETURN jsonb_build_object('outcome', 'renewed', 'shop_id', sid::text, '_enqueue', ttsync.due_now(sid));
	END IF;
	IF s.state NOT IN ('pending', 'choosing') THEN
		RETURN jsonb_build_object('outcome', 'renewed', 'shop_id', sid::text);
	END IF;
	UPDATE ttsync.shop SET grant_id = grant_of WHERE shop_id = sid;
	PERFORM ttsync.shop_enter(sid, 'choosing', NULL, who);
	PERFORM ttsync.shops_revive(grant_of, who, NULL); -- of the same seller, connected before
	RETURN jsonb_build_object('outcome', 'authorized', 'shop_id', sid::text, 'shops', n);
END
$f$;

-- Every shop of a grant that works again, and that TikTok still lists for it, takes up its work from its stored cursors.
-- A refresh brings back what ended for want of one (ended_for 'authorization_ended'); an authorization
-- by the seller everything (null).
CREATE OR REPLACE FUNCTION ttsync.shops_revive(grant_of bigint, who text, ended_for text)
RETURNS void LANGUAGE plpgsql AS $f$
DECLARE
	one bigint;
BEGIN
	FOR one IN SELECT s.shop_id FROM ttsync.shop s JOIN ttsync.grant_shop gs USING (grant_id, tiktok_shop_id)
		WHERE s.grant_id = grant_of AND s.state = 'disconnected' AND s.connected_at IS NOT NULL AND NOT gs.gone
		  AND (ended_for IS NULL OR s.reason = ended_for)
		ORDER BY s.shop_id LOOP
		PERFORM ttsync.shop_enter(one,
			CASE WHEN EXISTS (SELECT FROM ttsync.sync_state y WHERE y.shop_id = one AND y.first_done_at IS NULL)
			     THEN 'connecting' ELSE 'connected' END, NULL, who);
		UPDATE ttsync.sync_state SET next_due_at = now(), attempts = 0 WHERE shop_id = one;
	END LOOP;
END
$f$;

-- Make all kinds of a shop due now; answers them as the queue wants them: [[shop, kind, delay_ms]].
CREATE OR REPLACE FUNCTION ttsync.due_now(sid bigint)
RETURNS jsonb LANGUAGE sql AS $f$
	WITH due AS (
		UPDATE ttsync.sync_state SET next_due_at = now() WHERE shop_id = sid RETURNING shop_id, kind)
	SELECT coalesce(jsonb_agg(jsonb_build_array(shop_id, kind, 0)), '[]') FROM due
$f$;

-- Take one grant whose refresh is due, if the fleet's rate allows. A refresh that nobody ended within
-- 45 s belongs to a daemon that died: it is taken over.
CREATE OR REPLACE FUNCTION ttsync.refresh_claim(me uuid, attempt uuid)
RETURNS TABLE (grant_id bigint, open_id text, gen bigint, refusals int, pair_id text, refresh_box bytea,
               access_box bytea, prev_pair_id text, prev_refresh_box bytea)
LANGUAGE plpgsql AS $f$
#variable_conflict use_column
DECLARE
	id bigint;
	slot timestamptz;
BEGIN
	SELECT g.grant_id INTO id FROM ttsync.grants g
	WHERE (g.state IN ('active', 'suspect') AND g.next_try_at <= now())
	   OR (g.state = 'refreshing' AND g.attempt_at < now() - interval '45 s')
	ORDER BY g.next_try_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
	IF id IS NULL THEN
		RETURN;
	END IF;
	-- arrivals half a second apart, five may come at once
	UPDATE ttsync.refresh_gate SET arrival = greatest(arrival, clock_timestamp() - interval '2.5 s') + interval '0.5 s'
	WHERE arrival <= clock_timestamp() RETURNING arrival INTO slot;
	IF slot IS NULL THEN
		RETURN;
	END IF;
	RETURN QUERY
	UPDATE ttsync.grants g SET state = 'refreshing', attempt_id = attempt, attempt_owner = me, attempt_at = now()
	WHERE g.grant_id = id
	RETURNING g.grant_id, g.open_id, g.gen, g.refusals, g.pair_id::text, g.refresh_box, g.access_box,
	          g.prev_pair_id::text, g.prev_refresh_box;
END
$f$;

-- The answer to a refresh: history row always; current pair only where nobody was faster.
CREATE OR REPLACE FUNCTION ttsync.refresh_put(id bigint, was_gen bigint, pair uuid, access bytea, refresh bytea,
	access_s bigint, refresh_s bigint, life_s bigint, granted text[], via text)
RETURNS boolean LANGUAGE plpgsql AS $f$
DECLARE
	won boolean;
BEGIN
	UPDATE ttsync.grants g SET
		gen = g.gen + 1, state = 'active', prev_pair_id = g.pair_id, prev_refresh_box = g.refresh_box,
		pair_id = pair, access_box = access, refresh_box = refresh,
		access_expires = to_timestamp(access_s), refresh_expires = to_timestamp(refresh_s),
		scopes = coalesce(granted, g.scopes), next_try_at = now() + ttsync.refresh_after(id, life_s),
		attempt_id = NULL, failures = 0, refusals = 0, last_error = NULL, last_refresh = now()
	WHERE g.grant_id = id AND g.gen = was_gen AND g.state <> 'ended';
	won := FOUND;
	INSERT INTO ttsync.token_history (grant_id, pair_id, gen, access_box, refresh_box, access_expires, refresh_expires, source)
	SELECT id, pair, CASE WHEN won THEN was_gen + 1 END, access, refresh, to_timestamp(access_s), to_timestamp(refresh_s), via
	WHERE EXISTS (SELECT FROM ttsync.grants WHERE grant_id = id)
	ON CONFLICT DO NOTHING;
	IF won THEN
		PERFORM ttsync.shops_revive(id, 'timer', 'authorization_ended');
	END IF;
	RETURN won;
END
$f$;

-- A refresh failed. verdict: transient (try again: 1, 2, 4, 8, then every 15 minutes, 100 times a day
-- at most, and not before retry_s), refused (the token host does not
-- know the token: look again in a minute, then every ten), dead (refused and the access token is dead
-- as well: a person must authorize again).
CREATE OR REPLACE FUNCTION ttsync.refresh_fail(id bigint, attempt uuid, verdict text, why text, retry_s bigint)
RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
	g   ttsync.grants;
	one bigint;
BEGIN
	SELECT * INTO g FROM ttsync.grants WHERE grant_id = id AND attempt_id = attempt FOR UPDATE;
	IF g.grant_id IS NULL THEN
		RETURN 'late';
	END IF;
	IF verdict = 'transient' THEN
		UPDATE ttsync.grants SET state = CASE WHEN g.refusals > 0 THEN 'suspect' ELSE 'active' END,
			attempt_id = NULL, failures = failures + 1, last_error = why,
			next_try_at = now() + make_interval(secs =>
				greatest(retry_s, least(900, 60 * 2 ^ least(failures, 4)) * (1 + random() * 0.1)))
		WHERE grant_id = id;
		RETURN 'active';
	END IF;
	IF verdict = 'refused' THEN
		IF g.refusals = 0 THEN
			FOR one IN SELECT shop_id FROM ttsync.shop WHERE grant_id = id LOOP
				PERFORM ttsync.note(one, 'timer', 'grant.refresh_refused', jsonb_build_object('error', why));
			END LOOP;
		END IF;
		UPDATE ttsync.grants SET state = 'suspect', attempt_id = NULL, refusals = refusals + 1, last_error = why,
			next_try_at = now() + make_interval(secs => greatest(retry_s, 60))
		WHERE grant_id = id;
		RETURN 'suspect';
	END IF;
	UPDATE ttsync.grants SET state = 'reauthorize', attempt_id = NULL, refusals = refusals + 1, last_error = why
	WHERE grant_id = id;
	FOR one IN SELECT shop_id FROM ttsync.shop WHERE grant_id = id AND state IN ('connecting', 'connected') LOOP
		PERFORM ttsync.shop_enter(one, 'disconnected', 'authorization_ended', 'timer');
	END LOOP;
	RETURN 'reauthorize';
END
$f$;

-- A 401 on a call outside of jobs asks for an early refresh, once a minute; a refresh that failed
-- keeps its own pace.
CREATE OR REPLACE FUNCTION ttsync.refresh_ask(id bigint)
RETURNS void LANGUAGE sql AS $f$
	UPDATE ttsync.grants SET next_try_at = least(next_try_at, now()), asked_at = now()
	WHERE grant_id = id AND state = 'active' AND failures = 0 AND (asked_at IS NULL OR asked_at < now() - interval '60 s')
$f$;
