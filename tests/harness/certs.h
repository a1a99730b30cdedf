/*
 * certs: a certificate authority of the test's own, made with the openssl command.
 *
 * Source: `man openssl-req`, `man openssl-x509` of OpenSSL 3.0.
 * Owner:  the paths live as long as the harness.
 */
#ifndef TTSYNC_TESTS_CERTS_H
#define TTSYNC_TESTS_CERTS_H

struct harness;

struct certs {
	const char *ca;   /* PEM, what a client trusts */
	const char *cert; /* PEM, the server's */
	const char *key;  /* PEM, mode 0644: only a test's */
};

/* For 127.0.0.1 and localhost, valid today. Each call makes an authority anew. */
struct certs certs_make(struct harness *h);
/* The same for other names ("DNS:a.example,IP:10.0.0.1") and days (below 0: expired). */
struct certs certs_make_for(struct harness *h, const char *names, int days);

#endif
