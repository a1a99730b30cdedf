/* Commands that do more than ask once: help, status, wait, history --follow. */
#include "tests/unit/control_fixture.h"

TestSuite(control, .init = begin, .fini = end);

Test(control, help_lists_every_command_with_its_arguments)
{
	struct client *cl = client();
	CLEANUP(own_free) char *got = NULL;
	CLEANUP(json_freep) struct json *j = NULL;
	const struct json *items;
	struct err e;

	say(cl, "{\"cmd\":\"help\"}\n");
	got = line(cl);
	j = json_parse(got, strlen(got), &e);
	items = json_get(json_get(j, "data"), "items");
	cr_assert_eq(json_len(items), CMD_COUNT);
	cr_assert_str_eq(json_str(json_at(items, CMD_show), "synopsis"), "show SHOP");
	cr_assert_str_eq(
	    json_str(json_at(json_get(json_at(items, CMD_show), "arguments"), 0), "key"), "shop");
	leave(cl);
}

Test(control, help_of_one_by_every_road)
{
	static const char *const asks[] = {
		"{\"id\":1,\"argv\":[\"help\",\"store\",\"set\"]}\n",
		"{\"id\":1,\"argv\":[\"store\",\"set\",\"--help\"]}\n",
		"{\"id\":1,\"argv\":[\"store\",\"set\",\"-h\",\"7\"]}\n",
		"{\"id\":1,\"cmd\":\"help\",\"args\":{\"topic\":\"store set\"}}\n",
		"{\"id\":1,\"cmd\":\"help\",\"args\":{\"topic\":\"store\"}}\n",
	};
	struct client *cl = client();

	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		say(cl, asks[i]);
		HOLDS(cl, "usage: ttctl store set ID --name NAME --plan PLAN");
	}
	say(cl, "{\"id\":1,\"argv\":[\"help\",\"exit-codes\"]}\n");
	HOLDS(cl, " 75  timed_out");
	say(cl, "{\"id\":1,\"argv\":[\"help\",\"shps\"]}\n");
	HOLDS(cl, "did you mean: ttctl shops");
	leave(cl);
}

Test(control, status_stands_without_the_database)
{
	struct client *cl = client();

	reply_fails = true;
	err_set(&reply_err, ERR_IO, 0, "no database");
	ASK(cl, "{\"id\":1,\"cmd\":\"status\"}",
	    "{\"id\":1,\"ok\":true,\"exit\":69,\"data\":{\"schema_version\":1,\"daemon\":{"
	    "\"state\":\"up\"},"
	    "\"queue\":{\"state\":\"up\"},\"database\":\"away\",\"database_error\":\"no "
	    "database\"}}");
	leave(cl);
}

Test(control, nothing_asked_is_status_with_the_verbs_used_most)
{
	struct client *cl = client();

	reply = "{\"shops\":{}}";
	say(cl, "{\"id\":1,\"argv\":[],\"view\":true}\n");
	HOLDS(cl, "Used most:\\n  ttctl connect");
	cr_assert_str_eq(task.op, "sql:status");
	leave(cl);
}

Test(control, stats_are_the_text_itself)
{
	struct client *cl = client();

	say(cl, "{\"id\":1,\"cmd\":\"stats\"}\n");
	HOLDS(cl, "\"text\":\"# TYPE x counter\\nx 1\\n\"");
	leave(cl);
}

Test(control, wait_ends_when_the_shop_is_there)
{
	struct client *cl = client();

	reply = "{\"shop_id\":\"17\",\"state\":\"connecting\"}";
	say(cl, "{\"id\":1,\"cmd\":\"wait\",\"args\":{\"shop\":\"x\",\"for\":\"connected\"}}\n");
	UNTIL(n_posted == 3);
	cr_assert_str_eq(task.op, "sql:show");
	cr_assert_str_eq(task.args, "{\"shop\":\"x\"}");
	reply = "{\"shop_id\":\"17\",\"state\":\"connected\"}";
	HOLDS(cl, "{\"id\":1,\"ok\":true,\"data\":{\"shop_id\":\"17\"");
	leave(cl);
}

Test(control, wait_for_synced_wants_everything_read)
{
	struct client *cl = client();

	reply = "{\"state\":\"connected\",\"last_success\":{\"orders\":\"t\"}}";
	say(cl, "{\"id\":1,\"cmd\":\"wait\",\"args\":{\"shop\":\"x\",\"for\":\"synced\"}}\n");
	UNTIL(n_posted == 2);
	reply = "{\"state\":\"connected\",\"last_success\":{\"orders\":\"t\",\"products\":\"t\"},"
		"\"progress\":{\"products\":{\"done\":3,\"total\":4}}}";
	UNTIL(n_posted == 4);
	HOLDS(cl,
	      "\"progress\":true,\"event\":{\"type\":\"progress\",\"state\":\"connected\",\"text\":"
	      "\"connected");
	reply = "{\"state\":\"connected\",\"last_success\":{\"orders\":\"t\",\"products\":\"t\"},"
		"\"progress\":{\"products\":{\"done\":4,\"total\":4}}}";
	HOLDS(cl, "\"ok\":true");
	leave(cl);
}

