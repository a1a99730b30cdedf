-- A shop: its states, its history, its events.
--
-- What takes a time apart or writes it is STABLE to PostgreSQL. A function that is declared stricter than its
-- body is not inlined: a list of 10,000 shops by state took 130 ms so, and takes 13.

CREATE OR REPLACE FUNCTION ttsync.epoch(t timestamptz) RETURNS bigint LANGUAGE sql STABLE AS
$f$ SELECT floor(extract(epoch FROM t))::bigint $f$;

-- RFC 3339 with Bangkok's offset.
CREATE OR REPLACE FUNCTION ttsync.rfc3339(t timestamptz) RETURNS text LANGUAGE sql STABLE AS
$f$ SELECT to_char(t AT TIME ZONE 'Asia/Bangkok', 'YYYY-MM-DD"T"HH24:MI:SS"+07:00"') $f$;

-- As a calendar in Bangkok counts them: 365 on the day of a year's authorization, 0 on the last day, also in
-- its last hour; below 0 it is over.
CREATE OR REPLACE FUNCTION ttsync.days_left(ends timestamptz, at timestamptz) RETURNS int LANGUAGE sql STABLE AS $f$
	SELECT CASE WHEN ends <= at THEN floor(extract(epoch FROM ends - at) / 86400)::int
		ELSE (ends AT TIME ZONE 'Asia/Bangkok')::date - (at AT TIME ZONE 'Asia/Bangkok')::date END
$f$;

-- What happened to a shop, and who did it. who may carry what one request or job did: "uid:1000 mali
-- #c0ffee". Behind a refusal of TikTok's stands its request id, which its support asks for.
CREATE OR REPLACE FUNCTION ttsync.note(sid bigint, who text, what text, how jsonb DEFAULT NULL, why text DEFAULT NULL)
RETURNS void LANGUAGE sql AS $f$
	INSERT INTO ttsync.history (shop_id, store_id, actor, event, detail, cause, request_id, correlation)
	VALUES (sid, (SELECT store_id FROM ttsync.shop WHERE shop_id = sid), split_part(who, ' #', 1), what, how, why,
		substring(why FROM '\[request ([0-9A-Za-z]+)\]'), nullif(split_part(who, ' #', 2), ''))
$f$;

CREATE OR REPLACE FUNCTION ttsync.emit(sid bigint, kind text, subject text, body jsonb DEFAULT NULL)
RETURNS void LANGUAGE sql AS $f$
	INSERT INTO ttsync.outbox (shop_id, type, subject_id, data) VALUES (sid, kind, subject, body);
	SELECT pg_notify('ttsync_event', sid::text);
$f$;

-- What happened to a shop, in its history and to GoSell.
CREATE OR REPLACE FUNCTION ttsync.tell(sid bigint, who text, what text, how jsonb DEFAULT NULL, why text DEFAULT NULL)
RETURNS void LANGUAGE sql AS $f$
	SELECT ttsync.note(sid, who, what, how, why);
	SELECT ttsync.emit(sid, what, sid::text, how);
$f$;

