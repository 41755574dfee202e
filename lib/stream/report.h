/*
 * What a running stage tells of itself: a line for USR1, a file for Prometheus.
 */
#ifndef MR_STREAM_REPORT_H
#define MR_STREAM_REPORT_H

#include <stdint.h>

#include "stream/out.h"
#include "stream/stage.h"

/* One line of counts on standard error; lines_in are data lines, rate lines a second, 0: unknown. */
void mr_report_status(const struct mr_stage *, uint64_t lines_in, const struct mr_out *,
    double rate);

/* Renaming replaces whatever has the name: -1, MR_EX_USAGE, unless it is a regular file or free. */
int mr_report_check(const char *metrics_path, struct mr_err *err);

/*
 * Write stage->metrics_path in the Prometheus text format, renamed into place,
 * so that a reader sees a whole file.  -1 err set, MR_EX_WORLD.
 */
int mr_report_metrics(const struct mr_stage *, uint64_t lines_in, const struct mr_out *,
    struct mr_err *err);

/*
 * For a stage's metrics(): append a metric, its help and its type: a name that
 * ends in _total is a counter, any other a gauge.  The name is without `millrace_`.
 */
void mr_report_metric(struct mr_buf *, const struct mr_stage *, const char *name, const char *help,
    double value);

#endif
