-- What the workers run: each function is one statement and so one transaction, for many shops at
-- once (group commit). Whatever writes proves first that the shop is still leased under this fence.

-- Lease shops for jobs. A shop that may not run now is answered with what to do instead:
-- verdict run | busy (another daemon has it) | wait (wait_ms: paused, or its token is being renewed)
-- | stop (no work in this state) | quarantine.
-- claims counts one kind at a time, whose own end alone takes it back: a kind that ends the daemon
-- each time is found though another kind of the shop ends well in between.
CREATE OR REPLACE FUNCTION ttsync.job_claim(shops bigint[], kinds text[], me uuid, lease_s int)
RETURNS TABLE (n bigint, verdict text, fence bigint, connected_s bigint, cursor_s bigint, span_s bigint,
               back_s bigint, until_s bigint, wait_ms bigint, first_done boolean, done bigint,
               attempts int, tiktok_shop_id text, cipher text, grant_id bigint, gen bigint, open_id text, pair_id text, access_box bytea,
               mark text)
LANGUAGE plpgsql AS $f$
#variable_conflict use_column
BEGIN
	-- lock in one order, so that two daemons never wait for each other
	PERFORM 1 FROM ttsync.shop_lease WHERE shop_id = ANY (shops) ORDER BY shop_id FOR NO KEY UPDATE;
	RETURN QUERY
	WITH job AS (
		SELECT j.n, j.shop_id, j.kind FROM unnest(shops, kinds) WITH ORDINALITY AS j(shop_id, kind, n)
	), runnable AS (
		SELECT j.n, j.shop_id, j.kind
		FROM job j JOIN ttsync.shop s USING (shop_id) JOIN ttsync.grants g USING (grant_id)
		JOIN ttsync.grant_shop gs ON gs.grant_id = s.grant_id AND gs.tiktok_shop_id = s.tiktok_shop_id
		JOIN ttsync.sync_state y ON y.shop_id = j.shop_id AND y.kind = j.kind
		WHERE ttsync.runs(s, now()) AND g.state IN ('active', 'refreshing', 'suspect')
		  AND g.access_box IS NOT NULL AND coalesce(g.held_until <= now(), true)
		  AND (s.state <> 'disconnected' OR y.next_due_at <= now())
	), taken AS (
		UPDATE ttsync.shop_lease l
		SET fence = l.fence + 1, owner = me,
		    claims = CASE WHEN l.claims = 0 OR l.claimed = r.kind THEN l.claims + 1 ELSE l.claims END,
		    claimed = CASE WHEN l.claims = 0 THEN r.kind ELSE l.claimed END,
		    lease_until = clock_timestamp() + make_interval(secs => lease_s)
		FROM (SELECT DISTINCT ON (shop_id) shop_id, kind FROM runnable) r
		WHERE l.shop_id = r.shop_id AND (l.lease_until < clock_timestamp() OR l.owner = me)
		RETURNING l.shop_id, l.fence, l.claims > 5 AND l.claimed = r.kind AS too_often
	), poisoned AS (
		UPDATE ttsync.sync_state y
		SET next_due_at = now() + interval '1 hour', last_error = 'quarantined: five claims in a row without an end',
		    last_error_at = now()
		FROM taken t JOIN runnable r USING (shop_id)
		WHERE t.too_often AND y.shop_id = r.shop_id AND y.kind = r.kind
		RETURNING y.shop_id, y.kind
	), calmed AS (
		SELECT count(ttsync.note(shop_id, 'daemon', 'sync.quarantined', jsonb_build_object('kind', kind)))
		FROM poisoned
	)
	SELECT j.n,
	       CASE WHEN r.n IS NULL AND v.until > now() THEN 'wait' WHEN r.n IS NULL THEN 'stop' WHEN t.shop_id IS NULL THEN 'busy'
	            WHEN t.too_often THEN 'quarantine' ELSE 'run' END,
	       t.fence, ttsync.epoch(s.connected_at), y.cursor_s, y.span_s,
	       CASE WHEN y.resume_until > now() AND y.resume_s <= y.cursor_s THEN y.cursor_s - y.resume_s
	            ELSE y.overlap_s END,
	       y.until_s, (extract(epoch FROM v.until - now()) * 1000)::bigint,
	       y.first_done_at IS NOT NULL, y.done, y.attempts, s.tiktok_shop_id, gs.cipher, g.grant_id, g.gen,
	       g.open_id, g.pair_id::text, g.access_box,
	       -- TikTok's page tokens live for minutes (tiktok-shop-api.md 11)
	       CASE WHEN y.first_done_at IS NULL AND y.moved_at > now() - interval '10 min' THEN y.mark::text END
	FROM job j
	CROSS JOIN calmed
	LEFT JOIN runnable r ON r.n = j.n
	LEFT JOIN taken t ON t.shop_id = j.shop_id
	LEFT JOIN ttsync.shop s ON s.shop_id = j.shop_id
	LEFT JOIN ttsync.sync_state y ON y.shop_id = j.shop_id AND y.kind = j.kind
	LEFT JOIN ttsync.grants g ON g.grant_id = s.grant_id
	LEFT JOIN ttsync.grant_shop gs ON gs.grant_id = s.grant_id AND gs.tiktok_shop_id = s.tiktok_shop_id
	CROSS JOIN LATERAL (SELECT CASE
		WHEN s.state IN ('connecting', 'connected') AND s.suspended_at IS NULL
		THEN greatest(s.paused_until, CASE WHEN s.paused_at IS NULL OR s.paused_until IS NOT NULL
			THEN CASE WHEN g.state IN ('active', 'refreshing', 'suspect') THEN g.held_until END END)
		WHEN s.state = 'disconnected' AND s.reason = 'shop_deactivated' THEN greatest(y.next_due_at, g.held_until) END AS until) v
	ORDER BY j.n;
	-- a quarantined kind starts counting anew when its hour is over
	UPDATE ttsync.shop_lease l SET claims = 0, lease_until = '-infinity'
	FROM unnest(shops, kinds) AS j(shop_id, kind)
	WHERE l.shop_id = j.shop_id AND l.claimed = j.kind AND l.owner = me AND l.claims > 5;
