-- The life of a grant: authorization, refresh, its end (reliability.md 5).

-- A callback arrived with a state: use it up. Answers the shop and what for; a refusal is an error
-- with its word in DETAIL. session: a hash of the browser's cookie. A state that a browser began is
-- good in that browser alone, and there its redirect may be opened again: it leads back to the shop.
-- A daemon that died between here and callback_end leaves a state that is used and has no end: what it
-- began goes on then. Where the code was exchanged already its grant is answered as well; else it is
-- tried again, for TikTok may still take it.
CREATE OR REPLACE FUNCTION ttsync.callback_begin(hash bytea, denied text, who text, session bytea, code bytea)
RETURNS TABLE (shop_id bigint, purpose text, grant_id bigint) LANGUAGE plpgsql AS $f$
#variable_conflict use_column
DECLARE
	st ttsync.oauth_state;
	word text;
BEGIN
	SELECT * INTO st FROM ttsync.oauth_state WHERE state_hash = hash FOR UPDATE;
	IF st.state_hash IS NULL THEN
		RAISE EXCEPTION 'this link was not made here, or was replaced long ago'
			USING ERRCODE = 'TT065', DETAIL = 'state_unknown', HINT = 'begin the connection again';
	END IF;
	word := CASE
		WHEN st.session_hash IS DISTINCT FROM session AND st.session_hash IS NOT NULL THEN 'other_session'
		WHEN st.used_at IS NOT NULL AND st.ended_at IS NULL AND st.code_hash = code THEN
			CASE WHEN st.used_at > now() - interval '90 s' THEN 'in_progress' END
		WHEN st.used_at IS NOT NULL AND st.session_hash IS NOT NULL AND st.result IN ('authorized', 'renewed')
			THEN 'again'
		WHEN st.used_at IS NOT NULL THEN 'reused'
		WHEN st.expires_at < now() THEN 'expired' END;
	IF word IN ('other_session', 'reused', 'expired') THEN
		PERFORM ttsync.note(st.shop_id, who, CASE word WHEN 'other_session' THEN 'authorization.other_session'
			ELSE 'authorization.state_' || word END);
	END IF;
	IF word IS NOT NULL THEN
		RETURN QUERY SELECT st.shop_id, word, NULL::bigint;
		RETURN;
	END IF;
	UPDATE ttsync.oauth_state SET used_at = now(), code_hash = code, result = NULL, ended_at = NULL
	WHERE state_hash = hash;
	RETURN QUERY SELECT st.shop_id, CASE WHEN denied IS NOT NULL THEN 'denied' ELSE st.purpose END,
		(SELECT g.grant_id FROM ttsync.grants g WHERE g.code_hash = code AND g.state = 'active'
		 AND st.code_hash = code); -- whoever has another state with an old code has nothing
END
$f$;

-- What came of a callback: kept with its state, in the history, and, where a link is given (its hash),
-- the merchant may go on from its page.
CREATE OR REPLACE FUNCTION ttsync.callback_outcome(hash bytea, sid bigint, outcome text, who text, how jsonb,
	link_hash bytea, link_s bigint)
RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
	UPDATE ttsync.oauth_state SET result = outcome, detail = how, ended_at = now()
	WHERE state_hash = hash AND ended_at IS NULL;
	IF outcome NOT IN ('authorized', 'again') THEN
		PERFORM ttsync.note(sid, who, 'authorization.' || outcome, nullif(how, '{}'));
	END IF;
	INSERT INTO ttsync.connect_link (link_hash, shop_id, expires_at)
	VALUES (link_hash, sid, now() + make_interval(secs => link_s));
END
$f$;

-- TikTok could not be asked: the state is good again, so that the same redirect may be opened anew.
CREATE OR REPLACE FUNCTION ttsync.callback_undo(hash bytea)
RETURNS void LANGUAGE sql AS $f$
	UPDATE ttsync.oauth_state SET used_at = NULL, code_hash = NULL, result = NULL
	WHERE state_hash = hash AND ended_at IS NULL AND expires_at > now()
