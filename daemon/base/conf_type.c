#include "daemon/base/conf_type.h"

#include "common/buf.h"
#include "common/own.h"
#include "common/str.h"
#include "daemon/base/conf.h"
#include "daemon/base/conf_file.h"
#include "daemon/base/log.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define INPUT(e, ...) err_set(e, ERR_INPUT, EX_CONFIG, __VA_ARGS__)
#define ADDRESS_MAX   INET6_ADDRSTRLEN
#define DAYS_MOST     365
#define WORD_MAX      32
#define STARS         "*****"

/* ---- numbers ---- */

static int
int_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	int64_t v;

	if (str_i64(text, &v))
		INPUT(e, "\"%s\" is not a whole number", text);
	else if (v < row->min || v > row->max)
		INPUT(e, "%s is out of range", text);
	else
		return *(int64_t *)field = v, 0;
	return err_hint(e, "%" PRId64 " to %" PRId64, row->min, row->max);
}

static void
int_show(const void *field, struct buf *out)
{
	buf_printf(out, "%" PRId64, *(const int64_t *)field);
}

/* In the largest unit that needs no fraction. */
static void
duration_text(int64_t ms, struct buf *out)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = { { 86400000, "d" }, { 3600000, "h" }, { 60000, "m" }, { 1000, "s" } };

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (ms && ms % units[i].ms == 0) {
			buf_printf(out, "%" PRId64 "%s", ms / units[i].ms, units[i].unit);
			return;
		}
	buf_printf(out, ms ? "%" PRId64 "ms" : "%" PRId64, ms);
}

static void
duration_show(const void *field, struct buf *out)
{
	duration_text(*(const int64_t *)field, out);
}

static int
duration_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	CLEANUP(buf_done) struct buf range = { 0 };
	int64_t v;

	if (str_duration_ms(text, &v))
		INPUT(e, "\"%s\" is not a duration", text);
	else if (v < row->min || v > row->max)
		INPUT(e, "%s is out of range", text);
	else
		return *(int64_t *)field = v, 0;
	buf_init(&range, 100);
	duration_text(row->min, &range);
	buf_str(&range, " to ");
	duration_text(row->max, &range);
	return err_hint(e, "a number and its unit (ms, s, m, h, d), %s", buf_text(&range));
}

/* ---- words ---- */

static int
bool_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	static const char *const words[2][3] = { { "no", "false", "off" },
		                                 { "yes", "true", "on" } };

	(void)row;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		for (size_t j = 0; j < ARRAY_LEN(words[i]); j++)
			if (!strcmp(text, words[i][j]))
				return *(bool *)field = i, 0;
	INPUT(e, "\"%s\" is neither yes nor no", text);
	return err_hint(e, "yes or no");
}

static void
bool_show(const void *field, struct buf *out)
{
	buf_str(out, *(const bool *)field ? "yes" : "no");
}

static int
level_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	int v = log_level_parse(text);

	if (v >= 0)
		return *(enum log_level *)field = (enum log_level)v, 0;
	INPUT(e, "\"%s\" is no log level", text);
	return err_hint(e, "%s", row->help);
}

static void
level_show(const void *field, struct buf *out)
{
	static const char *const words[] = { [LOG_ERROR] = "error",
		                             [LOG_WARN] = "warn",
		                             [LOG_INFO] = "info",
		                             [LOG_DEBUG] = "debug" };

	buf_str(out, words[*(const enum log_level *)field]);
}

static int
format_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	int v = log_format_parse(text);

	if (v >= 0)
		return *(enum log_format *)field = (enum log_format)v, 0;
	INPUT(e, "\"%s\" is no log format", text);
	return err_hint(e, "%s", row->help);
}

static void
format_show(const void *field, struct buf *out)
{
	static const char *const words[] = {
		[LOG_TEXT] = "text", [LOG_JSON] = "json", [LOG_JOURNAL] = "journal"
	};

	buf_str(out, words[*(const enum log_format *)field]);
}

