/*
 * The calendar of `shops --ics`, read as strictly as RFC 5545 is written, against a private
 * PostgreSQL: what a calendar program would refuse, or misread, fails here.
 */
#include "common/json.h"
#include "common/str.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/integration/tables.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_MAX 16
#define TEXT_MAX   1024
#define OCTETS     75

/* What a reader of the calendar gets. */
struct event {
	char uid[TEXT_MAX];
	char summary[TEXT_MAX];
	char start[TEXT_MAX];
	char triggers[TEXT_MAX]; /* of its alarms, a blank between */
	int alarms;
	long sequence;
};

struct calendar {
	struct event event[EVENTS_MAX];
	int n;
	char inside[4][16]; /* components that are open */
	int depth;
	int once[4]; /* properties of the open component that stand there once, as bits */
};

static struct harness *h;
static struct pgserver *pg;

static void
setup(void)
{
	h = harness_new("ics");
	pg = tables_start(h);
	pgserver_do(
	    pg, "INSERT INTO ttsync.store (store_id, name, plan) VALUES ('42', 'Mali', 'basic'),"
		" ('43', 'Nok', 'basic')");
}

static void
teardown(void)
{
	harness_free(h);
}

TestSuite(ics, .init = setup, .fini = teardown);

/* A connected shop with this alias, as an SQL expression, whose authorization ends in some days. */
static void
shop(const char *store, const char *alias, int days)
{
	pgserver_do(
	    pg,
	    harness_text(h,
	                 "WITH g AS (SELECT ttsync.grant_put('app', 'seller' || "
	                 "nextval('ttsync.shop_shop_id_seq'),"
	                 " 'S', 'TH', NULL, gen_random_uuid(), decode(repeat('00', 42), 'hex'),"
	                 " decode(repeat('00', 42), 'hex'), 4102444800,"
	                 " extract(epoch FROM now() + interval '%d days')::bigint, 604800) AS id)"
	                 "INSERT INTO ttsync.shop (store_id, alias, region, grant_id, "
	                 "tiktok_shop_id, name, state,"
	                 " connected_at) SELECT '%s', %s, 'TH', g.id, "
	                 "g.id::text, 'S', 'connected', now() FROM g",
	                 days, store, alias));
}

/* --- a reader -------------------------------------------------------------------------------- */

static void
open_component(struct calendar *c, const char *name)
{
	static const char *const order[] = { "VCALENDAR", "VEVENT", "VALARM" };

	cr_assert_lt(c->depth, 3);
	cr_assert_str_eq(name, order[c->depth], "a component where it may stand");
	cr_assert(str_copy(c->inside[c->depth], sizeof(c->inside[0]), name));
	c->once[++c->depth] = 0;
	if (c->depth == 2)
		cr_assert_lt(c->n++, EVENTS_MAX);
}

static void
close_component(struct calendar *c, const char *name)
{
	static const int needed[] = { 0, 3, 31, 7 };

	cr_assert_gt(c->depth, 0);
	cr_assert_str_eq(name, c->inside[c->depth - 1]);
	cr_assert_eq(c->once[c->depth] & needed[c->depth], needed[c->depth], "%s lacks a property",
	             name);
	c->depth--;
}

/* A text value: nothing but the four escapes of RFC 5545 3.3.11, nothing that wants one bare. */
static void
read_text(const char *value, char dst[TEXT_MAX])
{
	size_t at = 0;

	for (; *value; value++) {
		cr_assert_lt(at + 1, TEXT_MAX);
		cr_assert(*value != ',' && *value != ';', "not escaped: %s", value);
		if (*value != '\\') {
			dst[at++] = *value;
			continue;
		}
		cr_assert(*++value && strchr("\\;,nN", *value), "no such escape: %s", value);
		dst[at++] = strchr("nN", *value) ? '\n' : *value;
	}
	dst[at] = '\0';
}

static bool
is_utc(const char *value)
{
	return strlen(value) == 16 && strspn(value, "0123456789") == 8 && value[8] == 'T' &&
	       strspn(value + 9, "0123456789") == 6 && value[15] == 'Z';
}

/* "-P30D": RFC 5545 3.3.6. */
static bool
is_days_before(const char *value)
{
	size_t n = strspn(value + 2, "0123456789");

	return !strncmp(value, "-P", 2) && n > 0 && !strcmp(value + 2 + n, "D");
}

static void
once(struct calendar *c, int bit)
{
	cr_assert_not(c->once[c->depth] & bit, "twice in one component");
	c->once[c->depth] |= bit;
}

