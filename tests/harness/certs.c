#include "tests/harness/certs.h"

#include "tests/harness/harness.h"
#include "tests/harness/proc.h"

#include <sys/stat.h>

#define OPENSSL_MS 20000
#define DAYS       3650 /* a test may move the clock by years */

/* words: up to the first NULL. */
static void
openssl(struct harness *h, const char *const *words)
{
	const char *argv[40] = { "openssl" };
	struct proc_run run;
	size_t n = 1;

	while (*words && n < ARRAY_LEN(argv) - 1)
		argv[n++] = *words++;
	proc_run(h, argv, NULL, OPENSSL_MS, &run);
	if (run.code != 0)
		harness_die(NULL, "openssl %s ended with %d: %s", argv[1], run.code, run.err);
	proc_run_done(&run);
}

#define OPENSSL(h, ...) openssl((h), (const char *const[]){ __VA_ARGS__, NULL })
#define NEW_KEY(path)                                                                              \
	"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path

struct certs
certs_make_for(struct harness *h, const char *names, int days)
{
	static int made;
	int no = ++made;
	struct certs c = {
		.ca = harness_path(h, "ca%d.pem", no),
		.cert = harness_path(h, "cert%d.pem", no),
		.key = harness_path(h, "key%d.pem", no),
	};
	const char *ca_key = harness_path(h, "ca%d.key", no);
	const char *request = harness_path(h, "cert%d.csr", no);

	OPENSSL(h, "req", "-x509", NEW_KEY(ca_key), "-out", c.ca, "-days",
	        harness_text(h, "%d", DAYS), "-subj", harness_text(h, "/CN=test authority %d", no),
	        "-addext", "keyUsage=critical,keyCertSign,cRLSign");
	OPENSSL(h, "req", NEW_KEY(c.key), "-out", request, "-subj", "/CN=test server", "-addext",
	        harness_text(h, "subjectAltName=%s", names));
	OPENSSL(h, "x509", "-req", "-in", request, "-CA", c.ca, "-CAkey", ca_key, "-CAcreateserial",
	        "-out", c.cert, "-days", harness_text(h, "%d", days), "-copy_extensions", "copy");
	chmod(c.key, 0644);
	return c;
}

struct certs
certs_make(struct harness *h)
{
	return certs_make_for(h, "DNS:localhost,IP:127.0.0.1,IP:::1", DAYS);
}
