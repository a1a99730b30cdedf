/*
 * conf_file: the files that ttsyncd.conf names: where they are, whether they may be trusted, and
 * what the secret ones hold.
 *
 * Errors: ERR_INPUT with what is wrong and a hint; where it was written is the caller's to add.
 */
#ifndef TTSYNC_CONF_FILE_H
#define TTSYNC_CONF_FILE_H

#include "common/err.h"

#include <stddef.h>

struct buf;
struct conf_secret;

/*
 * Where a name leads: itself when absolute, else in $CREDENTIALS_DIRECTORY if it is there, else
 * beside conf_file. Allocated; NULL is out of memory. (contract.md 2)
 */
char *conf_file_find(const char *name, const char *conf_file);

/* Can it be read? */
int conf_file_check(const char *path, struct err *e);

/* The whole of a file of at most `max` bytes. warn gets a line, or "", on who else may touch it. */
int conf_file_read(const char *path, size_t max, struct buf *ret, char *warn, size_t warn_room,
                   struct err *e);

/*
 * Read s->file into locked memory: at most max bytes, without the end of its last line; empty or
 * with a NUL inside is an error. s is untouched then.
 */
int conf_secret_read(struct conf_secret *s, size_t max, char *warn, size_t warn_room,
                     struct err *e);
/* A copy in locked memory of its own; -1 is out of memory, `to` then as it was. */
int conf_secret_copy(struct conf_secret *to, const struct conf_secret *from);
void conf_secret_done(struct conf_secret *s);

#endif
