/*
 * ttctl: sends its words to ttsyncd and prints what comes back.
 */
#include "common/buf.h"
#include "common/exits.h"
#include "common/json.h"
#include "common/str.h"
#include "ctl/ask.h"
#include "ctl/client.h"
#include "ctl/more.h"
#include "ctl/options.h"
#include "ctl/render.h"

#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define OUT_MAX    (64u << 20)
#define ASK_ROUNDS 3 /* a request is completed at most so often */

static const char help[] =
    "  ttctl shops --expiring-within 30d\n"
    "  ttctl --json orders main --since 2h\n"
    "\n"
    "usage: ttctl [OPTION...] [VERB [ARGUMENT...]]\n"
    "\n"
    "Asks the ttsyncd that runs on this machine. Without a verb: how it stands.\n"
    "`ttctl help` lists the verbs, `ttctl VERB --help` tells about one.\n"
    "\n"
    "  -s, --socket PATH            control socket; $TTCTL_SOCKET, else\n"
    "                               " OPTIONS_SOCKET "\n"
    "  --json, --jsonl, --plain     one JSON document; one JSON value a line; tabs between "
    "columns\n"
    "  --no-header                  leave out the line of titles\n"
    "  --lang th|en                 language of titles and states\n"
    "  --color auto|always|never    colour, beside words that say the same\n"
    "  --watch[=2s]                 ask again and again\n"
    "  --no-input                   ask for nothing that is missing: fail\n"
    "  -V, --version                print the version\n"
    "  -h, --help                   print this\n";

/* One run of ttctl. */
struct ctl {
	struct options o;
	struct words words; /* the command, with what was asked for */
	struct render r;
	int asked;      /* rounds of it */
	bool again;     /* it was completed: send it once more */
	bool retryable; /* the last error */
	char last_note[512];
};

static bool
env_set(const char *name)
{
	const char *v = getenv(name);

	return v && *v;
}

static bool
use_colour(const struct options *o)
{
	const char *term = getenv("TERM"), *force = getenv("CLICOLOR_FORCE");

	if (o->colour != WHEN_AUTO)
		return o->colour == WHEN_ALWAYS;
	if (env_set("NO_COLOR"))
		return false;
	if (force && *force && strcmp(force, "0"))
		return true;
	return isatty(STDOUT_FILENO) && !(term && !strcmp(term, "dumb"));
}

static size_t
terminal_width(void)
{
	struct winsize ws;
	int64_t columns;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (!str_i64(getenv("COLUMNS"), &columns) && columns > 0 && columns < 10000)
		return (size_t)columns;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) ? 0 : ws.ws_col;
}

/* Data first, so that what is said about it stands below it. */
static void
print(const struct buf *out, const struct buf *notes)
{
	fwrite(buf_text(out), 1, out->len, stdout);
	fflush(stdout);
	fwrite(buf_text(notes), 1, notes->len, stderr);
}

static int
tell_error(struct ctl *c, const struct json *error)
{
	int64_t code = EXITS_INTERNAL;
	struct buf notes;

	buf_init(&notes, OUT_MAX);
	render_error(&c->r, error, &notes);
	fflush(stdout);
	fwrite(buf_text(&notes), 1, notes.len, stderr);
	buf_done(&notes);
	json_i64(error, "exit", &code);
	c->retryable = json_flag(error, "retryable");
	return (int)code;
}

static int
fail(struct ctl *c, const struct err *e)
{
	CLEANUP(json_freep) struct json *error = exits_error(e);

	return tell_error(c, error);
}

/* Progress is for somebody who looks on, and each step once. */
static void
drop_repeated(struct ctl *c, const struct json *line, struct buf *notes)
{
	if (!json_flag(line, "progress"))
		return;
	if (!isatty(STDERR_FILENO) || !strcmp(c->last_note, buf_text(notes)))
		buf_reset(notes);
	else if (!str_copy(c->last_note, sizeof(c->last_note), buf_text(notes)))
		c->last_note[0] = '\0';
}

static void
show_line(struct ctl *c, const struct json *line, bool last)
{
	struct buf out, notes;

	buf_init(&out, OUT_MAX);
	buf_init(&notes, OUT_MAX);
	if (last) {
		render_answer(&c->r, line, &out, &notes);
	} else {
		render_event(&c->r, line, &out, &notes);
		drop_repeated(c, line, &notes);
	}
	if (c->o.watch_ms && c->r.pretty && last)
		fputs("\033[H\033[2J", stdout);
	print(&out, &notes);
	buf_done(&out);
	buf_done(&notes);
}

