/*
 * web_shop: what the task layer says of a shop, as the pages of its connection get it.
 */
#ifndef TTSYNC_WEB_SHOP_H
#define TTSYNC_WEB_SHOP_H

#include "tests/unit/web_fixture.h"

#define EN(target) target "?lang=en"

#define SHOP(state, more)                                                                                           \
	"{\"shop_id\":\"17\",\"alias\":\"ร้านหลัก\",\"name\":\"Shop\",\"region\":\"TH\",\"state\":" \
	"\"" state                                                                                                  \
	"\",\"counts\":{\"products\":0,\"orders\":0,\"as_of\":\"2026-11-25T22:10:00+07:00\"}" more                  \
	"}"
#define CONNECTED_AT ",\"connected_at\":\"2026-11-23T09:00:00+07:00\""
#define EXPIRES_AT   ",\"expires_at\":\"2027-11-23T09:05:00+07:00\",\"days_left\":365"

/* Shops to choose from: one that can be, with warehouses, and two that cannot. */
#define HOUSES                                                                                             \
	"[{\"warehouse_id\":\"901\",\"name\":\"บางนา\",\"type\":\"SALES_WAREHOUSE\",\"status\":" \
	"\"ENABLED\","                                                                                     \
	"\"is_default\":true,\"selectable\":true,\"why_not\":null},"                                       \
	"{\"warehouse_id\":\"902\",\"name\":\"Returns\",\"type\":\"RETURN_WAREHOUSE\",\"status\":"         \
	"\"ENABLED\",\"selectable\":false,\"why_not\":\"returns_only\"},"                                  \
	"{\"warehouse_id\":\"903\",\"name\":\"Old\",\"type\":\"SALES_WAREHOUSE\",\"status\":"              \
	"\"DISABLED\","                                                                                    \
	"\"selectable\":false,\"why_not\":\"switched_off\"}]"
#define CHOICES                                                                                    \
	",\"choices\":[{\"tiktok_shop_id\":\"7001\",\"name\":\"One\",\"region\":\"TH\",\"seller_"  \
	"type\":"                                                                                  \
	"\"LOCAL\",\"connected\":false,\"selectable\":true,\"warehouses\":" HOUSES "},"            \
	"{\"tiktok_shop_id\":\"7002\",\"name\":\"Two\",\"region\":\"TH\",\"seller_type\":"         \
	"\"CROSS_BORDER\",\"connected\":true,\"selectable\":false,\"why_not\":"                    \
	"\"connected_elsewhere\",\"alias\":null,\"warehouses\":[]},"                               \
	"{\"tiktok_shop_id\":\"7003\",\"name\":\"Three\",\"region\":\"TH\",\"seller_type\":"       \
	"\"LOCAL\",\"connected\":true,\"selectable\":false,\"why_not\":\"connected_here\","        \
	"\"alias\":\"ร้าน<b>\",\"warehouses\":[]}]"

/* Text that would do harm on a page, and what it must have become there. */
#define EVIL_JSON "\\\"><script>alert('1')</script>\\r\\n\\u001b\\u202e"
#define EVIL_HTML "<bdi>&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;   \u202e</bdi>"

FIX_UNUSED static void
check_harmless(const char *s, const char *shown)
{
	cr_assert_eq(status_of(s), 200);
	HAS(s, shown);
	LACKS(s, "<script>alert");
	LACKS(s, "\"><script");
	LACKS(s, "\x1b");
}

#endif