/* ---- texts ---- */

static void
text_done(void *field)
{
	free(*(char **)field);
	*(char **)field = NULL;
}

static int
text_copy(void *to, const void *from)
{
	char *copy = strdup(*(char *const *)from);

	if (!copy)
		return -1;
	text_done(to);
	*(char **)to = copy;
	return 0;
}

static void
text_show(const void *field, struct buf *out)
{
	buf_str(out, *(char *const *)field);
}

/* Keep the first len bytes of text. */
static int
text_keep(void *field, const char *text, size_t len, struct err *e)
{
	char *copy = strndup(text, len);

	if (!copy)
		return err_set(e, ERR_NOMEM, 0, "out of memory");
	text_done(field);
	*(char **)field = copy;
	return 0;
}

/* Length only; a text may be left empty here: conf.c finds what is missing. */
static int
text_fits(const char *text, const struct conf_row *row, struct err *e)
{
	if (strlen(text) <= (size_t)row->max)
		return 0;
	INPUT(e, "longer than %" PRId64 " bytes", row->max);
	return err_hint(e, "%s", row->help);
}

static int
text_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	return text_fits(text, row, e) ? -1 : text_keep(field, text, strlen(text), e);
}

static bool
is_name(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '_' && s[i] != '-')
			return false;
	return len > 0;
}

static int
name_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	if (text_fits(text, row, e))
		return -1;
	if (!text[0] || is_name(text, strlen(text)))
		return text_keep(field, text, strlen(text), e);
	INPUT(e, "\"%s\" is not a name", text);
	return err_hint(e, "letters, digits, '_' and '-'");
}

/* The next word of a list with commas: where it begins, its length without blanks; moves *s on. */
static const char *
list_next(const char **s, size_t *len)
{
	const char *word = *s + strspn(*s, " \t");
	size_t n = strcspn(word, ",");

	*s = word[n] ? word + n + 1 : NULL;
	while (n > 0 && isspace((unsigned char)word[n - 1]))
		n--;
	*len = n;
	return word;
}

/* Is it a word of the list so far? */
static bool
list_has(const char *list, const char *word, size_t len)
{
	const char *w;
	size_t n;

	while (list) {
		w = list_next(&list, &n);
		if (n == len && !memcmp(w, word, len))
			return true;
	}
	return false;
}

static int
words_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	CLEANUP(buf_done) struct buf all;
	const char *word;
	int n = 0;
	size_t len;

	buf_init(&all, (WORD_MAX + 1) * (size_t)row->max + 1);
	for (const char *s = text; s; n++) {
		word = list_next(&s, &len);
		if (!is_name(word, len) || len > WORD_MAX || n >= row->max ||
		    list_has(buf_text(&all), word, len)) {
			INPUT(e, "\"%s\" is not a list of different names", text);
			return err_hint(e, "names with commas between, at most %" PRId64, row->max);
		}
		if (n)
			buf_chr(&all, ',');
		buf_add(&all, word, len);
	}
	if (all.failed)
		return err_set(e, ERR_NOMEM, 0, "out of memory");
	return text_keep(field, all.data, all.len, e);
}

static int
days_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	struct conf_days d = { 0 };
	char word[8];
	int64_t v;
	size_t len;
	const char *at;

	for (const char *s = text; s;) {
		at = list_next(&s, &len);
		if (len >= sizeof(word) || d.n >= row->max)
			goto wrong;
		*(char *)mempcpy(word, at, len) = '\0';
		if (str_i64(word, &v) || v < 1 || v > DAYS_MOST || (d.n && v >= d.day[d.n - 1]))
			goto wrong;
		d.day[d.n++] = (int)v;
	}
	*(struct conf_days *)field = d;
	return 0;
wrong:
	INPUT(e, "\"%s\" is not a falling list of days", text);
	return err_hint(e, "1 to %d, most first, commas between, at most %" PRId64, DAYS_MOST,
	                row->max);
}

