/*
 * gzip: bytes wrapped as a gzip member without being made smaller.
 *
 * Enough to see whether a client understands Content-Encoding, without a library.
 *
 * Source: RFC 1952; stored blocks of RFC 1951 3.2.4.
 */
#ifndef SANDBOX_GZIP_H
#define SANDBOX_GZIP_H

struct buf;

/* Replace what b holds. */
void gzip_wrap(struct buf *b);

#endif