$f$;

-- Delay to the next planned refresh: 50 to 70 % of the token's life, spread by the grant.
CREATE OR REPLACE FUNCTION ttsync.refresh_after(grant_id bigint, life_s bigint)
RETURNS interval LANGUAGE sql IMMUTABLE AS $f$
	SELECT make_interval(secs => greatest(life_s, 0) * (0.5 + 0.2 * (abs(hashint8(grant_id)::bigint) % 1000) / 1000.0))
$f$;

-- A pair issued for an authorization becomes the current pair. One that was put before (the answer
-- was lost, its spool file was put again) changes nothing, whatever has become current since.
CREATE OR REPLACE FUNCTION ttsync.grant_put(app text, openid text, seller text, base_region text, granted text[],
	pair uuid, access bytea, refresh bytea, access_s bigint, refresh_s bigint, life_s bigint, code bytea DEFAULT NULL)
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
		access_expires, refresh_expires, next_try_at, code_hash)
	VALUES (app, openid, seller, base_region, granted, pair, access, refresh,
		to_timestamp(access_s), to_timestamp(refresh_s), now(), code)
	ON CONFLICT (app_key, open_id) DO UPDATE SET
		seller_name = excluded.seller_name, region = excluded.region, scopes = excluded.scopes,
		state = 'active', gen = g.gen + 1,
		prev_pair_id = g.pair_id, prev_refresh_box = g.refresh_box,
		pair_id = excluded.pair_id, access_box = excluded.access_box, refresh_box = excluded.refresh_box,
		access_expires = excluded.access_expires, refresh_expires = excluded.refresh_expires,
		attempt_id = NULL, failures = 0, refusals = 0, last_error = NULL,
		held_until = NULL, holds = 0, issued_at = now(), unclaimed_since = NULL, code_hash = excluded.code_hash
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
	UPDATE ttsync.grants SET surveyed_at = now() WHERE grant_id = id;
	UPDATE ttsync.shop s SET name = gs.name FROM ttsync.grant_shop gs
	WHERE s.grant_id = id AND gs.grant_id = id AND gs.tiktok_shop_id = s.tiktok_shop_id AND s.name <> gs.name;
END
$f$;

-- The warehouses that TikTok lists for a shop. One that comes or goes after the shop was connected is
-- an event: orders may leave from it, or not from the chosen one any more.
CREATE OR REPLACE FUNCTION ttsync.warehouses_put(shop_tt text, ids text[], names text[], entities text[], statuses text[],
	types text[], sub_types text[], defaults boolean[])
RETURNS void LANGUAGE plpgsql AS $f$
DECLARE
	bound bigint := (SELECT shop_id FROM ttsync.shop WHERE tiktok_shop_id = shop_tt AND connected_at IS NOT NULL);
	one   record;
BEGIN
	FOR one IN
		SELECT coalesce(j.id, w.warehouse_id) AS id, jsonb_build_object('name', coalesce(j.name, w.name)) AS how,
			CASE WHEN j.id IS NULL THEN 'warehouse.removed' ELSE 'warehouse.added' END AS what
		FROM unnest(ids, names) AS j(id, name)
		FULL JOIN (SELECT * FROM ttsync.warehouse WHERE tiktok_shop_id = shop_tt) w ON w.warehouse_id = j.id
		WHERE bound IS NOT NULL AND ((j.id IS NOT NULL AND coalesce(w.gone, true)) OR (j.id IS NULL AND NOT w.gone))
	LOOP
		PERFORM ttsync.note(bound, 'daemon', one.what, one.how);
		PERFORM ttsync.emit(bound, one.what, one.id, one.how);
	END LOOP;
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
-- A grant that is of no use to anybody is given up at once.
CREATE OR REPLACE FUNCTION ttsync.callback_end(hash bytea, sid bigint, grant_of bigint, who text, link_hash bytea, link_s bigint)
RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	s ttsync.shop;
	word text;
	how jsonb;
	due jsonb := '[]';
