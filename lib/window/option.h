/*
 * The options that say what the windows are, what is computed over them, and
 * when that is written.
 */
#ifndef MR_WINDOW_OPTION_H
#define MR_WINDOW_OPTION_H

#include "window/window.h"

/* Their codes, for the table of a tool. */
enum {
	MR_OPT_AGG = 'a',
	MR_OPT_BY = 'b',
	MR_OPT_COUNT = 600,
	MR_OPT_CUMULATE,
	MR_OPT_EMIT,
	MR_OPT_GLOBAL,
	MR_OPT_HOP,
	MR_OPT_LATE,
	MR_OPT_LATE_TO,
	MR_OPT_STATE,
	MR_OPT_OFFSET,
	MR_OPT_SESSION,
	MR_OPT_SLIDE,
	MR_OPT_TIMEOUT,
	MR_OPT_TUMBLE,
	MR_OPT_TZ
};

/* Take one of them.  -1: err set, MR_EX_USAGE, or MR_EX_WORLD: the file of a time zone. */
int mr_window_option(struct mr_window *, int c, const char *arg, struct mr_err *err);

#endif
