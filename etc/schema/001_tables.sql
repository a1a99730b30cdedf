-- The truth: shops, grants, cursors, orders. Redis only decides when; this decides whether.
-- TikTok's ids are text (those in keys compared byte by byte: a language's rules cost and mean
-- nothing to them), money is numeric beside its currency, time is timestamptz; cursors are
-- seconds of the API's clock. No column here could hold a buyer's name, address, phone or e-mail.

CREATE TABLE ttsync.store (
	store_id   text PRIMARY KEY CHECK (store_id ~ '^[A-Za-z0-9._-]{1,64}$'),
	name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
	plan       text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now()
);

-- One seller's authorization of our app. Token columns hold sealed boxes (daemon/grant/vault.h);
-- the pair id is bound into each box, so that a box moved to another row does not open.
CREATE TABLE ttsync.grants (
	grant_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	app_key         text NOT NULL,
	open_id         text NOT NULL,
	seller_name     text,
	region          text,
	scopes          text[],
	state           text NOT NULL DEFAULT 'active'
	                CHECK (state IN ('active', 'refreshing', 'suspect', 'reauthorize', 'ended')),
	gen             bigint NOT NULL DEFAULT 1,
	pair_id         uuid NOT NULL,
	access_box      bytea CHECK (octet_length(access_box) >= 42),
	refresh_box     bytea CHECK (octet_length(refresh_box) >= 42),
	prev_pair_id    uuid,
	prev_refresh_box bytea CHECK (octet_length(prev_refresh_box) >= 42),
	access_expires  timestamptz NOT NULL,
	refresh_expires timestamptz NOT NULL,
	next_try_at     timestamptz NOT NULL,
	asked_at        timestamptz,          -- last time a 401 asked for an early refresh
	attempt_id      uuid,
	attempt_owner   uuid,
	attempt_at      timestamptz,
	failures        int NOT NULL DEFAULT 0,
	refusals        int NOT NULL DEFAULT 0,
	last_error      text,
	last_refresh    timestamptz,
	created_at      timestamptz NOT NULL DEFAULT now(),
	UNIQUE (app_key, open_id)
) WITH (fillfactor = 70);

-- Every pair ever issued, sealed, for 30 days (reliability.md 5).
CREATE TABLE ttsync.token_history (
	grant_id        bigint NOT NULL REFERENCES ttsync.grants ON DELETE CASCADE,
	pair_id         uuid NOT NULL,
	gen             bigint,               -- null: issued, but another pair was current already
	access_box      bytea NOT NULL CHECK (octet_length(access_box) >= 42),
	refresh_box     bytea NOT NULL CHECK (octet_length(refresh_box) >= 42),
	access_expires  timestamptz NOT NULL,
	refresh_expires timestamptz NOT NULL,
	source          text NOT NULL,
	at              timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (grant_id, pair_id)
);

-- How often the fleet may refresh: an arrival time moved by each refresh (2 a second, burst 5).
CREATE TABLE ttsync.refresh_gate (
	one      boolean PRIMARY KEY DEFAULT true CHECK (one),
	arrival  timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO ttsync.refresh_gate DEFAULT VALUES;

-- One sealed known text a key: a wrong key is found at start, before it can do harm.
CREATE TABLE ttsync.key_canary (
	key_id text PRIMARY KEY,
	box    bytea NOT NULL
);

-- The shops one grant covers, as TikTok listed them last.
CREATE TABLE ttsync.grant_shop (
	grant_id       bigint NOT NULL REFERENCES ttsync.grants ON DELETE CASCADE,
	tiktok_shop_id text NOT NULL,
	cipher         text NOT NULL,
	name           text NOT NULL,
	region         text NOT NULL,
	seller_type    text NOT NULL,
	gone           boolean NOT NULL DEFAULT false,
	seen_at        timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (grant_id, tiktok_shop_id)
);

CREATE TABLE ttsync.warehouse (
	tiktok_shop_id text NOT NULL,
	warehouse_id   text NOT NULL,
	name           text NOT NULL,
	entity_id      text,
	effect_status  text NOT NULL,
	type           text NOT NULL,
	sub_type       text,
	is_default     boolean NOT NULL,
	gone           boolean NOT NULL DEFAULT false,
	seen_at        timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tiktok_shop_id, warehouse_id)
);

