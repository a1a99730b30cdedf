-- The report on buyers' data: every column there is, held against a list of what may hold text.

-- Columns that can hold any text, and what it is: TikTok's and our own ids, words and names of shops,
-- products and carriers, times and reasons of our own. A column that is not here is a suspicion.
CREATE OR REPLACE FUNCTION ttsync.text_columns() RETURNS TABLE (tab text, cols text) LANGUAGE sql IMMUTABLE AS $f$
VALUES
	('buyer_sketch', 'registers'),
	('catch_up', 'cause'),
	('chore', 'name'),
	('connect_link', 'link_hash'),
	('grant_shop', 'tiktok_shop_id cipher name region seller_type'),
	('grants', 'app_key open_id seller_name region scopes state access_box refresh_box prev_refresh_box '
	    'last_error code_hash'),
	('history', 'store_id actor event detail cause request_id correlation'),
	('key_canary', 'key_id box'),
	('oauth_state', 'state_hash purpose result session_hash code_hash detail'),
	('order_line', 'order_id line_id product_id product_name sku_id sku_name seller_sku status currency package_id '
	    'package_status cancel_user'),
	('order_problem', 'order_id reason'),
	('orders', 'order_id status currency cancel_initiator order_type fulfillment_type shipping_type '
	    'delivery_option_id delivery_option_name warehouse_id shipping_provider_id shipping_provider '
	    'tracking_number split_or_combine package_ids'),
	('outbox', 'type subject_id data'),
	('product', 'product_id title status'),
	('schema_migration', 'name code'),
	('shop', 'store_id alias alias_key region tiktok_shop_id name warehouse_id state reason branch_id '
	    'paused_why'),
	('shop_lease', 'claimed'),
	('sku', 'product_id sku_id seller_sku currency'),
	('stock', 'product_id sku_id warehouse_id'),
	('store', 'store_id name plan'),
	('sync_state', 'kind last_error mark'),
	('token_history', 'access_box refresh_box source'),
	('warehouse', 'tiktok_shop_id warehouse_id name entity_id effect_status type sub_type'),
	('v_event', 'type subject_id data'),
	('v_history', 'actor event detail'),
	('v_order', 'order_id source status currency shipping_type warehouse_id fulfillment_type tracking_number '
	    'package_ids'),
	('v_order_line', 'order_id line_id product_id sku_id seller_sku product_name currency package_id sku_name status'),
	('v_package', 'package_id order_ids status handover tracking_number shipping_provider'),
	('v_product', 'product_id title status'),
	('v_shop', 'store_id alias tiktok_shop_id name region warehouse_id state reason'),
	('v_sku', 'product_id sku_id seller_sku currency')
$f$;

-- Suspicious is what is called as something of a buyer would be, and what could hold any text and is
-- not on the list; the rest are numbers, truths, times and uuids.
CREATE OR REPLACE FUNCTION ttsync.privacy_columns() RETURNS jsonb LANGUAGE sql STABLE AS $f$
	WITH found AS (
		SELECT c.relname AS tab, a.attname AS col, format_type(a.atttypid, NULL) AS kind,
		       a.attname ~ ('buyer|recipient|consignee|receiver|customer|user_?id|mail|phone|mobile|contact|address|'
		           'street|district|postal|post_?code|zip|nick|avatar|first_?name|last_?name|full_?name|birth|gender|'
		           'tax_?id|cpf|passport|id_?card|payer|message|note|remark') AS named
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'ttsync'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
		  AND a.attnum > 0 AND NOT a.attisdropped
	), judged AS (
		SELECT f.*, CASE
			WHEN f.named AND (f.tab, f.col) NOT IN (('v_shop', 'customer_count')) THEN 'named as a buyer''s would be'
			WHEN f.kind NOT IN ('bigint', 'integer', 'smallint', 'numeric', 'double precision', 'boolean',
				'timestamp with time zone', 'date', 'interval', 'uuid')
			 AND NOT EXISTS (SELECT FROM ttsync.text_columns() t
			                 WHERE t.tab = f.tab AND f.col = ANY (string_to_array(t.cols, ' ')))
			THEN 'can hold any text and is on no list' END AS why
		FROM found f)
	SELECT jsonb_build_object('ok', count(why) = 0, 'columns', count(*), 'suspicious',
		coalesce(jsonb_agg(jsonb_build_object('table', tab, 'column', col, 'type', kind, 'why', why)
			ORDER BY tab, col) FILTER (WHERE why IS NOT NULL), '[]'))
	FROM judged
$f$;