END
$f$;

-- The shops of a batch that are still ours; their lease rows stay locked until the commit. A lease
-- that nears its end is made longer: whoever still writes is alive.
CREATE OR REPLACE FUNCTION ttsync.own(shops bigint[], fences bigint[])
RETURNS bigint[] LANGUAGE plpgsql AS $f$
DECLARE
	mine bigint[];
	late bigint[];
BEGIN
	SELECT coalesce(array_agg(x.shop_id), '{}'),
	       array_agg(x.shop_id) FILTER (WHERE x.lease_until < clock_timestamp() + interval '30 s')
	INTO mine, late FROM (
		SELECT l.shop_id, l.lease_until FROM unnest(shops, fences) AS j(shop_id, fence)
		JOIN ttsync.shop_lease l ON l.shop_id = j.shop_id AND l.fence = j.fence
		ORDER BY l.shop_id FOR NO KEY UPDATE OF l) x;
	IF late IS NOT NULL THEN
		UPDATE ttsync.shop_lease SET lease_until = clock_timestamp() + interval '60 s'
		WHERE shop_id = ANY (late);
	END IF;
	RETURN mine;
END
$f$;

-- A page of a first walk is stored: how many rows it will find in all, as far as TikTok told, which is what a
-- person watches; and where it goes on, should it be killed.
CREATE OR REPLACE FUNCTION ttsync.sync_progress(sid bigint, what text, my_fence bigint, of_all bigint, cursor bigint,
	mark_at jsonb)
RETURNS void LANGUAGE sql AS $f$
	UPDATE ttsync.sync_state y SET total = of_all, page = y.page + 1, moved_at = now(),
		began_at = coalesce(y.began_at, now()), cursor_s = greatest(y.cursor_s, cursor), mark = mark_at
	FROM ttsync.shop_lease l
	WHERE y.shop_id = sid AND y.kind = what AND l.shop_id = sid AND l.fence = my_fence
