-- The counts of ttsync.row_count move with the rows, whoever moves them. Statement by statement: a page of
-- orders is one, and those that only changed are not among what was inserted. A shop that goes takes its rows
-- and its counts with it.
CREATE OR REPLACE FUNCTION ttsync.count_rows() RETURNS trigger LANGUAGE plpgsql AS $f$
DECLARE
	sign int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
	of_orders int := CASE TG_TABLE_NAME WHEN 'orders' THEN sign ELSE 0 END;
BEGIN
	INSERT INTO ttsync.row_count AS c (shop_id, orders, products)
	SELECT m.shop_id, of_orders * count(*), (sign - of_orders) * count(*) FROM moved m GROUP BY m.shop_id
	HAVING TG_OP = 'INSERT' OR EXISTS (SELECT FROM ttsync.shop s WHERE s.shop_id = m.shop_id) ORDER BY m.shop_id
	ON CONFLICT (shop_id) DO UPDATE SET orders = c.orders + excluded.orders, products = c.products + excluded.products;
	RETURN NULL;
END
$f$;

CREATE OR REPLACE FUNCTION ttsync.count_none() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
	UPDATE ttsync.row_count SET orders = CASE TG_TABLE_NAME WHEN 'orders' THEN 0 ELSE orders END,
		products = CASE TG_TABLE_NAME WHEN 'product' THEN 0 ELSE products END;
	RETURN NULL;
END
$f$;

CREATE OR REPLACE TRIGGER count_in AFTER INSERT ON ttsync.orders REFERENCING NEW TABLE AS moved
	FOR EACH STATEMENT EXECUTE FUNCTION ttsync.count_rows();
CREATE OR REPLACE TRIGGER count_out AFTER DELETE ON ttsync.orders REFERENCING OLD TABLE AS moved
	FOR EACH STATEMENT EXECUTE FUNCTION ttsync.count_rows();
CREATE OR REPLACE TRIGGER count_none AFTER TRUNCATE ON ttsync.orders
	FOR EACH STATEMENT EXECUTE FUNCTION ttsync.count_none();
CREATE OR REPLACE TRIGGER count_in AFTER INSERT ON ttsync.product REFERENCING NEW TABLE AS moved
	FOR EACH STATEMENT EXECUTE FUNCTION ttsync.count_rows();
CREATE OR REPLACE TRIGGER count_out AFTER DELETE ON ttsync.product REFERENCING OLD TABLE AS moved
	FOR EACH STATEMENT EXECUTE FUNCTION ttsync.count_rows();
CREATE OR REPLACE TRIGGER count_none AFTER TRUNCATE ON ttsync.product
	FOR EACH STATEMENT EXECUTE FUNCTION ttsync.count_none();
