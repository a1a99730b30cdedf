-- A shop: its states, its history, its events.

CREATE OR REPLACE FUNCTION ttsync.epoch(t timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$f$ SELECT floor(extract(epoch FROM t))::bigint $f$;

CREATE OR REPLACE FUNCTION ttsync.note(sid bigint, who text, what text, how jsonb DEFAULT NULL)
RETURNS void LANGUAGE sql AS $f$
	INSERT INTO ttsync.history (shop_id, store_id, actor, event, detail)
	VALUES (sid, (SELECT store_id FROM ttsync.shop WHERE shop_id = sid), who, what, how)
$f$;

CREATE OR REPLACE FUNCTION ttsync.emit(sid bigint, kind text, subject text, body jsonb DEFAULT NULL)
RETURNS void LANGUAGE sql AS $f$
	INSERT INTO ttsync.outbox (shop_id, type, subject_id, data) VALUES (sid, kind, subject, body);
	SELECT pg_notify('ttsync_event', sid::text);
$f$;

-- Change a shop's state, with history and event; nothing happens when it is in that state already.
CREATE OR REPLACE FUNCTION ttsync.shop_enter(sid bigint, next text, why text, who text)
RETURNS boolean LANGUAGE plpgsql AS $f$
DECLARE
	was text;
BEGIN
	SELECT state INTO was FROM ttsync.shop WHERE shop_id = sid FOR NO KEY UPDATE;
	IF was IS NULL OR was = next THEN
		RETURN false;
	END IF;
	UPDATE ttsync.shop SET state = next, reason = why, state_since = now() WHERE shop_id = sid;
	PERFORM ttsync.note(sid, who, 'shop.' || next, jsonb_build_object('was', was, 'reason', why));
	PERFORM ttsync.emit(sid, 'shop.' || next, sid::text, jsonb_build_object('was', was, 'reason', why));
	RETURN true;
END
$f$;

-- The state a person is told: what is stored, and what the calendar makes of it.
CREATE OR REPLACE FUNCTION ttsync.shown_state(state text, grant_state text, expires timestamptz, at timestamptz)
RETURNS text LANGUAGE sql IMMUTABLE AS $f$
	SELECT CASE
		WHEN state NOT IN ('connecting', 'connected') THEN state
		WHEN expires <= at THEN 'expired'
		WHEN state = 'connected' AND expires <= at + interval '30 days' THEN 'expiring'
		ELSE state END
$f$;