BEGIN
	SELECT * INTO s FROM ttsync.shop WHERE shop_id = sid FOR UPDATE;
	IF s.shop_id IS NULL OR s.purging THEN -- deleted while TikTok was asked
		PERFORM ttsync.grant_unused(grant_of);
		RETURN '{"outcome":"state_unknown"}';
	END IF;
	IF s.reason = 'disconnected_by_hand' AND s.state_since > (SELECT used_at FROM ttsync.oauth_state WHERE state_hash = hash) THEN
		PERFORM ttsync.grant_unused(grant_of); -- disconnected while TikTok was asked
		PERFORM ttsync.callback_outcome(hash, sid, 'expired', who, NULL, link_hash, link_s);
		RETURN jsonb_build_object('outcome', 'expired', 'shop_id', sid::text);
	END IF;
	word := CASE
		WHEN NOT EXISTS (SELECT FROM ttsync.grant_shop WHERE grant_id = grant_of AND NOT gone) THEN 'no_shop'
		WHEN s.tiktok_shop_id IS NULL AND s.region IS NOT NULL AND NOT EXISTS (
			SELECT FROM ttsync.grant_shop WHERE grant_id = grant_of AND NOT gone AND region = s.region) THEN 'region_mismatch'
		WHEN s.tiktok_shop_id IS NOT NULL AND NOT EXISTS (
			SELECT FROM ttsync.grant_shop
			WHERE grant_id = grant_of AND tiktok_shop_id = s.tiktok_shop_id AND NOT gone) THEN 'other_shop'
		WHEN s.tiktok_shop_id IS NOT NULL THEN 'renewed'
		ELSE 'authorized' END;
	IF word IN ('no_shop', 'region_mismatch', 'other_shop') THEN
		PERFORM ttsync.grant_unused(grant_of);
		how := jsonb_strip_nulls(jsonb_build_object(
			'wanted', CASE word WHEN 'region_mismatch' THEN s.region END,
			'found', CASE word WHEN 'region_mismatch' THEN
				(SELECT jsonb_agg(DISTINCT region) FROM ttsync.grant_shop WHERE grant_id = grant_of AND NOT gone) END));
		PERFORM ttsync.callback_outcome(hash, sid, word, who, how, link_hash, link_s);
		RETURN how || jsonb_build_object('outcome', word, 'shop_id', sid::text);
	END IF;
	UPDATE ttsync.shop SET grant_id = grant_of WHERE shop_id = sid;
	IF s.grant_id <> grant_of THEN
		PERFORM ttsync.grant_unused(s.grant_id);
	END IF;
	IF word = 'authorized' THEN
		PERFORM ttsync.shop_enter(sid, 'choosing', NULL, who);
	END IF;
	-- the seller's other shops as well: whatever stopped for want of this authorization goes on
	due := due || ttsync.shops_revive(grant_of, who, NULL);
	IF word = 'renewed' THEN
		due := due || ttsync.shop_back(sid, who, 'the seller authorized again');
	END IF;
	IF s.state = 'connected' THEN -- it may have waited for this already
		due := due || ttsync.take_up(sid, 'the seller authorized again');
	END IF;
	PERFORM ttsync.callback_outcome(hash, sid, word, who, NULL, link_hash, link_s);
	RETURN jsonb_build_object('outcome', word, 'shop_id', sid::text, '_enqueue', due);
END
$f$;

-- A disconnected shop goes on where it stopped; answers its work for the queue.
CREATE OR REPLACE FUNCTION ttsync.shop_back(sid bigint, who text, why text)
RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	s ttsync.shop;
BEGIN
	SELECT * INTO s FROM ttsync.shop WHERE shop_id = sid FOR NO KEY UPDATE;
	IF s.connected_at IS NULL OR s.state <> 'disconnected' OR s.purging THEN
		RETURN '[]';
	END IF;
	PERFORM ttsync.shop_enter(sid, CASE WHEN EXISTS (SELECT FROM ttsync.sync_state y
		WHERE y.shop_id = sid AND y.kind <> 'reconcile' AND y.first_done_at IS NULL)
		THEN 'connecting' ELSE 'connected' END, NULL, who, why);
	RETURN ttsync.take_up(sid, why);
