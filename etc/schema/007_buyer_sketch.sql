-- How many different buyers a shop has had, without one of them being known: of each 2,048th part of
-- all buyers the largest rank met (HyperLogLog). What the estimate needs is kept beside the registers,
-- so that reading it costs nothing. A row is there from the first order whose buyer was named.
CREATE TABLE ttsync.buyer_sketch (
	shop_id   bigint PRIMARY KEY REFERENCES ttsync.shop ON DELETE CASCADE,
	registers bytea NOT NULL DEFAULT decode(repeat('00', 2048), 'hex') CHECK (octet_length(registers) = 2048),
	power     double precision NOT NULL DEFAULT 2048, -- sum of 2 ^ -register
	zeros     int NOT NULL DEFAULT 2048               -- registers that are 0
) WITH (fillfactor = 60);
-- in the row itself: neither compressed nor moved to another table at each change
ALTER TABLE ttsync.buyer_sketch ALTER COLUMN registers SET STORAGE PLAIN;
