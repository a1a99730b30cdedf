/*
 * http.c and name servers that lie or hang (reliability.md 9: F28).
 */
#include "common/own.h"
#include "tests/chaos/canned.h"
#include "tests/chaos/httprig.h"
#include "tests/harness/certs.h"
#include "tests/harness/harness.h"
#include "tests/harness/wait.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const struct canned_answer table[] = {
	{ .path = "/ok", .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" },
	{ .path = NULL },
};

TestSuite(chaos_names, .init = httprig_setup, .fini = httprig_teardown);

static pthread_mutex_t names_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t names_go = PTHREAD_COND_INITIALIZER;
static bool names_hang;
static int names_waiting;

/* Ours instead of the C library's, for libcurl as well: names lead inside, or to nowhere. */
int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
            struct addrinfo **ret)
{
	struct {
		struct addrinfo info;
		struct sockaddr_in addr;
	} *a = calloc(1, sizeof(*a));

	(void)hints;
	pthread_mutex_lock(&names_lock);
	names_waiting++;
	while (names_hang)
		pthread_cond_wait(&names_go, &names_lock);
	names_waiting--;
	pthread_mutex_unlock(&names_lock);
	a->addr.sin_family = AF_INET;
	a->addr.sin_port = htons((uint16_t)strtoul(service ? service : "0", NULL, 10));
	inet_pton(AF_INET, strstr(node, "ten") ? "10.0.0.1" : "127.0.0.1", &a->addr.sin_addr);
	a->info = (struct addrinfo){ .ai_family = AF_INET,
		                     .ai_socktype = SOCK_STREAM,
		                     .ai_addrlen = sizeof(a->addr),
		                     .ai_addr = (struct sockaddr *)&a->addr };
	*ret = &a->info;
	return 0;
}

void
freeaddrinfo(struct addrinfo *a)
{
	free(a);
}

Test(chaos_names, name_that_leads_inside_is_refused)
{
	struct canned *c = canned_start(web.h, table);
	struct certs own = certs_make(web.h);
	const char *url = harness_text(web.h, "http://evil.example:%s/ok", canned_port(c));
	struct fetch f;

	httprig_begin(NULL, 2);
	fetch_send(&f, &(struct http_req){ .method = "GET", .url = url, .timeout_ms = 3000 });
	FAILED(&f, ERR_IO, 500);
	cr_assert(strstr(f.why.text, "inside"), "%s", f.why.text);
	cr_assert_eq(canned_conns(c), 0);
	END();
	httprig_begin(own.ca,
	              2); /* whoever has an authority of his own may have names of his own */
	fetch_send(&f, &(struct http_req){ .method = "GET", .url = url, .timeout_ms = 3000 });
	HEARD(&f);
	END();
}

static void
names_let_go(void)
{
	pthread_mutex_lock(&names_lock);
	names_hang = false;
	pthread_cond_broadcast(&names_go);
	pthread_mutex_unlock(&names_lock);
}

static bool
nobody_waits(void *arg)
{
	bool none;

	(void)arg;
	pthread_mutex_lock(&names_lock);
	none = names_waiting == 0;
	pthread_mutex_unlock(&names_lock);
	return none;
}

Test(chaos_names, name_server_that_hangs_costs_the_deadline_and_no_turn)
{
	struct fetch f, cancelled;

	httprig_begin(NULL, 4);
	names_hang = true;
	fetch_send(&f, &(struct http_req){
			   .method = "GET", .url = "http://slow.example/", .timeout_ms = 400 });
	fetch_send(&cancelled,
	           &(struct http_req){ .method = "GET", .url = "http://slow.example/" });
	FAILED(&f, ERR_TIMEOUT, 400);
	http_cancel(web.http, cancelled.id);
	cr_assert_eq(cancelled.times, 0);
	cr_assert_eq(http_pending(web.http), 0);
	http_free(web.http);
	names_let_go();
	cr_assert(wait_for(nobody_waits, NULL, SOON_MS));
	cr_assert_null(rig_end(&web.rig));
}
