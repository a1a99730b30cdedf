/*
 * exposition: counters, histograms and gauges as a page of text for Prometheus.
 *
 * Each family has its HELP and TYPE once, before its samples, which stand together. Numbers are
 * written without the locale.
 *
 * Source: Prometheus text format 0.0.4
 *         (prometheus.io/docs/instrumenting/exposition_formats), OpenMetrics 1.0
 *         (github.com/OpenObservability/OpenMetrics, specification/OpenMetrics.md).
 */
#ifndef TTSYNC_EXPOSITION_H
#define TTSYNC_EXPOSITION_H

#include "common/buf.h"
#include "daemon/base/counter.h"
#include "daemon/stats/gauges.h"

enum exposition_format { EXPOSITION_PROMETHEUS = 0, EXPOSITION_OPENMETRICS };

struct exposition {
	const struct counters *counters;
	const struct gauges *gauges;
	double created_s; /* since when the counters count, for OpenMetrics' _created */
};

/* Append the page. 0, or -1 when out is full. */
int exposition_write(struct buf *out, enum exposition_format format, const struct exposition *x);

/* The Content-Type of a format. */
const char *exposition_type(enum exposition_format format);
/* The format that an Accept header asks for (NULL: none sent). */
enum exposition_format exposition_asked(const char *accept);

/* Names of the labels of a gauge's row, separated by commas. */
const char *exposition_gauge_labels(enum gauge_id id);

#endif
