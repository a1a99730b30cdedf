/*
 * http.c believes only certificates that are right (reliability.md 9: F27).
 */
#include "common/own.h"
#include "tests/chaos/canned.h"
#include "tests/chaos/httprig.h"
#include "tests/harness/certs.h"
#include "tests/harness/harness.h"
#include "tests/harness/proc.h"
#include "tests/harness/wait.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(chaos_tls, .init = httprig_setup, .fini = httprig_teardown);

/* openssl's own test server with a certificate; returns the port. */
static const char *
tls_server(const struct certs *c, const char *more)
{
	static int no;
	const char *port = harness_text(web.h, "%d", harness_port());
	const char *argv[] = { "openssl", "s_server", "-accept", port,     "-cert", c->cert,
		               "-key",    c->key,     "-www",    "-quiet", more,    NULL };
	struct proc *p = proc_spawn(web.h, harness_text(web.h, "tls%d", ++no), argv, NULL);

	cr_assert(wait_listen(port, SOON_MS), "%s", proc_log(p));
	return port;
}

Test(chaos_tls, only_a_certificate_that_is_right_is_believed)
{
	struct certs good = certs_make(web.h);
	struct certs strange = certs_make(web.h);
	const char *port = tls_server(&good, NULL);
	struct fetch f;

	httprig_begin(good.ca, 4);
	fetch_tls(&f, "localhost", port, 5000);
	HEARD(&f);
	fetch_tls(&f, "127.0.0.1", port, 5000);
	HEARD(&f);
	fetch_tls(&f, "127.0.0.2", port, 5000); /* another name than the certificate's */
	FAILED(&f, ERR_IO, 1000);
	fetch_tls(&f, "localhost", tls_server(&strange, NULL), 5000);
	FAILED(&f, ERR_IO, 1000);
	cr_assert(strstr(f.why.text, "certificate"), "%s", f.why.text);
	END();
	httprig_begin(NULL, 4);
	fetch_tls(&f, "localhost", port, 5000); /* the system does not know our authority */
	FAILED(&f, ERR_IO, 1000);
	END();
}

Test(chaos_tls, expired_certificate_and_old_tls_are_refused)
{
	struct certs expired = certs_make_for(web.h, "DNS:localhost", -1);
	struct certs good = certs_make(web.h);
	struct fetch f;

	httprig_begin(expired.ca, 4);
	fetch_tls(&f, "localhost", tls_server(&expired, NULL), 5000);
	FAILED(&f, ERR_IO, 1000);
	cr_assert(strstr(f.why.text, "expired"), "%s", f.why.text);
	END();
	httprig_begin(good.ca, 4);
	fetch_tls(&f, "localhost", tls_server(&good, "-tls1_1"), 5000);
	FAILED(&f, ERR_IO, 1000);
	END();
}

static const struct canned_answer silent[] = { { .path = NULL } };

Test(chaos_tls, tls_handshake_that_hangs_ends_with_the_connect_deadline)
{
	struct canned *c = canned_start(web.h, silent); /* says nothing to a ClientHello */
	struct fetch f;

	httprig_begin(NULL, 4);
	fetch_tls(&f, "127.0.0.1", canned_port(c), 30000);
	FAILED(&f, ERR_TIMEOUT, HTTP_CONNECT_MS);
	END();
}