static void
event_property(struct calendar *c, const char *name, const char *value)
{
	struct event *ev = &c->event[c->n - 1];
	char text[TEXT_MAX];

	if (!strcmp(name, "UID")) {
		once(c, 1);
		read_text(value, ev->uid);
	} else if (!strcmp(name, "DTSTAMP")) {
		once(c, 2);
		cr_assert(is_utc(value), "%s", value);
	} else if (!strcmp(name, "DTSTART")) {
		once(c, 4);
		cr_assert(is_utc(value), "%s", value);
		str_copy(ev->start, sizeof(ev->start), value);
	} else if (!strcmp(name, "SUMMARY")) {
		once(c, 8);
		read_text(value, ev->summary);
	} else if (!strcmp(name, "SEQUENCE")) {
		once(c, 16);
		cr_assert_eq(strspn(value, "0123456789"), strlen(value));
		ev->sequence = strtol(value, NULL, 10);
	} else if (!strcmp(name, "DESCRIPTION")) {
		once(c, 32);
		read_text(value, text);
	} else {
		cr_assert_str_eq(name, "TRANSP");
		cr_assert_str_eq(value, "TRANSPARENT");
	}
}

static void
alarm_property(struct calendar *c, const char *name, const char *value)
{
	struct event *ev = &c->event[c->n - 1];
	char text[TEXT_MAX];
	size_t len = strlen(ev->triggers);

	if (!strcmp(name, "ACTION")) {
		once(c, 1);
		cr_assert_str_eq(value, "DISPLAY");
	} else if (!strcmp(name, "TRIGGER")) {
		once(c, 2);
		cr_assert(is_days_before(value), "%s", value);
		snprintf(ev->triggers + len, sizeof(ev->triggers) - len, "%s%s", len ? " " : "",
		         value);
		ev->alarms++;
	} else {
		cr_assert_str_eq(name, "DESCRIPTION");
		once(c, 4);
		read_text(value, text);
	}
}

static void
calendar_property(struct calendar *c, const char *name, const char *value)
{
	if (!strcmp(name, "VERSION")) {
		once(c, 1);
		cr_assert_str_eq(value, "2.0");
	} else if (!strcmp(name, "PRODID")) {
		once(c, 2);
	} else {
		cr_assert(!strcmp(name, "CALSCALE") || !strcmp(name, "METHOD"), "%s", name);
	}
}

/* An unfolded line. */
static void
read_line(struct calendar *c, char *line)
{
	char *value = strchr(line, ':');

	cr_assert(value, "no name: %s", line);
	*value++ = '\0';
	cr_assert(*line && strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == strlen(line), "%s", line);
	if (!strcmp(line, "BEGIN"))
		open_component(c, value);
	else if (!strcmp(line, "END"))
		close_component(c, value);
	else if (c->depth == 3)
		alarm_property(c, line, value);
	else if (c->depth == 2)
		event_property(c, line, value);
	else if (c->depth == 1)
		calendar_property(c, line, value);
	else
		cr_assert_fail("outside of the calendar: %s", line);
}

/* The text as lines with their ends: CRLF and no other, 75 octets, whole characters, no controls.
 */