static void
days_show(const void *field, struct buf *out)
{
	const struct conf_days *d = field;

	for (int i = 0; i < d->n; i++)
		buf_printf(out, i ? ",%d" : "%d", d->day[i]);
}

/* ---- places ---- */

static int
path_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	if (text_fits(text, row, e))
		return -1;
	if (!text[0] || text[0] == '/')
		return text_keep(field, text, strlen(text), e);
	INPUT(e, "\"%s\" is not an absolute path", text);
	return err_hint(e, "begin with /");
}

/* ADDRESS:PORT with literal addresses, so that nothing has to be looked up. */
static bool
is_listen(const char *text)
{
	char address[ADDRESS_MAX];
	unsigned char bin[sizeof(struct in6_addr)];
	const char *colon = strrchr(text, ':');
	bool six = text[0] == '[';
	size_t len;
	int64_t port;

	if (!colon || str_i64(colon + 1, &port) || port < 1 || port > 65535)
		return false;
	len = (size_t)(colon - text);
	if (six && (len < 2 || colon[-1] != ']'))
		return false;
	len -= six ? 2 : 0;
	if (len >= sizeof(address))
		return false;
	*(char *)mempcpy(address, text + six, len) = '\0';
	return inet_pton(six ? AF_INET6 : AF_INET, address, bin) == 1;
}

static int
listen_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	if (text_fits(text, row, e))
		return -1;
	if (!text[0] || is_listen(text))
		return text_keep(field, text, strlen(text), e);
	INPUT(e, "\"%s\" is not ADDRESS:PORT", text);
	return err_hint(e, "as 127.0.0.1:8380 or [::1]:8380");
}

/* Does the text behind "http://" name this machine? */
static bool
is_loopback(const char *host)
{
	static const char *const names[] = { "127.0.0.1", "[::1]", "localhost" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t n = strlen(names[i]);

		if (!strncmp(host, names[i], n) && (!host[n] || host[n] == ':' || host[n] == '/'))
			return true;
	}
	return false;
}

/* No user, query or fragment: we add our own. */
static bool
is_url(const char *text)
{
	const char *host;

	if (!strncmp(text, "https://", 8))
		host = text + 8;
	else if (!strncmp(text, "http://", 7) && is_loopback(text + 7))
		host = text + 7;
	else
		return false;
	if (!isalnum((unsigned char)host[0]) && host[0] != '[')
		return false;
	for (; *host; host++)
		if (*host <= ' ' || *host > '~' || strchr("@?#\"\\<>", *host))
			return false;
	return true;
}

static int
url_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	size_t len = strlen(text);

	if (text_fits(text, row, e))
		return -1;
	if (text[0] && !is_url(text)) {
		INPUT(e, "\"%s\" is not a usable URL", text);
		return err_hint(e, "https://..., without user, ? or #; http:// only to 127.0.0.1, "
		                   "[::1] or localhost");
	}
	while (len > 0 && text[len - 1] == '/')
		len--;
	return text_keep(field, text, len, e);
}

static int
redisurl_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	bool known = !strncmp(text, "unix:///", 8) || !strncmp(text, "redis://", 8);

	if (text_fits(text, row, e))
		return -1;
	if (known && !strchr(text, '@'))
		return text_keep(field, text, strlen(text), e);
	INPUT(e, known ? "a user or password has no place in the URL" : "not a URL of Redis");
	return err_hint(e, "unix:///path or redis://address:port/db; user= and password_file= say "
	                   "who we are");
}

/* It may hold a password: the value is never repeated. */
static int
pgurl_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	if (text_fits(text, row, e))
		return -1;
	if (!text[0] || !strncmp(text, "postgres://", 11) || !strncmp(text, "postgresql://", 13) ||
	    strchr(text, '='))
		return text_keep(field, text, strlen(text), e);
	INPUT(e, "not a connection string of PostgreSQL");
	return err_hint(e, "postgresql:///ttsync?host=/run/postgresql, or key=value pairs");
}

