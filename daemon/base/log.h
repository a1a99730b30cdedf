/*
 * log: one line an event, a fixed dotted name to grep for, then key=value pairs.
 *
 * Formats: text ("<priority>time level name key=value ..." on stderr), json (one object a line),
 *          journal (native fields on /run/systemd/journal/socket; falls back to text).
 * Threads: any may log; a line is written with one write(2).
 * Values:  quote strings with LOGQ, which escapes; never a token, a body, a name or an address.
 * Repeats: the same name above 10 lines a second of a thread is counted and summed up in one line
 *          (log.repeated), with that thread's next event or its log_flush.
 * Names:   string literals: they are kept, not copied.
 */
#ifndef TTSYNC_LOG_H
#define TTSYNC_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR = 0, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT = 0, LOG_JSON, LOG_JOURNAL };

/* Before the first thread starts. */
void log_start(enum log_level level, enum log_format format);
void log_level_set(enum log_level level);
enum log_level log_level_get(void);
/* -1 for an unknown word. */
int log_level_parse(const char *s);
int log_format_parse(const char *s);

/* log_event(LOG_WARN, "poll.failed", "shop=%" PRIu64 " code=%d text=%s", id, code, LOGQ(text)) */
void log_event(enum log_level level, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Tell at once what this thread held back. Once a second, and before a thread ends. */
void log_flush(void);

/*
 * s as a quoted value, with the quotes (NULL: ""): control bytes, quotes and backslashes escaped,
 * cut at 200 bytes.
 */
struct log_quoted {
	char text[420];
};
struct log_quoted log_quote(const char *s);
#define LOGQ(s) (log_quote(s).text)

#endif
