/*
 * spool: a folder where an answer with new tokens, sealed, survives a crash between TikTok's answer
 * and PostgreSQL's commit. One file a refresh attempt, "<grant>.<attempt>.box".
 *
 * Durable: spool_put returns 0 after the file and the folder were fsynced; a file is there whole or
 *         not at all. A temporary file that a crash left is removed by spool_new a minute later.
 * Blocks: these are short blocking calls on a local file, a few KiB and two fsyncs, at most twice a
 *         second in the whole fleet (the refresh gate); the one place where a loop waits for a
 *         disk, because a pair lost here is lost for good.
 * Errors: ERR_IO with errno in code; ERR_INPUT for an attempt that is no uuid or a box too large.
 * Threads: read-only after spool_new: any thread may use it, each attempt is one thread's.
 * Source: reliability.md 5 (T3).
 */
#ifndef TTSYNC_SPOOL_H
#define TTSYNC_SPOOL_H

#include "common/buf.h"
#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

#define SPOOL_BOX_MAX  (256u << 10) /* bytes of one file */
#define SPOOL_STALE_S  60 /* no write lasts that long: older temporary files are leftovers */
#define SPOOL_UUID_LEN 36

struct spool;

struct spool_name {
	int64_t grant;                    /* 0: not known yet, a first authorization */
	char attempt[SPOOL_UUID_LEN + 1]; /* uuid, lower case */
};

/* The folder is made, mode 0700, where it is absent (its parent is not). */
struct spool *spool_new(const char *dir, struct err *e);
void spool_free(struct spool *s);

/* Can a file be written and fsynced there now? Without that no refresh is started. */
int spool_writable(const struct spool *s, struct err *e);
int spool_put(const struct spool *s, const struct spool_name *n, const void *box, size_t len,
              struct err *e);
/* Append a file to out. */
int spool_get(const struct spool *s, const struct spool_name *n, struct buf *out, struct err *e);
/* Remove a file, durably; one that is gone already is fine. */
int spool_remove(const struct spool *s, const struct spool_name *n, struct err *e);
/* Up to room names, in no order; *ret is how many. The rest is listed after these are removed. */
int spool_list(const struct spool *s, struct spool_name *names, size_t room, size_t *ret,
               struct err *e);

#endif
