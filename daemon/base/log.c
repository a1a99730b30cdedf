#include "daemon/base/log.h"

#include "common/clock.h"
#include "daemon/base/log_line.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define REPEATS        64 /* names a thread keeps count of */
#define REPEAT_PROBES  4
#define LINES_A_SECOND 10
#define REPEAT_SPAN_MS 1000

/* A name and how often this thread said it in the second that began at `since`. */
struct repeat {
	const char *name;
	enum log_level level;
	struct mono since;
	int64_t lines;
	int64_t held; /* counted, not written */
};

/* The level may change on reload while other threads read it: hence atomic. */
static atomic_int level_now = LOG_INFO;
static enum log_format format_now = LOG_TEXT;
static int journal_fd = -1;

/* A table a thread: no lock, and a noisy worker does not silence another. */
static _Thread_local struct repeat repeats[REPEATS];
static _Thread_local int names_held;

/* -1 where there is no journal: then lines go to stderr as text. */
static int
journal_open(void)
{
	static const struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		return -1;
	}
	return fd;
}

void
log_start(enum log_level level, enum log_format format)
{
	atomic_store_explicit(&level_now, (int)level, memory_order_relaxed);
	format_now = format;
	if (journal_fd >= 0)
		close(journal_fd);
	journal_fd = format == LOG_JOURNAL ? journal_open() : -1;
}

void
log_level_set(enum log_level level)
{
	atomic_store_explicit(&level_now, (int)level, memory_order_relaxed);
}

enum log_level
log_level_get(void)
{
	return (enum log_level)atomic_load_explicit(&level_now, memory_order_relaxed);
}

int
log_level_parse(const char *s)
{
	for (int i = LOG_ERROR; i <= LOG_DEBUG; i++)
		if (!strcmp(s, log_level_name((enum log_level)i)))
			return i;
	return -1;
}

int
log_format_parse(const char *s)
{
	static const char *const names[] = { "text", "json", "journal" };

	for (int i = LOG_TEXT; i <= LOG_JOURNAL; i++)
		if (!strcmp(s, names[i]))
			return i;
	return -1;
}

/* A log that cannot be written has nobody to tell. */
static void
put_out(const struct log_line *l)
{
	while (write(STDERR_FILENO, l->text, l->len) < 0 && errno == EINTR)
		;
}

static void
write_line(enum log_level level, const char *name, const char *pairs)
{
	char when[CLOCK_RFC3339_MAX];
	struct log_entry en = { level, clock_rfc3339(wall_now(), when), name, pairs };
	struct log_line line;

	if (journal_fd >= 0) {
		log_line_journal(&line, &en);
		if (send(journal_fd, line.text, line.len, MSG_NOSIGNAL) >= 0)
			return;
	}
	if (format_now == LOG_JSON)
		log_line_json(&line, &en);
	else
		log_line_text(&line, &en);
	put_out(&line);
}

static void
tell_held(struct repeat *r)
{
	char pairs[LOG_PAIRS_MAX];

	if (!r->held)
		return;
	snprintf(pairs, sizeof(pairs), "name=%s times=%jd", r->name, (intmax_t)r->held);
	r->held = 0;
	names_held--;
	write_line(r->level, "log.repeated", pairs);
}

static bool
span_over(const struct repeat *r, struct mono now)
{
	return now.ms - r->since.ms >= REPEAT_SPAN_MS;
}

void
log_flush(void)
{
	for (int i = 0; i < REPEATS && names_held; i++)
		tell_held(&repeats[i]);
}

static void
tell_old(struct mono now)
{
	for (int i = 0; i < REPEATS && names_held; i++)
		if (span_over(&repeats[i], now))
			tell_held(&repeats[i]);
}

/* The name's row, begun anew when its second is over; NULL when the table is full of busy names. */
static struct repeat *
repeat_find(enum log_level level, const char *name, struct mono now)
{
	struct repeat *r, *old = NULL;
	uint32_t h = 2166136261u; /* FNV-1a */

	for (const char *s = name; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	for (uint32_t i = 0; i < REPEAT_PROBES; i++) {
		r = &repeats[(h + i) % REPEATS];
		if (r->name && !strcmp(r->name, name)) {
			if (!span_over(r, now))
				return r;
			old = r;
			break;
		}
		if (!old && (!r->name || span_over(r, now)))
			old = r;
	}
	if (old) {
		tell_held(old);
		*old = (struct repeat){ .name = name, .level = level, .since = now };
	}
	return old;
}

void
log_event(enum log_level level, const char *name, const char *fmt, ...)
{
	struct mono now = mono_now();
	char pairs[LOG_PAIRS_MAX];
	struct repeat *r;
	va_list ap;

	if (names_held)
		tell_old(now);
	if (level > log_level_get())
		return;
	r = repeat_find(level, name, now);
	if (r && ++r->lines > LINES_A_SECOND) {
		names_held += !r->held++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(pairs, sizeof(pairs), fmt, ap);
	va_end(ap);
	log_clean(pairs);
	write_line(level, name, pairs);
}
