#include "tests/bench/shops.h"

#include "common/buf.h"
#include "tests/bench/bed.h"
#include "tests/harness/harness.h"
#include "tests/integration/crowd.h"

#include <stdlib.h>

#define TEXT_MAX   (64u << 20)
#define YOUNGEST_S 60

static struct crowd
crowd_of(const struct bed *b)
{
	return (struct crowd){ .h = b->h,
		               .pg = b->pg,
		               .tiktok = b->api,
		               .ca = b->certs.ca,
		               .app_key = BED_APP_KEY,
		               .app_secret = BED_APP_SECRET,
		               .keys = b->keys };
}

int
shops_connect(struct bed *b, int64_t connected_s)
{
	struct crowd c = crowd_of(b);

	return crowd_connect(&c, connected_s);
}

const char *
shops_token(struct bed *b, int seller)
{
	struct crowd c = crowd_of(b);

	return crowd_token(&c, seller);
}

void
shops_order(struct bed *b, int count, int step_s)
{
	const char *url = harness_text(b->h, "%s/_sandbox/order", b->api);
	struct buf config;

	buf_init(&config, TEXT_MAX);
	for (int i = count; i > 0; i--)
		buf_printf(&config,
		           "%surl = \"%s\"\ncacert = \"%s\"\nsilent\nshow-error\n"
		           "output = \"/dev/null\"\nfail\ndata = \"{\\\"all\\\":true,"
		           "\\\"status\\\":\\\"AWAITING_SHIPMENT\\\","
		           "\\\"create_time_offset\\\":%d}\"\n",
		           config.len ? "next\n" : "", url, b->certs.ca, -YOUNGEST_S - i * step_s);
	free(bed_curl(b, buf_text(&config)));
	buf_done(&config);
}
