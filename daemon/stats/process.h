/*
 * process: what the kernel knows of this process, as the gauges process_*.
 *
 * Reads /proc/self only, which a unit with ProcSubset=pid still sees; a value that cannot be read
 * is left out of the page.
 */
#ifndef TTSYNC_PROCESS_H
#define TTSYNC_PROCESS_H

#include "daemon/stats/gauges.h"

/* Seconds since the epoch when this process started; call once, the wall clock may be set later. */
double process_start_s(void);

/* Add them all. started_s: what process_start_s said. */
void process_measure(struct gauges *g, double started_s);

#endif
