#include "daemon/base/conf.h"

#include "common/buf.h"
#include "common/own.h"
#include "common/str.h"
#include "daemon/base/conf_file.h"
#include "daemon/base/conf_type.h"

#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define NEAR     3 /* edits between a wrong word and the one that may be meant */
#define SHOW_MAX 4096

const struct conf_row conf_rows[CONF_ROWS] = {
#define SETTING(sec, key_, field, type_, def_, min_, max_, reload, help_)                          \
	[CONF_##field] = {                                                                         \
		.section = #sec,                                                                   \
		.key = #key_,                                                                      \
		.def = def_,                                                                       \
		.help = help_,                                                                     \
		.min = min_,                                                                       \
		.max = max_,                                                                       \
		.offset = offsetof(struct conf, field),                                            \
		.type = &CONF_TYPE(type_),                                                         \
		.reloadable = reload,                                                              \
	},
#include "daemon/base/conf.def"
#undef SETTING
};

/* What a reading keeps between inih's calls. */
struct reading {
	struct conf *conf;
	const char *file;
	const char *text; /* what is still to be read */
	size_t len;
	int line;       /* the one inih is at */
	struct err why; /* the first error; kind ERR_NONE while there is none */
};

static void *
field_of(const struct conf *c, enum conf_id id)
{
	return (char *)c + conf_rows[id].offset;
}

static bool
is_type(enum conf_id id, const struct conf_type *type)
{
	return conf_rows[id].type == type;
}

/* ---- what is wrong, and where ---- */

/* Note an error at the line inih is at; the first one stands. 0, which stops inih's handler. */
static int __attribute__((format(printf, 2, 3))) wrong(struct reading *r, const char *fmt, ...)
{
	char text[sizeof(r->why.text)];
	va_list ap;

	if (r->why.kind != ERR_NONE)
		return 0;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&r->why, ERR_INPUT, EX_CONFIG, "%s:%d: %s", r->file, r->line, text);
	return 0;
}

/* The nearest of the words that a row offers, for a hint; NULL when none is near. */
static const char *
nearest(const char *word, const char *section)
{
	const char *best = NULL;
	int least = NEAR;

	for (int i = 0; i < CONF_ROWS; i++) {
		const struct conf_row *row = &conf_rows[i];
		const char *other = section ? row->key : row->section;
		int d;

		if (section && strcmp(section, row->section))
			continue;
		d = str_distance(word, other, NEAR);
		if (d < least) {
			least = d;
			best = other;
		}
	}
	return best;
}

static bool
section_known(const char *name)
{
	for (int i = 0; i < CONF_ROWS; i++)
		if (!strcmp(conf_rows[i].section, name))
			return true;
	return false;
}

/* A section's line: inih would not tell of an empty section, nor of what stands behind the ']'. */
static int
check_section(struct reading *r, const char *line)
{
	size_t len = strcspn(line + 1, "]");
	CLEANUP(own_free) char *name = strndup(line + 1, len);
	const char *rest = line + 1 + len;
	const char *near;

	if (!name)
		return wrong(r, "out of memory");
	if (*rest != ']')
		return wrong(r, "a section's name has no ]");
	rest += 1 + strspn(rest + 1, " \t\r\n");
	if (*rest && *rest != ';' && *rest != '#')
		return wrong(r, "text behind [%s]", name);
	if (section_known(name))
		return 1;
	wrong(r, "there is no section [%s]", name);
	near = nearest(name, NULL);
	if (near && r->why.kind != ERR_NONE)
		err_hint(&r->why, "[%s]?", near);
	return 0;
}

/* ---- reading ---- */

/* One line for inih, blanks before it left out: an indented line is a setting, not a continuation.
 */