$f$;

-- A gap was read and compared to its end: that is told, once. One that began anew meanwhile is not the one
-- that was compared.
CREATE OR REPLACE FUNCTION ttsync.catch_up_end(sid bigint, rows_read bigint)
RETURNS void LANGUAGE plpgsql AS $f$
DECLARE
	c   ttsync.catch_up;
	how jsonb;
BEGIN
	UPDATE ttsync.catch_up SET ended_at = now(), compared = coalesce(rows_read, 0)
	WHERE shop_id = sid AND until_s IS NOT NULL AND ended_at IS NULL RETURNING * INTO c;
	DELETE FROM ttsync.sync_state WHERE shop_id = sid AND kind = 'reconcile';
	IF c.shop_id IS NULL THEN
		RETURN;
	END IF;
	how := jsonb_build_object('from', ttsync.rfc3339(to_timestamp(c.from_s)), 'until', ttsync.rfc3339(to_timestamp(c.until_s)),
		'compared', c.compared, 'missing', c.missing, 'differing', c.differing);
	PERFORM ttsync.tell(sid, 'daemon', 'shop.caught_up', how, c.cause);
END
$f$;

-- Deactivated shops that TikTok answers for again: before their cursors move, where their gap begins.
CREATE OR REPLACE FUNCTION ttsync.sync_back(shops bigint[])
RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
	PERFORM ttsync.shop_back(s.shop_id, 'daemon', 'TikTok answers for this shop again') FROM ttsync.shop s
	WHERE s.shop_id = ANY (shops) AND s.state = 'disconnected' AND s.reason = 'shop_deactivated' ORDER BY s.shop_id;
END
$f$;

-- Shops whose first synchronization is over.
CREATE OR REPLACE FUNCTION ttsync.sync_settle(shops bigint[])
RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
	PERFORM ttsync.shop_enter(s.shop_id, 'connected', NULL, 'daemon') FROM ttsync.shop s
	WHERE s.shop_id = ANY (shops) AND s.state = 'connecting'
	  AND NOT EXISTS (SELECT FROM ttsync.sync_state y
	                  WHERE y.shop_id = s.shop_id AND y.kind <> 'reconcile' AND y.first_done_at IS NULL)
	ORDER BY s.shop_id;
END
$f$;

-- End jobs whose slice went well. finished: the walk reached the present; else the cursor has moved
-- as far as whole windows are committed, and the next slice goes on from where the walk stands. Only
-- for half the overlap from the end of its first slice: then it reaches back anew, so that an order
-- that TikTok shows late is met by this walk or by the next. Answers the shops that were still ours,
-- and a kind of work that begins now.
CREATE OR REPLACE FUNCTION ttsync.sync_close(shops bigint[], kinds text[], fences bigint[], cursors bigint[],
	spans bigint[], resumes bigint[], finished boolean[], next_s bigint[], dones bigint[], totals bigint[])
RETURNS TABLE (r_shop bigint, begins text) LANGUAGE plpgsql AS $f$
DECLARE
	mine   bigint[] := ttsync.own(shops, fences);
	proven bigint[];