/* Everything but passwords: user:HERE@ and password=HERE. */
static void
pgurl_show(const void *field, struct buf *out)
{
	static const char key[] = "password=";
	const char *s = *(char *const *)field;
	const char *host = strstr(s, "://");

	if (host) {
		const char *at = host + 3 + strcspn(host + 3, "/?");
		const char *colon = memchr(host + 3, ':', (size_t)(at - host - 3));

		at = memrchr(host + 3, '@', (size_t)(at - host - 3));
		if (at && colon && colon < at) {
			buf_add(out, s, (size_t)(colon - s + 1));
			buf_str(out, STARS);
			s = at;
		}
	}
	for (const char *p; (p = strstr(s, key)) != NULL;) {
		p += sizeof(key) - 1;
		buf_add(out, s, (size_t)(p - s));
		buf_str(out, STARS);
		/* in quotes it may hold blanks: key=value pairs end at the closing quote */
		s = p + (*p == '\'' ? 1 + strcspn(p + 1, "'") : strcspn(p, " &"));
		s += *s == '\'';
	}
	buf_str(out, s);
}

/* ---- secrets: the name now; conf.c reads what is in the file ---- */

static int
secret_read(void *field, const char *text, const struct conf_row *row, struct err *e)
{
	(void)row;
	return text_keep(&((struct conf_secret *)field)->file, text, strlen(text), e);
}

static void
secret_show(const void *field, struct buf *out)
{
	buf_str(out, ((const struct conf_secret *)field)->file);
}

static void
secret_done(void *field)
{
	conf_secret_done(field);
}

static int
secret_copy(void *to, const void *from)
{
	return conf_secret_copy(to, from);
}

/* Values without an owner: PLAIN(name, C type) copies one. */
#define PLAIN(name, c_type)                                                                        \
	static int name##_copy(void *to, const void *from)                                         \
	{                                                                                          \
		*(c_type *)to = *(const c_type *)from;                                             \
		return 0;                                                                          \
	}

PLAIN(int, int64_t)
PLAIN(bool, bool)
PLAIN(level, enum log_level)
PLAIN(format, enum log_format)
PLAIN(days, struct conf_days)

static void
plain_done(void *field)
{
	(void)field;
}

const struct conf_type CONF_TYPE(INT) = { int_read, int_show, int_copy, plain_done };
const struct conf_type CONF_TYPE(DURATION) = { duration_read, duration_show, int_copy, plain_done };
const struct conf_type CONF_TYPE(BOOL) = { bool_read, bool_show, bool_copy, plain_done };
const struct conf_type CONF_TYPE(LEVEL) = { level_read, level_show, level_copy, plain_done };
const struct conf_type CONF_TYPE(FORMAT) = { format_read, format_show, format_copy, plain_done };
const struct conf_type CONF_TYPE(DAYS) = { days_read, days_show, days_copy, plain_done };
const struct conf_type CONF_TYPE(TEXT) = { text_read, text_show, text_copy, text_done };
const struct conf_type CONF_TYPE(NAME) = { name_read, text_show, text_copy, text_done };
const struct conf_type CONF_TYPE(WORDS) = { words_read, text_show, text_copy, text_done };
const struct conf_type CONF_TYPE(PATH) = { path_read, text_show, text_copy, text_done };
const struct conf_type CONF_TYPE(FILE) = { text_read, text_show, text_copy, text_done };
const struct conf_type CONF_TYPE(URL) = { url_read, text_show, text_copy, text_done };
const struct conf_type CONF_TYPE(PGURL) = { pgurl_read, pgurl_show, text_copy, text_done };
const struct conf_type CONF_TYPE(REDISURL) = { redisurl_read, text_show, text_copy, text_done };
const struct conf_type CONF_TYPE(LISTEN) = { listen_read, text_show, text_copy, text_done };
const struct conf_type CONF_TYPE(SECRET) = { secret_read, secret_show, secret_copy, secret_done };