static char *
next_line(char *to, int room, void *arg)
{
	struct reading *r = arg;
	const char *end = memchr(r->text, '\n', r->len);
	size_t len = end ? (size_t)(end - r->text) + 1 : r->len;
	const char *line = r->text;

	if (len == 0 || r->why.kind != ERR_NONE)
		return NULL;
	r->line++;
	r->text += len;
	r->len -= len;
	if (memchr(line, '\0', len) || !str_utf8(line, len)) {
		wrong(r, "not text in UTF-8");
		return NULL;
	}
	for (; len > 0 && (*line == ' ' || *line == '\t'); len--)
		line++;
	if (len + 2 >= (size_t)room) { /* inih keeps room for "\r\n" of its own */
		wrong(r, "longer than %d bytes", room - 3);
		return NULL;
	}
	*(char *)mempcpy(to, line, len) = '\0';
	if (to[0] == '[' && !check_section(r, to))
		return NULL;
	return to;
}

static int
find_row(const char *section, const char *key)
{
	for (int i = 0; i < CONF_ROWS; i++)
		if (!strcmp(conf_rows[i].section, section) && !strcmp(conf_rows[i].key, key))
			return i;
	return -1;
}

static int
unknown_key(struct reading *r, const char *section, const char *key)
{
	const char *near = nearest(key, section);

	if (!section[0])
		return wrong(r, "%s stands before the first [section]", key);
	wrong(r, "[%s] has no %s", section, key);
	if (near)
		err_hint(&r->why, "%s?", near);
	else
		err_hint(&r->why, "ttsyncd.conf(5) names them all");
	return 0;
}

/* inih's handler: one setting. 1 goes on, 0 is an error. */
static int
on_setting(void *arg, const char *section, const char *key, const char *value)
{
	struct reading *r = arg;
	struct err why = { 0 };
	int id = find_row(section, key);

	if (r->why.kind != ERR_NONE)
		return 0;
	if (id < 0)
		return unknown_key(r, section, key);
	if (r->conf->line[id]) {
		wrong(r, "[%s] %s is set a second time", section, key);
		err_hint(&r->why, "the first time was line %d", r->conf->line[id]);
		return 0;
	}
	r->conf->line[id] = r->line;
	if (!conf_rows[id].type->read(field_of(r->conf, (enum conf_id)id), value, &conf_rows[id],
	                              &why))
		return 1;
	wrong(r, "[%s] %s: %s", section, key, why.text);
	err_hint(&r->why, "%s", why.hint);
	return 0;
}

/* Each row's default, so that a field is never unset. */
static int
set_defaults(struct conf *c, struct err *e)
{
	for (int i = 0; i < CONF_ROWS; i++)
		if (conf_rows[i].type->read(field_of(c, (enum conf_id)i), conf_rows[i].def,
		                            &conf_rows[i], e))
			return -1;
	return 0;
}

/* ---- the whole: what is missing, what does not fit together, the files ---- */

static bool
is_empty(const struct conf *c, enum conf_id id)
{
	CLEANUP(buf_done) struct buf text;

	buf_init(&text, SHOW_MAX);
	conf_rows[id].type->show(field_of(c, id), &text);
	return text.len == 0;
}

/* "FILE:LINE", or "FILE" for a row that was not written. */
static const char *
where(const struct conf *c, const char *file, enum conf_id id, struct buf *to)
{
	buf_str(to, file);
	if (c->line[id])
		buf_printf(to, ":%d", c->line[id]);
	return buf_text(to);
}

static int
check_required(const struct conf *c, const char *file, struct err *e)
{
	for (int i = 0; i < CONF_ROWS; i++) {
		const struct conf_row *row = &conf_rows[i];
		CLEANUP(buf_done) struct buf at;

		buf_init(&at, SHOW_MAX);
		if (row->min < 1 || !is_empty(c, (enum conf_id)i))
			continue;
		err_set(e, ERR_INPUT, EX_CONFIG, "%s: [%s] %s is missing",
		        where(c, file, (enum conf_id)i, &at), row->section, row->key);
		return err_hint(e, "%s", row->help);
	}
	return 0;
}

