#include "common/json.h"
#include "daemon/base/log.h"
#include "daemon/base/log_line.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int fd;
static char out[65536];

static void
setup(void)
{
	fd = memfd_create("log", 0);
	cr_assert(fd >= 0 && dup2(fd, STDERR_FILENO) == STDERR_FILENO);
	log_start(LOG_INFO, LOG_TEXT);
}

/* All that was logged so far. */
static const char *
logged(void)
{
	ssize_t n = pread(fd, out, sizeof(out) - 1, 0);

	cr_assert_geq(n, 0);
	out[n] = '\0';
	return out;
}

static int
count_of(const char *text, const char *what)
{
	int n = 0;

	for (const char *s = text; (s = strstr(s, what)); s++)
		n++;
	return n;
}

TestSuite(log, .init = setup);

Test(log, a_line_has_priority_time_level_name_and_pairs)
{
	const char *s;

	log_event(LOG_WARN, "poll.failed", "shop=%d kind=%s", 17, "orders");
	s = logged();
	cr_assert_eq(strncmp(s, "<4>20", 5), 0, "%s", s);
	cr_assert_str_eq(strchr(s, ' '), " warn poll.failed shop=17 kind=orders\n");
}

Test(log, an_event_without_pairs_has_no_trailing_blank)
{
	log_event(LOG_ERROR, "daemon.stopped", "%s", "");
	cr_assert_str_eq(strchr(logged(), ' '), " error daemon.stopped\n");
}

Test(log, below_the_level_nothing_is_written)
{
	log_event(LOG_DEBUG, "a.b", "x=1");
	cr_assert_str_empty(logged());
	log_level_set(LOG_DEBUG);
	cr_assert_eq(log_level_get(), LOG_DEBUG);
	log_event(LOG_DEBUG, "a.b", "x=1");
	cr_assert_str_not_empty(logged());
}

Test(log, words_of_levels_and_formats_are_read)
{
	cr_assert_eq(log_level_parse("error"), LOG_ERROR);
	cr_assert_eq(log_level_parse("debug"), LOG_DEBUG);
	cr_assert_eq(log_level_parse("loud"), -1);
	cr_assert_eq(log_format_parse("journal"), LOG_JOURNAL);
	cr_assert_eq(log_format_parse("json"), LOG_JSON);
	cr_assert_eq(log_format_parse(""), -1);
}

Test(log, a_newline_in_a_quoted_value_cannot_forge_a_line)
{
	log_event(LOG_WARN, "a.b", "text=%s end=1", LOGQ("x\n<3>2026 error forged y=\"1\" \\"));
	cr_assert_eq(count_of(logged(), "\n"), 1);
	cr_assert(strstr(out, "text=\"x\\u000a<3>2026 error forged y=\\\"1\\\" \\\\\" end=1\n"),
	          "%s", out);
}

Test(log, a_newline_in_an_unquoted_value_cannot_either)
{
	log_event(LOG_WARN, "a.b", "text=%s", "x\n<3>forged\r\x1b[31m\xc2\x9b\xff");
	cr_assert_eq(count_of(logged(), "\n"), 1);
	cr_assert(strstr(out, "text=x <3>forged  [31m  ?\n"), "%s", out);
}

Test(log, quoting_cuts_at_200_bytes_between_characters)
{
	char thai[3 * 100 + 1] = "";
	struct log_quoted q;

	for (int i = 0; i < 100; i++)
		memcpy(thai + (ptrdiff_t)i * 3, "\xe0\xb8\x81", 4);
	q = log_quote(thai);
	cr_assert_eq(strlen(q.text), 2 + 67 * 3);
	cr_assert_str_eq(log_quote(NULL).text, "\"\"");
	memset(thai, '\x01', 300);
	q = log_quote(thai);
	cr_assert_lt(strlen(q.text), sizeof(q.text));
	cr_assert_eq(q.text[strlen(q.text) - 1], '"');
}