static void
read_calendar(struct calendar *c, const char *text)
{
	char line[4 * TEXT_MAX] = "";
	const char *end;

	for (; *text; text = end + 2) {
		size_t len = strcspn(text, "\r\n"), held = strlen(line);

		end = text + len;
		cr_assert(end[0] == '\r' && end[1] == '\n', "a line ends with CRLF");
		cr_assert_leq(len, OCTETS);
		cr_assert_gt(len, 0);
		cr_assert(str_utf8(text, len), "a character was cut");
		for (size_t i = 0; i < len; i++)
			cr_assert((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
		if (text[0] != ' ' && held) {
			read_line(c, line);
			held = 0;
		}
		cr_assert(text[0] != ' ' || held, "a fold with nothing before it");
		cr_assert_lt(held + len, sizeof(line));
		memcpy(line + held, text + (text[0] == ' '), len - (text[0] == ' '));
		line[held + len - (text[0] == ' ')] = '\0';
	}
	read_line(c, line);
	cr_assert_eq(c->depth, 0, "every component ends");
}

static void
ask(struct calendar *c, const char *args)
{
	CLEANUP(own_free)
	char *text =
	    pgserver_query(pg, harness_text(h, "SELECT ttsync.api_shops_ics('%s', 'test')", args));
	CLEANUP(json_freep) struct json *doc = json_parse(text, strlen(text), NULL);

	*c = (struct calendar){ 0 };
	cr_assert(json_str(doc, "calendar"), "%s", text);
	cr_assert_eq(strncmp(json_str(doc, "calendar"), "BEGIN:VCALENDAR\r\n", 17), 0);
	read_calendar(c, json_str(doc, "calendar"));
}

#define WARN "\"warn_days\":[\"30\",\"14\",\"1\"]"

/* --- the facts ------------------------------------------------------------------------------- */

Test(ics, without_shops_it_is_an_empty_calendar)
{
	struct calendar c;

	ask(&c, "{" WARN "}");
	cr_assert_eq(c.n, 0);
}

/* The end of an alias's authorization, as the database has it, in UTC. */
static void
begins_at_the_end_of(const struct event *ev, const char *alias)
{
	CLEANUP(own_free)
	char *ends = pgserver_query(
	    pg,
	    harness_text(h,
	                 "SELECT to_char(g.refresh_expires AT TIME ZONE 'UTC',"
	                 " 'YYYYMMDD\"T\"HH24MISS\"Z\"') FROM ttsync.shop s JOIN ttsync.grants g"
	                 " USING (grant_id) WHERE s.alias = '%s'",
	                 alias));

	cr_assert_str_eq(ev->start, ends);
}

Test(ics, every_shop_is_an_event_with_its_warnings)
{
	struct calendar c, again;

	shop("42", "'ร้านหลัก'", 40);
	shop("43", "'second'", 10);
	ask(&c, "{" WARN "}");
	cr_assert_eq(c.n, 2);
	cr_assert(strstr(c.event[0].summary, "second"), "soonest first");
	cr_assert(strstr(c.event[1].summary, "ของ ร้านหลัก หมดอายุ"), "%s", c.event[1].summary);
	cr_assert(strstr(c.event[1].summary, "of ร้านหลัก ends"));
	cr_assert_str_eq(c.event[1].triggers, "-P30D -P14D -P1D");
	cr_assert_str_neq(c.event[0].uid, c.event[1].uid);
	ask(&again, "{" WARN ",\"store\":\"42\"}");
	cr_assert_eq(again.n, 1);
	cr_assert_str_eq(again.event[0].uid, c.event[1].uid, "the same event at every reading");
	cr_assert_str_eq(again.event[0].start, c.event[1].start);
	cr_assert_eq(again.event[0].sequence, c.event[1].sequence);
	begins_at_the_end_of(&c.event[0], "second");
	begins_at_the_end_of(&c.event[1], "ร้านหลัก");
	ask(&again, "{" WARN ",\"expiring_within_s\":1728000}");
	cr_assert_eq(again.n, 1);
}

/* A calendar program takes a change of an event by its number alone. */
Test(ics, an_end_that_moved_is_the_same_event_with_a_higher_number)
{
	struct calendar c, again;

	shop("42", "'main'", 10);
	ask(&c, "{" WARN "}");
	pgserver_do(pg, "UPDATE ttsync.grants SET refresh_expires = now() + interval '365 days'");
	ask(&again, "{" WARN "}");
	cr_assert_str_eq(again.event[0].uid, c.event[0].uid);
	cr_assert_gt(again.event[0].sequence, c.event[0].sequence);
	begins_at_the_end_of(&again.event[0], "main");
}

Test(ics, no_alias_writes_a_line_of_the_calendar)
{
	static const struct {
		const char *alias; /* SQL */
		const char *read;
	} hostile[] = {
		{ "E'a\\r\\nEND:VEVENT\\nBEGIN:VEVENT\\rX:1'",
		  "of a\nEND:VEVENT\nBEGIN:VEVENT\nX:1 ends" },
		{ "E'a, b; c\\\\d\\\\n:e'", "of a, b; c\\d\\n:e ends" },
		{ "E'\\u001b[2J\\u0007\\u009b\\u202egnp\\u2028x\\ty'", "of  [2J   gnp\nx y ends" },
		{ "repeat('ที่', 21)", "ที่ที่ที่ที่ที่ที่ที่ที่ที่ที่ที่ที่ที่ที่ที่ที่ที่ที่ที่ที่ที่ ends" },
		{ "repeat('👩‍👩‍👧', 12)", "👩‍👩‍👧 ends" },
		{ "repeat(',', 64)", ",,,,,,,, ends" },
	};
	struct calendar c;

	for (size_t i = 0; i < ARRAY_LEN(hostile); i++)
		shop("42", hostile[i].alias, 10 + (int)i);
	ask(&c, "{" WARN "}");
	cr_assert_eq(c.n, (int)ARRAY_LEN(hostile));
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		cr_expect(strstr(c.event[i].summary, hostile[i].read), "%s", c.event[i].summary);
		cr_expect_eq(c.event[i].alarms, 3);
	}
}

Test(ics, what_a_person_ended_does_not_end_again)
{
	struct calendar c;

	shop("42", "'one'", 40);
	pgserver_do(
	    pg, "UPDATE ttsync.shop SET state = 'disconnected', reason = 'disconnected_by_hand'");
	ask(&c, "{" WARN "}");
	cr_assert_eq(c.n, 0);
}