/* An error of the daemon: complete the command where it says what it lacks, else tell it. */
static int
take_error(struct ctl *c, const struct json *error)
{
	const struct json *ask = json_get(error, "ask");
	const char *code = json_str(error, "code");
	bool told = false;

	if (!json_len(ask) || c->o.no_input || !ask_possible() || c->asked++ >= ASK_ROUNDS)
		return tell_error(c, error);
	/* what is at stake, where more than words are missing */
	if (code && strcmp(code, "usage")) {
		tell_error(c, error);
		told = true;
	}
	if (ask_words(ask, &c->words))
		return told ? EXITS_USAGE : tell_error(c, error);
	c->again = true;
	return EXITS_DONE;
}

/* Is this answer the first part of more than one? Then the next is asked for: 1; else 0, or -1. */
static int
ask_more(struct ctl *c, struct client *cl, struct more *m, const struct json *line, struct err *e)
{
	struct words w;
	int rc;

	if (!more_take(m, line, &c->words, &w))
		return 0;
	rc = client_ask(cl, w.v, w.n, c->o.lang, false, e);
	words_done(&w);
	return rc ? -1 : 1;
}

/* Take lines until the answer; its exit code. */
static int
listen_to(struct ctl *c, struct client *cl)
{
	CLEANUP(more_done) struct more m = { 0 };

	for (;;) {
		struct err e;
		CLEANUP(json_freep) struct json *line = client_next(cl, &e);
		int64_t code = EXITS_DONE;

		if (!line)
			return fail(c, &e);
		if (json_get(line, "error"))
			return take_error(c, json_get(line, "error"));
		if (!json_get(line, "ok")) {
			show_line(c, line, false);
			continue;
		}
		switch (ask_more(c, cl, &m, line, &e)) {
		case 1:
			continue;
		case 0:
			break;
		default:
			return fail(c, &e);
		}
		show_line(c, more_whole(&m, line), true);
		json_i64(line, "exit", &code);
		return (int)code;
	}
}

static int
send_once(struct ctl *c)
{
	bool view = c->r.format == FORMAT_TABLE || c->r.format == FORMAT_PLAIN;
	struct client cl;
	struct err e;
	int code;

	c->again = false;
	c->retryable = false;
	if (client_open(&cl, c->o.socket, &e) ||
	    client_ask(&cl, c->words.v, c->words.n, c->o.lang, view, &e))
		code = fail(c, &e);
	else
		code = listen_to(c, &cl);
	client_close(&cl);
	return code;
}

static int
ask_once(struct ctl *c)
{
	int code;

	do
		code = send_once(c);
	while (c->again);
	return code;
}

/* Until interrupted; an error that may pass is told and waited out. */
static int
watch(struct ctl *c)
{
	struct pollfd reader = { .fd = STDOUT_FILENO };

	for (;;) {
		int code = ask_once(c);

		if (code != EXITS_DONE && code != EXITS_NO && !c->retryable &&
		    code != EXITS_UNREACHABLE)
			return code;
		if (ferror(stdout))
			return EXITS_INTERNAL;
		/* the next round, or the end when nobody reads any more */
		if (poll(&reader, 1, (int)c->o.watch_ms) > 0 && reader.revents & POLLERR)
			return EXITS_DONE;
	}
}

static void
set_up(struct ctl *c)
{
	bool terminal = isatty(STDOUT_FILENO);

	c->r.format = c->o.format;
	/* what is watched by a program is one document a line */
	if (c->o.watch_ms && !terminal && c->o.format == FORMAT_TABLE)
		c->r.format = FORMAT_JSON;
	c->r.lang = c->o.lang;
	c->r.colour = use_colour(&c->o);
	c->r.pretty = terminal;
	c->r.header = !c->o.no_header;
	c->r.width = terminal_width();
}

int
main(int argc, char **argv)
{
	struct ctl c = { 0 };
	struct err e = { 0 };
	int code = EXITS_DONE;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (options_read(&c.o, argc, argv, &e)) {
		set_up(&c);
		return fail(&c, &e);
	}
	set_up(&c);
	words_init(&c.words, c.o.words, c.o.n_words);
	if (c.o.help)
		fputs(help, stdout);
	else if (c.o.version)
		printf("ttctl %s\n", TTSYNC_VERSION);
	else
		code = c.o.watch_ms ? watch(&c) : ask_once(&c);
	render_done(&c.r);
	words_done(&c.words);
	if (fflush(stdout) || ferror(stdout))
		return EXITS_INTERNAL;
	return code;
}
