#include "common/own.h"
#include "daemon/stats/exposition.h"
#include "tests/unit/promtool.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct counters c;
static struct gauges g;
static struct buf out;

static void
setup(void)
{
	buf_init(&out, 1 << 22);
	gauges_init(&g);
}

static void
teardown(void)
{
	buf_done(&out);
	gauges_done(&g);
}

TestSuite(exposition, .init = setup, .fini = teardown);

static const char *
page(enum exposition_format format)
{
	struct exposition x = { &c, &g, 1700000000.25 };

	buf_reset(&out);
	cr_assert_eq(exposition_write(&out, format, &x), 0);
	return buf_text(&out);
}

static void
fill(void)
{
	count(&c, COUNT_ORDERS_POLL, 5);
	count(&c, COUNT_API_THROTTLE_MS, 1500);
	observe(&c, HIST_API_DURATION, 0.025);
	observe(&c, HIST_API_DURATION, 0.5);
	observe(&c, HIST_API_DURATION, 5000);
	gauge_add(&g, GAUGE_BUILD_INFO, 1, "0.1");
	gauge_add(&g, GAUGE_SHOPS, 3, "connected");
	gauge_add(&g, GAUGE_SHOPS, 2, "paused");
	gauge_add(&g, GAUGE_DB_UP, 1);
	gauge_add(&g, GAUGE_PROCESS_CPU, 1.5);
	gauge_add(&g, GAUGE_PROCESS_RSS, 12345678901.0);
}

static bool
has(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (const char *s = text; (s = strstr(s, line)); s++)
		if ((s == text || s[-1] == '\n') && s[n] == '\n')
			return true;
	return false;
}

#define HAS(line) cr_assert(has(text, line), "no line: %s\n%s", line, text)

Test(exposition, samples_have_their_values)
{
	const char *text;

	fill();
	text = page(EXPOSITION_PROMETHEUS);
	HAS("# TYPE ttsyncd_orders_ingested_total counter");
	HAS("ttsyncd_orders_ingested_total{source=\"poll\"} 5");
	HAS("ttsyncd_orders_unchanged_total 0");
	HAS("ttsyncd_api_throttle_seconds_total 1.5");
	HAS("# TYPE ttsyncd_shops gauge");
	HAS("ttsyncd_shops{state=\"connected\"} 3");
	HAS("ttsyncd_shops{state=\"paused\"} 2");
	HAS("ttsyncd_build_info{version=\"0.1\"} 1");
	HAS("ttsyncd_db_up 1");
	HAS("# TYPE process_cpu_seconds_total counter");
	HAS("process_cpu_seconds_total 1.5");
	HAS("process_resident_memory_bytes 12345678901");
	HAS("# TYPE process_open_fds gauge");
}

Test(exposition, a_histogram_counts_up_to_its_bounds)
{
	const char *text;

	fill();
	text = page(EXPOSITION_PROMETHEUS);
	HAS("# TYPE ttsyncd_api_request_duration_seconds histogram");
	HAS("ttsyncd_api_request_duration_seconds_bucket{le=\"0.01\"} 0");
	HAS("ttsyncd_api_request_duration_seconds_bucket{le=\"0.025\"} 1");
	HAS("ttsyncd_api_request_duration_seconds_bucket{le=\"0.5\"} 2");
	HAS("ttsyncd_api_request_duration_seconds_bucket{le=\"3600\"} 2");
	HAS("ttsyncd_api_request_duration_seconds_bucket{le=\"+Inf\"} 3");
	HAS("ttsyncd_api_request_duration_seconds_sum 5000.525");
	HAS("ttsyncd_api_request_duration_seconds_count 3");
	HAS("ttsyncd_order_ingest_delay_seconds_bucket{source=\"poll\",le=\"+Inf\"} 0");
}

Test(exposition, nonsense_durations_count_as_none)
{
	struct counters sum = { 0 };

	observe(&c, HIST_API_DURATION, -5);
	observe(&c, HIST_API_DURATION, NAN);
	observe(&c, HIST_API_DURATION, INFINITY);
	cr_assert_eq(c.h[HIST_API_DURATION].bucket[0], 2);
	cr_assert_eq(c.h[HIST_API_DURATION].bucket[HISTOGRAM_BOUNDS], 1);
	counters_add(&sum, &c);
	counters_add(&sum, &c);
	cr_assert_eq(sum.h[HIST_API_DURATION].bucket[0], 4);
	cr_assert_eq(sum.h[HIST_API_DURATION].sum_us, 2 * c.h[HIST_API_DURATION].sum_us);
}

Test(exposition, openmetrics_names_families_without_suffix_and_ends_with_eof)
{
	const char *text;

	fill();
	text = page(EXPOSITION_OPENMETRICS);
	HAS("# TYPE ttsyncd_orders_ingested counter");
	HAS("ttsyncd_orders_ingested_total{source=\"poll\"} 5");
	HAS("ttsyncd_orders_ingested_created{source=\"poll\"} 1700000000.25");
	HAS("# TYPE ttsyncd_build info");
	HAS("ttsyncd_build_info{version=\"0.1\"} 1");
	HAS("# TYPE process_cpu_seconds counter");
	HAS("ttsyncd_api_request_duration_seconds_created 1700000000.25");
	cr_assert_str_eq(text + strlen(text) - 6, "# EOF\n");
	cr_assert_null(strstr(page(EXPOSITION_PROMETHEUS), "# EOF"));
}

