/*
 * What is published in etc/json is what ttctl --json prints: real answers at each step of a
 * connection against the schemas, by Debian's jsonschema(1).
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/proc.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <string.h>

#define CHECK_MS 60000

/* 0: the text is as etc/json/NAME.schema.json says. *ret_why is freed by the caller. */
static int
differs(struct world *w, const char *name, const char *text, char **ret_why)
{
	const char *argv[] = {
		"/usr/bin/jsonschema",
		"--base-uri",
		"file://" SOURCE_DIR "/etc/json/",
		"-i",
		harness_write(w->h, "answer.json", text),
		harness_text(w->h, SOURCE_DIR "/etc/json/%s.schema.json", name),
		NULL,
	};
	struct proc_run run;
	int code;

	proc_run(w->h, argv, NULL, CHECK_MS, &run);
	code = run.code;
	*ret_why = STEAL(run.err);
	proc_run_done(&run);
	return code;
}

static void
is_as_published(struct world *w, const char *name, const char *text)
{
	CLEANUP(own_free) char *why = NULL;

	cr_expect_eq(differs(w, name, text, &why), 0, "%s: %s\n%s", name, why, text);
}

/* ttctl --json WORD... prints such a document. */
#define PRINTS(w, name, ...)                                                                       \
	do {                                                                                       \
		struct said s_;                                                                    \
		TTCTL((w), &s_, __VA_ARGS__);                                                      \
		is_as_published((w), (name), s_.code > 1 ? s_.err : s_.out);                       \
		said_done(&s_);                                                                    \
	} while (0)

Test(json_schema, answers_are_as_published_at_each_step_of_a_connection)
{
	struct world_opts o = { .name = "schema", .sellers = 2 };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *url, *begun = world_begin(w, "42", "รอ", &url), *shop;

	PRINTS(w, "show", "show", begun);
	PRINTS(w, "links", "reauthorize", begun);
	cr_assert_neq(world_consent(w, url, 2, true, NULL), 200, "an older link");
	shop = world_connect(w, "42", "ร้านหลัก", 1);
	PRINTS(w, "choices", "choices", shop);
	PRINTS(w, "show", "show", shop);
	world_wait(w, shop, "synced");
	PRINTS(w, "show", "show", shop);
	PRINTS(w, "shop", "pause", shop, "--for", "2h", "--reason", "stock-taking");
	PRINTS(w, "shops", "shops");
	PRINTS(w, "shop", "resume", shop);
	PRINTS(w, "show", "show", shop);
	PRINTS(w, "history", "history", shop, "--since", "1h");
	PRINTS(w, "shops-ics", "shops", "--ics");
	PRINTS(w, "held", "held");
	PRINTS(w, "privacy-report", "privacy", "report");
	PRINTS(w, "disconnect", "disconnect", shop, "--dry-run");
	PRINTS(w, "disconnect", "disconnect", shop);
	PRINTS(w, "shops", "shops", "--state", "disconnected");
}

Test(json_schema, errors_are_as_published)
{
	struct world_opts o = { .name = "schema-errors" };
	CLEANUP(world_freep) struct world *w = world_new(&o);

	PRINTS(w, "error", "show", "nobody");
	PRINTS(w, "error", "connect");
	PRINTS(w, "error", "wait", "x");
	PRINTS(w, "error", "shosp");
}

Test(json_schema, a_document_that_is_otherwise_is_refused)
{
	struct world_opts o = { .name = "schema-no" };
	CLEANUP(world_freep) struct world *w = world_prepare(&o);
	static const char *const wrong[][2] = {
		{ "error",
		  "{\"error\":{\"code\":\"x\",\"message\":\"m\",\"hint\":null,\"retryable\":false,"
		  "\"exit\":3}}" },
		{ "links", "{\"shop_id\":17}" },
		{ "shops", "{\"schema_version\":1,\"items\":[{\"shop_id\":\"17\"}],\"totals\":{"
		           "\"shops\":1,\"products\":0,\"orders\":0}}" },
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		CLEANUP(own_free) char *why = NULL;

		cr_expect_eq(differs(w, wrong[i][0], wrong[i][1], &why), 1, "%s %s", wrong[i][0],
		             why);
	}
}
