/*
 * httprig: http.c under test with its loop, and requests that count how often they were answered.
 *
 * Units:  milliseconds.
 * Owner:  the test program: httprig_setup and httprig_teardown are its suite's; between them any
 *         number of httprig_begin ... httprig_end.
 */
#ifndef TTSYNC_TESTS_HTTPRIG_H
#define TTSYNC_TESTS_HTTPRIG_H

#include "common/err.h"
#include "daemon/io/http.h"
#include "tests/chaos/rig.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOON_MS  3000
#define SLACK_MS 250

struct harness;

struct httprig {
	struct harness *h;
	struct rig rig;
	struct http *http;
};

extern struct httprig web;

/* One request's fate. */
struct fetch {
	int times;
	bool ok;
	int status;
	char body[256]; /* its beginning */
	size_t body_len;
	int64_t retry_after_s;
	int64_t date_s;
	bool json;
	struct err why;
	int64_t began_ms;
	int64_t took_ms;
	uint64_t id;
};

void httprig_setup(void);
void httprig_teardown(void);
/* ca_file NULL: the system's; plain http is allowed. */
void httprig_begin(const char *ca_file, int conns);
/* NULL, or what was wrong: a request left, or see rig_end. */
const char *httprig_end(void);

void fetch_send(struct fetch *f, const struct http_req *q);
/* GET http://127.0.0.1:port/path. */
void fetch_get(struct fetch *f, const char *port, const char *path, int timeout_ms);
/* GET https://host:port/. */
void fetch_tls(struct fetch *f, const char *host, const char *port, int timeout_ms);
/* Turn until it was answered, once; false at the deadline. */
bool fetch_heard(const struct fetch *f, int ms);
/* NULL when it failed as it should, at most_ms at the latest; or what came instead. */
const char *fetch_failed(const struct fetch *f, enum err_kind want, int most_ms);

/* For tests: with Criterion's cr_assert. */
#define END()                                                                                      \
	do {                                                                                       \
		const char *wrong = httprig_end();                                                 \
                                                                                                   \
		cr_assert_null(wrong, "%s", wrong);                                                \
	} while (0)
#define FAILED(f, want, most_ms)                                                                   \
	do {                                                                                       \
		const char *wrong = fetch_failed(f, want, most_ms);                                \
                                                                                                   \
		cr_assert_null(wrong, "%s", wrong);                                                \
	} while (0)
#define HEARD(f) cr_assert(fetch_heard(f, SOON_MS) && (f)->ok, "%s", (f)->why.text)

#endif
