#include "common/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One line only: a text from outside must not forge a second log line. */
static void
flatten(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = ' ';
}

int
err_set(struct err *e, enum err_kind kind, int code, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	e->kind = kind;
	e->code = code;
	e->hint[0] = '\0';
	e->tag[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	flatten(e->text);
	return -1;
}

int
err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	vsnprintf(e->hint, sizeof(e->hint), fmt, ap);
	va_end(ap);
	flatten(e->hint);
	return -1;
}

int
err_tag(struct err *e, const char *tag)
{
	if (e)
		snprintf(e->tag, sizeof(e->tag), "%s", tag);
	return -1;
}

void
err_clear(struct err *e)
{
	memset(e, 0, sizeof(*e));
}

const char *
err_name(enum err_kind kind)
{
	static const char *const names[] = {
		[ERR_NONE] = "none",           [ERR_NOMEM] = "nomem",
		[ERR_INPUT] = "input",         [ERR_IO] = "io",
		[ERR_TIMEOUT] = "timeout",     [ERR_THROTTLED] = "throttled",
		[ERR_AUTH] = "auth",           [ERR_REMOTE] = "remote",
		[ERR_PARSE] = "parse",         [ERR_FENCED] = "fenced",
		[ERR_CANCELLED] = "cancelled",
	};

	return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}