BEGIN
	PERFORM ttsync.sync_back(mine);
	UPDATE ttsync.sync_state y
	SET cursor_s = greatest(y.cursor_s, j.cursor_s), span_s = j.span_s,
	    resume_s = CASE WHEN NOT j.finished THEN j.resume_s END,
	    resume_until = CASE WHEN j.finished THEN NULL WHEN y.resume_until > now() THEN y.resume_until
	                        ELSE now() + make_interval(secs => y.overlap_s / 2) END,
	    next_due_at = now() + make_interval(secs => j.next_s),
	    first_done_at = CASE WHEN j.finished THEN coalesce(y.first_done_at, now()) ELSE y.first_done_at END,
	    done = coalesce(j.done, y.done), total = coalesce(j.total, y.total), mark = NULL,
	    last_success = now(), attempts = 0, last_error = NULL, last_error_at = NULL
	FROM unnest(shops, kinds, cursors, spans, resumes, finished, next_s, dones, totals)
	  AS j(shop_id, kind, cursor_s, span_s, resume_s, finished, next_s, done, total)
	WHERE y.shop_id = j.shop_id AND y.kind = j.kind AND j.shop_id = ANY (mine);

	UPDATE ttsync.shop_lease l SET lease_until = '-infinity',
		claims = CASE WHEN l.claimed = j.kind THEN 0 ELSE l.claims END
	FROM unnest(shops, kinds) AS j(shop_id, kind) WHERE l.shop_id = j.shop_id AND l.shop_id = ANY (mine);

	PERFORM ttsync.sync_settle(mine);

	-- a gap was caught up: now it is read once more, in windows that move no more, and compared
	WITH ended AS (
		UPDATE ttsync.catch_up c SET until_s = j.cursor_s
		FROM unnest(shops, kinds, finished, cursors) AS j(shop_id, kind, finished, cursor_s)
		WHERE c.shop_id = j.shop_id AND j.kind = 'orders' AND j.finished AND c.until_s IS NULL AND c.ended_at IS NULL
		  AND c.shop_id = ANY (mine)
		RETURNING c.shop_id, c.from_s, c.until_s
	), begun AS (
		INSERT INTO ttsync.sync_state AS n (shop_id, kind, cursor_s, span_s, overlap_s, until_s, next_due_at)
		SELECT e.shop_id, 'reconcile', e.from_s, y.span_s, y.overlap_s, e.until_s, now()
		FROM ended e JOIN ttsync.sync_state y ON y.shop_id = e.shop_id AND y.kind = 'orders'
		ON CONFLICT (shop_id, kind) DO UPDATE SET cursor_s = excluded.cursor_s, until_s = excluded.until_s,
			next_due_at = now(), first_done_at = NULL, resume_s = NULL, mark = NULL, done = 0
		RETURNING n.shop_id)
	SELECT coalesce(array_agg(b.shop_id), '{}') INTO proven FROM begun b;

	PERFORM ttsync.catch_up_end(j.shop_id, j.done) FROM unnest(shops, kinds, finished, dones) AS j(shop_id, kind, finished, done)
	WHERE j.kind = 'reconcile' AND j.finished AND j.shop_id = ANY (mine);
	RETURN QUERY SELECT m.s, CASE WHEN m.s = ANY (proven) THEN 'reconcile' END FROM unnest(mine) AS m(s);
END
$f$;

-- A job ended with an error: remember it, give the lease back. ends: the shop stops, for this reason.
-- refused: the pair whose access token TikTok refused. It is renewed early, and no job of any of the grant's
-- shops calls with it meanwhile: a minute at first, then longer, in case it was TikTok that erred.
-- Answers the state the shop came into by this, or null.
CREATE OR REPLACE FUNCTION ttsync.sync_fail(sid bigint, what text, my_fence bigint, why text, retry_s bigint,
	ends text, refused uuid, spans bigint)
RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
	s ttsync.shop;
BEGIN
	IF cardinality(ttsync.own(ARRAY[sid], ARRAY[my_fence])) = 0 THEN
		RETURN NULL;
	END IF;
	UPDATE ttsync.sync_state
	SET attempts = attempts + 1, last_error = why, last_error_at = now(), span_s = coalesce(spans, span_s),
	    next_due_at = now() + make_interval(secs => retry_s)
	WHERE shop_id = sid AND kind = what;
	UPDATE ttsync.shop_lease SET lease_until = '-infinity', claims = CASE WHEN claimed = what THEN 0 ELSE claims END
	WHERE shop_id = sid;
	SELECT * INTO s FROM ttsync.shop WHERE shop_id = sid;
	IF refused IS NOT NULL AND ttsync.grant_refused(s.grant_id, refused, why) THEN
		RETURN 'disconnected';
	END IF;
	IF ends IS NULL OR NOT ttsync.runs(s, now()) THEN -- whoever ended it meanwhile had better reasons
		RETURN NULL;
	END IF;
	UPDATE ttsync.sync_state SET next_due_at = now() + make_interval(secs => retry_s) WHERE shop_id = sid;
	RETURN CASE WHEN ttsync.shop_enter(sid, 'disconnected', ends, 'daemon', why) THEN 'disconnected' END;