Test(control, wait_gives_up_in_time_even_without_an_answer)
{
	struct client *cl = client();

	say(cl,
	    "{\"id\":1,\"argv\":[\"wait\",\"x\",\"--for\",\"connected\",\"--timeout\",\"1s\"]}\n");
	HOLDS(cl, "\"message\":\"not connected after 1 s; last seen: nothing\"");
	cr_assert_eq(dropped, 1);
	leave(cl);
}

Test(control, wait_ends_where_the_seller_has_to_agree_again)
{
	struct client *cl = client();

	reply = "{\"shop_id\":\"17\",\"state\":\"disconnected\"}";
	say(cl, "{\"id\":1,\"cmd\":\"wait\",\"args\":{\"shop\":\"x\",\"for\":\"connected\"}}\n");
	HOLDS(cl, "\"hint\":\"ttctl reauthorize 17\",\"retryable\":false,\"exit\":4");
	leave(cl);
}

Test(control, wait_ends_where_the_authorization_came_to_nothing)
{
	struct client *cl = client();

	reply = "{\"shop_id\":\"17\",\"state\":\"pending\",\"next\":\"ttctl reauthorize 17\","
		"\"authorization\":{\"outcome\":null}}";
	say(cl, "{\"id\":1,\"cmd\":\"wait\",\"args\":{\"shop\":\"x\",\"for\":\"connected\"}}\n");
	UNTIL(n_posted == 2);
	reply = "{\"shop_id\":\"17\",\"state\":\"pending\",\"next\":\"ttctl reauthorize 17\","
		"\"authorization\":{\"outcome\":\"denied\"}}";
	HOLDS(
	    cl,
	    "came to nothing: the seller said no\",\"hint\":\"get a fresh link: ttctl reauthorize "
	    "17\",\"retryable\":false,\"exit\":1");
	leave(cl);
}

Test(control, follow_goes_on_where_it_left_off_until_the_client_leaves)
{
	struct client *cl = client();

	reply =
	    "{\"items\":[{\"history_id\":9,\"event\":\"b\"},{\"history_id\":8,\"event\":\"a\"}]}";
	say(cl, "{\"id\":1,\"argv\":[\"history\",\"x\",\"--follow\"],\"view\":true}\n");
	HOLDS(cl, "\"view\":{");
	reply = "{\"items\":[{\"history_id\":12,\"event\":\"c\"}]}";
	HOLDS(cl, "{\"id\":1,\"event\":{\"history_id\":9,\"event\":\"b\"}}");
	HOLDS(cl, "{\"id\":1,\"event\":{\"history_id\":12,\"event\":\"c\"}}");
	cr_assert_str_eq(task.args, "{\"shop\":\"x\",\"after\":9,\"limit\":1000}");
	reply = NULL;
	UNTIL(n_posted == 3);
	cr_assert_str_eq(task.args, "{\"shop\":\"x\",\"after\":12,\"limit\":1000}");
	leave(cl);
	UNTIL(dropped == 3);
}

Test(control, follow_keeps_its_filters)
{
	struct client *cl = client();

	reply = "{\"items\":[{\"history_id\":9,\"event\":\"shop.paused\"}]}";
	say(cl,
	    "{\"id\":1,\"argv\":[\"history\",\"x\",\"--follow\",\"--event\",\"shop.\",\"--actor\","
	    "\"timer\"]}\n");
	HOLDS(cl, "shop.paused");
	UNTIL(n_posted == 2);
	cr_assert_str_eq(task.args,
	                 "{\"shop\":\"x\",\"event\":\"shop.\",\"actor\":\"timer\",\"after\":9,"
	                 "\"limit\":1000}");
	leave(cl);
}

Test(control, shops_are_a_calendar_when_asked)
{
	struct client *cl = client();

	reply = "{\"calendar\":\"BEGIN:VCALENDAR\"}";
	say(cl, "{\"id\":1,\"argv\":[\"shops\",\"--ics\",\"--store\",\"42\"],\"view\":true}\n");
	HOLDS(cl, "\"text\":\"calendar\"");
	cr_assert_str_eq(task.op, "sql:shops_ics");
	leave(cl);
}

Test(control, what_destroys_says_what_has_to_be_typed)
{
	struct client *cl = client();

	reply_fails = true;
	err_set(&reply_err, ERR_INPUT, 64, "type its alias");
	err_tag(&reply_err, "confirmation_needed");
	say(cl, "{\"id\":1,\"argv\":[\"disconnect\",\"x\",\"--purge\"]}\n");
	HOLDS(cl, "\"ask\":[{\"flag\":\"--confirm\",\"key\":\"confirm\",\"prompt\":");
	say(cl, "{\"id\":2,\"argv\":[\"resume\",\"x\"]}\n");
	HOLDS(cl, "\"message\":\"type its alias\",\"hint\":null,\"retryable\":false,\"exit\":64}");
	leave(cl);
}
