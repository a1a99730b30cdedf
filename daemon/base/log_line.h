/*
 * log_line: one event as the bytes of one line, in each of the formats of log.h. Pure: no output,
 * no clock, no state.
 *
 * Safety: whatever the values hold, the result has one line and one meaning: control bytes become
 *         blanks, bytes that are not UTF-8 become '?', and JSON stays JSON.
 * Limits: the pairs are cut at LOG_PAIRS_MAX bytes, so that every line is below PIPE_BUF and one
 *         write(2) puts it out whole.
 */
#ifndef TTSYNC_LOG_LINE_H
#define TTSYNC_LOG_LINE_H

#include "daemon/base/log.h"

#include <stddef.h>

#define LOG_PAIRS_MAX 1500
#define LOG_LINE_MAX  4096

struct log_line {
	size_t len;
	char text[LOG_LINE_MAX];
};

struct log_entry {
	enum log_level level;
	const char *time;  /* RFC 3339 */
	const char *name;  /* dotted, ours */
	const char *pairs; /* key=value ..., cleaned by log_clean */
};

/* Make s one line of UTF-8, in place. */
void log_clean(char *s);

/* "<4>time warn name key=value\n" */
void log_line_text(struct log_line *l, const struct log_entry *en);
/*
 * {"time":..,"level":..,"event":..,"key":value}\n. Whole numbers of up to 15 digits are numbers,
 * all else strings; from the first word that is no pair on, the rest stands under "text".
 */
void log_line_json(struct log_line *l, const struct log_entry *en);
/*
 * A datagram of systemd's native protocol: MESSAGE, PRIORITY, TTSYNC_EVENT, MESSAGE_ID (the first
 * 16 bytes of the SHA-256 of "ttsyncd:" and the name, which is what the journal catalogue lists),
 * and TTSYNC_<KEY> for each pair.
 * Source: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
 */
void log_line_journal(struct log_line *l, const struct log_entry *en);

/* The level's word: "warn". */
const char *log_level_name(enum log_level level);

#endif
