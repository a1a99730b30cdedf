-- The whole life of a connection: pauses, plans, expiry, refused tokens, authorizations begun at
-- TikTok's, the proof that a gap was caught up, and a history that tells the cause.

ALTER TABLE ttsync.grants
	ADD COLUMN code_hash       bytea,          -- of the authorization code the pair was given for
	ADD COLUMN issued_at       timestamptz NOT NULL DEFAULT now(), -- of the current pair
	ADD COLUMN held_until      timestamptz,    -- TikTok refused the access token: no job calls before
	ADD COLUMN holds           int NOT NULL DEFAULT 0,  -- one after the other
	ADD COLUMN unclaimed_since timestamptz,    -- begun at TikTok's: of no store until attached
	ADD COLUMN surveyed_at     timestamptz NOT NULL DEFAULT '-infinity'; -- its shops last read anew
CREATE INDEX grants_ends ON ttsync.grants (refresh_expires);

ALTER TABLE ttsync.shop
	ADD COLUMN branch_id    text CHECK (length(branch_id) BETWEEN 1 AND 64), -- GoSell's
	ADD COLUMN paused_at    timestamptz,
	ADD COLUMN paused_until timestamptz,       -- null: until somebody resumes it
	ADD COLUMN paused_why   text,
	ADD COLUMN suspended_at timestamptz,       -- the store's plan does not carry it
	ADD COLUMN purging      boolean NOT NULL DEFAULT false;
CREATE INDEX shop_store ON ttsync.shop (store_id);

-- A state is good for the browser that began it (where one did), once; what came of it stays.
ALTER TABLE ttsync.oauth_state
	ADD COLUMN session_hash bytea,
	ADD COLUMN code_hash    bytea,
	ADD COLUMN detail       jsonb,
	ADD COLUMN ended_at     timestamptz;

ALTER TABLE ttsync.sync_state
	ADD COLUMN until_s  bigint,                -- the walk ends there; null: at the API's present
	ADD COLUMN page     int NOT NULL DEFAULT 0, -- pages stored by the first walk
	ADD COLUMN began_at timestamptz,           -- its first page
	ADD COLUMN moved_at timestamptz;           -- its last

-- A warning that was given: once for each end of an authorization and each number of days; 0: ended.
CREATE TABLE ttsync.expiry_warning (
	shop_id    bigint NOT NULL REFERENCES ttsync.shop ON DELETE CASCADE,
	expires_at timestamptz NOT NULL,
	days       int NOT NULL,
	at         timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (shop_id, expires_at, days)
);

-- The last gap of a shop (expired, disconnected, paused, suspended), and the proof that nothing of it
-- is missing: behind the walk that catches up, the gap is read once more and compared.
CREATE TABLE ttsync.catch_up (
	shop_id   bigint PRIMARY KEY REFERENCES ttsync.shop ON DELETE CASCADE,
	began_at  timestamptz NOT NULL DEFAULT now(),
	cause     text NOT NULL,
	from_s    bigint NOT NULL,                 -- the cursor when work was taken up
	until_s   bigint,                          -- the cursor when the walk had caught up; null: not yet
	compared  bigint NOT NULL DEFAULT 0,
	missing   bigint NOT NULL DEFAULT 0,
	differing bigint NOT NULL DEFAULT 0,
	ended_at  timestamptz
);

ALTER TABLE ttsync.history
	ADD COLUMN cause       text,
	ADD COLUMN request_id  text,               -- TikTok's
	ADD COLUMN correlation text;               -- what one request or job did

-- How often codes that nobody waits for are exchanged: as refresh_gate.
CREATE TABLE ttsync.seller_center_gate (
	one     boolean PRIMARY KEY DEFAULT true CHECK (one),
	arrival timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO ttsync.seller_center_gate DEFAULT VALUES;

INSERT INTO ttsync.chore (name) VALUES ('calendar');
