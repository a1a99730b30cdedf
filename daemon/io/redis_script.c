#include "common/str.h"
#include "daemon/io/redis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_BEFORE 3 /* EVALSHA, the SHA1, the number of keys */

/* A call of a script that is under way, kept to be made again after NOSCRIPT. */
struct eval {
	struct redis *redis;
	struct redis_script *script;
	redis_fn *fn;
	void *arg;
	bool again;
	char nkeys[12];
	int argc;
	const char *argv[]; /* the texts of the arguments stand behind it */
};

static void
on_loaded(const struct redis_reply *reply, const struct err *e, void *arg)
{
	struct redis_script *s = arg;

	if (reply && redis_len(reply) + 1 == sizeof(s->sha))
		str_copy(s->sha, sizeof(s->sha), redis_str(reply));
	/* Refused (ACL) means EVAL from now on; lost means to ask again. */
	if (e && e->kind != ERR_REMOTE)
		s->asked = false;
}

static void
script_load(struct redis *r, struct redis_script *s)
{
	const char *argv[] = { "SCRIPT", "LOAD", s->text };

	s->asked = true;
	redis_call(r, 3, argv, NULL, on_loaded, s);
}

static struct eval *
eval_new(int nkeys, int argc, const char *const *argv)
{
	size_t words = (size_t)argc + WORDS_BEFORE;
	size_t room = sizeof(struct eval) + words * sizeof(char *);
	struct eval *v;
	char *at;

	for (int i = 0; i < argc; i++)
		room += strlen(argv[i]) + 1;
	v = malloc(room);
	if (!v)
		abort();
	*v = (struct eval){ .argc = argc + WORDS_BEFORE };
	snprintf(v->nkeys, sizeof(v->nkeys), "%d", nkeys);
	at = (char *)(v->argv + words);
	for (int i = 0; i < argc; i++) {
		size_t len = strlen(argv[i]) + 1;

		v->argv[WORDS_BEFORE + i] = memcpy(at, argv[i], len);
		at += len;
	}
	return v;
}

static void on_answer(const struct redis_reply *reply, const struct err *e, void *arg);

static void
eval_send(struct eval *v)
{
	const struct redis_script *s = v->script;

	v->argv[0] = s->sha[0] ? "EVALSHA" : "EVAL";
	v->argv[1] = s->sha[0] ? s->sha : s->text;
	v->argv[2] = v->nkeys;
	redis_call(v->redis, v->argc, v->argv, NULL, on_answer, v);
}

/* Redis forgot the script: teach it, and ask again. Once, lest a refusal is asked for ever. */
static void
on_answer(const struct redis_reply *reply, const struct err *e, void *arg)
{
	struct eval *v = arg;

	if (e && !v->again && !strcmp(e->tag, "NOSCRIPT")) {
		v->again = true;
		script_load(v->redis, v->script);
		eval_send(v);
		return;
	}
	if (v->fn)
		v->fn(reply, e, v->arg);
	free(v);
}

void
redis_eval(struct redis *r, struct redis_script *s, int nkeys, int argc, const char *const *argv,
           redis_fn *fn, void *arg)
{
	struct eval *v = eval_new(nkeys, argc, argv);

	v->redis = r;
	v->script = s;
	v->fn = fn;
	v->arg = arg;
	if (!s->sha[0] && !s->asked && redis_up(r))
		script_load(r, s);
	eval_send(v);
}