END
$f$;

-- A job was let go (shutdown, lost lease): no error, no attempt counted.
CREATE OR REPLACE FUNCTION ttsync.sync_release(shops bigint[], fences bigint[])
RETURNS void LANGUAGE sql AS $f$
	UPDATE ttsync.shop_lease l SET lease_until = '-infinity', claims = greatest(l.claims - 1, 0)
	FROM unnest(shops, fences) AS j(shop_id, fence) WHERE l.shop_id = j.shop_id AND l.fence = j.fence
$f$;

-- Take a chore for the fleet for some seconds: true for one daemon only.
CREATE OR REPLACE FUNCTION ttsync.chore_take(what text, me uuid, secs int)
RETURNS boolean LANGUAGE sql AS $f$
	WITH t AS (
		UPDATE ttsync.chore SET owner = me, until = clock_timestamp() + make_interval(secs => secs)
		WHERE name = what AND until < clock_timestamp() RETURNING 1)
	SELECT EXISTS (SELECT FROM t)
$f$;

-- A page of the schedule, by key: what should be in the queue. everything: also what is not due yet
-- (after Redis forgot); else only what is overdue by more than late_s.
CREATE OR REPLACE FUNCTION ttsync.sweep_page(after_shop bigint, after_kind text, everything boolean, late_s int, most int)
RETURNS TABLE (shop_id bigint, kind text, due_ms bigint) LANGUAGE sql STABLE AS $f$
	SELECT y.shop_id, y.kind, greatest(0, (extract(epoch FROM y.next_due_at - now()) * 1000)::bigint)
	FROM ttsync.sync_state y JOIN ttsync.shop s USING (shop_id) JOIN ttsync.grants g USING (grant_id)
	WHERE (y.shop_id, y.kind) > (after_shop, after_kind)
	  AND ttsync.runs(s, now()) AND g.state IN ('active', 'refreshing', 'suspect') AND g.access_box IS NOT NULL
	  AND coalesce(g.held_until <= now(), true)
	  AND (everything OR y.next_due_at < now() - make_interval(secs => late_s))
	ORDER BY y.shop_id, y.kind LIMIT most
$f$;

-- Bounds of the tables that only grow. Answers rows removed.
CREATE OR REPLACE FUNCTION ttsync.prune(history_s bigint, outbox_s bigint, most int)
RETURNS bigint LANGUAGE plpgsql AS $f$
DECLARE
	n bigint; gone bigint := 0;
BEGIN
	DELETE FROM ttsync.history WHERE history_id IN (
		SELECT history_id FROM ttsync.history WHERE at < now() - make_interval(secs => history_s)
		ORDER BY history_id LIMIT most);
	GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
	DELETE FROM ttsync.outbox WHERE event_id IN (
		SELECT event_id FROM ttsync.outbox WHERE at < now() - make_interval(secs => outbox_s)
		ORDER BY event_id LIMIT most);
	GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
	DELETE FROM ttsync.token_history WHERE at < now() - interval '30 days';
	GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
	-- an outcome is shown for as long as somebody may ask what became of it
	DELETE FROM ttsync.oauth_state WHERE expires_at < now() - interval '30 days';
	GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
	DELETE FROM ttsync.connect_link WHERE expires_at < now() - interval '1 day';
	GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
	DELETE FROM ttsync.expiry_warning WHERE expires_at < now() - interval '400 days';
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN gone + n;
END
$f$;
