#include "daemon/base/log_line.h"

#include "common/crypto.h"
#include "common/str.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define JSON_DIGITS_MAX 15 /* below 2^53: what every reader of JSON keeps exactly */

static const struct {
	const char *name;
	int priority; /* of syslog, RFC 5424 6.2.1 */
} levels[] = {
	[LOG_ERROR] = { "error", 3 },
	[LOG_WARN] = { "warn", 4 },
	[LOG_INFO] = { "info", 6 },
	[LOG_DEBUG] = { "debug", 7 },
};

const char *
log_level_name(enum log_level level)
{
	return levels[level].name;
}

/* Bytes of the UTF-8 character at s, 0 where there is none. */
static size_t
char_len(const char *s)
{
	size_t left = strnlen(s, 4);

	for (size_t n = 1; n <= left; n++)
		if (str_utf8(s, n))
			return n;
	return 0;
}

/* C0, DEL, and the C1 controls that steer some terminals. */
static bool
is_control(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;

	return (n == 1 && (u[0] < 0x20 || u[0] == 0x7f)) || (n == 2 && u[0] == 0xc2 && u[1] < 0xa0);
}

void
log_clean(char *s)
{
	while (*s) {
		size_t n = char_len(s);

		if (!n)
			*s++ = '?';
		else if (is_control(s, n))
			for (; n; n--)
				*s++ = ' ';
		else
			s += n;
	}
}

struct log_quoted
log_quote(const char *s)
{
	struct log_quoted q;
	size_t at = 0, taken = 0, n;

	q.text[at++] = '"';
	for (; s && *s && taken < 200 && at + 8 < sizeof(q.text); s += n, taken += n) {
		n = char_len(s);
		if (!n || is_control(s, n)) {
			n = n ? n : 1;
			at += (size_t)snprintf(q.text + at, 7, "\\u%04x", (unsigned char)s[n - 1]);
		} else {
			if (*s == '"' || *s == '\\')
				q.text[at++] = '\\';
			memcpy(q.text + at, s, n);
			at += n;
		}
	}
	q.text[at++] = '"';
	q.text[at] = '\0';
	return q;
}

static void
put(struct log_line *l, const char *s, size_t n)
{
	size_t left = sizeof(l->text) - 1 - l->len;

	if (n > left)
		n = left;
	memcpy(l->text + l->len, s, n);
	l->len += n;
	l->text[l->len] = '\0';
}

static void
put_str(struct log_line *l, const char *s)
{
	put(l, s, strlen(s));
}

static void __attribute__((format(printf, 2, 3))) putf(struct log_line *l, const char *fmt, ...)
{
	char tmp[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(tmp, sizeof(tmp), fmt, ap);
	va_end(ap);
	put_str(l, tmp);
}

void
log_line_text(struct log_line *l, const struct log_entry *en)
{
	l->len = 0;
	putf(l, "<%d>%s %s %s", levels[en->level].priority, en->time, levels[en->level].name,
	     en->name);
	if (*en->pairs) {
		put_str(l, " ");
		put_str(l, en->pairs);
	}
	put_str(l, "\n");
}

/* A pair inside the pairs' text; value without its quotes. */
struct pair {
	const char *key;
	size_t key_len;
	const char *value;
	size_t value_len;
	bool quoted;
};

/* Read the pair at s; the text behind it, or NULL where there is no pair. */
static const char *
pair_read(const char *s, struct pair *p)
{
	p->key = s;
	while (isalnum((unsigned char)*s) || *s == '_')
		s++;
	p->key_len = (size_t)(s - p->key);
	if (!p->key_len || *s != '=')
		return NULL;
	p->quoted = *++s == '"';
	if (p->quoted)
		s++;
	p->value = s;
	if (p->quoted)
		while (*s && *s != '"')
			s += s[0] == '\\' && s[1] ? 2 : 1;
	else
		while (*s && *s != ' ')
			s++;
	p->value_len = (size_t)(s - p->value);
	if (p->quoted && *s == '"')
		s++;
	return s;
}

static const char *
skip_blanks(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

/* Is the backslash at s the start of an escape that log_quote writes and JSON knows? */
static size_t
escape_len(const char *s, size_t left)
{
	if (left >= 2 && (s[1] == '"' || s[1] == '\\'))
		return 2;
	if (left < 6 || s[1] != 'u')
		return 0;
	for (int i = 2; i < 6; i++)
		if (!isxdigit((unsigned char)s[i]))
			return 0;
	return 6;
}

/* A JSON string; escapes that are already there are kept, but only where log_quote made them. */
static void
put_json(struct log_line *l, const char *s, size_t n, bool escaped)
{
	put_str(l, "\"");
	for (size_t i = 0; i < n;) {
		size_t esc = escaped && s[i] == '\\' ? escape_len(s + i, n - i) : 0;

		if (esc) {
			put(l, s + i, esc);
			i += esc;
			continue;
		}
		if (s[i] == '"' || s[i] == '\\')
			put_str(l, "\\");
		put(l, s + i++, 1);
	}
	put_str(l, "\"");
}

static bool
is_number(const struct pair *p)
{
	char tmp[JSON_DIGITS_MAX + 1];
	int64_t v;

	if (p->quoted || p->value_len > JSON_DIGITS_MAX)
		return false;
	memcpy(tmp, p->value, p->value_len);
	tmp[p->value_len] = '\0';
	/* "007" and "-0" are numbers to us and errors to JSON */
	return !str_i64(tmp, &v) && (tmp[0] != '0' || !tmp[1]) && tmp[0] != '+' &&
	       !(tmp[0] == '-' && tmp[1] == '0');
}

void
log_line_json(struct log_line *l, const struct log_entry *en)
{
	const char *s = en->pairs, *next;
	struct pair p;

	l->len = 0;
	putf(l, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\"", en->time,
	     levels[en->level].name, en->name);
	while (*(s = skip_blanks(s))) {
		put_str(l, ",");
		next = pair_read(s, &p);
		if (!next) {
			put_str(l, "\"text\":");
			put_json(l, s, strlen(s), false);
			break;
		}
		put_json(l, p.key, p.key_len, false);
		put_str(l, ":");
		if (is_number(&p))
			put(l, p.value, p.value_len);
		else
			put_json(l, p.value, p.value_len, p.quoted);
		s = next;
	}
	put_str(l, "}\n");
}

void
log_line_journal(struct log_line *l, const struct log_entry *en)
{
	static const char realm[] = "ttsyncd:";
	unsigned char hash[CRYPTO_HASH_BYTES];
	char named[128], id[33];
	const char *s = en->pairs;
	struct pair p;

	snprintf(named, sizeof(named), "%s%s", realm, en->name);
	crypto_sha256(named, strlen(named), hash);
	crypto_hex(hash, 16, id);
	l->len = 0;
	putf(l,
	     "PRIORITY=%d\nSYSLOG_IDENTIFIER=ttsyncd\nMESSAGE_ID=%s\nTTSYNC_EVENT=%s\nMESSAGE=%s",
	     levels[en->level].priority, id, en->name, en->name);
	if (*s) {
		put_str(l, " ");
		put_str(l, s);
	}
	put_str(l, "\n");
	while ((s = pair_read(skip_blanks(s), &p))) {
		put_str(l, "TTSYNC_");
		for (size_t i = 0; i < p.key_len; i++)
			putf(l, "%c", toupper((unsigned char)p.key[i]));
		put_str(l, "=");
		put(l, p.value, p.value_len);
		put_str(l, "\n");
	}
}
