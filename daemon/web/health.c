#include "common/json.h"
#include "daemon/web/routes.h"
#include "daemon/web/web.h"

void
health_live(struct httpd *h, const struct httpd_req *q, void *arg)
{
	(void)arg;
	httpd_reply(h, q->id, 200, "text/plain; charset=utf-8", NULL, "ok", 2);
}

void
health_ready(struct httpd *h, const struct httpd_req *q, void *arg)
{
	struct web_ready r = web_readiness(arg);
	bool ready = r.postgres && r.redis && r.schema;
	CLEANUP(json_freep) struct json *doc = json_obj();
	struct buf out;

	json_put_bool(doc, "ready", ready);
	json_put_bool(doc, "postgres", r.postgres);
	json_put_bool(doc, "redis", r.redis);
	json_put_bool(doc, "schema", r.schema);
	buf_init(&out, 256);
	json_write(doc, &out);
	httpd_reply(h, q->id, ready ? 200 : 503, "application/json", NULL, out.data, out.len);
	buf_done(&out);
}