END
$f$;

-- Every shop of a grant that works again, and that TikTok still lists for it, goes on from its stored cursors.
-- A refresh brings back what ended for want of one (only: these reasons); an authorization by the seller
-- (null) everything but what was disconnected by hand.
CREATE OR REPLACE FUNCTION ttsync.shops_revive(grant_of bigint, who text, only_for text[])
RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	one bigint;
	due jsonb := '[]';
BEGIN
	FOR one IN SELECT s.shop_id FROM ttsync.shop s JOIN ttsync.grant_shop gs USING (grant_id, tiktok_shop_id)
		WHERE s.grant_id = grant_of AND s.state = 'disconnected' AND s.connected_at IS NOT NULL AND NOT gs.gone
		  AND CASE WHEN only_for IS NULL THEN s.reason <> 'disconnected_by_hand' ELSE s.reason = ANY (only_for) END
		ORDER BY s.shop_id LOOP
		due := due || ttsync.shop_back(one, who, 'its authorization was renewed');
	END LOOP;
	RETURN due;
END
$f$;

-- TikTok refused the access token of a pair: renew it early, let no job call with it meanwhile; a pair
-- that was replaced since is of no matter. True where the authorization is over by TikTok's own date: then it has ended.
CREATE OR REPLACE FUNCTION ttsync.grant_refused(id bigint, pair uuid, why text)
RETURNS boolean LANGUAGE plpgsql AS $f$
DECLARE
	g ttsync.grants;
BEGIN
	SELECT * INTO g FROM ttsync.grants WHERE grant_id = id FOR NO KEY UPDATE;
	IF g.pair_id <> pair THEN
		RETURN false;
	END IF;
	IF g.refresh_expires <= now() AND g.state IN ('active', 'suspect') THEN
		PERFORM ttsync.grant_over(id, 'authorization_expired', 'daemon', why);
		RETURN true;
	END IF;
	IF g.asked_at < now() - interval '1 day' THEN -- that was another trouble
		g.holds := 0;
	END IF;
	UPDATE ttsync.grants SET holds = g.holds + 1,
		held_until = now() + make_interval(secs => least(900, 60 * 2 ^ least(g.holds, 4)))
	WHERE grant_id = id AND coalesce(held_until <= now(), true);
	PERFORM ttsync.refresh_ask(id);
	RETURN false;
END
$f$;

-- An authorization is over: the seller has to authorize again. Data stays.
CREATE OR REPLACE FUNCTION ttsync.grant_over(id bigint, word text, who text, why text)
RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
	UPDATE ttsync.grants SET state = 'reauthorize', attempt_id = NULL, last_error = why WHERE grant_id = id;
	PERFORM ttsync.shop_enter(shop_id, 'disconnected', word, who, why) FROM ttsync.shop
	WHERE grant_id = id AND (state IN ('connecting', 'connected') OR (state = 'disconnected' AND reason = 'shop_deactivated'))
	ORDER BY shop_id;
END
$f$;

-- Is anybody served by this grant? If not, its tokens are wiped, and it is refreshed no more.
CREATE OR REPLACE FUNCTION ttsync.grant_unused(id bigint)
RETURNS boolean LANGUAGE plpgsql AS $f$
BEGIN
	UPDATE ttsync.grants g SET state = 'ended', access_box = NULL, refresh_box = NULL, prev_refresh_box = NULL,
		attempt_id = NULL, unclaimed_since = NULL
	WHERE g.grant_id = id AND g.state <> 'ended' AND g.unclaimed_since IS NULL AND NOT EXISTS (
		SELECT FROM ttsync.shop s WHERE s.grant_id = id AND s.reason IS DISTINCT FROM 'disconnected_by_hand' AND NOT s.purging);
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	DELETE FROM ttsync.token_history WHERE grant_id = id;
	RETURN true;
END
$f$;