static int
check_plans(const struct conf *c, const char *file, struct err *e)
{
	CLEANUP(buf_done) struct buf at = { 0 };
	enum conf_id id = CONF_plans_required;

	if (conf_plan_rank(c, c->plans_required) >= 0)
		return 0;
	buf_init(&at, SHOW_MAX);
	if (!c->line[id])
		id = CONF_plans_order;
	err_set(e, ERR_INPUT, EX_CONFIG, "%s: [plans] required: order does not name \"%s\"",
	        where(c, file, id, &at), c->plans_required);
	return err_hint(e, "one of %s", c->plans_order);
}

/* The rows with a file behind them: find it, check it, read what is secret. */
static int
read_file_row(struct conf *c, const char *conf_file, enum conf_id id, char *warn, size_t room,
              struct err *e)
{
	bool secret = is_type(id, &CONF_TYPE(SECRET));
	struct conf_secret *s = field_of(c, id);
	char **name = secret ? &s->file : field_of(c, id);
	char *path;

	if (!(*name)[0])
		return 0;
	path = conf_file_find(*name, conf_file);
	if (!path)
		return err_set(e, ERR_NOMEM, 0, "out of memory");
	free(*name);
	*name = path;
	if (secret)
		return conf_secret_read(s, (size_t)conf_rows[id].max, warn, room, e);
	return conf_file_check(path, e);
}

static void
add_warning(struct conf *c, const char *text)
{
	if (text[0] && c->n_warn < CONF_WARN_MAX)
		str_copy(c->warn[c->n_warn++], sizeof(c->warn[0]), text);
}

static int
read_files(struct conf *c, const char *file, struct err *e)
{
	for (int i = 0; i < CONF_ROWS; i++) {
		enum conf_id id = (enum conf_id)i;
		CLEANUP(buf_done) struct buf at;
		char warn[sizeof(c->warn[0])] = "";
		struct err why = { 0 };

		buf_init(&at, SHOW_MAX);
		if (!is_type(id, &CONF_TYPE(SECRET)) && !is_type(id, &CONF_TYPE(FILE)))
			continue;
		if (read_file_row(c, file, id, warn, sizeof(warn), &why)) {
			err_set(e, why.kind, EX_CONFIG, "%s: [%s] %s: %s", where(c, file, id, &at),
			        conf_rows[i].section, conf_rows[i].key, why.text);
			return err_hint(e, "%s", why.hint);
		}
		add_warning(c, warn);
	}
	return 0;
}

/* Behind http://LISTEN it works on one machine; a merchant's browser needs the proxy's name. */
static int
fill_public_url(struct conf *c, struct err *e)
{
	char *url;

	if (c->http_public_url[0])
		return 0;
	if (asprintf(&url, "http://%s", c->http_listen) < 0)
		return err_set(e, ERR_NOMEM, 0, "out of memory");
	free((char *)c->http_public_url);
	c->http_public_url = url;
	return 0;
}

static struct conf *
conf_new(void)
{
	struct conf *c = calloc(1, sizeof(*c));

	if (c)
		atomic_init(&c->refs, 1);
	return c;
}

static void
conf_freep(struct conf **c)
{
	conf_unref(*c);
}

const struct conf *
conf_parse(const char *file, const char *text, size_t len, struct err *e)
{
	CLEANUP(conf_freep) struct conf *c = conf_new();
	struct reading r = { .conf = c, .file = file, .text = text, .len = len };
	int line;

	if (!c) {
		err_set(e, ERR_NOMEM, 0, "out of memory");
		return NULL;
	}
	if (set_defaults(c, e))
		return NULL;
	line = ini_parse_stream(next_line, &r, on_setting, &r);
	/* inih goes on behind a line it does not understand: that one may come before ours */
	if (line > 0 && (r.why.kind == ERR_NONE || line < r.line)) {
		err_set(e, ERR_INPUT, EX_CONFIG, "%s:%d: neither [section] nor key = value", file,
		        line);
		err_hint(e, "a comment begins with # or ;");
		return NULL;
	}
	if (r.why.kind != ERR_NONE) {
		*e = r.why;
		return NULL;
	}
	if (check_required(c, file, e) || check_plans(c, file, e) || read_files(c, file, e) ||
	    fill_public_url(c, e))
		return NULL;
	return STEAL(c);
}