Test(exposition, a_label_cannot_end_its_value_or_its_line)
{
	const char *text;

	gauge_add(&g, GAUGE_SHOPS, 1, "a\"} 9\nforged 1\\");
	text = page(EXPOSITION_PROMETHEUS);
	HAS("ttsyncd_shops{state=\"a\\\"} 9\\nforged 1\\\\\"} 1");
}

Test(exposition, numbers_do_not_follow_the_locale)
{
	static const double values[] = { 0.5, -0.25, 1e15, 1e18, 0.9999999, NAN, -INFINITY };
	static const char *const want[] = {
		"0.5", "-0.25", "1000000000000000", "1000000000000000000", "1", "NaN", "-Inf"
	};
	char line[80];
	const char *text;

	setlocale(LC_ALL, "de_DE.UTF-8"); /* where it is installed */
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		gauges_reset(&g);
		gauge_add(&g, GAUGE_DB_UP, values[i]);
		text = page(EXPOSITION_PROMETHEUS);
		snprintf(line, sizeof(line), "ttsyncd_db_up %s", want[i]);
		HAS(line);
	}
}

Test(exposition, a_full_buffer_is_told)
{
	struct exposition x = { &c, &g, 0 };
	CLEANUP(buf_done) struct buf small;

	buf_init(&small, 1000);
	cr_assert_eq(exposition_write(&small, EXPOSITION_PROMETHEUS, &x), -1);
}

Test(exposition, samples_beyond_the_cap_are_dropped_and_counted)
{
	for (int i = 0; i < GAUGES_MAX + 5; i++)
		gauge_add(&g, GAUGE_DB_UP, i);
	cr_assert_eq(g.n, GAUGES_MAX);
	cr_assert_eq(g.dropped, 5);
	gauges_reset(&g);
	gauge_add(&g, GAUGE_DB_UP, 1);
	cr_assert(g.n == 1 && !g.dropped);
}

Test(exposition, the_format_is_the_one_asked_for)
{
	cr_assert_eq(exposition_asked(NULL), EXPOSITION_PROMETHEUS);
	cr_assert_eq(exposition_asked("*/*"), EXPOSITION_PROMETHEUS);
	cr_assert_eq(
	    exposition_asked("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"),
	    EXPOSITION_OPENMETRICS);
}

/*
 * A small parser of both formats: every line is HELP, TYPE, a sample or EOF; every family has both
 * once, before its samples; every sample is of the family last named; no series comes twice.
 */
static void
parse(const char *text, bool open)
{
	static const char *const suffixes[] = { "",       "_total",   "_bucket", "_sum",
		                                "_count", "_created", "_info" };
	char family[128] = "", type[32] = "", name[160];
	char *seen[4096], *copy = strdup(text), *save = NULL;
	size_t n = 0, families = 0;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *space = strrchr(line, ' ');
		bool ours = false;

		if (!strcmp(line, "# EOF")) {
			cr_assert(open && !strtok_r(NULL, "\n", &save));
			break;
		}
		if (sscanf(line, "# HELP %127s", family) == 1) {
			cr_assert_gt(strlen(line), strlen("# HELP  ") + strlen(family), "%s", line);
			snprintf(name, sizeof(name), "#%s", family);
			for (size_t i = 0; i < n; i++)
				cr_assert_str_neq(seen[i], name);
			seen[n++] = strdup(name);
			type[0] = '\0';
			families++;
			continue;
		}
		if (sscanf(line, "# TYPE %127s %31s", name, type) == 2) {
			cr_assert_str_eq(name, family, "TYPE without its HELP: %s", line);
			continue;
		}
		cr_assert(type[0] && space && isalpha((unsigned char)*line), "%s", line);
		*space = '\0';
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(line, "{"), line);
		for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
			size_t len = strlen(family);

			ours |= !strncmp(name, family, len) && !strcmp(name + len, suffixes[i]);
		}
		cr_assert(ours, "%s is not of %s", name, family);
		for (size_t i = 0; i < n; i++)
			cr_assert_str_neq(seen[i], line);
		cr_assert_lt(n, ARRAY_LEN(seen) - 1);
		seen[n++] = strdup(line);
		cr_assert(strspn(space + 1, "0123456789.-") == strlen(space + 1), "%s", space + 1);
	}
	cr_assert_gt(families, 25);
	while (n)
		free(seen[--n]);
	free(copy);
}

Test(exposition, both_formats_are_well_formed)
{
	fill();
	parse(page(EXPOSITION_PROMETHEUS), false);
	parse(page(EXPOSITION_OPENMETRICS), true);
}

Test(exposition, promtool_has_nothing_to_say)
{
	fill();
	page(EXPOSITION_PROMETHEUS);
	promtool_check(&out);
}