-- The list of an authorization no longer has a shop whose cipher TikTok refused: the seller took it out.
CREATE OR REPLACE FUNCTION ttsync.shop_left(sid bigint, why text)
RETURNS boolean LANGUAGE plpgsql AS $f$
BEGIN
	RETURN EXISTS (SELECT FROM ttsync.shop s JOIN ttsync.grant_shop gs USING (grant_id, tiktok_shop_id)
		WHERE s.shop_id = sid AND gs.gone AND ttsync.runs(s, now()))
		AND ttsync.shop_enter(sid, 'disconnected', 'shop_removed', 'daemon', why);
END
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
	UPDATE ttsync.refresh_gate SET arrival = greatest(arrival, clock_timestamp() - interval '2 s') + interval '0.5 s'
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

-- The answer to a refresh: history row always; current pair only where nobody was faster. Answers
-- {won, _enqueue}: work that waited for it.
CREATE OR REPLACE FUNCTION ttsync.refresh_put(id bigint, was_gen bigint, pair uuid, access bytea, refresh bytea,
	access_s bigint, refresh_s bigint, life_s bigint, granted text[], via text)
RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE
	won boolean;
	was_held boolean := (SELECT held_until IS NOT NULL FROM ttsync.grants WHERE grant_id = id);
	due jsonb := '[]';
BEGIN
	UPDATE ttsync.grants g SET
		gen = g.gen + 1, state = 'active', prev_pair_id = g.pair_id, prev_refresh_box = g.refresh_box,
		pair_id = pair, access_box = access, refresh_box = refresh,
		access_expires = to_timestamp(access_s), refresh_expires = to_timestamp(refresh_s),
		scopes = coalesce(granted, g.scopes), next_try_at = now() + ttsync.refresh_after(id, life_s),
		attempt_id = NULL, failures = 0, refusals = 0, last_error = NULL, last_refresh = now(),
		held_until = NULL, issued_at = now()
	WHERE g.grant_id = id AND g.gen = was_gen AND g.state <> 'ended';
	won := FOUND;
	INSERT INTO ttsync.token_history (grant_id, pair_id, gen, access_box, refresh_box, access_expires, refresh_expires, source)
	SELECT id, pair, CASE WHEN won THEN was_gen + 1 END, access, refresh, to_timestamp(access_s), to_timestamp(refresh_s), via
	WHERE EXISTS (SELECT FROM ttsync.grants WHERE grant_id = id AND state <> 'ended') -- disconnected meanwhile
	ON CONFLICT DO NOTHING;
	IF won AND was_held THEN -- jobs waited for it
		SELECT coalesce(jsonb_agg(d), '[]') INTO due FROM ttsync.shop s, jsonb_array_elements(ttsync.due_now(s.shop_id)) d
		WHERE s.grant_id = id AND ttsync.runs(s, now());
	END IF;
	IF won THEN
		due := due || ttsync.shops_revive(id, 'timer', '{authorization_ended,authorization_expired}');
	END IF;
	RETURN jsonb_build_object('won', won, '_enqueue', due);
END
$f$;

-- A refresh failed. verdict: transient (try again: 1, 2, 4, 8, then every 15 minutes, 100 times a day
-- at most, and not before retry_s), refused (the token host does not
-- know the token: look again in a minute, then every ten), dead or expired (refused, and the access
-- token is dead as well: a person must authorize again).
CREATE OR REPLACE FUNCTION ttsync.refresh_fail(id bigint, attempt uuid, verdict text, why text, retry_s bigint)
RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
	g ttsync.grants;
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
	UPDATE ttsync.grants SET refusals = refusals + 1 WHERE grant_id = id;
	IF verdict = 'refused' THEN
		IF g.refusals = 0 THEN
			PERFORM ttsync.note(shop_id, 'timer', 'grant.refresh_refused', NULL, why) FROM ttsync.shop
			WHERE grant_id = id ORDER BY shop_id;
		END IF;
		UPDATE ttsync.grants SET state = 'suspect', attempt_id = NULL, last_error = why,
			next_try_at = now() + make_interval(secs => greatest(retry_s, 60)),
			-- where jobs wait because the access token was refused as well, they wait for the second look
			held_until = CASE WHEN g.refusals = 0 AND g.held_until > now()
				THEN now() + make_interval(secs => greatest(retry_s, 60) + 90) ELSE g.held_until END
		WHERE grant_id = id;
		RETURN 'suspect';
	END IF;
	PERFORM ttsync.grant_over(id, CASE WHEN verdict = 'expired' OR g.refresh_expires <= now()
		THEN 'authorization_expired' ELSE 'authorization_ended' END, 'timer', why);
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