CREATE TABLE ttsync.shop (
	shop_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	store_id       text NOT NULL REFERENCES ttsync.store,
	alias          text NOT NULL,
	alias_key      text NOT NULL GENERATED ALWAYS AS (lower(alias COLLATE "und-x-icu")) STORED,
	region         text,
	grant_id       bigint REFERENCES ttsync.grants,
	tiktok_shop_id text,
	name           text,
	warehouse_id   text,
	state          text NOT NULL DEFAULT 'pending'
	               CHECK (state IN ('pending', 'choosing', 'connecting', 'connected', 'disconnected')),
	reason         text,
	connected_at   timestamptz,
	state_since    timestamptz NOT NULL DEFAULT now(),
	created_at     timestamptz NOT NULL DEFAULT now(),
	UNIQUE (store_id, alias_key),
	CHECK ((connected_at IS NULL) = (state IN ('pending', 'choosing')) OR state = 'disconnected')
);
CREATE UNIQUE INDEX shop_tiktok ON ttsync.shop (tiktok_shop_id) WHERE tiktok_shop_id IS NOT NULL;
CREATE INDEX shop_grant ON ttsync.shop (grant_id);

-- States and links are kept as hashes: what is in the database opens nothing.
CREATE TABLE ttsync.oauth_state (
	state_hash bytea PRIMARY KEY,
	shop_id    bigint NOT NULL REFERENCES ttsync.shop ON DELETE CASCADE,
	purpose    text NOT NULL CHECK (purpose IN ('connect', 'reauthorize')),
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	used_at    timestamptz,
	result     text
);
CREATE INDEX oauth_state_shop ON ttsync.oauth_state (shop_id);

CREATE TABLE ttsync.connect_link (
	link_hash  bytea PRIMARY KEY,
	shop_id    bigint NOT NULL REFERENCES ttsync.shop ON DELETE CASCADE,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL
);
CREATE INDEX connect_link_shop ON ttsync.connect_link (shop_id);

-- Who may write for a shop. No index on the changing columns: updates stay on the page.
CREATE TABLE ttsync.shop_lease (
	shop_id     bigint PRIMARY KEY REFERENCES ttsync.shop ON DELETE CASCADE,
	fence       bigint NOT NULL DEFAULT 0,
	owner       uuid,
	lease_until timestamptz NOT NULL DEFAULT '-infinity',
	claims      int NOT NULL DEFAULT 0,   -- of the kind below, one after the other, without an end
	claimed     text
) WITH (fillfactor = 70);

CREATE TABLE ttsync.sync_state (
	shop_id      bigint NOT NULL REFERENCES ttsync.shop ON DELETE CASCADE,
	kind         text NOT NULL,
	cursor_s     bigint NOT NULL,          -- all updates before it are committed
	span_s       bigint NOT NULL,          -- widest window, halved when TikTok refuses it
	overlap_s    bigint NOT NULL,
	resume_s     bigint,                   -- a walk of several slices is under way: it has read up to here
	resume_until timestamptz,              -- after that it reaches back by the overlap again
	first_done_at timestamptz,             -- the first walk reached its end
	done         bigint NOT NULL DEFAULT 0,
	total        bigint,
	next_due_at  timestamptz NOT NULL,
	last_success timestamptz,
	attempts     int NOT NULL DEFAULT 0,
	last_error   text,
	last_error_at timestamptz,
	PRIMARY KEY (shop_id, kind)
) WITH (fillfactor = 70);

CREATE TABLE ttsync.product (
	shop_id     bigint NOT NULL REFERENCES ttsync.shop ON DELETE CASCADE,
	product_id  text COLLATE "C" NOT NULL,
	title       text NOT NULL,
	status      text NOT NULL,
	create_time timestamptz,
	update_time timestamptz NOT NULL,
	hash        bigint NOT NULL,
	fence       bigint NOT NULL,
	PRIMARY KEY (shop_id, product_id)
);

CREATE TABLE ttsync.sku (
	shop_id    bigint NOT NULL,
	product_id text COLLATE "C" NOT NULL,
	sku_id     text COLLATE "C" NOT NULL,
	seller_sku text,
	price      numeric,
	currency   text,
	quantity   bigint NOT NULL,
	PRIMARY KEY (shop_id, product_id, sku_id),
	FOREIGN KEY (shop_id, product_id) REFERENCES ttsync.product ON DELETE CASCADE
);

