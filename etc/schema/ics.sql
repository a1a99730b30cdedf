-- The ends of authorizations as a calendar (RFC 5545): `ttctl shops --ics`.

-- A text value: one line, four characters escaped. What steers a terminal or turns the direction of
-- reading is a blank: an alias is somebody's own words.
CREATE OR REPLACE FUNCTION ttsync.ics_text(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $f$
	SELECT regexp_replace(
		regexp_replace(regexp_replace(t, '([\\;,])', '\\\1', 'g'), '\r\n|[\r\n\u2028\u2029]', '\\n', 'g'),
		'[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]', ' ', 'g')
$f$;

-- A content line with its CRLF: no more than 75 octets between line ends, no character cut.
CREATE OR REPLACE FUNCTION ttsync.ics_line(line text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$
DECLARE
	done text := '';
	room int := 75;
	one  text;
BEGIN
	FOR one IN SELECT string_to_table(line, NULL) LOOP
		IF octet_length(one) > room THEN
			done := done || E'\r\n ';
			room := 74;
		END IF;
		done := done || one;
		room := room - octet_length(one);
	END LOOP;
	RETURN done || E'\r\n';
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.ics_time(t timestamptz) RETURNS text LANGUAGE sql STABLE AS
$f$ SELECT to_char(t AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"') $f$;

-- One shop's event, the same one at every reading: its number of changes grows with the date it tells.
CREATE OR REPLACE FUNCTION ttsync.ics_event(sid bigint, store text, alias text, region text,
	ends timestamptz, warn_days jsonb) RETURNS text LANGUAGE sql STABLE AS $f$
	WITH said AS (
		SELECT ttsync.ics_text(format('การอนุญาต TikTok Shop ของ %s หมดอายุ / TikTok Shop authorization of %s ends', alias, alias)) AS what)
	SELECT string_agg(ttsync.ics_line(l.line), '' ORDER BY l.at, l.days DESC, l.n)
	FROM (
		SELECT 0 AS at, 0 AS days, h.n, h.line FROM said, unnest(ARRAY['BEGIN:VEVENT',
			format('UID:shop-%s-authorization@ttsyncd', sid),
			'DTSTAMP:' || ttsync.ics_time(now()),
			'DTSTART:' || ttsync.ics_time(ends),
			'SEQUENCE:' || floor(extract(epoch FROM ends) / 86400)::bigint,
			'TRANSP:TRANSPARENT',
			'SUMMARY:' || said.what,
			'DESCRIPTION:' || ttsync.ics_text(format(E'%s / %s\nttctl reauthorize %s', store, region, sid))])
			WITH ORDINALITY AS h (line, n)
		UNION ALL
		SELECT 1, d.days::int, a.n, a.line FROM said, jsonb_array_elements_text(coalesce(warn_days, '[]')) AS d (days),
			unnest(ARRAY['BEGIN:VALARM', 'ACTION:DISPLAY', format('TRIGGER:-P%sD', d.days),
				'DESCRIPTION:' || said.what, 'END:VALARM']) WITH ORDINALITY AS a (line, n)
		UNION ALL
		SELECT 2, 0, 1, 'END:VEVENT') l
$f$;

-- args: as of api_shops, warn_days. Where a person ended the connection nothing ends any more.
CREATE OR REPLACE FUNCTION ttsync.api_shops_ics(args jsonb, who text) RETURNS jsonb LANGUAGE sql STABLE AS $f$
	SELECT jsonb_build_object('schema_version', 1, 'content_type', 'text/calendar; charset=utf-8', 'calendar',
		E'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//GoSell//ttsyncd//EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n'
		|| coalesce(string_agg(ttsync.ics_event(v.shop_id, v.store_id, v.alias, v.region, v.expires_at, args->'warn_days'), '' ORDER BY v.expires_at, v.shop_id), '')
		|| E'END:VCALENDAR\r\n')
	FROM (SELECT v.* FROM ttsync.shops_chosen(args) v, ttsync.shops_key_read(args->>'after') k
	      WHERE v.expires_at IS NOT NULL AND v.state NOT IN ('pending', 'disconnected')
	        AND (v.expires_at, v.shop_id) > (k.expires, k.sid)
	      ORDER BY v.expires_at, v.shop_id LIMIT (args->>'limit')::bigint) v
$f$;
