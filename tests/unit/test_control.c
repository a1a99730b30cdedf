/* Requests of the control socket and what answers them. */
#include "tests/unit/control_fixture.h"

TestSuite(control, .init = begin, .fini = end);

Test(control, a_task_answers_with_its_document)
{
	struct client *cl = client();

	reply = "{\"schema_version\":1,\"items\":[]}";
	ASK(cl, "{\"v\":1,\"id\":7,\"cmd\":\"shops\",\"args\":{\"store\":\"42\"}}",
	    "{\"id\":7,\"ok\":true,\"data\":{\"schema_version\":1,\"items\":[]}}");
	cr_assert_str_eq(task.op, "sql:shops");
	cr_assert_str_eq(task.args, "{\"store\":\"42\"}");
	cr_assert(strstr(task.actor, "uid:") == task.actor);
	ASK(cl, "{\"id\":\"x\",\"argv\":[\"shops\",\"--store\",\"42\"]}",
	    "{\"id\":\"x\",\"ok\":true,\"data\":{\"schema_version\":1,\"items\":[]}}");
	cr_assert_eq(counters.v[COUNT_CONTROL_REQUESTS], 2);
	leave(cl);
}

Test(control, a_verdict_stands_beside_the_data)
{
	struct client *cl = client();

	reply = "{\"items\":[],\"exit\":1}";
	ASK(cl, "{\"id\":1,\"cmd\":\"shops\"}",
	    "{\"id\":1,\"ok\":true,\"exit\":1,\"data\":{\"items\":[]}}");
	leave(cl);
}

Test(control, a_failed_task_keeps_code_hint_and_word)
{
	struct client *cl = client();

	reply_fails = true;
	err_set(&reply_err, ERR_INPUT, 65, "no shop 'x'");
	err_hint(&reply_err, "see them all: ttctl shops");
	err_tag(&reply_err, "unknown_shop");
	ASK(cl, "{\"id\":1,\"cmd\":\"show\",\"args\":{\"shop\":\"x\"}}",
	    "{\"id\":1,\"ok\":false,\"error\":{\"code\":\"unknown_shop\",\"message\":\"no shop "
	    "'x'\","
	    "\"hint\":\"see them all: ttctl shops\",\"retryable\":false,\"exit\":65}}");
	err_set(&reply_err, ERR_IO, 0, "no database");
	ASK(cl, "{\"id\":2,\"cmd\":\"show\",\"args\":{\"shop\":\"x\"}}",
	    "{\"id\":2,\"ok\":false,\"error\":{\"code\":\"unreachable\",\"message\":\"no "
	    "database\","
	    "\"hint\":null,\"retryable\":true,\"exit\":69}}");
	cr_assert_eq(counters.v[COUNT_CONTROL_REFUSED], 2);
	leave(cl);
}

Test(control, a_malformed_line_is_answered_and_ends_nothing_else)
{
	static const char *const bad[] = {
		"{",
		"",
		"null",
		"[]",
		"7",
		"{\"id\":1} x",
		"\"\\u0000\"",
		"{\"id\":1}",
		"{\"id\":{}}",
		"{\"id\":1.5,\"cmd\":\"help\"}",
		"{\"cmd\":5}",
		"{\"argv\":\"shops\"}",
		"[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]",
		"{\"id\":1,\"cmd\":\"h\xff\"}",
	};
	struct client *cl = client();

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		say(cl, bad[i]);
		say(cl, "\n");
		HOLDS(cl, "\"code\":\"malformed\"");
	}
	reply = "{}";
	ASK(cl, "{\"id\":1,\"cmd\":\"store list\"}", "{\"id\":1,\"ok\":true,\"data\":{}}");
	cr_assert_eq(n_posted, 1);
	leave(cl);
}

Test(control, unknown_versions_verbs_and_types_are_refused)
{
	struct client *cl = client();

	say(cl, "{\"v\":2,\"id\":1,\"cmd\":\"help\"}\n");
	HOLDS(cl, "{\"id\":1,\"ok\":false,\"error\":{\"code\":\"unsupported_version\"");
	say(cl, "{\"v\":\"one\",\"id\":1,\"cmd\":\"help\"}\n");
	HOLDS(cl, "unsupported_version");
	say(cl, "{\"id\":2,\"argv\":[\"shps\"]}\n");
	HOLDS(cl, "\"code\":\"unknown_command\",\"message\":\"no command 'shps'\",\"hint\":\"did "
	          "you mean");
	say(cl, "{\"id\":3,\"cmd\":\"show\",\"args\":{\"shop\":17}}\n");
	HOLDS(cl, "\"code\":\"usage\",\"message\":\"shop is a string\"");
	say(cl, "{\"id\":4,\"cmd\":\"show\",\"args\":[]}\n");
	HOLDS(cl, "\"exit\":64");
	cr_assert_eq(n_posted, 0);
	leave(cl);
}

Test(control, an_answer_too_large_is_an_error_and_no_cut_connection)
{
	struct client *cl = client();
	struct buf big;

	buf_init(&big, 4 << 20);
	buf_str(&big, "{\"x\":\"");
	while (big.len < FRAME_ANSWER_MAX)
		buf_str(&big, "0123456789abcdef");
	buf_str(&big, "\"}");
	reply = buf_text(&big);
	say(cl, "{\"id\":1,\"cmd\":\"store list\"}\n");
	HOLDS(cl, "answer_too_large");
	reply = "{}";
	ASK(cl, "{\"id\":1,\"cmd\":\"store list\"}", "{\"id\":1,\"ok\":true,\"data\":{}}");
	buf_done(&big);
	leave(cl);
}

Test(control, a_task_that_answers_nonsense_is_our_fault)
{
	struct client *cl = client();

	reply = "{\"x\":";
	say(cl, "{\"id\":1,\"cmd\":\"store list\"}\n");
	HOLDS(cl, "\"code\":\"internal\"");
	leave(cl);
}

Test(control, a_view_comes_when_asked_for_and_in_the_language_asked_for)
{
	struct client *cl = client();

	reply = "{\"items\":[]}";
	say(cl, "{\"id\":1,\"cmd\":\"shops\",\"view\":true}\n");
	HOLDS(cl, "{\"key\":\"counts.orders\",\"title\":\"Orders\",\"kind\":\"number\"}");
	say(cl, "{\"id\":1,\"cmd\":\"shops\",\"view\":true,\"lang\":\"th\"}\n");
	HOLDS(cl, "{\"key\":\"alias\",\"title\":\"ชื่อเรียก\",\"kind\":\"text\"}");
	leave(cl);
}