-- Change a shop's state, with history and event; nothing happens when it is in that state already.
-- why: a word of common/text.def; cause: what was seen.
CREATE OR REPLACE FUNCTION ttsync.shop_enter(sid bigint, next text, why text, who text, cause text DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql AS $f$
DECLARE
	was ttsync.shop;
BEGIN
	SELECT * INTO was FROM ttsync.shop WHERE shop_id = sid FOR NO KEY UPDATE;
	IF was.shop_id IS NULL OR (was.state = next AND was.reason IS NOT DISTINCT FROM why) THEN
		RETURN false;
	END IF;
	UPDATE ttsync.shop SET state = next, reason = why, state_since = now() WHERE shop_id = sid;
	PERFORM ttsync.note(sid, who, 'shop.' || next, jsonb_strip_nulls(jsonb_build_object('was', was.state,
		'was_reason', was.reason, 'reason', why)), cause);
	PERFORM ttsync.emit(sid, 'shop.' || next, sid::text, jsonb_build_object('was', was.state, 'reason', why));
	RETURN true;
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.is_paused(s ttsync.shop, at timestamptz) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$f$ SELECT s.paused_at IS NOT NULL AND coalesce(s.paused_until > at, true) $f$;

-- May jobs run for this shop? A deactivated one is looked at from time to time (tiktok-shop-api.md 4.1).
CREATE OR REPLACE FUNCTION ttsync.runs(s ttsync.shop, at timestamptz) RETURNS boolean LANGUAGE sql IMMUTABLE AS $f$
	SELECT (s.state IN ('connecting', 'connected') OR (s.state = 'disconnected' AND s.reason = 'shop_deactivated'))
	   AND s.suspended_at IS NULL AND NOT ttsync.is_paused(s, at)
$f$;

-- Days before its end at which an authorization is shown as ending (TikTok's own notices begin there).
CREATE OR REPLACE FUNCTION ttsync.expiring_days() RETURNS int LANGUAGE sql IMMUTABLE AS $f$ SELECT 30 $f$;

-- The state a person is told: what is stored, and what plan, calendar and pause make of it.
CREATE OR REPLACE FUNCTION ttsync.shown_state(s ttsync.shop, expires timestamptz, at timestamptz)
RETURNS text LANGUAGE sql STABLE AS $f$
	SELECT CASE
		WHEN s.state = 'disconnected' AND s.reason = 'authorization_expired' THEN 'expired'
		WHEN s.state NOT IN ('connecting', 'connected') THEN s.state
		WHEN s.suspended_at IS NOT NULL THEN 'plan_suspended'
		WHEN expires <= at THEN 'expired'
		WHEN ttsync.is_paused(s, at) THEN 'paused'
		WHEN s.state = 'connected' AND expires <= at + ttsync.expiring_days() * interval '1 day' THEN 'expiring'
		ELSE s.state END
$f$;

CREATE OR REPLACE FUNCTION ttsync.shown_reason(s ttsync.shop, expires timestamptz, at timestamptz)
RETURNS text LANGUAGE sql STABLE AS $f$
	SELECT CASE ttsync.shown_state(s, expires, at)
		WHEN 'plan_suspended' THEN 'plan_too_low'
		WHEN 'paused' THEN s.paused_why
		WHEN 'expired' THEN 'authorization_expired'
		ELSE s.reason END
$f$;

-- The permission that reading a kind takes (tiktok-shop-api.md 2.8).
CREATE OR REPLACE FUNCTION ttsync.scope_of(kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $f$
	SELECT CASE kind WHEN 'products' THEN 'seller.product.basic' ELSE 'seller.order.info' END
$f$;

-- What an administrator types next; null: nothing is to be done here.
CREATE OR REPLACE FUNCTION ttsync.next_step(sid bigint, state text, reason text) RETURNS text LANGUAGE sql STABLE AS $f$
	SELECT CASE
		WHEN state = 'choosing' THEN 'ttctl choices ' || sid
		WHEN state = 'paused' THEN 'ttctl resume ' || sid
		WHEN state = 'plan_suspended' THEN 'ttctl store set STORE --name NAME --plan PLAN'
		WHEN reason IN ('shop_deactivated', 'purging') THEN NULL
		WHEN state IN ('pending', 'expiring', 'expired', 'disconnected') THEN 'ttctl reauthorize ' || sid END
$f$;

-- Make all kinds of a shop due now; answers them as the queue wants them: [[shop, kind, delay_ms]].
CREATE OR REPLACE FUNCTION ttsync.due_now(sid bigint)
RETURNS jsonb LANGUAGE sql AS $f$
	WITH due AS (
		UPDATE ttsync.sync_state SET next_due_at = now(), attempts = 0 WHERE shop_id = sid RETURNING shop_id, kind)
	SELECT coalesce(jsonb_agg(jsonb_build_array(shop_id, kind, 0)), '[]') FROM due
$f$;

-- Work that stopped goes on from its stored cursors, and the gap will be proved to be closed
-- (sync_close). A gap that is still being caught up is not forgotten: the older beginning counts.
CREATE OR REPLACE FUNCTION ttsync.take_up(sid bigint, why text)
RETURNS jsonb LANGUAGE plpgsql AS $f$
BEGIN
	INSERT INTO ttsync.catch_up AS c (shop_id, cause, from_s)
	SELECT sid, why, y.cursor_s FROM ttsync.sync_state y
	WHERE y.shop_id = sid AND y.kind = 'orders' AND y.first_done_at IS NOT NULL
	ON CONFLICT (shop_id) DO UPDATE SET began_at = now(), cause = excluded.cause,
		from_s = CASE WHEN c.ended_at IS NULL THEN least(c.from_s, excluded.from_s) ELSE excluded.from_s END,
		until_s = NULL, compared = 0, missing = 0, differing = 0, ended_at = NULL;
	DELETE FROM ttsync.sync_state WHERE shop_id = sid AND kind = 'reconcile';
	RETURN ttsync.due_now(sid);
END
$f$;