const struct conf *
conf_load(const char *file, struct err *e)
{
	CLEANUP(buf_done) struct buf text;
	char warn[sizeof(((struct conf *)NULL)->warn[0])];
	const struct conf *c;

	buf_init(&text, CONF_BYTES_MAX + 1);
	if (conf_file_read(file, CONF_BYTES_MAX, &text, warn, sizeof(warn), e))
		return NULL;
	c = conf_parse(file, buf_text(&text), text.len, e);
	if (c)
		add_warning((struct conf *)c, warn); /* nobody else has it yet */
	return c;
}

const struct conf *
conf_reload(const struct conf *old, const char *file, struct err *e)
{
	/* nobody else has it yet */
	CLEANUP(conf_freep) struct conf *c = (struct conf *)conf_load(file, e);

	if (!c)
		return NULL;
	for (int i = 0; i < CONF_ROWS; i++) {
		enum conf_id id = (enum conf_id)i;

		if (conf_rows[i].reloadable || !conf_differs(old, c, id))
			continue;
		c->waits[i] = true;
		if (conf_rows[i].type->copy(field_of(c, id), field_of(old, id))) {
			err_set(e, ERR_NOMEM, 0, "out of memory");
			return NULL;
		}
	}
	return STEAL(c);
}

/* The count is the one part that changes: nothing else of a snapshot is written. */
const struct conf *
conf_ref(const struct conf *c)
{
	atomic_fetch_add_explicit(&((struct conf *)c)->refs, 1, memory_order_relaxed);
	return c;
}

void
conf_unref(const struct conf *c)
{
	struct conf *mine = (struct conf *)c;

	if (!c || atomic_fetch_sub_explicit(&mine->refs, 1, memory_order_acq_rel) > 1)
		return;
	for (int i = 0; i < CONF_ROWS; i++)
		conf_rows[i].type->done(field_of(c, (enum conf_id)i));
	free(mine);
}

/* ---- asking ---- */

void
conf_show(const struct conf *c, enum conf_id id, struct buf *out)
{
	conf_rows[id].type->show(field_of(c, id), out);
}

/* Texts are compared whole: what conf_show stars out counts too. */
bool
conf_differs(const struct conf *a, const struct conf *b, enum conf_id id)
{
	CLEANUP(buf_done) struct buf ta = { 0 }, tb = { 0 };

	if (is_type(id, &CONF_TYPE(PGURL)))
		return strcmp(*(char **)field_of(a, id), *(char **)field_of(b, id)) != 0;
	if (is_type(id, &CONF_TYPE(SECRET))) {
		const struct conf_secret *sa = field_of(a, id), *sb = field_of(b, id);

		return sa->len != sb->len ||
		       (sa->text && !str_equal_secret(sa->text, sb->text, sa->len));
	}
	buf_init(&ta, SHOW_MAX);
	buf_init(&tb, SHOW_MAX);
	conf_show(a, id, &ta);
	conf_show(b, id, &tb);
	return strcmp(buf_text(&ta), buf_text(&tb)) != 0;
}

int
conf_plan_rank(const struct conf *c, const char *plan)
{
	size_t len = strlen(plan);
	int rank = 0;

	for (const char *s = c->plans_order;; rank++) {
		size_t n = strcspn(s, ",");

		if (n == len && !memcmp(s, plan, n))
			return rank;
		if (!s[n])
			return -1;
		s += n + 1;
	}
}

bool
conf_plan_ok(const struct conf *c, const char *plan)
{
	int rank = conf_plan_rank(c, plan);

	return rank >= 0 && rank >= conf_plan_rank(c, c->plans_required);
}
