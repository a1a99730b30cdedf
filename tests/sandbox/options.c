#include "tests/sandbox/options.h"

#include "common/own.h"
#include "common/str.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

enum kind { KIND_NONE = 0, KIND_TEXT, KIND_NUM, KIND_FLAG };

static const struct row {
	const char *name;
	const char *arg;
	const char *help;
	const char *text;
	enum kind kind;
	size_t at;
	int64_t num, min, max;
} rows[] = {
#define AT(f)               .at = offsetof(struct options, f)
#define TEXT(f, n, a, p, h) { .name = n, .arg = a, .text = p, .help = h, .kind = KIND_TEXT, AT(f) },
#define NUM(f, n, a, p, lo, hi, h)                                                                 \
	{ .name = n, .arg = a, .num = p, .min = lo, .max = hi, .help = h, .kind = KIND_NUM, AT(f) },
#define FLAG(f, n, h) { .name = n, .help = h, .kind = KIND_FLAG, AT(f) },
#include "tests/sandbox/option.def"
#undef TEXT
#undef NUM
#undef FLAG
};

static void *
field(struct options *o, const struct row *r)
{
	return (char *)o + r->at;
}

static void
preset(struct options *o, const struct row *r)
{
	if (r->kind == KIND_TEXT)
		*(const char **)field(o, r) = r->text;
	else if (r->kind == KIND_NUM)
		*(int64_t *)field(o, r) = r->num;
}

void
options_preset(struct options *o)
{
	*o = (struct options){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		preset(o, &rows[i]);
}

static const struct row *
find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strlen(rows[i].name) == len && !strncmp(rows[i].name, name, len))
			return &rows[i];
	return NULL;
}

static int
set(struct options *o, const struct row *r, const char *value, struct err *e)
{
	int64_t v;

	if (r->kind == KIND_TEXT) {
		*(const char **)field(o, r) = value;
		return 0;
	}
	if (str_i64(value, &v) || v < r->min || v > r->max)
		return err_set(e, ERR_INPUT, 0,
		               "--%s: %s is not a number from %" PRId64 " to %" PRId64, r->name,
		               value, r->min, r->max);
	*(int64_t *)field(o, r) = v;
	return 0;
}

static int
one_of(const char *name, const char *value, const char *const *words, struct err *e)
{
	for (size_t i = 0; words[i]; i++)
		if (!strcmp(words[i], value))
			return 0;
	return err_set(e, ERR_INPUT, 0, "--%s: %s is none of its words", name, value);
}

static int
check(const struct options *o, struct err *e)
{
	static const char *const rotate[] = { "strict", "grace", "none", NULL };
	static const char *const unknown[] = { "fail", "omit", NULL };

	if (o->help || o->version)
		return 0;
	if (!o->app_key || !o->app_secret)
		return err_set(e, ERR_INPUT, 0, "--app-key and --app-secret are required");
	if (!o->tls_cert != !o->tls_key)
		return err_set(e, ERR_INPUT, 0, "--tls-cert and --tls-key go together");
	if (one_of("rotate-refresh", o->rotate_refresh, rotate, e))
		return -1;
	return one_of("unknown-orders", o->unknown_orders, unknown, e);
}

/* One word of the line and its value; *i stands at the word and moves to its last part. */
static int
read_word(struct options *o, int argc, char **argv, int *i, struct err *e)
{
	const char *word = argv[*i], *value;
	const struct row *r;

	if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
		o->help = true;
		return 0;
	}
	if (!strcmp(word, "--version")) {
		o->version = true;
		return 0;
	}
	if (strncmp(word, "--", 2) != 0)
		return err_set(e, ERR_INPUT, 0, "%s is no option", word);
	value = strchr(word, '=');
	r = find(word + 2, value ? (size_t)(value - word) - 2 : strlen(word) - 2);
	if (!r)
		return err_set(e, ERR_INPUT, 0, "%s is no option", word);
	if (r->kind == KIND_FLAG) {
		if (value)
			return err_set(e, ERR_INPUT, 0, "--%s takes no value", r->name);
		*(bool *)field(o, r) = true;
		return 0;
	}
	if (!value && *i + 1 == argc)
		return err_set(e, ERR_INPUT, 0, "--%s needs %s", r->name, r->arg);
	return set(o, r, value ? value + 1 : argv[++*i], e);
}

int
options_read(struct options *o, int argc, char **argv, struct err *e)
{
	options_preset(o);
	for (int i = 1; i < argc; i++)
		if (read_word(o, argc, argv, &i, e))
			return -1;
	return check(o, e);
}

static void
help_row(FILE *to, const struct row *r)
{
	char left[64];

	snprintf(left, sizeof(left), "--%s%s%s", r->name, r->arg ? " " : "", r->arg ? r->arg : "");
	fprintf(to, "  %-28s %s", left, r->help);
	if (r->kind == KIND_NUM)
		fprintf(to, " (%" PRId64 ")", r->num);
	if (r->kind == KIND_TEXT && r->text)
		fprintf(to, " (%s)", r->text);
	fputc('\n', to);
}

void
options_help(FILE *to)
{
	fputs("usage: ttshop-sandbox --app-key KEY --app-secret SECRET [OPTION...]\n"
	      "A TikTok Shop on this machine: authorize page, tokens, shops, orders, products.\n\n",
	      to);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		help_row(to, &rows[i]);
	fputs(
	    "  --version                    say the version\n"
	    "  --help                       this text\n\n"
	    "examples:\n"
	    "  ttshop-sandbox --app-key demo --app-secret s3cret \\\n"
	    "      --redirect-url http://127.0.0.1:8380/oauth/callback --orders-per-minute 6\n"
	    "  curl 'http://127.0.0.1:8480/open/authorize?service_id=7000000000000000001&auto=1'\n"
	    "  curl http://127.0.0.1:8480/_sandbox/            (all control calls)\n"
	    "  curl -d '{\"shop_id\":\"all\",\"count\":3}' http://127.0.0.1:8480/_sandbox/order\n\n"
	    "Buyers' data and tokens carry the word CANARY, so that a leak can be searched for.\n",
	    to);
}