static struct json *
as_json(const char *pairs)
{
	char tmp[2 * LOG_PAIRS_MAX];
	struct log_entry en = { LOG_INFO, "2026-11-24T10:04:00+07:00", "a.b", tmp };
	struct log_line l;
	struct err e = { 0 };
	struct json *j;

	snprintf(tmp, sizeof(tmp), "%s", pairs);
	log_clean(tmp);
	log_line_json(&l, &en);
	cr_assert_eq(l.text[l.len - 1], '\n');
	j = json_parse(l.text, l.len, &e);
	cr_assert_not_null(j, "%s: %s", e.text, l.text);
	return j;
}

Test(log, json_keeps_pairs_as_values)
{
	struct json *j =
	    as_json("shop=17 id=577000000000000001 word=orders text=\"a \\\"b\\\" \\u000a\"");
	int64_t v;

	cr_assert_str_eq(json_str(j, "level"), "info");
	cr_assert_str_eq(json_str(j, "event"), "a.b");
	cr_assert(json_i64(j, "shop", &v) == 0 && v == 17);
	cr_assert_null(json_str(j, "shop"));
	cr_assert_str_eq(json_str(j, "id"), "577000000000000001");
	cr_assert_str_eq(json_str(j, "word"), "orders");
	cr_assert_str_eq(json_str(j, "text"), "a \"b\" \n");
	json_free(j);
}

Test(log, json_stays_json_whatever_the_pairs_hold)
{
	static const char *const bad[] = {
		"x=007 y=-0 z=-5 t=",
		"no pair here",
		"x=\"open",
		"x=\"open\\",
		"x=a\"b\\c",
		"x=\"\\q\\u12\\u00zz\"",
		"x=\"a\"b\"c\" d",
		"=1",
		"x=\xff\xfe\x01\n y=2",
		"\"",
		"x=1,\"forged\":2",
		"x=+5",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		json_free(as_json(bad[i]));
}

Test(log, a_pair_that_is_none_keeps_its_text)
{
	struct json *j = as_json("a=1 and then words");

	cr_assert_str_eq(json_str(j, "text"), "and then words");
	json_free(j);
}

Test(log, journal_fields_stand_on_lines_of_their_own)
{
	struct log_entry en = { LOG_WARN, "", "poll.failed", "shop=17 text=\"a b\"" };
	struct log_line l;

	log_line_journal(&l, &en);
	cr_assert_eq(strncmp(l.text, "PRIORITY=4\nSYSLOG_IDENTIFIER=ttsyncd\nMESSAGE_ID=", 48), 0);
	cr_assert(strstr(l.text, "\nTTSYNC_EVENT=poll.failed\n"
	                         "MESSAGE=poll.failed shop=17 text=\"a b\"\n"
	                         "TTSYNC_SHOP=17\nTTSYNC_TEXT=a b\n"),
	          "%s", l.text);
	cr_assert_eq(l.len, strlen(l.text));
}

Test(log, long_values_leave_a_whole_line)
{
	char big[6000];
	struct log_line l;
	struct log_entry en = { LOG_INFO, "t", "a.b", big };

	memset(big, '"', sizeof(big));
	memcpy(big, "x=", 2);
	big[LOG_PAIRS_MAX - 1] = '\0';
	log_line_json(&l, &en);
	cr_assert_str_eq(l.text + l.len - 3, "\"}\n");
	log_event(LOG_INFO, "a.b", "x=%s", big);
	cr_assert_str_eq(logged() + strlen(out) - 2, "\"\n");
}

Test(log, repeats_are_counted_and_summed_up)
{
	for (int i = 0; i < 100; i++)
		log_event(LOG_WARN, "a.b", "i=%d", i);
	log_event(LOG_WARN, "c.d", "x=1");
	cr_assert_leq(count_of(logged(), " a.b "),
	              20); /* ten a second, were the clock to turn over */
	cr_assert_eq(count_of(out, " c.d "), 1);
	log_flush();
	cr_assert_geq(count_of(logged(), "log.repeated name=a.b times="), 1);
	log_flush();
	cr_assert_eq(count_of(logged(), " warn log.repeated"), count_of(out, "log.repeated"));
}

Test(log, without_a_journal_its_format_falls_back_to_text)
{
	if (!access("/run/systemd/journal/socket", F_OK))
		cr_skip_test("there is a journal here");
	log_start(LOG_INFO, LOG_JOURNAL);
	log_event(LOG_INFO, "a.b", "x=1");
	cr_assert(strstr(logged(), " info a.b x=1\n"));
}