CREATE TABLE ttsync.stock (
	shop_id      bigint NOT NULL,
	product_id   text COLLATE "C" NOT NULL,
	sku_id       text COLLATE "C" NOT NULL,
	warehouse_id text NOT NULL,
	quantity     bigint NOT NULL,
	PRIMARY KEY (shop_id, product_id, sku_id, warehouse_id),
	FOREIGN KEY (shop_id, product_id, sku_id) REFERENCES ttsync.sku ON DELETE CASCADE
);

CREATE TABLE ttsync.orders (
	shop_id              bigint NOT NULL,
	order_id             text COLLATE "C" NOT NULL,
	update_time          timestamptz NOT NULL,
	hash                 bigint NOT NULL,
	fence                bigint NOT NULL,
	seq                  int NOT NULL,
	status               text NOT NULL,
	create_time          timestamptz NOT NULL,
	paid_time            timestamptz,
	currency             text,
	total_amount         numeric,
	sub_total            numeric,
	shipping_fee         numeric,
	seller_discount      numeric,
	platform_discount    numeric,
	is_cod               boolean NOT NULL,
	is_on_hold           boolean NOT NULL,
	is_sample            boolean NOT NULL,
	cancel_requested     boolean NOT NULL,
	cancel_initiator     text,
	order_type           text,
	fulfillment_type     text,
	shipping_type        text,
	delivery_option_id   text,
	delivery_option_name text,
	warehouse_id         text,
	shipping_provider_id text,
	shipping_provider    text,
	tracking_number      text,
	split_or_combine     text,
	package_ids          text[],
	priority             int,
	ship_by              timestamptz,
	rts_time             timestamptz,
	rts_sla_time         timestamptz,
	tts_sla_time         timestamptz,
	shipping_due_time    timestamptz,
	collection_due_time  timestamptz,
	delivery_due_time    timestamptz,
	pick_up_cut_off_time timestamptz,
	PRIMARY KEY (shop_id, order_id)
) WITH (fillfactor = 85);
-- No foreign key on orders and lines: the fence proves the shop, and each check would cost a lookup.

CREATE TABLE ttsync.order_line (
	shop_id           bigint NOT NULL,
	order_id          text COLLATE "C" NOT NULL,
	line_id           text COLLATE "C" NOT NULL,
	product_id        text,
	product_name      text,
	sku_id            text,
	sku_name          text,
	seller_sku        text,
	status            text,
	original_price    numeric,
	sale_price        numeric,
	seller_discount   numeric,
	platform_discount numeric,
	currency          text,
	package_id        text,
	package_status    text,
	is_gift           boolean NOT NULL,
	cancel_user       text,
	PRIMARY KEY (shop_id, order_id, line_id)
) WITH (fillfactor = 85);

-- Orders that TikTok sent and that could not be read: kept by id, shown, read again on change.
CREATE TABLE ttsync.order_problem (
	shop_id  bigint NOT NULL REFERENCES ttsync.shop ON DELETE CASCADE,
	order_id text COLLATE "C" NOT NULL,
	reason   text NOT NULL,
	at       timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (shop_id, order_id)
);

-- Numbered events for GoSell, append-only, pruned by age (ttsync.prune).
CREATE TABLE ttsync.outbox (
	event_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at         timestamptz NOT NULL DEFAULT now(),
	shop_id    bigint NOT NULL,
	type       text NOT NULL,
	subject_id text,
	data       jsonb
);

CREATE TABLE ttsync.history (
	history_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at         timestamptz NOT NULL DEFAULT now(),
	shop_id    bigint,
	store_id   text,
	actor      text NOT NULL,
	event      text NOT NULL,
	detail     jsonb
);
CREATE INDEX history_shop ON ttsync.history (shop_id, history_id);

-- Work that one daemon of the fleet does at a time: the sweep, the pruning.
CREATE TABLE ttsync.chore (
	name  text PRIMARY KEY,
	owner uuid,
	until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO ttsync.chore (name) VALUES ('sweep'), ('prune');

-- The queue's epoch: a new one whenever Redis has forgotten.
CREATE SEQUENCE ttsync.queue_epoch;
