/*
 * wire: one HTTP request with a JSON body to a loopback port, as WebDriver servers take them.
 *
 * A browser test asks some thousand times: a curl process for each would cost more than the pages.
 *
 * Units:  milliseconds.
 * Errors: status 0 when there was no whole answer in time.
 */
#ifndef TTSYNC_TESTS_WIRE_H
#define TTSYNC_TESTS_WIRE_H

struct buf;

/* The status; the body is put into ret, which is emptied first. body may be NULL: none is sent. */
int wire_ask(int port, const char *method, const char *path, const char *body, int ms,
             struct buf *ret);

#endif