-- Codes that nobody waits for here are exchanged once a second, five at once, in the whole fleet: they
-- shall not use up what TikTok's token host allows. False: not now.
CREATE OR REPLACE FUNCTION ttsync.seller_center_pass()
RETURNS boolean LANGUAGE sql AS $f$
	WITH passed AS (
		UPDATE ttsync.seller_center_gate SET arrival = greatest(arrival, clock_timestamp() - interval '4 s') + interval '1 s'
		WHERE arrival <= clock_timestamp() RETURNING 1)
	SELECT EXISTS (SELECT FROM passed)
$f$;

-- An authorization that was begun at TikTok's came in, without a state. Where the seller's shops are
-- connected it renews them: open id and shop ids say so. Else it is held until an administrator
-- attaches it to a store; nothing is guessed.
CREATE OR REPLACE FUNCTION ttsync.seller_center_end(grant_of bigint, who text)
RETURNS jsonb LANGUAGE plpgsql AS $f$
BEGIN
	IF EXISTS (SELECT FROM ttsync.shop s JOIN ttsync.grant_shop gs USING (grant_id, tiktok_shop_id)
	           WHERE s.grant_id = grant_of AND s.connected_at IS NOT NULL AND NOT s.purging
	             AND NOT gs.gone AND s.reason IS DISTINCT FROM 'disconnected_by_hand') THEN
		PERFORM ttsync.note(shop_id, who, 'authorization.renewed', '{"begun":"seller_center"}') FROM ttsync.shop
		WHERE grant_id = grant_of AND connected_at IS NOT NULL ORDER BY shop_id;
		RETURN jsonb_build_object('outcome', 'renewed', '_enqueue', ttsync.shops_revive(grant_of, who, NULL));
	END IF;
	IF NOT EXISTS (SELECT FROM ttsync.grant_shop WHERE grant_id = grant_of AND NOT gone) THEN
		PERFORM ttsync.grant_unused(grant_of);
		RETURN '{"outcome":"no_shop"}';
	END IF;
	UPDATE ttsync.grants SET unclaimed_since = coalesce(unclaimed_since, now()) WHERE grant_id = grant_of;
	INSERT INTO ttsync.history (actor, event, detail)
	VALUES (split_part(who, ' #', 1), 'authorization.held', jsonb_build_object('held', grant_of::text));
	RETURN jsonb_build_object('outcome', 'held', 'held', grant_of::text);
END
$f$;

-- A grant whose shops and warehouses were not read for a day; leased for ten minutes by its time.
CREATE OR REPLACE FUNCTION ttsync.survey_claim()
RETURNS TABLE (grant_id bigint, open_id text, pair_id text, access_box bytea) LANGUAGE sql AS $f$
	UPDATE ttsync.grants g SET surveyed_at = now() - interval '1 day' + interval '10 min'
	WHERE g.grant_id = (
		SELECT d.grant_id FROM ttsync.grants d
		WHERE d.surveyed_at < now() - interval '1 day' AND d.state = 'active' AND d.access_box IS NOT NULL
		  AND coalesce(d.held_until <= now(), true) AND d.access_expires > now()
		  AND EXISTS (SELECT FROM ttsync.shop s WHERE s.grant_id = d.grant_id AND s.state IN ('connecting', 'connected'))
		ORDER BY d.surveyed_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
	RETURNING g.grant_id, g.open_id, g.pair_id::text, g.access_box
$f$;
